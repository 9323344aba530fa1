//! `AT+MQTTPUB`: a message in quotes, or its length and then its bytes
//! (docs/spec/onemo.md A3.6).

use core::time::Duration;

use bytes::Bytes;

use super::super::Model as _;
use super::super::client::State;
use super::super::commands::Begun;
use super::super::refused::Refused;
use super::super::settings::qos;
use super::super::{OneMo, PROMPT, TOPIC, is_topic_name, meaning};
use super::{Ml302, cme};
use crate::command::{Answer, Args, Kind, Param, Spec};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::mqtt::packet::QoS;
use crate::reason::Reason;
use crate::serial::{DataEnd, DataRequest, Length};

/// Longest message in quotes, and longest one by its length.
const MESSAGE: usize = 1024;
const LONGEST: u32 = 2048;
/// Silence that ends an entry (docs/spec/onemo.md A3.6).
const IDLE: Duration = Duration::from_secs(60);

pub(super) static ROWS: [Row<OneMo<Ml302>>; 1] = [Row::new(
    Spec::new("+MQTTPUB", "docs/spec/onemo.md A3.6", "publish a message")
        .write(&[
            Param::text("topic", 1, TOPIC),
            Param::int("qos", 0, 2).values(&meaning::QOS_LEVELS),
            Param::int("retain", 0, 1).values(&meaning::RETAIN),
            Param::int("dup", 0, 1),
            Param::of(
                "message",
                Kind::IntegerOrText {
                    integer: (1, LONGEST),
                    text: MESSAGE,
                },
            ),
        ])
        .answers(
            &const {
                [
                    Answer::new("+MQTTPUBACK:<dup>,<packId>").fields(&meaning::ACKNOWLEDGED),
                    Answer::new("+MQTTPUBREC:<dup>,<packId>").fields(&meaning::ACKNOWLEDGED),
                    Answer::new("+MQTTPUBCOMP:<dup>,<packId>").fields(&meaning::ACKNOWLEDGED),
                ]
            },
        )
        .refusal(cme::PARAMETER)
        .max_settings("MQTTTO for each acknowledgement, 10 s by default")
        .example("+MQTTPUB=\"dev/gsm/u\",1,0,0,\"1890\""),
    |m, cx, _, args| publish(m, cx, args),
)];

/// A publish whose payload is being entered.
#[derive(Debug)]
pub(super) struct Entry {
    topic: Bytes,
    qos: QoS,
    retain: bool,
    /// How many bytes are to be entered.
    length: usize,
}

fn publish(m: &mut OneMo<Ml302>, cx: &mut Context<'_>, args: &Args<'_>) -> Outcome {
    let entry = Entry {
        topic: Bytes::copy_from_slice(args.text(0).unwrap_or_default()),
        qos: qos(args.int(1)),
        retain: args.flag(2).unwrap_or_default(),
        length: 0,
    };
    if !is_topic_name(&entry.topic) {
        return m.refuse(Refused::Wildcard(entry.topic));
    }
    if let Some(refused) = m.not_connected() {
        return m.refuse(refused);
    }
    let Some(length) = args.int(4) else {
        return send(m, cx, &entry, args.text(4).unwrap_or_default());
    };
    let length = length as usize;
    m.model.entering = Some(Entry { length, ..entry });
    Outcome::Data(DataRequest {
        idle_timeout: Some(IDLE),
        ..cx.data_request(PROMPT, Length::Exact(length))
    })
}

/// The payload was entered, or was not.
pub(super) fn entered(
    m: &mut OneMo<Ml302>,
    cx: &mut Context<'_>,
    end: DataEnd,
    data: &[u8],
) -> Outcome {
    let Some(entry) = m.model.entering.take() else {
        return Outcome::error(Reason::new("nothing is being entered"));
    };
    let state = m.client.state();
    if end != DataEnd::Complete {
        m.refuse(Refused::EntryGivenUp {
            entered: data.len(),
            expected: entry.length,
        })
    } else if state != State::Connected {
        m.refuse(Refused::LostMeanwhile(state))
    } else {
        send(m, cx, &entry, data)
    }
}

fn send(m: &mut OneMo<Ml302>, cx: &mut Context<'_>, entry: &Entry, payload: &[u8]) -> Outcome {
    let outcome = m.model.begin(Begun::Request);
    let sent = m
        .client
        .publish(cx, &entry.topic, entry.qos, entry.retain, payload);
    m.requested(outcome, sent)
}
