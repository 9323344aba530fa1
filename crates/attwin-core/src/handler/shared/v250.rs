//! Basic commands of V.250, and the settings they change.
//!
//! AT&W saves the settings; they come back at the next start and with ATZ.
//! AT&F is for factory settings. Speed and flow control of the serial line are
//! saved with them, but only a start brings them back
//! (docs/spec/quectel.md section 10).

use alloc::vec::Vec;

use bytes::Bytes;

use super::meaning;
use crate::command::{Answer, Args, Field, Form, Origin, Param, Spec};
use crate::handler::{Context, Outcome, Row};
use crate::radio::Domain;
use crate::reason::Reason;
use crate::settings::{REGISTERS, Settings};

/// Where AT&W saves the settings.
const KEY: &str = "v250/profile";

const BIT: [Param; 1] = [Param::int("value", 0, 1).optional().values(&meaning::ECHO)];
const ZERO: [Param; 1] = [Param::int("value", 0, 0).optional()];

const fn basic(name: &'static str, summary: &'static str, example: &'static str) -> Spec {
    Spec::new(name, "docs/spec/quectel.md 10", summary)
        .execute()
        .max_ms(300)
        .origin(Origin::Field)
        .example(example)
}

const fn s(name: &'static str, params: &'static [Param], summary: &'static str) -> Spec {
    Spec::new(name, "docs/spec/quectel.md 10", summary)
        .read()
        .write(params)
        .max_ms(300)
        .origin(Origin::Field)
}

pub(super) static ROWS: [Row<()>; 21] = [
    Row::new(basic("E", "echo", "E0").write(&BIT), echo),
    Row::new(
        basic("V", "verbose result codes", "V1").write(&BIT),
        verbose,
    ),
    Row::new(basic("Q", "suppress result codes", "Q0").write(&BIT), quiet),
    Row::new(
        basic("X", "result codes of calls", "X4")
            .write(&const { [Param::int("value", 0, 4).optional()] }),
        result_level,
    ),
    Row::new(
        basic("&C", "carrier detect line", "&C1").write(&BIT),
        carrier_detect,
    ),
    Row::new(
        basic("&D", "data terminal ready line", "&D2")
            .write(&const { [Param::int("value", 0, 2).optional()] }),
        terminal_ready,
    ),
    Row::new(
        basic("&F", "factory settings", "&F").write(&ZERO),
        |(), cx, _, _| {
            factory(cx);
            Outcome::Ok
        },
    ),
    Row::new(
        basic("Z", "settings as saved", "Z").write(&ZERO),
        |(), cx, _, _| {
            reset(cx);
            Outcome::Ok
        },
    ),
    Row::new(
        basic("&W", "save settings", "&W").write(&ZERO),
        |(), cx, _, _| {
            save(cx);
            Outcome::Ok
        },
    ),
    Row::new(basic("&V", "show settings", "&V"), show),
    Row::new(
        s("S0", &const { [value(0, 255)] }, "rings before an answer").example("S0=0"),
        set_register::<0>,
    ),
    Row::new(
        s("S3", &const { [value(13, 13)] }, "command line terminator").example("S3=13"),
        set_register::<1>,
    ),
    Row::new(
        s("S4", &const { [value(10, 10)] }, "response formatting").example("S4=10"),
        set_register::<2>,
    ),
    Row::new(
        s("S5", &const { [value(8, 8)] }, "line editing").example("S5=8"),
        set_register::<3>,
    ),
    Row::new(
        s("S6", &const { [value(0, 10)] }, "wait for dial tone").example("S6=2"),
        set_register::<4>,
    ),
    Row::new(
        s("S7", &const { [value(0, 255)] }, "wait for carrier").example("S7=0"),
        set_register::<5>,
    ),
    Row::new(
        s("S8", &const { [value(0, 255)] }, "comma dial pause").example("S8=2"),
        set_register::<6>,
    ),
    Row::new(
        s("S10", &const { [value(1, 254)] }, "carrier loss delay").example("S10=15"),
        set_register::<7>,
    ),
    Row::new(
        s("S12", &const { [value(0, 255)] }, "escape guard time").example("S12=50"),
        set_register::<8>,
    ),
    Row::new(
        Spec::new(
            "+IPR",
            "docs/spec/quectel.md 10",
            "speed of the serial line",
        )
        .read()
        .write(&[Param::int("rate", 300, 4_000_000)])
        .answers(&[Answer::new("+IPR: <rate>").fields(&[Field::new(
            "rate",
            "bits per second; no effect on a pseudo-terminal",
        )])])
        .max_ms(300)
        .origin(Origin::Field)
        .example("+IPR=115200"),
        rate,
    ),
    Row::new(
        Spec::new("+IFC", "docs/spec/quectel.md 10", "flow control")
            .read()
            .write(
                &const {
                    [
                        Param::int("dce_by_dte", 0, 2).values(&meaning::FLOW),
                        Param::int("dte_by_dce", 0, 2).values(&meaning::FLOW),
                    ]
                },
            )
            .answers(&[Answer::new("+IFC: <dce_by_dte>,<dte_by_dce>").fields(
                &const {
                    [
                        Field::new("dce_by_dte", "how the host holds the module back")
                            .values(&meaning::FLOW),
                        Field::new("dte_by_dce", "how the module holds the host back")
                            .values(&meaning::FLOW),
                    ]
                },
            )])
            .max_ms(300)
            .origin(Origin::Field)
            .example("+IFC=0,0"),
        flow,
    ),
];

