//! The model engine: what the host knows of a module, made of nothing but what
//! the module told it and of when its connections came and went.
//!
//! There is one [`Engine`] for all families of modules. A [`Family`] is
//! [`Tables`]:
//!
//! - `rules`: how a call may be answered, by its name and the client's state;
//!   the first that applies decides, as in the order of checks of a
//!   specification. An answer no rule allows is wrong at once, or has to be
//!   explained by a line that was on its way ([`Explained`]);
//! - `free` and `urcs`: every line the module may say unasked, in which states,
//!   and what follows: a new state, a message, or the result of a [`Request`];
//! - `settings` and `queries`: what commands store, and the line that tells;
//! - `goals`, `words` and `repair`: what a host says that wants messages to
//!   flow;
//!
//! and a few methods for what no table says: above all what follows from an
//! `OK`, which is where families are least alike.
//!
//! A [`Client`] has a state, a time by when something follows on it, requests
//! with the times their results are due, subscriptions and settings. What only
//! one family has is in its `own`.
//!
//! # How to add a family
//!
//! A module of a known command set needs nothing: it is told apart by
//! [`attwin_core::Module::command_set`], and its commands come from its own
//! table. A new command set is a folder in `family/` with
//!
//! 1. its states, and `TABLES` for each of the above, with the sections of the
//!    specification;
//! 2. an `impl Family` for what they do not say, with the reason;
//! 3. its row in `family::of`, which the compiler asks for.
//!
//! Then `attwin simulate MODULE --seeds 10000` has to hold, and defects planted
//! in `tests/simulation_defects.rs` have to be found.

mod answer;
mod client;
mod engine;
mod goal;
mod request;
mod table;
mod verdict;

use attwin_core::{Duration, Instant, Param, Spec};

pub(crate) use self::answer::{
    Answer, Entered, Entry, GRACE, Heard, Link, Outcome, Progress, Publication, Reported, if_so,
};
pub(crate) use self::client::Client;
pub(crate) use self::engine::Engine;
pub(crate) use self::goal::{Goal, Speaker, Word, draw_all};
pub(crate) use self::request::Request;
pub(crate) use self::table::{Explained, Setting, Tables, Then, rule, set, unset, urc, when};
pub(crate) use self::verdict::{ANY, ERROR, OK, Verdict, code, ok_or};
use super::arrived::Arrived;
use super::call::{Arg, Call};
use super::payload::Payloads;
use super::profile::Profile;
use super::random::Rng;

/// A family of modules with one command set: its tables, and in the methods
/// what no table says. The type is what only this family has of a client.
pub(crate) trait Family: Default + 'static {
    /// What a client can be doing.
    type State: Copy + Default + PartialEq + std::fmt::Debug + 'static;

    /// Clients a module has. With more than one, their commands and URCs begin
    /// with the client's number.
    const CLIENTS: u8 = 1;

    fn tables() -> &'static Tables<Self>;

    /// Which client connects to this host, given how client 0 is.
    fn client_of(host: &str, client: &Client<Self>) -> Option<u8>;

    /// A client to speak of.
    fn any_client(_: &mut Rng) -> u8 {
        0
    }

    /// The data a call collects if it is accepted.
    fn entry(_: &Client<Self>, _: &Call) -> Option<Entry> {
        None
    }

    /// What the host enters, where not just any bytes will do.
    fn entered(_: &Call) -> Option<Vec<u8>> {
        None
    }

    /// What a restart leaves.
    fn restarted(&self) -> Self {
        Self::default()
    }

    /// The flash was erased: what a restart left is gone.
    fn erased(&mut self) {}

    /// A connection came or went.
    fn link(_: &mut Client<Self>, _: Instant, _: Link) {}

    /// What follows from a command that was answered `OK`. `Err` says why it
    /// cannot have been, here and in all that follow.
    fn follows(client: &mut Client<Self>, answer: &Answer<'_>) -> Outcome;

    /// The number in a refusal, if it has one.
    fn code(_: &Answer<'_>) -> Result<Option<u32>, String> {
        Ok(None)
    }

    /// Whether refusals have no numbers now.
    fn hides_codes(_: &Client<Self>) -> bool {
        false
    }

    /// What follows from a refusal with this number.
    fn refused(_: &mut Client<Self>, _: &Answer<'_>, _: Verdict, _: Option<u32>) -> Outcome {
        Ok(Reported::Nothing)
    }

    /// A line of information text before the result.
    fn information(_: &mut Client<Self>, _: &Call, _: &[u8]) -> Outcome {
        Ok(Reported::Nothing)
    }

    /// The answers a query may get if it gets one; none if the specification
    /// leaves it open.
    fn answers(client: &Client<Self>, call: &Call) -> Vec<Vec<Vec<u8>>>;

    /// Whether a URC may come before what has to come first.
    fn interrupts(_: &Client<Self>, _line: &[u8]) -> Result<(), String> {
        Ok(())
    }

    /// Something the client still owes besides results of requests.
    fn overdue(_: &Client<Self>, _: Instant) -> Option<String> {
        None
    }

    /// Whether a URC may come although this call was made and is not
    /// answered.
    fn lets_urcs_in(_: &Client<Self>, _: Instant, _: &Call, _: Progress) -> bool {
        false
    }

    /// How many messages wait in the module to be read, as far as the host was
    /// told.
    fn waiting(_: &Client<Self>) -> usize {
        0
    }

    /// Whether messages that wait are lost with their connection.
    fn loses_waiting(_: &Client<Self>) -> bool {
        false
    }

    /// Whether messages are stored when they arrive and shown when the host
    /// asks, so that one that is sent again is shown again.
    fn stores(_: &Client<Self>) -> bool {
        false
    }

    /// Whether a message may be acknowledged and dropped, with so many before
    /// it that were not shown yet.
    fn may_drop(_: &Client<Self>, _: &Arrived, _before: usize) -> bool {
        false
    }

    /// Whether a line shows a message, where it is more than a template.
    fn shows(_: &[u8], _topic: &[u8], _payload: &[u8]) -> bool {
        false
    }
}

