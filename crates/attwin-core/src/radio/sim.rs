//! The SIM and its PIN.

use alloc::string::String;

use crate::cme;

/// Wrong PINs a SIM takes before it wants its PUK.
const PIN_ATTEMPTS: u8 = 3;
/// Unblocks every SIM: the configuration names none.
const SAMPLE_PUK: &[u8] = b"12345678";

/// What the module knows of the SIM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SimState {
    /// The module gives it no power.
    Unpowered,
    /// There is none.
    Absent,
    /// The module has not read it yet.
    Busy,
    /// It wants its PIN.
    PinRequired,
    /// It wants its PUK, after too many wrong PINs.
    PukRequired,
    /// It can be used.
    Ready,
}

impl SimState {
    /// Error number of a command that needs the SIM, unless it is ready.
    pub(crate) fn error(self) -> Option<u16> {
        match self {
            Self::Unpowered => Some(cme::SIM_FAILURE),
            Self::Absent => Some(cme::SIM_NOT_INSERTED),
            Self::Busy => Some(cme::SIM_BUSY),
            Self::PinRequired => Some(cme::SIM_PIN_REQUIRED),
            Self::PukRequired => Some(cme::SIM_PUK_REQUIRED),
            Self::Ready => None,
        }
    }

    /// As `+CPIN?` spells it, or its error number.
    pub(crate) fn code(self) -> Result<&'static str, u16> {
        match self {
            Self::Ready => Ok("READY"),
            Self::PinRequired => Ok("SIM PIN"),
            Self::PukRequired => Ok("SIM PUK"),
            Self::Absent => Err(cme::SIM_NOT_INSERTED),
            Self::Busy => Err(cme::SIM_BUSY),
            Self::Unpowered => Err(cme::SIM_FAILURE),
        }
    }
}

/// The SIM slot and the SIM in it. The count of wrong PINs lives in the SIM
/// and outlasts a power cycle.
#[derive(Debug)]
pub(super) struct Sim {
    present: bool,
    pin: Option<String>,
    unlocked: bool,
    attempts: u8,
}

impl Sim {
    pub(super) fn new(pin: Option<String>) -> Self {
        Self {
            present: true,
            pin,
            unlocked: false,
            attempts: PIN_ATTEMPTS,
        }
    }

    /// It gets power, and wants its PIN again.
    pub(super) fn start(&mut self) {
        self.unlocked = false;
    }

    /// `false` if the slot was empty.
    pub(super) fn remove(&mut self) -> bool {
        core::mem::take(&mut self.present)
    }

    /// `false` if the slot was not empty.
    pub(super) fn insert(&mut self) -> bool {
        self.unlocked = false;
        !core::mem::replace(&mut self.present, true)
    }

    /// Wrong PINs it still takes.
    pub(super) fn attempts(&self) -> u8 {
        self.attempts
    }

    pub(super) fn is_present(&self) -> bool {
        self.present
    }

    pub(super) fn state(&self) -> SimState {
        if !self.present {
            SimState::Absent
        } else if self.attempts == 0 {
            SimState::PukRequired
        } else if self.pin.is_some() && !self.unlocked {
            SimState::PinRequired
        } else {
            SimState::Ready
        }
    }

    /// The host enters the PIN, or the PUK with a new PIN (3GPP 27.007
    /// `+CPIN`).
    pub(super) fn enter_pin(&mut self, pin: &[u8], new_pin: Option<&[u8]>) -> Result<(), u16> {
        match (self.state(), new_pin) {
            (SimState::PinRequired, None) => {
                if self.pin.as_ref().is_none_or(|p| p.as_bytes() != pin) {
                    self.attempts -= 1;
                    return Err(cme::INCORRECT_PASSWORD);
                }
            }
            (SimState::PukRequired, Some(new_pin)) => {
                let new_pin = core::str::from_utf8(new_pin).ok();
                let new_pin = new_pin.filter(|_| pin == SAMPLE_PUK);
                self.pin = Some(String::from(new_pin.ok_or(cme::INCORRECT_PASSWORD)?));
            }
            (SimState::PinRequired | SimState::PukRequired, _) => {
                return Err(cme::INCORRECT_PARAMETERS);
            }
            (state, _) => return Err(state.error().unwrap_or(cme::NOT_ALLOWED)),
        }
        self.unlock();
        Ok(())
    }

    /// It takes whatever the host entered for the right PIN.
    pub(super) fn unlock(&mut self) {
        self.attempts = PIN_ATTEMPTS;
        self.unlocked = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_wrong_pins_block_and_the_puk_unblocks() {
        let mut sim = Sim::new(Some("1234".into()));
        for _ in 0..3 {
            assert_eq!(sim.state(), SimState::PinRequired);
            assert_eq!(sim.enter_pin(b"0000", None), Err(cme::INCORRECT_PASSWORD));
            sim.start();
        }
        assert_eq!(sim.state(), SimState::PukRequired);
        assert_eq!(sim.enter_pin(b"1234", None), Err(cme::INCORRECT_PARAMETERS));
        assert_eq!(
            sim.enter_pin(b"00000000", Some(b"4321")),
            Err(cme::INCORRECT_PASSWORD)
        );
        assert_eq!(sim.enter_pin(SAMPLE_PUK, Some(b"4321")), Ok(()));
        sim.start();
        assert_eq!(sim.enter_pin(b"4321", None), Ok(()));
        assert_eq!(sim.state(), SimState::Ready);
        assert_eq!(sim.enter_pin(b"4321", None), Err(cme::NOT_ALLOWED));
    }

    #[test]
    fn a_right_pin_restores_the_attempts() {
        let mut sim = Sim::new(Some("1234".into()));
        for _ in 0..3 {
            for _ in 0..2 {
                assert!(sim.enter_pin(b"1", None).is_err());
            }
            assert_eq!(sim.enter_pin(b"1234", None), Ok(()));
            sim.start();
        }
    }

    #[test]
    fn an_empty_slot() {
        let mut sim = Sim::new(None);
        assert!(sim.remove());
        assert!(!sim.remove());
        assert_eq!(sim.enter_pin(b"1234", None), Err(cme::SIM_NOT_INSERTED));
        assert!(sim.insert());
        assert_eq!(sim.state(), SimState::Ready);
    }
}
