//! What becomes of a client (docs/spec/onemo.md A6 to A8, B6 to B8).

use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::super::report::{Loss, Lost, OpenFailed, OpenFailure, Report, Wait};
use super::{Client, MOST_SUBSCRIPTIONS, Request};
use crate::handler::Context;
use crate::handler::shared::unusable_context;
use crate::io::{CloseReason, NetError, NetEvent};
use crate::mqtt::client::{Completion, Event, Failure, Phase, Unfinished, reason};
use crate::mqtt::packet::QoS;
use crate::mqtt::session::Operation;
use crate::reason::Reason;
use crate::time::Instant;

/// Return code of SUBACK for a subscription that is refused.
pub(in super::super) const REFUSED: u8 = 128;
/// How long the result of a subscription waits for messages the subscription
/// brings, where they are to come first (docs/spec/onemo.md A3.4).
const MESSAGES_FIRST: Duration = Duration::from_millis(100);

impl Client {
    pub(in super::super) fn network(&mut self, cx: &mut Context<'_>, event: &NetEvent<'_>) {
        self.mqtt.network(cx.now, cx.links, event);
        self.drive(cx);
    }

    /// The PDP context went down: as if the peer had closed.
    pub(in super::super) fn context_down(&mut self, cx: &mut Context<'_>) {
        if self.link().is_some() {
            let reason = unusable_context(cx.radio, cx.radio.defaults().default_context);
            let reason = reason.unwrap_or_else(|| Reason::new("the PDP context went down"));
            self.closed(cx, Lost::Closed.because(reason));
        }
    }

