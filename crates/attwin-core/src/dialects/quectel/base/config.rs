//! Switches of the module, and its power (docs/spec/quectel.md section 10).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;

use crate::command::{Answer, Args, Field, Form, Meaning, Origin, Param, Spec, Test};
use crate::dialects::quectel::Quectel;
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::radio::Power;
use crate::reason::Reason;

/// A key of AT+QCFG: stored, printed, and otherwise without effect.
struct Key {
    name: &'static str,
    /// Where it is saved.
    saved: &'static str,
    /// What is printed behind the name until something was saved; none for
    /// what the module's profile says.
    factory: Option<&'static str>,
    shape: Shape,
}

/// How the value of a key is written and printed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// A number.
    Number,
    /// Digits, kept as they were written.
    Digits,
    /// A word, printed in quotes.
    Word,
    /// Three masks in hexadecimal: GSM and WCDMA, LTE, TD-SCDMA.
    Bands,
    /// A number with a state behind it.
    NumberAndState,
}

macro_rules! keys {
    ($($name:literal, $factory:expr, $shape:ident;)*) => {
        [$(Key {
            name: $name,
            saved: concat!("quectel/qcfg/", $name),
            factory: $factory,
            shape: Shape::$shape,
        },)*]
    };
}

static KEYS: [Key; 16] = keys! {
    "gprsattach", Some("1"), Number;
    "nwscanmode", Some("0"), Number;
    "nwscanseq", Some("0403010205"), Digits;
    "servicedomain", Some("2"), Number;
    "roamservice", Some("2"), Number;
    "band", None, Bands;
    "airplanecontrol", Some("0"), Number;
    "ledmode", Some("0"), Number;
    "usbnet", Some("0"), Number;
    "urc/ri/ring", Some("auto"), Word;
    "urc/ri/smsincoming", Some("auto"), Word;
    "urc/ri/other", Some("auto"), Word;
    "risignaltype", Some("respective"), Word;
    "urc/delay", Some("0"), Number;
    "ims", Some("0"), NumberAndState;
    "urc/cache", Some("0"), Number;
};

/// A key of AT+QINDCFG and its factory setting.
static INDICATIONS: [(&str, bool); 7] = [
    ("all", true),
    ("csq", false),
    ("smsfull", false),
    ("ring", true),
    ("smsincoming", true),
    ("act", false),
    ("ccinfo", false),
];
/// Where saved indications are kept, a byte each.
const INDICATIONS_KEY: &str = "quectel/qindcfg";

static POWER_DOWN: [Meaning; 2] = [Meaning::new("0", "at once"), Meaning::new("1", "in order")];

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

const fn key(
    name: &'static str,
    test: &'static [&'static str],
    params: &'static [Param],
    answers: &'static [Answer],
    example: &'static str,
) -> Spec {
    spec("+QCFG", "stored without effect")
        .option(name)
        .test_lines(test)
        .write(params)
        .answers(answers)
        .example(example)
}

/// A row of AT+QCFG: its key, by index, what its test form says of it, its
/// parameters, and the value in its answer.
macro_rules! qcfg {
    ($at:literal, $name:literal, $test:literal, [$($param:expr),*], $answer:literal, $values:expr, $example:literal) => {
        Row::new(
            key(
                $name,
                &[concat!("+QCFG: \"", $name, "\"", $test)],
                &const { [$($param),*] },
                &const {
                    [Answer::new(concat!("+QCFG: \"", $name, "\",", $answer))
                        .fields(&const { [Field::new("value", $name).values($values)] })]
                },
                concat!("+QCFG=\"", $name, "\",", $example),
            ),
            qcfg::<$at>,
        )
    };
}

const EFFECT: Param = Param::int("effect", 0, 1).optional().values(&EFFECTS);
static EFFECTS: [Meaning; 2] = [
    Meaning::new("0", "from the next start on"),
    Meaning::new("1", "at once"),
];
static SCAN_MODES: [Meaning; 9] = [
    Meaning::new("0", "every technology"),
    Meaning::new("1", "GSM"),
    Meaning::new("2", "WCDMA"),
    Meaning::new("3", "LTE"),
    Meaning::new("4", "TD-SCDMA"),
    Meaning::new("5", "UMTS"),
    Meaning::new("6", "CDMA"),
    Meaning::new("7", "HDR"),
    Meaning::new("8", "CDMA and HDR"),
];
static DOMAINS: [Meaning; 3] = [
    Meaning::new("0", "circuit-switched service"),
    Meaning::new("1", "packet service"),
    Meaning::new("2", "both"),
];
static ROAMING: [Meaning; 3] = [
    Meaning::new("1", "no roaming"),
    Meaning::new("2", "roaming"),
    Meaning::new("255", "by itself"),
];
static NETWORKS: [Meaning; 4] = [
    Meaning::new("0", "RmNet"),
    Meaning::new("1", "ECM"),
    Meaning::new("2", "MBIM"),
    Meaning::new("3", "RNDIS"),
];
static SWITCH: [Meaning; 2] = [Meaning::new("0", "off"), Meaning::new("1", "on")];

