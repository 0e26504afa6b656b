//! Whose replica this server is.

use stdx::number;

use super::{Given, Kind, Line, as_text, written_word};
use crate::config::Refusal;
use crate::config::option::Arguments;

/// Where a primary is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrimaryAddress {
    /// Name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

/// A host and a port, or `no one`.
pub enum ReplicaOf {}

impl Kind for ReplicaOf {
    type Value = Option<PrimaryAddress>;

    const ARGUMENTS: Arguments = Arguments::Several;

    fn parse(given: &Given<'_, Self::Value>) -> Result<Self::Value, Refusal> {
        let &[host, port] = given.words else { return Err(Refusal::WRONG_NUMBER) };
        if host.eq_ignore_ascii_case(b"no") && port.eq_ignore_ascii_case(b"one") {
            return Ok(None);
        }
        if host.is_empty() {
            return Err(Refusal::new("Invalid master host"));
        }
        let port = number::parse_i64(port).and_then(|port| u16::try_from(port).ok());
        let port = port.ok_or(Refusal::new("Invalid master port"))?;
        Ok(Some(PrimaryAddress { host: as_text(host)?.to_owned(), port }))
    }

    fn print(value: &Self::Value) -> Vec<u8> {
        let words = value.as_ref().map(|primary| format!("{} {}", primary.host, primary.port));
        words.unwrap_or_default().into_bytes()
    }

    fn accepts() -> String {
        "a host and a port, or no one".to_owned()
    }

    fn lines(name: &str, value: &Self::Value, _default: &Self::Value) -> Vec<Line> {
        let written = |primary: &PrimaryAddress| {
            let words = format!("{} {}", written_word(&primary.host), primary.port);
            Line::new(name, words.as_bytes(), true)
        };
        value.iter().map(written).collect()
    }
}
