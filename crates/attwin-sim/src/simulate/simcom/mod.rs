//! `AT+CMQTT*` (docs/spec/simcom.md): words, shapes, and what is made of them.

mod goals;
mod model;
mod profile;

use attwin_core::{Form, Instant, Param, Spec};

use self::model::{Answer, Model};
pub(super) use self::profile::PROFILE;
use super::call::{Arg, Call};
use super::conversation::Line;
use super::dialect::{Dialect, Entered, Entry, Link, Refusal, Told};
use super::grammar::Grammar;
use super::payload::Payloads;
use super::profile::Profile;
use super::random::Rng;
use super::wire::Arrived;

/// Longest piece of a payload on one line (section 5.4).
const CHUNK: usize = 1500;
/// Longest topic and payload that are shown (section 5.4).
const MOST_SHOWN: (usize, usize) = (1024, 10_240);

/// What the host knows of the module.
pub(super) struct SimCom {
    grammar: Grammar,
    model: Model,
    /// How often the client was released.
    released: u32,
    /// The service did not start for want of a network: the host should look
    /// after it.
    without_network: u8,
}

impl SimCom {
    pub(super) fn new(grammar: Grammar) -> Self {
        Self {
            grammar,
            model: Model::default(),
            released: 0,
            without_network: 0,
        }
    }
}

impl Dialect for SimCom {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn argument(&self, rng: &mut Rng, spec: &Spec, param: &Param, _: &[Arg]) -> Option<Arg> {
        let files = ["ca.pem", "cert.der", "key.pem"];
        Some(match param.name {
            "client_index" => Arg::Int(0),
            "clientID" => (*rng.pick(&["dev-0", "dev-1"])).into(),
            "server_addr" => goals::address(rng).into(),
            "keepalive_time" => Arg::Int(*rng.pick(&[5, 30, 120])),
            "user_name" | "pass_word" if rng.per_mille(700) => (*rng.pick(&["u", ""])).into(),
            "timeout" if spec.name == "+CMQTTDISC" => Arg::Int(*rng.pick(&[0, 60, 180, 30])),
            "req_length" if takes_topic(spec) => goals::topic_length(rng),
            "req_length" => Arg::Int(rng.between(1, 600)),
            "dup_or_reqLength" => Arg::Int(*rng.pick(&[0, 1, 3, 1, 0, 700])),
            "len" => Arg::Int(rng.between(1, 800)),
            "cid" => Arg::Int(1),
            "value" if spec.option == Some("authmode") && rng.per_mille(700) => Arg::Int(0),
            _ if matches!(spec.name, "+CCERTDOWN" | "+CCERTDELE" | "+CCERTMOVE")
                || matches!(spec.option, Some("cacert" | "clientcert" | "clientkey")) =>
            {
                match param.kind {
                    attwin_core::Kind::Text(..) => (*rng.pick(&files)).into(),
                    _ => return None,
                }
            }
            // A module without its radio is a module without sessions.
            "fun" if rng.per_mille(700) => Arg::Int(1),
            _ => return None,
        })
    }

    fn goal(&mut self, rng: &mut Rng, payloads: &mut Payloads) -> Call {
        goals::next(self, rng, payloads)
    }

    fn entry(&self, call: &Call) -> Option<Entry> {
        if call.form != Form::Write {
            return None;
        }
        let length = match call.spec.name {
            "+CMQTTSUB" if call.args.len() < 3 => None,
            "+CMQTTUNSUB" if self.model.unsubscribes_stored(call) => None,
            "+CMQTTWILLTOPIC" | "+CMQTTWILLMSG" | "+CMQTTTOPIC" | "+CMQTTPAYLOAD"
            | "+CMQTTSUBTOPIC" | "+CMQTTUNSUBTOPIC" | "+CMQTTSUB" | "+CMQTTUNSUB"
            | "+CCERTDOWN" => call.int(1),
            _ => None,
        };
        Some(Entry::Exact(usize::try_from(length?).unwrap_or(usize::MAX)))
    }

    /// Topics have to be UTF-8 (section 3.17).
    fn entered(&self, call: &Call) -> Option<Vec<u8>> {
        let length = usize::try_from(call.int(1)?).ok()?;
        takes_topic(call.spec).then(|| goals::topic_of(length))
    }

