//! The tables a family is made of.

use attwin_core::{Duration, Form, Instant};

use super::client::Client;
use super::goal::{Goal, Word};
use super::verdict::Verdict;
use crate::simulate::call::Call;
use crate::simulate::profile::Profile;
use crate::simulate::random::Rng;
use crate::simulate::shape::{fits, integer};
use crate::simulate::wire::Arrived;

/// A family of modules with one command set: its tables, and in the methods
/// what no table says.
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
    fn entry(client: &Client<Self>, call: &Call) -> Option<Entry>;

    /// What the host enters, where not just any bytes will do.
    fn entered(_: &Call) -> Option<Vec<u8>> {
        None
    }

    /// What a restart leaves of it.
    fn restarted(&self) -> Self {
        Self::default()
    }

    /// The flash was erased: what a restart left of it is gone.
    fn erased(&mut self) {}

    /// A connection came or went.
    fn link(_: &mut Client<Self>, _: Instant, _: Link) {}

    /// What follows from a command that was answered `OK`. `Err` says why it
    /// cannot have been, here and in all that follow.
    fn follows(client: &mut Client<Self>, answer: &Answer<'_>) -> Result<Reported, String>;

    /// The number in a refusal, if it has one.
    fn code(_: &Answer<'_>) -> Result<Option<u32>, String> {
        Ok(None)
    }

    /// Whether refusals have no numbers now.
    fn hides_codes(_: &Client<Self>) -> bool {
        false
    }

    /// What follows from a refusal with this number.
    fn refused(
        _: &mut Client<Self>,
        _: &Answer<'_>,
        _: Verdict,
        _: Option<u32>,
    ) -> Result<(), String> {
        Ok(())
    }

    /// A line of information text before the result.
    fn information(_: &mut Client<Self>, _: &Call, _: &[u8]) -> Result<Reported, String> {
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

/// What is data about a family.
pub(crate) struct Tables<F: Family> {
    /// How lines are written.
    pub(crate) profile: Profile,
    /// Begins the names of the commands and URCs the model speaks of.
    pub(crate) prefix: &'static str,
    /// How a call may be answered; the first that applies decides.
    pub(crate) rules: &'static [Rule<F>],
    /// Whether an answer the rules do not allow has to be explained by a URC
    /// that was on its way, or is wrong at once.
    pub(crate) explained: Explained,
    /// What may be said unasked; the first that fits decides.
    pub(crate) urcs: &'static [Urc<F>],
    /// Commands with stored values, what those are at first, and the line a
    /// query prints, with `{0}` for the first.
    pub(crate) settings: &'static [Setting],
    /// Calls whose answers the model knows.
    pub(crate) queries: &'static [(&'static str, &'static [u32])],
    /// How a message is shown: `{c}` client, `{i}` identifier, `{d}{q}{r}`
    /// flags, `{t}` topic, `{n}` length, `{p}` payload.
    pub(crate) shown: &'static [&'static str],
    /// Values for arguments, where any of their range would lead nowhere: of
    /// which commands and options (a shape), and which parameter.
    pub(crate) words: &'static [(&'static str, &'static str, Word)],
    /// What a host does next that wants messages to flow.
    pub(crate) goals: &'static [(&'static [F::State], Goal<F>)],
    /// What it does if there is no network.
    pub(crate) repair: &'static [(&'static str, &'static [Word])],
    /// The first word after a restart, if there is one.
    pub(crate) boot: Option<&'static str>,
}

/// What explains an answer the rules do not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Explained {
    /// Nothing: the host is told of everything in time.
    Never,
    /// A change the host is told of later.
    ByUrc,
    /// A connection that comes or goes at the same moment. The rules are
    /// asked when the module begins with a command.
    ByLink,
}

/// A stored value.
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    pub(crate) initial: &'static [&'static str],
    pub(crate) line: &'static str,
}

/// A rule: calls of these names in these states (none for any), on this
/// condition, are answered so. Names are shapes, separated by spaces; one that
/// ends with `?` is of the read form, any other of the execute and write
/// forms.
pub(crate) struct Rule<F: Family> {
    names: &'static str,
    states: &'static [F::State],
    when: fn(&Client<F>, &Call) -> bool,
    pub(super) verdict: Verdict,
}

/// A rule without a condition.
pub(crate) const fn rule<F: Family>(
    names: &'static str,
    states: &'static [F::State],
    verdict: Verdict,
) -> Rule<F> {
    when(names, states, |_, _| true, verdict)
}

/// A rule with a condition.
pub(crate) const fn when<F: Family>(
    names: &'static str,
    states: &'static [F::State],
    when: fn(&Client<F>, &Call) -> bool,
    verdict: Verdict,
) -> Rule<F> {
    Rule {
        names,
        states,
        when,
        verdict,
    }
}

