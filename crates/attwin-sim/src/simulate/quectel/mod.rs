//! `AT+QMT*` (docs/spec/quectel.md): words, shapes, and who listens to them.

mod client;
mod goals;

use attwin_core::{Duration, Form, Instant, Param, Spec};

use self::client::Client;
use super::call::{Arg, Call};
use super::dialect::{Dialect, Entered, Entry, Told};
use super::grammar::Grammar;
use super::payload::Payloads;
use super::profile::{Escapes, Profile};
use super::random::Rng;
use super::wire::Arrived;

/// Sections 2 and 4.
pub(super) static PROFILE: Profile = Profile {
    separators: &[": "],
    cme: "+CME ERROR: *",
    prompts: &[
        "\r\n> ",
        "A",
        "1\r",
        "\r\nCONNECT\r\n",
        "\r\nCONNECT #\r\n",
        "CONNECT #\r\n",
    ],
    escapes: Escapes::None,
    bare_strings: false,
    quoted_integers: false,
    surplus_arguments: false,
    lists: true,
    bursts: false,
    noise: &[
        b"\r",
        b"\r\n\r\n",
        b"\x1a\r\n",
        b"hello there\r",
        b"xyz",
        b"AT+QMTPX\x08\x08\x08\x08\x08\x08\x08\x08",
        b"\n",
    ],
    surplus: b"surplus\x1a\r\n",
    urcs: &URCS,
    answers: &BARE,
    avoided: &AVOIDED,
    shows_on_publish: false,
};

/// URCs of sections 3, 5, 7 and 10.
const URCS: [&str; 32] = [
    "RDY",
    "POWERED DOWN",
    "+CFUN: #",
    "+CPIN: READY",
    "+CPIN: NOT INSERTED",
    "+CPIN: SIM PIN",
    "+QUSIM: #",
    "+QIND: SMS DONE",
    "+QIND: PB DONE",
    "+CREG: #",
    "+CREG: #,\"*\",\"*\",#",
    "+CGREG: #",
    "+CGREG: #,\"*\",\"*\",#",
    "+CEREG: #",
    "+CEREG: #,\"*\",\"*\",#",
    "+QIURC: \"pdpdeact\",#",
    "+QIURC: \"dnsgip\",#",
    "+QIURC: \"dnsgip\",#,#,#",
    "+QIURC: \"dnsgip\",\"*\"",
    "+QNTP: #",
    "+QNTP: #,\"*\"",
    "+QPING: #",
    "+QPING: #,*",
    "+QMTOPEN: #,#",
    "+QMTCLOSE: #,#",
    "+QMTCONN: #,#",
    "+QMTCONN: #,#,#",
    "+QMTDISC: #,#",
    "+QMTSTAT: #,#",
    "+QMTPING: #,#",
    "+QMTRECV: #,*",
    "+QMT*: #,#,#*",
];

/// Commands that would change how lines end or silence result codes.
const AVOIDED: [&str; 4] = ["Q", "S3", "S4", "S5"];

/// Commands whose information text stands without their name.
const BARE: [(&str, &[&str]); 12] = [
    ("I", &["*"]),
    ("&V", &["*"]),
    ("+CGMI", &["*"]),
    ("+CGMM", &["*"]),
    ("+CGMR", &["*"]),
    ("+QGMR", &["*"]),
    ("+CGSN", &["*"]),
    ("+GSN", &["*"]),
    ("+CIMI", &["*"]),
    ("+GMI", &["*"]),
    ("+CCID", &["*"]),
    ("S#", &["#"]),
];

/// What the host knows of a module of this family.
pub(super) struct Quectel {
    grammar: Grammar,
    clients: [Client; 6],
    /// Opening failed for want of a network: the host should look after it.
    without_network: u8,
}

impl Quectel {
    pub(super) fn new(grammar: Grammar) -> Self {
        Self {
            grammar,
            clients: std::array::from_fn(|_| Client::default()),
            without_network: 0,
        }
    }

    fn client(&mut self, index: Option<u32>) -> Option<&mut Client> {
        self.clients.get_mut(usize::try_from(index?).ok()?)
    }
}

