//! State of radio, SIM, clock and battery (docs/spec/quectel.md section 10).

use crate::clock::Civil;
use crate::cme;
use crate::command::{Answer, Args, Field, Form, Meaning, Origin, Param, Spec, Test};
use crate::dialects::quectel::Quectel;
use crate::handler::Row;
use crate::handler::shared::{long_timestamp, no_network};
use crate::handler::{Context, Outcome};
use crate::radio::SimState;

static ACTIVITY: [Meaning; 3] = [
    Meaning::new("0", "ready"),
    Meaning::new("3", "ringing"),
    Meaning::new("4", "a call is in progress"),
];
static CHARGING: [Meaning; 3] = [
    Meaning::new("0", "not charging"),
    Meaning::new("1", "charging"),
    Meaning::new("2", "charged"),
];
static CLOCKS: [Meaning; 3] = [
    Meaning::new("0", "the time the network told last"),
    Meaning::new("1", "the present time, UTC"),
    Meaning::new("2", "the present local time"),
];
static START: [Meaning; 2] = [
    Meaning::new("0", "the SIM is not ready"),
    Meaning::new("7", "SIM, messages and phone book are ready"),
];

const fn spec(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, "docs/spec/quectel.md 10", summary)
        .execute()
        .max_ms(300)
        .refusal(cme::INCORRECT_PARAMETERS)
        .origin(Origin::Field)
}

pub(super) static ROWS: [Row<Quectel>; 7] = [
    Row::new(
        spec("+QCSQ", "signal of the serving cell")
            .test_lines(&["+QCSQ: \"NOSERVICE\",\"GSM\",\"WCDMA\",\"LTE\""])
            .answers(&[
                Answer::new("+QCSQ: \"NOSERVICE\""),
                Answer::new("+QCSQ: \"<sysmode>\",<rssi>,<rsrp>,<sinr>,<rsrq>").fields(&[
                    Field::new("rssi", "received signal strength, dBm"),
                    Field::new("rsrp", "reference signal received power, dBm"),
                    Field::new("sinr", "signal to noise: 0 is -20 dB, a step is 0.2 dB"),
                    Field::new("rsrq", "reference signal received quality, dB"),
                ]),
            ]),
        signal,
    ),
    Row::new(
        spec("+QNWINFO", "serving network")
            .test(Test::Ok)
            .answers(&[
                Answer::new("+QNWINFO: No Service"),
                Answer::new("+QNWINFO: \"<Act>\",<oper>,\"<band>\",<channel>").fields(&[
                    Field::new("oper", "country and network code"),
                    Field::new("channel", "number of the carrier, EARFCN"),
                ]),
            ]),
        network,
    ),
    Row::new(
        spec("+QSPN", "name of the serving network")
            .test(Test::Ok)
            .answers(&[
                Answer::new("+QSPN: \"<FNN>\",\"<SNN>\",\"<SPN>\",<alphabet>,\"<RPLMN>\"").fields(
                    &[
                        Field::new("FNN", "long name"),
                        Field::new("SNN", "short name"),
                        Field::new("SPN", "name of the service provider"),
                        Field::new("alphabet", "0 for the GSM alphabet, 1 for UCS2"),
                        Field::new("RPLMN", "country and network code"),
                    ],
                ),
            ]),
        operator,
    ),
    Row::new(
        spec("+QINISTAT", "start-up of the SIM")
            .test_lines(&["+QINISTAT: (0-7)"])
            .answers(&[Answer::new("+QINISTAT: <status>").fields(
                &const {
                    [
                        Field::new("status", "sum of 1 SIM, 2 messages, 4 phone book")
                            .values(&START),
                    ]
                },
            )]),
        start_up,
    ),
    Row::new(
        spec("+QLTS", "time the network told")
            .test_lines(&["+QLTS: (0-2)"])
            .write(&const { [Param::int("mode", 0, 2).values(&CLOCKS)] })
            .answers(&[Answer::new("+QLTS: \"<time>\"")])
            .example("+QLTS=2"),
        network_time,
    ),
    Row::new(
        spec("+CPAS", "activity")
            .test_lines(&["+CPAS: (0,3,4)"])
            .answers(&[Answer::new("+CPAS: <pas>")
                .fields(&const { [Field::new("pas", "activity").values(&ACTIVITY)] })]),
        |_, cx, _, _| {
            cx.reply("+CPAS: 0");
            Outcome::Ok
        },
    ),
    Row::new(
        spec("+CBC", "battery")
            .test_lines(&["+CBC: (0-2),(0-100),<voltage>"])
            .answers(&[Answer::new("+CBC: <bcs>,<bcl>,<voltage>").fields(
                &const {
                    [
                        Field::new("bcs", "charging").values(&CHARGING),
                        Field::new("bcl", "per cent"),
                        Field::new("voltage", "millivolts"),
                    ]
                },
            )]),
        |_, cx, _, _| {
            cx.reply("+CBC: 0,80,3800");
            Outcome::Ok
        },
    ),
];

