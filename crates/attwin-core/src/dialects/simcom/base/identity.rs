//! Who the module and its SIM are (docs/spec/simcom.md section 1).

use alloc::format;

use super::{Args, Context, Form, Origin, Outcome, Param, Row, SimCom, Spec, Test};
use crate::command::Answer;
use crate::handler::shared::sim_refusal;
use crate::radio::Power;

const fn spec(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, "docs/spec/simcom.md 1", summary)
        .test(Test::Ok)
        .origin(Origin::Field)
        .execute()
}

pub(in super::super) static ROWS: [Row<SimCom>; 7] = [
    Row::new(
        spec("I", "identification")
            .test(Test::None)
            .answers(&const { [Answer::new("<model> R<release>")] }),
        |_, cx, _, _| {
            let (model, firmware) = (cx.radio.model(), cx.radio.firmware());
            // Its first four characters are the release.
            let release = firmware.get(..4).unwrap_or(firmware);
            cx.reply(format!("{model} R{release}"));
            Outcome::Ok
        },
    ),
    Row::new(
        spec("+CGSN", "equipment identity")
            .aliases(&["+GSN"])
            .write(&[Param::int("snt", 1, 1)])
            .answers(&const { [Answer::new("+CGSN: \"<imei>\"")] })
            .example("+CGSN=1"),
        |_, cx, form, _| {
            if form == Form::Write {
                cx.reply(cx.line("+CGSN").quoted(cx.radio.imei()));
            } else {
                cx.port.reply(cx.radio.imei().as_bytes());
            }
            Outcome::Ok
        },
    ),
    Row::new(
        Spec::new("+SIMEI", "docs/spec/simcom.md 1", "equipment identity")
            .test(Test::Ok)
            .origin(Origin::Field)
            .read()
            .answers(&const { [Answer::new("+SIMEI: <imei>")] })
            .example("+SIMEI?"),
        |_, cx, _, _| {
            cx.reply(cx.line("+SIMEI").value(cx.radio.imei()));
            Outcome::Ok
        },
    ),
    Row::new(
        spec("+CICCID", "identity of the card").answers(
            &const {
                [
                    Answer::new("+CICCID: <iccid>"),
                    Answer::new("+ICCID: <iccid>"),
                ]
            },
        ),
        card_identity,
    ),
    Row::new(
        spec("+SIMCOMATI", "identification, at length")
            .answers(
                &const {
                    [
                        Answer::new("Manufacturer: <manufacturer>"),
                        Answer::new("Model: <model>"),
                        Answer::new("Revision: <firmware>"),
                        Answer::new("IMEI: <imei>"),
                        Answer::new("ICCID: <iccid>"),
                        Answer::new("+GCAP: <capabilities>"),
                    ]
                },
            )
            .origin(Origin::Decision),
        identification,
    ),
    Row::new(
        Spec::new("+CRESET", "docs/spec/simcom.md 10", "restart")
            .test(Test::Ok)
            .origin(Origin::Field)
            .execute(),
        |s, cx, _, _| {
            s.lose_network(cx);
            cx.radio.request_power(Power::Restart, cx.now);
            Outcome::Ok
        },
    ),
    Row::new(
        Spec::new("+CPOF", "docs/spec/simcom.md 10", "switch off")
            .test(Test::Ok)
            .origin(Origin::Field)
            .execute(),
        |s, cx, _, _| {
            s.lose_network(cx);
            cx.urc("NORMAL POWER DOWN");
            cx.radio.request_power(Power::Off, cx.now);
            Outcome::Ok
        },
    ),
];

/// The card tells its identity before it is unlocked.
fn card_identity(s: &mut SimCom, cx: &mut Context<'_>, _: Form, _: &Args<'_>) -> Outcome {
    match cx.radio.sim().code() {
        Err(_) => sim_refusal(cx).unwrap_or(Outcome::Ok),
        Ok(_) => {
            let name = s.knobs.iccid_prefix.name();
            cx.reply(cx.line(name).value(cx.radio.iccid()));
            Outcome::Ok
        }
    }
}

fn identification(_: &mut SimCom, cx: &mut Context<'_>, _: Form, _: &Args<'_>) -> Outcome {
    cx.reply(format!(
        "Manufacturer: {}",
        cx.radio.defaults().manufacturer
    ));
    cx.reply(format!("Model: {}", cx.radio.model()));
    cx.reply(format!("Revision: {}", cx.radio.firmware()));
    cx.reply(format!("IMEI: {}", cx.radio.imei()));
    cx.reply(format!("ICCID: {}", cx.radio.iccid()));
    cx.reply("+GCAP: +CGSM");
    Outcome::Ok
}
