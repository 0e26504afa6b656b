//! Limits of what may wait to be sent to a client, for each class of clients.

use stdx::bytes::parse_memory;
use stdx::number;

use super::memory::with_unit;
use super::{Given, Kind, Line};
use crate::config::Refusal;
use crate::config::option::Arguments;

/// When a client that does not read its replies is closed. A zero means no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferLimit {
    /// Closed at once above this many bytes.
    pub hard_bytes: u64,
    /// Closed when above this many bytes for `soft_seconds` without a break.
    pub soft_bytes: u64,
    /// Seconds that the soft limit may be exceeded.
    pub soft_seconds: u64,
}

impl BufferLimit {
    /// No limit at all.
    pub const NONE: Self = Self { hard_bytes: 0, soft_bytes: 0, soft_seconds: 0 };
}

/// The limit of each class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferLimits {
    /// Ordinary clients.
    pub normal: BufferLimit,
    /// Links to replicas.
    pub replica: BufferLimit,
    /// Clients that subscribed to channels.
    pub pubsub: BufferLimit,
}

impl BufferLimits {
    /// Ordinary clients ask for what they get, so only the others are limited.
    pub const DEFAULT: Self = Self {
        normal: BufferLimit::NONE,
        replica: BufferLimit { hard_bytes: 256 << 20, soft_bytes: 64 << 20, soft_seconds: 60 },
        pubsub: BufferLimit { hard_bytes: 32 << 20, soft_bytes: 8 << 20, soft_seconds: 60 },
    };

    fn of(&mut self, class: &[u8]) -> Option<&mut BufferLimit> {
        match class.to_ascii_lowercase().as_slice() {
            b"normal" => Some(&mut self.normal),
            b"slave" | b"replica" => Some(&mut self.replica),
            b"pubsub" => Some(&mut self.pubsub),
            _ => None,
        }
    }
}

/// A class, hard bytes, soft bytes and seconds; several times. Classes not named keep what they have.
impl Kind for BufferLimits {
    type Value = Self;

    const ARGUMENTS: Arguments = Arguments::Several;

    fn parse(given: &Given<'_, Self>) -> Result<Self, Refusal> {
        let mut limits = *given.present;
        if given.words == [b""] {
            return Ok(limits);
        }
        let (classes, rest) = given.words.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(Refusal::new("Wrong number of arguments in buffer limit configuration."));
        }
        for &[class, hard, soft, seconds] in classes {
            let limit = limits
                .of(class)
                .ok_or(Refusal::new("Invalid client class specified in buffer limit configuration."))?;
            *limit = parse_limit(hard, soft, seconds).ok_or(Refusal::new(
                "Error in hard, soft or soft_seconds setting in buffer limit configuration.",
            ))?;
        }
        Ok(limits)
    }

    fn print(value: &Self) -> Vec<u8> {
        let classes = [("normal", value.normal), ("slave", value.replica), ("pubsub", value.pubsub)];
        let words = classes.map(|(class, limit)| {
            format!("{class} {} {} {}", limit.hard_bytes, limit.soft_bytes, limit.soft_seconds)
        });
        words.join(" ").into_bytes()
    }

    fn accepts() -> String {
        "normal, replica or pubsub, then hard bytes, soft bytes and seconds".to_owned()
    }

    fn lines(name: &str, value: &Self, default: &Self) -> Vec<Line> {
        let classes = [
            ("normal", value.normal, default.normal),
            ("replica", value.replica, default.replica),
            ("pubsub", value.pubsub, default.pubsub),
        ];
        let line = |(class, limit, default): (&str, BufferLimit, BufferLimit)| {
            let (hard, soft) = (with_unit(limit.hard_bytes), with_unit(limit.soft_bytes));
            let written = format!("{class} {hard} {soft} {}", limit.soft_seconds);
            Line::new(name, written.as_bytes(), limit != default)
        };
        classes.map(line).into()
    }
}

fn parse_limit(hard: &[u8], soft: &[u8], seconds: &[u8]) -> Option<BufferLimit> {
    Some(BufferLimit {
        hard_bytes: parse_memory(hard)?,
        soft_bytes: parse_memory(soft)?,
        soft_seconds: number::parse_i64(seconds)?.try_into().ok()?,
    })
}
