//! Switches of the module, and its power (docs/spec/quectel.md section 10).

use bytes::Bytes;

use crate::command::{Args, Form, Origin, Param, Spec};
use crate::dialects::quectel::Quectel;
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::radio::Power;

/// A key of AT+QCFG: a value of one argument that is stored, printed, and
/// otherwise without effect.
struct Key {
    name: &'static str,
    /// Where it is saved.
    saved: &'static str,
    factory: &'static str,
    /// Whether the value is printed in quotes.
    quoted: bool,
    /// Printed after the value.
    tail: &'static str,
}

macro_rules! keys {
    ($($name:literal, $factory:literal, $quoted:literal, $tail:literal;)*) => {
        [$(Key {
            name: $name,
            saved: concat!("quectel/qcfg/", $name),
            factory: $factory,
            quoted: $quoted,
            tail: $tail,
        },)*]
    };
}

static KEYS: [Key; 11] = keys! {
    "nwscanmode", "0", false, "";
    "nwscanseq", "0403010205", false, "";
    "servicedomain", "2", false, "";
    "roamservice", "2", false, "";
    "ims", "0", false, ",0";
    "usbnet", "0", false, "";
    "urc/ri/ring", "auto", true, "";
    "urc/ri/smsincoming", "auto", true, "";
    "urc/ri/other", "auto", true, "";
    "urc/delay", "0", false, "";
    "risignaltype", "respective", true, "";
};

/// A key of AT+QINDCFG and its factory setting.
static INDICATIONS: [(&str, bool); 6] = [
    ("all", true),
    ("csq", false),
    ("smsfull", false),
    ("ring", true),
    ("smsincoming", true),
    ("act", false),
];
/// Where saved indications are kept, a byte each.
const INDICATIONS_KEY: &str = "quectel/qindcfg";

static URC_PORTS: [&str; 5] = ["usbat", "usbmodem", "uart1", "uart2", "all"];
const URC_PORT_KEY: &str = "quectel/urcport";

/// Settings a restart forgets, unless they were saved.
#[derive(Debug)]
pub(super) struct Settings {
    indications: [bool; INDICATIONS.len()],
    initial_urcs: bool,
    sleep: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            indications: INDICATIONS.map(|(_, on)| on),
            initial_urcs: true,
            sleep: false,
        }
    }
}

impl Settings {
    /// Takes over what was saved.
    pub(super) fn restore(&mut self, cx: &Context<'_>) {
        if let Some(saved) = cx.storage.saved(INDICATIONS_KEY) {
            for (on, saved) in self.indications.iter_mut().zip(saved) {
                *on = *saved != 0;
            }
        }
    }
}

const fn spec(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, "docs/spec/quectel.md 10", summary)
        .max_ms(300)
        .origin(Origin::Field)
}

const fn key(name: &'static str, params: &'static [Param], example: &'static str) -> Spec {
    spec("+QCFG", "stored without effect")
        .option(name)
        .write(params)
        .example(example)
}

const EFFECT: Param = Param::int("effect", 0, 1).optional();

/// Kind, duration and number of the pulses of the ring line.
const RING: [Param; 3] = [
    Param::text("typeRI", 2, 10).optional(),
    Param::int("pulseduration", 5, 2000).optional(),
    Param::int("pulsecount", 1, 5).optional(),
];

