//! The MQTT client side: control packets, the client session, and the client
//! that holds a session and the link it runs on.
//!
//! Independent of AT commands: a dialect drives a client and turns its events
//! into the module's own lines.

pub(crate) mod client;
mod control;
pub mod packet;
pub(crate) mod session;
