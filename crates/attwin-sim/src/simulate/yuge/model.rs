//! What the host knows of the client, from what it was told: the life cycle of
//! section 8, results with their identifiers, and the buffer of section 5.2.

use attwin_core::{Duration, Form, Instant};

use super::super::call::{Arg, Call};
use super::super::dialect::{Entered, Link, Publication, Refusal, Told};
use super::STORED;
use super::settings::{Settings, echo, is_filter, is_hexadecimal, is_name};

/// Time that settles what was under way when a deadline passed.
const GRACE: Duration = Duration::from_secs(2);
/// How long connecting may take (section 7.1).
const CONNECT: Duration = Duration::from_secs(10);
/// How long a registration may take once connected: CONNACK and push.
const REGISTER: Duration = Duration::from_secs(10);
/// How long a QoS 0 publish may take: as long as a connection on which nothing
/// is taken (section 7.1).
const WRITE: Duration = Duration::from_secs(200);
/// Operations that wait for an acknowledgement (section 2.7).
const MOST_OPERATIONS: usize = 16;

/// States of section 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum State {
    #[default]
    Idle,
    Connecting,
    Connected,
    Registering,
}

/// How a call may be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Ok,
    Error,
    Any,
}

/// A request whose result is to come.
#[derive(Debug)]
struct Operation {
    /// Name of the result, without `+IMQTT`.
    name: &'static str,
    id: u32,
    due: Instant,
    topic: Vec<u8>,
    qos: u32,
    publication: Option<Publication>,
    /// Its connection was lost before its data was complete: its result comes
    /// after the loss (section 4).
    late: bool,
}

#[derive(Debug, Default)]
pub(super) struct Model {
    state: State,
    /// The server accepted the connection, and it is not over.
    up: bool,
    settings: Settings,
    due: Option<Instant>,
    /// AT+IMQTTDISCONN was accepted.
    leaving: bool,
    /// Results of AT+IMQTTCONN to come that say it is connected already.
    again: usize,
    /// Type and mode of the registration under way.
    registration: Option<(u32, u32)>,
    operations: Vec<Operation>,
    next_id: u32,
    stored: usize,
    /// `FULL` has to follow.
    fills: bool,
    /// What the answer in progress has read.
    reading: usize,
    subscribed: Option<(Vec<u8>, u32)>,
    unsubscribed: Option<(Vec<u8>, i32)>,
    published: Option<(Vec<u8>, u32, Vec<u8>)>,
    published_digits: Option<(Vec<u8>, u32, Vec<u8>)>,
    registered: Option<Vec<u8>>,
    /// A registration succeeded; its secrets are the broker's.
    slots_unclear: bool,
}

impl Model {
    pub(super) fn state(&self) -> State {
        self.state
    }

    pub(super) fn can_connect(&self) -> bool {
        self.settings.are_complete()
    }

    pub(super) fn stored(&self) -> usize {
        self.stored
    }

    pub(super) fn is_buffered(&self) -> bool {
        self.settings.receive == 1
    }

    /// All is in RAM but what was registered (section 2.8).
    pub(super) fn restart(&mut self) {
        *self = Self {
            slots_unclear: self.slots_unclear,
            ..Self::default()
        };
    }

    pub(super) fn link(&mut self, link: Link) {
        match link {
            Link::Answered { code: 0, .. } => self.up = true,
            Link::Answered { .. } | Link::Opening | Link::Gone => self.up = false,
        }
    }

    pub(super) fn accepted(
        &mut self,
        now: Instant,
        call: &Call,
        data: &Entered,
    ) -> Result<(), String> {
        if !call.spec.name.starts_with("+IMQTT") {
            return Ok(());
        }
        if self.verdict(call) == Verdict::Error {
            return Err(self.wrong(call, "OK"));
        }
        self.apply(now, call, data)
    }

    pub(super) fn refused(&mut self, call: &Call, how: &Refusal<'_>) -> Result<(), String> {
        if !call.spec.name.starts_with("+IMQTT") {
            return Ok(());
        }
        let shown = String::from_utf8_lossy(how.result);
        // Data that does not come ends in an error too (section 4).
        let enters = call.is("+IMQTTPUBEX", Form::Write);
        if how.result != b"ERROR" || (self.verdict(call) == Verdict::Ok && !enters) {
            return Err(self.wrong(call, &shown));
        }
        Ok(())
    }

