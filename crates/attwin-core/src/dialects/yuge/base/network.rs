//! Registration and service (docs/spec/yuge.md section 10).

use alloc::format;

use super::{Args, Context, Form, Outcome, Param, Row, Spec, Yuge, spec};
use crate::handler::shared::registration_command;
use crate::radio::{Domain, SimState};

/// `<stat>` while roaming.
const ROAMING: u8 = 5;

const fn registration_spec(name: &'static str, summary: &'static str) -> Spec {
    spec(name, summary)
        .read()
        .write(const { &[Param::int("n", 0, 2)] })
}

pub(in super::super) static ROWS: [Row<Yuge>; 4] = [
    Row::new(
        registration_spec("+CREG", "network registration").example("+CREG?"),
        |_, cx, form, args| registration(cx, Domain::Circuit, form, args),
    ),
    Row::new(
        registration_spec("+CGREG", "packet service registration").example("+CGREG?"),
        |_, cx, form, args| registration(cx, Domain::Packet, form, args),
    ),
    Row::new(
        registration_spec("+CEREG", "EPS registration").example("+CEREG?"),
        |_, cx, form, args| registration(cx, Domain::Evolved, form, args),
    ),
    Row::new(
        spec("^SYSINFO", "service, domain, roaming, mode and SIM").execute(),
        |_, cx, _, _| {
            let sim = u8::from(cx.radio.sim() == SimState::Ready);
            let roaming = u8::from(cx.radio.stat(Domain::Circuit) == ROAMING);
            // Without a network neither service nor domain nor mode.
            cx.reply(if cx.radio.is_registered() {
                format!("^SYSINFO: 2,3,{roaming},9,{sim}")
            } else {
                format!("^SYSINFO: 0,0,0,0,{sim}")
            });
            Outcome::Ok
        },
    ),
];

/// No mode shows where the module is.
fn registration(cx: &mut Context<'_>, domain: Domain, form: Form, args: &Args<'_>) -> Outcome {
    match args.byte(0) {
        Some(mode) if form == Form::Write => cx.radio.set_report_mode(domain, mode),
        _ => {
            let (mode, stat) = (cx.radio.report_mode(domain), cx.radio.stat(domain));
            cx.reply(format!("{}: {mode},{stat}", registration_command(domain)));
        }
    }
    Outcome::Ok
}

/// Tells the host of a change, if it wants to know.
pub(in super::super) fn report(cx: &mut Context<'_>, domain: Domain, stat: u8) {
    if cx.radio.report_mode(domain) > 0 {
        cx.urc(format!("{}: {stat}", registration_command(domain)));
    }
}
