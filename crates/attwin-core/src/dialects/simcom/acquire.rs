//! `AT+CMQTTACCQ`, `AT+CMQTTREL`, `AT+CMQTTSSLCFG` and `AT+CMQTTCFG`: a client
//! before it connects (docs/spec/simcom.md 3.3 to 3.5, 3.17).

use alloc::format;

use bytes::Bytes;

use super::client::{Acquired, Client, Settings};
use super::{Failure, INDEX, LAST_CLIENT, Need, SimCom, code, fail, index, is_utf8};
use crate::command::{Answer, Args, Field, Form, Meaning, Origin, Param, Spec};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::mqtt::client::Phase;
use crate::reason::Reason;

static SERVER_TYPES: [Meaning; 2] = [
    Meaning::new("0", "MQTT over TCP"),
    Meaning::new("1", "MQTT over TLS"),
];
static CHECKS: [Meaning; 2] = [
    Meaning::new("0", "strings may be any bytes"),
    Meaning::new("1", "client identifier and topics have to be UTF-8"),
];
static FIELDS: [Field; 4] = [
    Field::new("client_index", "the client; 0 is the only one"),
    Field::new("server_type", "how it connects").values(&SERVER_TYPES),
    Field::new("checkUTF8_flag", "whether strings are checked").values(&CHECKS),
    Field::new("optimeout_val", "seconds an operation may take"),
];

pub(super) static ROWS: [Row<SimCom>; 6] = [
    Row::new(
        Spec::new("+CMQTTACCQ", "docs/spec/simcom.md 3.3", "acquire a client")
            .test_lines(&["+CMQTTACCQ: (0-0),(1-256)[,(0-1)]"])
            .answers(&[
                Answer::new("+CMQTTACCQ: <client_index>,\"<clientID>\",<server_type>")
                    .fields(&FIELDS),
                Answer::new("+CMQTTACCQ: <client_index>,<err>").fields(&code::FIELDS),
            ])
            .read()
            .write(&[
                INDEX,
                Param::text("clientID", 1, 256),
                Param::int("server_type", 0, 1)
                    .values(&SERVER_TYPES)
                    .optional(),
            ])
            .example("+CMQTTACCQ=0,\"client test0\""),
        acquire,
    ),
    Row::new(
        Spec::new("+CMQTTREL", "docs/spec/simcom.md 3.4", "release a client")
            .test_lines(&["+CMQTTREL: (0-1)"])
            .answers(&[Answer::new("+CMQTTREL: <client_index>,<err>").fields(&code::FIELDS)])
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
        .answers(&[Answer::new("+CMQTTSSLCFG: <session_id>,<ssl_ctx_index>")])
        .read()
        .write(&[
            Param::int("session_id", 0, LAST_CLIENT),
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
        .answers(&[
            Answer::new("+CMQTTCFG: <client_index>,<checkUTF8_flag>,<optimeout_val>")
                .fields(&FIELDS),
        ])
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
        .write(&[INDEX, Param::int("checkUTF8_flag", 0, 1).values(&CHECKS)])
        .example("+CMQTTCFG=\"checkUTF8\",0,0"),
        |s, _, _, args| {
            set(s, args, |settings| {
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
            set(s, args, |settings| {
                settings.operation_timeout = args.byte(1).unwrap_or_default();
            })
        },
    ),
];

fn acquire(s: &mut SimCom, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        for client in &s.clients {
            if let Some(acquired) = &client.acquired {
                let line = cx.line("+CMQTTACCQ").value(client.index);
                cx.reply(line.quoted(&acquired.id).value(u8::from(acquired.tls)));
            }
        }
        return Outcome::Ok;
    }
    let (index, id) = (index(args), args.text(1).unwrap_or_default());
    if let Err(failure) = s.require_service() {
        return fail(cx, "+CMQTTACCQ", index, failure);
    }
    let client = &mut s.clients[usize::from(index)];
    if client.acquired.is_some() {
        let cause = format!("client {index} is acquired already");
        let failure = Failure::new(code::CLIENT_USED, cause);
        let failure = failure.remedy("use it as it is, or release it with AT+CMQTTREL");
        return fail(cx, "+CMQTTACCQ", index, failure);
    }
    // The flag that would switch this off cannot be set yet.
    if !is_utf8(id) {
        let failure = Failure::new(code::BAD_UTF8, "the client identifier is not UTF-8");
        return fail(cx, "+CMQTTACCQ", index, failure);
    }
    client.acquired = Some(Acquired {
        id: Bytes::copy_from_slice(id),
        tls: args.flag(2).unwrap_or_default(),
    });
    Outcome::Ok
}

fn release(s: &mut SimCom, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        return Outcome::Ok;
    }
    let index = index(args);
    match s.client(index, Need::Anything) {
        Err(failure) => fail(cx, "+CMQTTREL", index, failure),
        Ok((client, _)) if client.is_connected() => {
            let cause = format!("client {index} is connected");
            let failure = Failure::new(code::BUSY, cause).remedy("AT+CMQTTDISC comes first");
            fail(cx, "+CMQTTREL", index, failure)
        }
        Ok((client, _)) => {
            *client = Client::new(index);
            Outcome::Ok
        }
    }
}

/// Also before a client is acquired; whatever is wrong is ERROR alone.
fn tls_context(s: &mut SimCom, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        for client in &s.clients {
            let context = client.ssl_context.unwrap_or(0);
            cx.reply(format!("+CMQTTSSLCFG: {},{context}", client.index));
        }
        return Outcome::Ok;
    }
    let client = &mut s.clients[usize::from(index(args))];
    if client.phase() != Phase::Closed {
        let cause = "the client is connected, or busy with its connection";
        let reason = Reason::new(cause).remedy("choose the context before AT+CMQTTCONNECT");
        return Outcome::error(reason);
    }
    client.ssl_context = args.byte(1);
    Outcome::Ok
}

fn show_settings(s: &mut SimCom, cx: &mut Context<'_>) -> Outcome {
    for client in &s.clients {
        let Settings {
            check_utf8,
            operation_timeout,
        } = client.settings;
        let (index, flag) = (client.index, u8::from(check_utf8));
        cx.reply(format!("+CMQTTCFG: {index},{flag},{operation_timeout}"));
    }
    Outcome::Ok
}

/// Between ACCQ and CONNECT only; whatever is wrong is ERROR alone.
fn set(s: &mut SimCom, args: &Args<'_>, set: impl FnOnce(&mut Settings)) -> Outcome {
    match s.client(index(args), Need::NoConnection) {
        Ok((client, _)) => {
            set(&mut client.settings);
            Outcome::Ok
        }
        Err(failure) => Outcome::error(failure.reason),
    }
}
