//! Settings of V.250 and 3GPP 27.007 commands that every module has.

/// What the host set. But for AT+CMEE nothing but the read forms depends on it:
/// a pseudo-terminal or a socket has neither modem lines nor a speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Settings {
    /// AT+CMEE: 0 `ERROR`, 1 numbers, 2 texts.
    pub(crate) cmee: u8,
    /// ATX.
    pub(crate) result_level: u8,
    /// AT&C.
    pub(crate) carrier_detect: u8,
    /// AT&D.
    pub(crate) terminal_ready: u8,
    /// S-registers, in the order of [`REGISTERS`].
    pub(crate) registers: [u8; REGISTERS.len()],
    /// AT+IPR, bits per second.
    pub(crate) rate: u32,
    /// AT+IFC, by the host and by the module.
    pub(crate) flow: [u8; 2],
    /// AT+CTZU.
    pub(crate) zone_update: u8,
    /// AT+CTZR.
    pub(crate) zone_report: u8,
}

/// An S-register (V.250 section 5.3.2).
pub(crate) struct Register {
    /// As in `S0`.
    pub(crate) number: u8,
    pub(crate) factory: u8,
}

const fn register(number: u8, factory: u8) -> Register {
    Register { number, factory }
}

pub(crate) static REGISTERS: [Register; 9] = [
    register(0, 0),
    register(3, 13),
    register(4, 10),
    register(5, 8),
    register(6, 2),
    register(7, 0),
    register(8, 2),
    register(10, 15),
    register(12, 50),
];

impl Settings {
    pub(crate) const FACTORY: Self = Self {
        cmee: 0,
        result_level: 4,
        carrier_detect: 1,
        terminal_ready: 2,
        registers: [0, 13, 10, 8, 2, 0, 2, 15, 50],
        rate: 115_200,
        flow: [0, 0],
        zone_update: 0,
        zone_report: 0,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factory_registers_are_those_of_the_list() {
        assert_eq!(
            REGISTERS.each_ref().map(|register| register.factory),
            Settings::FACTORY.registers
        );
    }
}
