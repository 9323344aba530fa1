//! What the host knows of an MN316: how each command may be answered, and what
//! is still to be told.

use attwin_core::{Duration, Form, Instant};

use super::super::goals::Stage;
use super::super::reconnect::{CONNECTING, GRACE, Reconnect};
use super::super::settings::{Settings, has_fit_will};
use super::super::{numbers, split};
use crate::simulate::call::{Arg, Call};
use crate::simulate::dialect::{Link, Publication, Told};

/// Seconds before the first attempt to reconnect, and the factor for each
/// further one (B6).
const WAIT: (u64, u64) = (4, 2);
/// Longest line (B2.2) and longest message (B2.3).
const LINE: usize = 8192;
const MESSAGE: usize = 2048;
/// Requests of earlier connections that may still be heard of.
const MOST_REQUESTS: usize = 100;

/// How a call may be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Ok,
    Cme(u32),
    /// `OK`, or this number.
    OkOr(u32),
    Any,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Subscribe,
    Unsubscribe,
    Publish,
}

/// A request whose result is to come.
#[derive(Debug)]
struct Request {
    kind: Kind,
    pub(super) topic: Vec<u8>,
    publication: Option<Publication>,
    pub(super) id: u32,
    due: Instant,
    /// Acknowledgements of a QoS 2 publish told so far.
    pub(super) told: usize,
    /// Its connection is gone: what was on its way may still be told.
    vanished: bool,
}

#[derive(Debug)]
pub(super) struct Model {
    pub(super) stage: Stage,
    settings: Settings,
    /// What the host wants of PINGRESP, if that is certain.
    ping: Option<u32>,
    timeout: u32,
    /// What AT+CMEE is set to, if that is certain.
    pub(super) error_mode: Option<u32>,
    /// The error mode may have been saved.
    saved: bool,
    subscribed: Vec<(Vec<u8>, u32)>,
    requests: Vec<Request>,
    /// The result of AT+MQTTOPEN is to come, and by when.
    opening: Option<Instant>,
    machine: Option<Reconnect>,
    /// Background connections that succeeded and are still to be told.
    reopened: u32,
    /// AT+MQTTDISC was accepted; when it is done at the latest.
    leaving: Option<Instant>,
    /// Reconnecting was refused for good: both lines of the end are to come.
    pub(super) refused: Option<Instant>,
    /// The identifier the next packet takes (A3.6); what is refused takes none.
    next_id: u32,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            stage: Stage::Unconfigured,
            settings: Settings::default(),
            ping: Some(0),
            timeout: 10,
            error_mode: Some(1),
            saved: false,
            subscribed: Vec::new(),
            requests: Vec::new(),
            opening: None,
            machine: None,
            reopened: 0,
            leaving: None,
            refused: None,
            next_id: 1,
        }
    }
}

impl Model {
    /// All is forgotten but what AT&W saved.
    pub(super) fn restart(&mut self) {
        *self = Self {
            error_mode: (!self.saved).then_some(1),
            saved: self.saved,
            ..Self::default()
        };
    }

    /// The rules of sections B2.4, B3 and B8.
    pub(super) fn verdict(&self, call: &Call) -> Verdict {
        let name = call.spec.name;
        let too_long = call.text.len() + "AT".len() > LINE;
        if !name.starts_with("+MQTT") || call.form == Form::Test || too_long {
            return Verdict::Any;
        }
        if call.invalid {
            return Verdict::Cme(8001);
        }
        let omits = call.args.contains(&Arg::Omitted);
        let connected = self.stage == Stage::Connected && self.leaving.is_none();
        let configured = self.stage != Stage::Unconfigured;
        let idle = self.stage == Stage::Configured && self.leaving.is_none();
        let in_state = |fits: bool| {
            if fits {
                Verdict::Ok
            } else {
                Verdict::Cme(8002)
            }
        };
        match (name, call.form) {
            ("+MQTTCFG" | "+MQTTSUB", Form::Read) => in_state(configured),
            (_, Form::Read) | ("+MQTTTO" | "+MQTTPING", _) => Verdict::Ok,
            ("+MQTTDISC", _) => in_state(!idle && configured && self.leaving.is_none()),
            ("+MQTTDEL", _) => in_state(idle),
            ("+MQTTCFG", _) if omits => Verdict::Any,
            ("+MQTTCFG", _) => in_state(!configured),
            ("+MQTTOPEN", _) if omits || matches!(call.args.len(), 4 | 6) => Verdict::Any,
            ("+MQTTOPEN", _) if !has_fit_will(call) => Verdict::Cme(8001),
            ("+MQTTOPEN", _) if idle && !self.settings.serve(call) => Verdict::Cme(8001),
            // Without a network it is refused too.
            ("+MQTTOPEN", _) if idle => Verdict::OkOr(8009),
            ("+MQTTOPEN", _) => Verdict::Cme(8002),
            ("+MQTTPUB", _) => match payload(call) {
                // An unquoted fifth of five is no string.
                _ if matches!(call.args.get(4), Some(Arg::Bare(_))) => Verdict::Any,
                None => Verdict::Cme(8001),
                Some(_) if has_wildcard(call) => Verdict::Cme(8001),
                Some(_) if connected => Verdict::OkOr(8002),
                Some(_) => Verdict::Cme(8002),
            },
            _ if !connected => Verdict::Cme(8002),
            ("+MQTTUNSUB", _) => {
                let topic = call.string(0).unwrap_or_default();
                let pending = |r: &Request| r.kind != Kind::Publish && r.topic == topic;
                let known = self.subscribed.iter().any(|(known, _)| known == topic);
                if known || self.requests.iter().any(pending) {
                    Verdict::OkOr(8002)
                } else {
                    Verdict::Cme(8002)
                }
            }
            // It could not be sent.
            ("+MQTTSUB", _) => Verdict::OkOr(8002),
            _ => Verdict::Any,
        }
    }

