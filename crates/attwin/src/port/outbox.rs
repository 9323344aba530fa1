//! Output the host has not taken yet.

use std::collections::VecDeque;

/// How many bytes of output wait for a slow host before its port is full and the
/// module has to hold back.
pub const OUTPUT_QUEUE_LIMIT: usize = 64 * 1024;

/// And how many are left when it has room again.
const ROOM_AGAIN: usize = OUTPUT_QUEUE_LIMIT / 4;

/// The queue. Empty, it holds no memory.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    queue: VecDeque<u8>,
    full: bool,
}

impl Outbox {
    /// Queues `bytes`, also when it is full: what was handed over is said.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.queue.extend(bytes);
        self.full |= self.queue.len() >= OUTPUT_QUEUE_LIMIT;
    }

    /// Removes the first `n` bytes, which the host took.
    pub(super) fn consume(&mut self, n: usize) {
        self.queue.drain(..n.min(self.queue.len()));
        if self.queue.is_empty() {
            self.queue = VecDeque::new();
        }
    }

    /// Forgets what is queued: the host it was meant for is gone.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether it was full, and has room again from now on.
    pub(super) fn take_room(&mut self) -> bool {
        self.full && self.queue.len() <= ROOM_AGAIN && std::mem::take(&mut self.full)
    }

    /// The first bytes to hand over; empty only if the queue is.
    pub(super) fn front(&self) -> &[u8] {
        self.queue.as_slices().0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.full
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn take(outbox: &mut Outbox, n: usize) -> Vec<u8> {
        let part = outbox.front()[..n.min(outbox.front().len())].to_vec();
        outbox.consume(part.len());
        part
    }

    #[test]
    fn is_full_until_a_quarter_is_left() {
        let mut outbox = Outbox::default();
        outbox.push(&vec![b'a'; OUTPUT_QUEUE_LIMIT - 1]);
        assert!(!outbox.is_full());
        outbox.push(b"OK");
        assert!(outbox.is_full() && !outbox.take_room());
        outbox.consume(OUTPUT_QUEUE_LIMIT / 4 * 3);
        assert!(outbox.is_full() && !outbox.take_room());
        outbox.consume(1);
        assert!(outbox.take_room() && !outbox.take_room() && !outbox.is_full());
    }

    #[test]
    fn holds_no_memory_when_empty() {
        let mut outbox = Outbox::default();
        outbox.push(&[0; 1000]);
        outbox.consume(1000);
        assert_eq!(outbox.queue.capacity(), 0);
    }

    proptest! {
        #[test]
        fn everything_comes_out(
            steps in proptest::collection::vec((1_usize..20_000, 0_usize..20_000), 1..40),
        ) {
            let mut outbox = Outbox::default();
            let (mut given, mut out) = (Vec::new(), Vec::new());
            for (n, (written, read)) in (0_u8..).zip(steps) {
                let unit = vec![n; written];
                outbox.push(&unit);
                given.extend(unit);
                out.extend(take(&mut outbox, read));
            }
            while !outbox.is_empty() {
                out.extend(take(&mut outbox, usize::MAX));
            }
            prop_assert_eq!(out, given);
        }
    }
}
