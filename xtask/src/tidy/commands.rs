//! A command's file is in its group's list: `NAME::COMMANDS` in GROUP/mod.rs, `NAME::COMMAND` in a container's.

use super::source::Source;
use super::tree::Tree;

const GROUPS: &str = "crates/commands/src/";

/// The files that declare commands which no table holds.
pub fn check(tree: &Tree) -> Vec<String> {
    let in_groups = tree.sources.iter().filter(|source| source.path.starts_with(GROUPS));
    in_groups.flat_map(|source| missing(tree, source)).collect()
}

fn missing(tree: &Tree, source: &Source) -> Vec<String> {
    let Some((list, name)) = list_of(&source.path) else { return Vec::new() };
    let listing = tree.source(&list).map_or("", |source| source.code.as_str());
    let unlisted = declared(&source.code).into_iter().filter(|constant| !names(listing, name, constant));
    unlisted.map(|constant| format!("{}: {constant} is not in {list}", source.path)).collect()
}

/// The file that must list a file of a group, and the name by which it does.
fn list_of(path: &str) -> Option<(String, &str)> {
    let (folder, file) = path.rsplit_once('/')?;
    let (folder, name) =
        if file == "mod.rs" { folder.rsplit_once('/')? } else { (folder, file.strip_suffix(".rs")?) };
    let is_below_group = folder.len() >= GROUPS.len();
    is_below_group.then(|| (format!("{folder}/mod.rs"), name))
}

/// The constants of a file that hold commands.
fn declared(code: &str) -> Vec<&str> {
    let constants =
        code.lines().filter_map(|line| line.trim_start().strip_prefix("pub")?.split_once("const "));
    let named = constants.filter_map(|(_, rest)| rest.split_once(": "));
    named
        .filter(|(_, kind)| kind.starts_with("&[Command]") || kind.starts_with("Command "))
        .map(|(name, _)| name)
        .collect()
}

fn names(listing: &str, name: &str, constant: &str) -> bool {
    let entry = format!("{name}::{constant}");
    listing.match_indices(&entry).any(|(at, _)| {
        let next = listing.as_bytes().get(at + entry.len());
        next.is_none_or(|&byte| !super::source::is_word(byte))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::example;

    #[test]
    fn finds_commands_that_no_table_holds() {
        let tree = example(&[
            (
                "crates/commands/src/hash/mod.rs",
                "pub const COMMANDS: &[&[Command]] = &[get::COMMANDS, box::COMMANDS];",
            ),
            ("crates/commands/src/hash/get.rs", "pub(crate) const COMMANDS: &[Command] = &[];"),
            ("crates/commands/src/hash/lost.rs", "pub(crate) const COMMANDS: &[Command] = &[];"),
            ("crates/commands/src/hash/words.rs", "pub const WORDS: &[&str] = &[];"),
            (
                "crates/commands/src/hash/box/mod.rs",
                "pub(super) const COMMANDS: &[Command] = &[x(a::COMMAND_TWO)];",
            ),
            ("crates/commands/src/hash/box/a.rs", "pub(super) const COMMAND: Command = Command {"),
        ]);
        let problems = check(&tree);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].starts_with("crates/commands/src/hash/lost.rs"), "{problems:?}");
        assert!(problems[1].starts_with("crates/commands/src/hash/box/a.rs: COMMAND is"), "{problems:?}");
    }
}
