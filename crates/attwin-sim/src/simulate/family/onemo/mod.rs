//! OneMO's two `AT+MQTT*` command sets (docs/spec/onemo.md): what a host says
//! to both, and what both do.

pub(super) mod ml302;
pub(super) mod mn316;
mod reconnect;

use attwin_core::{Duration, Instant};

use self::reconnect::Reconnect;
use crate::simulate::call::{Arg, Call};
use crate::simulate::model::{
    Answer, Client, Family, Goal, Heard, Outcome, Reported, Speaker, Word, draw_all, if_so,
};
use crate::simulate::payload::Payloads;
use crate::simulate::random::Rng;

use Goal::{Among, Do, Often, Say};
use Word::{Between, Draw, Flag, Int, Ints, Text};

/// The server everybody means.
const HOST: &str = "h0.example";
const TOPICS: &[&str] = &["t/a", "t/b", "t/c", "in"];
const FILTERS: &[&str] = &["t/a", "t/b", "t/+", "in", "#", "t/ä b"];
const NOISE: &[&[u8]] = &[b"\r", b"\r\n\r\n", b"hello there\r", b"xyz", b"\n"];
/// How long connecting may take (A3.2).
const CONNECTING: Duration = Duration::from_secs(20);

/// States of sections A8 and B8, as far as both modules agree on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum State {
    #[default]
    Unconfigured,
    Configured,
    Connecting,
    Connected,
    Reconnecting,
}

/// A topic to publish to; now and then one nobody may publish to.
const TOPIC: Word = Draw(|rng, _| match rng.per_mille(20) {
    true => "t/#".into(),
    false => (*rng.pick(TOPICS)).into(),
});

// One row a line.
#[rustfmt::skip]
const WORDS: &[(&str, &str, Word)] = &[
    ("*", "host", Text(&[HOST])),
    ("*", "id", Text(&["dev-0", "dev-1"])),
    ("*", "keepalive", Ints(&[0, 5, 20, 60])),
    ("*", "user", Text(&["u", "u", ""])),
    ("*", "passwd", Text(&["u", "u", ""])),
    ("*", "timeout", Between(1, 8)),
    ("+MQTTPUB", "topic", TOPIC),
    ("*", "topic", Text(FILTERS)),
    ("*", "willtopic", Text(&["t/will", "t/will", ""])),
];

const REPAIR: &[(&str, &[Word])] = &[
    ("+CFUN=", &[Int(1)]),
    ("+CGATT=", &[Int(1)]),
    ("+CGACT=", &[Int(1), Int(1)]),
];

