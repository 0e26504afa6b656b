//! A running server process of a test.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::builder::tail;
use crate::{
    Client, Info, Program, ServerBuilder, StartFailure, TestDirectory, cpu_time, free_port, resident_bytes,
    signal, wait_until, wait_until_within,
};

/// How often a start is tried again because somebody else took the port meanwhile.
const PORT_ATTEMPTS: usize = 5;

/// How long a start may take: loading a large file included.
const START_DEADLINE: Duration = Duration::from_secs(120);

/// A server that was started and serves requests. It is killed when this goes out of scope.
pub struct Server {
    settings: ServerBuilder,
    directory: TestDirectory,
    port: u16,
    child: Child,
    /// Where in the log the present run begins.
    log_start: usize,
}

impl Server {
    /// A builder; see [`ServerBuilder::new`].
    #[must_use]
    pub fn builder(program: &Program) -> ServerBuilder {
        ServerBuilder::new(program)
    }

    /// Starts a server with the standard configuration.
    #[track_caller]
    #[must_use]
    pub fn start(program: &Program) -> Self {
        ServerBuilder::new(program).start()
    }

    pub(crate) fn launch(settings: &ServerBuilder) -> Result<Self, StartFailure> {
        let directory = settings.directory.clone().unwrap_or_default();
        for _ in 1..PORT_ATTEMPTS {
            match Self::launch_at(settings, &directory, settings.port.unwrap_or_else(free_port)) {
                Err(failure) if settings.port.is_none() && port_was_taken(&failure.said()) => {}
                outcome => return outcome,
            }
        }
        Self::launch_at(settings, &directory, free_port())
    }

    fn launch_at(
        settings: &ServerBuilder,
        directory: &TestDirectory,
        port: u16,
    ) -> Result<Self, StartFailure> {
        write_configuration(settings, directory, port);
        let log_start = read_log(directory).len();
        let child = spawn(settings, directory);
        let mut server =
            Self { settings: settings.clone(), directory: directory.clone(), port, child, log_start };
        server.await_ready()?;
        Ok(server)
    }

    /// Starts the process again with the same configuration, in the same folder, on the same port.
    #[track_caller]
    pub fn restart(&mut self) {
        self.try_restart().unwrap_or_else(|failure| panic!("{failure}"));
    }

    /// [`Server::restart`] that says why it could not.
    pub fn try_restart(&mut self) -> Result<(), StartFailure> {
        self.kill9();
        self.log_start = read_log(&self.directory).len();
        self.child = spawn(&self.settings, &self.directory);
        self.await_ready()
    }

    /// Puts more lines into the configuration file; they hold from the next [`Server::restart`].
    pub fn add_lines(&mut self, text: &str) {
        self.settings = self.settings.clone().lines(text);
        write_configuration(&self.settings, &self.directory, self.port);
    }

    fn await_ready(&mut self) -> Result<(), StartFailure> {
        let mut ended = None;
        let what = format!("{} at {} is ready", self.settings.program, self.address());
        wait_until_within(START_DEADLINE, &what, || {
            ended = self.child.try_wait().expect("a child can be waited for");
            ended.is_some()
                || self.log_text().contains("Ready to accept connections")
                || answers(self.try_connect())
        });
        match ended {
            None => Ok(()),
            Some(status) => Err(self.failure(status)),
        }
    }

    fn failure(&self, status: ExitStatus) -> StartFailure {
        StartFailure {
            program: self.settings.program.to_string(),
            code: status.code(),
            output: self.output(),
            log: self.log_file_text(),
        }
    }

