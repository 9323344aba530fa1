//! `AT+MQTTCFG` to `AT+MQTTPING` (docs/spec/onemo.md B3), but for publishing.

use alloc::format;

use bytes::Bytes;

use super::super::client::{State, has_network};
use super::super::settings::{OpenRequest, Settings, qos};
use super::super::{OneMo, TOPIC, join, row, urc};
use super::{Mn316, Refused};
use crate::command::{Args, Form, Kind, Param, Spec};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::mqtt::packet::Will;

type Module = OneMo<Mn316>;

/// What stands beyond the last parameter is ignored (docs/spec/onemo.md B2.3).
const SURPLUS: Param = Param::of("surplus", Kind::RestOfLine(8192)).optional();
/// Hosts write `=0` where nothing should stand (docs/spec/onemo.md B3.7).
const ZERO: Param = Param::int("zero", 0, 0);

const USER: Param = Param::int("usrFlag", 0, 1);
const PASSWORD: Param = Param::int("pwdFlag", 0, 1);
const WILL: Param = Param::int("willFlag", 0, 1);
const WILL_RETAIN: Param = Param::int("willRetain", 0, 1);
const WILL_QOS: Param = Param::int("willQos", 0, 2);

const fn spec(name: &'static str, section: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, section, summary).refusal(Refused::Parameter as u16)
}

