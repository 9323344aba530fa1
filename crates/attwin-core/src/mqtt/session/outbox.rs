//! Packets on their way to the network, counted in bytes so that a QoS 0
//! publish can be reported when its last byte is out.

use alloc::collections::VecDeque;

use bytes::Bytes;

use super::Ticket;
use crate::{Duration, Instant};

/// Transmit queue of one connection.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    packets: VecDeque<Bytes>,
    /// Packets to report, each with the stream offset of its end, ascending.
    marks: VecDeque<(u64, Mark)>,
    /// Stream offset of all that was queued.
    queued: u64,
    /// Stream offset of all that the network took.
    sent: u64,
    /// When the network last took a byte or had none to take.
    progress: Instant,
}

/// A packet whose complete transmission is reported.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mark {
    /// A QoS 0 publish, with its place in the order of requests.
    Publish(Ticket, u64),
    /// DISCONNECT.
    Disconnect,
}

impl Outbox {
    pub(super) fn push(&mut self, now: Instant, packet: Bytes) {
        debug_assert!(!packet.is_empty());
        if self.unsent() == 0 {
            self.progress = now;
        }
        self.queued += packet.len() as u64;
        self.packets.push_back(packet);
    }

    /// As [`push`](Self::push), and remembers where the packet ends.
    pub(super) fn push_marked(&mut self, now: Instant, packet: Bytes, mark: Mark) {
        self.push(now, packet);
        debug_assert!(
            self.marks.back().is_none_or(|&(end, _)| end < self.queued),
            "ascending"
        );
        self.marks.push_back((self.queued, mark));
    }

    pub(super) fn pop(&mut self) -> Option<Bytes> {
        let packet = self.packets.pop_front();
        if self.packets.is_empty() && self.packets.capacity() > 8 {
            self.packets = VecDeque::new();
        }
        packet
    }

    /// The network took `bytes` more.
    pub(super) fn sent(&mut self, now: Instant, bytes: usize) {
        self.sent = self.sent.saturating_add(bytes as u64).min(self.queued);
        debug_assert!(self.sent <= self.queued);
        self.progress = now;
    }

    /// The next marked packet that is out completely.
    pub(super) fn next_written(&mut self) -> Option<Mark> {
        let &(end, mark) = self.marks.front()?;
        debug_assert!(end <= self.queued);
        if end > self.sent {
            return None;
        }
        self.marks.pop_front();
        Some(mark)
    }

    /// Bytes the network has not taken.
    pub(super) fn unsent(&self) -> usize {
        usize::try_from(self.queued - self.sent).unwrap_or(usize::MAX)
    }

    /// When the network will have taken nothing for `timeout`.
    pub(super) fn stalls_at(&self, timeout: Duration) -> Option<Instant> {
        (self.unsent() > 0).then(|| self.progress + timeout)
    }

    /// Empties the queue and hands back what was marked and is not out.
    pub(super) fn clear(&mut self) -> impl Iterator<Item = Mark> + use<> {
        core::mem::take(self)
            .marks
            .into_iter()
            .map(|(_, mark)| mark)
    }
}

#[cfg(test)]
impl Outbox {
    pub(super) fn capacity(&self) -> usize {
        self.packets.capacity()
    }
}
