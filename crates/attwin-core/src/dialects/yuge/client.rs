//! The one MQTT connection: its life cycle and what it reports
//! (docs/spec/yuge.md sections 7 and 8).

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::receive::Inbox;
use super::refused::Refused;
use super::result::{Connection, Ending, report, too_late};
use crate::handler::Context;
use crate::io::{LinkId, NetEvent, Trace};
use crate::mqtt::client::{self, Completion, Event, Phase, Route, Unfinished, reason};
use crate::mqtt::packet::QoS;
use crate::mqtt::session::{Ask, Options, PacketId, Retry};
use crate::reason::Reason;
use crate::serial::Channel;
use crate::time::{Instant, earliest};

/// Operations that await an acknowledgement at once (docs/spec/yuge.md 2.7).
const MOST_UNACKNOWLEDGED: usize = 16;

/// Return code of SUBACK for a subscription that is refused.
const REFUSED: u8 = 128;
/// How long the result of a subscription waits for messages it brings, where
/// they are to come first (docs/spec/yuge.md 3.9).
const MESSAGES_FIRST: Duration = Duration::from_millis(100);

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

/// What a read form shows of a publish: its message as the host wrote it.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) topic: Bytes,
    pub(super) qos: QoS,
    pub(super) message: Bytes,
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
    mqtt: client::Client<Request>,
    /// How to connect once the link is up.
    options: Option<Box<Options>>,
    pub(super) inbox: Inbox,
    pub(super) records: Records,
    /// Whether messages that a subscription brings come before its result.
    pub(super) messages_first: bool,
    /// Results that wait for that, each with its time.
    late: VecDeque<(Instant, Finished)>,
}

/// A request that has its result.
#[derive(Debug)]
struct Finished {
    id: u16,
    request: Request,
    result: Result<u8, Reason>,
}

impl Client {
    pub(super) fn link(&self) -> Option<LinkId> {
        self.mqtt.link()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.mqtt.phase() == Phase::Closed
    }

    pub(super) fn is_connected(&self) -> bool {
        self.mqtt.is_connected()
    }

    /// Whether a request of this kind would be taken.
    pub(super) fn takes(&self, request: &Request) -> Result<(), Refused> {
        match self.mqtt.phase() {
            Phase::Connected => {}
            Phase::Closed => return Err(Refused::NotConnected),
            _ => return Err(Refused::NotYetConnected),
        }
        let waiting = self.mqtt.requests();
        let unacknowledged = waiting.filter(|request| request.is_acknowledged()).count();
        if request.is_acknowledged() && unacknowledged >= MOST_UNACKNOWLEDGED {
            return Err(Refused::Unacknowledged(unacknowledged));
        }
        Ok(())
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let late = self.late.front().map(|(due, _)| *due);
        earliest(self.mqtt.poll_timeout(), late)
    }

    // Commands

    /// AT+IMQTTCONN was accepted.
    pub(super) fn connect(&mut self, cx: &mut Context<'_>, route: Route, options: Box<Options>) {
        self.mqtt.open(cx.now, cx.links, route);
        self.options = Some(options);
        trace(cx, "CONNECTING");
    }

    /// AT+IMQTTDISCONN was accepted: DISCONNECT, then the socket is closed.
    pub(super) fn disconnect(&mut self, cx: &mut Context<'_>) {
        let unfinished = if self.is_connected() {
            self.mqtt.leave(cx.now, cx.links)
        } else {
            self.mqtt.close(cx.links)
        };
        self.end(cx, unfinished, Ending::Asked);
    }

    /// Makes a request of the server; one that is not taken took no packet
    /// identifier.
    pub(super) fn request(
        &mut self,
        cx: &mut Context<'_>,
        request: Request,
        ask: Ask<'_>,
        timeout: Duration,
    ) -> Result<(), Refused> {
        self.takes(&request)?;
        let retry = Retry {
            timeout,
            retries: 0,
            whole_exchange: false,
        };
        self.mqtt
            .request(cx.now, PacketId::Next, ask, retry, request)
            .map_err(Refused::NotSent)?;
        self.drive(cx);
        Ok(())
    }

    /// Power is gone, or the module restarts.
    pub(super) fn abort(&mut self, cx: &mut Context<'_>) {
        self.mqtt.abort(cx.links);
    }

    // Events

    pub(super) fn network(&mut self, cx: &mut Context<'_>, event: &NetEvent<'_>) {
        self.mqtt.network(cx.now, cx.links, event);
        self.drive(cx);
    }

    /// The bearer went down.
    pub(super) fn lose_network(&mut self, cx: &mut Context<'_>, why: Reason) {
        if !self.is_idle() {
            let unfinished = self.mqtt.abort(cx.links);
            self.end(cx, unfinished, Ending::Failed(why));
        }
    }

    pub(super) fn handle_timeout(&mut self, cx: &mut Context<'_>) {
        self.mqtt.handle_timeout(cx.now, cx.links);
        self.drive(cx);
        while self.late.front().is_some_and(|(due, _)| *due <= cx.now) {
            self.say_late(cx);
        }
    }

