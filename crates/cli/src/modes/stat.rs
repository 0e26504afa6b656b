//! `--stat`: a line of figures every interval.

use std::time::Duration;

use resp::value::Value;

use crate::Failure;
use crate::args::Options;
use crate::modes::{connection, open};
use crate::run::print;

/// The headings come again after this many lines.
const LINES_PER_HEADING: u64 = 20;

const HEADING: &str = "------- data ------ --------------------- load -------------------- - child -
keys       mem      clients blocked requests            connections          \n";

/// Prints until it is stopped.
pub fn run(options: &Options) -> Result<(), Failure> {
    let interval = if options.interval.is_zero() { Duration::from_secs(1) } else { options.interval };
    let mut session = open(options)?;
    let mut requests_before = None;
    for line in 0_u64.. {
        let reply = connection(&mut session)?.ask(&["INFO"])?;
        let text = match &reply {
            Value::Error(text) => {
                return Err(Failure::Message(format!("ERROR: {}", String::from_utf8_lossy(text))));
            }
            other => String::from_utf8_lossy(other.as_bytes().unwrap_or_default()).into_owned(),
        };
        if line.is_multiple_of(LINES_PER_HEADING) {
            print(HEADING.as_bytes())?;
        }
        let requests = number(&text, "total_commands_processed");
        print(figures(&text, requests - requests_before.unwrap_or(requests)).as_bytes())?;
        requests_before = Some(requests);
        std::thread::sleep(interval);
    }
    Ok(())
}

fn figures(info: &str, new_requests: i64) -> String {
    let keys: i64 = info.lines().filter_map(key_count).sum();
    let memory = readable_bytes(number(info, "used_memory"));
    let clients = number(info, "connected_clients");
    let blocked = number(info, "blocked_clients");
    let requests = format!("{} (+{new_requests})", number(info, "total_commands_processed"));
    let connections = number(info, "total_connections_received");
    let child = match (number(info, "rdb_bgsave_in_progress"), number(info, "aof_rewrite_in_progress")) {
        (0, 0) => "",
        (_, 0) => "SAVE",
        (0, _) => "AOF",
        _ => "AOF+SAVE",
    };
    format!("{keys:<11}{memory:<9}{clients:<8}{blocked:<8}{requests:<20}{connections:<12}{child}\n")
}

/// The number of a field such as `used_memory:123`; 0 without it.
fn number(info: &str, field: &str) -> i64 {
    let value = info.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
    value.and_then(|value| value.trim().parse().ok()).unwrap_or(0)
}

/// The keys of a line such as `db0:keys=5,expires=0`.
fn key_count(line: &str) -> Option<i64> {
    let (database, facts) = line.strip_prefix("db")?.split_once(":keys=")?;
    database.parse::<u32>().ok()?;
    facts.split(',').next()?.trim().parse().ok()
}

fn readable_bytes(bytes: i64) -> String {
    let amount = bytes as f64;
    match bytes {
        ..0x400 => format!("{bytes}B"),
        0x400..0x10_0000 => format!("{:.2}K", amount / 1024.0),
        0x10_0000..0x4000_0000 => format!("{:.2}M", amount / 1_048_576.0),
        _ => format!("{:.2}G", amount / 1_073_741_824.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_figures() {
        let info = "# Clients\r\nconnected_clients:1\r\nblocked_clients:0\r\nused_memory:1342177\r\ntotal_connections_received:40\r\ntotal_commands_processed:1534\r\nrdb_bgsave_in_progress:1\r\naof_rewrite_in_progress:0\r\ndb0:keys=20,expires=0,avg_ttl=0\r\ndb3:keys=6,expires=0\r\n";
        assert_eq!(
            figures(info, 7),
            "26         1.28M    1       0       1534 (+7)           40          SAVE\n"
        );
    }

    #[test]
    fn bytes_have_units() {
        let shown = [512, 2048, 5 << 20, 3 << 30].map(readable_bytes);
        assert_eq!(shown, ["512B", "2.00K", "5.00M", "3.00G"]);
    }
}
