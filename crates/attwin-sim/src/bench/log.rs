//! What a bench remembers of what happened, within bounds.

use std::collections::VecDeque;

use attwin_core::{Instant, Reason, SerialKind, Trace};
use bytes::Bytes;

use crate::broker::{BrokerEvent, Message};
use crate::link::Direction;

/// Bytes a bench remembers of each thing it is asked for; the oldest are
/// forgotten first. What an event takes beside its bytes counts.
pub const MAX_LOG_BYTES: usize = 16 << 20;

/// Something that happened at a bench.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// When.
    pub at: Instant,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// The host sent bytes.
    Written(Bytes),
    /// Bytes came to the host.
    Said {
        /// What they are; a host sees only the bytes.
        kind: SerialKind,
        /// The bytes.
        bytes: Bytes,
    },
    /// The module refused something, or something failed.
    Refused(Refusal),
    /// A packet entered the network.
    Packet {
        /// Which way.
        direction: Direction,
        /// The packet.
        bytes: Bytes,
    },
    /// The broker reported something.
    Broker(BrokerEvent),
    /// The module changed state or explained itself.
    Module(Trace),
    /// A fault was made active.
    Injected(String),
    /// So many bytes did not find room with what was not read.
    Overrun(usize),
    /// So many events before this one were forgotten.
    EventsLost(u64),
}

/// A line that says that something was refused or failed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// When the module said the line.
    pub at: Instant,
    /// The line, `ERROR` or a result code.
    pub line: String,
    /// Why.
    pub reason: Reason,
}

/// The newest of something, up to [`MAX_LOG_BYTES`].
pub(super) struct Ring<T> {
    items: VecDeque<T>,
    bytes: usize,
    lost: u64,
}

impl<T> Default for Ring<T> {
    fn default() -> Self {
        Self {
            items: VecDeque::new(),
            bytes: 0,
            lost: 0,
        }
    }
}

impl<T: Measured> Ring<T> {
    pub(super) fn push(&mut self, item: T) {
        self.bytes += size(&item);
        self.items.push_back(item);
        while self.bytes > MAX_LOG_BYTES
            && let Some(oldest) = self.items.pop_front()
        {
            self.bytes -= size(&oldest);
            self.lost += 1;
        }
    }

    /// What is there, and how much was forgotten before it.
    pub(super) fn take(&mut self) -> (Vec<T>, u64) {
        let taken = std::mem::take(self);
        (taken.items.into(), taken.lost)
    }
}

/// Something whose bytes can be counted.
pub(super) trait Measured {
    /// Bytes it holds outside of itself.
    fn held(&self) -> usize;
}

fn size<T: Measured>(item: &T) -> usize {
    size_of::<T>() + item.held()
}

impl Measured for Message {
    fn held(&self) -> usize {
        self.topic().len() + self.payload().len()
    }
}

impl Measured for Refusal {
    fn held(&self) -> usize {
        self.line.len() + self.reason.cause().len()
    }
}

impl Measured for Event {
    fn held(&self) -> usize {
        match &self.what {
            What::Written(bytes) | What::Said { bytes, .. } | What::Packet { bytes, .. } => {
                bytes.len()
            }
            What::Refused(refusal) => refusal.held(),
            What::Broker(
                BrokerEvent::Received { message, .. }
                | BrokerEvent::WillPublished { message, .. }
                | BrokerEvent::Delivered { message, .. }
                | BrokerEvent::Dropped { message, .. },
            ) => message.held(),
            What::Broker(_) => 0,
            What::Module(Trace::Note(text)) | What::Injected(text) => text.len(),
            What::Module(_) | What::Overrun(_) | What::EventsLost(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_are_forgotten_and_counted() {
        let mut ring = Ring::default();
        let event = |byte: u8| Event {
            at: Instant::ZERO,
            what: What::Written(vec![byte; MAX_LOG_BYTES / 4].into()),
        };
        (0..10).for_each(|byte| ring.push(event(byte)));
        let (events, lost) = ring.take();
        assert_eq!(events, [event(7), event(8), event(9)]);
        assert_eq!(lost, 7);
        assert_eq!(ring.take(), (vec![], 0));
    }
}
