//! The shell around the modem: everything that touches the operating system,
//! as a library so that the program, its tests and its benchmarks use the same
//! code.
//!
//! `attwin-core` is a state machine without sockets or clocks; this crate gives
//! it both. A [`Twin`](twin::Twin) is one running module: [`port`] is the host's
//! side of it, what a host opens to talk to the module; [`net`] carries out the
//! module's network commands; [`embedded`] is a broker to talk to when there is
//! no other; [`state`] keeps what survives a power cycle; [`watch`] and
//! [`trace`] show what passes through. [`cli`] puts them together.

pub mod cli;
pub mod embedded;
pub mod net;
pub mod port;
pub mod state;
pub mod trace;
pub mod twin;
pub mod watch;

mod broker;
mod check;
mod codes;
mod commands;
mod config;
mod demo;
mod escape;
mod explain;
mod failure;
mod faults;
mod fidelity;
mod host_line;
mod log_format;
mod log_queue;
mod log_watch;
mod logging;
mod lookup;
mod modules;
mod output;
mod quirks;
mod reasons;
mod record;
mod run;
mod runtime;
mod signals;
mod simulate;
mod terminal;
mod usage;
