//! An MQTT broker for MQTT 3.1 and 3.1.1, as a state machine without sockets.
//!
//! Bytes and events of numbered connections go into a [`Broker`] with the
//! current time; [`BrokerOutput`]s and the next deadline come out. After every
//! call, poll outputs until there are none. Nothing depends on anything but the
//! calls: the same calls give the same outputs in the same order.
//!
//! It serves virtual time in scenarios and simulations and, behind TCP, real
//! clients. Where the specification leaves a choice it does what Mosquitto
//! does, with one exception: a QoS 2 message goes to its subscribers when its
//! PUBLISH arrives, not when its PUBREL does.
//!
//! Reading order: [`BrokerConfig`] and [`BrokerEvent`]; `connect` for what
//! CONNECT leads to, `packets` for every other packet, `routing` for how a
//! message reaches its subscribers, `outgoing` for what happens to it there.

mod auth;
pub mod cloud;
mod config;
mod connect;
mod connection;
mod event;
mod ids;
mod message;
mod outbox;
mod outgoing;
mod packets;
mod retained;
mod routing;
mod session;
mod subscriptions;
pub mod topic;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use attwin_core::Instant;
use attwin_core::mqtt::packet::{self, ConnectReturnCode};

pub use self::auth::{AllowAll, Authenticate, Credentials, Provisioning, UserList, Verdict};
pub use self::config::{BrokerConfig, Limits};
pub use self::event::{BrokerEvent, BrokerOutput, DisconnectReason, DropReason, Violation};
pub use self::ids::ConnectionId;
pub use self::message::{InvalidMessage, Message};

use self::connection::{Connection, Wire, whole_packet};
use self::ids::SessionKey;
use self::outbox::Outbox;
use self::retained::Retained;
use self::session::Session;
use self::subscriptions::Subscriptions;

/// An MQTT broker; see the [module documentation](self).
pub struct Broker {
    config: BrokerConfig,
    connections: BTreeMap<ConnectionId, Connection>,
    /// The deadlines of all connections, soonest first.
    deadlines: BTreeSet<(Instant, ConnectionId)>,
    sessions: BTreeMap<SessionKey, Session>,
    by_client_id: BTreeMap<Arc<str>, SessionKey>,
    next_session: u64,
    /// Counts client identifiers given to clients that sent none.
    assigned_ids: u64,
    /// Bytes that all sessions hold together.
    session_bytes: usize,
    subscriptions: Subscriptions,
    retained: Retained,
    /// The operator's answer to the next CONNECTs, and to how many.
    refuse_next: Option<(ConnectReturnCode, u32)>,
    outbox: Outbox,
}

/// How much a broker holds; each number has its bound in [`Limits`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Connections.
    pub connections: usize,
    /// Sessions, including those whose client is away.
    pub sessions: usize,
    /// Subscriptions of all sessions.
    pub subscriptions: usize,
    /// Retained messages.
    pub retained_messages: usize,
    /// Bytes of retained topics and payloads.
    pub retained_bytes: usize,
    /// QoS 1 and 2 messages sent and not acknowledged, of all sessions.
    pub inflight_messages: usize,
    /// QoS 1 and 2 messages queued, of all sessions.
    pub queued_messages: usize,
    /// Bytes of their topics and payloads.
    pub queued_bytes: usize,
    /// Bytes of incomplete packets, of all connections.
    pub input_bytes: usize,
    /// Bytes sent and not yet taken by the transports, of all connections.
    pub unsent_bytes: usize,
}

impl Broker {
    /// A broker without connections, sessions or retained messages.
    pub fn new(config: BrokerConfig) -> Self {
        let limits = &config.limits;
        let outbox = Outbox::new(limits.pending_events);
        let retained = Retained::new(limits.retained_messages, limits.retained_bytes);
        Self {
            config,
            connections: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            sessions: BTreeMap::new(),
            by_client_id: BTreeMap::new(),
            next_session: 0,
            assigned_ids: 0,
            session_bytes: 0,
            subscriptions: Subscriptions::default(),
            retained,
            refuse_next: None,
            outbox,
        }
    }

