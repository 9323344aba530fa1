//! Seeded simulation: a random host, random faults and random timing against
//! a module, with invariants checked after every step (DESIGN.md 1.6).
//!
//! [`run`] plays one seed. The same seed plays the same run, byte for byte;
//! what it found is a [`Failure`], which carries the seed.
//!
//! In reading order: `engine` takes the steps; `host` and `weather` decide what
//! happens in them, `generate` makes commands of the module's own command
//! table. `probe` watches the module's boundary; `conversation` checks the
//! serial line, `wire` the packets. A command set is one implementation of
//! `model::Dialect`: words that make sessions likely, shapes of lines, and a
//! model of the module made of nothing but what it told its host.

mod arrived;
mod call;
mod conversation;
mod environment;
mod event;
mod failure;
mod family;
mod generate;
mod grammar;
mod host;
mod model;
mod payload;
mod probe;
mod profile;
mod random;
mod run;
mod shape;
mod wire;

use attwin_core::{Modem, Module};

pub use self::failure::{Failure, Invariant, Report};
use crate::device::Device;

/// How long a run is, and what it keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Steps: what the host or its surroundings do, and what follows.
    pub steps: u32,
    /// Keep a trace of the whole run.
    pub trace: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            steps: 400,
            trace: false,
        }
    }
}

/// Plays a seed against a module.
pub fn run(module: &'static Module, seed: u64, options: Options) -> Result<Report, Failure> {
    run_with(module, seed, options, |modem| modem)
}

/// Plays a seed against a module inside something else. `wrap` is called for
/// each module that is powered on in the course of the run: after a power cut
/// a new one takes over what the old one stored.
pub fn run_with<D: Device>(
    module: &'static Module,
    seed: u64,
    options: Options,
    wrap: impl FnMut(Modem) -> D,
) -> Result<Report, Failure> {
    run::run(module, seed, options, wrap)
}
