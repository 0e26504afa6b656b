//! What a server says of its replication, read from INFO.

use std::collections::HashMap;

/// A server as it describes itself.
#[derive(Debug, Default)]
pub struct View {
    /// The process: another one after each start.
    pub run_id: String,
    /// Keys of all databases.
    pub keys: u64,
    /// The history that its writes belong to.
    pub history: String,
    /// The end of its stream, in bytes.
    pub offset: u64,
    /// The link to its primary; none on a primary.
    pub link: Option<Link>,
    /// Those that follow it.
    pub replicas: Vec<Replica>,
    /// The replicas in step, where writes need some (`min-replicas-to-write`).
    pub good_replicas: Option<u64>,
    /// Whether it writes a log to disk.
    pub has_log: bool,
    /// What is wrong with its disk.
    pub disk_problems: Vec<String>,
    /// Its last events, in sentences.
    pub events: Vec<String>,
}

/// The link of a replica to its primary.
#[derive(Debug)]
pub struct Link {
    /// The primary's host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether the stream flows.
    pub is_up: bool,
    /// Why the primary is not followed.
    pub refusal: Option<String>,
    /// A full copy is on its way.
    pub copy: Option<Copying>,
    /// Seconds since the link went down.
    pub down_since_s: u64,
}

/// How far a full copy is.
#[derive(Debug)]
pub struct Copying {
    /// Bytes taken.
    pub read_bytes: u64,
    /// Bytes in all; 0 when not known.
    pub total_bytes: u64,
    /// Seconds until it is whole, when that can be told.
    pub left_s: Option<u64>,
}

/// A replica as its primary sees it.
#[derive(Debug)]
pub struct Replica {
    /// Its address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// `online`, or how far it is on the way there.
    pub state: String,
    /// What it has acknowledged.
    pub offset: u64,
    /// Age of its data, in milliseconds, as exactly as the primary tells.
    pub lag_ms: u64,
}

impl View {
    /// Reads INFO's sections.
    pub fn parse(info: &str, events: Vec<String>) -> View {
        let fields: HashMap<&str, &str> =
            info.lines().filter_map(|line| line.trim_end().split_once(':')).collect();
        let text = |name: &str| fields.get(name).copied().unwrap_or_default();
        let number = |name: &str| text(name).parse().unwrap_or(0);
        let keys = |(name, facts): (&&str, &&str)| {
            name.strip_prefix("db")?.parse::<u32>().ok()?;
            facts.split(',').find_map(|fact| fact.strip_prefix("keys=")?.parse::<u64>().ok())
        };
        View {
            run_id: text("run_id").to_owned(),
            keys: fields.iter().filter_map(keys).sum(),
            history: text("master_replid").to_owned(),
            offset: number("master_repl_offset"),
            link: (text("role") == "slave").then(|| Link::parse(&fields)),
            replicas: (0..)
                .map_while(|index| fields.get(format!("slave{index}").as_str()))
                .map(|line| Replica::parse(line))
                .collect(),
            good_replicas: fields.get("min_slaves_good_slaves").and_then(|good| good.parse().ok()),
            has_log: text("aof_enabled") == "1",
            disk_problems: disk_problems(&fields),
            events,
        }
    }
}

fn disk_problems(fields: &HashMap<&str, &str>) -> Vec<String> {
    [
        ("aof_last_write_status", "its log cannot be written to disk"),
        ("aof_last_bgrewrite_status", "its log could not be rewritten"),
        ("rdb_last_bgsave_status", "its last save failed"),
    ]
    .iter()
    .filter(|(field, _)| fields.get(field).is_some_and(|status| *status == "err"))
    .map(|(_, words)| (*words).to_owned())
    .collect()
}

impl Link {
    fn parse(fields: &HashMap<&str, &str>) -> Link {
        let text = |name: &str| fields.get(name).copied().unwrap_or_default();
        let number = |name: &str| text(name).parse().unwrap_or(0);
        let copy = (text("master_sync_in_progress") == "1").then(|| Copying {
            read_bytes: number("master_sync_read_bytes"),
            total_bytes: number("master_sync_total_bytes"),
            left_s: text("master_sync_left_seconds").parse().ok(),
        });
        Link {
            host: text("master_host").to_owned(),
            port: text("master_port").parse().unwrap_or(0),
            is_up: text("master_link_status") == "up",
            refusal: fields
                .get("replica_follow_refusal")
                .filter(|words| !words.is_empty())
                .map(|words| (*words).to_owned()),
            copy,
            down_since_s: number("master_link_down_since_seconds"),
        }
    }
}

impl Replica {
    fn parse(line: &str) -> Replica {
        let facts: HashMap<&str, &str> = line.split(',').filter_map(|fact| fact.split_once('=')).collect();
        let text = |name: &str| facts.get(name).copied().unwrap_or_default();
        let seconds: u64 = text("lag").parse().unwrap_or(0);
        Replica {
            host: text("ip").to_owned(),
            port: text("port").parse().unwrap_or(0),
            state: text("state").to_owned(),
            offset: text("offset").parse().unwrap_or(0),
            lag_ms: text("lag_ms").parse().unwrap_or(seconds * 1000),
        }
    }
}
