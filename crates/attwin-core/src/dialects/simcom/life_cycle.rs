//! The life cycle of a client: connecting, what happens while connected, and
//! every way a connection ends (docs/spec/simcom.md section 6).

use alloc::format;
use core::fmt;
use core::time::Duration;

use bytes::Bytes;

use super::client::{Pending, trace};
use super::connection::{Connection, State};
use super::{SimCom, code, receive};
use crate::handler::{Context, Outcome};
use crate::io::{CloseReason, NetError, NetEvent};
use crate::mqtt::packet::Malformed;
use crate::mqtt::session::{Event, Operation, Patience, RequestError, Session};
use crate::serial::Channel;
use crate::time::Instant;

/// Causes of `+CMQTTCONNLOST` (docs/spec/simcom.md 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    ClosedPassively = 1,
    Reset = 2,
    NetworkClosed = 3,
}

/// A state is left when the host is told of it: no command is looked at before
/// (docs/spec/simcom.md 6).
fn urc(cx: &mut Context<'_>, not_before: Instant, line: impl Into<Bytes>) {
    if not_before > cx.now {
        cx.hold_commands(not_before);
    }
    cx.urc_at(Channel::Client(0), not_before, line);
}

impl SimCom {
    /// AT+CMQTTCONNECT was accepted, and its link is being opened.
    pub(super) fn connecting(&mut self, cx: &mut Context<'_>, connection: Connection) {
        let Some(client) = self.client.as_deref_mut() else {
            return;
        };
        if client.server != connection.server {
            // Session state belongs to one server (MQTT 3.1.1 section 4.1).
            client.session = None;
            client.server = connection.server.clone();
        }
        client.result_not_before = cx.now + cx.delay(self.knobs.urc_delay_ms);
        client.connection = Some(connection);
        trace(cx, State::Opening.name());
    }

    /// AT+CMQTTDISC was accepted.
    pub(super) fn disconnecting(&mut self, cx: &mut Context<'_>, timeout: Option<Duration>) {
        let Some(client) = self.client.as_deref_mut() else {
            return;
        };
        client.hold_lines(cx);
        client.result_not_before = cx.now + cx.delay(self.knobs.urc_delay_ms);
        if let Some(connection) = &mut client.connection {
            connection.deadline = timeout.map(|timeout| cx.now + timeout);
        }
        client.enter(cx, State::Disconnecting);
        if let Some(session) = &mut client.session {
            session.disconnect(cx.now);
        }
        self.drive(cx);
    }

    /// Makes a request of the session; what it refuses could not be sent.
    pub(super) fn request(
        &mut self,
        cx: &mut Context<'_>,
        pending: Pending,
        make: impl FnOnce(&mut Session, Instant, u32) -> Result<u16, RequestError>,
    ) {
        let Some(client) = self.client.as_deref_mut() else {
            return;
        };
        client.result_not_before = cx.now + cx.delay(self.knobs.urc_delay_ms);
        client.pending = Some(pending);
        client.token = client.token.wrapping_add(1);
        let token = client.token;
        let session = client.session.as_mut();
        let made = session.map(|session| make(session, cx.now, token));
        if !matches!(made, Some(Ok(_))) {
            self.finish(cx, code::SEND_FAILED);
        }
        self.drive(cx);
    }

    /// Patience with SUBACK and UNSUBACK.
    pub(super) fn patience(&self) -> Patience {
        let client = self.client.as_ref();
        Patience {
            timeout: client.map_or(Duration::ZERO, |client| client.operation_timeout()),
            retries: 0,
            whole_exchange: true,
        }
    }

