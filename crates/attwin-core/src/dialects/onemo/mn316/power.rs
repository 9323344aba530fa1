//! `AT+CPSMS`, `AT+CEDRXS` and what tells of the sleep they lead to
//! (docs/spec/onemo.md B10.1).

use alloc::format;

use super::super::OneMo;
use super::sleep::NB_IOT;
use super::{Mn316, Number};
use crate::command::{Answer, Args, Field, Form, Meaning, Origin, Param, Spec, Test};
use crate::handler::{Context, Outcome, Row};
use crate::radio::power_saving::{PowerSaving, Stage};
use crate::reason::Reason;

const SECTION: &str = "docs/spec/onemo.md B10.1";

static SAVING: [Meaning; 3] = [
    Meaning::new("0", "off"),
    Meaning::new("1", "on"),
    Meaning::new("2", "off, with the factory timers"),
];
static EDRX: [Meaning; 4] = [
    Meaning::new("0", "off"),
    Meaning::new("1", "on"),
    Meaning::new("2", "on, and +CEDRXP says what the network granted"),
    Meaning::new("3", "off, with the factory cycle"),
];
static TOLD: [Meaning; 2] = [
    Meaning::new("0", "not reported"),
    Meaning::new("1", "reported"),
];
pub(super) static ASLEEP: [Meaning; 2] = [
    Meaning::new("0", "awake: the network reaches the module"),
    Meaning::new(
        "1",
        "in power saving mode: what is sent to it waits or is lost",
    ),
];
pub(super) static CONNECTED: [Meaning; 2] = [
    Meaning::new("0", "no signalling connection: the module is silent"),
    Meaning::new("1", "a signalling connection"),
];
static CLOCK: [Meaning; 3] = [
    Meaning::new("0", "never"),
    Meaning::new("1", "when the module sleeps"),
    Meaning::new("2", "light sleep only"),
];

const TAU: Field = Field::new("tau", "periodic update, GPRS timer 3 of 3GPP 24.008");
const ACTIVE: Field = Field::new("active", "active time, GPRS timer 2 of 3GPP 24.008");
/// Of `+CEDRXP` and `+CEDRXRDP`.
pub(super) static GRANTED: [Field; 4] = [
    Field::new("AcT-type", "5 is NB-IoT, 0 is no eDRX"),
    Field::new("requested", "cycle asked for, coded as in 3GPP 24.008"),
    Field::new("granted", "cycle the network granted"),
    Field::new("window", "paging window"),
];

const fn spec(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, SECTION, summary)
        .origin(Origin::Field)
        .refusal(Number::Parameter as u16)
}

type Module = OneMo<Mn316>;

pub(super) static ROWS: [Row<Module>; 6] = [
    Row::new(
        spec("+CPSMS", "power saving mode")
            .test_lines(&["+CPSMS:(0-2),,,(00000000-11111111),(00000000-11111111)"])
            .read()
            .write(&[
                Param::int("mode", 0, 2).values(&SAVING),
                Param::text("rau", 0, 8).optional(),
                Param::text("ready", 0, 8).optional(),
                Param::text("tau", 0, 8).optional(),
                Param::text("active", 0, 8).optional(),
            ])
            .answers(&[Answer::new("+CPSMS:<mode>,,,<tau>,<active>").fields(
                &const {
                    [
                        Field::new("mode", "power saving mode").values(&SAVING),
                        TAU,
                        ACTIVE,
                    ]
                },
            )])
            .example("+CPSMS?"),
        power_saving,
    ),
    Row::new(
        spec("+CEDRXS", "extended discontinuous reception")
            .test_lines(&["+CEDRXS:(0-3),(5),(\"0000\"-\"1111\")"])
            .read()
            .write(&[
                Param::int("mode", 0, 3).values(&EDRX),
                Param::int("AcT-type", 5, 5).optional(),
                Param::text("requested", 4, 4).optional(),
            ])
            .answers(&[Answer::new("+CEDRXS:<AcT-type>,\"<requested>\"").fields(&GRANTED)])
            .origin(Origin::Decision)
            .example("+CEDRXS?"),
        reception,
    ),
    Row::new(
        spec("+CEDRXRDP", "eDRX as the network granted it")
            .test(Test::Ok)
            .execute()
            .answers(
                &const {
                    [
                        Answer::new("+CEDRXRDP:0"),
                        Answer::new(
                            "+CEDRXRDP:<AcT-type>,\"<requested>\",\"<granted>\",\"<window>\"",
                        )
                        .fields(&GRANTED),
                    ]
                },
            )
            .origin(Origin::Decision),
        |m, cx, _, _| {
            let line = if m.model.power.wanted.edrx && cx.radio.is_registered() {
                m.model.power.granted(cx, "+CEDRXRDP")
            } else {
                format!("{}0", cx.name("+CEDRXRDP"))
            };
            cx.reply(line);
            Outcome::Ok
        },
    ),
    Row::new(
        spec("+NPSMR", "whether power saving mode is reported")
            .test_lines(&["+NPSMR:(0,1)"])
            .read()
            .write(&[Param::int("n", 0, 1).values(&TOLD)])
            .answers(&[Answer::new("+NPSMR:<n>[,<mode>]").fields(
                &const {
                    [
                        Field::new("n", "changes").values(&TOLD),
                        Field::new("mode", "where the module is").values(&ASLEEP),
                    ]
                },
            )])
            .example("+NPSMR?"),
        |m, cx, form, args| {
            let power = &mut m.model.power;
            if form == Form::Read {
                let asleep = u8::from(power.sleep.stage() == Stage::Asleep);
                let line = cx.line("+NPSMR").value(u8::from(power.reports_sleep));
                let line = if power.reports_sleep {
                    line.value(asleep)
                } else {
                    line
                };
                cx.reply(line);
            } else {
                power.reports_sleep = args.flag(0).unwrap_or_default();
            }
            Outcome::Ok
        },
    ),
    Row::new(
        spec("+CSCON", "signalling connection")
            .test_lines(&["+CSCON:(0,1)"])
            .read()
            .write(&[Param::int("n", 0, 1).values(&TOLD)])
            .answers(&[Answer::new("+CSCON:<n>,<mode>").fields(
                &const {
                    [
                        Field::new("n", "changes").values(&TOLD),
                        Field::new("mode", "now").values(&CONNECTED),
                    ]
                },
            )])
            .example("+CSCON?"),
        |m, cx, form, args| {
            let power = &mut m.model.power;
            if form == Form::Read {
                let connected = u8::from(power.sleep.stage() == Stage::Connected);
                let n = u8::from(power.reports_connection);
                cx.reply(cx.line("+CSCON").value(n).value(connected));
            } else {
                power.reports_connection = args.flag(0).unwrap_or_default();
            }
            Outcome::Ok
        },
    ),
    Row::new(
        spec("+SCLK", "whether the chip may sleep")
            .aliases(&["+CSCLK"])
            .test_lines(&["+SCLK:(0-2)"])
            .read()
            .write(&[Param::int("n", 0, 2).values(&CLOCK)])
            .answers(&[Answer::new("+SCLK:<n>")
                .fields(&const { [Field::new("n", "when the chip sleeps").values(&CLOCK)] })])
            .origin(Origin::Decision)
            .example("+SCLK=1"),
        |m, cx, form, args| {
            if form == Form::Read {
                cx.reply(cx.line("+SCLK").value(m.model.power.clock));
            } else {
                m.model.power.clock = args.byte(0).unwrap_or_default();
            }
            Outcome::Ok
        },
    ),
];

