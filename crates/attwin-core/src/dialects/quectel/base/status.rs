//! State of radio, SIM, clock and battery (docs/spec/quectel.md section 10).

use crate::clock::Civil;
use crate::cme;
use crate::command::{Args, Form, Origin, Param, Spec};
use crate::dialects::quectel::Quectel;
use crate::handler::Row;
use crate::handler::shared::long_timestamp;
use crate::handler::{Context, Outcome};
use crate::radio::SimState;

/// The specification's sample of AT+QCSQ belongs to its sample of AT+CSQ.
const SAMPLE_RSSI: i32 = 28;

const fn spec(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, "docs/spec/quectel.md 10", summary)
        .execute()
        .max_ms(300)
        .refusal(cme::INCORRECT_PARAMETERS)
        .origin(Origin::Field)
}

pub(super) static ROWS: [Row<Quectel>; 7] = [
    Row::new(spec("+QCSQ", "signal of the serving cell"), signal),
    Row::new(spec("+QNWINFO", "serving network"), network),
    Row::new(spec("+QSPN", "name of the serving network"), operator),
    Row::new(
        spec("+QINISTAT", "start-up of the SIM").test_lines(&["+QINISTAT: (0-7)"]),
        start_up,
    ),
    Row::new(
        spec("+QLTS", "time the network told")
            .write(&[Param::int("mode", 0, 2)])
            .example("+QLTS=2"),
        network_time,
    ),
    Row::new(spec("+CPAS", "activity"), |_, cx, _, _| {
        cx.reply("+CPAS: 0");
        Outcome::Ok
    }),
    Row::new(spec("+CBC", "battery"), |_, cx, _, _| {
        cx.reply("+CBC: 0,80,3800");
        Outcome::Ok
    }),
];

fn signal(_: &mut Quectel, cx: &mut Context<'_>, _: Form, _: &Args<'_>) -> Outcome {
    let line = cx.line("+QCSQ");
    let rssi = i32::from(cx.radio.rssi());
    cx.reply(if !cx.radio.is_registered() || rssi == 99 {
        line.quoted("NOSERVICE")
    } else {
        // A step of +CSQ is 2 dB.
        let better = 2 * (rssi - SAMPLE_RSSI);
        line.quoted("LTE")
            .value(50 - better)
            .value(-78 + better)
            .value(188)
            .value(-14)
    });
    Outcome::Ok
}

fn network(_: &mut Quectel, cx: &mut Context<'_>, _: Form, _: &Args<'_>) -> Outcome {
    cx.reply(if cx.radio.is_registered() {
        "+QNWINFO: \"FDD LTE\",46011,\"LTE BAND 3\",1650"
    } else {
        "+QNWINFO: No Service"
    });
    Outcome::Ok
}

fn operator(_: &mut Quectel, cx: &mut Context<'_>, _: Form, _: &Args<'_>) -> Outcome {
    if !cx.radio.is_registered() {
        return Outcome::Cme(cme::NO_NETWORK_SERVICE);
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
