//! The software twin of a cellular module's MQTT AT interface, as a state
//! machine without I/O.
//!
//! Two things matter. A [`Modem`] is a module: bytes of its host, events of its
//! network and deadlines go in as [`Input`]s, and [`Output`]s come out: bytes
//! for the host, commands for the network, values to store. It reads no clock,
//! no socket and no source of randomness, so that the same code runs against
//! real sockets, in virtual time and inside firmware (`no_std` with `alloc`),
//! and the same inputs at the same times give the same outputs.
//!
//! A module that publishes, without a socket:
//!
//! ```
//! use attwin_core::*;
//!
//! let mut config = Config::new(find_module("quectel-ec25").ok_or("unknown")?);
//! config.timing = Timing::Fast; // Without the delays of a real module.
//! let mut modem = Modem::new(config);
//! let now = Instant::ZERO;
//! modem.handle(now, Input::Radio(RadioEvent::PowerOn));
//!
//! let mut packets = Vec::new();
//! for line in [
//!     &b"AT+QMTOPEN=0,\"broker\",1883\r"[..],
//!     b"AT+QMTCONN=0,\"meter-7\"\r",
//!     b"AT+QMTPUBEX=0,0,0,0,\"reading\",\"21\"\r",
//! ] {
//!     modem.handle(now, Input::Serial(line));
//!     while let Some(output) = modem.poll_output() {
//!         let Output::Network { link, command } = output else { continue };
//!         let event = match command {
//!             NetCommand::Open { .. } => NetEvent::Opened,
//!             NetCommand::Send(packet) => {
//!                 packets.push(packet);
//!                 NetEvent::Received(&[0x20, 2, 0, 0]) // CONNACK
//!             }
//!             _ => continue,
//!         };
//!         modem.handle(now, Input::Network { link, event });
//!     }
//! }
//! assert_eq!(packets[1], &b"\x30\x0b\0\x07reading21"[..]); // PUBLISH
//! # Ok::<(), &str>(())
//! ```
//!
//! A driver also reports what it has handed to the network
//! ([`NetEvent::Sent`]), calls [`Modem::handle_timeout`] when
//! [`Modem::poll_timeout`] says so, and keeps what [`Output::Store`] asks it
//! to. Which modules there are, and every command, result code and error of
//! each, is data: [`modules()`]. The crate `attwin-sim` puts a broker, a
//! network and a clock around a modem.
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
