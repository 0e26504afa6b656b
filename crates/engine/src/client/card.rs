//! What everybody may see of a client: written by the worker that holds it, read by CLIENT LIST, signalled by CLIENT KILL.

use super::kept_room::KeptRoom;
use crate::shared::Shared;
use std::sync::atomic::{
    AtomicI64, AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed,
};

/// The number of a connection; grows and is never used again.
pub type ClientId = u64;

/// What kind of peer a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientKind {
    /// An ordinary client.
    Normal,
    /// A replica fed by us.
    Replica,
    /// The primary that we follow.
    Primary,
    /// The loader of a file, a test: no connection at all.
    Internal,
}

impl ClientKind {
    /// The name in CLIENT LIST TYPE.
    pub const fn name(self) -> &'static str {
        match self {
            ClientKind::Normal | ClientKind::Internal => "normal",
            ClientKind::Replica => "replica",
            ClientKind::Primary => "master",
        }
    }
}

/// Things that may be true of a client, as bits of [`Card::flags`].
pub mod flag {
    /// In a transaction.
    pub const MULTI: u32 = 1;
    /// Waits.
    pub const BLOCKED: u32 = 1 << 1;
    /// A watched key was changed.
    pub const DIRTY_EXEC: u32 = 1 << 2;
    /// Closed once its output is written.
    pub const CLOSE_AFTER_REPLY: u32 = 1 << 3;
    /// Connected through a unix socket.
    pub const UNIX_SOCKET: u32 = 1 << 4;
    /// CLIENT NO-EVICT.
    pub const NO_EVICT: u32 = 1 << 5;
    /// CLIENT NO-TOUCH.
    pub const NO_TOUCH: u32 = 1 << 6;
    /// To be closed as soon as its worker sees it.
    pub const CLOSE_NOW: u32 = 1 << 7;
    /// Waits for the end of a pause.
    pub const PAUSED: u32 = 1 << 8;
    /// To be woken from waiting as if its time was over.
    pub const UNBLOCK_TIMEOUT: u32 = 1 << 9;
    /// To be woken from waiting with an error.
    pub const UNBLOCK_ERROR: u32 = 1 << 10;
    /// Subscribes to a channel, a pattern or a shard channel.
    pub const SUBSCRIBER: u32 = 1 << 11;
    /// Sees every request (MONITOR).
    pub const MONITOR: u32 = 1 << 12;
    /// Keeps copies of keys (CLIENT TRACKING).
    pub const TRACKING: u32 = 1 << 13;
    /// Keeps copies of all keys with its prefixes.
    pub const TRACKING_BROADCAST: u32 = 1 << 14;
    /// The client that is told in its place is gone.
    pub const TRACKING_BROKEN: u32 = 1 << 15;
}

/// Texts of a client that it can change.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// CLIENT SETNAME.
    pub name: Vec<u8>,
    /// CLIENT SETINFO LIB-NAME.
    pub library_name: Vec<u8>,
    /// CLIENT SETINFO LIB-VER.
    pub library_version: Vec<u8>,
    /// The user it is authenticated as.
    pub user: String,
}

/// The public face of a client.
#[derive(Debug)]
pub struct Card {
    /// Its number.
    pub id: ClientId,
    /// The worker that holds it.
    pub worker: u16,
    /// The remote address as CLIENT LIST shows it.
    pub address: String,
    /// The local address.
    pub local_address: String,
    /// The descriptor's number, -1 without a socket.
    pub descriptor: i32,
    /// Wall clock at connection, in milliseconds.
    pub created_ms: i64,
    kind: AtomicU8,
    /// See [`flag`].
    pub flags: AtomicU32,
    /// Selected database.
    pub database: AtomicU32,
    /// Position of the last command in the table; `u16::MAX` for none.
    pub last_command: AtomicU16,
    /// Wall clock of the last request, in milliseconds.
    pub last_request_ms: AtomicU64,
    /// Commands queued in a transaction plus one; 0 outside one.
    pub queued_plus_one: AtomicU32,
    /// Watched keys.
    pub watched: AtomicU32,
    /// Subscriptions to channels, patterns and shard channels.
    pub subscriptions: [AtomicU32; 3],
    /// The client that is told what this one should know of its keys; 0 for itself, -1 when it keeps no copies.
    pub redirect: AtomicI64,
    /// The number of its inbox plus one; 0 for none. Used by `notify::inbox` only.
    pub inbox_plus_one: AtomicU32,
    /// Its place in its worker's table of connections.
    pub token: AtomicUsize,
    /// 2 or 3.
    pub protocol: AtomicU8,
    /// Bytes received and not run.
    pub query_buffer_bytes: AtomicU64,
    /// Free room in the query buffer.
    pub query_buffer_free_bytes: AtomicU64,
    /// Bytes waiting to be sent.
    pub outbox_bytes: AtomicU64,
    /// Memory of the output buffer.
    pub outbox_capacity_bytes: AtomicU64,
    /// Bytes of that memory that are kept while nothing waits.
    pub kept_room_bytes: AtomicU64,
    /// The most of them that were in use lately.
    pub kept_room_peak_bytes: AtomicU64,
    /// Memory of the queue of its transaction, in bytes.
    pub queue_bytes: AtomicU64,
    /// What the registry has counted of its memory: kept by it alone.
    pub(super) counted_bytes: AtomicU64,
    /// Bytes received in all.
    pub input_bytes: AtomicU64,
    /// Bytes sent in all.
    pub output_bytes: AtomicU64,
    /// Commands run.
    pub commands: AtomicU64,
    /// Name, library, user.
    pub texts: Shared<Texts>,
}

