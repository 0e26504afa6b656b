//! Stopping: wait for replicas, save, close the log, say good-bye.

use crate::requests::Answer;
use crate::worker::Worker;
use engine::client::card::ClientId;
use engine::engine::Node;
use engine::facts::requests::ShutdownOptions;

/// A shutdown that waits for replicas to catch up.
pub struct Pending {
    options: ShutdownOptions,
    client: Option<ClientId>,
    deadline_ms: u64,
}

/// Begins to stop. Returns an error for the client that asked when it cannot be done.
pub fn begin(
    worker: &mut Worker,
    node: &mut Node,
    options: ShutdownOptions,
    client: Option<ClientId>,
) -> Answer {
    stdx::logging::warning!("User requested shutdown...");
    let engine = &mut node.engine;
    let timeout_ms = u64::from(engine.config.process.shutdown_timeout) * 1000;
    let behind = replication::primary::replicas_behind(engine);
    if !options.now && timeout_ms > 0 && behind > 0 {
        stdx::logging::notice!("Waiting for replicas before shutting down.");
        let deadline_ms = engine.clock.monotonic_ms + timeout_ms;
        engine.health.pauses.set_by_shutdown(true);
        worker.server.pending_shutdown.lock().replace(Pending { options, client, deadline_ms });
        return Answer::Later;
    }
    finish(worker, node, options)
}

/// Forgets a shutdown that waits for replicas.
pub fn abort(worker: &mut Worker, node: &mut Node) -> Answer {
    let Some(pending) = worker.server.pending_shutdown.lock().take() else {
        return Answer::Error("ERR No shutdown in progress.".to_string());
    };
    node.engine.health.pauses.set_by_shutdown(false);
    if let Some(client) = pending.client {
        crate::requests::fail(worker, node, client, "ERR Errors trying to SHUTDOWN. Check logs.".to_string());
    }
    stdx::logging::notice!("Shutdown manually aborted.");
    Answer::Ok
}

/// Ends a shutdown whose replicas have caught up or whose time is over; takes up signals.
pub fn cron(worker: &mut Worker, node: &mut Node) {
    if let Some(options) = worker.server.take_signal(&node.engine.config) {
        let _ = begin(worker, node, options, None);
    }
    let due = {
        let pending = worker.server.pending_shutdown.lock();
        pending.as_ref().is_some_and(|pending| {
            replication::primary::replicas_behind(&node.engine) == 0
                || node.engine.clock.monotonic_ms >= pending.deadline_ms
        })
    };
    if !due {
        return;
    }
    let pending = worker.server.pending_shutdown.lock().take();
    let Some(pending) = pending else { return };
    if let (Answer::Error(text), Some(client)) = (finish(worker, node, pending.options), pending.client) {
        crate::requests::fail(worker, node, client, text);
    }
}

/// Saves, closes the log, and ends the process; or says why it goes on.
fn finish(worker: &mut Worker, node: &mut Node, options: ShutdownOptions) -> Answer {
    let server = std::sync::Arc::clone(&worker.server);
    server.follower.stop();
    if let Err(reason) = write_down(worker, node, options) {
        stdx::logging::warning!("{reason}");
        if !options.force {
            stdx::logging::warning!(
                "Errors trying to shut down the server. Check the logs for more information."
            );
            node.engine.health.pauses.set_by_shutdown(false);
            return Answer::Error("ERR Errors trying to SHUTDOWN. Check logs.".to_string());
        }
    }
    server.notes.end(node);
    crate::startup::leave(&server, &node.engine.config);
    stdx::logging::warning!("Ochre is now ready to exit, bye bye...");
    std::process::exit(0)
}

fn write_down(worker: &Worker, node: &mut Node, options: ShutdownOptions) -> Result<(), String> {
    let wanted = options.save || (!node.engine.config.snapshotting.save.is_empty() && !options.no_save);
    worker.server.persistence.shut_down(node, wanted)
}

/// Starts the program again (DEBUG RESTART).
pub fn restart(worker: &mut Worker, node: &mut Node, graceful: bool, delay_ms: u64) -> Result<(), String> {
    if graceful {
        write_down(worker, node, ShutdownOptions::default())?;
        worker.server.notes.end(node);
    }
    std::thread::sleep(std::time::Duration::from_millis(delay_ms));
    Err(format!("ERR failed to restart the server: {}", crate::startup::start_again()))
}
