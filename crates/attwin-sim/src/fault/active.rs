//! Faults that are active, and the chance they share.

use attwin_core::{Duration, Instant};

use super::spec::{FaultSpec, Kind, Packets, Place, SerialFault, Trigger};

/// Faults active at one time; one more takes the place of the oldest.
pub const MAX_ACTIVE: usize = 64;

/// All that is active.
pub(super) struct Active {
    faults: Vec<Fault>,
    rng: Rng,
}

struct Fault {
    spec: FaultSpec,
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
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    pub(super) fn add(&mut self, now: Instant, spec: FaultSpec) {
        if self.faults.len() == MAX_ACTIVE {
            self.faults.remove(0);
        }
        let from = now + spec.when.starting.unwrap_or_default();
        // How long an event lasts is its own matter.
        let window = spec.when.lasting.filter(|_| !spec.is_event());
        self.faults.push(Fault {
            from,
            until: window.map(|span| from + span),
            skip: spec.when.after,
            left: spec.times(),
            spec,
        });
    }

    pub(super) fn clear(&mut self) {
        self.faults.clear();
    }

    pub(super) fn specs(&self) -> impl Iterator<Item = &FaultSpec> {
        self.faults.iter().map(|fault| &fault.spec)
    }

    /// Removes what has ended.
    pub(super) fn tidy(&mut self, now: Instant) {
        self.faults
            .retain(|f| f.left != Some(0) && f.until.is_none_or(|until| now < until));
    }

    /// When something starts, ends or happens by itself after `now`.
    pub(super) fn poll_timeout(&self, now: Instant) -> Option<Instant> {
        let bounds = self.faults.iter().flat_map(|f| [Some(f.from), f.until]);
        bounds.flatten().filter(|at| *at > now).min()
    }

    /// The first fault that `select` picks and that acts on this opportunity.
    pub(super) fn strike<T>(
        &mut self,
        now: Instant,
        mut select: impl FnMut(&Kind) -> Option<T>,
    ) -> Option<T> {
        let rng = &mut self.rng;
        self.faults.iter_mut().find_map(|fault| {
            let value = select(&fault.spec.kind)?;
            fault.takes(now, rng).then_some(value)
        })
    }

    /// Whether a fault `is` asks for is in force, without using it up.
    pub(super) fn has(&self, now: Instant, is: impl Fn(&Kind) -> bool) -> bool {
        self.faults
            .iter()
            .any(|fault| is(&fault.spec.kind) && fault.in_force(now))
    }

    /// Whether a fault `is` asks for acts on the serial line.
    pub(super) fn strikes_serial(
        &mut self,
        now: Instant,
        is: impl Fn(&SerialFault) -> bool,
    ) -> bool {
        self.strike(now, |kind| match kind {
            Kind::Serial(fault) if is(fault) => Some(()),
            _ => None,
        })
        .is_some()
    }

    /// Whether a place may bring an event about.
    pub(super) fn awaits(&self, now: Instant, place: Place) -> bool {
        self.has(
            now,
            |kind| matches!(kind, Kind::Event { trigger: Trigger::At(p), .. } if *p == place),
        )
    }

    /// The events a place brings about.
    pub(super) fn at(&mut self, now: Instant, place: Place) -> Vec<FaultSpec> {
        self.triggered(now, |trigger| trigger == Trigger::At(place))
    }

    /// The events a packet brings about, before or after it.
    pub(super) fn around(
        &mut self,
        now: Instant,
        is: impl Fn(Packets) -> bool,
        before: bool,
    ) -> Vec<FaultSpec> {
        self.triggered(now, |trigger| match trigger {
            Trigger::Before(packets) => before && is(packets),
            Trigger::After(packets) => !before && is(packets),
            Trigger::Now | Trigger::At(_) => false,
        })
    }

    /// The next event that is due by itself.
    pub(super) fn due(&mut self, now: Instant) -> Option<FaultSpec> {
        let rng = &mut self.rng;
        self.faults.iter_mut().find_map(|fault| {
            if !fault.spec.is_immediate() || fault.from > now || fault.left == Some(0) {
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
            happens.then(|| fault.spec.clone())
        })
    }

    pub(super) fn random(&mut self, below: u64) -> u64 {
        self.rng.below(below)
    }

    fn triggered(&mut self, now: Instant, is: impl Fn(Trigger) -> bool) -> Vec<FaultSpec> {
        let rng = &mut self.rng;
        let mut events = Vec::new();
        for fault in &mut self.faults {
            if let Kind::Event { trigger, .. } = fault.spec.kind
                && is(trigger)
                && fault.takes(now, rng)
            {
                events.push(fault.spec.clone());
            }
        }
        events
    }
}

impl Fault {
    fn in_force(&self, now: Instant) -> bool {
        let over = self.until.is_some_and(|until| now >= until);
        now >= self.from && !over && self.left != Some(0)
    }

    /// Whether it acts on this opportunity.
    fn takes(&mut self, now: Instant, rng: &mut Rng) -> bool {
        if !self.in_force(now) {
            return false;
        }
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        let chance = self.spec.when.probability;
        if chance.is_some_and(|chance| rng.below(1_000_000) >= u64::from(chance)) {
            return false;
        }
        if let Some(left) = &mut self.left {
            *left -= 1;
        }
        true
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
