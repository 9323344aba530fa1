//! `AT+CMQTTACCQ`, `AT+CMQTTREL`, `AT+CMQTTSSLCFG` and `AT+CMQTTCFG`: a client
//! before it connects (docs/spec/simcom.md 3.3 to 3.5, 3.17).

use alloc::boxed::Box;
use alloc::format;

use bytes::Bytes;

use super::client::{Client, Settings};
use super::{INDEX, Need, SimCom, code, is_utf8};
use crate::command::{Args, Form, Origin, Param, Spec};
use crate::handler::Row;
use crate::handler::{Context, Outcome};

pub(super) static ROWS: [Row<SimCom>; 6] = [
    Row::new(
        Spec::new("+CMQTTACCQ", "docs/spec/simcom.md 3.3", "acquire a client")
            .test_lines(&["+CMQTTACCQ: (0-0),(1-256)[,(0-1)]"])
            .read()
            .write(&[
                INDEX,
                Param::text("clientID", 1, 256),
                Param::int("server_type", 0, 1).optional(),
            ])
            .example("+CMQTTACCQ=0,\"client test0\""),
        acquire,
    ),
    Row::new(
        Spec::new("+CMQTTREL", "docs/spec/simcom.md 3.4", "release a client")
            .test_lines(&["+CMQTTREL: (0-1)"])
            .read()
            // Hosts send a time-out here, which has no meaning.
            .write(&[INDEX, Param::int("timeout", 0, u32::MAX).optional()])
            .example("+CMQTTREL=0"),
        release,
    ),
    Row::new(
        Spec::new(
            "+CMQTTSSLCFG",
            "docs/spec/simcom.md 3.5",
            "choose the TLS context",
        )
        .test_lines(&["+CMQTTSSLCFG: (0,0),(0-1)"])
        .read()
        .write(&[
            Param::int("session_id", 0, 0),
            Param::int("ssl_ctx_index", 0, 1),
        ])
        .example("+CMQTTSSLCFG=0,0"),
        tls_context,
    ),
    Row::new(
        Spec::new(
            "+CMQTTCFG",
            "docs/spec/simcom.md 3.17",
            "settings of a client",
        )
        .read()
        .example("+CMQTTCFG?"),
        |s, cx, _, _| show_settings(s, cx),
    ),
    Row::new(
        Spec::new(
            "+CMQTTCFG",
            "docs/spec/simcom.md 3.17",
            "whether strings have to be UTF-8",
        )
        .option("checkUTF8")
        .test_lines(&["+CMQTTCFG: \"checkUTF8\",(0-0),(0-1)"])
        .write(&[INDEX, Param::int("checkUTF8_flag", 0, 1)])
        .example("+CMQTTCFG=\"checkUTF8\",0,0"),
        |s, _, _, args| {
            set(s, |settings| {
                settings.check_utf8 = args.flag(1).unwrap_or_default();
            })
        },
    ),
    Row::new(
        Spec::new(
            "+CMQTTCFG",
            "docs/spec/simcom.md 3.17",
            "seconds an operation may take",
        )
        .option("optimeout")
        .test_lines(&["+CMQTTCFG: \"optimeout\",(0-0),(20-120)"])
        .write(&[INDEX, Param::int("optimeout_val", 20, 120)])
        .origin(Origin::Manual)
        .example("+CMQTTCFG=\"optimeout\",0,24"),
        |s, _, _, args| {
            set(s, |settings| {
                settings.operation_timeout = args.byte(1).unwrap_or_default();
            })
        },
    ),
];

fn acquire(s: &mut SimCom, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        if let Some(client) = &s.client {
            let line = cx.line("+CMQTTACCQ").value(0).quoted(&client.id);
            cx.reply(line.value(u8::from(client.tls)));
        }
        return Outcome::Ok;
    }
    let id = args.text(1).unwrap_or_default();
    if s.client.is_some() {
        return s.fail(cx, "+CMQTTACCQ", code::CLIENT_USED);
    }
    // The flag that would switch this off cannot be set yet.
    if !is_utf8(id) {
        return s.fail(cx, "+CMQTTACCQ", code::BAD_UTF8);
    }
    let tls = args.flag(2).unwrap_or_default();
    s.client = Some(Box::new(Client::new(Bytes::copy_from_slice(id), tls)));
    Outcome::Ok
}

fn release(s: &mut SimCom, cx: &mut Context<'_>, form: Form, _: &Args<'_>) -> Outcome {
    if form == Form::Read {
        return Outcome::Ok;
    }
    match s.client(Need::Anything) {
        Err(code) => s.fail(cx, "+CMQTTREL", code),
        Ok(client) if client.is_connected() => s.fail(cx, "+CMQTTREL", code::BUSY),
        Ok(_) => {
            s.client = None;
            s.ssl_context = None;
            Outcome::Ok
        }
    }
}

/// Also before a client is acquired; whatever is wrong is ERROR alone.
fn tls_context(s: &mut SimCom, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        cx.reply(format!("+CMQTTSSLCFG: 0,{}", s.ssl_context.unwrap_or(0)));
        return Outcome::Ok;
    }
    if s.client.as_ref().is_some_and(|client| client.has_link()) {
        return Outcome::Error;
    }
    s.ssl_context = args.byte(1);
    Outcome::Ok
}

fn show_settings(s: &mut SimCom, cx: &mut Context<'_>) -> Outcome {
    let settings = s.client.as_ref().map(|client| client.settings);
    let Settings {
        check_utf8,
        operation_timeout,
    } = settings.unwrap_or_default();
    let flag = u8::from(check_utf8);
    cx.reply(format!("+CMQTTCFG: 0,{flag},{operation_timeout}"));
    Outcome::Ok
}

/// Between ACCQ and CONNECT only; whatever is wrong is ERROR alone.
fn set(s: &mut SimCom, set: impl FnOnce(&mut Settings)) -> Outcome {
    match s.client(Need::NoConnection) {
        Ok(client) => {
            set(&mut client.settings);
            Outcome::Ok
        }
        Err(_) => Outcome::Error,
    }
}
