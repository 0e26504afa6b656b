//! GEOSEARCH, GEORADIUS and their kin: members in an area.

mod options;
mod spec;
mod store;

use crate::geo::geopos::{show_distance, show_position};
use crate::prelude::*;
use datatypes::geo::Position;
use datatypes::geo::area::Area;
use datatypes::sorted_set::SortedSet;
use options::{Form, Order, Search};
pub(crate) use spec::COMMANDS;
use std::ops::Bound;

/// A member that was found.
struct Found {
    member: Vec<u8>,
    score: f64,
    /// From the middle, in metres.
    distance_m: f64,
}

/// The members of an area; `limit` ends the search early.
fn members_in(set: &SortedSet, area: &Area, limit: Option<usize>) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let is_enough = |found: &[Found]| limit.is_some_and(|limit| found.len() >= limit);
    for cell in area.cells() {
        if is_enough(&found) {
            break;
        }
        let scores = cell.scores();
        let ranks = set.ranks_of_scores(Bound::Included(scores.start), Bound::Excluded(scores.end));
        set.ascend(ranks, &mut |member, score| {
            if is_enough(&found) {
                return;
            }
            if let Some(distance_m) = area.distance_m(Position::from_score(score)) {
                found.push(Found { member: member.to_vec(), score, distance_m });
            }
        });
    }
    found
}

fn search(ctx: &mut Context<'_>, mut args: Args<'_>, form: Form) -> Result<(), Stop> {
    let search = Search::parse(ctx, &mut args, form)?;
    let mut found = Vec::new();
    if let (Some(set), Some(area)) =
        (ctx.keys.collection::<SortedSet>(search.source, Lookup::Peek)?, &search.area)
    {
        found = members_in(set, area, search.count.filter(|_| search.any));
    }
    match search.order() {
        Some(Order::Ascending) => found.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m)),
        Some(Order::Descending) => found.sort_by(|a, b| b.distance_m.total_cmp(&a.distance_m)),
        None => {}
    }
    found.truncate(search.count.unwrap_or(usize::MAX));
    match search.store {
        Some(store) => store::keep(ctx, store, &search, found, form),
        None => show(ctx, &search, &found),
    }
    Ok(())
}

fn show(ctx: &mut Context<'_>, search: &Search<'_>, found: &[Found]) {
    let parts =
        1 + [search.with_distance, search.with_hash, search.with_position].iter().filter(|on| **on).count();
    let reply = &mut ctx.reply;
    reply.array(found.len());
    for found in found {
        if parts > 1 {
            reply.array(parts);
        }
        reply.bulk(&found.member);
        if search.with_distance {
            show_distance(reply, found.distance_m / search.unit.metres());
        }
        if search.with_hash {
            reply.integer(found.score as i64);
        }
        if search.with_position {
            show_position(reply, Position::from_score(found.score));
        }
    }
}

fn geosearch(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    search(ctx, args, Form::Search)
}

fn geosearchstore(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    search(ctx, args, Form::SearchStore)
}

fn georadius(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    search(ctx, args, Form::Radius { by_member: false, may_store: true })
}

fn georadius_ro(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    search(ctx, args, Form::Radius { by_member: false, may_store: false })
}

fn georadiusbymember(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    search(ctx, args, Form::Radius { by_member: true, may_store: true })
}

