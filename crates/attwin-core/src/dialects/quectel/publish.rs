//! `AT+QMTPUBEX` and `AT+QMTPUB` (docs/spec/quectel.md 3.8, 3.9, section 4).

use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::client::Name;
use super::codes;
use super::refused::Needs;
use super::{Entering, Knobs, Quectel, file};
use crate::command::{Args, Kind, Origin, Param, Spec};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::mqtt::packet::{QoS, qos};
use crate::mqtt::session::Ask;
use crate::reason::Reason;
use crate::serial::{DataEnd, DataRequest, Length, Surplus};

/// Longest payload in bytes (docs/spec/quectel.md 3.8).
pub(super) const PAYLOAD: usize = 1500;
/// CR LF, `>`, space (docs/spec/quectel.md 4.1).
pub(crate) const PROMPT: &[u8] = b"\r\n> ";
const MAX_TIME: &str = "pkt_timeout × (retry_times + 1), 20 s by default";

pub(super) const INDEX: Param = Param::int("client_idx", 0, 5);
pub(super) const ID: Param = Param::int("msgid", 0, 65535);
pub(super) const QOS: Param = Param::int("qos", 0, 2).values(&codes::QOS);
pub(super) const RETAIN: Param = Param::int("retain", 0, 1).values(&codes::RETAIN);
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
.write(&const { [INDEX, ID, QOS, RETAIN, TOPIC, LENGTH_OR_MESSAGE] })
.max_settings(MAX_TIME)
.example(r#"+QMTPUBEX=0,0,0,0,"topic/pub",30"#);

pub(super) const PUB: Spec = Spec::new("+QMTPUB", "docs/spec/quectel.md 3.9", "publish a message")
    .test_lines(&[r#"+QMTPUB: (0-5),<msgid>,(0-2),(0,1),"topic""#])
    .write(
        &const {
            [
                INDEX,
                ID,
                QOS,
                RETAIN,
                TOPIC,
                LENGTH_OR_MESSAGE,
                Param::of("msg", Kind::LastText(PAYLOAD)).optional(),
            ]
        },
    )
    .max_settings(MAX_TIME)
    .origin(Origin::Field)
    .example(r#"+QMTPUB=0,0,0,0,"topic/pub""#);

pub(super) static ROWS: [Row<Quectel>; 2] = [
    Row::new(PUBEX, |q, cx, _, args| {
        // The result of an inline message has the other command's name
        // (docs/spec/quectel.md 3.8).
        let own = &q.profile.own;
        let name = match args.text(5) {
            Some(_) => own.pubex_inline_result,
            None => own.pubex_result,
        };
        publish(q, cx, Name::Publish(name), args)
    }),
    Row::new(PUB, |q, cx, _, args| {
        publish(q, cx, Name::Publish("QMTPUB"), args)
    }),
];

/// A publish whose payload is being entered.
#[derive(Debug)]
pub(super) struct PublishEntry {
    name: Name,
    client: usize,
    id: u16,
    qos: QoS,
    retain: bool,
    topic: Bytes,
}

fn publish(q: &mut Quectel, cx: &mut Context<'_>, name: Name, args: &Args<'_>) -> Outcome {
    match q.begin_publish(cx, name, args) {
        Ok(outcome) => outcome,
        Err(reason) => Outcome::error(reason),
    }
}

impl Quectel {
    fn begin_publish(
        &mut self,
        cx: &mut Context<'_>,
        name: Name,
        args: &Args<'_>,
    ) -> Result<Outcome, Reason> {
        let topic = args.text(4).unwrap_or_default();
        let entry = PublishEntry {
            name,
            client: args.int(0).unwrap_or_default() as usize,
            id: args.short(1).unwrap_or_default(),
            qos: qos(args.int(2)),
            retain: args.flag(3).unwrap_or_default(),
            topic: Bytes::copy_from_slice(topic),
        };
        if topic.iter().any(|b| matches!(b, b'+' | b'#')) {
            let reason = Reason::new("the topic holds + or #");
            return Err(reason.remedy("only subscriptions may hold wildcards"));
        }
        let acknowledged = entry.qos != QoS::Level0;
        if acknowledged && entry.id == 0 {
            let cause = alloc::format!("<msgid> is 0 at QoS {}", entry.qos as u8);
            return Err(Reason::new(cause).remedy("take one from 1 to 65535; 0 is for QoS 0"));
        }
        let client = &self.clients[entry.client];
        client.check(Needs::Connected)?;
        if acknowledged && !client.has_window() {
            let cause = alloc::format!(
                "client {} has 5 publishes of QoS 1 and 2 without acknowledgement",
                entry.client
            );
            return Err(Reason::new(cause).remedy("wait for a result line"));
        }
        let length = match (args.int(5), args.text(5), args.text(6)) {
            (None, Some(message), None) => return self.publish(cx, entry, message),
            (Some(length), None, Some(message)) if length as usize == message.len() => {
                return self.publish(cx, entry, message);
            }
            (Some(length), None, Some(message)) => {
                let cause = alloc::format!(
                    "<msg_length> is {length}, and the message has {} bytes",
                    message.len()
                );
                return Err(Reason::new(cause));
            }
            (_, _, Some(_)) => {
                let reason = Reason::new("a message needs its length before it, or nothing");
                return Err(reason);
            }
            (Some(length), _, None) => Length::Exact(length as usize),
            (None, None, None) => Length::Terminated(self.profile.own.payload),
        };
        self.entering = Some(Entering::Publish(entry));
        Ok(Outcome::Data(data_request(cx, &self.knobs, length)))
    }

    /// The payload was entered.
    pub(super) fn finish_publish(
        &mut self,
        cx: &mut Context<'_>,
        entry: PublishEntry,
        end: DataEnd,
        data: &[u8],
    ) -> Outcome {
        let done = match end {
            DataEnd::Cancelled => return Outcome::Ok,
            // The connection was lost meanwhile (docs/spec/quectel.md 4.6).
            DataEnd::Complete => self.clients[entry.client]
                .check(Needs::Connected)
                .and_then(|()| self.publish(cx, entry, data)),
            DataEnd::TimedOut | DataEnd::Escaped => Err(self.knobs.idle_too_long()),
        };
        done.unwrap_or_else(Outcome::error)
    }

    /// Sends a message. In hex mode (docs/spec/quectel.md 3.1, EG25-G) the host
    /// writes two digits for each byte.
    fn publish(
        &mut self,
        cx: &mut Context<'_>,
        entry: PublishEntry,
        typed: &[u8],
    ) -> Result<Outcome, Reason> {
        let PublishEntry {
            name,
            client,
            id,
            qos,
            retain,
            topic,
        } = entry;
        let client = &mut self.clients[client];
        let decoded;
        let payload = if client.settings.send_hex {
            decoded = read_hex(typed).ok_or_else(|| {
                Reason::new("the message is no string of hexadecimal digits, two for each byte")
                    .remedy("AT+QMTCFG=\"send/mode\" chooses between text and hex")
            })?;
            &decoded[..]
        } else {
            typed
        };
        let ask = Ask::Publish {
            qos,
            retain,
            dup: false,
            topic: &topic,
            payload,
        };
        client.request(cx, &self.knobs, name, id, ask);
        Ok(Outcome::Ok)
    }
}

fn read_hex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |b: u8| char::from(b).to_digit(16);
    let byte = |pair: &[u8]| match *pair {
        [high, low] => u8::try_from(digit(high)? << 4 | digit(low)?).ok(),
        _ => None,
    };
    text.chunks(2).map(byte).collect()
}

impl Knobs {
    /// A data entry was given up (docs/spec/quectel.md 4.5).
    pub(super) fn idle_too_long(&self) -> Reason {
        let seconds = self.data_idle_timeout_s;
        let cause = alloc::format!("no byte of the data came for {seconds} s");
        Reason::new(cause).remedy("send as many bytes as were announced, or 0x1A at the end")
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
        // The port collects data for a command only.
        None => Outcome::error(Reason::new("no command waits for data")),
    }
}