    /// A transport connection is up.
    pub fn open(&mut self, now: Instant, connection: ConnectionId) {
        self.closed(now, connection);
        if self.connections.len() >= self.config.limits.connections {
            self.outbox.close(connection);
            self.outbox.event(BrokerEvent::Disconnected {
                connection,
                client_id: None,
                reason: DisconnectReason::TooManyConnections,
            });
            return;
        }
        let deadline = now + self.config.connect_timeout;
        self.deadlines.insert((deadline, connection));
        self.connections
            .insert(connection, Connection::new(deadline));
    }

    /// Bytes arrived, in pieces of any size. Ignored if the broker closed the
    /// connection.
    pub fn receive(&mut self, now: Instant, connection: ConnectionId, bytes: &[u8]) {
        let Some(state) = self.connections.get_mut(&connection) else {
            return;
        };
        if state.input.is_empty() {
            let consumed = self.consume(now, connection, bytes);
            if let Some(state) = self.connections.get_mut(&connection) {
                state.input.extend_from_slice(&bytes[consumed..]);
            }
        } else {
            let mut input = std::mem::take(&mut state.input);
            input.extend_from_slice(bytes);
            let consumed = self.consume(now, connection, &input);
            // A buffer that is empty again is given back: idle connections are
            // many, and long packets are rare.
            if consumed < input.len()
                && let Some(state) = self.connections.get_mut(&connection)
            {
                input.drain(..consumed);
                state.input = input;
            }
        }
    }

    /// The transport is gone, and not because of [`BrokerOutput::Close`]: the
    /// client's will is published.
    pub fn closed(&mut self, _now: Instant, connection: ConnectionId) {
        self.end(connection, DisconnectReason::TransportClosed);
    }

    /// Sends what is due, and closes the connections whose time is over.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(&(deadline, connection)) = self.deadlines.first()
            && deadline <= now
        {
            if self.provision(now, connection).is_some() {
                continue;
            }
            let connected = self
                .connections
                .get(&connection)
                .is_some_and(|state| state.client.is_some());
            self.end(
                connection,
                if connected {
                    DisconnectReason::KeepAlive
                } else {
                    DisconnectReason::ConnectTimeout
                },
            );
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.deadlines.first().map(|&(deadline, _)| deadline)
    }

    /// The next thing to do; `None` if there is nothing.
    pub fn poll_output(&mut self) -> Option<BrokerOutput> {
        self.outbox.poll()
    }

    /// The transport took this many bytes of what [`BrokerOutput::Send`]
    /// carried. Waiting messages follow.
    pub fn sent(&mut self, connection: ConnectionId, bytes: usize) {
        let Some(state) = self.connections.get_mut(&connection) else {
            return;
        };
        state.unsent = state.unsent.saturating_sub(bytes);
        if let Some(client) = &state.client {
            let session = client.session;
            self.pump(session);
        }
    }

    /// The connection that a CONNECT at the start of `input` would take the
    /// client identifier over from. A driver hands in first what that one has
    /// received already: it was sent before.
    pub fn takes_over_from(&self, input: &[u8]) -> Option<ConnectionId> {
        let client_id = connect::client_id_of(input)?;
        let session = self.sessions.get(self.by_client_id.get(client_id)?)?;
        session.connection
    }

    /// Whether the driver should stop reading from this connection until its
    /// transport has taken more: the client sends and does not read. One that
    /// is read on regardless is disconnected in the end.
    pub fn is_congested(&self, connection: ConnectionId) -> bool {
        self.connections
            .get(&connection)
            .is_some_and(|state| state.unsent > self.config.limits.unsent_bytes)
    }

