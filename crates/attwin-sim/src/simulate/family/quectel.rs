//! `AT+QMT*` (docs/spec/quectel.md). Results are URCs and come in the order of
//! what they report, so that a client's state is the one last told, and then
//! what was accepted since.

use std::collections::VecDeque;

use attwin_core::{Duration, Instant};

use crate::simulate::call::{Arg, Call};
use crate::simulate::model::{
    ANY, Answer, Client, ERROR, Entered, Entry, Explained, Family, Goal, Heard, Link, OK,
    Publication, Reported, Request, Setting, Speaker, Tables, Then, Word, draw_all, free, rule,
    said, when,
};
use crate::simulate::profile::{Escapes, Profile};
use crate::simulate::random::Rng;
use crate::simulate::shape::integers;
use crate::simulate::wire::Arrived;

use Goal::{Among, Do, Often, Say};
use State::{Closed, Connected, Connecting, Disconnecting, Open, Opening, Refused};
use Word::{Between, Draw, Flag, Int, Ints, Text};

const SLOTS: usize = 5;
/// How long opening may take (section 3.2).
const OPEN: Duration = Duration::from_secs(120);
/// How long a server may take to close (section 3.5).
const DISCONNECT: Duration = Duration::from_secs(30);
/// Clients that are used much; the others only now and then.
const BUSY: u32 = 3;
const TOPICS: &[&str] = &["t/a", "t/b", "t/c", "in"];
const FILTERS: &[&str] = &["t/a", "t/b", "t/+", "in", "#", "t/#"];
const FILES: &[&str] = &["RAM:a", "UFS:b", "c", "RAM:*", "*"];

/// States of section 7.1; a refused CONNECT waits for its `+QMTSTAT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum State {
    #[default]
    Closed,
    Opening,
    Open,
    Connecting,
    Refused,
    Connected,
    Disconnecting,
}

