//! `AT+IMQTTPUB`, `AT+IMQTTPUBIN` and `AT+IMQTTPUBEX` (docs/spec/yuge.md 3.11 to
//! 3.13 and section 4).

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::client::{Published, Request};
use super::refused::Refused;
use super::subscribe::accepted;
use super::text::{self, DIGITS, Line, MESSAGE, TOPIC};
use super::{Yuge, meaning, qos};
use crate::command::{Answer, Args, Field, Form, Kind, Param, Spec, Test};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::mqtt::packet::QoS;
use crate::mqtt::session::Ask;
use crate::reason::Reason;
use crate::serial::{Channel, DataEnd, DataRequest, Length};

/// CR LF and `>`, nothing after it.
pub(crate) const PROMPT: &[u8] = b"\r\n>";

const TOPIC_NAME: Param = Param::text("topic", 1, TOPIC);
const QOS: Param = Param::int("qos", 0, 2).values(&meaning::QOS_LEVELS);
const RETAINED: Param = Param::int("retained", 0, 1).values(&meaning::RETAIN);
static RECORD: [Field; 1] = [Field::new("qos", "as it was asked for").values(&meaning::QOS_LEVELS)];

const fn spec(name: &'static str, section: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, section, summary)
        .test(Test::Ok)
        .read()
        .max_settings("TIMEOUT for each acknowledgement")
}

pub(super) static ROWS: [Row<Yuge>; 3] = [
    Row::new(
        spec("+IMQTTPUB", "docs/spec/yuge.md 3.11", "publish a message")
            .aliases(&["+IMQTTTPUB"])
            .write(&[
                TOPIC_NAME,
                QOS,
                Param::text("message", 0, MESSAGE),
                RETAINED.optional(),
            ])
            .answers(&[Answer::new("+IMQTTPUB: <topic>,<qos>,<message>").fields(&RECORD)])
            .example("+IMQTTPUB=/mqtt1/user/test,1,test message!!"),
        publish_text,
    ),
    Row::new(
        spec(
            "+IMQTTPUBIN",
            "docs/spec/yuge.md 3.12",
            "publish a message, in hexadecimal",
        )
        .aliases(&["+IMQTTTPUBIN"])
        .write(&[
            TOPIC_NAME,
            QOS,
            Param::text("message", 0, DIGITS),
            RETAINED.optional(),
        ])
        .answers(&[Answer::new("+IMQTTPUBIN:<topic>,<qos>,<message>").fields(&RECORD)])
        .example("+IMQTTPUBIN=/mqtt1/user/test,1,74657374206d6573736167652121"),
        publish_digits,
    ),
    Row::new(
        spec(
            "+IMQTTPUBEX",
            "docs/spec/yuge.md 3.13",
            "publish the message that follows",
        )
        .aliases(&["+MQTTPUBEX", "+IMQTTTPUBEX"])
        .write(&[
            TOPIC_NAME,
            QOS,
            RETAINED,
            Param::of("size", Kind::Length(1, 1024)),
        ])
        .example("+IMQTTPUBEX=/mqtt1/user/test,1,0,14"),
        enter,
    ),
];

/// A publish whose message is being entered.
#[derive(Debug)]
pub(super) struct Entry {
    topic: Bytes,
    qos: QoS,
    retain: bool,
    /// How many bytes are to be entered.
    length: u16,
}

fn show(cx: &mut Context<'_>, head: &str, published: Option<&Published>) -> Outcome {
    if let Some(Published {
        topic,
        qos,
        message,
    }) = published
    {
        cx.reply(Line::new(head).text(topic).number(*qos as u8).text(message));
    }
    Outcome::Ok
}

/// What the commands have in common: topic, QoS and whether to retain.
fn entry(args: &Args<'_>, retained: usize) -> Result<Entry, Refused> {
    let topic = Bytes::copy_from_slice(args.text(0).unwrap_or_default());
    if !text::is_topic(&topic) {
        return Err(Refused::Topic(topic));
    }
    Ok(Entry {
        topic,
        qos: qos(args.int(1)),
        retain: args.flag(retained).unwrap_or_default(),
        length: 0,
    })
}