pub(super) static ROWS: [Row<Module>; 11] = [
    row(
        spec(
            "+MQTTCFG",
            "docs/spec/onemo.md B3.1",
            "configure the client",
        )
        .read()
        .write(&[
            Param::text("host", 1, 256),
            Param::int("port", 1, 65_535),
            Param::text("id", 0, 256),
            Param::int("keepAlive", 0, 65_535),
            Param::text("user", 0, 256),
            Param::text("passwd", 0, 256),
            Param::int("clean", 0, 1),
            Param::int("encrypt", 0, 1).optional(),
        ])
        .example("+MQTTCFG=\"183.230.40.39\",6002,\"4069959\",60,\"75829\",\"secret\",1,0"),
        |m, cx, form, args| match form {
            Form::Read => show_settings(m, cx),
            _ => configure(m, cx, args),
        },
    ),
    // Told apart by how many arguments there are.
    row(
        spec(
            "+MQTTOPEN",
            "docs/spec/onemo.md B3.2",
            "connect to the server",
        )
        .write(&[
            USER,
            PASSWORD,
            WILL,
            WILL_RETAIN,
            WILL_QOS,
            Param::text("will-topic", 0, TOPIC),
            Param::text("will-mesg", 0, TOPIC),
        ])
        .max_settings("20 s for TCP, then MQTTTO for CONNACK")
        .example("+MQTTOPEN=1,1,0,0,0,\"\",\"\""),
        |m, cx, _, args| open(m, cx, args),
    ),
    row(
        spec(
            "+MQTTOPEN",
            "docs/spec/onemo.md B3.2",
            "connect without a will",
        )
        .write(&[USER, PASSWORD, WILL, WILL_RETAIN, WILL_QOS])
        .max_settings("20 s for TCP, then MQTTTO for CONNACK")
        .example("+MQTTOPEN=1,1,0,0,0"),
        |m, cx, _, args| open(m, cx, args),
    ),
    row(
        spec(
            "+MQTTOPEN",
            "docs/spec/onemo.md B3.2",
            "connect without a will",
        )
        .write(&[USER, PASSWORD, WILL])
        .max_settings("20 s for TCP, then MQTTTO for CONNACK")
        .example("+MQTTOPEN=1,1,0"),
        |m, cx, _, args| open(m, cx, args),
    ),
    row(
        spec(
            "+MQTTSTAT",
            "docs/spec/onemo.md B3.3",
            "state of the client",
        )
        .read()
        .example("+MQTTSTAT?"),
        |m, cx, _, _| {
            cx.reply(format!("+MQTTSTAT:{}", m.client.state() as u8));
            Outcome::Ok
        },
    ),
    row(
        spec(
            "+MQTTSUB",
            "docs/spec/onemo.md B3.4",
            "subscribe to a topic",
        )
        .read()
        .write(&[
            Param::text("topic", 1, TOPIC),
            Param::int("qos", 0, 2),
            Param::int("index", 0, 0).optional(),
            SURPLUS,
        ])
        .max_settings("MQTTTO, 10 s by default")
        .example("+MQTTSUB=\"dev/gsm\",2"),
        |m, cx, form, args| match form {
            Form::Read => show_subscriptions(m, cx),
            _ => subscribe(m, cx, args),
        },
    ),
    row(
        spec(
            "+MQTTUNSUB",
            "docs/spec/onemo.md B3.6",
            "unsubscribe from a topic",
        )
        .write(&[Param::text("topic", 1, TOPIC), SURPLUS])
        .max_settings("MQTTTO, 10 s by default")
        .example("+MQTTUNSUB=\"dev/gsm/u\""),
        |m, cx, _, args| unsubscribe(m, cx, args),
    ),
    row(
        spec("+MQTTDISC", "docs/spec/onemo.md B3.7", "disconnect")
            .execute()
            .write(&[ZERO, SURPLUS])
            .example("+MQTTDISC"),
        |m, cx, _, _| disconnect(m, cx),
    ),
    row(
        spec("+MQTTDEL", "docs/spec/onemo.md B3.8", "forget the client")
            .execute()
            .write(&[ZERO, SURPLUS])
            .example("+MQTTDEL"),
        |m, cx, _, _| {
            if m.client_is(State::Idle) {
                m.client.delete(cx);
                Outcome::Ok
            } else {
                m.refused(Refused::State)
            }
        },
    ),
    row(
        spec(
            "+MQTTTO",
            "docs/spec/onemo.md B3.9",
            "seconds an acknowledgement may take",
        )
        .read()
        .write(&[Param::int("timeout", 1, 65_535), SURPLUS])
        .example("+MQTTTO=10"),
        |m, cx, form, args| {
            if form == Form::Read {
                cx.reply(format!("+MQTTTO:{}", m.client.acknowledge_timeout));
            } else {
                m.client.acknowledge_timeout = args.short(0).unwrap_or_default();
            }
            Outcome::Ok
        },
    ),
    row(
        spec(
            "+MQTTPING",
            "docs/spec/onemo.md B3.10",
            "whether PINGRESP is shown",
        )
        .read()
        .write(&[Param::int("rspEcho", 0, 1), SURPLUS])
        .example("+MQTTPING=1"),
        |m, cx, form, args| {
            if form == Form::Read {
                cx.reply(format!("+MQTTPING:{}", u8::from(m.client.ping_echo)));
            } else {
                m.client.ping_echo = args.flag(0).unwrap_or_default();
            }
            Outcome::Ok
        },
    ),
];

fn configure(m: &mut Module, cx: &mut Context<'_>, args: &Args<'_>) -> Outcome {
    let text = |index| Bytes::copy_from_slice(args.text(index).unwrap_or_default());
    let settings = Settings {
        host: text(0),
        port: args.short(1).unwrap_or_default(),
        client_id: text(2),
        keep_alive: args.short(3).unwrap_or_default(),
        user: text(4),
        password: text(5),
        clean_session: args.flag(6).unwrap_or_default(),
        version: Bytes::new(),
        encrypt: args.flag(7).unwrap_or_default(),
    };
    if settings.host.is_empty() || (settings.encrypt && m.model.knobs.strict_encrypt) {
        return m.refused(Refused::Parameter);
    }
    if !m.client_is(State::Unconfigured) {
        return m.refused(Refused::State);
    }
    m.client.configure(cx, settings);
    Outcome::Ok
}

