//! `unsafe` stands in named files only, and each block says why it is sound.

use super::source::{Source, is_word, line_of};
use super::tree::Tree;

/// The files that may hold it. A path that ends in a slash stands for all files below.
const FILES: &[&str] = &[
    // Listpacks and intsets: one allocation behind a thin pointer.
    "crates/encodings/src/thin.rs",
    // One of several of these, or a box, in one word.
    "crates/encodings/src/either.rs",
    "crates/encodings/src/packed_set.rs",
    // Entries and segments: one allocation behind a thin pointer.
    "crates/keyspace/src/entry.rs",
    "crates/keyspace/src/entry/collection.rs",
    "crates/keyspace/src/entry/tests.rs",
    "crates/keyspace/src/entry/write.rs",
    "crates/keyspace/src/segment.rs",
    "crates/keyspace/src/segment/bucket.rs",
    "crates/keyspace/src/segment/prefetch.rs",
    "crates/keyspace/src/segment/rebuild.rs",
    // Counting allocators and a thread's own clock.
    "crates/encodings/examples/order/counting.rs",
    // What only the C library offers.
    "crates/server/src/allocator/jemalloc.rs",
    "crates/server/src/allocator/small/block.rs",
    "crates/server/src/allocator/small/cache.rs",
    "crates/server/src/allocator/small/cache/tests.rs",
    "crates/server/src/allocator/small/chunk.rs",
    "crates/server/src/allocator/small/run.rs",
    "crates/server/src/allocator/small/shelf.rs",
    "crates/server/src/crash/alternate_stack.rs",
    "crates/server/src/crash/raw.rs",
    "crates/server/src/crash/signal.rs",
    "crates/server/src/logging/local_time.rs",
    "crates/server/src/logging/syslog.rs",
    "crates/server/src/process_title/area.rs",
    "crates/server/src/system/background.rs",
    "crates/server/src/system/kernel.rs",
    "crates/server/src/system/limits.rs",
    "crates/server/src/system/pid_file.rs",
    "crates/server/src/system/usage.rs",
    "crates/server/tests/process.rs",
];

/// How many lines above its block the reason may stand: it may take a few, and so may the call's head.
const REACH_LINES: usize = 8;

/// `unsafe` elsewhere, blocks without a reason, and listed files that hold none.
pub fn check(tree: &Tree) -> Vec<String> {
    let mut problems: Vec<String> = tree.sources.iter().flat_map(check_file).collect();
    if !tree.sources.is_empty() {
        let is_idle = |path: &&&str| tree.source(path).is_none_or(|source| uses(source).is_empty());
        let idle = FILES.iter().filter(is_idle);
        problems.extend(idle.map(|path| format!("{path}: holds no unsafe code; strike it from tidy's list")));
    }
    problems
}

fn check_file(source: &Source) -> Vec<String> {
    let uses = uses(source);
    if !uses.is_empty() && !FILES.contains(&source.path.as_str()) {
        return vec![format!("{}: unsafe code is not for this file", source.path)];
    }
    let unexplained =
        uses.into_iter().filter(|&at| needs_reason(&source.code[at..]) && !has_reason(source, at));
    unexplained
        .map(|at| format!("{}:{}: unsafe without a SAFETY comment", source.path, line_of(&source.code, at)))
        .collect()
}

/// Where the keyword stands, but for the lint's name.
fn uses(source: &Source) -> Vec<usize> {
    let code = source.code.as_bytes();
    let is_keyword = |at: usize| {
        (at == 0 || !is_word(code[at - 1]))
            && code.get(at + KEYWORD.len()).is_some_and(|&byte| !is_word(byte))
    };
    source.code.match_indices(KEYWORD).map(|(at, _)| at).filter(|&at| is_keyword(at)).collect()
}

const KEYWORD: &str = "unsafe";

/// A block or an implementation promises something; an unsafe function's duties are in its documentation.
fn needs_reason(rest: &str) -> bool {
    let next = rest[KEYWORD.len()..].trim_start();
    next.starts_with('{') || next.starts_with("impl")
}

fn has_reason(source: &Source, at: usize) -> bool {
    let line = line_of(&source.code, at);
    let near = source.text.lines().take(line).skip(line.saturating_sub(REACH_LINES + 1));
    near.into_iter().any(|line| line.contains("SAFETY:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, text: &str) -> usize {
        check_file(&Source::new(path, text)).len()
    }

    #[test]
    fn only_named_files_hold_it() {
        assert_eq!(problems("crates/resp/src/value.rs", "//! No unsafe code.\n#![forbid(unsafe_code)]\n"), 0);
        assert_eq!(problems("crates/resp/src/value.rs", "fn f() { unsafe { g() } }"), 1);
    }

    #[test]
    fn blocks_say_why() {
        let path = FILES[0];
        assert_eq!(problems(path, "// SAFETY: it holds.\nlet x = unsafe { g() };"), 0);
        assert_eq!(problems(path, "let x = unsafe { g() };\nunsafe impl Send for X {}\nunsafe fn f() {}"), 2);
        let far = format!("// SAFETY: it holds.\n{}let x = unsafe {{ g() }};", "\n".repeat(20));
        assert_eq!(problems(path, &far), 1);
    }
}