#[derive(Debug, Default)]
pub(crate) struct Quectel {
    /// The state last told.
    told: State,
    /// Commands of the life cycle whose results are to come, and by when.
    under_way: VecDeque<(&'static str, Instant)>,
    /// There is a connection.
    linked: bool,
    /// Slots announced and not read (section 5.2).
    slots: [bool; SLOTS],
    /// Messages read before they were announced.
    early: [u8; SLOTS],
    /// Messages of slots not named that the answer in progress showed.
    showed: usize,
}

static TABLES: Tables<Quectel> = Tables {
    // Sections 2 and 4.
    profile: Profile {
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
        registration: ": ",
        answers: &[
            (
                "I &V +CGMI +GMI +CGMM +CGMR +QGMR +CGSN +GSN +CIMI +CCID",
                &["*"],
            ),
            ("S#", &["#"]),
        ],
        avoided: &["Q", "S3", "S4", "S5"],
        shows_on_publish: false,
    },
    prefix: "+QMT",
    boot: Some("RDY"),
    explained: Explained::ByUrc,
    // Section 7.2.
    rules: &[
        when("*", &[], |_, call| call.invalid || call.omits(), ANY),
        rule("+QMT*?", &[], OK),
        rule("+QMTOPEN", &[], OK),
        rule("+QMTCONN", &[Open], OK),
        rule("+QMTDISC", &[Connected], OK),
        rule(
            "+QMTCLOSE",
            &[Open, Connecting, Refused, Connected, Disconnecting],
            OK,
        ),
        // Arguments, windows and data entries have their own conditions.
        rule("+QMTSUB +QMTUNS +QMTPUB* +QMTRECV", &[Connected], ANY),
        rule("+QMTCFG", &[], ANY),
        rule("+QMT*", &[], ERROR),
    ],
    // Sections 3, 5, 7 and 10.
    urcs: &[
        free("RDY"),
        free("POWERED DOWN"),
        free("+CFUN: #"),
        free("+CPIN: READY"),
        free("+CPIN: NOT INSERTED"),
        free("+CPIN: SIM PIN"),
        free("+QUSIM: #"),
        free("+QIND: SMS DONE"),
        free("+QIND: PB DONE"),
        free("+QIURC: \"pdpdeact\",#"),
        free("+QIURC: \"dnsgip\",#"),
        free("+QIURC: \"dnsgip\",#,#,#"),
        free("+QIURC: \"dnsgip\",\"*\""),
        free("+QNTP: #"),
        free("+QNTP: #,\"*\""),
        free("+QPING: #"),
        free("+QPING: #,*"),
        said("+QMTOPEN: #,#", &[], Then::Do(opened)),
        said("+QMTCONN: #,#", &[], Then::Do(connected)),
        said("+QMTCONN: #,#,#", &[], Then::Do(connected)),
        said("+QMTDISC: #,#", &[], Then::Do(disconnected)),
        said("+QMTCLOSE: #,0", &[], Then::Do(closed)),
        said("+QMTSTAT: #,#", &[], Then::Do(lost)),
        // +QMTSTAT follows.
        said("+QMTPING: #,1", &[], Then::Nothing),
        said("+QMTRECV: #,#", &[], Then::Result(announced)),
        said("+QMTRECV: #,#,\"*", &[], Then::Message),
        said(
            "+QMTSUB: #,#,#*",
            &[],
            Then::Result(|c, h| result(c, "SUB", h)),
        ),
        said(
            "+QMTUNS: #,#,#*",
            &[],
            Then::Result(|c, h| result(c, "UNS", h)),
        ),
        said(
            "+QMTPUBEX: #,#,#*",
            &[],
            Then::Result(|c, h| result(c, "PUBEX", h)),
        ),
        said(
            "+QMTPUB: #,#,#*",
            &[],
            Then::Result(|c, h| result(c, "PUB", h)),
        ),
    ],
    settings: &[
        Setting {
            name: "timeout",
            initial: &["5", "3", "0"],
            line: "\"timeout\",{0},{1},{2}",
        },
        Setting {
            name: "recv/mode",
            initial: &["0", "0"],
            line: "\"recv/mode\",{0},{1}",
        },
    ],
    queries: &[
        ("+QMTCONN?", &[]),
        ("+QMTOPEN?", &[]),
        ("+QMTRECV?", &[]),
        ("+QMTCFG=timeout", &[0]),
        ("+QMTCFG=timeout", &[1]),
        ("+QMTCFG=recv/mode", &[0]),
        ("+QMTCFG=recv/mode", &[2]),
    ],
    shown: &[
        "+QMTRECV: {c},{i},\"{t}\",\"{p}\"",
        "+QMTRECV: {c},{i},\"{t}\",{n},\"{p}\"",
    ],
    words: &[
        ("*", "clientidx", CLIENT),
        ("*", "hostname", HOST),
        ("*", "port", Int(1883)),
        ("*", "clientid", CLIENT_ID),
        ("*", "msgid", Between(0, 6)),
        ("+QMTSUB", "topic", Text(FILTERS)),
        ("+QMTUNS", "topic", Text(FILTERS)),
        ("*", "topic", Text(TOPICS)),
        ("*", "pkttimeout", Between(1, 5)),
        ("*", "retrytimes", Between(0, 3)),
        ("*", "filename", Text(FILES)),
        ("*", "namepattern", Text(FILES)),
        ("*", "storage", Text(&["UFS", "RAM"])),
        ("*", "filesize", Between(1, 3000)),
        ("*", "length", Between(1, 600)),
        ("*", "timeout", Between(1, 4)),
        ("*", "contextid", Between(1, 2)),
        ("*", "cid", Between(1, 2)),
        ("*", "filehandle", Between(3000, 3001)),
        // A module without its radio is a module without sessions.
        ("*", "fun", Word::Often(700, &Int(1))),
    ],
    goals: &[
        (
            &[Closed],
            Often(400, &CONFIGURE, &Say("+QMTOPEN=", &[HOST, Int(1883)])),
        ),
        (&[Opening], Say("+QMTOPEN=", &[HOST, Int(1883)])),
        (
            &[Open],
            Often(100, &CONFIGURE, &Say("+QMTCONN=", &[CLIENT_ID])),
        ),
        (
            &[Connecting, Refused, Disconnecting],
            Often(700, &Say("+QMTCLOSE=", &[]), &Say("+QMTDISC=", &[])),
        ),
        (
            &[Connected],
            Among(&[
                (
                    4,
                    Say("+QMTSUB=", &[Between(1, 9), Text(FILTERS), Between(0, 2)]),
                ),
                (1, Say("+QMTUNS=", &[Between(1, 9), Text(FILTERS)])),
                (11, Do(publish)),
                (2, Say("+QMTRECV=", &[])),
                (1, Say("+QMTRECV=", &[Between(0, 4)])),
                (
                    1,
                    Often(500, &Say("+QMTDISC=", &[]), &Say("+QMTCLOSE=", &[])),
                ),
            ]),
        ),
    ],
    repair: &[
        ("+CFUN=", &[Int(1)]),
        ("+COPS=", &[Int(0)]),
        ("+CGATT=", &[Int(1)]),
        ("+CMEE=", &[Int(1)]),
    ],
};

const CLIENT: Word = Draw(|rng, _| Arg::Int(Quectel::any_client(rng).into()));
/// Each client has its own host, so that a connection tells whose it is.
const HOST: Word = Draw(|_, before| (&*format!("h{}.example", index_of(before))).into());
/// Sometimes somebody else's: the broker drops the older connection.
const CLIENT_ID: Word = Draw(|rng, before| {
    let of = match rng.per_mille(50) {
        true => Quectel::any_client(rng).into(),
        false => index_of(before),
    };
    (&*format!("dev-{of}")).into()
});
static CONFIGURE: Goal<Quectel> = Among(&[
    (1, Say("+QMTCFG=version", &[Between(3, 4)])),
    (1, Say("+QMTCFG=session", &[Between(0, 1)])),
    (
        2,
        Say(
            "+QMTCFG=timeout",
            &[Between(1, 4), Between(0, 3), Between(0, 1)],
        ),
    ),
    (1, Say("+QMTCFG=keepalive", &[Ints(&[0, 5, 30, 120])])),
    (1, Say("+QMTCFG=recv/mode", &[Between(0, 1), Between(0, 1)])),
    (
        1,
        Say(
            "+QMTCFG=will",
            &[
                Int(1),
                Between(0, 2),
                Between(0, 1),
                Text(&["t/will"]),
                Text(&["gone"]),
            ],
        ),
    ),
]);

impl Family for Quectel {
    type State = State;
    const CLIENTS: u8 = 6;