/// Strings without quotes.
fn show_settings(m: &mut Module, cx: &mut Context<'_>) -> Outcome {
    let Some(s) = &m.client.settings else {
        return m.refused(Refused::State);
    };
    let (clean, encrypt) = (u8::from(s.clean_session), u8::from(s.encrypt));
    let line = join(&[
        b"+MQTTCFG:",
        &s.host,
        format!(",{},", s.port).as_bytes(),
        &s.client_id,
        format!(",{},", s.keep_alive).as_bytes(),
        &s.user,
        format!(",***,{clean},{encrypt}").as_bytes(),
    ]);
    cx.reply(line);
    Outcome::Ok
}

/// Checks in the order of docs/spec/onemo.md B3.2.
fn open(m: &mut Module, cx: &mut Context<'_>, args: &Args<'_>) -> Outcome {
    let flag = |index| args.flag(index).unwrap_or_default();
    let text = |index| Bytes::copy_from_slice(args.text(index).unwrap_or_default());
    let will = flag(2).then(|| Will {
        topic: text(5),
        message: text(6),
        qos: qos(args.int(4)),
        retain: flag(3),
    });
    if will.as_ref().is_some_and(|will| will.topic.is_empty()) {
        return m.refused(Refused::Parameter);
    }
    let request = OpenRequest {
        with_user: flag(0),
        with_password: flag(1),
        will,
        roots: m.model.knobs.tls_ca.clone(),
    };
    let settings = match &m.client.settings {
        Some(settings) if m.client_is(State::Idle) => settings,
        _ => return m.refused(Refused::State),
    };
    if (request.with_user && settings.user.is_empty())
        || (request.with_password && settings.password.is_empty())
    {
        return m.refused(Refused::Parameter);
    }
    if !has_network(cx) {
        return m.refused(Refused::Network);
    }
    m.client.open(cx, request);
    Outcome::Ok
}

fn subscribe(m: &mut Module, cx: &mut Context<'_>, args: &Args<'_>) -> Outcome {
    let topic = Bytes::copy_from_slice(args.text(0).unwrap_or_default());
    if !m.client_is(State::Connected) {
        return m.refused(Refused::State);
    }
    match m.client.subscribe(cx, topic, qos(args.int(1))) {
        Ok(()) => Outcome::Ok,
        Err(_) => m.refused(Refused::State),
    }
}

fn unsubscribe(m: &mut Module, cx: &mut Context<'_>, args: &Args<'_>) -> Outcome {
    let topic = Bytes::copy_from_slice(args.text(0).unwrap_or_default());
    let known = m
        .client
        .subscriptions
        .iter()
        .any(|(known, _)| *known == topic);
    if !m.client_is(State::Connected) || !known {
        return m.refused(Refused::State);
    }
    match m.client.unsubscribe(cx, topic) {
        Ok(()) => Outcome::Ok,
        Err(_) => m.refused(Refused::State),
    }
}

/// The one line of this command set with a space behind its colon.
fn show_subscriptions(m: &mut Module, cx: &mut Context<'_>) -> Outcome {
    if m.client_is(State::Unconfigured) {
        return m.refused(Refused::State);
    }
    for (topic, qos) in &m.client.subscriptions {
        cx.reply(join(&[b"+MQTTSUB: ", topic, format!(",{qos}").as_bytes()]));
    }
    if m.client.subscriptions.is_empty() {
        cx.reply("+MQTTSUB:");
    }
    Outcome::Ok
}

fn disconnect(m: &mut Module, cx: &mut Context<'_>) -> Outcome {
    match m.client.state() {
        State::Connected => m.client.disconnect(cx),
        State::Reconnecting | State::Opening | State::Up | State::Connecting => {
            m.client.abort(cx);
            urc(cx, "+MQTTDISC:OK");
        }
        State::Unconfigured | State::Idle | State::Disconnecting => {
            return m.refused(Refused::State);
        }
    }
    Outcome::Ok
}
