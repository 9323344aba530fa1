//! MN316 (docs/spec/onemo.md part B): commands are answered at once, and what
//! becomes of them is told later.

mod model;

use attwin_core::{Form, Instant, Param, Spec};

use self::model::{Model, Verdict, hexadecimal, wrong};
use super::super::call::{Arg, Call};
use super::super::dialect::{Dialect, Entered, Entry, Link, Refusal, Told};
use super::super::grammar::Grammar;
use super::super::payload::Payloads;
use super::super::profile::Profile;
use super::super::random::Rng;
use super::super::wire::Arrived;
use super::goals::{self, Repair};
use super::{MN316, argument};

/// What the host knows of an MN316.
pub(in super::super) struct Mn316 {
    grammar: Grammar,
    model: Model,
    /// How often the client was made anew.
    sessions: u32,
    repair: Repair,
}

impl Mn316 {
    pub(in super::super) fn new(grammar: Grammar) -> Self {
        Self {
            grammar,
            model: Model::default(),
            sessions: 0,
            repair: Repair::default(),
        }
    }
}

impl Dialect for Mn316 {
    fn profile(&self) -> &'static Profile {
        &MN316
    }

    fn argument(&self, rng: &mut Rng, spec: &Spec, param: &Param, _: &[Arg]) -> Option<Arg> {
        argument(rng, spec, param)
    }

    fn goal(&mut self, rng: &mut Rng, payloads: &mut Payloads) -> Call {
        if let Some(call) = self.repair.next(&self.grammar) {
            return call;
        }
        let grammar = &self.grammar;
        goals::next(grammar, self.model.stage, rng, |rng| {
            let mut args = goals::publish_start(rng);
            if rng.per_mille(400) {
                let len = *rng.pick(&[1, 8, 20, 300]);
                let payload = payloads.exactly(rng, len);
                args.push(Arg::Int(u32::try_from(len).unwrap_or(1)));
                let digits = hexadecimal(&payload, rng.per_mille(500));
                args.push(if rng.per_mille(500) {
                    Arg::Bare(digits)
                } else {
                    Arg::Text(digits)
                });
            } else {
                if rng.per_mille(800) {
                    args.push(Arg::Int(0));
                }
                args.push(Arg::Text(goals::text(rng, payloads)));
            }
            grammar.write("+MQTTPUB", None, args)
        })
    }

    fn entry(&self, _: &Call) -> Option<Entry> {
        None
    }

    fn is_boot(&self, line: &[u8]) -> bool {
        line == b"+POWERON:0"
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

    fn accepted(&mut self, now: Instant, call: &Call, _: &Entered) -> Result<Told, String> {
        if let verdict @ Verdict::Cme(_) = self.model.verdict(call) {
            return Err(wrong(call, "OK", verdict, self.model.stage));
        }
        if !matches!(call.form, Form::Read | Form::Test) {
            let anew = matches!(call.spec.name, "+MQTTCFG" | "+MQTTDEL");
            self.sessions += u32::from(anew);
            self.model.apply(now, call);
        }
        Ok(Told::Nothing)
    }

    fn refused(&mut self, _: Instant, call: &Call, how: &Refusal<'_>) -> Result<(), String> {
        let name = call.spec.name;
        if !name.starts_with("+MQTT") {
            self.model.maintain(name);
            return Ok(());
        }
        let verdict = self.model.verdict(call);
        let shown = String::from_utf8_lossy(how.result).into_owned();
        let code = shown.strip_prefix("+CME ERROR:");
        let code = code.and_then(|code| code.parse::<u32>().ok());
        if verdict == Verdict::OkOr(8009) {
            self.repair.begin();
        }
        let fits = match (verdict, code) {
            (Verdict::Any, _) => true,
            (Verdict::Ok, _) => false,
            (Verdict::Cme(expected) | Verdict::OkOr(expected), Some(code)) => code == expected,
            (_, None) => matches!(self.model.error_mode, None | Some(0)),
        };
        if fits {
            Ok(())
        } else {
            Err(wrong(call, &shown, verdict, self.model.stage))
        }
    }

    fn urc(&mut self, now: Instant, line: &[u8]) -> Result<Told, String> {
        let why = |why| format!("{}: {why}", String::from_utf8_lossy(line));
        self.model.urc(now, line).map_err(why)
    }

    fn information(&mut self, _: &Call, _: &[u8]) -> Result<Told, String> {
        Ok(Told::Nothing)
    }

    fn queries(&self) -> Vec<Call> {
        let reads = ["+MQTTSTAT", "+MQTTSUB", "+MQTTCFG", "+MQTTPING", "+MQTTTO"];
        reads.map(|name| self.grammar.read(name)).into()
    }

    fn check_answer(&mut self, call: &Call, lines: &[Vec<u8>], ok: bool) -> Result<(), String> {
        // A refusal was looked at as such.
        let expected = self.model.answers(call.spec.name);
        if !ok || expected.is_empty() || expected.iter().any(|answer| answer == lines) {
            return Ok(());
        }
        let told = lines.join(&b"\r\n"[..]);
        let (name, told) = (call.spec.name, told.escape_ascii());
        let expected: Vec<_> = expected.iter().map(|e| e.concat()).collect();
        let expected = expected.join(&b'|');
        let expected = expected.escape_ascii();
        Err(format!(
            "AT{name}? says \"{told}\", expected \"{expected}\""
        ))
    }

    fn overdue(&self, now: Instant) -> Option<String> {
        self.model.overdue(now)
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
        let start = format!("+MQTTPUBLISH:{dup},{qos},{retain},{id},");
        let len = format!(",{},", payload.len());
        line == [start.as_bytes(), topic, len.as_bytes(), payload].concat()
    }

    fn sessions(&self, _: u8) -> u32 {
        self.sessions
    }
}
