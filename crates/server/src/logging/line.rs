//! One line of the log: `PID:ROLE DD Mon YYYY HH:MM:SS.mmm LEVEL message`.

use super::local_time::{self, Moment};
use std::fmt::{self, Write};
use stdx::logging::Level;

/// A message is cut off here: some of it may come from clients.
const MOST_MESSAGE_BYTES: usize = 8 * 1024;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The whole line with its end, at a time in milliseconds since 1970.
pub fn format(pid: u32, role: char, now_ms: i64, level: Level, message: fmt::Arguments<'_>) -> Vec<u8> {
    let mut line = String::with_capacity(128);
    let Moment { year, month, day, hour, minute, second } = local_time::at(now_ms.div_euclid(1000));
    let month = MONTHS.get(month).copied().unwrap_or("???");
    let millisecond = now_ms.rem_euclid(1000);
    // Writing to a string cannot fail; a message that fails to show itself is cut off there.
    let _ = write!(
        line,
        "{pid}:{role} {day:02} {month} {year} {hour:02}:{minute:02}:{second:02}.{millisecond:03} {} ",
        level_mark(level)
    );
    let _ = Escaped::new(&mut line).write_fmt(message);
    line.push('\n');
    line.into_bytes()
}

/// The sign of a level.
fn level_mark(level: Level) -> char {
    match level {
        Level::Debug => '.',
        Level::Verbose => '-',
        Level::Notice => '*',
        Level::Warning => '#',
    }
}

/// Text on its way into a line: control characters become visible, so that no client can forge a line or steer a
/// terminal, and what is too long is cut.
struct Escaped<'a> {
    line: &'a mut String,
    end: usize,
}

impl<'a> Escaped<'a> {
    fn new(line: &'a mut String) -> Escaped<'a> {
        let end = line.len() + MOST_MESSAGE_BYTES;
        Escaped { line, end }
    }
}

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if self.line.len() >= self.end {
                return Err(fmt::Error);
            }
            match character {
                '\n' => self.line.push_str("\\n"),
                '\r' => self.line.push_str("\\r"),
                '\t' => self.line.push_str("\\t"),
                _ if character.is_control() => write!(self.line, "\\x{:02x}", u32::from(character))?,
                _ => self.line.push(character),
            }
        }
        Ok(())
    }
}

/// A message alone, escaped as in a line.
pub fn escape(message: fmt::Arguments<'_>) -> String {
    let mut text = String::new();
    // As above.
    let _ = Escaped::new(&mut text).write_fmt(message);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(level: Level, message: &str) -> String {
        String::from_utf8(format(42, 'M', 1_700_000_000_007, level, format_args!("{message}"))).expect("text")
    }

    #[test]
    fn a_line_has_every_part() {
        let line = text(Level::Notice, "Ready to accept connections tcp");
        let moment = local_time::at(1_700_000_000);
        let time = format!(
            "{:02} Nov 2023 {:02}:{:02}:{:02}.007",
            moment.day, moment.hour, moment.minute, moment.second
        );
        assert_eq!(line, format!("42:M {time} * Ready to accept connections tcp\n"));
    }

    #[test]
    fn every_level_has_its_sign() {
        let sign = |level| text(level, "x").chars().rev().nth(3).expect("there");
        let signs: String =
            [Level::Debug, Level::Verbose, Level::Notice, Level::Warning].map(sign).iter().collect();
        assert_eq!(signs, ".-*#");
    }

    #[test]
    fn no_message_forges_a_line() {
        let line = text(Level::Warning, "a\r\n1:M forged\x1b[2J\u{9b}2J\0\té");
        assert!(line.ends_with(" # a\\r\\n1:M forged\\x1b[2J\\x9b2J\\x00\\té\n"), "{line}");
        assert_eq!(line.matches('\n').count(), 1);
    }

    #[test]
    fn a_message_has_a_limit() {
        let line = text(Level::Warning, &"\0".repeat(1 << 20));
        assert!(line.len() < MOST_MESSAGE_BYTES + 100);
        assert!(line.ends_with("\\x00\n"));
    }
}