impl Card {
    /// A card of a client that has just connected.
    pub fn new(id: ClientId, kind: ClientKind, address: String, local_address: String, now_ms: i64) -> Card {
        Card {
            id,
            worker: 0,
            address,
            local_address,
            descriptor: -1,
            created_ms: now_ms,
            kind: AtomicU8::new(kind as u8),
            flags: AtomicU32::new(0),
            database: AtomicU32::new(0),
            last_command: AtomicU16::new(u16::MAX),
            last_request_ms: AtomicU64::new(now_ms as u64),
            queued_plus_one: AtomicU32::new(0),
            watched: AtomicU32::new(0),
            subscriptions: Default::default(),
            redirect: AtomicI64::new(-1),
            inbox_plus_one: AtomicU32::new(0),
            token: AtomicUsize::new(usize::MAX),
            protocol: AtomicU8::new(2),
            query_buffer_bytes: AtomicU64::new(0),
            query_buffer_free_bytes: AtomicU64::new(0),
            outbox_bytes: AtomicU64::new(0),
            outbox_capacity_bytes: AtomicU64::new(0),
            kept_room_bytes: AtomicU64::new(KeptRoom::default().bytes() as u64),
            kept_room_peak_bytes: AtomicU64::new(KeptRoom::default().peak_bytes() as u64),
            queue_bytes: AtomicU64::new(0),
            counted_bytes: AtomicU64::new(0),
            input_bytes: AtomicU64::new(0),
            output_bytes: AtomicU64::new(0),
            commands: AtomicU64::new(0),
            texts: Shared::new(Texts { user: "default".to_string(), ..Texts::default() }),
        }
    }

    /// Whether it is on this machine: connected over loopback or a unix socket.
    pub fn is_local(&self) -> bool {
        self.has(flag::UNIX_SOCKET) || self.address.starts_with("127.") || self.address.starts_with("[::1]")
    }

    /// What kind of peer it is.
    pub fn kind(&self) -> ClientKind {
        match self.kind.load(Relaxed) {
            0 => ClientKind::Normal,
            1 => ClientKind::Replica,
            2 => ClientKind::Primary,
            _ => ClientKind::Internal,
        }
    }

    /// A client turned out to be a replica.
    pub fn set_kind(&self, kind: ClientKind) {
        self.kind.store(kind as u8, Relaxed);
    }

    /// Whether one of the bits of [`flag`] is set.
    #[inline]
    pub fn has(&self, bits: u32) -> bool {
        self.flags.load(Relaxed) & bits != 0
    }

    /// Sets or clears bits of [`flag`].
    pub fn set(&self, bits: u32, on: bool) {
        if on {
            self.flags.fetch_or(bits, Relaxed);
        } else {
            self.flags.fetch_and(!bits, Relaxed);
        }
    }

    /// The letters of CLIENT LIST's `flags`.
    pub fn flag_letters(&self) -> String {
        let mut letters = String::new();
        match self.kind() {
            ClientKind::Replica => letters.push('S'),
            ClientKind::Primary => letters.push('M'),
            ClientKind::Normal if self.has(flag::MONITOR) => letters.push('O'),
            ClientKind::Normal | ClientKind::Internal => {}
        }
        for (bit, letter) in [
            (flag::SUBSCRIBER, 'P'),
            (flag::MULTI, 'x'),
            (flag::BLOCKED | flag::PAUSED, 'b'),
            (flag::TRACKING, 't'),
            (flag::TRACKING_BROKEN, 'R'),
            (flag::TRACKING_BROADCAST, 'B'),
            (flag::DIRTY_EXEC, 'd'),
            (flag::CLOSE_AFTER_REPLY, 'c'),
            (flag::CLOSE_NOW, 'A'),
            (flag::UNIX_SOCKET, 'U'),
            (flag::NO_EVICT, 'e'),
            (flag::NO_TOUCH, 'T'),
        ] {
            if self.has(bit) {
                letters.push(letter);
            }
        }
        if letters.is_empty() {
            letters.push('N');
        }
        letters
    }

    /// Memory of the client's buffers and of its transaction's queue.
    pub fn used_bytes(&self) -> u64 {
        self.query_buffer_bytes.load(Relaxed)
            + self.query_buffer_free_bytes.load(Relaxed)
            + self.outbox_capacity_bytes.load(Relaxed)
            + self.queue_bytes.load(Relaxed)
            + size_of::<Card>() as u64
    }
}
