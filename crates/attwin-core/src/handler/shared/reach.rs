//! Whether connections can use the network.

use alloc::format;

use super::no_context;
use crate::radio::{PdpContext, Radio};
use crate::reason::Reason;

/// Why connections cannot use a PDP context; `None` if they can.
pub(crate) fn unusable_context(radio: &Radio, cid: u8) -> Option<Reason> {
    let context = radio.contexts().get(cid);
    if !radio.is_attached() || context.is_none() {
        return Some(no_context(radio, cid));
    }
    (!context.is_some_and(PdpContext::has_bearer)).then(|| {
        Reason::new(format!("PDP context {cid} is not active"))
            .remedy(format!("AT+CGACT=1,{cid} activates it"))
    })
}
