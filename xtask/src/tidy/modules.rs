//! Every Rust file is listed by the one above it: a file that no `mod` names is never compiled.

use super::source::Source;
use super::tree::Tree;

/// The files that nobody lists.
pub fn check(tree: &Tree) -> Vec<String> {
    let lost = tree.sources.iter().filter(|source| !is_root(&source.path) && !is_listed(tree, &source.path));
    lost.map(|source| format!("{}: no `mod` lists it, so it is never compiled", source.path)).collect()
}

/// Whether cargo compiles this file by itself.
fn is_root(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        [.., "src", "lib.rs" | "main.rs"] | [.., "build.rs"] => true,
        // Each file of a crate's tests, examples, benches; the end-to-end tests name their own root.
        [.., _, "tests" | "examples" | "benches", _] if !parts.contains(&"src") => true,
        [.., _, "tests" | "examples" | "benches", _, "main.rs"] if !parts.contains(&"src") => true,
        ["tests", "main.rs"] | ["fuzz", "targets", _] => true,
        _ => false,
    }
}

fn is_listed(tree: &Tree, path: &str) -> bool {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let (folder, name) = match file {
        "mod.rs" => folder.rsplit_once('/').unwrap_or(("", folder)),
        _ => (folder, file.trim_end_matches(".rs")),
    };
    let above = ["lib.rs", "main.rs", "mod.rs"].map(|file| format!("{folder}/{file}"));
    let mut above = above.iter().chain(std::iter::once(&folder_file(folder))).cloned().collect::<Vec<_>>();
    above.dedup();
    above.iter().filter_map(|path| tree.source(path)).any(|source| lists(source, name))
}

/// The file that stands for a folder beside it: `a/b.rs` for `a/b`.
fn folder_file(folder: &str) -> String {
    format!("{folder}.rs")
}

fn lists(source: &Source, name: &str) -> bool {
    let declared = format!("mod {name};");
    source.code.lines().any(|line| line.trim_end().ends_with(&declared))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::example;

    #[test]
    fn finds_the_file_that_nobody_lists() {
        let tree = example(&[
            ("crates/a/src/lib.rs", "mod b;\npub(crate) mod c;\n// mod lost;\n"),
            ("crates/a/src/b.rs", "mod tests;"),
            ("crates/a/src/b/tests.rs", ""),
            ("crates/a/src/c/mod.rs", "pub mod d;"),
            ("crates/a/src/c/d.rs", ""),
            ("crates/a/src/lost.rs", ""),
            ("crates/a/src/c/lost.rs", ""),
            ("crates/a/tests/process.rs", ""),
            ("crates/a/examples/large/main.rs", "mod part;"),
            ("crates/a/examples/large/part.rs", ""),
            ("tests/main.rs", "mod area;"),
            ("tests/area/mod.rs", ""),
            ("tests/area/lost.rs", ""),
        ]);
        let problems = check(&tree);
        assert_eq!(problems.len(), 3, "{problems:?}");
        assert!(problems.iter().all(|problem| problem.contains("lost.rs")), "{problems:?}");
    }
}
