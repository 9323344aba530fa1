//! SIM, registration, signal and PDP contexts: the state, which knows no
//! commands.
//!
//! The operator's side changes it through [`RadioEvent`]s, the host through
//! handlers; what a dialect has to report or act on comes out as [`Change`]s.

mod context;
mod defaults;
pub(crate) mod power_saving;
mod registration;
mod signal;
mod sim;

use alloc::collections::VecDeque;
use alloc::string::String;
use core::net::IpAddr;

pub(crate) use context::{Contexts, PdpContext, PdpType};
pub(crate) use defaults::{Defaults, Operator};
pub(crate) use registration::{Domain, Selection, is_registered};
pub(crate) use sim::SimState;

use crate::cme;
pub(crate) use crate::coverage::Signal;
use crate::identity::Identity;
use crate::io::{RadioEvent, Trace};
use crate::storage::Storage;
use crate::time::{Instant, earliest};
use registration::Registration;
use sim::Sim;

/// Something that changed, for the dialect to report and act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// A PDP context was activated.
    PdpUp {
        /// Context id.
        cid: u8,
    },
    /// A PDP context went down.
    PdpDown {
        /// Context id.
        cid: u8,
        /// Whether the network did it, not the host.
        by_network: bool,
    },
    /// The SIM was started, unlocked or taken out.
    Sim(SimChange),
    /// Registration status changed in one domain.
    Registration {
        /// Domain.
        domain: Domain,
        /// New status, 3GPP 27.007 `<stat>`.
        stat: u8,
    },
}

/// What happened to the SIM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SimChange {
    /// It was taken out.
    Removed,
    /// It was put in or got power, and is in this state.
    Started(SimState),
    /// The host entered its PIN.
    Unlocked,
}

impl Change {
    /// How the change looks in a trace.
    pub(crate) fn trace(&self) -> Option<Trace> {
        match *self {
            Self::PdpUp { cid } => Some(Trace::Pdp { cid, active: true }),
            Self::PdpDown { cid, .. } => Some(Trace::Pdp { cid, active: false }),
            Self::Sim(_) | Self::Registration { .. } => None,
        }
    }
}

/// What a command asked of the power supply, done after its final result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Power {
    /// Switch off.
    Off,
    /// Boot again.
    Restart,
}

/// How much of the module is on (3GPP 27.007 `+CFUN`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Functionality {
    /// 0: neither radio nor SIM.
    Minimum,
    /// 1: everything.
    Full,
    /// 4: the SIM, but no radio.
    Flight,
}

impl Functionality {
    /// As `+CFUN` numbers it.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Minimum => 0,
            Self::Full => 1,
            Self::Flight => 4,
        }
    }

    pub(crate) const fn numbered(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Minimum),
            1 => Some(Self::Full),
            4 => Some(Self::Flight),
            _ => None,
        }
    }
}

/// Who caused a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Host,
    Network,
}

/// The radio side of one module.
#[derive(Debug)]
pub(crate) struct Radio {
    defaults: &'static Defaults,
    identity: Identity,
    functionality: Functionality,
    sim: Sim,
    /// When the module has read the SIM, while it has not.
    sim_busy_until: Option<Instant>,
    signal: Signal,
    registration: Registration,
    contexts: Contexts,
    /// Whether the module was attached when last looked at.
    was_attached: bool,
    changes: VecDeque<Change>,
    /// What was asked of the power supply, and when it is due.
    power: Option<(Power, Instant)>,
}

impl Radio {
    pub(crate) fn new(
        defaults: &'static Defaults,
        identity: Identity,
        sim_pin: Option<String>,
    ) -> Self {
        Self {
            defaults,
            identity,
            functionality: Functionality::Full,
            sim: Sim::new(sim_pin),
            sim_busy_until: None,
            signal: defaults.signal,
            registration: Registration::default(),
            contexts: Contexts::new(defaults),
            was_attached: false,
            changes: VecDeque::new(),
            power: None,
        }
    }

    /// Starts anew: what the host set is gone but for what was saved, and the
    /// module attaches if the operator's side lets it.
    pub(crate) fn boot(&mut self, storage: &Storage) {
        self.functionality = Functionality::Full;
        self.sim.start();
        self.sim_busy_until = None;
        self.registration.restart(self.defaults);
        self.contexts.restart(storage);
        self.was_attached = false;
        self.power = None;
        self.settle(By::Host);
        self.changes.clear();
    }

    /// The start takes time: the SIM answers from one moment on, and the
    /// network is found at another, if there is one.
    pub(crate) fn boot_slowly(&mut self, now: Instant, sim: Instant, registered: Instant) {
        self.sim_busy_until = (sim > now).then_some(sim);
        self.registration
            .search((registered > now).then_some(registered));
        self.settle(By::Host);
        self.changes.clear();
    }

    pub(crate) fn power_off(&mut self) {
        self.contexts.drop_all();
        self.was_attached = false;
        self.changes.clear();
    }

