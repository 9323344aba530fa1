//! The MQTT client both modules have: one state machine (docs/spec/onemo.md A3, A6
//! to A8 and B3, B6 to B8).
//!
//! It says nothing itself. What happens is a [`Report`]; each module's wording
//! turns that into its own lines, before or after an `OK`.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::reconnect::{Machine, Pauses};
use super::report::{Loss, OpenFailure, Report, Wait};
use super::requests::Request;
use super::settings::{OpenRequest, Settings};
use crate::handler::Context;
use crate::io::{CloseReason, LinkId, NetError, NetEvent, Trace};
use crate::mqtt::packet::QoS;
use crate::mqtt::session::{Event, Operation, Session, Ticket};
use crate::radio::PdpContext;
use crate::time::{Instant, earliest};

/// How long name resolution and TCP may take together (docs/spec/onemo.md A3.2);
/// as long again for a handshake.
pub(super) const OPEN_TIMEOUT: Duration = Duration::from_secs(20);
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
}

/// What differs between the clients of the two modules, as data.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Habits {
    /// Pauses of the reconnect machine.
    pub(super) pauses: Pauses,
    /// Whether PINGRESP is shown at first, and after AT+MQTTCFG.
    pub(super) ping_echo: bool,
    /// Whether it connects again by itself after it got no socket
    /// (docs/spec/onemo.md A6, B6).
    pub(super) insists_without_socket: bool,
}

/// The client.
#[derive(Debug)]
pub(super) struct Client {
    state: State,
    pub(super) settings: Option<Settings>,
    /// Parameters of the last AT+MQTTOPEN.
    pub(super) open: Option<OpenRequest>,
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
    habits: Habits,
    link: Option<LinkId>,
    /// Ends opening or disconnecting.
    deadline: Option<Instant>,
    /// Since AT+MQTTCFG; owns the counter of packet identifiers.
    pub(super) session: Option<Box<Session>>,
    pub(super) requests: Vec<Request>,
    pub(super) next_token: u32,
    reports: VecDeque<Report>,
}

impl Client {
    pub(super) fn new(habits: Habits) -> Self {
        Self {
            state: State::Unconfigured,
            settings: None,
            open: None,
            acknowledge_timeout: ACKNOWLEDGE_TIMEOUT_S,
            ping_echo: habits.ping_echo,
            reconnects: true,
            ping_divisor: 1,
            subscriptions: Vec::new(),
            machine: Machine::new(habits.pauses),
            habits,
            link: None,
            deadline: None,
            session: None,
            requests: Vec::new(),
            next_token: 0,
            reports: VecDeque::new(),
        }
    }

    /// The reconnect machine hides what its attempts are at.
    pub(super) fn state(&self) -> State {
        if self.machine.is_running() {
            State::Reconnecting
        } else {
            self.state
        }
    }

    pub(super) fn link(&self) -> Option<LinkId> {
        self.link
    }

    pub(super) fn poll_report(&mut self) -> Option<Report> {
        self.reports.pop_front()
    }

    // Commands

    /// AT+MQTTCFG: what is under way ends without a word.
    pub(super) fn configure(&mut self, cx: &mut Context<'_>, settings: Settings) {
        self.abort(cx);
        self.settings = Some(settings);
        self.session = None;
        self.subscriptions = Vec::new();
        self.machine.reset();
        self.ping_echo = self.habits.ping_echo;
        self.enter(cx, State::Idle);
    }

    /// AT+MQTTDEL.
    pub(super) fn delete(&mut self, cx: &mut Context<'_>) {
        self.settings = None;
        self.open = None;
        self.session = None;
        self.subscriptions = Vec::new();
        self.enter(cx, State::Unconfigured);
    }

    /// AT+MQTTOPEN.
    pub(super) fn open(&mut self, cx: &mut Context<'_>, request: OpenRequest) {
        self.open = Some(request);
        self.dial(cx);
    }

    /// AT+MQTTDISC while connected. A network that takes no DISCONNECT is not
    /// waited for any longer than one that gives no answer.
    pub(super) fn disconnect(&mut self, cx: &mut Context<'_>) {
        self.deadline = Some(cx.now + self.patience());
        self.enter(cx, State::Disconnecting);
        if let Some(session) = &mut self.session {
            session.disconnect(cx.now);
        }
        self.drive(cx);
    }

