//! Words that must not stand in the tree: unfinished work, drawers for everything, one machine's paths.

use std::path::Path;

use super::source::{Source, is_word, line_of};
use super::tree::Tree;

/// Unfinished work. Written in two halves, for this file is checked too.
const UNFINISHED: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("X", "XX"),
    concat!("dbg", "!"),
    concat!("todo", "!"),
    concat!("unimplemented", "!"),
];

/// Names that say nothing of what is inside.
const DRAWERS: &[&str] = &["manager", "helper", "helpers", "util", "utils", "common", "misc"];

/// Folders that only one machine has.
const MACHINE_PATHS: &[&str] = &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/tmp", "/bash")];

/// The places where they stand.
pub fn check(tree: &Tree) -> Vec<String> {
    let mut problems: Vec<String> = tree.sources.iter().flat_map(unfinished).collect();
    problems.extend(tree.texts.iter().filter_map(|(path, _)| drawer(path)));
    problems.extend(tree.texts.iter().flat_map(|(path, text)| machine_paths(path, text)));
    problems
}

fn unfinished(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    for word in UNFINISHED {
        let whole =
            source.text.match_indices(word).filter(|(at, _)| stands_alone(&source.text, *at, word.len()));
        found.extend(whole.map(|(at, _)| format!("{}:{}: {word}", source.path, line_of(&source.text, at))));
    }
    found
}

fn stands_alone(text: &str, at: usize, len: usize) -> bool {
    let bytes = text.as_bytes();
    let before = at.checked_sub(1).is_some_and(|before| is_word(bytes[before]));
    let after = bytes.get(at + len).is_some_and(|&byte| is_word(byte));
    !before && !after
}

fn drawer(path: &str) -> Option<String> {
    let parts = Path::new(path).iter().filter_map(|part| Path::new(part).file_stem()?.to_str());
    let name = parts.into_iter().find(|name| DRAWERS.contains(name))?;
    Some(format!("{path}: \"{name}\" does not say what is inside"))
}

fn machine_paths(path: &str, text: &str) -> Vec<String> {
    let places = MACHINE_PATHS.iter().flat_map(|word| text.match_indices(word));
    places
        .map(|(at, word)| format!("{path}:{}: {word} is a path of one machine", line_of(text, at)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::example;

    #[test]
    fn finds_unfinished_work() {
        let text = format!("// {0}: later\nlet a{0} = 1;\n{1}(x)\n", UNFINISHED[0], UNFINISHED[3]);
        let problems = check(&example(&[("a.rs", &text)]));
        assert_eq!(problems.len(), 2, "{problems:?}");
    }

    #[test]
    fn finds_drawers_and_machine_paths() {
        assert!(drawer("crates/utils/src/lib.rs").is_some() && drawer("a/helper.rs").is_some());
        assert_eq!(drawer("a/commonly.rs"), None);
        let text = format!("see\n{}x\n", MACHINE_PATHS[0]);
        assert_eq!(check(&example(&[("a.md", &text)])).len(), 1);
    }
}
