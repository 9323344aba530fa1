//! What a twin's log says about refusals, failures and faults.

use attwin_core::Output;
use attwin_sim::fault::{Act, FaultName};
use tracing::{debug, info, warn};

use crate::escape::escape;

/// Times a fault acts at the default level; a fault that acts on every packet is
/// not to fill the log.
const ACTS_TOLD: u32 = 10;

/// Bytes of a line that are shown with its reason.
const SHOWN: usize = 120;

/// Says why a line was said, where it has a reason: beside the command, or beside
/// the line where it is about none.
pub(crate) fn log_reason(output: &Output) {
    if let Some(text) = reason(output) {
        info!("{text}");
    }
}

fn reason(output: &Output) -> Option<String> {
    let Output::Serial {
        bytes,
        reason: Some(reason),
        ..
    } = output
    else {
        return None;
    };
    if reason.command().is_some() {
        return Some(reason.to_string());
    }
    let line = bytes.trim_ascii();
    Some(format!(
        "{}: {reason}",
        escape(&line[..line.len().min(SHOWN)])
    ))
}

/// Says that a fault acted.
pub(crate) fn log_act(act: &Act) {
    match act.acted {
        ACTS_TOLD => info!("{act}; from here on only -v says so"),
        n if n < ACTS_TOLD => info!("{act}"),
        _ => debug!("{act}"),
    }
}

/// Says that a fault never acted.
pub(crate) fn log_idle(name: &FaultName) {
    warn!("{name} never acted");
}
