//! One of the six MQTT clients: its life cycle and what it reports
//! (docs/spec/quectel.md section 7).

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};
use core::time::Duration;

use bytes::Bytes;

use super::Knobs;
use super::receive::Slots;
use super::settings::Settings;
use crate::handler::Context;
use crate::io::{CloseReason, LinkId, NetError, NetEvent, Trace};
use crate::mqtt::packet::ConnectFields;
use crate::mqtt::session::{
    Delivery, Event, Limits, Options, Patience, PingRule, Rules, Session, Ticket,
};
use crate::serial::Channel;
use crate::time::{Instant, earliest};

/// How long opening may take altogether (docs/spec/quectel.md 3.2).
const OPEN_TIMEOUT: Duration = Duration::from_secs(120);
/// How long TCP may take to connect (docs/spec/quectel.md 3.2).
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(75);
/// How long the server may take to close after our DISCONNECT
/// (docs/spec/quectel.md 3.5).
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// Unacknowledged QoS 1 and 2 publishes of one client (docs/spec/quectel.md 6.4).
pub(super) const WINDOW: u16 = 5;
/// Requests whose result line is still to come. More than the window, because
/// QoS 0, SUBSCRIBE and UNSUBSCRIBE do not count there; beyond, a request fails
/// with result 2.
const MOST_PENDING: usize = 64;

/// Causes of `+QMTSTAT` (docs/spec/quectel.md 7.3).
mod stat {
    pub(super) const CLOSED_BY_PEER: u8 = 1;
    pub(super) const PING_FAILED: u8 = 2;
    pub(super) const CONNECT_NOT_SENT: u8 = 3;
    pub(super) const REFUSED: u8 = 4;
    pub(super) const DISCONNECTED: u8 = 5;
    pub(super) const WRITE_FAILED: u8 = 6;
    pub(super) const LINK_DEAD: u8 = 7;
    pub(super) const CLOSED_BY_CLIENT: u8 = 8;
}

/// Results of `+QMTOPEN` (docs/spec/quectel.md 3.2).
pub(super) mod open {
    pub(in super::super) const OPENED: i8 = 0;
    pub(in super::super) const FAILED: i8 = -1;
    pub(in super::super) const WRONG_PARAMETER: i8 = 1;
    pub(in super::super) const OCCUPIED: i8 = 2;
    pub(in super::super) const PDP_FAILED: i8 = 3;
    pub(in super::super) const DNS_FAILED: i8 = 4;
    pub(in super::super) const NETWORK_LOST: i8 = 5;
}

/// Where a client is in its life (docs/spec/quectel.md 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Closed,
    Opening,
    Open,
    /// CONNECT sent. After a refusal the client stays here until the server
    /// closes or the packet time-out passes.
    Connecting {
        refused: bool,
    },
    Connected,
    /// DISCONNECT queued, and `written` once the network took it.
    Disconnecting {
        written: bool,
    },
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::Closed => "CLOSED",
            Self::Opening => "OPENING",
            Self::Open => "OPEN",
            Self::Connecting { .. } => "CONNECTING",
            Self::Connected => "CONNECTED",
            Self::Disconnecting { .. } => "DISCONNECTING",
        }
    }
}

/// A request whose result line is still to come.
#[derive(Debug)]
struct Pending {
    token: u32,
    /// `QMTPUBEX`, as the result line names it.
    command: &'static str,
    /// The line keeps its distance from the `OK` (docs/spec/quectel.md 2.8).
    not_before: Instant,
}

/// One client.
#[derive(Debug)]
pub(super) struct Client {
    index: u8,
    pub(super) settings: Settings,
    state: State,
    link: Option<LinkId>,
    /// PDP context the connection uses.
    context: u8,
    /// Whether the connection uses TLS.
    tls: bool,
    /// Host and port of the last connection.
    server: (String, u16),
    /// Ends opening, a refusal or disconnecting.
    deadline: Option<Instant>,
    /// Distance the result of the command in progress keeps from its `OK`.
    result_not_before: Instant,
    /// Survives connections to one server; made by the first one.
    session: Option<Box<Session>>,
    pending: Vec<Pending>,
    next_token: u32,
    pub(super) slots: Slots,
}

impl Client {
    pub(super) fn new(index: u8) -> Self {
        Self {
            index,
            settings: Settings::default(),
            state: State::Closed,
            link: None,
            context: 0,
            tls: false,
            server: (String::new(), 0),
            deadline: None,
            result_not_before: Instant::ZERO,
            session: None,
            pending: Vec::new(),
            next_token: 0,
            slots: Slots::default(),
        }
    }

