//! What a module says when it starts, as data.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::context::Context;
use crate::quirks::Millis;
use crate::radio::{Functionality, SimState};
use crate::serial::Channel;
use crate::time::Instant;

/// One line of the start-up.
#[derive(Debug)]
pub(crate) struct BootLine {
    /// Time after the module began to hear its host.
    after: Millis,
    says: Says,
}

/// What a start-up line says.
#[derive(Debug)]
pub(crate) enum Says {
    /// These words.
    Words(&'static str),
    /// These, if there is a SIM.
    WithCard(&'static str),
    /// These, if the SIM can be used.
    WithSim(&'static str),
    /// `+CFUN:` and how much of the module is on.
    Functionality,
    /// `+CPIN:` and the state of the SIM, if there is one.
    Sim,
}

impl BootLine {
    pub(crate) const fn new(after_ms: u32, says: Says) -> Self {
        Self {
            after: Millis(after_ms),
            says,
        }
    }

    fn line(&self, functionality: Functionality, sim: SimState) -> Option<String> {
        match self.says {
            Says::Words(words) => Some(words.into()),
            Says::WithCard(words) => (sim != SimState::Absent).then(|| words.into()),
            Says::WithSim(words) => (sim == SimState::Ready).then(|| words.into()),
            Says::Functionality => Some(format!("+CFUN: {}", functionality.number())),
            Says::Sim => sim.code().ok().map(|code| format!("+CPIN: {code}")),
        }
    }
}

/// Says the start-up lines, each in its time.
pub(crate) fn say(cx: &mut Context<'_>, lines: &[BootLine]) {
    for boot in lines {
        if let Some(line) = boot.line(cx.radio.functionality(), cx.radio.card()) {
            let at = heard_from(cx) + cx.delay(boot.after);
            cx.urc_at(Channel::Module, at, line);
        }
    }
}

/// Lets SIM and network take their time: the SIM answers once its line is due,
/// and the network is found as late as the module's quirk says.
pub(crate) fn start_slowly(cx: &mut Context<'_>, lines: &[BootLine]) {
    let says_sim = |boot: &&BootLine| matches!(boot.says, Says::Sim);
    let sim = lines
        .iter()
        .find(says_sim)
        .map_or(Millis(0), |boot| boot.after);
    let from = heard_from(cx);
    let registered = from + cx.delay(cx.quirks.base.boot_registration_ms);
    cx.radio
        .boot_slowly(cx.now, from + cx.delay(sim), registered);
}

/// When the module begins to hear its host.
fn heard_from(cx: &Context<'_>) -> Instant {
    cx.now + cx.delay(cx.quirks.base.boot_delay_ms)
}

/// What a module with a usable SIM says.
pub(crate) fn usual(lines: &[BootLine]) -> Vec<String> {
    let usual = |boot: &BootLine| boot.line(Functionality::Full, SimState::Ready);
    lines.iter().filter_map(usual).collect()
}
