//! How a server is to be started, and why it was not.

use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;

use crate::{Program, Server, TestDirectory};

/// Settings of a server that is not running yet.
#[derive(Clone)]
pub struct ServerBuilder {
    pub(crate) program: Program,
    pub(crate) directory: Option<TestDirectory>,
    pub(crate) folder: Option<PathBuf>,
    pub(crate) lines: Vec<String>,
    pub(crate) options: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) standard_input: Option<String>,
    pub(crate) first_argument: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) port: Option<u16>,
    pub(crate) host: Option<Host>,
}

/// A place with a network of its own.
#[derive(Clone)]
pub(crate) struct Host {
    /// Its address, which only others of that network reach.
    pub address: String,
    /// Where servers listen in it.
    pub port: u16,
    /// What stands before a program's own words to run it there.
    pub entrance: Vec<String>,
}

impl ServerBuilder {
    /// A server of this program with the standard configuration of the tests: a free port on the loopback
    /// interface, a folder of its own, no save points, DEBUG allowed.
    #[must_use]
    pub fn new(program: &Program) -> Self {
        Self {
            program: program.clone(),
            directory: None,
            folder: None,
            lines: Vec::new(),
            options: Vec::new(),
            environment: Vec::new(),
            standard_input: None,
            first_argument: None,
            password: None,
            port: None,
            host: None,
        }
    }

    /// Adds a line to the configuration file.
    #[must_use]
    pub fn line(mut self, line: &str) -> Self {
        self.lines.push(line.to_owned());
        self
    }

    /// Adds lines to the configuration file.
    #[must_use]
    pub fn lines(self, text: &str) -> Self {
        text.lines().map(str::trim).fold(self, Self::line)
    }

    /// Adds an option to the command line, as `--name value...`.
    #[must_use]
    pub fn option(mut self, name: &str, values: &[&str]) -> Self {
        self.options.push(format!("--{name}"));
        self.options.extend(values.iter().map(|value| (*value).to_owned()));
        self
    }

    /// How many threads read and run requests.
    #[must_use]
    pub fn workers(self, count: u32) -> Self {
        if count == 1 { self } else { self.line(&format!("io-threads {count}")) }
    }

    /// The master's address, as the guide writes it.
    #[must_use]
    pub fn replica_of(self, address: &str) -> Self {
        let (host, port) = address.rsplit_once(':').expect("an address is HOST:PORT");
        self.line(&format!("replicaof {host} {port}"))
    }

    /// Sets `requirepass`; [`Server::client`] then logs in by itself.
    #[must_use]
    pub fn password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self.line(&format!("requirepass {password}"))
    }

    /// Uses a folder that the test has prepared, or that another server used before.
    #[must_use]
    pub fn directory(mut self, directory: &TestDirectory) -> Self {
        self.directory = Some(directory.clone());
        self
    }

    /// Keeps the data in another folder than the configuration and the log, such as a mounted small disk.
    #[must_use]
    pub fn folder(mut self, folder: PathBuf) -> Self {
        self.folder = Some(folder);
        self
    }

    /// Listens on this port instead of a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Runs it in a network of its own; [`Server::client`] then connects over a unix socket.
    #[must_use]
    pub(crate) fn host(mut self, host: Host) -> Self {
        self.port = Some(host.port);
        self.host = Some(host);
        self
    }

    /// Sets an environment variable of the process.
    #[must_use]
    pub fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Puts this in the place of the configuration file's name, such as `-` for standard input.
    #[must_use]
    pub fn first_argument(mut self, argument: &str) -> Self {
        self.first_argument = Some(argument.to_owned());
        self
    }

    /// Starts it without a configuration file: all settings are options.
    #[must_use]
    pub fn without_file(self) -> Self {
        let port = self.port.unwrap_or_else(crate::free_port);
        self.port(port).first_argument("").option("port", &[&port.to_string()]).option("save", &[""])
    }

    /// Gives the process this text on standard input; with `-` as first argument it is read as configuration.
    #[must_use]
    pub fn standard_input(mut self, text: &str) -> Self {
        self.standard_input = Some(text.to_owned());
        self
    }

    /// Starts it and waits until it serves requests.
    #[track_caller]
    #[must_use]
    pub fn start(self) -> Server {
        self.try_start().unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// Starts it; if it ends before it serves requests, says how.
    pub fn try_start(self) -> Result<Server, StartFailure> {
        Server::launch(&self)
    }

    /// Starts it in the expectation that it refuses, and returns what it said.
    #[track_caller]
    #[must_use]
    pub fn refuses_to_start(self) -> StartFailure {
        match self.try_start() {
            Err(failure) => failure,
            Ok(server) => panic!("{} started against expectation", server.program()),
        }
    }
}

/// A server that ended before it served a request.
#[derive(Clone, Debug)]
pub struct StartFailure {
    /// The program's vendor and version.
    pub program: String,
    /// The exit code, if it was not a signal that ended it.
    pub code: Option<i32>,
    /// What it wrote on standard output and standard error.
    pub output: String,
    /// What it wrote into its log file.
    pub log: String,
}

impl StartFailure {
    /// Everything that it said, wherever it said it.
    #[must_use]
    pub fn said(&self) -> String {
        format!("{}{}", self.output, self.log)
    }

    /// Panics unless it said all of these texts and ended by itself with an error code.
    #[track_caller]
    pub fn must_say(&self, texts: &[&str]) {
        assert!(self.code.is_some_and(|code| code != 0), "should end with an error code: {self}");
        for text in texts {
            assert!(self.said().contains(text), "should say {text:?}: {self}");
        }
    }
}

impl Display for StartFailure {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let Self { program, code, output, log } = self;
        write!(
            out,
            "{program} ended at its start (code {code:?})\n--- output\n{output}\n--- log\n{}",
            tail(log)
        )
    }
}

/// The last lines of a log.
pub(crate) fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}