/// What the checkers ask of a module's model.
pub(crate) trait Model {
    /// How its lines are written.
    fn profile(&self) -> &'static Profile;

    /// A value for an argument, where any value of its range would lead
    /// nowhere.
    fn argument(&self, rng: &mut Rng, spec: &Spec, param: &Param, before: &[Arg]) -> Option<Arg>;

    /// The next command of somebody who wants messages to flow.
    fn goal(&mut self, rng: &mut Rng, payloads: &mut Payloads) -> Call;

    /// The data a call collects if it is accepted.
    fn entry(&self, call: &Call) -> Option<Entry>;

    /// What the host enters for it, where not just any bytes will do.
    fn entered(&self, call: &Call) -> Option<Vec<u8>>;

    /// How long it hears nothing after a restart.
    fn deaf(&self) -> Duration;

    /// Whether a URC may come although this line is being answered: it waits
    /// for the network, or its turn has not come.
    fn lets_urcs_in(&self, now: Instant, calls: &[Call], progress: Progress) -> bool;

    /// The client that connects to this host.
    fn client_of(&self, host: &str) -> Option<u8>;

    /// The module restarted and forgot what it forgets.
    fn restarted(&mut self);

    /// The flash was erased.
    fn erased(&mut self);

    /// A connection of a client came or went.
    fn link(&mut self, now: Instant, client: u8, link: Link);

    /// The module begins with a line: nothing is left to be answered before
    /// it.
    fn begins(&mut self, now: Instant, calls: &[Call]);

    /// A call was answered `OK`; `Err` says why it cannot have been, here and
    /// below.
    fn accepted(&mut self, answer: &Answer<'_>) -> Outcome;

    /// A call was answered with an error.
    fn refused(&mut self, answer: &Answer<'_>) -> Result<(), String>;

    /// The module said a URC; `None` if it has no such line.
    fn urc(&mut self, now: Instant, line: &[u8]) -> Result<Option<Reported>, String>;

    /// The module said a line of information text.
    fn information(&mut self, call: &Call, line: &[u8]) -> Outcome;

    /// Calls that ask for states the model knows.
    fn queries(&self) -> Vec<&'static str>;

    /// One of them.
    fn query(&self, query: &str) -> Call;

    /// Compares the answer to one of them, given at a quiet moment, with the
    /// model.
    fn check_answer(&self, call: &Call, lines: &[Vec<u8>]) -> Result<(), String>;

    /// Something that should have come by now.
    fn overdue(&self, now: Instant) -> Option<String>;

    /// Whether the host itself asked for the DUP flag on this publish.
    fn asked_for_dup(&self, payload: &[u8]) -> bool;

    /// Whether a line shows this message of this client.
    fn shows(&self, line: &[u8], client: u8, message: &Arrived) -> bool;

    /// How many of a client's messages wait in the module to be read, as far
    /// as the host was told.
    fn waiting(&self, client: u8) -> usize;

    /// Whether the module may acknowledge this message and drop it, with so
    /// many before it that were not shown yet.
    fn may_drop(&self, client: u8, message: &Arrived, before: usize) -> bool;

    /// Whether the module shows what is sent again as often as it comes.
    fn stores(&self, client: u8) -> bool;

    /// How often the module forgot a client's session other than by a restart
    /// and by what MQTT says of it.
    fn sessions(&self, client: u8) -> u32;

    /// Whether messages that wait are lost with their connection.
    fn loses_waiting(&self, client: u8) -> bool;
}
