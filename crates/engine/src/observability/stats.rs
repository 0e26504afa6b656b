//! Counters since the start or the last CONFIG RESETSTAT.

use super::latency::Histogram;
use std::collections::BTreeMap;

/// The counters of one command.
#[derive(Clone, Copy, Debug, Default)]
pub struct CommandStats {
    /// Times it ran.
    pub calls: u64,
    /// Ticks of the clock that it took (see `stdx::clock`).
    pub ticks: u64,
    /// Times it was refused before it ran.
    pub rejected: u64,
    /// Times it ran and replied an error.
    pub failed: u64,
}

/// Samples of a growing counter, for a rate.
#[derive(Clone, Debug, Default)]
pub struct Rate {
    samples: [u64; 16],
    next: usize,
    last_count: u64,
    last_ms: u64,
}

impl Rate {
    /// Takes the counter's value at a monotonic time in milliseconds.
    pub fn sample(&mut self, count: u64, now_ms: u64) {
        let passed_ms = now_ms.saturating_sub(self.last_ms).max(1);
        let grown = count.saturating_sub(self.last_count);
        self.samples[self.next] = grown * 1000 / passed_ms;
        self.next = (self.next + 1) % self.samples.len();
        self.last_count = count;
        self.last_ms = now_ms;
    }

    /// The mean of the last samples, per second.
    pub fn per_second(&self) -> u64 {
        self.samples.iter().sum::<u64>() / self.samples.len() as u64
    }
}

/// What one worker did with sockets.
#[derive(Clone, Copy, Debug, Default)]
pub struct WorkerStats {
    /// Reads.
    pub reads: u64,
    /// Writes.
    pub writes: u64,
}

/// How many different errors are counted one by one. One more, and they are counted no longer: it is clients that make them
/// up, and each takes memory.
const MOST_ERRORS: usize = 128;
/// The only code left then.
const TOO_MANY_ERRORS: &str = "ERRORSTATS_DISABLED";
/// Bytes in which a code must end to be one; the dash before it counts.
const LONGEST_CODE: usize = 32;

/// All counters.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// Connections accepted.
    pub connections: u64,
    /// Connections refused because of `maxclients`.
    pub rejected_connections: u64,
    /// Connections refused for lack of a right (protected mode).
    pub denied_connections: u64,
    /// Commands run.
    pub commands: u64,
    /// Bytes received.
    pub input_bytes: u64,
    /// Bytes sent.
    pub output_bytes: u64,
    /// Bytes received from the primary.
    pub replication_input_bytes: u64,
    /// Bytes sent to replicas.
    pub replication_output_bytes: u64,
    /// Reads from sockets.
    pub reads: u64,
    /// Writes to sockets.
    pub writes: u64,
    /// Full copies sent.
    pub sync_full: u64,
    /// Partial resyncs granted.
    pub sync_partial_ok: u64,
    /// Partial resyncs refused.
    pub sync_partial_err: u64,
    /// Clients closed because their query buffer was over the limit.
    pub query_buffer_limit: u64,
    /// Clients closed because their output buffer was over the limit.
    pub output_buffer_limit: u64,
    /// Clients closed because the buffers of all together took too much.
    pub evicted_clients: u64,
    /// Times that a client's output buffer was given less room.
    pub reply_buffer_shrinks: u64,
    /// Times that it was given more.
    pub reply_buffer_expands: u64,
    /// Error replies.
    pub errors: u64,
    /// Error replies by code.
    pub error_codes: BTreeMap<String, u64>,
    /// Reads and writes of each worker.
    pub by_worker: Vec<WorkerStats>,
    /// Turns of all workers.
    pub turns: u64,
    /// Time spent in turns, waiting for sockets excluded, in ticks.
    pub turn_ticks: u64,
    /// Cron's share of it.
    pub cron_us: u64,
    /// Time spent looking for expired keys, in microseconds.
    pub expire_us: u64,
    /// Commands a second.
    pub command_rate: Rate,
    /// Turns a second.
    pub turn_rate: Rate,
    /// Microseconds of turns a second.
    pub turn_us_rate: Rate,
    /// Bytes received a second.
    pub input_rate: Rate,
    /// Bytes sent a second.
    pub output_rate: Rate,
    /// Bytes received from the primary a second.
    pub replication_input_rate: Rate,
    /// Bytes sent to replicas a second.
    pub replication_output_rate: Rate,
    /// Per command, by its position in the table.
    pub by_command: Vec<CommandStats>,
    /// How long they took, likewise; `None` for those that were not measured.
    pub latencies: Vec<Option<Histogram>>,
}

impl Stats {
    /// Counters for a table of so many commands.
    pub fn new(commands: usize) -> Stats {
        let by_command = vec![CommandStats::default(); commands];
        Stats { by_command, latencies: vec![None; commands], ..Stats::default() }
    }

    /// Forgets everything (CONFIG RESETSTAT).
    pub fn reset(&mut self) {
        *self = Stats::new(self.by_command.len());
    }

    /// The counters of a worker.
    pub fn worker(&mut self, number: u16) -> &mut WorkerStats {
        let place = usize::from(number);
        if place >= self.by_worker.len() {
            self.by_worker.resize(place + 1, WorkerStats::default());
        }
        &mut self.by_worker[place]
    }

    /// Counts an error reply by its code, the first word.
    pub fn count_error(&mut self, text: impl AsRef<[u8]>) {
        self.errors += 1;
        let code = String::from_utf8_lossy(code_of(text.as_ref()));
        if let Some(count) = self.error_codes.get_mut(code.as_ref()) {
            *count += 1;
        } else if self.error_codes.len() < MOST_ERRORS && !self.error_codes.contains_key(TOO_MANY_ERRORS) {
            self.error_codes.insert(code.to_string(), 1);
        } else if self.error_codes.len() >= MOST_ERRORS {
            self.error_codes.clear();
            self.error_codes.insert(TOO_MANY_ERRORS.to_owned(), 1);
        }
    }
}

/// The first word of an error, if one ends soon.
fn code_of(text: &[u8]) -> &[u8] {
    let end = text.iter().take(LONGEST_CODE - 1).position(|&byte| byte == b' ');
    end.map_or(b"ERR".as_slice(), |end| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_counted_by_code() {
        let mut stats = Stats::new(0);
        for text in ["ERR no", "WRONGTYPE x", "ERR", "nospace", &format!("{} x", "C".repeat(31)), "ERR other"]
        {
            stats.count_error(text);
        }
        let counts: Vec<(&str, u64)> =
            stats.error_codes.iter().map(|(code, &count)| (code.as_str(), count)).collect();
        assert_eq!((counts, stats.errors), (vec![("ERR", 5), ("WRONGTYPE", 1)], 6));
    }

    #[test]
    fn too_many_codes_are_not_counted() {
        let mut stats = Stats::new(0);
        for number in 0..140 {
            stats.count_error(format!("E{number} x"));
        }
        assert_eq!(
            stats.error_codes.into_iter().collect::<Vec<_>>(),
            [("ERRORSTATS_DISABLED".to_owned(), 1)]
        );
    }

    #[test]
    fn workers_have_counters_of_their_own() {
        let mut stats = Stats::new(0);
        stats.worker(1).reads += 1;
        assert_eq!(stats.by_worker.iter().map(|worker| worker.reads).collect::<Vec<_>>(), [0, 1]);
    }
}
