//! The append-only log: what SET costs with it, and how long a start takes that replays it.

use std::fs;
use std::path::Path;
use std::time::Instant;

use super::{VALUE_BYTES, fill};
use crate::bench::contest::{Contest, Side};
use crate::bench::load::Load;
use crate::bench::server::{Cores, Folder, Server};
use crate::bench::table::{Figure, Table};

/// The folder of the files, in the server's folder.
const LOG: &str = "appendonlydir";

/// No rewrite comes between.
const NO_REWRITE: [&str; 2] = ["--auto-aof-rewrite-percentage", "0"];

/// Logged commands that a start replays, at most.
const REPLAYED_MAX: u64 = 2_000_000;

/// Runs the case.
pub fn run(contest: &Contest<'_>) -> Result<Table, String> {
    let mut table = contest.table();
    for (pipeline, policies) in [(16, &["", "everysec"][..]), (1, &["always"][..])] {
        for policy in policies {
            let name = if policy.is_empty() { "no log" } else { policy };
            let case = format!("SET, {name}, pipeline {pipeline}");
            contest.measure(&mut table, &case, |side| set(contest, side, policy, pipeline))?;
        }
    }
    let commands = contest.options.keys().min(REPLAYED_MAX);
    let folders = [logged(contest, Side::Ochre, commands)?, logged(contest, Side::Peer, commands)?];
    let case = format!("start, {commands} logged SETs of {VALUE_BYTES} bytes");
    contest.measure(&mut table, &case, |side| {
        replay(contest.program(side), &folders[side as usize], commands)
    })?;
    Ok(table)
}

/// A new server each time: a log grows.
fn set(contest: &Contest<'_>, side: Side, policy: &str, pipeline: u64) -> Result<Vec<(Figure, f64)>, String> {
    let options = ["--appendonly", "yes", "--appendfsync", policy];
    let options = if policy.is_empty() { &[][..] } else { &options };
    let server = contest.start(side, Cores::Server, &[options, &NO_REWRITE].concat())?;
    Load::of(contest, "set", pipeline, contest.options.keys()).run(&server)
}

/// A folder with a log of so many commands.
fn logged(contest: &Contest<'_>, side: Side, commands: u64) -> Result<Folder, String> {
    let options = ["--appendonly", "yes", "--appendfsync", "no"];
    let server = contest.start(side, Cores::Any, &[&options[..], &NO_REWRITE].concat())?;
    fill(&server, commands, VALUE_BYTES)?;
    server.connect()?.ask("WAITAOF 1 0 0").ok();
    let folder = Folder::new()?;
    copy(&server.folder().join(LOG), &folder.path.join(LOG))?;
    Ok(folder)
}

fn replay(program: &Path, logged: &Folder, commands: u64) -> Result<Vec<(Figure, f64)>, String> {
    let folder = Folder::new()?;
    copy(&logged.path.join(LOG), &folder.path.join(LOG))?;
    let began = Instant::now();
    let options = ["--appendonly", "yes", NO_REWRITE[0], NO_REWRITE[1]];
    let server = Server::start_in(folder, program, Cores::Server, &options)?;
    let seconds = began.elapsed().as_secs_f64();
    let loaded = server.ask("DBSIZE")?;
    if loaded != commands.to_string() {
        return Err(format!("{} replayed {loaded} of {commands} commands", program.display()));
    }
    Ok(vec![(Figure::Seconds, seconds), (Figure::CpuSeconds, server.cpu_us() / 1e6)])
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let fail = |error: std::io::Error| format!("{}: {error}", from.display());
    fs::create_dir_all(to).map_err(fail)?;
    for entry in fs::read_dir(from).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        fs::copy(entry.path(), to.join(entry.file_name())).map_err(fail)?;
    }
    Ok(())
}
