//! The life cycle of a client: connecting, what happens while connected, and
//! every way a connection ends (docs/spec/simcom.md section 6).

use alloc::format;
use core::time::Duration;

use bytes::Bytes;

use super::client::{Client, ConnectRequest, Pending};
use super::{Knobs, code, receive};
use crate::handler::{Context, Outcome};
use crate::io::{CloseReason, NetError, NetEvent};
use crate::mqtt::client::{Completion, Event, Failure, Phase, Route, Unfinished};
use crate::mqtt::packet::{Malformed, QoS};
use crate::mqtt::session::{Ask, PacketId, Retry};
use crate::serial::Channel;
use crate::time::Instant;

/// Why a connection is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    ClosedPassively,
    Reset,
    /// The network takes no more bytes, which a publish under way says.
    NotSent,
    NetworkClosed,
}

impl Cause {
    /// As `+CMQTTCONNLOST` counts (docs/spec/simcom.md 5.1).
    const fn number(self) -> u8 {
        match self {
            Self::ClosedPassively => 1,
            Self::Reset | Self::NotSent => 2,
            Self::NetworkClosed => 3,
        }
    }

    /// The result of a request that was under way.
    const fn result(self, request: &Pending) -> u8 {
        match (self, request) {
            (Self::NotSent, Pending::Publish) => code::SEND_FAILED,
            _ => code::RECEIVE_FAILED,
        }
    }
}

impl Client {
    // Commands

    /// AT+CMQTTCONNECT was accepted.
    pub(super) fn connect(
        &mut self,
        cx: &mut Context<'_>,
        knobs: &Knobs,
        route: Route,
        request: ConnectRequest,
    ) {
        self.mqtt.open(cx.now, cx.links, route);
        self.request = Some(request);
        self.holds_connect = knobs.connect_sync_errors;
        self.begin(cx, knobs);
        self.trace(cx);
    }

    /// AT+CMQTTDISC was accepted.
    pub(super) fn disconnect(
        &mut self,
        cx: &mut Context<'_>,
        knobs: &Knobs,
        timeout: Option<Duration>,
    ) {
        self.hold_lines(cx);
        self.begin(cx, knobs);
        self.mqtt.disconnect(cx.now, timeout);
        self.trace(cx);
        self.drive(cx, knobs);
    }

    /// Sends SUBSCRIBE; its result comes by URC.
    pub(super) fn subscribe(
        &mut self,
        cx: &mut Context<'_>,
        knobs: &Knobs,
        filters: &[(Bytes, QoS)],
    ) {
        let topics = filters.iter().map(|(topic, _)| topic.clone()).collect();
        let (ask, timeout) = (Ask::Subscribe(filters), self.operation_timeout());
        self.request(cx, knobs, Pending::Subscribe(topics), ask, timeout);
    }

    /// Sends UNSUBSCRIBE; its result comes by URC.
    pub(super) fn unsubscribe(&mut self, cx: &mut Context<'_>, knobs: &Knobs, filters: &[Bytes]) {
        let pending = Pending::Unsubscribe(filters.to_vec());
        let (ask, timeout) = (Ask::Unsubscribe(filters), self.operation_timeout());
        self.request(cx, knobs, pending, ask, timeout);
    }

    /// Sends PUBLISH; its result comes by URC. One of QoS 0 has it when the
    /// network has taken it, which the host's next line waits for.
    pub(super) fn publish(
        &mut self,
        cx: &mut Context<'_>,
        knobs: &Knobs,
        ask: Ask<'_>,
        timeout: Duration,
    ) {
        if let Ask::Publish {
            qos: QoS::Level0, ..
        } = ask
        {
            self.hold_lines(cx);
            self.mqtt.set_deadline(Some(cx.now + timeout));
        }
        self.request(cx, knobs, Pending::Publish, ask, timeout);
    }

    /// Makes a request; what the session refuses could not be sent.
    fn request(
        &mut self,
        cx: &mut Context<'_>,
        knobs: &Knobs,
        pending: Pending,
        ask: Ask<'_>,
        timeout: Duration,
    ) {
        self.begin(cx, knobs);
        let retry = Retry {
            timeout,
            retries: 0,
            whole_exchange: true,
        };
        let command = pending.command();
        let made = self
            .mqtt
            .request(cx.now, PacketId::Next, ask, retry, pending);
        if made.is_err() {
            self.finish(cx, command, code::SEND_FAILED);
        }
        self.drive(cx, knobs);
    }

    /// A command was accepted whose result comes by URC.
    fn begin(&mut self, cx: &Context<'_>, knobs: &Knobs) {
        self.result_not_before = cx.now + cx.delay(knobs.urc_delay_ms);
    }

    // Events

    pub(super) fn network(&mut self, cx: &mut Context<'_>, knobs: &Knobs, event: &NetEvent<'_>) {
        self.mqtt.network(cx.now, cx.links, event);
        self.drive(cx, knobs);
    }

