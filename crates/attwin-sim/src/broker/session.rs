//! What the broker keeps of a client, connected or not (MQTT 3.1.1 section
//! 3.1.2.4).

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use attwin_core::mqtt::packet::QoS;

use super::ids::ConnectionId;
use super::outgoing::Outgoing;

#[derive(Debug)]
pub(super) struct Session {
    pub(super) client_id: Arc<str>,
    /// The client's connection, `None` while it is away.
    pub(super) connection: Option<ConnectionId>,
    /// Whether the session outlives its connection.
    pub(super) persistent: bool,
    /// Its filters; their QoS is in the subscription tree.
    pub(super) filters: BTreeSet<Arc<str>>,
    /// Identifiers of QoS 2 messages received and not yet released: a PUBLISH
    /// with one of these is a repetition. Bounded by their number, 65,535.
    pub(super) received: BTreeSet<u16>,
    pub(super) outgoing: Outgoing,
    /// Subscriptions whose retained messages are still being handed out.
    /// Bounded by the number of subscriptions.
    pub(super) retained: VecDeque<HandingOut>,
    /// What it adds to the bytes that all sessions hold.
    pub(super) counted_bytes: usize,
    /// The highest QoS a subscription is granted.
    pub(super) max_qos: QoS,
}

/// How far the retained messages of a new subscription have been handed out.
#[derive(Debug)]
pub(super) struct HandingOut {
    pub(super) filter: Arc<str>,
    pub(super) granted: QoS,
    /// Topic of the last one.
    pub(super) after: Option<Arc<str>>,
}

impl Session {
    pub(super) fn new(client_id: Arc<str>, connection: ConnectionId, persistent: bool) -> Self {
        Self {
            client_id,
            connection: Some(connection),
            persistent,
            filters: BTreeSet::new(),
            received: BTreeSet::new(),
            outgoing: Outgoing::default(),
            retained: VecDeque::new(),
            counted_bytes: 0,
            max_qos: QoS::Level2,
        }
    }
}
