//! Whether a primary may replace our data: a pure function of what we hold and of what it has.
//!
//! A continuation of our history always may, and so may anybody while we hold nothing. Otherwise it takes consent: an
//! operator's order. A primary that does not tell where its data come from (any but Ochre) is judged by the copy itself.

use super::offer::Offer;
use engine::facts::replication_events::Cause;
use engine::facts::standing::Standing;
use std::fmt::Write;

/// How many of our keys, in a hundred, must be in a copy from a primary of unknown history.
const SHARE_MIN: u64 = 90;

/// What we hold and how it may be treated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ours {
    /// What we hold; of keys only those that have not expired.
    pub standing: Standing,
    /// `replica-safe-follow`.
    pub is_safe: bool,
    /// Somebody said that we are to follow this primary.
    pub has_consent: bool,
    /// The primary's host, as it was named.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on from what we hold, or we hold nothing.
    Follow,
    /// Its data may replace ours, which are kept on disk.
    FollowKeeping,
    /// Take its copy beside our data, and judge that.
    Compare,
    /// Go on with what we hold.
    Refuse(Refusal),
}

/// Why a primary is not followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The cause, as it is kept.
    pub cause: Cause,
    /// In words, with what can be done.
    pub words: String,
}

/// How a copy compares with what we hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Keys of the copy.
    pub keys: u64,
    /// How many of our keys were looked for.
    pub sampled: u64,
    /// How many of those are in the copy.
    pub found: u64,
}

/// Judges a primary by what it says that it has.
pub fn judge(ours: &Ours, offer: &Offer) -> Verdict {
    let held = &ours.standing;
    if held.keys == 0 || goes_on_from(held, offer) {
        return Verdict::Follow;
    }
    if ours.has_consent || !ours.is_safe || offer.left.contains(&held.id) {
        return Verdict::FollowKeeping;
    }
    if offer.keys == Some(0) {
        return refuse(ours, Cause::PrimaryEmpty, "is empty");
    }
    if let Some(lacks_bytes) = lacks(held, offer) {
        let text = format!("lacks the last {} bytes of what was written here", grouped(lacks_bytes));
        return refuse(ours, Cause::PrimaryBehind, &text);
    }
    if offer.tells_lineage {
        let other = offer.id.map_or(String::new(), |id| format!(", history {}", &id.as_str()[..8]));
        let keys = offer.keys.map_or(String::new(), |keys| format!(" with {}", counted(keys, "key")));
        return refuse(ours, Cause::PrimaryStrange, &format!("is another server{keys}{other}"));
    }
    match offer.keys {
        Some(keys) if is_too_few(keys, held.keys) => {
            let text = format!("has an unknown history and only {}", counted(keys, "key"));
            refuse(ours, Cause::PrimaryStrange, &text)
        }
        _ => Verdict::Compare,
    }
}

/// Judges a copy that was taken for comparison.
pub fn judge_copy(ours: &Ours, copy: &Comparison) -> Verdict {
    if copy.keys == 0 && ours.standing.keys > 0 {
        return refuse(ours, Cause::PrimaryEmpty, "is empty");
    }
    if is_too_few(copy.found, copy.sampled) {
        let (found, sampled) = (grouped(copy.found), grouped(copy.sampled));
        let text = format!("has an unknown history and {found} of {sampled} keys that were compared");
        return refuse(ours, Cause::PrimaryStrange, &text);
    }
    if is_too_few(copy.keys, ours.standing.keys) {
        let text = format!("has an unknown history and only {}", counted(copy.keys, "key"));
        return refuse(ours, Cause::PrimaryBehind, &text);
    }
    Verdict::FollowKeeping
}

fn is_too_few(theirs: u64, ours: u64) -> bool {
    theirs.saturating_mul(100) < ours.saturating_mul(SHARE_MIN)
}

/// Whether the primary holds all that we hold, and goes on from there.
fn goes_on_from(held: &Standing, offer: &Offer) -> bool {
    let has_all = |id, up_to| offer.holds_of(id).is_some_and(|theirs| theirs >= up_to);
    // A history that branched off and in which nothing was written is no more than its past.
    let unwritten = held.past.iter().filter(|(_, up_to)| *up_to == held.offset);
    has_all(&held.id, held.offset) || unwritten.into_iter().any(|(id, up_to)| has_all(id, *up_to))
}

/// How many bytes that we hold the primary lacks, if its data come from a history of ours.
fn lacks(held: &Standing, offer: &Offer) -> Option<u64> {
    let shared = |id, ours| offer.holds_of(id).map(|theirs| theirs.min(ours));
    let shared_past = held.past.iter().filter_map(|(id, up_to)| shared(id, *up_to)).max();
    let up_to = shared(&held.id, held.offset).or(shared_past)?;
    Some(held.offset.bytes_since(up_to))
}

fn refuse(ours: &Ours, cause: Cause, what: &str) -> Verdict {
    let Ours { host, port, standing, .. } = ours;
    let held = counted(standing.keys, "key");
    let words = format!(
        "primary {host}:{port} {what}, this node holds {held}; accept with REPLICAOF {host} {port}, take over with \
         REPLICAOF NO ONE"
    );
    Verdict::Refuse(Refusal { cause, words })
}

/// A number in groups of three digits.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.char_indices() {
        let separator = if place > 0 && (digits.len() - place).is_multiple_of(3) { " " } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(text, "{separator}{digit}");
    }
    text
}

fn counted(number: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(number), if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests;