    /// A message was read from the buffer.
    pub(super) fn read(&mut self, line: &[u8]) -> Result<(), String> {
        self.reading += 1;
        if self.reading > self.stored {
            return Err(format!("{} was not announced", line.escape_ascii()));
        }
        Ok(())
    }

    pub(super) fn urc(&mut self, now: Instant, line: &[u8]) -> Result<Told, String> {
        let Some(rest) = line.strip_prefix(b"+IMQTT") else {
            return Ok(Told::Nothing);
        };
        let colon = rest.iter().position(|b| *b == b':').ok_or("no values")?;
        let (name, values) = (&rest[..colon], &rest[colon + 1..]);
        if self.fills && line != b"+IMQTTCOUNT: FULL" {
            return Err("FULL has to come".into());
        }
        match (name, values) {
            (b"CONN", b"0") if self.state == State::Connecting => {
                self.moves(State::Connected);
                self.next_id = 2;
            }
            (b"CONN", b"1") => {
                let left = self.again.checked_sub(1);
                self.again = left.ok_or("nobody connects again")?;
            }
            (b"CONN", b"-1") => self.ended()?,
            (b"RCVPUB", _) if self.is_buffered() => return Err("messages are stored".into()),
            (b"RCVPUB", _) => return Ok(Told::Message(0)),
            (b"COUNT", values) => self.counted(values)?,
            (b"DYNREG", values) => {
                let (kind, mode) = self.registration.take().ok_or("nobody registers")?;
                self.moves(State::Idle);
                let values = values.strip_prefix(mode.to_string().as_bytes());
                let values = values.ok_or("of another mode")?;
                self.slots_unclear |= values != b",\"\",\"\",\"\"" && kind <= 1;
            }
            (b"SUB" | b"UNSUB" | b"PUB" | b"PUBEX", values) => {
                let values = std::str::from_utf8(values).map_err(|_| "no list")?;
                let (id, status) = values.split_once(',').ok_or("no list")?;
                let id = id.parse().map_err(|_| "no identifier")?;
                let status = status.parse().map_err(|_| "no status")?;
                return self.result(now, name, id, status);
            }
            _ => return Err(format!("impossible while {:?}", self.state)),
        }
        Ok(Told::Nothing)
    }

    /// What a query may answer; nothing if anything.
    pub(super) fn answers(&self, call: &Call) -> Vec<Vec<Vec<u8>>> {
        let name = call.spec.name;
        if let Some(line) = self.settings.line(name) {
            return vec![line.into_iter().collect()];
        }
        let one = |line: Vec<u8>| vec![vec![line]];
        let nothing = vec![Vec::new()];
        match (name, call.form) {
            ("+IMQTTDYNREG", Form::Write) if self.slots_unclear => Vec::new(),
            ("+IMQTTDYNREG", Form::Write) => {
                let slot = |n| format!("+IMQTTDYNREG: {n},\"\",\"\",\"\"").into_bytes();
                vec![vec![slot(1), slot(2)]]
            }
            ("+IMQTTDYNREG", _) => match &self.registered {
                Some(line) => one(line.clone()),
                None => one(b"+IMQTTDYNREG:0,0,\"\",\"\",\"\"".to_vec()),
            },
            // Whether the signal is good is the weather's.
            ("+IMQTTSTATE", _) if self.state == State::Connected => vec![
                vec![b"+IMQTTSTATE:1".to_vec()],
                vec![b"+IMQTTSTATE:2".to_vec()],
            ],
            ("+IMQTTSTATE", _) => one(b"+IMQTTSTATE:0".to_vec()),
            ("+IMQTTRECV", _) => one(format!("+IMQTTRECV: {}", self.stored).into_bytes()),
            ("+IMQTTSUB", _) => match &self.subscribed {
                None => nothing,
                Some((topic, qos)) => one([
                    b"+IMQTTSUB:",
                    &echo(topic)[..],
                    format!(",{qos}").as_bytes(),
                ]
                .concat()),
            },
            ("+IMQTTUNSUB", _) => match &self.unsubscribed {
                None => nothing,
                Some((topic, status)) => one([
                    b"+IMQTTUNSUB:",
                    &echo(topic)[..],
                    format!(",{status}").as_bytes(),
                ]
                .concat()),
            },
            ("+IMQTTPUB", _) => record(b"+IMQTTPUB: ", self.published.as_ref()),
            ("+IMQTTPUBIN", _) => record(b"+IMQTTPUBIN:", self.published_digits.as_ref()),
            _ => nothing,
        }
    }

