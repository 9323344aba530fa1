//! The few commands of the short message service host drivers send at start;
//! the service itself is out of scope (docs/spec/quectel.md section 10).

use crate::cme;
use crate::command::{Args, Form, Origin, Param, Spec};
use crate::dialects::quectel::Quectel;
use crate::handler::Row;
use crate::handler::{Context, Outcome};

const CHARACTER_SETS: [&str; 3] = ["GSM", "IRA", "UCS2"];

/// What the read forms answer.
#[derive(Debug)]
pub(super) struct Settings {
    character_set: &'static str,
    text_mode: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            character_set: CHARACTER_SETS[0],
            text_mode: false,
        }
    }
}

const fn spec(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, "docs/spec/quectel.md 10", summary)
        .max_ms(300)
        .refusal(cme::INCORRECT_PARAMETERS)
        .origin(Origin::Decision)
}

pub(super) static ROWS: [Row<Quectel>; 4] = [
    Row::new(
        spec("+CSCS", "character set")
            .read()
            .write(&[Param::text("chset", 3, 4)])
            .example("+CSCS=\"GSM\""),
        character_set,
    ),
    Row::new(
        spec("+CMGF", "message format")
            .read()
            .write(&[Param::int("mode", 0, 1)])
            .example("+CMGF=1"),
        format,
    ),
    Row::new(
        spec("+CNMI", "message indications")
            .write(&[
                Param::int("mode", 0, 3).optional(),
                Param::int("mt", 0, 3).optional(),
                Param::int("bm", 0, 3).optional(),
                Param::int("ds", 0, 2).optional(),
                Param::int("bfr", 0, 1).optional(),
            ])
            .example("+CNMI=2,1"),
        |_, _, _, _| Outcome::Ok,
    ),
    Row::new(
        spec("+CPMS", "message storage")
            .write(&[
                Param::text("mem1", 2, 2),
                Param::text("mem2", 2, 2).optional(),
                Param::text("mem3", 2, 2).optional(),
            ])
            .example("+CPMS=\"ME\",\"ME\",\"ME\""),
        |_, _, _, _| Outcome::Ok,
    ),
];

fn character_set(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let messages = &mut q.base.messages;
    let Some(name) = args.text(0) else {
        cx.reply(cx.line("+CSCS").quoted(messages.character_set));
        return Outcome::Ok;
    };
    let known = CHARACTER_SETS
        .into_iter()
        .find(|set| set.as_bytes().eq_ignore_ascii_case(name));
    match known {
        Some(set) => {
            messages.character_set = set;
            Outcome::Ok
        }
        None => Outcome::Cme(cme::INCORRECT_PARAMETERS),
    }
}

fn format(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let messages = &mut q.base.messages;
    match args.flag(0) {
        Some(text_mode) => messages.text_mode = text_mode,
        None => cx.reply(cx.line("+CMGF").value(u8::from(messages.text_mode))),
    }
    Outcome::Ok
}
