//! Registration, operator, bands and access as NB-IoT has them
//! (docs/spec/onemo.md B10 and B10.1).

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use super::super::OneMo;
use super::{Mn316, Number};
use crate::command::{Answer, Args, Field, Form, Meaning, Origin, Param, Spec};
use crate::handler::shared::{meaning, shared};
use crate::handler::{Context, Outcome, Row};
use crate::radio::{Domain, is_registered};
use crate::reason::Reason;

const SECTION: &str = "docs/spec/onemo.md B10.1";

/// Where AT+NBAND is kept.
const KEY: &str = "mn316/bands";
/// Bands the module has.
const BANDS: [u8; 6] = [1, 3, 5, 8, 20, 28];
/// Those it uses until the host says otherwise.
const FACTORY_BANDS: [u8; 3] = [3, 5, 8];
/// `<stat>` of a module the network refused, and why it does so here: `PLMN
/// not allowed` (3GPP 24.301 section 9.9.3.9).
const DENIED: u8 = 3;
const REJECT_CAUSE: u8 = 11;

static REPORTS: [Meaning; 6] = [
    Meaning::new("0", "changes are not reported"),
    Meaning::new("1", "changes of the status are reported"),
    Meaning::new("2", "with the location"),
    Meaning::new("3", "with location and the cause of a refusal"),
    Meaning::new("4", "with location and the timers of power saving mode"),
    Meaning::new("5", "with all of that"),
];
/// Of `+CEREG`.
pub(super) static REGISTRATION: [Field; 7] = [
    Field::new("n", "what is reported").values(&REPORTS),
    meaning::STATUS,
    meaning::ACT,
    Field::new("cause_type", "0: a cause of 3GPP 24.301"),
    Field::new(
        "reject_cause",
        "why the network refused, 11: not allowed in this network",
    ),
    Field::new("active", "active time, GPRS timer 2 of 3GPP 24.008"),
    Field::new("tau", "periodic update, GPRS timer 3 of 3GPP 24.008"),
];
static AUTHENTICATION: [Meaning; 3] = [
    Meaning::new("0", "none"),
    Meaning::new("1", "PAP"),
    Meaning::new("2", "CHAP"),
];

const fn spec(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, SECTION, summary)
        .origin(Origin::Field)
        .refusal(Number::Parameter as u16)
}

const BAND: Param = Param::int("band", 1, 85);

type Module = OneMo<Mn316>;

pub(super) static ROWS: [Row<Module>; 5] = [
    Row::new(
        spec("+CEREG", "EPS registration")
            .test_lines(&["+CEREG:(0-5)"])
            .read()
            .write(&[Param::int("n", 0, 5).values(&REPORTS)])
            .answers(
                &const {
                    [
                        Answer::new("+CEREG:<n>,<stat>[,\"<tac>\",\"<ci>\",<AcT>]")
                            .fields(&REGISTRATION),
                        Answer::new("+CEREG:<n>,<stat>,,,,<cause_type>,<reject_cause>")
                            .fields(&REGISTRATION),
                        Answer::new(
                            "+CEREG:<n>,<stat>,\"<tac>\",\"<ci>\",<AcT>,,,\"<active>\",\"<tau>\"",
                        )
                        .fields(&REGISTRATION),
                    ]
                },
            )
            .example("+CEREG?"),
        |m, cx, form, args| {
            if form == Form::Write {
                let mode = args.byte(0).unwrap_or_default();
                cx.radio.set_report_mode(Domain::Evolved, mode);
                return Outcome::Ok;
            }
            let (mode, stat) = (
                cx.radio.report_mode(Domain::Evolved),
                cx.radio.stat(Domain::Evolved),
            );
            let line = format!("{}{mode},{}", cx.name("+CEREG"), status(m, cx, stat));
            cx.reply(line);
            Outcome::Ok
        },
    ),
    Row::new(
        shared("+COPS", SECTION)
            .spec
            .answers(
                &const {
                    [
                        Answer::new("+COPS:<mode>[,<format>,\"<oper>\",<AcT>]").fields(
                            &const {
                                [
                                    Field::new("mode", "who chooses").values(&meaning::SELECTION),
                                    Field::new("format", "of the name")
                                        .values(&meaning::NAME_FORMAT),
                                    meaning::ACT,
                                ]
                            },
                        ),
                        Answer::new("+COPS:(<networks>),,(<modes>),(<formats>)"),
                    ]
                },
            )
            .refusal(Number::Parameter as u16)
            .origin(Origin::Decision),
        |_, cx, form, args| (shared("+COPS", SECTION).run)(&mut (), cx, form, args),
    ),
    Row::new(
        spec("+CESQ", "signal quality, extended")
            .test_lines(&["+CESQ:(0-63,99),(0-7,99),(255),(255),(0-34,255),(0-97,255)"])
            .execute()
            .answers(&[
                Answer::new("+CESQ:<rxlev>,<ber>,<rscp>,<ecno>,<rsrq>,<rsrp>").fields(&[
                    Field::new(
                        "rxlev",
                        "strength: 0 is below -110 dBm, a step is 1 dB, 99 unknown",
                    ),
                    Field::new("ber", "bit error rate, 0 to 7, 99 unknown"),
                    Field::new("rscp", "255: not of this radio"),
                    Field::new("ecno", "255: not of this radio"),
                    Field::new(
                        "rsrq",
                        "quality: 0 is below -19.5 dB, a step is 0.5 dB, 255 unknown",
                    ),
                    Field::new(
                        "rsrp",
                        "power: 0 is below -140 dBm, a step is 1 dB, 255 unknown",
                    ),
                ]),
            ])
            .origin(Origin::Decision),
        |_, cx, _, _| {
            let signal = cx.radio.signal();
            let name = cx.name("+CESQ");
            cx.reply(if signal.rssi > 31 {
                format!("{name}99,99,255,255,255,255")
            } else {
                // AT+CSQ counts in steps of 2 dB (docs/spec/onemo.md B10.1).
                let doubled = 2 * u16::from(signal.rssi);
                let (rxlev, rsrp) = (doubled.saturating_sub(5), doubled + 10);
                let rsrq = (doubled / 2).min(22);
                format!("{name}{rxlev},{},255,255,{rsrq},{rsrp}", signal.ber)
            });
            Outcome::Ok
        },
    ),
    Row::new(
        spec("+NBAND", "bands the module uses")
            .test_lines(&["+NBAND:(1,3,5,8,20,28)"])
            .read()
            .write_repeated(&[], const { &[BAND] }, BANDS.len())
            .answers(&[Answer::new("+NBAND:<bands>")])
            .example("+NBAND=5,8"),
        bands,
    ),
    Row::new(
        spec("+CGAUTH", "authentication of a PDP context")
            .test_lines(&["+CGAUTH:(0-10),(0-2),(0-64),(0-64)"])
            .read()
            .write(&[
                Param::int("cid", 0, 10),
                Param::int("auth_prot", 0, 2)
                    .values(&AUTHENTICATION)
                    .optional(),
                Param::text("userid", 0, 64).optional(),
                Param::text("password", 0, 64).optional(),
            ])
            .answers(
                &const {
                    [
                        Answer::new("+CGAUTH:<cid>,<auth_prot>[,\"<userid>\",\"<password>\"]")
                            .fields(
                                &const { [Field::new("auth_prot", "how").values(&AUTHENTICATION)] },
                            ),
                    ]
                },
            )
            .example("+CGAUTH=0,1,\"user\",\"password\""),
        authentication,
    ),
];

