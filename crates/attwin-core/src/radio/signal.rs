//! What the received signal is in decibels, for every command that prints it:
//! AT+CSQ, AT+CESQ and the vendors' own tell one story
//! (docs/spec/quectel.md 10.2).

use super::{Radio, Signal};

/// What stands between RSSI and RSRP of a carrier of 10 MHz: its 600
/// subcarriers, in decibels.
const CARRIER_DB: i16 = 27;
/// Resource blocks of that carrier, in decibels.
const BLOCKS_DB: i16 = 17;

/// The received signal of an LTE cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quality {
    /// Received signal strength, dBm.
    pub(crate) rssi: i16,
    /// Reference signal received power, dBm.
    pub(crate) rsrp: i16,
    /// Reference signal received quality, dB.
    pub(crate) rsrq: i16,
    /// Signal to interference and noise, dB.
    pub(crate) sinr: i16,
}

impl Signal {
    /// The signal in decibels; `None` where it is not known.
    pub(crate) fn quality(self) -> Option<Quality> {
        if self.rssi > 31 {
            return None;
        }
        // 3GPP 27.007 `+CSQ`: 0 is -113 dBm, a step is 2 dB.
        let rssi = -113 + 2 * i16::from(self.rssi);
        let rsrp = rssi - CARRIER_DB;
        let sinr = ((rsrp + 120) / 2).clamp(-10, 30);
        // An empty carrier; noise takes its share of it.
        let rsrq = BLOCKS_DB - CARRIER_DB - ((10 - sinr).max(0) + 1) / 2;
        Some(Quality {
            rssi,
            rsrp,
            rsrq,
            sinr,
        })
    }
}

impl Quality {
    /// `<rsrp>` of `+CESQ`, 0 to 97.
    pub(crate) fn rsrp_index(self) -> i16 {
        (self.rsrp + 141).clamp(0, 97)
    }

    /// `<rsrq>` of `+CESQ`, 0 to 34.
    pub(crate) fn rsrq_index(self) -> i16 {
        (2 * self.rsrq + 40).clamp(0, 34)
    }
}

impl Radio {
    /// The signal in decibels; `None` without a cell to measure.
    pub(crate) fn quality(&self) -> Option<Quality> {
        self.signal().quality()
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn quality(rssi: u8) -> Option<Quality> {
        Signal { rssi, ber: 99 }.quality()
    }

    #[test]
    fn it_follows_the_strength() {
        assert_eq!(
            quality(28),
            Some(Quality {
                rssi: -57,
                rsrp: -84,
                rsrq: -10,
                sinr: 18
            })
        );
        assert_eq!(quality(99), None);
        let all: Vec<Quality> = (0..=31).filter_map(quality).collect();
        assert!(all.windows(2).all(|pair| pair[0].rsrp < pair[1].rsrp
            && pair[0].rsrq <= pair[1].rsrq
            && pair[0].sinr <= pair[1].sinr));
        for one in all {
            assert!((-140..=-44).contains(&one.rsrp), "{one:?}");
            assert!((-20..=-3).contains(&one.rsrq), "{one:?}");
            assert!((-20..=30).contains(&one.sinr), "{one:?}");
        }
    }

    #[test]
    fn indices_of_cesq() {
        let index = |rssi| quality(rssi).map(|q| (q.rsrp_index(), q.rsrq_index()));
        assert_eq!(index(28), Some((57, 20)));
        assert_eq!(index(0), Some((1, 0)));
    }
}
