//! Whether the network reaches the module, as the host asked for and is told
//! (docs/spec/onemo.md B10.1).

use alloc::format;
use alloc::string::String;

use crate::handler::Context;
use crate::radio::power_saving::{PAGING_WINDOW_CODE, PowerSaving, Sleep, Stage};
use crate::time::Instant;

/// Where AT+CPSMS and AT+CEDRXS are kept.
const KEY: &str = "mn316/power";
/// `<AcT-type>` of NB-IoT.
pub(super) const NB_IOT: u8 = 5;

/// What the host asked for, and where that leads.
#[derive(Debug)]
pub(super) struct Power {
    pub(super) wanted: PowerSaving,
    pub(super) sleep: Sleep,
    /// AT+NPSMR.
    pub(super) reports_sleep: bool,
    /// AT+CSCON.
    pub(super) reports_connection: bool,
    /// AT+SCLK; a twin's chip does not sleep.
    pub(super) clock: u8,
    /// What the host was told last.
    told: Stage,
    /// How much was sent when that was looked at last.
    sent: u64,
}

impl Power {
    pub(super) const fn new() -> Self {
        Self {
            wanted: PowerSaving::FACTORY,
            sleep: Sleep::new(),
            reports_sleep: false,
            reports_connection: false,
            clock: 0,
            told: Stage::Idle,
            sent: 0,
        }
    }

    /// The module starts, with what was kept.
    pub(super) fn boot(&mut self, cx: &mut Context<'_>) {
        let saved = cx
            .storage
            .saved(KEY)
            .and_then(|saved| PowerSaving::decode(saved));
        *self = Self {
            wanted: saved.unwrap_or(PowerSaving::FACTORY),
            sent: cx.links.sent(),
            ..Self::new()
        };
        self.registered(cx);
    }

    pub(super) fn power_off(&mut self, cx: &mut Context<'_>) {
        self.sleep.reset(cx.links);
    }

    /// The module sends, or `heard` something: it is awake.
    pub(super) fn settle(&mut self, cx: &mut Context<'_>, heard: bool) {
        let sent = cx.links.sent();
        if core::mem::replace(&mut self.sent, sent) != sent || heard {
            self.sleep.traffic(cx.now, cx.links);
        }
        self.tell(cx);
    }

    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        self.sleep.poll_timeout()
    }

    pub(super) fn handle_timeout(&mut self, cx: &mut Context<'_>) {
        self.sleep.handle_timeout(cx.now, cx.links, &self.wanted);
        self.tell(cx);
    }

    /// Timers of `+CEREG`, while power saving mode is on.
    pub(super) fn timers(&self) -> Option<(String, String)> {
        let bits = |timer: u8| format!("{timer:08b}");
        let PowerSaving { active, update, .. } = self.wanted;
        self.wanted.mode.then(|| (bits(active), bits(update)))
    }

    fn tell(&mut self, cx: &mut Context<'_>) {
        let stage = self.sleep.stage();
        let before = core::mem::replace(&mut self.told, stage);
        if before == stage {
            return;
        }
        let connected = |stage| stage == Stage::Connected;
        if self.reports_sleep && before == Stage::Asleep {
            let line = format!("{}0", cx.name("+NPSMR"));
            cx.urc(line);
        }
        if self.reports_connection && connected(before) != connected(stage) {
            let line = format!("{}{}", cx.name("+CSCON"), u8::from(connected(stage)));
            cx.urc(line);
        }
        if stage == Stage::Asleep {
            cx.note("the module enters power saving mode: the network does not reach it");
            if self.reports_sleep {
                let line = format!("{}1", cx.name("+NPSMR"));
                cx.urc(line);
            }
        }
        if before == Stage::Asleep {
            cx.note("the module leaves power saving mode");
        }
    }

    /// The network grants what it is asked for.
    pub(super) fn granted(&self, cx: &Context<'_>, name: &str) -> String {
        let cycle = self.wanted.cycle;
        let name = cx.name(name);
        format!("{name}{NB_IOT},\"{cycle:04b}\",\"{cycle:04b}\",\"{PAGING_WINDOW_CODE}\"")
    }

    /// The host asks for something else, and the network hears of it.
    pub(super) fn keep(&mut self, cx: &mut Context<'_>, wanted: PowerSaving) {
        cx.storage.save(KEY, Some(wanted.encode()));
        self.wanted = wanted;
        self.registered(cx);
    }

    /// Registration changed: signalling is traffic, and nothing sleeps
    /// without a network.
    pub(super) fn registered(&mut self, cx: &mut Context<'_>) {
        if cx.radio.is_registered() {
            self.sleep.traffic(cx.now, cx.links);
        } else {
            self.sleep.reset(cx.links);
        }
        self.tell(cx);
    }
}
