//! Power saving mode and eDRX: when the network reaches a module, and when
//! what it sends waits (3GPP 23.682 sections 4.5.4 and 4.5.13).

use core::time::Duration;

use bytes::Bytes;

use crate::links::Links;
use crate::time::{Instant, earliest};

/// How long the network keeps the connection of a module that is silent.
const INACTIVITY: Duration = Duration::from_secs(20);
/// How long a module with eDRX listens in each cycle.
const PAGING_WINDOW: Duration = Duration::from_millis(2560);
/// The same as 3GPP 24.008 section 10.5.5.32 codes it for NB-IoT.
pub(crate) const PAGING_WINDOW_CODE: &str = "0000";

/// What the host asked for; the network grants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PowerSaving {
    /// Power saving mode is on.
    pub(crate) mode: bool,
    /// Periodic update, GPRS timer 3 (3GPP 24.008 section 10.5.7.4a).
    pub(crate) update: u8,
    /// Active time, GPRS timer 2 (3GPP 24.008 section 10.5.7.3).
    pub(crate) active: u8,
    /// eDRX is on.
    pub(crate) edrx: bool,
    /// Its cycle, four bits (3GPP 24.008 section 10.5.5.32).
    pub(crate) cycle: u8,
}

impl PowerSaving {
    /// Off, with timers of an hour and a minute and a cycle of 81.92 s.
    pub(crate) const FACTORY: Self = Self {
        mode: false,
        update: 0b0010_0001,
        active: 0b0010_0001,
        edrx: false,
        cycle: 0b0101,
    };

    /// The bytes it is saved as.
    pub(crate) fn encode(&self) -> Bytes {
        let flags = u8::from(self.mode) | u8::from(self.edrx) << 1;
        Bytes::copy_from_slice(&[flags, self.update, self.active, self.cycle])
    }

    pub(crate) fn decode(saved: &[u8]) -> Option<Self> {
        let &[flags @ 0..=3, update, active, cycle @ 0..=15] = saved else {
            return None;
        };
        Some(Self {
            mode: flags & 1 != 0,
            update,
            active,
            edrx: flags & 2 != 0,
            cycle,
        })
    }

    /// Time between two signs of life in power saving mode; `None` for never.
    fn update_time(&self) -> Option<Duration> {
        let unit = match self.update >> 5 {
            0 => 600,
            1 => 3600,
            2 => 36_000,
            3 => 2,
            4 => 30,
            5 => 60,
            6 => 1_152_000,
            _ => return None,
        };
        Some(Duration::from_secs(u64::from(self.update & 31) * unit))
    }

    /// How long an idle module stays reachable before it sleeps; `None` if it
    /// never sleeps.
    fn active_time(&self) -> Option<Duration> {
        let unit = match self.active >> 5 {
            0 => 2,
            2 => 360,
            7 => return None,
            _ => 60,
        };
        let time = Duration::from_secs(u64::from(self.active & 31) * unit);
        self.mode.then_some(time)
    }

    /// Length of an eDRX cycle of NB-IoT.
    fn cycle_time(&self) -> Option<Duration> {
        let cycles: u32 = match self.cycle {
            3 => 2,
            5 => 4,
            bits @ 9..=15 => 8 << (bits - 9),
            _ => 1,
        };
        self.edrx.then(|| Duration::from_millis(20_480) * cycles)
    }
}

/// Whether the network reaches the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It does, and keeps a connection.
    Connected,
    /// It does, whenever it wants to.
    Idle,
    /// Not before the next paging window.
    Dozing,
    /// It does: this is a paging window.
    Listening,
    /// Not before the module sends something or updates.
    Asleep,
}

/// Where the module is between sending and sleeping.
#[derive(Debug)]
pub(crate) struct Sleep {
    stage: Stage,
    /// When the connection ended, or will.
    idle_from: Instant,
    due: Option<Instant>,
}

impl Sleep {
    pub(crate) const fn new() -> Self {
        Self {
            stage: Stage::Idle,
            idle_from: Instant::ZERO,
            due: None,
        }
    }

    pub(crate) const fn stage(&self) -> Stage {
        self.stage
    }

    /// Something was sent or received: the network has a connection again.
    pub(crate) fn traffic(&mut self, now: Instant, links: &mut Links) {
        self.idle_from = now + INACTIVITY;
        self.due = Some(self.idle_from);
        self.enter(Stage::Connected, links);
    }

    /// Power is gone, or the host changed what it asks for.
    pub(crate) fn reset(&mut self, links: &mut Links) {
        *self = Self::new();
        links.sleep(false);
    }

    pub(crate) const fn poll_timeout(&self) -> Option<Instant> {
        self.due
    }

