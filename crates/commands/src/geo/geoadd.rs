//! GEOADD: put members at positions.

use crate::prelude::*;
use datatypes::geo::Position;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: geoadd,
    subcommands: &[],
    spec: Spec {
        name: "GEOADD",
        summary: "Adds members with their positions to a sorted set; a missing key is created.",
        since: "3.2.0",
        complexity: "O(log(N)) for each member, N being the size of the set.",
        group: Group::Geo,
        arity: Arity::AtLeast(5),
        flags: WRITE.and(DENYOOM),
        keys: &[KeySpec::at(1).rw().update()],
        args: &[
            Arg::key("key"),
            Arg::one_of("condition", &[Arg::token("nx", "NX"), Arg::token("xx", "XX")])
                .optional()
                .since("6.2.0"),
            Arg::token("change", "CH").optional().since("6.2.0"),
            Arg::block("data", &[Arg::double("longitude"), Arg::double("latitude"), Arg::string("member")])
                .multiple(),
        ],
        history: &[("6.2.0", "The options `CH`, `NX` and `XX`.")],
        ..Spec::NEW
    },
}];

/// Reads a position.
pub(super) fn position(args: &mut Args<'_>) -> Result<Position, Stop> {
    let position = Position { longitude: args.float()?, latitude: args.float()? };
    if position.is_valid() {
        return Ok(position);
    }
    let Position { longitude, latitude } = position;
    Err(Stop::from(format!("ERR invalid longitude,latitude pair {longitude:.6},{latitude:.6}")))
}

/// It is ZADD with scores made of positions, and is passed on as such.
fn geoadd(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let key = args.next()?;
    let mut words: Vec<Vec<u8>> = vec![b"ZADD".to_vec(), key.to_vec()];
    let (mut only_new, mut only_old) = (false, false);
    loop {
        let word: &[u8] = if args.keyword("NX") {
            only_new = true;
            b"NX"
        } else if args.keyword("XX") {
            only_old = true;
            b"XX"
        } else if args.keyword("CH") {
            b"CH"
        } else {
            break;
        };
        words.push(word.to_vec());
    }
    if only_new && only_old || !args.len().is_multiple_of(3) {
        return Err(Stop::SYNTAX);
    }
    while !args.is_empty() {
        let score = position(&mut args)?.to_score();
        words.push((score as u64).to_string().into_bytes());
        words.push(args.next()?.to_vec());
    }
    crate::sorted_set::add(ctx, &words)
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies, propagates};

    #[test]
    fn positions_become_scores() {
        check(
            r#"GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania -> 2 | ZSCORE g Palermo -> "3479099956230698"
            GEOADD g NX 1 1 Palermo -> 0 | GEOADD g XX CH 1 1 Palermo -> 1 | GEOADD g NX XX 1 1 a -> ERR syntax error
            GEOADD g 1 1 -> ERR wrong number of arguments for 'geoadd' command | GEOADD g 1 1 a 2 -> ERR syntax error
            GEOADD g 181 0 a -> ERR invalid longitude,latitude pair 181.000000,0.000000 | GEOADD g x 0 a -> ERR value is not a valid float"#,
        );
    }

    #[test]
    fn is_passed_on_as_zadd() {
        propagates(
            "GEOADD g CH 13.361389 38.115556 p -> ZADD g CH 3479099956230698 p | GEOADD g NX 1 1 p -> nothing",
        );
        notifies("GEOADD g 1 1 a -> new g, zadd g");
    }
}