    pub(super) fn client_network(&mut self, cx: &mut Context<'_>, event: &NetEvent<'_>) {
        let Some(client) = self.client.as_deref_mut() else {
            return;
        };
        match event {
            NetEvent::Opened => self.opened(cx),
            NetEvent::Failed(error) => self.not_opened(cx, *error),
            NetEvent::Received(bytes) => {
                if let Some(session) = &mut client.session
                    && client
                        .connection
                        .as_ref()
                        .is_some_and(|c| c.state != State::Opening)
                {
                    session.receive(cx.now, bytes);
                }
                self.drive(cx);
            }
            NetEvent::Sent(count) => {
                if let Some(session) = &mut client.session {
                    session.sent(cx.now, *count);
                }
                self.drive(cx);
            }
            NetEvent::Closed(reason) => match client.state() {
                Some(State::Opening | State::Connecting) => {
                    self.connect_failed(cx, code::CLOSED_BY_SERVER);
                }
                Some(State::Connected) => match reason {
                    CloseReason::Finished => self.lost(cx, Cause::ClosedPassively),
                    CloseReason::Reset | CloseReason::TimedOut => self.lost(cx, Cause::Reset),
                    CloseReason::WriteFailed => self.not_sent(cx),
                },
                Some(State::Disconnecting) => self.disconnected(cx, code::DISCONNECT_FAILED),
                None => {}
            },
            NetEvent::Resolved(_) => {}
        }
    }

    pub(super) fn client_timeout(&mut self, cx: &mut Context<'_>) {
        let Some(client) = self.client.as_deref_mut() else {
            return;
        };
        if client.connection.is_some()
            && let Some(session) = &mut client.session
        {
            session.handle_timeout(cx.now);
            self.drive(cx);
        }
        let Some(connection) = self.client.as_ref().and_then(|c| c.connection.as_ref()) else {
            return;
        };
        if connection
            .deadline
            .is_some_and(|deadline| deadline <= cx.now)
        {
            match connection.state {
                State::Opening => self.not_opened(cx, NetError::TimedOut),
                State::Disconnecting => {
                    cx.links.abort(connection.link);
                    self.disconnected(cx, code::TIMEOUT);
                }
                // Only a publish that the network does not take has one.
                State::Connected => self.finish(cx, code::TIMEOUT),
                State::Connecting => {}
            }
        }
    }

    /// The PDP context went down, or the module does.
    pub(super) fn lose_network(&mut self, cx: &mut Context<'_>) {
        let Some(client) = self.client.as_deref_mut() else {
            return;
        };
        let Some(connection) = &client.connection else {
            return;
        };
        cx.links.abort(connection.link);
        match connection.state {
            State::Opening | State::Connecting => {
                self.connect_failed(cx, code::NETWORK_OPEN_FAILED);
            }
            State::Connected => self.lost(cx, Cause::NetworkClosed),
            State::Disconnecting => self.disconnected(cx, code::DISCONNECT_FAILED),
        }
    }

    // Connecting

    /// TCP, and TLS if asked for, is up: CONNECT follows.
    fn opened(&mut self, cx: &mut Context<'_>) {
        let Some(client) = self.client.as_deref_mut() else {
            return;
        };
        let Some(options) = client.connect_options(&self.knobs) else {
            return;
        };
        if let Some(connection) = &mut client.connection {
            connection.deadline = None;
            if core::mem::take(&mut connection.holds_line) {
                cx.complete(Outcome::Ok);
                client.result_not_before = cx.now + cx.delay(self.knobs.urc_delay_ms);
            }
        }
        client.enter(cx, State::Connecting);
        let session = client.session.get_or_insert_default();
        if session.connect(cx.now, options).is_err() {
            return self.connect_failed(cx, code::PACKET_FAILED);
        }
        self.drive(cx);
    }

    /// The network said no, or nothing.
    fn not_opened(&mut self, cx: &mut Context<'_>, error: NetError) {
        let code = match error {
            NetError::Dns => code::DNS_ERROR,
            NetError::Refused | NetError::Unreachable | NetError::TimedOut => code::CONNECT_FAILED,
            NetError::Tls => code::HANDSHAKE_FAILED,
            NetError::Local => code::SOCKET_CREATE_FAILED,
        };
        if let Some(link) = self.client.as_ref().and_then(|client| client.link()) {
            cx.links.abort(link);
        }
        self.connect_failed(cx, code);
    }

