//! INFO: what the server knows of itself, in sections.

mod clients;
mod command_stats;
mod cpu;
mod errors;
mod keyspace;
mod latency;
mod memory;
mod persistence;
mod process;
mod replication;
mod stats;
mod threads;

use crate::prelude::*;
use engine::observability::info::InfoWriter;

/// INFO.
pub(super) const COMMANDS: &[Command] = &[Command {
    run: info,
    spec: Spec {
        name: "INFO",
        summary: "Tells what the server knows of itself.",
        since: "1.0.0",
        group: Group::Server,
        arity: Arity::AtLeast(1),
        flags: LOADING.and(STALE),
        categories: Categories::DANGEROUS,
        args: &[Arg::string("section").optional().multiple()],
        history: &[("7.0.0", "Takes several sections.")],
        tips: &["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
        ..Spec::NEW
    },
    subcommands: &[],
}];

/// A section: its name in the request, its title, whether it is shown unless asked for, and who writes its fields.
struct Section {
    name: &'static str,
    title: &'static str,
    is_default: bool,
    write: fn(&mut Context<'_>, &mut InfoWriter),
}

const fn shown(
    name: &'static str,
    title: &'static str,
    write: fn(&mut Context<'_>, &mut InfoWriter),
) -> Section {
    Section { name, title, is_default: true, write }
}

/// The sections in the order in which they are shown.
const SECTIONS: &[Section] = &[
    shown("server", "Server", process::write),
    shown("clients", "Clients", clients::write),
    shown("memory", "Memory", memory::write),
    shown("persistence", "Persistence", persistence::write),
    shown("threads", "Threads", threads::write),
    shown("stats", "Stats", stats::write),
    shown("replication", "Replication", replication::write),
    shown("cpu", "CPU", cpu::write),
    shown("modules", "Modules", |_, _| {}),
    Section { name: "commandstats", title: "Commandstats", is_default: false, write: command_stats::write },
    shown("errorstats", "Errorstats", errors::write),
    Section { name: "latencystats", title: "Latencystats", is_default: false, write: latency::write },
    shown("cluster", "Cluster", |_, info| info.flag("cluster_enabled", false)),
    shown("keyspace", "Keyspace", keyspace::write),
    shown("keysizes", "Keysizes", keyspace::write_sizes),
];

fn info(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let mut info = InfoWriter::default();
    for section in SECTIONS {
        if is_wanted(section, args) {
            info.section(section.title);
            (section.write)(ctx, &mut info);
        }
    }
    ctx.reply.verbatim("txt", info.finish().as_bytes());
    Ok(())
}

fn is_wanted(section: &Section, args: Args<'_>) -> bool {
    if args.is_empty() {
        return section.is_default;
    }
    args.rest().any(|word| {
        let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
        is(section.name) || is("all") || is("everything") || (is("default") && section.is_default)
    })
}

/// One number divided by another as INFO shows it; 0 when that cannot be.
fn ratio(number: u64, by: u64) -> String {
    let value = if by == 0 { 0.0 } else { number as f64 / by as f64 };
    format!("{value:.2}")
}

/// A share in percent.
fn percent(number: u64, of: u64) -> String {
    let value = if of == 0 { 0.0 } else { number as f64 * 100.0 / of as f64 };
    format!("{value:.2}%")
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_resp3};

    fn titles(request: &str) -> Vec<String> {
        let text = Bench::new().run(request);
        text.split("# ")
            .skip(1)
            .map(|part| part.split("\\r").next().unwrap_or_default().to_string())
            .collect()
    }

    #[test]
    fn sections_in_their_order_whatever_is_asked() {
        assert_eq!(titles("INFO keyspace SERVER keyspace"), ["Server", "Keyspace"]);
        let default = titles("INFO");
        assert_eq!(default, titles("INFO default"));
        assert!(
            default.contains(&"Replication".to_string()) && !default.contains(&"Commandstats".to_string())
        );
        assert_eq!(titles("INFO everything").len(), default.len() + 2);
        check("INFO nosuch -> \"\"");
        check_resp3("INFO cluster -> txt:\"# Cluster\\r\\ncluster_enabled:0\\r\\n\"");
    }

    #[test]
    fn true_values() {
        let mut bench = Bench::new();
        for request in ["SET k v EX 100", "GET k", "GET none", "FOO", "SELECT 2", "SET l v"] {
            bench.run(request);
        }
        let text = bench.run("INFO everything");
        for field in [
            "redis_version:8.0.6\\r\\n",
            "keyspace_hits:1\\r\\nkeyspace_misses:1\\r\\n",
            "total_error_replies:1\\r\\n",
            "errorstat_ERR:count=1\\r\\n",
            "cmdstat_get:calls=2,usec=",
            "rdb_changes_since_last_save:2\\r\\n",
            "db0:keys=1,expires=1,avg_ttl=0,subexpiry=0\\r\\ndb2:keys=1,expires=0,avg_ttl=0,subexpiry=0\\r\\n",
            "role:master\\r\\nconnected_slaves:0\\r\\n",
        ] {
            assert!(text.contains(field), "{field} in {text}");
        }
    }

    #[test]
    fn a_replica_tells_of_its_primary() {
        let mut bench = Bench::new();
        bench.node.engine.follow("10.0.0.1", 6379);
        bench.node.engine.clock.monotonic_ms += 5_000;
        let text = bench.run("INFO replication");
        let expected = "role:slave\\r\\nmaster_host:10.0.0.1\\r\\nmaster_port:6379\\r\\nmaster_link_status:down\\r\\n\
                        master_last_io_seconds_ago:-1\\r\\nmaster_sync_in_progress:0\\r\\nslave_read_repl_offset:0\\r\\n\
                        slave_repl_offset:0\\r\\nmaster_link_down_since_seconds:5\\r\\nslave_priority:100\\r\\n";
        assert!(text.contains(expected), "{text}");
    }
}