    pub(super) fn link(&mut self, now: Instant, link: Link) {
        if self.leaving.is_some() {
            return;
        }
        match (link, self.stage) {
            (Link::Answered { code: 0, present }, Stage::Connecting | Stage::Reconnecting) => {
                if self.settings.clean == 1 || !present {
                    self.subscribed.clear();
                }
                self.requests.retain(|request| !request.vanished);
                self.reopened += u32::from(self.stage == Stage::Reconnecting);
                self.machine = None;
                self.stage = Stage::Connected;
            }
            (
                Link::Answered {
                    code: 2 | 4 | 5, ..
                },
                Stage::Connecting,
            ) => {
                self.stage = Stage::Configured;
            }
            (
                Link::Answered {
                    code: 2 | 4 | 5, ..
                },
                Stage::Reconnecting,
            ) => {
                self.refused = Some(now + GRACE);
                self.machine = None;
            }
            (Link::Gone, Stage::Connecting | Stage::Connected) => {
                for request in &mut self.requests {
                    request.vanished = true;
                }
                self.stage = Stage::Reconnecting;
                self.machine = Some(Reconnect::start(now, WAIT));
            }
            (Link::Gone, Stage::Reconnecting) => {
                if let Some(machine) = &mut self.machine {
                    machine.failed(now);
                }
            }
            _ => {}
        }
    }

    pub(super) fn apply(&mut self, now: Instant, call: &Call) {
        let value = call.int(0).unwrap_or(0);
        let due = now + self.ack_timeout() + GRACE;
        let topic = call.string(0).unwrap_or_default().to_vec();
        match call.spec.name {
            "+CMEE" => self.error_mode = Some(value),
            name @ ("&W" | "&F" | "Z") => self.maintain(name),
            "+MQTTTO" => self.timeout = value,
            "+MQTTPING" => self.ping = Some(value),
            "+MQTTCFG" | "+MQTTDEL" => {
                let configures = call.spec.name == "+MQTTCFG";
                *self = Self {
                    timeout: self.timeout,
                    error_mode: self.error_mode,
                    saved: self.saved,
                    ..Self::default()
                };
                if !configures {
                    // What of the client's settings this frees is open.
                    self.ping = None;
                } else {
                    self.stage = Stage::Configured;
                    self.settings = Settings::of(call);
                }
            }
            "+MQTTOPEN" => {
                self.stage = Stage::Connecting;
                self.opening = Some(now + self.settings.patience() + self.ack_timeout() + GRACE);
            }
            "+MQTTDISC" => {
                self.leaving = Some(now + CONNECTING);
                (self.opening, self.machine, self.refused) = (None, None, None);
                for request in &mut self.requests {
                    request.vanished = true;
                }
            }
            "+MQTTSUB" => self.asks(Kind::Subscribe, topic, None, due),
            "+MQTTUNSUB" => self.asks(Kind::Unsubscribe, topic, None, due),
            "+MQTTPUB" => {
                let qos = call.int(1).and_then(|qos| u8::try_from(qos).ok());
                let publication = Publication {
                    qos: qos.unwrap_or(0),
                    payload: payload(call).unwrap_or_default(),
                };
                if publication.qos == 0 {
                    self.takes_id();
                } else {
                    self.asks(Kind::Publish, topic, Some(publication), due);
                }
            }
            _ => {}
        }
    }

    fn asks(&mut self, kind: Kind, topic: Vec<u8>, publication: Option<Publication>, due: Instant) {
        if self.requests.len() >= MOST_REQUESTS {
            self.requests.remove(0);
        }
        let id = self.next_id;
        self.takes_id();
        self.requests.push(Request {
            kind,
            topic,
            publication,
            id,
            due,
            told: 0,
            vanished: false,
        });
    }

