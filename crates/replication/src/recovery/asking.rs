//! Asks replicas what they hold: all at once, each on a thread of its own.

use crate::follower::ended::Ended;
use crate::follower::lines::Lines;
use crate::follower::offer::Offer;
use crate::follower::on_node::greeting;
use crate::handshake::{Greeting, Handshake, Next};
use engine::engine::Node;
use engine::facts::replication::KnownReplica;
use engine::facts::replication_events::Cause;
use engine::shared::Shared;
use net::stream::{Address, Stream};
use std::io::{Read, Write};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};
use stdx::logging::notice;

/// Replicas that are asked at most.
const ASKED_MAX: usize = 16;

/// Asks the replicas; returns what those hold that answered in time.
pub(super) fn ask_all(
    shared: &Shared<Node>,
    replicas: &[KnownReplica],
    timeout: Duration,
) -> Vec<(KnownReplica, Offer)> {
    let greeting = Greeting { holds_data: true, ..greeting(&shared.lock()) };
    let (answers, answered) = channel();
    for replica in replicas.iter().rev().take(ASKED_MAX) {
        let (answers, greeting, replica) = (answers.clone(), greeting.clone(), replica.clone());
        let ask = move || {
            let outcome = ask(&replica, greeting, timeout);
            // Nobody waits any more when the time is over.
            let _ = answers.send((replica, outcome));
        };
        if let Err(error) = stdx::thread::spawn("ask-replica", ask) {
            notice!("Can't ask a replica: {error}");
        }
    }
    drop(answers);
    let deadline = Instant::now() + timeout;
    let mut offers = Vec::new();
    while let Ok((replica, outcome)) =
        answered.recv_timeout(deadline.saturating_duration_since(Instant::now()))
    {
        let KnownReplica { address, port, .. } = &replica;
        match outcome {
            Ok(offer) => offers.push((replica, offer)),
            Err(ended) => notice!("Replica {address}:{port} does not tell what it holds: {ended}"),
        }
    }
    offers
}

fn ask(replica: &KnownReplica, greeting: Greeting, timeout: Duration) -> Result<Offer, Ended> {
    let address = Address::Tcp { host: replica.address.clone(), port: replica.port };
    let mut stream =
        Stream::connect(&address, Some(timeout)).map_err(|error| Ended::of_connecting(&error))?;
    let io_error = |error| Ended::of_io(&error, "asking");
    stream.set_read_timeout(Some(timeout)).map_err(io_error)?;
    stream.set_write_timeout(Some(timeout)).map_err(io_error)?;
    let (mut handshake, first) = Handshake::begin(greeting);
    stream.write_all(&first).map_err(io_error)?;
    let (mut lines, mut chunk) = (Lines::default(), [0; 4096]);
    loop {
        let read = stream.read(&mut chunk).map_err(io_error)?;
        if read == 0 {
            return Err(Ended::new(Cause::ClosedByPeer, "the connection was closed"));
        }
        let mut rest = &chunk[..read];
        let too_long = |_| Ended::new(Cause::NotUnderstood, "a line is too long");
        while let Some(line) = lines.take(&mut rest).map_err(too_long)? {
            match handshake.line(&line)? {
                Next::Send(bytes) => stream.write_all(&bytes).map_err(io_error)?,
                Next::Read => {}
                Next::Offered(offer) => return Ok(offer),
                Next::Done(_) => return Err(Ended::new(Cause::NotUnderstood, "nothing was asked for")),
            }
        }
    }
}
