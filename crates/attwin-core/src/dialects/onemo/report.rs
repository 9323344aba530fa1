//! What happens to a client, before a module puts it into words.

use bytes::Bytes;

use crate::mqtt::session::Message;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OpenFailure {
    /// Name, TCP, TLS, or the connection ended before CONNACK.
    Network,
    /// No socket on this side.
    Socket,
    /// No CONNACK in time; [`Report::TimedOut`] came before.
    TimedOut,
    /// The socket took no more.
    NotSent,
    /// CONNACK refused the protocol or had no server.
    Refused,
    /// CONNACK refused the client: codes 2, 4 and 5.
    Authentication,
}

/// How a connection was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    /// The peer, the network or too long a silence ended it.
    Closed,
    /// The socket took no more.
    NotSent,
    /// The server sent a packet of this type that is none.
    Malformed(u8),
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
    TimedOut(Wait),
    /// Attempt `n` of the reconnect machine begins, from 0.
    Attempt(u8),
    /// The reconnect machine was refused for good.
    RefusedAgain,
    /// The reconnect machine, or a connection without one, came to its end.
    GaveUp,
    /// AT+MQTTDISC is done.
    Disconnected,
    /// SUBACK.
    Subscribed { id: u16, code: u8, topic: Bytes },
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
    Malformed(u8),
}