/// Kind, duration and number of the pulses of the ring line.
const KIND: Param = Param::text("typeRI", 2, 10).optional();
const DURATION: Param = Param::int("pulseduration", 1, 2000).optional();
const PULSES: Param = Param::int("pulsecount", 1, 5).optional();
const BANDS: usize = 18;

pub(super) static ROWS: [Row<Quectel>; 22] = [
    qcfg!(
        0,
        "gprsattach",
        ",(0,1)",
        [Param::int("attach", 0, 1).optional()],
        "<value>",
        &SWITCH,
        "1"
    ),
    qcfg!(
        1,
        "nwscanmode",
        ",(0-8),(0,1)",
        [
            Param::int("scanmode", 0, 8).optional().values(&SCAN_MODES),
            EFFECT
        ],
        "<value>",
        &SCAN_MODES,
        "0"
    ),
    qcfg!(
        2,
        "nwscanseq",
        ",(00-0102030405),(0,1)",
        [Param::text("scanseq", 2, 12).optional(), EFFECT],
        "<value>",
        &[],
        "0403010205"
    ),
    qcfg!(
        3,
        "servicedomain",
        ",(0,1,2),(0,1)",
        [
            Param::int("service", 0, 2).optional().values(&DOMAINS),
            EFFECT
        ],
        "<value>",
        &DOMAINS,
        "2"
    ),
    qcfg!(
        4,
        "roamservice",
        ",(1,2,255),(0,1)",
        [
            Param::int("roammode", 1, 255).optional().values(&ROAMING),
            EFFECT
        ],
        "<value>",
        &ROAMING,
        "2"
    ),
    qcfg!(
        5,
        "band",
        ",(0-200),(0-7FFFFFFFFFFFFFFFF),(0-7FFFFFFFFFFFFFFF),(0,1)",
        [
            Param::text("bandval", 1, BANDS).optional(),
            Param::text("ltebandval", 1, BANDS).optional(),
            Param::text("tdsbandval", 1, BANDS).optional(),
            EFFECT
        ],
        "<bandval>,<ltebandval>,<tdsbandval>",
        &[],
        "0,1a0000800d5,0"
    ),
    qcfg!(
        6,
        "airplanecontrol",
        ",(0-2)",
        [Param::int("mode", 0, 2).optional()],
        "<value>",
        &[],
        "0"
    ),
    qcfg!(
        7,
        "ledmode",
        ",(0-3)",
        [Param::int("mode", 0, 3).optional()],
        "<value>",
        &[],
        "0"
    ),
    qcfg!(
        8,
        "usbnet",
        ",<0-3>",
        [Param::int("net", 0, 3).optional().values(&NETWORKS)],
        "<value>",
        &NETWORKS,
        "0"
    ),
    qcfg!(
        9,
        "urc/ri/ring",
        ",(\"off\",\"pulse\",\"always\",\"auto\",\"wave\"),(1-2000),(1-10000),(1-10000),(\"off\",\"on\"),(1-5)",
        [
            KIND,
            DURATION,
            Param::int("activeduration", 1, 10_000).optional(),
            Param::int("inactiveduration", 1, 10_000).optional(),
            Param::text("ringnodisturbing", 2, 3).optional(),
            PULSES
        ],
        "\"<value>\"",
        &[],
        "\"auto\""
    ),
    qcfg!(
        10,
        "urc/ri/smsincoming",
        ",(\"off\",\"pulse\",\"always\"),(1-2000),(1-5)",
        [KIND, DURATION, PULSES],
        "\"<value>\"",
        &[],
        "\"auto\""
    ),
    qcfg!(
        11,
        "urc/ri/other",
        ",(\"off\",\"pulse\"),(1-2000),(1-5)",
        [KIND, DURATION, PULSES],
        "\"<value>\"",
        &[],
        "\"auto\""
    ),
    qcfg!(
        12,
        "risignaltype",
        ",(\"respective\",\"physical\")",
        [Param::text("RIsignaltype", 8, 10).optional()],
        "\"<value>\"",
        &[],
        "\"respective\""
    ),
    qcfg!(
        13,
        "urc/delay",
        ",(0,1)",
        [Param::int("enable", 0, 1).optional()],
        "<value>",
        &SWITCH,
        "0"
    ),
    qcfg!(
        14,
        "ims",
        ",(0-2)",
        [Param::int("ims", 0, 2).optional()],
        "<value>,<state>",
        &[],
        "0"
    ),
    qcfg!(
        15,
        "urc/cache",
        ",(0,1)",
        [Param::int("enable", 0, 1).optional()],
        "<value>",
        &SWITCH,
        "0"
    ),
    Row::new(
        spec("+QURCCFG", "port of URCs, stored without effect")
            .option("urcport")
            .test_lines(&[
                "+QURCCFG: \"urcport\",(\"usbat\",\"usbmodem\",\"uart1\",\"uart2\",\"all\")",
            ])
            .answers(&[Answer::new("+QURCCFG: \"urcport\",\"<port>\"")])
            .write(&[Param::text("port", 3, 8).optional()])
            .example("+QURCCFG=\"urcport\",\"usbat\""),
        urc_port,
    ),
    Row::new(
        spec("+QINDCFG", "indications, stored without effect")
            .test_lines(&[
                "+QINDCFG: \"all\",(0,1),(0,1)",
                "+QINDCFG: \"csq\",(0,1),(0,1)",
                "+QINDCFG: \"smsfull\",(0,1),(0,1)",
                "+QINDCFG: \"ring\",(0,1),(0,1)",
                "+QINDCFG: \"smsincoming\",(0,1),(0,1)",
                "+QINDCFG: \"act\",(0,1),(0,1)",
                "+QINDCFG: \"ccinfo\",(0,1),(0,1)",
            ])
            .answers(&[Answer::new("+QINDCFG: \"<urctype>\",<enable>")
                .fields(&const { [Field::new("enable", "indication").values(&SWITCH)] })])
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
            .test_lines(&["+QIURC: (0,1)"])
            .read()
            .write(&const { [Param::int("enable", 0, 1).values(&SWITCH)] })
            .answers(&[Answer::new("+QIURC: <enable>")
                .fields(&const { [Field::new("enable", "URCs").values(&SWITCH)] })])
            .origin(Origin::Decision)
            .example("+QIURC?"),
        |q, cx, _, args| flag(&mut q.base.settings.initial_urcs, "+QIURC", cx, args),
    ),
    Row::new(
        spec("+QSCLK", "sleep, stored without effect")
            .test_lines(&["+QSCLK: (0,1)"])
            .read()
            .write(&const { [Param::int("enable", 0, 1).values(&SWITCH)] })
            .answers(&[Answer::new("+QSCLK: <enable>")
                .fields(&const { [Field::new("enable", "sleep").values(&SWITCH)] })])
            .example("+QSCLK=1"),
        |q, cx, _, args| flag(&mut q.base.settings.sleep, "+QSCLK", cx, args),
    ),
    Row::new(
        spec("+QSSLSTATE", "TLS connections outside MQTT: none")
            .test(Test::Ok)
            .execute(),
        |_, _, _, _| Outcome::Ok,
    ),
    Row::new(
        spec("+QPOWD", "power down")
            .test_lines(&["+QPOWD: (0,1)"])
            .execute()
            .write(&const { [Param::int("mode", 0, 1).values(&POWER_DOWN)] })
            .example("+QPOWD=1"),
        power_down,
    ),
];