/// Status, and as much more as the host wants to know.
fn status(m: &Module, cx: &Context<'_>, stat: u8) -> String {
    let mode = cx.radio.report_mode(Domain::Evolved);
    let mut line = stat.to_string();
    if is_registered(stat) && mode >= 2 {
        let operator = &cx.radio.defaults().operator;
        let (area, cell, technology) = (operator.area, operator.cell, operator.technology);
        line += &format!(",\"{area}\",\"{cell}\",{technology}");
        if let Some((active, update)) = m.model.power.timers().filter(|_| mode >= 4) {
            line += &format!(",,,\"{active}\",\"{update}\"");
        }
    } else if stat == DENIED && matches!(mode, 3 | 5) {
        line += &format!(",,,,0,{REJECT_CAUSE}");
    }
    line
}

/// Tells the host of a change, if it wants to know.
pub(super) fn report(m: &Module, cx: &mut Context<'_>, domain: Domain, stat: u8) {
    if domain == Domain::Evolved && cx.radio.report_mode(domain) > 0 {
        let line = format!("{}{}", cx.name("+CEREG"), status(m, cx, stat));
        cx.urc(line);
    }
}

/// Kept; the network of a twin is on all of them.
fn bands(m: &mut Module, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        let saved = cx.storage.saved(KEY);
        let bands = saved.map_or(&FACTORY_BANDS[..], |saved| saved);
        let bands: Vec<String> = bands.iter().map(u8::to_string).collect();
        let line = format!("{}{}", cx.name("+NBAND"), bands.join(","));
        cx.reply(line);
        return Outcome::Ok;
    }
    let given: Vec<u8> = args.groups().filter_map(|at| args.byte(at)).collect();
    if let Some(band) = given.iter().find(|band| !BANDS.contains(band)) {
        let reason = Reason::new(format!("the module has no band {band}"));
        return Outcome::cme(m.model.number(Number::Parameter), reason);
    }
    cx.storage.save(KEY, Some(given.into()));
    Outcome::Ok
}

/// Kept with the context; the network of a twin lets everyone in.
fn authentication(m: &mut Module, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        for (cid, context) in cx.radio.contexts().iter() {
            let definition = context.definition();
            let line = cx
                .line("+CGAUTH")
                .value(cid)
                .value(definition.authentication);
            let line = if definition.authentication == 0 {
                line
            } else {
                line.quoted(&definition.user).quoted(&definition.password)
            };
            cx.port.reply(line.as_ref());
        }
        return Outcome::Ok;
    }
    let cid = args.byte(0).unwrap_or_default();
    let Some(context) = cx.radio.contexts().get(cid) else {
        let reason = Reason::new(format!("PDP context {cid} is not defined"));
        let reason = reason.remedy("AT+CGDCONT defines it");
        return Outcome::cme(m.model.number(Number::Parameter), reason);
    };
    let mut definition = context.definition().clone();
    definition.authentication = args.byte(1).unwrap_or_default();
    definition.user = args.text(2).unwrap_or_default().into();
    definition.password = args.text(3).unwrap_or_default().into();
    cx.radio.contexts_mut().define(cx.storage, cid, definition);
    Outcome::Ok
}
