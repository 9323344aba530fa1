//! Identification, functionality, SIM and error reporting (3GPP 27.007
//! sections 5, 8 and 9).

use super::meaning;
use super::refusal::{pin_refusal, sim_refusal};
use crate::cme;
use crate::command::{Answer, Args, Field, Form, Origin, Param, Spec};
use crate::handler::{Context, Outcome, Row};
use crate::radio::{Functionality, Power};
use crate::reason::Reason;

const fn spec(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, "docs/spec/quectel.md 10", summary)
        .max_ms(300)
        .origin(Origin::Field)
        .refusal(cme::INCORRECT_PARAMETERS)
}

/// Identification of V.250 knows no error numbers.
const fn identity(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, "docs/spec/quectel.md 1.2", summary)
        .execute()
        .max_ms(300)
        .origin(Origin::Field)
}

pub(super) static ROWS: [Row<()>; 9] = [
    Row::new(
        identity("+CGMI", "manufacturer").aliases(&["+GMI"]),
        |(), cx, _, _| {
            cx.reply(cx.radio.defaults().manufacturer);
            Outcome::Ok
        },
    ),
    Row::new(
        identity("+CGMM", "model").aliases(&["+GMM"]),
        |(), cx, _, _| {
            cx.port.reply(cx.radio.model().as_bytes());
            Outcome::Ok
        },
    ),
    Row::new(
        identity("+CGMR", "firmware revision").aliases(&["+GMR"]),
        |(), cx, _, _| {
            cx.port.reply(cx.radio.firmware().as_bytes());
            Outcome::Ok
        },
    ),
    Row::new(
        identity("+CGSN", "equipment identity")
            .test_lines(&["+CGSN: (0,1)"])
            .write(&const { [Param::int("snt", 0, 1).values(&meaning::SERIAL_NUMBERS)] })
            .answers(&[Answer::new("+CGSN: <imei>")])
            .example("+CGSN=1"),
        |(), cx, _, args| equipment_identity(cx, "+CGSN", args),
    ),
    Row::new(
        identity("+GSN", "equipment identity")
            .test_lines(&["+GSN: (0,1)"])
            .write(&const { [Param::int("snt", 0, 1).values(&meaning::SERIAL_NUMBERS)] })
            .answers(&[Answer::new("+GSN: <imei>")])
            .example("+GSN"),
        |(), cx, _, args| equipment_identity(cx, "+GSN", args),
    ),
    Row::new(
        spec("+CIMI", "subscriber identity").execute(),
        |(), cx, _, _| {
            if let Some(refusal) = sim_refusal(cx) {
                return refusal;
            }
            cx.port.reply(cx.radio.imsi().as_bytes());
            Outcome::Ok
        },
    ),
    Row::new(
        spec("+CMEE", "error reporting")
            .test_lines(&["+CMEE: (0-2)"])
            .read()
            .write(&const { [Param::int("n", 0, 2).values(&meaning::ERROR_REPORTS)] })
            .answers(&[
                Answer::new("+CMEE: <n>").fields(
                    &const {
                        [
                            Field::new("n", "how errors are reported")
                                .values(&meaning::ERROR_REPORTS),
                        ]
                    },
                ),
            ])
            .example("+CMEE=1"),
        error_reporting,
    ),
    Row::new(
        spec("+CFUN", "functionality")
            .read()
            .write(
                &const {
                    [
                        Param::int("fun", 0, 4).values(&meaning::FUNCTIONALITY),
                        Param::int("rst", 0, 1).optional().values(&meaning::RESET),
                    ]
                },
            )
            .answers(&[Answer::new("+CFUN: <fun>").fields(
                &const { [Field::new("fun", "how much is on").values(&meaning::FUNCTIONALITY)] },
            )])
            .max_ms(15_000)
            .example("+CFUN=1"),
        functionality,
    ),
    Row::new(
        spec("+CPIN", "PIN of the SIM")
            .read()
            .write(&[
                Param::text("pin", 4, 8),
                Param::text("newpin", 4, 8).optional(),
            ])
            .answers(&[Answer::new("+CPIN: <code>").fields(
                &const { [Field::new("code", "what the SIM wants").values(&meaning::PIN_CODES)] },
            )])
            .example("+CPIN?"),
        pin,
    ),
];

fn equipment_identity(cx: &mut Context<'_>, name: &str, args: &Args<'_>) -> Outcome {
    match args.int(0) {
        None => cx.port.reply(cx.radio.imei().as_bytes()),
        Some(0) => cx.reply(cx.radio.defaults().serial_number),
        Some(_) => cx.reply(cx.line(name).value(cx.radio.imei())),
    }
    Outcome::Ok
}

fn error_reporting(_: &mut (), cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    match args.byte(0) {
        Some(n) => cx.settings.cmee = n,
        None => cx.reply(cx.line("+CMEE").value(cx.settings.cmee)),
    }
    Outcome::Ok
}

fn functionality(_: &mut (), cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    let present = cx.radio.functionality();
    if form == Form::Read {
        cx.reply(cx.line("+CFUN").value(present.number()));
        return Outcome::Ok;
    }
    let fun = args.byte(0).unwrap_or_default();
    let Some(wanted) = Functionality::numbered(fun) else {
        let reason = Reason::new(alloc::format!("<fun> {fun} is none of 0, 1 and 4"));
        return Outcome::cme(cme::INCORRECT_PARAMETERS, reason);
    };
    if args.flag(1) == Some(true) {
        if wanted != Functionality::Full {
            let reason = Reason::new(alloc::format!("<rst> 1 goes with <fun> 1 only, not {fun}"));
            return Outcome::cme(cme::INCORRECT_PARAMETERS, reason);
        }
        cx.radio.request_power(Power::Restart, cx.now);
        return Outcome::Ok;
    }
    if wanted == present {
        return Outcome::Ok;
    }
    let registered = cx.now + cx.delay(cx.quirks.base.registration_delay_ms);
    cx.radio.set_functionality(wanted, cx.now, registered);
    Outcome::OkAfter(cx.delay(match wanted {
        Functionality::Full => cx.quirks.base.radio_on_ms,
        Functionality::Minimum | Functionality::Flight => cx.quirks.base.radio_off_ms,
    }))
}

fn pin(_: &mut (), cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Write {
        let result = cx
            .radio
            .enter_pin(args.text(0).unwrap_or_default(), args.text(1));
        return match result {
            Ok(()) => Outcome::Ok,
            Err(code) => pin_refusal(cx, code),
        };
    }
    match (cx.radio.sim().code(), sim_refusal(cx)) {
        (Err(_), Some(refusal)) => return refusal,
        (code, _) => cx.reply(cx.line("+CPIN").value(code.unwrap_or("READY"))),
    }
    Outcome::Ok
}
