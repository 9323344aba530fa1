//! What the host knows of one client, from what it was told and nothing else.

use attwin_core::{Duration, Instant};

use super::super::call::{Arg, Call};
use super::super::dialect::{Entered, Publication, Told};
use super::{GRACE, numbers};

const SLOTS: usize = 5;
/// How long opening may take (docs/spec/quectel.md 3.2).
const OPEN: Duration = Duration::from_secs(120);
/// How long a server may take to close (docs/spec/quectel.md 3.5).
const DISCONNECT: Duration = Duration::from_secs(30);
/// Requests of earlier connections that may still be heard of.
const MOST_REQUESTS: usize = 200;

/// States of section 7.1; a refused CONNECT waits for its `+QMTSTAT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum State {
    #[default]
    Closed,
    Opening,
    Open,
    Connecting,
    Refused,
    Connected,
    Disconnecting,
}

/// A request whose result line is to come.
#[derive(Debug)]
struct Request {
    name: &'static str,
    id: u32,
    due: Instant,
    /// For a publish: what was published.
    publications: Vec<Publication>,
    /// For SUBSCRIBE: how many filters.
    filters: usize,
    /// Its connection ended: the result may have been on its way, or not.
    vanished: bool,
}

/// One of the six clients.
#[derive(Debug)]
pub(super) struct Client {
    state: State,
    /// The host was faster than the URCs: commands succeeded in states it did
    /// not know of. What is true shows at the next query.
    unclear: bool,
    /// When the result of each command of that kind is due at the latest.
    opening: Vec<Instant>,
    connecting: Vec<Instant>,
    disconnecting: Vec<Instant>,
    closing: Vec<Instant>,
    requests: Vec<Request>,
    timeout: [u32; 3],
    receive: [u32; 2],
    slots: [bool; SLOTS],
    /// Messages read from a slot before they were announced.
    early: [u8; SLOTS],
    /// Messages the answer in progress showed, of no known slot.
    showed: usize,
    slots_unclear: bool,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            state: State::Closed,
            unclear: false,
            opening: Vec::new(),
            connecting: Vec::new(),
            disconnecting: Vec::new(),
            closing: Vec::new(),
            requests: Vec::new(),
            timeout: [5, 3, 0],
            receive: [0, 0],
            slots: [false; SLOTS],
            early: [0; SLOTS],
            showed: 0,
            slots_unclear: false,
        }
    }
}

impl Client {
    pub(super) fn state(&self) -> State {
        self.state
    }

    /// Slots known to be occupied, in buffered mode.
    pub(super) fn waiting(&self) -> Option<usize> {
        let occupied = self.slots.iter().filter(|s| **s).count();
        (self.receive[0] == 1).then_some(if self.slots_unclear { SLOTS } else { occupied })
    }

    /// A command of this client was answered `OK`.
    pub(super) fn accepted(&mut self, now: Instant, call: &Call, data: &Entered) {
        let [timeout, retries, _] = self.timeout.map(u64::from);
        // Twice for QoS 2 (docs/spec/quectel.md 6.6).
        let request = Duration::from_secs(2 * timeout * (retries + 1)) + GRACE;
        let known = match call.spec.name {
            "+QMTCFG" => return self.configured(call),
            "+QMTOPEN" => {
                self.opening.push(now + OPEN + GRACE);
                self.moves(self.state == State::Closed, State::Opening)
            }
            "+QMTCONN" => {
                self.connecting.push(now + request);
                self.moves(self.state == State::Open, State::Connecting)
            }
            "+QMTDISC" => {
                self.disconnecting.push(now + DISCONNECT + GRACE);
                // The server answers nothing any more.
                self.forget_requests();
                self.moves(self.state == State::Connected, State::Disconnecting)
            }
            "+QMTCLOSE" => {
                self.closing.push(now + GRACE);
                !matches!(self.state, State::Closed | State::Opening)
            }
            "+QMTRECV" => {
                if call.int(1).is_none() {
                    self.read_all();
                }
                true
            }
            name => {
                if *data != Entered::Cancelled {
                    self.request(name, now + request, call, data);
                }
                self.state == State::Connected
            }
        };
        self.unclear |= !known;
    }