    pub(super) fn overdue(&self, now: Instant) -> Option<String> {
        if self.due.is_some_and(|due| due < now) {
            return Some(format!("nothing follows on {:?}", self.state));
        }
        if self.again > 0 || self.fills {
            return Some("a line that follows at once does not come".into());
        }
        let operation = self.operations.iter().find(|o| o.due < now)?;
        Some(format!("no result of {} {}", operation.name, operation.id))
    }

    /// The rules of sections 2.7, 3 and 8.
    fn verdict(&self, call: &Call) -> Verdict {
        let name = call.spec.name;
        if matches!(call.form, Form::Test | Form::Read) {
            return Verdict::Ok;
        }
        let omits = call.args.contains(&Arg::Omitted);
        if call.invalid {
            return Verdict::Error;
        }
        if omits {
            return Verdict::Any;
        }
        let fits = |fits: bool| if fits { Verdict::Ok } else { Verdict::Error };
        let topic = call.string(0).unwrap_or_default();
        let waiting = self.operations.iter().filter(|o| o.id > 0).count();
        let connected = self.state == State::Connected && waiting < MOST_OPERATIONS;
        match name {
            "+IMQTTCONN" => fits(match self.state {
                State::Connected => true,
                State::Idle => self.settings.are_complete(),
                State::Connecting | State::Registering => false,
            }),
            "+IMQTTDISCONN" => fits(matches!(self.state, State::Connected | State::Connecting)),
            "+IMQTTSUB" | "+IMQTTUNSUB" => fits(connected && is_filter(topic)),
            "+IMQTTPUB" | "+IMQTTPUBEX" => fits(connected && is_topic(topic)),
            "+IMQTTPUBIN" => {
                let digits = call.string(2).unwrap_or_default();
                fits(connected && is_topic(topic) && is_hexadecimal(digits))
            }
            "+IMQTTDYNREG" => match (call.int(0), call.args.len()) {
                (Some(2), 1) => Verdict::Ok,
                (Some(0 | 1), 5) => fits(self.state == State::Idle && self.settings.mode == 1),
                _ => Verdict::Error,
            },
            // The specification knows of clearing all three only.
            "+IMQTTADDR" if topic.is_empty() && call.string(2) != Some(b"") => Verdict::Any,
            _ => fits(Settings::admit(call)),
        }
    }

    fn apply(&mut self, now: Instant, call: &Call, data: &Entered) -> Result<(), String> {
        if matches!(call.form, Form::Test | Form::Read) {
            return Ok(());
        }
        let topic = call.string(0).unwrap_or_default().to_vec();
        let timeout = Duration::from_secs(self.settings.timeout.into());
        let qos = call.int(1).unwrap_or(0);
        match call.spec.name {
            "+IMQTTCONN" if self.state == State::Connected => self.again += 1,
            "+IMQTTCONN" => {
                self.state = State::Connecting;
                self.due = Some(now + CONNECT + timeout + GRACE);
            }
            "+IMQTTDISCONN" => {
                self.leaving = true;
                self.due = Some(now + GRACE);
            }
            "+IMQTTSUB" => self.asks("SUB", topic, qos, None, now + timeout),
            "+IMQTTUNSUB" => self.asks("UNSUB", topic, 0, None, now + timeout),
            name @ ("+IMQTTPUB" | "+IMQTTPUBIN" | "+IMQTTPUBEX") => {
                let message = call.string(2).unwrap_or_default().to_vec();
                let (result, payload) = match (name, data) {
                    ("+IMQTTPUBEX", Entered::Data(data)) => ("PUBEX", data.clone()),
                    ("+IMQTTPUBEX", _) => return Err("it asked for no data".into()),
                    ("+IMQTTPUBIN", _) => ("PUB", bytes(&message)),
                    _ => ("PUB", message.clone()),
                };
                if name == "+IMQTTPUBIN" {
                    self.published_digits = Some((topic.clone(), qos, message));
                } else {
                    self.published = Some((topic.clone(), qos, payload.clone()));
                }
                let publication = Publication {
                    qos: u8::try_from(qos).unwrap_or(0),
                    payload,
                };
                let due = match qos {
                    0 => now + WRITE,
                    _ => now + timeout * qos,
                };
                self.asks(result, topic, qos, Some(publication), due);
            }
            "+IMQTTRECV" => {
                let read = std::mem::take(&mut self.reading);
                let wanted = usize::try_from(call.int(0).unwrap_or(0)).unwrap_or(0);
                if read != wanted.min(self.stored) {
                    return Err(format!("{read} of {} messages", self.stored));
                }
                self.stored -= read;
            }
            "+IMQTTDYNREG" if call.args.len() == 5 => {
                self.registers(now, call);
            }
            _ => self.settings.apply(call),
        }
        Ok(())
    }

