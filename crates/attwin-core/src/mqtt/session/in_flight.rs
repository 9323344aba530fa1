//! Requests the server has not finished acknowledging.

use alloc::vec::Vec;

use bytes::Bytes;

use super::super::packet::{self, Level, QoS};
use super::{Operation, Retry, Ticket};
use crate::Instant;

/// Unfinished requests. In the order in which their packets were first sent,
/// PUBREL counting as a new packet: the order in which MQTT 3.1.1 section 4.6
/// wants them sent again.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    exchanges: Vec<Exchange>,
}

/// One unfinished request.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) operation: Operation,
    pub(super) ticket: Ticket,
    /// Quality of service of a publish.
    pub(super) qos: QoS,
    pub(super) retry: Retry,
    /// What is sent again; unused for [`Operation::Release`].
    pub(super) packet: Bytes,
    /// How often the packet has been sent again.
    pub(super) resent: u8,
    pub(super) deadline: Instant,
    /// Place in the order of requests.
    pub(super) issue: u64,
}

impl Exchange {
    /// Whether it is a publish, in whichever half.
    pub(super) fn is_publish(&self) -> bool {
        matches!(self.operation, Operation::Publish | Operation::Release)
    }

    /// The packet to send again. MQTT 3.1 wants DUP on each of them, 3.1.1
    /// forbids it but on PUBLISH (docs/spec/quectel.md 6.5).
    pub(super) fn packet_again(&mut self, level: Level) -> Bytes {
        let dup = self.operation == Operation::Publish || level == Level::V31;
        if self.operation == Operation::Release {
            return packet::pubrel(dup, self.ticket.id);
        }
        if dup
            && self
                .packet
                .first()
                .is_some_and(|first| first & packet::DUP == 0)
        {
            self.packet = packet::with_dup(&self.packet);
        }
        self.packet.clone()
    }
}

/// What the expiry of a wait leads to.
#[derive(Debug)]
pub(super) enum Expiry {
    /// Send this packet again, for the `count`th time.
    SendAgain {
        operation: Operation,
        ticket: Ticket,
        count: u8,
        packet: Bytes,
    },
    /// The retry budget is used up.
    GiveUp {
        operation: Operation,
        ticket: Ticket,
    },
}

impl InFlight {
    pub(super) fn push(&mut self, exchange: Exchange) {
        debug_assert!(!self.contains(exchange.ticket.id));
        self.exchanges.push(exchange);
        self.check_invariants();
    }

    pub(super) fn contains(&self, id: u16) -> bool {
        self.exchanges.iter().any(|e| e.ticket.id == id)
    }

    /// Publishes not acknowledged completely.
    pub(super) fn publishes(&self) -> usize {
        self.exchanges.iter().filter(|e| e.is_publish()).count()
    }

    /// SUBSCRIBE and UNSUBSCRIBE not acknowledged.
    pub(super) fn subscriptions(&self) -> usize {
        self.exchanges.len() - self.publishes()
    }

    /// Ends the exchange that `operation` with this `id` waits in.
    pub(super) fn finish(&mut self, operation: Operation, qos: QoS, id: u16) -> Option<Exchange> {
        let at = self
            .exchanges
            .iter()
            .position(|e| (e.operation, e.qos, e.ticket.id) == (operation, qos, id))?;
        Some(self.remove(at))
    }

    /// PUBREC arrived: the exchange goes on with PUBREL.
    pub(super) fn received(&mut self, now: Instant, id: u16) -> Option<Ticket> {
        let mut exchange = self.finish(Operation::Publish, QoS::Level2, id)?;
        exchange.operation = Operation::Release;
        exchange.packet = Bytes::new();
        exchange.resent = 0;
        if !exchange.retry.whole_exchange {
            exchange.deadline = now + exchange.retry.timeout;
        }
        let ticket = exchange.ticket;
        self.exchanges.push(exchange);
        self.check_invariants();
        Some(ticket)
    }

    /// Whether PUBREL of this identifier is unanswered.
    pub(super) fn releases(&self, id: u16) -> bool {
        self.exchanges
            .iter()
            .any(|e| e.operation == Operation::Release && e.ticket.id == id)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.exchanges.iter().map(|e| e.deadline).min()
    }

    /// Handles the earliest wait that is over at `now`.
    pub(super) fn expire(&mut self, now: Instant, level: Level) -> Option<Expiry> {
        let (at, exchange) = self
            .exchanges
            .iter_mut()
            .enumerate()
            .min_by_key(|(_, exchange)| exchange.deadline)?;
        if exchange.deadline > now {
            return None;
        }
        let (operation, ticket) = (exchange.operation, exchange.ticket);
        if exchange.resent >= exchange.retry.retries {
            self.remove(at);
            return Some(Expiry::GiveUp { operation, ticket });
        }
        exchange.resent += 1;
        exchange.deadline = now + exchange.retry.timeout;
        let (count, packet) = (exchange.resent, exchange.packet_again(level));
        Some(Expiry::SendAgain {
            operation,
            ticket,
            count,
            packet,
        })
    }

    /// The connection is gone: keeps publishes for a resumption if `keep`.
    /// Calls `interrupted` for each request with whether it is kept.
    pub(super) fn interrupt(&mut self, keep: bool, mut interrupted: impl FnMut(&Exchange, bool)) {
        self.exchanges.retain_mut(|exchange| {
            let kept = keep && exchange.is_publish();
            interrupted(exchange, kept);
            exchange.ticket.resumed = true;
            kept
        });
        debug_assert!(keep || self.exchanges.is_empty());
        debug_assert_eq!(self.subscriptions(), 0, "only publishes are resumed");
        self.free_if_empty();
    }

    /// Starts the retry budgets anew and hands out what to send again, in
    /// order.
    pub(super) fn resume(&mut self, now: Instant, level: Level) -> impl Iterator<Item = Bytes> {
        self.exchanges.iter_mut().map(move |exchange| {
            exchange.resent = 0;
            exchange.deadline = now + exchange.retry.timeout;
            exchange.packet_again(level)
        })
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// An identifier stands for one request, and 0 for none (MQTT 3.1.1 section
    /// 2.3.1); only a publish of QoS 2 has a second half, which needs no packet.
    fn check_invariants(&self) {
        if cfg!(debug_assertions) {
            for (at, e) in self.exchanges.iter().enumerate() {
                debug_assert_ne!(e.ticket.id, 0);
                let rest = &self.exchanges[at + 1..];
                debug_assert!(rest.iter().all(|other| other.ticket.id != e.ticket.id));
                debug_assert!(e.resent <= e.retry.retries);
                match e.operation {
                    Operation::Publish => debug_assert_ne!(e.qos, QoS::Level0),
                    Operation::Release => {
                        debug_assert_eq!(e.qos, QoS::Level2);
                        debug_assert!(e.packet.is_empty());
                    }
                    Operation::Subscribe | Operation::Unsubscribe => {
                        debug_assert_eq!(e.qos, QoS::Level0);
                    }
                }
            }
        }
    }

    fn remove(&mut self, at: usize) -> Exchange {
        let exchange = self.exchanges.remove(at);
        self.free_if_empty();
        exchange
    }

    /// An idle session owns no memory it does not need, unless what it owns is
    /// small enough to serve the next request without an allocation.
    fn free_if_empty(&mut self) {
        if self.exchanges.is_empty() && self.exchanges.capacity() > 4 {
            self.exchanges = Vec::new();
        }
    }
}

#[cfg(test)]
impl InFlight {
    pub(super) fn capacity(&self) -> usize {
        self.exchanges.capacity()
    }
}
