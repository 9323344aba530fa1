//! What base commands of both modules have in common.

use crate::handler::{Context, Outcome};
use crate::reason::Reason;

/// Why there is no bearer.
pub(super) fn no_bearer(cx: &Context<'_>) -> Reason {
    let reason = cx.radio.unreachable(cx.radio.defaults().default_context);
    reason.unwrap_or_else(|| Reason::new("the network gives no bearer"))
}

/// The card tells its identity before it is unlocked: what a command that asks
/// for it is refused with if there is none.
pub(super) fn without_card(cx: &Context<'_>) -> Option<Outcome> {
    let sim = cx.radio.sim();
    let code = sim.code().err()?;
    let reason = sim.unusable();
    let reason = reason.unwrap_or_else(|| Reason::new("there is no SIM"));
    Some(Outcome::cme(code, reason))
}
