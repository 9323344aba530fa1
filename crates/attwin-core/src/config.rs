//! How a modem is made.

use alloc::string::String;
use core::net::Ipv4Addr;

use crate::dialects::Module;
use crate::io::Stored;

/// How a modem is made.
#[derive(Debug, Clone)]
pub struct Config {
    /// Which module to be; see [`modules`](crate::modules).
    pub module: &'static Module,
    /// Seed of everything random.
    pub seed: u64,
    /// Wall clock at [`Instant::ZERO`](crate::Instant::ZERO), in milliseconds since the Unix epoch.
    pub wall_clock_ms: i64,
    /// Whether the artificial delays of the specification are kept.
    pub timing: Timing,
    /// What earlier [`StoreCommand`](crate::StoreCommand)s left behind.
    pub stored: Stored,
    /// Identity values in place of the module's samples.
    pub identity: Identity,
    /// PIN of the SIM; `None` for a SIM that asks for none.
    pub sim_pin: Option<String>,
}

impl Config {
    /// A module with its specification's defaults, at a fixed point in time.
    pub fn new(module: &'static Module) -> Self {
        Self {
            module,
            seed: 0,
            wall_clock_ms: 0,
            timing: Timing::Real,
            stored: Stored::new(),
            identity: Identity::default(),
            sim_pin: None,
        }
    }
}

/// Identity values; `None` keeps the module's sample value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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

/// Whether artificial delays are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Timing {
    /// As the module's specification states them.
    #[default]
    Real,
    /// All zero.
    Fast,
}
