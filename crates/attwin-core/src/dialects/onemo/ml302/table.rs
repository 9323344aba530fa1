//! `AT+MQTTCFG` to `AT+MQTTTO` (docs/spec/onemo.md A3), but for publishing.

use alloc::format;

use super::super::client::State;
use super::super::{OneMo, TOPIC, commands, meaning, urc};
use super::{Ml302, cme};
use crate::command::{Answer, Field, Form, Kind, Meaning, Param, Spec};
use crate::handler::{Outcome, Row};

type Module = OneMo<Ml302>;

/// A command whose arguments are refused with 601.
const fn spec(name: &'static str, section: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, section, summary).refusal(cme::PARAMETER)
}

static RECONNECTS: [Meaning; 2] = [
    Meaning::new("0", "a lost connection stays lost"),
    Meaning::new("1", "a lost connection is made again"),
];

static STATES: [Meaning; 5] = [
    Meaning::new("0", "not connected"),
    Meaning::new("1", "connected"),
    Meaning::new("2", "setting up TCP, or connecting again"),
    Meaning::new("3", "TCP is up"),
    Meaning::new("4", "CONNECT was sent"),
];

const STAT: Field = Field::new("stat", "state of the client").values(&STATES);

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
            Param::int("clean", 0, 1).values(&meaning::CLEAN),
            Param::text("version", 0, 128).optional(),
            Param::int("encrypt", 0, 1)
                .values(&meaning::ENCRYPT)
                .optional(),
        ])
        .answers(&[Answer::new(
            "+MQTTCFG:\"<host>\",<port>,\"<id>\",<keepAlive>,\"<user>\",\"***\",<clean>,\
             \"<version>\",<encrypt>",
        )
        .fields(
            &const {
                [
                    Field::new("host", "(null) before AT+MQTTCFG"),
                    Field::new("keepAlive", "seconds, 0 for no PINGREQ"),
                    Field::new("clean", "what becomes of the session").values(&meaning::CLEAN),
                    Field::new("version", "version of a OneNET token"),
                    Field::new("encrypt", "transport").values(&meaning::ENCRYPT),
                ]
            },
        )])
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
            Param::int("usrFlag", 0, 1).values(&meaning::IN_CONNECT),
            Param::int("pwdFlag", 0, 1).values(&meaning::IN_CONNECT),
            Param::int("willFlag", 0, 1).values(&meaning::IN_CONNECT),
            Param::int("willRetain", 0, 1).values(&meaning::RETAIN),
            Param::int("willQos", 0, 2).values(&meaning::QOS_LEVELS),
            Param::text("will-topic", 0, TOPIC),
            Param::of("will-mesg", Kind::LastText(TOPIC)),
        ])
        .answers(&[Answer::new("+MQTTOPEN:OK")])
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
        .answers(&[Answer::new("+MQTTSTAT: <stat>").fields(&[STAT])])
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
        .write(&[
            Param::text("topic", 1, TOPIC),
            Param::int("qos", 0, 2).values(&meaning::QOS_LEVELS),
        ])
        .answers(
            &const {
                [
                    Answer::new("+MQTTSUBACK:<packId>,<code>,<topic>").fields(&meaning::SUBSCRIBED),
                    Answer::new("+MQTTSUB:"),
                ]
            },
        )
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
        .answers(&[
            Answer::new("+MQTTUNSUBACK:<packId>,\"<topic>\""),
            Answer::new("+MQTT UNSUBACK:<packId>,\"<topic>\""),
        ])
        .max_settings("MQTTTO, 10 s by default")
        .example("+MQTTUNSUB=\"test\""),
        commands::unsubscribe,
    ),
    Row::new(
        // A parameter is plain ERROR, not another form.
        Spec::new("+MQTTDISC", "docs/spec/onemo.md A3.7", "disconnect")
            .answers(&[Answer::new("+MQTTDISC: OK")])
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
        .write(&[Param::int("rspEcho", 0, 1).values(&meaning::PING_ECHO)])
        .answers(&[Answer::new("+MQTTPING: <rspEcho>")
            .fields(&const { [Field::new("rspEcho", "PINGRESP").values(&meaning::PING_ECHO)] })])
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
        .write(&[Param::int("recon", 0, 1).values(&RECONNECTS)])
        .answers(&[Answer::new("+MQTTREC: <recon>,<reconnum>").fields(
            &const {
                [
                    Field::new("recon", "after a loss").values(&RECONNECTS),
                    Field::new("reconnum", "attempts since the last success"),
                ]
            },
        )])
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
        .answers(&[Answer::new("+MQTTTO: <timeout>").fields(&[Field::new("timeout", "seconds")])])
        .example("+MQTTTO=10"),
        commands::timeout,
    ),
];
