//! The network between a module and the broker of its world: latency, failures
//! of opening, and a filter that sees every packet.

use attwin_core::mqtt::packet::{self, Level, Packet};
use attwin_core::{Duration, NetError};

/// Behaviour of the network, for every connection opened from now on; stalls
/// and filters act on existing ones too.
pub struct Network {
    /// Time a packet takes one way, and each step of opening.
    pub latency: Duration,
    /// How opening ends.
    pub opening: Opening,
    /// Whether the network takes no bytes from the module: they wait, and
    /// [`NetEvent::Sent`](attwin_core::NetEvent::Sent) does not come.
    pub stalled: bool,
    /// Whether bytes vanish in both directions while both ends believe the
    /// connection is up (a forgotten NAT entry).
    pub half_open: bool,
    /// Decides about each packet.
    pub filter: Box<dyn Filter>,
}

/// How opening a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// It succeeds.
    Succeeds,
    /// It fails.
    Fails(NetError),
    /// Nothing ever comes back.
    Hangs,
}

/// Which way a packet goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the module to the broker.
    ToBroker,
    /// From the broker to the module.
    ToModule,
}

/// What happens to a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It arrives.
    Pass,
    /// It is lost.
    Drop,
    /// It arrives this much later, and later packets of its direction after
    /// it.
    Delay(Duration),
    /// It arrives twice.
    Duplicate,
    /// These bytes arrive in its place.
    Replace(Vec<u8>),
}

/// Sees every packet on its way. Any closure of the right shape is one.
pub trait Filter: Send {
    /// Decides about one packet; `bytes` is the whole packet.
    fn judge(&mut self, direction: Direction, bytes: &[u8]) -> Verdict;
}

impl<F: FnMut(Direction, &[u8]) -> Verdict + Send> Filter for F {
    fn judge(&mut self, direction: Direction, bytes: &[u8]) -> Verdict {
        self(direction, bytes)
    }
}

impl Default for Network {
    fn default() -> Self {
        Self {
            latency: Duration::from_millis(1),
            opening: Opening::Succeeds,
            stalled: false,
            half_open: false,
            filter: Box::new(|_: Direction, _: &[u8]| Verdict::Pass),
        }
    }
}

/// Cuts a byte stream into packets. What cannot be a packet passes as it is.
#[derive(Debug, Default)]
pub(crate) struct Cutter {
    buffer: Vec<u8>,
}

impl Cutter {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    pub(crate) fn next(&mut self) -> Option<Vec<u8>> {
        match packet::frame(&self.buffer) {
            Ok(Some(frame)) if frame.len() <= self.buffer.len() => {
                Some(self.buffer.drain(..frame.len()).collect())
            }
            Ok(_) => None,
            Err(_) => Some(core::mem::take(&mut self.buffer)),
        }
    }
}

/// Reads a packet a filter was shown, for filters and tests that care about
/// its meaning. DUP on PUBREL, SUBSCRIBE and UNSUBSCRIBE is accepted.
pub fn read(bytes: &[u8]) -> Option<Packet> {
    packet::decode(Level::V31, bytes).ok()
}
