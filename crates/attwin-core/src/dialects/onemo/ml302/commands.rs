//! `AT+MQTTCFG` to `AT+MQTTTO` (docs/spec/onemo.md A3), but for publishing.

use alloc::format;

use bytes::Bytes;

use super::super::client::{State, has_network};
use super::super::settings::{OpenRequest, Settings, qos};
use super::super::{OneMo, TOPIC, join, row, urc};
use super::{Ml302, Waiting, cme};
use crate::command::{Args, Form, Kind, Param, Spec};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::mqtt::packet::Will;

type Module = OneMo<Ml302>;

/// A command whose arguments are refused with 601.
const fn spec(name: &'static str, section: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, section, summary).refusal(cme::PARAMETER)
}

pub(super) static ROWS: [Row<Module>; 10] = [
    row(
        Spec::new(
            "+MQTTCFG",
            "docs/spec/onemo.md A3.1",
            "configure the client",
        )
        .read()
        .write(&[
            Param::text("host", 1, 128),
            Param::int("port", 1, 65_535),
            Param::text("id", 0, 128),
            Param::int("keepAlive", 0, 65_535),
            Param::text("user", 0, 128),
            Param::text("passwd", 0, 128),
            Param::int("clean", 0, 1),
            Param::text("version", 0, 128).optional(),
            Param::int("encrypt", 0, 1).optional(),
        ])
        .example("+MQTTCFG=\"183.230.40.39\",6002,\"532337966\",60,\"246883\",\"secret\",0"),
        |m, cx, form, args| match form {
            Form::Read => show_settings(m, cx),
            _ => configure(m, cx, args),
        },
    ),
    row(
        spec(
            "+MQTTOPEN",
            "docs/spec/onemo.md A3.2",
            "connect to the server",
        )
        .write(&[
            Param::int("usrFlag", 0, 1),
            Param::int("pwdFlag", 0, 1),
            Param::int("willFlag", 0, 1),
            Param::int("willRetain", 0, 1),
            Param::int("willQos", 0, 2),
            Param::text("will-topic", 0, TOPIC),
            Param::text("will-mesg", 0, TOPIC),
        ])
        .max_settings("20 s for TCP, then MQTTTO for CONNACK")
        .example("+MQTTOPEN=1,1,0,0,0,\"\",\"\""),
        |m, cx, _, args| open(m, cx, args),
    ),
    row(
        spec(
            "+MQTTSTAT",
            "docs/spec/onemo.md A3.3",
            "state of the client",
        )
        .read()
        .example("+MQTTSTAT?"),
        |m, cx, _, _| {
            // Values of docs/spec/onemo.md A5.
            let state = match m.client.state() {
                State::Unconfigured | State::Idle | State::Disconnecting => 0,
                State::Connected => 1,
                State::Opening | State::Reconnecting => 2,
                State::Up => 3,
                State::Connecting => 4,
            };
            cx.reply(format!("+MQTTSTAT: {state}"));
            Outcome::Ok
        },
    ),
    row(
        spec(
            "+MQTTSUB",
            "docs/spec/onemo.md A3.4",
            "subscribe to a topic",
        )
        .read()
        .write(&[Param::text("topic", 1, TOPIC), Param::int("qos", 0, 2)])
        .max_settings("MQTTTO, 10 s by default")
        .example("+MQTTSUB=\"dev/gsm/u\",2"),
        |m, cx, form, args| match form {
            Form::Read => show_subscriptions(m, cx),
            _ => subscribe(m, cx, args),
        },
    ),
    row(
        spec(
            "+MQTTUNSUB",
            "docs/spec/onemo.md A3.5",
            "unsubscribe from a topic",
        )
        .write(&[
            Param::text("topic", 1, TOPIC),
            // Hosts send a QoS here, which has no meaning.
            Param::of(
                "ignored",
                Kind::IntegerOrText {
                    integer: (0, u32::MAX),
                    text: TOPIC,
                },
            )
            .optional(),
        ])
        .max_settings("MQTTTO, 10 s by default")
        .example("+MQTTUNSUB=\"test\""),
        |m, cx, _, args| unsubscribe(m, cx, args),
    ),
    row(
        // A parameter is plain ERROR, not another form.
        Spec::new("+MQTTDISC", "docs/spec/onemo.md A3.7", "disconnect")
            .execute()
            .write(&[]),
        |m, cx, _, _| disconnect(m, cx),
    ),
    row(
        Spec::new("+MQTTDEL", "docs/spec/onemo.md A3.8", "forget the client")
            .execute()
            .write(&[]),
        |m, cx, _, _| {
            if m.client_is(State::Idle) {
                m.client.delete(cx);
                Outcome::Ok
            } else {
                Outcome::Error
            }
        },
    ),
    row(
        spec(
            "+MQTTPING",
            "docs/spec/onemo.md A3.9",
            "whether PINGRESP is shown",
        )
        .read()
        .write(&[Param::int("rspEcho", 0, 1)])
        .example("+MQTTPING=1"),
        |m, cx, form, args| {
            if form == Form::Read {
                cx.reply(format!("+MQTTPING: {}", u8::from(m.client.ping_echo)));
            } else if m.is_not_connected() {
                return Outcome::Cme(cme::NETWORK);
            } else {
                m.client.ping_echo = args.flag(0).unwrap_or_default();
            }
            Outcome::Ok
        },
    ),
    row(
        spec(
            "+MQTTREC",
            "docs/spec/onemo.md A3.10",
            "whether a lost connection is made again",
        )
        .read()
        .write(&[Param::int("recon", 0, 1)])
        .example("+MQTTREC=1"),
        |m, cx, form, args| {
            if form == Form::Read {
                let (on, begun) = (u8::from(m.client.reconnects), m.client.machine.begun());
                cx.reply(format!("+MQTTREC: {on},{begun}"));
                return Outcome::Ok;
            }
            m.client.reconnects = args.flag(0).unwrap_or_default();
            if !m.client.reconnects && m.client_is(State::Reconnecting) {
                m.client.abort(cx);
                urc(cx, "+MQTTDISC: OK");
            }
            Outcome::Ok
        },
    ),
    row(
        spec(
            "+MQTTTO",
            "docs/spec/onemo.md A3.11",
            "seconds an acknowledgement may take",
        )
        .read()
        .write(&[Param::int("timeout", 1, 65_535)])
        .example("+MQTTTO=10"),
        |m, cx, form, args| {
            if form == Form::Read {
                cx.reply(format!("+MQTTTO: {}", m.client.acknowledge_timeout));
            } else {
                m.client.acknowledge_timeout = args.short(0).unwrap_or_default();
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
        version: text(7),
        encrypt: args.flag(8).unwrap_or_default(),
    };
    let lacks_version = settings.encrypt && settings.version.is_empty();
    if lacks_version || m.client_is(State::Connected) {
        return Outcome::Error;
    }
    m.client.configure(cx, settings);
    Outcome::Ok
}

fn show_settings(m: &mut Module, cx: &mut Context<'_>) -> Outcome {
    let Some(s) = &m.client.settings else {
        cx.reply("+MQTTCFG:\"(null)\",0,\"(null)\",0,\"(null)\",\"***\",0,\"(null)\",0");
        return Outcome::Ok;
    };
    let (port, keep_alive) = (format!("{}", s.port), format!("{}", s.keep_alive));
    let (clean, encrypt) = (u8::from(s.clean_session), u8::from(s.encrypt));
    let line = join(&[
        b"+MQTTCFG:\"",
        &s.host,
        b"\",",
        port.as_bytes(),
        b",\"",
        &s.client_id,
        b"\",",
        keep_alive.as_bytes(),
        b",\"",
        &s.user,
        format!("\",\"***\",{clean},\"").as_bytes(),
        &s.version,
        format!("\",{encrypt}").as_bytes(),
    ]);
    cx.reply(line);
    Outcome::Ok
}

/// Checks in the order of docs/spec/onemo.md A3.2.
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
        return Outcome::Cme(cme::PARAMETER);
    }
    let request = OpenRequest {
        with_user: flag(0),
        with_password: flag(1),
        will,
        roots: m.model.knobs.tls_ca.clone(),
    };
    match m.client.state() {
        State::Unconfigured => return Outcome::Cme(cme::PARAMETER),
        State::Connected => return Outcome::Cme(cme::CONNECTED),
        State::Idle => {}
        _ => return Outcome::Cme(cme::CONNECT_FAILED),
    }
    let lacks_credentials = m.client.settings.as_ref().is_some_and(|s| {
        (request.with_user && s.user.is_empty()) || (request.with_password && s.password.is_empty())
    });
    if lacks_credentials {
        return Outcome::Cme(cme::PARAMETER);
    }
    if !has_network(cx) {
        return Outcome::Cme(cme::NETWORK);
    }
    m.client.ping_divisor = m.model.knobs.ping_divisor;
    let outcome = m.wait(Waiting::Open);
    m.client.open(cx, request);
    outcome
}

