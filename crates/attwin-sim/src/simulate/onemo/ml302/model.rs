//! What the host knows of an ML302: how each command may be answered, and what
//! becomes of the connection.

use attwin_core::{Duration, Form, Instant};

use super::super::goals::Stage;
use super::super::reconnect::{GRACE, Reconnect};
use super::super::settings::{Settings, has_fit_will};
use super::super::{numbers, split};
use crate::simulate::call::{Arg, Call};
use crate::simulate::dialect::{Entered, Link, Publication, Told};

/// Seconds between attempts to reconnect (A6).
const WAIT: (u64, u64) = (8, 1);

/// Commands that wait for the server.
pub(super) const WAITING: [&str; 4] = ["+MQTTOPEN", "+MQTTSUB", "+MQTTUNSUB", "+MQTTPUB"];
/// Longest line (A2.2).
const LINE: usize = 4096;

/// How a call may be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) ok: bool,
    /// `ERROR` alone, whatever AT+CMEE says.
    pub(super) error: bool,
    pub(super) codes: &'static [u32],
}

pub(super) const ANYTHING: Verdict = Verdict {
    ok: true,
    error: true,
    codes: &[],
};
const OK: Verdict = Verdict {
    ok: true,
    error: false,
    codes: &[],
};
const ERROR: Verdict = Verdict {
    ok: false,
    error: true,
    codes: &[],
};

const fn cme(codes: &'static [u32]) -> Verdict {
    Verdict {
        ok: false,
        error: false,
        codes,
    }
}

const fn ok_or(codes: &'static [u32]) -> Verdict {
    Verdict {
        ok: true,
        error: false,
        codes,
    }
}

/// The command being carried out.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) verdict: Verdict,
    pub(super) began: Instant,
    /// It collects data, and URCs wait meanwhile.
    pub(super) collects: bool,
    /// It waits for the server.
    pub(super) waits: bool,
    /// It ends the connection.
    pub(super) ends: bool,
    /// The lines of its answer so far.
    pub(super) lines: Vec<Vec<u8>>,
}

#[derive(Debug)]
pub(super) struct Model {
    pub(super) stage: Stage,
    settings: Settings,
    /// What the host wants of PINGRESP, if that is certain.
    ping: Option<u32>,
    reconnects: u32,
    timeout: u32,
    /// The longest that was since the module started: a connection that takes
    /// nothing is given up after what it was opened with.
    longest: u32,
    /// What AT+CMEE is set to, if that is certain.
    pub(super) error_mode: Option<u32>,
    /// The error mode may have been saved.
    saved: bool,
    /// Attempts to reconnect since the last success.
    attempts: u32,
    subscribed: Vec<(Vec<u8>, u32)>,
    pub(super) machine: Option<Reconnect>,
    /// Background connections that succeeded and are still to be told.
    reopened: u32,
    /// The server refused who connects, for good.
    denied: bool,
    /// `+MQTTDISC: OK` is to come, and by when.
    pub(super) farewell: Option<Instant>,
    /// The identifier the next packet takes, if that is certain.
    next_id: Option<u32>,
    pub(super) running: Option<Running>,
    /// When a connection came or went last: of that moment nobody can say
    /// which of two things was first.
    changed: Instant,
    /// An answer that only a change of this moment can explain.
    pub(super) unexplained: Option<(Instant, String)>,
    /// When a command ended last, and URCs that waited were said.
    pub(super) flushed: Instant,
}

