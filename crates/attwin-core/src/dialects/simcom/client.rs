//! An MQTT client: what it holds and how busy it is (docs/spec/simcom.md section
//! 6).

use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::Knobs;
use super::failure::Failure;
use super::knobs::MqttLevel;
use crate::handler::Context;
use crate::io::Trace;
use crate::mqtt::client::{self, Phase};
use crate::mqtt::packet::{ConnectFields, Level, QoS, Will};
use crate::mqtt::session::{Limits, Options, PingRule, Rules};
use crate::time::{Instant, earliest};

/// How long a host's bytes wait for something that should take no time
/// (docs/spec/simcom.md 6).
const LOCAL_AT_MOST: Duration = Duration::from_secs(1);

/// Bytes AT+CMQTTSUB? has for its list, and how many a topic takes besides its
/// own. The manual names no limit, but the list has to have one.
const LIST: usize = 16 * 1024;
const LISTED_TOPIC: usize = 16;

/// Longest inbound topic and payload (docs/spec/simcom.md 5.4).
const TOPIC: usize = 1024;
const PAYLOAD: usize = 10_240;

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

/// What AT+CMQTTACCQ asked for.
#[derive(Debug)]
pub(super) struct Acquired {
    pub(super) id: Bytes,
    /// Server type 1: MQTT over TLS.
    pub(super) tls: bool,
}

/// What AT+CMQTTCONNECT asked for.
#[derive(Debug)]
pub(super) struct ConnectRequest {
    /// As the host wrote it.
    pub(super) address: Bytes,
    /// Seconds.
    pub(super) keep_alive: u16,
    pub(super) clean_session: bool,
    pub(super) user: Option<Bytes>,
    pub(super) password: Option<Bytes>,
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

/// A client, acquired or not.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) index: u8,
    pub(super) acquired: Option<Acquired>,
    /// TLS context chosen with AT+CMQTTSSLCFG.
    pub(super) ssl_context: Option<u8>,
    pub(super) settings: Settings,
    pub(super) will_topic: Option<Bytes>,
    pub(super) will_message: Option<(Bytes, QoS)>,
    pub(super) topic: Option<Bytes>,
    pub(super) payload: Bytes,
    pub(super) subscribe_store: Vec<(Bytes, QoS)>,
    pub(super) unsubscribe_store: Vec<Bytes>,
    /// Topics acknowledged on this connection, in order.
    pub(super) subscriptions: Vec<Bytes>,
    pub(super) mqtt: client::Client<Pending>,
    /// How the connection was asked for.
    pub(super) request: Option<ConnectRequest>,
    /// The line of AT+CMQTTCONNECT waits for TCP (`connect_sync_errors`).
    pub(super) holds_connect: bool,
    /// When the result of the command in progress may be said.
    pub(super) result_not_before: Instant,
    /// The result of a subscription that lets messages go first, and until
    /// when (quirk `messages_before_suback`).
    pub(super) waiting: Option<(Instant, Result<(), Failure>)>,
    /// The host's next line waits until the network has taken what is under
    /// way.
    holds_lines: bool,
}

impl Client {
    pub(super) fn new(index: u8) -> Self {
        Self {
            index,
            acquired: None,
            ssl_context: None,
            settings: Settings::default(),
            will_topic: None,
            will_message: None,
            topic: None,
            payload: Bytes::new(),
            subscribe_store: Vec::new(),
            unsubscribe_store: Vec::new(),
            subscriptions: Vec::new(),
            mqtt: client::Client::default(),
            request: None,
            holds_connect: false,
            result_not_before: Instant::ZERO,
            waiting: None,
            holds_lines: false,
        }
    }

    pub(super) const fn phase(&self) -> Phase {
        self.mqtt.phase()
    }

    pub(super) fn is_connected(&self) -> bool {
        self.mqtt.is_connected()
    }

    pub(super) const fn is_connecting(&self) -> bool {
        matches!(
            self.phase(),
            Phase::Opening | Phase::Open | Phase::Connecting
        )
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        earliest(self.mqtt.poll_timeout(), self.waiting_until())
    }

    pub(super) fn waiting_until(&self) -> Option<Instant> {
        self.waiting.as_ref().map(|(until, _)| *until)
    }

    /// Whether an operation is under way.
    pub(super) fn is_busy(&self) -> bool {
        self.mqtt.requests().len() > 0 || !matches!(self.phase(), Phase::Closed | Phase::Connected)
    }

    /// Why a client [that is busy](Self::is_busy) takes no command.
    pub(super) fn busy(&self) -> Failure {
        let request = self.mqtt.requests().next().map(Pending::command);
        Failure::busy(self.index, self.phase(), request)
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

    /// How the session connects.
    pub(super) fn connect_options(&self, knobs: &Knobs) -> Option<Options> {
        let request = self.request.as_ref()?;
        let timeout = self.operation_timeout();
        let keep_alive = Duration::from_secs(u64::from(request.keep_alive));
        Some(Options {
            connect: ConnectFields {
                level: match knobs.mqtt_level {
                    MqttLevel::V31 => Level::V31,
                    MqttLevel::V311 => Level::V311,
                },
                clean_session: request.clean_session,
                keep_alive: request.keep_alive,
                client_id: self.acquired.as_ref()?.id.clone(),
                will: self.will(),
                username: request.user.clone(),
                password: request.password.clone(),
            },
            connack_timeout: timeout,
            rules: Rules {
                resume: false,
                ping: PingRule::Once {
                    wait: keep_alive.min(timeout),
                },
                write_timeout: Some(timeout),
                limits: Limits {
                    topic: TOPIC,
                    payload: PAYLOAD,
                    ..Limits::default()
                },
                ..Rules::default()
            },
        })
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

    /// The host's next line waits until [`resume_lines`](Self::resume_lines),
    /// but not long: what the network takes at once is over before that line
    /// is looked at (docs/spec/simcom.md 6).
    pub(super) fn hold_lines(&mut self, cx: &mut Context<'_>) {
        self.holds_lines = true;
        cx.hold_commands(cx.now + LOCAL_AT_MOST);
    }

    /// What was under way is over: the line goes on with its result.
    pub(super) fn resume_lines(&mut self, cx: &mut Context<'_>) {
        if core::mem::take(&mut self.holds_lines) {
            cx.hold_commands(self.result_not_before);
        }
    }

    pub(super) fn trace(&self, cx: &mut Context<'_>) {
        let state = match self.phase() {
            Phase::Closed => "ACQUIRED",
            phase => phase.name(),
        };
        cx.trace(Trace::Client {
            index: self.index,
            state,
        });
    }
}
