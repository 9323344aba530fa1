//! Error numbers of 3GPP 27.007 section 9.2 that shared commands report.

pub(crate) const NOT_ALLOWED: u16 = 3;
pub(crate) const NOT_SUPPORTED: u16 = 4;
pub(crate) const SIM_NOT_INSERTED: u16 = 10;
pub(crate) const SIM_PIN_REQUIRED: u16 = 11;
pub(crate) const SIM_PUK_REQUIRED: u16 = 12;
pub(crate) const SIM_FAILURE: u16 = 13;
pub(crate) const SIM_BUSY: u16 = 14;
pub(crate) const INCORRECT_PASSWORD: u16 = 16;
pub(crate) const NO_NETWORK_SERVICE: u16 = 30;
pub(crate) const INCORRECT_PARAMETERS: u16 = 50;
