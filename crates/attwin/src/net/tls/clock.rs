//! The module's clock, as rustls asks for it.

use std::time::{Duration, Instant};

use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;

/// The wall clock of the module, which need not agree with the computer's: a
/// module whose time was never set judges certificates in 1980.
#[derive(Debug)]
pub(super) struct ModuleClock {
    at_start: Duration,
    started: Instant,
}

impl ModuleClock {
    /// A clock that reads `wall_clock_ms` milliseconds since the Unix epoch
    /// now. Times before the epoch cannot be expressed and count as the epoch.
    pub(super) fn starting_at(wall_clock_ms: i64) -> Self {
        Self {
            at_start: Duration::from_millis(u64::try_from(wall_clock_ms).unwrap_or(0)),
            started: Instant::now(),
        }
    }
}

impl TimeProvider for ModuleClock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(
            self.at_start.saturating_add(self.started.elapsed()),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(wall_clock_ms: i64) -> u64 {
        ModuleClock::starting_at(wall_clock_ms)
            .current_time()
            .unwrap()
            .as_secs()
    }

    #[test]
    fn reads_what_the_module_reads() {
        assert!((315_964_800..315_964_830).contains(&seconds(315_964_800_000)));
    }

    #[test]
    fn stays_within_what_can_be_expressed() {
        assert!(seconds(i64::MIN) < 30);
        assert!(seconds(i64::MAX) >= 9_223_372_036_854_775);
    }
}
