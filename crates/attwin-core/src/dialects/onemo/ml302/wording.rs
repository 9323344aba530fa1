//! What happens to the client, in ML302's words: acknowledgements are
//! information text of the command that waits, then comes its final result
//! (docs/spec/onemo.md A2.1, A3 and A4).

use alloc::format;
use alloc::string::String;

use super::super::client::REFUSED;
use super::super::commands::Begun;
use super::super::report::{Kind, Lost, OpenFailed, Report};
use super::super::{OneMo, join, urc, urc_because};
use super::{Ml302, cme};
use crate::handler::{Context, Outcome};
use crate::reason::Reason;

/// MQTT packet types as the fixed header numbers them.
mod packet_type {
    pub(super) const PUBLISH: u8 = 3;
    pub(super) const PUBACK: u8 = 4;
    pub(super) const PUBREC: u8 = 5;
    pub(super) const PUBREL: u8 = 6;
    pub(super) const PUBCOMP: u8 = 7;
}

impl OneMo<Ml302> {
    /// The command that waits is done.
    fn succeed(&mut self, cx: &mut Context<'_>) {
        if self.model.waiting.take().is_none() {
            return;
        }
        let delay = cx.delay(self.model.knobs.ok_delay_ms);
        if delay.is_zero() {
            cx.complete(Outcome::Ok);
        } else {
            self.model.ok_due = Some(cx.now + delay);
        }
    }

    /// The command that waits came to nothing.
    fn fail(&mut self, cx: &mut Context<'_>, code: u16, reason: Reason) {
        if self.model.waiting.take().is_some() {
            cx.complete(Outcome::cme(code, reason));
        }
    }

    pub(super) fn report(&mut self, cx: &mut Context<'_>, report: Report) {
        match report {
            Report::Opened if self.model.waiting == Some(Begun::Open) => {
                reply_apart(cx, "+MQTTOPEN:OK");
                self.succeed(cx);
            }
            Report::Opened => urc(cx, "+MQTTOPEN:OK"),
            Report::OpenFailed(failure) => {
                self.fail(cx, open_error(failure.kind), failure.reason);
            }
            Report::TimedOut(wait, reason) => {
                urc_because(cx, format!("+MQTTTO:{}", wait as u8), reason);
            }
            Report::Attempt(attempt, reason) => {
                urc_because(cx, format!("+MQTTREC: {attempt}"), reason);
            }
            Report::RefusedAgain(reason) | Report::GaveUp(reason) => {
                urc_because(cx, "+MQTTDISC: OK", reason);
            }
            Report::Disconnected => {
                reply_apart(cx, "+MQTTDISC: OK");
                self.succeed(cx);
            }
            Report::Subscribed { id, topic, granted } => {
                let code = granted.as_ref().copied().unwrap_or(REFUSED);
                let head = format!("+MQTTSUBACK:{id},{code},");
                reply_apart(cx, join(&[head.as_bytes(), &topic]));
                match granted {
                    Ok(_) => self.succeed(cx),
                    Err(reason) => self.fail(cx, cme::SUBACK, reason),
                }
            }
            Report::Unsubscribed { id, topic } => {
                let name = self.spaced("UNSUBACK");
                let head = format!("+MQTT{name}:{id},\"");
                reply_apart(cx, join(&[head.as_bytes(), &topic, b"\""]));
                self.succeed(cx);
            }
            Report::Written => self.succeed(cx),
            Report::Acknowledged { id } => {
                reply_apart(cx, format!("+MQTTPUBACK:0,{id}"));
                self.succeed(cx);
            }
            Report::Received { id } => reply_apart(cx, format!("+MQTTPUBREC:0,{id}")),
            Report::Completed { id } => {
                reply_apart(cx, format!("+MQTTPUBCOMP:0,{id}"));
                self.succeed(cx);
            }
            Report::Failed { kind, loss } => {
                self.fail(cx, request_error(kind, loss.kind), loss.reason);
            }
            Report::Message(message) => {
                let (dup, qos) = (u8::from(message.dup), message.qos as u8);
                let (retain, id) = (u8::from(message.retain), message.id);
                let (topic, length) = (message.topic.as_bytes(), message.payload.len());
                let head = format!("+MQTTPUBLISH: {dup},{qos},{retain},{id},\"");
                let middle = format!("\",{length},");
                urc(
                    cx,
                    join(&[head.as_bytes(), topic, middle.as_bytes(), &message.payload]),
                );
            }
            Report::Released { id, dup } => {
                let name = self.spaced("PUBREL");
                urc(cx, format!("+MQTT{name}: {},{id}", u8::from(dup)));
            }
            Report::PingAnswered => {
                if self.client.ping_echo {
                    urc(cx, "+MQTTPINGRSP: OK");
                }
            }
            Report::Malformed(packet_type::PUBLISH, reason) => {
                unsolicited_error(cx, cme::PUBLISH, reason);
            }
            Report::Malformed(packet_type::PUBREL, reason) => {
                unsolicited_error(cx, cme::PUBREL, reason);
            }
            Report::Malformed(..) => {}
        }
    }

    fn spaced(&self, name: &str) -> String {
        let space = if self.model.knobs.spaced_unsuback {
            " "
        } else {
            ""
        };
        format!("{space}{name}")
    }
}

/// A line that opens with a CR LF of its own although it is not the first
/// (docs/spec/onemo.md A2.1).
fn reply_apart(cx: &mut Context<'_>, line: impl AsRef<[u8]>) {
    cx.port.begin_response();
    cx.reply(line);
}

fn unsolicited_error(cx: &mut Context<'_>, code: u16, reason: Reason) {
    urc_because(cx, format!("+CME ERROR: {code}"), reason);
}

const fn open_error(failed: OpenFailed) -> u16 {
    match failed {
        OpenFailed::Network | OpenFailed::Refused => cme::CONNECT_FAILED,
        OpenFailed::NotSent => cme::SEND_FAILED,
        OpenFailed::Socket => cme::SOCKET,
        OpenFailed::TimedOut => cme::CONNECT_TIMEOUT,
        OpenFailed::Authentication => cme::AUTHENTICATION,
    }
}

/// A malformed acknowledgement has a number of its own, and so has a socket
/// that cannot be written (docs/spec/onemo.md A2.5).
const fn request_error(kind: Kind, lost: Lost) -> u16 {
    match (kind, lost) {
        (_, Lost::NotSent) => cme::SEND_FAILED,
        (Kind::Subscribe, _) => cme::SUBACK,
        (Kind::Unsubscribe, _) => cme::UNSUBACK,
        (Kind::Publish, Lost::Malformed(packet_type::PUBACK)) => cme::PUBACK,
        (Kind::Publish, Lost::Malformed(packet_type::PUBREC)) => cme::PUBREC,
        (Kind::Publish, Lost::Malformed(packet_type::PUBCOMP)) => cme::PUBCOMP,
        (Kind::Publish, _) => cme::SEND_FAILED,
    }
}