    fn tables() -> &'static Tables<Self> {
        &TABLES
    }

    fn client_of(host: &str, _: &Client<Self>) -> Option<u8> {
        let index = host.strip_prefix('h')?.strip_suffix(".example")?;
        index.parse().ok()
    }

    fn any_client(rng: &mut Rng) -> u8 {
        let index = if rng.per_mille(30) {
            rng.between(BUSY, 5)
        } else {
            rng.between(0, BUSY - 1)
        };
        u8::try_from(index).unwrap_or(0)
    }

    fn entry(_: &Client<Self>, call: &Call) -> Option<Entry> {
        match (call.spec.name, call.spec.option) {
            ("+QMTPUBEX" | "+QMTPUB", _) => match call.args.get(5) {
                None | Some(Arg::Omitted) => Some(Entry::Terminated),
                Some(Arg::Int(len)) if call.string(6).is_none() => Some(Entry::exact(*len)),
                _ => None,
            },
            ("+QMTCFG", Some("willex")) => call.int(5).map(Entry::exact),
            ("+QFUPL" | "+QFWRITE", _) => Some(Entry::exact(call.int(1).unwrap_or(10_240))),
            _ => None,
        }
    }

    fn link(client: &mut Client<Self>, _: Instant, link: Link) {
        client.own.linked = link != Link::Gone;
    }