    /// The module said a URC of this client; `Err` says why it cannot have.
    pub(super) fn told(&mut self, name: &str, rest: &[u8]) -> Result<Told, String> {
        let numbers = numbers(rest).ok_or("not a list of integers")?;
        match (name, &numbers[..]) {
            ("OPEN", [2]) => {
                pop(&mut self.opening).ok_or("nothing is being opened")?;
                return Ok(Told::Nothing);
            }
            ("OPEN", [result @ (-1..=5)]) => {
                pop(&mut self.opening).ok_or("nothing is being opened")?;
                self.state = if *result == 0 {
                    State::Open
                } else {
                    State::Closed
                };
            }
            ("CONN", [0, 0]) => {
                pop(&mut self.connecting).ok_or("nobody connects")?;
                self.state = State::Connected;
                self.empty_slots();
            }
            ("CONN", [0, 1..=5] | [2]) => {
                pop(&mut self.connecting).ok_or("nobody connects")?;
                self.state = State::Refused;
            }
            ("DISC", [0 | -1]) => {
                pop(&mut self.disconnecting).ok_or("nobody disconnects")?;
                self.state = State::Disconnecting;
            }
            ("CLOSE", [0]) => {
                pop(&mut self.closing).ok_or("nobody closes")?;
                self.closed();
            }
            ("STAT", [1..=8]) => self.closed(),
            // +QMTSTAT follows.
            ("PING", [1]) => return Ok(Told::Nothing),
            ("RECV", [slot]) => return self.announced(*slot).map(|()| Told::Nothing),
            ("SUB" | "UNS" | "PUB" | "PUBEX", [id, result, values @ ..]) => {
                return self.result(name, *id, *result, values);
            }
            _ => return Err("no such result".into()),
        }
        // With nothing under way, what was just told is how it is.
        if self.opening.is_empty()
            && self.connecting.is_empty()
            && self.disconnecting.is_empty()
            && self.closing.is_empty()
        {
            self.unclear = false;
        }
        Ok(Told::Nothing)
    }

    /// A message was read from this slot, or from any.
    pub(super) fn read(&mut self, slot: Option<u32>) {
        let Some(slot) = slot.and_then(|slot| usize::try_from(slot).ok()) else {
            self.showed += 1;
            return;
        };
        if let (Some(occupied), Some(early)) = (self.slots.get_mut(slot), self.early.get_mut(slot))
            && !std::mem::take(occupied)
        {
            *early += 1;
        }
    }

    /// Compares a line of an answer about this client with the model. `Err`
    /// says what was expected.
    pub(super) fn check(
        &mut self,
        call: &Call,
        index: usize,
        line: Option<&str>,
    ) -> Result<(), String> {
        if let Some(option) = call.spec.option {
            let [a, b, c] = self.timeout;
            let [mode, length] = self.receive;
            let expected = match option {
                "timeout" => format!("+QMTCFG: \"timeout\",{a},{b},{c}"),
                _ => format!("+QMTCFG: \"recv/mode\",{mode},{length}"),
            };
            return if line == Some(&expected) {
                Ok(())
            } else {
                Err(expected)
            };
        }
        if call.spec.name == "+QMTRECV" {
            return self.check_slots(index, line);
        }
        if self.unclear {
            if call.spec.name == "+QMTCONN" {
                self.adopt(line);
            }
            return Ok(());
        }
        let state = match self.state {
            State::Closed | State::Opening => None,
            State::Open => Some(1),
            State::Connecting | State::Refused => Some(2),
            State::Connected => Some(3),
            State::Disconnecting => Some(4),
        };
        // The module may have waited long enough and closed silently.
        if line.is_none() && self.state == State::Disconnecting {
            return Ok(());
        }
        let expected = match call.spec.name {
            "+QMTCONN" => state.map(|state| format!("+QMTCONN: {index},{state}")),
            _ => state.map(|_| format!("+QMTOPEN: {index},\"h{index}.example\",1883")),
        };
        if line == expected.as_deref() {
            Ok(())
        } else {
            Err(format!("{expected:?}"))
        }
    }

    /// A result that should have come.
    pub(super) fn overdue(&self, now: Instant) -> Option<String> {
        let late = |due: &[Instant]| due.iter().any(|due| *due < now);
        let commands = [
            ("QMTOPEN", &self.opening),
            ("QMTCONN", &self.connecting),
            ("QMTDISC", &self.disconnecting),
            ("QMTCLOSE", &self.closing),
        ];
        if let Some((name, _)) = commands.iter().find(|(_, due)| late(due))
            && !self.unclear
        {
            return Some(format!("no result of AT+{name}"));
        }
        let request = self.requests.iter().find(|r| !r.vanished && r.due < now)?;
        Some(format!("no result of AT{} {}", request.name, request.id))
    }

    fn configured(&mut self, call: &Call) {
        let target = match call.spec.option {
            Some("timeout") => &mut self.timeout[..],
            Some("recv/mode") => &mut self.receive[..],
            _ => return,
        };
        for (value, arg) in target.iter_mut().zip(&call.args[1..]) {
            if let Arg::Int(given) = arg {
                *value = *given;
            }
        }
    }

    fn moves(&mut self, known: bool, to: State) -> bool {
        if known && !self.unclear {
            self.state = to;
        }
        known
    }

    fn request(&mut self, name: &'static str, due: Instant, call: &Call, data: &Entered) {
        let publish = name.starts_with("+QMTPUB");
        let payload = match data {
            Entered::Data(data) => Some(&data[..]),
            _ => call.string(6).or_else(|| call.string(5)),
        };
        let publication = payload.filter(|_| publish).map(|payload| Publication {
            qos: call
                .int(2)
                .and_then(|qos| u8::try_from(qos).ok())
                .unwrap_or(0),
            payload: payload.to_vec(),
        });
        if self.requests.len() >= MOST_REQUESTS {
            self.requests.remove(0);
        }
        self.requests.push(Request {
            name,
            id: call.int(1).unwrap_or(0),
            due,
            publications: publication.into_iter().collect(),
            filters: (call.args.len() - 2) / 2,
            vanished: false,
        });
    }

