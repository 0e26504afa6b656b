//! A server that is measured: started in a folder of its own on chosen cores, ended when dropped.

use std::env;
use std::fs;
use std::net::TcpListener;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use super::connection::Connection;
use super::process;

/// How long a server may take until it answers: it may have an RDB of many gigabytes to load.
const PATIENCE: Duration = Duration::from_secs(600);

/// Which cores a process may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cores {
    /// The first: a server with one worker.
    Server,
    /// The second: the load, or the other end of a replication link.
    Load,
    /// The first two: a server with two workers.
    TwoForServer,
    /// The third if there is one, else the second: the load of a server with two workers.
    LoadOfTwo,
    /// All.
    Any,
}

impl Cores {
    /// The list as taskset reads it; `None` where nothing is to be pinned.
    fn list(self) -> Option<&'static str> {
        let count = thread::available_parallelism().map_or(1, NonZero::get);
        match self {
            _ if count < 2 => None,
            Self::Server => Some("0"),
            Self::Load => Some("1"),
            Self::TwoForServer => Some("0,1"),
            Self::LoadOfTwo => Some(if count > 2 { "2" } else { "1" }),
            Self::Any => None,
        }
    }

    /// A command that runs `program` on these cores.
    pub fn command(self, program: &Path) -> Command {
        let Some(list) = self.list() else { return Command::new(program) };
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", list]).arg(program);
        command
    }
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    folder: Folder,
}

impl Server {
    /// Starts `program` without persistence in a new folder and waits until it answers.
    ///
    /// # Errors
    ///
    /// A sentence, with the end of its log, when it does not come up.
    pub fn start(program: &Path, cores: Cores, arguments: &[&str]) -> Result<Self, String> {
        Self::start_in(Folder::new()?, program, cores, arguments)
    }

    /// The same in a folder that may hold an RDB.
    ///
    /// # Errors
    ///
    /// As for `start`.
    pub fn start_in(
        folder: Folder,
        program: &Path,
        cores: Cores,
        arguments: &[&str],
    ) -> Result<Self, String> {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.map_err(|error| format!("there is no free port: {error}"))?.port();
        let mut command = cores.command(program);
        command.args([
            "--port",
            &port.to_string(),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]);
        command
            .args(["--logfile", "log", "--dir"])
            .arg(&folder.path)
            .args(arguments)
            .current_dir(&folder.path);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let child = child.map_err(|error| format!("{} cannot be run: {error}", program.display()))?;
        let mut server = Self { child, port, folder };
        server.wait_until_it_answers()?;
        Ok(server)
    }

    fn wait_until_it_answers(&mut self) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                break;
            }
            let answer = Connection::to(self.port).and_then(|mut connection| connection.ask("PING"));
            if answer.is_ok_and(|answer| answer == "PONG") {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(1));
        }
        let log = fs::read_to_string(self.folder.path.join("log")).unwrap_or_default();
        let end: Vec<&str> = log.lines().rev().take(5).collect();
        Err(format!("a server did not come up; its last lines: {end:?}"))
    }

    /// A new connection.
    ///
    /// # Errors
    ///
    /// A sentence, when it is refused.
    pub fn connect(&self) -> Result<Connection, String> {
        Connection::to(self.port)
    }

    /// Sends one command over a connection of its own.
    ///
    /// # Errors
    ///
    /// A sentence, when the server refuses it.
    pub fn ask(&self, command: &str) -> Result<String, String> {
        self.connect()?.ask(command)
    }

    /// The processor time that it has used, in microseconds.
    pub fn cpu_us(&self) -> f64 {
        process::cpu_us(self.child.id())
    }

    /// The time that its threads ran, counted exactly, in microseconds. Threads that have ended are left out.
    pub fn running_us(&self) -> f64 {
        process::running_us(self.child.id())
    }

    /// The memory that it holds, in bytes.
    pub fn rss_bytes(&self) -> f64 {
        process::rss_bytes(self.child.id())
    }

    /// The memory that it and its children hold, what they share counted once, in bytes.
    pub fn family_bytes(&self) -> f64 {
        process::family_bytes(self.child.id())
    }

    /// Where it runs.
    pub fn folder(&self) -> &Path {
        &self.folder.path
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Either may fail only because the process is gone already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A folder that is removed when dropped.
#[derive(Debug)]
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
}

impl Folder {
    /// An empty folder.
    ///
    /// # Errors
    ///
    /// A sentence, when it cannot be made.
    pub fn new() -> Result<Self, String> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("ochre-bench-{}-{}", std::process::id(), COUNT.fetch_add(1, Relaxed));
        let path = env::temp_dir().join(name);
        fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self { path })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to the system's own cleaning.
        drop(fs::remove_dir_all(&self.path));
    }
}
