//! Checks files without a server: `ochre-check-rdb` and `ochre-check-aof`.
//!
//! They say what Redis's programs of these names say, in the same lines, and beside it where the damage is, in which
//! database, near which key.

#![expect(
    clippy::disallowed_methods,
    reason = "a check reads and cuts the files of an operator, beside any server"
)]

use std::ffi::OsString;
use std::io::{self, BufRead, Write};
use std::process::ExitCode;

pub mod append_only;
pub mod snapshot;

/// How much of a key is shown.
const SHOWN_BYTES_MAX: usize = 128;

/// Whom a check talks to.
pub struct Console<'a> {
    /// Where answers come from.
    pub input: &'a mut dyn BufRead,
    /// Where findings go.
    pub out: &'a mut dyn Write,
}

impl Console<'_> {
    /// Answers `--version` and `-v`.
    fn version(&mut self, name: &str, arguments: &[OsString]) -> io::Result<Option<ExitCode>> {
        let asked = matches!(arguments, [only] if only == "--version" || only == "-v");
        if !asked {
            return Ok(None);
        }
        writeln!(self.out, "{name} v={} redis={}", engine::OCHRE_VERSION, engine::REDIS_VERSION)?;
        Ok(Some(ExitCode::SUCCESS))
    }
}

/// A key, or part of one, as it can be shown: what is not printable is escaped, what is long is cut.
fn shown(bytes: &[u8]) -> String {
    match bytes.get(..SHOWN_BYTES_MAX) {
        Some(beginning) if beginning.len() < bytes.len() => format!("{}...", beginning.escape_ascii()),
        _ => bytes.escape_ascii().to_string(),
    }
}

#[cfg(test)]
mod testing {
    //! What a check says about files in a folder of the test's.

    use super::Console;
    use std::ffi::OsString;
    use std::io;
    use std::process::ExitCode;
    use testkit::TestDirectory;

    /// Runs a program's function with `line` as its arguments, in which `@` stands for the folder, and `answer` as what
    /// is typed. Whether it was content, and what it said.
    pub fn run(
        program: fn(&[OsString], &mut Console<'_>) -> io::Result<ExitCode>,
        directory: &TestDirectory,
        line: &str,
        answer: &str,
    ) -> (bool, String) {
        let folder = directory.path().to_string_lossy();
        let arguments: Vec<OsString> =
            line.split_whitespace().map(|word| word.replace('@', &folder).into()).collect();
        let mut out = Vec::new();
        let mut console = Console { input: &mut answer.as_bytes(), out: &mut out };
        let code = program(&arguments, &mut console).expect("memory can be written");
        let said = String::from_utf8(out).expect("text").replace(folder.as_ref(), "@");
        (code == ExitCode::SUCCESS, said)
    }
}
