//! The command line, with the options of redis-cli.

use std::fmt;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use net::stream::{Address, Uri};

use crate::connect::Family;
use crate::format::{Form, Formatter};
use crate::quote::split_line;

/// The text of `--help`.
pub const HELP: &str = include_str!("help.txt");

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Run the command given, or read commands from standard input.
    Commands,
    /// `--stat`
    Stat,
    /// `--replication`
    Replication,
    /// `--scan`
    Scan,
    /// `--rdb`: into this file.
    Copy(String),
    /// `--pipe`
    Pipe,
    /// `--latency`; with true, start over every interval.
    Latency(bool),
    /// `--latency-dist`
    LatencyDistribution,
    /// `--migrate-from`: the source's address, `redis://...`.
    MigrateFrom(String),
    /// `--help`
    Help,
    /// `--version`
    Version,
}

/// Which protocol to ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Whatever a new connection speaks.
    Unasked,
    /// RESP2, asked for on the command line.
    Resp2,
    /// RESP3, and say so when it is refused.
    Resp3,
    /// RESP3 if the server knows it.
    Resp3IfKnown,
}

/// Where the last or the marked argument comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StandardInput {
    /// Not used.
    Unused,
    /// `-x`: it is the last argument.
    Last,
    /// `-X`: it replaces the argument that equals this.
    Tagged(Vec<u8>),
}

/// What can be chosen with `--migrate-from`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Migration {
    /// `--preflight`: look at both servers, change nothing.
    pub only_looks: bool,
    /// `--cutover`: as soon as the target is in step.
    pub cuts_over: bool,
    /// `--keep-way-back`: the source follows the target afterwards.
    pub keeps_way_back: bool,
    /// `--force`: also where the target holds keys, or samples differ.
    pub is_forced: bool,
}

/// Everything that can be chosen.
#[derive(Debug, Clone)]
pub struct Options {
    /// The server.
    pub address: Address,
    /// The ACL user.
    pub user: Option<Vec<u8>>,
    /// The password.
    pub password: Option<Vec<u8>>,
    /// Whether the password stood on the command line, where others can read it.
    pub password_is_exposed: bool,
    /// Ask for the password on the terminal.
    pub asks_password: bool,
    /// No warning about a password on the command line.
    pub hides_auth_warning: bool,
    /// The database.
    pub database: i64,
    /// How often to run the command; for ever when negative.
    pub repeat: i64,
    /// Between repetitions, or between samples of a mode; zero when not given.
    pub interval: Duration,
    /// How to print.
    pub formatter: Formatter,
    /// RESP2 or RESP3.
    pub protocol: Protocol,
    /// What standard input is for.
    pub standard_input: StandardInput,
    /// End with status 1 when a command fails.
    pub exits_on_error: bool,
    /// Arguments are in quotes.
    pub takes_quoted: bool,
    /// Print push messages.
    pub shows_pushes: bool,
    /// How long to wait for a connection.
    pub connect_timeout: Option<Duration>,
    /// Which kind of a host's addresses to try first.
    pub family: Option<Family>,
    /// What to do.
    pub mode: Mode,
    /// `--pattern`
    pub pattern: Option<Vec<u8>>,
    /// `--count`
    pub scan_count: Option<i64>,
    /// `--cursor`: where the walk begins.
    pub scan_cursor: Vec<u8>,
    /// `--type`
    pub scan_type: Option<Vec<u8>>,
    /// How long `--pipe` waits for the last replies; `None` for ever.
    pub pipe_timeout: Option<Duration>,
    /// How to migrate.
    pub migration: Migration,
    /// The command.
    pub command: Vec<Vec<u8>>,
}

/// Why a command line cannot be followed; the text is all that is printed.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal(String);

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn refuse<T>(text: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal(text.into()))
}

impl Options {
    /// The options of an empty command line, for an output that is a terminal or not.
    #[must_use]
    pub fn new(is_terminal: bool) -> Options {
        Options {
            address: Address::Tcp { host: "127.0.0.1".into(), port: 6379 },
            user: None,
            password: None,
            password_is_exposed: false,
            asks_password: false,
            hides_auth_warning: false,
            database: 0,
            repeat: 1,
            interval: Duration::ZERO,
            formatter: Formatter::new(if is_terminal { Form::Tty } else { Form::Raw }),
            protocol: Protocol::Unasked,
            standard_input: StandardInput::Unused,
            exits_on_error: false,
            takes_quoted: false,
            shows_pushes: is_terminal,
            connect_timeout: None,
            family: None,
            mode: Mode::Commands,
            pattern: None,
            scan_count: None,
            scan_cursor: b"0".to_vec(),
            scan_type: None,
            pipe_timeout: Some(Duration::from_secs(30)),
            migration: Migration::default(),
            command: Vec::new(),
        }
    }
}

