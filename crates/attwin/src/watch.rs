//! Observing a twin: what passes through it, as it happens.

use attwin_core::{HostEvent, LinkId, NetCommand, NetEvent, SerialKind, StoreCommand, Trace};

/// An observer, such as a trace or a demonstration.
pub trait Observer: Send {
    /// Something passed through the twin. Called in the order of events, in
    /// the twin's task: it must be quick.
    fn observe(&mut self, seen: &Seen<'_>);
}

/// Something that passed through a twin.
#[derive(Debug)]
pub enum Seen<'a> {
    /// A host came or went, or stopped or began to read.
    Host(HostEvent),
    /// Bytes from the host.
    FromHost(&'a [u8]),
    /// Bytes for the host.
    ToHost {
        /// What they are.
        kind: SerialKind,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// A command for the network.
    Command {
        /// The link concerned.
        link: LinkId,
        /// The command.
        command: &'a NetCommand,
    },
    /// An event of the network.
    Event {
        /// The link concerned.
        link: LinkId,
        /// The event.
        event: &'a NetEvent<'a>,
    },
    /// Something to be kept across power cycles.
    Stored(&'a StoreCommand),
    /// A change inside the module.
    State(&'a Trace),
}
