//! What the survey means, in words: what is there, what does not come over, what forbids to begin.

use super::amounts::{bytes, counted, duration};
use super::facts::{Facts, Hold, Vendor};
use super::survey::Survey;
use crate::args::Migration;

/// How fast copies are, in bytes a second: what to expect of a slow and of a fast network.
const SLOW_AND_FAST: [u64; 2] = [30_000_000, 300_000_000];
/// The types that every server knows.
const KINDS: &[&str] = &["string", "list", "set", "zset", "hash", "stream"];

/// What the survey says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// What is there.
    pub lines: Vec<String>,
    /// What does not come over, or has to be looked at.
    pub notes: Vec<String>,
    /// Why the migration must not begin.
    pub stops: Vec<String>,
}

/// Judges a survey.
pub fn judge(survey: &Survey, migration: Migration) -> Report {
    let mut report = Report { lines: lines(survey), ..Report::default() };
    judge_roles(survey, migration, &mut report);
    judge_data(survey, &mut report);
    judge_rest(survey, migration, &mut report);
    report
}

impl Report {
    /// The whole text.
    pub fn text(&self) -> String {
        let mut text: Vec<String> = self.lines.clone();
        text.extend(self.notes.iter().map(|note| format!("Note:   {note}")));
        text.extend(self.stops.iter().map(|stop| format!("STOP:   {stop}")));
        text.join("\n")
    }
}

fn lines(survey: &Survey) -> Vec<String> {
    let [source, target] = &survey.addresses;
    let mut lines = vec![
        format!("Source: {source}, {}", describe(&survey.source)),
        format!("        {}", databases(&survey.source)),
        format!("Target: {target}, {}", describe(&survey.target)),
    ];
    let sampled: u64 = survey.kinds.values().sum();
    if sampled > 0 {
        let kinds: Vec<String> = survey.kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        lines.insert(2, format!("        of {} looked at: {}", counted(sampled, "key"), kinds.join(", ")));
    }
    let size = expected_bytes(&survey.source);
    let [slow, fast] = SLOW_AND_FAST.map(|rate| duration(size * 1000 / rate));
    lines.push(format!("Copy:   up to {}, in {fast} to {slow} by the network's speed", bytes(size)));
    lines
}

/// About how many bytes a copy has; compact values make it smaller than memory.
pub fn expected_bytes(facts: &Facts) -> u64 {
    match facts.count("used_memory_dataset") {
        0 => facts.count("used_memory"),
        dataset => dataset,
    }
}

fn describe(facts: &Facts) -> String {
    let role = facts.followed().map_or("primary".to_owned(), |primary| format!("replica of {primary}"));
    let days = facts.count("uptime_in_days");
    let keys = facts.keys();
    let filling = if keys == 0 { "empty".to_owned() } else { counted(keys, "key") };
    let memory = bytes(facts.count("used_memory"));
    let log =
        if facts.text("aof_enabled") == "1" { "with an append-only file" } else { "no append-only file" };
    format!("{}, {role}, up {}, {filling}, {memory} of memory, {log}", facts.product(), counted(days, "day"))
}

fn databases(facts: &Facts) -> String {
    let each = facts.databases();
    let texts = each.iter().map(|database| {
        let expiring = if database.expires == 0 {
            String::new()
        } else {
            format!(" ({} of them expire)", database.expires)
        };
        format!("db{}: {}{expiring}", database.number, counted(database.keys, "key"))
    });
    let texts: Vec<String> = texts.collect();
    if texts.is_empty() { "no keys".to_owned() } else { texts.join(", ") }
}

/// Whether the target follows the source already: an earlier run, or the way back of one.
pub fn is_linked(survey: &Survey) -> bool {
    let [source, _] = &survey.addresses;
    let port = source.rsplit_once(':').map_or("", |(_, port)| port);
    survey.target.followed().is_some_and(|followed| {
        followed == *source
            || followed.rsplit_once(':').is_some_and(|(_, followed)| followed == port)
                && survey.target.text("master_link_status") == "up"
                && survey.target.text("master_replid") == survey.source.text("master_replid")
    })
}