    fn drive(&mut self, cx: &mut Context<'_>) {
        while let Some(event) = self.mqtt.poll_event(cx.now, cx.links) {
            self.handle_event(cx, event);
        }
    }

    fn handle_event(&mut self, cx: &mut Context<'_>, event: Event<Request>) {
        match event {
            Event::Opened => {
                let Some(options) = self.options.take() else {
                    return;
                };
                if let Err(error) = self.mqtt.connect(cx.now, *options) {
                    let reason = Reason::new(format!("CONNECT cannot be built: {error}"));
                    self.give_up(cx, reason);
                }
            }
            Event::Connected { .. } => {
                trace(cx, "CONNECTED");
                report(cx, Connection::Made);
            }
            Event::Failed(failure) => self.give_up(cx, failure.reason()),
            Event::OpenFailed(error) => {
                let reason = reason::open_failed(error, self.mqtt.server());
                self.lose_network(cx, reason);
            }
            Event::Closed(why) => self.lose_network(cx, reason::closed(why)),
            Event::Expired => {
                self.lose_network(cx, Reason::new("the server took too long"));
            }
            Event::Discarded(discarded) => cx.note(alloc::format!("{discarded}")),
            Event::Finished {
                id,
                request,
                completion,
            } => {
                let result = match completion {
                    Completion::Subscribed(codes) => {
                        let granted = codes.first().copied().filter(|code| *code < REFUSED);
                        granted.ok_or_else(|| {
                            Reason::new("the server refused the subscription")
                                .remedy("check what the client may subscribe to")
                        })
                    }
                    Completion::TimedOut(operation) => Err(too_late(operation)),
                    _ => Ok(0),
                };
                let subscribed = matches!(request, Request::Subscribe { .. });
                let finished = Finished {
                    id,
                    request,
                    result,
                };
                if subscribed && self.messages_first {
                    self.late.push_back((cx.now + MESSAGES_FIRST, finished));
                } else {
                    self.finish(cx, finished);
                }
            }
            Event::Message(message) => {
                self.inbox.deliver(cx, &message);
                self.mqtt.acknowledge(cx.now, message.acknowledgement);
            }
            Event::ConnectWritten
            | Event::Retransmitted { .. }
            | Event::Received { .. }
            | Event::Released { .. }
            | Event::PingLost
            | Event::PingAnswered
            | Event::DisconnectWritten => {}
        }
    }

    /// A request ended; granted QoS is all a server ever says about success.
    fn finish(&mut self, cx: &mut Context<'_>, finished: Finished) {
        let Finished {
            id,
            request,
            result,
        } = finished;
        let line = match request {
            Request::Subscribe { filter, qos } => {
                if result.is_ok() {
                    self.records.subscribed = Some((filter, qos));
                }
                let granted = result.as_ref().copied().unwrap_or(REFUSED);
                format!("+IMQTTSUB:{id},{granted}")
            }
            Request::Unsubscribe { filter } => {
                let status = if result.is_ok() { 0 } else { -1 };
                self.records.unsubscribed = Some((filter, status));
                format!("+IMQTTUNSUB:{id},{status}")
            }
            Request::Publish { head, .. } => {
                format!("{head}{id},{}", u8::from(result.is_err()))
            }
        };
        match result {
            Ok(_) => cx.urc_at(Channel::Client(0), cx.now, line),
            Err(reason) => cx.urc_because(Channel::Client(0), cx.now, line, reason),
        }
    }

    /// Says the result that waits longest for the messages before it.
    fn say_late(&mut self, cx: &mut Context<'_>) {
        if let Some((_, finished)) = self.late.pop_front() {
            self.finish(cx, finished);
        }
    }

    // Endings

    /// The connection is of no more use.
    fn give_up(&mut self, cx: &mut Context<'_>, why: Reason) {
        let unfinished = self.mqtt.close(cx.links);
        self.end(cx, unfinished, Ending::Failed(why));
    }

    /// The connection is over, whoever ended it: what was under way fails in
    /// the order it was asked for, then the end is said (docs/spec/yuge.md 7.3).
    fn end(&mut self, cx: &mut Context<'_>, unfinished: Vec<Unfinished<Request>>, why: Ending) {
        trace(cx, "IDLE");
        while !self.late.is_empty() {
            self.say_late(cx);
        }
        for Unfinished { id, request } in unfinished {
            let result = Err(match &why {
                Ending::Asked => Reason::new("AT+IMQTTDISCONN ended the connection first"),
                Ending::Failed(reason) => reason.clone(),
            });
            self.finish(
                cx,
                Finished {
                    id,
                    request,
                    result,
                },
            );
        }
        report(cx, Connection::Ended(why));
    }
}

fn trace(cx: &mut Context<'_>, state: &'static str) {
    cx.trace(Trace::Client { index: 0, state });
}