    fn follows(client: &mut Client<Self>, answer: &Answer<'_>) -> Result<Reported, String> {
        let call = answer.call;
        let name = call.spec.name;
        let [timeout, retries] = [0, 1].map(|at| u64::from(client.number("timeout", at)));
        // Twice for QoS 2 (section 6.6).
        let patience = Duration::from_secs(2 * timeout * (retries + 1));
        let limit = match name {
            "+QMTCFG" => {
                if let Some(option @ ("timeout" | "recv/mode")) = call.spec.option {
                    client.store(option, call.values(4).split_off(1));
                }
                return Ok(Reported::Nothing);
            }
            "+QMTOPEN" => OPEN,
            "+QMTCONN" => patience,
            "+QMTDISC" => {
                // The server answers nothing any more.
                client.requests.vanish();
                DISCONNECT
            }
            "+QMTCLOSE" => Duration::ZERO,
            "+QMTRECV" if call.int(1).is_none() => return read_all(client),
            "+QMTSUB" | "+QMTUNS" | "+QMTPUB" | "+QMTPUBEX" => {
                if *answer.data != Entered::Cancelled {
                    client.requests.ask(request(answer, answer.after(patience)));
                }
                return Ok(Reported::Nothing);
            }
            _ => return Ok(Reported::Nothing),
        };
        client.own.under_way.push_back((name, answer.after(limit)));
        settle(client);
        Ok(Reported::Nothing)
    }

    /// A message was read.
    fn information(client: &mut Client<Self>, call: &Call, _: &[u8]) -> Result<Reported, String> {
        if call.spec.name != "+QMTRECV" || call.only_asks() {
            return Ok(Reported::Nothing);
        }
        match call.int(1).and_then(|slot| usize::try_from(slot).ok()) {
            None => client.own.showed += 1,
            Some(slot) if slot >= SLOTS => return Err("there is no such slot".into()),
            Some(slot) if std::mem::take(&mut client.own.slots[slot]) => {}
            Some(slot) => client.own.early[slot] += 1,
        }
        Ok(Reported::Message(client.index))
    }

    fn answers(client: &Client<Self>, call: &Call) -> Vec<Vec<Vec<u8>>> {
        let (i, own) = (client.index, &client.own);
        let state = match client.state {
            Closed | Opening => 0,
            Open => 1,
            Connecting | Refused => 2,
            Connected => 3,
            // A server that never closes is left without a word (section 7.3).
            Disconnecting if own.linked => 4,
            Disconnecting => 0,
        };
        let line = match (call.spec.name, call.spec.option) {
            (_, Some(option)) => {
                let setting = client.line(option).unwrap_or_default();
                Some([b"+QMTCFG: ", &setting[..]].concat())
            }
            ("+QMTRECV", _) => (state == 3).then(|| {
                let slots = own.slots.map(|s| if s { ",1" } else { ",0" });
                format!("+QMTRECV: {i}{}", slots.concat()).into_bytes()
            }),
            _ if state == 0 => None,
            ("+QMTCONN", _) => Some(format!("+QMTCONN: {i},{state}").into_bytes()),
            _ => Some(format!("+QMTOPEN: {i},\"h{i}.example\",1883").into_bytes()),
        };
        vec![line.into_iter().collect()]
    }

    fn overdue(client: &Client<Self>, now: Instant) -> Option<String> {
        let late = client.own.under_way.iter().find(|(_, due)| *due < now);
        late.map(|(name, _)| format!("no result of AT{name}"))
    }

    fn waiting(client: &Client<Self>) -> usize {
        client.own.slots.iter().filter(|slot| **slot).count()
    }

    /// A QoS 2 message that finds no room is dropped (section 5.5), and nobody
    /// can tell.
    fn may_drop(client: &Client<Self>, message: &Arrived, _: usize) -> bool {
        message.qos == 2 && Self::loses_waiting(client)
    }

    fn loses_waiting(client: &Client<Self>) -> bool {
        client.number("recv/mode", 0) == 1
    }
}

/// The state as of now: what was told, and what was accepted since.
fn settle(client: &mut Client<Quectel>) {
    let after = |state, (name, _): &(&str, _)| match (*name, state) {
        ("+QMTOPEN", Closed) => Opening,
        ("+QMTCONN", Open) => Connecting,
        ("+QMTDISC", Connected) => Disconnecting,
        (_, state) => state,
    };
    client.state = client.own.under_way.iter().fold(client.own.told, after);
}

/// A result of the life cycle was told: of which command, from which states,
/// and what it leads to.
fn told(
    client: &mut Client<Quectel>,
    command: &str,
    from: &[State],
    to: State,
) -> Result<Reported, String> {
    let own = &mut client.own;
    let at = own.under_way.iter().position(|(name, _)| *name == command);
    let at = at.ok_or_else(|| format!("no AT{command} is under way"))?;
    if !from.contains(&own.told) {
        return Err(format!("impossible while {:?}", own.told));
    }
    own.under_way.remove(at);
    own.told = to;
    settle(client);
    Ok(Reported::Nothing)
}

