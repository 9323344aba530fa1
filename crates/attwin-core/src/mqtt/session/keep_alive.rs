//! When to send PINGREQ, and when a missing answer ends the connection.

use super::PingRule;
use crate::{Duration, Instant};

/// The keep-alive timer of one connection.
#[derive(Debug, Default)]
pub(super) struct KeepAlive {
    /// Silence after which PINGREQ is sent; zero for never.
    interval: Duration,
    /// When the last packet was sent.
    last_sent: Instant,
    /// The same without PINGREQs that are unanswered.
    last_other: Instant,
    unanswered: Option<Unanswered>,
}

/// A series of PINGREQs without an answer.
#[derive(Debug, Clone, Copy)]
struct Unanswered {
    first: Instant,
    last: Instant,
    lost: u8,
}

/// What the timer asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Send PINGREQ: the link is idle.
    Ping,
    /// This many PINGREQs in a row are lost: send another.
    Again(u8),
    /// This many PINGREQs in a row are lost, and that is enough.
    Failed(u8),
}

impl KeepAlive {
    pub(super) fn new(interval: Duration) -> Self {
        Self {
            interval,
            ..Self::default()
        }
    }

    /// A packet was sent; PINGREQs are reported by [`on_timeout`](Self::on_timeout) itself.
    pub(super) fn on_sent(&mut self, now: Instant) {
        self.last_sent = now;
        self.last_other = now;
    }

    /// The server answered.
    pub(super) fn on_answer(&mut self) {
        if let Some(series) = self.unanswered.take() {
            debug_assert!(series.first <= series.last && series.last <= self.last_sent);
            self.last_other = self.last_sent;
        }
    }

    pub(super) fn deadline(&self, rule: &PingRule) -> Option<Instant> {
        if self.interval.is_zero() {
            return None;
        }
        let Some(series) = self.unanswered else {
            return Some(self.last_sent + self.interval);
        };
        Some(match *rule {
            PingRule::Once { wait } => series.first + wait,
            PingRule::UntilSilent { every, .. } => {
                (series.last + every).min(self.fails_at(rule, series))
            }
            PingRule::UntilLost { every, .. } => series.last + every,
        })
    }

    /// What is due at `now`. For [`Due::Ping`] and [`Due::Again`] the PINGREQ
    /// counts as sent.
    pub(super) fn on_timeout(&mut self, now: Instant, rule: &PingRule) -> Option<Due> {
        if self.deadline(rule)? > now {
            return None;
        }
        debug_assert!(!self.interval.is_zero(), "zero never pings");
        debug_assert!(self.last_other <= self.last_sent);
        self.last_sent = now;
        let Some(mut series) = self.unanswered else {
            self.unanswered = Some(Unanswered {
                first: now,
                last: now,
                lost: 0,
            });
            return Some(Due::Ping);
        };
        series.lost = series.lost.saturating_add(1);
        let failed = match *rule {
            PingRule::Once { .. } => true,
            PingRule::UntilSilent { .. } => now >= self.fails_at(rule, series),
            PingRule::UntilLost { lost, .. } => series.lost >= lost,
        };
        if failed {
            return Some(Due::Failed(series.lost));
        }
        series.last = now;
        debug_assert!(series.first <= series.last && series.lost > 0);
        self.unanswered = Some(series);
        Some(Due::Again(series.lost))
    }

    fn fails_at(&self, rule: &PingRule, series: Unanswered) -> Instant {
        match *rule {
            PingRule::UntilSilent { every, silence } => {
                (self.last_other + silence).max(series.first + every)
            }
            PingRule::Once { wait } | PingRule::UntilLost { every: wait, .. } => {
                series.first + wait
            }
        }
    }
}
