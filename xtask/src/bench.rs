//! `cargo xtask bench`: Ochre and another server side by side, on the same machine, in turns.
//!
//! Both run pinned to the first core and their load to the second; in each round they go one after the other, and who
//! goes first changes. Every figure is the median over the rounds. On a shared machine the ratios mean more than the figures.

use crate::workspace::build_programs;

mod cases;
mod connection;
mod contest;
mod load;
mod options;
mod paced;
mod process;
mod server;
mod table;

use contest::Contest;
use options::{Options, USAGE};

/// Runs the cases that are asked for, and prints a table for each.
///
/// # Errors
///
/// A sentence about what could not be measured.
pub fn run(words: impl Iterator<Item = String>) -> Result<(), String> {
    let Some(options) = Options::parse(words)? else {
        println!("{USAGE}\nCases: {}", cases::names());
        return Ok(());
    };
    if options.is_built_here {
        build_programs()?;
    }
    let contest = Contest::between(&options)?;
    println!("{}", contest.description());
    for (name, case) in cases::ALL {
        if options.wants(name) {
            println!("\n### {name}\n\n{}", case(&contest)?);
        }
    }
    Ok(())
}
