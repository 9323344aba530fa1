//! Commands host drivers send first (docs/spec/quectel.md section 10), as far as
//! other vendors do not have them, and what the module says by itself.

mod common;
mod config;
mod everyday;
mod identity;
mod lookup;
mod message;
mod pdp;
mod status;
mod text;

use alloc::format;

use crate::handler::Context;
use crate::handler::Row;
use crate::handler::shared::{report_registration, restore_settings};
use crate::io::{LinkId, NetEvent};
use crate::radio::{Change, Domain, SimChange, SimState};
use crate::reason::Reason;
use crate::serial::Channel;
use crate::time::Instant;

use super::Quectel;
use super::profile::Own;
pub(super) use common::SHARED;
use config::Settings;
use everyday::Everyday;
pub(super) use everyday::no_data_call;
use lookup::Lookups;
pub(super) use pdp::RESULTS;
pub(super) use text::cme_text;

/// Rows of this module, for the family's table.
pub(super) static TABLES: [&[Row<Quectel>]; 7] = [
    &identity::ROWS,
    &status::ROWS,
    &pdp::ROWS,
    &lookup::ROWS,
    &config::ROWS,
    &message::ROWS,
    &everyday::ROWS,
];

/// State of the family's own base commands.
#[derive(Debug, Default)]
pub(crate) struct Base {
    lookups: Lookups,
    settings: Settings,
    messages: message::Settings,
    everyday: Everyday,
    /// Result of the last TCP/IP command, AT+QIGETERROR.
    last_error: u16,
    /// Network time when the module last learnt it, in Unix milliseconds.
    synchronised_ms: Option<i64>,
}

impl Base {
    pub(super) fn boot(&mut self, cx: &mut Context<'_>) {
        *self = Self::default();
        restore_settings(cx);
        self.settings.restore(cx);
        self.messages.restore(cx);
        self.everyday.boot(cx);
        if cx.radio.is_registered() {
            self.synchronise(cx);
        }
    }

    pub(super) fn power_off(&mut self, cx: &mut Context<'_>) {
        self.lookups.abort(cx);
    }

    pub(super) fn network(&mut self, cx: &mut Context<'_>, link: LinkId, event: &NetEvent<'_>) {
        self.resolved(cx, link, event);
    }

    /// The module's own lines about a change; they follow those of the MQTT
    /// clients it concerns (docs/spec/quectel.md 7.3).
    pub(super) fn radio(&mut self, cx: &mut Context<'_>, own: &Own, change: &Change) {
        if let Change::Sim(_) = change {
            self.everyday.sim_changed(cx);
        }
        match *change {
            Change::PdpUp { .. } | Change::Sim(SimChange::Removed) => {}
            Change::PdpDown { cid, by_network } => {
                self.lost_context(cx, cid);
                if by_network {
                    let line = format!("+QIURC: \"pdpdeact\",{cid}");
                    let reason = Reason::new(format!("the network took context {cid} down"))
                        .remedy("AT+QIACT activates it again");
                    cx.urc_because(Channel::All, cx.now, line, reason);
                }
            }
            Change::Sim(SimChange::Unlocked) => cx.urc("+CPIN: READY"),
            Change::Sim(SimChange::Started(SimState::Ready)) => {
                cx.urc("+CPIN: READY");
                for line in own.sim_ready {
                    cx.urc(*line);
                }
            }
            Change::Sim(SimChange::Started(state)) => {
                if let Ok(code) = state.code() {
                    cx.urc(format!("+CPIN: {code}"));
                }
            }
            Change::Registration { domain, stat } => {
                if domain == Domain::Circuit && cx.radio.is_registered() {
                    self.synchronise(cx);
                }
                report_registration(cx, domain, stat);
            }
        }
    }

    /// The network tells the time when the module registers.
    fn synchronise(&mut self, cx: &Context<'_>) {
        self.synchronised_ms = Some(cx.clock.network_unix_ms(cx.now));
    }

    pub(super) fn handle_timeout(&mut self, cx: &mut Context<'_>) {
        self.lookups.handle_timeout(cx);
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.lookups.poll_timeout()
    }
}
