//! Processes the tests start, and a host that talks to one of them.

mod authority;
mod clients;
mod host;
mod mosquitto;
mod process;

pub use authority::{Authority, Identity};
pub use clients::{Subscriber, publish};
pub use host::Host;
pub use mosquitto::Mosquitto;
pub use process::{Attwin, PATIENCE, Process};
