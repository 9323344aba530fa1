//! What the host asks of the session.

use super::super::packet::{self, QoS};
use super::in_flight::Exchange;
use super::outbox::Mark;
use super::{Ask, Operation, PacketId, Request, RequestError, Session, Ticket};
use crate::Instant;

impl Session {
    /// Queues PUBLISH, SUBSCRIBE or UNSUBSCRIBE and returns its packet
    /// identifier.
    ///
    /// Answered by [`Written`] (QoS 0), [`Published`], [`Subscribed`] or
    /// [`Unsubscribed`], or else by [`GaveUp`] or [`Interrupted`].
    ///
    /// [`Written`]: super::Event::Written
    /// [`Published`]: super::Event::Published
    /// [`Subscribed`]: super::Event::Subscribed
    /// [`Unsubscribed`]: super::Event::Unsubscribed
    /// [`GaveUp`]: super::Event::GaveUp
    /// [`Interrupted`]: super::Event::Interrupted
    pub(crate) fn request(
        &mut self,
        now: Instant,
        request: &Request<'_>,
    ) -> Result<u16, RequestError> {
        let Request {
            id,
            ask,
            retry,
            token,
        } = *request;
        if !self.is_connected() {
            return Err(RequestError::NotConnected);
        }
        let (operation, qos) = match ask {
            Ask::Subscribe([]) | Ask::Unsubscribe([]) => return Err(RequestError::NoFilter),
            Ask::Publish { qos, .. } => (Operation::Publish, qos),
            Ask::Subscribe(_) => (Operation::Subscribe, QoS::Level0),
            Ask::Unsubscribe(_) => (Operation::Unsubscribe, QoS::Level0),
        };
        let is_publish = operation == Operation::Publish;
        let is_acknowledged = !is_publish || qos != QoS::Level0;
        let (unfinished, most) = if is_publish {
            (self.in_flight.publishes(), self.rules.window)
        } else {
            (self.in_flight.subscriptions(), self.rules.pending)
        };
        if is_acknowledged && unfinished >= usize::from(most) {
            return Err(RequestError::WindowFull);
        }
        let chosen = match id {
            id if is_acknowledged => self.choose(id)?,
            PacketId::Host(id) => id,
            PacketId::Next if self.rules.qos0_takes_id => self.choose(PacketId::Next)?,
            PacketId::Next => 0,
        };
        let packet = match ask {
            Ask::Publish {
                qos,
                retain,
                dup,
                topic,
                payload,
            } => packet::publish(dup, qos, retain, chosen, topic, payload)?,
            Ask::Subscribe(filters) => packet::subscribe(chosen, filters)?,
            Ask::Unsubscribe(filters) => packet::unsubscribe(chosen, filters)?,
        };
        self.require_room(packet.len())?;
        if id == PacketId::Next && chosen != 0 {
            self.next_id = successor(chosen);
        }
        let ticket = Ticket {
            id: chosen,
            token,
            resumed: false,
        };
        self.issued += 1;
        let issue = self.issued;
        if is_acknowledged {
            self.in_flight.push(Exchange {
                operation,
                ticket,
                qos,
                retry,
                packet: packet.clone(),
                resent: 0,
                deadline: now + retry.timeout,
                issue,
            });
            debug_assert!(self.in_flight.publishes() <= usize::from(self.rules.window));
            debug_assert!(self.in_flight.subscriptions() <= usize::from(self.rules.pending));
            self.send(now, packet);
        } else {
            self.keep_alive.on_sent(now);
            self.outbox
                .push_marked(now, packet, Mark::Publish(ticket, issue));
        }
        Ok(chosen)
    }

    /// A packet larger than the limit is accepted when nothing waits before it.
    fn require_room(&self, len: usize) -> Result<(), RequestError> {
        let unsent = self.unsent();
        if unsent == 0 || unsent.saturating_add(len) <= self.rules.limits.unsent {
            Ok(())
        } else {
            Err(RequestError::Backlogged { unsent })
        }
    }

    /// The packet identifier a request gets, without taking it yet.
    fn choose(&self, id: PacketId) -> Result<u16, RequestError> {
        match id {
            PacketId::Host(0) => Err(RequestError::ZeroId),
            PacketId::Host(id) if self.in_use(id) => Err(RequestError::InUse(id)),
            PacketId::Host(id) => Ok(id),
            PacketId::Next => core::iter::successors(Some(self.next_id), |&id| Some(successor(id)))
                .take(usize::from(u16::MAX))
                .find(|&id| !self.in_use(id))
                .ok_or(RequestError::WindowFull),
        }
    }
}

/// The packet identifier after `id`: 65535 is followed by 1.
const fn successor(id: u16) -> u16 {
    match id.checked_add(1) {
        Some(next) => next,
        None => 1,
    }
}
