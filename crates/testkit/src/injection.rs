//! Makes calls of a running process to the operating system fail, by strace.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::{find_on_path, signal};

/// Calls of a process that fail while this is kept.
pub struct Injection {
    tracer: Child,
}

impl Injection {
    /// Attaches to the process. `calls` names the calls as strace does (`fdatasync`), `fault` what becomes of them and when
    /// (`error=EIO:when=2`); with `paths` only those count that work on one of these files. `None` where a process may not
    /// be traced or strace is not there.
    #[must_use]
    pub fn attach(pid: u32, calls: &str, fault: &str, paths: &[PathBuf]) -> Option<Self> {
        find_on_path("strace")?;
        let mut command = Command::new("strace");
        command.args(["-f", "-o", "/dev/null", "-e", &format!("trace={calls}")]);
        command.args(["-e", &format!("inject={calls}:{fault}"), "-p", &pid.to_string()]);
        for path in paths {
            command.arg("-P").arg(path);
        }
        let mut tracer = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().ok()?;
        let mut told = BufReader::new(tracer.stderr.take()?);
        let mut line = String::new();
        while told.read_line(&mut line).is_ok_and(|read| read > 0) {
            if line.contains("attached") {
                // What it says later must find a reader: it would end of a broken pipe.
                std::thread::spawn(move || std::io::copy(&mut told, &mut std::io::sink()));
                return Some(Self { tracer });
            }
            if !line.contains("Requested path") && !line.contains("resolved into") {
                break;
            }
            line.clear();
        }
        let _ = tracer.wait();
        None
    }
}

impl Drop for Injection {
    fn drop(&mut self) {
        signal(self.tracer.id(), "INT");
        let _ = self.tracer.wait();
    }
}
