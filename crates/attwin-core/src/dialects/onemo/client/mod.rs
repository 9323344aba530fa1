//! The MQTT client both modules have: one state machine (docs/spec/onemo.md A3, A6
//! to A8 and B3, B6 to B8).
//!
//! It says nothing itself. What happens is a [`Report`]; each module's wording
//! turns that into its own lines, before or after an `OK`.

mod events;

pub(super) use events::REFUSED;

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::reconnect::{Machine, Pauses};
use super::report::{Kind, OpenFailed, Report};
use super::settings::{OPEN_TIMEOUT, OpenRequest, Settings};
use crate::handler::Context;
use crate::handler::shared::unusable_context;
use crate::io::{LinkId, Trace};
use crate::mqtt::client::{self, Phase, Route};
use crate::mqtt::session::{Ask, PacketId, RequestError, Retry};
use crate::reason::Reason;
use crate::time::{Instant, earliest};

/// Seconds an acknowledgement may take unless AT+MQTTTO says otherwise.
const ACKNOWLEDGE_TIMEOUT_S: u16 = 10;
/// Topics remembered as subscribed; further ones are subscribed and forgotten.
const MOST_SUBSCRIPTIONS: usize = 256;

/// States by the numbers of docs/spec/onemo.md A3 and B5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// No AT+MQTTCFG yet.
    Unconfigured = 0,
    /// Configured, and nothing under way.
    Idle = 1,
    /// DISCONNECT is on its way.
    Disconnecting = 2,
    /// CONNECT was written, CONNACK is to come.
    Connecting = 3,
    /// The reconnect machine waits or tries.
    Reconnecting = 4,
    /// CONNACK accepted the connection.
    Connected = 5,
    /// TCP is being set up.
    Opening = 6,
    /// TCP, and TLS if asked for, is up.
    Up = 7,
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::Unconfigured => "UNCONFIGURED",
            Self::Idle => "IDLE",
            Self::Disconnecting => "DISCONNECTING",
            Self::Connecting => "CONNECTING",
            Self::Reconnecting => "RECONNECTING",
            Self::Connected => "CONNECTED",
            Self::Opening => "OPENING",
            Self::Up => "UP",
        }
    }

    /// As a reason says it of the client.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Unconfigured => "is not configured",
            Self::Idle => "is configured and not connected",
            Self::Disconnecting => "is disconnecting",
            Self::Connecting => "waits for CONNACK",
            Self::Reconnecting => "is connecting again by itself",
            Self::Connected => "is connected",
            Self::Opening => "is setting up TCP",
            Self::Up => "has TCP and is about to send CONNECT",
        }
    }
}

/// What differs between the clients of the two modules, as data.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Traits {
    /// Pauses of the reconnect machine.
    pub(super) pauses: Pauses,
    /// Whether PINGRESP is shown at first, and after AT+MQTTCFG.
    pub(super) ping_echo: bool,
    /// Whether it connects again by itself after it got no socket
    /// (docs/spec/onemo.md A6, B6).
    pub(super) retries_without_socket: bool,
}

/// A request that is not acknowledged yet.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) kind: Kind,
    /// Topic of a subscription.
    pub(super) topic: Bytes,
}

/// The client.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) settings: Option<Settings>,
    /// Parameters of the last AT+MQTTOPEN.
    open: Option<OpenRequest>,
    /// Seconds, AT+MQTTTO.
    pub(super) acknowledge_timeout: u16,
    /// Whether PINGRESP is shown, AT+MQTTPING.
    pub(super) ping_echo: bool,
    /// Whether a lost connection is made again, AT+MQTTREC.
    pub(super) reconnects: bool,
    /// Keep alives a PINGREQ waits, divided by this (docs/spec/onemo.md A11).
    pub(super) ping_divisor: u8,
    /// Topics and granted QoS, in order.
    pub(super) subscriptions: Vec<(Bytes, u8)>,
    pub(super) machine: Machine,
    /// Why the machine runs.
    failure: Option<Reason>,
    /// Whether what a subscription brings is told before its result.
    pub(super) messages_first: bool,
    /// Results told later for that, each with its time.
    late: VecDeque<(Instant, Report)>,
    traits: Traits,
    /// Since AT+MQTTCFG; its session owns the counter of packet identifiers.
    mqtt: client::Client<Request>,
    reports: VecDeque<Report>,
}

