//! Commands host drivers send first (spec/quectel.md section 10).

use crate::command::Row;
use crate::io::{LinkId, NetEvent};
use crate::modem::Context;
use crate::radio::Change;
use crate::time::Instant;

use super::{Knobs, Quectel};

/// State of the family's own base commands.
#[derive(Debug, Default)]
pub(crate) struct Base;

pub(super) static ROWS: [Row<Quectel>; 0] = [];

impl Base {
    pub(super) fn boot(&mut self, cx: &mut Context<'_>, knobs: &Knobs) {
        if knobs.boot_urcs {
            cx.urc("RDY");
        }
    }

    pub(super) fn network(&mut self, _cx: &mut Context<'_>, _link: LinkId, _event: &NetEvent<'_>) {}

    pub(super) fn radio(&mut self, _cx: &mut Context<'_>, _change: &Change) {}

    pub(super) fn handle_timeout(&mut self, _cx: &mut Context<'_>) {}

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        None
    }
}

/// Verbose texts of error numbers (spec/quectel.md 2.6).
pub(super) fn cme_text(_code: u16) -> Option<&'static str> {
    None
}
