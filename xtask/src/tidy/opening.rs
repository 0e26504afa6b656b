//! Every Rust file opens with a sentence that says what it is.

use super::tree::Tree;

/// The files that do not.
pub fn check(tree: &Tree) -> Vec<String> {
    let is_silent = |text: &str| text.lines().next().and_then(|line| line.strip_prefix("//! ")).is_none();
    let silent = tree.sources.iter().filter(|source| is_silent(&source.text));
    silent
        .map(|source| format!("{}: opens without a `//!` sentence saying what it is", source.path))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::example;

    #[test]
    fn finds_files_that_do_not_say_what_they_are() {
        let tree = example(&[("a.rs", "//! The a.\n"), ("b.rs", "use a;\n//! The b.\n"), ("c.rs", "//!\n")]);
        assert_eq!(check(&tree).len(), 2);
    }
}
