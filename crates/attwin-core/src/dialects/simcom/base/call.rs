//! Calls and PPP, which a twin of an MQTT interface does not have: refused,
//! with the reason (docs/spec/simcom.md 10).

use crate::command::line::Command;
use crate::reason::Reason;

/// Why `command` is refused, if it begins a call.
pub(in super::super) fn refused(command: &Command<'_>) -> Option<Reason> {
    let name = &command.name[..];
    let calls = name.eq_ignore_ascii_case(b"D") || name.eq_ignore_ascii_case(b"+CGDATA");
    calls.then(|| {
        let reason = Reason::new("there are no calls and no PPP here");
        reason.remedy("the AT+CMQTT commands use the network by themselves")
    })
}
