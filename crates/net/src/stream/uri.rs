//! `scheme://[user[:password]@]host[:port][/path]`, taken apart. What scheme and path mean is for the reader to say.

use std::fmt;

/// The parts of an address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Uri {
    /// What stands before `://`.
    pub scheme: String,
    /// The user, percent-decoded; `None` where no `@` is, or nothing before the colon.
    pub user: Option<Vec<u8>>,
    /// The password, percent-decoded. A single word before the `@` counts as the password.
    pub password: Option<Vec<u8>>,
    /// The host, without the brackets of an IPv6 address; empty when left out.
    pub host: String,
    /// The port.
    pub port: Option<u16>,
    /// What follows the slash; `None` without one.
    pub path: Option<String>,
}

/// Why a text is not such an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UriError {
    /// No `://`.
    NoScheme,
    /// A `%` without two hexadecimal digits.
    BadEscape,
    /// The port is not a number below 65536, or a bracket is not closed.
    BadHost,
}

impl fmt::Display for UriError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            UriError::NoScheme => "Invalid URI scheme",
            UriError::BadEscape => "Incomplete URI encoding",
            UriError::BadHost => "Invalid host or port in URI",
        })
    }
}

impl std::error::Error for UriError {}

impl Uri {
    /// Takes `text` apart.
    pub fn parse(text: &str) -> Result<Uri, UriError> {
        let (scheme, rest) = text.split_once("://").ok_or(UriError::NoScheme)?;
        let mut uri = Uri { scheme: scheme.to_owned(), ..Uri::default() };
        let rest = match rest.split_once('@') {
            Some((credentials, rest)) => {
                uri.read_credentials(credentials)?;
                rest
            }
            None => rest,
        };
        let (authority, path) = match rest.split_once('/') {
            Some((authority, path)) => (authority, Some(path.to_owned())),
            None => (rest, None),
        };
        uri.path = path;
        uri.read_authority(authority)?;
        Ok(uri)
    }

    fn read_credentials(&mut self, text: &str) -> Result<(), UriError> {
        let (user, password) = match text.split_once(':') {
            Some((user, password)) => (user, password),
            None => ("", text),
        };
        if !user.is_empty() {
            self.user = Some(percent_decode(user)?);
        }
        self.password = Some(percent_decode(password)?);
        Ok(())
    }

    fn read_authority(&mut self, text: &str) -> Result<(), UriError> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (host, after) = rest.split_once(']').ok_or(UriError::BadHost)?;
                (host, after.strip_prefix(':'))
            }
            None => match text.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            },
        };
        self.host = host.to_owned();
        self.port = port.map(|port| port.parse().map_err(|_| UriError::BadHost)).transpose()?;
        Ok(())
    }
}

fn percent_decode(text: &str) -> Result<Vec<u8>, UriError> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let mut digit =
            || bytes.next().and_then(|byte| char::from(byte).to_digit(16)).ok_or(UriError::BadEscape);
        let (high, low) = (digit()?, digit()?);
        decoded.push((high * 16 + low) as u8);
    }
    Ok(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each part, with `-` for what is absent.
    fn parts(text: &str) -> String {
        let uri = Uri::parse(text).expect("a good address");
        let text =
            |bytes: Option<Vec<u8>>| bytes.map_or("-".into(), |bytes| bytes.escape_ascii().to_string());
        let port = uri.port.map_or("-".into(), |port| port.to_string());
        let path = uri.path.unwrap_or("-".into());
        format!("{} {} {} {} {port} {path}", uri.scheme, text(uri.user), text(uri.password), uri.host)
    }

    #[test]
    fn takes_addresses_apart() {
        assert_eq!(parts("redis://h"), "redis - - h - -");
        assert_eq!(parts("redis://h:1/2"), "redis - - h 1 2");
        assert_eq!(parts("redis://u:p@h:1/2"), "redis u p h 1 2");
        assert_eq!(parts("redis://p@h"), "redis - p h - -");
        assert_eq!(parts("redis://:p%40%00@h"), "redis - p@\\x00 h - -");
        assert_eq!(parts("redis://u:@h"), "redis u  h - -");
        assert_eq!(parts("rediss://[::1]:7/"), "rediss - - ::1 7 ");
        assert_eq!(parts("redis://"), "redis - -  - -");
    }

    #[test]
    fn refuses_what_it_cannot_read() {
        assert_eq!(Uri::parse("h:1"), Err(UriError::NoScheme));
        assert_eq!(Uri::parse("redis://p%4@h"), Err(UriError::BadEscape));
        assert_eq!(Uri::parse("redis://h:99999"), Err(UriError::BadHost));
        assert_eq!(Uri::parse("redis://[::1"), Err(UriError::BadHost));
    }
}
