//! Unsolicited result codes: queued here, released by the port.
//!
//! Two rules decide the order. A URC may carry a time before which it must
//! not appear (result URCs that have to keep their distance from the `OK`,
//! docs/spec/quectel.md 2.8); and URCs of one channel keep their order, so that a
//! later one waits behind a delayed one of its own channel but overtakes those
//! of others.

use alloc::collections::VecDeque;

use bytes::Bytes;

use crate::reason::Reason;
use crate::time::{Instant, earliest};

/// Bytes waiting for the host beyond which the modem stops reading from the
/// network until it has taken some.
pub(super) const HIGH_WATER: usize = 64 * 1024;
/// Bytes waiting for the host below which it reads again.
pub(super) const LOW_WATER: usize = 16 * 1024;
/// Bytes of URCs waiting for the host beyond which they are dropped. Messages do not
/// come this far, as the network waits; what the module says by itself for days
/// to a host that reads nothing does.
pub(super) const UNSHOWN_LIMIT: usize = 2 * 1024 * 1024;

/// URCs of one channel never overtake one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    /// The module at large: boot lines, registration, PDP contexts.
    Module,
    /// All of them together: about something that concerns every channel, it
    /// waits for every URC before it (docs/spec/quectel.md 7.3).
    All,
    /// The MQTT client of this index.
    Client(u8),
    /// The lines of the start-up, whose times are fixed beforehand: what
    /// happens meanwhile is said between them.
    Start,
}

impl Channel {
    /// A bit per channel; clients beyond the 30th share one, which only makes
    /// them wait for each other.
    fn mask(self) -> u32 {
        match self {
            Self::Module | Self::All => 1,
            Self::Client(index) => 2 << index.min(29),
            Self::Start => 1 << 31,
        }
    }

    /// The channels whose URCs it does not overtake.
    fn waits_for(self) -> u32 {
        match self {
            Self::All => u32::MAX,
            Self::Module | Self::Client(_) | Self::Start => self.mask(),
        }
    }
}

#[derive(Debug)]
struct Queued {
    channel: Channel,
    not_before: Instant,
    line: Bytes,
    reason: Option<Reason>,
}

/// URCs that have not been shown yet.
#[derive(Debug, Default)]
pub(super) struct UrcQueue {
    queue: VecDeque<Queued>,
    bytes: usize,
}

impl UrcQueue {
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn clear(&mut self) {
        self.queue.clear();
        self.bytes = 0;
    }

    pub(super) fn push(
        &mut self,
        channel: Channel,
        not_before: Instant,
        line: Bytes,
        reason: Option<Reason>,
    ) {
        self.bytes += line.len();
        self.queue.push_back(Queued {
            channel,
            not_before,
            line,
            reason,
        });
        self.check_invariants();
    }

    /// When the next URC becomes due, if it is not held back otherwise.
    pub(super) fn due(&self) -> Option<Instant> {
        let mut due = None;
        let mut seen = 0;
        for urc in &self.queue {
            if seen & urc.channel.waits_for() == 0 {
                due = earliest(due, Some(urc.not_before));
            }
            seen |= urc.channel.mask();
        }
        due
    }

    /// The first URC that is due and need not wait for one before it.
    pub(super) fn pop(&mut self, now: Instant) -> Option<(Bytes, Option<Reason>)> {
        let mut seen = 0;
        let ready = self.queue.iter().position(|urc| {
            let unhindered = seen & urc.channel.waits_for() == 0;
            seen |= urc.channel.mask();
            unhindered && urc.not_before <= now
        })?;
        let urc = self.queue.remove(ready)?;
        self.bytes -= urc.line.len();
        self.check_invariants();
        Some((urc.line, urc.reason))
    }

    /// The bytes counted are those of the lines that wait.
    fn check_invariants(&self) {
        debug_assert_eq!(
            self.bytes,
            self.queue.iter().map(|urc| urc.line.len()).sum::<usize>()
        );
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;

    fn at(ms: u64) -> Instant {
        Instant::from_origin(Duration::from_millis(ms))
    }

    fn pop(urcs: &mut UrcQueue, now: Instant) -> Option<Bytes> {
        urcs.pop(now).map(|(line, _)| line)
    }

    #[test]
    fn a_delayed_result_holds_back_its_own_channel_only() {
        let mut urcs = UrcQueue::default();
        urcs.push(
            Channel::Client(0),
            at(300),
            Bytes::from_static(b"result"),
            None,
        );
        urcs.push(
            Channel::Client(0),
            at(0),
            Bytes::from_static(b"message"),
            None,
        );
        urcs.push(
            Channel::Client(1),
            at(0),
            Bytes::from_static(b"other"),
            None,
        );
        assert_eq!(urcs.due(), Some(at(0)));
        assert_eq!(pop(&mut urcs, at(0)).as_deref(), Some(&b"other"[..]));
        assert_eq!(pop(&mut urcs, at(299)), None);
        assert_eq!(urcs.due(), Some(at(300)));
        assert_eq!(pop(&mut urcs, at(300)).as_deref(), Some(&b"result"[..]));
        assert_eq!(pop(&mut urcs, at(300)).as_deref(), Some(&b"message"[..]));
        assert_eq!((urcs.is_empty(), urcs.bytes()), (true, 0));
    }
}
