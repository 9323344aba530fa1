//! Basic commands of V.250, and the settings they change.
//!
//! AT&W saves the settings; they come back at the next start and with ATZ.
//! AT&F is for factory settings (docs/spec/quectel.md section 10).

use alloc::vec::Vec;

use bytes::Bytes;

use crate::command::{Args, Form, Origin, Param, Spec};
use crate::handler::{Context, Outcome, Row};
use crate::radio::Domain;
use crate::settings::{REGISTERS, Settings};

/// Where AT&W saves the settings.
const KEY: &str = "v250/profile";

const BIT: [Param; 1] = [Param::int("value", 0, 1).optional()];
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
            restore(cx);
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
        .max_ms(300)
        .origin(Origin::Field)
        .example("+IPR=115200"),
        rate,
    ),
    Row::new(
        Spec::new("+IFC", "docs/spec/quectel.md 10", "flow control")
            .read()
            .write(&[
                Param::int("dce_by_dte", 0, 2),
                Param::int("dte_by_dce", 0, 2),
            ])
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
    factory(cx);
    let decode = |saved: &Bytes| <[u8; SAVED_LEN]>::try_from(&saved[..]).ok();
    let Some(saved) = cx.storage.decoded(KEY, decode) else {
        return;
    };
    let [
        e,
        v,
        q,
        x,
        c,
        d,
        cmee,
        creg,
        cgreg,
        cereg,
        by_dte,
        by_dce,
        ..,
    ] = saved;
    cx.port.set_echo(e != 0);
    cx.port.set_verbose(v != 0);
    cx.port.set_quiet(q != 0);
    cx.settings.cmee = cmee.min(2);
    for (domain, mode) in Domain::ALL.into_iter().zip([creg, cgreg, cereg]) {
        cx.radio.set_report_mode(domain, mode.min(2));
    }
    let settings = &mut cx.settings;
    settings.result_level = x;
    settings.carrier_detect = c;
    settings.terminal_ready = d;
    settings.flow = [by_dte, by_dce];
    let (registers, rate) = saved[FIXED_LEN..].split_at(REGISTERS.len());
    settings.registers.copy_from_slice(registers);
    settings.rate = rate.iter().fold(0, |rate, &b| rate << 8 | u32::from(b));
}

/// Bytes of a saved profile before its registers and its rate.
const FIXED_LEN: usize = 12;
const SAVED_LEN: usize = FIXED_LEN + REGISTERS.len() + 4;

fn save(cx: &mut Context<'_>) {
    let settings = &cx.settings;
    let mut out = Vec::with_capacity(SAVED_LEN);
    out.extend([
        u8::from(cx.port.echo()),
        u8::from(cx.port.verbose()),
        u8::from(cx.port.quiet()),
        settings.result_level,
        settings.carrier_detect,
        settings.terminal_ready,
        cx.settings.cmee,
    ]);
    out.extend(Domain::ALL.map(|domain| cx.radio.report_mode(domain)));
    out.extend(settings.flow);
    debug_assert_eq!(out.len(), FIXED_LEN);
    out.extend(settings.registers);
    out.extend(settings.rate.to_be_bytes());
    cx.storage.save(KEY, Some(Bytes::from(out)));
}

/// Factory settings; the serial line's own stay.
fn factory(cx: &mut Context<'_>) {
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
        (Some(1), _) | (_, Some(1)) => return Outcome::Error,
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
