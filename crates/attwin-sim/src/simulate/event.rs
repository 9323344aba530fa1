//! What the simulation sees at the module's boundary, in order.

use std::fmt;

use attwin_core::mqtt::packet::Packet;
use attwin_core::{CloseReason, Instant, LinkId, SerialKind};
use bytes::Bytes;

use crate::link;

/// Bytes of one piece a trace shows.
const SHOWN: usize = 200;

/// Something that crossed the module's boundary, or happened around it.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) at: Instant,
    pub(super) what: What,
}

#[derive(Debug, Clone)]
pub(super) enum What {
    /// The host sent bytes.
    Typed(Bytes),
    /// The module said something.
    Said(SerialKind, Bytes),
    /// The module opens a connection to this host.
    Opening(LinkId, String),
    /// The module sent bytes on a connection.
    Sent(LinkId, Bytes),
    /// The module received bytes on a connection.
    Got(LinkId, Bytes),
    /// A connection is over; why, unless the module itself ended it.
    Gone(LinkId, Option<CloseReason>),
    /// The module went on or off.
    Power(bool),
    /// What chance did to the surroundings.
    Environment(String),
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.since_origin();
        write!(f, "{:>8}.{:06} ", at.as_secs(), at.subsec_micros())?;
        match &self.what {
            What::Typed(bytes) => write!(f, "host > {}", Shown(bytes)),
            What::Said(kind, bytes) => write!(f, "     < {kind:?} {}", Shown(bytes)),
            What::Opening(link, host) => write!(f, "     {link} opens to {host}"),
            What::Sent(link, bytes) => write!(f, "     {link} -> {}", Wire(bytes)),
            What::Got(link, bytes) => write!(f, "     {link} <- {}", Wire(bytes)),
            What::Gone(link, None) => write!(f, "     {link} is gone"),
            What::Gone(link, Some(why)) => write!(f, "     {link} is gone: {}", why.name()),
            What::Power(true) => write!(f, "     power on"),
            What::Power(false) => write!(f, "     power off"),
            What::Environment(text) => write!(f, "!    {text}"),
        }
    }
}

/// Bytes as a string literal.
pub(super) struct Shown<'a>(pub(super) &'a [u8]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = &self.0[..self.0.len().min(SHOWN)];
        write!(f, "\"{}\"", shown.escape_ascii())?;
        if shown.len() < self.0.len() {
            write!(f, "… ({} bytes)", self.0.len())?;
        }
        Ok(())
    }
}

/// A packet by its name and bytes.
struct Wire<'a>(&'a [u8]);

impl fmt::Display for Wire<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match link::read(self.0) {
            Some(Packet::Publish(p)) => write!(f, "PUBLISH {} ", if p.dup { "dup" } else { "" })?,
            Some(packet) => write!(f, "{:?} ", packet.get_type())?,
            None => {}
        }
        write!(f, "{}", Shown(self.0))
    }
}
