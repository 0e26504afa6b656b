//! The link while it streams: applies what the primary sends, and acknowledges.

use super::{LinkThread, Settings};
use crate::apply::Stream as Applied;
use crate::transfer::Buffered;
use engine::client::card::{Card, ClientKind};
use engine::client::session::Session;
use engine::facts::replication::LinkState;
use net::stream::Stream;
use resp::request::append_multibulk;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long one read of the stream waits: acknowledgements are sent at least this often while it is silent.
const READ_WAIT: Duration = Duration::from_millis(100);
/// How often the offset is acknowledged.
const ACKNOWLEDGE_EVERY: Duration = Duration::from_secs(1);

impl LinkThread {
    /// Applies the stream until the link fails.
    pub(super) fn apply(&self, mut reader: Buffered<Stream>, settings: &Settings) -> Result<(), String> {
        let mut session = self.connected(reader.inner())?;
        let outcome = self.apply_stream(&mut reader, settings, &mut session);
        let mut node = self.shared.lock();
        node.engine.clients.remove(session.card.id);
        outcome
    }

    fn connected(&self, stream: &Stream) -> Result<Session, String> {
        let mut node = self.shared.lock();
        if node.engine.replication.order != self.order {
            return Err("the order to follow was withdrawn".to_string());
        }
        let now_ms = node.engine.clock.wall_ms;
        let engine = &mut node.engine;
        engine.propagation.tail.activate_backlog();
        let id = engine.clients.next_id();
        let address =
            |address: Option<std::net::SocketAddr>| address.map(|a| a.to_string()).unwrap_or_default();
        let (peer, local) = (address(stream.peer_address()), address(stream.local_address()));
        let card = Arc::new(Card::new(id, ClientKind::Primary, peer, local, now_ms));
        engine.clients.add(Arc::clone(&card));
        if let Some(link) = &mut engine.replication.primary {
            link.state = LinkState::Connected;
            link.last_io_ms = stdx::clock::monotonic_us() / 1000;
            link.read_offset = engine.propagation.end();
        }
        engine.clients.wake_all();
        let mut session = Session::new(card, true);
        session.select(engine.replication.stream_database);
        Ok(session)
    }

    fn apply_stream(
        &self,
        reader: &mut Buffered<Stream>,
        settings: &Settings,
        session: &mut Session,
    ) -> Result<(), String> {
        let mut applied = Applied::new(reader.take_ahead());
        reader.inner().set_read_timeout(Some(READ_WAIT)).map_err(|error| error.to_string())?;
        let mut out = Vec::new();
        let mut chunk = vec![0; 64 * 1024];
        let (mut last_input, mut last_ack) = (Instant::now(), None::<Instant>);
        loop {
            while applied.parse(self.max_bulk_bytes())? {
                self.apply_batch(&mut applied, session, &mut out)?;
            }
            if last_ack.is_none_or(|at| at.elapsed() >= ACKNOWLEDGE_EVERY) {
                last_ack = Some(Instant::now());
                self.acknowledge(&mut out)?;
            }
            if !out.is_empty() {
                let sent = reader.inner().write_all(&out);
                sent.map_err(|error| format!("Sending to the MASTER: {error}"))?;
                out.clear();
            }
            match reader.inner().read(&mut chunk) {
                Ok(0) => return Err("Connection with master lost.".to_string()),
                Ok(read) => {
                    last_input = Instant::now();
                    applied.push(&chunk[..read]);
                    self.count_input(read);
                }
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                    if last_input.elapsed() > settings.timeout {
                        return Err("MASTER timeout: no data nor PING received...".to_string());
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(format!("Reading from the MASTER: {error}")),
            }
        }
    }

    fn max_bulk_bytes(&self) -> u64 {
        // What the primary took as one argument must be taken here, whatever our own clients may send.
        u64::from(u32::MAX)
    }

    fn apply_batch(
        &self,
        applied: &mut Applied,
        session: &mut Session,
        out: &mut Vec<u8>,
    ) -> Result<(), String> {
        let mut node = self.shared.lock();
        if node.engine.replication.order != self.order {
            return Err("the order to follow was withdrawn".to_string());
        }
        applied.apply(&mut node, session, out);
        let has_replicas = !node.engine.replication.replicas.is_empty();
        if has_replicas || node.engine.clients.blocked > 0 {
            node.engine.clients.wake_all();
        }
        Ok(())
    }

    fn count_input(&self, bytes: usize) {
        let mut node = self.shared.lock();
        node.engine.stats.replication_input_bytes += bytes as u64;
        let now_ms = stdx::clock::monotonic_us() / 1000;
        if let Some(link) = &mut node.engine.replication.primary {
            link.last_io_ms = now_ms;
            link.read_offset = link.read_offset.plus(bytes);
        }
    }

    fn acknowledge(&self, out: &mut Vec<u8>) -> Result<(), String> {
        let node = self.shared.lock();
        if node.engine.replication.order != self.order {
            return Err("the order to follow was withdrawn".to_string());
        }
        let offset = node.engine.propagation.end().to_string();
        let mut words: Vec<&[u8]> = vec![b"REPLCONF", b"ACK", offset.as_bytes()];
        let on_disk = node.engine.propagation.has_file().then(|| node.engine.commit.durable().to_string());
        if let Some(on_disk) = &on_disk {
            words.push(b"FACK");
            words.push(on_disk.as_bytes());
        }
        append_multibulk(out, words.iter().copied());
        Ok(())
    }
}
