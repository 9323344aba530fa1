//! What the host knows of the client, from what it was told: the lifecycle of
//! section 6, the order of checks of section 2.7, and when results are due.

use attwin_core::{Duration, Form, Instant};

use super::super::call::{Arg, Call};
use super::super::dialect::{Entered, Link, Publication, Told};

/// Time that settles what was under way when a deadline passed.
const GRACE: Duration = Duration::from_secs(2);
/// How long a transition may be local (section 6).
const LOCAL: Duration = Duration::from_secs(1);
/// How long a TLS handshake may take at most (section 9.1).
const NEGOTIATION: Duration = Duration::from_secs(300);
/// Longest line (section 2.4).
const LINE: usize = 559;
/// Most bytes of topics kept for one SUBSCRIBE (section 3.14).
const STORE: usize = 5120;

/// States of section 6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum State {
    #[default]
    Stopped,
    Starting,
    Started,
    Stopping,
    Acquired,
    Connecting,
    Connected,
    Disconnecting,
}

/// How a call is to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Ok,
    /// `ERROR` alone.
    Error,
    /// This result code, then `ERROR`.
    Code(u32),
    /// Nobody can say.
    Any,
}

/// The answer to a question.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Refused,
    Lines(Vec<Vec<u8>>),
    Unknown,
}

/// A publish, SUBSCRIBE or UNSUBSCRIBE whose result is to come.
#[derive(Debug)]
struct Operation {
    name: &'static str,
    due: Instant,
    publication: Option<Publication>,
    /// The host asked for the DUP flag.
    dup: bool,
    topics: Vec<Vec<u8>>,
}

#[derive(Debug)]
pub(super) struct Model {
    state: State,
    /// How long a local transition may keep lines waiting.
    held_until: Instant,
    /// When a transition ends at the latest.
    due: Option<Instant>,
    operation: Option<Operation>,
    /// An operation whose result waits for the line that began the next.
    overtaken: Option<Operation>,
    topic: Option<Vec<u8>>,
    payload: Option<Vec<u8>>,
    to_subscribe: Vec<Vec<u8>>,
    to_unsubscribe: Vec<Vec<u8>>,
    subscribed: Vec<Vec<u8>>,
    /// A SUBSCRIBE was refused in part, or a topic was subscribed twice.
    list_unclear: bool,
    /// Identifier and type of server.
    client: Option<(Vec<u8>, u32)>,
    ssl_context: u32,
    check_utf8: u32,
    optimeout: u32,
    /// The answer to `AT+CMQTTCONNECT?`.
    server: Vec<u8>,
    /// An answer that does not fit what was told: something the host is still
    /// to be told has to explain it.
    unexplained: Option<String>,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            state: State::Stopped,
            held_until: Instant::ZERO,
            due: None,
            operation: None,
            overtaken: None,
            topic: None,
            payload: None,
            to_subscribe: Vec::new(),
            to_unsubscribe: Vec::new(),
            subscribed: Vec::new(),
            list_unclear: false,
            client: None,
            ssl_context: 0,
            check_utf8: 1,
            optimeout: 120,
            server: Vec::new(),
            unexplained: None,
        }
    }
}

impl Model {
    pub(super) fn state(&self) -> State {
        self.state
    }

    pub(super) fn has_topic(&self) -> bool {
        self.topic.is_some()
    }

    pub(super) fn has_payload(&self) -> bool {
        self.payload.is_some()
    }

    /// Whether a transition is under way that needs no answer from outside.
    fn is_local(&self) -> bool {
        let quick = |o: &Operation| o.publication.as_ref().is_some_and(|p| p.qos == 0);
        matches!(
            self.state,
            State::Starting | State::Stopping | State::Disconnecting
        ) || self.operation.as_ref().is_some_and(quick)
    }

    /// Whether the host's lines may wait: for a result to be said, or because a
    /// local transition began less than a second ago.
    pub(super) fn may_hold_lines(&self, now: Instant) -> bool {
        now <= self.held_until
            || self.is_local()
            || self.state == State::Connecting
            || self.operation.is_some()
    }

    /// Whether an UNSUB uses what was stored instead of asking for a topic
    /// (section 3.15).
    pub(super) fn unsubscribes_stored(&self, call: &Call) -> bool {
        match call.args.len() {
            0 | 1 => true,
            2 => match call.int(1) {
                Some(0) => true,
                Some(1) => !self.to_unsubscribe.is_empty(),
                _ => false,
            },
            _ => false,
        }
    }

