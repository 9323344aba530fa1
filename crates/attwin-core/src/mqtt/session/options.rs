//! What differs between modules, as data: a dialect fills these in, the
//! session never asks which module it serves.

use core::num::NonZeroU16;

use bytes::Bytes;

use super::super::packet::{ConnectFields, QoS};
use crate::Duration;

/// How one connection is made.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// The CONNECT packet.
    pub(crate) connect: ConnectFields,
    /// How long CONNACK may take.
    pub(crate) connack_timeout: Duration,
    /// How the session behaves once connected.
    pub(crate) rules: Rules,
}

/// How a session behaves. [`Rules::default`] is what MQTT 3.1.1 asks of any
/// client; a dialect replaces what its module does differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rules {
    /// Most QoS 1 and 2 publishes unacknowledged at once
    /// (docs/spec/quectel.md 6.4: 5).
    pub(crate) window: u16,
    /// Most SUBSCRIBE and UNSUBSCRIBE unanswered at once.
    pub(crate) pending: u16,
    /// Whether unacknowledged publishes survive a lost connection and are sent
    /// again when a connection with clean session 0 replaces it (MQTT 3.1.1
    /// section 4.4). Some modules never do (docs/spec/simcom.md 7, docs/spec/onemo.md A6).
    pub(crate) resume: bool,
    /// First identifier [`PacketId::Next`] takes on a new connection (2 in
    /// docs/spec/yuge.md 7.2); `None` counts on from the previous connection.
    pub(crate) first_id: Option<NonZeroU16>,
    /// Whether a QoS 0 publish with [`PacketId::Next`] consumes an identifier
    /// although none goes on the wire (docs/spec/onemo.md A3.6).
    pub(crate) qos0_takes_id: bool,
    /// Whether a PUBREC for a publish given up is still answered with PUBREL
    /// (docs/spec/yuge.md 7.1) or ignored (docs/spec/quectel.md 6.7).
    pub(crate) release_abandoned: bool,
    /// When an inbound QoS 2 message is delivered.
    pub(crate) delivery: Delivery,
    /// How long nothing may be sent before PINGREQ is; `None` for the keep
    /// alive of CONNECT (docs/spec/onemo.md A11).
    pub(crate) ping_after: Option<Duration>,
    /// What happens while a PINGREQ is unanswered.
    pub(crate) ping: PingRule,
    /// Whether any packet from the server answers a PINGREQ, or PINGRESP only.
    pub(crate) any_packet_answers_ping: bool,
    /// How long the network may take no byte of what is queued before the
    /// connection counts as stalled; `None` for ever.
    pub(crate) write_timeout: Option<Duration>,
    /// What the session holds at most.
    pub(crate) limits: Limits,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            window: 16,
            pending: 16,
            resume: true,
            first_id: NonZeroU16::new(1),
            qos0_takes_id: false,
            release_abandoned: true,
            delivery: Delivery::OnPublish,
            ping_after: None,
            ping: PingRule::Once {
                wait: Duration::from_secs(10),
            },
            any_packet_answers_ping: false,
            write_timeout: None,
            limits: Limits::default(),
        }
    }
}

/// When an inbound QoS 2 message is delivered: the two methods of MQTT 3.1.1
/// figure 4.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// When PUBLISH arrives; its identifier is remembered until PUBREL. The
    /// dialect's acknowledgement is PUBREC.
    OnPublish,
    /// When PUBREL arrives; PUBREC is sent by itself and the message is held.
    /// A repeated PUBLISH replaces the held copy (docs/spec/quectel.md 5.6). The
    /// dialect's acknowledgement is PUBCOMP.
    OnRelease,
}

