//! SIM, registration, signal and PDP contexts.

use alloc::collections::VecDeque;

use crate::io::RadioEvent;
use crate::modem::Config;
use crate::quirks::Quirks;

/// Something that changed, for the dialect to report and act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// A PDP context went down.
    PdpDown {
        /// Context id.
        cid: u8,
        /// Whether the network did it, not the host.
        by_network: bool,
    },
}

/// What a command asked of the power supply, done after its final result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Power {
    /// Switch off.
    Off,
    /// Boot again.
    Restart,
}

/// The radio side of one module.
#[derive(Debug)]
pub(crate) struct Radio {
    cmee: u8,
    changes: VecDeque<Change>,
    power: Option<Power>,
}

impl Radio {
    pub(crate) fn new(_config: &Config) -> Self {
        Self {
            cmee: 1,
            changes: VecDeque::new(),
            power: None,
        }
    }

    pub(crate) fn boot(&mut self, quirks: &Quirks) {
        self.cmee = quirks.cmee_default;
    }

    pub(crate) fn power_off(&mut self) {}

    pub(crate) fn handle(&mut self, _event: RadioEvent, _powered: bool) {}

    pub(crate) fn cmee(&self) -> u8 {
        self.cmee
    }

    pub(crate) fn poll_change(&mut self) -> Option<Change> {
        self.changes.pop_front()
    }

    pub(crate) fn take_power_request(&mut self) -> Option<Power> {
        self.power.take()
    }

    /// Activates a context on demand; `false` if that cannot be.
    pub(crate) fn activate(&mut self, _cid: u8) -> bool {
        true
    }
}
