//! GEOPOS, GEOHASH and GEODIST: where members are, and how far from each other.

use crate::prelude::*;
use datatypes::geo::{Position, Unit};
use resp::reply::Reply;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: geopos,
        subcommands: &[],
        spec: Spec {
            name: "GEOPOS",
            summary: "Returns the longitudes and latitudes of members.",
            ..OF_MEMBERS
        },
    },
    Command {
        run: geohash,
        subcommands: &[],
        spec: Spec {
            name: "GEOHASH",
            summary: "Returns the positions of members as geohash texts.",
            ..OF_MEMBERS
        },
    },
    Command {
        run: geodist,
        subcommands: &[],
        spec: Spec {
            name: "GEODIST",
            summary: "Returns the distance between two members.",
            since: "3.2.0",
            complexity: "O(1)",
            group: Group::Geo,
            arity: Arity::AtLeast(4),
            flags: READONLY,
            keys: &[KeySpec::at(1).ro().access()],
            args: &[Arg::key("key"), Arg::string("member1"), Arg::string("member2"), UNIT.optional()],
            ..Spec::NEW
        },
    },
];

const OF_MEMBERS: Spec = Spec {
    since: "3.2.0",
    complexity: "O(1) for each member.",
    group: Group::Geo,
    arity: Arity::AtLeast(2),
    flags: READONLY,
    keys: &[KeySpec::at(1).ro().access()],
    args: &[Arg::key("key"), Arg::string("member").optional().multiple()],
    ..Spec::NEW
};

/// A unit of length.
pub(super) const UNIT: Arg = Arg::one_of(
    "unit",
    &[Arg::token("m", "M"), Arg::token("km", "KM"), Arg::token("ft", "FT"), Arg::token("mi", "MI")],
);

/// Reads a unit.
pub(super) fn unit(args: &mut Args<'_>) -> Result<Unit, Stop> {
    Unit::from_name(args.next()?)
        .ok_or(Stop::error("ERR unsupported unit provided. please use M, KM, FT, MI"))
}

/// Replies a distance: four digits after the point.
pub(super) fn show_distance(reply: &mut Reply<'_>, distance: f64) {
    reply.bulk(format!("{distance:.4}").as_bytes());
}

/// Replies a position.
pub(super) fn show_position(reply: &mut Reply<'_>, position: Position) {
    reply.array(2);
    reply.double(position.longitude);
    reply.double(position.latitude);
}

fn geopos(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let set = ctx.keys.sorted_set(args.next()?)?;
    ctx.reply.array(args.len());
    for member in args.rest() {
        match set.and_then(|set| set.score(member)) {
            Some(score) => show_position(&mut ctx.reply, Position::from_score(score)),
            None => ctx.reply.null_array(),
        }
    }
    Ok(())
}

fn geohash(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let set = ctx.keys.sorted_set(args.next()?)?;
    ctx.reply.array(args.len());
    for member in args.rest() {
        let position = set.and_then(|set| set.score(member)).map(Position::from_score);
        ctx.reply.bulk_or_null(position.map(Position::geohash).as_ref().map(<[u8; 11]>::as_slice));
    }
    Ok(())
}

fn geodist(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    let (key, member, other) = (args.next()?, args.next()?, args.next()?);
    if args.len() > 1 {
        return Err(Stop::SYNTAX);
    }
    let unit = if args.is_empty() { Unit::Metres } else { unit(&mut args)? };
    let scores = ctx.keys.sorted_set(key)?.and_then(|set| set.score(member).zip(set.score(other)));
    match scores {
        Some((score, other)) => {
            let distance_m = Position::from_score(score).distance_m(Position::from_score(other));
            show_distance(&mut ctx.reply, distance_m / unit.metres());
        }
        None => ctx.reply.null(),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_resp3};

    #[test]
    fn where_members_are() {
        check(
            r#"GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
            GEOPOS g Palermo none -> [["13.361389338970184", "38.1155563954963"], nil[]] | GEOPOS x a -> [nil[]] | GEOPOS g -> []
            GEOHASH g Palermo Catania none -> ["sqc8b49rny0", "sqdtr74hyu0", nil]
            GEODIST g Palermo Catania -> "166274.1516" | GEODIST g Palermo Catania km -> "166.2742" | GEODIST g Palermo Catania MI -> "103.3182"
            GEODIST g Palermo none -> nil | GEODIST g Palermo Catania x -> ERR unsupported unit provided. please use M, KM, FT, MI
            GEODIST g Palermo Catania m x -> ERR syntax error"#,
        );
        check_resp3(
            "GEOADD g 13.361389 38.115556 p | GEOPOS g p x -> [[,13.361389338970184, ,38.1155563954963], nil]",
        );
    }
}
