//! What hosts set of radio and sleep, kept over restarts (docs/spec/simcom.md
//! 10).

use alloc::string::String;
use core::time::Duration;

use arrayvec::ArrayVec;
use bytes::Bytes;

use crate::storage::Storage;

const KEY: &str = "simcom/radio";

/// Most bands AT+QCBAND takes.
pub(super) const BANDS: usize = 18;

/// Settings that outlast a restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct Kept {
    /// AT+CPSMS.
    pub(super) saves_power: bool,
    pub(super) timers: Timers,
    /// AT+CEDRXS.
    pub(super) edrx: bool,
    pub(super) reports_edrx: bool,
    /// The cycle as 3GPP 24.008 codes it, 0 to 15.
    pub(super) cycle: u8,
    /// AT+CNMP.
    pub(super) mode: u8,
    /// AT+CMNB.
    pub(super) preferred: u8,
    /// AT+QCBAND: its mode, and the bands.
    pub(super) bands: (u8, ArrayVec<u8, BANDS>),
}

/// T3412 extended and T3324 as 3GPP 24.008 codes them: a unit in the three
/// high bits, a count in the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Timers {
    pub(super) tau: u8,
    pub(super) active: u8,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            saves_power: false,
            timers: Timers::FACTORY,
            edrx: false,
            reports_edrx: false,
            cycle: 0b0010,
            mode: 38,
            preferred: 2,
            bands: (0, [20].into_iter().collect()),
        }
    }
}

impl Kept {
    /// As saved, or factory settings.
    pub(super) fn load(storage: &Storage) -> Self {
        let saved = storage.saved(KEY);
        saved
            .and_then(|saved| Self::decode(saved))
            .unwrap_or_default()
    }

    pub(super) fn save(&self, storage: &mut Storage) {
        storage.save(KEY, Some(self.encode()));
    }

    /// The timers the network granted: those asked for, while power saving
    /// mode is on and both run.
    pub(super) fn power_saving(&self) -> Option<Timers> {
        (self.saves_power && self.timers.active().is_some()).then_some(self.timers)
    }

    /// Time from one paging window to the next.
    pub(super) fn edrx_cycle(&self) -> Option<Duration> {
        // 3GPP 24.008 table 10.5.5.32; codes NB-IoT lacks are 20.48 s.
        let hyperframes: u64 = match self.cycle {
            0b0011 => 4,
            0b0101 => 8,
            0b1001 => 16,
            0b1010 => 32,
            0b1011 => 64,
            0b1100 => 128,
            0b1101 => 256,
            0b1110 => 512,
            0b1111 => 1024,
            _ => 2,
        };
        self.edrx
            .then(|| Duration::from_millis(hyperframes * 10_240))
    }

    fn encode(&self) -> Bytes {
        let (mode, bands) = &self.bands;
        let head = [
            u8::from(self.saves_power),
            self.timers.tau,
            self.timers.active,
            u8::from(self.edrx),
            u8::from(self.reports_edrx),
            self.cycle,
            self.mode,
            self.preferred,
            *mode,
        ];
        head.iter().chain(bands).copied().collect()
    }

    fn decode(saved: &[u8]) -> Option<Self> {
        let (head, bands) = saved.split_first_chunk::<9>()?;
        let &[on, tau, active, edrx, reports, cycle, mode, preferred, kind] = head;
        Some(Self {
            saves_power: on != 0,
            timers: Timers { tau, active },
            edrx: edrx != 0,
            reports_edrx: reports != 0,
            cycle: cycle & 0x0f,
            mode,
            preferred,
            bands: (kind, ArrayVec::try_from(bands).ok()?),
        })
    }
}

impl Timers {
    /// Four hours, and 20 seconds.
    pub(super) const FACTORY: Self = Self {
        tau: 0b0010_0100,
        active: 0b0000_1010,
    };

    /// Eight binary digits.
    pub(super) fn read(text: &[u8]) -> Option<u8> {
        let text = core::str::from_utf8(text).ok()?;
        let digits = text.len() == 8 && text.bytes().all(|b| matches!(b, b'0' | b'1'));
        u8::from_str_radix(text, 2).ok().filter(|_| digits)
    }

    pub(super) fn tau_text(self) -> String {
        alloc::format!("{:08b}", self.tau)
    }

    pub(super) fn active_text(self) -> String {
        alloc::format!("{:08b}", self.active)
    }

    /// Time from one periodic update to the next; `None` for never
    /// (3GPP 24.008 table 10.5.163a).
    pub(super) fn tau(self) -> Option<Duration> {
        const UNITS: [u64; 7] = [600, 3600, 36_000, 2, 30, 60, 1_152_000];
        let unit = UNITS.get(usize::from(self.tau >> 5))?;
        Some(Duration::from_secs(unit * u64::from(self.tau & 0x1f)))
    }

    /// Time the module stays reachable when idle; `None` for for ever
    /// (3GPP 24.008 table 10.5.172).
    pub(super) fn active(self) -> Option<Duration> {
        let unit = match self.active >> 5 {
            0 => 2,
            2 => 360,
            7 => return None,
            _ => 60,
        };
        Some(Duration::from_secs(unit * u64::from(self.active & 0x1f)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn timers_of_24_008() {
        let timers = Timers {
            tau: 0b0110_0101,
            active: 0b0010_0010,
        };
        assert_eq!(timers.tau(), Some(Duration::from_secs(10)));
        assert_eq!(timers.active(), Some(Duration::from_secs(120)));
        assert_eq!(timers.tau_text(), "01100101");
        let never = Timers {
            tau: 0b1110_0000,
            active: 0b1110_0000,
        };
        assert_eq!((never.tau(), never.active()), (None, None));
        assert_eq!(Timers::read(b"00100010"), Some(0b0010_0010));
        for bad in ["", "0010001", "002", "+0100010", "001000100"] {
            assert_eq!(Timers::read(bad.as_bytes()), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_saved_comes_back(tau: u8, active: u8, cycle in 0u8..16, on: bool) {
            let kept = Kept {
                saves_power: on,
                timers: Timers { tau, active },
                edrx: !on,
                cycle,
                ..Kept::default()
            };
            prop_assert_eq!(Kept::decode(&kept.encode()), Some(kept));
        }

        #[test]
        fn no_saved_value_panics(bytes in vec(any::<u8>(), 0..40)) {
            if let Some(kept) = Kept::decode(&bytes) {
                let _ = (kept.timers.tau(), kept.timers.active(), kept.edrx_cycle());
            }
        }
    }
}
