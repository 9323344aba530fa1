//! A family of modules: one command set, and the profiles that speak it.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::amend::Amendments;
use super::boot::{self, BootLine};
use super::dialect::Dialect;
use super::quirks::Quirks;
use super::row::{Row, Tables};
use crate::command::Spec;
use crate::ledger::{Ledger, Urc};
use crate::radio::Defaults;

/// Which AT command set a module speaks.
///
/// It is matched exhaustively wherever a command set needs something of its
/// own, so that the compiler names every place that a new one has to visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommandSet {
    /// `AT+QMT*`.
    Quectel,
    /// `AT+CMQTT*`.
    SimCom,
    /// `AT+IMQTT*`.
    Yuge,
    /// `AT+MQTT*` as the OneMO ML302 speaks it, synchronously.
    OneMoMl302,
    /// `AT+MQTT*` as the OneMO MN316 speaks it, asynchronously.
    OneMoMn316,
}

/// What all modules of one command set have in common: one static value in
/// the folder of the dialect.
pub(crate) struct Family {
    pub(crate) command_set: CommandSet,
    pub(crate) vendor: &'static str,
    /// The MQTT commands, as people write them: `AT+QMT*`.
    pub(crate) commands: &'static str,
    /// Normative specification.
    pub(crate) spec: &'static str,
    /// What it says when it wants data.
    pub(crate) prompt: &'static [u8],
    /// A command line that restarts it, without CR.
    pub(crate) restart: &'static str,
    pub(crate) ledger: &'static Ledger,
    pub(crate) members: &'static [Member],
}

/// One module of a family.
#[derive(Clone, Copy)]
pub(crate) struct Member {
    /// Identifier on the command line, `quectel-ec25`.
    pub(crate) id: &'static str,
    /// The products it stands for.
    pub(crate) products: &'static str,
    pub(crate) profile: &'static dyn AnyProfile,
}

/// What the members of a family differ in, as data.
pub(crate) struct Profile<D: Speak + 'static> {
    /// What it is and where it seems to be.
    pub(crate) defaults: Defaults,
    /// What the shared layers do its way.
    pub(crate) quirks: Quirks,
    /// What it says when it starts, in order.
    pub(crate) boot: &'static [BootLine],
    /// How its commands differ from those of the family's tables.
    pub(crate) amendments: Amendments,
    /// What only the family's handlers read.
    pub(crate) own: D::Own,
}

/// A dialect that profiles can be made of.
pub(crate) trait Speak: Dialect + Sized + 'static {
    /// What profiles of the family differ in beyond what all modules have.
    type Own: Sync;

    /// Every command of the family.
    const TABLES: Tables<Self>;

    fn new(profile: &'static Profile<Self>) -> Self;
}

/// A profile of any family.
pub(crate) trait AnyProfile: Sync {
    fn defaults(&'static self) -> &'static Defaults;
    fn quirks(&self) -> Quirks;
    fn create(&'static self) -> Box<dyn Dialect>;

    fn boot_lines(&self) -> Vec<String>;

    /// Result codes it has beyond those of its family.
    fn urcs(&self) -> &'static [Urc];

    /// Every command the module knows, in table order.
    fn specs(&self) -> Vec<&'static Spec>;
}

impl<D: Speak> AnyProfile for Profile<D> {
    fn defaults(&'static self) -> &'static Defaults {
        &self.defaults
    }

    fn quirks(&self) -> Quirks {
        self.quirks.clone()
    }

    fn create(&'static self) -> Box<dyn Dialect> {
        Box::new(D::new(self))
    }

    fn boot_lines(&self) -> Vec<String> {
        boot::usual(self.boot)
    }

    fn urcs(&self) -> &'static [Urc] {
        self.amendments.urcs
    }

    fn specs(&self) -> Vec<&'static Spec> {
        let own = D::TABLES.own.iter().flat_map(|table| table.iter());
        let shared = D::TABLES.shared.iter().flat_map(|table| table.iter());
        own.map(Row::spec)
            .chain(shared.map(Row::spec))
            .filter_map(|spec| self.amendments.of(spec))
            .collect()
    }
}