    /// Whatever is under way ends at once, without a word.
    pub(super) fn abort(&mut self, cx: &mut Context<'_>) {
        self.machine.stop();
        self.drop_link(cx);
        self.end(Loss::Closed);
        self.reports.clear();
        if self.settings.is_some() {
            self.enter(cx, State::Idle);
        }
    }

    /// How long an acknowledgement may take.
    pub(super) fn patience(&self) -> Duration {
        Duration::from_secs(u64::from(self.acknowledge_timeout))
    }

    // Events

    pub(super) fn network(&mut self, cx: &mut Context<'_>, event: &NetEvent<'_>) {
        match event {
            NetEvent::Opened => self.opened(cx),
            NetEvent::Failed(NetError::Local) => self.open_failed(cx, OpenFailure::Socket),
            NetEvent::Failed(_) => self.open_failed(cx, OpenFailure::Network),
            NetEvent::Received(bytes) => {
                if let Some(session) = &mut self.session {
                    session.receive(cx.now, bytes);
                }
                self.drive(cx);
            }
            NetEvent::Sent(count) => {
                if let Some(session) = &mut self.session {
                    session.sent(cx.now, *count);
                    if self.state == State::Up && session.unsent() == 0 {
                        self.enter(cx, State::Connecting);
                    }
                }
                self.drive(cx);
            }
            NetEvent::Closed(CloseReason::WriteFailed) => self.closed(cx, Loss::NotSent),
            NetEvent::Closed(_) => self.closed(cx, Loss::Closed),
            NetEvent::Resolved(_) => {}
        }
    }

