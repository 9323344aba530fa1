//! What base commands of both modules have in common.

use crate::handler::shared::{sim_refusal, unusable_context};
use crate::handler::{Context, Outcome};
use crate::reason::Reason;

/// Why there is no bearer.
pub(super) fn no_bearer(cx: &Context<'_>) -> Reason {
    let reason = unusable_context(cx.radio, cx.radio.defaults().default_context);
    reason.unwrap_or_else(|| Reason::new("the network gives no bearer"))
}

/// The card tells its identity before it is unlocked: what a command that asks
/// for it is refused with if there is none.
pub(super) fn without_card(cx: &Context<'_>) -> Option<Outcome> {
    cx.radio.sim().code().err().and_then(|_| sim_refusal(cx))
}
