//! One of the two servers: asked, and connected to anew when the connection is lost.

use std::fmt;
use std::time::Duration;

use net::stream::Address;
use resp::value::Value;

use super::facts::Facts;
use crate::args::Options;
use crate::connect::shown_address;
use crate::session::Session;

/// How long a reply may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a connection may take.
const CONNECT_PATIENCE: Duration = Duration::from_secs(5);

/// A server.
pub struct Peer {
    /// `source` or `target`.
    pub name: &'static str,
    /// User and password, as given.
    pub credentials: (Option<Vec<u8>>, Option<Vec<u8>>),
    session: Session,
    database: u32,
}

/// Why a server did not do what it was asked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeerError {
    /// It cannot be reached, or does not answer.
    Gone(String),
    /// It refused; the text is its reply.
    Refused(String),
}

impl fmt::Display for PeerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (PeerError::Gone(text) | PeerError::Refused(text)) = self;
        formatter.write_str(text)
    }
}

impl Peer {
    /// Connects.
    pub fn open(name: &'static str, options: &Options) -> Result<Peer, PeerError> {
        let mut options = options.clone();
        options.database = 0;
        options.protocol = crate::args::Protocol::Unasked;
        options.connect_timeout = options.connect_timeout.or(Some(CONNECT_PATIENCE));
        let credentials = (options.user.clone(), options.password.clone());
        let mut peer = Peer { name, credentials, session: Session::new(&options), database: 0 };
        peer.connect()?;
        Ok(peer)
    }

    fn connect(&mut self) -> Result<(), PeerError> {
        self.database = 0;
        match self.session.connect() {
            Ok(None) => Ok(()),
            Ok(Some(refusal)) => Err(PeerError::Refused(self.says(&refusal))),
            Err(unreachable) => Err(PeerError::Gone(self.says(&unreachable.0))),
        }
    }

    /// A text with whose it is.
    fn says(&self, text: &str) -> String {
        format!("the {} at {}: {text}", self.name, self.address())
    }

    /// Its address as it is printed.
    pub fn address(&self) -> String {
        shown_address(&self.session.address)
    }

    /// Host and port; `None` of a socket in the file system.
    pub fn host_and_port(&self) -> Option<(String, u16)> {
        match &self.session.address {
            Address::Tcp { host, port } => Some((host.clone(), *port)),
            Address::Unix(_) => None,
        }
    }

    /// Sends a command and waits for its reply, whatever it is.
    pub fn ask<A: AsRef<[u8]>>(&mut self, words: &[A]) -> Result<Value, PeerError> {
        self.ask_within(words, PATIENCE)
    }

    /// As [`Peer::ask`], waiting so long.
    pub fn ask_within<A: AsRef<[u8]>>(
        &mut self,
        words: &[A],
        patience: Duration,
    ) -> Result<Value, PeerError> {
        if !self.session.is_connected() {
            self.connect()?;
        }
        let connection = self.session.connection().expect("connected just now");
        connection.ask_within(words, patience).map_err(|error| {
            self.session.disconnect();
            PeerError::Gone(self.says(&error.to_string()))
        })
    }

    /// Sends a command that has to succeed.
    pub fn order<A: AsRef<[u8]>>(&mut self, words: &[A]) -> Result<Value, PeerError> {
        match self.ask(words)? {
            Value::Error(text) => Err(PeerError::Refused(self.says(&String::from_utf8_lossy(&text)))),
            reply => Ok(reply),
        }
    }

    /// Some sections of INFO, the usual ones when none is named.
    pub fn info(&mut self, sections: &[&str]) -> Result<Facts, PeerError> {
        let mut facts = Facts::default();
        let requests: Vec<Vec<&str>> = match sections {
            [] => vec![vec!["INFO"]],
            _ => sections.iter().map(|section| vec!["INFO", section]).collect(),
        };
        for words in requests {
            let reply = self.order(&words)?;
            facts.add(&String::from_utf8_lossy(reply.as_bytes().unwrap_or_default()));
        }
        Ok(facts)
    }

    /// Makes a database the one that commands are about.
    pub fn select(&mut self, database: u32) -> Result<(), PeerError> {
        if self.database != database || !self.session.is_connected() {
            self.order(&["SELECT", &database.to_string()])?;
            self.database = database;
        }
        Ok(())
    }

    /// An option's value; `None` where it is not there, or must not be asked for.
    pub fn option(&mut self, name: &str) -> Option<Vec<u8>> {
        let reply = self.ask(&["CONFIG", "GET", name]).ok()?;
        let (_, value) = reply.as_pairs()?.into_iter().next()?;
        value.as_bytes().map(<[u8]>::to_vec)
    }
}