fn judge_roles(survey: &Survey, migration: Migration, report: &mut Report) {
    let Survey { source, target, .. } = survey;
    let stops = &mut report.stops;
    if source.text("run_id") == target.text("run_id") && !source.text("run_id").is_empty() {
        stops.push("source and target are the same server".into());
        return;
    }
    if let Some(primary) = source.followed() {
        stops.push(format!(
            "the source is a replica; give its primary, {primary}: only there writes can be held back"
        ));
    }
    if source.product().vendor == Vendor::Dragonfly {
        stops.push("Dragonfly's replication is not that of Redis: it cannot be followed".into());
    }
    for (facts, whose) in [(source, "source"), (target, "target")] {
        if facts.text("cluster_enabled") == "1" {
            stops.push(format!("the {whose} is a node of a cluster, which cannot be migrated one by one"));
        }
        if facts.text("loading") == "1" {
            stops.push(format!("the {whose} is still loading its data"));
        }
    }
    if is_linked(survey) {
        report.notes.push("the target follows the source already; going on from there".into());
    } else if let Some(primary) = target.followed() {
        stops
            .push(format!("the target is a replica of {primary}; make it a primary first: REPLICAOF NO ONE"));
    } else if target.keys() > 0 {
        let text = format!("the target holds {}, which would be replaced", counted(target.keys(), "key"));
        if migration.is_forced {
            report.notes.push(text);
        } else {
            stops.push(format!("{text} (--force allows it)"));
        }
    }
    if target.count("connected_slaves") > 0 {
        report.notes.push("the target's own replicas get the new data too".into());
    }
}

fn judge_data(survey: &Survey, report: &mut Report) {
    let Survey { source, target, .. } = survey;
    if let Some(refusal) = &survey.psync_refusal {
        report.stops.push(format!(
            "the source does not let this user follow it: \"{refusal}\". It needs PSYNC and REPLCONF (ACL SETUSER ... +psync \
             +replconf +ping); where a provider forbids them, copy keys with MIGRATE or DUMP and RESTORE"
        ));
    }
    for (kind, count) in survey.kinds.iter().filter(|(kind, _)| !KINDS.contains(&kind.as_str())) {
        report.stops.push(format!(
            "{count} of the keys looked at are of type {kind}, which the target does not know: the copy would be refused"
        ));
    }
    let highest = source.databases().last().map_or(0, |database| database.number);
    if let Some(count) = survey.target_databases.filter(|count| *count <= highest) {
        report.stops.push(format!(
            "db{highest} has keys, and the target has {}: set its option databases",
            counted(u64::from(count), "database")
        ));
    }
    let (needed, limit) = (source.count("used_memory"), target.count("maxmemory"));
    let system = target.count("total_system_memory");
    if limit != 0 && limit < needed {
        report.notes.push(format!(
            "the target's maxmemory is {}, the source uses {}",
            bytes(limit),
            bytes(needed)
        ));
    } else if system != 0 && system < needed {
        report.notes.push(format!(
            "the target's machine has {}, the source uses {}",
            bytes(system),
            bytes(needed)
        ));
    }
}

fn judge_rest(survey: &Survey, migration: Migration, report: &mut Report) {
    let notes = &mut report.notes;
    if !survey.modules.is_empty() {
        notes.push(format!("modules do not come over, nor do their types: {}", survey.modules.join(", ")));
    }
    if survey.libraries > 0 {
        notes.push(format!(
            "{} of functions: load them at the target with FUNCTION LOAD, where it has it",
            if survey.libraries == 1 {
                "1 library".to_owned()
            } else {
                format!("{} libraries", survey.libraries)
            }
        ));
    }
    if survey.users > 0 {
        notes.push(format!(
            "{} of the ACL beside default: users, passwords and options do not come over",
            counted(survey.users, "user")
        ));
    }
    for (command, calls) in &survey.unknown_commands {
        notes.push(format!(
            "the target does not know {}, called {} at the source",
            command.to_uppercase(),
            counted(*calls, "time")
        ));
    }
    for (option, here, there) in &survey.options {
        notes.push(format!("option {option}: {here} at the source, {there} at the target"));
    }
    judge_cut_over(survey, migration, notes);
}

