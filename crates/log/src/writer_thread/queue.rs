//! What waits for the thread: bytes of the stream, and requests between them.

use super::Request;
use crate::offset::Offset;

/// Buffers larger than this are not kept for the next turn.
const KEPT_CAPACITY_MAX: usize = 8 << 20;

/// The hand-over queue, behind its lock.
pub(super) struct Queue {
    /// Bytes not yet taken.
    pub bytes: Vec<u8>,
    end: Offset,
    requests: Vec<Placed>,
    /// The thread sleeps until it is notified.
    pub is_waiting: bool,
    /// No more will come: finish and end.
    pub is_closing: bool,
    /// The thread is gone: nobody will ever take anything.
    pub is_dead: bool,
}

/// A request with its place.
pub(super) struct Placed {
    /// After so many of the batch's bytes.
    pub after_bytes: usize,
    /// The stream's offset there.
    pub end: Offset,
    /// What to do.
    pub request: Request,
}

/// What the thread takes at once.
pub(super) struct Batch {
    /// Bytes of the stream.
    pub bytes: Vec<u8>,
    /// The stream's offset after them.
    pub end: Offset,
    /// Requests between them, in order.
    pub requests: Vec<Placed>,
}

impl Queue {
    pub fn new(end: Offset) -> Self {
        Self {
            bytes: Vec::new(),
            end,
            requests: Vec::new(),
            is_waiting: false,
            is_closing: false,
            is_dead: false,
        }
    }

    /// Whether `more` bytes must wait. An empty queue takes any amount, and a dead one swallows it.
    pub fn is_over(&self, limit: usize, more: usize) -> bool {
        !self.is_dead && !self.bytes.is_empty() && self.bytes.len() + more > limit
    }

    pub fn append(&mut self, bytes: &[u8], end: Offset) {
        if !self.is_dead {
            self.bytes.extend_from_slice(bytes);
            self.end = end;
        }
    }

    pub fn request(&mut self, request: Request) {
        if !self.is_dead {
            let end = self.end;
            if let Request::Restart { offset, .. } = &request {
                self.end = *offset;
            }
            self.requests.push(Placed { after_bytes: self.bytes.len(), end, request });
        }
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty() && self.requests.is_empty()
    }

    /// Gives everything to the thread and goes on with `spare`, the buffer of the batch before.
    pub fn take(&mut self, mut spare: Vec<u8>) -> Batch {
        spare.clear();
        if spare.capacity() > KEPT_CAPACITY_MAX {
            spare = Vec::new();
        }
        let bytes = std::mem::replace(&mut self.bytes, spare);
        Batch { bytes, end: self.end, requests: std::mem::take(&mut self.requests) }
    }
}
