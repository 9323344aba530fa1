//! `AT+MQTTPUB`: a message as text, or as hexadecimal digits behind its length
//! (docs/spec/onemo.md B3.5).

use alloc::vec::Vec;

use bytes::Bytes;

use super::super::refused::Refused;
use super::super::settings::qos;
use super::super::{OneMo, TOPIC, is_topic_name, meaning};
use super::{Mn316, Number};
use crate::command::{Args, Kind, Param, Spec};
use crate::handler::Row;
use crate::handler::{Context, Outcome};

/// Longest message in bytes (docs/spec/onemo.md B2.3).
const MESSAGE: usize = 2048;
#[expect(clippy::cast_possible_truncation)]
const LENGTH: Param = Param::int("msg_len", 0, MESSAGE as u32).optional();

const TO: Param = Param::text("topic", 1, TOPIC);
const QOS: Param = Param::int("qos", 0, 2).values(&meaning::QOS_LEVELS);
const RETAIN: Param = Param::int("retain", 0, 1).values(&meaning::RETAIN);
const DUP: Param = Param::int("dup", 0, 1);

const fn spec(summary: &'static str) -> Spec {
    Spec::new("+MQTTPUB", "docs/spec/onemo.md B3.5", summary).refusal(Number::Parameter as u16)
}

/// Told apart by how many arguments there are.
pub(super) static ROWS: [Row<OneMo<Mn316>>; 2] = [
    Row::new(
        spec("publish a message, as text or in hexadecimal")
            .write(&[
                TO,
                QOS,
                RETAIN,
                DUP,
                LENGTH,
                Param::of("message", Kind::RestOfLine(2 * MESSAGE)),
            ])
            .example("+MQTTPUB=\"dev/gsm/u\",1,0,0,0,\"update message\""),
        |m, cx, _, args| {
            let message = args.text(5).unwrap_or_default();
            let decoded = match args.int(4).unwrap_or_default() as usize {
                0 if message.len() > MESSAGE => Err(Refused::TooLong {
                    length: message.len(),
                    most: MESSAGE,
                }),
                0 => return publish(m, cx, args, message),
                length => decode(message, length),
            };
            match decoded {
                Ok(message) => publish(m, cx, args, &message),
                Err(refused) => m.refuse(refused),
            }
        },
    ),
    Row::new(
        spec("publish a message in quotes, without a length")
            .write(&[
                TO,
                QOS,
                RETAIN,
                DUP,
                Param::of("message", Kind::LastText(MESSAGE)),
            ])
            .example("+MQTTPUB=\"dev/gsm/u\",1,0,0,\"update message\""),
        |m, cx, _, args| publish(m, cx, args, args.text(4).unwrap_or_default()),
    ),
];

fn publish(m: &mut OneMo<Mn316>, cx: &mut Context<'_>, args: &Args<'_>, message: &[u8]) -> Outcome {
    let topic = Bytes::copy_from_slice(args.text(0).unwrap_or_default());
    if !is_topic_name(&topic) {
        return m.refuse(Refused::Wildcard(topic));
    }
    if let Some(refused) = m.not_connected() {
        return m.refuse(refused);
    }
    let (level, retain) = (qos(args.int(1)), args.flag(2).unwrap_or_default());
    let sent = m.client.publish(cx, &topic, level, retain, message);
    m.requested(Outcome::Ok, sent)
}

/// Exactly `length` bytes from two digits each.
fn decode(digits: &[u8], length: usize) -> Result<Vec<u8>, Refused> {
    if digits.len() != 2 * length {
        return Err(Refused::DigitCount {
            digits: digits.len(),
            length,
        });
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    digits
        .chunks_exact(2)
        .map(|pair| u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok())
        .collect::<Option<_>>()
        .ok_or(Refused::NoDigits)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn two_digits_a_byte() {
        assert_eq!(decode(b"4342", 2).as_deref().ok(), Some(&b"CB"[..]));
        assert_eq!(
            decode(b"7e7A00fF", 4).as_deref().ok(),
            Some(&b"~z\x00\xff"[..])
        );
        for (digits, length) in [(&b"4342"[..], 1), (b"434", 2), (b"4g", 1), (b"", 1)] {
            assert!(decode(digits, length).is_err());
        }
    }
}