fn signal(_: &mut Quectel, cx: &mut Context<'_>, _: Form, _: &Args<'_>) -> Outcome {
    let line = cx.line("+QCSQ");
    let quality = cx.radio.quality().filter(|_| cx.radio.is_registered());
    cx.reply(match quality {
        None => line.quoted("NOSERVICE"),
        Some(quality) => line
            .quoted("LTE")
            .value(quality.rssi)
            .value(quality.rsrp)
            .value(5 * (quality.sinr + 20))
            .value(quality.rsrq),
    });
    Outcome::Ok
}

/// The operator is that of AT+COPS; in quotes or not is a matter of firmware
/// (docs/spec/quectel.md 10.2).
fn network(q: &mut Quectel, cx: &mut Context<'_>, _: Form, _: &Args<'_>) -> Outcome {
    if !cx.radio.is_registered() {
        cx.reply("+QNWINFO: No Service");
        return Outcome::Ok;
    }
    let line = cx.line("+QNWINFO").quoted("FDD LTE");
    let operator = cx.radio.operator(2);
    let line = if q.knobs.qnwinfo_quoted {
        line.quoted(operator)
    } else {
        line.raw(operator)
    };
    cx.reply(line.quoted("LTE BAND 3").value(1650));
    Outcome::Ok
}

fn operator(_: &mut Quectel, cx: &mut Context<'_>, _: Form, _: &Args<'_>) -> Outcome {
    if !cx.radio.is_registered() {
        return Outcome::cme(cme::NO_NETWORK_SERVICE, no_network(cx.radio));
    }
    cx.reply(
        cx.line("+QSPN")
            .quoted(cx.radio.operator(0))
            .quoted(cx.radio.operator(1))
            .quoted("")
            .value(0)
            .quoted(cx.radio.operator(2)),
    );
    Outcome::Ok
}

/// Bits: 1 PIN, 2 SMS, 4 phone book.
fn start_up(_: &mut Quectel, cx: &mut Context<'_>, _: Form, _: &Args<'_>) -> Outcome {
    let state = if cx.radio.sim() == SimState::Ready {
        7
    } else {
        0
    };
    cx.reply(cx.line("+QINISTAT").value(state));
    Outcome::Ok
}

/// Modes 0 last synchronisation, 1 UTC, 2 local time.
fn network_time(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let line = cx.line("+QLTS");
    let Some(synchronised) = q.base.synchronised_ms else {
        cx.reply(line.quoted(""));
        return Outcome::Ok;
    };
    let present = cx.clock.network_unix_ms(cx.now);
    let time = match args.int(0) {
        Some(1) => Civil::from_unix_ms(present),
        Some(2) => cx.clock.to_local(present),
        _ => Civil::from_unix_ms(synchronised),
    };
    let time = long_timestamp(time, cx.clock.zone_quarters());
    cx.reply(line.quoted(alloc::format!("{time},0")));
    Outcome::Ok
}