    /// CONNECT ends with a code other than 0. Only after an OK that clears the
    /// choice of a TLS context (docs/spec/simcom.md 3.5).
    pub(super) fn connect_failed(&mut self, cx: &mut Context<'_>, code: u8) {
        let Some(client) = self.client.as_deref_mut() else {
            return;
        };
        let holds_line = client.connection.as_ref().is_some_and(|c| c.holds_line);
        let not_before = client.result_not_before;
        client.end(cx);
        let line = format!("+CMQTTCONNECT: 0,{code}");
        if holds_line {
            cx.reply(line);
            cx.complete(Outcome::Error);
        } else {
            self.ssl_context = None;
            urc(cx, not_before, line);
        }
    }

    /// We end an attempt that the server spoiled.
    fn give_up(&mut self, cx: &mut Context<'_>, code: u8) {
        if let Some(link) = self.client.as_ref().and_then(|client| client.link()) {
            cx.links.close(link);
        }
        self.connect_failed(cx, code);
    }

    // Connected

    /// Carries out what the session has decided.
    fn drive(&mut self, cx: &mut Context<'_>) {
        loop {
            let session = self.client.as_mut().and_then(|c| c.session.as_mut());
            let Some(event) = session.and_then(|session| session.poll_event()) else {
                break;
            };
            self.handle_event(cx, event);
        }
        if let Some(client) = &mut self.client {
            client.transmit(cx);
        }
    }

    fn handle_event(&mut self, cx: &mut Context<'_>, event: Event) {
        let Some(client) = self.client.as_deref_mut() else {
            return;
        };
        let connecting = client.is_connecting();
        match event {
            Event::Connected { .. } => {
                let not_before = client.result_not_before;
                client.enter(cx, State::Connected);
                urc(cx, not_before, "+CMQTTCONNECT: 0,0");
            }
            Event::Refused(code) => self.give_up(cx, code::REFUSED_BASE + code),
            Event::ConnectTimedOut => self.give_up(cx, code::TIMEOUT),
            Event::Malformed {
                error: Malformed::ReturnCode(_),
                ..
            } if connecting => self.give_up(cx, code::CONNECTION_REQUIRED),
            Event::Malformed { .. } | Event::Violation(_) if connecting => {
                self.give_up(cx, code::PACKET_FAILED);
            }
            Event::WriteStalled if connecting => self.give_up(cx, code::SEND_FAILED),
            Event::Malformed { error, .. } => self.spoiled(cx, &error),
            Event::Violation(violation) => self.spoiled(cx, &violation),
            Event::PingFailed => self.fell_silent(cx),
            Event::WriteStalled => {
                if let Some(link) = client.link() {
                    cx.links.abort(link);
                }
                match client.state() {
                    Some(State::Disconnecting) => self.disconnected(cx, code::DISCONNECT_FAILED),
                    _ => self.not_sent(cx),
                }
            }
            // One that was given up may be taken by the network later.
            Event::Written(ticket) if ticket.token != client.token => {}
            Event::Written(_) | Event::Published { .. } => self.finish(cx, code::SUCCEEDED),
            Event::Subscribed { codes, .. } => self.subscribed(cx, &codes),
            Event::Unsubscribed(_) => {
                if let Some(Pending::Unsubscribe(topics)) = &client.pending {
                    client.subscriptions.retain(|topic| !topics.contains(topic));
                }
                self.finish(cx, code::SUCCEEDED);
            }
            Event::GaveUp { operation, .. } => {
                debug_assert!(
                    operation != Operation::Release
                        || matches!(client.pending, Some(Pending::Publish))
                );
                self.finish(cx, code::TIMEOUT);
            }
            Event::Message(message) => {
                let block = receive::block(&self.knobs, message.topic.as_bytes(), &message.payload);
                urc(cx, cx.now, block);
                if let (Some(acknowledgement), Some(session)) =
                    (message.acknowledgement, &mut client.session)
                {
                    session.acknowledge(cx.now, acknowledgement);
                }
            }
            Event::DisconnectWritten => {
                if let Some(link) = client.link() {
                    cx.links.close(link);
                }
                self.disconnected(cx, code::SUCCEEDED);
            }
            Event::Discarded { .. }
            | Event::Retransmitted { .. }
            | Event::Interrupted { .. }
            | Event::Received(_)
            | Event::Released { .. }
            | Event::PingSent
            | Event::PingLost { .. }
            | Event::PingAnswered => {}
        }
    }

