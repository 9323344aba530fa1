//! Signal, registration, operator and attachment (3GPP 27.007 sections 7, 8.5
//! and 10.1).

use super::meaning;
use super::refusal::no_network;
use crate::cme;
use crate::command::{Answer, Args, Field, Form, Origin, Param, Spec, Test};
use crate::handler::{Context, Line, Outcome, Row};
use crate::radio::{Domain, Selection, is_registered};
use crate::reason::Reason;

const fn spec(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, "docs/spec/quectel.md 10", summary)
        .max_ms(300)
        .origin(Origin::Field)
        .refusal(cme::INCORRECT_PARAMETERS)
}

const fn registration_spec(
    name: &'static str,
    summary: &'static str,
    answers: &'static [Answer],
) -> Spec {
    spec(name, summary)
        .read()
        .write(const { &[Param::int("n", 0, 2).values(&meaning::REPORTS)] })
        .answers(answers)
}

const REGISTRATION: [Field; 3] = [meaning::REPORT, meaning::STATUS, meaning::ACT];

pub(super) static ROWS: [Row<()>; 6] =
    [
        Row::new(
            spec("+CSQ", "signal quality")
                .test_lines(&["+CSQ: (0-31,99),(0-7,99)"])
                .execute()
                .answers(&[Answer::new("+CSQ: <rssi>,<ber>").fields(&[
                    Field::new(
                        "rssi",
                        "strength: 0 is -113 dBm, a step is 2 dB, 99 is unknown",
                    ),
                    Field::new("ber", "bit error rate, 0 to 7, 99 is unknown"),
                ])]),
            |(), cx, _, _| {
                let signal = cx.radio.signal();
                cx.reply(cx.line("+CSQ").value(signal.rssi).value(signal.ber));
                Outcome::Ok
            },
        ),
        Row::new(
            registration_spec(
                "+CREG",
                "network registration",
                &const {
                    [Answer::new("+CREG: <n>,<stat>[,\"<lac>\",\"<ci>\",<AcT>]")
                        .fields(&REGISTRATION)]
                },
            )
            .test_lines(&["+CREG: (0-2)"])
            .example("+CREG?"),
            |(), cx, form, args| registration(cx, Domain::Circuit, form, args),
        ),
        Row::new(
            registration_spec(
                "+CGREG",
                "packet service registration",
                &const {
                    [Answer::new("+CGREG: <n>,<stat>[,\"<lac>\",\"<ci>\",<AcT>]")
                        .fields(&REGISTRATION)]
                },
            )
            .test_lines(&["+CGREG: (0-2)"])
            .example("+CGREG?"),
            |(), cx, form, args| registration(cx, Domain::Packet, form, args),
        ),
        Row::new(
            registration_spec(
                "+CEREG",
                "EPS registration",
                &const {
                    [Answer::new("+CEREG: <n>,<stat>[,\"<tac>\",\"<ci>\",<AcT>]")
                        .fields(&REGISTRATION)]
                },
            )
            .test_lines(&["+CEREG: (0-2)"])
            .example("+CEREG?"),
            |(), cx, form, args| registration(cx, Domain::Evolved, form, args),
        ),
        Row::new(
            spec("+COPS", "operator selection")
                .test(Test::Computed)
                .read()
                .write(
                    &const {
                        [
                            Param::int("mode", 0, 4).values(&meaning::SELECTION),
                            Param::int("format", 0, 2)
                                .optional()
                                .values(&meaning::NAME_FORMAT),
                            Param::text("oper", 1, 32).optional(),
                            Param::int("act", 0, 9)
                                .optional()
                                .values(&meaning::TECHNOLOGY),
                        ]
                    },
                )
                .answers(
                    &const {
                        [
                            Answer::new("+COPS: <mode>[,<format>,\"<oper>\",<AcT>]").fields(
                                &const {
                                    [
                                        Field::new("mode", "who chooses")
                                            .values(&meaning::SELECTION),
                                        Field::new("format", "how the name is written")
                                            .values(&meaning::NAME_FORMAT),
                                        meaning::ACT,
                                    ]
                                },
                            ),
                            Answer::new("+COPS: (<networks>),,(<modes>),(<formats>)"),
                        ]
                    },
                )
                .max_ms(180_000)
                .example("+COPS?"),
            operator,
        ),
        Row::new(
            spec("+CGATT", "attachment to packet service")
                .test_lines(&["+CGATT: (0,1)"])
                .read()
                .write(&const { [Param::int("state", 0, 1).values(&meaning::ATTACHED)] })
                .answers(&[Answer::new("+CGATT: <state>").fields(
                    &const { [Field::new("state", "packet service").values(&meaning::ATTACHED)] },
                )])
                .max_ms(75_000)
                .example("+CGATT?"),
            attachment,
        ),
    ];

