//! The command logs: the last requests that took long, the last that were large, the last that had large replies.

use crate::client::card::Card;
use crate::config::options::Statistics;
use crate::notify::monitor::HiddenWords;
use resp::request::Request;
use std::collections::VecDeque;

/// Words of a request that an entry keeps; where there are more, the last one says how many.
const MOST_WORDS: usize = 32;
/// Bytes of a word that an entry keeps, before it says how many there were.
const MOST_WORD_BYTES: usize = 128;

/// Why a request is in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogKind {
    /// It took long.
    Slow,
    /// It was large.
    LargeRequest,
    /// Its reply was large.
    LargeReply,
}

impl LogKind {
    /// All of them.
    pub const ALL: [LogKind; 3] = [LogKind::Slow, LogKind::LargeRequest, LogKind::LargeReply];

    /// The name in COMMANDLOG.
    pub const fn name(self) -> &'static str {
        match self {
            LogKind::Slow => "slow",
            LogKind::LargeRequest => "large-request",
            LogKind::LargeReply => "large-reply",
        }
    }

    /// From which measure on a request is kept, in microseconds or bytes, and how many are kept; none when none is.
    pub fn limits(self, options: &Statistics) -> Option<(u64, usize)> {
        let (least, most) = match self {
            LogKind::Slow => (options.slowlog_log_slower_than, options.slowlog_max_len),
            LogKind::LargeRequest => {
                (options.commandlog_request_larger_than, options.commandlog_large_request_max_len)
            }
            LogKind::LargeReply => {
                (options.commandlog_reply_larger_than, options.commandlog_large_reply_max_len)
            }
        };
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        u64::try_from(least).ok().filter(|_| most > 0).map(|least| (least, most))
    }
}

/// A request that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Grows from entry to entry, and is not used again.
    pub id: u64,
    /// When it ran, in seconds since 1970.
    pub time_s: i64,
    /// How long it took in microseconds, or how large it or its reply was in bytes.
    pub measure: u64,
    /// Its words, shortened, secrets hidden.
    pub words: Vec<Vec<u8>>,
    /// Whose it was.
    pub address: String,
    /// The client's name at that time.
    pub client_name: Vec<u8>,
}

/// What is kept of a request, whichever log it goes to.
pub struct Noted<'a> {
    /// When it ran, in seconds since 1970.
    pub time_s: i64,
    /// The request.
    pub request: Request<'a>,
    /// What of it is secret.
    pub hidden: HiddenWords,
    /// Who sent it.
    pub card: &'a Card,
}

/// One of the logs.
#[derive(Clone, Debug, Default)]
pub struct CommandLog {
    entries: VecDeque<LogEntry>,
    next_id: u64,
}

impl CommandLog {
    /// Number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing was kept.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries, the latest first.
    pub fn entries(&self) -> impl Iterator<Item = &LogEntry> {
        self.entries.iter()
    }

    /// Forgets the entries. Numbers go on.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    fn push(&mut self, noted: &Noted<'_>, measure: u64, most: usize) {
        let entry = LogEntry {
            id: self.next_id,
            time_s: noted.time_s,
            measure,
            words: shortened(noted.request, noted.hidden),
            address: noted.card.address.clone(),
            client_name: noted.card.texts.lock().name.clone(),
        };
        self.next_id += 1;
        self.entries.push_front(entry);
        self.entries.truncate(most);
    }
}

/// All the logs.
#[derive(Clone, Debug, Default)]
pub struct CommandLogs([CommandLog; LogKind::ALL.len()]);

impl CommandLogs {
    /// One of them.
    pub fn of(&self, kind: LogKind) -> &CommandLog {
        &self.0[kind as usize]
    }

    /// One of them, to be emptied.
    pub fn of_mut(&mut self, kind: LogKind) -> &mut CommandLog {
        &mut self.0[kind as usize]
    }

    /// Keeps a request in a log if its measure is large enough for that.
    pub fn note(&mut self, kind: LogKind, noted: &Noted<'_>, measure: u64, options: &Statistics) {
        if let Some((least, most)) = kind.limits(options)
            && measure >= least
        {
            self.of_mut(kind).push(noted, measure, most);
        }
    }
}