/// What both modules have, and what a host says to both.
#[rustfmt::skip]
trait OneMo: Family<State = State> {
    /// Where AT+MQTTCFG says whether to encrypt.
    const ENCRYPT: usize;
    const PUBLISH: fn(&mut Speaker<'_>, u8) -> Call;

    fn common(&mut self) -> &mut Common;

    const CONFIGURE: Goal<Self> = Say("+MQTTCFG=", &[
        Text(&[HOST]), Int(1883), Text(&["dev-0", "dev-0", "dev-1"]), Ints(&[0, 5, 20, 60]),
        Text(&["u", "u", "u", ""]), Text(&["p", "p", "p", ""]), Between(0, 1),
    ]);
    const CONFIGURED: Goal<Self> = Among(&[
        (1, Self::CONFIGURE),
        (1, Say("+MQTTDEL", &[])),
        (1, Say("+MQTTTO=", &[Between(1, 6)])),
        (1, Say("+MQTTPING=", &[Between(0, 1)])),
        (10, Do(open)),
    ]);
    const CONNECTED: Goal<Self> = Among(&[
        (6, Say("+MQTTSUB=", &[Text(FILTERS), Between(0, 2)])),
        (2, Say("+MQTTUNSUB=", &[Text(FILTERS)])),
        (1, Say("+MQTTPING=", &[Between(0, 1)])),
        (1, Among(&[
            (1, Do(open)),
            (1, Self::CONFIGURE),
            (1, Say("+MQTTDEL", &[])),
            (1, Say("+MQTTSUB?", &[])),
        ])),
        (1, Often(600, &Say("+MQTTDISC", &[]), &Do(Self::PUBLISH))),
        (13, Do(Self::PUBLISH)),
    ]);
    const RECONNECTING: Goal<Self> = Among(&[
        (1, Say("+MQTTDISC", &[])),
        (1, Do(open)),
        (1, Do(Self::PUBLISH)),
        (9, Say("+MQTTSTAT?", &[])),
    ]);
}

fn open(speaker: &mut Speaker<'_>, _: u8) -> Call {
    let rng = &mut *speaker.rng;
    let mut args = [0, 0, 0, 0, 0].map(Arg::Int).to_vec();
    if rng.per_mille(300) {
        args[0] = Arg::Int(1);
        args[1] = Arg::Int(rng.between(0, 1));
    }
    if rng.per_mille(300) {
        args[2] = Arg::Int(1);
        args[3] = Arg::Int(rng.between(0, 1));
        args[4] = Arg::Int(rng.between(0, 2));
        args.extend(["t/will".into(), "gone".into()]);
    } else {
        args.extend(["".into(), "".into()]);
    }
    speaker.grammar.spelled("+MQTTOPEN=", args)
}

/// Topic, QoS, retain and DUP of a publish.
fn publish_start(rng: &mut Rng) -> Vec<Arg> {
    let flags = draw_all(&[Between(0, 2), Flag(100), Between(0, 1)], rng);
    let mut args = draw_all(&[TOPIC], rng);
    args.extend(flags);
    args
}

/// A payload to be written as a string.
fn text(rng: &mut Rng, payloads: &mut Payloads) -> Vec<u8> {
    let len = *rng.pick(&[8, 20, 60, 300]);
    let mut text = payloads.text(rng, len);
    if rng.per_mille(200) {
        // As JSON has them.
        text.extend_from_slice(b"{\"id\":\"4G\\\\\"}");
    }
    text
}

/// What both have of a client.
#[derive(Debug, Default)]
struct Common {
    error_mode: ErrorMode,
    machine: Option<Reconnect>,
    /// Background connections that succeeded and are still to be told.
    reopened: u32,
}

impl Common {
    /// Nothing but the error mode, which is the module's.
    fn with(error_mode: ErrorMode) -> Self {
        Self {
            error_mode,
            ..Self::default()
        }
    }
}

/// What AT+CMEE is set to, and what AT&W saved (A2.5, B2.4).
#[derive(Debug, Clone, Copy)]
struct ErrorMode {
    now: u32,
    saved: u32,
}

impl Default for ErrorMode {
    fn default() -> Self {
        Self { now: 1, saved: 1 }
    }
}

impl ErrorMode {
    /// What a restart leaves.
    fn restarted(self) -> Self {
        Self {
            now: self.saved,
            ..self
        }
    }

