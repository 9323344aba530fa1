//! The one MQTT connection: its life cycle and what it reports
//! (docs/spec/yuge.md sections 7 and 8).

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::connection::Attempt;
use super::publish::Published;
use super::receive::Inbox;
use crate::handler::Context;
use crate::io::{LinkId, NetEvent, Trace};
use crate::mqtt::packet::QoS;
use crate::mqtt::session::{Event, Options, Patience, RequestError, Session, Ticket};
use crate::serial::Channel;
use crate::time::{Instant, earliest};

/// Operations that await an acknowledgement at once (docs/spec/yuge.md 2.7).
const MOST_UNACKNOWLEDGED: usize = 16;

/// Where the connection is in its life (docs/spec/yuge.md section 8).
#[derive(Debug, Default)]
enum State {
    #[default]
    Idle,
    /// TCP, and TLS if asked for, are being set up until the deadline.
    Opening {
        deadline: Instant,
        options: Box<Options>,
    },
    /// CONNECT was sent.
    Connecting,
    Connected,
}

impl State {
    const fn name(&self) -> &'static str {
        match self {
            Self::Idle => "IDLE",
            Self::Opening { .. } | Self::Connecting => "CONNECTING",
            Self::Connected => "CONNECTED",
        }
    }
}

/// What the host asked of the server.
#[derive(Debug)]
pub(super) enum Request {
    Subscribe {
        filter: Bytes,
        qos: QoS,
    },
    Unsubscribe {
        filter: Bytes,
    },
    Publish {
        /// The result line's name, with its colon.
        head: &'static str,
        qos: QoS,
    },
}

impl Request {
    /// Whether the server acknowledges it.
    fn is_acknowledged(&self) -> bool {
        !matches!(
            self,
            Self::Publish {
                qos: QoS::Level0,
                ..
            }
        )
    }
}

/// A request whose result is still to come.
#[derive(Debug)]
struct Pending {
    token: u32,
    request: Request,
}

/// What read forms show of requests past (docs/spec/yuge.md 3.9 to 3.12).
#[derive(Debug, Default)]
pub(super) struct Records {
    /// Filter and requested QoS of the last subscription that succeeded.
    pub(super) subscribed: Option<(Bytes, QoS)>,
    /// Filter and status of the last UNSUB that ended.
    pub(super) unsubscribed: Option<(Bytes, i8)>,
    /// The last publish of AT+IMQTTPUB or AT+IMQTTPUBEX.
    pub(super) published: Option<Published>,
    /// The last publish of AT+IMQTTPUBIN, its message as digits.
    pub(super) published_digits: Option<Published>,
}

/// The connection, and what outlives it until the next restart.
#[derive(Debug, Default)]
pub(super) struct Client {
    state: State,
    link: Option<LinkId>,
    /// Survives connections to one server.
    session: Option<Box<Session>>,
    /// Host and port the session belongs to.
    server: (String, u16),
    pending: Vec<Pending>,
    next_token: u32,
    pub(super) inbox: Inbox,
    pub(super) records: Records,
}

fn urc(cx: &mut Context<'_>, line: impl Into<Bytes>) {
    cx.urc_at(Channel::Client(0), cx.now, line);
}

impl Client {
    pub(super) fn link(&self) -> Option<LinkId> {
        self.link
    }

