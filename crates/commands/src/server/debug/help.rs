//! DEBUG HELP.

use crate::grammar::help;
use crate::prelude::*;

/// DEBUG HELP.
pub(super) fn help(ctx: &mut Context<'_>, _: Args<'_>) -> Result<(), Stop> {
    help::reply(&mut ctx.reply, "DEBUG", LINES);
    Ok(())
}

const LINES: &[(&str, &[&str])] = &[
    ("AOF-FLUSH-SLEEP <microseconds>", &["Make every write of the append-only file take longer by this."]),
    ("CHANGE-REPL-ID", &["Begin a new replication history: every replica needs a full copy."]),
    ("CRASH-AND-RECOVER [<milliseconds>]", &["Start again without a clean end, after a delay."]),
    ("DICT-RESIZING <0|1>", &["Whether tables shrink when keys go."]),
    ("DIGEST", &["A signature of all data, the same on two servers whose data are."]),
    ("DIGEST-VALUE <key> [<key> ...]", &["A signature of the value of each key."]),
    ("HTSTATS <dbid>", &["Figures of a database's table."]),
    ("LOADAOF", &["Load the append-only files again."]),
    ("LOG <message>", &["Write a line to the log."]),
    ("OBJECT <key>", &["How the value of a key is stored."]),
    ("OOM", &["Die of a failed allocation."]),
    ("PANIC", &["Die of a panic."]),
    ("PAUSE-CRON <0|1>", &["Do no work by the clock."]),
    (
        "POPULATE <count> [<prefix>] [<size>]",
        &["Make so many keys called <prefix>:<number> (key:<number>); replicas are not told."],
    ),
    (
        "PROTOCOL <type>",
        &[
            "A reply of this kind: string, integer, double, bignum, null, array, set, map, attrib,",
            "push, verbatim, true or false.",
        ],
    ),
    (
        "RELOAD [MERGE] [NOFLUSH] [NOSAVE]",
        &["Save the data and load them again; NOFLUSH keeps what is there, NOSAVE loads the file as it is."],
    ),
    (
        "REPLYBUFFER PEAK-RESET-TIME <NEVER|RESET|time>",
        &["After how many milliseconds it is forgotten how much room a client's replies needed at most."],
    ),
    ("REPLYBUFFER RESIZING <0|1>", &["Whether the room that is kept for replies follows their peak."]),
    ("RESTART [<milliseconds>]", &["Save, end cleanly and start again, after a delay."]),
    ("SEGFAULT", &["Die of a forbidden memory access."]),
    ("SET-ACTIVE-EXPIRE <0|1>", &["Whether expired keys are looked for that nobody asks for."]),
    ("SET-SKIP-CHECKSUM-VALIDATION <0|1>", &["Whether wrong checksums of RDB data are let pass."]),
    ("SLEEP <seconds>", &["Keep everybody waiting; fractions allowed."]),
];
