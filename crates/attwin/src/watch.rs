//! Observing a twin: what passes through it, as it happens.

use attwin_core::{
    HostEvent, LinkId, NetCommand, NetEvent, Output, Reason, SerialKind, StoreCommand, Trace,
};
use attwin_sim::fault::{Act, FaultName, Mark};

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
    FromHost {
        /// The bytes.
        bytes: &'a [u8],
        /// What faults did to them.
        marks: &'a [Mark],
    },
    /// Bytes for the host.
    ToHost {
        /// What they are.
        kind: SerialKind,
        /// The bytes.
        bytes: &'a [u8],
        /// Why, where they say that something was refused or failed.
        reason: Option<&'a Reason>,
        /// What faults did to them.
        marks: &'a [Mark],
    },
    /// A command for the network.
    Command {
        /// The link concerned.
        link: LinkId,
        /// The command.
        command: &'a NetCommand,
        /// What faults did to it.
        marks: &'a [Mark],
    },
    /// An event of the network.
    Event {
        /// The link concerned.
        link: LinkId,
        /// The event.
        event: &'a NetEvent<'a>,
        /// What faults did to it.
        marks: &'a [Mark],
    },
    /// What the module said or asked for and nobody outside ever sees.
    Lost {
        /// What.
        output: &'a Output,
        /// What became of it.
        mark: &'a Mark,
    },
    /// What the module sees of the network and nobody outside sent.
    Fed {
        /// The link concerned.
        link: LinkId,
        /// The event.
        event: &'a NetEvent<'a>,
        /// Where it comes from.
        mark: &'a Mark,
    },
    /// A fault acted.
    Fault(&'a Act),
    /// A fault never acted, and will not any more.
    Idle(&'a FaultName),
    /// Something to be kept across power cycles.
    Stored(&'a StoreCommand),
    /// A change inside the module.
    State(&'a Trace),
}
