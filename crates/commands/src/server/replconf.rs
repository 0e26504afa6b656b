//! REPLCONF: what a replica and its primary tell each other beside the stream.

use crate::prelude::*;
use engine::client::card::ClientKind;
use engine::facts::replication::ReplicaState;
use log::Offset;
use log::commit::ReplicaKey;
use stdx::logging;
pub(super) const COMMANDS: &[Command] = &[Command {
    run: replconf,
    spec: Spec {
        name: "REPLCONF",
        summary: "Tells the other side of a replication link something.",
        since: "3.0.0",
        group: Group::Server,
        arity: Arity::AtLeast(1),
        flags: ADMIN.and(NOSCRIPT).and(LOADING).and(STALE).and(ALLOW_BUSY),
        is_internal: true,
        ..Spec::NEW
    },
    subcommands: &[],
}];

/// An address must be shorter than this.
const ADDRESS_MAX_BYTES: usize = 256;

fn replconf(ctx: &mut Context<'_>, mut args: Args<'_>) -> Result<(), Stop> {
    if args.len() % 2 == 1 {
        return Err(Stop::SYNTAX);
    }
    while !args.is_empty() {
        let (option, value) = (args.next()?, args.next()?);
        let is = |name: &str| option.eq_ignore_ascii_case(name.as_bytes());
        if is("ACK") {
            return acknowledge(ctx, value, args);
        } else if is("GETACK") {
            return report_offset(ctx);
        } else if is("ochre-history") {
            return tell_history(ctx, value);
        }
        introduce(ctx, option, value)?;
    }
    ctx.reply.ok();
    Ok(())
}

/// A replica says who it is and what it understands.
fn introduce(ctx: &mut Context<'_>, option: &[u8], value: &[u8]) -> Result<(), Stop> {
    let is = |name: &str| option.eq_ignore_ascii_case(name.as_bytes());
    let number = || stdx::number::parse_i64(value).ok_or(Stop::NOT_AN_INTEGER);
    let text = || String::from_utf8_lossy(value).into_owned();
    let words = ctx.client.replica_words();
    if is("listening-port") {
        words.port = u16::try_from(number()?).map_err(|_| Stop::NOT_AN_INTEGER)?;
    } else if is("ip-address") {
        if value.len() >= ADDRESS_MAX_BYTES {
            return Err(Stop::from(format!(
                "ERR REPLCONF ip-address provided by replica instance is too long: {} bytes",
                value.len()
            )));
        }
        words.address = Some(text());
    } else if is("capa") {
        words.takes_eof_mark |= value.eq_ignore_ascii_case(b"eof");
        words.recovers |= value.eq_ignore_ascii_case(b"ochre-recover");
        words.takes_psync2 |= value.eq_ignore_ascii_case(b"psync2");
        words.takes_rdb_channel |= value.eq_ignore_ascii_case(b"rdb-channel-repl");
        if let Some(number) = value.strip_prefix(b"rdb-version=") {
            words.rdb_version = stdx::number::parse_u64(number).and_then(|number| u32::try_from(number).ok());
        }
    } else if is("rdb-only") {
        words.rdb_only = number()? == 1;
    } else if is("version") {
        words.version = Some(text());
    } else if !is("set-rdb-client-id") {
        return Err(Stop::quoting("ERR Unrecognized REPLCONF option: ", option, ""));
    }
    Ok(())
}

/// A replica says how much of the stream it has applied, and has on disk. There is no answer.
fn acknowledge(ctx: &mut Context<'_>, offset: &[u8], mut args: Args<'_>) -> Result<(), Stop> {
    let parse = |text: &[u8]| stdx::number::parse_u64(text).map(Offset);
    let on_disk = if args.keyword("FACK") { parse(args.next()?) } else { None };
    let id = ctx.client.card.id;
    let now_ms = ctx.engine.clock.monotonic_ms;
    let (Some(offset), Some(replica)) = (parse(offset), ctx.engine.replication.replica_mut(id)) else {
        return Ok(());
    };
    replica.acknowledged = replica.acknowledged.max(offset);
    replica.acknowledged_on_disk = replica.acknowledged_on_disk.max(on_disk.unwrap_or_default());
    replica.acknowledged_at_ms = now_ms;
    if replica.state == ReplicaState::SendSnapshot {
        replica.state = ReplicaState::Online;
        replica.online_since_ms = now_ms;
        logging::notice!("Synchronization with replica {}:{} succeeded", replica.address, replica.port);
    }
    ctx.engine.commit.acknowledge(ReplicaKey(id), offset, on_disk);
    ctx.engine.replication.acknowledged = true;
    Ok(())
}

