//! Registration to the network and its reports (3GPP 27.007 sections 7.2 and
//! 10.1.20, 10.1.22).

use super::Defaults;
use crate::time::Instant;

/// `<stat>` of a module that looks for a network.
const SEARCHING: u8 = 2;

/// What the module registers for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Domain {
    /// Circuit-switched service, `+CREG`.
    Circuit,
    /// Packet service, `+CGREG`.
    Packet,
    /// The Evolved Packet System, `+CEREG`.
    Evolved,
}

impl Domain {
    /// Every domain, in the order its changes are reported.
    pub(crate) const ALL: [Self; 3] = [Self::Circuit, Self::Packet, Self::Evolved];
}

/// How the host chose its network (3GPP 27.007 `+COPS` `<mode>`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Selection {
    /// 0: the module chooses.
    #[default]
    Automatic,
    /// 1: the host chose, and the network is there.
    Manual,
    /// 2: the host deregistered.
    Deregistered,
}

/// What decides the registration status, and the host's wishes about its
/// reports.
#[derive(Debug)]
pub(super) struct Registration {
    /// When the search for a network ends, while there is one.
    searching_until: Option<Instant>,
    /// Status the network would give a module that wants to register.
    network: u8,
    /// Whether the module is, or would be, attached to packet service.
    attach: bool,
    selection: Selection,
    /// Format of operator names, 0 to 2.
    format: u8,
    /// Report mode per domain, 0 to 2.
    modes: [u8; 3],
    /// Status per domain when last looked at.
    noted: [u8; 3],
}

impl Default for Registration {
    fn default() -> Self {
        Self {
            searching_until: None,
            network: 1,
            attach: true,
            selection: Selection::Automatic,
            format: 0,
            modes: [0; 3],
            noted: [0; 3],
        }
    }
}

impl Registration {
    /// Forgets the host's wishes; the network stays as it is, and lets the
    /// module attach.
    pub(super) fn restart(&mut self, defaults: &Defaults) {
        *self = Self {
            network: self.network,
            format: defaults.operator.format,
            ..Self::default()
        };
    }

    /// The network gives another status.
    pub(super) fn set_network(&mut self, status: crate::coverage::Registration) {
        self.network = status.stat();
    }

    pub(super) fn set_attach(&mut self, attach: bool) {
        self.attach = attach;
    }

    /// Looks for a network until then, if it does not find one at once.
    pub(super) fn search(&mut self, until: Option<Instant>) {
        self.searching_until = until;
    }

    /// When the search for a network ends.
    pub(super) fn searching_until(&self) -> Option<Instant> {
        self.searching_until
    }

    /// Status in a domain; `on` says that radio and SIM are ready.
    pub(super) fn stat(&self, on: bool, domain: Domain) -> u8 {
        if !on || self.selection == Selection::Deregistered {
            return 0;
        }
        if self.searching_until.is_some() {
            return SEARCHING;
        }
        match domain {
            Domain::Circuit => self.network,
            Domain::Packet | Domain::Evolved if self.attach || !is_registered(self.network) => {
                self.network
            }
            Domain::Packet | Domain::Evolved => 0,
        }
    }

    /// Remembers a status; whether it is another than before.
    pub(super) fn note(&mut self, domain: Domain, stat: u8) -> bool {
        core::mem::replace(&mut self.noted[domain as usize], stat) != stat
    }
}

impl super::Radio {
    /// Report mode of a domain: 0 none, 1 status, 2 status and location.
    pub(crate) fn report_mode(&self, domain: Domain) -> u8 {
        self.registration.modes[domain as usize]
    }

    pub(crate) fn set_report_mode(&mut self, domain: Domain, mode: u8) {
        self.registration.modes[domain as usize] = mode;
    }

    /// How the host chose its network.
    pub(crate) fn selection(&self) -> Selection {
        self.registration.selection
    }

    pub(crate) fn select(&mut self, selection: Selection) {
        self.registration.selection = selection;
        self.settle(super::By::Host);
    }

    /// Format AT+COPS? answers in: 0 long, 1 short, 2 numeric.
    pub(crate) fn operator_format(&self) -> u8 {
        self.registration.format
    }

    pub(crate) fn set_operator_format(&mut self, format: u8) {
        self.registration.format = format;
    }
}

/// Whether a status means registered, at home or roaming.
pub(crate) const fn is_registered(stat: u8) -> bool {
    matches!(stat, 1 | 5)
}