    /// A command of V.250 that knows of the error mode was carried out, also
    /// if what followed on its line was wrong.
    pub(super) fn maintain(&mut self, name: &str) {
        match name {
            "&W" => self.saved = true,
            "&F" | "Z" => self.error_mode = None,
            _ => {}
        }
    }

    fn takes_id(&mut self) {
        self.next_id = self.next_id % 65_535 + 1;
    }

    pub(super) fn urc(&mut self, now: Instant, line: &[u8]) -> Result<Told, String> {
        let Some((name, rest)) = split(line, ":") else {
            return Ok(Told::Nothing);
        };
        match (name, rest) {
            ("+MQTTPUBLISH", _) => return Ok(Told::Message(0)),
            ("+MQTTOPEN", b"OK") if self.opening.is_some() => self.opening = None,
            ("+MQTTOPEN", b"OK") => {
                let left = self.reopened.checked_sub(1);
                self.reopened = left.ok_or("nothing was opened")?;
            }
            ("+MQTTOPEN", b"FAIL") if self.refused.is_some() => {}
            ("+MQTTOPEN", b"FAIL") => {
                self.opening.take().ok_or("nothing was opened")?;
                if self.stage == Stage::Connecting {
                    // There was no connection to see.
                    self.stage = Stage::Reconnecting;
                    self.machine = Some(Reconnect::start(now, WAIT));
                }
            }
            ("+MQTTDISC", b"OK") => {
                let expected = self.leaving.take().or(self.refused.take());
                if expected.is_none() {
                    let machine = self.machine.take().ok_or("nobody disconnects")?;
                    machine.given_up()?;
                }
                self.stage = Stage::Configured;
            }
            ("+MQTTREC", n) => {
                let n = numbers(n).ok_or("no number")?;
                let patience = self.settings.patience() + self.ack_timeout();
                let machine = self.machine.as_mut().ok_or("nothing to reconnect")?;
                machine.announced(now, n[0], patience)?;
            }
            ("+MQTTPINGRESP", _) if self.ping == Some(0) => return Err("not wanted".into()),
            ("+MQTTPINGRESP", _) | ("+MQTTTO", b"5") if self.settings.keep_alive == 0 => {
                return Err("nobody pings".into());
            }
            ("+MQTTSUBACK", values) => self.subscribed(values)?,
            ("+MQTTUNSUBACK", values) => self.unsubscribed(values)?,
            ("+MQTTPUBACK" | "+MQTTPUBREC" | "+MQTTPUBREL" | "+MQTTPUBCOMP", values) => {
                let values = numbers(values).ok_or("not a list of integers")?;
                return self.acknowledged(now, name, values[0]);
            }
            _ => {}
        }
        Ok(Told::Nothing)
    }

    fn subscribed(&mut self, values: &[u8]) -> Result<(), String> {
        let mut parts = values.splitn(3, |b| *b == b',');
        let id = parts.next().and_then(numbers).ok_or("no identifier")?[0];
        let code = parts.next().and_then(numbers).ok_or("no code")?[0];
        let topic = parts.next().unwrap_or_default();
        if !matches!(code, 0..=2 | 128) {
            return Err("no such code".into());
        }
        self.answered(Kind::Subscribe, id, Some(topic))?;
        if code == 128 {
            return Ok(());
        }
        match self.subscribed.iter_mut().find(|(known, _)| known == topic) {
            Some((_, granted)) => *granted = code,
            None => self.subscribed.push((topic.to_vec(), code)),
        }
        Ok(())
    }

    fn unsubscribed(&mut self, values: &[u8]) -> Result<(), String> {
        let mut parts = values.splitn(2, |b| *b == b',');
        let id = parts.next().and_then(numbers).ok_or("no identifier")?[0];
        let topic = parts.next().unwrap_or_default();
        self.answered(Kind::Unsubscribe, id, Some(topic))?;
        self.subscribed.retain(|(known, _)| known != topic);
        Ok(())
    }

    /// A publish was acknowledged, in part or for good (B3.5).
    fn acknowledged(&mut self, now: Instant, name: &str, id: u32) -> Result<Told, String> {
        const STEPS: [&str; 3] = ["+MQTTPUBREC", "+MQTTPUBREL", "+MQTTPUBCOMP"];
        let at = self.find(Kind::Publish, id, None)?;
        let due = now + self.ack_timeout() + GRACE;
        let request = &mut self.requests[at];
        let qos = request.publication.as_ref().map_or(0, |p| p.qos);
        match (qos, name) {
            (1, "+MQTTPUBACK") => {}
            (2, name) if STEPS.get(request.told) == Some(&name) => {
                request.told += 1;
                request.due = due;
                if request.told < STEPS.len() {
                    return Ok(Told::Nothing);
                }
            }
            _ => return Err(format!("not the answer to QoS {qos}")),
        }
        let publication = self.requests.remove(at).publication;
        Ok(Told::Published(publication.into_iter().collect()))
    }