    pub(super) fn handle_timeout(&mut self, cx: &mut Context<'_>, knobs: &Knobs) {
        self.mqtt.handle_timeout(cx.now, cx.links);
        self.drive(cx, knobs);
    }

    /// The PDP context went down, or the module does.
    pub(super) fn lose_network(&mut self, cx: &mut Context<'_>, knobs: &Knobs) {
        let phase = self.phase();
        if phase == Phase::Closed {
            return;
        }
        let unfinished = self.mqtt.abort(cx.links);
        match phase {
            Phase::Connected => {
                self.lost(cx, knobs, &unfinished, Cause::NetworkClosed);
            }
            Phase::Disconnecting => self.disconnected(cx, code::DISCONNECT_FAILED),
            _ => self.connect_failed(cx, code::NETWORK_OPEN_FAILED),
        }
    }

    fn drive(&mut self, cx: &mut Context<'_>, knobs: &Knobs) {
        while let Some(event) = self.mqtt.poll_event(cx.now, cx.links) {
            self.handle_event(cx, knobs, event);
        }
    }

    fn handle_event(&mut self, cx: &mut Context<'_>, knobs: &Knobs, event: Event<Pending>) {
        match event {
            Event::Opened => self.opened(cx, knobs),
            Event::OpenFailed(error) => {
                self.mqtt.abort(cx.links);
                let code = match error {
                    NetError::Dns => code::DNS_ERROR,
                    NetError::Refused | NetError::Unreachable | NetError::TimedOut => {
                        code::CONNECT_FAILED
                    }
                    NetError::Tls => code::HANDSHAKE_FAILED,
                    NetError::Local => code::SOCKET_CREATE_FAILED,
                };
                self.connect_failed(cx, code);
            }
            Event::Connected { .. } => {
                self.trace(cx);
                let line = format!("+CMQTTCONNECT: {},0", self.index);
                self.urc(cx, self.result_not_before, line);
            }
            Event::Failed(failure) if self.is_connecting() => {
                self.mqtt.close(cx.links);
                let code = match failure {
                    Failure::Refused(code) => code::REFUSED_BASE + code,
                    Failure::ConnectTimedOut => code::TIMEOUT,
                    Failure::Malformed {
                        error: Malformed::ReturnCode(_),
                        ..
                    } => code::CONNECTION_REQUIRED,
                    Failure::Malformed { .. } | Failure::Violation(_) => code::PACKET_FAILED,
                    Failure::WriteStalled | Failure::PingFailed => code::SEND_FAILED,
                };
                self.connect_failed(cx, code);
            }
            Event::Failed(failure) => self.failed(cx, knobs, &failure),
            Event::Closed(reason) => self.closed(cx, knobs, reason),
            Event::Expired => match self.phase() {
                Phase::Disconnecting => {
                    self.mqtt.abort(cx.links);
                    self.disconnected(cx, code::TIMEOUT);
                }
                // Only a publish that the network does not take has one.
                _ => {
                    for Unfinished { request, .. } in self.mqtt.forget_requests() {
                        self.finish(cx, request.command(), code::TIMEOUT);
                    }
                }
            },
            Event::Finished {
                request,
                completion,
                ..
            } => {
                let code = self.take_result(&request, &completion);
                self.finish(cx, request.command(), code);
            }
            Event::Discarded(discarded) => cx.note(format!("client {}: {discarded}", self.index)),
            Event::Message(message) => {
                let (topic, payload) = (message.topic.as_bytes(), &message.payload);
                let block = receive::block(knobs, self.index, topic, payload);
                self.urc(cx, cx.now, block);
                self.mqtt.acknowledge(cx.now, message.acknowledgement);
            }
            Event::DisconnectWritten => {
                self.mqtt.close(cx.links);
                self.disconnected(cx, code::SUCCEEDED);
            }
            Event::ConnectWritten
            | Event::Retransmitted { .. }
            | Event::Received { .. }
            | Event::Released { .. }
            | Event::PingLost
            | Event::PingAnswered => {}
        }
    }

    /// TCP, and TLS if asked for, is up: CONNECT follows.
    fn opened(&mut self, cx: &mut Context<'_>, knobs: &Knobs) {
        let Some(options) = self.connect_options(knobs) else {
            return;
        };
        if core::mem::take(&mut self.holds_connect) {
            cx.complete(Outcome::Ok);
            self.begin(cx, knobs);
        }
        match self.mqtt.connect(cx.now, options) {
            Ok(()) => self.trace(cx),
            Err(_) => {
                self.mqtt.abort(cx.links);
                self.connect_failed(cx, code::PACKET_FAILED);
            }
        }
    }

