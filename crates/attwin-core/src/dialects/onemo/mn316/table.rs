//! `AT+MQTTCFG` to `AT+MQTTPING` (docs/spec/onemo.md B3), but for publishing.

use super::super::{OneMo, TOPIC, commands, meaning};
use super::{Mn316, Number};
use crate::command::{Answer, Field, Kind, Meaning, Param, Spec};
use crate::handler::Row;

type Module = OneMo<Mn316>;

/// What stands beyond the last parameter is ignored (docs/spec/onemo.md B2.3).
const SURPLUS: Param = Param::of("surplus", Kind::RestOfLine(8192)).optional();
/// Hosts write `=0` where nothing should stand (docs/spec/onemo.md B3.7).
const ZERO: Param = Param::int("zero", 0, 0);

const USER: Param = Param::int("usrFlag", 0, 1).values(&meaning::IN_CONNECT);
const PASSWORD: Param = Param::int("pwdFlag", 0, 1).values(&meaning::IN_CONNECT);
const WILL: Param = Param::int("willFlag", 0, 1).values(&meaning::IN_CONNECT);
const WILL_RETAIN: Param = Param::int("willRetain", 0, 1).values(&meaning::RETAIN);
const WILL_QOS: Param = Param::int("willQos", 0, 2).values(&meaning::QOS_LEVELS);

const fn spec(name: &'static str, section: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, section, summary).refusal(Number::Parameter as u16)
}

static STATES: [Meaning; 8] = [
    Meaning::new("0", "no client is configured"),
    Meaning::new("1", "configured and not connected"),
    Meaning::new("2", "disconnecting"),
    Meaning::new("3", "CONNECT was sent"),
    Meaning::new("4", "connecting again"),
    Meaning::new("5", "connected"),
    Meaning::new("6", "setting up TCP"),
    Meaning::new("7", "TCP is up"),
];

const STAT: Field = Field::new("stat", "state of the client").values(&STATES);

pub(super) static ROWS: [Row<Module>; 11] = [
    Row::new(
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
            Param::int("clean", 0, 1).values(&meaning::CLEAN),
            Param::int("encrypt", 0, 1)
                .values(&meaning::ENCRYPT)
                .optional(),
        ])
        .answers(&[Answer::new(
            "+MQTTCFG:<host>,<port>,<id>,<keepAlive>,<user>,***,<clean>,<encrypt>",
        )
        .fields(
            &const {
                [
                    Field::new("keepAlive", "seconds, 0 for no PINGREQ"),
                    Field::new("clean", "what becomes of the session").values(&meaning::CLEAN),
                    Field::new("encrypt", "transport").values(&meaning::ENCRYPT),
                ]
            },
        )])
        .example("+MQTTCFG=\"183.230.40.39\",6002,\"4069959\",60,\"75829\",\"secret\",1,0"),
        commands::configure,
    ),
    // Told apart by how many arguments there are.
    Row::new(
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
            Param::of("will-mesg", Kind::RestOfLine(TOPIC)),
        ])
        .max_settings("20 s for TCP, then MQTTTO for CONNACK")
        .example("+MQTTOPEN=1,1,0,0,0,\"\",\"\""),
        commands::open,
    ),
    Row::new(
        spec(
            "+MQTTOPEN",
            "docs/spec/onemo.md B3.2",
            "connect without a will",
        )
        .write(&[USER, PASSWORD, WILL, WILL_RETAIN, WILL_QOS])
        .max_settings("20 s for TCP, then MQTTTO for CONNACK")
        .example("+MQTTOPEN=1,1,0,0,0"),
        commands::open,
    ),
    Row::new(
        spec(
            "+MQTTOPEN",
            "docs/spec/onemo.md B3.2",
            "connect without a will",
        )
        .write(&[USER, PASSWORD, WILL])
        .max_settings("20 s for TCP, then MQTTTO for CONNACK")
        .example("+MQTTOPEN=1,1,0"),
        commands::open,
    ),
    Row::new(
        spec(
            "+MQTTSTAT",
            "docs/spec/onemo.md B3.3",
            "state of the client",
        )
        .read()
        .answers(&[Answer::new("+MQTTSTAT:<stat>").fields(&[STAT])])
        .example("+MQTTSTAT?"),
        commands::state,
    ),
    Row::new(
        spec(
            "+MQTTSUB",
            "docs/spec/onemo.md B3.4",
            "subscribe to a topic",
        )
        .read()
        .write(&[
            Param::text("topic", 1, TOPIC),
            Param::int("qos", 0, 2).values(&meaning::QOS_LEVELS),
            Param::int("index", 0, 0).optional(),
            SURPLUS,
        ])
        .answers(
            &const {
                [
                    Answer::new("+MQTTSUB: <topic>,<qos>").fields(&[meaning::QOS]),
                    Answer::new("+MQTTSUB:"),
                ]
            },
        )
        .max_settings("MQTTTO, 10 s by default")
        .example("+MQTTSUB=\"dev/gsm\",2"),
        commands::subscribe,
    ),
    Row::new(
        spec(
            "+MQTTUNSUB",
            "docs/spec/onemo.md B3.6",
            "unsubscribe from a topic",
        )
        .write(&[Param::text("topic", 1, TOPIC), SURPLUS])
        .max_settings("MQTTTO, 10 s by default")
        .example("+MQTTUNSUB=\"dev/gsm/u\""),
        commands::unsubscribe,
    ),
    Row::new(
        spec("+MQTTDISC", "docs/spec/onemo.md B3.7", "disconnect")
            .execute()
            .write(&[ZERO, SURPLUS])
            .example("+MQTTDISC"),
        commands::disconnect,
    ),
    Row::new(
        spec("+MQTTDEL", "docs/spec/onemo.md B3.8", "forget the client")
            .execute()
            .write(&[ZERO, SURPLUS])
            .example("+MQTTDEL"),
        commands::delete,
    ),
    Row::new(
        spec(
            "+MQTTTO",
            "docs/spec/onemo.md B3.9",
            "seconds an acknowledgement may take",
        )
        .read()
        .write(&[Param::int("timeout", 1, 65_535), SURPLUS])
        .answers(&[Answer::new("+MQTTTO:<timeout>").fields(&[Field::new("timeout", "seconds")])])
        .example("+MQTTTO=10"),
        commands::timeout,
    ),
    Row::new(
        spec(
            "+MQTTPING",
            "docs/spec/onemo.md B3.10",
            "whether PINGRESP is shown",
        )
        .read()
        .write(&[
            Param::int("rspEcho", 0, 1).values(&meaning::PING_ECHO),
            SURPLUS,
        ])
        .answers(&[Answer::new("+MQTTPING:<rspEcho>")
            .fields(&const { [Field::new("rspEcho", "PINGRESP").values(&meaning::PING_ECHO)] })])
        .example("+MQTTPING=1"),
        commands::ping,
    ),
];