    fn answered(&mut self, kind: Kind, id: u32, topic: Option<&[u8]>) -> Result<Request, String> {
        let at = self.find(kind, id, topic)?;
        Ok(self.requests.remove(at))
    }

    /// The request an answer with this identifier belongs to.
    fn find(&self, kind: Kind, id: u32, topic: Option<&[u8]>) -> Result<usize, String> {
        let is_its = |r: &Request| {
            r.kind == kind && r.id == id && topic.is_none_or(|topic| topic == r.topic)
        };
        let at = self.requests.iter().position(is_its);
        let at = at.ok_or_else(|| "nobody asked for it".to_string())?;
        Ok(at)
    }

    /// What the read form of a command may answer.
    pub(super) fn answers(&self, name: &str) -> Vec<Vec<Vec<u8>>> {
        let one = |line: String| vec![vec![line.into_bytes()]];
        match name {
            "+MQTTSTAT" => {
                let states: &[u32] = match self.stage {
                    _ if self.leaving.is_some() => &[2],
                    Stage::Unconfigured => &[0],
                    Stage::Configured => &[1],
                    Stage::Connecting => &[6, 7, 3],
                    Stage::Reconnecting => &[4],
                    Stage::Connected => &[5],
                };
                let line = |state| vec![format!("+MQTTSTAT:{state}").into_bytes()];
                states.iter().map(line).collect()
            }
            "+MQTTSUB" if self.subscribed.is_empty() => one("+MQTTSUB:".into()),
            "+MQTTSUB" => {
                let entry = |(topic, qos): &(Vec<u8>, u32)| {
                    [b"+MQTTSUB: ", &topic[..], b",", qos.to_string().as_bytes()].concat()
                };
                vec![self.subscribed.iter().map(entry).collect()]
            }
            "+MQTTCFG" => vec![vec![self.settings.bare_line()]],
            "+MQTTPING" => self
                .ping
                .map_or_else(Vec::new, |ping| one(format!("+MQTTPING:{ping}"))),
            _ => one(format!("+MQTTTO:{}", self.timeout)),
        }
    }

    pub(super) fn overdue(&self, now: Instant) -> Option<String> {
        let late = |due: Option<Instant>| due.is_some_and(|due| due < now);
        for (due, what) in [
            (self.opening, "no result of AT+MQTTOPEN"),
            (self.leaving, "no result of AT+MQTTDISC"),
            (self.refused, "+MQTTDISC:OK does not come"),
        ] {
            if late(due) {
                return Some(what.into());
            }
        }
        if let Some(late) = self.machine.as_ref().and_then(|m| m.overdue(now)) {
            return Some(late);
        }
        let request = self.requests.iter().find(|r| !r.vanished && r.due < now)?;
        Some(format!("no result of {:?}", request.kind))
    }

    fn ack_timeout(&self) -> Duration {
        Duration::from_secs(self.timeout.into())
    }
}

/// What a publish sends, if its arguments fit together (B3.5).
pub(super) fn payload(call: &Call) -> Option<Vec<u8>> {
    if call.args.len() < 6 {
        return call.string(4).map(<[u8]>::to_vec);
    }
    let message = call.string(5).unwrap_or_default();
    let len = usize::try_from(call.int(4).unwrap_or(0)).unwrap_or(usize::MAX);
    if len == 0 {
        return Some(message.to_vec()).filter(|message| message.len() <= MESSAGE);
    }
    if message.len() != len * 2 || !message.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let text = std::str::from_utf8(message).ok()?;
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).ok();
    (0..len).map(|i| byte(i * 2)).collect()
}

fn has_wildcard(call: &Call) -> bool {
    let topic = call.string(0).unwrap_or_default();
    topic.iter().any(|b| matches!(b, b'+' | b'#'))
}

pub(super) fn hexadecimal(bytes: &[u8], upper: bool) -> Vec<u8> {
    let digits = |byte: &u8| {
        if upper {
            format!("{byte:02X}")
        } else {
            format!("{byte:02x}")
        }
    };
    bytes.iter().map(digits).collect::<String>().into_bytes()
}

pub(super) fn wrong(call: &Call, answer: &str, verdict: Verdict, stage: Stage) -> String {
    let text = String::from_utf8_lossy(&call.text).into_owned();
    format!("AT{text} is answered {answer} while {stage:?}, expected {verdict:?}")
}
