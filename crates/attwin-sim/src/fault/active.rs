//! Faults that are active, and the chance they share.

use std::sync::Arc;

use attwin_core::{Duration, Instant};

use super::like::Pattern;
use super::mark::{FaultName, Hit};
use super::spec::{FaultSpec, Kind, Packets, Place, SerialFault, Trigger};

/// Faults active at one time; one more takes the place of the oldest.
pub const MAX_ACTIVE: usize = 64;

/// Faults remembered that ended without having acted.
const MAX_IDLE: usize = 64;

/// All that is active.
pub(super) struct Active {
    faults: Vec<Fault>,
    rng: Rng,
    /// Faults that ended without having acted.
    idle: Vec<FaultName>,
    last_id: u32,
}

struct Fault {
    spec: FaultSpec,
    name: FaultName,
    acted: u32,
    /// It starts when a client is connected.
    waits: bool,
    from: Instant,
    until: Option<Instant>,
    /// Opportunities still to be let pass.
    skip: u32,
    /// `None` is without end.
    left: Option<u32>,
}

impl Active {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            faults: Vec::new(),
            rng: Rng(seed),
            idle: Vec::new(),
            last_id: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    /// A number for a fault, or for the parts of a preset.
    pub(super) fn next_id(&mut self) -> u32 {
        self.last_id = self.last_id.saturating_add(1);
        self.last_id
    }

    pub(super) fn add(&mut self, now: Instant, id: u32, text: String, spec: FaultSpec) {
        if self.faults.len() == MAX_ACTIVE {
            let oldest = self.faults.remove(0);
            self.retire(&oldest);
        }
        let text = Arc::from(text);
        let mut fault = Fault {
            name: FaultName { id, text },
            acted: 0,
            waits: spec.when.once_connected,
            from: now,
            until: None,
            skip: spec.when.after,
            left: spec.times(),
            spec,
        };
        if !fault.waits {
            fault.start(now);
        }
        self.faults.push(fault);
    }

    /// A client is connected: what waited for one starts.
    pub(super) fn connected(&mut self, now: Instant) {
        for fault in &mut self.faults {
            if std::mem::take(&mut fault.waits) {
                fault.start(now);
            }
        }
    }

    pub(super) fn clear(&mut self) {
        for fault in std::mem::take(&mut self.faults) {
            self.retire(&fault);
        }
    }

    pub(super) fn specs(&self) -> impl Iterator<Item = &FaultSpec> {
        self.faults.iter().map(|fault| &fault.spec)
    }

    /// Faults that have not acted, also those that are over.
    pub(super) fn never_acted(&self) -> impl Iterator<Item = &FaultName> {
        let active = self.faults.iter().filter(|fault| fault.acted == 0);
        self.idle.iter().chain(active.map(|fault| &fault.name))
    }

    /// Removes what has ended.
    pub(super) fn tidy(&mut self, now: Instant) {
        let ended = |f: &mut Fault| f.left == Some(0) || f.until.is_some_and(|until| now >= until);
        let ended: Vec<Fault> = self.faults.extract_if(.., ended).collect();
        for fault in &ended {
            self.retire(fault);
        }
    }

    fn retire(&mut self, fault: &Fault) {
        if fault.acted == 0 && self.idle.len() < MAX_IDLE {
            self.idle.push(fault.name.clone());
        }
    }

    /// When something starts, ends or happens by itself after `now`.
    pub(super) fn poll_timeout(&self, now: Instant) -> Option<Instant> {
        let started = self.faults.iter().filter(|fault| !fault.waits);
        let bounds = started.flat_map(|f| [Some(f.from), f.until]);
        bounds.flatten().filter(|at| *at > now).min()
    }

    /// The first fault that `select` picks and that acts on this opportunity.
    pub(super) fn strike<T>(
        &mut self,
        now: Instant,
        select: impl FnMut(&Kind) -> Option<T>,
    ) -> Option<(T, Hit)> {
        self.strike_line(now, b"", select)
    }

    /// The same where a fault may be aimed at lines like this one.
    pub(super) fn strike_line<T>(
        &mut self,
        now: Instant,
        line: &[u8],
        mut select: impl FnMut(&Kind) -> Option<T>,
    ) -> Option<(T, Hit)> {
        let rng = &mut self.rng;
        self.faults.iter_mut().find_map(|fault| {
            let value = select(&fault.spec.kind)?;
            let like = fault.spec.like.as_ref();
            let meant = like.is_none_or(|like| like.fits_line(line));
            let hit = meant.then(|| fault.takes(now, rng)).flatten()?;
            Some((value, hit))
        })
    }

    /// An event found nothing to act on.
    pub(super) fn missed(&mut self, hit: &Hit) {
        let is_it = |fault: &&mut Fault| Arc::ptr_eq(&fault.name.text, &hit.name.text);
        if let Some(fault) = self.faults.iter_mut().find(is_it) {
            fault.acted -= 1;
        }
    }

    /// Whether a fault `is` asks for is in force, without using it up.
    pub(super) fn has(&self, now: Instant, is: impl Fn(&Kind) -> bool) -> bool {
        self.faults
            .iter()
            .any(|fault| is(&fault.spec.kind) && fault.in_force(now))
    }

