//! The few commands of the short message service host drivers send at start;
//! the service itself is out of scope (docs/spec/quectel.md section 10).
//!
//! All but the character set is saved as it is set; AT&F and ATZ bring the
//! factory settings back.

use alloc::vec::Vec;

use bytes::Bytes;

use crate::cme;
use crate::command::{Answer, Args, Field, Form, Meaning, Origin, Param, Spec, Test};
use crate::dialects::quectel::Quectel;
use crate::handler::Row;
use crate::handler::{Context, Line, Outcome};
use crate::reason::Reason;

const CHARACTER_SETS: [&str; 3] = ["GSM", "IRA", "UCS2"];
/// Storages, and how many messages each holds.
const STORAGES: [(&str, u8); 4] = [("ME", 255), ("MT", 255), ("SM", 50), ("SR", 255)];
/// Sample number of the service centre, and its type.
const SERVICE_CENTRE: (&str, u8) = ("+8613800210500", 145);
/// Longest number of a service centre.
const NUMBER_LIMIT: usize = 40;
/// Where the settings are saved.
const KEY: &str = "quectel/sms";
const CENTRE_KEY: &str = "quectel/csca";

/// What the read forms answer.
#[derive(Debug)]
pub(super) struct Settings {
    character_set: &'static str,
    text_mode: bool,
    /// AT+CNMI.
    indications: [u8; 5],
    /// AT+CPMS, as indices of [`STORAGES`].
    storages: [u8; 3],
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            character_set: CHARACTER_SETS[0],
            text_mode: false,
            indications: [2, 1, 0, 0, 0],
            storages: [0; 3],
        }
    }
}

impl Settings {
    /// Takes over what was saved.
    pub(super) fn restore(&mut self, cx: &Context<'_>) {
        let Some(&[text_mode, a, b, c, d, e, x, y, z]) = cx
            .storage
            .saved(KEY)
            .and_then(|saved| saved.first_chunk::<9>())
        else {
            return;
        };
        self.text_mode = text_mode != 0;
        self.indications = [a, b, c, d, e];
        self.storages = [x, y, z].map(|at| {
            let exists = usize::from(at) < STORAGES.len();
            if exists { at } else { 0 }
        });
    }

    /// Back to factory settings, for good.
    pub(super) fn factory(&mut self, cx: &mut Context<'_>) {
        *self = Self::default();
        cx.storage.save(KEY, None);
    }

    fn save(&self, cx: &mut Context<'_>) {
        let mut out = Vec::from([u8::from(self.text_mode)]);
        out.extend(self.indications);
        out.extend(self.storages);
        cx.storage.save(KEY, Some(out.into()));
    }
}

static FORMATS: [Meaning; 2] = [
    Meaning::new("0", "messages as PDUs"),
    Meaning::new("1", "messages as text"),
];

const fn spec(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, "docs/spec/quectel.md 10", summary)
        .max_ms(300)
        .refusal(cme::INCORRECT_PARAMETERS)
        .origin(Origin::Field)
}

pub(super) static ROWS: [Row<Quectel>; 5] = [
    Row::new(
        spec("+CSCS", "character set")
            .test_lines(&["+CSCS: (\"GSM\",\"IRA\",\"UCS2\")"])
            .read()
            .write(&[Param::text("chset", 3, 4)])
            .answers(&[Answer::new("+CSCS: \"<chset>\"")])
            .example("+CSCS=\"GSM\""),
        character_set,
    ),
    Row::new(
        spec("+CMGF", "message format")
            .test_lines(&["+CMGF: (0,1)"])
            .read()
            .write(&const { [Param::int("mode", 0, 1).values(&FORMATS)] })
            .answers(&[Answer::new("+CMGF: <mode>")
                .fields(&const { [Field::new("mode", "message format").values(&FORMATS)] })])
            .example("+CMGF=1"),
        format,
    ),
    Row::new(
        spec("+CSCA", "service centre")
            .test(Test::Ok)
            .read()
            .write(&[
                Param::text("sca", 1, NUMBER_LIMIT),
                Param::int("tosca", 128, 255).optional(),
            ])
            .answers(&[Answer::new("+CSCA: \"<sca>\",<tosca>").fields(&[Field::new(
                "tosca",
                "145 for an international number, 129 for another",
            )])])
            .example("+CSCA=\"+8613800210500\",145"),
        service_centre,
    ),
    Row::new(
        spec("+CNMI", "message indications; no message ever comes")
            .test_lines(&["+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)"])
            .read()
            .write(&[
                Param::int("mode", 0, 2).optional(),
                Param::int("mt", 0, 3).optional(),
                Param::int("bm", 0, 2).optional(),
                Param::int("ds", 0, 2).optional(),
                Param::int("bfr", 0, 1).optional(),
            ])
            .answers(&[Answer::new("+CNMI: <mode>,<mt>,<bm>,<ds>,<bfr>")])
            .example("+CNMI=2,1"),
        indications,
    ),
    Row::new(
        spec("+CPMS", "message storage; always empty")
            .test_lines(&[
                "+CPMS: (\"ME\",\"MT\",\"SM\",\"SR\"),(\"ME\",\"MT\",\"SM\",\"SR\"),(\"ME\",\"MT\",\"SM\",\"SR\")",
            ])
            .read()
            .write(&[
                Param::text("mem1", 2, 2),
                Param::text("mem2", 2, 2).optional(),
                Param::text("mem3", 2, 2).optional(),
            ])
            .answers(&[
                Answer::new(
                    "+CPMS: \"<mem1>\",<used1>,<total1>,\"<mem2>\",<used2>,<total2>,\"<mem3>\",<used3>,<total3>",
                ),
                Answer::new("+CPMS: <used1>,<total1>,<used2>,<total2>,<used3>,<total3>"),
            ])
            .example("+CPMS=\"ME\",\"ME\",\"ME\""),
        storages,
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
        None => {
            let reason = Reason::new("<chset> is none of GSM, IRA and UCS2");
            Outcome::cme(cme::INCORRECT_PARAMETERS, reason)
        }
    }
}

