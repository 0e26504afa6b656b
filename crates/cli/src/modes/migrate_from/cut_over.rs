//! The cut-over: writes are held back at the source, the target takes the rest of the stream and becomes a primary.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use resp::value::Value;

use super::amounts::counted;
use super::facts::{Database, Facts, Hold};
use super::peer::{Peer, PeerError};
use super::undo::Side;
use super::{Migration, Trouble, say};

/// How long writers wait at most.
const PAUSE_MS: u64 = 15_000;
/// How long everybody waits at most, where the server can only pause everybody.
const PAUSE_ALL_MS: u64 = 3_000;
/// How long the stream must stand still where the server cannot pause.
const STILL: Duration = Duration::from_millis(300);
/// More replicas than there are: nobody may write.
const NOBODY_WRITES: &[u8] = b"2147483647";
/// The option, by the name that all versions know.
const WRITERS_GATE: &[u8] = b"min-slaves-to-write";

/// What the source was when its writes were held back.
struct Held {
    facts: Facts,
    since: Instant,
    deadline: Instant,
}

/// Cuts over. Returns how long nobody could write.
pub fn run(migration: &mut Migration) -> Result<Duration, Trouble> {
    let held = hold_writes(migration)?;
    let offset = held.facts.count("master_repl_offset");
    say(&format!("Writes are held back at the source, at offset {offset}."));
    await_offset(migration, offset, held.deadline)?;
    let target = migration.target.info(&["keyspace"])?;
    let counts = compare_counts(&held.facts.databases(), &target.databases());
    match counts {
        Ok(text) => say(&text),
        Err(text) if migration.options.is_forced => say(&format!("{text} (going on: --force)")),
        Err(text) => return Err(Trouble::Failed(text)),
    }
    if Instant::now() >= held.deadline {
        return Err(Trouble::Failed("the writers' patience is over".into()));
    }
    promote(migration)?;
    Ok(held.since.elapsed())
}

/// Holds back whoever writes at the source, and notes how to let them go.
fn hold_writes(migration: &mut Migration) -> Result<Held, Trouble> {
    let hold = migration.source_product.hold();
    let pause_ms = if hold == Hold::PausesAll { PAUSE_ALL_MS } else { PAUSE_MS };
    let since = Instant::now();
    // What is left of the pause is for letting the target become a primary.
    let deadline = since + Duration::from_millis(pause_ms * 4 / 5);
    let facts = match hold {
        Hold::PausesWrites => {
            migration.undo.note(Side::Source, &[b"CLIENT", b"UNPAUSE"], "the source takes writes again");
            migration.source.order(&["CLIENT", "PAUSE", &pause_ms.to_string(), "WRITE"])?;
            migration.source.info(&["replication", "keyspace"])?
        }
        Hold::PausesAll => pause_all(migration, pause_ms)?,
        Hold::Refuses => {
            close_gate(migration)?;
            await_stillness(&mut migration.source, deadline)?
        }
    };
    Ok(Held { facts, since, deadline })
}

/// Afterwards nobody may write at the source.
pub fn close_gate(migration: &mut Migration) -> Result<(), PeerError> {
    let before = migration.source.option("min-slaves-to-write").unwrap_or_else(|| b"0".to_vec());
    let words: [&[u8]; 4] = [b"CONFIG", b"SET", WRITERS_GATE, &before];
    migration.undo.note(Side::Source, &words, "the source takes writes again");
    migration.source.order(&[b"CONFIG".as_slice(), b"SET", WRITERS_GATE, NOBODY_WRITES])?;
    Ok(())
}

/// Pauses everybody, us too: what has to be known is asked in the same transaction. Whoever waited is refused afterwards.
fn pause_all(migration: &mut Migration, pause_ms: u64) -> Result<Facts, Trouble> {
    let before = migration.source.option("min-slaves-to-write").unwrap_or_else(|| b"0".to_vec());
    let words: [&[u8]; 4] = [b"CONFIG", b"SET", WRITERS_GATE, &before];
    migration.undo.note(Side::Source, &words, "the source takes writes again");
    let source = &mut migration.source;
    source.order(&["MULTI"])?;
    source.order(&[b"CONFIG".as_slice(), b"SET", WRITERS_GATE, NOBODY_WRITES])?;
    source.order(&["CLIENT", "PAUSE", &pause_ms.to_string()])?;
    source.order(&["INFO"])?;
    let reply = source.order(&["EXEC"])?;
    let parts = reply.as_elements().unwrap_or_default();
    if let Some(Value::Error(text)) = parts.iter().find(|part| part.is_error()) {
        return Err(Trouble::Failed(format!("pausing the source: {}", String::from_utf8_lossy(text))));
    }
    let info = parts.last().and_then(Value::as_bytes).unwrap_or_default();
    Ok(Facts::parse(&String::from_utf8_lossy(info)))
}

