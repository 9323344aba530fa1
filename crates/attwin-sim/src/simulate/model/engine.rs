//! One engine for the models of all families.

use attwin_core::{Duration, Form, Instant, Param, Spec};

use super::client::Running;
use super::table::{WORDS, verdict};
use super::{
    Answer, Client, Entry, Explained, Family, Heard, Link, Model, Outcome, Progress, Reported,
    Speaker, Then,
};
use crate::simulate::arrived::Arrived;
use crate::simulate::call::{Arg, Call};
use crate::simulate::grammar::Grammar;
use crate::simulate::payload::Payloads;
use crate::simulate::profile::Profile;
use crate::simulate::random::Rng;
use crate::simulate::shape::{fill, fits, integer, values};

/// The model of a module of one family.
pub(crate) struct Engine<F: Family> {
    grammar: Grammar,
    clients: Vec<Client<F>>,
    /// Steps the host still has to take to get a network.
    repair: usize,
    /// When a command ended last.
    flushed: Instant,
}

impl<F: Family> Engine<F> {
    pub(crate) fn new(grammar: Grammar) -> Self {
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
        let has_index = F::CLIENTS > 1;
        let mut impossible = None;
        let is_modelled = line.starts_with(tables.prefix.as_bytes());
        for urc in tables.urcs.iter().filter(|_| is_modelled) {
            let Some(values) = values(urc.shape, line) else {
                continue;
            };
            let (index, values) = match values.split_first() {
                Some((index, values)) if has_index => (integer(index).unwrap_or(-1), values),
                _ => (0, &values[..]),
            };
            let index = usize::try_from(index).unwrap_or(usize::MAX);
            let client = self.clients.get_mut(index).ok_or("no such client")?;
            if !urc.states.is_empty() && !urc.states.contains(&client.state) {
                impossible = Some(format!("impossible while {:?}", client.state));
                continue;
            }
            F::interrupts(client, line)?;
            let changes = matches!(urc.then, Then::Is(_) | Then::Do(_));
            if let Some(running) = client.running.as_mut().filter(|_| changes) {
                running.is_unsure |= running.began == now;
            }
            let heard = Heard {
                now,
                flushed: self.flushed == now,
                explains: changes && client.explains(),
                values,
            };
            let mut reported = Reported::Nothing;
            match urc.then {
                Then::Nothing => {}
                Then::Is(state) => client.moves(state),
                Then::Message => reported = Reported::Message(client.index),
                Then::Do(then) | Then::Result(then) => reported = then(client, &heard)?,
            }
            self.look_for_network(index);
            return Ok(Some(reported));
        }
        if let Some(why) = impossible {
            return Err(why);
        }
        let free = tables.free.split('|').any(|shape| fits(shape, line));
        let known = free || tables.profile.is_registration(line);
        Ok(known.then_some(Reported::Nothing))
    }

    /// The host sees to it that there is a network, if a client lacks one.
    fn look_for_network(&mut self, index: usize) {
        if std::mem::take(&mut self.clients[index].lacks_network) {
            self.repair = F::tables().repair.len();
        }
    }
}