    /// The connection is of no more use.
    fn failed(&mut self, cx: &mut Context<'_>, knobs: &Knobs, failure: &Failure) {
        match failure {
            Failure::WriteStalled => self.closed(cx, knobs, CloseReason::WriteFailed),
            Failure::PingFailed | Failure::ConnectTimedOut | Failure::Refused(_) => {
                let unfinished = self.mqtt.abort(cx.links);
                self.lost(cx, knobs, &unfinished, Cause::ClosedPassively);
            }
            // The link is closed without DISCONNECT, so that the server
            // publishes the will.
            Failure::Malformed { .. } | Failure::Violation(_) => {
                cx.note(format!("the server broke the protocol: {failure}"));
                let unfinished = self.mqtt.close(cx.links);
                self.lost(cx, knobs, &unfinished, Cause::ClosedPassively);
            }
        }
    }

    /// The peer or the network ended the connection.
    fn closed(&mut self, cx: &mut Context<'_>, knobs: &Knobs, reason: CloseReason) {
        let cause = match reason {
            CloseReason::Finished => Cause::ClosedPassively,
            CloseReason::Reset | CloseReason::TimedOut => Cause::Reset,
            CloseReason::WriteFailed => Cause::NotSent,
        };
        let phase = self.phase();
        let unfinished = self.mqtt.abort(cx.links);
        match phase {
            Phase::Connected => self.lost(cx, knobs, &unfinished, cause),
            Phase::Disconnecting => self.disconnected(cx, code::DISCONNECT_FAILED),
            _ => self.connect_failed(cx, code::CLOSED_BY_SERVER),
        }
    }

    // Results

    /// CONNECT ends with a code other than 0. Only after an OK that clears the
    /// choice of a TLS context (docs/spec/simcom.md 3.5).
    fn connect_failed(&mut self, cx: &mut Context<'_>, code: u8) {
        self.ended(cx);
        let line = format!("+CMQTTCONNECT: {},{code}", self.index);
        if core::mem::take(&mut self.holds_connect) {
            cx.reply(line);
            cx.complete(Outcome::Error);
        } else {
            self.ssl_context = None;
            self.urc(cx, self.result_not_before, line);
        }
    }

    /// What the result of a request changes; returns its code.
    fn take_result(&mut self, request: &Pending, completion: &Completion) -> u8 {
        match (request, completion) {
            (_, Completion::TimedOut(_)) => return code::TIMEOUT,
            (Pending::Subscribe(topics), Completion::Subscribed(codes)) => {
                for (topic, code) in topics.iter().zip(codes) {
                    if *code < 128 {
                        self.list(topic);
                    }
                }
                if codes.iter().any(|code| *code >= 128) {
                    return code::FAILED;
                }
            }
            (Pending::Unsubscribe(topics), _) => {
                self.subscriptions.retain(|topic| !topics.contains(topic));
            }
            _ => {}
        }
        code::SUCCEEDED
    }

    /// The operation under way ended.
    fn finish(&mut self, cx: &mut Context<'_>, command: &str, code: u8) {
        self.resume_lines(cx);
        self.mqtt.set_deadline(None);
        let line = format!("{command}: {},{code}", self.index);
        self.urc(cx, self.result_not_before, line);
    }

    /// The connection is lost: what was under way fails first.
    fn lost(
        &mut self,
        cx: &mut Context<'_>,
        knobs: &Knobs,
        unfinished: &[Unfinished<Pending>],
        cause: Cause,
    ) {
        self.ended(cx);
        for Unfinished { request, .. } in unfinished {
            let (command, code) = (request.command(), cause.result(request));
            let line = format!("{command}: {},{code}", self.index);
            self.urc(cx, self.result_not_before, line);
        }
        self.forget_what_was_entered();
        let line = format!("+CMQTTCONNLOST: {},{}", self.index, cause.number());
        self.urc(cx, cx.now, line);
        if cause == Cause::NetworkClosed && knobs.nonet_urc {
            self.urc(cx, cx.now, "+CMQTTNONET");
        }
    }

    /// AT+CMQTTDISC ended.
    fn disconnected(&mut self, cx: &mut Context<'_>, code: u8) {
        self.ended(cx);
        self.forget_what_was_entered();
        self.ssl_context = None;
        let line = format!("+CMQTTDISC: {},{code}", self.index);
        self.urc(cx, self.result_not_before, line);
    }

    /// The connection is over, whoever ended it.
    fn ended(&mut self, cx: &mut Context<'_>) {
        self.request = None;
        self.resume_lines(cx);
        self.trace(cx);
    }

    /// A state is left when the host is told of it: no command is looked at
    /// before (docs/spec/simcom.md 6).
    fn urc(&self, cx: &mut Context<'_>, not_before: Instant, line: impl Into<Bytes>) {
        if not_before > cx.now {
            cx.hold_commands(not_before);
        }
        cx.urc_at(Channel::Client(self.index), not_before, line);
    }
}
