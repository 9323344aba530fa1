//! What a network gives a module, as 3GPP 27.007 numbers it.

/// Registration status, 3GPP 27.007 `<stat>` (section 7.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum Registration {
    /// Not registered, and not looking for an operator.
    NotRegistered = 0,
    /// Registered in the home network.
    Home = 1,
    /// Not registered, but looking for an operator.
    Searching = 2,
    /// The network refuses the module.
    Denied = 3,
    /// Out of coverage.
    Unknown = 4,
    /// Registered in another network than the home network.
    Roaming = 5,
}

impl Registration {
    /// The status with this number; `None` for one that attwin does not know.
    pub const fn from_stat(stat: u8) -> Option<Self> {
        match stat {
            0 => Some(Self::NotRegistered),
            1 => Some(Self::Home),
            2 => Some(Self::Searching),
            3 => Some(Self::Denied),
            4 => Some(Self::Unknown),
            5 => Some(Self::Roaming),
            _ => None,
        }
    }

    /// Its number.
    pub const fn stat(self) -> u8 {
        self as u8
    }
}

/// Signal quality, as 3GPP 27.007 `+CSQ` counts it (section 8.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signal {
    pub(crate) rssi: u8,
    pub(crate) ber: u8,
}

impl Signal {
    /// No signal that could be measured.
    pub const UNKNOWN: Self = Self { rssi: 99, ber: 99 };

    /// Received signal strength, 0 to 31 or 99 for unknown, and bit error
    /// rate, 0 to 7 or 99 for unknown; `None` for other numbers.
    pub const fn new(rssi: u8, ber: u8) -> Option<Self> {
        if matches!(rssi, 0..=31 | 99) && matches!(ber, 0..=7 | 99) {
            Some(Self { rssi, ber })
        } else {
            None
        }
    }

    /// Received signal strength, 0 to 31; 99 if it is unknown.
    pub const fn rssi(self) -> u8 {
        self.rssi
    }

    /// Bit error rate, 0 to 7; 99 if it is unknown.
    pub const fn ber(self) -> u8 {
        self.ber
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_27_007_does_not_have_are_refused() {
        for stat in 0..=u8::MAX {
            let known = Registration::from_stat(stat).map(Registration::stat);
            assert_eq!(known, (stat <= 5).then_some(stat));
        }
        assert_eq!(Signal::new(99, 99), Some(Signal::UNKNOWN));
        for (rssi, ber) in [(32, 0), (98, 0), (100, 0), (0, 8), (0, 98), (255, 255)] {
            assert_eq!(Signal::new(rssi, ber), None, "{rssi},{ber}");
        }
    }
}
