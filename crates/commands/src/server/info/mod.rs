//! INFO: what the server knows of itself, in sections.

mod clients;
mod command_stats;
mod cpu;
mod errors;
mod keyspace;
mod memory;
mod persistence;
mod process;
mod replication;
mod stats;

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
    shown("stats", "Stats", stats::write),
    shown("replication", "Replication", replication::write),
    shown("cpu", "CPU", cpu::write),
    shown("modules", "Modules", |_, _| {}),
    Section { name: "commandstats", title: "Commandstats", is_default: false, write: command_stats::write },
    shown("errorstats", "Errorstats", errors::write),
    shown("cluster", "Cluster", |_, info| info.flag("cluster_enabled", false)),
    shown("keyspace", "Keyspace", keyspace::write),
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