/// Reads the arguments behind the program's name, and REDISCLI_AUTH. The second value is what to warn about.
pub fn parse(arguments: &[Vec<u8>]) -> Result<(Options, Vec<String>), Refusal> {
    let is_terminal = std::io::stdout().is_terminal() || std::env::var_os("FAKETTY").is_some();
    let mut options = Options::new(is_terminal);
    if let Some(password) = std::env::var_os("REDISCLI_AUTH").filter(|password| !password.is_empty()) {
        options.password = Some(std::os::unix::ffi::OsStringExt::into_vec(password));
    }
    let mut warnings = Vec::new();
    options.read(arguments, &mut warnings)?;
    if options.password_is_exposed && !options.hides_auth_warning && !options.asks_password {
        warnings.push(AUTH_WARNING.into());
    }
    Ok((options, warnings))
}

const AUTH_WARNING: &str =
    "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.";

impl Options {
    fn read(&mut self, arguments: &[Vec<u8>], warnings: &mut Vec<String>) -> Result<(), Refusal> {
        let mut rest = arguments;
        while let Some((option, after)) = rest.split_first() {
            if option.first() != Some(&b'-') {
                break;
            }
            let name = String::from_utf8_lossy(option);
            if self.set_flag(&name)? {
                rest = after;
            } else if let Some((value, after)) = after.split_first()
                && self.set_value(&name, value, warnings)?
            {
                rest = after;
            } else if name == "-h" {
                self.mode = Mode::Help;
            } else {
                return refuse(format!("Unrecognized option or bad number of args for: '{name}'"));
            }
            if matches!(self.mode, Mode::Help | Mode::Version) {
                return Ok(());
            }
        }
        self.command = rest.to_vec();
        if self.takes_quoted {
            self.command = self.command.iter().map(|word| unquote(word)).collect::<Result<_, _>>()?;
        }
        let form = self.formatter.form;
        if matches!(form, Form::Json | Form::QuotedJson) && self.protocol == Protocol::Unasked {
            self.protocol = Protocol::Resp3IfKnown;
        }
        Ok(())
    }