    pub(super) fn asked_for_dup(&self, payload: &[u8]) -> bool {
        let publication = self.operation.as_ref().filter(|o| o.dup);
        let publication = publication.and_then(|o| o.publication.as_ref());
        publication.is_some_and(|p| p.payload == payload)
    }

    pub(super) fn link(&mut self, now: Instant, link: Link) {
        if link == Link::Gone
            && matches!(
                self.state,
                State::Connecting | State::Connected | State::Disconnecting
            )
        {
            self.due = Some(now + GRACE);
        }
    }

    pub(super) fn accepted(
        &mut self,
        now: Instant,
        call: &Call,
        data: &Entered,
    ) -> Result<(), String> {
        if !call.spec.name.starts_with("+CMQTT") {
            return Ok(());
        }
        match self.verdict(call) {
            Verdict::Ok | Verdict::Any => {}
            verdict => self.wonder(call, "OK", verdict),
        }
        self.apply(now, call, data)
    }

    pub(super) fn refused(&mut self, call: &Call, lines: &[Vec<u8>]) -> Result<(), String> {
        let name = call.spec.name;
        if !name.starts_with("+CMQTT") {
            return Ok(());
        }
        let code = match lines {
            [] => None,
            [line] => {
                let text = String::from_utf8_lossy(line);
                let rest = text.strip_prefix(name).and_then(|t| t.strip_prefix(": "));
                let numbers = rest.and_then(numbers);
                match (name, numbers.as_deref()) {
                    ("+CMQTTSTOP", Some([code])) => Some(*code),
                    (_, Some([_, code])) => Some(*code),
                    _ => return Err(format!("{text} before ERROR")),
                }
            }
            _ => return Err(format!("{} lines before ERROR", lines.len())),
        };
        let verdict = self.verdict(call);
        let enters = |code| code == Some(17) && lines.len() == 1 && verdict == Verdict::Ok;
        let fits = match verdict {
            Verdict::Any => true,
            Verdict::Error => code.is_none(),
            Verdict::Code(expected) => code == Some(expected),
            Verdict::Ok => enters(code),
        };
        // Of what the table does not allow only the order of checks is known.
        if !fits && !call.invalid {
            let answer = code.map_or("ERROR".into(), |code| format!("{code} and ERROR"));
            self.wonder(call, &answer, verdict);
        }
        Ok(())
    }

    pub(super) fn urc(&mut self, now: Instant, line: &[u8]) -> Result<Told, String> {
        let Some(rest) = line.strip_prefix(b"+CMQTT") else {
            return Ok(Told::Nothing);
        };
        if rest.starts_with(b"RXSTART") {
            return match self.state {
                State::Connected | State::Disconnecting => Ok(Told::Message(0)),
                state => Err(format!("a message while {state:?}")),
            };
        }
        let text = std::str::from_utf8(rest).map_err(|_| "not text")?;
        let (name, values) = text.split_once(": ").ok_or("no values")?;
        let numbers = numbers(values).ok_or("not a list of integers")?;
        let wondered = self.unexplained.take().is_some();
        match (name, &numbers[..], self.state) {
            ("START", [0], State::Starting) => self.moves(State::Started),
            ("START", [7], State::Starting) | ("STOP", [0], State::Stopping) => {
                *self = Self::default();
            }
            ("CONNECT", [0, 0], State::Connecting) => self.moves(State::Connected),
            // A later command of the line it waited for ends the connection.
            ("CONNECT", [0, 0], State::Disconnecting) if wondered => {}
            ("CONNECT", [0, 3 | 4 | 7 | 15 | 17 | 24..=34], State::Connecting) => {
                self.moves(State::Acquired);
                self.ssl_context = 0;
            }
            ("DISC", [0, 0 | 17 | 35], State::Disconnecting) => {
                self.end_connection();
                self.ssl_context = 0;
            }
            ("CONNLOST", [0, 1..=3], State::Connected) => {
                if let Some(operation) = &self.operation {
                    return Err(format!("{} has no result yet", operation.name));
                }
                self.end_connection();
            }
            ("PUB" | "SUB" | "UNSUB", [0, code], _) => return self.result(now, name, *code),
            (_, _, state) => return Err(format!("impossible while {state:?}")),
        }
        Ok(Told::Nothing)
    }

