//! The options of the command line, spelled as redis-benchmark spells them.

use std::fmt;
use std::time::Duration;

use net::stream::{Address, Uri};

/// The text of `--help`.
pub const HELP: &str = include_str!("help.txt");

/// What the command line asks for.
pub enum Invocation {
    /// Measure.
    Run(Box<Options>),
    /// Print [`HELP`].
    Help,
    /// Print the version.
    Version,
}

/// Everything that can be chosen.
#[derive(Debug, Clone)]
pub struct Options {
    /// The server.
    pub address: Address,
    /// The ACL user; the default user when `None`.
    pub user: Option<Vec<u8>>,
    /// What to authenticate with.
    pub password: Option<Vec<u8>>,
    /// Connections over all threads.
    pub clients: usize,
    /// Requests per test over all clients.
    pub requests: u64,
    /// How long each test runs instead of counting requests.
    pub duration: Option<Duration>,
    /// Bytes of a value.
    pub value_bytes: usize,
    /// The database to SELECT.
    pub database: u32,
    /// Whether to greet with HELLO 3.
    pub resp3: bool,
    /// Threads that send; 0 and 1 both mean one, as the report of redis-benchmark tells them apart.
    pub threads: usize,
    /// Whether a client keeps its connection between batches.
    pub keeps_alive: bool,
    /// How many random keys there are; the same key always when `None`.
    pub key_range: Option<u64>,
    /// Requests sent at once.
    pub pipeline: usize,
    /// One line per test.
    pub quiet: bool,
    /// A table of comma-separated values.
    pub csv: bool,
    /// One JSON object per test and line.
    pub json: bool,
    /// Start over when all tests are done.
    pub repeats_forever: bool,
    /// Only open connections and wait.
    pub only_idle: bool,
    /// The names given with `-t`.
    pub tests: Option<Vec<String>>,
    /// Decimals of a latency in milliseconds.
    pub precision: usize,
    /// Makes a run repeatable.
    pub seed: Option<u64>,
    /// Whether the last argument of the command comes from standard input.
    pub reads_last_argument: bool,
    /// Whether every client turns CLIENT TRACKING on.
    pub tracks_keys: bool,
    /// A command instead of the standard tests.
    pub command: Vec<Vec<u8>>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            address: Address::Tcp { host: "127.0.0.1".into(), port: 6379 },
            user: None,
            password: None,
            clients: 50,
            requests: 100_000,
            duration: None,
            value_bytes: 3,
            database: 0,
            resp3: false,
            threads: 0,
            keeps_alive: true,
            key_range: None,
            pipeline: 1,
            quiet: false,
            csv: false,
            json: false,
            repeats_forever: false,
            only_idle: false,
            tests: None,
            precision: 3,
            seed: None,
            reads_last_argument: false,
            tracks_keys: false,
            command: Vec::new(),
        }
    }
}

/// Why a command line cannot be followed.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The option is not known, or its argument is missing.
    Option(String),
    /// The argument of the option makes no sense.
    Value(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Option(option) => {
                write!(formatter, "Invalid option \"{option}\" or option argument missing")
            }
            Refusal::Value(option) => write!(formatter, "Invalid argument of option \"{option}\""),
        }
    }
}

/// Reads the arguments that follow the program's name.
pub fn parse(arguments: &[Vec<u8>]) -> Result<Invocation, Refusal> {
    let mut options = Options::default();
    let mut rest = arguments;
    while let Some((option, after)) = rest.split_first() {
        if option.first() != Some(&b'-') {
            options.command = rest.to_vec();
            break;
        }
        let option = String::from_utf8_lossy(option);
        match (option.as_ref(), after.split_first()) {
            ("--help", _) => return Ok(Invocation::Help),
            ("--version" | "-v", _) => return Ok(Invocation::Version),
            (flag, _) if options.set_flag(flag) => rest = after,
            (name, Some((value, after))) => {
                options.set_value(name, value)?;
                rest = after;
            }
            (name, None) => return Err(Refusal::Option(name.into())),
        }
    }
    options.clients = options.clients.max(1);
    options.pipeline = options.pipeline.max(1);
    Ok(Invocation::Run(Box::new(options)))
}

impl Options {
    /// True when the report is for people and has all the figures.
    pub fn reports_in_full(&self) -> bool {
        !self.csv && !self.json && !self.quiet
    }

    fn set_flag(&mut self, flag: &str) -> bool {
        match flag {
            "-3" => self.resp3 = true,
            "-q" => self.quiet = true,
            "--csv" => self.csv = true,
            "--json" => self.json = true,
            "-l" => self.repeats_forever = true,
            "-I" => self.only_idle = true,
            "-x" => self.reads_last_argument = true,
            // Every error ends the run, so asking for it changes nothing.
            "-e" => {}
            "--enable-tracking" => self.tracks_keys = true,
            _ => return false,
        }
        true
    }

