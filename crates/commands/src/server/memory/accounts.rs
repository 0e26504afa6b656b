//! Where the memory goes: what MEMORY STATS and INFO memory report.

use engine::client::card::ClientKind;
use engine::execute::context::Context;
use engine::execute::room;
use engine::facts::process::MemoryFigures;

/// The memory of the process by what it is for, in bytes.
pub(in crate::server) struct Accounts {
    /// What the allocator and the system say.
    pub figures: MemoryFigures,
    /// The most that was allocated at once.
    pub peak_bytes: u64,
    /// Allocated when the server was ready.
    pub startup_bytes: u64,
    /// The stream for replicas that come back.
    pub backlog_bytes: u64,
    /// Replicas.
    pub replicas_bytes: u64,
    /// All other clients.
    pub clients_bytes: u64,
    /// What waits to be written to the append-only file.
    pub append_only_bytes: u64,
    /// What the memory limit does not count.
    pub uncounted_bytes: u64,
    /// The tables of the databases that hold keys, by number.
    pub tables: Vec<(u32, u64)>,
    /// Keys in all databases.
    pub keys: u64,
}

impl Accounts {
    /// The accounts now.
    pub(in crate::server) fn of(ctx: &mut Context<'_>) -> Accounts {
        let keyspace = ctx.keys.keyspace();
        let numbers = (0..keyspace.database_count()).filter(|&number| keyspace.len(number) > 0);
        let tables =
            numbers.map(|number| (number, keyspace.table_statistics(number).overhead_bytes as u64)).collect();
        let keys = (0..keyspace.database_count()).map(|number| keyspace.len(number) as u64).sum();
        let uncounted_bytes = room::uncounted_bytes(keyspace, ctx.engine);
        let engine = &*ctx.engine;
        let of_kind = |is_replica: bool| {
            let wanted =
                engine.clients.cards().filter(|card| (card.kind() == ClientKind::Replica) == is_replica);
            wanted.map(|card| card.used_bytes()).sum::<u64>()
        };
        let figures = (engine.process.memory)();
        Accounts {
            figures,
            peak_bytes: engine.process.peak_bytes.max(figures.allocated_bytes),
            startup_bytes: engine.process.startup_bytes,
            backlog_bytes: engine.propagation.tail.retained_bytes() as u64,
            replicas_bytes: of_kind(true),
            clients_bytes: of_kind(false),
            append_only_bytes: engine.health.append_only.buffer_bytes,
            uncounted_bytes,
            tables,
            keys,
        }
    }

    /// What is not data.
    pub(in crate::server) fn overhead_bytes(&self) -> u64 {
        let tables_bytes: u64 = self.tables.iter().map(|table| table.1).sum();
        self.startup_bytes + tables_bytes + self.replicas_bytes + self.clients_bytes + self.backlog_bytes
    }

    /// The keys and their values.
    pub(in crate::server) fn data_bytes(&self) -> u64 {
        self.figures.allocated_bytes.saturating_sub(self.overhead_bytes())
    }

    /// What was allocated since the server was ready.
    pub(in crate::server) fn since_startup_bytes(&self) -> u64 {
        self.figures.allocated_bytes.saturating_sub(self.startup_bytes)
    }
}
