//! Seeded simulation: a random host, random disturbances and random timing
//! against a module, with invariants checked after every step.
//!
//! [`run`] plays one seed. The same seed plays the same run, byte for byte;
//! what it found is a [`Failure`], which carries the seed.
//!
//! # What is checked
//!
//! Each [`Invariant`] at the module's boundary, from nothing but what crosses
//! it:
//!
//! - **the serial line**: every command line gets exactly one final result, and
//!   no line begins before the one before it has its own; what the command
//!   table does not allow is refused; nothing appears but the specification's
//!   lines, framed as it says; a URC splits neither a response nor a data
//!   entry; echo is what the host sent;
//! - **results**: every command is answered as the module's state has it, and
//!   every request gets its result, in time and once; a state query agrees
//!   with what was announced;
//! - **messages**: a publish reported as done is at the broker, a QoS 2 one
//!   exactly once; a message the module acknowledged was shown or stored, and
//!   what is shown was received; a PUBLISH that is sent again has the DUP flag,
//!   and no other; no client is silent for longer than its keep-alive time;
//! - **the module**: deadlines pass when they come; output, connections and
//!   memory stay within bounds; nothing panics, whatever the host sends.
//!
//! # In reading order
//!
//! `run` takes the steps; `host` and `environment` decide what happens in
//! them, `generate` makes commands of the module's own command table. `probe`
//! watches the module's boundary; `conversation` checks the serial line,
//! `wire` the packets. What a module may say and has to say is known to
//! `model`, one engine for all, driven by the tables in `family`; how to add
//! one is said there.

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
