//! HGETALL, HKEYS, HVALS: all fields of a hash.

use crate::grammar::element;
use crate::prelude::*;
use datatypes::hash::Fields;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: hgetall,
        subcommands: &[],
        spec: Spec { name: "HGETALL", summary: "Returns all fields of a hash with their values.", ..ALL },
    },
    Command {
        run: hkeys,
        subcommands: &[],
        spec: Spec { name: "HKEYS", summary: "Returns the names of all fields of a hash.", ..ALL },
    },
    Command {
        run: hvals,
        subcommands: &[],
        spec: Spec { name: "HVALS", summary: "Returns the values of all fields of a hash.", ..ALL },
    },
];

const ALL: Spec = Spec {
    since: "2.0.0",
    complexity: "O(N) with N the number of fields.",
    group: Group::Hash,
    arity: Arity::Exactly(2),
    flags: READONLY,
    keys: &[KeySpec::at(1).ro().access()],
    args: &[Arg::key("key")],
    tips: &["nondeterministic_output_order"],
    ..Spec::NEW
};

fn hgetall(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let fields = ctx.keys.hash(args.next()?)?;
    ctx.reply.map(fields.map_or(0, Fields::len));
    for field in fields.into_iter().flat_map(Fields::iter) {
        element::bulk(&mut ctx.reply, field.name);
        element::bulk(&mut ctx.reply, field.value);
    }
    Ok(())
}

fn hkeys(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let fields = ctx.keys.hash(args.next()?)?;
    ctx.reply.array(fields.map_or(0, Fields::len));
    for field in fields.into_iter().flat_map(Fields::iter) {
        element::bulk(&mut ctx.reply, field.name);
    }
    Ok(())
}

fn hvals(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let fields = ctx.keys.hash(args.next()?)?;
    ctx.reply.array(fields.map_or(0, Fields::len));
    for field in fields.into_iter().flat_map(Fields::iter) {
        element::bulk(&mut ctx.reply, field.value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_resp3};

    #[test]
    fn small_hashes_keep_the_order() {
        check(
            r#"HGETALL h -> [] | HKEYS h -> [] | HVALS h -> [] | HSET h b 2 a 1 | HGETALL h -> ["b", "2", "a", "1"]
            HKEYS h -> ["b", "a"] | HVALS h -> ["2", "1"]
            SET s x | HKEYS s -> WRONGTYPE Operation against a key holding the wrong kind of value"#,
        );
        check_resp3(
            r#"HGETALL h -> {} | HSET h b 2 a 1 | HGETALL h -> {"b": "2", "a": "1"} | HKEYS h -> ["b", "a"]"#,
        );
    }

    #[test]
    fn what_has_expired_is_not_shown() {
        check(
            r#"HSET h a 1 b 2 | HPEXPIRE h 10 FIELDS 1 a | @11 | HGETALL h -> ["b", "2"] | HVALS h -> ["2"]"#,
        );
    }

    #[test]
    fn a_replica_hides_what_has_expired_and_waits_for_its_primary() {
        let mut bench = Bench::new();
        crate::testing::check_on(&mut bench, "HSET h a 1 b 2 | HPEXPIRE h 10 FIELDS 1 a | @11");
        bench.propagated();
        bench.node.engine.follow("127.0.0.1", 1);
        bench.node.engine.replication.primary.as_mut().expect("it follows").state =
            engine::facts::replication::LinkState::Connected;
        crate::testing::check_on(&mut bench, r#"HGETALL h -> ["b", "2"] | HLEN h -> 1 | HGET h a -> nil"#);
        assert_eq!(bench.propagated(), "nothing");
        assert_eq!(bench.node.keyspace.field_expires_len(0), 1);
    }
}
