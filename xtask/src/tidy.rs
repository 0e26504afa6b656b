//! `cargo xtask tidy`: the rules of the house that no other tool knows.

use crate::workspace::root;

mod commands;
mod floors;
mod modules;
mod opening;
mod sizes;
mod source;
mod tree;
mod unsafe_code;
mod words;

use tree::Tree;

/// A rule: what it has against the tree, one sentence a place.
type Rule = fn(&Tree) -> Vec<String>;

const RULES: &[Rule] =
    &[opening::check, modules::check, commands::check, floors::check, unsafe_code::check, words::check];

/// Checks the workspace against all rules, prints what they object to and the sizes of files and functions.
///
/// # Errors
///
/// A sentence, when a rule is broken.
pub fn run() -> Result<(), String> {
    let tree = Tree::read(root())?;
    let problems: Vec<String> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    print!("{}", sizes::report(&tree));
    for problem in &problems {
        println!("tidy: {problem}");
    }
    if problems.is_empty() { Ok(()) } else { Err(format!("{} places to put right", problems.len())) }
}
