//! Why the module cannot use its network or its SIM, for those who read logs.

use alloc::format;

use super::{Domain, Functionality, PdpContext, Radio, SimState, is_registered};
use crate::reason::Reason;

impl Radio {
    /// Why connections cannot use a context; `None` if they can.
    pub(crate) fn unreachable(&self, cid: u8) -> Option<Reason> {
        if self.functionality() != Functionality::Full {
            let fun = self.functionality().number();
            return Some(
                Reason::new(format!("the radio is off, AT+CFUN is {fun}"))
                    .remedy("AT+CFUN=1 comes first"),
            );
        }
        if let Some(reason) = self.sim().unusable() {
            return Some(reason);
        }
        let stat = self.stat(Domain::Circuit);
        if !is_registered(stat) {
            return Some(Reason::new(format!(
                "the module is not registered to a network, <stat> is {stat}"
            )));
        }
        if !self.is_attached() {
            return Some(
                Reason::new("the module is detached from packet service")
                    .remedy("AT+CGATT=1 comes first"),
            );
        }
        match self.contexts().get(cid) {
            None => Some(
                Reason::new(format!("PDP context {cid} is not defined"))
                    .remedy("AT+CGDCONT defines it"),
            ),
            Some(context) if PdpContext::has_bearer(context) => None,
            Some(_) => Some(
                Reason::new(format!("PDP context {cid} is not active"))
                    .remedy(format!("AT+CGACT=1,{cid} comes first")),
            ),
        }
    }
}

impl SimState {
    /// Why the SIM cannot be used; `None` if it can.
    pub(crate) fn unusable(self) -> Option<Reason> {
        let (cause, remedy) = match self {
            Self::Ready => return None,
            Self::Unpowered => (
                "the SIM has no power, AT+CFUN is 0",
                "AT+CFUN=1 comes first",
            ),
            Self::Absent => ("there is no SIM in the slot", "put one in"),
            Self::PinRequired => ("the SIM wants its PIN", "AT+CPIN comes first"),
            Self::PukRequired => (
                "the SIM wants its PUK",
                "AT+CPIN with PUK and a new PIN comes first",
            ),
        };
        Some(Reason::new(cause).remedy(remedy))
    }
}
