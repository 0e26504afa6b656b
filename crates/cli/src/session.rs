//! What lasts beyond one connection: who we are, which database and protocol were chosen, whether a transaction is open.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use net::stream::Address;
use resp::value::Value;

use crate::args::{Options, Protocol, leading_integer};
use crate::connect::{Connection, Family, LinkError, shown_address, system_text};

/// A user at a server.
pub struct Session {
    /// The server.
    pub address: Address,
    /// Set by Ctrl-C while a command runs.
    pub interrupted: Arc<AtomicBool>,
    connection: Option<Connection>,
    credentials: Option<Credentials>,
    protocol: Protocol,
    /// The database that the user wants.
    wanted_database: i64,
    /// The database that the server has selected.
    database: i64,
    /// The database before MULTI, while a transaction is open.
    transaction: Option<i64>,
    connect_timeout: Option<std::time::Duration>,
    family: Option<Family>,
}

#[derive(Clone)]
struct Credentials {
    user: Option<Vec<u8>>,
    password: Vec<u8>,
}

/// There is no connection.
#[derive(Debug)]
pub struct Unreachable(pub String);

impl Session {
    /// A session that is not connected yet.
    pub fn new(options: &Options) -> Session {
        let password = options.password.clone();
        Session {
            address: options.address.clone(),
            interrupted: Arc::default(),
            connection: None,
            credentials: password.map(|password| Credentials { user: options.user.clone(), password }),
            protocol: options.protocol,
            wanted_database: options.database,
            database: 0,
            transaction: None,
            connect_timeout: options.connect_timeout,
            family: options.family,
        }
    }

    /// Connects anew, authenticates, selects. What the server refused of that is returned as a line to show; the
    /// connection stands nevertheless.
    pub fn connect(&mut self) -> Result<Option<String>, Unreachable> {
        self.disconnect();
        let opened = Connection::open(&self.address, self.family, self.connect_timeout);
        let mut connection = opened.map_err(|error| {
            let address = shown_address(&self.address);
            Unreachable(format!("Could not connect to Redis at {address}: {}", system_text(&error)))
        })?;
        let refusal = self.greet(&mut connection);
        self.connection = Some(connection);
        refusal.map_err(|error| {
            self.connection = None;
            Unreachable(error.to_string())
        })
    }

    /// Says who we are and what we want, up to the first thing that is refused: that is returned.
    fn greet(&mut self, connection: &mut Connection) -> Result<Option<String>, LinkError> {
        if let Some(Credentials { user, password }) = &self.credentials {
            let words: Vec<&[u8]> =
                [&b"AUTH"[..]].into_iter().chain(user.as_deref()).chain([password.as_slice()]).collect();
            if let Some(refusal) = refusal(&connection.ask(&words)?, "AUTH") {
                return Ok(Some(refusal));
            }
        }
        if self.wanted_database != 0 {
            let number = self.wanted_database.to_string();
            if let Some(refusal) =
                refusal(&connection.ask(&["SELECT", &number])?, &format!("SELECT {number}"))
            {
                return Ok(Some(refusal));
            }
            self.database = self.wanted_database;
        }
        if !matches!(self.protocol, Protocol::Resp3 | Protocol::Resp3IfKnown) {
            return Ok(None);
        }
        let reply = connection.ask(&["HELLO", "3"])?;
        // A server from before RESP3 is no reason to complain when nobody insists on it.
        let is_old = self.protocol == Protocol::Resp3IfKnown
            && matches!(&reply, Value::Error(text) if text.starts_with(b"ERR unknown command"));
        Ok(refusal(&reply, "HELLO 3").filter(|_| !is_old))
    }

    /// Gives the connection up, and what belonged to it alone.
    pub fn disconnect(&mut self) {
        self.connection = None;
        self.database = 0;
        self.transaction = None;
    }

    /// The connection, if there is one.
    pub fn connection(&mut self) -> Option<&mut Connection> {
        self.connection.as_mut()
    }

    /// The connection, to be used without the session.
    pub fn take_connection(&mut self) -> Option<Connection> {
        self.connection.take()
    }

    /// True while connected.
    pub fn is_connected(&self) -> bool {
        self.connection.is_some()
    }

    /// True between MULTI and EXEC.
    pub fn is_in_transaction(&self) -> bool {
        self.transaction.is_some()
    }

    /// What stands before the cursor.
    pub fn prompt(&self) -> String {
        if !self.is_connected() {
            return "not connected> ".into();
        }
        let place = match &self.address {
            Address::Unix(path) => format!("redis {}", path.display()),
            Address::Tcp { host, .. } if host.contains(':') => self.address.to_string(),
            Address::Tcp { .. } => shown_address(&self.address),
        };
        let database = if self.database == 0 { String::new() } else { format!("[{}]", self.database) };
        let transaction = if self.is_in_transaction() { "(TX)" } else { "" };
        format!("{place}{database}{transaction}> ")
    }