    pub(super) const fn index(&self) -> u8 {
        self.index
    }

    pub(super) const fn state(&self) -> State {
        self.state
    }

    pub(super) const fn link(&self) -> Option<LinkId> {
        self.link
    }

    /// Host and port of the connection, or of the last one.
    pub(super) fn server(&self) -> (&str, u16) {
        (&self.server.0, self.server.1)
    }

    pub(super) const fn context(&self) -> u8 {
        self.context
    }

    /// Whether the connection uses TLS; the settings may have changed since
    /// it was opened (docs/spec/quectel.md 3.1).
    pub(super) const fn uses_tls(&self) -> bool {
        self.tls
    }

    /// Whether AT+QMTCFG may set options (docs/spec/quectel.md 3.1).
    pub(super) const fn is_configurable(&self) -> bool {
        matches!(self.state, State::Closed | State::Opening | State::Open)
    }

    /// Whether TCP is up and the client listed by the read forms of
    /// AT+QMTOPEN and AT+QMTCONN (docs/spec/quectel.md 7.1).
    pub(super) const fn is_listed(&self) -> bool {
        !matches!(self.state, State::Closed | State::Opening)
    }

    /// Whether another QoS 1 or 2 publish fits the window.
    pub(super) fn has_window(&self) -> bool {
        self.session
            .as_ref()
            .is_none_or(|s| s.unacknowledged() < usize::from(WINDOW))
    }

    // Commands

    /// AT+QMTOPEN was accepted and its link is being opened.
    pub(super) fn opening(
        &mut self,
        cx: &mut Context<'_>,
        knobs: &Knobs,
        link: LinkId,
        server: (String, u16),
    ) {
        debug_assert_eq!(self.state, State::Closed);
        if self.server != server {
            // Session state belongs to one server (MQTT 3.1.1 section 4.1).
            self.session = None;
            self.server = server;
        }
        self.link = Some(link);
        self.context = self.settings.pdp_context;
        self.tls = self.settings.tls;
        self.deadline = Some(cx.now + OPEN_TIMEOUT);
        self.result_not_before = cx.now + cx.delay(knobs.result_urc_delay_ms);
        self.enter(cx, State::Opening);
    }

    /// AT+QMTCONN was accepted. `false` if CONNECT cannot be built.
    pub(super) fn connect(
        &mut self,
        cx: &mut Context<'_>,
        knobs: &Knobs,
        connect: ConnectFields,
    ) -> bool {
        debug_assert_eq!(self.state, State::Open);
        let rules = self.rules(knobs);
        let options = Options {
            connect,
            connack_timeout: self.packet_timeout(),
            rules,
        };
        let session = self.session.get_or_insert_default();
        if session.connect(cx.now, options).is_err() {
            return false;
        }
        self.result_not_before = cx.now + cx.delay(knobs.result_urc_delay_ms);
        self.enter(cx, State::Connecting { refused: false });
        self.drive(cx, knobs);
        true
    }

    /// AT+QMTDISC was accepted.
    pub(super) fn disconnect(&mut self, cx: &mut Context<'_>, knobs: &Knobs) {
        debug_assert_eq!(self.state, State::Connected);
        self.result_not_before = cx.now + cx.delay(knobs.result_urc_delay_ms);
        self.deadline = Some(cx.now + DISCONNECT_TIMEOUT);
        self.enter(cx, State::Disconnecting { written: false });
        if let Some(session) = &mut self.session {
            session.disconnect(cx.now);
        }
        self.drive(cx, knobs);
    }

    /// AT+QMTCLOSE: TCP is closed without DISCONNECT.
    pub(super) fn close(&mut self, cx: &mut Context<'_>, knobs: &Knobs) {
        self.hang_up(cx);
        let not_before = cx.now + cx.delay(knobs.result_urc_delay_ms);
        self.urc(cx, not_before, format!("+QMTCLOSE: {},0", self.index));
    }

    /// Power is gone, or the module restarts.
    pub(super) fn reset(&mut self, cx: &mut Context<'_>) {
        if let Some(link) = self.link {
            cx.links.abort(link);
        }
        *self = Self::new(self.index);
    }