    /// A command was carried out: also one that was refused, if what followed
    /// on its line was wrong but not its number (V.250 5.3.1).
    fn apply(&mut self, answer: &Answer<'_>, accepted: bool) {
        let call = answer.call;
        let carried_out = accepted || matches!(call.args.first(), Some(Arg::Text(_)));
        match call.spec.name {
            _ if !carried_out => {}
            "+CMEE" if accepted => self.now = call.number(0),
            "&W" => self.saved = self.now,
            "&F" => self.now = 1,
            "Z" => self.now = self.saved,
            _ => {}
        }
    }
}

/// Time an acknowledgement may take.
fn ack_timeout<F: Family>(client: &Client<F>) -> Duration {
    Duration::from_secs(client.number("+MQTTTO", 0).into())
}

/// How long an attempt to connect may take: TCP has its limit (A3.2), a
/// handshake four times that, and then CONNACK is waited for.
fn connect_timeout<F: OneMo>(client: &Client<F>) -> Duration {
    let encrypts = client.number("+MQTTCFG", F::ENCRYPT) == 1;
    CONNECTING * if encrypts { 4 } else { 1 } + ack_timeout(client)
}

/// The server accepted a connection.
fn accepted<F: OneMo>(client: &mut Client<F>, present: bool) {
    if client.number("+MQTTCFG", 6) == 1 || !present {
        client.subscribed.clear();
    }
    let again = client.state == State::Reconnecting;
    let common = client.own.common();
    common.reopened += u32::from(again);
    common.machine = None;
    client.moves(State::Connected);
}

/// The reconnect machine starts.
fn reconnect<F: OneMo>(client: &mut Client<F>, now: Instant, wait: (u64, u64)) {
    client.own.common().machine = Some(Reconnect::start(now, wait));
    client.moves(State::Reconnecting);
}

/// The connection of an attempt is over.
fn failed<F: OneMo>(client: &mut Client<F>, now: Instant) {
    if let Some(machine) = &mut client.own.common().machine {
        machine.failed(now);
    }
}

/// The client is made anew, but for the settings named.
fn anew<F: OneMo>(client: &mut Client<F>, own: F, kept: &[&'static str]) {
    let values: Vec<_> = kept
        .iter()
        .map(|name| client.setting(name, 0).to_vec())
        .collect();
    client.forget(own);
    for (name, value) in kept.iter().zip(values) {
        client.set(name, 0, value);
    }
    client.sessions += 1;
}

fn ended<F: OneMo>(client: &mut Client<F>) -> Result<(), String> {
    let machine = client.own.common().machine.take();
    machine.ok_or("nobody disconnects")?.given_up()
}

/// An attempt to reconnect is told, or a `late` one that a command held back.
fn announced<F: OneMo>(client: &mut Client<F>, heard: &Heard<'_>, late: bool) -> Outcome {
    let limit = connect_timeout(client);
    let (now, n) = (heard.now, heard.id(0)?);
    let common = client.own.common();
    match &mut common.machine {
        // It belongs to a connection that was made, and lost again.
        _ if late && common.reopened > 0 => {}
        Some(machine) if late => machine.told_late(now, n, limit),
        Some(machine) => machine.announced(now, n, limit)?,
        None => return if_so(late, "nothing to reconnect"),
    }
    Ok(Reported::Nothing)
}

/// A background connection is told.
fn reopened<F: OneMo>(client: &mut Client<F>) -> Outcome {
    let common = client.own.common();
    let left = common.reopened.checked_sub(1);
    common.reopened = left.ok_or("nobody reconnects")?;
    Ok(Reported::Nothing)
}

fn pinged<F: OneMo>(client: &mut Client<F>, heard: &Heard<'_>) -> Outcome {
    if_so(client.setting("+MQTTPING", 0) != b"0", "not wanted")?;
    ping_missed(client, heard)
}

fn ping_missed<F: OneMo>(client: &mut Client<F>, _: &Heard<'_>) -> Outcome {
    if_so(client.number("+MQTTCFG", 3) > 0, "nobody pings")
}

/// The states AT+MQTTSTAT? may tell.
fn states(start: &str, states: &[u32]) -> Vec<Vec<Vec<u8>>> {
    let line = |state| vec![format!("{start}{state}").into_bytes()];
    states.iter().map(line).collect()
}

/// The lines of AT+MQTTSUB? after this start of each.
fn table<F: Family>(client: &Client<F>, start: &str) -> Vec<Vec<u8>> {
    let line = |(topic, qos): &(Vec<u8>, u32)| {
        [start.as_bytes(), topic, format!(",{qos}").as_bytes()].concat()
    };
    client.subscribed.iter().map(line).collect()
}

/// Whether AT+MQTTOPEN may use user and password as its flags say.
fn serves<F: Family>(client: &Client<F>, open: &Call) -> bool {
    let lacks = |flag, at| open.int(flag) == Some(1) && client.setting("+MQTTCFG", at).is_empty();
    !lacks(0, 4) && !lacks(1, 5)
}

/// Whether the will of an AT+MQTTOPEN can be (A3.2, B3.2).
fn has_fit_will(open: &Call) -> bool {
    open.int(2) != Some(1) || !open.text(5).is_empty()
}

/// Whether the topic of a publish is none (A3.6).
fn has_wildcard(call: &Call) -> bool {
    call.text(0).iter().any(|b| matches!(b, b'+' | b'#'))
}
