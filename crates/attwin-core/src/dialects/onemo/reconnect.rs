//! The reconnect machine: three attempts, each after a pause
//! (docs/spec/onemo.md A6, B6).

use core::time::Duration;

use crate::time::Instant;

/// How many attempts there are.
const ATTEMPTS: u8 = 3;

/// The pauses before the attempts.
pub(super) type Pauses = [Duration; ATTEMPTS as usize];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Off,
    /// Attempt `n` begins then.
    Pausing {
        attempt: u8,
        until: Instant,
    },
    /// Attempt `n` is under way.
    Trying {
        attempt: u8,
    },
}

/// Where the machine is.
#[derive(Debug)]
pub(super) struct Machine {
    pauses: Pauses,
    phase: Phase,
    /// Attempts begun since the last success.
    begun: u8,
}

impl Machine {
    pub(super) const fn new(pauses: Pauses) -> Self {
        Self {
            pauses,
            phase: Phase::Off,
            begun: 0,
        }
    }

    pub(super) fn is_running(&self) -> bool {
        self.phase != Phase::Off
    }

    /// Attempts begun since the last success, AT+MQTTREC?.
    pub(super) fn begun(&self) -> u8 {
        self.begun
    }

    /// Begins with the pause before the first attempt.
    pub(super) fn start(&mut self, now: Instant) {
        self.pause(now, 0);
    }

    /// An attempt failed: pauses before the next; `false` if that was the last.
    pub(super) fn next(&mut self, now: Instant) -> bool {
        match self.phase {
            Phase::Trying { attempt } if attempt + 1 < ATTEMPTS => {
                self.pause(now, attempt + 1);
                true
            }
            _ => {
                self.stop();
                false
            }
        }
    }

    /// The attempt that is to begin now.
    pub(super) fn begin_if_due(&mut self, now: Instant) -> Option<u8> {
        let Phase::Pausing { attempt, until } = self.phase else {
            return None;
        };
        if until > now {
            return None;
        }
        self.phase = Phase::Trying { attempt };
        self.begun = attempt + 1;
        Some(attempt)
    }

    pub(super) fn stop(&mut self) {
        self.phase = Phase::Off;
    }

    /// It is over, and was a success or is forgotten.
    pub(super) fn reset(&mut self) {
        self.stop();
        self.begun = 0;
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        match self.phase {
            Phase::Pausing { until, .. } => Some(until),
            Phase::Off | Phase::Trying { .. } => None,
        }
    }

    fn pause(&mut self, now: Instant, attempt: u8) {
        let pause = self.pauses[usize::from(attempt)];
        self.phase = Phase::Pausing {
            attempt,
            until: now + pause,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_attempts_and_no_more() {
        let pauses = [4, 8, 16].map(Duration::from_secs);
        let mut machine = Machine::new(pauses);
        let mut now = Instant::ZERO;
        machine.start(now);
        for (attempt, pause) in (0..).zip(pauses) {
            assert_eq!(machine.begin_if_due(now), None);
            now += pause;
            assert_eq!(machine.poll_timeout(), Some(now));
            assert_eq!(machine.begin_if_due(now), Some(attempt));
            assert_eq!((machine.begun(), machine.is_running()), (attempt + 1, true));
            assert_eq!(machine.next(now), attempt < 2);
        }
        assert_eq!((machine.begun(), machine.is_running()), (3, false));
        machine.reset();
        assert_eq!(machine.begun(), 0);
    }
}
