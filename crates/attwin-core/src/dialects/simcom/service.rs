//! `AT+CMQTTSTART` and `AT+CMQTTSTOP`: the service all else needs
//! (docs/spec/simcom.md 3.1, 3.2).

use alloc::format;

use super::{CONTEXT, SimCom, code};
use crate::command::{Spec, Test};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::serial::Channel;

pub(super) static ROWS: [Row<SimCom>; 2] = [
    Row::new(
        Spec::new(
            "+CMQTTSTART",
            "docs/spec/simcom.md 3.1",
            "start the MQTT service",
        )
        .test(Test::Ok)
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
        return Outcome::Error;
    }
    s.started = cx.radio.activate(CONTEXT);
    let result = if s.started {
        code::SUCCEEDED
    } else {
        code::NETWORK_OPEN_FAILED
    };
    let line = format!("+CMQTTSTART: {result}");
    if s.knobs.start_urc_first {
        cx.reply(line);
    } else {
        let at = s.local_transition(cx);
        cx.urc_at(Channel::Client(0), at, line);
    }
    Outcome::Ok
}

fn stop(s: &mut SimCom, cx: &mut Context<'_>) -> Outcome {
    if !s.started {
        return Outcome::Error;
    }
    if s.clients.iter().any(|client| client.acquired.is_some()) {
        cx.reply(format!("+CMQTTSTOP: {}", code::NOT_RELEASED));
        return Outcome::Error;
    }
    s.started = false;
    for client in &mut s.clients {
        client.ssl_context = None;
    }
    let at = s.local_transition(cx);
    cx.urc_at(Channel::Client(0), at, "+CMQTTSTOP: 0");
    Outcome::Ok
}