    /// How much the broker holds. Visits every session.
    pub fn usage(&self) -> Usage {
        let mut usage = Usage {
            connections: self.connections.len(),
            sessions: self.sessions.len(),
            retained_messages: self.retained.len(),
            retained_bytes: self.retained.bytes(),
            ..Usage::default()
        };
        for session in self.sessions.values() {
            usage.subscriptions += session.filters.len();
            usage.inflight_messages += session.outgoing.inflight_len();
            usage.queued_messages += session.outgoing.queue_len();
            usage.queued_bytes += session.outgoing.queued_bytes();
        }
        for connection in self.connections.values() {
            usage.input_bytes += connection.input.len();
            usage.unsent_bytes += connection.unsent;
        }
        usage
    }
}

/// What an operator or a scenario does to the broker.
impl Broker {
    /// Publishes a message as if a client had, without
    /// [`BrokerEvent::Received`].
    #[expect(
        clippy::needless_pass_by_value,
        reason = "handed over; copies share its contents"
    )]
    pub fn publish(&mut self, _now: Instant, message: Message) {
        self.route(&message);
    }

    /// Sends a message to one client whether or not it subscribed, as cloud
    /// services do that answer on a topic without a subscription (docs/spec/yuge.md
    /// 9.5). Returns whether the client has a session.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "handed over; copies share its contents"
    )]
    pub fn push(&mut self, _now: Instant, client_id: &str, message: Message) -> bool {
        let Some(&session) = self.by_client_id.get(client_id) else {
            return false;
        };
        self.deliver(session, &message, message.qos(), false);
        true
    }

    /// Closes a client's connection, as a broker does whose operator kicks it:
    /// the will is published, a persistent session stays.
    pub fn disconnect(&mut self, _now: Instant, client_id: &str) {
        let session = self
            .by_client_id
            .get(client_id)
            .and_then(|key| self.sessions.get(key));
        if let Some(connection) = session.and_then(|session| session.connection) {
            self.end(connection, DisconnectReason::Operator);
        }
    }

    /// Answers the next `count` CONNECTs of a supported level with `code`,
    /// whichever client sends them. Replaces what an earlier call asked for; a count of
    /// 0 or the code [`Accepted`](ConnectReturnCode::Accepted) cancels it.
    pub fn refuse_next(&mut self, code: ConnectReturnCode, count: u32) {
        let wanted = count > 0 && code != ConnectReturnCode::Accepted;
        self.refuse_next = wanted.then_some((code, count));
    }

    /// Forgets all sessions. Those of connected clients go on until their
    /// connection ends.
    pub fn forget_sessions(&mut self) {
        let away: Vec<_> = self
            .sessions
            .iter_mut()
            .filter_map(|(&key, session)| {
                session.persistent = false;
                session.connection.is_none().then_some(key)
            })
            .collect();
        for key in away {
            self.remove_session(key);
        }
    }

    /// Restarts the broker: every connection is dropped. With `keep_sessions`
    /// as with Mosquitto's persistence: persistent sessions and retained
    /// messages stay, and wills are published after the restart (MQTT 3.1.1
    /// section 3.1.2.5 allows it). Without, everything is lost, wills too.
    pub fn restart(&mut self, now: Instant, keep_sessions: bool) {
        let connections: Vec<_> = self.connections.keys().copied().collect();
        let wills: Vec<_> = connections
            .into_iter()
            .filter_map(|connection| self.detach(connection, DisconnectReason::Restart))
            .collect();
        if keep_sessions {
            for (client_id, will) in wills {
                self.publish_will(client_id, will);
            }
        } else {
            self.forget_sessions();
            self.retained.clear();
        }
        debug_assert_eq!(self.poll_timeout(), None, "nothing to wait for at {now:?}");
    }
}