fn publish_text(s: &mut Yuge, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        return show(cx, "+IMQTTPUB: ", s.client.records.published.as_ref());
    }
    let entry = match entry(args, 3) {
        Ok(entry) => entry,
        Err(refused) => return refused.into(),
    };
    let message = Bytes::copy_from_slice(args.text(2).unwrap_or_default());
    let taken = publish(s, cx, "+IMQTTPUB:", &entry, &message);
    if taken.is_ok() {
        s.client.records.published = Some(entry.published(message));
    }
    accepted(taken)
}

/// Its result line is that of AT+IMQTTPUB.
fn publish_digits(s: &mut Yuge, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        return show(
            cx,
            "+IMQTTPUBIN:",
            s.client.records.published_digits.as_ref(),
        );
    }
    let digits = args.text(2).unwrap_or_default();
    let read = entry(args, 3).and_then(|entry| {
        let message = text::from_hex(digits).map_err(Refused::Digits)?;
        Ok((entry, message))
    });
    let (entry, message) = match read {
        Ok(read) => read,
        Err(refused) => return refused.into(),
    };
    let taken = publish(s, cx, "+IMQTTPUB:", &entry, &message);
    if taken.is_ok() {
        let digits = Bytes::copy_from_slice(digits);
        s.client.records.published_digits = Some(entry.published(digits));
    }
    accepted(taken)
}

fn publish(
    s: &mut Yuge,
    cx: &mut Context<'_>,
    head: &'static str,
    entry: &Entry,
    message: &[u8],
) -> Result<(), Refused> {
    let request = Request::Publish {
        head,
        qos: entry.qos,
    };
    let ask = Ask::Publish {
        qos: entry.qos,
        retain: entry.retain,
        dup: false,
        topic: &entry.topic,
        payload: message,
    };
    let timeout = s.settings.parameters.timeout();
    s.client.request(cx, request, ask, timeout)
}

/// Asks for the message. Everything is checked before the prompt.
fn enter(s: &mut Yuge, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        return Outcome::Ok;
    }
    let entry = match entry(args, 2) {
        Ok(entry) => entry,
        Err(refused) => return refused.into(),
    };
    let request = Request::Publish {
        head: PUBEX,
        qos: entry.qos,
    };
    if let Err(refused) = s.client.takes(&request) {
        return refused.into();
    }
    let length = args.short(3).unwrap_or_default();
    s.entering = Some(Box::new(Entry { length, ..entry }));
    let idle = Duration::from_secs(u64::from(s.knobs.pubex_idle));
    Outcome::Data(DataRequest {
        prompt_delay: cx.delay(s.knobs.prompt_delay_ms),
        idle_timeout: (!idle.is_zero()).then_some(idle),
        ..cx.data_request(PROMPT, Length::Exact(length.into()))
    })
}

/// The result line's name of AT+IMQTTPUBEX.
const PUBEX: &str = "+IMQTTPUBEX:";

/// The message of AT+IMQTTPUBEX is there. Whatever became of the connection
/// meanwhile, the host is told OK first (docs/spec/yuge.md section 4, 8).
pub(super) fn entered(s: &mut Yuge, cx: &mut Context<'_>, end: DataEnd, data: Vec<u8>) -> Outcome {
    let Some(entry) = s.entering.take() else {
        return Outcome::error(Reason::new("nothing is being entered"));
    };
    if end != DataEnd::Complete {
        return Refused::EntryGivenUp {
            entered: data.len(),
            expected: entry.length.into(),
        }
        .into();
    }
    let message = Bytes::from(data);
    if let Err(refused) = publish(s, cx, PUBEX, &entry, &message) {
        let line = alloc::format!("{PUBEX}0,1");
        cx.urc_because(Channel::Client(0), cx.now, line, refused.reason());
    }
    s.client.records.published = Some(entry.published(message));
    Outcome::Ok
}

impl Entry {
    fn published(self, message: Bytes) -> Published {
        Published {
            topic: self.topic,
            qos: self.qos,
            message,
        }
    }
}
