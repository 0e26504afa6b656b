//! The declarations of the commands that search.

use super::{georadius, georadius_ro, georadiusbymember, georadiusbymember_ro, geosearch, geosearchstore};
use crate::geo::geopos::UNIT;
use crate::prelude::*;
use engine::command::key_spec::BeginSearch;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: geosearch,
        subcommands: &[],
        spec: Spec {
            name: "GEOSEARCH",
            summary: "Returns the members in a circle, a box or a polygon.",
            since: "6.2.0",
            arity: Arity::AtLeast(7),
            flags: READONLY,
            keys: &[KeySpec::at(1).ro().access()],
            args: &[Arg::key("key"), FROM.optional(), BY, ORDER, COUNT, WITH_COORD, WITH_DIST, WITH_HASH],
            history: &[("7.0.0", "Units may be written in upper case."), POLYGON_SINCE],
            ..SEARCH
        },
    },
    Command {
        run: geosearchstore,
        subcommands: &[],
        spec: Spec {
            name: "GEOSEARCHSTORE",
            summary: "Stores the members in a circle, a box or a polygon under another key.",
            since: "6.2.0",
            arity: Arity::AtLeast(8),
            flags: WRITE.and(DENYOOM),
            keys: &[KeySpec::at(1).ow().update(), KeySpec::at(2).ro().access()],
            args: &[
                Arg::key("destination"),
                Arg::key("source").of_key_spec(1),
                FROM.optional(),
                BY,
                ORDER,
                COUNT,
                Arg::token("storedist", "STOREDIST").optional(),
            ],
            history: &[POLYGON_SINCE],
            ..SEARCH
        },
    },
    Command {
        run: georadius,
        subcommands: &[],
        spec: Spec {
            name: "GEORADIUS",
            summary: "Returns the members in a circle around a position, or stores them.",
            since: "3.2.0",
            arity: Arity::AtLeast(6),
            flags: WRITE.and(DENYOOM).and(MOVABLEKEYS),
            keys: &[KeySpec::at(1).ro().access(), behind("STORE", 6), behind("STOREDIST", 6)],
            args: &[
                Arg::key("key"),
                LONGITUDE,
                LATITUDE,
                RADIUS,
                UNIT,
                WITH_COORD,
                WITH_DIST,
                WITH_HASH,
                COUNT,
                ORDER,
                STORE,
            ],
            deprecated: Some(("6.2.0", "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument")),
            ..SEARCH
        },
    },
    Command {
        run: georadius_ro,
        subcommands: &[],
        spec: Spec {
            name: "GEORADIUS_RO",
            summary: "Returns the members in a circle around a position.",
            since: "3.2.10",
            arity: Arity::AtLeast(6),
            flags: READONLY,
            keys: &[KeySpec::at(1).ro().access()],
            args: &[
                Arg::key("key"),
                LONGITUDE,
                LATITUDE,
                RADIUS,
                UNIT,
                WITH_COORD,
                WITH_DIST,
                WITH_HASH,
                COUNT,
                ORDER,
            ],
            deprecated: Some(("6.2.0", "`GEOSEARCH` with the `BYRADIUS` argument")),
            ..SEARCH
        },
    },
    Command {
        run: georadiusbymember,
        subcommands: &[],
        spec: Spec {
            name: "GEORADIUSBYMEMBER",
            summary: "Returns the members in a circle around another member, or stores them.",
            since: "3.2.0",
            arity: Arity::AtLeast(5),
            flags: WRITE.and(DENYOOM).and(MOVABLEKEYS),
            keys: &[KeySpec::at(1).ro().access(), behind("STORE", 5), behind("STOREDIST", 5)],
            args: &[
                Arg::key("key"),
                Arg::string("member"),
                RADIUS,
                UNIT,
                WITH_COORD,
                WITH_DIST,
                WITH_HASH,
                COUNT,
                ORDER,
                STORE,
            ],
            deprecated: Some((
                "6.2.0",
                "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments",
            )),
            ..SEARCH
        },
    },
    Command {
        run: georadiusbymember_ro,
        subcommands: &[],
        spec: Spec {
            name: "GEORADIUSBYMEMBER_RO",
            summary: "Returns the members in a circle around another member.",
            since: "3.2.10",
            arity: Arity::AtLeast(5),
            flags: READONLY,
            keys: &[KeySpec::at(1).ro().access()],
            args: &[
                Arg::key("key"),
                Arg::string("member"),
                RADIUS,
                UNIT,
                WITH_COORD,
                WITH_DIST,
                WITH_HASH,
                COUNT,
                ORDER,
            ],
            deprecated: Some(("6.2.0", "`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments")),
            ..SEARCH
        },
    },
];

const SEARCH: Spec = Spec {
    complexity: "O(N+log(M)), N being the number of members in the cells around the area and M those in the area.",
    group: Group::Geo,
    ..Spec::NEW
};

/// The key behind a keyword, which is looked for from a word on.
const fn behind(keyword: &'static str, from: i32) -> KeySpec {
    let mut spec = KeySpec::at(0);
    spec.begin = BeginSearch::Keyword(keyword, from);
    spec.ow().update()
}

/// From which release of Valkey on.
const POLYGON_SINCE: (&str, &str) = ("9.0.0", "The option `BYPOLYGON`.");

const LONGITUDE: Arg = Arg::double("longitude");
const LATITUDE: Arg = Arg::double("latitude");
const RADIUS: Arg = Arg::double("radius");
const WITH_COORD: Arg = Arg::token("withcoord", "WITHCOORD").optional();
const WITH_DIST: Arg = Arg::token("withdist", "WITHDIST").optional();
const WITH_HASH: Arg = Arg::token("withhash", "WITHHASH").optional();
const ORDER: Arg = Arg::one_of("order", &[Arg::token("asc", "ASC"), Arg::token("desc", "DESC")]).optional();
const COUNT: Arg =
    Arg::block("count-block", &[Arg::integer("count").after("COUNT"), Arg::token("any", "ANY").optional()])
        .optional();
const FROM: Arg = Arg::one_of(
    "from",
    &[
        Arg::string("member").after("FROMMEMBER"),
        Arg::block("fromlonlat", &[LONGITUDE, LATITUDE]).after("FROMLONLAT"),
    ],
);
const BY: Arg = Arg::one_of(
    "by",
    &[
        Arg::block("circle", &[RADIUS.after("BYRADIUS"), UNIT]),
        Arg::block("box", &[Arg::double("width").after("BYBOX"), Arg::double("height"), UNIT]),
        Arg::block(
            "polygon",
            &[
                Arg::integer("num-vertices").after("BYPOLYGON"),
                Arg::block("vertices", &[LONGITUDE, LATITUDE]).multiple(),
            ],
        ),
    ],
);
const STORE: Arg = Arg::one_of(
    "store",
    &[
        Arg::key("storekey").of_key_spec(1).after("STORE"),
        Arg::key("storedistkey").of_key_spec(2).after("STOREDIST"),
    ],
)
.optional();
