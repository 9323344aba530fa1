//! What a session reports.

use alloc::vec::Vec;

use bytes::Bytes;

use super::super::packet::{Malformed, PacketType, QoS, TooLong, TopicName};

/// Something that happened to a session.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// CONNACK accepted the connection.
    Connected {
        /// The server's session present flag; always `false` at MQTT 3.1,
        /// which has none.
        session_present: bool,
    },
    /// CONNACK refused the connection with this return code, 1 to 5.
    Refused(u8),
    /// No CONNACK came in time.
    ConnectTimedOut,
    /// A request was sent again on the live connection.
    Retransmitted {
        /// The packet sent again.
        operation: Operation,
        /// The request.
        ticket: Ticket,
        /// How often this packet has been sent again, from 1.
        count: u8,
    },
    /// A QoS 0 publish was handed to the network completely.
    Written(Ticket),
    /// PUBREC arrived, and PUBREL is on its way.
    Received(Ticket),
    /// PUBACK (QoS 1) or PUBCOMP (QoS 2) arrived.
    Published {
        /// The request.
        ticket: Ticket,
        /// Quality of service of the publish.
        qos: QoS,
    },
    /// SUBACK arrived.
    Subscribed {
        /// The request.
        ticket: Ticket,
        /// Return codes in the order of the filters: 0 to 2 granted, 128
        /// refused.
        codes: Vec<u8>,
    },
    /// UNSUBACK arrived.
    Unsubscribed(Ticket),
    /// The retry budget of a request is used up; its identifier is free again
    /// and the connection stays.
    GaveUp {
        /// The packet that was not answered.
        operation: Operation,
        /// The request.
        ticket: Ticket,
    },
    /// The connection was lost while a request was unfinished. These come in
    /// the order in which the requests were made.
    Interrupted {
        /// The packet that was not answered.
        operation: Operation,
        /// The request.
        ticket: Ticket,
        /// Whether it will go on silently when the session is resumed.
        kept: bool,
    },
    /// A message arrived.
    Message(Message),
    /// PUBREL arrived. With [`Delivery::OnRelease`](super::Delivery) a
    /// [`Message`] follows.
    Released {
        /// Packet identifier.
        id: u16,
        /// DUP flag, possible at MQTT 3.1 only.
        dup: bool,
    },
    /// A message beyond the [`Limits`](super::Limits) arrived: it was
    /// acknowledged and not delivered.
    Discarded(Discarded),
    /// PINGREQ was sent.
    PingSent,
    /// A PINGREQ went unanswered for as long as the
    /// [`PingRule`](super::PingRule) waits.
    PingLost {
        /// How many in a row, from 1.
        count: u8,
    },
    /// PINGRESP arrived.
    PingAnswered,
    /// The server is silent for too long: the connection is to be closed.
    PingFailed,
    /// DISCONNECT was handed to the network completely.
    DisconnectWritten,
    /// The network takes no more bytes: the connection is to be closed.
    WriteStalled,
    /// The server sent something that is no MQTT packet: the connection is to
    /// be closed. Nothing more is read.
    Malformed {
        /// Packet type as in the fixed header: 3 for PUBLISH, 6 for PUBREL.
        packet_type: u8,
        /// What is wrong.
        error: Malformed,
    },
    /// The server sent a packet it must not send: the connection is to be
    /// closed. Nothing more is read.
    Violation(Violation),
}

/// Which request of the host an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket {
    /// Packet identifier; for a QoS 0 publish what the host chose, or what was
    /// consumed, or 0.
    pub(crate) id: u16,
    /// As given with the request.
    pub(crate) token: u32,
    /// Whether the request was made on an earlier connection, whose end has
    /// already answered it towards the host.
    pub(crate) resumed: bool,
}

/// The packet a request waits with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    /// PUBLISH.
    Publish,
    /// PUBREL, the second half of a QoS 2 publish.
    Release,
    /// SUBSCRIBE.
    Subscribe,
    /// UNSUBSCRIBE.
    Unsubscribe,
}

/// A message from the server.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// Topic name.
    pub(crate) topic: TopicName,
    /// Payload.
    pub(crate) payload: Bytes,
    /// Quality of service.
    pub(crate) qos: QoS,
    /// Retain flag.
    pub(crate) retain: bool,
    /// DUP flag.
    pub(crate) dup: bool,
    /// Packet identifier, 0 for QoS 0.
    pub(crate) id: u16,
    /// To be given to [`Session::acknowledge`](super::Session::acknowledge)
    /// once the message has been shown or stored; dropped, the server keeps
    /// the message and sends it again when the session is resumed. `None` for
    /// QoS 0.
    pub(crate) acknowledgement: Option<Acknowledgement>,
}

/// The right to acknowledge one message once.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Acknowledgement {
    /// The connection the message arrived on: a server knows nothing of an
    /// acknowledgement that belongs to another.
    pub(super) connection: u32,
    pub(super) id: u16,
    pub(super) answer: Answer,
}

/// The packet that acknowledges a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Puback,
    Pubrec,
    Pubcomp,
}

/// A message that was too large. Prints as the log says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a message is dropped: the module does not take a topic of {topic} and a payload of {payload} \
     bytes"
)]
pub(crate) struct Discarded {
    /// Packet identifier, 0 for QoS 0.
    pub(crate) id: u16,
    /// Quality of service.
    pub(crate) qos: QoS,
    /// Length of the topic in bytes.
    pub(crate) topic: usize,
    /// Length of the payload in bytes.
    pub(crate) payload: usize,
}

/// What a server must not send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Violation {
    /// A packet before CONNACK (MQTT 3.1.1 [MQTT-3.2.0-1]).
    #[error("{0:?} arrived before CONNACK")]
    BeforeConnack(PacketType),
    /// A CONNACK on a connection that has one.
    #[error("a second CONNACK arrived")]
    SecondConnack,
    /// A packet only clients send.
    #[error("{0:?} arrived from the server")]
    ClientPacket(PacketType),
    /// A packet other than PUBLISH, larger than any that could be meant.
    #[error("a packet of {len} bytes that is no PUBLISH arrived")]
    Oversized {
        /// Its size.
        len: usize,
    },
}

/// Why a request was not accepted. It took no packet identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RequestError {
    /// There is no MQTT connection.
    #[error("not connected")]
    NotConnected,
    /// The host chose 0, which is no packet identifier.
    #[error("packet identifier 0")]
    ZeroId,
    /// The packet identifier belongs to an unfinished request.
    #[error("packet identifier {0} is in use")]
    InUse(u16),
    /// As many requests as [`Rules`](super::Rules) allow are unfinished.
    #[error("too many unacknowledged requests")]
    WindowFull,
    /// The network does not take what is already queued.
    #[error("{unsent} bytes are waiting for the network")]
    Backlogged {
        /// Bytes queued.
        unsent: usize,
    },
    /// A list of topic filters is empty.
    #[error("no topic filter")]
    NoFilter,
    /// The packet cannot be built.
    #[error(transparent)]
    TooLong(#[from] TooLong),
}