    /// Makes a request of the session. One that it refuses fails with result
    /// 2, after the `OK` all the same (docs/spec/quectel.md 3.6, 3.8).
    pub(super) fn request<E>(
        &mut self,
        cx: &mut Context<'_>,
        knobs: &Knobs,
        command: &'static str,
        id: u16,
        make: impl FnOnce(&mut Session, Instant, Patience, u32) -> Result<u16, E>,
    ) {
        let not_before = cx.now + cx.delay(knobs.result_urc_delay_ms);
        let patience = Patience {
            timeout: self.packet_timeout(),
            retries: self.settings.retries,
            whole_exchange: false,
        };
        let token = self.next_token;
        self.next_token = token.wrapping_add(1);
        let made = match &mut self.session {
            Some(session) if self.pending.len() < MOST_PENDING => {
                make(session, cx.now, patience, token).is_ok()
            }
            _ => false,
        };
        if made {
            self.pending.push(Pending {
                token,
                command,
                not_before,
            });
        } else {
            self.urc(cx, not_before, format!("+{command}: {},{id},2", self.index));
        }
        self.drive(cx, knobs);
    }

    // Events

    pub(super) fn network(&mut self, cx: &mut Context<'_>, knobs: &Knobs, event: &NetEvent<'_>) {
        match event {
            NetEvent::Opened if self.state == State::Opening => {
                self.deadline = None;
                self.enter(cx, State::Open);
                self.report_open(cx, open::OPENED);
            }
            NetEvent::Failed(error) => {
                self.link_gone(cx);
                let result = match error {
                    NetError::Dns => open::DNS_FAILED,
                    _ => open::FAILED,
                };
                self.report_open(cx, result);
            }
            NetEvent::Received(bytes) => self.received(cx, knobs, bytes),
            NetEvent::Sent(count) => {
                if let Some(session) = &mut self.session {
                    session.sent(cx.now, *count);
                }
                self.drive(cx, knobs);
            }
            NetEvent::Closed(reason) => self.closed(cx, knobs, *reason),
            NetEvent::Opened | NetEvent::Resolved(_) => {}
        }
    }

    /// Before CONNECT nothing a server says has a meaning.
    fn received(&mut self, cx: &mut Context<'_>, knobs: &Knobs, bytes: &[u8]) {
        if matches!(
            self.state,
            State::Connecting { refused: false } | State::Connected
        ) && let Some(session) = &mut self.session
        {
            session.receive(cx.now, bytes);
            self.drive(cx, knobs);
        }
    }

    /// The peer or the network ended the connection.
    fn closed(&mut self, cx: &mut Context<'_>, knobs: &Knobs, reason: CloseReason) {
        let state = self.state;
        self.link_gone(cx);
        match (state, reason) {
            (State::Closed, _) => {}
            (State::Opening, _) => self.report_open(cx, open::FAILED),
            (State::Connecting { refused: true }, _) => self.report_stat(cx, stat::REFUSED),
            (State::Connecting { .. }, CloseReason::WriteFailed) => {
                self.report_not_connected(cx);
                self.report_stat(cx, stat::CONNECT_NOT_SENT);
            }
            (State::Disconnecting { written: false }, _) => self.report_not_disconnected(cx),
            (State::Disconnecting { .. }, reason) if reason != CloseReason::TimedOut => {
                if knobs.disc_stat5 {
                    self.report_stat(cx, stat::DISCONNECTED);
                }
            }
            (_, CloseReason::TimedOut) => self.report_stat(cx, stat::LINK_DEAD),
            (_, CloseReason::WriteFailed) => self.report_stat(cx, stat::WRITE_FAILED),
            (_, CloseReason::Finished | CloseReason::Reset) => {
                self.report_stat(cx, stat::CLOSED_BY_PEER);
            }
        }
    }

