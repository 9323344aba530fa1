//! What becomes of a client (docs/spec/onemo.md A6 to A8, B6 to B8).

use alloc::format;
use alloc::vec::Vec;

use bytes::Bytes;

use super::super::report::{Loss, OpenFailure, Report, Wait};
use super::{Client, MOST_SUBSCRIPTIONS, Request};
use crate::handler::Context;
use crate::io::{CloseReason, NetError, NetEvent};
use crate::mqtt::client::{Completion, Event, Failure, Phase, Unfinished};
use crate::mqtt::packet::QoS;
use crate::mqtt::session::Operation;

impl Client {
    pub(in super::super) fn network(&mut self, cx: &mut Context<'_>, event: &NetEvent<'_>) {
        self.mqtt.network(cx.now, cx.links, event);
        self.drive(cx);
    }

    /// The PDP context went down: as if the peer had closed.
    pub(in super::super) fn context_down(&mut self, cx: &mut Context<'_>) {
        if self.link().is_some() {
            self.closed(cx, Loss::Closed);
        }
    }

    pub(in super::super) fn handle_timeout(&mut self, cx: &mut Context<'_>) {
        self.mqtt.handle_timeout(cx.now, cx.links);
        self.drive(cx);
        if let Some(attempt) = self.machine.begin_if_due(cx.now) {
            self.reports.push_back(Report::Attempt(attempt));
            self.dial(cx);
        }
    }

    pub(super) fn drive(&mut self, cx: &mut Context<'_>) {
        while let Some(event) = self.mqtt.poll_event(cx.now, cx.links) {
            self.handle_event(cx, event);
        }
    }

    fn handle_event(&mut self, cx: &mut Context<'_>, event: Event<Request>) {
        match event {
            Event::Opened => self.opened(cx),
            Event::OpenFailed(NetError::Local) => self.attempt_failed(cx, OpenFailure::Socket),
            Event::OpenFailed(_) => self.attempt_failed(cx, OpenFailure::Network),
            Event::ConnectWritten => self.trace(cx),
            Event::Connected { session_present } => self.connected(cx, session_present),
            Event::Failed(failure) if self.mqtt.phase() == Phase::Connecting => {
                self.connect_failed(cx, &failure);
            }
            Event::Failed(failure) => {
                let loss = match failure {
                    Failure::Malformed { packet_type, .. } => {
                        self.reports.push_back(Report::Malformed(packet_type));
                        Loss::Malformed(packet_type)
                    }
                    Failure::WriteStalled => Loss::NotSent,
                    _ => Loss::Closed,
                };
                self.lost(cx, loss);
            }
            Event::Closed(CloseReason::WriteFailed) => self.closed(cx, Loss::NotSent),
            Event::Closed(_) | Event::Expired => self.closed(cx, Loss::Closed),
            Event::PingLost => self.reports.push_back(Report::TimedOut(Wait::Ping)),
            Event::PingAnswered => self.reports.push_back(Report::PingAnswered),
            Event::Received { id } => self.reports.push_back(Report::Received { id }),
            Event::Finished {
                id,
                request: Request { kind, topic },
                completion,
            } => match completion {
                Completion::Written => self.reports.push_back(Report::Written),
                Completion::Published(QoS::Level2) => {
                    self.reports.push_back(Report::Completed { id });
                }
                Completion::Published(_) => self.reports.push_back(Report::Acknowledged { id }),
                Completion::Subscribed(codes) => self.subscribed(id, topic, &codes),
                Completion::Unsubscribed => {
                    self.subscriptions.retain(|(known, _)| *known != topic);
                    self.reports.push_back(Report::Unsubscribed { id, topic });
                }
                Completion::TimedOut(operation) => {
                    let wait = match operation {
                        Operation::Subscribe => Wait::Subscribe,
                        Operation::Unsubscribe => Wait::Unsubscribe,
                        Operation::Publish | Operation::Release => Wait::Publish,
                    };
                    let loss = Loss::Closed;
                    self.reports.push_back(Report::TimedOut(wait));
                    self.reports.push_back(Report::Failed { kind, loss });
                    self.lost(cx, loss);
                }
            },
            Event::Message(mut message) => {
                let acknowledgement = message.acknowledgement.take();
                self.reports.push_back(Report::Message(message));
                self.mqtt.acknowledge(cx.now, acknowledgement);
            }
            Event::Discarded(discarded) => cx.note(format!("{discarded}")),
            Event::Released { id, dup } => self.reports.push_back(Report::Released { id, dup }),
            Event::DisconnectWritten => {
                self.mqtt.close(cx.links);
                self.disconnected(cx);
            }
            Event::Retransmitted { .. } => {}
        }
    }