impl Broker {
    /// Handles every whole packet at the start of `input`; returns how many
    /// bytes they have. If the connection ends meanwhile, the rest is ignored.
    fn consume(&mut self, now: Instant, connection: ConnectionId, input: &[u8]) -> usize {
        let limits = &self.config.limits;
        let (max_packet, max_unsent) = (limits.packet_bytes, limits.unsent_bytes);
        let mut offset = 0;
        while let Some(state) = self.connections.get(&connection) {
            let rest = &input[offset..];
            let (level, connected) = (state.level(), state.client.is_some());
            let handled = match whole_packet(rest, max_packet) {
                Err(reason) => Err(reason),
                // No need to wait for the rest of what is not CONNECT.
                _ if !connected && rest.first().is_some_and(|first| first >> 4 != 1) => {
                    Err(Violation::NotConnect.into())
                }
                Ok(None) => return offset,
                Ok(Some(frame)) => {
                    let bytes = &rest[..frame.len()];
                    offset += frame.len();
                    if connected {
                        packet::decode(level, bytes)
                            .map_err(DisconnectReason::from)
                            .and_then(|packet| self.packet(now, connection, packet))
                    } else {
                        self.connect(now, connection, frame, bytes)
                    }
                }
            };
            if let Err(reason) = handled {
                self.end(connection, reason);
            } else if self.connections.get(&connection).is_some_and(|state| {
                state.unsent.saturating_sub(max_unsent) > max_unsent.max(max_packet)
            }) {
                self.end(connection, DisconnectReason::DoesNotRead);
            }
        }
        offset
    }

    /// Ends a connection for any reason; publishes the will unless the client
    /// took its leave ([MQTT-3.1.2-8], [MQTT-3.14.4-3]).
    fn end(&mut self, connection: ConnectionId, reason: DisconnectReason) {
        if let Some((client_id, will)) = self.detach(connection, reason) {
            self.publish_will(client_id, will);
        }
    }

    /// Forgets a connection, and its session unless that is persistent.
    /// Returns the client and its will if that is to be published.
    fn detach(
        &mut self,
        connection: ConnectionId,
        reason: DisconnectReason,
    ) -> Option<(Arc<str>, Message)> {
        let state = self.connections.remove(&connection)?;
        if let Some(deadline) = state.deadline {
            self.deadlines.remove(&(deadline, connection));
        }
        if reason != DisconnectReason::TransportClosed {
            self.outbox.close(connection);
        }
        let (client_id, will) = match state.client {
            None => (None, None),
            Some(client) => {
                if let Some(session) = self.sessions.get_mut(&client.session) {
                    debug_assert_eq!(session.connection, Some(connection));
                    session.connection = None;
                    session.outgoing.disconnected();
                    if !session.persistent {
                        self.remove_session(client.session);
                    }
                }
                (Some(client.client_id), client.will)
            }
        };
        let requested = reason == DisconnectReason::Requested;
        self.outbox.event(BrokerEvent::Disconnected {
            connection,
            client_id: client_id.clone(),
            reason,
        });
        client_id.zip(will).filter(|_| !requested)
    }

    fn remove_session(&mut self, key: SessionKey) {
        let Some(session) = self.sessions.remove(&key) else {
            return;
        };
        self.session_bytes -= session.counted_bytes;
        self.by_client_id.remove(&session.client_id);
        for filter in &session.filters {
            self.subscriptions.remove(filter, key);
        }
    }

    fn set_deadline(&mut self, connection: ConnectionId, deadline: Option<Instant>) {
        let Some(state) = self.connections.get_mut(&connection) else {
            return;
        };
        if state.deadline == deadline {
            return;
        }
        if let Some(old) = std::mem::replace(&mut state.deadline, deadline) {
            self.deadlines.remove(&(old, connection));
        }
        if let Some(new) = deadline {
            self.deadlines.insert((new, connection));
        }
    }

    /// The way to a connection, `None` if it ended.
    fn wire(&mut self, connection: ConnectionId) -> Option<Wire<'_>> {
        let state = self.connections.get_mut(&connection)?;
        Some(Wire {
            connection,
            level: state.level(),
            unsent: &mut state.unsent,
            max_unsent: self.config.limits.unsent_bytes,
            outbox: &mut self.outbox,
        })
    }
}

const _: () = {
    const fn assert_send<T: Send>() {}
    // The embedded broker is shared between tasks.
    assert_send::<Broker>();
};