    fn is_boot(&self, line: &[u8]) -> bool {
        line == b"RDY"
    }

    /// A line waits for the result of what is under way, if that is known and
    /// only to be said (section 6).
    fn lets_urcs_in(&self, now: Instant, line: &Line) -> bool {
        line.is_untouched() && self.model.may_hold_lines(now)
    }

    fn client_of(&self, host: &str) -> Option<u8> {
        (host == goals::HOST).then_some(0)
    }

    fn restarted(&mut self) {
        self.model = Model::default();
    }

    fn link(&mut self, now: Instant, _: u8, link: Link) {
        self.model.link(now, link);
    }

    fn accepted(&mut self, now: Instant, call: &Call, data: &Entered) -> Result<Told, String> {
        self.released += u32::from(call.is("+CMQTTREL", Form::Write));
        self.model.accepted(now, call, data)?;
        Ok(Told::Nothing)
    }

    fn refused(&mut self, _: Instant, call: &Call, how: &Refusal<'_>) -> Result<(), String> {
        self.model.refused(call, how.lines)
    }

    fn urc(&mut self, now: Instant, line: &[u8]) -> Result<Told, String> {
        if line == b"+CMQTTSTART: 7" {
            self.without_network = 4;
        }
        let why = |why| format!("{}: {why}", String::from_utf8_lossy(line));
        self.model.urc(now, line).map_err(why)
    }

    fn information(&mut self, _: &Call, _: &[u8]) -> Result<Told, String> {
        Ok(Told::Nothing)
    }

    fn queries(&self) -> Vec<Call> {
        let reads = [
            "+CMQTTDISC",
            "+CMQTTCONNECT",
            "+CMQTTACCQ",
            "+CMQTTSUB",
            "+CMQTTCFG",
            "+CMQTTSSLCFG",
            "+CMQTTREL",
        ];
        reads.map(|name| self.grammar.read(name)).into()
    }

    fn check_answer(&mut self, call: &Call, lines: &[Vec<u8>], ok: bool) -> Result<(), String> {
        let name = call.spec.name;
        match self.model.answer(name) {
            Answer::Unknown => Ok(()),
            Answer::Refused if !ok && lines.is_empty() => Ok(()),
            Answer::Lines(expected) if ok && lines == expected => Ok(()),
            expected => {
                let told = lines.join(&b"\r\n"[..]);
                let told = told.escape_ascii();
                let result = if ok { "OK" } else { "ERROR" };
                Err(format!(
                    "AT{name}? says \"{told}\" and {result}, expected {expected:?}"
                ))
            }
        }
    }

    fn overdue(&self, now: Instant) -> Option<String> {
        self.model.overdue(now)
    }

    fn asked_for_dup(&self, payload: &[u8]) -> bool {
        self.model.asked_for_dup(payload)
    }

    /// The block of sections 5.2 to 5.4.
    fn shows(&self, line: &[u8], _: u8, message: &Arrived) -> bool {
        let Arrived { topic, payload, .. } = message;
        let (n, m) = (topic.len(), payload.len());
        let mut block =
            format!("+CMQTTRXSTART: 0,{n},{m}\r\n+CMQTTRXTOPIC: 0,{n}\r\n").into_bytes();
        block.extend_from_slice(topic);
        if payload.is_empty() {
            block.extend_from_slice(b"\r\n");
        }
        for piece in payload.chunks(CHUNK) {
            let header = format!("\r\n+CMQTTRXPAYLOAD: 0,{}\r\n", piece.len());
            block.extend_from_slice(header.as_bytes());
            block.extend_from_slice(piece);
        }
        block.extend_from_slice(b"\r\n+CMQTTRXEND: 0");
        block == line
    }

    /// Releasing the client forgets its session.
    fn sessions(&self, _: u8) -> u32 {
        self.released
    }

    fn may_drop(&self, _: u8, message: &Arrived, _: usize) -> bool {
        message.topic.len() > MOST_SHOWN.0 || message.payload.len() > MOST_SHOWN.1
    }
}

/// Whether the data of a command is a topic.
fn takes_topic(spec: &Spec) -> bool {
    !matches!(spec.name, "+CMQTTPAYLOAD" | "+CMQTTWILLMSG" | "+CCERTDOWN")
}
