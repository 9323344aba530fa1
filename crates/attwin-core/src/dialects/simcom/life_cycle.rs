//! The life cycle of a client: connecting, what happens while connected, and
//! every way a connection ends (docs/spec/simcom.md section 6).

use alloc::format;
use core::time::Duration;

use bytes::Bytes;

use super::client::{Client, ConnectRequest, Pending};
use super::failure::closed;
use super::results::Cause;
use super::{Failure, Knobs, code, receive};
use crate::handler::{Context, Outcome};
use crate::io::{CloseReason, NetEvent};
use crate::mqtt::client::{self, Event, Phase, Route, Unfinished};
use crate::mqtt::packet::QoS;
use crate::mqtt::session::{Ask, PacketId, Retry};
use crate::reason::Reason;

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
        if let Err(error) = made {
            let failure = Failure::new(code::SEND_FAILED, format!("{error}"));
            self.finish(cx, command, Err(failure));
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
        if self.waiting_until().is_some_and(|at| at <= cx.now) {
            self.say_what_waits(cx);
        }
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
                let why = Reason::new("the data context 0 went down");
                self.lost(cx, knobs, &unfinished, Cause::NetworkClosed, &why);
            }
            Phase::Disconnecting => {
                let cause = "the data context 0 went down before DISCONNECT was sent";
                let failure = Failure::new(code::DISCONNECT_FAILED, cause);
                self.disconnected(cx, Err(failure));
            }
            _ => self.connect_failed(cx, Failure::network_down()),
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
                let failure = Failure::of_open(error, self.mqtt.server());
                self.connect_failed(cx, failure);
            }
            Event::Connected { .. } => {
                self.trace(cx);
                self.result(cx, "+CMQTTCONNECT", Ok(()));
            }
            Event::Failed(failure) if self.is_connecting() => {
                self.mqtt.close(cx.links);
                self.connect_failed(cx, Failure::of_connect(&failure));
            }
            Event::Failed(failure) => self.failed(cx, knobs, &failure),
            Event::Closed(reason) => self.closed(cx, knobs, reason),
            Event::Expired => match self.phase() {
                Phase::Disconnecting => {
                    self.mqtt.abort(cx.links);
                    let cause = "the network took no DISCONNECT within <timeout>";
                    self.disconnected(cx, Err(Failure::new(code::TIMEOUT, cause)));
                }
                // Only a publish that the network does not take has one.
                _ => {
                    for Unfinished { request, .. } in self.mqtt.forget_requests() {
                        let cause = "the network did not take the message within <pub_timeout>";
                        let failure = Failure::new(code::TIMEOUT, cause);
                        self.finish(cx, request.command(), Err(failure));
                    }
                }
            },
            Event::Finished {
                request,
                completion,
                ..
            } => {
                let result = self.take_result(&request, &completion);
                if knobs.messages_before_suback && matches!(request, Pending::Subscribe(_)) {
                    self.let_wait(cx, result);
                } else {
                    self.finish(cx, request.command(), result);
                }
            }
            Event::Discarded(discarded) => self.discarded(cx, discarded),
            Event::Message(message) => {
                let (topic, payload) = (message.topic.as_bytes(), &message.payload);
                let block = receive::block(knobs, self.index, topic, payload);
                self.urc(cx, block);
                self.mqtt.acknowledge(cx.now, message.acknowledgement);
            }
            Event::DisconnectWritten => {
                self.mqtt.close(cx.links);
                self.disconnected(cx, Ok(()));
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
            Err(error) => {
                self.mqtt.abort(cx.links);
                let failure = Failure::new(code::PACKET_FAILED, format!("{error}"));
                self.connect_failed(cx, failure);
            }
        }
    }

    /// The connection is of no more use.
    fn failed(&mut self, cx: &mut Context<'_>, knobs: &Knobs, failure: &client::Failure) {
        use client::Failure as Said;
        let (unfinished, why) = match failure {
            Said::WriteStalled => return self.closed(cx, knobs, CloseReason::WriteFailed),
            Said::PingFailed | Said::ConnectTimedOut | Said::Refused(_) => {
                let unfinished = self.mqtt.abort(cx.links);
                (unfinished, Reason::new(format!("{failure}")))
            }
            // The link is closed without DISCONNECT, so that the server
            // publishes the will.
            Said::Malformed { .. } | Said::Violation(_) => {
                let unfinished = self.mqtt.close(cx.links);
                let why = format!("the server broke the protocol: {failure}");
                (unfinished, Reason::new(why))
            }
        };
        self.lost(cx, knobs, &unfinished, Cause::ClosedPassively, &why);
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
            Phase::Connected => {
                self.lost(cx, knobs, &unfinished, cause, &Reason::new(closed(reason)));
            }
            Phase::Disconnecting => {
                let cause = format!("{} before DISCONNECT was sent", closed(reason));
                let failure = Failure::new(code::DISCONNECT_FAILED, cause);
                self.disconnected(cx, Err(failure));
            }
            _ => self.connect_failed(cx, Failure::of_early_close(reason)),
        }
    }
}
