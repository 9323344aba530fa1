//! The host's side of the line in a world: at what pace it reads.

use std::collections::VecDeque;

use attwin_core::{Duration, HostEvent, Instant, Reason, SerialKind};
use bytes::Bytes;

/// Something the module said.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Said {
    /// When.
    pub at: Instant,
    /// What it is; a host sees only the bytes.
    pub kind: SerialKind,
    /// What.
    pub bytes: Bytes,
    /// Why, where it says that something was refused or failed.
    pub reason: Option<Reason>,
}

/// Bytes that wait for a slow host before the module is told that it stalls, and
/// how many are left when it is ready again: as the program's ports have it.
const FULL: usize = 64 * 1024;
const ROOM_AGAIN: usize = FULL / 4;

/// A host that reads at its own pace.
#[derive(Debug, Default)]
pub(crate) struct Host {
    /// Bytes a second; 0 for all at once.
    rate: u32,
    /// What it has not taken, with when it will have.
    queue: VecDeque<Said>,
    untaken: usize,
    /// When it has taken all of it.
    idle_at: Instant,
    stalled: bool,
}

impl Host {
    pub(crate) fn set_rate(&mut self, now: Instant, bytes_per_second: u32) {
        self.rate = bytes_per_second;
        self.idle_at = now;
        for said in &mut self.queue {
            self.idle_at += time_for(bytes_per_second, said.bytes.len());
            said.at = self.idle_at;
        }
    }

    pub(crate) fn say(
        &mut self,
        now: Instant,
        kind: SerialKind,
        bytes: Bytes,
        reason: Option<Reason>,
    ) {
        let at = self.idle_at.max(now) + time_for(self.rate, bytes.len());
        self.idle_at = at;
        self.untaken += bytes.len();
        self.queue.push_back(Said {
            at,
            kind,
            bytes,
            reason,
        });
    }

    /// The next piece it has taken whole.
    pub(crate) fn take(&mut self, now: Instant) -> Option<Said> {
        self.queue.front().filter(|said| said.at <= now)?;
        let taken = self.queue.pop_front()?;
        self.untaken -= taken.bytes.len();
        Some(taken)
    }

    /// It left, and what it has not taken is gone.
    pub(crate) fn leave(&mut self) {
        self.queue.clear();
        self.untaken = 0;
        self.idle_at = Instant::ZERO;
        self.stalled = false;
    }

    /// Whether to tell the module that it stalls, or is ready again.
    pub(crate) fn poll_flow(&mut self) -> Option<HostEvent> {
        let limit = if self.stalled { ROOM_AGAIN } else { FULL - 1 };
        let stalled = self.untaken > limit;
        if stalled == self.stalled {
            return None;
        }
        self.stalled = stalled;
        Some(if stalled {
            HostEvent::Stalled
        } else {
            HostEvent::Ready
        })
    }

    pub(crate) fn untaken(&self) -> usize {
        self.untaken
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.queue.front().map(|said| said.at)
    }
}

fn time_for(rate: u32, bytes: usize) -> Duration {
    (bytes as u64 * 1_000_000_000)
        .checked_div(rate.into())
        .map_or(Duration::ZERO, Duration::from_nanos)
}
