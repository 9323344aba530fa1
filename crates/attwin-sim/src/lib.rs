//! Virtual time for attwin: the world around the modem of [`attwin_core`],
//! stepped by a clock that is only a number.
//!
//! [`broker`] is the MQTT broker of that world, a state machine without
//! sockets; the program serves the same one over TCP as its embedded broker.
//!
//! [`fault`] is what goes wrong: a wrapper around the modem, for this world and
//! the real one alike.
//!
//! [`World`] puts them together: a host interface, a modem, a network with
//! faults, and the broker. [`simulate`] drives it with random hosts and faults,
//! and checks invariants.

pub mod broker;
mod device;
pub mod fault;
mod host;
pub mod hostile;
pub mod link;
pub mod scenario;
pub mod simulate;
mod world;

pub use device::Device;
pub use world::{Said, World};