impl Dialect for Quectel {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn argument(&self, rng: &mut Rng, spec: &Spec, param: &Param, before: &[Arg]) -> Option<Arg> {
        let client = match before.first() {
            Some(Arg::Int(n)) => *n,
            _ => 0,
        };
        let files = ["RAM:a", "UFS:b", "c", "RAM:*", "*"];
        Some(match param.name {
            "client_idx" => Arg::Int(goals::any_client(rng)),
            "host_name" => Arg::Text(goals::host(client).into_bytes()),
            "port" => Arg::Int(1883),
            "clientid" => Arg::Text(goals::client_id(rng, client).into_bytes()),
            "msgid" => Arg::Int(rng.between(0, 6)),
            "topic" if spec.name == "+QMTSUB" || spec.name == "+QMTUNS" => {
                (*rng.pick(&goals::FILTERS)).into()
            }
            "topic" => (*rng.pick(&goals::TOPICS)).into(),
            "pkt_timeout" => Arg::Int(rng.between(1, 5)),
            "retry_times" => Arg::Int(rng.between(0, 3)),
            "filename" | "name_pattern" => (*rng.pick(&files)).into(),
            "storage" => (*rng.pick(&["UFS", "RAM"])).into(),
            "file_size" => Arg::Int(rng.between(1, 3000)),
            "length" => Arg::Int(rng.between(1, 600)),
            "timeout" => Arg::Int(rng.between(1, 4)),
            "contextID" | "cid" => Arg::Int(rng.between(1, 2)),
            "filehandle" => Arg::Int(rng.between(3000, 3001)),
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
        let exact = |len: u32| Entry::Exact(usize::try_from(len).unwrap_or(usize::MAX));
        match (call.spec.name, call.spec.option) {
            ("+QMTPUBEX" | "+QMTPUB", _) => match call.args.get(5) {
                None | Some(Arg::Omitted) => Some(Entry::Terminated),
                Some(Arg::Int(len)) if call.string(6).is_none() => Some(exact(*len)),
                _ => None,
            },
            ("+QMTCFG", Some("willex")) => call.int(5).map(exact),
            ("+QFUPL", _) => Some(exact(call.int(1).unwrap_or(10_240))),
            ("+QFWRITE", _) => Some(exact(call.int(1).unwrap_or(10_240))),
            _ => None,
        }
    }

    fn is_boot(&self, line: &[u8]) -> bool {
        line == b"RDY"
    }

    fn client_of(&self, host: &str) -> Option<u8> {
        let index = host.strip_prefix('h')?.strip_suffix(".example")?;
        index.parse().ok()
    }

    fn restarted(&mut self) {
        self.clients = std::array::from_fn(|_| Client::default());
        self.without_network = 0;
    }

    fn accepted(&mut self, now: Instant, call: &Call, data: &Entered) -> Result<Told, String> {
        if call.form != Form::Write {
            return Ok(Told::Nothing);
        }
        let name = call.spec.name;
        if name.starts_with("+QMT")
            && let Some(client) = self.client(call.int(0))
        {
            client.accepted(now, call, data);
        }
        Ok(Told::Nothing)
    }

    fn urc(&mut self, _: Instant, line: &[u8]) -> Result<Told, String> {
        let Some((name, rest)) = qmt(line) else {
            return Ok(Told::Nothing);
        };
        let shown = String::from_utf8_lossy(line);
        let (index, rest) = number(rest).ok_or_else(|| format!("{shown}: no client"))?;
        let index = u8::try_from(index).map_err(|_| format!("{shown}: no client"))?;
        let Some(client) = self.clients.get_mut(usize::from(index)) else {
            return Err(format!("{shown}: no client"));
        };
        if name == "RECV" && rest.contains(&b'"') {
            return Ok(Told::Message(index));
        }
        if name == "OPEN" && rest == b"3" {
            self.without_network = 4;
        }
        client
            .told(name, rest)
            .map_err(|why| format!("{shown}: {why}"))
    }

    fn information(&mut self, call: &Call, line: &[u8]) -> Result<Told, String> {
        if call.is("+QMTRECV", Form::Write)
            && let Some(index) = call.int(0)
            && let Ok(index) = u8::try_from(index)
        {
            self.clients[usize::from(index).min(5)].read(call.int(1));
            debug_assert!(line.starts_with(b"+QMTRECV: "));
            return Ok(Told::Message(index));
        }
        Ok(Told::Nothing)
    }

    fn queries(&self) -> Vec<Call> {
        let reads = ["+QMTCONN", "+QMTOPEN", "+QMTRECV"];
        let mut calls: Vec<Call> = reads.map(|name| self.grammar.read(name)).into();
        let (timeout, receive) = ("timeout", "recv/mode");
        for (option, index) in [(timeout, 0), (timeout, 1), (receive, 0), (receive, 2)] {
            let args = vec![Arg::Int(index)];
            calls.push(self.grammar.write("+QMTCFG", Some(option), args));
        }
        calls
    }

    fn check_answer(&mut self, call: &Call, lines: &[Vec<u8>], ok: bool) -> Result<(), String> {
        if !ok {
            return Ok(());
        }
        let mut lines = lines.iter().peekable();
        for (index, client) in self.clients.iter_mut().enumerate() {
            let own = match call.spec.option {
                Some(_) if call.int(0).is_some_and(|i| i as usize == index) => lines.next(),
                Some(_) => continue,
                None => {
                    let prefix = format!("{}: {index},", call.spec.name);
                    lines.next_if(|line| line.starts_with(prefix.as_bytes()))
                }
            };
            let text = own.map(|line| String::from_utf8_lossy(line).into_owned());
            client
                .check(call, index, text.as_deref())
                .map_err(|expected| {
                    format!(
                        "AT{} says {text:?} of client {index}, expected {expected}",
                        String::from_utf8_lossy(&call.text)
                    )
                })?;
        }
        match lines.next() {
            None => Ok(()),
            Some(line) => Err(format!(
                "{} is one line too many",
                String::from_utf8_lossy(line)
            )),
        }
    }

    fn overdue(&self, now: Instant) -> Option<String> {
        let mut clients = self.clients.iter().enumerate();
        clients.find_map(|(i, c)| Some(format!("client {i}: {}", c.overdue(now)?)))
    }

    fn shows(&self, line: &[u8], client: u8, message: &Arrived) -> bool {
        let Arrived {
            topic, payload, id, ..
        } = message;
        let start = [
            format!("+QMTRECV: {client},{id},\"").as_bytes(),
            topic,
            b"\",",
        ]
        .concat();
        let Some(rest) = line.strip_prefix(&start[..]) else {
            return false;
        };
        let quoted = [b"\"", &payload[..], b"\""].concat();
        let counted = [format!("{},", payload.len()).as_bytes(), &quoted].concat();
        rest == quoted || rest == counted
    }

    fn waiting(&self, client: u8) -> usize {
        let client = self.clients.get(usize::from(client));
        client.and_then(Client::waiting).unwrap_or(0)
    }

    /// A QoS 2 message that finds no room is dropped (5.5), and nobody can
    /// tell.
    fn may_drop(&self, client: u8, message: &Arrived, _: usize) -> bool {
        message.qos == 2 && self.loses_waiting(client)
    }

    fn loses_waiting(&self, client: u8) -> bool {
        let client = self.clients.get(usize::from(client));
        client.is_some_and(|client| client.waiting().is_some())
    }
}

/// Time that settles what was under way when a deadline passed.
const GRACE: Duration = Duration::from_secs(2);

/// Splits `+QMTOPEN: 0,0` into `OPEN` and the rest.
fn qmt(line: &[u8]) -> Option<(&str, &[u8])> {
    let rest = line.strip_prefix(b"+QMT")?;
    let colon = rest.windows(2).position(|w| w == b": ")?;
    let name = std::str::from_utf8(&rest[..colon]).ok()?;
    Some((name, &rest[colon + 2..]))
}

/// Reads an integer and the comma after it.
fn number(text: &[u8]) -> Option<(i64, &[u8])> {
    let end = text.iter().position(|b| *b == b',').unwrap_or(text.len());
    let value = std::str::from_utf8(&text[..end]).ok()?.parse().ok()?;
    Some((value, text.get(end + 1..).unwrap_or(&[])))
}

/// Every integer of a list.
fn numbers(mut text: &[u8]) -> Option<Vec<i64>> {
    let mut all = Vec::new();
    while !text.is_empty() {
        let (value, rest) = number(text)?;
        all.push(value);
        text = rest;
    }
    Some(all)
}
