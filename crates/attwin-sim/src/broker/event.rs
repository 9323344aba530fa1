//! What comes out of a broker.

use std::sync::Arc;

use attwin_core::mqtt::packet::{ConnectReturnCode, Level, Malformed, PacketType, QoS};
use bytes::Bytes;

use super::ids::ConnectionId;
use super::message::Message;

/// Something the driver of a [`Broker`](super::Broker) has to do or may want
/// to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BrokerOutput {
    /// Send these bytes, exactly one MQTT control packet, and report them with
    /// [`Broker::sent`](super::Broker::sent).
    Send {
        /// Where to.
        connection: ConnectionId,
        /// The packet.
        bytes: Bytes,
    },
    /// Send what is still queued, then close the transport. The broker has
    /// forgotten the connection.
    Close {
        /// Which one.
        connection: ConnectionId,
    },
    /// For scenarios and the log; no action needed.
    Event(BrokerEvent),
}

/// Something that happened in a broker.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BrokerEvent {
    /// CONNECT was accepted.
    Connected {
        /// The connection.
        connection: ConnectionId,
        /// Client identifier, assigned if the client sent none.
        client_id: Arc<str>,
        /// User name.
        username: Option<Arc<str>>,
        /// Protocol level.
        level: Level,
        /// Clean session flag.
        clean_session: bool,
        /// Keep alive in seconds, 0 for never.
        keep_alive: u16,
        /// Whether an earlier session is resumed; CONNACK says so at MQTT
        /// 3.1.1 only.
        session_present: bool,
    },
    /// CONNECT was answered with a refusal, and the connection closed.
    Refused {
        /// The connection.
        connection: ConnectionId,
        /// Client identifier; `None` if the level was refused before it was
        /// read.
        client_id: Option<Arc<str>>,
        /// CONNACK's code.
        code: ConnectReturnCode,
    },
    /// A connection ended.
    Disconnected {
        /// The connection.
        connection: ConnectionId,
        /// Client identifier; `None` if there was no CONNECT.
        client_id: Option<Arc<str>>,
        /// Why.
        reason: DisconnectReason,
    },
    /// A client published a message. A repeated QoS 2 PUBLISH is not reported
    /// again.
    Received {
        /// Client identifier.
        client_id: Arc<str>,
        /// Packet identifier, `None` for QoS 0.
        packet_id: Option<u16>,
        /// DUP flag as received.
        dup: bool,
        /// Message with the QoS and RETAIN it was published with.
        message: Message,
    },
    /// A will was published.
    WillPublished {
        /// Client identifier of the client that left it.
        client_id: Arc<str>,
        /// The will.
        message: Message,
    },
    /// A client subscribed or tried to; one event per filter.
    Subscribed {
        /// Client identifier.
        client_id: Arc<str>,
        /// Topic filter.
        filter: Arc<str>,
        /// Granted QoS, `None` if refused.
        granted: Option<QoS>,
    },
    /// A client gave up a filter, subscribed or not.
    Unsubscribed {
        /// Client identifier.
        client_id: Arc<str>,
        /// Topic filter.
        filter: Arc<str>,
    },
    /// A client took responsibility for a message: PUBACK for QoS 1, the first
    /// PUBREC for QoS 2.
    Delivered {
        /// Client identifier.
        client_id: Arc<str>,
        /// Packet identifier.
        packet_id: u16,
        /// QoS of the delivery.
        qos: QoS,
        /// The message as published.
        message: Message,
    },
    /// A message will not reach a subscriber.
    Dropped {
        /// Client identifier of the subscriber.
        client_id: Arc<str>,
        /// Why.
        reason: DropReason,
        /// The message.
        message: Message,
    },
    /// A message could not be retained because a limit is reached.
    NotRetained {
        /// Topic name.
        topic: Arc<str>,
    },
    /// This many events were dropped before this one because the driver did not poll.
    EventsLost(u64),
}

/// Why a message will not reach a subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DropReason {
    /// The session's queue is full.
    QueueFull,
    /// A QoS 0 message met a connection that takes no more.
    Congested,
}

/// Why a connection ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// The client sent DISCONNECT.
    #[error("the client disconnected")]
    Requested,
    /// The transport ended without DISCONNECT.
    #[error("the transport closed without DISCONNECT")]
    TransportClosed,
    /// No packet for one and a half times the keep alive.
    #[error("keep alive expired")]
    KeepAlive,
    /// No CONNECT in time.
    #[error("no CONNECT in time")]
    ConnectTimeout,
    /// Another connection uses the client identifier now.
    #[error("the client identifier connected again")]
    TakenOver,
    /// The bytes are not an MQTT control packet.
    #[error("malformed packet: {0}")]
    Malformed(#[from] Malformed),
    /// The packet is well-formed but not allowed.
    #[error("protocol violation: {0}")]
    Violation(#[from] Violation),
    /// A packet is larger than the limit.
    #[error("packet of {size} bytes is larger than {limit}")]
    PacketTooLarge {
        /// Size of the packet.
        size: usize,
        /// Largest accepted.
        limit: usize,
    },
    /// The client sends requests and does not read the answers.
    #[error("the client does not read")]
    DoesNotRead,
    /// The limit of connections is reached.
    #[error("too many connections")]
    TooManyConnections,
    /// The time limit of a provisioning connection has passed.
    #[error("the time limit of its provisioning has passed")]
    ProvisioningEnded,
    /// The operator closed it.
    #[error("closed by the operator")]
    Operator,
    /// The broker restarted.
    #[error("the broker restarted")]
    Restart,
}

/// What a client did that MQTT forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// The first packet is not CONNECT ([MQTT-3.1.0-1]).
    #[error("the first packet is not CONNECT")]
    NotConnect,
    /// A string with U+0000 in it ([MQTT-1.5.3-2]).
    #[error("a string holds the null character")]
    NullCharacter,
    /// A second CONNECT ([MQTT-3.1.0-2]).
    #[error("second CONNECT")]
    SecondConnect,
    /// A packet only brokers send.
    #[error("a client sent {0:?}")]
    ServerPacket(PacketType),
    /// An acknowledgement that does not fit the message with this identifier.
    #[error("acknowledgement {packet:?} does not fit the state of packet identifier {packet_id}")]
    WrongAcknowledgement {
        /// Type of the acknowledgement.
        packet: PacketType,
        /// Packet identifier.
        packet_id: u16,
    },
    /// A topic filter with a misplaced wildcard ([MQTT-4.7.1-2], [MQTT-4.7.1-3]).
    #[error("invalid topic filter")]
    Filter,
    /// An invalid topic name ([MQTT-3.3.2-2]).
    #[error("invalid topic name")]
    Topic,
}
