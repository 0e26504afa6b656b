//! The output buffer of a client: replies in order, each held back until its fence is met.

use super::kept_room::{KeptRoom, MOST_BYTES, Resized, ReviewRules};
use crate::config::kind::BufferLimit;
use log::Offset;
use std::collections::VecDeque;

/// Replies that wait to be sent.
#[derive(Debug, Default)]
pub struct Outbox {
    bytes: Vec<u8>,
    sent: usize,
    /// From which place on the bytes wait for which offset to be durable.
    fences: VecDeque<(usize, Offset)>,
    over_soft_since_ms: Option<u64>,
    room: KeptRoom,
}

impl Outbox {
    /// Where replies are appended.
    #[inline]
    pub fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Takes over bytes that were collected elsewhere, without a copy where they are many and nothing stands before them.
    pub fn take_over(&mut self, bytes: &mut Vec<u8>) {
        if self.bytes.is_empty() && bytes.len() > MOST_BYTES {
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

    /// What is kept of that memory while nothing waits.
    pub fn room(&self) -> &KeptRoom {
        &self.room
    }

    /// Once a second: keeps as much memory as the replies have needed lately.
    pub fn review_room(&mut self, rules: ReviewRules, now_ms: u64) -> Option<Resized> {
        let resized = self.room.review(rules, self.pending_bytes(), now_ms);
        if rules.resizes && self.bytes.is_empty() {
            self.bytes.shrink_to(self.room.bytes());
        }
        resized
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
        self.room.note(self.bytes.len());
        self.sent += bytes;
        if self.sent == self.bytes.len() {
            self.bytes.clear();
            self.sent = 0;
            // Down to what is kept only once a second: a client that needs more comes back at once.
            if self.bytes.capacity() > MOST_BYTES {
                self.bytes.shrink_to(MOST_BYTES);
            }
        } else if self.sent > self.bytes.len() / 2 && self.sent > MOST_BYTES {
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
    fn an_empty_outbox_keeps_what_was_needed_lately() {
        let mut outbox = Outbox::default();
        outbox.review_room(ReviewRules::DEFAULT, 10_000);
        outbox.buffer().extend_from_slice(&[0; 5000]);
        outbox.advance(5000);
        assert!(outbox.capacity_bytes() >= 5000);
        assert_eq!(outbox.review_room(ReviewRules::DEFAULT, 11_000), Some(Resized::Shrunk));
        assert_eq!((outbox.room().bytes(), outbox.room().peak_bytes()), (5001, 5000));
        outbox.review_room(ReviewRules::DEFAULT, 20_000);
        outbox.review_room(ReviewRules::DEFAULT, 21_000);
        assert!(outbox.capacity_bytes() <= 1024);
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