/// What the versions can do when it comes to the cut-over.
fn judge_cut_over(survey: &Survey, migration: Migration, notes: &mut Vec<String>) {
    let product = survey.source.product();
    notes.extend(match product.hold() {
        Hold::PausesWrites => None,
        Hold::PausesAll => {
            Some(format!("{product} can only pause all of its clients: at the cut-over readers wait too, up to 3 s"))
        }
        Hold::Refuses => Some(format!(
            "{product} cannot pause its clients: at the cut-over writers get errors (NOREPLICAS), scripts must be stopped by you"
        )),
    });
    if !survey.is_configurable {
        notes.push("the source does not let this user use CONFIG: after the cut-over it cannot be kept from taking writes".into());
    }
    if migration.keeps_way_back && !product.continues_as_replica() {
        notes.push(format!("the way back: {product} takes a full copy of the target after the cut-over"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "redis_version:7.0.15\r\nrole:master\r\nrun_id:a\r\nused_memory:2000000\r\nuptime_in_days:3\r\n\
        master_replid:x\r\ndb0:keys=10,expires=4\r\n";
    const TARGET: &str =
        "redis_version:8.0.6\r\nochre_version:0.1.0\r\nrole:master\r\nrun_id:b\r\nused_memory:900\r\n";

    fn survey(source: &str, target: &str) -> Survey {
        Survey {
            addresses: ["10.0.0.1:6379".into(), "10.0.0.2:6379".into()],
            source: Facts::parse(&format!("{SOURCE}{source}")),
            target: Facts::parse(&format!("{TARGET}{target}")),
            is_configurable: true,
            ..Survey::default()
        }
    }

    fn stops(survey: &Survey) -> String {
        judge(survey, Migration::default()).stops.join("; ")
    }

    #[test]
    fn what_is_there_in_words() {
        let mut survey = survey("", "");
        survey.kinds = [("hash".to_owned(), 1), ("string".to_owned(), 9)].into();
        let text = judge(&survey, Migration::default()).text();
        assert_eq!(
            text,
            "Source: 10.0.0.1:6379, Redis 7.0.15, primary, up 3 days, 10 keys, 2.0 MB of memory, no append-only file\n\
             \x20       db0: 10 keys (4 of them expire)\n\
             \x20       of 10 keys looked at: 1 hash, 9 string\n\
             Target: 10.0.0.2:6379, Ochre 0.1.0, primary, up 0 days, empty, 900 bytes of memory, no append-only file\n\
             Copy:   up to 2.0 MB, in 6 ms to 66 ms by the network's speed"
        );
    }

    #[test]
    fn what_forbids_to_begin() {
        assert_eq!(stops(&survey("", "")), "");
        assert!(stops(&survey("run_id:b\r\n", "")).contains("the same server"));
        assert!(stops(&survey("master_host:h\r\nmaster_port:1\r\n", "")).contains("give its primary, h:1"));
        assert!(stops(&survey("cluster_enabled:1\r\n", "")).contains("the source is a node of a cluster"));
        assert!(stops(&survey("", "loading:1\r\n")).contains("the target is still loading"));
        assert!(
            stops(&survey("", "master_host:h\r\nmaster_port:1\r\n"))
                .contains("the target is a replica of h:1")
        );
        assert!(stops(&survey("dragonfly_version:df-v1.1.1\r\n", "")).contains("cannot be followed"));
        let mut strange = survey("db9:keys=1,expires=0\r\n", "");
        strange.target_databases = Some(9);
        strange.psync_refusal = Some("NOPERM no".into());
        strange.kinds = [("ReJSON-RL".to_owned(), 3)].into();
        let text = stops(&strange);
        for part in ["db9 has keys, and the target has 9 databases", "\"NOPERM no\"", "of type ReJSON-RL"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn keys_at_the_target_are_replaced_only_by_force() {
        let full = survey("", "db0:keys=1,expires=0\r\n");
        assert!(stops(&full).contains("the target holds 1 key, which would be replaced (--force allows it)"));
        let forced = judge(&full, Migration { is_forced: true, ..Migration::default() });
        assert!(forced.stops.is_empty() && forced.notes.len() == 1);
    }

    #[test]
    fn a_target_that_follows_the_source_goes_on() {
        let linked = survey("", "master_host:10.0.0.1\r\nmaster_port:6379\r\ndb0:keys=1,expires=0\r\n");
        assert_eq!(stops(&linked), "");
        let by_name = "master_host:name\r\nmaster_port:6379\r\nmaster_link_status:up\r\nmaster_replid:x\r\n";
        assert!(is_linked(&survey("", by_name)));
        assert!(!is_linked(&survey("", &by_name.replace(":x", ":y"))));
    }

    #[test]
    fn what_has_to_be_looked_at() {
        let mut old = survey("redis_version:3.2.1\r\n", "maxmemory:1000\r\nconnected_slaves:1\r\n");
        old.modules = vec!["bf".into()];
        old.libraries = 1;
        old.users = 2;
        old.unknown_commands = vec![("eval".into(), 7)];
        old.options = vec![("timeout".into(), "0".into(), "10".into())];
        old.is_configurable = false;
        let notes = judge(&old, Migration { keeps_way_back: true, ..Migration::default() }).notes.join("; ");
        for part in [
            "own replicas",
            "maxmemory is 1.0 KB",
            "types: bf",
            "1 library of functions",
            "2 users of the ACL",
            "does not know EVAL, called 7 times",
            "timeout: 0 at the source, 10",
            "pause all of its clients",
            "CONFIG",
            "takes a full copy of the target",
        ] {
            assert!(notes.contains(part), "{part}: {notes}");
        }
        let oldest = judge(&survey("redis_version:2.8.1\r\n", ""), Migration::default()).notes.join("; ");
        assert!(oldest.contains("cannot pause its clients"));
    }
}
