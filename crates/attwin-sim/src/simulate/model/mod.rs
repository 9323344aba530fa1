//! The model engine: what the host knows of a module, made of nothing but what
//! the module told it and of when its connections came and went.
//!
//! There is one engine for all families. A [`Family`] is a set of [`Tables`]:
//!
//! - `rules`: how a call may be answered, by its name and the client's state.
//!   An answer no rule allows is wrong at once, or has to be explained by a
//!   line that was on its way ([`Explained`]);
//! - `urcs`: every line the module may say unasked, in which states, and what
//!   follows from it: a new state, a message, or the answer to a [`Request`];
//! - `settings` and `queries`: what was stored, and the line that tells;
//! - `goals`, `words` and `repair`: what a host says that wants messages to
//!   flow.
//!
//! and of the few methods that say what no table does: what follows from an
//! `OK`, which is where a family is unlike any other.
//!
//! A [`Client`] has a state, a time by when something follows on it, requests
//! with the times their results are due, and subscriptions. What only one
//! family has is in its `own`.
//!
//! # How to add a family
//!
//! A module of a known command set needs nothing: commands come from its own
//! table. For a new command set, write a file in `family/`: its states, its
//! tables, and [`Family`] for what they do not say, each with the section of
//! the specification; then name it in `family::of`, which the compiler asks
//! for. `attwin simulate MODULE --seeds 10000` has to hold, and a defect planted
//! in `tests/simulation_defects.rs` has to be found.

mod client;
mod goal;
mod request;
mod table;
mod verdict;

use attwin_core::{Form, Instant, Param, Spec};

pub(crate) use self::client::Client;
use self::client::Running;
pub(crate) use self::goal::{Goal, Speaker, Word, draw_all};
pub(crate) use self::request::Request;
pub(crate) use self::table::{
    Answer, Entered, Entry, Explained, Family, GRACE, Heard, Link, Progress, Publication, Reported,
    Setting, Tables, Then, free, rule, said, when,
};
pub(crate) use self::verdict::{ANY, ERROR, OK, Verdict, code, ok_or};
use super::call::{Arg, Call};
use super::conversation::Line;
use super::grammar::Grammar;
use super::payload::Payloads;
use super::profile::Profile;
use super::random::Rng;
use super::shape::{fill, fits, integer, values};
use super::wire::Arrived;

/// What the checkers ask of a module's model.
pub(super) trait Model {
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

    /// Whether a URC is the first word after a restart, which ends whatever was
    /// under way.
    fn is_boot(&self, line: &[u8]) -> bool;

    /// Whether a URC may come although this line is being answered: it waits
    /// for the network, or its turn has not come.
    fn lets_urcs_in(&self, now: Instant, line: &Line) -> bool;

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
    fn begins(&mut self, now: Instant, line: &Line);

