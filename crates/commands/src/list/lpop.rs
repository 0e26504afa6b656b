//! LPOP and RPOP: take elements out at one end.

use crate::grammar::element;
use crate::prelude::*;
use datatypes::list::End;
use resp::reply::Reply;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: lpop,
        subcommands: &[],
        spec: Spec {
            name: "LPOP",
            summary: "Takes the first elements of a list out and returns them.",
            ..POP
        },
    },
    Command {
        run: rpop,
        subcommands: &[],
        spec: Spec {
            name: "RPOP",
            summary: "Takes the last elements of a list out and returns them.",
            ..POP
        },
    },
];

const POP: Spec = Spec {
    complexity: "O(N) with N the number of elements returned.",
    group: Group::List,
    arity: Arity::AtLeast(2),
    flags: WRITE.and(FAST),
    keys: &[KeySpec::at(1).rw().access().delete()],
    args: &[Arg::key("key"), Arg::integer("count").since("6.2.0").optional()],
    history: &[("6.2.0", "Added the `count` argument.")],
    ..Spec::NEW
};

fn lpop(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    run(ctx, args, End::Front, "lpop")
}

fn rpop(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    run(ctx, args, End::Back, "rpop")
}

fn run(ctx: &mut Context<'_>, mut args: Args<'_>, end: End, name: &str) -> Result<(), Stop> {
    let key = args.next()?;
    if args.len() > 1 {
        return Err(Stop::from(format!("ERR wrong number of arguments for '{name}' command")));
    }
    let count = if args.is_empty() { None } else { Some(count(&mut args)?) };
    match count {
        None => {
            if pop_replying(ctx, key, end, 1, |_, _| {})?.is_none() {
                ctx.reply.null();
            }
        }
        Some(count) => {
            let array = |reply: &mut Reply<'_>, popped| {
                reply.array(popped);
            };
            if pop_replying(ctx, key, end, count, array)?.is_none() {
                ctx.reply.null_array();
            }
        }
    }
    Ok(())
}

fn count(args: &mut Args<'_>) -> Result<usize, Stop> {
    const MUST_BE_POSITIVE: &str = "ERR value is out of range, must be positive";
    let number = args.integer_or(MUST_BE_POSITIVE)?;
    usize::try_from(number).map_err(|_| Stop::error(MUST_BE_POSITIVE))
}

/// Takes up to `count` elements out and replies them, behind what `head` replies for their number. None if the key is not
/// there.
pub(super) fn pop_replying(
    ctx: &mut Context<'_>,
    key: &[u8],
    end: End,
    count: usize,
    head: impl FnOnce(&mut Reply<'_>, usize),
) -> Result<Option<usize>, Stop> {
    let limits = ctx.keys.limits().list;
    let Some(mut list) = ctx.keys.list_mut(key)? else { return Ok(None) };
    let count = count.min(list.len());
    head(&mut ctx.reply, count);
    list.expect_removal(count);
    let inner = &mut *list;
    if count > 0 {
        inner.pop(end, count, limits, |element| element::bulk(&mut ctx.reply, element));
        list.modified(popped(end));
        list.add_dirty(count as u64 - 1);
    }
    Ok(Some(count))
}

/// The event of a pop at this end.
pub(super) fn popped(end: End) -> Event {
    match end {
        End::Front => Event::LPOP,
        End::Back => Event::RPOP,
    }
}

/// The command that pops at this end, to be passed on.
pub(super) fn verb(end: End) -> &'static [u8] {
    match end {
        End::Front => b"LPOP",
        End::Back => b"RPOP",
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{changes, check, check_resp3, notifies, propagates};

    #[test]
    fn takes_from_either_end() {
        check(
            r#"RPUSH l a b c d 5 | LPOP l -> "a" | RPOP l -> "5" | RPOP l 2 -> ["d", "c"] | LPOP l 100 -> ["b"]
            EXISTS l -> 0 | LPOP l -> nil | LPOP l 1 -> nil[] | LPOP l 0 -> nil[] | RPUSH l a | LPOP l 0 -> []"#,
        );
        check_resp3("LPOP l -> nil | LPOP l 1 -> nil");
    }

    #[test]
    fn refuses_bad_requests() {
        check(
            "LPOP l -1 -> ERR value is out of range, must be positive
            RPOP l x -> ERR value is out of range, must be positive
            LPOP l 1 2 -> ERR wrong number of arguments for 'lpop' command
            RPOP l 1 2 -> ERR wrong number of arguments for 'rpop' command
            SET s x | LPOP s 0 -> WRONGTYPE Operation against a key holding the wrong kind of value
            LPOP s x -> ERR value is out of range, must be positive",
        );
    }

    #[test]
    fn is_told_and_passed_on() {
        propagates("RPUSH l a b c | LPOP l 2 -> LPOP l 2 | RPOP l -> RPOP l | LPOP l -> nothing");
        propagates("RPUSH l a | LPOP l 0 -> nothing");
        notifies("RPUSH l a b c | LPOP l 2 -> lpop l | RPOP l -> rpop l, del l");
        changes("RPUSH l a b c -> 3 | LPOP l 2 -> 2 | LPOP l 0 -> 0 | RPOP l 5 -> 1");
    }
}