    /// How the read form of a command is to be answered.
    pub(super) fn answer(&self, name: &str) -> Answer {
        if self.state == State::Stopped {
            return Answer::Refused;
        }
        let connected = self.state == State::Connected;
        let one = |line: String| Answer::Lines(vec![line.into_bytes()]);
        match name {
            // Between the two, as long as the network keeps it there.
            "+CMQTTDISC" | "+CMQTTCONNECT" | "+CMQTTSUB" if self.state == State::Disconnecting => {
                Answer::Unknown
            }
            "+CMQTTDISC" => one(format!("+CMQTTDISC: 0,{}", u8::from(!connected))),
            "+CMQTTCONNECT" if connected => Answer::Lines(vec![self.server.clone()]),
            "+CMQTTCONNECT" => one("+CMQTTCONNECT: 0".into()),
            "+CMQTTACCQ" => Answer::Lines(match &self.client {
                None => Vec::new(),
                Some((id, kind)) => {
                    let end = format!("\",{kind}");
                    vec![[b"+CMQTTACCQ: 0,\"", &id[..], end.as_bytes()].concat()]
                }
            }),
            "+CMQTTSUB" if self.list_unclear => Answer::Unknown,
            "+CMQTTSUB" => {
                let header = [b"+CMQTTSUB:".to_vec()];
                Answer::Lines(header.into_iter().chain(self.subscribed.clone()).collect())
            }
            "+CMQTTCFG" => one(format!(
                "+CMQTTCFG: 0,{},{}",
                self.check_utf8, self.optimeout
            )),
            "+CMQTTSSLCFG" => one(format!("+CMQTTSSLCFG: 0,{}", self.ssl_context)),
            _ => Answer::Lines(Vec::new()),
        }
    }

    pub(super) fn overdue(&self, now: Instant) -> Option<String> {
        if let Some(why) = &self.unexplained {
            return Some(why.clone());
        }
        if self.due.is_some_and(|due| due < now) {
            return Some(format!("nothing follows on {:?}", self.state));
        }
        let operation = self.operation.as_ref()?;
        (operation.due < now).then(|| format!("no result of {}", operation.name))
    }

    /// The rule of section 2.7 and the table of section 6.
    fn verdict(&self, call: &Call) -> Verdict {
        let name = call.spec.name;
        let stored = name == "+CMQTTUNSUB" && self.unsubscribes_stored(call);
        if call.text.len() > LINE {
            return Verdict::Error;
        }
        match (name, call.form, self.state) {
            (_, Form::Test, _) => return Verdict::Ok,
            // Nobody sees these states (section 6).
            (_, _, State::Starting | State::Stopping) => return Verdict::Error,
            ("+CMQTTSTART", _, State::Stopped) => return Verdict::Ok,
            ("+CMQTTSTART", ..) | (_, _, State::Stopped) => return Verdict::Error,
            ("+CMQTTSTOP", _, State::Started) => return Verdict::Ok,
            ("+CMQTTSTOP", ..) => return Verdict::Code(21),
            (_, Form::Read, _) => return Verdict::Ok,
            // The network may keep it from being local.
            (_, _, State::Disconnecting) => return Verdict::Any,
            _ => {}
        }
        let connected = self.state == State::Connected;
        let busy = self.state == State::Connecting || self.operation.is_some();
        let acquired = self.state != State::Started;
        if self.is_local() {
            return Verdict::Any;
        }
        match name {
            "+CMQTTSSLCFG" if connected || busy => Verdict::Error,
            "+CMQTTSSLCFG" => Verdict::Ok,
            "+CMQTTCFG" if !acquired || connected || busy => Verdict::Error,
            "+CMQTTCFG" => Verdict::Ok,
            "+CMQTTACCQ" if acquired => Verdict::Code(19),
            "+CMQTTACCQ" => Verdict::Ok,
            "+CMQTTCONNECT" if !is_connectable(call) => Verdict::Code(12),
            "+CMQTTDISC" if !matches!(call.int(1), None | Some(0 | 60..=180)) => Verdict::Code(12),
            _ if !acquired => Verdict::Code(20),
            "+CMQTTDISC" if self.state == State::Connecting => Verdict::Error,
            _ if busy => Verdict::Code(14),
            "+CMQTTREL" if connected => Verdict::Code(14),
            "+CMQTTREL" => Verdict::Ok,
            "+CMQTTCONNECT" | "+CMQTTWILLTOPIC" | "+CMQTTWILLMSG" if connected => Verdict::Code(13),
            "+CMQTTCONNECT" | "+CMQTTWILLTOPIC" | "+CMQTTWILLMSG" => Verdict::Ok,
            _ if !connected => Verdict::Code(11),
            "+CMQTTPUB" if self.topic.is_none() => Verdict::Code(18),
            "+CMQTTSUB" if call.args.len() < 3 && self.to_subscribe.is_empty() => Verdict::Code(18),
            "+CMQTTUNSUB" if stored && self.to_unsubscribe.is_empty() => Verdict::Code(18),
            "+CMQTTSUBTOPIC" if !fits(&self.to_subscribe, call) => Verdict::Code(22),
            "+CMQTTUNSUBTOPIC" if !fits(&self.to_unsubscribe, call) => Verdict::Code(22),
            _ => Verdict::Ok,
        }
    }