impl Default for Model {
    fn default() -> Self {
        Self {
            stage: Stage::Unconfigured,
            settings: Settings::default(),
            ping: Some(1),
            reconnects: 1,
            timeout: 10,
            longest: 10,
            error_mode: Some(1),
            saved: false,
            attempts: 0,
            subscribed: Vec::new(),
            machine: None,
            reopened: 0,
            denied: false,
            farewell: None,
            next_id: Some(1),
            running: None,
            changed: Instant::ZERO,
            unexplained: None,
            flushed: Instant::ZERO,
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

    /// The rules of docs/spec/onemo.md A2.5, A3 and A8.
    pub(super) fn verdict(&self, call: &Call) -> Verdict {
        let connected = self.stage == Stage::Connected;
        let name = call.spec.name;
        let too_long = call.text.len() + "AT".len() > LINE;
        if !name.starts_with("+MQTT") || call.args.contains(&Arg::Omitted) || too_long {
            return ANYTHING;
        }
        match (name, call.form) {
            (_, Form::Read) => OK,
            (_, Form::Test) => ANYTHING,
            ("+MQTTCFG", _) => {
                let needs_version = call.int(8) == Some(1);
                let has_version = call.string(7).is_some_and(|version| !version.is_empty());
                if call.invalid || connected || (needs_version && !has_version) {
                    ERROR
                } else {
                    OK
                }
            }
            ("+MQTTDISC", _) if connected || self.stage == Stage::Reconnecting => OK,
            ("+MQTTDEL", _) if self.stage == Stage::Configured => OK,
            ("+MQTTDISC" | "+MQTTDEL", _) => ERROR,
            _ if call.invalid => cme(&[601]),
            ("+MQTTOPEN", _) if !has_fit_will(call) => cme(&[601]),
            ("+MQTTOPEN", _) => match self.stage {
                Stage::Unconfigured => cme(&[601]),
                Stage::Connected => cme(&[602]),
                Stage::Reconnecting | Stage::Connecting => cme(&[603]),
                Stage::Configured if !self.settings.serve(call) => cme(&[601]),
                Stage::Configured => ok_or(&[600, 603, 604, 608, 613, 614]),
            },
            ("+MQTTPUB", _) if has_wildcard(call) => cme(&[601]),
            ("+MQTTSUB" | "+MQTTUNSUB" | "+MQTTPUB" | "+MQTTPING", _) if !connected => cme(&[600]),
            ("+MQTTPUB", _) if matches!(call.args.get(4), Some(Arg::Int(_))) => {
                ok_or(&[600, 601, 608])
            }
            ("+MQTTPUB", _) => ok_or(&[608]),
            ("+MQTTSUB", _) if self.has_subscribed(call) => cme(&[606]),
            ("+MQTTSUB", _) => ok_or(&[605, 608]),
            ("+MQTTUNSUB", _) if !self.has_subscribed(call) => cme(&[621]),
            ("+MQTTUNSUB", _) => ok_or(&[618, 608]),
            _ => OK,
        }
    }

    fn has_subscribed(&self, call: &Call) -> bool {
        let topic = call.string(0).unwrap_or_default();
        self.subscribed.iter().any(|(known, _)| known == topic)
    }

    pub(super) fn link(&mut self, now: Instant, link: Link) {
        self.changed = now;
        self.unexplained.take_if(|(at, _)| *at == now);
        let ends = self.running.as_ref().is_some_and(|running| running.ends);
        match (link, self.stage) {
            (Link::Opening, Stage::Configured) => {
                self.stage = Stage::Connecting;
                self.denied = false;
            }
            (Link::Answered { code: 0, present }, Stage::Connecting | Stage::Reconnecting) => {
                if self.settings.clean == 1 || !present {
                    self.subscribed.clear();
                }
                self.reopened += u32::from(self.stage == Stage::Reconnecting);
                self.machine = None;
                self.stage = Stage::Connected;
            }
            (
                Link::Answered {
                    code: 2 | 4 | 5, ..
                },
                Stage::Connecting,
            ) => self.denied = true,
            // Refused for good: the machine gives up (A6).
            (
                Link::Answered {
                    code: 2 | 4 | 5, ..
                },
                Stage::Reconnecting,
            ) => {
                self.machine = None;
                self.farewell = Some(now + GRACE);
            }
            (Link::Gone, Stage::Connected) if !ends => self.lost(now),
            (Link::Gone, Stage::Reconnecting) => {
                if let Some(machine) = &mut self.machine {
                    machine.failed(now);
                }
            }
            _ => {}
        }
    }

    /// The connection is lost: the machine of docs/spec/onemo.md A6 starts.
    fn lost(&mut self, now: Instant) {
        if self.reconnects == 1 {
            self.stage = Stage::Reconnecting;
            self.machine = Some(Reconnect::start(now, WAIT));
        } else {
            self.stage = Stage::Configured;
            self.farewell = Some(now + GRACE);
        }
    }

    pub(super) fn done(
        &mut self,
        now: Instant,
        call: &Call,
        data: &Entered,
        running: &Running,
    ) -> Result<Told, String> {
        let lines = &running.lines;
        let in_time = |limit: Duration| {
            let taken = now.since(running.began);
            if running.collects || taken <= limit + GRACE {
                Ok(())
            } else {
                Err(format!("{} took {taken:?}", call.spec.name))
            }
        };
        let timeout = self.ack_timeout();
        if matches!(call.form, Form::Read | Form::Test) {
            return Ok(Told::Nothing);
        }
        let value = call.int(0).unwrap_or(0);
        match call.spec.name {
            "+CMEE" => self.error_mode = Some(value),
            name @ ("&W" | "&F" | "Z") => self.maintain(name),
            "+MQTTCFG" => {
                *self = Self {
                    stage: Stage::Configured,
                    settings: Settings::of(call),
                    reconnects: self.reconnects,
                    timeout: self.timeout,
                    longest: self.longest,
                    error_mode: self.error_mode,
                    saved: self.saved,
                    ..Self::default()
                }
            }
            "+MQTTDEL" => {
                // What of the client's settings this frees is open.
                *self = Self {
                    ping: None,
                    attempts: self.attempts,
                    reconnects: self.reconnects,
                    timeout: self.timeout,
                    longest: self.longest,
                    error_mode: self.error_mode,
                    saved: self.saved,
                    ..Self::default()
                }
            }
            "+MQTTOPEN" => {
                in_time(self.settings.patience() + timeout)?;
                exactly(lines, &[b"+MQTTOPEN:OK".to_vec()])?;
                // It may have been lost again.
                if self.stage == Stage::Connecting {
                    return Err("OK without a connection".into());
                }
                self.attempts = 0;
            }
            "+MQTTDISC" => {
                exactly(lines, &[b"+MQTTDISC: OK".to_vec()])?;
                self.stage = Stage::Configured;
                self.machine = None;
                self.farewell = None;
            }
            "+MQTTSUB" => {
                in_time(timeout)?;
                let topic = call.string(0).unwrap_or_default();
                let (id, code) = self.subscription(lines, topic)?;
                if code > 2 {
                    return Err(format!("OK to code {code}"));
                }
                self.takes(id)?;
                self.subscribed.push((topic.to_vec(), code));
            }
            "+MQTTUNSUB" => {
                in_time(timeout)?;
                let topic = call.string(0).unwrap_or_default();
                let [line] = &lines[..] else {
                    return Err(format!("OK after {} lines", lines.len()));
                };
                let end = [b",\"", topic, b"\""].concat();
                let id = line
                    .strip_prefix(b"+MQTTUNSUBACK:")
                    .and_then(|rest| rest.strip_suffix(&end[..]))
                    .and_then(numbers);
                let Some([id]) = id.as_deref() else {
                    return Err(format!("{} before OK", line.escape_ascii()));
                };
                self.takes(*id)?;
                self.subscribed.retain(|(known, _)| known != topic);
            }
            "+MQTTPUB" => {
                in_time(self.write_timeout().max(2 * timeout))?;
                return self.published(call, data, lines);
            }
            "+MQTTPING" => self.ping = Some(value),
            "+MQTTTO" => {
                self.timeout = value;
                self.longest = self.longest.max(value);
            }
            "+MQTTREC" => {
                self.reconnects = value;
                if value == 0 && self.stage == Stage::Reconnecting {
                    self.stage = Stage::Configured;
                    self.machine = None;
                    self.farewell = Some(now + GRACE);
                }
            }
            _ => {}
        }
        Ok(Told::Nothing)
    }

    fn published(
        &mut self,
        call: &Call,
        data: &Entered,
        lines: &[Vec<u8>],
    ) -> Result<Told, String> {
        let payload = match (data, call.args.get(4)) {
            (Entered::Data(data), _) => data.clone(),
            (_, Some(Arg::Text(text) | Arg::Bare(text))) => text.clone(),
            _ => return Err("it asked for no data".into()),
        };
        let qos = call.int(1).unwrap_or(0);
        let acknowledgements: &[&str] = match qos {
            0 => &[],
            1 => &["+MQTTPUBACK:0,"],
            _ => &["+MQTTPUBREC:0,", "+MQTTPUBCOMP:0,"],
        };
        if lines.len() != acknowledgements.len() {
            return Err(format!("QoS {qos} is done after {} lines", lines.len()));
        }
        let mut taken = None;
        for (line, start) in lines.iter().zip(acknowledgements) {
            let id = line.strip_prefix(start.as_bytes()).and_then(numbers);
            let Some([id]) = id.as_deref() else {
                return Err(format!("{} before OK", line.escape_ascii()));
            };
            if taken.replace(*id).is_some_and(|other| other != *id) {
                return Err("PUBREC and PUBCOMP of different publishes".into());
            }
        }
        match taken {
            Some(id) => self.takes(id)?,
            None => self.next_id = self.next_id.map(following),
        }
        let qos = u8::try_from(qos).unwrap_or(0);
        Ok(Told::Published(vec![Publication { qos, payload }]))
    }

    pub(super) fn failed(
        &mut self,
        now: Instant,
        call: &Call,
        code: Option<u32>,
        running: &Running,
    ) -> Result<(), String> {
        let taken = now.since(running.began);
        let timeout = self.ack_timeout();
        let (limit, connecting) = match call.spec.name {
            "+MQTTOPEN" => (self.settings.patience() + timeout, true),
            "+MQTTSUB" | "+MQTTUNSUB" => (timeout, false),
            "+MQTTPUB" if running.collects => (Duration::from_secs(200), false),
            "+MQTTPUB" => (self.write_timeout().max(2 * timeout), false),
            _ => (Duration::ZERO, false),
        };
        if taken > limit + GRACE {
            return Err(format!("{} took {taken:?}", call.spec.name));
        }
        if !matches!(code, Some(600..=602 | 606 | 621)) {
            self.next_id = None;
        }
        let refused = running.lines.iter().any(|l| l.starts_with(b"+MQTTSUBACK"));
        let loses = match code {
            Some(605) => !refused,
            Some(608 | 618) => true,
            Some(_) => false,
            None => {
                running.waits && running.verdict.ok && !connecting && !running.collects && !refused
            }
        };
        if loses && self.stage == Stage::Connected {
            // What ends the command ends the connection (A6).
            self.lost(now);
        }
        if connecting && self.stage == Stage::Connecting {
            let machine = match code {
                Some(600 | 601 | 613 | 614) => false,
                _ => self.reconnects == 1 && !self.denied,
            };
            self.stage = Stage::Configured;
            if machine {
                self.stage = Stage::Reconnecting;
                self.machine = Some(Reconnect::start(now, WAIT));
            }
        } else if connecting
            && self.stage == Stage::Configured
            && matches!(code, Some(603 | 604 | 608))
            && self.reconnects == 1
        {
            // It failed before there was a connection to see.
            self.stage = Stage::Reconnecting;
            self.machine = Some(Reconnect::start(now, WAIT));
        }
        if call.spec.name == "+MQTTSUB" && !running.lines.is_empty() {
            let topic = call.string(0).unwrap_or_default();
            let is_timeout = running.lines == [b"+MQTTTO:3".to_vec()];
            if !is_timeout && self.subscription(&running.lines, topic)?.1 != 128 {
                return Err("an error to a good SUBACK".into());
            }
        }
        Ok(())
    }

    /// Packet identifier and code of a `+MQTTSUBACK`.
    fn subscription(&self, lines: &[Vec<u8>], topic: &[u8]) -> Result<(u32, u32), String> {
        let [line] = lines else {
            return Err(format!("{} lines", lines.len()));
        };
        let end = [b",", topic].concat();
        let values = line
            .strip_prefix(b"+MQTTSUBACK:")
            .and_then(|rest| rest.strip_suffix(&end[..]))
            .and_then(numbers);
        match values.as_deref() {
            Some([id, code @ (0..=2 | 128)]) => Ok((*id, *code)),
            _ => Err(format!("{} is no such line", line.escape_ascii())),
        }
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

    pub(super) fn wonder(&mut self, now: Instant, call: &Call, answer: &str, running: &Running) {
        if running.began == self.changed {
            return;
        }
        let text = String::from_utf8_lossy(&call.text).into_owned();
        let (verdict, stage) = (running.verdict, self.stage);
        self.unexplained = Some((
            now,
            format!("AT{text} is answered {answer} while {stage:?}, expected {verdict:?}"),
        ));
    }

    /// A packet had this identifier (A3.6).
    fn takes(&mut self, id: u32) -> Result<(), String> {
        let expected = self.next_id.replace(following(id));
        match expected {
            Some(expected) if expected != id => Err(format!("id {id}, expected {expected}")),
            _ => Ok(()),
        }
    }

    pub(super) fn urc(&mut self, now: Instant, line: &[u8]) -> Result<Told, String> {
        if line.starts_with(b"+MQTTPUBLISH: ") {
            return Ok(Told::Message(0));
        }
        let spaced = split(line, ": ");
        let tight = split(line, ":");
        let connecting = matches!(self.stage, Stage::Connecting | Stage::Reconnecting);
        // URCs that waited for data or an answer come late, and all at once.
        let collects = self.running.as_ref().is_some_and(|r| r.collects);
        let late = collects || self.flushed == now;
        match (spaced, tight) {
            (Some(("+MQTTREC", n)), _) => {
                let n = numbers(n).ok_or("no number")?;
                let patience = self.settings.patience() + self.ack_timeout();
                self.attempts = n[0] + 1;
                match &mut self.machine {
                    // It belongs to a connection that was made, and lost again.
                    _ if late && self.reopened > 0 => {}
                    Some(machine) if late => machine.told_late(now, n[0], patience),
                    Some(machine) => machine.announced(now, n[0], patience)?,
                    None if late => {}
                    None => return Err("nothing to reconnect".into()),
                }
            }
            (Some(("+MQTTDISC", b"OK")), _) if self.is_waiting(now) => {
                return Err("the command that waits fails first".into());
            }
            // The end of the connection shows after its report.
            (Some(("+MQTTDISC", b"OK")), _)
                if self.stage == Stage::Connected && self.reconnects == 0 =>
            {
                self.stage = Stage::Configured;
            }
            (Some(("+MQTTDISC", b"OK")), _) => {
                if self.farewell.take().is_none() && !late {
                    let machine = self.machine.take().ok_or("nobody disconnects")?;
                    machine.given_up()?;
                }
                if self.stage == Stage::Reconnecting {
                    self.stage = Stage::Configured;
                    self.machine = None;
                }
            }
            (Some(("+MQTTPINGRSP", b"OK")), _) if self.ping == Some(0) => {
                return Err("not wanted".into());
            }
            (Some(("+MQTTPINGRSP", b"OK")), _) if self.settings.keep_alive == 0 => {
                return Err("nobody pings".into());
            }
            (_, Some(("+MQTTOPEN", b"OK"))) => {
                let left = self.reopened.checked_sub(1);
                self.reopened = left.ok_or("nobody reconnects")?;
                self.attempts = 0;
            }
            (_, Some(("+MQTTTO", b"1"))) if !connecting && !late => {
                return Err("nobody connects".into());
            }
            (_, Some(("+MQTTTO", b"5"))) if self.settings.keep_alive == 0 => {
                return Err("nobody pings".into());
            }
            _ => {}
        }
        Ok(Told::Nothing)
    }

    /// Whether a command waits that the end of a connection ends. A data entry
    /// may have ended without a word, with the host that went away.
    fn is_waiting(&self, now: Instant) -> bool {
        let running = self.running.as_ref();
        running.is_some_and(|r| r.verdict.ok && r.waits && !r.collects && r.began < now)
    }

    /// What the read form of a command may answer; nothing if anything.
    pub(super) fn answers(&self, name: &str) -> Vec<Vec<Vec<u8>>> {
        let one = |line: String| vec![vec![line.into_bytes()]];
        match name {
            "+MQTTSTAT" => {
                let states: &[u32] = match self.stage {
                    Stage::Unconfigured | Stage::Configured => &[0],
                    Stage::Connected => &[1],
                    Stage::Connecting | Stage::Reconnecting => &[2, 3, 4],
                };
                let line = |state| vec![format!("+MQTTSTAT: {state}").into_bytes()];
                states.iter().map(line).collect()
            }
            "+MQTTSUB" => {
                let entry = |(topic, qos): &(Vec<u8>, u32)| {
                    [&topic[..], b",", qos.to_string().as_bytes()].concat()
                };
                let header = std::iter::once(b"+MQTTSUB:".to_vec());
                vec![header.chain(self.subscribed.iter().map(entry)).collect()]
            }
            "+MQTTCFG" if self.stage != Stage::Unconfigured => {
                vec![vec![self.settings.quoted_line()]]
            }
            "+MQTTCFG" => {
                one("+MQTTCFG:\"(null)\",0,\"(null)\",0,\"(null)\",\"***\",0,\"(null)\",0".into())
            }
            "+MQTTPING" => self
                .ping
                .map_or_else(Vec::new, |ping| one(format!("+MQTTPING: {ping}"))),
            "+MQTTREC" => one(format!("+MQTTREC: {},{}", self.reconnects, self.attempts)),
            _ => one(format!("+MQTTTO: {}", self.timeout)),
        }
    }

    fn write_timeout(&self) -> Duration {
        Duration::from_secs(self.longest.into())
    }

    fn ack_timeout(&self) -> Duration {
        Duration::from_secs(self.timeout.into())
    }
}

/// Whether the topic of a publish is none (A3.6).
fn has_wildcard(call: &Call) -> bool {
    let topic = call.string(0).unwrap_or_default();
    topic.iter().any(|b| matches!(b, b'+' | b'#'))
}

fn following(id: u32) -> u32 {
    id % 65_535 + 1
}

fn exactly(lines: &[Vec<u8>], expected: &[Vec<u8>]) -> Result<(), String> {
    if lines == expected {
        return Ok(());
    }
    Err(format!("OK after {}", lines.concat().escape_ascii()))
}
