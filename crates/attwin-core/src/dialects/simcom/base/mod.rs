//! Commands host drivers send first, and what the module says by itself
//! (docs/spec/simcom.md sections 1 and 10).

pub(super) mod call;
pub(super) mod context;
pub(super) mod identity;
mod kept;
pub(super) mod network;
pub(super) mod power;
pub(super) mod registration;
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
use crate::radio::{Change, Domain, SimChange, SimState};
use crate::time::Instant;
use kept::Kept;
use power::Sleep;

/// The specification's section of these commands.
const SECTION: &str = "docs/spec/simcom.md 10";

/// Commands that are as on every module.
pub(super) static SHARED: [Row<()>; 33] = [
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
    tested(shared("+CGMI", "docs/spec/simcom.md 1"), Test::Ok),
    tested(shared("+CGMM", "docs/spec/simcom.md 1"), Test::Ok),
    tested(shared("+CGMR", "docs/spec/simcom.md 1"), Test::Ok),
    tested(shared("+CIMI", "docs/spec/simcom.md 1"), Test::Ok),
    shared("+CMEE", SECTION),
    tested(shared("+CPIN", SECTION), Test::Ok),
    tested(
        shared("+CFUN", SECTION),
        Test::Lines(&["+CFUN: (0,1,4),(0,1)"]),
    ),
    shared("+CSQ", SECTION),
    shared("+CREG", SECTION),
    shared("+CGREG", SECTION),
    shared("+COPS", SECTION),
    shared("+CGATT", SECTION),
    tested(shared("+CTZU", SECTION), Test::Lines(&["+CTZU: (0-3)"])),
    tested(shared("+CTZR", SECTION), Test::Lines(&["+CTZR: (0-2)"])),
    LINE_SPEED,
    tested(shared("+IFC", SECTION), Test::Lines(&["+IFC: (0,2),(0,2)"])),
];

/// A pseudo-terminal has no speed: any that is written is accepted, and the test
/// form has nothing to list.
const LINE_SPEED: Row<()> = tested(shared("+IPR", SECTION), Test::Ok);

/// A shared row with a test form.
const fn tested(row: Row<()>, test: Test) -> Row<()> {
    row.described(row.spec.test(test))
}

/// State of the module's own base commands.
#[derive(Debug, Default)]
pub(crate) struct Base {
    time: time::TimeServer,
    sockets: sockets::Sockets,
    kept: Kept,
    sleep: Sleep,
    /// AT+CSCLK.
    clock_mode: u8,
    /// AT+QCLEDMODE.
    led_mode: u8,
    /// AT+ICF: format and parity.
    framing: [u8; 2],
}

impl Base {
    pub(super) fn boot(&mut self, cx: &mut Context<'_>) {
        *self = Self {
            kept: Kept::load(cx.storage),
            framing: [3, 3],
            ..Self::default()
        };
        restore_settings(cx);
        self.touch(cx);
    }

    pub(super) fn power_off(&mut self, cx: &mut Context<'_>) {
        self.time.abort(cx);
        self.sockets.abort(cx);
        cx.links.sleep(false);
        self.sleep = Sleep::default();
    }

    /// The module has something to do, and does not sleep.
    pub(super) fn touch(&mut self, cx: &mut Context<'_>) {
        self.sleep.touch(cx, &self.kept);
    }

    /// Falls asleep or wakes up if it is time to, unless `busy`.
    pub(super) fn handle_timeout(&mut self, cx: &mut Context<'_>, busy: bool) {
        self.sleep.handle_timeout(cx, &self.kept, busy);
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.sleep.poll_timeout()
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
            Change::Registration {
                domain: Domain::Evolved,
                stat,
            } => {
                registration::report(cx, &self.kept, stat);
                self.touch(cx);
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
        cme::SIM_BUSY => "SIM busy",
        cme::INCORRECT_PASSWORD => "incorrect password",
        cme::NO_NETWORK_SERVICE => "no network service",
        cme::INCORRECT_PARAMETERS => "incorrect parameters",
        _ => return None,
    })
}

const fn spec(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, SECTION, summary).origin(Origin::Field)
}
