//! Limits of clients.

use crate::config::kind::{BufferLimits, Integer, Memory};

const MAX: u64 = i64::MAX as u64;

options! {
    /// Limits of clients.
    Clients at clients;

    /// Clients connected at once, replicas among them. Further ones are refused.
    maxclients: Integer<u32, 1, { u32::MAX as i64 }> = 10_000, mutable;
    /// A client is closed when its unfinished request takes more than this.
    client_query_buffer_limit: Memory<{ 1 << 20 }, MAX> = 1 << 30, mutable;
    /// A client that does not read its replies is closed when more than the hard limit waits for it, or more than the
    /// soft limit for as many seconds. The classes are normal, replica and pubsub; 0 means no limit.
    client_output_buffer_limit: BufferLimits = BufferLimits::DEFAULT, mutable;
    /// The longest string in a request.
    proto_max_bulk_len: Memory<{ 1 << 20 }, MAX> = 512 << 20, mutable;
}
