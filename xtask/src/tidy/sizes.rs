//! How long files and functions are. Nothing fails by its length: a table of pure data may be long.

use std::fmt::Write;

use super::source::Source;
use super::tree::Tree;

/// A function longer than this should have a reason.
const LONG_FUNCTION_LINES: usize = 70;

/// How many of the largest are shown.
const SHOWN: usize = 10;

/// Something with a length, in lines.
struct Sized {
    name: String,
    lines: usize,
}

/// The distribution of both, and the largest of each.
pub fn report(tree: &Tree) -> String {
    let files =
        tree.sources.iter().map(|source| Sized { name: source.path.clone(), lines: line_count(source) });
    let (files, functions) =
        (sorted(files.collect()), sorted(tree.sources.iter().flat_map(functions).collect()));
    let long = functions.iter().filter(|function| function.lines > LONG_FUNCTION_LINES).count();
    let share = 100.0 * long as f64 / functions.len().max(1) as f64;
    let mut text = String::new();
    write_distribution(&mut text, "files", &files);
    write_distribution(&mut text, "functions", &functions);
    writeln!(text, "functions over {LONG_FUNCTION_LINES} lines: {long} ({share:.1} %)").expect("in memory");
    for largest in [&files, &functions] {
        for one in largest.iter().rev().take(SHOWN) {
            writeln!(text, "{:>6} {}", one.lines, one.name).expect("in memory");
        }
    }
    text
}

fn write_distribution(text: &mut String, what: &str, all: &[Sized]) {
    let (count, lines) = (all.len(), all.iter().map(|one| one.lines).sum::<usize>());
    let (median, high, most) = (at(all, 50), at(all, 90), at(all, 100));
    writeln!(text, "{count} {what}, {lines} lines: median {median}, 90 % up to {high}, longest {most}")
        .expect("in memory");
}

fn line_count(source: &Source) -> usize {
    source.text.lines().count()
}

fn functions(source: &Source) -> Vec<Sized> {
    let named = |name: &str, line: usize| format!("{}:{line} {name}", source.path);
    let all = source.functions().into_iter();
    all.map(|function| Sized { name: named(&function.name, function.line), lines: function.lines }).collect()
}

fn sorted(mut all: Vec<Sized>) -> Vec<Sized> {
    all.sort_by_key(|one| one.lines);
    all
}

/// The length that `percent` of all do not exceed.
fn at(all: &[Sized], percent: usize) -> usize {
    let rank = (all.len() * percent).div_ceil(100);
    all.get(rank.max(1) - 1).map_or(0, |one| one.lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::example;

    #[test]
    fn tells_the_distribution() {
        let long = format!("fn f() {{\n{}}}\n", "    g();\n".repeat(80));
        let report = report(&example(&[("a.rs", "//! A.\n"), ("b.rs", &long)]));
        assert!(report.starts_with("2 files, 83 lines: median 1, 90 % up to 82, longest 82\n"), "{report}");
        assert!(report.contains("functions over 70 lines: 1 (100.0 %)\n    82 b.rs\n"), "{report}");
    }
}
