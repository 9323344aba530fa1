//! What the host asks of the session.

use bytes::Bytes;

use super::super::packet::{self, QoS, TooLong};
use super::in_flight::Exchange;
use super::outbox::Mark;
use super::{
    Operation, PacketId, PublishRequest, RequestError, Retry, Session, SubscribeRequest, Ticket,
    UnsubscribeRequest,
};
use crate::Instant;

impl Session {
    /// Queues PUBLISH and returns its packet identifier.
    ///
    /// Answered by [`Written`] (QoS 0) or [`Published`], or else by [`GaveUp`]
    /// or [`Interrupted`].
    ///
    /// [`Written`]: super::Event::Written
    /// [`Published`]: super::Event::Published
    /// [`GaveUp`]: super::Event::GaveUp
    /// [`Interrupted`]: super::Event::Interrupted
    pub fn publish(
        &mut self,
        now: Instant,
        request: &PublishRequest<'_>,
    ) -> Result<u16, RequestError> {
        self.require_connection()?;
        let acknowledged = request.qos != QoS::Level0;
        if acknowledged && self.in_flight.publishes() >= usize::from(self.rules.window) {
            return Err(RequestError::WindowFull);
        }
        let id = match request.id {
            id if acknowledged => self.choose(id)?,
            PacketId::Host(id) => id,
            PacketId::Next if self.rules.qos0_takes_id => self.choose(PacketId::Next)?,
            PacketId::Next => 0,
        };
        let PublishRequest {
            qos,
            retain,
            dup,
            topic,
            payload,
            ..
        } = *request;
        let packet = packet::publish(dup, qos, retain, id, topic, payload)?;
        self.require_room(packet.len())?;
        if request.id == PacketId::Next && id != 0 {
            self.next_id = successor(id);
        }
        let ticket = Ticket {
            id,
            token: request.token,
            resumed: false,
        };
        if acknowledged {
            self.begin(now, Operation::Publish, ticket, qos, request.retry, packet);
        } else {
            let issue = self.next_issue();
            self.keep_alive.on_sent(now);
            self.outbox
                .push_marked(now, packet, Mark::Publish(ticket, issue));
        }
        Ok(id)
    }

    /// Queues SUBSCRIBE and returns its packet identifier.
    ///
    /// Answered by [`Subscribed`], or else by [`GaveUp`] or [`Interrupted`].
    ///
    /// [`Subscribed`]: super::Event::Subscribed
    /// [`GaveUp`]: super::Event::GaveUp
    /// [`Interrupted`]: super::Event::Interrupted
    pub fn subscribe(
        &mut self,
        now: Instant,
        request: &SubscribeRequest<'_>,
    ) -> Result<u16, RequestError> {
        let SubscribeRequest {
            id,
            filters,
            retry,
            token,
        } = *request;
        self.ask(
            now,
            Operation::Subscribe,
            id,
            retry,
            token,
            filters.is_empty(),
            |id| packet::subscribe(id, filters),
        )
    }

    /// Queues UNSUBSCRIBE and returns its packet identifier.
    ///
    /// Answered by [`Unsubscribed`], or else by [`GaveUp`] or [`Interrupted`].
    ///
    /// [`Unsubscribed`]: super::Event::Unsubscribed
    /// [`GaveUp`]: super::Event::GaveUp
    /// [`Interrupted`]: super::Event::Interrupted
    pub fn unsubscribe(
        &mut self,
        now: Instant,
        request: &UnsubscribeRequest<'_>,
    ) -> Result<u16, RequestError> {
        let UnsubscribeRequest {
            id,
            filters,
            retry,
            token,
        } = *request;
        self.ask(
            now,
            Operation::Unsubscribe,
            id,
            retry,
            token,
            filters.is_empty(),
            |id| packet::unsubscribe(id, filters),
        )
    }

    fn require_connection(&self) -> Result<(), RequestError> {
        if self.is_connected() {
            Ok(())
        } else {
            Err(RequestError::NotConnected)
        }
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

    /// SUBSCRIBE and UNSUBSCRIBE.
    #[expect(
        clippy::too_many_arguments,
        reason = "the two requests differ only in their packet"
    )]
    fn ask(
        &mut self,
        now: Instant,
        operation: Operation,
        id: PacketId,
        retry: Retry,
        token: u32,
        empty: bool,
        packet: impl FnOnce(u16) -> Result<Bytes, TooLong>,
    ) -> Result<u16, RequestError> {
        self.require_connection()?;
        if empty {
            return Err(RequestError::NoFilter);
        }
        if self.in_flight.subscriptions() >= usize::from(self.rules.pending) {
            return Err(RequestError::WindowFull);
        }
        let chosen = self.choose(id)?;
        let packet = packet(chosen)?;
        self.require_room(packet.len())?;
        if id == PacketId::Next {
            self.next_id = successor(chosen);
        }
        let ticket = Ticket {
            id: chosen,
            token,
            resumed: false,
        };
        self.begin(now, operation, ticket, QoS::Level0, retry, packet);
        Ok(chosen)
    }

    /// Sends a packet that is acknowledged.
    fn begin(
        &mut self,
        now: Instant,
        operation: Operation,
        ticket: Ticket,
        qos: QoS,
        retry: Retry,
        packet: Bytes,
    ) {
        let issue = self.next_issue();
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
        self.send(now, packet);
    }

    fn next_issue(&mut self) -> u64 {
        self.issued += 1;
        self.issued
    }
}

/// The packet identifier after `id`: 65535 is followed by 1.
const fn successor(id: u16) -> u16 {
    match id.checked_add(1) {
        Some(next) => next,
        None => 1,
    }
}
