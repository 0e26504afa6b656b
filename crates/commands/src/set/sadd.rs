//! SADD: add members to a set.

use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: sadd,
    subcommands: &[],
    spec: Spec {
        name: "SADD",
        summary: "Adds members to a set, which is created when absent.",
        since: "1.0.0",
        complexity: "O(1) for each member.",
        group: Group::Set,
        arity: Arity::AtLeast(3),
        flags: WRITE.and(DENYOOM).and(FAST),
        keys: &[KeySpec::at(1).rw().insert()],
        args: &[Arg::key("key"), Arg::string("member").multiple()],
        history: &[("2.4.0", "Several members at once.")],
        ..Spec::NEW
    },
}];

fn sadd(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let limits = ctx.keys.limits().set;
    let mut set = ctx.keys.set_or_create(key)?;
    let members = args.rest();
    let inner = &mut *set;
    inner.expect(args.peek().unwrap_or_default(), members.len(), limits);
    let added = members.filter(|member| inner.add(member, limits)).count() as u64;
    if added > 0 {
        set.modified(Event::SADD);
        set.add_dirty(added - 1);
    }
    drop(set);
    ctx.reply.integer(added as i64);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, changes, check, check_on, notifies, propagates};

    #[test]
    fn counts_what_is_new() {
        check(
            r#"SADD s a b a -> 2 | SADD s a c -> 1 | SCARD s -> 3 | SMEMBERS s -> ["a", "b", "c"] | TYPE s -> set
            SADD n 3 1 2 -> 3 | SMEMBERS n -> ["1", "2", "3"] | SADD s "" -> 1 | SISMEMBER s "" -> 1"#,
        );
    }

    #[test]
    fn chooses_the_encoding() {
        check(
            r#"SADD s 1 2 | OBJECT ENCODING s -> "intset" | SADD s a | OBJECT ENCODING s -> "listpack"
            SADD s 01234567890123456789012345678901234567890123456789012345678901234
            OBJECT ENCODING s -> "hashtable""#,
        );
        let mut bench = Bench::new();
        let many = |count| vec!["a"; count].join(" ");
        bench.run(&format!("SADD few {}", many(128)));
        bench.run(&format!("SADD many {}", many(129)));
        check_on(&mut bench, "OBJECT ENCODING few -> \"listpack\" | OBJECT ENCODING many -> \"hashtable\"");
    }

    #[test]
    fn refuses_other_types() {
        check("SET k v | SADD k a -> WRONGTYPE Operation against a key holding the wrong kind of value");
    }

    #[test]
    fn is_passed_on_as_sent() {
        propagates("SADD s a b -> SADD s a b | SADD s a -> nothing | SADD s a c -> SADD s a c");
        notifies("SADD s a b -> new s, sadd s | SADD s a -> nothing");
        changes("SADD s a b -> 2 | SADD s a -> 0");
    }
}
