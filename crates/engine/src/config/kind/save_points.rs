//! When a snapshot is saved by itself.

use stdx::number;

use super::{Given, Kind, Line};
use crate::config::Refusal;
use crate::config::option::{Arguments, Source};

/// Save when at least so many changes were made and at least so many seconds have passed since the last save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SavePoint {
    /// Seconds since the last save, 1 or more.
    pub seconds: u64,
    /// Changes since the last save.
    pub changes: u64,
}

/// Pairs of seconds and changes. In a file, lines add up, the first one replaces the defaults, and `""` removes all.
pub enum SavePoints {}

impl SavePoints {
    const MAX: usize = 1000;
}

impl Kind for SavePoints {
    type Value = Vec<SavePoint>;

    const ARGUMENTS: Arguments = Arguments::Several;

    fn parse(given: &Given<'_, Vec<SavePoint>>) -> Result<Vec<SavePoint>, Refusal> {
        if given.words == [b""] {
            return Ok(Vec::new());
        }
        let mut points = if given.source == Source::LaterLine { given.present.clone() } else { Vec::new() };
        let (pairs, rest) = given.words.as_chunks::<2>();
        for &[seconds, changes] in pairs {
            points.push(SavePoint { seconds: count(seconds, 1)?, changes: count(changes, 0)? });
        }
        if rest.is_empty() && points.len() <= Self::MAX { Ok(points) } else { Err(invalid()) }
    }

    fn print(value: &Vec<SavePoint>) -> Vec<u8> {
        let pairs: Vec<String> = value.iter().map(written).collect();
        pairs.join(" ").into_bytes()
    }

    fn accepts() -> String {
        "pairs of seconds and changes, or \"\" for none".to_owned()
    }

    fn lines(name: &str, value: &Vec<SavePoint>, default: &Vec<SavePoint>) -> Vec<Line> {
        if value.is_empty() {
            return vec![Line::new(name, b"\"\"", value != default)];
        }
        value.iter().map(|point| Line::new(name, written(point).as_bytes(), value != default)).collect()
    }
}

fn written(point: &SavePoint) -> String {
    format!("{} {}", point.seconds, point.changes)
}

fn count(word: &[u8], min: u64) -> Result<u64, Refusal> {
    let count = number::parse_i64(word).and_then(|count| u64::try_from(count).ok());
    count.filter(|&count| count >= min).ok_or_else(invalid)
}

fn invalid() -> Refusal {
    Refusal::new("Invalid save parameters")
}
