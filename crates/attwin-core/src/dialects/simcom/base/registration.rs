//! AT+CEREG with the report modes of NB-IoT (3GPP 27.007 section 10.1.22,
//! docs/spec/simcom.md 10).

use super::kept::Kept;
use super::{Args, Context, Form, Outcome, Param, Row, SimCom, spec};
use crate::command::{Answer, Field, Meaning};
use crate::handler::Line;
use crate::handler::shared::meaning;
use crate::radio::{Domain, is_registered};

/// Cause of a refused registration: EMM cause 15, no suitable cells in the
/// tracking area.
const DENIED: (u8, u8) = (0, 15);
const DENIED_STAT: u8 = 3;

/// `<n>` of AT+CEREG.
pub(in super::super) static MODES: [Meaning; 6] = [
    Meaning::new("0", "changes are not reported"),
    Meaning::new("1", "changes of the status are reported"),
    Meaning::new("2", "with tracking area and cell"),
    Meaning::new("3", "with the cause of a refusal, too"),
    Meaning::new("4", "with the timers of power saving mode, too"),
    Meaning::new("5", "with cause and timers"),
];

/// What stands in answers and result codes of registration.
pub(in super::super) static FIELDS: [Field; 9] = [
    Field::new("n", "what is reported").values(&MODES),
    meaning::STATUS,
    Field::new("tac", "tracking area, hexadecimal"),
    Field::new("lac", "location area, hexadecimal"),
    Field::new("ci", "cell, hexadecimal"),
    meaning::ACT,
    Field::new("reject_cause", "EMM cause, 3GPP 24.301 Annex A"),
    Field::new("Active-Time", "T3324 the network granted, 3GPP 24.008"),
    Field::new(
        "Periodic-TAU",
        "extended T3412 the network granted, 3GPP 24.008",
    ),
];

pub(in super::super) static ROWS: [Row<SimCom>; 1] = [Row::new(
    spec("+CEREG", "EPS registration")
        .test_lines(&["+CEREG: (0-5)"])
        .read()
        .write(&[Param::int("n", 0, 5).values(&MODES)])
        .answers(&[
            Answer::new("+CEREG: <n>,<stat>").fields(&FIELDS),
            Answer::new("+CEREG: <n>,<stat>,\"<tac>\",\"<ci>\",<AcT>").fields(&FIELDS),
            Answer::new("+CEREG: <n>,<stat>,,,,<cause_type>,<reject_cause>").fields(&FIELDS),
            Answer::new(
                "+CEREG: <n>,<stat>,\"<tac>\",\"<ci>\",<AcT>,,,\"<Active-Time>\",\"<Periodic-TAU>\"",
            )
            .fields(&FIELDS),
        ])
        .example("+CEREG?"),
    registration,
)];

fn registration(s: &mut SimCom, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if let (Form::Write, Some(mode)) = (form, args.byte(0)) {
        cx.radio.set_report_mode(Domain::Evolved, mode);
        return Outcome::Ok;
    }
    let mode = cx.radio.report_mode(Domain::Evolved);
    let stat = cx.radio.stat(Domain::Evolved);
    let line = cx.line("+CEREG").value(mode);
    cx.reply(with_details(cx, &s.base.kept, line, stat));
    Outcome::Ok
}

/// Tells the host of a change, if it wants to know.
pub(super) fn report(cx: &mut Context<'_>, kept: &Kept, stat: u8) {
    if cx.radio.report_mode(Domain::Evolved) > 0 {
        let line = with_details(cx, kept, cx.line("+CEREG"), stat);
        cx.urc(line);
    }
}

/// A line with what the report mode asks for behind the status.
fn with_details(cx: &Context<'_>, kept: &Kept, line: Line, stat: u8) -> Line {
    let mode = cx.radio.report_mode(Domain::Evolved);
    let line = line.value(stat);
    if matches!(mode, 3 | 5) && stat == DENIED_STAT {
        let (kind, cause) = DENIED;
        return line.raw(",,").value(kind).value(cause);
    }
    if mode < 2 || !is_registered(stat) {
        return line;
    }
    let operator = &cx.radio.defaults().operator;
    let line = line
        .quoted(operator.area)
        .quoted(operator.cell)
        .value(operator.technology);
    match kept.power_saving() {
        Some(timers) if mode >= 4 => line
            .raw(",")
            .quoted(timers.active_text())
            .quoted(timers.tau_text()),
        _ => line,
    }
}
