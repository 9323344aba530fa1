//! Who the module and its SIM are (docs/spec/quectel.md 1.2 and section 10).

use crate::cme;
use crate::command::{Answer, Args, Form, Origin, Param, Spec, Test};
use crate::dialects::quectel::Quectel;
use crate::handler::Row;
use crate::handler::shared::sim_refusal;
use crate::handler::{Context, Outcome};

pub(super) static ROWS: [Row<Quectel>; 4] = [
    Row::new(
        Spec::new("I", "docs/spec/quectel.md 1.2", "identification")
            .execute()
            .write(&[Param::int("value", 0, 0)])
            .answers(&[Answer::new("Revision: <revision>")])
            .max_ms(300)
            .origin(Origin::Field),
        identification,
    ),
    Row::new(
        Spec::new(
            "+QGMR",
            "docs/spec/quectel.md 1.2",
            "full firmware revision",
        )
        .test(Test::Ok)
        .execute()
        .max_ms(300)
        .origin(Origin::Field),
        |q, cx, _, _| {
            cx.reply(q.profile.own.full_revision);
            Outcome::Ok
        },
    ),
    Row::new(
        Spec::new("+QCCID", "docs/spec/quectel.md 10", "SIM card identity")
            .test(Test::Ok)
            .execute()
            .answers(&[Answer::new("+QCCID: <iccid>")])
            .max_ms(300)
            .refusal(cme::INCORRECT_PARAMETERS)
            .origin(Origin::Field),
        |_, cx, _, _| card_identity(cx, "+QCCID"),
    ),
    Row::new(
        Spec::new("+CCID", "docs/spec/quectel.md 10", "SIM card identity")
            .test(Test::Ok)
            .execute()
            .answers(&[Answer::new("+CCID: <iccid>")])
            .max_ms(300)
            .refusal(cme::INCORRECT_PARAMETERS)
            .origin(Origin::Field),
        |_, cx, _, _| card_identity(cx, "+CCID"),
    ),
];

fn identification(_: &mut Quectel, cx: &mut Context<'_>, _: Form, _: &Args<'_>) -> Outcome {
    let profile = cx.radio.defaults();
    cx.reply(profile.manufacturer);
    cx.port.reply(cx.radio.model().as_bytes());
    cx.reply(alloc::format!("Revision: {}", cx.radio.firmware()));
    Outcome::Ok
}

/// The card tells its identity before it is unlocked.
fn card_identity(cx: &mut Context<'_>, name: &str) -> Outcome {
    if cx.radio.sim().code().is_err()
        && let Some(refusal) = sim_refusal(cx)
    {
        return refusal;
    }
    cx.reply(cx.line(name).value(cx.radio.iccid()));
    Outcome::Ok
}
