//! An event as a JSON object.

use super::Event;
use std::fmt::Write;

impl Event {
    /// The event as a JSON object on one line: its facts by name, and the sentence.
    pub fn json(&self) -> String {
        let mut text = format!(
            "{{\"number\":{},\"at_ms\":{},\"side\":\"{}\",\"peer\":{},\"what\":\"{}\",\"cause\":\"{}\",\"evidence\":{}",
            self.number,
            self.at_ms,
            self.side.word(),
            quoted(&self.peer),
            self.what.word(),
            self.cause.name(),
            quoted(&self.evidence),
        );
        // Writing to a string cannot fail.
        if let Some(cost) = self.cost {
            let _ = write!(text, ",\"bytes\":{},\"duration_ms\":{}", cost.bytes, cost.duration_ms);
        }
        if let Some(remedy) = self.cause.remedy() {
            let _ = write!(text, ",\"remedy\":{}", quoted(remedy));
        }
        let words = quoted(&self.to_string());
        let _ = write!(
            text,
            ",\"repeated\":{},\"last_at_ms\":{},\"words\":{words}}}",
            self.repeated, self.last_at_ms
        );
        text
    }
}

/// A text as a JSON string.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            control if control < ' ' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::super::{Cause, Cost, ReplicationEvents, Side, What};

    #[test]
    fn facts_and_words() {
        let mut events = ReplicationEvents::default();
        let id =
            events.record(7, (Side::Replica, "a:1"), What::FullResync, Cause::FirstCopy, "x\"\\\n\u{1}ä");
        events.complete(id, Cost { bytes: 3, duration_ms: 4 });
        let json = events.iter().next().unwrap().json();
        assert_eq!(
            json,
            "{\"number\":1,\"at_ms\":7,\"side\":\"replica\",\"peer\":\"a:1\",\"what\":\"full-resync\",\"cause\":\"first-copy\",\
             \"evidence\":\"x\\\"\\\\\\u000a\\u0001ä\",\"bytes\":3,\"duration_ms\":4,\"repeated\":1,\"last_at_ms\":7,\"words\":\
             \"replica a:1 needed a full copy: there was nothing to go on from (x\\\"\\\\\\u000a\\u0001ä); 3 bytes in 4 ms\"}"
        );
    }
}
