//! What happens to the client, in MN316's words: result codes, each on its own
//! (docs/spec/onemo.md B3 and B4).

use alloc::format;

use super::super::client::REFUSED;
use super::super::report::{OpenFailure, Report};
use super::super::{OneMo, join, urc, urc_because};
use super::Mn316;
use crate::handler::Context;

impl OneMo<Mn316> {
    pub(super) fn report(&mut self, cx: &mut Context<'_>, report: Report) {
        match report {
            Report::Opened => urc(cx, "+MQTTOPEN:OK"),
            Report::OpenFailed(OpenFailure { reason, .. }) => {
                urc_because(cx, "+MQTTOPEN:FAIL", reason);
            }
            Report::TimedOut(wait, reason) => {
                urc_because(cx, format!("+MQTTTO:{}", wait as u8), reason);
            }
            Report::Attempt(attempt, reason) => {
                urc_because(cx, format!("+MQTTREC:{attempt}"), reason);
            }
            Report::RefusedAgain(reason) => {
                urc_because(cx, "+MQTTOPEN:FAIL", reason.clone());
                urc_because(cx, "+MQTTDISC:OK", reason);
            }
            Report::GaveUp(reason) => urc_because(cx, "+MQTTDISC:OK", reason),
            Report::Disconnected => urc(cx, "+MQTTDISC:OK"),
            Report::Subscribed { id, topic, granted } => {
                let code = granted.as_ref().copied().unwrap_or(REFUSED);
                let head = format!("+MQTTSUBACK:{id},{code},");
                let line = join(&[head.as_bytes(), &topic]);
                match granted {
                    Ok(_) => urc(cx, line),
                    Err(reason) => urc_because(cx, line, reason),
                }
            }
            Report::Unsubscribed { id, topic } => {
                let head = format!("+MQTTUNSUBACK:{id},");
                urc(cx, join(&[head.as_bytes(), &topic]));
            }
            Report::Acknowledged { id } => urc(cx, format!("+MQTTPUBACK:{id},0")),
            Report::Received { id } => {
                urc(cx, format!("+MQTTPUBREC:{id},0"));
                urc(cx, format!("+MQTTPUBREL:{id},0"));
            }
            Report::Completed { id } => urc(cx, format!("+MQTTPUBCOMP:{id},0")),
            Report::Message(message) => {
                let (dup, qos) = (u8::from(message.dup), message.qos as u8);
                let (retain, id) = (u8::from(message.retain), message.id);
                let (topic, length) = (message.topic.as_bytes(), message.payload.len());
                let head = format!("+MQTTPUBLISH:{dup},{qos},{retain},{id},");
                let middle = format!(",{length},");
                urc(
                    cx,
                    join(&[head.as_bytes(), topic, middle.as_bytes(), &message.payload]),
                );
            }
            Report::PingAnswered => {
                if self.client.ping_echo {
                    urc(cx, "+MQTTPINGRESP:OK");
                }
            }
            // OK was said; a loss shows by itself.
            Report::Written
            | Report::Failed { .. }
            | Report::Released { .. }
            | Report::Malformed(..) => {}
        }
    }
}
