//! Processes the tests start, and a host that talks to one of them.

mod authority;
mod clients;
mod host;
mod mosquitto;
mod process;

pub(crate) use authority::Authority;
pub(crate) use clients::{Subscriber, publish};
pub(crate) use host::Host;
pub(crate) use mosquitto::Mosquitto;
pub(crate) use process::{Attwin, Process, TIMEOUT};
