//! The shell around the modem: everything that touches the operating system.
//!
//! `attwin-core` is a state machine without sockets or clocks; this crate gives
//! it both. [`port`] is the host's side, what a host opens to talk to the
//! module; [`net`] carries out its network commands; [`embedded`] is a broker
//! to talk to when there is no other. A library, so that the program's tests
//! and benchmarks use the same code as its binary.

pub mod embedded;
pub mod net;
pub mod port;
