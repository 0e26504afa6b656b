//! RANDOMKEY: a key by chance.

use crate::prelude::*;
use stdx::random::Random;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: randomkey,
    subcommands: &[],
    spec: Spec {
        name: "RANDOMKEY",
        summary: "Returns the name of a key picked by chance.",
        since: "1.0.0",
        complexity: "O(1)",
        group: Group::Generic,
        arity: Arity::Exactly(1),
        flags: READONLY,
        tips: &["request_policy:all_shards", "response_policy:special", "nondeterministic_output"],
        ..Spec::NEW
    },
}];

fn randomkey(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    let mut random = Random::from_entropy();
    let key = ctx.keys.random_key(&mut || random.bits());
    ctx.reply.bulk_or_null(key.as_deref());
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check};

    #[test]
    fn picks_what_is_there() {
        check("RANDOMKEY -> nil | SET k v | RANDOMKEY -> \"k\" | PEXPIRE k 10 | @11 | RANDOMKEY -> nil");
    }

    #[test]
    fn picks_every_key_in_the_end() {
        let mut bench = Bench::new();
        bench.run("MSET a 1 b 2 c 3");
        let mut wanted = vec!["\"a\"", "\"b\"", "\"c\""];
        for _ in 0..10_000 {
            let picked = bench.run("RANDOMKEY");
            wanted.retain(|key| *key != picked);
        }
        assert!(wanted.is_empty());
    }
}
