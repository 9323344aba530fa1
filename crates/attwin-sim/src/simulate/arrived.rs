//! A message that reached the module.

/// A message that reached the module.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) topic: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    /// Packet identifier, 0 for QoS 0.
    pub(crate) id: u16,
    pub(crate) qos: u8,
    pub(crate) retain: bool,
    pub(crate) dup: bool,
    /// The host is still to see it.
    pub(super) owed: bool,
    /// The module acknowledged it: the host has seen it, or will.
    pub(super) answered: bool,
    /// It was acknowledged for the last time; an acknowledgement more is of
    /// something the module has forgotten.
    pub(super) complete: bool,
    /// The host has seen it; its acknowledgement may follow.
    pub(super) shown: bool,
    /// The module may have had no room for it.
    pub(super) dropped: bool,
    /// The server sent it again before the module answered for it. It may
    /// still be shown until it is quiet, if that shows which of the two it is.
    pub(super) replaced: bool,
    /// The module keeps it until the host asks for it.
    pub(super) stored: bool,
}
