//! MIGRATE: move keys to another server.
//!
//! The keys are written down, a thread of the process sends them while other requests go on, and the command runs again
//! when they have arrived. A key that was changed meanwhile is not removed: nothing is lost. A transaction cannot be left in
//! its midst: there everybody waits, as in Redis.

use super::dump;
use crate::prelude::*;
use engine::command::key_spec::{BeginSearch, FindKeys};
use engine::facts::migrations::{Delivery, Migration, Parcel};
use engine::facts::requests::{Asked, ProcessRequest};
use std::sync::Arc;

pub(crate) const COMMANDS: &[Command] = &[Command {
    run: migrate,
    subcommands: &[],
    spec: Spec {
        name: "MIGRATE",
        summary: "Moves keys to another server.",
        since: "2.6.0",
        complexity: "O(N) with N the size of the values.",
        group: Group::Generic,
        arity: Arity::AtLeast(6),
        flags: WRITE.and(MOVABLEKEYS),
        categories: Categories::DANGEROUS,
        keys: &[KeySpec::at(3).rw().access().delete(), LISTED_KEYS],
        args: &[
            Arg::string("host"),
            Arg::integer("port"),
            Arg::one_of("key-selector", &[Arg::key("key"), Arg::token("empty-string", "")]),
            Arg::integer("destination-db"),
            Arg::integer("timeout"),
            Arg::token("copy", "COPY").since("3.0.0").optional(),
            Arg::token("replace", "REPLACE").since("3.0.0").optional(),
            Arg::one_of(
                "authentication",
                &[
                    Arg::string("auth").after("AUTH").since("4.0.7"),
                    Arg::block("auth2", &[Arg::string("username"), Arg::string("password")])
                        .after("AUTH2")
                        .since("6.0.0"),
                ],
            )
            .optional(),
            Arg::key("keys").of_key_spec(1).after("KEYS").since("3.0.6").optional().multiple(),
        ],
        history: &[
            ("3.0.0", "The options `COPY` and `REPLACE`."),
            ("3.0.6", "The option `KEYS`."),
            ("4.0.7", "The option `AUTH`."),
            ("6.0.0", "The option `AUTH2`."),
        ],
        tips: &["nondeterministic_output"],
        ..Spec::NEW
    },
}];

/// The keys behind KEYS.
const LISTED_KEYS: KeySpec = KeySpec {
    begin: BeginSearch::Keyword("KEYS", -2),
    find: FindKeys::Range { last: -1, step: 1, limit: 0 },
    ..KeySpec::at(0).rw().access().delete().incomplete()
};

/// How long each step may take when nothing sensible is asked for, in milliseconds.
const DEFAULT_TIMEOUT_MS: u64 = 1000;

const CHANGED: Stop = Stop::error(
    "ERR Keys were changed while they were migrated: they are still here, and the target has what they were before",
);

const NO_ADDRESS: Stop = Stop::error("IOERR error or timeout connecting to the client");

/// What is asked for.
struct Plan<'a> {
    host: &'a [u8],
    port: &'a [u8],
    database: i64,
    timeout_ms: u64,
    copy: bool,
    replace: bool,
    credentials: Vec<&'a [u8]>,
    keys: Vec<&'a [u8]>,
}

