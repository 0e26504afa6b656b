//! The two servers that are compared, and whose turn it is.

use std::fs;
use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::thread;

use super::options::Options;
use super::server::{Cores, Server};
use super::table::{Figure, Table};

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// This project's server.
    Ochre,
    /// The one to compare with.
    Peer,
}

/// Both, in the order of the columns.
pub const SIDES: [Side; 2] = [Side::Ochre, Side::Peer];

/// Two servers and the options.
pub struct Contest<'o> {
    /// What was asked for.
    pub options: &'o Options,
    ochre: String,
    peer: String,
}

impl<'o> Contest<'o> {
    /// Asks both programs who they are.
    ///
    /// # Errors
    ///
    /// A sentence about one that cannot be run.
    pub fn between(options: &'o Options) -> Result<Self, String> {
        let (ochre, peer) = (version(&options.ochre)?, version(&options.peer)?);
        Ok(Self { options, ochre, peer })
    }

    /// What is compared, where and how, as a line of Markdown.
    pub fn description(&self) -> String {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let model = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = model.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
        let model = model.trim_start_matches([' ', '\t', ':']);
        let rounds = self.options.rounds;
        format!("{} and {}; {cores} cores ({model}); medians of {rounds} rounds", self.ochre, self.peer)
    }

    /// Starts a side's server.
    ///
    /// # Errors
    ///
    /// A sentence, when it does not come up.
    pub fn start(&self, side: Side, cores: Cores, arguments: &[&str]) -> Result<Server, String> {
        Server::start(self.program(side), cores, arguments)
    }

    /// A side's program.
    pub fn program(&self, side: Side) -> &Path {
        match side {
            Side::Ochre => &self.options.ochre,
            Side::Peer => &self.options.peer,
        }
    }

    /// Gives each side its turns; who goes first changes from round to round.
    ///
    /// # Errors
    ///
    /// The first that a turn ended with.
    pub fn rounds(&self, mut turn: impl FnMut(Side) -> Result<(), String>) -> Result<(), String> {
        for round in 0..self.options.rounds {
            let [first, second] = SIDES;
            let order = if round % 2 == 0 { [first, second] } else { [second, first] };
            order.into_iter().try_for_each(&mut turn)?;
        }
        Ok(())
    }

    /// An empty table with a column for each side.
    pub fn table(&self) -> Table {
        Table::new(&self.ochre, &self.peer)
    }

    /// Runs `turn` in rounds and collects the figures that it tells of `case`.
    ///
    /// # Errors
    ///
    /// The first that a turn ended with.
    pub fn measure(
        &self,
        table: &mut Table,
        case: &str,
        mut turn: impl FnMut(Side) -> Result<Vec<(Figure, f64)>, String>,
    ) -> Result<(), String> {
        self.rounds(|side| {
            for (figure, value) in turn(side)? {
                table.add(case, figure, side, value);
            }
            Ok(())
        })
    }
}

/// Name and version, as in `Valkey 9.1.2`.
fn version(program: &Path) -> Result<String, String> {
    let output = Command::new(program).arg("--version").output();
    let output = output.map_err(|error| format!("{} cannot be run: {error}", program.display()))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let name = text.split_whitespace().next().unwrap_or("server");
    let version = text.split_whitespace().find_map(|word| word.strip_prefix("v="));
    Ok(version.map_or_else(|| text.trim().to_owned(), |version| format!("{name} {version}")))
}
