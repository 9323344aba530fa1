//! `AT+IMQTTSUB` and `AT+IMQTTUNSUB` (docs/spec/yuge.md 3.9 and 3.10).

use bytes::Bytes;

use super::client::Request;
use super::refused::Refused;
use super::text::{self, Line, TOPIC};
use super::{Yuge, meaning, qos};
use crate::command::{Answer, Args, Field, Form, Param, Spec, Test};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::mqtt::session::Ask;

const FILTER: Param = Param::text("topic", 1, TOPIC);

pub(super) static ROWS: [Row<Yuge>; 2] = [
    Row::new(
        Spec::new("+IMQTTSUB", "docs/spec/yuge.md 3.9", "subscribe to a topic")
            .test(Test::Ok)
            .read()
            .write(&[FILTER, Param::int("qos", 0, 1).values(&meaning::QOS_LEVELS)])
            .answers(&[Answer::new("+IMQTTSUB:<topic>,<qos>").fields(
                &const { [Field::new("qos", "as it was asked for").values(&meaning::QOS_LEVELS)] },
            )])
            .max_settings("TIMEOUT")
            .example("+IMQTTSUB=/mqtt1/user/test,1"),
        subscribe,
    ),
    Row::new(
        Spec::new(
            "+IMQTTUNSUB",
            "docs/spec/yuge.md 3.10",
            "unsubscribe from a topic",
        )
        .test(Test::Ok)
        .read()
        .write(&[FILTER])
        .answers(&[Answer::new("+IMQTTUNSUB:<topic>,<status>").fields(
            &const { [Field::new("status", "how it ended").values(&meaning::UNSUBSCRIBED)] },
        )])
        .max_settings("TIMEOUT")
        .example("+IMQTTUNSUB=/mqtt1/user/test"),
        unsubscribe,
    ),
];

fn subscribe(s: &mut Yuge, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        if let Some((filter, qos)) = &s.client.records.subscribed {
            cx.reply(Line::new("+IMQTTSUB:").text(filter).number(*qos as u8));
        }
        return Outcome::Ok;
    }
    let filter = Bytes::copy_from_slice(args.text(0).unwrap_or_default());
    if !text::is_filter(&filter) {
        return Refused::Filter(filter).into();
    }
    let qos = qos(args.int(1));
    let request = Request::Subscribe {
        filter: filter.clone(),
        qos,
    };
    let timeout = s.settings.parameters.timeout();
    let filters = [(filter, qos)];
    accepted(
        s.client
            .request(cx, request, Ask::Subscribe(&filters), timeout),
    )
}

fn unsubscribe(s: &mut Yuge, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        if let Some((filter, status)) = &s.client.records.unsubscribed {
            cx.reply(Line::new("+IMQTTUNSUB:").text(filter).number(*status));
        }
        return Outcome::Ok;
    }
    let filter = Bytes::copy_from_slice(args.text(0).unwrap_or_default());
    if !text::is_filter(&filter) {
        return Refused::Filter(filter).into();
    }
    let request = Request::Unsubscribe {
        filter: filter.clone(),
    };
    let timeout = s.settings.parameters.timeout();
    let ask = Ask::Unsubscribe(core::slice::from_ref(&filter));
    accepted(s.client.request(cx, request, ask, timeout))
}

/// What a command is answered whose request was taken, or not.
pub(super) fn accepted(taken: Result<(), Refused>) -> Outcome {
    taken.map_or_else(Outcome::from, |()| Outcome::Ok)
}
