//! The one MQTT connection: its life cycle and what it reports
//! (docs/spec/yuge.md sections 7 and 8).

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::receive::Inbox;
use crate::handler::Context;
use crate::io::{LinkId, NetEvent, Trace};
use crate::mqtt::client::{self, Completion, Event, Phase, Route, Unfinished};
use crate::mqtt::packet::QoS;
use crate::mqtt::session::{Ask, Options, PacketId, Retry};
use crate::serial::Channel;
use crate::time::Instant;

/// Operations that await an acknowledgement at once (docs/spec/yuge.md 2.7).
const MOST_UNACKNOWLEDGED: usize = 16;

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
}

fn urc(cx: &mut Context<'_>, line: impl Into<Bytes>) {
    cx.urc_at(Channel::Client(0), cx.now, line);
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

    /// Whether a request of this kind would be taken; the log says why not.
    pub(super) fn takes(&self, cx: &mut Context<'_>, request: &Request) -> bool {
        if !self.is_connected() {
            cx.note("there is no MQTT connection");
            return false;
        }
        let waiting = self.mqtt.requests();
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
        self.mqtt.poll_timeout()
    }

    // Commands

    /// AT+IMQTTCONN was accepted.
    pub(super) fn connect(&mut self, cx: &mut Context<'_>, route: Route, options: Box<Options>) {
        self.mqtt.open(cx.now, cx.links, route);
        self.options = Some(options);
        trace(cx, "CONNECTING");
    }

    /// Says the result of AT+IMQTTCONN.
    pub(super) fn report_connection(&self, cx: &mut Context<'_>, result: i8) {
        urc(cx, format!("+IMQTTCONN:{result}"));
    }

    /// AT+IMQTTDISCONN was accepted: DISCONNECT, then the socket is closed.
    pub(super) fn disconnect(&mut self, cx: &mut Context<'_>) {
        let unfinished = if self.is_connected() {
            self.mqtt.leave(cx.now, cx.links)
        } else {
            self.mqtt.close(cx.links)
        };
        self.end(cx, unfinished);
    }

    /// Makes a request of the server; `false` if it is not taken, and then
    /// took no packet identifier.
    pub(super) fn request(
        &mut self,
        cx: &mut Context<'_>,
        request: Request,
        ask: Ask<'_>,
        timeout: Duration,
    ) -> bool {
        if !self.takes(cx, &request) {
            return false;
        }
        let retry = Retry {
            timeout,
            retries: 0,
            whole_exchange: false,
        };
        let made = self
            .mqtt
            .request(cx.now, PacketId::Next, ask, retry, request);
        if let Err(error) = made {
            cx.note(format!("the request is not taken: {error}"));
            return false;
        }
        self.drive(cx);
        true
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
    pub(super) fn lose_network(&mut self, cx: &mut Context<'_>) {
        if !self.is_idle() {
            let unfinished = self.mqtt.abort(cx.links);
            self.end(cx, unfinished);
        }
    }

    pub(super) fn handle_timeout(&mut self, cx: &mut Context<'_>) {
        self.mqtt.handle_timeout(cx.now, cx.links);
        self.drive(cx);
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
                    self.give_up(cx, &error);
                }
            }
            Event::Connected { .. } => {
                trace(cx, "CONNECTED");
                self.report_connection(cx, 0);
            }
            Event::Failed(failure) => self.give_up(cx, &failure),
            Event::OpenFailed(_) | Event::Closed(_) | Event::Expired => {
                let unfinished = self.mqtt.abort(cx.links);
                self.end(cx, unfinished);
            }
            Event::Finished {
                id,
                request,
                completion,
            } => {
                let result = match completion {
                    Completion::Subscribed(codes) => {
                        let granted = codes.first().copied().filter(|code| *code < 128);
                        granted.ok_or(())
                    }
                    Completion::TimedOut(_) => Err(()),
                    _ => Ok(0),
                };
                self.finish(cx, id, request, result);
            }
            Event::Discarded(discarded) => cx.note(format!("{discarded}")),
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
    fn finish(&mut self, cx: &mut Context<'_>, id: u16, request: Request, result: Result<u8, ()>) {
        match request {
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

    /// The connection is of no more use; the host is told no reason, the log
    /// is.
    fn give_up(&mut self, cx: &mut Context<'_>, why: &dyn core::fmt::Display) {
        cx.note(format!("the MQTT connection ends: {why}"));
        let unfinished = self.mqtt.close(cx.links);
        self.end(cx, unfinished);
    }

    /// The connection is over, whoever ended it: what was under way fails in
    /// the order it was asked for, then the end is said (docs/spec/yuge.md 7.3).
    fn end(&mut self, cx: &mut Context<'_>, unfinished: Vec<Unfinished<Request>>) {
        trace(cx, "IDLE");
        for Unfinished { id, request } in unfinished {
            self.finish(cx, id, request, Err(()));
        }
        self.report_connection(cx, -1);
    }
}

fn trace(cx: &mut Context<'_>, state: &'static str) {
    cx.trace(Trace::Client { index: 0, state });
}
