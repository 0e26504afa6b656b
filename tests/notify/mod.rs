//! Who is told of what others do: subscribers, those who cache keys, monitors.

mod caching;
mod keyspace_events;
mod monitor;
mod pubsub;

use testkit::Client;

/// The next message or push, as text.
fn next(client: &mut Client) -> String {
    client.reply().to_string()
}