fn subscribe(m: &mut Module, cx: &mut Context<'_>, args: &Args<'_>) -> Outcome {
    let topic = Bytes::copy_from_slice(args.text(0).unwrap_or_default());
    if m.is_not_connected() {
        return Outcome::Cme(cme::NETWORK);
    }
    if m.client
        .subscriptions
        .iter()
        .any(|(known, _)| *known == topic)
    {
        return Outcome::Cme(cme::TOPIC_SUBSCRIBED);
    }
    let outcome = m.wait(Waiting::Request);
    match m.client.subscribe(cx, topic, qos(args.int(1))) {
        Ok(()) => outcome,
        Err(_) => m.not_sent(),
    }
}

fn unsubscribe(m: &mut Module, cx: &mut Context<'_>, args: &Args<'_>) -> Outcome {
    let topic = Bytes::copy_from_slice(args.text(0).unwrap_or_default());
    if m.is_not_connected() {
        return Outcome::Cme(cme::NETWORK);
    }
    if m.client
        .subscriptions
        .iter()
        .all(|(known, _)| *known != topic)
    {
        return Outcome::Cme(cme::NOT_SUBSCRIBED);
    }
    let outcome = m.wait(Waiting::Request);
    match m.client.unsubscribe(cx, topic) {
        Ok(()) => outcome,
        Err(_) => m.not_sent(),
    }
}

/// The header stands alone if nothing is subscribed.
fn show_subscriptions(m: &mut Module, cx: &mut Context<'_>) -> Outcome {
    cx.reply("+MQTTSUB:");
    for (topic, qos) in &m.client.subscriptions {
        cx.reply(join(&[topic, format!(",{qos}").as_bytes()]));
    }
    Outcome::Ok
}

fn disconnect(m: &mut Module, cx: &mut Context<'_>) -> Outcome {
    match m.client.state() {
        State::Connected => {
            let outcome = m.wait(Waiting::Disconnect);
            m.client.disconnect(cx);
            outcome
        }
        State::Reconnecting => {
            m.client.abort(cx);
            cx.reply("+MQTTDISC: OK");
            Outcome::Ok
        }
        State::Disconnecting => Outcome::Cme(cme::DISCONNECTED),
        _ => Outcome::Error,
    }
}

impl Module {
    /// The session took a request not; nothing waits.
    pub(super) fn not_sent(&mut self) -> Outcome {
        self.model.waiting = None;
        Outcome::Cme(cme::SEND_FAILED)
    }
}