    fn registers(&mut self, now: Instant, call: &Call) {
        let (kind, mode) = (call.int(0).unwrap_or(0), call.int(1).unwrap_or(0));
        let mut line = format!("+IMQTTDYNREG:{kind},{mode}").into_bytes();
        for at in 2..5 {
            let text = call.string(at).unwrap_or_default();
            line.extend_from_slice(&[b",\"", text, b"\""].concat());
        }
        self.registered = Some(line);
        self.registration = Some((kind, mode));
        self.state = State::Registering;
        self.due = Some(now + CONNECT + REGISTER + GRACE);
    }

    fn asks(
        &mut self,
        name: &'static str,
        topic: Vec<u8>,
        qos: u32,
        publication: Option<Publication>,
        due: Instant,
    ) {
        let late = name == "PUBEX" && !self.up;
        let takes_id = !late && (publication.is_none() || qos > 0);
        let id = if takes_id { self.next_id } else { 0 };
        if takes_id {
            self.next_id = self.next_id % 65_535 + 1;
        }
        self.operations.push(Operation {
            name,
            id,
            due: due + GRACE,
            topic,
            qos,
            publication,
            late,
        });
    }

    fn result(&mut self, _: Instant, name: &[u8], id: u32, status: i32) -> Result<Told, String> {
        let is_its = |o: &Operation| o.name.as_bytes() == name && o.id == id;
        let at = self.operations.iter().position(is_its);
        let at = at.ok_or_else(|| "nobody asked for it".to_string())?;
        let operation = self.operations.remove(at);
        match (operation.name, status) {
            ("SUB", 0..=2) => self.subscribed = Some((operation.topic, operation.qos)),
            ("SUB", 128) | ("PUB" | "PUBEX", 1) => {}
            ("UNSUB", 0 | -1) => self.unsubscribed = Some((operation.topic, status)),
            ("PUB" | "PUBEX", 0) if !operation.late => {
                return Ok(Told::Published(operation.publication.into_iter().collect()));
            }
            _ => return Err("no such status".into()),
        }
        Ok(Told::Nothing)
    }

    /// `+IMQTTCONN:-1`: every result came before (section 7.3).
    fn ended(&mut self) -> Result<(), String> {
        if !matches!(self.state, State::Connecting | State::Connected) {
            return Err(format!("impossible while {:?}", self.state));
        }
        if let Some(operation) = self.operations.iter().find(|o| !o.late) {
            return Err(format!(
                "{} {} has no result yet",
                operation.name, operation.id
            ));
        }
        self.moves(State::Idle);
        self.leaving = false;
        Ok(())
    }

    fn counted(&mut self, values: &[u8]) -> Result<(), String> {
        if values == b" FULL" {
            return match std::mem::take(&mut self.fills) {
                true => Ok(()),
                false => Err(format!("{} are stored", self.stored)),
            };
        }
        if !self.is_buffered() {
            return Err("messages are not stored".into());
        }
        let expected = format!(" {}", self.stored + 1);
        if values != expected.as_bytes() || self.stored >= STORED {
            return Err(format!("{} are stored", self.stored));
        }
        self.stored += 1;
        self.fills = self.stored == STORED;
        Ok(())
    }

    fn moves(&mut self, state: State) {
        self.state = state;
        self.due = None;
    }

    fn wrong(&self, call: &Call, answer: &str) -> String {
        let text = String::from_utf8_lossy(&call.text).into_owned();
        let (state, verdict) = (self.state, self.verdict(call));
        format!("AT{text} is answered {answer} while {state:?}, expected {verdict:?}")
    }
}

fn is_topic(topic: &[u8]) -> bool {
    !topic.is_empty() && is_name(topic)
}

/// What the read form of a publish prints.
fn record(start: &[u8], last: Option<&(Vec<u8>, u32, Vec<u8>)>) -> Vec<Vec<Vec<u8>>> {
    let line = last.map(|(topic, qos, message)| {
        let qos = format!(",{qos},");
        [start, &echo(topic), qos.as_bytes(), &echo(message)].concat()
    });
    vec![line.into_iter().collect()]
}

/// What digits stand for.
fn bytes(digits: &[u8]) -> Vec<u8> {
    let pair = |pair: &[u8]| {
        let text = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(text, 16).ok()
    };
    digits.chunks(2).filter_map(pair).collect()
}
