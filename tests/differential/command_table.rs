//! COMMAND INFO of every command that is there, beside the real server's.

use std::collections::{BTreeMap, BTreeSet};

use testkit::{Client, Program, Reply, Server, skip};

/// The facts of a command that clients rely on.
#[derive(Debug, PartialEq)]
struct Facts {
    arity: i64,
    flags: BTreeSet<String>,
    keys: [i64; 3],
    categories: BTreeSet<String>,
}

/// Commands whose table entry differs by design from that of Redis 7.0: it is that of Redis 7.2 and later.
const LATER: [&str; 12] = [
    "command|getkeys",
    "command|getkeysandflags",
    "wait",
    "zrank",
    "zrevrank",
    "blmove",
    "blmpop",
    "blpop",
    "brpop",
    "brpoplpush",
    "bzpopmin",
    "bzpopmax",
];

fn facts(client: &mut Client, names: &[String]) -> BTreeMap<String, Facts> {
    let mut command = vec!["COMMAND".to_owned(), "INFO".to_owned()];
    command.extend(names.iter().cloned());
    let mut table = BTreeMap::new();
    for entry in client.command(&command).array() {
        if entry != Reply::Nil {
            collect(entry, &mut table);
        }
    }
    table
}

/// An entry and those of its subcommands.
fn collect(entry: Reply, table: &mut BTreeMap<String, Facts>) {
    let fields = entry.array();
    let texts = |reply: &Reply| reply.clone().array().iter().map(Reply::text).collect::<BTreeSet<_>>();
    let number = |index: usize| fields[index].integer();
    let facts = Facts {
        arity: number(1),
        flags: texts(&fields[2]),
        keys: [number(3), number(4), number(5)],
        categories: texts(&fields[6]),
    };
    table.insert(fields[0].text(), facts);
    if let Some(subcommands) = fields.get(9) {
        subcommands.clone().array().into_iter().for_each(|entry| collect(entry, table));
    }
}

#[test]
fn has_the_real_servers_entries() {
    let Some(redis) = Program::redis_7() else { return skip("there is no redis-server on PATH") };
    let (own, real) = (Server::start(&Program::under_test()), Server::start(&redis));
    let names: Vec<String> = own.client().run("COMMAND LIST").array().iter().map(Reply::text).collect();
    let (mut own, real) = (facts(&mut own.client(), &names), facts(&mut real.client(), &names));
    own.retain(|name, _| real.contains_key(name) && !LATER.contains(&name.as_str()));
    assert!(own.len() > 60, "only {} commands in common", own.len());
    let differing: Vec<String> = own
        .iter()
        .filter(|(name, facts)| real.get(*name) != Some(*facts))
        .map(|(name, facts)| format!("{name}:\n  here {facts:?}\n  real {:?}", real[name]))
        .collect();
    assert!(differing.is_empty(), "{} entries differ:\n{}", differing.len(), differing.join("\n"));
}
