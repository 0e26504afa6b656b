//! `ochre-server`, and the other programs that this binary is under their names.

fn main() -> std::process::ExitCode {
    server::program::run(std::env::args_os().collect())
}
