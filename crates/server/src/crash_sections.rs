//! What the crash report tells of the server's state. Takes the execution lock only if it is free.

use crate::crash::Section;
use crate::shared::Server;
use std::fmt::Write;
use std::sync::atomic::Ordering::Relaxed;

/// The sections of the report.
pub fn describe(server: &Server) -> Vec<Section> {
    let Some(node) = server.node.try_lock() else {
        let text = "The execution lock was held when the fault came.".to_string();
        return vec![Section { title: "SERVER STATE", text }];
    };
    let engine = &node.engine;
    let mut state = String::new();
    let _ = writeln!(state, "run_id:{}", engine.process.run_id);
    let _ = writeln!(state, "connected_clients:{}", engine.clients.len());
    let _ = writeln!(state, "total_commands_processed:{}", engine.stats.commands);
    let _ = writeln!(state, "used_memory:{}", engine.process.used_bytes);
    let _ = writeln!(state, "role:{}", if engine.replication.is_replica() { "slave" } else { "master" });
    let _ = writeln!(state, "master_repl_offset:{}", engine.propagation.end());
    for database in 0..node.keyspace.database_count() {
        let keys = node.keyspace.len(database);
        if keys > 0 {
            let _ =
                writeln!(state, "db{database}:keys={keys},expires={}", node.keyspace.expires_len(database));
        }
    }
    let mut clients = String::new();
    for card in engine.clients.cards() {
        let command = engine.table.all().get(usize::from(card.last_command.load(Relaxed)));
        let command = command.map_or("NULL", |command| command.full_name.as_str());
        let _ = writeln!(
            clients,
            "id={} addr={} flags={} cmd={command}",
            card.id,
            card.address,
            card.flag_letters()
        );
    }
    vec![
        Section { title: "INFO OUTPUT", text: state },
        Section { title: "CLIENT LIST OUTPUT", text: clients },
    ]
}