    /// A call was answered `OK`; `Err` says why it cannot have been, here and
    /// below.
    fn accepted(&mut self, answer: &Answer<'_>) -> Result<Reported, String>;

    /// A call was answered with an error.
    fn refused(&mut self, answer: &Answer<'_>) -> Result<(), String>;

    /// The module said a URC; `None` if it has no such line.
    fn urc(&mut self, now: Instant, line: &[u8]) -> Result<Option<Reported>, String>;

    /// The module said a line of information text.
    fn information(&mut self, call: &Call, line: &[u8]) -> Result<Reported, String>;

    /// Calls that ask for states the model knows.
    fn queries(&self) -> Vec<Call>;

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

    /// How often the module forgot a client's session other than by a restart
    /// and by what MQTT says of it.
    fn sessions(&self, client: u8) -> u32;

    /// Whether messages that wait are lost with their connection.
    fn loses_waiting(&self, client: u8) -> bool;
}

/// The model of a module of one family.
pub(super) struct Engine<F: Family> {
    grammar: Grammar,
    clients: Vec<Client<F>>,
    /// Steps the host still has to take to get a network.
    repair: usize,
    /// When a command ended last.
    flushed: Instant,
}

impl<F: Family> Engine<F> {
    pub(super) fn new(grammar: Grammar) -> Self {
        Self {
            grammar,
            clients: (0..F::CLIENTS).map(Client::new).collect(),
            repair: 0,
            flushed: Instant::ZERO,
        }
    }

    fn is_modelled(call: &Call) -> bool {
        call.spec.name.starts_with(F::tables().prefix)
    }

    /// Whose command it is; a module's own are those of the first client.
    fn client(&self, call: &Call) -> usize {
        let first = call
            .int(0)
            .filter(|_| F::CLIENTS > 1 && Self::is_modelled(call));
        usize::try_from(first.unwrap_or(0)).unwrap_or(usize::MAX)
    }

    fn client_mut(&mut self, call: &Call) -> Option<&mut Client<F>> {
        let index = self.client(call);
        self.clients.get_mut(index)
    }

    fn at(&self, client: u8) -> Option<&Client<F>> {
        self.clients.get(usize::from(client))
    }

    fn heard(&mut self, now: Instant, line: &[u8]) -> Result<Option<Reported>, String> {
        let tables = F::tables();
        let has_index = F::CLIENTS > 1 && line.starts_with(tables.prefix.as_bytes());
        let mut impossible = None;
        for urc in tables.urcs {
            let Some(values) = values(urc.shape, line) else {
                continue;
            };
            let (index, values) = if has_index {
                let index = values.first().copied().and_then(integer).unwrap_or(-1);
                (usize::try_from(index).unwrap_or(usize::MAX), &values[1..])
            } else {
                (0, &values[..])
            };
            let client = self.clients.get_mut(index).ok_or("no such client")?;
            if !urc.states.is_empty() && !urc.states.contains(&client.state) {
                impossible = Some(format!("impossible while {:?}", client.state));
                continue;
            }
            F::interrupts(client, line)?;
            let flushed = self.flushed == now;
            let explains = matches!(urc.then, Then::Is(_) | Then::Do(_))
                && tables.explained == Explained::ByUrc
                && client.unexplained.take().is_some();
            let heard = Heard {
                now,
                flushed,
                explains,
                values,
            };
            let mut reported = Reported::Nothing;
            match urc.then {
                Then::Nothing => {}
                Then::Is(state) => client.moves(state),
                Then::Message => reported = Reported::Message(client.index),
                Then::Do(then) | Then::Result(then) => reported = then(client, &heard)?,
            }
            if std::mem::take(&mut client.lacks_network) {
                self.repair = tables.repair.len();
            }
            return Ok(Some(reported));
        }
        match impossible {
            Some(why) => Err(why),
            None if tables.profile.is_registration(line) => Ok(Some(Reported::Nothing)),
            None => Ok(None),
        }
    }
}

impl<F: Family> Model for Engine<F> {
    fn profile(&self) -> &'static Profile {
        &F::tables().profile
    }

    fn argument(&self, rng: &mut Rng, spec: &Spec, param: &Param, before: &[Arg]) -> Option<Arg> {
        let simple = |c: &char| c.is_ascii_alphanumeric();
        let name: String = param.name.chars().filter(simple).collect();
        let name = name.to_ascii_lowercase();
        let command = match spec.option {
            None => spec.name.into(),
            Some(option) => format!("{}={option}", spec.name),
        };
        let mut words = F::tables().words.iter();
        words.find_map(|(of, parameter, word)| {
            if *parameter != name || !fits(of, command.as_bytes()) {
                return None;
            }
            word.draw(rng, before)
        })
    }

    fn goal(&mut self, rng: &mut Rng, payloads: &mut Payloads) -> Call {
        let tables = F::tables();
        let mut speaker = Speaker {
            rng,
            payloads,
            grammar: &self.grammar,
        };
        if self.repair > 0 {
            let (command, words) = tables.repair[tables.repair.len() - self.repair];
            self.repair -= 1;
            return speaker.say(command, words);
        }
        let client = F::any_client(speaker.rng);
        let client = &self.clients[usize::from(client) % self.clients.len()];
        let goal = tables
            .goals
            .iter()
            .find(|(states, _)| states.contains(&client.state));
        let (_, goal) = goal.expect("there are goals for every state");
        speaker.choose(goal, client)
    }

    fn entry(&self, call: &Call) -> Option<Entry> {
        let client = self.clients.get(self.client(call));
        let client = client.unwrap_or(&self.clients[0]);
        F::entry(client, call).filter(|_| call.form == Form::Write)
    }

    fn entered(&self, call: &Call) -> Option<Vec<u8>> {
        F::entered(call)
    }

    fn is_boot(&self, line: &[u8]) -> bool {
        F::tables().boot.is_some_and(|boot| boot.as_bytes() == line)
    }

    fn lets_urcs_in(&self, now: Instant, line: &Line) -> bool {
        let Some(call) = line.calls.last() else {
            return false;
        };
        let progress = Progress {
            untouched: line.is_untouched(),
            has_data: !line.prompted || line.has_data(self),
        };
        let client = self.clients.get(self.client(call));
        client.is_some_and(|client| F::lets_urcs_in(client, now, call, progress))
    }

    fn client_of(&self, host: &str) -> Option<u8> {
        F::client_of(host, &self.clients[0])
    }

    fn restarted(&mut self) {
        for client in &mut self.clients {
            client.restart();
        }
        self.repair = 0;
    }

    fn erased(&mut self) {
        self.clients
            .iter_mut()
            .for_each(|client| client.own.erased());
    }

    fn link(&mut self, now: Instant, client: u8, link: Link) {
        if let Some(client) = self.clients.get_mut(usize::from(client)) {
            F::link(client, now, link);
            if F::tables().explained == Explained::ByLink {
                client.linked = now;
                client.unexplained.take_if(|(at, _)| *at == now);
            }
        }
    }

    fn begins(&mut self, now: Instant, line: &Line) {
        if let [call] = &line.calls[..]
            && let Some(client) = self.client_mut(call)
        {
            client.running = Some(Running {
                call: call.clone(),
                began: now,
                verdict: client.verdict(call),
            });
        }
    }

    fn accepted(&mut self, answer: &Answer<'_>) -> Result<Reported, String> {
        self.flushed = answer.now;
        let Some(client) = self.client_mut(answer.call) else {
            return Ok(Reported::Nothing);
        };
        let verdict = client.ends(answer.call).1;
        if !verdict.ok && Self::is_modelled(answer.call) {
            client.wrong(answer, "OK", verdict)?;
        }
        if answer.call.only_asks() {
            return Ok(Reported::Nothing);
        }
        F::follows(client, answer)
    }

    fn refused(&mut self, answer: &Answer<'_>) -> Result<(), String> {
        self.flushed = answer.now;
        let Some(client) = self.client_mut(answer.call) else {
            return Ok(());
        };
        let (verdict, judged) = client.ends(answer.call);
        let mut code = None;
        if Self::is_modelled(answer.call) {
            code = F::code(answer)?;
            if !judged.refuses(code, F::hides_codes(client)) {
                let shown = code.map_or("ERROR".into(), |code| format!("error {code}"));
                client.wrong(answer, &shown, judged)?;
            }
        }
        F::refused(client, answer, verdict, code)?;
        if std::mem::take(&mut client.lacks_network) {
            self.repair = F::tables().repair.len();
        }
        Ok(())
    }

    fn urc(&mut self, now: Instant, line: &[u8]) -> Result<Option<Reported>, String> {
        let why = |why| format!("{}: {why}", String::from_utf8_lossy(line));
        self.heard(now, line).map_err(why)
    }

    fn information(&mut self, call: &Call, line: &[u8]) -> Result<Reported, String> {
        match self.client_mut(call) {
            Some(client) => F::information(client, call, line),
            None => Ok(Reported::Nothing),
        }
    }

    fn queries(&self) -> Vec<Call> {
        let queries = F::tables().queries.iter();
        let call = |(command, values): &(&str, &[u32])| {
            let args = values.iter().copied().map(Arg::Int).collect();
            self.grammar.spelled(command, args)
        };
        queries.map(call).collect()
    }

    fn check_answer(&self, call: &Call, lines: &[Vec<u8>]) -> Result<(), String> {
        let mut rest = lines;
        let asks_all = call.form == Form::Read;
        for client in &self.clients {
            if !asks_all && usize::from(client.index) != self.client(call) {
                continue;
            }
            let answers = F::answers(client, call);
            if answers.is_empty() {
                return Ok(());
            }
            let fitting = answers.iter().filter(|answer| rest.starts_with(answer));
            let Some(longest) = fitting.max_by_key(|answer| answer.len()) else {
                return Err(disagrees(call, lines, &answers));
            };
            rest = &rest[longest.len()..];
        }
        if rest.is_empty() {
            return Ok(());
        }
        Err(disagrees(call, lines, &[]))
    }

    fn overdue(&self, now: Instant) -> Option<String> {
        let mut late = self
            .clients
            .iter()
            .filter_map(|c| Some((c, c.overdue(now)?)));
        late.next().map(|(c, why)| match F::CLIENTS {
            1 => why,
            _ => format!("client {}: {why}", c.index),
        })
    }

    fn asked_for_dup(&self, payload: &[u8]) -> bool {
        let requests = self.clients.iter().flat_map(|client| &client.requests.0);
        let mut publications = requests.filter(|r| r.dup).flat_map(|r| &r.publications);
        publications.any(|publication| publication.payload == payload)
    }

    fn shows(&self, line: &[u8], client: u8, message: &Arrived) -> bool {
        let Arrived { topic, payload, .. } = message;
        if line.len() < payload.len() {
            return false;
        }
        let digit = |flag: bool| vec![b'0' + u8::from(flag)];
        let decimal = |n: usize| n.to_string().into_bytes();
        let values = [
            decimal(client.into()),
            decimal(message.id.into()),
            digit(message.dup),
            decimal(message.qos.into()),
            digit(message.retain),
            topic.clone(),
            decimal(payload.len()),
            payload.clone(),
        ];
        let mut templates = F::tables().shown.iter();
        templates.any(|template| fill(template, "cidqrtnp", &values) == line)
            || F::shows(line, topic, payload)
    }

    fn waiting(&self, client: u8) -> usize {
        self.at(client).map_or(0, F::waiting)
    }

    fn may_drop(&self, client: u8, message: &Arrived, before: usize) -> bool {
        self.at(client)
            .is_some_and(|client| F::may_drop(client, message, before))
    }

    fn sessions(&self, client: u8) -> u32 {
        self.at(client).map_or(0, |client| client.sessions)
    }

    fn loses_waiting(&self, client: u8) -> bool {
        self.at(client).is_some_and(F::loses_waiting)
    }
}

fn disagrees(call: &Call, lines: &[Vec<u8>], answers: &[Vec<Vec<u8>>]) -> String {
    let shown = |lines: &[Vec<u8>]| lines.join(&b"\r\n"[..]).escape_ascii().to_string();
    let expected: Vec<_> = answers.iter().map(|lines| shown(lines)).collect();
    format!(
        "AT{} says \"{}\", expected \"{}\"",
        String::from_utf8_lossy(&call.text),
        shown(lines),
        expected.join("\" or \"")
    )
}