    fn set_flag(&mut self, name: &str) -> Result<bool, Refusal> {
        match name {
            "--help" => self.mode = Mode::Help,
            "-v" | "--version" => self.mode = Mode::Version,
            "-x" => self.set_standard_input(StandardInput::Last)?,
            "-e" => self.exits_on_error = true,
            "-4" => self.family = Some(Family::V4),
            "-6" => self.family = Some(Family::V6),
            "-2" => self.set_protocol(Protocol::Resp2)?,
            "-3" => self.set_protocol(Protocol::Resp3)?,
            "--raw" => self.formatter.form = Form::Raw,
            "--no-raw" => self.formatter.form = Form::Tty,
            "--csv" => self.formatter.form = Form::Csv,
            "--json" => self.formatter.form = Form::Json,
            "--quoted-json" => self.formatter.form = Form::QuotedJson,
            "--quoted-input" => self.takes_quoted = true,
            "--askpass" => self.asks_password = true,
            "--no-auth-warning" => self.hides_auth_warning = true,
            "--stat" => self.mode = Mode::Stat,
            "--replication" => self.mode = Mode::Replication,
            "--scan" => self.mode = Mode::Scan,
            "--pipe" => self.mode = Mode::Pipe,
            "--latency" => self.mode = Mode::Latency(false),
            "--latency-history" => self.mode = Mode::Latency(true),
            "--latency-dist" => self.mode = Mode::LatencyDistribution,
            "--preflight" => self.migration.only_looks = true,
            "--cutover" => self.migration.cuts_over = true,
            "--keep-way-back" => self.migration.keeps_way_back = true,
            "--force" => self.migration.is_forced = true,
            // Only the cluster manager of redis-cli says more when asked to.
            "--verbose" => {}
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn set_value(&mut self, name: &str, value: &[u8], warnings: &mut Vec<String>) -> Result<bool, Refusal> {
        let text = String::from_utf8_lossy(value).into_owned();
        match name {
            "-h" => self.set_host(text),
            "-p" => self.set_port(&text)?,
            "-s" => self.address = Address::Unix(PathBuf::from(text)),
            "-u" => self.set_uri(&text)?,
            "-a" | "--pass" => {
                self.password = Some(value.to_vec());
                self.password_is_exposed = true;
            }
            "--user" => self.user = Some(value.to_vec()),
            "-n" => self.database = leading_integer(&text),
            "-r" => self.repeat = leading_integer(&text),
            "-i" => self.interval = seconds(&text),
            "-t" => self.set_connect_timeout(&text)?,
            "-d" => self.formatter.element_delimiter = value.to_vec(),
            "-D" => self.formatter.reply_delimiter = value.to_vec(),
            "-X" => self.set_standard_input(StandardInput::Tagged(value.to_vec()))?,
            "--show-pushes" => match value.first() {
                Some(b'y' | b'Y') => self.shows_pushes = true,
                Some(b'n' | b'N') => self.shows_pushes = false,
                _ => warnings.push(format!("Unknown --show-pushes value '{text}' (valid: '[y]es', '[n]o')")),
            },
            "--rdb" => self.mode = Mode::Copy(text),
            "--migrate-from" => self.mode = Mode::MigrateFrom(text),
            "--pattern" => self.pattern = Some(value.to_vec()),
            "--quoted-pattern" => self.pattern = Some(unquote(value)?),
            // The server refuses what is no count.
            "--count" => self.scan_count = Some(leading_integer(&text)),
            "--cursor" => self.scan_cursor = value.to_vec(),
            "--type" => self.scan_type = Some(value.to_vec()),
            "--pipe-timeout" => self.pipe_timeout = Some(seconds(&text)).filter(|timeout| !timeout.is_zero()),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn set_protocol(&mut self, protocol: Protocol) -> Result<(), Refusal> {
        if self.protocol != Protocol::Unasked && self.protocol != protocol {
            return refuse("Options -2 and -3 are mutually exclusive.");
        }
        self.protocol = protocol;
        Ok(())
    }

    fn set_connect_timeout(&mut self, text: &str) -> Result<(), Refusal> {
        let seconds = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let Some(timeout) = seconds else { return refuse("Invalid connection timeout for -t.") };
        self.connect_timeout = Some(timeout).filter(|timeout| !timeout.is_zero());
        Ok(())
    }

    fn set_standard_input(&mut self, usage: StandardInput) -> Result<(), Refusal> {
        if self.standard_input != StandardInput::Unused && self.standard_input != usage {
            return refuse("Options -x and -X are mutually exclusive.");
        }
        self.standard_input = usage;
        Ok(())
    }

    fn set_host(&mut self, host: String) {
        let port = if let Address::Tcp { port, .. } = &self.address { *port } else { 6379 };
        self.address = Address::Tcp { host, port };
    }

    fn set_port(&mut self, text: &str) -> Result<(), Refusal> {
        let Ok(number) = u16::try_from(leading_integer(text)) else { return refuse("Invalid server port.") };
        if let Address::Tcp { port, .. } = &mut self.address {
            *port = number;
        }
        Ok(())
    }

    /// The same options for another server, without what belongs to this one: its user, password and database.
    pub fn at(&self, uri: &str) -> Result<Options, Refusal> {
        let mut other = Options { user: None, password: None, database: 0, ..self.clone() };
        other.address = Options::new(false).address;
        other.set_uri(uri)?;
        other.database = 0;
        Ok(other)
    }

    fn set_uri(&mut self, text: &str) -> Result<(), Refusal> {
        let uri = Uri::parse(text).map_err(|error| Refusal(error.to_string()))?;
        if uri.scheme != "redis" {
            return refuse("Invalid URI scheme");
        }
        if !uri.host.is_empty() {
            self.set_host(uri.host);
        }
        uri.port.map_or(Ok(()), |port| self.set_port(&port.to_string()))?;
        self.user = uri.user.or(self.user.take());
        if let Some(password) = uri.password {
            self.password = Some(password);
            self.password_is_exposed = true;
        }
        if let Some(path) = uri.path.filter(|path| !path.is_empty()) {
            self.database = leading_integer(&path);
        }
        Ok(())
    }
}

fn unquote(word: &[u8]) -> Result<Vec<u8>, Refusal> {
    match split_line(word).as_deref() {
        Ok([single]) => Ok(single.clone()),
        _ => refuse("Invalid quoted string"),
    }
}

/// The number at the start of a text; 0 without one.
pub fn leading_integer(text: &str) -> i64 {
    let text = text.trim_start();
    let sign = usize::from(text.starts_with(['-', '+']));
    let digits = text.bytes().skip(sign).take_while(u8::is_ascii_digit).count();
    text.get(..sign + digits).and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// A duration in seconds and parts of them; zero when it is not one.
fn seconds(text: &str) -> Duration {
    text.trim().parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
