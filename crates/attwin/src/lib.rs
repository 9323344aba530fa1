//! The shell around the modem: everything that touches the operating system.
//!
//! `attwin-core` is a state machine without sockets or clocks; this crate gives
//! it both. [`net`] carries out its network commands, [`embedded`] is a broker
//! to talk to when there is no other.

pub mod embedded;
pub mod net;
