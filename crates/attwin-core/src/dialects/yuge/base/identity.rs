//! Who the module and its SIM are (docs/spec/yuge.md section 1).

use alloc::format;
use alloc::string::String;

use super::{Args, Context, Form, Origin, Outcome, Param, Row, Spec, Yuge, cme, shared, spec};
use crate::command::{Answer, Field, Test};
use crate::handler::shared::{meaning, sim_refusal};
use crate::reason::Reason;

const fn identity(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, "docs/spec/yuge.md 1", summary)
        .execute()
        .origin(Origin::Field)
}

pub(in super::super) static ROWS: [Row<Yuge>; 5] = [
    Row::new(identity("I", "identification"), |_, cx, _, _| {
        let manufacturer = cx.radio.defaults().manufacturer;
        cx.reply(format!("Manufacturer: {manufacturer}"));
        cx.reply(format!("Model: {}", cx.radio.model()));
        cx.reply(format!("Revision: {}", revision(cx)));
        cx.reply(format!("IMEI: {}", cx.radio.imei()));
        Outcome::Ok
    }),
    Row::new(
        identity("+CGMR", "firmware revision")
            .test(Test::Ok)
            .aliases(&["+GMR"])
            .origin(Origin::Decision),
        |_, cx, _, _| {
            cx.reply(revision(cx));
            Outcome::Ok
        },
    ),
    Row::new(
        identity("+CGSN", "equipment identity")
            .test(Test::Ok)
            .aliases(&["+GSN"]),
        |_, cx, _, _| {
            cx.port.reply(cx.radio.imei().as_bytes());
            Outcome::Ok
        },
    ),
    Row::new(
        spec("+ICCID", "identity of the card")
            .test(Test::Ok)
            .execute()
            .answers(&[Answer::new("+ICCID: <iccid>")]),
        // The card tells its identity before it is unlocked.
        |_, cx, _, _| match cx.radio.sim().code().err().and_then(|_| sim_refusal(cx)) {
            Some(refused) => refused,
            None => {
                cx.reply(format!("+ICCID: {}", cx.radio.iccid()));
                Outcome::Ok
            }
        },
    ),
    Row::new(
        spec("+CPIN", "PIN of the SIM")
            .test(Test::Ok)
            .read()
            .write(&[Param::text("pin", 4, 8)])
            .answers(&[Answer::new("+CPIN: <code>").fields(
                &const { [Field::new("code", "what the SIM wants").values(&meaning::PIN_CODES)] },
            )])
            .example("+CPIN?"),
        pin,
    ),
];

/// The revision names the model (docs/spec/yuge.md section 1).
fn revision(cx: &Context<'_>) -> String {
    let profile = cx.radio.defaults();
    if cx.radio.firmware() == profile.revision {
        profile.revision.replace(profile.model, cx.radio.model())
    } else {
        cx.radio.firmware().into()
    }
}

/// Any PIN is the right one.
fn pin(_: &mut Yuge, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    let Some(pin) = args.text(0).filter(|_| form == Form::Write) else {
        return (shared("+CPIN", super::SECTION).run)(&mut (), cx, form, args);
    };
    if !pin.iter().all(u8::is_ascii_digit) {
        let reason = Reason::new("a PIN has digits only");
        return Outcome::cme(cme::INCORRECT_PARAMETERS, reason);
    }
    if cx.radio.unlock() {
        return Outcome::Ok;
    }
    let reason = Reason::new("the SIM wants no PIN").remedy("AT+CPIN? says what it wants");
    Outcome::cme(cme::NOT_ALLOWED, reason)
}
