//! What host drivers ask at start-up besides: SIM detection, positioning,
//! temperature, versions (docs/spec/quectel.md 10.2).

use bytes::Bytes;

use crate::cme;
use crate::command::{Answer, Args, Field, Form, Meaning, Origin, Param, Spec, Test};
use crate::dialects::quectel::Quectel;
use crate::handler::Row;
use crate::handler::shared::{factory_settings, reset_settings};
use crate::handler::{Context, Outcome};
use crate::radio::SimState;
use crate::reason::Reason;

/// AT+QGPS and AT+QGPSEND: a session is there, or is not.
pub(super) const SESSION_ONGOING: u16 = 504;
pub(super) const SESSION_NOT_ACTIVE: u16 = 505;

const DETECTION_KEY: &str = "quectel/qsimdet";
const INSERTION_KEY: &str = "quectel/qsimstat";

/// Settings and states of these commands.
#[derive(Debug, Default)]
pub(super) struct Everyday {
    /// AT+QSIMDET as it was when the module started.
    detection: bool,
    /// AT+QSIMSTAT: whether changes of the SIM slot are reported.
    insertion: bool,
    /// Whether there was a SIM when last looked at.
    present: bool,
    positioning: bool,
}

impl Everyday {
    pub(super) fn boot(&mut self, cx: &Context<'_>) {
        *self = Self {
            detection: detection(cx)[0] != 0,
            insertion: cx
                .storage
                .saved(INSERTION_KEY)
                .is_some_and(|s| s[..] == [1]),
            present: cx.radio.has_card(),
            positioning: false,
        };
    }

    /// Something happened to the SIM: perhaps it was taken out or put in.
    pub(super) fn sim_changed(&mut self, cx: &mut Context<'_>) {
        let inserted = cx.radio.has_card();
        if core::mem::replace(&mut self.present, inserted) == inserted {
            return;
        }
        if self.insertion {
            cx.urc(alloc::format!("+QSIMSTAT : 1,{}", u8::from(inserted)));
        }
        if self.detection && !inserted {
            cx.urc("+CPIN: NOT READY");
        }
    }
}

/// AT+QSIMDET as it is saved.
fn detection(cx: &Context<'_>) -> [u8; 2] {
    let saved = cx.storage.saved(DETECTION_KEY);
    saved
        .and_then(|saved| saved.first_chunk().copied())
        .unwrap_or_default()
}

static SWITCH: [Meaning; 2] = [Meaning::new("0", "off"), Meaning::new("1", "on")];
static LEVELS: [Meaning; 2] = [
    Meaning::new("0", "low while a SIM is in"),
    Meaning::new("1", "high while a SIM is in"),
];
static SLOT: [Meaning; 3] = [
    Meaning::new("0", "there is no SIM"),
    Meaning::new("1", "there is a SIM"),
    Meaning::new("2", "not known").when("until the module has read the SIM"),
];

const fn spec(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, "docs/spec/quectel.md 10.2", summary)
        .max_ms(300)
        .origin(Origin::Field)
}

