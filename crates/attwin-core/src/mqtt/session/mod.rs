//! The MQTT client session of a module, as a state machine without input and
//! output of its own.
//!
//! A [`Session`] takes what the server sent ([`Session::receive`]), what the
//! host wants ([`Session::request`]) and the current
//! time, and hands out packets ([`Session::poll_transmit`]), [`Event`]s
//! ([`Session::poll_event`]) and the next deadline
//! ([`Session::poll_timeout`]). It outlives connections: with clean session 0
//! it keeps what MQTT 3.1.1 section 4.1 calls session state, in RAM.
//!
//! What is unusual for an MQTT client, because modules do it: packets are sent
//! again on a live connection and each time is reported, the host may choose
//! packet identifiers, each step of a QoS 2 exchange is reported, and a
//! message is acknowledged only when the dialect says so. Where modules differ,
//! [`Rules`] and [`Retry`] say how.

mod event;
mod from_server;
mod in_flight;
mod incoming;
mod keep_alive;
mod options;
mod outbox;
mod reader;
mod requests;
#[cfg(test)]
mod tests;
mod timers;

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

use bytes::Bytes;

use self::event::Answer;
pub(crate) use self::event::{
    Acknowledgement, Discarded, Event, Message, Operation, RequestError, Ticket, Violation,
};
use self::in_flight::InFlight;
use self::incoming::Incoming;
use self::keep_alive::KeepAlive;
pub(crate) use self::options::{
    Ask, Delivery, Limits, Options, PacketId, PingRule, Request, Retry, Rules,
};
use self::outbox::{Mark, Outbox};
use self::reader::{Item, ReadError, Reader};
use super::packet::{self, Level, Malformed, TooLong};
use crate::{Duration, Instant};

/// An MQTT client session, alive across connections.
///
/// It belongs to one client identifier at one server: for another server,
/// start with a new one.
#[derive(Debug)]
pub(crate) struct Session {
    phase: Phase,
    rules: Rules,
    level: Level,
    clean_session: bool,
    client_id: Box<[u8]>,
    /// Counts connections, so that late acknowledgements are recognised.
    connection: u32,
    /// Where [`PacketId::Next`] starts looking.
    next_id: u16,
    /// How many requests there have been.
    issued: u64,
    in_flight: InFlight,
    incoming: Incoming,
    keep_alive: KeepAlive,
    /// What the server sends is read as it comes.
    reading: bool,
    reader: Reader,
    outbox: Outbox,
    events: VecDeque<Event>,
}

/// Where the current connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// There is none.
    Idle,
    /// CONNECT is queued; CONNACK must come by then.
    Connecting { deadline: Instant },
    /// CONNACK accepted it.
    Connected,
    /// It failed or was refused and is to be closed; nothing is read.
    Ended,
    /// DISCONNECT is queued; nothing is read and nothing more sent
    /// (MQTT 3.1.1 [MQTT-3.14.4-2]).
    Disconnecting,
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}

impl Session {
    /// A session without a connection and without state.
    pub(crate) fn new() -> Self {
        Self {
            phase: Phase::Idle,
            rules: Rules::default(),
            level: Level::V311,
            clean_session: true,
            client_id: Box::default(),
            connection: 0,
            next_id: 1,
            issued: 0,
            in_flight: InFlight::default(),
            incoming: Incoming::default(),
            keep_alive: KeepAlive::default(),
            reading: true,
            reader: Reader::default(),
            outbox: Outbox::default(),
            events: VecDeque::new(),
        }
    }