    /// The PDP context went down: as if the peer had closed.
    pub(super) fn context_down(&mut self, cx: &mut Context<'_>) {
        if self.link.is_some() {
            self.drop_link(cx);
            self.closed(cx, Loss::Closed);
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let session = self.session.as_ref().filter(|_| self.link.is_some());
        let own = earliest(self.deadline, self.machine.poll_timeout());
        earliest(own, session.and_then(|session| session.poll_timeout()))
    }

    pub(super) fn handle_timeout(&mut self, cx: &mut Context<'_>) {
        if self.link.is_some()
            && let Some(session) = &mut self.session
        {
            session.handle_timeout(cx.now);
            self.drive(cx);
        }
        if self
            .deadline
            .take_if(|deadline| *deadline <= cx.now)
            .is_some()
        {
            self.drop_link(cx);
            self.closed(cx, Loss::Closed);
        }
        if let Some(attempt) = self.machine.begin_if_due(cx.now) {
            self.reports.push_back(Report::Attempt(attempt));
            self.dial(cx);
        }
    }

    fn dial(&mut self, cx: &mut Context<'_>) {
        let (Some(settings), Some(open)) = (&self.settings, &self.open) else {
            return;
        };
        // The machine tries also while there is no context, but one that was
        // taken down stays down.
        if !has_network(cx) || !cx.radio.activate(cx.radio.defaults().default_context) {
            return self.open_failed(cx, OpenFailure::Network);
        }
        let tls = open.tls(cx, settings);
        let longest = if tls.is_some() {
            OPEN_TIMEOUT * 2
        } else {
            OPEN_TIMEOUT
        };
        let host = String::from_utf8_lossy(&settings.host).into_owned();
        let link = cx.links.open(host, settings.port, tls, OPEN_TIMEOUT);
        self.link = Some(link);
        self.deadline = Some(cx.now + longest);
        self.enter(cx, State::Opening);
    }

    /// TCP is up: CONNECT follows.
    fn opened(&mut self, cx: &mut Context<'_>) {
        self.deadline = None;
        let (Some(settings), Some(open)) = (&self.settings, &self.open) else {
            return;
        };
        let options = open.connect(settings, self.patience(), self.ping_divisor);
        let session = self.session.get_or_insert_default();
        if session.connect(cx.now, options).is_err() {
            self.drop_link(cx);
            return self.open_failed(cx, OpenFailure::Network);
        }
        self.enter(cx, State::Up);
        self.drive(cx);
    }

    /// An attempt to connect came to nothing, the host's or the machine's.
    fn open_failed(&mut self, cx: &mut Context<'_>, failure: OpenFailure) {
        self.end(Loss::Closed);
        if self.machine.is_running() {
            if failure == OpenFailure::Authentication {
                self.machine.stop();
                self.enter(cx, State::Idle);
                return self.reports.push_back(Report::RefusedAgain);
            }
            return self.next_attempt(cx);
        }
        self.reports.push_back(Report::OpenFailed(failure));
        let final_word = match failure {
            OpenFailure::Authentication => true,
            OpenFailure::Socket => !self.habits.insists_without_socket,
            _ => false,
        };
        if final_word || !self.reconnects {
            self.enter(cx, State::Idle);
        } else {
            self.machine.start(cx.now);
            self.enter(cx, State::Reconnecting);
        }
    }

    /// A connection is lost: what was under way fails, and the machine starts.
    fn lost(&mut self, cx: &mut Context<'_>, loss: Loss) {
        self.drop_link(cx);
        self.end(loss);
        if self.reconnects {
            self.machine.start(cx.now);
            self.enter(cx, State::Reconnecting);
        } else {
            self.enter(cx, State::Idle);
            self.reports.push_back(Report::GaveUp);
        }
    }

    fn next_attempt(&mut self, cx: &mut Context<'_>) {
        if self.machine.next(cx.now) {
            self.enter(cx, State::Reconnecting);
        } else {
            self.enter(cx, State::Idle);
            self.reports.push_back(Report::GaveUp);
        }
    }

    fn closed(&mut self, cx: &mut Context<'_>, loss: Loss) {
        if let Some(link) = self.link.take() {
            cx.links.gone(link);
        }
        match self.state {
            State::Opening | State::Up | State::Connecting => {
                self.open_failed(
                    cx,
                    match loss {
                        Loss::NotSent => OpenFailure::NotSent,
                        Loss::Closed | Loss::Malformed(_) => OpenFailure::Network,
                    },
                );
            }
            State::Connected => self.lost(cx, loss),
            State::Disconnecting => self.disconnected(cx),
            State::Unconfigured | State::Idle | State::Reconnecting => {}
        }
    }

    /// Whether or not DISCONNECT could be written (docs/spec/onemo.md A3.7).
    fn disconnected(&mut self, cx: &mut Context<'_>) {
        if let Some(link) = self.link.take() {
            cx.links.close(link);
        }
        self.end(Loss::Closed);
        self.enter(cx, State::Idle);
        self.reports.push_back(Report::Disconnected);
    }

    /// Carries out what the session has decided.
    pub(super) fn drive(&mut self, cx: &mut Context<'_>) {
        while let Some(event) = self.session.as_mut().and_then(|s| s.poll_event()) {
            self.handle_event(cx, event);
        }
        if let (Some(link), Some(session)) = (self.link, &mut self.session) {
            while let Some(packet) = session.poll_transmit() {
                cx.links.send(link, packet);
            }
        }
    }

    fn handle_event(&mut self, cx: &mut Context<'_>, event: Event) {
        let connecting = matches!(self.state, State::Up | State::Connecting);
        match event {
            Event::Connected { session_present } => self.connected(cx, session_present),
            Event::Refused(code) => {
                let failure = match code {
                    2 | 4 | 5 => OpenFailure::Authentication,
                    _ => OpenFailure::Refused,
                };
                self.hang_up(cx);
                self.open_failed(cx, failure);
            }
            Event::ConnectTimedOut => {
                self.drop_link(cx);
                self.reports.push_back(Report::TimedOut(Wait::Connect));
                self.open_failed(cx, OpenFailure::TimedOut);
            }
            Event::Malformed { .. } | Event::Violation(_) if connecting => {
                self.hang_up(cx);
                self.open_failed(cx, OpenFailure::Network);
            }
            Event::WriteStalled if connecting => {
                self.drop_link(cx);
                self.open_failed(cx, OpenFailure::NotSent);
            }
            Event::Malformed { packet_type, .. } => {
                self.reports.push_back(Report::Malformed(packet_type));
                self.lost(cx, Loss::Malformed(packet_type));
            }
            Event::WriteStalled if self.state == State::Disconnecting => self.disconnected(cx),
            Event::WriteStalled => self.lost(cx, Loss::NotSent),
            Event::Violation(_) | Event::PingFailed => self.lost(cx, Loss::Closed),
            Event::PingLost { .. } => self.reports.push_back(Report::TimedOut(Wait::Ping)),
            Event::PingAnswered => self.reports.push_back(Report::PingAnswered),
            Event::Written(ticket) => {
                self.take(ticket);
                self.reports.push_back(Report::Written);
            }
            Event::Received(ticket) => {
                self.reports.push_back(Report::Received { id: ticket.id });
            }
            Event::Published { ticket, qos } => {
                self.take(ticket);
                let id = ticket.id;
                self.reports.push_back(match qos {
                    QoS::Level2 => Report::Completed { id },
                    _ => Report::Acknowledged { id },
                });
            }
            Event::Subscribed { ticket, codes } => self.subscribed(ticket, &codes),
            Event::Unsubscribed(ticket) => {
                if let Some(Request { topic, .. }) = self.take(ticket) {
                    self.subscriptions.retain(|(known, _)| *known != topic);
                    let id = ticket.id;
                    self.reports.push_back(Report::Unsubscribed { id, topic });
                }
            }
            Event::GaveUp { operation, .. } => {
                let wait = match operation {
                    Operation::Subscribe => Wait::Subscribe,
                    Operation::Unsubscribe => Wait::Unsubscribe,
                    Operation::Publish | Operation::Release => Wait::Publish,
                };
                self.reports.push_back(Report::TimedOut(wait));
                self.lost(cx, Loss::Closed);
            }
            Event::Message(mut message) => {
                let acknowledgement = message.acknowledgement.take();
                self.reports.push_back(Report::Message(message));
                if let (Some(acknowledgement), Some(session)) = (acknowledgement, &mut self.session)
                {
                    session.acknowledge(cx.now, acknowledgement);
                }
            }
            Event::Released { id, dup } => self.reports.push_back(Report::Released { id, dup }),
            Event::DisconnectWritten => self.disconnected(cx),
            Event::Discarded { .. }
            | Event::Interrupted { .. }
            | Event::Retransmitted { .. }
            | Event::PingSent => {}
        }
    }

    /// A server without the session has forgotten its subscriptions.
    fn connected(&mut self, cx: &mut Context<'_>, session_present: bool) {
        let clean = self.settings.as_ref().is_some_and(|s| s.clean_session);
        if clean || !session_present {
            self.subscriptions = Vec::new();
        }
        self.machine.reset();
        self.enter(cx, State::Connected);
        self.reports.push_back(Report::Opened);
    }

    fn subscribed(&mut self, ticket: Ticket, codes: &[u8]) {
        let Some(Request { topic, .. }) = self.take(ticket) else {
            return;
        };
        let code = codes.first().copied().unwrap_or(128);
        if code < 128 {
            let mut known = self.subscriptions.iter().map(|(known, _)| known);
            match known.position(|known| *known == topic) {
                Some(at) => self.subscriptions[at].1 = code,
                None if self.subscriptions.len() < MOST_SUBSCRIPTIONS => {
                    self.subscriptions.push((topic.clone(), code));
                }
                None => {}
            }
        }
        let id = ticket.id;
        self.reports
            .push_back(Report::Subscribed { id, code, topic });
    }

    // Helpers

    /// We leave a server that does not want us.
    fn hang_up(&mut self, cx: &mut Context<'_>) {
        if let Some(link) = self.link.take() {
            cx.links.close(link);
        }
    }

    /// The socket is closed at once.
    fn drop_link(&mut self, cx: &mut Context<'_>) {
        if let Some(link) = self.link.take() {
            cx.links.abort(link);
        }
    }

    /// The link is gone; requests under way fail in order.
    fn end(&mut self, loss: Loss) {
        self.deadline = None;
        if let Some(session) = &mut self.session {
            session.lost();
            while session.poll_event().is_some() {}
        }
        for Request { kind, .. } in self.requests.drain(..) {
            self.reports.push_back(Report::Failed { kind, loss });
        }
    }

    fn enter(&mut self, cx: &mut Context<'_>, state: State) {
        self.state = state;
        let state = self.state().name();
        cx.trace(Trace::Client { index: 0, state });
    }
}

/// Whether a connection could use the PDP context.
pub(super) fn has_network(cx: &Context<'_>) -> bool {
    let context = cx.radio.contexts();
    let context = context.get(cx.radio.defaults().default_context);
    cx.radio.is_attached() && context.is_some_and(PdpContext::has_bearer)
}