fn opened(client: &mut Client<Quectel>, heard: &Heard<'_>) -> Result<Reported, String> {
    let told_state = client.own.told;
    match heard.int(0)? {
        // Occupied: the one that waits longest may still be opening.
        2 => {
            let opens = |(name, _): &&(&str, Instant)| *name == "+QMTOPEN";
            let opening = client.own.under_way.iter().filter(opens).count();
            if told_state == Closed && opening < 2 {
                return Err("nothing is open".into());
            }
            told(client, "+QMTOPEN", &[told_state], told_state)
        }
        0 => told(client, "+QMTOPEN", &[Closed, Disconnecting], Open),
        result => {
            client.lacks_network = result == 3;
            match result {
                -1 | 1 | 3..=5 => told(client, "+QMTOPEN", &[Closed, Disconnecting], Closed),
                _ => Err("no such result".into()),
            }
        }
    }
}

fn connected(client: &mut Client<Quectel>, heard: &Heard<'_>) -> Result<Reported, String> {
    match (heard.int(0)?, heard.values.get(1).map(|_| heard.int(1))) {
        (0, Some(Ok(0))) => {
            empty_slots(client);
            told(client, "+QMTCONN", &[Open], Connected)
        }
        (0, Some(Ok(1..=5))) | (2, None) => told(client, "+QMTCONN", &[Open], Refused),
        _ => Err("no such result".into()),
    }
}

fn disconnected(client: &mut Client<Quectel>, heard: &Heard<'_>) -> Result<Reported, String> {
    match heard.int(0)? {
        0 | -1 => told(client, "+QMTDISC", &[Connected], Disconnecting),
        _ => Err("no such result".into()),
    }
}

fn closed(client: &mut Client<Quectel>, _: &Heard<'_>) -> Result<Reported, String> {
    ends(client);
    let from = [Open, Connecting, Refused, Connected, Disconnecting];
    told(client, "+QMTCLOSE", &from, Closed)
}

/// The connection is over, with what was under way on it.
fn lost(client: &mut Client<Quectel>, heard: &Heard<'_>) -> Result<Reported, String> {
    if !matches!(heard.int(0)?, 1..=8) || client.own.told == Closed {
        return Err(format!("impossible while {:?}", client.own.told));
    }
    ends(client);
    client.own.told = Closed;
    settle(client);
    Ok(Reported::Nothing)
}

/// A connection is over: requests, and commands that need it, end without a
/// line (section 6.7), and slots are emptied (section 5.7).
fn ends(client: &mut Client<Quectel>) {
    empty_slots(client);
    client.requests.vanish();
    let own = &mut client.own;
    while let Some(("+QMTCONN" | "+QMTDISC", _)) = own.under_way.front() {
        own.under_way.pop_front();
    }
}

fn empty_slots(client: &mut Client<Quectel>) {
    (client.own.slots, client.own.early) = ([false; SLOTS], [0; SLOTS]);
}

fn announced(client: &mut Client<Quectel>, heard: &Heard<'_>) -> Result<Reported, String> {
    let slot = usize::try_from(heard.int(0)?).unwrap_or(SLOTS);
    let occupied = client.own.slots.get_mut(slot).ok_or("no such slot")?;
    if client.own.early[slot] > 0 {
        client.own.early[slot] -= 1;
    } else if std::mem::replace(occupied, true) {
        return Err("the slot is occupied".into());
    }
    Ok(Reported::Nothing)
}

/// Every slot was read. Messages that were not announced took the lowest free
/// slots (section 5.2), and their announcements follow.
fn read_all(client: &mut Client<Quectel>) -> Result<Reported, String> {
    let own = &mut client.own;
    let announced = own.slots.iter().filter(|s| **s).count();
    let early = std::mem::take(&mut own.showed).checked_sub(announced);
    let early = early.ok_or("a message that was announced is missing")?;
    let free = (0..SLOTS).filter(|at| !own.slots[*at]).take(early);
    free.for_each(|at| own.early[at] += 1);
    own.slots = [false; SLOTS];
    Ok(Reported::Nothing)
}

