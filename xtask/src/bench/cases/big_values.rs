//! Values of ten million elements: how long one command holds up everybody else.

use std::time::Instant;

use super::{append, scattered};
use crate::bench::connection::Connection;
use crate::bench::contest::{Contest, SIDES, Side};
use crate::bench::server::Cores;
use crate::bench::table::{Figure, Table};

/// Elements of a value, where `--keys` names no other number.
const ELEMENTS: u64 = 10_000_000;
/// How often a command that may be repeated is sent, in so many batches: of each, the slowest counts, and of these the median,
/// since a scheduler that takes a core away for some milliseconds is no fault of the command's.
const TIMES: u32 = 200;
const BATCHES: u32 = 9;

/// A kind of value, and what is done to it.
struct Kind {
    name: &'static str,
    /// Writes the request that adds the element of this number.
    add: fn(u64, &mut Vec<u8>),
    /// Commands that leave the value about as large as it is.
    repeated: &'static [&'static str],
    /// Commands that are sent once, in this order.
    once: &'static [&'static str],
}

const KINDS: &[Kind] = &[
    Kind {
        name: "list",
        add: |number, out| append(out, &[b"RPUSH", b"big", &element(number)]),
        repeated: &[
            "LPUSH big x",
            "LPOP big",
            "RPUSH big x",
            "RPOP big",
            "LINDEX big 5000000",
            "LSET big 5000000 y",
        ],
        once: &[
            "COPY big twin",
            "LPUSH big x",
            "LTRIM twin 1000000 -1000000",
            "LPOP big 1",
            "RENAME twin big",
            "DEL big",
        ],
    },
    Kind {
        name: "set",
        add: |number, out| append(out, &[b"SADD", b"big", &element(number)]),
        repeated: &["SADD big x", "SREM big x", "SPOP big", "SRANDMEMBER big", "SISMEMBER big x"],
        once: &["COPY big twin", "SADD big y", "PEXPIRE twin 0", "FLUSHALL ASYNC"],
    },
    Kind {
        name: "hash",
        add: |number, out| append(out, &[b"HSET", b"big", &element(number), b"value"]),
        repeated: &["HSET big x 1", "HDEL big x", "HINCRBY big y 1", "HGET big y"],
        once: &["COPY big twin", "HSET big z 1", "SET twin x", "DEL big"],
    },
    Kind {
        name: "sorted set",
        add: |number, out| {
            let score = scattered(number).to_string();
            append(out, &[b"ZADD", b"big", score.as_bytes(), &element(number)]);
        },
        repeated: &[
            "ZADD big 500000.5 x",
            "ZREM big x",
            "ZPOPMIN big",
            "ZRANK big 0000005000000",
            "ZCOUNT big 1000 900000",
        ],
        once: &[
            "COPY big twin",
            "ZADD big 1 x",
            "UNLINK twin",
            "ZREMRANGEBYRANK big 0 999",
            "ZREMRANGEBYRANK big 1000 -1001",
            "DEL big",
        ],
    },
    Kind {
        name: "stream",
        add: |number, out| append(out, &[b"XADD", b"big", b"*", b"field", &element(number)]),
        repeated: &["XADD big * a b", "XLEN big", "XDEL big 1-1"],
        once: &["COPY big twin", "XADD big * a b", "XTRIM twin MAXLEN 1000", "DEL big"],
    },
];

fn element(number: u64) -> Vec<u8> {
    format!("{number:013}").into_bytes()
}

/// Runs the case, once for each server.
pub fn run(contest: &Contest<'_>) -> Result<Table, String> {
    let mut table = contest.table();
    let count = contest.options.keys.unwrap_or(ELEMENTS);
    for kind in KINDS {
        for side in SIDES {
            let server = contest.start(side, Cores::Server, &[])?;
            let mut connection = server.connect()?;
            connection.fill(count, kind.add)?;
            measure(&mut table, kind, side, &mut connection)?;
        }
    }
    Ok(table)
}

fn measure(table: &mut Table, kind: &Kind, side: Side, connection: &mut Connection) -> Result<(), String> {
    let mut add = |command: &str, times: u32| -> Result<(), String> {
        let slowest_ms = slowest_ms(connection, command, times)?;
        table.add(&format!("{}: {command}", kind.name), Figure::Slowest, side, slowest_ms);
        Ok(())
    };
    for command in kind.repeated {
        (0..BATCHES).try_for_each(|_| add(command, TIMES))?;
    }
    kind.once.iter().try_for_each(|command| add(command, 1))
}

/// Sends a command so often, each time from sending to its reply: nobody else is served meanwhile.
fn slowest_ms(connection: &mut Connection, command: &str, times: u32) -> Result<f64, String> {
    let request = format!("{command}\r\n");
    (0..times).try_fold(0_f64, |slowest_ms, _| {
        let began = Instant::now();
        connection.send(request.as_bytes())?;
        connection.expect_reply()?;
        Ok(slowest_ms.max(began.elapsed().as_secs_f64() * 1000.0))
    })
}
