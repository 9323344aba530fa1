//! What happens on a link.

use std::net::IpAddr;

use attwin_core::{CloseReason, LinkId, NetError, NetEvent};
use bytes::Bytes;

/// Something that happened on a link: the owned form of [`NetEvent`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The link it happened on.
    pub link: LinkId,
    /// What happened.
    pub kind: EventKind,
}

/// What happened on a link; see [`NetEvent`] for the meanings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// The connection is up.
    Opened,
    /// The connection could not be made, or the name not be resolved.
    Failed(NetError),
    /// Bytes from the peer.
    Received(Bytes),
    /// This many more bytes were taken by the socket or the TLS session.
    Sent(usize),
    /// The connection ended.
    Closed(CloseReason),
    /// The name resolved.
    Resolved(Vec<IpAddr>),
}

impl Event {
    /// The event as the modem takes it, without copying what was received.
    pub fn as_net_event(&self) -> NetEvent<'_> {
        match &self.kind {
            EventKind::Opened => NetEvent::Opened,
            EventKind::Failed(error) => NetEvent::Failed(*error),
            EventKind::Received(bytes) => NetEvent::Received(bytes),
            EventKind::Sent(count) => NetEvent::Sent(*count),
            EventKind::Closed(reason) => NetEvent::Closed(*reason),
            EventKind::Resolved(addresses) => NetEvent::Resolved(addresses),
        }
    }
}

impl EventKind {
    /// Whether this event ends the link.
    pub(super) fn ends_link(&self) -> bool {
        match self {
            Self::Failed(_) | Self::Closed(_) | Self::Resolved(_) => true,
            Self::Opened | Self::Received(_) | Self::Sent(_) => false,
        }
    }
}