impl<F: Family> Rule<F> {
    pub(super) fn applies(&self, client: &Client<F>, call: &Call) -> bool {
        let reads = call.form == Form::Read;
        let named = |shape: &str| match shape.strip_suffix('?') {
            Some(shape) => reads && fits(shape, call.spec.name.as_bytes()),
            None => !reads && fits(shape, call.spec.name.as_bytes()),
        };
        (self.states.is_empty() || self.states.contains(&client.state))
            && self.names.split(' ').any(named)
            && (self.when)(client, call)
    }
}

/// A URC of this shape, in these states (none for any).
pub(crate) struct Urc<F: Family> {
    pub(super) shape: &'static str,
    pub(super) states: &'static [F::State],
    pub(super) then: Then<F>,
}

/// What follows from a URC.
pub(crate) enum Then<F: Family> {
    /// Nothing the model knows of.
    Nothing,
    /// The client is in this state now.
    Is(F::State),
    /// It shows a message.
    Message,
    /// A change, which may explain an answer that did not fit.
    Do(fn(&mut Client<F>, &Heard<'_>) -> Result<Reported, String>),
    /// The result of a request, which explains nothing.
    Result(fn(&mut Client<F>, &Heard<'_>) -> Result<Reported, String>),
}

/// A URC that may come at any time and tells the model nothing.
pub(crate) const fn free<F: Family>(shape: &'static str) -> Urc<F> {
    said(shape, &[], Then::Nothing)
}

/// A URC that may come in these states.
pub(crate) const fn said<F: Family>(
    shape: &'static str,
    states: &'static [F::State],
    then: Then<F>,
) -> Urc<F> {
    Urc {
        shape,
        states,
        then,
    }
}

/// A URC with what its shape left open.
pub(crate) struct Heard<'a> {
    pub(crate) now: Instant,
    /// A command ended at this moment, and what had waited for that is said.
    pub(crate) flushed: bool,
    /// It explains an answer that did not fit.
    pub(crate) explains: bool,
    pub(crate) values: &'a [&'a [u8]],
}

impl Heard<'_> {
    /// An integer.
    pub(crate) fn int(&self, at: usize) -> Result<i64, String> {
        let value = self.values.get(at).copied().unwrap_or_default();
        integer(value).ok_or_else(|| format!("{} is no integer", value.escape_ascii()))
    }

    pub(crate) fn id(&self, at: usize) -> Result<u32, String> {
        u32::try_from(self.int(at)?).map_err(|_| "no identifier".into())
    }

    pub(crate) fn text(&self, at: usize) -> &[u8] {
        self.values.get(at).copied().unwrap_or_default()
    }
}

/// A call and its answer.
pub(crate) struct Answer<'a> {
    pub(crate) now: Instant,
    /// When the module began with it.
    pub(crate) began: Instant,
    pub(crate) call: &'a Call,
    /// The data it took.
    pub(crate) data: &'a Entered,
    /// Information text before the final result.
    pub(crate) lines: &'a [Vec<u8>],
    /// The final result without its framing.
    pub(crate) result: &'a [u8],
}

impl Answer<'_> {
    /// What was entered.
    pub(crate) fn entered(&self) -> Result<Vec<u8>, String> {
        match self.data {
            Entered::Data(data) => Ok(data.clone()),
            _ => Err("it asked for no data".into()),
        }
    }

    /// A time after now, and what settles things at that moment.
    pub(crate) fn after(&self, span: Duration) -> Instant {
        self.now + span + GRACE
    }
}

/// Time that settles what was under way when a deadline passed.
pub(crate) const GRACE: Duration = Duration::from_secs(2);

/// What happens to a connection of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    /// It is being opened.
    Opening,
    /// CONNACK arrived with this return code, 0 for accepted.
    Answered { code: u8, present: bool },
    /// It is over.
    Gone,
}

/// How far a line has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress {
    /// Nothing shows that the module has begun with it.
    pub(crate) untouched: bool,
    /// The module does not wait for its data.
    pub(crate) has_data: bool,
}

/// Data a command collects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// So many bytes.
    Exact(usize),
    /// Until 0x1A; 0x1B cancels.
    Terminated,
}

impl Entry {
    /// As many bytes as an argument says.
    pub(crate) fn exact(length: u32) -> Self {
        Self::Exact(usize::try_from(length).unwrap_or(usize::MAX))
    }
}

/// What a command was given at its prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entered {
    /// It did not ask.
    Nothing,
    /// These bytes.
    Data(Vec<u8>),
    /// The host thought better of it.
    Cancelled,
}

/// What a line reported to the host.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reported {
    /// Nothing the packets have to agree with.
    Nothing,
    /// A publish is done: one of these.
    Published(Vec<Publication>),
    /// A message of this client.
    Message(u8),
}

/// A publish as the host made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Publication {
    pub(crate) qos: u8,
    pub(crate) payload: Vec<u8>,
}
