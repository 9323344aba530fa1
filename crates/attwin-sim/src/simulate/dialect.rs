//! What the simulation has to know of one command set. The rest is the same
//! for all of them.

use attwin_core::{Form, Instant, Module, Param, Spec};

use super::call::{Arg, Call};
use super::payload::Payloads;
use super::quectel::Quectel;
use super::random::Rng;
use super::wire::Arrived;

/// One command set: words that make sessions likely, shapes of lines, and a
/// model of the module made of nothing but what it told the host.
pub(super) trait Dialect {
    /// Commands not to call at random, because they would end the
    /// conversation.
    fn avoids(&self, spec: &Spec) -> bool;

    /// A value for an argument, where any value of its range would lead
    /// nowhere.
    fn argument(&self, rng: &mut Rng, spec: &Spec, param: &Param, before: &[Arg]) -> Option<Arg>;

    /// The next command of somebody who wants messages to flow.
    fn goal(&mut self, rng: &mut Rng, payloads: &mut Payloads) -> Call;

    /// The data a call collects if it is accepted.
    fn entry(&self, call: &Call) -> Option<Entry>;

    /// Shapes of the URCs, as [`fits`](super::shape::fits) reads them.
    fn urcs(&self) -> &'static [&'static str];

    /// Whether a URC is the first word after a restart, which ends whatever was
    /// under way.
    fn is_boot(&self, line: &[u8]) -> bool;

    /// Whether a command's information text does not begin with its name.
    fn is_bare(&self, spec: &Spec) -> bool;

    /// The client that connects to this host.
    fn client_of(&self, host: &str) -> Option<u8>;

    /// The module restarted and forgot what it forgets.
    fn restarted(&mut self);

    /// A call was answered `OK`, with the data it took.
    fn accepted(&mut self, now: Instant, call: &Call, data: &Entered);

    /// The module said a URC; `Err` says why it cannot be.
    fn urc(&mut self, line: &[u8]) -> Result<Told, String>;

    /// The module said a line of information text.
    fn information(&mut self, call: &Call, line: &[u8]) -> Told;

    /// Calls that ask for states the model knows.
    fn queries(&self) -> Vec<Call>;

    /// Compares the answer to one of them, given at a quiet moment, with the
    /// model.
    fn check_answer(&mut self, call: &Call, lines: &[Vec<u8>]) -> Result<(), String>;

    /// A result that should have come by now.
    fn overdue(&self, now: Instant) -> Option<String>;

    /// Whether a line shows this message of this client.
    fn shows(&self, line: &[u8], client: u8, message: &Arrived) -> bool;

    /// If a client's messages wait in the module to be read: how many do, as
    /// far as the host was told.
    fn waiting(&self, client: u8) -> Option<usize>;
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
pub(super) fn of(module: &'static Module) -> Option<Box<dyn Dialect>> {
    match module.commands {
        "AT+QMT*" => Some(Box::new(Quectel::new(module.command_table()))),
        _ => None,
    }
}

/// The row with this name and option.
pub(super) fn row(table: &[&'static Spec], name: &str, option: Option<&str>) -> &'static Spec {
    table
        .iter()
        .find(|spec| spec.name == name && spec.option == option)
        .expect("the goals name commands the table has")
}

/// A call in the write form.
pub(super) fn write(
    table: &[&'static Spec],
    name: &str,
    option: Option<&str>,
    args: Vec<Arg>,
) -> Call {
    Call::new(row(table, name, option), Form::Write, args)
}
