//! `AT+IMQTT*` (docs/spec/yuge.md): words, shapes, and what is made of them.

mod goals;
mod model;
mod profile;
mod settings;

use attwin_core::{Form, Instant, Param, Spec};

use self::model::{Model, State};
pub(super) use self::profile::PROFILE;
use super::call::{Arg, Call};
use super::dialect::{Dialect, Entered, Entry, Link, Refusal, Told};
use super::grammar::Grammar;
use super::payload::Payloads;
use super::profile::Profile;
use super::random::Rng;
use super::wire::Arrived;

/// Messages that are stored (section 5.2).
const STORED: usize = 10;

/// What the host knows of the module.
pub(super) struct Yuge {
    grammar: Grammar,
    model: Model,
    /// Connecting failed, perhaps for want of a network: the host should look
    /// after it.
    without_network: u8,
}

impl Yuge {
    pub(super) fn new(grammar: Grammar) -> Self {
        Self {
            grammar,
            model: Model::default(),
            without_network: 0,
        }
    }
}

impl Dialect for Yuge {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn argument(&self, rng: &mut Rng, spec: &Spec, param: &Param, before: &[Arg]) -> Option<Arg> {
        let simple = |c: &char| c.is_ascii_alphanumeric();
        let name: String = param.name.chars().filter(simple).collect();
        let is_hexadecimal = matches!(spec.name, "+IMQTTLWTBIN" | "+IMQTTPUBIN");
        Some(match &*name.to_ascii_lowercase() {
            "addr" => (*rng.pick(&[goals::HOST, goals::HOST, ""])).into(),
            "port" if before.first() == Some(&"".into()) => Arg::Int(0),
            "port" => Arg::Int(1883),
            "clientid" => (*rng.pick(&["dev-0", "dev-1", "", "a,b"])).into(),
            "name" => (*rng.pick(&["TIMEOUT", "CLEAN", "keepalive", "VERSION"])).into(),
            "value" => (*rng.pick(&["1", "1", "2", "60", "90", "3.1", "3.1.1", "0"])).into(),
            "topic" if matches!(spec.name, "+IMQTTSUB" | "+IMQTTUNSUB") => {
                (*rng.pick(&goals::FILTERS)).into()
            }
            "topic" => (*rng.pick(&goals::TOPICS)).into(),
            "message" if is_hexadecimal && rng.per_mille(900) => {
                let len = rng.below(20);
                Arg::Bare(goals::digits(&rng.bytes(len + 1)))
            }
            "size" => Arg::Int(rng.between(1, 600)),
            "cid" => Arg::Int(1),
            // A module without its radio is a module without sessions.
            "fun" if rng.per_mille(700) => Arg::Int(1),
            _ => return None,
        })
    }

    fn goal(&mut self, rng: &mut Rng, payloads: &mut Payloads) -> Call {
        goals::next(self, rng, payloads)
    }

    fn entry(&self, call: &Call) -> Option<Entry> {
        let length = call
            .int(3)
            .filter(|_| call.is("+IMQTTPUBEX", Form::Write))?;
        Some(Entry::Exact(usize::try_from(length).unwrap_or(usize::MAX)))
    }

    fn is_boot(&self, line: &[u8]) -> bool {
        line == b"*ATREADY: 1"
    }

    fn client_of(&self, host: &str) -> Option<u8> {
        // A registration is nobody's session.
        let is_client = self.model.state() != State::Registering;
        (is_client && goals::is_host(host)).then_some(0)
    }

    fn restarted(&mut self) {
        self.model.restart();
    }

    fn link(&mut self, _: Instant, _: u8, link: Link) {
        self.model.link(link);
    }

    fn accepted(&mut self, now: Instant, call: &Call, data: &Entered) -> Result<Told, String> {
        self.model.accepted(now, call, data)?;
        Ok(Told::Nothing)
    }

    fn refused(&mut self, _: Instant, call: &Call, how: &Refusal<'_>) -> Result<(), String> {
        self.model.refused(call, how)
    }

    fn urc(&mut self, now: Instant, line: &[u8]) -> Result<Told, String> {
        if line == b"+IMQTTCONN:-1" && self.model.state() == State::Connecting {
            self.without_network = 3;
        }
        let why = |why| format!("{}: {why}", String::from_utf8_lossy(line));
        self.model.urc(now, line).map_err(why)
    }

    fn information(&mut self, call: &Call, line: &[u8]) -> Result<Told, String> {
        if call.is("+IMQTTRECV", Form::Write) {
            self.model.read(line)?;
            return Ok(Told::Message(0));
        }
        Ok(Told::Nothing)
    }

    fn queries(&self) -> Vec<Call> {
        let reads = [
            "+IMQTTSTATE",
            "+IMQTTSTATE",
            "+IMQTTRECV",
            "+IMQTTRECV",
            "+IMQTTSUB",
            "+IMQTTUNSUB",
            "+IMQTTPUB",
            "+IMQTTPUBIN",
            "+IMQTTPUBEX",
            "+IMQTTMODE",
            "+IMQTTPARA",
            "+IMQTTUSER",
            "+IMQTTADDR",
            "+IMQTTLWT",
            "+IMQTTLWTBIN",
            "+IMQTTAUTH",
            "+IMQTTRECVMODE",
            "+IMQTTDYNREG",
        ];
        let mut calls: Vec<Call> = reads.map(|name| self.grammar.read(name)).into();
        let stored = vec![Arg::Int(2)];
        calls.push(self.grammar.write("+IMQTTDYNREG", None, stored));
        calls
    }

    fn check_answer(&mut self, call: &Call, lines: &[Vec<u8>], ok: bool) -> Result<(), String> {
        let expected = self.model.answers(call);
        if ok && (expected.is_empty() || expected.iter().any(|answer| answer == lines)) {
            return Ok(());
        }
        let told = lines.join(&b"\r\n"[..]);
        let (text, told) = (String::from_utf8_lossy(&call.text), told.escape_ascii());
        let expected: Vec<_> = expected.iter().map(|e| e.concat()).collect();
        let expected = expected.join(&b'|');
        let expected = expected.escape_ascii();
        Err(format!(
            "AT{text} says \"{told}\" ({ok}), expected \"{expected}\""
        ))
    }

    fn overdue(&self, now: Instant) -> Option<String> {
        self.model.overdue(now)
    }

    fn shows(&self, line: &[u8], _: u8, message: &Arrived) -> bool {
        let Arrived {
            topic, payload, id, ..
        } = message;
        let rest = line
            .strip_prefix(b"+IMQTTRCVPUB:")
            .or_else(|| line.strip_prefix(b"+IMQTTRECV:"));
        let start = format!("{id},\"");
        let len = format!("\",{},\"", payload.len());
        let expected = [start.as_bytes(), topic, len.as_bytes(), payload, b"\""].concat();
        rest == Some(&expected)
    }

    fn waiting(&self, _: u8) -> usize {
        self.model.stored()
    }

    /// What finds ten messages stored is acknowledged and dropped
    /// (section 5.2).
    fn may_drop(&self, _: u8, _: &Arrived, before: usize) -> bool {
        self.model.is_buffered() && before >= STORED
    }
}
