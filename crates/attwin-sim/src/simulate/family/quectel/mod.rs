//! `AT+QMT*` (docs/spec/quectel.md). Results are URCs, and come in the order of
//! what they report: a client is in the state last told, and then in what was
//! accepted since.

mod tables;

use std::collections::VecDeque;

use attwin_core::{CloseReason, Duration, Instant};

use self::tables::TABLES;
use crate::simulate::arrived::Arrived;
use crate::simulate::call::{Arg, Call};
use crate::simulate::model::{
    Answer, Client, Entered, Entry, Family, Heard, Link, Outcome, Publication, Reported, Request,
    Tables, if_so,
};
use crate::simulate::random::Rng;
use crate::simulate::shape::integers;

use State::{Closed, Connected, Connecting, Disconnecting, Open, Opening, Refused};

const SLOTS: usize = 5;
/// Publishes that may be unacknowledged (section 6.4).
const WINDOW: usize = 5;
/// How long opening may take (section 3.2).
const OPEN: Duration = Duration::from_secs(120);
/// How long a server may take to close (section 3.5).
const DISCONNECT: Duration = Duration::from_secs(30);
/// Clients that are used much; the others only now and then.
const BUSY: u32 = 3;

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

/// How a connection ended, as far as the network knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Ended {
    /// It did not, or the module ended it.
    #[default]
    Not,
    By(CloseReason),
    Unknown,
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
    /// Why the last connection ended, if neither side of the serial line ended
    /// it. Where the host opened another before it was told, nobody can say.
    ended: Ended,
    /// PINGRESP did not come, as the line before told.
    ping_failed: bool,
    /// Identifiers of QoS 1 and 2 publishes under way, and until when the
    /// module cannot have given them up.
    window: Vec<(u32, Instant)>,
}

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
        if rng.per_mille(400) {
            return 0;
        }
        let (low, high) = if rng.per_mille(30) {
            (BUSY, 5)
        } else {
            (0, BUSY - 1)
        };
        u8::try_from(rng.between(low, high)).unwrap_or(0)
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
        let own = &mut client.own;
        match link {
            Link::Acknowledged(id) => own.window.retain(|(known, _)| *known != u32::from(id)),
            Link::Ended(why) if own.ended == Ended::Not => own.ended = Ended::By(why),
            Link::Ended(_) => own.ended = Ended::Unknown,
            Link::Gone => {
                own.linked = false;
                own.window.clear();
            }
            Link::Opening => {
                own.linked = true;
                let was_told = own.told == Closed && own.under_way.len() < 2;
                own.ended = if was_told { Ended::Not } else { Ended::Unknown };
            }
            Link::Answered { .. } => {}
        }
    }

    fn follows(client: &mut Client<Self>, answer: &Answer<'_>) -> Outcome {
        let call = answer.call;
        let [timeout, retries] = [0, 1].map(|at| u64::from(client.number("timeout", at)));
        // Twice for QoS 2 (section 6.6).
        let exchange = Duration::from_secs(2 * timeout * (retries + 1));
        let limit = match (call.spec.name, call.spec.option) {
            ("+QMTCFG", Some(option @ ("timeout" | "recv/mode"))) => {
                client.own.window.clear();
                client.update(option, call.values(4).split_off(1));
                None
            }
            ("+QMTRECV", _) if call.int(1).is_none() => return read_all(client),
            ("+QMTSUB" | "+QMTUNS" | "+QMTPUB" | "+QMTPUBEX", _) => {
                if *answer.data != Entered::Cancelled {
                    takes_place(client, answer, exchange / 2)?;
                    client.requests.ask(request(answer, answer.after(exchange)));
                }
                None
            }
            ("+QMTOPEN", _) => Some(OPEN),
            ("+QMTCONN", _) => Some(exchange),
            ("+QMTDISC", _) => {
                // The server answers nothing any more.
                client.requests.vanish();
                Some(DISCONNECT)
            }
            ("+QMTCLOSE", _) => Some(Duration::ZERO),
            _ => None,
        };
        if let Some(limit) = limit {
            let under_way = (call.spec.name, answer.after(limit));
            client.own.under_way.push_back(under_way);
            settle(client);
        }
        Ok(Reported::Nothing)
    }

    /// A message was read.
    fn information(client: &mut Client<Self>, call: &Call, _: &[u8]) -> Outcome {
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
            (_, Some(option)) => client.line(option),
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
        if client.own.ping_failed {
            return Some("no +QMTSTAT follows on +QMTPING".into());
        }
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

/// A result of the life cycle: of this command, which these states allow, and
/// the state it tells of.
fn told(client: &mut Client<Quectel>, command: &str, from: &[State], to: State) -> Outcome {
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

fn opened(client: &mut Client<Quectel>, heard: &Heard<'_>) -> Outcome {
    let before = client.own.told;
    let names = client.own.under_way.iter().map(|(name, _)| *name);
    let opening = names.filter(|name| *name == "+QMTOPEN").count();
    client.lacks_network = heard.int(0)? == 3;
    match heard.int(0)? {
        0 => told(client, "+QMTOPEN", &[Closed, Disconnecting], Open),
        // Occupied: by an earlier one, if not by a connection.
        2 if before == Closed && opening < 2 => Err("nothing is open".into()),
        2 => told(client, "+QMTOPEN", &[before], before),
        -1..=5 => told(client, "+QMTOPEN", &[Closed, Disconnecting], Closed),
        _ => Err("no such result".into()),
    }
}

fn connected(client: &mut Client<Quectel>, heard: &Heard<'_>) -> Outcome {
    match (heard.int(0)?, heard.text(1)) {
        (0, b"0") => {
            empty_slots(client);
            told(client, "+QMTCONN", &[Open], Connected)
        }
        (0, b"1" | b"2" | b"3" | b"4" | b"5") | (2, b"") => {
            told(client, "+QMTCONN", &[Open], Refused)
        }
        _ => Err("no such result".into()),
    }
}

fn closed(client: &mut Client<Quectel>, _: &Heard<'_>) -> Outcome {
    ends(client);
    client.own.ended = Ended::Not;
    let from = [Open, Connecting, Refused, Connected, Disconnecting];
    told(client, "+QMTCLOSE", &from, Closed)
}

fn lost(client: &mut Client<Quectel>, heard: &Heard<'_>) -> Outcome {
    let told = client.own.told;
    let ended = client.own.ended;
    if ended != Ended::Unknown {
        client.own.ended = Ended::Not;
    }
    let ping_failed = std::mem::take(&mut client.own.ping_failed);
    let cause = heard.int(0)?;
    let closed = matches!(ended, Ended::By(CloseReason::Finished | CloseReason::Reset));
    let fits = match cause {
        2 => ping_failed,
        _ if ping_failed => false,
        1..=8 if ended == Ended::Unknown => true,
        1 => ended == Ended::Not || closed && !matches!(told, Refused | Disconnecting),
        3 | 4 => told == Refused,
        5 => told == Disconnecting && ended != Ended::Not,
        // The DISCONNECT could not be sent.
        6 if told == Disconnecting => true,
        6 => matches!(ended, Ended::Not | Ended::By(CloseReason::WriteFailed)),
        7 => ended == Ended::By(CloseReason::TimedOut),
        // The server sent what it may not, as a second CONNACK.
        8 => ended == Ended::Not && told != Disconnecting,
        _ => false,
    };
    if !fits || told == Closed {
        return Err(format!("cause {cause} while {told:?}, ended {ended:?}"));
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

fn announced(client: &mut Client<Quectel>, heard: &Heard<'_>) -> Outcome {
    let slot = usize::try_from(heard.int(0)?).unwrap_or(SLOTS);
    let occupied = client.own.slots.get_mut(slot).ok_or("no such slot")?;
    let early = &mut client.own.early[slot];
    if *early > 0 {
        *early -= 1;
        return Ok(Reported::Nothing);
    }
    if_so(!std::mem::replace(occupied, true), "the slot is occupied")
}

/// Every slot was read. Messages that were not announced took the lowest free
/// slots (section 5.2), and their announcements follow.
fn read_all(client: &mut Client<Quectel>) -> Outcome {
    let own = &mut client.own;
    let announced = own.slots.iter().filter(|s| **s).count();
    let early = std::mem::take(&mut own.showed).checked_sub(announced);
    let early = early.ok_or("a message that was announced is missing")?;
    let free = (0..SLOTS).filter(|at| !own.slots[*at]).take(early);
    free.for_each(|at| own.early[at] += 1);
    own.slots = [false; SLOTS];
    Ok(Reported::Nothing)
}

/// A publish that is to be acknowledged takes its place in the window. `first`
/// is how long the module waits for the first acknowledgement at least.
fn takes_place(client: &mut Client<Quectel>, answer: &Answer<'_>, first: Duration) -> Outcome {
    let (call, now) = (answer.call, answer.now);
    let id = call.number(1);
    let mut requests = client.requests.0.iter();
    if !call.spec.name.starts_with("+QMTPUB")
        || call.number(2) == 0
        || requests.any(|request| !request.vanished && request.id == id)
    {
        return Ok(Reported::Nothing);
    }
    let window = &mut client.own.window;
    window.retain(|(_, until)| *until > now);
    if_so(window.len() < WINDOW, "the window is full")?;
    window.push((id, now + first));
    Ok(Reported::Nothing)
}

fn request(answer: &Answer<'_>, due: Instant) -> Request {
    let call = answer.call;
    // The name of its result, without `+QMT`. A message in the command line has its result under the name of
    // AT+QMTPUB (section 3.8).
    let message = call.string(6).or(call.string(5));
    let is_inline = call.spec.name == "+QMTPUBEX" && message.is_some();
    let name = call.spec.result.unwrap_or(match is_inline {
        true => "+QMTPUB",
        false => call.spec.name,
    });
    let request = Request::new(&name[4..], call.number(1), due);
    if !request.name.starts_with("PUB") {
        let topics = call.args[2..].chunks(2).map(|_| Vec::new()).collect();
        return Request { topics, ..request };
    }
    let payload = match answer.data {
        Entered::Data(data) => data,
        _ => message.unwrap_or_default(),
    };
    request.publishing(call.number(2), payload.to_vec())
}

/// Whether topic and identifier fit (section 3.8).
fn is_publishable(call: &Call) -> bool {
    let wildcard = call.text(4).iter().any(|b| matches!(b, b'+' | b'#'));
    !wildcard && (call.number(2) == 0 || call.number(1) > 0)
}

/// The result of a request. Which of several with one identifier it belongs to
/// cannot be told, so that one may stand for the other.
fn result(client: &mut Client<Quectel>, name: &str, heard: &Heard<'_>) -> Outcome {
    let (id, result) = (heard.id(0)?, heard.int(1)?);
    let values = heard.text(2);
    let values = integers(values.strip_prefix(b",").unwrap_or(values)).ok_or("no list")?;
    let requests = &mut client.requests.0;
    let fits = |r: &Request| r.name == name && r.id == id;
    let of = |vanished| {
        let all = 0..requests.len();
        let fits = |at: &usize| fits(&requests[*at]) && requests[*at].vanished == vanished;
        all.filter(fits).collect::<Vec<_>>()
    };
    let own = Some(of(false)).filter(|own| !own.is_empty());
    let own = own.unwrap_or_else(|| of(true));
    let (Some(&oldest), Some(&newest)) = (own.first(), own.last()) else {
        return Err("nobody asked for it".into());
    };
    let is_code = |code: &i64| matches!(code, 0..=2 | 128);
    let mut topics = own.iter().map(|at| requests[*at].topics.len());
    match (result, &values[..]) {
        (1, [1..=10]) => return Ok(Reported::Nothing),
        (0, []) if name != "SUB" => {}
        (0, codes) if name == "SUB" && codes.iter().all(is_code) => {
            if_so(topics.any(|n| n == codes.len()), "no such number of topics")?;
        }
        (2, []) => {}
        _ => return Err("no such result".into()),
    }
    let publications = |at: &usize| requests[*at].publications.clone();
    let candidates: Vec<Publication> = own.iter().flat_map(publications).collect();
    let is_qos0 = |at: &&usize| requests[**at].publications.iter().any(|p| p.qos == 0);
    let done = match result {
        2 => newest,
        _ => *own.iter().find(is_qos0).unwrap_or(&oldest),
    };
    let done = requests.remove(done);
    if let Some(left) = requests.iter_mut().find(|r| fits(r)) {
        left.publications.extend(done.publications);
    }
    Ok(match result {
        2 => Reported::Nothing,
        _ => Reported::Published(candidates),
    })
}
