//! A command-line client driven as a person drives it: lines in, lines out.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A client program pointed at one server.
pub struct Shell {
    pub program: PathBuf,
    pub host: &'static str,
    pub port: u16,
}

impl Shell {
    /// Types lines into the client with output as on a terminal; returns what it prints.
    #[track_caller]
    pub fn session(&self, lines: &[&str]) -> Vec<String> {
        self.drive(&["--no-raw"], lines)
    }

    /// Types lines into the client with output as into a pipe; returns what it prints, without empty lines.
    #[track_caller]
    pub fn piped(&self, lines: &[&str]) -> Vec<String> {
        let mut printed = self.drive(&[], lines);
        printed.retain(|line| !line.is_empty());
        printed
    }

    /// Types lines and demands that the answers are exactly these, one line each.
    #[track_caller]
    pub fn expect(&self, session: &[(&str, &str)]) {
        let (typed, expected): (Vec<&str>, Vec<&str>) = session.iter().copied().unzip();
        assert_eq!(self.session(&typed), expected, "the session {typed:?}");
    }

    /// A field of `info replication`, read with a password.
    pub fn field(&self, password: &str, name: &str) -> String {
        let text = self.piped(&[&format!("auth {password}"), "info replication"]);
        let field = text.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        field.unwrap_or_default().to_owned()
    }

    #[track_caller]
    fn drive(&self, options: &[&str], lines: &[&str]) -> Vec<String> {
        let mut client = Command::new(&self.program)
            .args(["-h", self.host, "-p", &self.port.to_string()])
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot run {}: {error}", self.program.display()));
        let mut input = client.stdin.take().expect("a pipe was asked for");
        let typed = lines.join("\n") + "\n";
        input.write_all(typed.as_bytes()).expect("the client reads its input");
        drop(input);
        let output = client.wait_with_output().expect("the client ends at the end of its input");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(errors.is_empty(), "{} said on standard error: {errors}", self.program.display());
        String::from_utf8_lossy(&output.stdout).lines().map(|line| line.trim_end().to_owned()).collect()
    }
}