    /// TCP is up: CONNECT follows.
    fn opened(&mut self, cx: &mut Context<'_>) {
        let (Some(settings), Some(open)) = (&self.settings, &self.open) else {
            return;
        };
        let options = open.connect(settings, self.timeout(), self.ping_divisor);
        match self.mqtt.connect(cx.now, options) {
            Ok(()) => self.trace(cx),
            Err(_) => self.attempt_failed(cx, OpenFailure::Network),
        }
    }

    /// There is no connection yet, and there will be none.
    fn connect_failed(&mut self, cx: &mut Context<'_>, failure: &Failure) {
        let failure = match failure {
            Failure::Refused(2 | 4 | 5) => OpenFailure::Authentication,
            Failure::Refused(_) => OpenFailure::Refused,
            Failure::ConnectTimedOut => {
                self.reports.push_back(Report::TimedOut(Wait::Connect));
                return self.attempt_failed(cx, OpenFailure::TimedOut);
            }
            Failure::WriteStalled => return self.attempt_failed(cx, OpenFailure::NotSent),
            _ => OpenFailure::Network,
        };
        self.mqtt.close(cx.links);
        self.open_failed(cx, failure);
    }

    /// An attempt to connect ends with its link.
    fn attempt_failed(&mut self, cx: &mut Context<'_>, failure: OpenFailure) {
        self.mqtt.abort(cx.links);
        self.open_failed(cx, failure);
    }

    /// An attempt to connect came to nothing, the host's or the machine's.
    pub(super) fn open_failed(&mut self, cx: &mut Context<'_>, failure: OpenFailure) {
        let machine_tries = self.machine.is_running();
        let report = match failure {
            OpenFailure::Authentication if machine_tries => {
                self.machine.stop();
                Some(Report::RefusedAgain)
            }
            _ if machine_tries => (!self.machine.next(cx.now)).then_some(Report::GaveUp),
            _ => {
                let is_final = match failure {
                    OpenFailure::Authentication => true,
                    OpenFailure::Socket => !self.traits.retries_without_socket,
                    _ => false,
                };
                if self.reconnects && !is_final {
                    self.machine.start(cx.now);
                }
                Some(Report::OpenFailed(failure))
            }
        };
        self.trace(cx);
        self.reports.extend(report);
    }

    /// A connection is lost: what was under way fails, and the machine starts.
    fn lost(&mut self, cx: &mut Context<'_>, loss: Loss) {
        for Unfinished { request, .. } in self.mqtt.abort(cx.links) {
            let kind = request.kind;
            self.reports.push_back(Report::Failed { kind, loss });
        }
        if self.reconnects {
            self.machine.start(cx.now);
        } else {
            self.reports.push_back(Report::GaveUp);
        }
        self.trace(cx);
    }

    fn closed(&mut self, cx: &mut Context<'_>, loss: Loss) {
        match self.mqtt.phase() {
            Phase::Closed => {}
            Phase::Opening | Phase::Open | Phase::Connecting => {
                let failure = match loss {
                    Loss::NotSent => OpenFailure::NotSent,
                    Loss::Closed | Loss::Malformed(_) => OpenFailure::Network,
                };
                self.attempt_failed(cx, failure);
            }
            Phase::Connected => self.lost(cx, loss),
            Phase::Disconnecting => self.disconnected(cx),
        }
    }

    /// Whether or not DISCONNECT could be written (docs/spec/onemo.md A3.7).
    fn disconnected(&mut self, cx: &mut Context<'_>) {
        self.mqtt.abort(cx.links);
        self.trace(cx);
        self.reports.push_back(Report::Disconnected);
    }

    /// A server without the session has forgotten its subscriptions.
    fn connected(&mut self, cx: &mut Context<'_>, session_present: bool) {
        let clean = self.settings.as_ref().is_some_and(|s| s.clean_session);
        if clean || !session_present {
            self.subscriptions = Vec::new();
        }
        self.machine.reset();
        self.trace(cx);
        self.reports.push_back(Report::Opened);
    }

    fn subscribed(&mut self, id: u16, topic: Bytes, codes: &[u8]) {
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
        self.reports
            .push_back(Report::Subscribed { id, code, topic });
    }
}
