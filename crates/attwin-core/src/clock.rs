//! The module's real-time clock.

use crate::time::Instant;

/// Wall clock of one module: what the driver said, shifted by what the host
/// set with AT+CCLK.
#[derive(Debug)]
pub(crate) struct Clock {
    /// Unix milliseconds at [`Instant::ZERO`].
    origin_ms: i64,
    /// Shift the host set, in milliseconds.
    shift_ms: i64,
}

impl Clock {
    pub(crate) fn new(origin_ms: i64) -> Self {
        Self {
            origin_ms,
            shift_ms: 0,
        }
    }

    /// The driver's wall clock reads `unix_ms` now.
    pub(crate) fn synchronise(&mut self, now: Instant, unix_ms: i64) {
        self.origin_ms = unix_ms.saturating_sub(millis(now));
    }

    /// The module's clock, in milliseconds since the Unix epoch.
    pub(crate) fn unix_ms(&self, now: Instant) -> i64 {
        self.origin_ms
            .saturating_add(millis(now))
            .saturating_add(self.shift_ms)
    }

    /// The network's clock, which the host cannot shift.
    pub(crate) fn network_unix_ms(&self, now: Instant) -> i64 {
        self.origin_ms.saturating_add(millis(now))
    }

    /// The host sets the clock.
    pub(crate) fn set_unix_ms(&mut self, now: Instant, unix_ms: i64) {
        self.shift_ms = unix_ms.saturating_sub(self.network_unix_ms(now));
    }
}

fn millis(now: Instant) -> i64 {
    i64::try_from(now.since_origin().as_millis()).unwrap_or(i64::MAX)
}