    fn set_value(&mut self, name: &str, value: &[u8]) -> Result<(), Refusal> {
        let text = String::from_utf8_lossy(value).into_owned();
        let refused = || Refusal::Value(name.into());
        match name {
            "-h" => self.set_host(text),
            "-p" => self.set_port(number(name, &text)?),
            "-s" => self.address = Address::Unix(text.into()),
            "-u" => self.set_uri(&text).ok_or_else(refused)?,
            "-a" => self.password = Some(value.to_vec()),
            "--user" => self.user = Some(value.to_vec()),
            "-c" => self.clients = number(name, &text)?,
            "-n" => self.requests = number(name, &text)?,
            "-d" => self.value_bytes = number::<usize>(name, &text)?.clamp(1, 1 << 30),
            "-r" => self.key_range = Some(number::<u64>(name, &text)?).filter(|range| *range > 0),
            "-P" => self.pipeline = number(name, &text)?,
            "-k" => self.keeps_alive = number::<u8>(name, &text)? != 0,
            "-t" => self.tests = Some(text.split(',').map(str::to_lowercase).collect()),
            "--threads" => self.threads = number::<usize>(name, &text)?.min(500),
            "--dbnum" => self.database = number(name, &text)?,
            "--precision" => self.precision = number::<usize>(name, &text)?.min(3),
            "--seed" => self.seed = Some(number(name, &text)?),
            "--seconds" => {
                let seconds = number::<f64>(name, &text)?;
                self.duration = Some(Duration::try_from_secs_f64(seconds).map_err(|_| refused())?);
            }
            _ => return Err(Refusal::Option(name.into())),
        }
        Ok(())
    }

    fn set_host(&mut self, host: String) {
        let port = if let Address::Tcp { port, .. } = &self.address { *port } else { 6379 };
        self.address = Address::Tcp { host, port };
    }

    fn set_port(&mut self, port: u16) {
        if let Address::Tcp { port: old, .. } = &mut self.address {
            *old = port;
        }
    }

    fn set_uri(&mut self, text: &str) -> Option<()> {
        let uri = Uri::parse(text).ok().filter(|uri| uri.scheme == "redis")?;
        if !uri.host.is_empty() {
            self.set_host(uri.host);
        }
        uri.port.into_iter().for_each(|port| self.set_port(port));
        self.user = uri.user.or(self.user.take());
        self.password = uri.password.or(self.password.take());
        if let Some(path) = uri.path.filter(|path| !path.is_empty()) {
            self.database = path.parse().ok()?;
        }
        Some(())
    }
}

fn number<T: std::str::FromStr>(name: &str, text: &str) -> Result<T, Refusal> {
    text.parse().map_err(|_| Refusal::Value(name.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(line: &str) -> Result<Options, Refusal> {
        let arguments: Vec<Vec<u8>> = line.split_whitespace().map(|word| word.as_bytes().to_vec()).collect();
        match parse(&arguments)? {
            Invocation::Run(options) => Ok(*options),
            _ => panic!("not a run"),
        }
    }

    #[test]
    fn reads_the_options_of_redis_benchmark() {
        let read = options(
            "-h ::1 -p 7 -a secret --user u -c 9 -n 5 -d 8 -r 10 -P 16 -t SET,get -q -3 --threads 2 -k 0",
        )
        .expect("good options");
        assert_eq!(read.address, Address::Tcp { host: "::1".into(), port: 7 });
        assert_eq!((read.clients, read.requests, read.value_bytes, read.pipeline), (9, 5, 8, 16));
        assert_eq!(read.tests, Some(vec!["set".to_string(), "get".into()]));
        assert!(read.quiet && read.resp3 && !read.keeps_alive && read.command.is_empty());
    }

    #[test]
    fn everything_after_the_first_word_is_the_command() {
        let read = options("-n 1 lpush key -n").expect("good options");
        assert_eq!(read.command, [&b"lpush"[..], b"key", b"-n"]);
    }

    #[test]
    fn an_address_sets_host_port_credentials_and_database() {
        let read = options("-u redis://u:p@h:7/3").expect("good options");
        assert_eq!(read.address, Address::Tcp { host: "h".into(), port: 7 });
        assert_eq!((read.user, read.password, read.database), (Some(b"u".to_vec()), Some(b"p".to_vec()), 3));
    }

    #[test]
    fn refuses_unknown_and_incomplete_options() {
        assert_eq!(options("--bogus 1").err(), Some(Refusal::Option("--bogus".into())));
        assert_eq!(options("-n").err(), Some(Refusal::Option("-n".into())));
        assert_eq!(options("-n many").err(), Some(Refusal::Value("-n".into())));
        assert_eq!(options("--seconds -1").err(), Some(Refusal::Value("--seconds".into())));
    }
}