fn qcfg<const I: usize>(
    q: &mut Quectel,
    cx: &mut Context<'_>,
    _: Form,
    args: &Args<'_>,
) -> Outcome {
    let key = &KEYS[I];
    if args.given() > 0 {
        return match key.value(args) {
            Ok(value) => {
                cx.storage.save(key.saved, Some(value));
                Outcome::Ok
            }
            Err(reason) => Outcome::error(reason),
        };
    }
    let factory = key.factory.unwrap_or(q.profile.own.bands);
    let saved = cx.storage.saved(key.saved).map(|value| &value[..]);
    let value = saved.unwrap_or(factory.as_bytes());
    let line = cx.line("+QCFG").quoted(key.name);
    cx.reply(match key.shape {
        Shape::Word => line.quoted(value),
        Shape::NumberAndState => line.raw(value).value(0),
        Shape::Number | Shape::Digits | Shape::Bands => line.raw(value),
    });
    Outcome::Ok
}

impl Key {
    /// A value as it is saved, which is as it is printed.
    fn value(&self, args: &Args<'_>) -> Result<Bytes, Reason> {
        match (self.shape, args.int(0), args.text(0)) {
            (_, Some(number), _) => Ok(format!("{number}").into()),
            (Shape::Word, _, Some(text)) => Ok(Bytes::copy_from_slice(text)),
            (Shape::Digits, _, Some(text)) if text.iter().all(u8::is_ascii_digit) => {
                Ok(Bytes::copy_from_slice(text))
            }
            (Shape::Bands, _, Some(_)) => {
                let masks: Option<Vec<String>> = (0..3).map(|at| mask(args.text(at)?)).collect();
                let masks = masks.ok_or_else(|| {
                    Reason::new("three masks of bands in hexadecimal go together")
                        .remedy("GSM and WCDMA, LTE, TD-SCDMA; 0 for none")
                })?;
                Ok(masks.join(",").into())
            }
            _ => Err(Reason::new(format!("\"{}\" takes digits", self.name))),
        }
    }
}

/// A mask of bands, with or without `0x`.
fn mask(text: &[u8]) -> Option<String> {
    let text = core::str::from_utf8(text).ok()?;
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let mask = u128::from_str_radix(digits.unwrap_or(text), 16).ok()?;
    Some(format!("{mask:#x}"))
}

fn urc_port(_: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    if let Some(port) = args.text(0) {
        let known = URC_PORTS
            .into_iter()
            .find(|known| known.as_bytes().eq_ignore_ascii_case(port));
        let Some(known) = known else {
            let reason = Reason::new("<port> is none of the module's ports");
            return Outcome::error(reason.remedy("usbat, usbmodem, uart1, uart2 or all"));
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
        let reason = Reason::new("there is no such indication");
        return Outcome::error(reason.remedy("AT+QINDCFG=? lists them"));
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
