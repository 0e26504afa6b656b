//! The sentences about a primary and those that follow it.

use std::fmt::Write;

use super::Node;
use super::view::{Copying, Link, Replica, View};

/// A replica whose data are older is not in step.
const LAG_MAX_MS: u64 = 10_000;

/// What is printed, and how many things are wrong.
pub struct Report {
    /// Lines.
    pub text: String,
    /// Things that are wrong.
    pub problems: usize,
}

/// Describes a node and everything below it.
pub fn of(root: &Node) -> Report {
    let mut writer = Writer { text: String::new(), problems: Vec::new() };
    writer.node(root, None, 0);
    writer.events(root);
    let problems = writer.problems.len();
    let mut text = writer.text;
    match problems {
        0 => text.push_str("All is well.\n"),
        1 => text.push_str("One thing is wrong:\n"),
        _ => {
            let _ = writeln!(text, "{problems} things are wrong:");
        }
    }
    for problem in &writer.problems {
        let _ = writeln!(text, "- {problem}");
    }
    Report { text, problems }
}

struct Writer {
    text: String,
    problems: Vec<String>,
}

impl Writer {
    /// Describes a node, `above` being the one that it follows and what that knows of it.
    fn node(&mut self, node: &Node, above: Option<(&View, &Replica)>, depth: usize) {
        let indent = "  ".repeat(depth);
        let sentence = match &node.view {
            Ok(view) => self.described(node, view, above),
            Err(reason) => {
                self.problems.push(format!("{} cannot be asked: {reason}", node.address));
                let seen = above.map(|(_, replica)| format!(", its primary sees it as {}", replica.state));
                format!("cannot be asked{}", seen.unwrap_or_default())
            }
        };
        let _ = writeln!(self.text, "{indent}{} {sentence}.", node.address);
        let Ok(view) = &node.view else { return };
        for problem in &view.disk_problems {
            self.problems.push(format!("{}: {problem}", node.address));
        }
        for (replica, below) in view.replicas.iter().zip(&node.replicas) {
            self.node(below, Some((view, replica)), depth + 1);
        }
    }

    fn described(&mut self, node: &Node, view: &View, above: Option<(&View, &Replica)>) -> String {
        let mut sentence = match &view.link {
            None => "is a primary".to_owned(),
            Some(link) => self.following(node, view, link, above),
        };
        let log = if view.has_log { "its log on disk" } else { "no log on disk" };
        let _ = write!(sentence, "; {}, {log}", counted(view.keys, "key"));
        if view.link.is_none() || !view.replicas.is_empty() {
            let _ = write!(sentence, ", {}", followers(view.replicas.len()));
        }
        if view.good_replicas == Some(0) {
            self.problems.push(format!("{} takes no writes: no replica is in step", node.address));
        }
        sentence
    }

    fn following(
        &mut self,
        node: &Node,
        view: &View,
        link: &Link,
        above: Option<(&View, &Replica)>,
    ) -> String {
        let primary = format!("{}:{}", link.host, link.port);
        if let Some(refusal) = &link.refusal {
            self.problems.push(format!("{}: {refusal}", node.address));
            return format!("does not follow {primary}");
        }
        if let Some(copy) = &link.copy {
            self.problems.push(format!("{} is not in step yet: it takes a full copy", node.address));
            return format!("takes a full copy from {primary}, {}", progress(copy));
        }
        if !link.is_up {
            self.problems.push(format!(
                "{} has had no link to {primary} for {}",
                node.address,
                counted(link.down_since_s, "second")
            ));
            return format!("follows {primary}, without a link");
        }
        let Some((primary_view, replica)) = above else { return format!("follows {primary}") };
        if view.history != primary_view.history {
            self.problems.push(format!("{} is in another history than {primary}", node.address));
        }
        let behind_bytes = primary_view.offset.saturating_sub(replica.offset);
        if replica.lag_ms > LAG_MAX_MS {
            let text = format!("{}'s data are {} old", node.address, duration(replica.lag_ms));
            self.problems.push(text);
        }
        let lag = duration(replica.lag_ms);
        format!("follows {primary}, {lag} and {} behind", counted(behind_bytes, "byte"))
    }

    fn events(&mut self, node: &Node) {
        if let Ok(view) = &node.view
            && !view.events.is_empty()
        {
            let _ = writeln!(self.text, "Lately at {}:", node.address);
            for event in &view.events {
                let _ = writeln!(self.text, "  {event}");
            }
        }
        for replica in &node.replicas {
            self.events(replica);
        }
    }
}

