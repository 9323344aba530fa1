//! How a modem is made.

use alloc::string::String;

use crate::identity::Identity;
use crate::io::Stored;
use crate::modules::Module;
use crate::time::Timing;

/// How a modem is made: [`Config::new`], and then its fields.
#[derive(Debug, Clone)]
#[non_exhaustive]
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
