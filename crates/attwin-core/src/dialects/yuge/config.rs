//! What the host sets beforehand: `AT+IMQTTMODE`, `PARA`, `USER`, `ADDR`,
//! `LWT`, `LWTBIN`, `AUTH` and `RECVMODE` (docs/spec/yuge.md 3.1 to 3.6, 3.15 and
//! 3.17).

use alloc::format;

use bytes::Bytes;

use super::refused::Refused;
use super::settings::{DeviceTriple, Mode, Parameter, WillSetting};
use super::text::{self, DIGITS, Line, MESSAGE, TOPIC};
use super::{Yuge, meaning, qos};
use crate::command::{Answer, Args, Field, Form, Param, Spec, Test};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::mqtt::packet::Level;

const TOPIC_OR_NONE: Param = Param::text("topic", 0, TOPIC);
const QOS: Param = Param::int("qos", 0, 2).values(&meaning::QOS_LEVELS);
const RETAINED: Param = Param::int("retained", 0, 1)
    .values(&meaning::RETAIN)
    .optional();

const RECEIVE: Field =
    Field::new("recvMode", "how messages are received").values(&meaning::RECEIVE_MODES);

const fn spec(name: &'static str, section: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, section, summary).test(Test::Ok).read()
}

pub(super) static ROWS: [Row<Yuge>; 8] = [
    Row::new(
        spec("+IMQTTMODE", "docs/spec/yuge.md 3.1", "connection mode")
            .write(&[
                Param::int("mode", 1, 2).values(&meaning::MODES),
                Param::int("tls", 0, 1).values(&meaning::ENCRYPTION),
                Param::int("recvMode", 0, 1)
                    .values(&meaning::RECEIVE_MODES)
                    .optional(),
            ])
            .answers(&[
                Answer::new("+IMQTTMODE:<mode>,<tls>,<recvMode>").fields(&const {
                    [
                        Field::new("mode", "which server").values(&meaning::MODES),
                        Field::new("tls", "transport").values(&meaning::ENCRYPTION),
                        RECEIVE,
                    ]
                }),
            ])
            .example("+IMQTTMODE=2,0"),
        mode,
    ),
    Row::new(
        spec("+IMQTTPARA", "docs/spec/yuge.md 3.2", "protocol parameters")
            .write_repeated(
                &[],
                &[Param::text("name", 1, 9), Param::text("value", 1, 10)],
                Parameter::ALL.len(),
            )
            .answers(&[Answer::new(
                "+IMQTTPARA:TIMEOUT,<timeout>,CLEAN,<clean>,KEEPALIVE,<keepalive>,VERSION,<version>",
            )
            .fields(&const {
                [
                    Field::new("timeout", "seconds an acknowledgement may take"),
                    Field::new("clean", "what becomes of the session").values(&meaning::SESSIONS),
                    Field::new("keepalive", "seconds"),
                    Field::new("version", "protocol").values(&meaning::VERSIONS),
                ]
            })])
            .example("+IMQTTPARA=TIMEOUT,1,CLEAN,0,KEEPALIVE,60,VERSION,3.1.1"),
        parameters,
    ),
    Row::new(
        spec(
            "+IMQTTUSER",
            "docs/spec/yuge.md 3.3",
            "user name and password",
        )
        .write(&[
            Param::text("userName", 0, 256),
            Param::text("password", 0, 256),
        ])
        .answers(&[Answer::new("+IMQTTUSER:<userName>,<password>")
            .fields(&[Field::new("password", "five asterisks if there is one")])])
        .example("+IMQTTUSER=name001,pwd001"),
        user,
    ),
    Row::new(
        spec(
            "+IMQTTADDR",
            "docs/spec/yuge.md 3.4",
            "server and client id",
        )
        .write(&[
            Param::text("addr", 0, 128),
            Param::int("port", 0, 65535),
            Param::text("clientId", 0, 256),
        ])
        .answers(&[Answer::new("+IMQTTADDR:<addr>,<port>,<clientId>")])
        .example("+IMQTTADDR=203.156.205.55,1883,\"testMQTT\""),
        address,
    ),
    Row::new(
        spec("+IMQTTLWT", "docs/spec/yuge.md 3.5", "will")
            .write(&[
                TOPIC_OR_NONE,
                QOS,
                Param::text("message", 0, MESSAGE),
                RETAINED,
            ])
            .answers(&[
                Answer::new("+IMQTTLWT: <topic>,<qos>,<message>,<retained>").fields(&meaning::WILL),
            ])
            .example("+IMQTTLWT=will_topic,0,will_message,0"),
        |s, cx, form, args| will(s, cx, form, args, Notation::Text),
    ),
    Row::new(
        spec(
            "+IMQTTLWTBIN",
            "docs/spec/yuge.md 3.6",
            "will, in hexadecimal",
        )
        .write(&[
            TOPIC_OR_NONE,
            QOS,
            Param::text("message", 0, DIGITS),
            RETAINED,
        ])
        .answers(&[
            Answer::new("+IMQTTLWTBIN: <topic>,<qos>,<message>,<retained>").fields(&meaning::WILL),
        ])
        .example("+IMQTTLWTBIN=will_topic,0,77696C6C5F6D657373616765,0"),
        |s, cx, form, args| will(s, cx, form, args, Notation::Hexadecimal),
    ),
    Row::new(
        spec(
            "+IMQTTAUTH",
            "docs/spec/yuge.md 3.15",
            "device of Alibaba Cloud",
        )
        .aliases(&["+IMQTTAUTU"])
        .write(&[
            Param::text("ProductKey", 1, 32),
            Param::text("DeviceName", 1, 64),
            Param::text("DeviceSecret", 1, 64),
        ])
        .answers(&[Answer::new(
            "+IMQTTAUTH:<ProductKey>,<DeviceName>,<DeviceSecret>",
        )])
        .example("+IMQTTAUTH=a1ArHWIBwWN,mqtt1,Fg5PVTXX6fjI7A8Bli2Oj9z9rUeLMftK"),
        authentication,
    ),
    Row::new(
        spec(
            "+IMQTTRECVMODE",
            "docs/spec/yuge.md 3.17",
            "how messages are received",
        )
        .write(&[Param::int("recvMode", 0, 1).values(&meaning::RECEIVE_MODES)])
        .answers(&[Answer::new("+IMQTTRECVMODE: <recvMode>").fields(&[RECEIVE])])
        .example("+IMQTTRECVMODE=1"),
        receive_mode,
    ),
];