fn georadiusbymember_ro(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    search(ctx, args, Form::Radius { by_member: true, may_store: false })
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, notifies, propagates};

    const SICILY: &str = "GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania 12.758489 38.788135 edge1 \
                          17.241510 38.788135 edge2";

    fn sicily(script: &str) {
        check(&format!("{SICILY}\n{script}"));
    }

    #[test]
    fn searches_circles_and_boxes() {
        sicily(
            r#"GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km ASC -> ["Catania", "Palermo"]
            GEOSEARCH g FROMLONLAT 15 37 BYBOX 400 400 km ASC WITHDIST -> [["Catania", "56.4413"], ["Palermo", "190.4424"], ["edge2", "279.7403"], ["edge1", "279.7405"]]
            GEOSEARCH g FROMMEMBER Palermo BYRADIUS 100 km DESC COUNT 1 -> ["edge1"]
            GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km ASC COUNT 1 WITHHASH WITHCOORD -> [["Catania", 3479447370796909, ["15.087267458438873", "37.50266842333162"]]]
            GEORADIUS g 15 37 200 km WITHDIST -> [["Palermo", "190.4424"], ["Catania", "56.4413"]]
            GEORADIUSBYMEMBER_RO g Palermo 200 km ASC -> ["Palermo", "edge1", "Catania"] | GEORADIUS_RO x 15 37 200 km -> []"#,
        );
    }

    /// What a real server of Valkey 9 answers.
    #[test]
    fn searches_polygons() {
        sicily(
            r#"GEOSEARCH g BYPOLYGON 4 12 37 18 37 18 39 12 39 -> ["Palermo", "edge1", "Catania", "edge2"]
            GEOSEARCH g BYPOLYGON 4 12 37 18 37 18 39 12 39 WITHDIST DESC COUNT 2 -> [["edge1", "212409.0341"], ["edge2", "212408.8908"]]
            GEOSEARCH g BYPOLYGON 4 12 37 18 39 18 37 12 39 WITHDIST -> [["Palermo", "143725.9101"]]
            GEOSEARCH g BYPOLYGON 3 12 37 12 37 12 37 BYPOLYGON 3 12 37 18 37 18 39 -> ["Catania"]
            GEOSEARCHSTORE d g BYPOLYGON 4 12 37 18 37 18 39 12 39 STOREDIST -> 4 | ZSCORE d Catania -> "6.004927976666302e+4"
            GEOSEARCH none BYPOLYGON 3 12 37 18 37 18 39 -> []"#,
        );
        sicily(
            "GEOSEARCH g BYPOLYGON 4 12 37 18 37 18 39 -> ERR GEOSEARCH BYPOLYGON must have at least 3 vertices
            GEOSEARCH g BYPOLYGON 2 12 37 18 37 -> ERR GEOSEARCH BYPOLYGON must have at least 3 vertices
            GEOSEARCH g BYPOLYGON x 12 37 18 37 -> ERR invalid number of vertices
            GEOSEARCH g BYPOLYGON 2147483648 12 37 18 37 -> ERR invalid number of vertices
            GEOSEARCH g BYPOLYGON 3 12 37 18 37 18 99 -> ERR invalid longitude,latitude pair 18.000000,99.000000
            GEOSEARCH g BYPOLYGON 3 12 37 18 37 18 39 ANY -> ERR the ANY argument requires COUNT argument
            GEOSEARCH g ASC ASC ASC ASC BYPOLYGON 3 -> ERR syntax error
            GEOSEARCH g FROMLONLAT 15 37 BYPOLYGON 3 12 37 18 37 18 39 -> ERR syntax error
            GEOSEARCH g BYPOLYGON 3 12 37 18 37 18 39 FROMMEMBER Palermo -> ERR syntax error
            GEOSEARCH g BYPOLYGON 3 12 37 18 37 18 39 BYRADIUS 5 km -> ERR syntax error
            GEORADIUS g 15 37 200 km BYPOLYGON 3 12 37 18 37 18 39 -> ERR syntax error",
        );
    }

    #[test]
    fn an_option_said_again_replaces_the_first() {
        sicily(
            r#"GEOSEARCH g FROMLONLAT 1 2 FROMLONLAT 15 37 BYRADIUS 1 km BYRADIUS 200 km ASC -> ["Catania", "Palermo"]
            GEOSEARCH g FROMMEMBER Catania FROMMEMBER Palermo BYBOX 1 1 km BYBOX 2 2 km -> ["Palermo"]
            GEOSEARCH g FROMLONLAT 1 2 FROMMEMBER Palermo BYRADIUS 1 km -> ERR syntax error
            GEOSEARCH g FROMMEMBER Palermo BYRADIUS 1 km BYBOX 1 1 km -> ERR syntax error"#,
        );
    }

    #[test]
    fn results_are_stored() {
        sicily(
            r#"GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 200 km -> 2 | ZRANGE d 0 -1 WITHSCORES -> ["Palermo", "3479099956230698", "Catania", "3479447370796909"]
            GEORADIUS g 15 37 200 km STOREDIST d -> 2 | ZRANGE d 0 -1 -> ["Catania", "Palermo"] | GEORADIUS g 15 37 1 km STORE d -> 0 | EXISTS d -> 0"#,
        );
        notifies(&format!("{SICILY} | GEORADIUS g 15 37 200 km STORE d -> new d, georadiusstore d"));
    }

    #[test]
    fn what_a_polygon_holds_is_passed_on_as_members() {
        let inside = "GEOSEARCHSTORE d g BYPOLYGON 3 12 37 18 37 18 39";
        let outside = "GEOSEARCHSTORE d g BYPOLYGON 3 1 1 2 1 2 2";
        propagates(&format!(
            "{SICILY} | {inside} -> ZADD d 3479447370796909 Catania | {inside} -> MULTI; DEL d; ZADD d 3479447370796909 Catania; EXEC | {outside} -> DEL d | {outside} -> nothing
            GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 1 km -> nothing"
        ));
    }

    #[test]
    fn finds_what_lies_on_the_edge_of_the_map() {
        check(
            r#"GEOADD g 180 10 e 10 85.05112878 n | GEOSEARCH g FROMMEMBER e BYRADIUS 0 km -> ["e"]
            GEOSEARCH g FROMMEMBER n BYRADIUS 9 km -> ["n"]"#,
        );
    }

    #[test]
    fn refuses_what_makes_no_sense() {
        sicily(
            "GEOSEARCH g BYRADIUS 1 km ASC WITHDIST WITHHASH -> ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for GEOSEARCH
            geoSearch g FROMLONLAT 15 37 ASC WITHDIST WITHHASH -> ERR exactly one of BYRADIUS and BYBOX can be specified for geoSearch
            GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 1 km ANY -> ERR the ANY argument requires COUNT argument
            GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 1 km COUNT 0 -> ERR COUNT must be > 0
            GEOSEARCH g FROMLONLAT 15 37 BYRADIUS -1 km -> ERR radius cannot be negative
            GEOSEARCH g FROMLONLAT 15 37 BYBOX 1 x km -> ERR need numeric height
            GEOSEARCH g FROMMEMBER nobody BYRADIUS 1 km -> ERR could not decode requested zset member
            GEORADIUS g 15 37 200 km STORE d WITHDIST -> ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options
            GEORADIUS_RO g 15 37 200 km STORE d -> ERR syntax error | GEORADIUS g 15 37 x km -> ERR need numeric radius",
        );
    }
}