    fn subscribed(&mut self, cx: &mut Context<'_>, codes: &[u8]) {
        let Some(client) = self.client.as_deref_mut() else {
            return;
        };
        if let Some(Pending::Subscribe(topics)) = &mut client.pending {
            let topics = core::mem::take(topics);
            for (topic, code) in topics.iter().zip(codes) {
                if *code < 128 {
                    client.list(topic);
                }
            }
        }
        let refused = codes.iter().any(|code| *code >= 128);
        self.finish(
            cx,
            if refused {
                code::FAILED
            } else {
                code::SUCCEEDED
            },
        );
    }

    /// The operation under way ended.
    fn finish(&mut self, cx: &mut Context<'_>, code: u8) {
        let Some(client) = self.client.as_deref_mut() else {
            return;
        };
        client.let_lines_go(cx);
        if let Some(pending) = client.pending.take() {
            if let Some(connection) = &mut client.connection {
                connection.deadline = None;
            }
            let line = format!("{}: 0,{code}", pending.command());
            urc(cx, client.result_not_before, line);
        }
    }

    /// The connection is lost: what was under way fails first.
    fn lost(&mut self, cx: &mut Context<'_>, cause: Cause) {
        self.lost_with(cx, cause, code::RECEIVE_FAILED);
    }

    /// Sending failed, which a publish under way says.
    fn not_sent(&mut self, cx: &mut Context<'_>) {
        let pending = self.client.as_ref().and_then(|c| c.pending.as_ref());
        let code = match pending {
            Some(Pending::Publish) => code::SEND_FAILED,
            _ => code::RECEIVE_FAILED,
        };
        self.lost_with(cx, Cause::Reset, code);
    }

    fn lost_with(&mut self, cx: &mut Context<'_>, cause: Cause, code: u8) {
        let Some(client) = self.client.as_deref_mut() else {
            return;
        };
        let not_before = client.result_not_before;
        if let Some(pending) = client.end(cx) {
            urc(cx, not_before, format!("{}: 0,{code}", pending.command()));
        }
        client.forget_what_was_entered();
        urc(cx, cx.now, format!("+CMQTTCONNLOST: 0,{}", cause as u8));
        if cause == Cause::NetworkClosed && self.knobs.nonet_urc {
            urc(cx, cx.now, "+CMQTTNONET");
        }
    }

    /// The server spoiled the connection. It is closed without DISCONNECT:
    /// nobody said goodbye, so the will is published.
    fn spoiled(&mut self, cx: &mut Context<'_>, why: &dyn fmt::Display) {
        cx.note(format!("the server broke the protocol: {why}"));
        if let Some(link) = self.client.as_ref().and_then(|client| client.link()) {
            cx.links.close(link);
        }
        self.lost(cx, Cause::ClosedPassively);
    }

    /// The server does not answer any more.
    fn fell_silent(&mut self, cx: &mut Context<'_>) {
        if let Some(link) = self.client.as_ref().and_then(|client| client.link()) {
            cx.links.abort(link);
        }
        self.lost(cx, Cause::ClosedPassively);
    }

    /// AT+CMQTTDISC ended.
    fn disconnected(&mut self, cx: &mut Context<'_>, code: u8) {
        let Some(client) = self.client.as_deref_mut() else {
            return;
        };
        let not_before = client.result_not_before;
        client.end(cx);
        client.forget_what_was_entered();
        self.ssl_context = None;
        urc(cx, not_before, format!("+CMQTTDISC: 0,{code}"));
    }
}
