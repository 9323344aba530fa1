//! `AT+MQTTCFG` to `AT+MQTTTO` (docs/spec/onemo.md A3), but for publishing.

use alloc::format;

use super::super::client::State;
use super::super::{OneMo, TOPIC, commands, urc};
use super::{Ml302, cme};
use crate::command::{Form, Kind, Param, Spec};
use crate::handler::{Outcome, Row};

type Module = OneMo<Ml302>;

/// A command whose arguments are refused with 601.
const fn spec(name: &'static str, section: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, section, summary).refusal(cme::PARAMETER)
}

pub(super) static ROWS: [Row<Module>; 10] = [
    Row::new(
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
        commands::configure,
    ),
    Row::new(
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
        commands::open,
    ),
    Row::new(
        spec(
            "+MQTTSTAT",
            "docs/spec/onemo.md A3.3",
            "state of the client",
        )
        .read()
        .example("+MQTTSTAT?"),
        commands::state,
    ),
    Row::new(
        spec(
            "+MQTTSUB",
            "docs/spec/onemo.md A3.4",
            "subscribe to a topic",
        )
        .read()
        .write(&[Param::text("topic", 1, TOPIC), Param::int("qos", 0, 2)])
        .max_settings("MQTTTO, 10 s by default")
        .example("+MQTTSUB=\"dev/gsm/u\",2"),
        commands::subscribe,
    ),
    Row::new(
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
        commands::unsubscribe,
    ),
    Row::new(
        // A parameter is plain ERROR, not another form.
        Spec::new("+MQTTDISC", "docs/spec/onemo.md A3.7", "disconnect")
            .execute()
            .write(&[]),
        commands::disconnect,
    ),
    Row::new(
        Spec::new("+MQTTDEL", "docs/spec/onemo.md A3.8", "forget the client")
            .execute()
            .write(&[]),
        commands::delete,
    ),
    Row::new(
        spec(
            "+MQTTPING",
            "docs/spec/onemo.md A3.9",
            "whether PINGRESP is shown",
        )
        .read()
        .write(&[Param::int("rspEcho", 0, 1)])
        .example("+MQTTPING=1"),
        commands::ping,
    ),
    Row::new(
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
    Row::new(
        spec(
            "+MQTTTO",
            "docs/spec/onemo.md A3.11",
            "seconds an acknowledgement may take",
        )
        .read()
        .write(&[Param::int("timeout", 1, 65_535)])
        .example("+MQTTTO=10"),
        commands::timeout,
    ),
];