impl<F: Family> Model for Engine<F> {
    fn profile(&self) -> &'static Profile {
        &F::tables().profile
    }

    fn argument(&self, rng: &mut Rng, spec: &Spec, param: &Param, before: &[Arg]) -> Option<Arg> {
        let mut words = F::tables().words.iter().chain(&WORDS);
        words.find_map(|(of, parameter, word)| {
            if !is_parameter(param.name, parameter) || !is_command(spec, of) {
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

    fn deaf(&self) -> Duration {
        F::tables().deaf
    }

    fn lets_urcs_in(&self, now: Instant, calls: &[Call], progress: Progress) -> bool {
        let last = calls.last();
        last.is_some_and(|call| match self.clients.get(self.client(call)) {
            Some(client) => F::lets_urcs_in(client, now, call, progress),
            None => false,
        })
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
            let changes = !matches!(link, Link::Acknowledged(_));
            if changes && F::tables().explained == Explained::ByLink {
                client.linked = now;
                if let Some(running) = client.running.as_mut() {
                    running.is_unsure |= running.began == now;
                }
                client.unexplained.take_if(|(at, _)| *at == now);
            }
        }
    }

    fn begins(&mut self, now: Instant, calls: &[Call]) {
        if let ([call], Explained::ByLink) = (calls, F::tables().explained)
            && let Some(client) = self.client_mut(call)
        {
            client.running = Some(Running {
                call: call.clone(),
                began: now,
                verdict: verdict(client, call),
                is_unsure: client.linked == now,
            });
        }
    }

    fn accepted(&mut self, answer: &Answer<'_>) -> Outcome {
        self.flushed = answer.now;
        let Some(client) = self.client_mut(answer.call) else {
            return Ok(Reported::Nothing);
        };
        let verdict = client.ends(answer.call).1;
        if !verdict.ok {
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
        self.look_for_network(self.client(answer.call));
        Ok(())
    }

    fn urc(&mut self, now: Instant, line: &[u8]) -> Result<Option<Reported>, String> {
        let why = |why| format!("{}: {why}", String::from_utf8_lossy(line));
        self.heard(now, line).map_err(why)
    }

    fn information(&mut self, call: &Call, line: &[u8]) -> Outcome {
        match self.client_mut(call) {
            Some(client) => F::information(client, call, line),
            None => Ok(Reported::Nothing),
        }
    }

    fn queries(&self) -> Vec<&'static str> {
        F::tables().queries.split(' ').collect()
    }

    fn query(&self, query: &str) -> Call {
        let mut parts = query.split(',');
        let command = parts.next().unwrap_or_default();
        let args = parts.filter_map(|n| n.parse().ok()).map(Arg::Int);
        self.grammar.spelled(command, args.collect())
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
        let fits = |template: &&str| {
            let (_, end) = template.split_once("{p}").unwrap_or_default();
            let start = line.strip_suffix(end.as_bytes());
            // Most are other messages, and need not be written out.
            start.is_some_and(|start| start.ends_with(payload)) && {
                let numbers = [
                    client.into(),
                    message.id.into(),
                    message.dup.into(),
                    message.qos.into(),
                    message.retain.into(),
                    payload.len(),
                ];
                let numbers = numbers.map(|n: usize| n.to_string());
                let [client, id, dup, qos, retain, len] = numbers.each_ref().map(String::as_bytes);
                let values = [client, id, dup, qos, retain, topic, len, payload];
                fill(template, "cidqrtnp", &values) == line
            }
        };
        F::tables().shown.iter().any(fits) || F::shows(line, topic, payload)
    }

    fn waiting(&self, client: u8) -> usize {
        self.at(client).map_or(0, F::waiting)
    }

    fn may_drop(&self, client: u8, message: &Arrived, before: usize) -> bool {
        self.at(client)
            .is_some_and(|client| F::may_drop(client, message, before))
    }

    fn stores(&self, client: u8) -> bool {
        self.at(client).is_some_and(F::stores)
    }

    fn sessions(&self, client: u8) -> u32 {
        self.at(client).map_or(0, |client| client.sessions)
    }

    fn loses_waiting(&self, client: u8) -> bool {
        self.at(client).is_some_and(F::loses_waiting)
    }
}

/// Whether a parameter has this name, but for case and punctuation.
fn is_parameter(name: &str, of: &str) -> bool {
    let letters = name.bytes().filter(u8::is_ascii_alphanumeric);
    letters.map(|b| b.to_ascii_lowercase()).eq(of.bytes())
}

/// Whether a row's name, with its option if it has one, has this shape.
fn is_command(spec: &Spec, of: &str) -> bool {
    match spec.option {
        _ if of == "*" => true,
        None => fits(of, spec.name.as_bytes()),
        Some(option) => fits(of, format!("{}={option}", spec.name).as_bytes()),
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