    /// The PDP context the connection uses went down.
    pub(super) fn context_down(&mut self, cx: &mut Context<'_>) {
        let state = self.state;
        if let Some(link) = self.link {
            cx.links.abort(link);
        }
        self.link_gone(cx);
        match state {
            State::Closed => {}
            State::Opening => self.report_open(cx, open::NETWORK_LOST),
            _ => self.report_stat(cx, stat::CLOSED_BY_PEER),
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let session = self.session.as_ref().filter(|_| self.link.is_some());
        earliest(self.deadline, session.and_then(|s| s.poll_timeout()))
    }

    pub(super) fn handle_timeout(&mut self, cx: &mut Context<'_>, knobs: &Knobs) {
        if self.link.is_some()
            && let Some(session) = &mut self.session
        {
            session.handle_timeout(cx.now);
            self.drive(cx, knobs);
        }
        if self.deadline.is_none_or(|deadline| deadline > cx.now) {
            return;
        }
        let state = self.state;
        self.hang_up(cx);
        match state {
            State::Opening => self.report_open(cx, open::FAILED),
            State::Connecting { .. } => self.report_stat(cx, stat::REFUSED),
            State::Disconnecting { written: false } => self.report_not_disconnected(cx),
            // The server never closed; neither do we say more.
            _ => {}
        }
    }

    /// Carries out what the session has decided.
    fn drive(&mut self, cx: &mut Context<'_>, knobs: &Knobs) {
        while let Some(event) = self.session.as_mut().and_then(|s| s.poll_event()) {
            self.handle_event(cx, knobs, event);
        }
        self.transmit(cx);
    }

    fn transmit(&mut self, cx: &mut Context<'_>) {
        if let (Some(link), Some(session)) = (self.link, &mut self.session) {
            while let Some(packet) = session.poll_transmit() {
                cx.links.send(link, packet);
            }
        }
    }

    fn handle_event(&mut self, cx: &mut Context<'_>, knobs: &Knobs, event: Event) {
        match event {
            Event::Connected { .. } => {
                self.enter(cx, State::Connected);
                self.urc(
                    cx,
                    self.result_not_before,
                    format!("+QMTCONN: {},0,0", self.index),
                );
            }
            Event::Refused(code) => {
                self.enter(cx, State::Connecting { refused: true });
                self.deadline = Some(cx.now + self.packet_timeout());
                self.urc(
                    cx,
                    self.result_not_before,
                    format!("+QMTCONN: {},0,{code}", self.index),
                );
            }
            // A CONNECT the network has not even taken failed earlier than at
            // its answer.
            Event::ConnectTimedOut if self.session.as_ref().is_some_and(|s| s.unsent() > 0) => {
                self.write_stalled(cx);
            }
            Event::ConnectTimedOut => {
                self.hang_up(cx);
                self.report_not_connected(cx);
                self.report_stat(cx, knobs.connack_timeout_code);
            }
            Event::Retransmitted { ticket, count, .. } => {
                self.report_retransmission(cx, knobs, ticket, count);
            }
            Event::Written(ticket) | Event::Published { ticket, .. } => {
                self.report_result(cx, ticket, ",0");
            }
            Event::Unsubscribed(ticket) => self.report_result(cx, ticket, ",0"),
            Event::Subscribed { ticket, codes } => {
                let mut result = String::from(",0");
                for code in codes {
                    let _ = write!(result, ",{code}");
                }
                self.report_result(cx, ticket, &result);
            }
            Event::GaveUp { ticket, .. } => self.report_result(cx, ticket, ",2"),
            Event::Interrupted { ticket, .. } => {
                // Pending requests vanish with the link (docs/spec/quectel.md 6.7).
                self.take_pending(ticket);
            }
            Event::Message(message) => {
                let accepted =
                    self.slots
                        .deliver(cx, self.index, self.settings.receive, knobs, &message);
                if let (true, Some(acknowledgement)) = (accepted, message.acknowledgement)
                    && let Some(session) = &mut self.session
                {
                    session.acknowledge(cx.now, acknowledgement);
                }
            }
            Event::PingFailed => {
                self.hang_up(cx);
                self.urc(cx, cx.now, format!("+QMTPING: {},1", self.index));
                self.report_stat(cx, stat::PING_FAILED);
            }
            Event::DisconnectWritten if matches!(self.state, State::Disconnecting { .. }) => {
                self.state = State::Disconnecting { written: true };
                self.urc(
                    cx,
                    self.result_not_before,
                    format!("+QMTDISC: {},0", self.index),
                );
                if !knobs.disc_stat5 {
                    self.hang_up(cx);
                }
            }
            Event::WriteStalled => self.write_stalled(cx),
            Event::Malformed { error, .. } => self.violated(cx, &error),
            Event::Violation(violation) => self.violated(cx, &violation),
            Event::Discarded { .. }
            | Event::Received(_)
            | Event::Released { .. }
            | Event::PingSent
            | Event::PingLost { .. }
            | Event::PingAnswered
            | Event::DisconnectWritten => {}
        }
    }

    /// A packet stayed unwritable for too long.
    fn write_stalled(&mut self, cx: &mut Context<'_>) {
        let state = self.state;
        if let Some(link) = self.link {
            cx.links.abort(link);
        }
        self.link_gone(cx);
        match state {
            State::Connecting { .. } => {
                self.report_not_connected(cx);
                self.report_stat(cx, stat::CONNECT_NOT_SENT);
            }
            _ => self.report_stat(cx, stat::WRITE_FAILED),
        }
    }

    /// The server broke the protocol: say DISCONNECT and leave.
    fn violated(&mut self, cx: &mut Context<'_>, why: &dyn fmt::Display) {
        cx.note(format!(
            "client {}: the server broke the protocol: {why}",
            self.index
        ));
        if let Some(session) = &mut self.session {
            session.disconnect(cx.now);
        }
        self.transmit(cx);
        self.hang_up(cx);
        self.report_stat(cx, stat::CLOSED_BY_CLIENT);
    }

    // Reports

    fn report_open(&self, cx: &mut Context<'_>, result: i8) {
        self.urc(
            cx,
            self.result_not_before,
            format!("+QMTOPEN: {},{result}", self.index),
        );
    }

    fn report_not_connected(&self, cx: &mut Context<'_>) {
        self.urc(
            cx,
            self.result_not_before,
            format!("+QMTCONN: {},2", self.index),
        );
    }

    /// DISCONNECT could not be written (docs/spec/quectel.md 3.5).
    fn report_not_disconnected(&self, cx: &mut Context<'_>) {
        self.urc(
            cx,
            self.result_not_before,
            format!("+QMTDISC: {},-1", self.index),
        );
        self.report_stat(cx, stat::WRITE_FAILED);
    }

    fn report_stat(&self, cx: &mut Context<'_>, cause: u8) {
        self.urc(cx, cx.now, format!("+QMTSTAT: {},{cause}", self.index));
    }

    fn report_result(&mut self, cx: &mut Context<'_>, ticket: Ticket, result: &str) {
        if let Some(pending) = self.take_pending(ticket) {
            let line = format!("+{}: {},{}{result}", pending.command, self.index, ticket.id);
            self.urc(cx, pending.not_before, line);
        }
    }

    fn report_retransmission(
        &self,
        cx: &mut Context<'_>,
        knobs: &Knobs,
        ticket: Ticket,
        count: u8,
    ) {
        let pending = self
            .pending
            .iter()
            .find(|p| !ticket.resumed && p.token == ticket.token);
        if let Some(pending) = pending.filter(|_| self.settings.timeout_notice) {
            let id = if knobs.retx_msgid_zero { 0 } else { ticket.id };
            let line = format!("+{}: {},{id},1,{count}", pending.command, self.index);
            self.urc(cx, pending.not_before, line);
        }
    }

    fn take_pending(&mut self, ticket: Ticket) -> Option<Pending> {
        if ticket.resumed {
            return None;
        }
        let at = self.pending.iter().position(|p| p.token == ticket.token)?;
        Some(self.pending.remove(at))
    }

    fn urc(&self, cx: &mut Context<'_>, not_before: Instant, line: impl Into<Bytes>) {
        cx.urc_at(Channel::Client(self.index), not_before, line);
    }

    // Helpers

    fn enter(&mut self, cx: &mut Context<'_>, state: State) {
        self.state = state;
        cx.trace(Trace::Client {
            index: self.index,
            state: state.name(),
        });
    }

    /// We end the connection.
    fn hang_up(&mut self, cx: &mut Context<'_>) {
        if let Some(link) = self.link {
            match self.state {
                State::Opening => cx.links.abort(link),
                _ => cx.links.close(link),
            }
        }
        self.link_gone(cx);
    }

    /// The connection is over, whoever ended it.
    fn link_gone(&mut self, cx: &mut Context<'_>) {
        if let Some(link) = self.link.take() {
            cx.links.gone(link);
        }
        self.deadline = None;
        self.slots = Slots::default();
        if let Some(session) = &mut self.session {
            session.lost();
            while session.poll_event().is_some() {}
        }
        self.pending.clear();
        self.enter(cx, State::Closed);
    }

    fn packet_timeout(&self) -> Duration {
        Duration::from_secs(u64::from(self.settings.packet_timeout))
    }

    fn rules(&self, knobs: &Knobs) -> Rules {
        let keep_alive = Duration::from_secs(u64::from(self.settings.keep_alive));
        Rules {
            window: WINDOW,
            release_abandoned: false,
            delivery: Delivery::OnRelease,
            ping: PingRule::UntilSilent {
                every: Duration::from_secs(u64::from(self.settings.ping_interval)),
                silence: knobs.ping_deadline_factor.of(keep_alive),
            },
            any_packet_answers_ping: true,
            write_timeout: Some(self.packet_timeout() * (u32::from(self.settings.retries) + 1)),
            limits: Limits::default(),
            ..Rules::default()
        }
    }
}