    /// A deadline may have come.
    pub(crate) fn handle_timeout(&mut self, now: Instant, links: &mut Links, wanted: &PowerSaving) {
        if self.due.take_if(|due| *due <= now).is_none() {
            return;
        }
        let sleeps_at = wanted.active_time().map(|time| self.idle_from + time);
        if self.stage == Stage::Asleep {
            // The periodic update, of which the MQTT server sees nothing.
            return self.traffic(now, links);
        }
        if sleeps_at.is_some_and(|at| at <= now) {
            // An update that is due at once would never let it sleep.
            let update = wanted.update_time().map(|time| self.idle_from + time);
            self.due = update.map(|at| at.max(now + PAGING_WINDOW));
            return self.enter(Stage::Asleep, links);
        }
        let Some(cycle) = wanted.cycle_time() else {
            self.due = sleeps_at;
            return self.enter(Stage::Idle, links);
        };
        let (stage, lasts) = match self.stage {
            Stage::Dozing => (Stage::Listening, PAGING_WINDOW),
            _ => (Stage::Dozing, cycle.saturating_sub(PAGING_WINDOW)),
        };
        self.due = earliest(Some(now + lasts), sleeps_at);
        self.enter(stage, links);
    }

    fn enter(&mut self, stage: Stage, links: &mut Links) {
        self.stage = stage;
        links.sleep(matches!(stage, Stage::Dozing | Stage::Asleep));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(mode: bool, edrx: bool) -> PowerSaving {
        PowerSaving {
            mode,
            edrx,
            ..PowerSaving::FACTORY
        }
    }

    #[test]
    fn timers_of_24_008() {
        let timers = |update, active| PowerSaving {
            update,
            active,
            ..wanted(true, false)
        };
        let seconds = |time: Option<Duration>| time.map(|time| time.as_secs());
        for (bits, time) in [
            (0b0000_0001, Some(600)),
            (0b0010_0010, Some(7200)),
            (0b0110_0101, Some(10)),
            (0b1000_0010, Some(60)),
            (0b1110_0001, None),
        ] {
            assert_eq!(seconds(timers(bits, 0).update_time()), time, "{bits:08b}");
        }
        for (bits, time) in [
            (0b0000_0101, Some(10)),
            (0b0010_0001, Some(60)),
            (0b0100_0010, Some(720)),
            (0b1110_0000, None),
        ] {
            assert_eq!(seconds(timers(0, bits).active_time()), time, "{bits:08b}");
        }
        for (bits, cycle) in [
            (2, 20_480),
            (3, 40_960),
            (5, 81_920),
            (9, 163_840),
            (15, 10_485_760),
        ] {
            let wanted = PowerSaving {
                cycle: bits,
                ..wanted(false, true)
            };
            let time = wanted.cycle_time().map(|time| time.as_millis());
            assert_eq!(time, Some(cycle), "{bits:04b}");
        }
    }

    #[test]
    fn saved_and_read_again() {
        for wanted in [PowerSaving::FACTORY, wanted(true, true)] {
            assert_eq!(PowerSaving::decode(&wanted.encode()), Some(wanted));
        }
        for bytes in [&b""[..], b"\x04abc", b"\0ab\x10", b"\0ab\0\0"] {
            assert_eq!(PowerSaving::decode(bytes), None);
        }
    }

    /// Stages and when they begin, in milliseconds after the last traffic.
    fn stages(wanted: &PowerSaving, count: usize) -> alloc::vec::Vec<(Stage, u128)> {
        let mut links = Links::default();
        let mut sleep = Sleep::new();
        sleep.traffic(Instant::ZERO, &mut links);
        let mut all = alloc::vec::Vec::new();
        while let Some(due) = sleep.poll_timeout()
            && all.len() < count
        {
            sleep.handle_timeout(due, &mut links, wanted);
            all.push((sleep.stage(), due.since_origin().as_millis()));
        }
        all
    }

    #[test]
    fn a_silent_module_sleeps_and_updates() {
        assert_eq!(stages(&wanted(false, false), 9), [(Stage::Idle, 20_000)]);
        assert_eq!(
            stages(&wanted(true, false), 4),
            [
                (Stage::Idle, 20_000),
                (Stage::Asleep, 80_000),
                (Stage::Connected, 3_620_000),
                (Stage::Idle, 3_640_000),
            ]
        );
        assert_eq!(
            stages(&wanted(false, true), 4),
            [
                (Stage::Dozing, 20_000),
                (Stage::Listening, 99_360),
                (Stage::Dozing, 101_920),
                (Stage::Listening, 181_280),
            ]
        );
        let never_updates = PowerSaving {
            update: 0b1110_0000,
            active: 0,
            ..wanted(true, false)
        };
        assert_eq!(stages(&never_updates, 9), [(Stage::Asleep, 20_000)]);
    }
}