fn followers(count: usize) -> String {
    match count {
        0 => "nobody follows it".to_owned(),
        1 => "one replica".to_owned(),
        _ => format!("{count} replicas"),
    }
}

fn progress(copy: &Copying) -> String {
    let mut text = match copy.total_bytes {
        0 => format!("{} so far", bytes(copy.read_bytes)),
        total => {
            let percent = copy.read_bytes.saturating_mul(100) / total;
            format!("{percent} % of {}", bytes(total))
        }
    };
    if let Some(left_s) = copy.left_s {
        let _ = write!(text, ", {} left", counted(left_s, "second"));
    }
    text
}

/// A count with its unit, in groups of three digits.
fn counted(count: u64, unit: &str) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    if count == 1 { format!("{text} {unit}") } else { format!("{text} {unit}s") }
}

fn duration(ms: u64) -> String {
    match ms {
        0..10_000 => format!("{ms} ms"),
        _ => format!("{} s", ms / 1000),
    }
}

fn bytes(count: u64) -> String {
    let amount = count as f64;
    match count {
        0..10_000 => counted(count, "byte"),
        10_000..10_000_000 => format!("{:.1} KB", amount / 1e3),
        10_000_000..10_000_000_000 => format!("{:.1} MB", amount / 1e6),
        _ => format!("{:.1} GB", amount / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIMARY: &str = "run_id:a\r\nrole:master\r\nconnected_slaves:1\r\nmaster_replid:h1\r\nmaster_repl_offset:1500\r\naof_enabled:1\r\ndb0:keys=1000,expires=0\r\ndb3:keys=5,expires=1\r\nslave0:ip=10.0.0.2,port=6379,state=online,offset=1000,lag=0,lag_ms=3\r\n";
    const REPLICA: &str = "run_id:b\r\nrole:slave\r\nmaster_host:10.0.0.1\r\nmaster_port:6379\r\nmaster_link_status:up\r\nmaster_replid:h1\r\nslave_repl_offset:1000\r\ndb0:keys=1,expires=0\r\n";

    fn node(address: &str, info: Result<&str, &str>, replicas: Vec<Node>) -> Node {
        let view = info.map(|info| View::parse(info, Vec::new())).map_err(str::to_owned);
        Node { address: address.to_owned(), view, replicas }
    }

    fn pair(replica: Result<&str, &str>) -> Report {
        of(&node("10.0.0.1:6379", Ok(PRIMARY), vec![node("10.0.0.2:6379", replica, Vec::new())]))
    }

    #[test]
    fn a_pair_in_step() {
        let report = pair(Ok(REPLICA));
        let text = "10.0.0.1:6379 is a primary; 1 005 keys, its log on disk, one replica.\n  10.0.0.2:6379 follows \
                    10.0.0.1:6379, 3 ms and 500 bytes behind; 1 key, no log on disk.\nAll is well.\n";
        assert_eq!((report.text.as_str(), report.problems), (text, 0));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let changed = |from: &str, to: &str| pair(Ok(&REPLICA.replace(from, to)));
        let copying = "down\r\nmaster_sync_in_progress:1\r\nmaster_sync_read_bytes:43\r\nmaster_sync_total_bytes:\
                       100\r\nmaster_sync_left_seconds:9";
        for (report, line) in [
            (
                changed("status:up", "status:down\r\nmaster_link_down_since_seconds:7"),
                "no link to 10.0.0.1:6379 for 7 seconds",
            ),
            (changed("replid:h1", "replid:h2"), "another history"),
            (changed("status:up", &format!("status:{copying}")), "43 % of 100 bytes, 9 seconds left"),
            (
                changed("status:up", "status:down\r\nreplica_follow_refusal:refused: it is empty"),
                "refused: it is empty",
            ),
            (changed("db0", "aof_last_write_status:err\r\ndb0"), "its log cannot be written"),
            (pair(Err("no connection")), "10.0.0.2:6379 cannot be asked: no connection"),
        ] {
            assert_eq!(report.problems, 1, "{}", report.text);
            assert!(
                report.text.contains(line) && report.text.contains("One thing is wrong:\n- "),
                "{}",
                report.text
            );
        }
    }
}
