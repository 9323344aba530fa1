//! What happens to a client, before a module puts it into words.

use bytes::Bytes;

use crate::mqtt::session::Message;
use crate::reason::Reason;

/// What `+MQTTTO` says timed out (docs/spec/onemo.md A4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    Connect = 1,
    Publish = 2,
    Subscribe = 3,
    Unsubscribe = 4,
    Ping = 5,
}

/// Why AT+MQTTOPEN failed.
#[derive(Debug, Clone)]
pub(crate) struct OpenFailure {
    pub(crate) kind: OpenFailed,
    pub(crate) reason: Reason,
}

/// What both modules tell apart of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OpenFailed {
    /// Name, TCP, TLS, or the connection ended before CONNACK.
    Network,
    /// No socket on this side.
    Socket,
    /// No CONNACK in time.
    TimedOut,
    /// The socket took no more.
    NotSent,
    /// CONNACK refused the protocol or had no server.
    Refused,
    /// CONNACK refused the client: codes 2, 4 and 5.
    Authentication,
}

/// How a connection was lost.
#[derive(Debug, Clone)]
pub(crate) struct Loss {
    pub(crate) kind: Lost,
    pub(crate) reason: Reason,
}

/// What both modules tell apart of that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lost {
    /// The peer, the network or too long a silence ended it.
    Closed,
    /// The socket took no more.
    NotSent,
    /// The server sent a packet of this type that is none.
    Malformed(u8),
}

impl Wait {
    /// What was waited for.
    pub(crate) const fn acknowledgement(self) -> &'static str {
        match self {
            Self::Connect => "CONNACK",
            Self::Publish => "PUBACK, PUBREC or PUBCOMP",
            Self::Subscribe => "SUBACK",
            Self::Unsubscribe => "UNSUBACK",
            Self::Ping => "PINGRESP",
        }
    }
}

impl OpenFailed {
    /// For a reason.
    pub(crate) fn because(self, reason: Reason) -> OpenFailure {
        OpenFailure { kind: self, reason }
    }
}

impl Lost {
    /// For a reason.
    pub(crate) fn because(self, reason: Reason) -> Loss {
        Loss { kind: self, reason }
    }
}

/// A request that is not acknowledged yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Subscribe,
    Unsubscribe,
    Publish,
}

/// Something to tell the host, in each module's own words.
#[derive(Debug)]
pub(crate) enum Report {
    /// CONNACK accepted a connection.
    Opened,
    /// AT+MQTTOPEN failed.
    OpenFailed(OpenFailure),
    /// An acknowledgement, or PINGRESP, did not come in time.
    TimedOut(Wait, Reason),
    /// Attempt `n` of the reconnect machine begins, from 0, because of that.
    Attempt(u8, Reason),
    /// The reconnect machine was refused for good.
    RefusedAgain(Reason),
    /// The reconnect machine, or a connection without one, came to its end.
    GaveUp(Reason),
    /// AT+MQTTDISC is done.
    Disconnected,
    /// SUBACK, with the granted QoS or why there is none.
    Subscribed {
        id: u16,
        topic: Bytes,
        granted: Result<u8, Reason>,
    },
    /// UNSUBACK.
    Unsubscribed { id: u16, topic: Bytes },
    /// A QoS 0 PUBLISH was written.
    Written,
    /// PUBACK.
    Acknowledged { id: u16 },
    /// PUBREC came, and PUBREL went.
    Received { id: u16 },
    /// PUBCOMP.
    Completed { id: u16 },
    /// A request came to nothing, because the connection was lost.
    Failed { kind: Kind, loss: Loss },
    /// An inbound message.
    Message(Message),
    /// PUBREL of an inbound message.
    Released { id: u16, dup: bool },
    /// PINGRESP.
    PingAnswered,
    /// The server sent a packet of this type that is none.
    Malformed(u8, Reason),
}