    /// The transport is up: queues CONNECT and starts waiting for CONNACK.
    /// A connection that is still there counts as [`lost`](Self::lost).
    ///
    /// Clean session 1 or another client identifier ends the old session here;
    /// otherwise its unacknowledged publishes are sent again once CONNACK
    /// accepts the connection.
    pub(crate) fn connect(&mut self, now: Instant, options: Options) -> Result<(), TooLong> {
        let packet = packet::connect(&options.connect)?;
        if self.phase != Phase::Idle {
            self.lost();
        }
        let fields = options.connect;
        if fields.clean_session || *fields.client_id != *self.client_id {
            self.drop_state();
        }
        self.incoming.forget_unacknowledged();
        self.level = fields.level;
        self.clean_session = fields.clean_session;
        self.client_id = Box::from(&fields.client_id[..]);
        self.rules = options.rules;
        self.connection = self.connection.wrapping_add(1);
        if let Some(first) = self.rules.first_id {
            self.next_id = first.get();
        }
        let keep_alive = Duration::from_secs(fields.keep_alive.into());
        self.reading = true;
        self.keep_alive = KeepAlive::new(self.rules.ping_after.unwrap_or(keep_alive));
        self.phase = Phase::Connecting {
            deadline: now + options.connack_timeout,
        };
        debug_assert_eq!(self.unsent(), 0, "nothing comes before CONNECT");
        self.send(now, packet);
        self.check_invariants();
        Ok(())
    }

    /// Bytes from the server, in any pieces.
    pub(crate) fn receive(&mut self, now: Instant, mut bytes: &[u8]) {
        while matches!(self.phase, Phase::Connecting { .. } | Phase::Connected) {
            match self.reader.next(&mut bytes, &self.rules.limits) {
                Ok(None) => return,
                Ok(Some(Item::Packet(bytes))) => match self.decode(&bytes) {
                    Ok(packet) => self.on_packet(now, packet, bytes[0] & packet::DUP != 0),
                    Err(error) => self.malformed(bytes[0] >> 4, error),
                },
                Ok(Some(Item::Oversized(publish))) => self.on_oversized(now, &publish),
                Err(ReadError::Malformed(kind, error)) => self.malformed(kind, error),
                Err(ReadError::TooLarge(len)) => self.violation(Violation::Oversized { len }),
            }
        }
    }

    /// Whether what the server sends is read, or waits in the network. While
    /// it waits, a PINGREQ without an answer means nothing.
    pub(crate) fn set_reading(&mut self, reading: bool) {
        if core::mem::replace(&mut self.reading, reading) != reading {
            self.keep_alive.on_answer();
        }
    }

    /// The network took this many more bytes of what
    /// [`poll_transmit`](Self::poll_transmit) handed out on this connection.
    pub(crate) fn sent(&mut self, now: Instant, bytes: usize) {
        self.outbox.sent(now, bytes);
        while let Some(mark) = self.outbox.next_written() {
            self.events.push_back(match mark {
                Mark::Publish(ticket, _) => Event::Written(ticket),
                Mark::Disconnect => Event::DisconnectWritten,
            });
        }
        self.check_invariants();
    }

    /// The transport is gone. Reports unfinished requests as
    /// [`Event::Interrupted`]; with clean session 1 the session ends too.
    pub(crate) fn lost(&mut self) {
        if self.phase == Phase::Idle {
            return;
        }
        self.phase = Phase::Idle;
        self.reader.clear();
        let keep = self.rules.resume && !self.clean_session;
        let mut interrupted = Vec::new();
        for mark in self.outbox.clear() {
            if let Mark::Publish(ticket, issue) = mark {
                interrupted.push((issue, Operation::Publish, ticket, false));
            }
        }
        self.in_flight.interrupt(keep, |e, kept| {
            interrupted.push((e.issue, e.operation, e.ticket, kept));
        });
        interrupted.sort_unstable_by_key(|&(issue, ..)| issue);
        self.events
            .extend(interrupted.into_iter().map(|(_, operation, ticket, kept)| {
                Event::Interrupted {
                    operation,
                    ticket,
                    kept,
                }
            }));
        if self.clean_session {
            self.drop_state();
        }
        self.check_invariants();
    }

