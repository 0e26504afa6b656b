//! The start with an RDB: from the start of the process until it answers. Both load the same file, which Ochre wrote.

use std::fs;
use std::path::Path;
use std::time::Instant;

use super::{VALUE_BYTES, fill};
use crate::bench::contest::{Contest, Side};
use crate::bench::server::{Cores, Folder, Server};
use crate::bench::table::{Figure, Table};

/// The file's name, in every folder.
const FILE: &str = "dump.rdb";

/// Runs the case.
pub fn run(contest: &Contest<'_>) -> Result<Table, String> {
    let mut table = contest.table();
    let keys = contest.options.keys();
    let saved = Folder::new()?;
    let file = saved.path.join(FILE);
    save(contest, keys, &file)?;
    let case = format!("{keys} keys of {VALUE_BYTES} bytes");
    contest.measure(&mut table, &case, |side| start(contest.program(side), &file, keys))?;
    Ok(table)
}

/// Has Ochre write the file.
fn save(contest: &Contest<'_>, keys: u64, file: &Path) -> Result<(), String> {
    let writer = contest.start(Side::Ochre, Cores::Any, &[])?;
    fill(&writer, keys, VALUE_BYTES)?;
    writer.ask("SAVE")?;
    copy(&writer.folder().join(FILE), file)
}

fn start(program: &Path, file: &Path, keys: u64) -> Result<Vec<(Figure, f64)>, String> {
    let folder = Folder::new()?;
    copy(file, &folder.path.join(FILE))?;
    let began = Instant::now();
    let server = Server::start_in(folder, program, Cores::Server, &[])?;
    let seconds = began.elapsed().as_secs_f64();
    let loaded = server.ask("DBSIZE")?;
    if loaded != keys.to_string() {
        return Err(format!("{} loaded {loaded} keys of {keys}", program.display()));
    }
    Ok(vec![(Figure::Seconds, seconds), (Figure::CpuSeconds, server.cpu_us() / 1e6)])
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    fs::copy(from, to).map(drop).map_err(|error| format!("{}: {error}", from.display()))
}
