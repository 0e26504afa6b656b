//! SORT and SORT_RO: the elements of a list, a set or a sorted set in order, or what keys named after them hold.

mod options;
mod order;
mod pattern;
mod source;

use crate::prelude::*;
use datatypes::collection::Value;
use datatypes::list::{End, List};
use options::Options;
use pattern::Pattern;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: sort,
        subcommands: &[],
        spec: Spec {
            name: "SORT",
            summary: "Sorts the elements of a list, a set or a sorted set, and returns or stores them.",
            since: "1.0.0",
            flags: WRITE.and(DENYOOM).and(MOVABLEKEYS),
            keys: &[ELEMENTS, PATTERNS, DESTINATION],
            args: &[
                Arg::key("key"),
                BY,
                LIMIT,
                GET,
                ORDER,
                SORTING,
                Arg::key("destination").of_key_spec(2).after("STORE").optional(),
            ],
            ..SORT
        },
    },
    Command {
        run: sort_ro,
        subcommands: &[],
        spec: Spec {
            name: "SORT_RO",
            summary: "Sorts the elements of a list, a set or a sorted set, and returns them.",
            since: "7.0.0",
            flags: READONLY.and(MOVABLEKEYS),
            keys: &[ELEMENTS, PATTERNS],
            args: &[Arg::key("key"), BY, LIMIT, GET, ORDER, SORTING],
            ..SORT
        },
    },
];

/// What the two have in common.
const SORT: Spec = Spec {
    complexity: "O(N+M*log(M)) with N the number of elements and M the number of those that are returned.",
    group: Group::Generic,
    arity: Arity::AtLeast(2),
    in_group_category: false,
    categories: Categories::SET.and(Categories::SORTED_SET).and(Categories::LIST).and(Categories::DANGEROUS),
    ..Spec::NEW
};

const ELEMENTS: KeySpec = KeySpec::at(1).ro().access();
const PATTERNS: KeySpec = KeySpec::unknown().ro().access().noting(
    "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key we sort",
);
const DESTINATION: KeySpec = KeySpec::unknown().ow().update().noting(
    "For the optional STORE keyword. It is marked 'unknown' because the keyword can appear anywhere in the argument array",
);

const BY: Arg = Arg::pattern("by-pattern").of_key_spec(1).after("BY").optional();
const GET: Arg = Arg::pattern("get-pattern").of_key_spec(1).after("GET").optional().multiple_token();
const LIMIT: Arg =
    Arg::block("limit", &[Arg::integer("offset"), Arg::integer("count")]).after("LIMIT").optional();
const ORDER: Arg = Arg::one_of("order", &[Arg::token("asc", "ASC"), Arg::token("desc", "DESC")]).optional();
const SORTING: Arg = Arg::token("sorting", "ALPHA").optional();

fn sort(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let options = Options::parse(&mut args, true)?;
    run(ctx, key, options)
}

fn sort_ro(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let options = Options::parse(&mut args, false)?;
    run(ctx, key, options)
}

fn run(ctx: &mut Context<'_>, key: &[u8], mut options: Options<'_>) -> Result<(), Stop> {
    let elements = source::read(ctx, key, &mut options)?;
    let elements = order::sorted(ctx, elements, &options)?;
    match options.destination {
        Some(destination) => store(ctx, destination, &elements, &options),
        None => reply(ctx, &elements, &options),
    }
    Ok(())
}

/// What GET asks for, of one element: none where a key is not there.
fn got(ctx: &mut Context<'_>, element: &[u8], pattern: &[u8]) -> Option<Vec<u8>> {
    if pattern == b"#" { Some(element.to_vec()) } else { Pattern::parse(pattern)?.value(ctx, element) }
}

fn reply(ctx: &mut Context<'_>, elements: &[Vec<u8>], options: &Options<'_>) {
    if options.gets.is_empty() {
        ctx.reply.array(elements.len());
        elements.iter().for_each(|element| ctx.reply.bulk(element));
        return;
    }
    ctx.reply.array(elements.len() * options.gets.len());
    for element in elements {
        for pattern in &options.gets {
            let value = got(ctx, element, pattern);
            ctx.reply.bulk_or_null(value.as_deref());
        }
    }
}

/// Stores a list of the elements, or of what GET asks for, with empty strings for what is not there.
fn store(ctx: &mut Context<'_>, destination: &[u8], elements: &[Vec<u8>], options: &Options<'_>) {
    let limits = ctx.keys.limits().list;
    let mut list = List::default();
    if options.gets.is_empty() {
        list.push(End::Back, elements.iter().map(Vec::as_slice), limits);
    } else {
        for element in elements {
            for pattern in &options.gets {
                let value = got(ctx, element, pattern).unwrap_or_default();
                list.push_one(End::Back, &value, limits);
            }
        }
    }
    let len = list.len();
    if len > 0 {
        ctx.keys.set_value(destination, Value::List(list), NewExpiry::Clear);
        ctx.keys.modified(destination, Event::SORTSTORE);
        ctx.keys.add_dirty(len as u64 - 1);
    } else if ctx.keys.remove(destination) {
        ctx.keys.modified(destination, Event::DEL);
    }
    ctx.reply.integer(len as i64);
}

#[cfg(test)]
mod tests;
