//! Keys on their way to other servers (MIGRATE): what is sent for whom, and what became of it.

use crate::client::card::ClientId;
use std::collections::HashMap;
use std::sync::Arc;

/// A key as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// The key.
    pub key: Vec<u8>,
    /// What DUMP says of its value.
    pub payload: Vec<u8>,
    /// When it expires, in milliseconds since 1970.
    pub expire_at_ms: Option<i64>,
}

/// Keys to be sent to another server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migration {
    /// The other server's name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The database there.
    pub database: i64,
    /// How long connecting, each write and each read may take, in milliseconds.
    pub timeout_ms: u64,
    /// The words behind AUTH, if it is to be sent: a password, or a user and a password.
    pub credentials: Vec<Vec<u8>>,
    /// Keys that are there are overwritten.
    pub replace: bool,
    /// What is sent.
    pub parcels: Arc<Vec<Parcel>>,
}

/// What became of a migration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// The places of those parcels that the other server has taken.
    pub taken: Vec<usize>,
    /// Why it has not taken all: the command's reply.
    pub error: Option<String>,
}

/// A migration that a client waits for.
#[derive(Debug)]
struct Running {
    parcels: Arc<Vec<Parcel>>,
    delivery: Option<Delivery>,
}

/// The migrations that clients wait for.
#[derive(Debug, Default)]
pub struct Migrations {
    running: HashMap<ClientId, Running>,
    /// Connections to other servers that are kept for the next migration.
    pub kept_links: usize,
    /// Sends keys while everybody waits: the process's, for transactions.
    pub send_now: Option<fn(&Migration) -> Delivery>,
}

impl Migrations {
    /// A client waits from now on.
    pub fn begin(&mut self, client: ClientId, parcels: Arc<Vec<Parcel>>) {
        self.running.insert(client, Running { parcels, delivery: None });
    }

    /// What a client waits for is over. Without effect if it does not wait any more.
    pub fn finish(&mut self, client: ClientId, delivery: Delivery) {
        if let Some(running) = self.running.get_mut(&client) {
            running.delivery = Some(delivery);
        }
    }

    /// Whether what a client waits for is over.
    pub fn is_over(&self, client: ClientId) -> bool {
        self.running.get(&client).is_some_and(|running| running.delivery.is_some())
    }

    /// Takes what was sent for a client and what became of it, if it is over.
    pub fn take(&mut self, client: ClientId) -> Option<(Arc<Vec<Parcel>>, Delivery)> {
        if !self.is_over(client) {
            return None;
        }
        let running = self.running.remove(&client)?;
        Some((running.parcels, running.delivery?))
    }

    /// A client is gone: its keys stay where they are, whatever the other server has taken.
    pub fn forget(&mut self, client: ClientId) {
        self.running.remove(&client);
    }
}
