//! What the session does when time passes.

use super::super::packet;
use super::in_flight::Expiry;
use super::keep_alive::Due;
use super::{Event, Phase, Session};
use crate::Instant;
use crate::time::earliest;

impl Session {
    /// Does what is due at `now`.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        match self.phase {
            Phase::Connecting { deadline } if deadline <= now => self.end(Event::ConnectTimedOut),
            Phase::Connected => {
                if self.stalls_at().is_some_and(|at| at <= now) {
                    return self.end(Event::WriteStalled);
                }
                self.expire_requests(now);
                // Sending a packet again may just have made a PINGREQ needless,
                // or have ended the connection.
                if self.is_connected() {
                    self.ping_if_due(now);
                }
            }
            Phase::Disconnecting if self.stalls_at().is_some_and(|at| at <= now) => {
                self.end(Event::WriteStalled);
            }
            _ => {}
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) has something to do.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        match self.phase {
            Phase::Connecting { deadline } => Some(deadline),
            Phase::Connected => earliest(
                earliest(
                    self.in_flight.deadline(),
                    self.keep_alive.deadline(&self.rules.ping),
                ),
                self.stalls_at(),
            ),
            Phase::Disconnecting => self.stalls_at(),
            Phase::Idle | Phase::Ended => None,
        }
    }

    fn expire_requests(&mut self, now: Instant) {
        while let Some(expiry) = self.in_flight.expire(now, self.level) {
            match expiry {
                Expiry::SendAgain {
                    operation,
                    ticket,
                    count,
                    packet,
                } => {
                    self.events.push_back(Event::Retransmitted {
                        operation,
                        ticket,
                        count,
                    });
                    self.send(now, packet);
                }
                Expiry::GiveUp { operation, ticket } => {
                    self.events.push_back(Event::GaveUp { operation, ticket });
                }
            }
        }
    }

    fn ping_if_due(&mut self, now: Instant) {
        if !self.reading {
            self.keep_alive.on_answer();
        }
        let due = self.keep_alive.on_timeout(now, &self.rules.ping);
        if let Some(Due::Again(count) | Due::Failed(count)) = due {
            self.events.push_back(Event::PingLost { count });
        }
        match due {
            Some(Due::Ping | Due::Again(_)) => {
                self.outbox.push(now, packet::PINGREQ);
                self.events.push_back(Event::PingSent);
            }
            Some(Due::Failed(_)) => self.end(Event::PingFailed),
            None => {}
        }
    }

    fn stalls_at(&self) -> Option<Instant> {
        self.outbox.stalls_at(self.rules.write_timeout?)
    }
}
