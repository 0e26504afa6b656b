//! The limits of memory between commands: goes on evicting keys, and closes clients whose buffers are too large.

use crate::worker::Worker;
use engine::engine::Node;
use engine::execute::room;
use engine::facts::memory::Room;

/// Evicts what commands have left to be evicted, for a while.
pub fn go_on(worker: &mut Worker, node: &mut Node) {
    if worker.index == 0 && node.engine.memory.room == Room::Growing {
        room::go_on(node);
    }
    worker.makes_room = worker.index == 0 && node.engine.memory.room == Room::Growing;
}

/// Closes clients while the buffers of all together take more than they may, the largest first.
pub fn close_largest_clients(worker: &mut Worker, node: &mut Node) {
    let Some(limit) = node.engine.config.memory.clients_limit() else { return };
    for &token in &worker.active {
        if let Some(connection) = worker.connections.get(token) {
            connection.update_card(0);
            node.engine.clients.count_buffers(connection.card());
        }
    }
    while node.engine.clients.buffers_bytes() >= limit {
        let Some(card) = node.engine.clients.largest_to_evict() else {
            stdx::logging::warning!("Over client maxmemory after evicting all evictable clients");
            return;
        };
        stdx::logging::notice!(
            "Evicting client: id={} addr={} tot-mem={}",
            card.id,
            card.address,
            card.used_bytes()
        );
        node.engine.close_client(card.id);
        node.engine.clients.count_buffers(&card);
        node.engine.stats.evicted_clients += 1;
    }
}

/// `maxmemory` is another: the next turn makes room.
pub fn limit_changed(_: &mut Worker, node: &mut Node) -> Result<(), String> {
    let limit = node.engine.config.memory.maxmemory;
    let used = node.engine.process.read_figures().allocated_bytes;
    if limit != 0 && limit < used.saturating_sub(room::uncounted_bytes(&node.keyspace, &node.engine)) {
        stdx::logging::warning!(
            "WARNING: the new maxmemory value set via CONFIG SET ({limit}) is smaller than the current memory usage ({used}). \
             This will result in key eviction and/or the inability to accept new write commands depending on the \
             maxmemory-policy."
        );
    }
    room::limit_changed(&mut node.engine);
    Ok(())
}

/// `maxmemory-clients` is another: while there was no limit nothing was counted.
pub fn clients_limit_changed(_: &mut Worker, node: &mut Node) -> Result<(), String> {
    let clients = &mut node.engine.clients;
    let cards: Vec<_> = clients.cards().cloned().collect();
    cards.iter().for_each(|card| clients.count_buffers(card));
    Ok(())
}