fn power_saving(m: &mut Module, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    let mut wanted = m.model.power.wanted;
    if form == Form::Read {
        let PowerSaving {
            mode,
            update,
            active,
            ..
        } = wanted;
        let name = cx.name("+CPSMS");
        cx.reply(format!(
            "{name}{},,,{update:08b},{active:08b}",
            u8::from(mode)
        ));
        return Outcome::Ok;
    }
    for (timer, index) in [(&mut wanted.update, 3), (&mut wanted.active, 4)] {
        match args.text(index).filter(|text| !text.is_empty()) {
            None => {}
            Some(text) => match binary(text, 8) {
                Ok(value) => *timer = value,
                Err(reason) => return Outcome::cme(m.model.number(Number::Parameter), reason),
            },
        }
    }
    let mode = args.byte(0);
    wanted.mode = mode == Some(1);
    if mode == Some(2) {
        let PowerSaving { update, active, .. } = PowerSaving::FACTORY;
        (wanted.update, wanted.active) = (update, active);
    }
    m.model.power.keep(cx, wanted);
    Outcome::Ok
}

fn reception(m: &mut Module, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    let mut wanted = m.model.power.wanted;
    if form == Form::Read {
        if wanted.edrx {
            let name = cx.name("+CEDRXS");
            cx.reply(format!("{name}{NB_IOT},\"{:04b}\"", wanted.cycle));
        }
        return Outcome::Ok;
    }
    if let Some(text) = args.text(2) {
        match binary(text, 4) {
            Ok(value) => wanted.cycle = value,
            Err(reason) => return Outcome::cme(m.model.number(Number::Parameter), reason),
        }
    }
    let mode = args.byte(0);
    wanted.edrx = matches!(mode, Some(1 | 2));
    if mode == Some(3) {
        wanted.cycle = PowerSaving::FACTORY.cycle;
    }
    m.model.power.keep(cx, wanted);
    if mode == Some(2) && cx.radio.is_registered() {
        let line = m.model.power.granted(cx, "+CEDRXP");
        cx.urc(line);
    }
    Outcome::Ok
}

/// So many binary digits.
fn binary(text: &[u8], digits: usize) -> Result<u8, Reason> {
    let read = |text: &[u8]| {
        text.iter().try_fold(0u8, |value, digit| match digit {
            b'0' | b'1' => Some(value << 1 | (digit - b'0')),
            _ => None,
        })
    };
    let value = Some(text)
        .filter(|text| text.len() == digits)
        .and_then(read);
    value.ok_or_else(|| {
        Reason::new(format!(
            "\"{}\" is not {digits} binary digits",
            text.escape_ascii()
        ))
    })
}