impl<'a> Plan<'a> {
    fn parse(mut args: Args<'a>) -> Result<Plan<'a>, Stop> {
        let (host, port, key) = (args.next()?, args.next()?, args.next()?);
        let (database, timeout) = (args.next()?, args.next()?);
        let (mut copy, mut replace, mut credentials, mut keys) = (false, false, Vec::new(), vec![key]);
        while !args.is_empty() {
            if args.keyword("COPY") {
                copy = true;
            } else if args.keyword("REPLACE") {
                replace = true;
            } else if args.keyword("AUTH") {
                credentials = vec![args.next()?];
            } else if args.keyword("AUTH2") {
                credentials = vec![args.next()?, args.next()?];
            } else if args.keyword("KEYS") {
                if !key.is_empty() {
                    return Err(Stop::error(
                        "ERR When using MIGRATE KEYS option, the key argument must be set to the empty string",
                    ));
                }
                keys = args.rest().collect();
                break;
            } else {
                return Err(Stop::SYNTAX);
            }
        }
        let integer = |text| stdx::number::parse_i64(text).ok_or(Stop::NOT_AN_INTEGER);
        let timeout_ms = integer(timeout)?;
        let database = integer(database)?;
        let timeout_ms = u64::try_from(timeout_ms).ok().filter(|&ms| ms > 0).unwrap_or(DEFAULT_TIMEOUT_MS);
        Ok(Plan { host, port, database, timeout_ms, copy, replace, credentials, keys })
    }

    /// The keys that are there, written down.
    fn parcels(&self, ctx: &mut Context<'_>) -> Result<Vec<Parcel>, Stop> {
        self.keys.iter().filter_map(|key| parcel(ctx, key).transpose()).collect()
    }

    fn migration(&self, parcels: &Arc<Vec<Parcel>>) -> Result<Migration, Stop> {
        let port = stdx::number::parse_i64(self.port).and_then(|port| u16::try_from(port).ok());
        Ok(Migration {
            host: std::str::from_utf8(self.host).map_err(|_| NO_ADDRESS)?.to_string(),
            port: port.ok_or(NO_ADDRESS)?,
            database: self.database,
            timeout_ms: self.timeout_ms,
            credentials: self.credentials.iter().map(|word| word.to_vec()).collect(),
            replace: self.replace,
            parcels: Arc::clone(parcels),
        })
    }
}

fn parcel(ctx: &mut Context<'_>, key: &[u8]) -> Result<Option<Parcel>, Stop> {
    let Some(entry) = ctx.keys.find(key) else { return Ok(None) };
    let expire_at_ms = entry.expire_at_ms();
    let payload = dump::payload(entry, &ctx.engine.config.snapshotting)?;
    Ok(Some(Parcel { key: key.to_vec(), payload, expire_at_ms }))
}

fn migrate(ctx: &mut Context<'_>, args: Args<'_>) -> Result<(), Stop> {
    let plan = Plan::parse(args)?;
    let client = ctx.client.card.id;
    if let Some((parcels, delivery)) = ctx.engine.migrations.take(client) {
        return finish(ctx, &plan, &parcels, delivery);
    }
    let parcels = Arc::new(plan.parcels(ctx)?);
    if parcels.is_empty() {
        ctx.reply.simple("NOKEY");
        return Ok(());
    }
    let migration = plan.migration(&parcels)?;
    if !ctx.may_wait() {
        let send_now = ctx.engine.migrations.send_now.ok_or(NO_ADDRESS)?;
        return finish(ctx, &plan, &parcels, send_now(&migration));
    }
    let request = ProcessRequest::Migrate(migration);
    ctx.engine.migrations.begin(client, parcels);
    ctx.engine.requests.push(Asked { request, client: Some(client) });
    Err(Stop::Wait(WaitOn::Migration))
}

/// Removes what has arrived.
fn finish(
    ctx: &mut Context<'_>,
    plan: &Plan<'_>,
    parcels: &[Parcel],
    delivery: Delivery,
) -> Result<(), Stop> {
    let arrived = delivery.taken.iter().filter_map(|&place| parcels.get(place));
    let (mut removed, mut is_changed): (Vec<&[u8]>, bool) = (vec![b"DEL"], false);
    for sent in arrived.filter(|_| !plan.copy) {
        match parcel(ctx, &sent.key) {
            Ok(Some(now)) if now == *sent => {
                ctx.keys.remove(&sent.key);
                ctx.keys.modified(&sent.key, Event::DEL);
                removed.push(&sent.key);
            }
            Ok(None) => {}
            _ => is_changed = true,
        }
    }
    if removed.len() > 1 {
        ctx.propagate_as(&removed);
    }
    match delivery.error {
        Some(error) => Err(Stop::from(error)),
        None if is_changed => Err(CHANGED),
        None => {
            ctx.reply.ok();
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_on};
    use engine::client::session::WaitEnd;
    use engine::facts::migrations::{Delivery, Migration};
    use engine::facts::requests::ProcessRequest;

    #[test]
    fn refuses_bad_requests() {
        check(
            "MIGRATE h 1 k 0 1000 -> NOKEY | MIGRATE h 1 k x 1000 -> ERR value is not an integer or out of range
            MIGRATE h 1 k 0 x -> ERR value is not an integer or out of range | MIGRATE h 1 k 0 1 FOO -> ERR syntax error
            MIGRATE h 1 k 0 1 AUTH -> ERR syntax error | MIGRATE h 1 k 0 1 AUTH2 a -> ERR syntax error
            MIGRATE h 1 k 0 1 KEYS a -> ERR When using MIGRATE KEYS option, the key argument must be set to the empty string
            MIGRATE h 1 \"\" 0 1 KEYS -> NOKEY | SET k v
            MIGRATE h x k 0 1 -> IOERR error or timeout connecting to the client",
        );
    }

    #[test]
    fn in_a_transaction_everybody_waits() {
        let mut bench = Bench::new();
        bench.node.engine.migrations.send_now =
            Some(|migration| Delivery { taken: (0..migration.parcels.len()).collect(), error: None });
        check_on(
            &mut bench,
            "MSET a 1 b 2 | MULTI | MIGRATE h 1 a 0 500 | GET a | MIGRATE h 1 b 0 500 COPY | MIGRATE h 1 a 0 500
            EXEC -> [OK, nil, OK, NOKEY] | EXISTS a b -> 1",
        );
        assert_eq!(bench.propagated(), "MSET a 1 b 2; DEL a");
        bench.node.engine.migrations.send_now =
            Some(|_| Delivery { taken: Vec::new(), error: Some("IOERR error or timeout".to_string()) });
        check_on(&mut bench, "MULTI | MIGRATE h 1 b 0 500 | GET b | EXEC -> [IOERR error or timeout, \"2\"]");
    }

    /// Asks, and returns what the process is asked for.
    fn asked(bench: &mut Bench, line: &str) -> Migration {
        assert_eq!(bench.run(line), "waits");
        match bench.node.engine.requests.pop().expect("something is asked").request {
            ProcessRequest::Migrate(migration) => migration,
            other => panic!("{other:?}"),
        }
    }

    fn deliver(bench: &mut Bench, taken: &[usize], error: Option<&str>) {
        let client = bench.client(1).card.id;
        let delivery = Delivery { taken: taken.to_vec(), error: error.map(str::to_string) };
        bench.node.engine.migrations.finish(client, delivery);
    }

    #[test]
    fn what_has_arrived_is_removed() {
        let mut bench = Bench::new();
        check_on(&mut bench, "MSET a 1 b 2 c 3 | PEXPIRE b 500");
        bench.propagated();
        let line = "MIGRATE h 1 \"\" 7 500 REPLACE AUTH2 user pw KEYS a nosuch b c";
        let migration = asked(&mut bench, line);
        assert_eq!((migration.port, migration.database, migration.replace), (1, 7, true));
        assert_eq!(migration.credentials, [b"user".to_vec(), b"pw".to_vec()]);
        let expiries: Vec<bool> =
            migration.parcels.iter().map(|parcel| parcel.expire_at_ms.is_some()).collect();
        assert_eq!(expiries, [false, true, false]);
        deliver(&mut bench, &[0, 1], Some("ERR Target instance replied with error: OOM"));
        let reply = bench.resume(line, WaitEnd::Changed);
        assert_eq!(reply, "ERR Target instance replied with error: OOM");
        assert_eq!(bench.propagated(), "DEL a b");
        check_on(&mut bench, "EXISTS a b c -> 1");
    }

    #[test]
    fn copies_and_what_was_changed_stay() {
        let mut bench = Bench::new();
        check_on(&mut bench, "SET a 1");
        asked(&mut bench, "MIGRATE h 1 a 0 500 COPY");
        deliver(&mut bench, &[0], None);
        assert_eq!(bench.resume("MIGRATE h 1 a 0 500 COPY", WaitEnd::Changed), "OK");
        asked(&mut bench, "MIGRATE h 1 a 0 500");
        check_on(&mut bench, "#2 SET a 2");
        deliver(&mut bench, &[0], None);
        let reply = bench.resume("MIGRATE h 1 a 0 500", WaitEnd::Changed);
        assert!(reply.starts_with("ERR Keys were changed while they were migrated"), "{reply}");
        check_on(&mut bench, "GET a -> \"2\"");
    }
}
