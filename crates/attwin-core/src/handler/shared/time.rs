//! The real-time clock (3GPP 27.007 sections 8.15, 8.40 and 8.41).

use alloc::string::String;

use super::meaning;
use crate::clock::Civil;
use crate::cme;
use crate::command::{Answer, Args, Field, Form, Origin, Param, Spec};
use crate::handler::{Context, Outcome, Row};
use crate::reason::Reason;

/// Time zones lie within a day of UTC.
const MOST_QUARTERS: i8 = 96;

const fn spec(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, "docs/spec/quectel.md 10", summary)
        .read()
        .max_ms(300)
        .origin(Origin::Field)
        .refusal(cme::INCORRECT_PARAMETERS)
}

pub(super) static ROWS: [Row<()>; 3] =
    [
        Row::new(
            spec("+CCLK", "real-time clock")
                .write(&[Param::text("time", 17, 22)])
                .answers(&[Answer::new("+CCLK: \"<time>\"").fields(&[Field::new(
                    "time",
                    "local time, and its zone in quarters of an hour",
                )])])
                .example("+CCLK?"),
            clock,
        ),
        Row::new(
            spec("+CTZU", "time zone update")
                .write(&const { [Param::int("onoff", 0, 3).values(&meaning::ZONE_UPDATE)] })
                .answers(&[Answer::new("+CTZU: <onoff>").fields(
                    &const {
                        [
                            Field::new("onoff", "time from the network")
                                .values(&meaning::ZONE_UPDATE),
                        ]
                    },
                )])
                .example("+CTZU=1"),
            zone_update,
        ),
        Row::new(
            spec("+CTZR", "time zone reporting")
                .write(&const { [Param::int("reporting", 0, 2).values(&meaning::ZONE_REPORTS)] })
                .answers(&[Answer::new("+CTZR: <reporting>").fields(
                    &const {
                        [
                            Field::new("reporting", "what is reported")
                                .values(&meaning::ZONE_REPORTS),
                        ]
                    },
                )])
                .example("+CTZR?"),
            zone_report,
        ),
    ];

/// `yy/MM/dd,hh:mm:ss±zz`, the zone in quarters of an hour.
fn short_timestamp(local: Civil, zone_quarters: i8) -> String {
    let Civil {
        year,
        month,
        day,
        hour,
        minute,
        second,
    } = local;
    let year = year.rem_euclid(100);
    alloc::format!(
        "{year:02}/{month:02}/{day:02},{hour:02}:{minute:02}:{second:02}{zone_quarters:+03}"
    )
}

/// The same with a year of four digits.
pub(crate) fn long_timestamp(local: Civil, zone_quarters: i8) -> String {
    let century = local.year.div_euclid(100);
    alloc::format!("{century:02}{}", short_timestamp(local, zone_quarters))
}

/// Reads either form of timestamp; the zone may be missing.
fn read_timestamp(text: &[u8]) -> Option<(Civil, Option<i8>)> {
    let (year, rest) = match text.iter().position(|&b| b == b'/')? {
        2 => (2000 + i64::from(two_digits(text)?), &text[2..]),
        4 => {
            let century = i64::from(two_digits(text)?);
            (
                century * 100 + i64::from(two_digits(&text[2..])?),
                &text[4..],
            )
        }
        _ => return None,
    };
    let mut fields = [0; 5];
    let (body, zone) = rest.split_at_checked(fields.len() * 3)?;
    for ((field, chunk), separator) in fields.iter_mut().zip(body.chunks(3)).zip(b"//,::") {
        if chunk[0] != *separator {
            return None;
        }
        *field = two_digits(&chunk[1..])?;
    }
    let [month, day, hour, minute, second] = fields;
    let local = Civil {
        year,
        month,
        day,
        hour,
        minute,
        second,
    };
    let zone = match zone {
        [] => None,
        [sign @ (b'+' | b'-'), digits @ ..] if digits.len() == 2 => {
            let quarters = i8::try_from(two_digits(digits)?).ok()?;
            let quarters = if *sign == b'-' { -quarters } else { quarters };
            if !(-MOST_QUARTERS..=MOST_QUARTERS).contains(&quarters) {
                return None;
            }
            Some(quarters)
        }
        _ => return None,
    };
    local.is_valid().then_some((local, zone))
}

fn two_digits(text: &[u8]) -> Option<u8> {
    match text {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', ..] => Some((tens - b'0') * 10 + ones - b'0'),
        _ => None,
    }
}

fn clock(_: &mut (), cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        let time = short_timestamp(cx.clock.local(cx.now), cx.clock.zone_quarters());
        cx.reply(cx.line("+CCLK").quoted(time));
        return Outcome::Ok;
    }
    let Some((local, zone)) = args.text(0).and_then(read_timestamp) else {
        let reason = Reason::new("<time> is no date and time that exists")
            .remedy("yy/MM/dd,hh:mm:ss and the zone in quarters of an hour, as +32");
        return Outcome::cme(cme::INCORRECT_PARAMETERS, reason);
    };
    let zone = zone.unwrap_or(cx.clock.zone_quarters());
    cx.clock.set_local(cx.now, local, zone);
    Outcome::Ok
}

/// Switching the update on takes over the network's clock at once, if there
/// is a network.
fn zone_update(_: &mut (), cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    match args.byte(0) {
        Some(2) => {
            let reason = Reason::new("<onoff> 2 is none of 0, 1 and 3");
            return Outcome::cme(cme::INCORRECT_PARAMETERS, reason);
        }
        Some(n) if form == Form::Write => {
            cx.settings.zone_update = n;
            if n != 0 && cx.radio.is_registered() {
                cx.clock.follow_network();
            }
        }
        _ => cx.reply(cx.line("+CTZU").value(cx.settings.zone_update)),
    }
    Outcome::Ok
}

fn zone_report(_: &mut (), cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    match args.byte(0) {
        Some(n) if form == Form::Write => cx.settings.zone_report = n,
        _ => cx.reply(cx.line("+CTZR").value(cx.settings.zone_report)),
    }
    Outcome::Ok
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn timestamps_round_trip(seconds in 946_684_800i64..4_102_444_800, zone in -96i8..=96) {
            let local = Civil::from_unix_ms(seconds * 1000);
            for text in [short_timestamp(local, zone), long_timestamp(local, zone)] {
                prop_assert_eq!(read_timestamp(text.as_bytes()), Some((local, Some(zone))));
            }
        }

        #[test]
        fn no_timestamp_panics(text in proptest::collection::vec(any::<u8>(), 0..24)) {
            let _ = read_timestamp(&text);
        }
    }

    #[test]
    fn wrong_timestamps() {
        assert!(read_timestamp(b"26/08/07,13:54:02").is_some());
        for wrong in [
            &b"26/02/29,00:00:00+00"[..],
            b"26-08-07,13:54:02+32",
            b"26/08/07 13:54:02+32",
            b"26/08/07,13:54:02+97",
            b"26/08/07,13:54:02+3",
            b"26/08/07,13:54:02Z",
            b"126/08/07,13:54:02+32",
        ] {
            assert_eq!(read_timestamp(wrong), None);
        }
    }
}
