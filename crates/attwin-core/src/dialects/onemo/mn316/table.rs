//! `AT+MQTTCFG` to `AT+MQTTPING` (docs/spec/onemo.md B3), but for publishing.

use super::super::{OneMo, TOPIC, commands};
use super::{Mn316, Number};
use crate::command::{Kind, Param, Spec};
use crate::handler::Row;

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
    Spec::new(name, section, summary).refusal(Number::Parameter as u16)
}

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
            Param::int("clean", 0, 1),
            Param::int("encrypt", 0, 1).optional(),
        ])
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
            Param::text("will-mesg", 0, TOPIC),
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
            Param::int("qos", 0, 2),
            Param::int("index", 0, 0).optional(),
            SURPLUS,
        ])
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
        .write(&[Param::int("rspEcho", 0, 1), SURPLUS])
        .example("+MQTTPING=1"),
        commands::ping,
    ),
];