    /// The program that runs.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.settings.program
    }

    /// Its address, `127.0.0.1:PORT` unless it runs in a network of its own.
    #[must_use]
    pub fn address(&self) -> String {
        let host = self.settings.host.as_ref().map_or("127.0.0.1", |host| &host.address);
        format!("{host}:{}", self.port)
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its folder.
    #[must_use]
    pub fn directory(&self) -> &TestDirectory {
        &self.directory
    }

    /// The path of its configuration file.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.directory.file("server.conf")
    }

    /// A new connection, logged in if the server has a password.
    #[track_caller]
    #[must_use]
    pub fn client(&self) -> Client {
        let connected = self.try_connect();
        let mut client =
            connected.unwrap_or_else(|error| panic!("cannot connect to {}: {error}", self.address()));
        if let Some(password) = &self.settings.password {
            let reply = client.command(&["AUTH", password]);
            assert!(reply.is_ok(), "AUTH was refused: {reply}");
        }
        client
    }

    /// A new connection as anybody has it; or why there is none.
    pub fn try_connect(&self) -> io::Result<Client> {
        if self.settings.host.is_some() {
            Client::try_connect_unix(&socket(&self.directory))
        } else {
            Client::try_connect(&self.address())
        }
    }

    /// The fields of a section of INFO, over a new connection.
    #[track_caller]
    #[must_use]
    pub fn info(&self, section: &str) -> Info {
        self.client().info(section)
    }

    /// Ends it at once, as a power cut would end a process.
    pub fn kill9(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to stop, waits until it has, and returns how it ended.
    #[track_caller]
    pub fn terminate(&mut self) -> ExitStatus {
        self.signal("TERM");
        self.await_exit()
    }

    /// Waits until it has ended by itself.
    #[track_caller]
    pub fn await_exit(&mut self) -> ExitStatus {
        let mut ended = None;
        wait_until("the server has ended", || {
            ended = self.child.try_wait().expect("a child can be waited for");
            ended.is_some()
        });
        ended.expect("waited for just now")
    }

    /// Whether the process is still there.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends it a signal by its name without `SIG`.
    pub fn signal(&self, name: &str) {
        assert!(signal(self.pid(), name), "SIG{name} reaches the server");
    }

    /// Its log since the last start, wherever it goes: the log file, then standard output.
    #[must_use]
    pub fn log_text(&self) -> String {
        self.log_file_text() + &String::from_utf8_lossy(&self.directory.read_if_there("stdout.txt"))
    }

    fn log_file_text(&self) -> String {
        let log = read_log(&self.directory);
        log.get(self.log_start..).unwrap_or(&log).to_owned()
    }

    /// What it wrote on standard output and standard error since the last start.
    #[must_use]
    pub fn output(&self) -> String {
        String::from_utf8_lossy(&self.directory.read_if_there("stdout.txt")).into_owned()
            + &self.output_errors()
    }

    fn output_errors(&self) -> String {
        String::from_utf8_lossy(&self.directory.read("stderr.txt")).into_owned()
    }

    /// Waits until its log of this run holds `text`.
    #[track_caller]
    pub fn wait_for_log(&self, text: &str) {
        wait_until(&format!("the log says {text:?}"), || self.log_text().contains(text));
    }

    /// How often its log of this run holds `text`.
    #[must_use]
    pub fn log_count(&self, text: &str) -> usize {
        self.log_text().matches(text).count()
    }

    /// User and system time that it has used.
    #[must_use]
    pub fn cpu_time(&self) -> Duration {
        cpu_time(self.pid())
    }

    /// Bytes of it in memory.
    #[must_use]
    pub fn resident_bytes(&self) -> u64 {
        resident_bytes(self.pid())
    }
}

impl Drop for Server {
    #[expect(clippy::print_stderr, reason = "a failing test shows what its servers said last")]
    fn drop(&mut self) {
        self.kill9();
        if std::thread::panicking() {
            let (program, port) = (&self.settings.program, self.port);
            eprintln!(
                "--- last lines of {program} on port {port}:\n{}\n{}",
                tail(&self.log_text()),
                self.output_errors()
            );
        }
    }
}

fn spawn(settings: &ServerBuilder, directory: &TestDirectory) -> Child {
    let create = |name| File::create(directory.file(name)).expect("the test's folder can be written to");
    let program = settings.program.path.as_os_str().to_owned();
    let entrance = settings.host.iter().flat_map(|host| host.entrance.iter().map(OsString::from));
    let mut words = entrance.chain([program]);
    let mut command = Command::new(words.next().expect("at least the program"));
    command.args(words);
    let own_file = directory.file("server.conf").into_os_string();
    let first = settings.first_argument.as_ref().map_or(own_file, Into::into);
    command.args(Some(first).filter(|argument| !argument.is_empty()));
    command.args(&settings.options).envs(settings.environment.iter().cloned()).current_dir(directory.path());
    command.stdout(create("stdout.txt")).stderr(create("stderr.txt"));
    command.stdin(if settings.standard_input.is_some() { Stdio::piped() } else { Stdio::null() });
    let mut child = command
        .spawn()
        .unwrap_or_else(|error| panic!("cannot run {}: {error}", settings.program.path.display()));
    if let (Some(text), Some(mut input)) = (&settings.standard_input, child.stdin.take()) {
        // A server that refuses its configuration may close its end early.
        let _ = input.write_all(text.as_bytes());
    }
    child
}

/// The tests' own lines come first, so that those of the test override them.
fn write_configuration(settings: &ServerBuilder, directory: &TestDirectory, port: u16) {
    let folder = settings.folder.as_deref().unwrap_or(directory.path());
    let mut text = format!(
        "port {port}\nbind 127.0.0.1\ndir {}\nlogfile {}\nsave \"\"\nenable-debug-command yes\nrepl-diskless-sync-delay 0\n",
        folder.display(),
        directory.file("server.log").display(),
    );
    if settings.host.is_some() {
        let socket = socket(directory);
        text.push_str(&format!("bind 0.0.0.0\nprotected-mode no\nunixsocket {}\n", socket.display()));
    }
    for line in &settings.lines {
        text.push_str(line);
        text.push('\n');
    }
    directory.write("server.conf", text);
}

/// Where a server listens that nobody reaches over a network.
fn socket(directory: &TestDirectory) -> PathBuf {
    directory.file("server.sock")
}

fn read_log(directory: &TestDirectory) -> String {
    let read = |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
    read(&directory.file("server.log"))
}

/// Whether a server answers anything but that it is still loading.
fn answers(connected: io::Result<Client>) -> bool {
    let Ok(mut client) = connected else { return false };
    client.set_reply_deadline(Duration::from_secs(1));
    let answers = client.try_command(&["PING"]).is_ok_and(|reply| !reply.to_string().starts_with("LOADING"));
    // It is to be gone before a test counts clients: the server closes the connection after QUIT, and then knows it no more.
    if client.try_send(&Client::encode(&["QUIT"])).is_ok() {
        while client.try_reply().is_ok() {}
    }
    answers
}

fn port_was_taken(said: &str) -> bool {
    said.contains("Address already in use") || said.contains("Failed listening on port")
}