    /// Queues DISCONNECT, also on a connection that failed or is not accepted
    /// yet. Does nothing without a connection or the second time.
    pub(crate) fn disconnect(&mut self, now: Instant) {
        if matches!(self.phase, Phase::Idle | Phase::Disconnecting) {
            return;
        }
        self.phase = Phase::Disconnecting;
        self.outbox
            .push_marked(now, packet::DISCONNECT, Mark::Disconnect);
        self.check_invariants();
    }

    /// A message has been shown or stored: queues PUBACK, PUBREC or PUBCOMP.
    ///
    /// After the connection is lost nothing can be sent, but a QoS 2 message
    /// is still remembered as delivered if the session goes on.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "an acknowledgement is good for one packet"
    )]
    pub(crate) fn acknowledge(&mut self, now: Instant, acknowledgement: Acknowledgement) {
        let Acknowledgement {
            connection,
            id,
            answer,
        } = acknowledgement;
        if connection != self.connection {
            return;
        }
        let packet = match answer {
            Answer::Puback => packet::puback(id),
            Answer::Pubrec if self.incoming.accept(id) => packet::pubrec(id),
            Answer::Pubcomp if self.incoming.complete(id) => packet::pubcomp(id),
            Answer::Pubrec | Answer::Pubcomp => return,
        };
        if self.is_connected() {
            self.send(now, packet);
        }
    }

    /// The next event. To be called until `None` after every other call: each
    /// packet received may leave one here.
    pub(crate) fn poll_event(&mut self) -> Option<Event> {
        let event = self.events.pop_front();
        if self.events.is_empty() && self.events.capacity() > 4 {
            self.events = VecDeque::new();
        }
        event
    }

    /// The next packet for the server, whole.
    pub(crate) fn poll_transmit(&mut self) -> Option<Bytes> {
        self.outbox.pop()
    }

    /// Whether CONNACK accepted the connection and it has not ended since.
    pub(crate) fn is_connected(&self) -> bool {
        self.phase == Phase::Connected
    }

    /// Whether an unfinished request has this packet identifier; those of an
    /// earlier connection that are to be resumed count.
    pub(crate) fn in_use(&self, id: u16) -> bool {
        self.in_flight.contains(id)
    }

    /// How many QoS 1 and 2 publishes are unacknowledged; those of an earlier
    /// connection that are to be resumed count.
    pub(crate) fn unacknowledged(&self) -> usize {
        self.in_flight.publishes()
    }

    /// How many bytes were queued and not taken by the network.
    pub(crate) fn unsent(&self) -> usize {
        self.outbox.unsent()
    }

    /// Queues a packet. A queue beyond all bounds ends the connection.
    fn send(&mut self, now: Instant, packet: Bytes) {
        debug_assert!(
            !matches!(self.phase, Phase::Idle | Phase::Disconnecting),
            "nothing is sent without a connection, nor after DISCONNECT"
        );
        self.keep_alive.on_sent(now);
        self.outbox.push(now, packet);
        if self.unsent() > self.rules.limits.backlog && self.is_connected() {
            self.end(Event::WriteStalled);
        }
    }

    fn malformed(&mut self, packet_type: u8, error: Malformed) {
        self.end(Event::Malformed { packet_type, error });
    }

    fn violation(&mut self, violation: Violation) {
        self.end(Event::Violation(violation));
    }

    /// The connection is to be closed, and `event` says why.
    fn end(&mut self, event: Event) {
        self.phase = Phase::Ended;
        self.events.push_back(event);
    }

    /// What holds between any two calls. Without a connection nothing waits to be
    /// sent, and a clean session has no state without one.
    fn check_invariants(&self) {
        debug_assert_ne!(self.next_id, 0);
        if self.phase == Phase::Idle {
            debug_assert_eq!(self.unsent(), 0);
            if self.clean_session {
                debug_assert_eq!(self.unacknowledged(), 0);
            }
        }
    }

    /// MQTT session state, not the connection.
    fn drop_state(&mut self) {
        self.in_flight.clear();
        self.incoming.clear();
    }
}
