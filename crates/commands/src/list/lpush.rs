//! LPUSH, RPUSH, LPUSHX and RPUSHX: push elements.

use crate::prelude::*;
use datatypes::list::End;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: lpush,
        subcommands: &[],
        spec: Spec {
            name: "LPUSH",
            summary: "Puts elements in front of a list, which is created if it is not there.",
            history: MULTIPLE_SINCE_2_4,
            ..PUSH
        },
    },
    Command {
        run: rpush,
        subcommands: &[],
        spec: Spec {
            name: "RPUSH",
            summary: "Puts elements behind a list, which is created if it is not there.",
            history: MULTIPLE_SINCE_2_4,
            ..PUSH
        },
    },
    Command {
        run: lpushx,
        subcommands: &[],
        spec: Spec {
            name: "LPUSHX",
            summary: "Puts elements in front of a list if it is there.",
            since: "2.2.0",
            history: MULTIPLE_SINCE_4,
            ..PUSH
        },
    },
    Command {
        run: rpushx,
        subcommands: &[],
        spec: Spec {
            name: "RPUSHX",
            summary: "Puts elements behind a list if it is there.",
            since: "2.2.0",
            history: MULTIPLE_SINCE_4,
            ..PUSH
        },
    },
];

const MULTIPLE_SINCE_2_4: &[(&str, &str)] = &[("2.4.0", "Accepts multiple `element` arguments.")];
const MULTIPLE_SINCE_4: &[(&str, &str)] = &[("4.0.0", "Accepts multiple `element` arguments.")];

const PUSH: Spec = Spec {
    complexity: "O(1) for each element.",
    group: Group::List,
    arity: Arity::AtLeast(3),
    flags: WRITE.and(DENYOOM).and(FAST),
    keys: &[KeySpec::at(1).rw().insert()],
    args: &[Arg::key("key"), Arg::string("element").multiple()],
    ..Spec::NEW
};

fn lpush(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    push(ctx, args, End::Front, false)
}

fn rpush(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    push(ctx, args, End::Back, false)
}

fn lpushx(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    push(ctx, args, End::Front, true)
}

fn rpushx(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    push(ctx, args, End::Back, true)
}

fn push(ctx: &mut Context<'_>, mut args: Args<'_>, end: End, must_exist: bool) -> Result<(), Stop> {
    let (key, elements) = (args.next()?, args.rest());
    let limits = ctx.keys.limits().list;
    let found = if must_exist { ctx.keys.list_mut(key)? } else { Some(ctx.keys.list_or_create(key)?) };
    let Some(mut list) = found else {
        ctx.reply.integer(0);
        return Ok(());
    };
    let count = elements.len() as u64;
    let inner = &mut *list;
    inner.push(end, elements, limits);
    let len = inner.len();
    list.modified(pushed(end));
    list.add_dirty(count - 1);
    drop(list);
    ctx.reply.integer(len as i64);
    Ok(())
}

/// The event of a push at this end.
pub(super) fn pushed(end: End) -> Event {
    match end {
        End::Front => Event::LPUSH,
        End::Back => Event::RPUSH,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, changes, check, check_on, notifies, propagates};

    #[test]
    fn the_last_one_stands_at_the_end() {
        check(
            r#"LPUSH l a b -> 2 | RPUSH l c d -> 4 | LRANGE l 0 -1 -> ["b", "a", "c", "d"]
            LPUSHX l 1 2 -> 6 | RPUSHX l 3 -> 7 | LRANGE l 0 -1 -> ["2", "1", "b", "a", "c", "d", "3"]
            LPUSHX none a -> 0 | RPUSHX none a b -> 0 | EXISTS none -> 0 | RPUSH l "" -> 8 | LINDEX l -1 -> """#,
        );
    }

    #[test]
    fn other_types_are_refused() {
        let wrong = "WRONGTYPE Operation against a key holding the wrong kind of value";
        check(&format!("SET s x | LPUSH s a -> {wrong} | RPUSHX s a -> {wrong} | GET s -> \"x\""));
    }

    #[test]
    fn is_told_and_passed_on() {
        propagates("LPUSH l a b -> LPUSH l a b | RPUSHX l c -> RPUSHX l c | LPUSHX none c -> nothing");
        notifies("LPUSH l a b -> new l, lpush l | RPUSH l c -> rpush l | LPUSHX none a -> nothing");
        changes("LPUSH l a b c -> 3 | RPUSHX l d -> 1 | RPUSHX none d -> 0");
    }

    #[test]
    fn encodings_follow_the_limits() {
        let mut bench = Bench::new();
        let mut limits = bench.node.keyspace.limits();
        limits.list.listpack_size = 2;
        bench.node.keyspace.set_limits(limits);
        check_on(
            &mut bench,
            "RPUSH l a b | OBJECT ENCODING l -> \"listpack\" | RPUSH l c | OBJECT ENCODING l -> \"quicklist\" | LPOP l 2
            OBJECT ENCODING l -> \"listpack\" | RPUSH k a b c | OBJECT ENCODING k -> \"quicklist\"",
        );
    }
}