const fn value(min: u32, max: u32) -> Param {
    Param::int("value", min, max).optional()
}

/// Settings as saved, or factory settings where none were; for starting.
pub(crate) fn restore(cx: &mut Context<'_>) {
    reset(cx);
    if let Some(saved) = saved(cx) {
        cx.settings.rate = saved.rate;
        cx.settings.flow = saved.flow;
    }
}

/// The same while the module runs: the serial line keeps its speed and its
/// flow control.
pub(crate) fn reset(cx: &mut Context<'_>) {
    factory(cx);
    let Some(saved) = saved(cx) else {
        return;
    };
    cx.port.set_echo(saved.echo);
    cx.port.set_verbose(saved.verbose);
    cx.port.set_quiet(saved.quiet);
    for (domain, mode) in Domain::ALL.into_iter().zip(saved.report_modes) {
        cx.radio.set_report_mode(domain, mode);
    }
    let settings = &mut cx.settings;
    settings.cmee = saved.cmee;
    settings.result_level = saved.result_level;
    settings.carrier_detect = saved.carrier_detect;
    settings.terminal_ready = saved.terminal_ready;
    settings.registers = saved.registers;
    settings.zone_update = saved.zone_update;
    settings.zone_report = saved.zone_report;
}

/// What AT&W saves.
#[derive(Debug, PartialEq, Eq)]
struct Saved {
    echo: bool,
    verbose: bool,
    quiet: bool,
    result_level: u8,
    carrier_detect: u8,
    terminal_ready: u8,
    cmee: u8,
    report_modes: [u8; 3],
    flow: [u8; 2],
    registers: [u8; REGISTERS.len()],
    rate: u32,
    zone_update: u8,
    zone_report: u8,
}

impl Saved {
    fn encode(&self) -> Bytes {
        let mut out = Vec::new();
        out.extend([
            u8::from(self.echo),
            u8::from(self.verbose),
            u8::from(self.quiet),
            self.result_level,
            self.carrier_detect,
            self.terminal_ready,
            self.cmee,
        ]);
        out.extend(self.report_modes);
        out.extend(self.flow);
        out.extend(self.registers);
        out.extend(self.rate.to_be_bytes());
        out.extend([self.zone_update, self.zone_report]);
        out.into()
    }

    /// The two time zone settings came later: a value saved before lacks them.
    fn decode(bytes: &[u8]) -> Option<Self> {
        let (&[e, v, q, x, c, d, cmee], rest) = bytes.split_first_chunk()?;
        let (&report_modes, rest) = rest.split_first_chunk()?;
        let (&flow, rest) = rest.split_first_chunk()?;
        let (&registers, rest) = rest.split_first_chunk()?;
        let (&rate, rest) = rest.split_first_chunk()?;
        let zone = |at: usize, most: u8| rest.get(at).map_or(0, |&n| n.min(most));
        Some(Self {
            echo: e != 0,
            verbose: v != 0,
            quiet: q != 0,
            result_level: x,
            carrier_detect: c,
            terminal_ready: d,
            cmee: cmee.min(2),
            report_modes: report_modes.map(|mode: u8| mode.min(MOST_REPORTS)),
            flow,
            registers,
            rate: u32::from_be_bytes(rate),
            zone_update: zone(0, 3),
            zone_report: zone(1, 2),
        })
    }
}

/// Highest report mode of any module.
const MOST_REPORTS: u8 = 5;

fn saved(cx: &mut Context<'_>) -> Option<Saved> {
    cx.storage.decoded(KEY, |saved| Saved::decode(saved))
}

fn save(cx: &mut Context<'_>) {
    let settings = &cx.settings;
    let saved = Saved {
        echo: cx.port.echo(),
        verbose: cx.port.verbose(),
        quiet: cx.port.quiet(),
        result_level: settings.result_level,
        carrier_detect: settings.carrier_detect,
        terminal_ready: settings.terminal_ready,
        cmee: settings.cmee,
        report_modes: Domain::ALL.map(|domain| cx.radio.report_mode(domain)),
        flow: settings.flow,
        registers: settings.registers,
        rate: settings.rate,
        zone_update: settings.zone_update,
        zone_report: settings.zone_report,
    };
    cx.storage.save(KEY, Some(saved.encode()));
}

