//! The declarations of the commands that combine sets.

use super::{zdiff, zdiffstore, zinter, zintercard, zinterstore, zunion, zunionstore};
use crate::prelude::*;

pub(crate) const COMMANDS: &[Command] = &[
    Command {
        run: zunion,
        subcommands: &[],
        spec: Spec {
            name: "ZUNION",
            summary: "Returns the members of several sets, their scores added up.",
            complexity: UNION,
            args: &[NUMBER, KEYS, WEIGHTS, AGGREGATE, WITH_SCORES],
            ..SHOWN
        },
    },
    Command {
        run: zinter,
        subcommands: &[],
        spec: Spec {
            name: "ZINTER",
            summary: "Returns the members that several sets have in common, their scores added up.",
            complexity: INTERSECTION,
            args: &[NUMBER, KEYS, WEIGHTS, AGGREGATE, WITH_SCORES],
            ..SHOWN
        },
    },
    Command {
        run: zdiff,
        subcommands: &[],
        spec: Spec {
            name: "ZDIFF",
            summary: "Returns the members of the first set that the others do not have.",
            complexity: DIFFERENCE,
            args: &[NUMBER, KEYS, WITH_SCORES],
            ..SHOWN
        },
    },
    Command {
        run: zintercard,
        subcommands: &[],
        spec: Spec {
            name: "ZINTERCARD",
            summary: "Counts the members that several sets have in common.",
            since: "7.0.0",
            complexity: INTERSECTION,
            args: &[NUMBER, KEYS, Arg::integer("limit").after("LIMIT").optional()],
            ..SHOWN
        },
    },
    Command {
        run: zunionstore,
        subcommands: &[],
        spec: Spec {
            name: "ZUNIONSTORE",
            summary: "Stores the members of several sets, their scores added up.",
            since: "2.0.0",
            complexity: UNION,
            args: &[DESTINATION, NUMBER, KEYS.of_key_spec(1), WEIGHTS, AGGREGATE],
            ..STORED
        },
    },
    Command {
        run: zinterstore,
        subcommands: &[],
        spec: Spec {
            name: "ZINTERSTORE",
            summary: "Stores the members that several sets have in common, their scores added up.",
            since: "2.0.0",
            complexity: INTERSECTION,
            args: &[DESTINATION, NUMBER, KEYS.of_key_spec(1), WEIGHTS, AGGREGATE],
            ..STORED
        },
    },
    Command {
        run: zdiffstore,
        subcommands: &[],
        spec: Spec {
            name: "ZDIFFSTORE",
            summary: "Stores the members of the first set that the others do not have.",
            complexity: DIFFERENCE,
            args: &[DESTINATION, NUMBER, KEYS.of_key_spec(1)],
            ..STORED
        },
    },
];

const UNION: &str = "O(N)+O(M*log(M)), N being the sum of the sets' sizes and M the size of the result.";
const INTERSECTION: &str = "O(N*K)+O(M*log(M)), N being the size of the smallest set, K the number of sets and M the size of the result.";
const DIFFERENCE: &str = "O(N*K)+O(M*log(M)), N being the size of the first set, K the number of sets and M the size of the result.";

const SHOWN: Spec = Spec {
    since: "6.2.0",
    group: Group::SortedSet,
    arity: Arity::AtLeast(3),
    flags: READONLY.and(MOVABLEKEYS),
    keys: &[KeySpec::counted(1, 1).ro().access()],
    ..Spec::NEW
};

const STORED: Spec = Spec {
    since: "6.2.0",
    group: Group::SortedSet,
    arity: Arity::AtLeast(4),
    flags: WRITE.and(DENYOOM).and(MOVABLEKEYS),
    keys: &[KeySpec::at(1).ow().update(), KeySpec::counted(2, 1).ro().access()],
    ..Spec::NEW
};

const DESTINATION: Arg = Arg::key("destination");
const NUMBER: Arg = Arg::integer("numkeys");
const KEYS: Arg = Arg::key("key").multiple();
const WEIGHTS: Arg = Arg::integer("weight").after("WEIGHTS").optional().multiple();
const AGGREGATE: Arg =
    Arg::one_of("aggregate", &[Arg::token("sum", "SUM"), Arg::token("min", "MIN"), Arg::token("max", "MAX")])
        .after("AGGREGATE")
        .optional();
const WITH_SCORES: Arg = Arg::token("withscores", "WITHSCORES").optional();
