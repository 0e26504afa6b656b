//! What to measure: the options of `cargo xtask bench`.

use std::path::PathBuf;

use super::cases;
use crate::arguments::Arguments;
use crate::workspace::{find_on_path, release_program};

/// Printed for `--help`, before the names of the cases.
pub const USAGE: &str = "\
Usage: cargo xtask bench [OPTIONS]

  --only CASE,...    These cases only
  --peer PATH        The server to compare with; default: valkey-server, then redis-server on PATH
  --ochre PATH       Another build of Ochre; default: builds this tree
  --rounds N         Turns of each server (default 3)
  --keys N           Keys, and elements of large collections (default 1000000); for memory, the most of any kind
  --requests N       Requests of each run without a pipeline (default 500000; four times that with one)
";

/// The keys of a heavy case, unless `--keys` says otherwise.
const DEFAULT_KEYS: u64 = 1_000_000;

/// The options, as given or by default.
#[derive(Debug)]
pub struct Options {
    /// The cases to run; all if there is none.
    pub only: Vec<String>,
    /// Ochre's server.
    pub ochre: PathBuf,
    /// Whether that has to be built first.
    pub is_built_here: bool,
    /// The server to compare with.
    pub peer: PathBuf,
    /// How often each server has its turn.
    pub rounds: usize,
    /// `--keys`.
    pub keys: Option<u64>,
    /// Requests of a run without a pipeline.
    pub requests: u64,
}

impl Options {
    /// Reads the words behind `bench`; `None` when help is asked for.
    ///
    /// # Errors
    ///
    /// A sentence about a word that makes no sense, or that there is no peer.
    pub fn parse(words: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let with_value = ["--only", "--peer", "--ochre", "--rounds", "--keys", "--requests"];
        let given = Arguments::parse(words, &with_value, &["--help"])?;
        if given.has("--help") {
            return Ok(None);
        }
        let only = given.value("--only").unwrap_or_default();
        let only: Vec<String> = only.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        if let Some(name) = only.iter().find(|name| cases::ALL.iter().all(|(case, _)| case != name)) {
            return Err(format!("there is no case {name}"));
        }
        let found = || find_on_path("valkey-server").or_else(|| find_on_path("redis-server"));
        let peer = given.value("--peer").map(absolute).or_else(found);
        let ochre = given.value("--ochre").map(absolute);
        Ok(Some(Self {
            only,
            is_built_here: ochre.is_none(),
            ochre: ochre.unwrap_or_else(|| release_program("ochre-server")),
            peer: peer.ok_or("no valkey-server or redis-server on PATH: name one with --peer")?,
            rounds: given.number("--rounds")?.map_or(3, |rounds| rounds.max(1) as usize),
            keys: given.number("--keys")?,
            requests: given.number("--requests")?.unwrap_or(500_000).max(1),
        }))
    }

    /// Whether a case is to be run.
    #[must_use]
    pub fn wants(&self, case: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == case)
    }

    /// The keys of a heavy case.
    #[must_use]
    pub fn keys(&self) -> u64 {
        self.keys.unwrap_or(DEFAULT_KEYS)
    }
}

/// The servers run in folders of their own. A path that does not exist is refused when the program is asked its version.
fn absolute(path: &str) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_and_refusals() {
        let parse = |line: &str| Options::parse(line.split_whitespace().map(str::to_owned));
        let options = parse("--peer /bin/true --only sync,list").expect("fine").expect("no help");
        assert!(options.wants("list") && options.wants("sync") && !options.wants("load"));
        assert!(parse("--peer x").expect("fine").expect("no help").wants("load"));
        assert_eq!((options.rounds, options.keys()), (3, DEFAULT_KEYS));
        assert!(options.is_built_here);
        assert_eq!(parse("--only none --peer x").expect_err("no such case"), "there is no case none");
        assert!(parse("--help").expect("fine").is_none());
    }
}