    pub(in super::super) fn handle_timeout(&mut self, cx: &mut Context<'_>) {
        self.mqtt.handle_timeout(cx.now, cx.links);
        self.drive(cx);
        self.tell_late(cx.now);
        if let Some(attempt) = self.machine.begin_if_due(cx.now) {
            let reason = self.failure.clone();
            let reason = reason.unwrap_or_else(|| Reason::new("there is no connection"));
            self.reports.push_back(Report::Attempt(attempt, reason));
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
            Event::OpenFailed(error) => {
                let reason = reason::open_failed(error, self.mqtt.server());
                let kind = match error {
                    NetError::Local => OpenFailed::Socket,
                    _ => OpenFailed::Network,
                };
                self.attempt_failed(cx, kind.because(reason));
            }
            Event::ConnectWritten => self.trace(cx),
            Event::Connected { session_present } => self.connected(cx, session_present),
            Event::Failed(failure) if self.mqtt.phase() == Phase::Connecting => {
                self.connect_failed(cx, &failure);
            }
            Event::Failed(failure) => {
                let reason = failure.reason();
                let kind = match failure {
                    Failure::Malformed { packet_type, .. } => {
                        let malformed = Report::Malformed(packet_type, reason.clone());
                        self.reports.push_back(malformed);
                        Lost::Malformed(packet_type)
                    }
                    Failure::WriteStalled => Lost::NotSent,
                    _ => Lost::Closed,
                };
                self.lost(cx, kind.because(reason));
            }
            Event::Closed(why) => {
                let kind = match why {
                    CloseReason::WriteFailed => Lost::NotSent,
                    _ => Lost::Closed,
                };
                self.closed(cx, kind.because(reason::closed(why)));
            }
            Event::Expired => {
                let reason = Reason::new("the server took too long");
                self.closed(cx, Lost::Closed.because(reason));
            }
            Event::Discarded(discarded) => cx.note(alloc::format!("{discarded}")),
            Event::PingLost => {
                let reason = Reason::new("no PINGRESP came since the last PINGREQ");
                self.reports.push_back(Report::TimedOut(Wait::Ping, reason));
            }
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
                Completion::Subscribed(codes) => self.subscribed(cx.now, id, topic, &codes),
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
                    let reason = self.too_late(wait);
                    let loss = Lost::Closed.because(reason.clone());
                    self.reports.push_back(Report::TimedOut(wait, reason));
                    let failed = loss.clone();
                    self.reports
                        .push_back(Report::Failed { kind, loss: failed });
                    self.lost(cx, loss);
                }
            },
            Event::Message(mut message) => {
                let acknowledgement = message.acknowledgement.take();
                self.reports.push_back(Report::Message(message));
                self.mqtt.acknowledge(cx.now, acknowledgement);
            }
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
            Err(error) => {
                let reason = Reason::new(format!("CONNECT cannot be built: {error}"));
                self.attempt_failed(cx, OpenFailed::Network.because(reason));
            }
        }
    }

    /// There is no connection yet, and there will be none.
    fn connect_failed(&mut self, cx: &mut Context<'_>, failure: &Failure) {
        let kind = match failure {
            Failure::Refused(2 | 4 | 5) => OpenFailed::Authentication,
            Failure::Refused(_) => OpenFailed::Refused,
            Failure::ConnectTimedOut => {
                let reason = self.too_late(Wait::Connect);
                let report = Report::TimedOut(Wait::Connect, reason.clone());
                self.reports.push_back(report);
                return self.attempt_failed(cx, OpenFailed::TimedOut.because(reason));
            }
            Failure::WriteStalled => {
                return self.attempt_failed(cx, OpenFailed::NotSent.because(failure.reason()));
            }
            _ => OpenFailed::Network,
        };
        self.mqtt.close(cx.links);
        self.open_failed(cx, kind.because(failure.reason()));
    }

    /// An acknowledgement did not come within the time of AT+MQTTTO.
    fn too_late(&self, wait: Wait) -> Reason {
        let (awaited, limit) = (wait.acknowledgement(), self.acknowledge_timeout);
        Reason::new(format!("no {awaited} came in time, AT+MQTTTO is {limit} s"))
    }

    /// An attempt to connect ends with its link.
    fn attempt_failed(&mut self, cx: &mut Context<'_>, failure: OpenFailure) {
        self.mqtt.abort(cx.links);
        self.open_failed(cx, failure);
    }

    /// An attempt to connect came to nothing, the host's or the machine's.
    pub(super) fn open_failed(&mut self, cx: &mut Context<'_>, failure: OpenFailure) {
        let machine_tries = self.machine.is_running();
        self.failure = Some(failure.reason.clone());
        let report = match failure.kind {
            OpenFailed::Authentication if machine_tries => {
                self.machine.stop();
                Some(Report::RefusedAgain(failure.reason))
            }
            _ if machine_tries => {
                let goes_on = self.machine.next(cx.now);
                (!goes_on).then(|| Report::GaveUp(given_up(&failure.reason)))
            }
            kind => {
                let is_final = match kind {
                    OpenFailed::Authentication => true,
                    OpenFailed::Socket => !self.traits.retries_without_socket,
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
        self.tell_all_late();
        for Unfinished { request, .. } in self.mqtt.abort(cx.links) {
            let (kind, loss) = (request.kind, loss.clone());
            self.reports.push_back(Report::Failed { kind, loss });
        }
        if self.reconnects {
            self.failure = Some(loss.reason);
            self.machine.start(cx.now);
        } else {
            self.reports.push_back(Report::GaveUp(loss.reason));
        }
        self.trace(cx);
    }

    fn closed(&mut self, cx: &mut Context<'_>, loss: Loss) {
        match self.mqtt.phase() {
            Phase::Closed => {}
            Phase::Opening | Phase::Open | Phase::Connecting => {
                let kind = match loss.kind {
                    Lost::NotSent => OpenFailed::NotSent,
                    Lost::Closed | Lost::Malformed(_) => OpenFailed::Network,
                };
                self.attempt_failed(cx, kind.because(loss.reason));
            }
            Phase::Connected => self.lost(cx, loss),
            Phase::Disconnecting => self.disconnected(cx),
        }
    }

    /// Whether or not DISCONNECT could be written (docs/spec/onemo.md A3.7).
    fn disconnected(&mut self, cx: &mut Context<'_>) {
        self.tell_all_late();
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
        self.failure = None;
        self.trace(cx);
        self.reports.push_back(Report::Opened);
    }

    fn subscribed(&mut self, now: Instant, id: u16, topic: Bytes, codes: &[u8]) {
        let granted = match codes.first() {
            Some(&code) if code < REFUSED => Ok(code),
            _ => Err(Reason::new("the server refused the subscription")
                .remedy("check what the client may subscribe to")),
        };
        if let Ok(code) = granted {
            let mut known = self.subscriptions.iter().map(|(known, _)| known);
            match known.position(|known| *known == topic) {
                Some(at) => self.subscriptions[at].1 = code,
                None if self.subscriptions.len() < MOST_SUBSCRIPTIONS => {
                    self.subscriptions.push((topic.clone(), code));
                }
                None => {}
            }
        }
        let report = Report::Subscribed { id, topic, granted };
        if self.messages_first {
            self.late.push_back((now + MESSAGES_FIRST, report));
        } else {
            self.reports.push_back(report);
        }
    }

    /// Tells the results whose time has come.
    fn tell_late(&mut self, now: Instant) {
        while self.late.front().is_some_and(|(due, _)| *due <= now) {
            let late = self.late.pop_front().map(|(_, report)| report);
            self.reports.extend(late);
        }
    }

    /// Tells what is still untold, because the connection ends.
    fn tell_all_late(&mut self) {
        let late = self.late.drain(..).map(|(_, report)| report);
        self.reports.extend(late);
    }
}

/// Why the machine came to its end.
fn given_up(last: &Reason) -> Reason {
    Reason::new(format!(
        "the last attempt to connect again failed: {}",
        last.cause()
    ))
    .remedy("AT+MQTTOPEN connects again")
}