/// Factory settings; the serial line's own stay.
pub(crate) fn factory(cx: &mut Context<'_>) {
    cx.port.set_echo(true);
    cx.port.set_verbose(true);
    cx.port.set_quiet(false);
    for domain in Domain::ALL {
        cx.radio.set_report_mode(domain, 0);
    }
    *cx.settings = Settings {
        cmee: cx.quirks.base.cmee_default,
        rate: cx.settings.rate,
        flow: cx.settings.flow,
        ..Settings::FACTORY
    };
}

/// A command without its number means 0 (V.250 section 5.3.1).
fn number(args: &Args<'_>) -> u8 {
    args.byte(0).unwrap_or(0)
}

fn echo(_: &mut (), cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    cx.port.set_echo(number(args) != 0);
    Outcome::Ok
}

fn verbose(_: &mut (), cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    cx.port.set_verbose(number(args) != 0);
    Outcome::Ok
}

fn quiet(_: &mut (), cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    cx.port.set_quiet(number(args) != 0);
    Outcome::Ok
}

fn result_level(_: &mut (), cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    cx.settings.result_level = number(args);
    Outcome::Ok
}

fn carrier_detect(_: &mut (), cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    cx.settings.carrier_detect = number(args);
    Outcome::Ok
}

fn terminal_ready(_: &mut (), cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    cx.settings.terminal_ready = number(args);
    Outcome::Ok
}

fn show(_: &mut (), cx: &mut Context<'_>, _: Form, _: &Args<'_>) -> Outcome {
    let settings = *cx.settings;
    for (name, value) in [
        ("&C", settings.carrier_detect),
        ("&D", settings.terminal_ready),
        ("&F", 0),
        ("&W", 0),
        ("E", u8::from(cx.port.echo())),
        ("Q", u8::from(cx.port.quiet())),
        ("V", u8::from(cx.port.verbose())),
        ("X", settings.result_level),
        ("Z", 0),
    ] {
        cx.reply(alloc::format!("{name}: {value}"));
    }
    for (register, value) in REGISTERS.iter().zip(settings.registers) {
        cx.reply(alloc::format!("S{}: {value}", register.number));
    }
    Outcome::Ok
}

/// A register reads as three digits (V.250 section 5.3.2); writing none
/// restores the factory value.
fn set_register<const I: usize>(
    _: &mut (),
    cx: &mut Context<'_>,
    form: Form,
    args: &Args<'_>,
) -> Outcome {
    let register = &mut cx.settings.registers[I];
    if form == Form::Read {
        let line = alloc::format!("{register:03}");
        cx.reply(line);
    } else {
        *register = args.byte(0).unwrap_or(REGISTERS[I].factory);
    }
    Outcome::Ok
}

fn rate(_: &mut (), cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    match args.int(0) {
        Some(rate) if form == Form::Write => cx.settings.rate = rate,
        _ => cx.reply(cx.line("+IPR").value(cx.settings.rate)),
    }
    Outcome::Ok
}

fn flow(_: &mut (), cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    let given = (args.byte(0), args.byte(1));
    match given {
        (Some(1), _) | (_, Some(1)) => {
            return Outcome::error(Reason::new("flow control 1 is none of 0 and 2"));
        }
        (Some(by_dte), Some(by_dce)) if form == Form::Write => {
            cx.settings.flow = [by_dte, by_dce];
        }
        _ => {
            let [by_dte, by_dce] = cx.settings.flow;
            cx.reply(cx.line("+IFC").value(by_dte).value(by_dce));
        }
    }
    Outcome::Ok
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_saved_comes_back() {
        let saved = Saved {
            echo: false,
            verbose: true,
            quiet: true,
            result_level: 1,
            carrier_detect: 0,
            terminal_ready: 1,
            cmee: 2,
            report_modes: [0, 2, 5],
            flow: [2, 2],
            registers: [3, 13, 10, 8, 2, 7, 2, 15, 50],
            rate: 921_600,
            zone_update: 3,
            zone_report: 2,
        };
        let bytes = saved.encode();
        assert_eq!(Saved::decode(&bytes), Some(saved));
        let earlier = Saved::decode(&bytes[..bytes.len() - 2]).expect("it was complete then");
        assert_eq!((earlier.rate, earlier.zone_update), (921_600, 0));
    }

    proptest! {
        #[test]
        fn no_saved_value_panics(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = Saved::decode(&bytes);
        }
    }
}
