//! What must hold for every command of the table.
#![expect(clippy::disallowed_methods, reason = "tests look at real files")]

use crate::{GROUPS, table};
use engine::command::args::Args;
use engine::command::docs::{Arg, ArgKind};
use engine::command::element::ElementPlace;
use engine::command::flags::*;
use engine::command::index::Indexed;
use engine::command::key_spec::{FindKeys, KeyFlags};
use engine::command::spec::Arity;
use std::collections::BTreeSet;
use std::path::Path;

fn every(check: impl Fn(&Indexed)) {
    table().all().iter().for_each(check);
}

#[test]
fn names_differ_and_are_found_in_any_case() {
    let mut seen = BTreeSet::new();
    every(|entry| {
        let name = entry.command.spec.name;
        assert_eq!(name, name.to_uppercase(), "names are declared in upper case");
        let found = table().find_full(entry.full_name.to_uppercase().as_bytes()).expect("found");
        assert_eq!(found.id, entry.id, "{} is there twice", entry.full_name);
    });
    table().all().iter().for_each(|entry| assert!(seen.insert(entry.full_name.clone())));
}

#[test]
fn every_command_is_documented() {
    every(|entry| {
        let (spec, name) = (&entry.command.spec, &entry.full_name);
        assert!(spec.summary.ends_with('.') && spec.summary.len() > 10, "{name}: a sentence as summary");
        assert!(spec.since.split('.').count() == 3, "{name}: since");
        let is_link = ["psync", "sync"].contains(&name.as_str());
        assert!(!spec.complexity.is_empty() || is_link, "{name}: complexity");
        let needs_args = spec.arity.as_number().abs() > if entry.parent.is_some() { 2 } else { 1 };
        let is_container = !entry.command.subcommands.is_empty();
        let is_free = is_container || spec.is_internal;
        assert!(!needs_args || is_free || !spec.args.is_empty(), "{name}: arguments");
    });
}

/// The least number of words that the documented arguments need.
fn least_words(args: &[Arg]) -> usize {
    let needed = args.iter().filter(|arg| !arg.optional);
    needed
        .map(|arg| {
            let token = usize::from(arg.token.is_some());
            match arg.kind {
                ArgKind::PureToken => 1,
                ArgKind::Block(inner) => token + least_words(inner),
                ArgKind::OneOf(inner) => {
                    token + inner.iter().map(|one| least_words(std::slice::from_ref(one))).min().unwrap_or(0)
                }
                _ => token + 1,
            }
        })
        .sum()
}

fn can_grow(args: &[Arg]) -> bool {
    let inner_grows = |arg: &Arg| matches!(arg.kind, ArgKind::Block(inner) if can_grow(inner));
    args.iter().any(|arg| arg.optional || arg.multiple || inner_grows(arg))
}

/// Commands whose documented arguments do not tell how many words they need: those for servers among themselves, QUIT,
/// which takes whatever comes, OCHRE REPLACED, whose actions take one word or two, CLIENT KILL, whose filters are all optional but one must be there, and the searches whose
/// middle is optional only for polygons, which need the more words.
fn is_loosely_documented(entry: &Indexed) -> bool {
    let names = ["psync", "quit", "client|kill", "geosearch", "geosearchstore", "ochre|replaced"];
    entry.command.spec.is_internal || names.contains(&entry.full_name.as_str())
}

#[test]
fn arity_agrees_with_the_arguments() {
    every(|entry| {
        let spec = &entry.command.spec;
        if !entry.command.subcommands.is_empty() || is_loosely_documented(entry) {
            return;
        }
        let names = if entry.parent.is_some() { 2 } else { 1 };
        let least = names + least_words(spec.args);
        let expected = match spec.arity {
            Arity::Exactly(words) => !can_grow(spec.args) && least == usize::from(words),
            // MSETEX and the like: numkeys and at least one key. The arity may ask for less than the arguments.
            Arity::AtLeast(words) => can_grow(spec.args) && usize::from(words) <= least,
        };
        assert!(expected, "{}: {:?}, but its arguments need {least}", entry.full_name, spec.arity);
    });
}

fn key_args(args: &[Arg], found: &mut BTreeSet<usize>) {
    for arg in args {
        match arg.kind {
            ArgKind::Key => {
                found.insert(arg.key_spec.expect("a key says which spec finds it"));
            }
            ArgKind::OneOf(inner) | ArgKind::Block(inner) => key_args(inner, found),
            // Patterns of keys: those of SORT say so.
            _ => found.extend(arg.key_spec),
        }
    }
}

#[test]
fn keys_are_declared_and_documented_alike() {
    every(|entry| {
        let spec = &entry.command.spec;
        let mut documented = BTreeSet::new();
        key_args(spec.args, &mut documented);
        let is_key = |index: &usize| !spec.keys[*index].flags.is_not_key();
        let declared: BTreeSet<usize> = (0..spec.keys.len()).filter(is_key).collect();
        assert!(documented.is_subset(&declared), "{}: an argument names no key spec", entry.full_name);
        assert_eq!(documented, declared, "{}", entry.full_name);
    });
}

fn has(flags: KeyFlags, name: &str) -> bool {
    flags.names().any(|flag| flag == name)
}

