//! The configuration of a broker.

use attwin_core::Duration;

use super::auth::{AllowAll, Authenticate};

/// How a [`Broker`](super::Broker) behaves.
pub struct BrokerConfig {
    /// Who may connect; every client by default.
    pub authenticate: Box<dyn Authenticate>,
    /// How long a connection may take to its CONNECT. The default of 90 s is
    /// Mosquitto's: a module opens the connection with one AT command and
    /// sends CONNECT with another, which a person may be typing.
    pub connect_timeout: Duration,
    /// Refuse MQTT 3.1 client identifiers longer than 23 bytes with code 2, as
    /// MQTT 3.1 section 3.1 asks; off by default, as in common brokers.
    pub enforce_identifier_length: bool,
    /// Subscriptions to refuse: a filter equal to one of these, or one these
    /// match when it is read as a topic name (`secret/#` refuses `secret/+`).
    /// SUBACK then carries 0x80; MQTT 3.1 knows no such code, its clients
    /// see success and receive nothing (MQTT 3.1 section 3.8).
    pub refused_filters: Vec<String>,
    /// Where growth ends.
    pub limits: Limits,
}

/// The bound of everything that could grow, with what happens at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Largest packet accepted from a client, in bytes with its fixed header;
    /// a larger one closes the connection.
    pub packet_bytes: usize,
    /// Connections, connected or not; one more is closed at once.
    pub connections: usize,
    /// Sessions, including those whose client is away; CONNECT for one more is
    /// refused with code 3 (server unavailable).
    pub sessions: usize,
    /// Subscriptions of one session; SUBACK carries 0x80 for one more.
    pub subscriptions_per_session: usize,
    /// QoS 1 and 2 messages sent to a client and not yet acknowledged; the
    /// rest is queued. 0 counts as 1.
    pub inflight_messages: usize,
    /// Queued QoS 1 and 2 messages of one session; new ones are dropped when
    /// it is full, as Mosquitto does. One message is always taken while the
    /// queue is empty and fewer than
    /// [`inflight_messages`](Self::inflight_messages) are in flight.
    pub queued_messages: usize,
    /// Bytes of topics and payloads in that queue; the same applies.
    pub queued_bytes: usize,
    /// Bytes of topics and payloads that all sessions together hold, queued or
    /// sent and not acknowledged; new messages are dropped when they are
    /// reached.
    pub session_bytes: usize,
    /// Retained messages; at the limit a new topic's message is delivered but
    /// not retained.
    pub retained_messages: usize,
    /// Bytes of retained topics and payloads; the same applies.
    pub retained_bytes: usize,
    /// Bytes sent to one connection and not yet taken by its transport. Beyond
    /// it QoS 0 messages are dropped, and QoS 1 and 2 messages wait in the
    /// session's queue. A client that does not even read the acknowledgements
    /// of its own packets is disconnected at about twice the limit.
    pub unsent_bytes: usize,
    /// Events not yet polled; further ones are dropped and counted.
    pub pending_events: usize,
}

impl Default for BrokerConfig {
    fn default() -> Self {
        Self {
            authenticate: Box::new(AllowAll),
            connect_timeout: Duration::from_secs(90),
            enforce_identifier_length: false,
            refused_filters: Vec::new(),
            limits: Limits::default(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            packet_bytes: 1 << 20,
            connections: 65_536,
            sessions: 65_536,
            subscriptions_per_session: 1_024,
            inflight_messages: 20,
            queued_messages: 1_000,
            queued_bytes: 16 << 20,
            session_bytes: 256 << 20,
            retained_messages: 65_536,
            retained_bytes: 256 << 20,
            unsent_bytes: 4 << 20,
            pending_events: 65_536,
        }
    }
}