    /// The fault `is` asks for, if it acts on the serial line.
    pub(super) fn strikes_serial(
        &mut self,
        now: Instant,
        line: &[u8],
        is: impl Fn(&SerialFault) -> bool,
    ) -> Option<Hit> {
        let struck = self.strike_line(now, line, |kind| match kind {
            Kind::Serial(fault) if is(fault) => Some(()),
            _ => None,
        });
        struck.map(|((), hit)| hit)
    }

    /// Whether a place may bring an event about.
    pub(super) fn awaits(&self, now: Instant, place: Place) -> bool {
        self.has(
            now,
            |kind| matches!(kind, Kind::Event { trigger: Trigger::At(p), .. } if *p == place),
        )
    }

    /// Whether a command line may bring anything about.
    pub(super) fn awaits_commands(&self, now: Instant) -> bool {
        let waits = |trigger: &Trigger| matches!(trigger, Trigger::Command(_));
        self.has(now, |kind| match kind {
            Kind::Event { trigger, .. } => waits(trigger),
            Kind::Answer { .. } => true,
            _ => false,
        })
    }

    /// Whether a command line may be answered by a fault.
    pub(super) fn may_answer(&self, now: Instant, line: &[u8]) -> bool {
        self.has(
            now,
            |kind| matches!(kind, Kind::Answer { to, .. } if to.fits_command(line)),
        )
    }

    /// The events a place brings about.
    pub(super) fn at(&mut self, now: Instant, place: Place) -> Vec<(FaultSpec, Hit)> {
        self.triggered(now, |trigger| *trigger == Trigger::At(place))
    }

    /// The events a command line brings about.
    pub(super) fn at_command(&mut self, now: Instant, line: &[u8]) -> Vec<(FaultSpec, Hit)> {
        let fits = |pattern: &Pattern| pattern.fits_command(line);
        self.triggered(
            now,
            |trigger| matches!(trigger, Trigger::Command(pattern) if fits(pattern)),
        )
    }

    /// The events a packet brings about, before or after it.
    pub(super) fn around(
        &mut self,
        now: Instant,
        is: impl Fn(Packets) -> bool,
        before: bool,
    ) -> Vec<(FaultSpec, Hit)> {
        self.triggered(now, |trigger| match trigger {
            Trigger::Before(packets) => before && is(*packets),
            Trigger::After(packets) => !before && is(*packets),
            Trigger::Now | Trigger::At(_) | Trigger::Command(_) => false,
        })
    }

    /// The next event that is due by itself.
    pub(super) fn due(&mut self, now: Instant) -> Option<(FaultSpec, Hit)> {
        let rng = &mut self.rng;
        self.faults.iter_mut().find_map(|fault| {
            let due = !fault.waits && fault.from <= now && fault.left != Some(0);
            if !fault.spec.is_immediate() || !due {
                return None;
            }
            let happens = fault.takes(now, rng);
            match fault.spec.when.every {
                // A driver that called late gets one, not all it missed.
                Some(period) => {
                    fault.from = (fault.from + period).max(now + Duration::from_micros(1));
                }
                None => fault.left = Some(0),
            }
            happens.map(|hit| (fault.spec.clone(), hit))
        })
    }

    pub(super) fn random(&mut self, below: u64) -> u64 {
        self.rng.below(below)
    }

    fn triggered(&mut self, now: Instant, is: impl Fn(&Trigger) -> bool) -> Vec<(FaultSpec, Hit)> {
        let rng = &mut self.rng;
        let mut events = Vec::new();
        for fault in &mut self.faults {
            if let Kind::Event { trigger, .. } = &fault.spec.kind
                && is(trigger)
                && let Some(hit) = fault.takes(now, rng)
            {
                events.push((fault.spec.clone(), hit));
            }
        }
        events
    }
}

impl Fault {
    fn start(&mut self, now: Instant) {
        let when = &self.spec.when;
        self.from = now + when.starting.unwrap_or_default();
        // How long an event lasts is its own matter.
        let window = when.lasting.filter(|_| !self.spec.is_event());
        self.until = window.map(|span| self.from + span);
    }

    fn in_force(&self, now: Instant) -> bool {
        let over = self.until.is_some_and(|until| now >= until);
        !self.waits && now >= self.from && !over && self.left != Some(0)
    }

    /// Whether it acts on this opportunity.
    fn takes(&mut self, now: Instant, rng: &mut Rng) -> Option<Hit> {
        if !self.in_force(now) {
            return None;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return None;
        }
        let chance = self.spec.when.probability;
        if chance.is_some_and(|chance| rng.below(1_000_000) >= u64::from(chance)) {
            return None;
        }
        if let Some(left) = &mut self.left {
            *left -= 1;
        }
        self.acted = self.acted.saturating_add(1);
        Some(Hit {
            name: self.name.clone(),
            acted: self.acted,
            told: self.acted == 1 || !self.spec.is_condition(),
        })
    }
}

/// SplitMix64: small, fast and good enough for chance.
#[derive(Debug)]
struct Rng(u64);

impl Rng {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)).checked_rem(bound).unwrap_or(0)
    }
}
