//! Output the host has not taken yet: a bounded queue that drops whole units.

use std::collections::VecDeque;

/// How many bytes of output wait for a slow host before more is dropped.
pub const OUTPUT_QUEUE_LIMIT: usize = 64 * 1024;

/// The queue. Empty, it holds no memory.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    queue: VecDeque<u8>,
    /// Bytes dropped since the port was opened.
    dropped: u64,
    /// Bytes dropped since the queue was last empty.
    episode: u64,
}

impl Outbox {
    /// Queues `unit` whole, or drops it whole when there is no room.
    ///
    /// `begun` says that its first part is on the wire already: then the rest
    /// must follow whatever its size, or a line would be cut. This happens
    /// only with an empty queue, so that the queue holds at most
    /// [`OUTPUT_QUEUE_LIMIT`] bytes or the rest of one unit.
    pub(super) fn push(&mut self, unit: &[u8], begun: bool, port: &str) {
        debug_assert!(!begun || self.queue.is_empty());
        if begun || self.queue.len() + unit.len() <= OUTPUT_QUEUE_LIMIT {
            self.queue.extend(unit);
            return;
        }
        if self.episode == 0 {
            tracing::warn!(
                port,
                bytes = unit.len(),
                "the host does not read its port; output is dropped until it does"
            );
        }
        self.dropped += unit.len() as u64;
        self.episode += unit.len() as u64;
    }

    /// Removes the first `n` bytes, which the host took.
    pub(super) fn consume(&mut self, n: usize, port: &str) {
        self.queue.drain(..n.min(self.queue.len()));
        if self.queue.is_empty() {
            if self.episode > 0 {
                tracing::info!(
                    port,
                    bytes = self.episode,
                    "the host reads again; dropped so far"
                );
            }
            self.clear();
        }
    }

    /// Forgets what is queued: the host it was meant for is gone.
    pub(super) fn clear(&mut self) {
        self.queue = VecDeque::new();
        self.episode = 0;
    }

    /// The first bytes to hand over; empty only if the queue is.
    pub(super) fn front(&self) -> &[u8] {
        self.queue.as_slices().0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn take(outbox: &mut Outbox, n: usize) -> Vec<u8> {
        let part = outbox.front()[..n.min(outbox.front().len())].to_vec();
        outbox.consume(part.len(), "test");
        part
    }

    #[test]
    fn drops_what_does_not_fit_and_counts_it() {
        let mut outbox = Outbox::default();
        outbox.push(&vec![b'a'; OUTPUT_QUEUE_LIMIT - 4], false, "test");
        outbox.push(b"\r\nOK\r\n", false, "test");
        outbox.push(b"OK\r\n", false, "test");
        assert_eq!(outbox.dropped(), 6);
        assert_eq!(
            take(&mut outbox, OUTPUT_QUEUE_LIMIT - 4).len(),
            OUTPUT_QUEUE_LIMIT - 4
        );
        assert_eq!(take(&mut outbox, 99), b"OK\r\n");
        assert!(outbox.is_empty());
    }

    #[test]
    fn a_unit_begun_is_finished_whatever_its_size() {
        let mut outbox = Outbox::default();
        outbox.push(&vec![b'a'; 2 * OUTPUT_QUEUE_LIMIT], true, "test");
        outbox.push(b"b", false, "test");
        assert_eq!(outbox.front().len(), 2 * OUTPUT_QUEUE_LIMIT);
        assert_eq!(outbox.dropped(), 1);
    }

    #[test]
    fn holds_no_memory_when_empty() {
        let mut outbox = Outbox::default();
        outbox.push(&[0; 1000], false, "test");
        outbox.consume(1000, "test");
        assert_eq!(outbox.queue.capacity(), 0);
    }

    proptest! {
        #[test]
        fn only_whole_lines_come_out(
            steps in proptest::collection::vec((1_usize..20_000, 0_usize..20_000), 1..40),
        ) {
            let mut outbox = Outbox::default();
            let mut out = Vec::new();
            for (line, read) in steps {
                let mut unit = vec![b'x'; line];
                unit.extend(b"\r\n");
                outbox.push(&unit, false, "test");
                prop_assert!(outbox.queue.len() <= OUTPUT_QUEUE_LIMIT);
                out.extend(take(&mut outbox, read));
            }
            while !outbox.is_empty() {
                out.extend(take(&mut outbox, usize::MAX));
            }
            prop_assert!(out.is_empty() || out.ends_with(b"\r\n"));
        }
    }
}
