//! The latency monitor: when something took long, by the kind of event, for the last seconds in which it did.

use std::collections::{BTreeMap, VecDeque};

/// How many seconds with spikes are remembered of each event.
const MOST_SAMPLES: usize = 160;

/// The longest spike of a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spike {
    /// The second, since 1970.
    pub time_s: i64,
    /// How long it took, in milliseconds.
    pub ms: u64,
}

/// The spikes of one event.
#[derive(Clone, Debug, Default)]
pub struct Series {
    spikes: VecDeque<Spike>,
    longest_ms: u64,
}

impl Series {
    /// The longest spikes of the last seconds that had any, the oldest first. There is at least one.
    pub fn spikes(&self) -> impl ExactSizeIterator<Item = &Spike> {
        self.spikes.iter()
    }

    /// The longest of all, in milliseconds.
    pub fn longest_ms(&self) -> u64 {
        self.longest_ms
    }

    fn add(&mut self, spike: Spike) {
        self.longest_ms = self.longest_ms.max(spike.ms);
        match self.spikes.back_mut() {
            Some(last) if last.time_s == spike.time_s => last.ms = last.ms.max(spike.ms),
            _ => self.spikes.push_back(spike),
        }
        if self.spikes.len() > MOST_SAMPLES {
            self.spikes.pop_front();
        }
    }
}

/// The spikes of all events.
#[derive(Clone, Debug, Default)]
pub struct LatencyEvents(BTreeMap<&'static str, Series>);

impl LatencyEvents {
    /// Remembers that something took so long.
    pub fn add(&mut self, event: &'static str, spike: Spike) {
        self.0.entry(event).or_default().add(spike);
    }

    /// The events with their spikes, by name.
    pub fn all(&self) -> impl ExactSizeIterator<Item = (&'static str, &Series)> {
        self.0.iter().map(|(&event, series)| (event, series))
    }

    /// The spikes of an event.
    pub fn find(&self, event: &[u8]) -> Option<(&'static str, &Series)> {
        self.all().find(|(name, _)| name.as_bytes() == event)
    }

    /// Forgets all events; says how many there were.
    pub fn clear(&mut self) -> usize {
        std::mem::take(&mut self.0).len()
    }

    /// Forgets an event; false when there was none.
    pub fn remove(&mut self, event: &[u8]) -> bool {
        let Some((name, _)) = self.find(event) else { return false };
        self.0.remove(name).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_of_each_second_is_kept() {
        let mut events = LatencyEvents::default();
        for (time_s, ms) in [(1, 5), (1, 9), (1, 7), (2, 3)] {
            events.add("command", Spike { time_s, ms });
        }
        let (name, series) = events.find(b"command").expect("there are spikes");
        let spikes: Vec<(i64, u64)> = series.spikes().map(|spike| (spike.time_s, spike.ms)).collect();
        assert_eq!((name, spikes, series.longest_ms()), ("command", vec![(1, 9), (2, 3)], 9));
        assert!(events.remove(b"command") && !events.remove(b"command") && events.clear() == 0);
    }

    #[test]
    fn old_seconds_go_but_the_longest_is_known() {
        let mut events = LatencyEvents::default();
        for time_s in 0..200 {
            events.add("command", Spike { time_s, ms: 1000 - time_s.unsigned_abs() });
        }
        let (_, series) = events.find(b"command").expect("there are spikes");
        assert_eq!((series.spikes().len(), series.longest_ms()), (160, 1000));
        assert_eq!(series.spikes().next().map(|spike| spike.time_s), Some(40));
    }
}
