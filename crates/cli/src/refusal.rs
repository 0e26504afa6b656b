//! What a person must know of the server before the first command: that it refuses to follow its primary.

use crate::run::complain;
use crate::session::Session;

/// Says it, if it is so. A server that does not tell is asked nothing more.
pub fn tell(session: &mut Session) {
    let asked = session.connection().and_then(|connection| connection.ask(&["INFO", "replication"]).ok());
    let words = asked.as_ref().and_then(|reply| words(reply.as_bytes().unwrap_or_default()));
    if let Some(words) = words {
        complain(&words);
    }
}

fn words(info: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(info);
    let found = text.lines().find_map(|line| line.strip_prefix("replica_follow_refusal:"));
    found.map(|words| words.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn found_in_info() {
        let info =
            b"# Replication\r\nrole:slave\r\nreplica_follow_refusal:refused: primary a:1 is empty\r\nx:1\r\n";
        assert_eq!(words(info).as_deref(), Some("refused: primary a:1 is empty"));
        assert_eq!(words(b"-NOAUTH"), None);
    }
}