/// Scripts and transactions that had begun may still write after the gate is closed.
fn await_stillness(source: &mut Peer, deadline: Instant) -> Result<Facts, Trouble> {
    let mut last = source.info(&["replication", "keyspace"])?;
    let mut since = Instant::now();
    while since.elapsed() < STILL {
        if Instant::now() >= deadline {
            return Err(Trouble::Failed(
                "somebody still writes at the source: stop the writers first".into(),
            ));
        }
        thread::sleep(Duration::from_millis(20));
        let now = source.info(&["replication", "keyspace"])?;
        if now.count("master_repl_offset") != last.count("master_repl_offset") {
            since = Instant::now();
        }
        last = now;
    }
    Ok(last)
}

fn await_offset(migration: &mut Migration, offset: u64, deadline: Instant) -> Result<(), Trouble> {
    loop {
        let facts = migration.target.info(&["replication"])?;
        if facts.count("slave_repl_offset") >= offset {
            return Ok(());
        }
        if facts.text("master_link_status") != "up" {
            return Err(Trouble::Failed(
                "the link between target and source broke during the cut-over".into(),
            ));
        }
        if Instant::now() >= deadline {
            let missing = offset - facts.count("slave_repl_offset");
            return Err(Trouble::Failed(format!(
                "the target did not catch up in time: {missing} bytes are missing"
            )));
        }
        if migration.interrupted.load(Ordering::Relaxed) {
            return Err(Trouble::Interrupted);
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Both have the same place in the stream, so they count the same keys, save those whose time has come: one may have
/// removed them and the other not yet.
fn compare_counts(source: &[Database], target: &[Database]) -> Result<String, String> {
    let mut numbers: Vec<u32> = source.iter().chain(target).map(|database| database.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut differences = Vec::new();
    let mut is_explained = true;
    for number in numbers {
        let of = |side: &[Database]| {
            let found = side.iter().find(|database| database.number == number);
            found.map_or((0, 0), |database| (database.keys, database.expires))
        };
        let ((here, here_expire), (there, there_expire)) = (of(source), of(target));
        if here != there {
            differences.push(format!(
                "db{number} has {} at the source and {there} at the target",
                counted(here, "key")
            ));
            is_explained &= here.abs_diff(there) <= here_expire.max(there_expire);
        }
    }
    let keys: u64 = target.iter().map(|database| database.keys).sum();
    match (differences.is_empty(), is_explained) {
        (true, _) => Ok(format!(
            "Both count the same: {} in {}.",
            counted(keys, "key"),
            counted(target.len() as u64, "database")
        )),
        (false, true) => {
            Ok(format!("{}: of keys that expire, one side has removed some already.", differences.join(", ")))
        }
        (false, false) => Err(format!("the counts differ: {}", differences.join(", "))),
    }
}

/// From here on the target is the one that takes writes; nothing before is put back any more but its options.
fn promote(migration: &mut Migration) -> Result<(), Trouble> {
    let word = migration.target_product.replicaof();
    let outcome = migration.target.order(&[word, "NO", "ONE"]);
    let error = match outcome {
        Ok(_) => return Ok(()),
        Err(PeerError::Refused(text)) => return Err(Trouble::Failed(text)),
        Err(PeerError::Gone(text)) => text,
    };
    // The reply is lost; was the order?
    match migration.target.info(&["replication"]) {
        Ok(facts) if facts.is_primary() => Ok(()),
        Ok(_) => Err(Trouble::Failed(error)),
        Err(_) => Err(Trouble::Unknown(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(number: u32, keys: u64, expires: u64) -> Database {
        Database { number, keys, expires }
    }

    #[test]
    fn counts_are_equal_or_explained_or_stop_the_cut_over() {
        let same = compare_counts(&[database(0, 2, 0)], &[database(0, 2, 0)]);
        assert_eq!(same.as_deref(), Ok("Both count the same: 2 keys in 1 database."));
        assert!(
            compare_counts(&[database(0, 5, 3)], &[database(0, 3, 1)])
                .is_ok_and(|text| text.contains("expire"))
        );
        let lost = compare_counts(&[database(0, 5, 0), database(2, 1, 0)], &[database(0, 5, 0)]);
        assert!(lost.is_err_and(|text| text.contains("db2 has 1 key at the source and 0 at the target")));
    }
}
