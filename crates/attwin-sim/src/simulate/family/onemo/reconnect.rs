//! The reconnect machine of sections A6 and B6, as its URCs show it.

use attwin_core::{Duration, Instant};

use crate::simulate::model::GRACE;

/// How much earlier something may come than what was told before lets expect:
/// that may have waited for a half-typed line.
const EARLY: Duration = Duration::from_millis(1_100);
/// Attempts the machine makes.
const ATTEMPTS: u32 = 3;

/// What the host is to be told next, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reconnect {
    /// How long it waits before attempt 0, and what that is multiplied with
    /// before each further one.
    wait: (u64, u64),
    /// The attempt to be announced; after the last that it is given up.
    next: u32,
    earliest: Instant,
    latest: Instant,
}

impl Reconnect {
    /// The machine starts now.
    pub(super) fn start(now: Instant, wait: (u64, u64)) -> Self {
        let mut machine = Self {
            wait,
            next: 0,
            earliest: now,
            latest: now,
        };
        machine.expect(now, now);
        machine
    }

    /// `REC:n`. The attempt may take as long as `limit`.
    pub(super) fn announced(
        &mut self,
        now: Instant,
        n: u32,
        limit: Duration,
    ) -> Result<(), String> {
        if n != self.next || n >= ATTEMPTS {
            return Err(format!("attempt {} is next", self.next));
        }
        if now + EARLY < self.earliest {
            return Err(format!("not before {:?}", self.earliest));
        }
        self.next += 1;
        self.expect(now, now + limit);
        Ok(())
    }

    /// `REC:n` was held back and comes with what followed it.
    pub(super) fn told_late(&mut self, now: Instant, n: u32, limit: Duration) {
        self.next = (n + 1).min(ATTEMPTS);
        self.expect(now, now + limit);
        self.earliest = now;
    }

    /// The connection of an attempt is over.
    pub(super) fn failed(&mut self, now: Instant) {
        if self.next > 0 {
            self.expect(now, now);
        }
    }

    /// It gives up.
    pub(super) fn given_up(&self) -> Result<(), String> {
        if self.next == ATTEMPTS {
            return Ok(());
        }
        Err(format!("attempt {} is next", self.next))
    }

    pub(super) fn overdue(&self, now: Instant) -> Option<String> {
        (self.latest < now).then(|| match self.next {
            ATTEMPTS => "reconnecting is not given up".into(),
            next => format!("attempt {next} to reconnect does not come"),
        })
    }

    /// What is next comes after an attempt that ends between these times.
    fn expect(&mut self, earliest: Instant, latest: Instant) {
        let (first, factor) = self.wait;
        let wait = match self.next {
            ATTEMPTS => Duration::ZERO,
            next => Duration::from_secs(first * factor.pow(next)),
        };
        self.earliest = earliest + wait;
        self.latest = latest + wait + GRACE;
    }
}
