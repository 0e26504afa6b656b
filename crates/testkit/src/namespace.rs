//! A network of its own for some processes: interfaces, addresses and rules that nobody else sees.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A network namespace. It goes with this value, or with the process that made it: no name is left behind.
#[derive(Debug)]
pub struct Namespace {
    /// Keeps the namespace alive; it ends with its standard input.
    holder: Child,
    _input: ChildStdin,
    _output: BufReader<ChildStdout>,
}

impl Namespace {
    /// A new one, with nothing in it but a loopback interface that is up. Needs root.
    pub fn new() -> io::Result<Self> {
        let mut holder = Command::new("unshare")
            .args(["--net", "cat"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let pipes = holder.stdin.take().zip(holder.stdout.take());
        let (mut input, output) = pipes.expect("both were asked for");
        let mut output = BufReader::new(output);
        // What comes back says that the namespace is there.
        let ready = input.write_all(b"ready\n").and_then(|()| output.read_line(&mut String::new()));
        let namespace = Self { holder, _input: input, _output: output };
        if ready? == 0 {
            return Err(io::Error::other("this process may not make network namespaces"));
        }
        namespace.run(&["ip", "-batch", "-"], "link set lo up\n")?;
        Ok(namespace)
    }

    /// The process that other tools name it by.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.holder.id()
    }

    /// What stands before a program's own words to run it in here. The process that is started becomes that program.
    #[must_use]
    pub fn entrance(&self) -> Vec<String> {
        vec!["nsenter".to_owned(), format!("--net=/proc/{}/ns/net", self.pid())]
    }

    /// Runs a program in here with this text as its input; what it says against it is the error.
    pub fn run(&self, words: &[&str], input: &str) -> io::Result<()> {
        let entrance = self.entrance();
        let (enter, rest) = entrance.split_first().expect("it begins with a program");
        let mut child = Command::new(enter)
            .args(rest)
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let written = child.stdin.take().expect("asked for").write_all(input.as_bytes());
        let output = child.wait_with_output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            return Err(io::Error::other(format!("{}: {said}", words.join(" "))));
        }
        written
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}