    /// Learns from a command and its reply what the next connection has to repeat.
    pub fn note(&mut self, command: &[Vec<u8>], reply: &Value) {
        let Some((name, arguments)) = command.split_first() else { return };
        match (name.to_ascii_lowercase().as_slice(), arguments) {
            (b"exec", _) => {
                if let Some(before) = self.transaction.take()
                    && (reply.is_error() || matches!(reply, Value::Null | Value::NullArray))
                {
                    self.remember_database(before);
                }
            }
            _ if reply.is_error() => {}
            (b"select", [number]) => {
                self.remember_database(leading_integer(&String::from_utf8_lossy(number)));
            }
            (b"auth", [password]) => self.remember_credentials(None, password),
            (b"auth", [user, password]) => self.remember_credentials(Some(user), password),
            (b"hello", [version, options @ ..]) => self.note_hello(version, options),
            (b"multi", []) => self.transaction = self.transaction.or(Some(self.database)),
            (b"discard", []) => {
                if let Some(before) = self.transaction.take() {
                    self.remember_database(before);
                }
            }
            (b"reset", []) => {
                self.transaction = None;
                self.protocol = Protocol::Unasked;
                self.remember_database(0);
            }
            _ => {}
        }
    }

    fn note_hello(&mut self, version: &[u8], options: &[Vec<u8>]) {
        self.protocol = if version == b"3" { Protocol::Resp3 } else { Protocol::Unasked };
        for window in options.windows(3) {
            if let [word, user, password] = window
                && word.eq_ignore_ascii_case(b"auth")
            {
                return self.remember_credentials(Some(user), password);
            }
        }
    }

    fn remember_database(&mut self, database: i64) {
        self.database = database;
        self.wanted_database = database;
    }

    fn remember_credentials(&mut self, user: Option<&Vec<u8>>, password: &[u8]) {
        self.credentials = Some(Credentials { user: user.cloned(), password: password.to_vec() });
        // A connection that had to authenticate first could not select before.
        if self.database != self.wanted_database
            && let Some(connection) = &mut self.connection
            && let Ok(reply) = connection.ask(&["SELECT", &self.wanted_database.to_string()])
            && reply.is_ok()
        {
            self.database = self.wanted_database;
        }
    }
}

fn refusal(reply: &Value, what: &str) -> Option<String> {
    match reply {
        Value::Error(text) => Some(format!("{what} failed: {}", String::from_utf8_lossy(text))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompts(script: &[(&str, Value)]) -> Vec<String> {
        let mut session = Session::new(&Options::new(true));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
        let port = listener.local_addr().expect("bound").port();
        session.address = Address::Tcp { host: "127.0.0.1".into(), port };
        session.connect().expect("nothing is asked of the server");
        let mut note = |(line, reply): &(&str, Value)| {
            let words: Vec<Vec<u8>> = line.split(' ').map(|word| word.as_bytes().to_vec()).collect();
            session.note(&words, reply);
            session.prompt().split_once(&port.to_string()).expect("the port is shown").1.to_owned()
        };
        script.iter().map(&mut note).collect()
    }

    fn ok() -> Value {
        Value::Simple(b"OK".to_vec())
    }

    #[test]
    fn the_prompt_follows_select_and_transactions() {
        let error = || Value::Error(b"ERR".to_vec());
        let script = [
            ("SELECT 2", ok()),
            ("select 99", error()),
            ("multi", ok()),
            ("select 3", Value::Simple(b"QUEUED".to_vec())),
            ("exec", Value::NullArray),
            ("multi", ok()),
            ("multi", error()),
            ("select 4", ok()),
            ("exec", Value::Array(vec![])),
            ("multi", ok()),
            ("discard", ok()),
            ("reset", Value::Simple(b"RESET".to_vec())),
        ];
        let expected = [
            "[2]> ",
            "[2]> ",
            "[2](TX)> ",
            "[3](TX)> ",
            "[2]> ",
            "[2](TX)> ",
            "[2](TX)> ",
            "[4](TX)> ",
            "[4]> ",
            "[4](TX)> ",
            "[4]> ",
            "> ",
        ];
        assert_eq!(prompts(&script), expected);
    }

    #[test]
    fn without_a_connection_the_prompt_says_so() {
        let mut session = Session::new(&Options::new(true));
        assert_eq!(session.prompt(), "not connected> ");
        session.address = Address::Tcp { host: "no.such.host.invalid".into(), port: 1 };
        assert!(session.connect().is_err());
    }
}
