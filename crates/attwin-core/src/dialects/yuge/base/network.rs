//! Registration and service (docs/spec/yuge.md section 10).

use alloc::format;

use super::{Args, Context, Form, Outcome, Param, Row, Spec, Yuge, spec};
use crate::command::{Answer, Field, Meaning, Test};
use crate::handler::shared::{meaning, registration_command};
use crate::radio::{Domain, SimState};

/// `<stat>` while roaming.
const ROAMING: u8 = 5;

/// The row's name, the line of its test form, and its answer.
const fn registration_spec(
    name: &'static str,
    summary: &'static str,
    test: &'static [&'static str],
    answers: &'static [Answer],
) -> Spec {
    spec(name, summary)
        .test_lines(test)
        .read()
        .write(const { &[Param::int("n", 0, 2).values(&REPORTS)] })
        .answers(answers)
}

static REPORTS: [Meaning; 3] = [
    Meaning::new("0", "changes are not reported"),
    Meaning::new("1", "changes are reported"),
    Meaning::new("2", "changes are reported, without a location"),
];
const REGISTRATION: [Field; 2] = [Field::new("n", "reports").values(&REPORTS), meaning::STATUS];
static SERVICES: [Meaning; 2] = [
    Meaning::new("0", "no service"),
    Meaning::new("2", "service"),
];
static DOMAINS: [Meaning; 2] = [
    Meaning::new("0", "none"),
    Meaning::new("3", "circuit and packet"),
];
static ROAMS: [Meaning; 2] = [
    Meaning::new("0", "not roaming"),
    Meaning::new("1", "roaming"),
];
static NETWORKS: [Meaning; 2] = [Meaning::new("0", "none"), Meaning::new("9", "LTE")];
static CARDS: [Meaning; 2] = [
    Meaning::new("0", "the SIM cannot be used"),
    Meaning::new("1", "the SIM can be used"),
];

pub(in super::super) static ROWS: [Row<Yuge>; 4] = [
    Row::new(
        registration_spec(
            "+CREG",
            "network registration",
            &["+CREG: (0-2)"],
            &const { [Answer::new("+CREG: <n>,<stat>").fields(&REGISTRATION)] },
        )
        .example("+CREG?"),
        |_, cx, form, args| registration(cx, Domain::Circuit, form, args),
    ),
    Row::new(
        registration_spec(
            "+CGREG",
            "packet service registration",
            &["+CGREG: (0-2)"],
            &const { [Answer::new("+CGREG: <n>,<stat>").fields(&REGISTRATION)] },
        )
        .example("+CGREG?"),
        |_, cx, form, args| registration(cx, Domain::Packet, form, args),
    ),
    Row::new(
        registration_spec(
            "+CEREG",
            "EPS registration",
            &["+CEREG: (0-2)"],
            &const { [Answer::new("+CEREG: <n>,<stat>").fields(&REGISTRATION)] },
        )
        .example("+CEREG?"),
        |_, cx, form, args| registration(cx, Domain::Evolved, form, args),
    ),
    Row::new(
        spec("^SYSINFO", "service, domain, roaming, mode and SIM")
            .test(Test::Ok)
            .execute()
            .answers(&[
                Answer::new("^SYSINFO: <service>,<domain>,<roaming>,<mode>,<sim>").fields(
                    &const {
                        [
                            Field::new("service", "of the network").values(&SERVICES),
                            Field::new("domain", "of that service").values(&DOMAINS),
                            Field::new("roaming", "where the module is").values(&ROAMS),
                            Field::new("mode", "radio").values(&NETWORKS),
                            Field::new("sim", "the SIM").values(&CARDS),
                        ]
                    },
                ),
            ]),
        |_, cx, _, _| {
            let sim = u8::from(cx.radio.sim() == SimState::Ready);
            let roaming = u8::from(cx.radio.stat(Domain::Circuit) == ROAMING);
            // Without a network neither service nor domain nor mode.
            cx.reply(if cx.radio.is_registered() {
                format!("^SYSINFO: 2,3,{roaming},9,{sim}")
            } else {
                format!("^SYSINFO: 0,0,0,0,{sim}")
            });
            Outcome::Ok
        },
    ),
];

/// No mode shows where the module is.
fn registration(cx: &mut Context<'_>, domain: Domain, form: Form, args: &Args<'_>) -> Outcome {
    match args.byte(0) {
        Some(mode) if form == Form::Write => cx.radio.set_report_mode(domain, mode),
        _ => {
            let (mode, stat) = (cx.radio.report_mode(domain), cx.radio.stat(domain));
            cx.reply(format!("{}: {mode},{stat}", registration_command(domain)));
        }
    }
    Outcome::Ok
}

/// Tells the host of a change, if it wants to know.
pub(in super::super) fn report(cx: &mut Context<'_>, domain: Domain, stat: u8) {
    if cx.radio.report_mode(domain) > 0 {
        cx.urc(format!("{}: {stat}", registration_command(domain)));
    }
}
