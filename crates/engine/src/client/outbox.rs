//! The output buffer of a client: replies in order, each held back until its fence is met.

use crate::config::kind::BufferLimit;
use log::Offset;
use std::collections::VecDeque;

/// Capacity that an idle outbox keeps, in bytes.
const KEPT_BYTES: usize = 16 * 1024;

/// Replies that wait to be sent.
#[derive(Debug, Default)]
pub struct Outbox {
    bytes: Vec<u8>,
    sent: usize,
    /// From which place on the bytes wait for which offset to be durable.
    fences: VecDeque<(usize, Offset)>,
    over_soft_since_ms: Option<u64>,
}

impl Outbox {
    /// Where replies are appended.
    #[inline]
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Takes over bytes that were collected elsewhere, without a copy where they are many and nothing stands before them.
    pub fn take_over(&mut self, bytes: &mut Vec<u8>) {
        if self.bytes.is_empty() && bytes.len() > KEPT_BYTES {
            std::mem::swap(&mut self.bytes, bytes);
        } else {
            self.bytes.append(bytes);
        }
    }

    /// Bytes not yet sent.
    pub fn pending_bytes(&self) -> usize {
        self.bytes.len() - self.sent
    }

    /// Whether everything is sent.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.bytes.len() == self.sent
    }

    /// Memory of the buffer.
    pub fn capacity_bytes(&self) -> usize {
        self.bytes.capacity()
    }

    /// What was appended behind `place` waits until `offset` is durable.
    pub fn fence(&mut self, place: usize, offset: Offset) {
        if self.bytes.len() > place {
            self.fences.push_back((place, offset));
        }
    }

    /// The place at which the next reply will stand.
    pub fn place(&self) -> usize {
        self.bytes.len()
    }

    /// Whether replies wait for their fence.
    pub fn is_fenced(&self) -> bool {
        !self.fences.is_empty()
    }

    /// Lets go of fences that are met.
    pub fn release(&mut self, durable: Offset) {
        while self.fences.front().is_some_and(|&(_, offset)| offset <= durable) {
            self.fences.pop_front();
        }
    }

    /// The bytes that may be sent now.
    #[inline]
    pub fn sendable(&self) -> &[u8] {
        let end = self.fences.front().map_or(self.bytes.len(), |&(place, _)| place);
        &self.bytes[self.sent..end.max(self.sent)]
    }

    /// So many bytes of [`Outbox::sendable`] were sent.
    #[inline]
    pub fn advance(&mut self, bytes: usize) {
        self.sent += bytes;
        if self.sent == self.bytes.len() {
            self.bytes.clear();
            self.sent = 0;
            if self.bytes.capacity() > KEPT_BYTES {
                self.bytes.shrink_to(KEPT_BYTES);
            }
        } else if self.sent > self.bytes.len() / 2 && self.sent > KEPT_BYTES {
            self.bytes.drain(..self.sent);
            for fence in &mut self.fences {
                fence.0 -= self.sent;
            }
            self.sent = 0;
        }
    }

    /// Whether the buffer is over its limits.
    pub fn is_over(&mut self, limits: BufferLimit, now_ms: u64) -> bool {
        let used = self.pending_bytes() as u64;
        if limits.hard_bytes != 0 && used >= limits.hard_bytes {
            return true;
        }
        if limits.soft_bytes == 0 || used < limits.soft_bytes {
            self.over_soft_since_ms = None;
            return false;
        }
        let since = *self.over_soft_since_ms.get_or_insert(now_ms);
        now_ms.saturating_sub(since) > limits.soft_seconds * 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_wait_for_their_fence_in_order() {
        let mut outbox = Outbox::default();
        outbox.buffer().extend_from_slice(b"one");
        let place = outbox.place();
        outbox.buffer().extend_from_slice(b"two");
        outbox.fence(place, Offset(10));
        assert_eq!(outbox.sendable(), b"one");
        outbox.advance(3);
        assert_eq!(outbox.sendable(), b"");
        outbox.release(Offset(9));
        assert!(outbox.is_fenced());
        outbox.release(Offset(10));
        assert_eq!(outbox.sendable(), b"two");
        outbox.advance(3);
        assert!(outbox.is_empty() && outbox.place() == 0);
    }

    #[test]
    fn the_soft_limit_needs_time() {
        let limits = BufferLimit { hard_bytes: 10, soft_bytes: 5, soft_seconds: 1 };
        let mut outbox = Outbox::default();
        outbox.buffer().extend_from_slice(b"12345");
        assert!(!outbox.is_over(limits, 0));
        assert!(!outbox.is_over(limits, 1000));
        assert!(outbox.is_over(limits, 1001));
        outbox.buffer().extend_from_slice(b"67890");
        assert!(outbox.is_over(limits, 0));
    }
}
