//! `attwin-core`: the software twin of a cellular module's MQTT interface, as a
//! state machine without I/O.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod clock;
pub mod cloud;
mod cme;
mod command;
mod config;
mod coverage;
mod dialects;
mod explain;
mod handler;
mod identity;
mod io;
mod ledger;
mod links;
mod modem;
mod modules;
pub mod mqtt;
mod quirks;
mod radio;
mod reason;
mod rng;
mod serial;
mod settings;
mod storage;
mod time;
mod tls;
mod tls_context;

pub use command::{Answer, Field, Form, Kind, MaxTime, Meaning, Origin, Param, Params, Spec, Test};
pub use config::Config;
pub use coverage::{Registration, Signal};
pub use explain::{Explained, Explanation};
pub use handler::CommandSet;
pub use identity::Identity;
pub use io::*;
pub use ledger::{Gap, Urc};
pub use modem::Modem;
pub use modules::{Module, find_module, modules};
pub use quirks::{QuirkError, QuirkInfo};
pub use reason::Reason;
pub use time::{Duration, Instant, Timing};
pub use tls::*;
