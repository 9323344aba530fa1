//! A cellular module, its broker and everything that can go wrong between
//! them, in virtual time: the world around the modem of [`attwin_core`],
//! stepped by a clock that is only a number.
//!
//! [`Bench`] is where a firmware test starts: a module, a broker, faults and a
//! clock behind a few calls.
//!
//! ```
//! use std::time::Duration;
//!
//! use attwin_core::find_module;
//! use attwin_sim::Bench;
//!
//! let mut bench = Bench::new(find_module("quectel-ec25").ok_or("unknown")?);
//! bench.advance(Duration::from_secs(10));
//! bench.read(); // What it says when it starts.
//! bench.write(b"AT+CSQ\r");
//! bench.until("+CSQ: 28,99", Duration::from_secs(1))?;
//! bench.inject("signal 3")?;
//! bench.write(b"AT+CSQ\r");
//! bench.until("+CSQ: 3,99", Duration::from_secs(1))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Below it:
//!
//! - [`World`] is a host interface, a modem or another [`Device`], a network,
//!   and a broker, with everything that happens to them to be looked at;
//! - [`broker`] is the MQTT broker, a state machine without sockets; the
//!   program serves the same one over TCP as its embedded broker;
//! - [`fault`] is what goes wrong: a wrapper around the modem, for virtual and
//!   real time alike;
//! - [`scenario`] plays transcripts of sessions, and [`simulate`] random hosts
//!   under random faults, and checks invariants.

mod bench;
pub mod broker;
mod device;
pub mod fault;
mod host;
#[doc(hidden)]
pub mod hostile;
pub mod link;
pub mod scenario;
pub mod simulate;
mod world;

pub use bench::{Bench, Event, MAX_LOG_BYTES, MAX_UNREAD, NotSaid, Refusal, What};
pub use device::Device;
pub use host::Said;
pub use world::{Sent, World};