    fn apply(&mut self, now: Instant, call: &Call, data: &Entered) -> Result<(), String> {
        if matches!(call.form, Form::Test | Form::Read) {
            return Ok(());
        }
        let data = || match data {
            Entered::Data(data) => Ok(data.clone()),
            _ => Err("it asked for no data".to_string()),
        };
        let wait = Duration::from_secs(self.optimeout.into()) + GRACE;
        if matches!(call.spec.name, "+CMQTTDISC" | "+CMQTTPUB") {
            self.held_until = now + LOCAL;
        }
        match call.spec.name {
            "+CMQTTSTART" => self.begins(State::Starting, now + GRACE),
            "+CMQTTSTOP" => self.begins(State::Stopping, now + GRACE),
            "+CMQTTACCQ" => {
                let id = call.string(1).unwrap_or_default().to_vec();
                self.client = Some((id, call.int(2).unwrap_or(0)));
                self.moves(State::Acquired);
            }
            "+CMQTTREL" => {
                *self = Self {
                    state: State::Started,
                    unexplained: self.unexplained.take(),
                    ..Self::default()
                }
            }
            "+CMQTTSSLCFG" => self.ssl_context = call.int(1).unwrap_or(0),
            "+CMQTTCFG" => {
                let value = call.int(1).unwrap_or(0);
                match call.spec.option {
                    Some("checkUTF8") => self.check_utf8 = value,
                    _ => self.optimeout = value,
                }
            }
            "+CMQTTCONNECT" => {
                self.server = server_line(call);
                let secure = self.client.as_ref().is_some_and(|(_, kind)| *kind == 1);
                let tls = if secure { NEGOTIATION } else { Duration::ZERO };
                self.begins(State::Connecting, now + 2 * wait + tls);
            }
            "+CMQTTDISC" => {
                self.moves(State::Disconnecting);
                let limit = call.int(1).filter(|limit| *limit > 0);
                let limit = limit.map(|limit| Duration::from_secs(limit.into()));
                self.due = limit.map(|limit| now + limit + GRACE);
            }
            "+CMQTTTOPIC" => self.topic = Some(data()?),
            "+CMQTTPAYLOAD" => self.payload = Some(data()?),
            "+CMQTTSUBTOPIC" => self.to_subscribe.push(data()?),
            "+CMQTTUNSUBTOPIC" => self.to_unsubscribe.push(data()?),
            "+CMQTTPUB" => {
                let limit = Duration::from_secs(call.int(2).unwrap_or(0).into());
                let qos = call.int(1).and_then(|qos| u8::try_from(qos).ok());
                let payload = self.payload.take().unwrap_or_default();
                self.topic = None;
                self.overtaken = self.operation.replace(Operation {
                    name: "PUB",
                    due: now + limit + GRACE,
                    publication: Some(Publication {
                        qos: qos.unwrap_or(0),
                        payload,
                    }),
                    dup: call.int(4) == Some(1),
                    topics: Vec::new(),
                });
            }
            "+CMQTTSUB" => {
                let topics = match call.args.len() {
                    0..=2 => std::mem::take(&mut self.to_subscribe),
                    _ => vec![data()?],
                };
                self.operate("SUB", now + wait, topics);
            }
            "+CMQTTUNSUB" => {
                let topics = if self.unsubscribes_stored(call) {
                    std::mem::take(&mut self.to_unsubscribe)
                } else {
                    vec![data()?]
                };
                self.operate("UNSUB", now + wait, topics);
            }
            _ => {}
        }
        Ok(())
    }