/// How a message is written on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Notation {
    Text,
    Hexadecimal,
}

fn copied(args: &Args<'_>, index: usize) -> Bytes {
    Bytes::copy_from_slice(args.text(index).unwrap_or_default())
}

fn mode(s: &mut Yuge, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        cx.reply(
            Line::new("+IMQTTMODE:")
                .number(s.settings.mode as u8)
                .number(u8::from(s.settings.tls))
                .number(u8::from(s.client.inbox.buffered)),
        );
        return Outcome::Ok;
    }
    s.settings.mode = match args.int(0) {
        Some(1) => Mode::Alibaba,
        _ => Mode::Standard,
    };
    s.settings.tls = args.flag(1).unwrap_or_default();
    if let Some(buffered) = args.flag(2) {
        s.client.inbox.buffered = buffered;
    }
    Outcome::Ok
}

/// Each parameter at most once; with anything wrong none is set.
fn parameters(s: &mut Yuge, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    let mut parameters = s.settings.parameters;
    if form == Form::Read {
        let version = match parameters.level {
            Level::V31 => "3.1",
            Level::V311 => "3.1.1",
        };
        cx.reply(format!(
            "+IMQTTPARA:TIMEOUT,{},CLEAN,{},KEEPALIVE,{},VERSION,{version}",
            parameters.timeout,
            u8::from(parameters.clean_session),
            parameters.keep_alive,
        ));
        return Outcome::Ok;
    }
    let mut seen = [false; Parameter::ALL.len()];
    for at in args.groups() {
        let (name, value) = (copied(args, at), copied(args, at + 1));
        let Some(parameter) = Parameter::named(&name) else {
            return Refused::NoParameter(name).into();
        };
        if core::mem::replace(&mut seen[parameter as usize], true) {
            return Refused::Twice(parameter).into();
        }
        if parameters.set(parameter, &value).is_none() {
            return Refused::Value(parameter, value).into();
        }
    }
    s.settings.parameters = parameters;
    Outcome::Ok
}

