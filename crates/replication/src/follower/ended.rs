//! Why a link ended or could not be made.

use engine::facts::replication_events::Cause;
use std::fmt;
use std::io::{Error, ErrorKind};

/// Why a link ended or could not be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The cause, as it is kept.
    pub cause: Cause,
    /// What was seen, for the log.
    pub text: String,
}

impl Ended {
    /// An end with its cause.
    pub fn new(cause: Cause, text: impl Into<String>) -> Ended {
        Ended { cause, text: text.into() }
    }

    /// The order to follow was withdrawn.
    pub fn withdrawn() -> Ended {
        Ended::new(Cause::Ordered, "the order to follow was withdrawn")
    }

    /// The connection could not be made.
    pub fn of_connecting(error: &Error) -> Ended {
        let cause = match error.kind() {
            ErrorKind::ConnectionRefused => Cause::NobodyListens,
            ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::NetworkDown
            | ErrorKind::TimedOut
            | ErrorKind::WouldBlock => Cause::Unreachable,
            ErrorKind::AddrNotAvailable => Cause::Unreachable,
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => Cause::ConnectionBroken,
            // The resolver's errors have no kind of their own.
            _ if error.raw_os_error().is_none() => Cause::UnknownName,
            _ => Cause::Other,
        };
        let text = net::listener::os_text(error);
        Ended::new(cause, format!("Error condition on socket for SYNC: {text}"))
    }

    /// The connection broke while it was used.
    pub fn of_io(error: &Error, doing: &str) -> Ended {
        let cause = match error.kind() {
            ErrorKind::UnexpectedEof => Cause::ClosedByPeer,
            ErrorKind::WouldBlock | ErrorKind::TimedOut => Cause::Silence,
            ErrorKind::InvalidData => Cause::NotUnderstood,
            _ => Cause::ConnectionBroken,
        };
        Ended::new(cause, format!("{doing}: {error}"))
    }

    /// The primary answered a greeting with an error.
    pub fn of_reply(reply: &str, text: String) -> Ended {
        let starts = |word: &str| reply.trim_start_matches('-').starts_with(word);
        let cause = if starts("NOAUTH") || starts("ERR operation not permitted") {
            Cause::PasswordNeeded
        } else if starts("WRONGPASS") || starts("ERR invalid password") || starts("ERR Client sent AUTH") {
            Cause::WrongPassword
        } else if starts("NOPERM") {
            Cause::NotPermitted
        } else if starts("LOADING") {
            Cause::PrimaryLoads
        } else if starts("NOMASTERLINK") {
            Cause::NoLinkAbove
        } else if reply.starts_with('-') {
            Cause::Other
        } else {
            Cause::NotUnderstood
        };
        Ended::new(cause, text)
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Ended {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_of_replies() {
        for (reply, cause) in [
            ("-NOAUTH Authentication required.", Cause::PasswordNeeded),
            ("-WRONGPASS invalid username-password pair or user is disabled.", Cause::WrongPassword),
            ("-NOPERM User x has no permissions to run the 'psync' command", Cause::NotPermitted),
            ("-LOADING Redis is loading the dataset in memory", Cause::PrimaryLoads),
            ("-NOMASTERLINK Can't SYNC while not connected with my master", Cause::NoLinkAbove),
            ("-ERR whatever", Cause::Other),
            ("hello", Cause::NotUnderstood),
        ] {
            assert_eq!(Ended::of_reply(reply, String::new()).cause, cause, "{reply}");
        }
    }

    #[test]
    fn causes_of_errors() {
        let of = |kind: ErrorKind| Ended::of_io(&Error::from(kind), "x").cause;
        assert_eq!(of(ErrorKind::UnexpectedEof), Cause::ClosedByPeer);
        assert_eq!(of(ErrorKind::ConnectionReset), Cause::ConnectionBroken);
        let refused = Error::from_raw_os_error(111);
        assert_eq!(Ended::of_connecting(&refused).cause, Cause::NobodyListens);
        assert_eq!(Ended::of_connecting(&Error::other("failed to lookup")).cause, Cause::UnknownName);
    }
}
