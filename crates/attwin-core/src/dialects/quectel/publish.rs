//! `AT+QMTPUBEX` and `AT+QMTPUB` (docs/spec/quectel.md 3.8, 3.9, section 4).

use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::{Entering, Knobs, Quectel, file};
use crate::command::{Args, Kind, Origin, Param, Spec};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::mqtt::packet::{QoS, qos};
use crate::mqtt::session::Ask;
use crate::serial::{DataEnd, DataRequest, Length, Surplus};

/// Longest payload in bytes (docs/spec/quectel.md 3.8).
pub(super) const PAYLOAD: usize = 1500;
/// CR LF, `>`, space (docs/spec/quectel.md 4.1).
pub(crate) const PROMPT: &[u8] = b"\r\n> ";
const MAX_TIME: &str = "pkt_timeout × (retry_times + 1), 20 s by default";

pub(super) const INDEX: Param = Param::int("client_idx", 0, 5);
pub(super) const ID: Param = Param::int("msgid", 0, 65535);
pub(super) const QOS: Param = Param::int("qos", 0, 2);
pub(super) const RETAIN: Param = Param::int("retain", 0, 1);
pub(super) const TOPIC: Param = Param::text("topic", 1, 256);
/// A length, or the message itself; nothing at all asks for a terminator.
#[expect(clippy::cast_possible_truncation)]
pub(super) const LENGTH_OR_MESSAGE: Param = Param::of(
    "msg_length",
    Kind::IntegerOrText {
        integer: (0, PAYLOAD as u32),
        text: PAYLOAD,
    },
)
.optional();

pub(super) const PUBEX: Spec = Spec::new(
    "+QMTPUBEX",
    "docs/spec/quectel.md 3.8",
    "publish a message of given length",
)
.test_lines(&[r#"+QMTPUBEX: (0-5),<msgid>,(0-2),(0,1),"topic","length""#])
.write(&[INDEX, ID, QOS, RETAIN, TOPIC, LENGTH_OR_MESSAGE])
.max_settings(MAX_TIME)
.example(r#"+QMTPUBEX=0,0,0,0,"topic/pub",30"#);

pub(super) const PUB: Spec = Spec::new("+QMTPUB", "docs/spec/quectel.md 3.9", "publish a message")
    .test_lines(&[r#"+QMTPUB: (0-5),<msgid>,(0-2),(0,1),"topic""#])
    .write(&[
        INDEX,
        ID,
        QOS,
        RETAIN,
        TOPIC,
        LENGTH_OR_MESSAGE,
        Param::of("msg", Kind::LastText(PAYLOAD)).optional(),
    ])
    .max_settings(MAX_TIME)
    .origin(Origin::Field)
    .example(r#"+QMTPUB=0,0,0,0,"topic/pub""#);

pub(super) static ROWS: [Row<Quectel>; 2] = [
    Row::new(PUBEX, |q, cx, _, args| {
        publish(q, cx, q.profile.own.pubex_result, args)
    }),
    Row::new(PUB, |q, cx, _, args| publish(q, cx, "QMTPUB", args)),
];

/// A publish whose payload is being entered.
#[derive(Debug)]
pub(super) struct PublishEntry {
    command: &'static str,
    client: usize,
    id: u16,
    qos: QoS,
    retain: bool,
    topic: Bytes,
}

fn publish(
    q: &mut Quectel,
    cx: &mut Context<'_>,
    command: &'static str,
    args: &Args<'_>,
) -> Outcome {
    let (Some(index), Some(id), Some(level), Some(retain), Some(topic)) = (
        args.int(0),
        args.short(1),
        args.int(2),
        args.flag(3),
        args.text(4),
    ) else {
        return Outcome::Error;
    };
    let entry = PublishEntry {
        command,
        client: index as usize,
        id,
        qos: qos(Some(level)),
        retain,
        topic: Bytes::copy_from_slice(topic),
    };
    let wildcard = topic.iter().any(|b| matches!(b, b'+' | b'#'));
    let acknowledged = entry.qos != QoS::Level0;
    if wildcard || (acknowledged && id == 0) {
        return Outcome::Error;
    }
    let client = &q.clients[entry.client];
    if !client.is_connected() || (acknowledged && !client.has_window()) {
        return Outcome::Error;
    }
    let length = match (args.int(5), args.text(5), args.text(6)) {
        (None, Some(message), None) => return q.publish(cx, entry, message),
        (Some(length), None, Some(message)) if length as usize == message.len() => {
            return q.publish(cx, entry, message);
        }
        (Some(length), None, None) => Length::Exact(length as usize),
        (None, None, None) => Length::Terminated(q.profile.own.payload),
        _ => return Outcome::Error,
    };
    q.entering = Some(Entering::Publish(entry));
    Outcome::Data(data_request(cx, &q.knobs, length))
}

impl Quectel {
    /// The payload was entered.
    pub(super) fn finish_publish(
        &mut self,
        cx: &mut Context<'_>,
        entry: PublishEntry,
        end: DataEnd,
        data: &[u8],
    ) -> Outcome {
        match end {
            DataEnd::Cancelled => Outcome::Ok,
            // The connection was lost meanwhile (docs/spec/quectel.md 4.6).
            DataEnd::Complete if !self.clients[entry.client].is_connected() => Outcome::Error,
            DataEnd::Complete => self.publish(cx, entry, data),
            DataEnd::TimedOut | DataEnd::Escaped => Outcome::Error,
        }
    }

    fn publish(&mut self, cx: &mut Context<'_>, entry: PublishEntry, payload: &[u8]) -> Outcome {
        let PublishEntry {
            command,
            client,
            id,
            qos,
            retain,
            topic,
        } = entry;
        let ask = Ask::Publish {
            qos,
            retain,
            dup: false,
            topic: &topic,
            payload,
        };
        self.clients[client].request(cx, &self.knobs, command, id, ask);
        Outcome::Ok
    }
}

/// Data entry as this family does it (docs/spec/quectel.md section 4).
pub(super) fn data_request(cx: &Context<'_>, knobs: &Knobs, length: Length) -> DataRequest {
    DataRequest {
        prompt_delay: cx.delay(knobs.prompt_delay_ms),
        surplus: Surplus::Drain(cx.delay(knobs.extra_drain_ms)),
        echo: true,
        idle_timeout: Some(Duration::from_secs(u64::from(knobs.data_idle_timeout_s))),
        ..cx.data_request(PROMPT, length)
    }
}

/// Dispatches entered data to the command that asked for it.
pub(super) fn finish(
    q: &mut Quectel,
    cx: &mut Context<'_>,
    end: DataEnd,
    data: Vec<u8>,
) -> Outcome {
    match q.entering.take() {
        Some(Entering::Publish(entry)) => q.finish_publish(cx, entry, end, &data),
        Some(Entering::Will(entry)) => q.finish_will(entry, end, data),
        Some(Entering::File(transfer)) => file::finish(&mut q.files, cx, transfer, data),
        None => Outcome::Error,
    }
}