    fn result(&mut self, name: &str, id: i64, result: i64, values: &[i64]) -> Result<Told, String> {
        let fits = |r: &Request| i64::from(r.id) == id && r.name.strip_prefix("+QMT") == Some(name);
        let mut own: Vec<usize> = (0..self.requests.len())
            .filter(|at| fits(&self.requests[*at]))
            .collect();
        if own.iter().any(|at| !self.requests[*at].vanished) {
            own.retain(|at| !self.requests[*at].vanished);
        }
        let (Some(&oldest), Some(&newest)) = (own.first(), own.last()) else {
            return Err("nobody asked for it".into());
        };
        let filters = || {
            own.iter()
                .any(|at| self.requests[*at].filters == values.len())
        };
        match (result, values) {
            (0, []) if name != "SUB" => {}
            (0, codes) if name == "SUB" && filters() => {
                if codes.iter().any(|code| !matches!(code, 0..=2 | 128)) {
                    return Err("no such code".into());
                }
            }
            (1, [1..=10]) => return Ok(Told::Nothing),
            (2, []) => {}
            _ => return Err("no such result".into()),
        }
        if result == 2 {
            // Which of several with one identifier failed cannot be told.
            let failed = self.requests.remove(newest);
            if let Some(other) = self.requests.get_mut(oldest).filter(|_| oldest != newest) {
                other.publications.extend(failed.publications);
            }
            return Ok(Told::Nothing);
        }
        let candidates = own
            .iter()
            .flat_map(|at| self.requests[*at].publications.iter().cloned())
            .collect();
        let unacknowledged =
            |at: &&usize| self.requests[**at].publications.iter().any(|p| p.qos == 0);
        let done = *own.iter().find(unacknowledged).unwrap_or(&oldest);
        let done = self.requests.remove(done);
        let left = self.requests.iter_mut().find(|r| fits(r));
        if let Some(left) = left {
            left.publications.extend(done.publications);
        }
        Ok(Told::Published(candidates))
    }

    /// The connection is over; requests vanish without a line (6.7).
    fn closed(&mut self) {
        self.state = State::Closed;
        self.empty_slots();
        self.forget_requests();
        if !self.unclear {
            self.connecting.clear();
            self.disconnecting.clear();
        }
    }

    fn forget_requests(&mut self) {
        for request in &mut self.requests {
            request.vanished = true;
        }
    }

    fn empty_slots(&mut self) {
        self.slots = [false; SLOTS];
        self.early = [0; SLOTS];
        self.slots_unclear = false;
    }

    fn announced(&mut self, slot: i64) -> Result<(), String> {
        let slot = usize::try_from(slot).map_err(|_| "no such slot")?;
        let occupied = self.slots.get_mut(slot).ok_or("no such slot")?;
        if self.early[slot] > 0 {
            self.early[slot] -= 1;
        } else if std::mem::replace(occupied, true) && !self.slots_unclear {
            return Err("the slot is occupied".into());
        }
        Ok(())
    }

    /// Every slot was read. If there were more than announced, announcements
    /// to come will be of slots that are empty again.
    fn read_all(&mut self) {
        let announced = self.slots.iter().filter(|s| **s).count();
        self.slots_unclear |= std::mem::take(&mut self.showed) != announced;
        self.slots = [false; SLOTS];
    }

    fn check_slots(&mut self, index: usize, line: Option<&str>) -> Result<(), String> {
        if self.unclear {
            return Ok(());
        }
        if self.slots_unclear
            && let Some(line) = line
        {
            let stated = numbers(&line.as_bytes()["+QMTRECV: ".len()..]).unwrap_or_default();
            for (slot, stated) in self.slots.iter_mut().zip(&stated[1..]) {
                *slot = *stated == 1;
            }
            self.early = [0; SLOTS];
            self.slots_unclear = false;
        }
        let expected = (self.state == State::Connected).then(|| {
            let slots = self.slots.map(|s| if s { ",1" } else { ",0" });
            format!("+QMTRECV: {index}{}", slots.concat())
        });
        if line == expected.as_deref() {
            Ok(())
        } else {
            Err(format!("{expected:?}"))
        }
    }

    /// The query says how it is.
    fn adopt(&mut self, line: Option<&str>) {
        self.state = match line.and_then(|line| line.bytes().last()) {
            None if self.opening.is_empty() => State::Closed,
            None => State::Opening,
            Some(b'1') => State::Open,
            Some(b'2') => State::Connecting,
            Some(b'3') => State::Connected,
            Some(_) => State::Disconnecting,
        };
        if self.state != State::Connecting {
            self.connecting.clear();
        }
        if self.state != State::Disconnecting {
            self.disconnecting.clear();
        }
        self.slots_unclear = true;
        self.unclear = false;
    }
}

/// Takes the oldest.
fn pop(due: &mut Vec<Instant>) -> Option<Instant> {
    (!due.is_empty()).then(|| due.remove(0))
}
