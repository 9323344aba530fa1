//! `attwin-core`: the software twin of a cellular module's MQTT interface.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod io;
pub mod mqtt;
mod time;
mod tls;

pub use io::*;
pub use time::{Duration, Instant};
pub use tls::*;
