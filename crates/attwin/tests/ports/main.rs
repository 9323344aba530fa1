//! Every kind of port as a host sees it, through real devices and sockets.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod common;
#[cfg(unix)]
mod pty;
#[cfg(unix)]
mod serial;
mod stdio;
mod tcp;
#[cfg(unix)]
mod unix;