    fn operate(&mut self, name: &'static str, due: Instant, topics: Vec<Vec<u8>>) {
        self.overtaken = self.operation.replace(Operation {
            name,
            due,
            publication: None,
            dup: false,
            topics,
        });
    }

    fn result(&mut self, now: Instant, name: &str, code: u32) -> Result<Told, String> {
        let of_it = |o: &mut Operation| o.name == name;
        let overtaken = self.overtaken.take_if(of_it);
        let Some(operation) = overtaken.or_else(|| self.operation.take_if(of_it)) else {
            return Err("nobody asked for it".into());
        };
        match (name, code) {
            ("PUB", 0) => return Ok(Told::Published(operation.publication.into_iter().collect())),
            ("SUB", 0) => {
                for topic in operation.topics {
                    if self.subscribed.contains(&topic) {
                        self.list_unclear = true;
                    } else {
                        self.subscribed.push(topic);
                    }
                }
            }
            ("UNSUB", 0) => self.subscribed.retain(|t| !operation.topics.contains(t)),
            ("SUB", 1) => self.list_unclear = true,
            ("PUB", 16) | (_, 17) => {}
            // The connection is lost, and this is said next.
            (_, 6) => self.due = Some(now + GRACE),
            _ => return Err("no such result".into()),
        }
        Ok(Told::Nothing)
    }

    fn begins(&mut self, state: State, due: Instant) {
        self.state = state;
        self.due = Some(due);
    }

    fn moves(&mut self, state: State) {
        self.state = state;
        self.due = None;
    }

    /// What is forgotten with a connection.
    fn end_connection(&mut self) {
        self.moves(State::Acquired);
        (self.operation, self.overtaken) = (None, None);
        (self.topic, self.payload) = (None, None);
        self.to_subscribe.clear();
        self.to_unsubscribe.clear();
        self.subscribed.clear();
        self.list_unclear = false;
    }

    fn wonder(&mut self, call: &Call, answer: &str, verdict: Verdict) {
        let text = String::from_utf8_lossy(&call.text).into_owned();
        let state = self.state;
        self.unexplained = Some(format!(
            "AT{text} is answered {answer} while {state:?}, expected {verdict:?}"
        ));
    }
}

/// Whether a stored topic more fits (section 3.14).
fn fits(store: &[Vec<u8>], call: &Call) -> bool {
    let stored: usize = store.iter().map(Vec::len).sum();
    let more = call.int(1).and_then(|n| usize::try_from(n).ok());
    stored + more.unwrap_or(0) <= STORE
}

/// Whether a server can be connected to: sections 3.8 and 8.
fn is_connectable(call: &Call) -> bool {
    let given = |at| call.string(at).is_some_and(|text| !text.is_empty());
    let address = call.string(1).unwrap_or_default();
    let Some(address) = address.strip_prefix(b"tcp://") else {
        return false;
    };
    let mut parts = address.splitn(2, |b| *b == b':');
    let host = parts.next().unwrap_or_default();
    let port = parts.next().map(|port| std::str::from_utf8(port).ok());
    let port_fits = match port {
        None => true,
        Some(port) => port
            .and_then(|port| port.parse::<u16>().ok())
            .is_some_and(|p| p > 0),
    };
    !host.is_empty() && !host.contains(&b'/') && port_fits && (given(4) || !given(5))
}

/// The answer to `AT+CMQTTCONNECT?` once this has succeeded.
fn server_line(call: &Call) -> Vec<u8> {
    let mut line = b"+CMQTTCONNECT: 0,\"".to_vec();
    line.extend_from_slice(call.string(1).unwrap_or_default());
    let keep_alive = call.int(2).unwrap_or(0);
    let clean = call.int(3).unwrap_or(0);
    line.extend_from_slice(format!("\",{keep_alive},{clean}").as_bytes());
    for at in [4, 5] {
        if let Some(Arg::Text(text) | Arg::Bare(text)) = call.args.get(at)
            && !text.is_empty()
        {
            line.extend_from_slice(&[b",\"", &text[..], b"\""].concat());
        }
    }
    line
}

/// Every integer of a list.
fn numbers(list: &str) -> Option<Vec<u32>> {
    list.split(',').map(|n| n.parse().ok()).collect()
}
