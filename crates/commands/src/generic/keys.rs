//! KEYS: all keys that match a pattern.

use crate::prelude::*;
use stdx::glob;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: keys,
    subcommands: &[],
    spec: Spec {
        name: "KEYS",
        summary: "Returns the names of all keys that match a pattern.",
        since: "1.0.0",
        complexity: "O(N) with N the number of keys in the database.",
        group: Group::Generic,
        arity: Arity::Exactly(2),
        flags: READONLY,
        categories: Categories::DANGEROUS,
        args: &[Arg::pattern("pattern")],
        tips: &["request_policy:all_shards", "nondeterministic_output_order"],
        ..Spec::NEW
    },
}];

fn keys(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let pattern = args.next()?;
    let all = pattern == b"*";
    let place = ctx.reply.open_array();
    let mut found = 0;
    let reply = &mut ctx.reply;
    ctx.keys.leaving_expired().scan(0, usize::MAX, &mut |entry| {
        if all || glob::matches(pattern, entry.key(), false) {
            reply.bulk(entry.key());
            found += 1;
        }
    });
    ctx.reply.close_array(&place, found);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, propagates};

    #[test]
    fn finds_what_matches() {
        check(
            "KEYS * -> [] | MSET apple 1 banana 2 | KEYS a* -> [\"apple\"] | KEYS *n?n* -> [\"banana\"] | KEYS x -> []
            SET b v PX 10 | @11 | KEYS b -> [] | KEYS a* -> [\"apple\"] | DBSIZE -> 3",
        );
        propagates("SET b v PX 10 | @11 | KEYS * -> nothing | GET b -> DEL b");
    }

    #[test]
    fn finds_all_of_many() {
        let mut bench = Bench::new();
        for number in 0..1_000 {
            bench.run(&format!("SET key:{number} v"));
        }
        assert_eq!(bench.run("KEYS *").matches('"').count(), 2_000);
        assert_eq!(bench.run("KEYS key:99?").matches('"').count(), 20);
    }
}
