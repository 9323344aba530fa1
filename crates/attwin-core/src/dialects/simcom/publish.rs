//! Will, topic, payload and `AT+CMQTTPUB` (docs/spec/simcom.md 3.6, 3.7, 3.10 to
//! 3.12).

use core::time::Duration;

use bytes::Bytes;

use super::entry::Wanted;
use super::{Failure, INDEX, Need, QOS, SimCom, code, fail, index, qos};
use crate::command::{Answer, Args, Kind, Meaning, Param, Spec};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::mqtt::session::Ask;

/// How many bytes of a string follow.
pub(super) const STRING: Param = Param::of("req_length", Kind::Length(1, 1024));
static RETAINED: [Meaning; 2] = [
    Meaning::new("0", "the server forgets the message once delivered"),
    Meaning::new("1", "the server keeps it for later subscribers"),
];
static DUP: [Meaning; 2] = [
    Meaning::new("0", "sent for the first time"),
    Meaning::new("1", "sent again; has no effect at QoS 0"),
];

/// How many bytes of a payload follow.
const PAYLOAD: Param = Param::of("req_length", Kind::Length(1, 10_240));

pub(super) static ROWS: [Row<SimCom>; 5] = [
    Row::new(
        Spec::new(
            "+CMQTTWILLTOPIC",
            "docs/spec/simcom.md 3.6",
            "enter the topic of the will",
        )
        .test_lines(&["+CMQTTWILLTOPIC: (0-0),(1-1024)"])
        .answers(&[Answer::new("+CMQTTWILLTOPIC: <client_index>,<err>").fields(&code::FIELDS)])
        .write(&[INDEX, STRING])
        .example("+CMQTTWILLTOPIC=0,10"),
        |s, cx, _, args| s.enter_for_client(cx, Need::NoConnection, Wanted::WillTopic, args),
    ),
    Row::new(
        Spec::new(
            "+CMQTTWILLMSG",
            "docs/spec/simcom.md 3.7",
            "enter the message of the will",
        )
        .test_lines(&["+CMQTTWILLMSG: (0-0),(1-1024),(0-2)"])
        .answers(&[Answer::new("+CMQTTWILLMSG: <client_index>,<err>").fields(&code::FIELDS)])
        .write(&[INDEX, STRING, QOS])
        .example("+CMQTTWILLMSG=0,6,1"),
        |s, cx, _, args| {
            let wanted = Wanted::WillMessage(qos(args.int(2)));
            s.enter_for_client(cx, Need::NoConnection, wanted, args)
        },
    ),
    Row::new(
        Spec::new(
            "+CMQTTTOPIC",
            "docs/spec/simcom.md 3.10",
            "enter the topic of a publish",
        )
        .test_lines(&["+CMQTTTOPIC: (0-0),(1-1024)"])
        .answers(&[Answer::new("+CMQTTTOPIC: <client_index>,<err>").fields(&code::FIELDS)])
        .write(&[INDEX, STRING])
        .example("+CMQTTTOPIC=0,9"),
        |s, cx, _, args| s.enter_for_client(cx, Need::Connection, Wanted::Topic, args),
    ),
    Row::new(
        Spec::new(
            "+CMQTTPAYLOAD",
            "docs/spec/simcom.md 3.11",
            "enter the payload of a publish",
        )
        .test_lines(&["+CMQTTPAYLOAD: (0-0),(1-10240)"])
        .answers(&[Answer::new("+CMQTTPAYLOAD: <client_index>,<err>").fields(&code::FIELDS)])
        .write(&[INDEX, PAYLOAD])
        .example("+CMQTTPAYLOAD=0,60"),
        |s, cx, _, args| s.enter_for_client(cx, Need::Connection, Wanted::Payload, args),
    ),
    Row::new(
        Spec::new(
            "+CMQTTPUB",
            "docs/spec/simcom.md 3.12",
            "publish what was entered",
        )
        .test_lines(&["+CMQTTPUB: (0-0),(0-2),(60-180),(0-1),(0-1)"])
        .answers(&[Answer::new("+CMQTTPUB: <client_index>,<err>").fields(&code::FIELDS)])
        .write(&[
            INDEX,
            QOS,
            Param::int("pub_timeout", 60, 180),
            Param::int("retained", 0, 1).values(&RETAINED).optional(),
            Param::int("dup", 0, 1).values(&DUP).optional(),
        ])
        .max_settings("pub_timeout")
        .example("+CMQTTPUB=0,1,60"),
        |s, cx, _, args| publish(s, cx, args),
    ),
];

fn publish(s: &mut SimCom, cx: &mut Context<'_>, args: &Args<'_>) -> Outcome {
    let index = index(args);
    let (client, knobs) = match s.client(index, Need::Connection) {
        Ok(client) => client,
        Err(failure) => return fail(cx, "+CMQTTPUB", index, failure),
    };
    // Both are cleared when OK is said, whatever comes of it.
    let Some(topic) = client.topic.take() else {
        return fail(cx, "+CMQTTPUB", index, Failure::no_topic("+CMQTTTOPIC"));
    };
    let payload = core::mem::replace(&mut client.payload, Bytes::new());
    let ask = Ask::Publish {
        qos: qos(args.int(1)),
        retain: args.flag(3).unwrap_or_default(),
        dup: args.flag(4).unwrap_or_default(),
        topic: &topic,
        payload: &payload,
    };
    let timeout = Duration::from_secs(u64::from(args.int(2).unwrap_or_default()));
    client.publish(cx, knobs, ask, timeout);
    Outcome::Ok
}