pub(super) static ROWS: [Row<Quectel>; 10] = [
    Row::new(
        Spec::new("&F", "docs/spec/quectel.md 10", "factory settings")
            .execute()
            .write(&[Param::int("value", 0, 0).optional()])
            .max_ms(300)
            .origin(Origin::Field)
            .example("&F"),
        |q, cx, _, _| {
            factory_settings(cx);
            q.base.messages.factory(cx);
            Outcome::Ok
        },
    ),
    Row::new(
        Spec::new("Z", "docs/spec/quectel.md 10", "settings as saved")
            .execute()
            .write(&[Param::int("value", 0, 0).optional()])
            .max_ms(300)
            .origin(Origin::Field)
            .example("Z"),
        |q, cx, _, _| {
            reset_settings(cx);
            q.base.messages.factory(cx);
            Outcome::Ok
        },
    ),
    Row::new(
        spec("+QSIMDET", "detection of the SIM, from the next start on")
            .test_lines(&["+QSIMDET: (0,1),(0,1)"])
            .read()
            .write(
                &const {
                    [
                        Param::int("enable", 0, 1).values(&SWITCH),
                        Param::int("insert_level", 0, 1).values(&LEVELS),
                    ]
                },
            )
            .answers(&[Answer::new("+QSIMDET: <enable>,<insert_level>").fields(
                &const {
                    [
                        Field::new("enable", "detection").values(&SWITCH),
                        Field::new("insert_level", "level of the pin").values(&LEVELS),
                    ]
                },
            )])
            .example("+QSIMDET=1,0"),
        sim_detection,
    ),
    Row::new(
        spec("+QSIMSTAT", "whether there is a SIM")
            .test_lines(&["+QSIMSTAT: (0,1)"])
            .read()
            .write(&const { [Param::int("enable", 0, 1).values(&SWITCH)] })
            .answers(
                &[Answer::new("+QSIMSTAT: <enable>,<inserted_status>").fields(
                    &const {
                        [
                            Field::new("enable", "reports").values(&SWITCH),
                            Field::new("inserted_status", "the slot").values(&SLOT),
                        ]
                    },
                )],
            )
            .example("+QSIMSTAT=1"),
        sim_status,
    ),
    Row::new(
        spec("+QGPS", "positioning on; a position is never found")
            .test_lines(&["+QGPS: (1-4),(1-255),(0-1000),(0-1000),(1-65535)"])
            .read()
            .write(&[
                Param::int("gnssmode", 1, 4),
                Param::int("fixmaxtime", 1, 255).optional(),
                Param::int("fixmaxdist", 0, 1000).optional(),
                Param::int("fixcount", 0, 1000).optional(),
                Param::int("fixrate", 1, 65_535).optional(),
            ])
            .refusal(cme::INCORRECT_PARAMETERS)
            .answers(&[Answer::new("+QGPS: <gnss_state>")
                .fields(&const { [Field::new("gnss_state", "positioning").values(&SWITCH)] })])
            .example("+QGPS?"),
        positioning,
    ),
    Row::new(
        spec("+QGPSEND", "positioning off").test(Test::Ok).execute(),
        |q, _, _, _| {
            if core::mem::take(&mut q.base.everyday.positioning) {
                return Outcome::Ok;
            }
            let reason = Reason::new("positioning is off").remedy("AT+QGPS=1 switches it on");
            Outcome::cme(SESSION_NOT_ACTIVE, reason)
        },
    ),
    Row::new(
        spec("+QTEMP", "temperatures in degrees Celsius; sample values")
            .test(Test::Ok)
            .execute()
            .answers(&[Answer::new("+QTEMP: <pmic_temp>,<xo_temp>,<pa_temp>")]),
        |_, cx, _, _| {
            cx.reply("+QTEMP: 34,32,32");
            Outcome::Ok
        },
    ),
    Row::new(
        spec("+CSUB", "edition of the firmware")
            .test(Test::Ok)
            .execute()
            .answers(&[Answer::new("SubEdition: <edition>")]),
        |_, cx, _, _| {
            cx.reply("SubEdition: V01");
            Outcome::Ok
        },
    ),
    Row::new(
        spec("+CESQ", "signal of the serving cell in 3GPP units")
            .test_lines(&["+CESQ: (0-63,99),(0-7,99),(0-96,255),(0-49,255),(0-34,255),(0-97,255)"])
            .execute()
            .answers(&[
                Answer::new("+CESQ: <rxlev>,<ber>,<rscp>,<ecno>,<rsrq>,<rsrp>").fields(&[
                    Field::new("rxlev", "of GSM; 99 in LTE"),
                    Field::new("ber", "bit error rate of GSM; 99 in LTE"),
                    Field::new("rscp", "of UMTS; 255 in LTE"),
                    Field::new("ecno", "of UMTS; 255 in LTE"),
                    Field::new(
                        "rsrq",
                        "0 is below -19.5 dB, a step is 0.5 dB, 255 is unknown",
                    ),
                    Field::new(
                        "rsrp",
                        "0 is below -140 dBm, a step is 1 dB, 255 is unknown",
                    ),
                ]),
            ]),
        extended_signal,
    ),
    Row::new(
        spec("+FCLASS", "service class; data only")
            .test_lines(&["+FCLASS: (0)"])
            .read()
            .write(&[Param::int("n", 0, 0)])
            .answers(&[Answer::new("+FCLASS: <n>").fields(
                &const {
                    [Field::new("n", "service class")
                        .values(&const { [Meaning::new("0", "data")] })]
                },
            )])
            .origin(Origin::Decision)
            .example("+FCLASS=0"),
        |_, cx, form, _| {
            if form == Form::Read {
                cx.reply("+FCLASS: 0");
            }
            Outcome::Ok
        },
    ),
];

/// A call, with data or without: there is no PPP (docs/spec/quectel.md 10.2).
pub(in super::super) fn no_data_call(name: &[u8]) -> Option<Reason> {
    let call = name.eq_ignore_ascii_case(b"D") || name.eq_ignore_ascii_case(b"+CGDATA");
    call.then(|| {
        Reason::new("the module makes no calls and speaks no PPP")
            .remedy("the MQTT commands need none; AT+QIACT activates a context")
    })
}

fn sim_detection(_: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    match (args.byte(0), args.byte(1)) {
        (Some(enable), Some(level)) => {
            let saved = Bytes::copy_from_slice(&[enable, level]);
            cx.storage.save(DETECTION_KEY, Some(saved));
        }
        _ => {
            let [enable, level] = detection(cx);
            cx.reply(cx.line("+QSIMDET").value(enable).value(level));
        }
    }
    Outcome::Ok
}

fn sim_status(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let everyday = &mut q.base.everyday;
    if let Some(enable) = args.flag(0) {
        everyday.insertion = enable;
        let saved = Bytes::copy_from_slice(&[u8::from(enable)]);
        cx.storage.save(INSERTION_KEY, Some(saved));
        return Outcome::Ok;
    }
    let inserted = match cx.radio.sim() {
        SimState::Busy => 2,
        _ => u8::from(cx.radio.has_card()),
    };
    let line = cx.line("+QSIMSTAT").value(u8::from(everyday.insertion));
    cx.reply(line.value(inserted));
    Outcome::Ok
}

fn positioning(q: &mut Quectel, cx: &mut Context<'_>, form: Form, _: &Args<'_>) -> Outcome {
    let on = &mut q.base.everyday.positioning;
    if form == Form::Read {
        cx.reply(cx.line("+QGPS").value(u8::from(*on)));
        return Outcome::Ok;
    }
    if core::mem::replace(on, true) {
        let reason = Reason::new("positioning is on already").remedy("AT+QGPSEND switches it off");
        return Outcome::cme(SESSION_ONGOING, reason);
    }
    Outcome::Ok
}

fn extended_signal(_: &mut Quectel, cx: &mut Context<'_>, _: Form, _: &Args<'_>) -> Outcome {
    let quality = cx.radio.quality().filter(|_| cx.radio.is_registered());
    let (rsrq, rsrp) = quality.map_or((255, 255), |q| (q.rsrq_index(), q.rsrp_index()));
    let line = cx.line("+CESQ").value(99).value(99).value(255).value(255);
    cx.reply(line.value(rsrq).value(rsrp));
    Outcome::Ok
}