/// Our primary asks how much of its stream we have applied.
fn report_offset(ctx: &mut Context<'_>) -> Result<(), Stop> {
    if ctx.client.kind == ClientKind::Primary {
        let offset = ctx.engine.propagation.end().0;
        ctx.reply.array(3);
        ctx.reply.bulk(b"REPLCONF");
        ctx.reply.bulk(b"ACK");
        ctx.reply.bulk_integer(offset as i64);
    }
    Ok(())
}

/// A replica asks, before anything else, what we hold; it names its node.
fn tell_history(ctx: &mut Context<'_>, node: &[u8]) -> Result<(), Stop> {
    ctx.client.replica_words().node_id = log::ReplicationId::parse(node).ok();
    let standing = ctx.standing().to_string();
    ctx.reply.simple(&standing);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::{Bench, check, check_on};
    use engine::client::card::ClientKind;
    use engine::facts::replication::{ReplicaFact, ReplicaState};
    use log::Offset;
    use log::commit::ReplicaKey;

    #[test]
    fn a_replica_introduces_itself() {
        let mut bench = Bench::new();
        check_on(
            &mut bench,
            "REPLCONF listening-port 6380 ip-address 10.0.0.7 -> OK | REPLCONF capa eof capa psync2 capa new -> OK
            REPLCONF capa rdb-version=12 capa rdb-channel-repl -> OK",
        );
        let words = bench.client(1).replica_words();
        assert_eq!((words.port, words.address.as_deref()), (6380, Some("10.0.0.7")));
        assert!(words.takes_eof_mark && words.takes_psync2 && words.takes_rdb_channel);
        assert_eq!(words.rdb_version, Some(12));
        check("REPLCONF a -> ERR syntax error | REPLCONF a b -> ERR Unrecognized REPLCONF option: a");
    }

    #[test]
    fn the_first_acknowledgement_brings_a_replica_online() {
        let mut bench = Bench::new();
        let replica = ReplicaFact {
            client: 1,
            address: "127.0.0.1".to_string(),
            port: 1,
            state: ReplicaState::SendSnapshot,
            acknowledged: Offset::ZERO,
            acknowledged_on_disk: Offset::ZERO,
            acknowledged_at_ms: 0,
            online_since_ms: 0,
            rdb_only: false,
        };
        bench.node.engine.replication.replicas.push(replica);
        bench.node.engine.commit.add_replica(ReplicaKey(1), Offset::ZERO);
        assert_eq!(bench.run("REPLCONF ACK 70 FACK 50"), "");
        let replica = &bench.node.engine.replication.replicas[0];
        assert_eq!(replica.state, ReplicaState::Online);
        assert_eq!((replica.acknowledged, replica.acknowledged_on_disk), (Offset(70), Offset(50)));
        assert_eq!(bench.node.engine.commit.acknowledged_by(Offset(70)), 1);
    }

    #[test]
    fn who_asks_hears_what_is_held() {
        let mut bench = Bench::new();
        bench.run("SET k v");
        let id = bench.node.engine.propagation.history.id;
        let end = bench.node.engine.propagation.end();
        let node = "ab".repeat(20);
        let told = bench.run(&format!("REPLCONF ochre-history {node}"));
        assert_eq!(told, format!("id={id} offset={end} keys=1 past= left="));
        assert_eq!(bench.client(1).replica_words().node_id.unwrap().as_str(), node);
    }

    #[test]
    fn only_our_primary_hears_our_offset() {
        let mut bench = Bench::new();
        assert_eq!(bench.run("REPLCONF GETACK *"), "");
        bench.client(1).kind = ClientKind::Primary;
        assert_eq!(bench.run("REPLCONF GETACK *"), "[\"REPLCONF\", \"ACK\", \"0\"]");
    }
}