fn request(answer: &Answer<'_>, due: Instant) -> Request {
    let call = answer.call;
    // The name of its result, without `+QMT`.
    let request = Request::new(&call.spec.name[4..], call.number(1), due);
    if !request.name.starts_with("PUB") {
        let filters = call.args[2..].chunks(2).map(|_| Vec::new()).collect();
        return Request {
            topics: filters,
            ..request
        };
    }
    let payload = match answer.data {
        Entered::Data(data) => data,
        _ => call.string(6).or(call.string(5)).unwrap_or_default(),
    };
    request.publishing(call.number(2), payload.to_vec())
}

/// The result of a request. Which of several with one identifier it belongs to
/// cannot be told, so that one may stand for the other.
fn result(client: &mut Client<Quectel>, name: &str, heard: &Heard<'_>) -> Result<Reported, String> {
    let (id, result) = (heard.id(0)?, heard.int(1)?);
    let values = heard.text(2);
    let values = integers(values.strip_prefix(b",").unwrap_or(values)).ok_or("no list")?;
    let requests = &mut client.requests.0;
    let fits = |r: &Request| r.name == name && r.id == id;
    let mut own: Vec<usize> = (0..requests.len())
        .filter(|at| fits(&requests[*at]))
        .collect();
    if own.iter().any(|at| !requests[*at].vanished) {
        own.retain(|at| !requests[*at].vanished);
    }
    let (Some(&oldest), Some(&newest)) = (own.first(), own.last()) else {
        return Err("nobody asked for it".into());
    };
    let codes = || {
        own.iter()
            .any(|at| requests[*at].topics.len() == values.len())
    };
    match (result, &values[..]) {
        (0, []) if name != "SUB" => {}
        (0, granted) if name == "SUB" && codes() => {
            if granted.iter().any(|code| !matches!(code, 0..=2 | 128)) {
                return Err("no such code".into());
            }
        }
        (1, [1..=10]) => return Ok(Reported::Nothing),
        (2, []) => {}
        _ => return Err("no such result".into()),
    }
    let is_qos0 = |at: &&usize| requests[**at].publications.iter().any(|p| p.qos == 0);
    let done = match result {
        2 => newest,
        _ => *own.iter().find(is_qos0).unwrap_or(&oldest),
    };
    let publications = |at: &usize| requests[*at].publications.clone();
    let candidates: Vec<Publication> = own.iter().flat_map(publications).collect();
    let done = requests.remove(done);
    if let Some(left) = requests.iter_mut().find(|r| fits(r)) {
        left.publications.extend(done.publications);
    }
    Ok(match result {
        2 => Reported::Nothing,
        _ => Reported::Published(candidates),
    })
}

fn index_of(before: &[Arg]) -> u32 {
    match before.first() {
        Some(Arg::Int(index)) => *index,
        _ => 0,
    }
}

fn publish(speaker: &mut Speaker<'_>, client: u8) -> Call {
    let rng = &mut *speaker.rng;
    let qos = rng.between(0, 2);
    let id = if qos == 0 { 0 } else { rng.between(1, 9) };
    let mut args = [client.into(), id, qos].map(Arg::Int).to_vec();
    args.extend(draw_all(&[Flag(100), Text(TOPICS)], rng));
    let len = *rng.pick(&[10, 16, 40, 200, 1_500]);
    let (command, more) = match rng.below(6) {
        0 => ("+QMTPUB=", Vec::new()),
        1 => ("+QMTPUB=", vec![Arg::Int(len)]),
        2 => {
            let text = speaker.payloads.text(rng, 20);
            let len = u32::try_from(text.len()).unwrap_or(0);
            ("+QMTPUB=", vec![Arg::Int(len), Arg::Text(text)])
        }
        3 => (
            "+QMTPUBEX=",
            vec![Arg::Text(speaker.payloads.text(rng, 20))],
        ),
        _ => ("+QMTPUBEX=", vec![Arg::Int(len)]),
    };
    args.extend(more);
    speaker.grammar.spelled(command, args)
}
