//! What a client reports, and how it follows from what its session does.

use super::pending::{Completion, Unfinished};
use super::{Client, Phase};
use crate::io::{CloseReason, NetError};
use crate::mqtt::packet::Malformed;
use crate::mqtt::session::{self, Discarded, Message, Ticket, Violation};

/// Something that happened to a client.
#[derive(Debug)]
pub(crate) enum Event<P> {
    /// The link is up: CONNECT may follow.
    Opened,
    /// The link could not be set up; the client is to be aborted.
    OpenFailed(NetError),
    /// The network took the whole of CONNECT.
    ConnectWritten,
    /// CONNACK accepted the connection.
    Connected {
        /// The server's session present flag.
        session_present: bool,
    },
    /// The connection is of no more use and is to be ended; nothing more is
    /// read from it.
    Failed(Failure),
    /// The link is gone; the client is to be aborted.
    Closed(CloseReason),
    /// The deadline of the phase has come.
    Expired,
    /// A request was sent again.
    Retransmitted {
        /// The request.
        ticket: Ticket,
        /// How often, from 1.
        count: u8,
    },
    /// PUBREC arrived, and PUBREL is on its way.
    Received {
        /// Packet identifier.
        id: u16,
    },
    /// A request has its result.
    Finished {
        /// Packet identifier; 0 for a QoS 0 publish that took none.
        id: u16,
        /// What the dialect kept of it.
        request: P,
        /// The result.
        completion: Completion,
    },
    /// A message arrived; it is acknowledged by
    /// [`Client::acknowledge`](super::Client::acknowledge) alone.
    Message(Message),
    /// A message arrived that is too large; it is acknowledged already.
    Discarded(Discarded),
    /// PUBREL of an inbound message arrived.
    Released {
        /// Packet identifier.
        id: u16,
        /// DUP flag.
        dup: bool,
    },
    /// A PINGREQ went unanswered.
    PingLost,
    /// PINGRESP arrived.
    PingAnswered,
    /// The network took the whole of DISCONNECT.
    DisconnectWritten,
}

/// Why a connection is of no more use. Prints as the log says it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// CONNACK has this return code, 1 to 5.
    #[error("CONNACK has return code {0}")]
    Refused(u8),
    /// No CONNACK came in time.
    #[error("no CONNACK came in time")]
    ConnectTimedOut,
    /// The server sent a packet of this type that is none.
    #[error("{error}")]
    Malformed {
        /// As in the fixed header.
        packet_type: u8,
        /// What is wrong.
        error: Malformed,
    },
    /// The server sent a packet it must not send.
    #[error("{0}")]
    Violation(Violation),
    /// The server did not answer PINGREQ.
    #[error("no PINGRESP came in time")]
    PingFailed,
    /// The network takes no more bytes.
    #[error("the server takes no more bytes")]
    WriteStalled,
}

impl<P> Client<P> {
    /// What an event of the session means for the client. `None` for what a
    /// dialect need not know.
    pub(super) fn translate(&mut self, event: session::Event) -> Option<Event<P>> {
        use session::Event as Said;
        Some(match event {
            Said::Connected { session_present } => {
                self.phase = Phase::Connected;
                Event::Connected { session_present }
            }
            Said::Refused(code) => Event::Failed(Failure::Refused(code)),
            Said::ConnectTimedOut => Event::Failed(Failure::ConnectTimedOut),
            Said::PingFailed => Event::Failed(Failure::PingFailed),
            Said::WriteStalled => Event::Failed(Failure::WriteStalled),
            Said::Malformed { packet_type, error } => {
                Event::Failed(Failure::Malformed { packet_type, error })
            }
            Said::Violation(violation) => Event::Failed(Failure::Violation(violation)),
            Said::Retransmitted { ticket, count, .. } => Event::Retransmitted { ticket, count },
            Said::Received(ticket) => Event::Received { id: ticket.id },
            Said::Written(ticket) => self.finish(ticket, Completion::Written)?,
            Said::Published { ticket, qos } => self.finish(ticket, Completion::Published(qos))?,
            Said::Subscribed { ticket, codes } => {
                self.finish(ticket, Completion::Subscribed(codes))?
            }
            Said::Unsubscribed(ticket) => self.finish(ticket, Completion::Unsubscribed)?,
            Said::GaveUp { operation, ticket } => {
                self.finish(ticket, Completion::TimedOut(operation))?
            }
            Said::Message(message) => Event::Message(message),
            Said::Released { id, dup } => Event::Released { id, dup },
            Said::PingLost { .. } => Event::PingLost,
            Said::PingAnswered => Event::PingAnswered,
            Said::DisconnectWritten => Event::DisconnectWritten,
            Said::Discarded(discarded) => Event::Discarded(discarded),
            Said::Interrupted { .. } | Said::PingSent => return None,
        })
    }

    /// `None` for a request that is not the host's any more: one of an earlier
    /// connection, or a forgotten one.
    fn finish(&mut self, ticket: Ticket, completion: Completion) -> Option<Event<P>> {
        let Unfinished { id, request } = self.pending.take(ticket)?;
        Some(Event::Finished {
            id,
            request,
            completion,
        })
    }
}