fn registration(cx: &mut Context<'_>, domain: Domain, form: Form, args: &Args<'_>) -> Outcome {
    match args.byte(0) {
        Some(mode) if form == Form::Write => cx.radio.set_report_mode(domain, mode),
        _ => {
            let line = cx.line(command(domain));
            let line = line.value(cx.radio.report_mode(domain));
            let stat = cx.radio.stat(domain);
            cx.reply(with_location(cx, line, domain, stat));
        }
    }
    Outcome::Ok
}

/// Tells the host of a change of registration, if it wants to know.
pub(crate) fn report_registration(cx: &mut Context<'_>, domain: Domain, stat: u8) {
    if cx.radio.report_mode(domain) > 0 {
        let line = with_location(cx, cx.line(command(domain)), domain, stat);
        cx.urc(line);
    }
}

/// A line with status and, in mode 2 while registered, location.
fn with_location(cx: &Context<'_>, line: Line, domain: Domain, stat: u8) -> Line {
    let line = line.value(stat);
    if cx.radio.report_mode(domain) < 2 || !is_registered(stat) {
        return line;
    }
    let operator = &cx.radio.defaults().operator;
    line.quoted(operator.area)
        .quoted(operator.cell)
        .value(operator.technology)
}

/// Command that reports registration in a domain.
pub(crate) const fn command(domain: Domain) -> &'static str {
    match domain {
        Domain::Circuit => "+CREG",
        Domain::Packet => "+CGREG",
        Domain::Evolved => "+CEREG",
    }
}

fn operator(_: &mut (), cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    let operator = &cx.radio.defaults().operator;
    match form {
        Form::Test => {
            // The network in reach, then modes and formats.
            let status = if cx.radio.is_registered() { 2 } else { 1 };
            let line = alloc::format!(
                "{}({status},\"{}\",\"{}\",\"{}\",{}),,(0-4),(0-2)",
                cx.name("+COPS"),
                cx.radio.operator(0),
                cx.radio.operator(1),
                cx.radio.operator(2),
                operator.technology,
            );
            Outcome::ReplyAfter(cx.delay(cx.radio.defaults().scan_delay), line)
        }
        Form::Write => select(cx, args),
        Form::Read | Form::Execute => {
            let line = cx.line("+COPS").value(cx.radio.selection() as u8);
            cx.reply(if cx.radio.is_registered() {
                let format = cx.radio.operator_format();
                line.value(format)
                    .quoted(cx.radio.operator(format))
                    .value(operator.technology)
            } else {
                line
            });
            Outcome::Ok
        }
    }
}

/// Modes 0 automatic, 1 manual, 2 deregister, 3 format only, 4 manual, else
/// automatic.
fn select(cx: &mut Context<'_>, args: &Args<'_>) -> Outcome {
    let format = args.byte(1).unwrap_or(0);
    let exists = args
        .text(2)
        .is_some_and(|name| name == cx.radio.operator(format).as_bytes());
    match args.byte(0) {
        Some(1) if !exists => {
            let there = cx.radio.operator(format);
            let reason =
                alloc::format!("no such network is in reach; in this format there is {there}");
            return Outcome::cme(cme::NO_NETWORK_SERVICE, Reason::new(reason));
        }
        Some(1 | 4) if exists => cx.radio.select(Selection::Manual),
        Some(2) => cx.radio.select(Selection::Deregistered),
        Some(3) => cx.radio.set_operator_format(format),
        _ => cx.radio.select(Selection::Automatic),
    }
    Outcome::Ok
}

fn attachment(_: &mut (), cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    let attached = cx.radio.is_attached();
    match args.flag(0) {
        Some(attach) if form == Form::Write => {
            if !cx.radio.set_attach(attach) {
                return Outcome::cme(cme::NO_NETWORK_SERVICE, no_network(cx.radio));
            }
            if attach == attached {
                return Outcome::Ok;
            }
            Outcome::OkAfter(cx.delay(cx.quirks.base.attach_ms))
        }
        _ => {
            cx.reply(cx.line("+CGATT").value(u8::from(attached)));
            Outcome::Ok
        }
    }
}