#[test]
fn flags_make_sense() {
    every(|entry| {
        let (spec, name) = (&entry.command.spec, &entry.full_name);
        let flags = spec.flags;
        assert!(!flags.has(WRITE.and(READONLY)), "{name} writes or reads");
        assert!(!flags.has(DENYOOM) || flags.has(WRITE), "{name}: only writes need memory");
        for key in spec.keys.iter().filter(|key| !key.flags.is_not_key()) {
            let access = ["RO", "RW", "OW", "RM"].into_iter().filter(|flag| has(key.flags, flag)).count();
            assert_eq!(access, 1, "{name}: each key is read, written, overwritten or removed");
            // PFCOUNT keeps its estimate with the value.
            let only_reads = flags.has(READONLY) && name != "pfcount";
            assert!(!only_reads || key.flags.is_read_only(), "{name} only reads");
            let movable = matches!(key.find, FindKeys::Count { .. });
            assert!(!movable || flags.has(MOVABLEKEYS), "{name}: its keys are counted");
        }
        // XREADGROUP writes down who was handed what; of the value itself it only reads.
        let writes_a_key = name == "xreadgroup" || spec.keys.iter().any(|key| !key.flags.is_read_only());
        assert!(!flags.has(WRITE) || spec.keys.is_empty() || writes_a_key, "{name} writes a key");
    });
}

#[test]
fn subcommands_belong_to_the_group_of_their_container() {
    every(|entry| {
        for id in &entry.subcommands {
            assert_eq!(table().get(*id).command.spec.group, entry.command.spec.group, "{}", entry.full_name);
        }
    });
}

/// A group's list holds every file of its folder, and its commands say that they are of that group.
#[test]
fn folders_are_groups_and_list_their_files() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for group in GROUPS {
        let folder = group[0][0].spec.group.name().replace('-', "_");
        for command in group.iter().flat_map(|list| list.iter()) {
            assert_eq!(command.spec.group.name().replace('-', "_"), folder, "{}", command.spec.name);
        }
        let listing = std::fs::read_to_string(source.join(&folder).join("mod.rs")).expect("the group's list");
        let modules = listing.lines().filter(|line| line.starts_with("mod ")).count();
        assert_eq!(group.len(), modules, "{folder}/mod.rs lists the commands of each file");
        for entry in std::fs::read_dir(source.join(&folder)).expect("a folder of the group") {
            let name = entry.expect("an entry").file_name().into_string().expect("a plain name");
            let module = name.trim_end_matches(".rs");
            assert!(
                module == "mod" || listing.contains(&format!("mod {module};")),
                "{folder}/{name} is in no list"
            );
        }
    }
}

/// Requests of any shape never panic a command: short, long, with numbers at their ends.
#[test]
fn no_request_is_too_strange() {
    let mut random = stdx::random::Random::from_seed(1);
    let words: Vec<&str> = "k l 0 1 -1 9223372036854775807 -9223372036854775808 18446744073709551616 1e400 nan x \
                            NX XX GT LT EX PX EXAT PXAT KEEPTTL PERSIST GET IFEQ LEN IDX MINMATCHLEN COUNT MATCH TYPE DB \
                            REPLACE [ * \\ string"
        .split_whitespace()
        .collect();
    let mut bench = crate::testing::Bench::new();
    let names: Vec<String> = table()
        .all()
        .iter()
        .filter(|entry| entry.subcommands.is_empty() && is_harmless(entry))
        .map(|entry| entry.full_name.replace('|', " "))
        .collect();
    for _ in 0..20_000 {
        let mut line = names[random.index(names.len())].clone();
        for _ in 0..random.index(7) {
            let word = if random.index(10) == 0 { "\"\"" } else { words[random.index(words.len())] };
            line = format!("{line} {word}");
        }
        bench.run(&line);
        if random.index(50) == 0 {
            bench.advance(random.below(2_000) as i64);
        }
    }
}

/// Commands whose point is to stop or change the process are tested where they are.
fn is_harmless(entry: &Indexed) -> bool {
    let flags = entry.command.spec.flags;
    !flags.has(ADMIN) && !flags.has(BLOCKING) && entry.command.spec.group.name() != "connection"
}

#[test]
fn the_cursor_reads_words_in_order() {
    let request = resp::request::OwnedRequest::new([b"SET".as_slice(), b"k", b"5"]);
    let mut args = Args::new(request.as_request(), 1);
    assert_eq!((args.next(), args.integer(), args.len()), (Ok(b"k".as_slice()), Ok(5), 0));
    assert!(args.next().is_err() && args.end().is_ok());
}

#[test]
fn the_element_that_is_looked_up_is_found() {
    let last = |is_scored| Some(ElementPlace::Last { is_scored });
    for (name, place) in [
        ("HGET", Some(ElementPlace::Word(2))),
        ("HSET", Some(ElementPlace::Word(2))),
        ("HMGET", Some(ElementPlace::Word(2))),
        ("SADD", Some(ElementPlace::Word(2))),
        ("SMOVE", Some(ElementPlace::Word(3))),
        ("ZSCORE", Some(ElementPlace::Word(2))),
        ("ZINCRBY", Some(ElementPlace::Word(3))),
        ("ZADD", last(true)),
        ("GEOADD", last(false)),
        ("SINTER", None),
        ("HLEN", None),
        ("ZRANGE", None),
        ("GET", None),
        ("LPUSH", None),
    ] {
        let entry = table().find(name.as_bytes()).expect("a command");
        assert_eq!(entry.element, place, "{name}");
    }
}
