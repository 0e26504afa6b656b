//! SPOP: take members out of a set by chance.

use crate::prelude::*;
use datatypes::set::{Form, Set};
use encodings::listpack::{Element, TextBuffer};
use stdx::random::Random;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: spop,
    subcommands: &[],
    spec: Spec {
        name: "SPOP",
        summary: "Removes members from a set by chance and returns them.",
        since: "1.0.0",
        complexity: "O(N) with N the number of members to be removed.",
        group: Group::Set,
        arity: Arity::AtLeast(2),
        flags: WRITE.and(FAST),
        keys: &[KeySpec::at(1).rw().access().delete()],
        args: &[Arg::key("key"), Arg::integer("count").since("3.2.0").optional()],
        history: &[("3.2.0", "The argument `count`.")],
        tips: &["nondeterministic_output"],
        ..Spec::NEW
    },
}];

/// How many members one SREM passes on at most.
const PASSED_ON_AT_ONCE: usize = 1024;
/// Above so many times as many taken as left, the few that are left are put into a new set.
const KEEP_FROM: usize = 5;

fn spop(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    if args.is_empty() {
        return pop_one(ctx, key);
    }
    if args.len() > 1 {
        return Err(Stop::SYNTAX);
    }
    let not_positive = "ERR value is out of range, must be positive";
    let count = usize::try_from(args.integer_or(not_positive)?).map_err(|_| Stop::error(not_positive))?;
    let len = ctx.keys.collection::<Set>(key, Lookup::Write)?.map_or(0, Set::len);
    if len == 0 || count == 0 {
        ctx.reply.set(0);
        return Ok(());
    }
    if count >= len { pop_all(ctx, key) } else { pop_some(ctx, key, count) }
}

fn pop_one(ctx: &mut Context<'_>, key: &[u8]) -> Result<(), Stop> {
    let Some(mut set) = ctx.keys.set_mut(key)? else {
        ctx.reply.null();
        return Ok(());
    };
    let member = set.pop(&mut Random::fresh()).expect("a set that exists has members");
    set.modified(Event::SPOP);
    drop(set);
    ctx.propagate_as(&[b"SREM", key, &member]);
    ctx.reply.bulk(&member);
    Ok(())
}

/// All members: the key goes.
fn pop_all(ctx: &mut Context<'_>, key: &[u8]) -> Result<(), Stop> {
    let Some(set) = ctx.keys.set(key)?.cloned() else { return Ok(()) };
    ctx.keys.modified(key, Event::SPOP);
    ctx.keys.add_dirty(set.len() as u64 - 1);
    ctx.keys.remove(key);
    ctx.keys.notify(key, Event::DEL);
    ctx.propagate_as(&[b"DEL", key]);
    super::reply_members(ctx, &set);
    Ok(())
}

/// Fewer than all.
fn pop_some(ctx: &mut Context<'_>, key: &[u8], count: usize) -> Result<(), Stop> {
    let limits = ctx.keys.limits().set;
    let Some(mut set) = ctx.keys.set_mut(key)? else { return Ok(()) };
    let mut random = Random::fresh();
    let popped = if (set.len() - count) * KEEP_FROM > count {
        (0..count).filter_map(|_| set.pop(&mut random)).collect()
    } else {
        let (kept, popped) = part(&set, count, &mut random, limits);
        set.replace(kept);
        popped
    };
    set.modified(Event::SPOP);
    set.add_dirty(count as u64 - 1);
    drop(set);
    for some in popped.chunks(PASSED_ON_AT_ONCE) {
        let words: Vec<&[u8]> = [b"SREM", key].into_iter().chain(some.iter().map(Vec::as_slice)).collect();
        ctx.propagate_as(&words);
    }
    ctx.reply.set(popped.len());
    popped.iter().for_each(|member| ctx.reply.bulk(member));
    Ok(())
}

/// The members that stay, as a set of the same encoding, and `count` others by chance.
fn part(
    set: &Set,
    count: usize,
    random: &mut Random,
    limits: datatypes::limits::SetLimits,
) -> (Set, Vec<Vec<u8>>) {
    let mut kept = Set::default();
    match set.form() {
        Form::Ints(_) => {}
        Form::Packed(_) => kept.expect(b"", 1, limits),
        Form::Table(_) => drop(kept.make_table()),
    }
    let mut text = TextBuffer::new();
    set.sample(set.len() - count, random, &mut |member| {
        kept.add(member.text(&mut text), limits);
    });
    let popped = set.iter().filter(|member| !kept.contains(member.text(&mut text))).map(Element::to_vec);
    let popped = popped.collect();
    (kept, popped)
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, changes, check, check_resp3, notifies, propagates};

    #[test]
    fn takes_one_or_several() {
        check(
            r#"SADD s a | SPOP s -> "a" | EXISTS s -> 0 | SPOP s -> nil | SPOP s 3 -> [] | SADD s 1 2 3 | SPOP s 0 -> []
            SPOP s 5 -> ["1", "2", "3"] | EXISTS s -> 0 | SADD s 1 2 3 4 5 6 7 8 | SPOP s 7 | SCARD s -> 1
            OBJECT ENCODING s -> "intset" | SADD t a b c d | SPOP t 1 | SCARD t -> 3 | SPOP t 2 | OBJECT ENCODING t -> "listpack""#,
        );
        check_resp3("SADD s a | SPOP s 1 -> ~[\"a\"] | SPOP s 1 -> ~[] | SPOP s -> nil");
    }

    #[test]
    fn refuses_bad_requests() {
        check(
            "SPOP s -1 -> ERR value is out of range, must be positive | SPOP s x 2 -> ERR syntax error
            SPOP s x -> ERR value is out of range, must be positive | SET k v
            SPOP k -> WRONGTYPE Operation against a key holding the wrong kind of value",
        );
    }

    #[test]
    fn is_passed_on_as_what_was_removed() {
        propagates(
            "SADD s a b -> SADD s a b | SREM s a -> SREM s a | SPOP s -> SREM s b | SPOP s -> nothing",
        );
        propagates(
            "SADD s a b -> SADD s a b | SPOP s 9 -> DEL s | SADD s a b -> SADD s a b | SPOP s 0 -> nothing",
        );
        notifies("SADD s a b -> new s, sadd s | SPOP s -> spop s | SPOP s -> spop s, del s");
        notifies("SADD s a b c -> new s, sadd s | SPOP s 2 -> spop s | SPOP s 2 -> spop s, del s");
        changes("SADD s a b c d -> 4 | SPOP s 3 -> 3 | SPOP s 3 -> 1");
    }

    #[test]
    fn what_is_passed_on_leads_to_the_same_set() {
        for count in [1, 10, 1_900] {
            let (mut one, mut two) = (Bench::new(), Bench::new());
            let members: Vec<String> = (0..2_000).map(|number| number.to_string()).collect();
            let add = format!("SADD s {}", members.join(" "));
            one.run(&add);
            two.run(&add);
            one.propagated();
            one.run(&format!("SPOP s {count}"));
            let passed_on = one.propagated();
            passed_on.split("; ").for_each(|request| drop(two.run(request)));
            assert_eq!(one.run("SCARD s"), (2_000 - count).to_string());
            assert_eq!(two.run("SCARD s"), one.run("SCARD s"));
            let rest = one.run("SMEMBERS s").replace(['[', ']', ',', '"'], "");
            assert_eq!(two.run(&format!("SREM s {rest}")), (2_000 - count).to_string());
        }
    }
}