impl Client {
    pub(super) fn new(traits: Traits) -> Self {
        Self {
            settings: None,
            open: None,
            acknowledge_timeout: ACKNOWLEDGE_TIMEOUT_S,
            ping_echo: traits.ping_echo,
            reconnects: true,
            ping_divisor: 1,
            subscriptions: Vec::new(),
            machine: Machine::new(traits.pauses),
            failure: None,
            messages_first: false,
            late: VecDeque::new(),
            traits,
            mqtt: client::Client::default(),
            reports: VecDeque::new(),
        }
    }

    /// The reconnect machine hides what its attempts are at.
    pub(super) fn state(&self) -> State {
        match self.mqtt.phase() {
            _ if self.machine.is_running() => State::Reconnecting,
            Phase::Closed if self.settings.is_none() => State::Unconfigured,
            Phase::Closed => State::Idle,
            Phase::Opening => State::Opening,
            Phase::Open => State::Up,
            Phase::Connecting if self.mqtt.unsent() > 0 => State::Up,
            Phase::Connecting => State::Connecting,
            Phase::Connected => State::Connected,
            Phase::Disconnecting => State::Disconnecting,
        }
    }

    pub(super) fn link(&self) -> Option<LinkId> {
        self.mqtt.link()
    }

    pub(super) fn poll_report(&mut self) -> Option<Report> {
        self.reports.pop_front()
    }

    // Commands

    /// AT+MQTTCFG: what is under way ends without a word.
    pub(super) fn configure(&mut self, cx: &mut Context<'_>, settings: Settings) {
        self.abort(cx);
        self.settings = Some(settings);
        self.mqtt.forget_session();
        self.subscriptions = Vec::new();
        self.machine.reset();
        self.ping_echo = self.traits.ping_echo;
        self.trace(cx);
    }

    /// AT+MQTTDEL.
    pub(super) fn delete(&mut self, cx: &mut Context<'_>) {
        self.settings = None;
        self.open = None;
        self.mqtt.forget_session();
        self.subscriptions = Vec::new();
        self.trace(cx);
    }

    /// AT+MQTTOPEN.
    pub(super) fn open(&mut self, cx: &mut Context<'_>, request: OpenRequest) {
        self.open = Some(request);
        self.dial(cx);
    }

    /// AT+MQTTDISC while connected. A network that takes no DISCONNECT is not
    /// waited for any longer than one that gives no answer.
    pub(super) fn disconnect(&mut self, cx: &mut Context<'_>) {
        self.mqtt.disconnect(cx.now, Some(self.timeout()));
        self.trace(cx);
        self.drive(cx);
    }

    /// Whatever is under way ends at once, without a word.
    pub(super) fn abort(&mut self, cx: &mut Context<'_>) {
        self.machine.stop();
        self.mqtt.abort(cx.links);
        self.reports.clear();
        self.late.clear();
        self.trace(cx);
    }

    /// Makes a request of the server; its result comes as a report.
    pub(super) fn request(
        &mut self,
        cx: &mut Context<'_>,
        kind: Kind,
        topic: Bytes,
        ask: Ask<'_>,
    ) -> Result<(), RequestError> {
        let retry = Retry {
            timeout: self.timeout(),
            retries: 0,
            whole_exchange: false,
        };
        let request = Request { kind, topic };
        self.mqtt
            .request(cx.now, PacketId::Next, ask, retry, request)?;
        self.drive(cx);
        Ok(())
    }

    /// How long an acknowledgement may take.
    fn timeout(&self) -> Duration {
        Duration::from_secs(u64::from(self.acknowledge_timeout))
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let late = self.late.front().map(|(due, _)| *due);
        let mqtt = earliest(self.mqtt.poll_timeout(), late);
        earliest(mqtt, self.machine.poll_timeout())
    }

    fn dial(&mut self, cx: &mut Context<'_>) {
        let (Some(settings), Some(open)) = (&self.settings, &self.open) else {
            return;
        };
        // The machine tries also while there is no context, but one that was
        // taken down stays down.
        let cid = cx.radio.defaults().default_context;
        if let Some(reason) = unusable_context(cx.radio, cid) {
            return self.open_failed(cx, OpenFailed::Network.because(reason));
        }
        cx.radio.activate(cid);
        let tls = open.tls(cx, settings);
        let host = String::from_utf8_lossy(&settings.host).into_owned();
        let route = Route {
            server: (host, settings.port),
            connect_timeout: OPEN_TIMEOUT,
            limit: OPEN_TIMEOUT * if tls.is_some() { 2 } else { 1 },
            tls,
        };
        self.mqtt.open(cx.now, cx.links, route);
        self.trace(cx);
    }

    fn trace(&self, cx: &mut Context<'_>) {
        let state = self.state().name();
        cx.trace(Trace::Client { index: 0, state });
    }
}
