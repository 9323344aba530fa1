//! What a client tells its host: results, losses, and what it keeps from it
//! (docs/spec/simcom.md sections 5 and 6).

use alloc::format;
use core::time::Duration;

use bytes::Bytes;

use super::client::{Client, Pending};
use super::failure::fail;
use super::{Failure, Knobs, code};
use crate::handler::Context;
use crate::mqtt::client::{Completion, Unfinished};
use crate::mqtt::packet::QoS;
use crate::mqtt::session::{Discarded, Operation};
use crate::reason::Reason;
use crate::serial::Channel;

/// How long the result of a subscription lets messages go first, with quirk
/// `messages_before_suback` (docs/spec/simcom.md 5.5).
const MESSAGES_FIRST: Duration = Duration::from_millis(100);

/// Why a connection is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
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
    /// A message is not shown (docs/spec/simcom.md 5.4).
    pub(super) fn discarded(&self, cx: &mut Context<'_>, discarded: Discarded) {
        let Discarded {
            qos,
            topic,
            payload,
            ..
        } = discarded;
        let answer = match qos {
            QoS::Level0 => "dropped",
            QoS::Level1 | QoS::Level2 => "acknowledged and dropped",
        };
        let (index, qos) = (self.index, qos as u8);
        cx.note(format!(
            "client {index}: a message of QoS {qos} was {answer}: its topic has {topic} bytes, of \
             1024 at most, and its payload {payload}, of 10240 at most"
        ));
    }

    /// CONNECT ends with a code other than 0. Only after an OK that clears the
    /// choice of a TLS context (docs/spec/simcom.md 3.5).
    pub(super) fn connect_failed(&mut self, cx: &mut Context<'_>, failure: Failure) {
        self.ended(cx);
        if core::mem::take(&mut self.holds_connect) {
            let outcome = fail(cx, "+CMQTTCONNECT", self.index, failure);
            cx.complete(outcome);
        } else {
            self.ssl_context = None;
            self.result(cx, "+CMQTTCONNECT", Err(failure));
        }
    }

    /// What the result of a request changes.
    pub(super) fn take_result(
        &mut self,
        request: &Pending,
        completion: &Completion,
    ) -> Result<(), Failure> {
        match (request, completion) {
            (_, Completion::TimedOut(operation)) => {
                let cause = format!("no {} came in time", answer(*operation));
                return Err(Failure::new(code::TIMEOUT, cause));
            }
            (Pending::Subscribe(topics), Completion::Subscribed(codes)) => {
                for (topic, code) in topics.iter().zip(codes) {
                    if *code < 128 {
                        self.list(topic);
                    }
                }
                let refused = codes.iter().position(|code| *code >= 128);
                if let Some(topic) = refused.and_then(|at| topics.get(at)) {
                    let cause = format!("the server refused \"{}\"", topic.escape_ascii());
                    return Err(Failure::new(code::FAILED, cause));
                }
            }
            (Pending::Unsubscribe(topics), _) => {
                self.subscriptions.retain(|topic| !topics.contains(topic));
            }
            _ => {}
        }
        Ok(())
    }

    /// The operation under way ended.
    pub(super) fn finish(
        &mut self,
        cx: &mut Context<'_>,
        command: &str,
        result: Result<(), Failure>,
    ) {
        self.resume_lines(cx);
        self.mqtt.set_deadline(None);
        self.result(cx, command, result);
    }

    /// Lets the result of a subscription wait for the messages that came with
    /// it.
    pub(super) fn let_wait(&mut self, cx: &mut Context<'_>, result: Result<(), Failure>) {
        let until = self.result_not_before.max(cx.now) + MESSAGES_FIRST;
        cx.hold_commands(until);
        self.waiting = Some((until, result));
    }

    pub(super) fn say_what_waits(&mut self, cx: &mut Context<'_>) {
        if let Some((_, result)) = self.waiting.take() {
            self.finish(cx, "+CMQTTSUB", result);
            cx.hold_commands(cx.now);
        }
    }

    /// The connection is lost: what was under way fails first.
    pub(super) fn lost(
        &mut self,
        cx: &mut Context<'_>,
        knobs: &Knobs,
        unfinished: &[Unfinished<Pending>],
        cause: Cause,
        why: &Reason,
    ) {
        self.ended(cx);
        for Unfinished { request, .. } in unfinished {
            let said = format!("the connection was lost meanwhile: {}", why.cause());
            let failure = Failure::new(cause.result(request), said);
            self.result(cx, request.command(), Err(failure));
        }
        self.forget_what_was_entered();
        let line = format!("+CMQTTCONNLOST: {},{}", self.index, cause.number());
        cx.urc_because(Channel::Client(self.index), cx.now, line, why.clone());
        if cause == Cause::NetworkClosed && knobs.nonet_urc {
            self.urc(cx, "+CMQTTNONET");
        }
    }

    /// AT+CMQTTDISC ended.
    pub(super) fn disconnected(&mut self, cx: &mut Context<'_>, result: Result<(), Failure>) {
        self.ended(cx);
        self.forget_what_was_entered();
        self.ssl_context = None;
        self.result(cx, "+CMQTTDISC", result);
    }

    /// The connection is over, whoever ended it.
    pub(super) fn ended(&mut self, cx: &mut Context<'_>) {
        self.say_what_waits(cx);
        self.request = None;
        self.resume_lines(cx);
        self.trace(cx);
    }

    /// The result of a command. A state is left when the host is told of it:
    /// no command is looked at before (docs/spec/simcom.md 6).
    pub(super) fn result(&self, cx: &mut Context<'_>, command: &str, result: Result<(), Failure>) {
        let (channel, at) = (Channel::Client(self.index), self.result_not_before);
        if at > cx.now {
            cx.hold_commands(at);
        }
        match result {
            Ok(()) => cx.urc_at(channel, at, format!("{command}: {},0", self.index)),
            Err(Failure { code, reason }) => {
                let line = format!("{command}: {},{code}", self.index);
                cx.urc_because(channel, at, line, reason);
            }
        }
    }

    /// What needs nobody's command.
    pub(super) fn urc(&self, cx: &mut Context<'_>, line: impl Into<Bytes>) {
        cx.urc_at(Channel::Client(self.index), cx.now, line);
    }
}

/// The packet that answers one of the host's.
const fn answer(operation: Operation) -> &'static str {
    match operation {
        Operation::Publish => "PUBACK or PUBREC",
        Operation::Release => "PUBCOMP",
        Operation::Subscribe => "SUBACK",
        Operation::Unsubscribe => "UNSUBACK",
    }
}
