//! COMMAND INFO: how a command is called and what it touches.

use crate::prelude::*;
use engine::command::index::{Indexed, Table};
use engine::command::key_spec::{BeginSearch, FindKeys};
use resp::reply::Reply;
pub(super) const COMMAND: Command = Command {
    run: info,
    spec: Spec {
        name: "INFO",
        summary: "Describes the commands named, or all.",
        since: "2.8.13",
        complexity: "O(N) in the number of commands named",
        group: Group::Server,
        arity: Arity::AtLeast(2),
        flags: LOADING.and(STALE),
        categories: Categories::CONNECTION,
        args: &[Arg::string("command-name").optional().multiple()],
        history: &[("7.0.0", "Without arguments it describes all commands.")],
        tips: &["nondeterministic_output_order"],
        ..Spec::NEW
    },
    subcommands: &[],
};

fn info(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    if args.is_empty() {
        return describe_all(ctx, args);
    }
    let table = ctx.engine.table;
    ctx.reply.array(args.len());
    for name in args.rest() {
        match table.find_full(name) {
            Some(command) => describe(&mut ctx.reply, table, command),
            None => ctx.reply.null(),
        }
    }
    Ok(())
}

/// Describes every command, with its subcommands.
pub(super) fn describe_all(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let table = ctx.engine.table;
    ctx.reply.array(table.top_level_len());
    for command in table.top_level() {
        describe(&mut ctx.reply, table, command);
    }
    Ok(())
}

fn describe(reply: &mut Reply<'_>, table: &Table, command: &Indexed) {
    let spec = &command.command.spec;
    reply.array(10);
    reply.bulk(command.full_name.as_bytes());
    reply.integer(spec.arity.as_number());
    statuses(reply, spec.flags.names());
    for number in key_range(spec.keys) {
        reply.integer(number);
    }
    statuses(reply, command.command.categories().names().map(|name| format!("@{name}")));
    reply.set(spec.tips.len());
    for tip in spec.tips {
        reply.bulk(tip.as_bytes());
    }
    reply.set(spec.keys.len());
    for keys in spec.keys {
        describe_keys(reply, keys);
    }
    if command.subcommands.is_empty() {
        reply.set(0);
        return;
    }
    reply.array(command.subcommands.len());
    for subcommand in &command.subcommands {
        describe(reply, table, table.get(*subcommand));
    }
}

/// A set of status replies.
pub(super) fn statuses(reply: &mut Reply<'_>, names: impl Iterator<Item = impl AsRef<str>>) {
    let names: Vec<_> = names.collect();
    reply.set(names.len());
    for name in names {
        reply.simple(name.as_ref());
    }
}

/// First key, last key and step as clients knew them before there were key specs: what the specs that are plain ranges
/// have in common. A last key below zero counts from the end.
fn key_range(specs: &[KeySpec]) -> [i64; 3] {
    let plain = |spec: &KeySpec| match (spec.begin, spec.find) {
        (BeginSearch::Index(first), FindKeys::Range { last, step, .. }) => {
            let first = first as i64;
            let last = i64::from(last);
            Some([first, if last < 0 { last } else { first + last }, step as i64])
        }
        _ => None,
    };
    if let [only] = specs {
        return plain(only).unwrap_or([0; 3]);
    }
    let mut whole: Option<[i64; 3]> = None;
    for [first, last, step] in specs.iter().filter_map(plain) {
        let follows = |range: [i64; 3]| range[1] == first - 1;
        if step == 1 && whole.is_none_or(follows) {
            whole = Some([whole.map_or(first, |range| range[0]), last, 1]);
        }
    }
    whole.unwrap_or([0; 3])
}

fn describe_keys(reply: &mut Reply<'_>, keys: &KeySpec) {
    reply.map(3 + usize::from(keys.notes.is_some()));
    if let Some(notes) = keys.notes {
        reply.bulk(b"notes");
        reply.bulk(notes.as_bytes());
    }
    reply.bulk(b"flags");
    statuses(reply, keys.flags.names());
    reply.bulk(b"begin_search");
    describe_begin(reply, keys.begin);
    reply.bulk(b"find_keys");
    describe_find(reply, keys.find);
}

fn describe_begin(reply: &mut Reply<'_>, begin: BeginSearch) {
    match begin {
        BeginSearch::Index(index) => method(reply, "index", &[("index", index as i64)]),
        BeginSearch::Keyword(keyword, from) => {
            method(reply, "keyword", &[]);
            reply.map(2);
            reply.bulk(b"keyword");
            reply.bulk(keyword.as_bytes());
            reply.bulk(b"startfrom");
            reply.integer(i64::from(from));
        }
        BeginSearch::Unknown => {
            method(reply, "unknown", &[]);
            reply.map(0);
        }
    }
}

fn describe_find(reply: &mut Reply<'_>, find: FindKeys) {
    match find {
        FindKeys::Range { last, step, limit } => {
            let numbers = [("lastkey", i64::from(last)), ("keystep", step as i64), ("limit", limit as i64)];
            method(reply, "range", &numbers);
        }
        FindKeys::Count { at, first, step } => {
            let numbers = [("keynumidx", at as i64), ("firstkey", first as i64), ("keystep", step as i64)];
            method(reply, "keynum", &numbers);
        }
        FindKeys::Unknown => {
            method(reply, "unknown", &[]);
            reply.map(0);
        }
    }
}

/// A way to find keys: its type, and its numbers. Without numbers the caller writes the map that belongs there.
fn method(reply: &mut Reply<'_>, kind: &str, numbers: &[(&str, i64)]) {
    reply.map(2);
    reply.bulk(b"type");
    reply.bulk(kind.as_bytes());
    reply.bulk(b"spec");
    if numbers.is_empty() {
        return;
    }
    reply.map(numbers.len());
    for (name, number) in numbers {
        reply.bulk(name.as_bytes());
        reply.integer(*number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, check_resp3};

    #[test]
    fn describes_subcommands_too() {
        check(
            r#"COMMAND INFO config|get nosuch -> [["config|get", -3, [admin, noscript, loading, stale], 0, 0, 0, [@admin, @slow, @dangerous], [], [], []], nil]"#,
        );
        check_resp3(
            r#"COMMAND INFO time -> [["time", 1, ~[loading, stale, fast], 0, 0, 0, ~[@fast], ~["nondeterministic_output"], ~[], ~[]]]"#,
        );
    }

    #[test]
    fn the_old_range_joins_neighbours() {
        assert_eq!(key_range(&[KeySpec::range(1, -1, 2)]), [1, -1, 2]);
        assert_eq!(key_range(&[KeySpec::at(1), KeySpec::at(2)]), [1, 2, 1]);
        assert_eq!(key_range(&[KeySpec::at(1), KeySpec::range(3, -1, 1)]), [1, 1, 1]);
        assert_eq!(key_range(&[KeySpec::counted(2, 1)]), [0, 0, 0]);
    }
}