/// What happens while a PINGREQ is unanswered. The first PINGREQ is always
/// sent when the keep alive of CONNECT passed since the last packet sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PingRule {
    /// PINGREQ is not repeated; the connection fails `wait` after it
    /// (docs/spec/simcom.md 7, docs/spec/yuge.md 7.1).
    Once {
        /// How long the answer may take.
        wait: Duration,
    },
    /// PINGREQ is repeated; the connection fails `silence` after the last
    /// packet sent before or beside the unanswered PINGREQs, and not before
    /// one `every` has passed since the first of them (docs/spec/quectel.md 7.5).
    ///
    /// An answered PINGREQ counts as a packet sent like any other: the spec's
    /// "last non-PING packet" would else leave a link that has been idle for
    /// long with hardly any time to answer at all.
    UntilSilent {
        /// Time between two PINGREQs.
        every: Duration,
        /// Time since the last packet sent.
        silence: Duration,
    },
    /// PINGREQ is repeated; the connection fails when `lost` of them in a row
    /// went unanswered for `every` (docs/spec/onemo.md A7).
    UntilLost {
        /// Time between two PINGREQs.
        every: Duration,
        /// How many may be lost.
        lost: u8,
    },
}

/// What the session holds at most, and what it does beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Longest inbound topic in bytes. A PUBLISH beyond this or
    /// [`payload`](Self::payload) is consumed without being stored,
    /// acknowledged, and reported as discarded (docs/spec/quectel.md 5.8,
    /// docs/spec/simcom.md 5.4).
    pub(crate) topic: usize,
    /// Longest inbound payload in bytes.
    pub(crate) payload: usize,
    /// Most bytes of messages held for [`Delivery::OnRelease`]. Beyond, a message
    /// is delivered as with [`Delivery::OnPublish`] (docs/spec/quectel.md 5.6);
    /// one message alone is always held.
    pub(crate) held_bytes: usize,
    /// Bytes not yet handed to the network above which requests of the host
    /// are refused as [`Backlogged`](super::RequestError::Backlogged).
    pub(crate) unsent: usize,
    /// Bytes not yet handed to the network above which the connection counts
    /// as stalled: a server that floods but does not read. Larger than
    /// [`unsent`](Self::unsent) by room for replies and retransmissions.
    pub(crate) backlog: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            topic: 65_535,
            payload: 65_535,
            held_bytes: 1024 * 1024,
            unsent: 64 * 1024,
            backlog: 1024 * 1024,
        }
    }
}

/// How long a request waits for its acknowledgement and how often it is sent
/// again meanwhile. The wait restarts with every send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Retry {
    /// Time from each send to the next, or to giving up.
    pub(crate) timeout: Duration,
    /// How often the packet is sent again; 0 for never. PUBREL has as many of
    /// its own (docs/spec/quectel.md 6.6).
    pub(crate) retries: u8,
    /// Whether the wait for PUBCOMP goes on from the wait for PUBREC instead
    /// of starting anew (docs/spec/simcom.md 7: from OK to the last
    /// acknowledgement).
    pub(crate) whole_exchange: bool,
}

/// Who chooses a packet identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PacketId {
    /// The host. For a QoS 0 publish any number, only echoed in events.
    Host(u16),
    /// The session: the next one not in use.
    Next,
}

/// Something to ask of the server.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ask<'a> {
    /// To take a message.
    Publish {
        /// Quality of service.
        qos: QoS,
        /// Retain flag.
        retain: bool,
        /// DUP flag of the first send, ignored for QoS 0
        /// (docs/spec/simcom.md 3.12).
        dup: bool,
        /// Topic name, any bytes.
        topic: &'a [u8],
        /// Payload.
        payload: &'a [u8],
    },
    /// To subscribe to topic filters, any bytes, at least one.
    Subscribe(&'a [(Bytes, QoS)]),
    /// To unsubscribe from topic filters, any bytes, at least one.
    Unsubscribe(&'a [Bytes]),
}

/// A request of the host.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    /// Packet identifier.
    pub(crate) id: PacketId,
    /// What it asks.
    pub(crate) ask: Ask<'a>,
    /// How long to wait for each acknowledgement, and how often to send again.
    pub(crate) retry: Retry,
    /// Handed back in events.
    pub(crate) token: u32,
}