/// A password is shown as five asterisks, whatever its length.
fn user(s: &mut Yuge, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        let masked = if s.settings.password.is_empty() {
            ""
        } else {
            "*****"
        };
        cx.reply(
            Line::new("+IMQTTUSER:")
                .text(&s.settings.user)
                .text(masked.as_bytes()),
        );
        return Outcome::Ok;
    }
    s.settings.user = copied(args, 0);
    s.settings.password = copied(args, 1);
    Outcome::Ok
}

/// An empty address with port 0 clears the setting; one without the other is
/// wrong, and so is a client identifier for no server: docs/spec/yuge.md 9.1 relies
/// on there being one.
fn address(s: &mut Yuge, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    let settings = &mut s.settings;
    if form == Form::Read {
        let (host, port) = match &settings.server {
            Some((host, port)) => (&host[..], *port),
            None => (&b""[..], 0),
        };
        cx.reply(
            Line::new("+IMQTTADDR:")
                .text(host)
                .number(port)
                .text(&settings.client_id),
        );
        return Outcome::Ok;
    }
    let (host, port) = (copied(args, 0), args.short(1).unwrap_or_default());
    let client_id = copied(args, 2);
    let clears = port == 0;
    match (host.is_empty(), clears) {
        (true, false) => return Refused::HostMissing.into(),
        (false, true) => return Refused::PortMissing.into(),
        (true, true) if !client_id.is_empty() => return Refused::ClientIdAlone.into(),
        _ => {}
    }
    settings.server = (!clears).then_some((host, port));
    settings.client_id = client_id;
    Outcome::Ok
}

/// There is one will; the other command does not show it.
fn will(
    s: &mut Yuge,
    cx: &mut Context<'_>,
    form: Form,
    args: &Args<'_>,
    notation: Notation,
) -> Outcome {
    if form == Form::Read {
        if let Some(WillSetting { will, digits }) = &s.settings.will {
            let (head, message) = match (notation, digits) {
                (Notation::Text, None) => ("+IMQTTLWT: ", &will.message),
                (Notation::Hexadecimal, Some(digits)) => ("+IMQTTLWTBIN: ", digits),
                _ => return Outcome::Ok,
            };
            cx.reply(
                Line::new(head)
                    .text(&will.topic)
                    .number(will.qos as u8)
                    .text(message)
                    .number(u8::from(will.retain)),
            );
        }
        return Outcome::Ok;
    }
    let (topic, written) = (copied(args, 0), copied(args, 2));
    let (message, digits) = match notation {
        Notation::Text => (Ok(written), None),
        Notation::Hexadecimal => (text::from_hex(&written), Some(written)),
    };
    let message = match message {
        Ok(message) => message,
        Err(error) => return Refused::Digits(error).into(),
    };
    if topic.is_empty() {
        s.settings.will = None;
        return Outcome::Ok;
    }
    if !text::is_topic(&topic) {
        return Refused::Topic(topic).into();
    }
    let retain = args.flag(3).unwrap_or_default();
    let will = WillSetting::new(topic, qos(args.int(1)), message, retain, digits);
    s.settings.will = Some(will);
    Outcome::Ok
}

fn authentication(s: &mut Yuge, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        let answer = Line::new("+IMQTTAUTH:");
        cx.reply(match &s.settings.device {
            Some(device) => answer
                .text(&device.product_key)
                .text(&device.device_name)
                .text(&device.device_secret),
            None => answer.text(b"").text(b"").text(b""),
        });
        return Outcome::Ok;
    }
    s.settings.device = Some(DeviceTriple {
        product_key: copied(args, 0),
        device_name: copied(args, 1),
        device_secret: copied(args, 2),
    });
    Outcome::Ok
}

fn receive_mode(s: &mut Yuge, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    match args.flag(0) {
        Some(buffered) if form == Form::Write => s.client.inbox.buffered = buffered,
        _ => cx.reply(format!(
            "+IMQTTRECVMODE: {}",
            u8::from(s.client.inbox.buffered)
        )),
    }
    Outcome::Ok
}
