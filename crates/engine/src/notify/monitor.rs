//! MONITOR: clients that see every request as it is run.

use super::inbox::{InboxId, Inboxes};
use crate::client::card::{Card, flag};
use crate::client::session::Session;
use resp::request::Request;
use std::io::Write;
use stdx::bytes;

/// The words of a request that monitors must not see, as bits by their place; the last bit stands for all further ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HiddenWords(u64);

impl HiddenWords {
    /// Hides a word.
    pub fn hide(&mut self, place: usize) {
        self.0 |= 1 << place.min(63);
    }

    /// Whether a word is hidden.
    pub fn has(self, place: usize) -> bool {
        self.0 >> place.min(63) & 1 == 1
    }
}

/// A request that was run.
pub struct Seen<'a> {
    /// When, in microseconds since 1970.
    pub time_us: i64,
    /// The database that is selected after it.
    pub database: u32,
    /// Who sent it.
    pub card: &'a Card,
    /// The request.
    pub request: Request<'a>,
    /// What of it is secret.
    pub hidden: HiddenWords,
}

/// The clients that see every request.
#[derive(Default)]
pub struct Monitors {
    inboxes: Vec<InboxId>,
}

impl Monitors {
    /// Whether nobody looks.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.inboxes.is_empty()
    }

    /// A client sees every request from now on.
    pub fn add(&mut self, inboxes: &mut Inboxes, session: &mut Session) {
        session.is_monitor = true;
        session.card.set(flag::MONITOR, true);
        self.inboxes.push(inboxes.open(&session.card));
    }

    /// A client sees requests no longer.
    pub fn remove(&mut self, session: &mut Session) {
        if std::mem::take(&mut session.is_monitor) {
            session.card.set(flag::MONITOR, false);
            let own = Inboxes::of(&session.card);
            self.inboxes.retain(|&inbox| Some(inbox) != own);
        }
    }

    /// Shows a request to everybody who looks.
    pub fn show(&self, inboxes: &mut Inboxes, seen: &Seen<'_>) {
        let line = line(seen);
        for &monitor in &self.inboxes {
            inboxes.post(monitor, &line);
        }
    }
}

fn line(seen: &Seen<'_>) -> Vec<u8> {
    let (seconds, us) = (seen.time_us / 1_000_000, seen.time_us % 1_000_000);
    let is_unix = seen.card.has(flag::UNIX_SOCKET);
    let address = seen.card.address.as_str();
    // The path of the socket; the port of such an address is always 0.
    let (scheme, address) =
        if is_unix { ("unix:", address.strip_suffix(":0").unwrap_or(address)) } else { ("", address) };
    let mut line = Vec::with_capacity(128);
    // Writing to a vector cannot fail.
    let _ = write!(line, "+{seconds}.{us:06} [{} {scheme}{address}]", seen.database);
    for (place, word) in seen.request.words().enumerate() {
        line.push(b' ');
        bytes::append_quoted(&mut line, if seen.hidden.has(place) { b"(redacted)" } else { word });
    }
    line.extend_from_slice(b"\r\n");
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::card::ClientKind;
    use resp::request::OwnedRequest;

    fn shown(words: &[&[u8]], address: &str, is_unix: bool, hidden: &[usize]) -> String {
        let card = Card::new(1, ClientKind::Normal, address.to_owned(), String::new(), 0);
        card.set(flag::UNIX_SOCKET, is_unix);
        let request = OwnedRequest::new(words.iter().copied());
        let mut words = HiddenWords::default();
        hidden.iter().for_each(|&place| words.hide(place));
        let (time_us, request) = (1_700_000_000_000_042, request.as_request());
        let seen = Seen { time_us, database: 3, card: &card, request, hidden: words };
        String::from_utf8(line(&seen)).unwrap()
    }

    #[test]
    fn a_request_is_a_line() {
        assert_eq!(
            shown(&[b"SET", b"a \"b\"", b"\xff\n"], "127.0.0.1:5", false, &[]),
            "+1700000000.000042 [3 127.0.0.1:5] \"SET\" \"a \\\"b\\\"\" \"\\xff\\n\"\r\n"
        );
        assert_eq!(
            shown(&[b"PING"], "/run/s:0", true, &[]),
            "+1700000000.000042 [3 unix:/run/s] \"PING\"\r\n"
        );
    }

    #[test]
    fn secrets_are_hidden() {
        let text = shown(&[b"auth", b"me", b"secret"], "", false, &[1, 2]);
        assert!(text.ends_with("\"auth\" \"(redacted)\" \"(redacted)\"\r\n"), "{text}");
        let words = [b"w".as_slice(); 70];
        assert_eq!(shown(&words, "", false, &[66]).matches("redacted").count(), 7);
    }
}
