//! ML302 (docs/spec/onemo.md part A): every command waits for the server, and its
//! answer tells how it went.

mod model;

use attwin_core::{Form, Instant, Param, Spec};

use self::model::{ANYTHING, Model, Running, WAITING};
use super::super::call::{Arg, Call};
use super::super::conversation::Line;
use super::super::dialect::{Dialect, Entered, Entry, Link, Refusal, Told};
use super::super::grammar::Grammar;
use super::super::payload::Payloads;
use super::super::profile::Profile;
use super::super::random::Rng;
use super::super::wire::Arrived;
use super::goals::{self, Repair, Stage};
use super::{ML302, argument};

/// What the host knows of an ML302.
pub(in super::super) struct Ml302 {
    grammar: Grammar,
    model: Model,
    /// How often the client was made anew.
    sessions: u32,
    repair: Repair,
}

impl Ml302 {
    pub(in super::super) fn new(grammar: Grammar) -> Self {
        Self {
            grammar,
            model: Model::default(),
            sessions: 0,
            repair: Repair::default(),
        }
    }
}

impl Dialect for Ml302 {
    fn profile(&self) -> &'static Profile {
        &ML302
    }

    fn argument(&self, rng: &mut Rng, spec: &Spec, param: &Param, _: &[Arg]) -> Option<Arg> {
        argument(rng, spec, param)
    }

    fn goal(&mut self, rng: &mut Rng, payloads: &mut Payloads) -> Call {
        if let Some(call) = self.repair.next(&self.grammar) {
            return call;
        }
        let grammar = &self.grammar;
        if self.model.stage == Stage::Configured && rng.per_mille(60) {
            let args = vec![Arg::Int(u32::from(rng.per_mille(700)))];
            return grammar.write("+MQTTREC", None, args);
        }
        goals::next(grammar, self.model.stage, rng, |rng| {
            let mut args = goals::publish_start(rng);
            args.push(if rng.per_mille(400) {
                Arg::Int(*rng.pick(&[1, 8, 20, 300, 2048]))
            } else {
                Arg::Text(goals::text(rng, payloads))
            });
            grammar.write("+MQTTPUB", None, args)
        })
    }

    fn entry(&self, call: &Call) -> Option<Entry> {
        let publishes = call.is("+MQTTPUB", Form::Write);
        match call.args.get(4).filter(|_| publishes) {
            Some(Arg::Int(len)) => Some(Entry::Exact(usize::try_from(*len).unwrap_or(usize::MAX))),
            _ => None,
        }
    }

    /// Nothing tells that it has booted (A10).
    fn is_boot(&self, _: &[u8]) -> bool {
        false
    }

    /// URCs stand between the lines of an answer, but not between prompt and
    /// data (A4).
    fn lets_urcs_in(&self, _: Instant, line: &Line) -> bool {
        let Some(call) = line.calls.last() else {
            return false;
        };
        let has_data = line.has_data(self) || !line.prompted;
        has_data && (WAITING.contains(&call.spec.name) || call.spec.name == "+MQTTDISC")
    }

    fn client_of(&self, host: &str) -> Option<u8> {
        (host == goals::HOST).then_some(0)
    }

    fn restarted(&mut self) {
        self.model.restart();
    }

    fn link(&mut self, now: Instant, _: u8, link: Link) {
        self.model.link(now, link);
    }

    fn begins(&mut self, now: Instant, line: &Line) {
        if let [call] = &line.calls[..] {
            self.model.running = Some(Running {
                verdict: self.model.verdict(call),
                began: now,
                collects: self.entry(call).is_some(),
                waits: call.form == Form::Write && WAITING.contains(&call.spec.name),
                ends: matches!(call.spec.name, "+MQTTDISC" | "+MQTTCFG" | "+MQTTREC"),
                lines: Vec::new(),
            });
        }
    }

    fn accepted(&mut self, now: Instant, call: &Call, data: &Entered) -> Result<Told, String> {
        let Some(running) = self.model.running.take() else {
            return Ok(Told::Nothing);
        };
        if !running.verdict.ok {
            self.model.wonder(now, call, "OK", &running);
        }
        self.model.flushed = now;
        let anew = matches!(call.spec.name, "+MQTTCFG" | "+MQTTDEL");
        self.sessions += u32::from(anew && call.form != Form::Read);
        self.model.done(now, call, data, &running)
    }

    fn refused(&mut self, now: Instant, call: &Call, how: &Refusal<'_>) -> Result<(), String> {
        let Some(running) = self.model.running.take() else {
            return Ok(());
        };
        self.model.flushed = now;
        if !call.spec.name.starts_with("+MQTT") {
            self.model.maintain(call.spec.name);
            return Ok(());
        }
        let shown = String::from_utf8_lossy(how.result).into_owned();
        let code = shown
            .strip_prefix("+CME ERROR: ")
            .and_then(|code| code.parse().ok());
        let verdict = running.verdict;
        let fits = match code {
            Some(code) => verdict.codes.contains(&code) || verdict == ANYTHING,
            None => {
                verdict.error
                    || matches!(self.model.error_mode, None | Some(0)) && !verdict.codes.is_empty()
            }
        };
        if !fits {
            self.model.wonder(now, call, &shown, &running);
        }
        if code == Some(600) && call.spec.name == "+MQTTOPEN" {
            self.repair.begin();
        }
        self.model.failed(now, call, code, &running)
    }

    fn urc(&mut self, now: Instant, line: &[u8]) -> Result<Told, String> {
        let why = |why| format!("{}: {why}", String::from_utf8_lossy(line));
        self.model.urc(now, line).map_err(why)
    }

    fn information(&mut self, _: &Call, line: &[u8]) -> Result<Told, String> {
        if let Some(running) = &mut self.model.running {
            running.lines.push(line.to_vec());
        }
        Ok(Told::Nothing)
    }

    fn queries(&self) -> Vec<Call> {
        let reads = [
            "+MQTTSTAT",
            "+MQTTSUB",
            "+MQTTCFG",
            "+MQTTPING",
            "+MQTTREC",
            "+MQTTTO",
        ];
        reads.map(|name| self.grammar.read(name)).into()
    }

    fn check_answer(&mut self, call: &Call, lines: &[Vec<u8>], ok: bool) -> Result<(), String> {
        let expected = self.model.answers(call.spec.name);
        if ok && (expected.is_empty() || expected.iter().any(|answer| answer == lines)) {
            return Ok(());
        }
        let told = lines.join(&b"\r\n"[..]);
        let (name, told) = (call.spec.name, told.escape_ascii());
        let expected: Vec<_> = expected.iter().map(|e| e.concat()).collect();
        let expected = expected.join(&b'|');
        let expected = expected.escape_ascii();
        Err(format!(
            "AT{name}? says \"{told}\" ({ok}), expected \"{expected}\""
        ))
    }

    fn overdue(&self, now: Instant) -> Option<String> {
        if let Some((_, why)) = &self.model.unexplained {
            return Some(why.clone());
        }
        if self.model.farewell.is_some_and(|due| due < now) {
            return Some("+MQTTDISC: OK does not come".into());
        }
        self.model.machine.as_ref()?.overdue(now)
    }

    fn shows(&self, line: &[u8], _: u8, message: &Arrived) -> bool {
        let Arrived {
            topic,
            payload,
            id,
            qos,
            ..
        } = message;
        let (dup, retain) = (u8::from(message.dup), u8::from(message.retain));
        let start = format!("+MQTTPUBLISH: {dup},{qos},{retain},{id},\"");
        let len = format!("\",{},", payload.len());
        line == [start.as_bytes(), topic, len.as_bytes(), payload].concat()
    }

    fn sessions(&self, _: u8) -> u32 {
        self.sessions
    }
}
