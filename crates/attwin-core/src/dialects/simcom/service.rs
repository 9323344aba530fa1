//! `AT+CMQTTSTART` and `AT+CMQTTSTOP`: the service all else needs
//! (docs/spec/simcom.md 3.1, 3.2).

use alloc::format;
use alloc::string::String;

use super::connection::network_not_usable;
use super::{CONTEXT, Failure, SimCom, code};
use crate::command::{Answer, Spec, Test};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::reason::Reason;
use crate::serial::Channel;

pub(super) static ROWS: [Row<SimCom>; 2] = [
    Row::new(
        Spec::new(
            "+CMQTTSTART",
            "docs/spec/simcom.md 3.1",
            "start the MQTT service",
        )
        .test(Test::Ok)
        .answers(&[Answer::new("+CMQTTSTART: <err>").fields(&code::FIELDS)])
        .execute()
        .max_ms(12_000),
        |s, cx, _, _| start(s, cx),
    ),
    Row::new(
        Spec::new(
            "+CMQTTSTOP",
            "docs/spec/simcom.md 3.2",
            "stop the MQTT service",
        )
        .test(Test::Ok)
        .answers(&[Answer::new("+CMQTTSTOP: <err>").fields(&code::FIELDS)])
        .execute()
        .max_ms(12_000),
        |s, cx, _, _| stop(s, cx),
    ),
];

fn start(s: &mut SimCom, cx: &mut Context<'_>) -> Outcome {
    if s.started {
        if s.knobs.start_urc_first {
            cx.reply(format!("+CMQTTSTART: {}", code::NETWORK_OPENED));
        }
        let reason = Reason::new("the MQTT service is started already");
        return Outcome::error(reason.remedy("AT+CMQTTSTOP ends it"));
    }
    s.started = cx.radio.activate(CONTEXT);
    if s.started {
        say_started(s, cx, "+CMQTTSTART: 0".into(), None);
    } else {
        let Failure { code, reason } = network_not_usable(cx);
        say_started(s, cx, format!("+CMQTTSTART: {code}"), Some(reason));
    }
    Outcome::Ok
}

/// The result of AT+CMQTTSTART, in the place the module says it.
fn say_started(s: &SimCom, cx: &mut Context<'_>, line: String, reason: Option<Reason>) {
    if s.knobs.start_urc_first {
        cx.reply(line);
        if let Some(reason) = reason {
            cx.note(format!("AT+CMQTTSTART: {reason}"));
        }
        return;
    }
    let at = s.local_transition(cx);
    match reason {
        Some(reason) => cx.urc_because(Channel::Client(0), at, line, reason),
        None => cx.urc_at(Channel::Client(0), at, line),
    }
}

fn stop(s: &mut SimCom, cx: &mut Context<'_>) -> Outcome {
    if !s.started {
        let reason = Reason::new("the MQTT service is not started");
        return Outcome::error(reason);
    }
    let mut clients = s.clients.iter();
    if let Some(client) = clients.find(|client| client.acquired.is_some()) {
        let cause = format!("client {} is not released", client.index);
        cx.reply(format!("+CMQTTSTOP: {}", code::NOT_RELEASED));
        return Outcome::error(Reason::new(cause).remedy("AT+CMQTTREL comes first"));
    }
    s.started = false;
    for client in &mut s.clients {
        client.ssl_context = None;
    }
    let at = s.local_transition(cx);
    cx.urc_at(Channel::Client(0), at, "+CMQTTSTOP: 0");
    Outcome::Ok
}
