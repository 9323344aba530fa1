//! The MQTT client: what it holds and how busy it is (docs/spec/simcom.md section
//! 6).

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::connection::{Connection, State};
use crate::handler::Context;
use crate::io::{LinkId, Trace};
use crate::mqtt::packet::{QoS, Will};
use crate::mqtt::session::Session;
use crate::time::{Instant, earliest};

/// How long a host's bytes wait for something that should take no time
/// (docs/spec/simcom.md 6).
const LOCAL_AT_MOST: Duration = Duration::from_secs(1);

/// Bytes AT+CMQTTSUB? has for its list, and how many a topic takes besides its
/// own. The manual names no limit, but the list has to have one.
const LIST: usize = 16 * 1024;
const LISTED_TOPIC: usize = 16;

/// What AT+CMQTTCFG sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) check_utf8: bool,
    /// Seconds.
    pub(super) operation_timeout: u8,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            check_utf8: true,
            operation_timeout: 120,
        }
    }
}

/// An operation whose result is still to come; there is one at a time.
#[derive(Debug)]
pub(super) enum Pending {
    Publish,
    /// The filters asked for.
    Subscribe(Vec<Bytes>),
    /// The filters given up.
    Unsubscribe(Vec<Bytes>),
}

impl Pending {
    pub(super) const fn command(&self) -> &'static str {
        match self {
            Self::Publish => "+CMQTTPUB",
            Self::Subscribe(_) => "+CMQTTSUB",
            Self::Unsubscribe(_) => "+CMQTTUNSUB",
        }
    }
}

/// An acquired client.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) id: Bytes,
    /// Server type 1: MQTT over TLS.
    pub(super) tls: bool,
    pub(super) settings: Settings,
    pub(super) will_topic: Option<Bytes>,
    pub(super) will_message: Option<(Bytes, QoS)>,
    pub(super) topic: Option<Bytes>,
    pub(super) payload: Bytes,
    pub(super) subscribe_store: Vec<(Bytes, QoS)>,
    pub(super) unsubscribe_store: Vec<Bytes>,
    /// Topics acknowledged on this connection, in order.
    pub(super) subscriptions: Vec<Bytes>,
    pub(super) connection: Option<Connection>,
    /// Tells the operation under way from those before it.
    pub(super) token: u32,
    /// The operation under way.
    pub(super) pending: Option<Pending>,
    /// When the result of the command in progress may be said.
    pub(super) result_not_before: Instant,
    /// The host's next line waits until the network has taken what is under
    /// way.
    pub(super) holds_lines: bool,
    /// Survives connections to one server.
    pub(super) session: Option<Box<Session>>,
    /// Host and port the session belongs to.
    pub(super) server: (String, u16),
}

impl Client {
    pub(super) fn new(id: Bytes, tls: bool) -> Self {
        Self {
            id,
            tls,
            settings: Settings::default(),
            will_topic: None,
            will_message: None,
            topic: None,
            payload: Bytes::new(),
            subscribe_store: Vec::new(),
            unsubscribe_store: Vec::new(),
            subscriptions: Vec::new(),
            connection: None,
            token: 0,
            pending: None,
            result_not_before: Instant::ZERO,
            holds_lines: false,
            session: None,
            server: Default::default(),
        }
    }

    pub(super) fn link(&self) -> Option<LinkId> {
        self.connection.as_ref().map(|connection| connection.link)
    }

    /// Whether there is a connection, or one in the making.
    pub(super) fn has_link(&self) -> bool {
        self.connection.is_some()
    }

    pub(super) fn is_connected(&self) -> bool {
        self.state() == Some(State::Connected)
    }

    pub(super) fn is_connecting(&self) -> bool {
        matches!(self.state(), Some(State::Opening | State::Connecting))
    }

    /// Whether an operation is under way.
    pub(super) fn is_busy(&self) -> bool {
        self.pending.is_some()
            || matches!(
                self.state(),
                Some(State::Opening | State::Connecting | State::Disconnecting)
            )
    }

    /// The will, if both its parts were entered.
    pub(super) fn will(&self) -> Option<Will> {
        let (message, qos) = self.will_message.clone()?;
        Some(Will {
            topic: self.will_topic.clone()?,
            message,
            qos,
            retain: false,
        })
    }

    /// How long TCP, CONNACK, SUBACK, UNSUBACK and PINGRESP may take.
    pub(super) fn operation_timeout(&self) -> Duration {
        Duration::from_secs(u64::from(self.settings.operation_timeout))
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let connection = self.connection.as_ref()?;
        let session = self.session.as_ref().and_then(|s| s.poll_timeout());
        earliest(connection.deadline, session)
    }

    pub(super) fn state(&self) -> Option<State> {
        self.connection.as_ref().map(|connection| connection.state)
    }

    /// Lists a topic the server acknowledged.
    pub(super) fn list(&mut self, topic: &Bytes) {
        let room = |topic: &Bytes| topic.len() + LISTED_TOPIC;
        let used: usize = self.subscriptions.iter().map(room).sum();
        if used + room(topic) <= LIST && !self.subscriptions.contains(topic) {
            self.subscriptions.push(topic.clone());
        }
    }

    /// What a lost or ended connection takes with it (docs/spec/simcom.md 6).
    pub(super) fn forget_what_was_entered(&mut self) {
        self.topic = None;
        self.payload = Bytes::new();
        self.subscribe_store = Vec::new();
        self.unsubscribe_store = Vec::new();
        self.subscriptions = Vec::new();
    }

    /// The connection is over, whoever ended it; returns what was under way.
    pub(super) fn end(&mut self, cx: &mut Context<'_>) -> Option<Pending> {
        let connection = self.connection.take()?;
        cx.links.gone(connection.link);
        if let Some(session) = &mut self.session {
            session.lost();
            while session.poll_event().is_some() {}
        }
        self.let_lines_go(cx);
        trace(cx, "ACQUIRED");
        self.pending.take()
    }

    /// The host's next line waits until [`let_lines_go`](Self::let_lines_go),
    /// but not long: what the network takes at once is over before that line
    /// is looked at (docs/spec/simcom.md 6).
    pub(super) fn hold_lines(&mut self, cx: &mut Context<'_>) {
        self.holds_lines = true;
        cx.hold_commands(cx.now + LOCAL_AT_MOST);
    }

    /// What was under way is over: the line goes on with its result.
    pub(super) fn let_lines_go(&mut self, cx: &mut Context<'_>) {
        if core::mem::take(&mut self.holds_lines) {
            cx.hold_commands(self.result_not_before);
        }
    }

    pub(super) fn enter(&mut self, cx: &mut Context<'_>, state: State) {
        if let Some(connection) = &mut self.connection {
            connection.state = state;
            trace(cx, state.name());
        }
    }

    pub(super) fn transmit(&mut self, cx: &mut Context<'_>) {
        if let (Some(connection), Some(session)) = (&self.connection, &mut self.session) {
            while let Some(packet) = session.poll_transmit() {
                cx.links.send(connection.link, packet);
            }
        }
    }
}

pub(super) fn trace(cx: &mut Context<'_>, state: &'static str) {
    cx.trace(Trace::Client { index: 0, state });
}