    pub(super) fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle)
    }

    pub(super) fn is_connected(&self) -> bool {
        matches!(self.state, State::Connected)
    }

    /// Whether a request of this kind would be taken; the log says why not.
    pub(super) fn takes(&self, cx: &mut Context<'_>, request: &Request) -> bool {
        if !self.is_connected() {
            cx.note("there is no MQTT connection");
            return false;
        }
        let waiting = self.pending.iter().map(|pending| &pending.request);
        let unacknowledged = waiting.filter(|request| request.is_acknowledged()).count();
        let has_room = !request.is_acknowledged() || unacknowledged < MOST_UNACKNOWLEDGED;
        if !has_room {
            cx.note(format!(
                "{MOST_UNACKNOWLEDGED} requests await their acknowledgement"
            ));
        }
        has_room
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Idle => None,
            State::Opening { deadline, .. } => Some(deadline),
            State::Connecting | State::Connected => {
                earliest(self.session.as_ref().and_then(|s| s.poll_timeout()), None)
            }
        }
    }

    // Commands

    /// AT+IMQTTCONN was accepted.
    pub(super) fn connect(&mut self, cx: &mut Context<'_>, attempt: Attempt) {
        debug_assert!(self.is_idle());
        let Attempt {
            server,
            tls,
            options,
            limit,
        } = attempt;
        if self.server != server {
            // Session state belongs to one server (MQTT 3.1.1 section 4.1).
            self.session = None;
            self.server = server.clone();
        }
        let (host, port) = server;
        self.link = Some(cx.links.open(host, port, tls, limit));
        let deadline = cx.now + limit;
        self.enter(cx, State::Opening { deadline, options });
    }

    /// Says the result of AT+IMQTTCONN where nothing happens on the network.
    pub(super) fn report_connection(&self, cx: &mut Context<'_>, result: i8) {
        urc(cx, format!("+IMQTTCONN:{result}"));
    }

    /// AT+IMQTTDISCONN was accepted: DISCONNECT, then the socket is closed.
    pub(super) fn disconnect(&mut self, cx: &mut Context<'_>) {
        if let (State::Connected, Some(session)) = (&self.state, &mut self.session) {
            session.disconnect(cx.now);
        }
        self.transmit(cx);
        self.hang_up(cx);
    }

    /// Makes a request of the session; `false` if it is not taken, and then
    /// took no packet identifier.
    pub(super) fn request(
        &mut self,
        cx: &mut Context<'_>,
        request: Request,
        timeout: Duration,
        make: impl FnOnce(&mut Session, Instant, Patience, u32) -> Result<u16, RequestError>,
    ) -> bool {
        if !self.takes(cx, &request) {
            return false;
        }
        let Some(session) = &mut self.session else {
            return false;
        };
        let patience = Patience {
            timeout,
            retries: 0,
            whole_exchange: false,
        };
        let token = self.next_token;
        match make(session, cx.now, patience, token) {
            Ok(_) => {
                self.next_token = token.wrapping_add(1);
                self.pending.push(Pending { token, request });
                self.drive(cx);
                true
            }
            Err(error) => {
                cx.note(format!("the request is not taken: {error}"));
                false
            }
        }
    }

    /// Power is gone, or the module restarts.
    pub(super) fn abort(&mut self, cx: &mut Context<'_>) {
        if let Some(link) = self.link.take() {
            cx.links.abort(link);
        }
        self.state = State::Idle;
    }

    // Events

    pub(super) fn network(&mut self, cx: &mut Context<'_>, event: &NetEvent<'_>) {
        match event {
            NetEvent::Opened => self.opened(cx),
            NetEvent::Failed(_) | NetEvent::Closed(_) => self.end(cx),
            NetEvent::Received(bytes) => {
                if let (State::Connecting | State::Connected, Some(session)) =
                    (&self.state, &mut self.session)
                {
                    session.receive(cx.now, bytes);
                }
                self.drive(cx);
            }
            NetEvent::Sent(count) => {
                if let Some(session) = &mut self.session {
                    session.sent(cx.now, *count);
                }
                self.drive(cx);
            }
            NetEvent::Resolved(_) => {}
        }
    }

    /// The bearer went down.
    pub(super) fn lose_network(&mut self, cx: &mut Context<'_>) {
        if let Some(link) = self.link {
            cx.links.abort(link);
            self.end(cx);
        }
    }

    pub(super) fn handle_timeout(&mut self, cx: &mut Context<'_>) {
        match self.state {
            State::Opening { deadline, .. } if deadline <= cx.now => self.hang_up(cx),
            State::Connecting | State::Connected => {
                if let Some(session) = &mut self.session {
                    session.handle_timeout(cx.now);
                }
                self.drive(cx);
            }
            State::Idle | State::Opening { .. } => {}
        }
    }

    fn opened(&mut self, cx: &mut Context<'_>) {
        let State::Opening { options, .. } = core::mem::take(&mut self.state) else {
            return;
        };
        self.enter(cx, State::Connecting);
        let session = self.session.get_or_insert_default();
        match session.connect(cx.now, *options) {
            Ok(()) => self.drive(cx),
            Err(error) => self.give_up(cx, &error),
        }
    }

    /// Carries out what the session has decided.
    fn drive(&mut self, cx: &mut Context<'_>) {
        while let Some(event) = self.session.as_mut().and_then(|s| s.poll_event()) {
            self.handle_event(cx, event);
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

    fn handle_event(&mut self, cx: &mut Context<'_>, event: Event) {
        match event {
            Event::Connected { .. } => {
                self.enter(cx, State::Connected);
                self.report_connection(cx, 0);
            }
            Event::Refused(code) => {
                self.give_up(cx, &format_args!("CONNACK has return code {code}"));
            }
            Event::ConnectTimedOut => self.give_up(cx, &"no CONNACK came in time"),
            Event::Malformed { error, .. } => self.give_up(cx, &error),
            Event::Violation(violation) => self.give_up(cx, &violation),
            Event::PingFailed => self.give_up(cx, &"no PINGRESP came in time"),
            Event::WriteStalled => self.give_up(cx, &"the server takes no more bytes"),
            Event::Written(ticket) | Event::Published { ticket, .. } => {
                self.finish(cx, ticket, Ok(0));
            }
            Event::Subscribed { ticket, codes } => {
                let granted = codes.first().copied().filter(|code| *code < 128);
                self.finish(cx, ticket, granted.ok_or(()));
            }
            Event::Unsubscribed(ticket) => self.finish(cx, ticket, Ok(0)),
            Event::GaveUp { ticket, .. } | Event::Interrupted { ticket, .. } => {
                self.finish(cx, ticket, Err(()));
            }
            Event::Message(message) => {
                self.inbox.deliver(cx, &message);
                if let (Some(acknowledgement), Some(session)) =
                    (message.acknowledgement, &mut self.session)
                {
                    session.acknowledge(cx.now, acknowledgement);
                }
            }
            Event::Discarded { .. }
            | Event::Retransmitted { .. }
            | Event::Received(_)
            | Event::Released { .. }
            | Event::PingSent
            | Event::PingLost { .. }
            | Event::PingAnswered
            | Event::DisconnectWritten => {}
        }
    }

    /// A request ended; granted QoS is all a server ever says about success.
    fn finish(&mut self, cx: &mut Context<'_>, ticket: Ticket, result: Result<u8, ()>) {
        let Some(at) = self.pending.iter().position(|p| p.token == ticket.token) else {
            return;
        };
        let id = ticket.id;
        match self.pending.remove(at).request {
            Request::Subscribe { filter, qos } => {
                if result.is_ok() {
                    self.records.subscribed = Some((filter, qos));
                }
                urc(cx, format!("+IMQTTSUB:{id},{}", result.unwrap_or(128)));
            }
            Request::Unsubscribe { filter } => {
                let status = if result.is_ok() { 0 } else { -1 };
                self.records.unsubscribed = Some((filter, status));
                urc(cx, format!("+IMQTTUNSUB:{id},{status}"));
            }
            Request::Publish { head, .. } => {
                urc(cx, format!("{head}{id},{}", u8::from(result.is_err())));
            }
        }
    }

    // Endings

    /// We leave a connection the server spoiled or left; the host is told no
    /// reason, the log is.
    fn give_up(&mut self, cx: &mut Context<'_>, why: &dyn core::fmt::Display) {
        cx.note(format!("the MQTT connection ends: {why}"));
        self.hang_up(cx);
    }

    fn hang_up(&mut self, cx: &mut Context<'_>) {
        if let Some(link) = self.link {
            match self.state {
                State::Opening { .. } => cx.links.abort(link),
                _ => cx.links.close(link),
            }
        }
        self.end(cx);
    }

    /// The connection is over, whoever ended it: what was under way fails in
    /// the order it was asked for, then the end is said (docs/spec/yuge.md 7.3).
    fn end(&mut self, cx: &mut Context<'_>) {
        let Some(link) = self.link.take() else {
            return;
        };
        cx.links.gone(link);
        self.enter(cx, State::Idle);
        if let Some(session) = &mut self.session {
            session.lost();
        }
        while let Some(event) = self.session.as_mut().and_then(|s| s.poll_event()) {
            if let Event::Interrupted { ticket, .. } = event {
                self.finish(cx, ticket, Err(()));
            }
        }
        debug_assert!(self.pending.is_empty(), "every request is interrupted");
        self.report_connection(cx, -1);
    }

    fn enter(&mut self, cx: &mut Context<'_>, state: State) {
        self.state = state;
        cx.trace(Trace::Client {
            index: 0,
            state: self.state.name(),
        });
    }
}