fn shortened(request: Request<'_>, hidden: HiddenWords) -> Vec<Vec<u8>> {
    let count = request.len();
    let kept = if count > MOST_WORDS { MOST_WORDS - 1 } else { count };
    let shown = |(place, word)| if hidden.has(place) { b"(redacted)".to_vec() } else { shortened_word(word) };
    let mut words: Vec<Vec<u8>> = request.words().take(kept).enumerate().map(shown).collect();
    if kept < count {
        words.push(format!("... ({} more arguments)", count - kept).into_bytes());
    }
    words
}

fn shortened_word(word: &[u8]) -> Vec<u8> {
    match word.get(..MOST_WORD_BYTES) {
        Some(begin) if word.len() > MOST_WORD_BYTES => {
            let more = format!("... ({} more bytes)", word.len() - MOST_WORD_BYTES);
            [begin, more.as_bytes()].concat()
        }
        _ => word.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::card::ClientKind;
    use resp::request::OwnedRequest;

    fn note(logs: &mut CommandLogs, words: &[&[u8]], measure: u64, options: &Statistics) {
        let card = Card::new(1, ClientKind::Normal, "127.0.0.1:5".to_owned(), String::new(), 0);
        let request = OwnedRequest::new(words.iter().copied());
        let mut hidden = HiddenWords::default();
        hidden.hide(2);
        let noted = Noted { time_s: 7, request: request.as_request(), hidden, card: &card };
        logs.note(LogKind::Slow, &noted, measure, options);
    }

    #[test]
    fn keeps_the_latest_of_those_over_the_limit() {
        let mut logs = CommandLogs::default();
        let options = Statistics { slowlog_log_slower_than: 10, slowlog_max_len: 2, ..Statistics::default() };
        for us in [9, 10, 11, 12] {
            note(&mut logs, &[b"GET", b"k"], us, &options);
        }
        let log = logs.of(LogKind::Slow);
        let kept: Vec<(u64, u64)> = log.entries().map(|entry| (entry.id, entry.measure)).collect();
        assert_eq!(kept, [(2, 12), (1, 11)]);
        logs.of_mut(LogKind::Slow).clear();
        note(&mut logs, &[b"GET", b"k"], 10, &options);
        assert_eq!(logs.of(LogKind::Slow).entries().next().map(|entry| entry.id), Some(3));
    }

    #[test]
    fn minus_one_and_a_length_of_zero_keep_nothing() {
        let mut logs = CommandLogs::default();
        let off = Statistics { slowlog_log_slower_than: -1, ..Statistics::default() };
        note(&mut logs, &[b"GET"], u64::MAX, &off);
        let empty = Statistics { slowlog_log_slower_than: 0, slowlog_max_len: 0, ..Statistics::default() };
        note(&mut logs, &[b"GET"], u64::MAX, &empty);
        assert!(logs.of(LogKind::Slow).is_empty());
    }

    #[test]
    fn words_are_shortened_and_secrets_hidden() {
        let long = [b'x'; 130];
        let whole = [b'y'; 128];
        let mut words = vec![b"SET".as_slice(), &long, b"secret", &whole];
        words.resize(40, b"w");
        let mut logs = CommandLogs::default();
        let options = Statistics { slowlog_log_slower_than: 0, ..Statistics::default() };
        note(&mut logs, &words, 1, &options);
        let entry = logs.of(LogKind::Slow).entries().next().expect("it is kept").clone();
        assert_eq!(entry.words.len(), 32);
        assert_eq!(entry.words[1], [&long[..128], b"... (2 more bytes)"].concat());
        assert_eq!(
            (entry.words[2].as_slice(), entry.words[3].as_slice()),
            (b"(redacted)".as_slice(), whole.as_slice())
        );
        assert_eq!(entry.words[31], b"... (9 more arguments)");
        words.truncate(32);
        note(&mut logs, &words, 1, &options);
        assert_eq!(
            logs.of(LogKind::Slow).entries().next().map(|entry| entry.words[31].clone()),
            Some(b"w".to_vec())
        );
    }
}
