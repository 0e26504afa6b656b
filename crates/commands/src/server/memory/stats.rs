//! MEMORY STATS: where the memory goes, in figures.

use super::MEMORY;
use super::accounts::Accounts;
use crate::prelude::*;
use resp::reply::Reply;

pub(super) const COMMAND: Command = Command {
    run,
    subcommands: &[],
    spec: Spec { name: "STATS", summary: "Returns where the memory goes.", ..MEMORY },
};

/// Fields besides those of the databases.
const FIELDS: usize = 33;

fn run(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let accounts = Accounts::of(ctx);
    let reply = &mut ctx.reply;
    reply.map(FIELDS + accounts.tables.len());
    purposes(reply, &accounts);
    databases(reply, &accounts);
    data(reply, &accounts);
    allocator(reply, &accounts);
    Ok(())
}

fn numbers(reply: &mut Reply<'_>, fields: &[(&str, u64)]) {
    for (name, value) in fields {
        reply.bulk(name.as_bytes());
        reply.integer(value.cast_signed());
    }
}

fn share(reply: &mut Reply<'_>, name: &str, number: u64, of: u64) {
    reply.bulk(name.as_bytes());
    // Redis reckons these with floats of 32 bits; the reply shows them as such.
    reply.double(f64::from((number as f64 / of.max(1) as f64) as f32));
}

fn purposes(reply: &mut Reply<'_>, accounts: &Accounts) {
    numbers(
        reply,
        &[
            ("peak.allocated", accounts.peak_bytes),
            ("total.allocated", accounts.figures.allocated_bytes),
            ("startup.allocated", accounts.startup_bytes),
            ("replication.backlog", accounts.backlog_bytes),
            ("replica.fullsync.buffer", 0),
            ("clients.slaves", accounts.replicas_bytes),
            ("clients.normal", accounts.clients_bytes),
            ("cluster.links", 0),
            ("aof.buffer", accounts.append_only_bytes),
            ("lua.caches", 0),
            ("functions.caches", 0),
            ("script.VMs", 0),
        ],
    );
}

/// Expiry times are kept in the entries: a table of their own, as Redis has it, takes nothing.
fn databases(reply: &mut Reply<'_>, accounts: &Accounts) {
    for (number, bytes) in &accounts.tables {
        reply.bulk(format!("db.{number}").as_bytes());
        reply.map(2);
        numbers(reply, &[("overhead.hashtable.main", *bytes), ("overhead.hashtable.expires", 0)]);
    }
    numbers(reply, &[("overhead.db.hashtable.lut", 0), ("overhead.db.hashtable.rehashing", 0)]);
}

fn data(reply: &mut Reply<'_>, accounts: &Accounts) {
    let since_startup = accounts.since_startup_bytes();
    numbers(
        reply,
        &[
            ("overhead.total", accounts.overhead_bytes()),
            ("db.dict.rehashing.count", 0),
            ("keys.count", accounts.keys),
            ("keys.bytes-per-key", since_startup.checked_div(accounts.keys).unwrap_or(0)),
            ("dataset.bytes", accounts.data_bytes()),
        ],
    );
    share(reply, "dataset.percentage", accounts.data_bytes() * 100, since_startup);
    share(reply, "peak.percentage", accounts.figures.allocated_bytes * 100, accounts.peak_bytes);
}

fn allocator(reply: &mut Reply<'_>, accounts: &Accounts) {
    let figures = &accounts.figures;
    let (allocated, active, resident) =
        (figures.allocated_bytes, figures.active_bytes, figures.resident_bytes);
    numbers(
        reply,
        &[
            ("allocator.allocated", allocated),
            ("allocator.active", active),
            ("allocator.resident", resident),
            ("allocator.muzzy", 0),
        ],
    );
    for (name, bytes, by) in [
        ("allocator-fragmentation", active, allocated),
        ("allocator-rss", resident, active),
        ("rss-overhead", figures.rss_bytes, resident),
    ] {
        share(reply, &format!("{name}.ratio"), bytes, by);
        reply.bulk(format!("{name}.bytes").as_bytes());
        reply.integer(bytes.cast_signed() - by.cast_signed());
    }
    share(reply, "fragmentation", figures.rss_bytes, allocated);
    reply.bulk(b"fragmentation.bytes");
    reply.integer(figures.rss_bytes.cast_signed() - allocated.cast_signed());
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;
    use engine::facts::process::MemoryFigures;

    #[test]
    fn every_figure() {
        let mut bench = Bench::new();
        let process = &mut bench.node.engine.process;
        process.memory = || MemoryFigures {
            allocated_bytes: 1000,
            active_bytes: 1500,
            resident_bytes: 3000,
            rss_bytes: 6000,
            ..MemoryFigures::default()
        };
        (process.startup_bytes, process.peak_bytes) = (500, 2000);
        let text = bench.run("MEMORY STATS");
        assert!(text.starts_with("[\"peak.allocated\", 2000, \"total.allocated\", 1000,"), "{text}");
        assert!(text.contains("\"overhead.db.hashtable.lut\", 0, ") && !text.contains("\"db.0\""), "{text}");
        for request in ["SET k v", "SELECT 3", "SET k v"] {
            bench.run(request);
        }
        bench.client(1).speak(resp::reply::Version::Resp3);
        let text = bench.run("MEMORY STATS");
        for part in [
            "\"db.0\": {\"overhead.hashtable.main\": ",
            "\"db.3\": {\"overhead.hashtable.main\": ",
            "\"keys.count\": 2, \"keys.bytes-per-key\": 250, ",
            "\"peak.percentage\": ,50, \"allocator.allocated\": 1000, ",
            "\"allocator-rss.ratio\": ,2, \"allocator-rss.bytes\": 1500, ",
            "\"fragmentation\": ,6, \"fragmentation.bytes\": 5000}",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
