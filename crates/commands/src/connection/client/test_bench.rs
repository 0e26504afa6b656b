//! An engine with three clients for the tests of CLIENT.

use crate::testing::{Bench, START_MS};
use engine::client::card::{Card, ClientKind};
use engine::client::session::Session;
use std::sync::Arc;

/// Clients 1 (five seconds old, the one that asks), 2 (called `worker`) and 3 (a replica).
pub(super) fn bench_with_clients() -> Bench {
    let mut bench = Bench::new();
    for (id, kind, age_ms) in
        [(1, ClientKind::Normal, 5000), (2, ClientKind::Normal, 0), (3, ClientKind::Replica, 0)]
    {
        let (address, local) = (format!("127.0.0.1:{}", 2000 + id), "127.0.0.1:6379".to_string());
        let card = Arc::new(Card::new(id, kind, address, local, START_MS - age_ms));
        bench.node.engine.clients.add(Arc::clone(&card));
        *bench.client(id as u8) = Session::new(card, true);
    }
    bench.node.engine.clients.find(2).expect("added").texts.lock().name = b"worker".to_vec();
    bench
}

/// The numbers of the clients in the reply to a request.
pub(super) fn listed(bench: &mut Bench, request: &str) -> Vec<u64> {
    let text = bench.run(request);
    let after = |part: &str| part.split(' ').next().and_then(|id| id.parse().ok()).expect("a number");
    text.split("id=").skip(1).filter(|part| part.contains(" addr=")).map(after).collect()
}
