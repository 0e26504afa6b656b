//! `ochre-server`: the program.

fn main() -> std::process::ExitCode {
    server::startup::run(std::env::args_os().collect())
}
