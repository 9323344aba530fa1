//! What a module calls itself, its SIM and its network.

use alloc::string::String;
use core::net::Ipv4Addr;

/// Identity values; `None` keeps the module's sample value. Made by
/// [`Identity::default`], and then its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// International Mobile Equipment Identity, 15 digits.
    pub imei: Option<String>,
    /// International Mobile Subscriber Identity, up to 15 digits.
    pub imsi: Option<String>,
    /// Integrated Circuit Card Identifier, 19 or 20 digits.
    pub iccid: Option<String>,
    /// Model, AT+CGMM.
    pub model: Option<String>,
    /// Firmware revision, AT+CGMR.
    pub firmware: Option<String>,
    /// Mobile country and network code of the operator, 5 or 6 digits; such
    /// an operator has no other name.
    pub operator: Option<String>,
    /// Address of context 1; the others follow it.
    pub address: Option<Ipv4Addr>,
}
