//! Why commands that every module has are refused.

use alloc::format;

use crate::cme;
use crate::handler::{Context, Outcome};
use crate::radio::Domain;
use crate::radio::{Functionality, Radio, Selection, SimState, is_registered};
use crate::reason::Reason;

/// The SIM cannot be used; `None` where it can.
pub(crate) fn sim_refusal(cx: &Context<'_>) -> Option<Outcome> {
    let state = cx.radio.sim();
    let reason = match state {
        SimState::Ready => return None,
        SimState::Unpowered => {
            Reason::new("the SIM has no power at AT+CFUN=0").remedy("AT+CFUN=1 gives it power")
        }
        SimState::Absent => Reason::new("there is no SIM in the module"),
        SimState::Busy => Reason::new("the module has just started and still reads the SIM")
            .remedy("+CPIN: READY says when it is done"),
        SimState::PinRequired => {
            Reason::new("the SIM wants its PIN").remedy("AT+CPIN=<pin> comes first")
        }
        SimState::PukRequired => Reason::new("the SIM wants its PUK after three wrong PINs")
            .remedy("AT+CPIN=<puk>,<newpin> comes first"),
    };
    state.error().map(|code| Outcome::cme(code, reason))
}

/// A PIN was not taken, with this error number.
pub(super) fn pin_refusal(cx: &Context<'_>, code: u16) -> Outcome {
    let attempts = cx.radio.pin_attempts();
    let reason = match (code, cx.radio.sim()) {
        (cme::INCORRECT_PASSWORD, SimState::PukRequired) => {
            Reason::new("the PIN or the PUK is wrong, and the SIM wants its PUK")
        }
        (cme::INCORRECT_PASSWORD, _) => {
            Reason::new(format!("the PIN is wrong; the SIM takes {attempts} more"))
        }
        (cme::INCORRECT_PARAMETERS, SimState::PukRequired) => {
            Reason::new("the SIM wants its PUK").remedy("AT+CPIN=<puk>,<newpin> takes both")
        }
        (cme::INCORRECT_PARAMETERS, _) => {
            Reason::new("the SIM wants its PIN alone").remedy("AT+CPIN=<pin> takes one argument")
        }
        (_, SimState::Ready) => Reason::new("the SIM wants no PIN, or has it already"),
        _ => return sim_refusal(cx).unwrap_or(Outcome::Ok),
    };
    Outcome::cme(code, reason)
}

/// Why the module is not registered, or not attached.
pub(crate) fn no_network(radio: &Radio) -> Reason {
    let stat = radio.stat(Domain::Circuit);
    if radio.functionality() != Functionality::Full {
        let fun = radio.functionality().number();
        return Reason::new(format!("the radio is off: AT+CFUN is {fun}"))
            .remedy("AT+CFUN=1 switches it on");
    }
    if radio.sim() != SimState::Ready {
        return Reason::new("the SIM is not ready").remedy("AT+CPIN? says what it wants");
    }
    if radio.selection() == Selection::Deregistered {
        return Reason::new("the host deregistered with AT+COPS=2").remedy("AT+COPS=0 registers");
    }
    if !is_registered(stat) {
        return Reason::new(format!(
            "the module is not registered: its registration status is {stat}"
        ))
        .remedy("AT+CREG? says 1 or 5 when it is");
    }
    Reason::new("the module is detached from packet service").remedy("AT+CGATT=1 attaches it")
}

/// A PDP context cannot be brought up.
pub(crate) fn no_context(radio: &Radio, cid: u8) -> Reason {
    if radio.contexts().get(cid).is_none() {
        return undefined_context(cid);
    }
    no_network(radio)
}

pub(crate) fn undefined_context(cid: u8) -> Reason {
    Reason::new(format!("PDP context {cid} is not defined")).remedy("AT+CGDCONT defines it")
}
