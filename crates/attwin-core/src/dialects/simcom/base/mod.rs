//! Commands host drivers send first, and what the module says by itself
//! (docs/spec/simcom.md sections 1 and 10).

pub(super) mod identity;
pub(super) mod network;
pub(super) mod sockets;
pub(super) mod time;

use alloc::format;

use super::{CONTEXT, Knobs, SimCom};
use crate::cme;
use crate::command::{Args, Form, Origin, Param, Spec, Test};
use crate::handler::Row;
use crate::handler::shared::{report_registration, restore_settings, shared};
use crate::handler::{Context, Outcome};
use crate::io::{LinkId, NetEvent};
use crate::radio::{Change, SimChange, SimState};

/// The specification's section of these commands.
const SECTION: &str = "docs/spec/simcom.md 10";

/// Commands that are as on every module.
pub(super) static SHARED: [Row<()>; 38] = [
    shared("E", "docs/spec/simcom.md 2.5"),
    shared("V", "docs/spec/simcom.md 2.5"),
    shared("Q", "docs/spec/simcom.md 2.5"),
    shared("X", "docs/spec/simcom.md 2.5"),
    shared("&F", "docs/spec/simcom.md 2.5"),
    shared("&W", "docs/spec/simcom.md 2.5"),
    shared("Z", "docs/spec/simcom.md 2.5"),
    shared("&C", "docs/spec/simcom.md 2.5"),
    shared("&D", "docs/spec/simcom.md 2.5"),
    shared("S0", "docs/spec/simcom.md 2.5"),
    shared("S3", "docs/spec/simcom.md 2.5"),
    shared("S4", "docs/spec/simcom.md 2.5"),
    shared("S5", "docs/spec/simcom.md 2.5"),
    shared("S6", "docs/spec/simcom.md 2.5"),
    shared("S7", "docs/spec/simcom.md 2.5"),
    shared("S8", "docs/spec/simcom.md 2.5"),
    shared("S10", "docs/spec/simcom.md 2.5"),
    shared("+CGMI", "docs/spec/simcom.md 1"),
    shared("+CGMM", "docs/spec/simcom.md 1"),
    shared("+CGMR", "docs/spec/simcom.md 1"),
    shared("+CIMI", "docs/spec/simcom.md 1"),
    shared("+CMEE", SECTION),
    shared("+CPIN", SECTION),
    shared("+CFUN", SECTION),
    shared("+CSQ", SECTION),
    shared("+CREG", SECTION),
    shared("+CGREG", SECTION),
    shared("+CEREG", SECTION),
    shared("+COPS", SECTION),
    shared("+CGATT", SECTION),
    network::DEFINE,
    network::ACTIVATE,
    network::ADDRESS,
    shared("+CGCONTRDP", SECTION),
    shared("+CTZU", SECTION),
    shared("+CTZR", SECTION),
    LINE_SPEED,
    shared("+IFC", SECTION),
];

/// A pseudo-terminal has no speed: any that is written is accepted, and the test
/// form has nothing to list.
const LINE_SPEED: Row<()> = {
    let row = shared("+IPR", SECTION);
    row.described(row.spec.test(Test::Ok))
};

/// State of the module's own base commands.
#[derive(Debug, Default)]
pub(crate) struct Base {
    time: time::TimeServer,
    sockets: sockets::Sockets,
}

impl Base {
    pub(super) fn boot(&mut self, cx: &mut Context<'_>) {
        *self = Self::default();
        restore_settings(cx);
    }

    pub(super) fn power_off(&mut self, cx: &mut Context<'_>) {
        self.time.abort(cx);
        self.sockets.abort(cx);
    }

    pub(super) fn network(
        &mut self,
        cx: &mut Context<'_>,
        knobs: &Knobs,
        link: LinkId,
        event: &NetEvent<'_>,
    ) {
        self.time.resolved(cx, knobs, link, event);
        self.sockets.resolved(cx, link, event);
    }

    pub(super) fn radio(&mut self, cx: &mut Context<'_>, change: &Change) {
        match *change {
            Change::PdpDown { cid: CONTEXT, .. } => self.sockets.close(),
            Change::PdpDown { .. } | Change::PdpUp { .. } | Change::Sim(SimChange::Removed) => {}
            Change::Sim(SimChange::Unlocked | SimChange::Started(SimState::Ready)) => {
                cx.urc("+CPIN: READY");
            }
            Change::Sim(SimChange::Started(state)) => {
                if let Ok(code) = state.code() {
                    cx.urc(format!("+CPIN: {code}"));
                }
            }
            Change::Registration { domain, stat } => report_registration(cx, domain, stat),
        }
    }
}

/// Texts under AT+CMEE=2 (3GPP 27.007 section 9.2).
pub(super) fn cme_text(code: u16) -> Option<&'static str> {
    Some(match code {
        cme::NOT_ALLOWED => "operation not allowed",
        cme::SIM_NOT_INSERTED => "SIM not inserted",
        cme::SIM_PIN_REQUIRED => "SIM PIN required",
        cme::SIM_PUK_REQUIRED => "SIM PUK required",
        cme::SIM_FAILURE => "SIM failure",
        cme::INCORRECT_PASSWORD => "incorrect password",
        cme::NO_NETWORK_SERVICE => "no network service",
        cme::INCORRECT_PARAMETERS => "incorrect parameters",
        _ => return None,
    })
}

const fn spec(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, SECTION, summary).origin(Origin::Field)
}
