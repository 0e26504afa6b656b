//! Feeding a replica: bytes of the log go into its outbox as it takes them.

use engine::client::outbox::Outbox;
use engine::engine::Node;
use log::tail::ReaderId;

/// How many bytes are put into a replica's outbox ahead of the socket.
const AHEAD_BYTES: usize = 256 * 1024;

/// Puts new bytes of the log into the outbox of the replica that reads there. Returns how many.
pub fn feed(node: &mut Node, reader: ReaderId, outbox: &mut Outbox) -> usize {
    let tail = &mut node.engine.propagation.tail;
    let Some(mut offset) = tail.position(reader) else { return 0 };
    let mut fed = 0;
    while outbox.pending_bytes() < AHEAD_BYTES {
        let Some(bytes) = tail.read(offset).filter(|bytes| !bytes.is_empty()) else { break };
        outbox.buffer().extend_from_slice(bytes);
        offset = offset.plus(bytes.len());
        fed += bytes.len();
    }
    if fed > 0 {
        tail.advance(reader, offset);
        node.engine.stats.replication_output_bytes += fed as u64;
    }
    fed
}