    /// The operator's side.
    pub(crate) fn handle(&mut self, event: &RadioEvent, powered: bool) {
        match *event {
            RadioEvent::SimRemoved => {
                if self.sim.remove() {
                    self.changes.push_back(Change::Sim(SimChange::Removed));
                }
            }
            RadioEvent::SimInserted => {
                if self.sim.insert() && self.functionality != Functionality::Minimum {
                    self.sim_started();
                }
            }
            RadioEvent::Registration(stat) => self.registration.set_network(stat),
            RadioEvent::Detach => self.registration.set_attach(false),
            RadioEvent::Attach => self.registration.set_attach(true),
            RadioEvent::PdpLost(cid) => {
                if self.contexts.set_bearer(cid, false) {
                    self.pdp_down(cid, By::Network);
                }
            }
            RadioEvent::Signal(signal) => self.signal = signal,
            RadioEvent::PowerOn | RadioEvent::PowerCut | RadioEvent::Reboot => {}
        }
        if powered {
            self.settle(By::Network);
        } else {
            self.changes.clear();
        }
    }

    /// When [`handle_timeout`](Self::handle_timeout) has something to do.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        earliest(self.registration.searching_until(), self.sim_busy_until)
    }

    /// When the module is to go off or restart.
    pub(crate) fn power_due(&self) -> Option<Instant> {
        self.power.map(|(_, at)| at)
    }

    /// Time has passed.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        let due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        let read = due(self.sim_busy_until);
        let found = due(self.registration.searching_until());
        if read {
            self.sim_busy_until = None;
        }
        if found {
            self.registration.search(None);
        }
        if read || found {
            self.settle(By::Network);
        }
    }

    pub(crate) fn poll_change(&mut self) -> Option<Change> {
        self.changes.pop_front()
    }

    /// Asks the power supply for something at a time, or once the command line
    /// is done if that is later.
    pub(crate) fn request_power(&mut self, power: Power, at: Instant) {
        self.power = Some((power, at));
    }

    /// What is asked of the power supply and due.
    pub(crate) fn take_power_request(&mut self, now: Instant) -> Option<Power> {
        self.power
            .take_if(|(_, at)| *at <= now)
            .map(|(power, _)| power)
    }

    /// What the module is, as sample values.
    pub(crate) fn defaults(&self) -> &'static Defaults {
        self.defaults
    }

    pub(crate) fn imei(&self) -> &str {
        self.identity.imei.as_deref().unwrap_or(self.defaults.imei)
    }

    pub(crate) fn imsi(&self) -> &str {
        self.identity.imsi.as_deref().unwrap_or(self.defaults.imsi)
    }

    pub(crate) fn iccid(&self) -> &str {
        self.identity
            .iccid
            .as_deref()
            .unwrap_or(self.defaults.iccid)
    }

    /// AT+CGMM.
    pub(crate) fn model(&self) -> &str {
        self.identity
            .model
            .as_deref()
            .unwrap_or(self.defaults.model)
    }

    /// AT+CGMR.
    pub(crate) fn firmware(&self) -> &str {
        let configured = self.identity.firmware.as_deref();
        configured.unwrap_or(self.defaults.revision)
    }

    /// The operator's name in a format of `+COPS`: 0 long, 1 short, 2 numeric.
    pub(crate) fn operator(&self, format: u8) -> &str {
        let configured = self.identity.operator.as_deref();
        configured.unwrap_or_else(|| self.defaults.operator.name(format))
    }

    /// The SIM's state; with minimum functionality it has no power.
    pub(crate) fn sim(&self) -> SimState {
        match self.functionality {
            Functionality::Minimum => SimState::Unpowered,
            _ if self.sim_busy_until.is_some() && self.sim.is_present() => SimState::Busy,
            Functionality::Full | Functionality::Flight => self.sim.state(),
        }
    }

    /// The SIM's state once the module has read it.
    pub(crate) fn card(&self) -> SimState {
        self.sim.state()
    }

    /// Whether there is a SIM in the slot.
    pub(crate) fn has_card(&self) -> bool {
        self.sim.is_present()
    }

    /// Wrong PINs the SIM still takes.
    pub(crate) fn pin_attempts(&self) -> u8 {
        self.sim.attempts()
    }

    /// How much of the module is on.
    pub(crate) fn functionality(&self) -> Functionality {
        self.functionality
    }

    /// Finds the network, if there is one, at `registered`.
    pub(crate) fn set_functionality(
        &mut self,
        functionality: Functionality,
        now: Instant,
        registered: Instant,
    ) {
        let before = core::mem::replace(&mut self.functionality, functionality);
        let searches = functionality == Functionality::Full && registered > now;
        self.registration.search(searches.then_some(registered));
        if before == Functionality::Minimum && functionality != Functionality::Minimum {
            self.sim.start();
            self.sim_started();
        }
        self.settle(By::Host);
    }

    fn sim_started(&mut self) {
        if self.sim.state() != SimState::Absent {
            let change = SimChange::Started(self.sim.state());
            self.changes.push_back(Change::Sim(change));
        }
    }

    pub(crate) fn enter_pin(&mut self, pin: &[u8], new_pin: Option<&[u8]>) -> Result<(), u16> {
        if self.functionality == Functionality::Minimum {
            return Err(cme::SIM_FAILURE);
        }
        if self.sim() == SimState::Busy {
            return Err(cme::SIM_BUSY);
        }
        self.sim.enter_pin(pin, new_pin)?;
        self.changes.push_back(Change::Sim(SimChange::Unlocked));
        self.settle(By::Host);
        Ok(())
    }

    /// Unlocks a SIM that wants its PIN, for a module that takes any
    /// (docs/spec/yuge.md 10); `false` if it wants none.
    pub(crate) fn unlock(&mut self) -> bool {
        if self.sim() != SimState::PinRequired {
            return false;
        }
        self.sim.unlock();
        self.changes.push_back(Change::Sim(SimChange::Unlocked));
        self.settle(By::Host);
        true
    }

    /// Received signal as AT+CSQ prints it.
    pub(crate) fn signal(&self) -> Signal {
        if self.functionality == Functionality::Full {
            self.signal
        } else {
            Signal::UNKNOWN
        }
    }

    /// Received signal strength, 0 to 31 or 99 (3GPP 27.007 `+CSQ`).
    pub(crate) fn rssi(&self) -> u8 {
        self.signal().rssi
    }

    /// Registration status in a domain, 3GPP 27.007 `<stat>`.
    pub(crate) fn stat(&self, domain: Domain) -> u8 {
        let on = self.functionality == Functionality::Full && self.sim() == SimState::Ready;
        self.registration.stat(on, domain)
    }

    /// Whether the module is registered, at home or roaming.
    pub(crate) fn is_registered(&self) -> bool {
        is_registered(self.stat(Domain::Circuit))
    }

    /// Whether the module is attached to packet service.
    pub(crate) fn is_attached(&self) -> bool {
        is_registered(self.stat(Domain::Packet))
    }

    /// The host attaches or detaches; `false` if there is no network to
    /// attach to.
    pub(crate) fn set_attach(&mut self, attach: bool) -> bool {
        if attach && !self.is_registered() {
            return false;
        }
        self.registration.set_attach(attach);
        self.settle(By::Host);
        true
    }

    /// PDP contexts as they are defined, and whether they are up.
    pub(crate) fn contexts(&self) -> &Contexts {
        &self.contexts
    }

    /// For what concerns definitions; see [`activate`](Self::activate) for
    /// the rest.
    pub(crate) fn contexts_mut(&mut self) -> &mut Contexts {
        &mut self.contexts
    }

    /// Makes a context usable for connections, on demand where it is not yet;
    /// `false` if that cannot be.
    pub(crate) fn activate(&mut self, cid: u8) -> bool {
        if self.is_active(cid) {
            return true;
        }
        if !self.set_bearer(cid, true) {
            return false;
        }
        self.contexts.set_in_use(cid, true);
        self.changes.push_back(Change::PdpUp { cid });
        true
    }

    /// The host no longer uses a context for connections.
    pub(crate) fn deactivate(&mut self, cid: u8) {
        if cid != self.defaults.default_context {
            self.contexts.set_bearer(cid, false);
        }
        self.pdp_down(cid, By::Host);
    }

    /// Whether connections can use a context.
    pub(crate) fn is_active(&self, cid: u8) -> bool {
        self.contexts.get(cid).is_some_and(PdpContext::is_in_use)
    }

    /// Activates or deactivates a context as far as the network is concerned
    /// (3GPP 27.007 `+CGACT`); `false` if that cannot be.
    pub(crate) fn set_bearer(&mut self, cid: u8, up: bool) -> bool {
        if up && !self.is_attached() {
            return false;
        }
        if !self.contexts.set_bearer(cid, up) {
            return false;
        }
        if !up {
            self.pdp_down(cid, By::Host);
        }
        true
    }

    /// Address of an active context.
    pub(crate) fn local_ip(&self, cid: u8) -> Option<IpAddr> {
        let context = self.contexts.get(cid)?;
        let first = self.identity.address.unwrap_or(self.defaults.address);
        let pdp_type = context.definition().pdp_type;
        context
            .has_bearer()
            .then(|| self.defaults.address_of(first, cid, pdp_type))
    }

    fn pdp_down(&mut self, cid: u8, by: By) {
        if self.contexts.set_in_use(cid, false) {
            self.changes.push_back(Change::PdpDown {
                cid,
                by_network: by == By::Network,
            });
        }
    }

    /// Draws the consequences of whatever just changed: contexts go down with
    /// the attachment, the default one comes up with it, and registration is
    /// reported.
    fn settle(&mut self, by: By) {
        let attached = self.is_attached();
        if core::mem::replace(&mut self.was_attached, attached) != attached {
            if attached {
                self.contexts
                    .set_bearer(self.defaults.default_context, true);
            } else {
                for cid in self.contexts.drop_all() {
                    self.changes.push_back(Change::PdpDown {
                        cid,
                        by_network: by == By::Network,
                    });
                }
            }
        }
        for domain in Domain::ALL {
            let stat = self.stat(domain);
            if self.registration.note(domain, stat) {
                self.changes
                    .push_back(Change::Registration { domain, stat });
            }
        }
    }
}