fn format(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let messages = &mut q.base.messages;
    match args.flag(0) {
        Some(text_mode) => {
            messages.text_mode = text_mode;
            messages.save(cx);
        }
        None => cx.reply(cx.line("+CMGF").value(u8::from(messages.text_mode))),
    }
    Outcome::Ok
}

/// The number is saved behind its type.
fn service_centre(_: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    if let Some(number) = args.text(0) {
        let international = number.starts_with(b"+");
        let usual = if international { 145 } else { 129 };
        let mut saved = Vec::from([args.byte(1).unwrap_or(usual)]);
        saved.extend_from_slice(number);
        cx.storage.save(CENTRE_KEY, Some(Bytes::from(saved)));
        return Outcome::Ok;
    }
    let (number, kind) = match cx.storage.saved(CENTRE_KEY).and_then(|s| s.split_first()) {
        Some((kind, number)) => (number, *kind),
        None => (SERVICE_CENTRE.0.as_bytes(), SERVICE_CENTRE.1),
    };
    let line = cx.line("+CSCA").quoted(number).value(kind);
    cx.reply(line);
    Outcome::Ok
}

fn indications(q: &mut Quectel, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    let messages = &mut q.base.messages;
    if form == Form::Read {
        let line = messages
            .indications
            .iter()
            .fold(cx.line("+CNMI"), Line::value);
        cx.reply(line);
        return Outcome::Ok;
    }
    if args.int(2) == Some(1) {
        let reason = Reason::new("<bm> 1 is none of 0 and 2");
        return Outcome::cme(cme::INCORRECT_PARAMETERS, reason);
    }
    for (value, at) in messages.indications.iter_mut().zip(0..) {
        *value = args.byte(at).unwrap_or(*value);
    }
    messages.save(cx);
    Outcome::Ok
}

fn storages(q: &mut Quectel, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    let messages = &mut q.base.messages;
    let of = |at: u8| STORAGES[usize::from(at) % STORAGES.len()];
    if form == Form::Read {
        let line = messages
            .storages
            .iter()
            .fold(cx.line("+CPMS"), |line, &at| {
                let (name, total) = of(at);
                line.quoted(name).value(0).value(total)
            });
        cx.reply(line);
        return Outcome::Ok;
    }
    let mut chosen = messages.storages;
    for (storage, at) in chosen.iter_mut().zip(0..) {
        let Some(name) = args.text(at) else {
            continue;
        };
        let known = (0..)
            .zip(STORAGES)
            .find(|(_, (known, _))| known.as_bytes().eq_ignore_ascii_case(name));
        match known {
            Some((index, _)) => *storage = index,
            None => {
                let reason = Reason::new("a storage is none of ME, MT, SM and SR");
                return Outcome::cme(cme::INCORRECT_PARAMETERS, reason);
            }
        }
    }
    messages.storages = chosen;
    messages.save(cx);
    let line = chosen
        .iter()
        .fold(cx.line("+CPMS"), |line, &at| line.value(0).value(of(at).1));
    cx.reply(line);
    Outcome::Ok
}
