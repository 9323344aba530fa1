//! What the simulation has to know of one command set. The rest is the same
//! for all of them.

use attwin_core::{CommandSet, Instant, Module, Param, Spec};

use super::call::{Arg, Call};
use super::conversation::Line;
use super::grammar::Grammar;
use super::onemo;
use super::payload::Payloads;
use super::profile::Profile;
use super::quectel::{self, Quectel};
use super::random::Rng;
use super::shape::fits;
use super::simcom::{self, SimCom};
use super::wire::Arrived;
use super::yuge::{self, Yuge};

/// One command set: words that make sessions likely, shapes of lines, and a
/// model of the module made of nothing but what it told the host, and of when
/// its connections come and go.
pub(super) trait Dialect {
    /// What is data about it.
    fn profile(&self) -> &'static Profile;

    /// A value for an argument, where any value of its range would lead
    /// nowhere.
    fn argument(&self, rng: &mut Rng, spec: &Spec, param: &Param, before: &[Arg]) -> Option<Arg>;

    /// The next command of somebody who wants messages to flow.
    fn goal(&mut self, rng: &mut Rng, payloads: &mut Payloads) -> Call;

    /// The data a call collects if it is accepted.
    fn entry(&self, call: &Call) -> Option<Entry>;

    /// What the host enters for it, where not just any bytes will do.
    fn entered(&self, _: &Call) -> Option<Vec<u8>> {
        None
    }

    /// Whether a URC is the first word after a restart, which ends whatever was
    /// under way.
    fn is_boot(&self, line: &[u8]) -> bool;

    /// Whether a line of information text belongs to a call: it begins with
    /// the command's name, or has one of the shapes the profile lists.
    fn answers(&self, call: &Call, line: &[u8]) -> bool {
        let name = call.spec.name;
        let profile = self.profile();
        if let Some(rest) = line.strip_prefix(name.as_bytes()) {
            let separated = |by: &&str| rest.starts_with(by.as_bytes());
            if profile.separators.iter().any(separated) {
                return true;
            }
        }
        let is_its = |(of, _): &&(&str, &[&str])| fits(of, name.as_bytes());
        let mut shapes = profile.answers.iter().filter(is_its).flat_map(|(_, s)| *s);
        shapes.any(|shape| fits(shape, line))
    }

    /// Whether a URC may come although this line is being answered: it waits
    /// for the network, or its turn has not come.
    fn lets_urcs_in(&self, _: Instant, _: &Line) -> bool {
        false
    }

    /// The client that connects to this host.
    fn client_of(&self, host: &str) -> Option<u8>;

    /// The module restarted and forgot what it forgets.
    fn restarted(&mut self);

    /// A connection of a client came or went.
    fn link(&mut self, _: Instant, _: u8, _: Link) {}

    /// The module begins with a line: nothing is left to be answered before it.
    fn begins(&mut self, _: Instant, _: &Line) {}

    /// A call was answered `OK`, with the data it took; `Err` says why it
    /// cannot have been.
    fn accepted(&mut self, now: Instant, call: &Call, data: &Entered) -> Result<Told, String>;

    /// A call was answered with an error, this one; `Err` says why it cannot
    /// have been.
    fn refused(&mut self, _: Instant, _: &Call, _: &Refusal<'_>) -> Result<(), String> {
        Ok(())
    }

    /// The module said a URC; `Err` says why it cannot be.
    fn urc(&mut self, now: Instant, line: &[u8]) -> Result<Told, String>;

    /// The module said a line of information text; `Err` says why it cannot
    /// be.
    fn information(&mut self, call: &Call, line: &[u8]) -> Result<Told, String>;

    /// Calls that ask for states the model knows.
    fn queries(&self) -> Vec<Call>;

    /// Compares the answer to one of them, given at a quiet moment, with the
    /// model.
    fn check_answer(&mut self, call: &Call, lines: &[Vec<u8>], ok: bool) -> Result<(), String>;

    /// A result that should have come by now.
    fn overdue(&self, now: Instant) -> Option<String>;

    /// Whether the host itself asked for the DUP flag on this publish.
    fn asked_for_dup(&self, _payload: &[u8]) -> bool {
        false
    }

    /// Whether a line shows this message of this client.
    fn shows(&self, line: &[u8], client: u8, message: &Arrived) -> bool;

    /// How many of a client's messages wait in the module to be read, as far
    /// as the host was told.
    fn waiting(&self, _: u8) -> usize {
        0
    }

    /// Whether the module may acknowledge this message and drop it, with so
    /// many before it that were not shown yet.
    fn may_drop(&self, _: u8, _: &Arrived, _before: usize) -> bool {
        false
    }

    /// How often the module forgot a client's session other than by a restart
    /// and by what MQTT says of it.
    fn sessions(&self, _: u8) -> u32 {
        0
    }

    /// Whether messages that wait are lost with their connection.
    fn loses_waiting(&self, _: u8) -> bool {
        false
    }
}

/// How a call was refused.
#[derive(Debug)]
pub(super) struct Refusal<'a> {
    /// Information text before the final result.
    pub(super) lines: &'a [Vec<u8>],
    /// The final result without its framing.
    pub(super) result: &'a [u8],
}

/// What happens to a connection of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    /// It is being opened.
    Opening,
    /// CONNACK arrived with this return code.
    Answered {
        /// 0 for accepted.
        code: u8,
        /// Session present.
        present: bool,
    },
    /// It is over.
    Gone,
}

/// Data a command collects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    /// So many bytes.
    Exact(usize),
    /// Until 0x1A; 0x1B cancels.
    Terminated,
}

/// What a command was given at its prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entered {
    /// It did not ask.
    Nothing,
    /// These bytes.
    Data(Vec<u8>),
    /// The host thought better of it.
    Cancelled,
}

/// What a line told the host.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Nothing for the engine.
    Nothing,
    /// A publish is done: one of these.
    Published(Vec<Publication>),
    /// A message of this client.
    Message(u8),
}

/// A publish as the host made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Publication {
    pub(super) qos: u8,
    pub(super) payload: Vec<u8>,
}

/// The dialect of a module.
pub(super) fn of(module: &'static Module) -> Box<dyn Dialect> {
    let grammar = |profile| Grammar::new(module, profile);
    match module.command_set() {
        CommandSet::Quectel => Box::new(Quectel::new(grammar(&quectel::PROFILE))),
        CommandSet::SimCom => Box::new(SimCom::new(grammar(&simcom::PROFILE))),
        CommandSet::Yuge => Box::new(Yuge::new(grammar(&yuge::PROFILE))),
        CommandSet::OneMoMl302 => Box::new(onemo::Ml302::new(grammar(&onemo::ML302))),
        CommandSet::OneMoMn316 => Box::new(onemo::Mn316::new(grammar(&onemo::MN316))),
    }
}
