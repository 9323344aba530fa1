//! The tables a family is made of.

use attwin_core::{Duration, Form};

use super::{ANY, Client, Family, Goal, Heard, OK, Outcome, Verdict, Word};
use crate::simulate::call::Call;
use crate::simulate::profile::Profile;
use crate::simulate::shape::fits;

/// What is data about a family.
pub(crate) struct Tables<F: Family> {
    /// How lines are written.
    pub(crate) profile: Profile,
    /// Begins the names of the commands and URCs the model speaks of.
    pub(crate) prefix: &'static str,
    /// How long it hears nothing after a restart.
    pub(crate) deaf: Duration,
    /// How a call may be answered; the first rule that applies decides.
    pub(crate) rules: &'static [Rule<F>],
    /// What explains an answer the rules do not allow.
    pub(crate) explained: Explained,
    /// Shapes of what may be said at any time and tells the model nothing,
    /// separated by bars.
    pub(crate) free: &'static str,
    /// What else may be said unasked; the first that fits decides.
    pub(crate) urcs: &'static [Urc<F>],
    /// What commands store, and how it is told.
    pub(crate) settings: &'static [Setting],
    /// Calls whose answers the model knows, separated by spaces; with a comma
    /// before each argument.
    pub(crate) queries: &'static str,
    /// How a message is shown: `{c}` client, `{i}` identifier, `{d}{q}{r}`
    /// flags, `{t}` topic, `{n}` length, `{p}` payload.
    pub(crate) shown: &'static [&'static str],
    /// Values for arguments, where any of their range would lead nowhere: of
    /// which commands and options (a shape), and which parameter.
    pub(crate) words: &'static [(&'static str, &'static str, Word)],
    /// What a host says next that wants messages to flow.
    pub(crate) goals: &'static [(&'static [F::State], Goal<F>)],
    /// What it says if there is no network.
    pub(crate) repair: &'static [(&'static str, &'static [Word])],
}

/// Values that lead somewhere with every family.
pub(super) const WORDS: [(&str, &str, Word); 9] = [
    ("*", "port", Word::Int(1883)),
    ("*", "cid", Word::Int(1)),
    // A module without its radio is a module without sessions.
    ("*", "fun", Word::Often(700, &Word::Int(1))),
    ("+CPSMS", "requestedperiodictau", UPDATES),
    ("+CPSMS", "tau", UPDATES),
    ("+CPSMS", "requestedactivetime", ACTIVE),
    ("+CPSMS", "active", ACTIVE),
    ("+CEDRXS", "requestedvalue", CYCLES),
    ("+CEDRXS", "requested", CYCLES),
];
/// Timers of 3GPP 24.008: minutes and hours, seconds and a minute, and cycles
/// of 5 to 82 seconds.
const UPDATES: Word = Word::Text(&["10100001", "00000001", "00100001"]);
const ACTIVE: Word = Word::Text(&["00000000", "00000101", "00100001"]);
const CYCLES: Word = Word::Text(&["0000", "0010", "0101"]);

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

/// Values that a command stores, and the line a query prints of them.
pub(crate) struct Setting {
    pub(super) name: &'static str,
    /// What they are at first, with commas between.
    pub(super) initial: Option<&'static str>,
    /// With `{0}` for the first.
    pub(super) line: &'static str,
}

/// A setting with initial values.
pub(crate) const fn set(name: &'static str, initial: &'static str, line: &'static str) -> Setting {
    let initial = Some(initial);
    Setting {
        name,
        initial,
        line,
    }
}

/// A setting that has no line until it is stored.
pub(crate) const fn unset(name: &'static str, line: &'static str) -> Setting {
    let initial = None;
    Setting {
        name,
        initial,
        line,
    }
}

/// A rule: calls of these names in these states (none for any), on this
/// condition, are answered so. Names are shapes, separated by spaces; one that
/// ends with `?` is of the read form, any other of the execute and write
/// forms.
pub(crate) struct Rule<F: Family> {
    names: &'static str,
    states: &'static [F::State],
    when: fn(&Client<F>, &Call) -> bool,
    verdict: Verdict,
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
    fn applies(&self, client: &Client<F>, call: &Call) -> bool {
        let name = call.spec.name.as_bytes();
        let named = |shape: &str| match shape.strip_suffix('?') {
            Some(shape) => call.form == Form::Read && fits(shape, name),
            None => call.form != Form::Read && fits(shape, name),
        };
        (self.states.is_empty() || self.states.contains(&client.state))
            && (self.names == "*" && call.form != Form::Read || self.names.split(' ').any(named))
            && (self.when)(client, call)
    }
}

/// How a call may be answered now. Of commands that are not the model's nobody
/// knows.
pub(super) fn verdict<F: Family>(client: &Client<F>, call: &Call) -> Verdict {
    let tables = F::tables();
    let rule = match call.form {
        _ if !call.spec.name.starts_with(tables.prefix) => None,
        Form::Test => return OK,
        _ => tables.rules.iter().find(|rule| rule.applies(client, call)),
    };
    rule.map_or(ANY, |rule| rule.verdict)
}

/// A URC of this shape, in these states (none for any), and what follows.
pub(crate) struct Urc<F: Family> {
    pub(super) shape: &'static str,
    pub(super) states: &'static [F::State],
    pub(super) then: Then<F>,
}

/// What follows from a URC.
pub(crate) enum Then<F: Family> {
    Nothing,
    /// The client is in this state now.
    Is(F::State),
    /// It shows a message.
    Message,
    /// A change, which may explain an answer that did not fit.
    Do(fn(&mut Client<F>, &Heard<'_>) -> Outcome),
    /// The result of a request, which explains nothing.
    Result(fn(&mut Client<F>, &Heard<'_>) -> Outcome),
}

pub(crate) const fn urc<F: Family>(
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
