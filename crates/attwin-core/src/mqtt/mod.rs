//! The MQTT client side: control packets and the client session.
//!
//! Independent of AT commands: a dialect drives a session and turns its events
//! into the module's own lines.

pub mod packet;
pub mod session;