pub(super) static ROWS: [Row<Quectel>; 17] = [
    Row::new(
        key(
            "nwscanmode",
            &[Param::int("scanmode", 0, 3).optional(), EFFECT],
            "+QCFG=\"nwscanmode\",0",
        ),
        qcfg::<0>,
    ),
    Row::new(
        key(
            "nwscanseq",
            &[Param::text("scanseq", 2, 12).optional(), EFFECT],
            "+QCFG=\"nwscanseq\",0403010205",
        ),
        qcfg::<1>,
    ),
    Row::new(
        key(
            "servicedomain",
            &[Param::int("service", 0, 2).optional(), EFFECT],
            "+QCFG=\"servicedomain\",2",
        ),
        qcfg::<2>,
    ),
    Row::new(
        key(
            "roamservice",
            &[Param::int("roammode", 1, 255).optional(), EFFECT],
            "+QCFG=\"roamservice\",2",
        ),
        qcfg::<3>,
    ),
    Row::new(
        key(
            "ims",
            &[Param::int("ims", 0, 2).optional()],
            "+QCFG=\"ims\",0",
        ),
        qcfg::<4>,
    ),
    Row::new(
        key(
            "usbnet",
            &[Param::int("net", 0, 3).optional()],
            "+QCFG=\"usbnet\",0",
        ),
        qcfg::<5>,
    ),
    Row::new(
        key("urc/ri/ring", &RING, "+QCFG=\"urc/ri/ring\",\"auto\""),
        qcfg::<6>,
    ),
    Row::new(
        key(
            "urc/ri/smsincoming",
            &RING,
            "+QCFG=\"urc/ri/smsincoming\",\"auto\"",
        ),
        qcfg::<7>,
    ),
    Row::new(
        key("urc/ri/other", &RING, "+QCFG=\"urc/ri/other\",\"auto\""),
        qcfg::<8>,
    ),
    Row::new(
        key(
            "urc/delay",
            &[Param::int("enable", 0, 1).optional()],
            "+QCFG=\"urc/delay\",0",
        ),
        qcfg::<9>,
    ),
    Row::new(
        key(
            "risignaltype",
            &[Param::text("RIsignaltype", 8, 10).optional()],
            "+QCFG=\"risignaltype\",\"respective\"",
        ),
        qcfg::<10>,
    ),
    Row::new(
        spec("+QURCCFG", "port of URCs, stored without effect")
            .option("urcport")
            .write(&[Param::text("port", 3, 8).optional()])
            .example("+QURCCFG=\"urcport\",\"usbat\""),
        urc_port,
    ),
    Row::new(
        spec("+QINDCFG", "indications, stored without effect")
            .write(&[
                Param::text("urctype", 1, 16),
                Param::int("enable", 0, 1).optional(),
                Param::int("savetonvram", 0, 1).optional(),
            ])
            .example("+QINDCFG=\"csq\",1"),
        indication,
    ),
    Row::new(
        spec("+QIURC", "initial URCs, stored without effect")
            .read()
            .write(&[Param::int("enable", 0, 1)])
            .origin(Origin::Decision)
            .example("+QIURC?"),
        |q, cx, _, args| flag(&mut q.base.settings.initial_urcs, "+QIURC", cx, args),
    ),
    Row::new(
        spec("+QSCLK", "sleep, stored without effect")
            .read()
            .write(&[Param::int("enable", 0, 1)])
            .example("+QSCLK=1"),
        |q, cx, _, args| flag(&mut q.base.settings.sleep, "+QSCLK", cx, args),
    ),
    Row::new(
        spec("+QSSLSTATE", "TLS connections outside MQTT: none").execute(),
        |_, _, _, _| Outcome::Ok,
    ),
    Row::new(
        spec("+QPOWD", "power down")
            .execute()
            .write(&[Param::int("mode", 0, 1)])
            .example("+QPOWD=1"),
        power_down,
    ),
];

fn qcfg<const I: usize>(
    _: &mut Quectel,
    cx: &mut Context<'_>,
    _: Form,
    args: &Args<'_>,
) -> Outcome {
    let key = &KEYS[I];
    if args.given() > 0 {
        let value: Bytes = match (args.int(0), args.text(0)) {
            (Some(number), _) => alloc::format!("{number}").into(),
            (_, Some(text)) if key.quoted || text.iter().all(u8::is_ascii_digit) => {
                Bytes::copy_from_slice(text)
            }
            _ => return Outcome::Error,
        };
        cx.storage.save(key.saved, Some(value));
        return Outcome::Ok;
    }
    let saved = cx.storage.saved(key.saved).map(|value| &value[..]);
    let value = saved.unwrap_or(key.factory.as_bytes());
    let line = cx.line("+QCFG").quoted(key.name);
    let line = if key.quoted {
        line.quoted(value)
    } else {
        line.raw(value)
    };
    cx.reply(line.tail(key.tail));
    Outcome::Ok
}

fn urc_port(_: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    if let Some(port) = args.text(0) {
        let known = URC_PORTS
            .into_iter()
            .find(|known| known.as_bytes().eq_ignore_ascii_case(port));
        let Some(known) = known else {
            return Outcome::Error;
        };
        let value = Bytes::from_static(known.as_bytes());
        cx.storage.save(URC_PORT_KEY, Some(value));
        return Outcome::Ok;
    }
    let saved = cx.storage.saved(URC_PORT_KEY).map(|port| &port[..]);
    let port = saved.unwrap_or(URC_PORTS[0].as_bytes());
    cx.reply(cx.line("+QURCCFG").quoted("urcport").quoted(port));
    Outcome::Ok
}

fn indication(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let name = args.text(0).unwrap_or_default();
    let index = INDICATIONS
        .iter()
        .position(|(known, _)| known.as_bytes().eq_ignore_ascii_case(name));
    let Some(index) = index else {
        return Outcome::Error;
    };
    let indications = &mut q.base.settings.indications;
    let Some(on) = args.flag(1) else {
        let line = cx.line("+QINDCFG").quoted(INDICATIONS[index].0);
        cx.reply(line.value(u8::from(indications[index])));
        return Outcome::Ok;
    };
    indications[index] = on;
    if args.flag(2) == Some(true) {
        let saved = indications.map(u8::from);
        cx.storage
            .save(INDICATIONS_KEY, Some(Bytes::copy_from_slice(&saved)));
    }
    Outcome::Ok
}

/// A switch that is read and written.
fn flag(value: &mut bool, name: &str, cx: &mut Context<'_>, args: &Args<'_>) -> Outcome {
    match args.flag(0) {
        Some(on) => *value = on,
        None => cx.reply(cx.line(name).value(u8::from(*value))),
    }
    Outcome::Ok
}

/// `OK`, `POWERED DOWN`, silence.
fn power_down(q: &mut Quectel, cx: &mut Context<'_>, _: Form, _: &Args<'_>) -> Outcome {
    let at = cx.now + cx.delay(q.profile.own.power_down_delay);
    cx.radio.request_power(Power::Off, at);
    Outcome::Ok
}
