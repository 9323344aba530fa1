//! MN316 (docs/spec/onemo.md part B): commands are answered at once, and what
//! becomes of them is told later.

use attwin_core::Instant;

use super::reconnect::Reconnect;
use super::{
    CONNECTING, Common, HOST, NOISE, OneMo, REPAIR, State, WORDS, ack_timeout, code_after,
    connect_timeout, has_fit_will, has_wildcard, publish_start, serves, text,
};
use crate::simulate::call::{Arg, Call};
use crate::simulate::model::{
    ANY, Answer, Client, Entry, Explained, Family, GRACE, Goal, Heard, Link, OK, Reported, Request,
    Setting, Speaker, Tables, Then, Verdict, code, free, ok_or, rule, said, when,
};
use crate::simulate::profile::{Escapes, Profile};

use State::{Configured, Connected, Connecting, Reconnecting, Unconfigured};

/// Seconds before the first attempt to reconnect, and the factor for each
/// further one (B6).
const WAIT: (u64, u64) = (4, 2);
/// Longest line (B2.2) and longest message (B2.3).
const LINE: usize = 8192;
const MESSAGE: usize = 2048;
/// Errors of section B2.4: arguments, state, network.
const ARGUMENTS: Verdict = code(&[8001]);
const STATE: Verdict = code(&[8002]);
const OK_OR_NETWORK: Verdict = ok_or(&[8009]);
/// It could not be sent.
const OK_OR_STATE: Verdict = ok_or(&[8002]);
/// Where AT+MQTTCFG says whether to encrypt.
const ENCRYPT: usize = 7;

#[derive(Debug, Default)]
pub(crate) struct Mn316 {
    common: Common,
    /// The result of AT+MQTTOPEN is to come, and by when.
    opening: Option<Instant>,
    /// AT+MQTTDISC was accepted; when it is done at the latest.
    leaving: Option<Instant>,
    /// Reconnecting was refused for good: both lines of the end are to come.
    refused: Option<Instant>,
}

static TABLES: Tables<Mn316> = Tables {
    // Sections B1, B2, B4, B10.
    profile: Profile {
        separators: &[":"],
        cme: "+CME ERROR:*",
        prompts: &[],
        escapes: Escapes::Backslash,
        bare_strings: true,
        quoted_integers: true,
        surplus_arguments: true,
        lists: false,
        bursts: false,
        noise: NOISE,
        surplus: b"",
        registration: ":",
        answers: &[
            ("I", &["CMCC", "MN316", "MN316-DBRS-MBRH0C00"]),
            ("S# +CGSN +GSN +CIMI", &["#"]),
            ("+CGMI +GMI", &["CMCC"]),
            ("+CGMM +GMM", &["MN316"]),
            ("+CGMR +GMR", &["MN316-DBRS-MBRH0C00"]),
            ("&V", &["*"]),
        ],
        avoided: &["Q", "S3", "S4", "S5"],
        shows_on_publish: true,
    },
    prefix: "+MQTT",
    boot: Some("+POWERON:0"),
    explained: Explained::Never,
    // Sections B2.4, B3 and B8.
    rules: &[
        when("*", &[], |_, call| call.text.len() + "AT".len() > LINE, ANY),
        when("*", &[], |_, call| call.invalid, ARGUMENTS),
        rule("+MQTTCFG? +MQTTSUB?", &[Unconfigured], STATE),
        rule("*? +MQTTTO +MQTTPING", &[], OK),
        when(
            "+MQTTDISC",
            &[Connecting, Connected, Reconnecting],
            |c, _| !leaves(c),
            OK,
        ),
        rule("+MQTTDEL", &[Configured], OK),
        rule("+MQTTDISC +MQTTDEL", &[], STATE),
        when("+MQTTCFG", &[], |_, call| call.omits(), ANY),
        rule("+MQTTCFG", &[Unconfigured], OK),
        rule("+MQTTCFG", &[], STATE),
        when(
            "+MQTTOPEN",
            &[],
            |_, call| call.omits() || matches!(call.args.len(), 4 | 6),
            ANY,
        ),
        when("+MQTTOPEN", &[], |_, call| !has_fit_will(call), ARGUMENTS),
        when(
            "+MQTTOPEN",
            &[Configured],
            |c, call| !serves(c, call),
            ARGUMENTS,
        ),
        rule("+MQTTOPEN", &[Configured], OK_OR_NETWORK),
        rule("+MQTTOPEN", &[], STATE),
        // An unquoted fifth of five is no string.
        when(
            "+MQTTPUB",
            &[],
            |_, call| matches!(call.args.get(4), Some(Arg::Bare(_))),
            ANY,
        ),
        when(
            "+MQTTPUB",
            &[],
            |_, call| payload(call).is_none() || has_wildcard(call),
            ARGUMENTS,
        ),
        when("*", &[Connected], |c, _| leaves(c), STATE),
        rule(
            "*",
            &[Unconfigured, Configured, Connecting, Reconnecting],
            STATE,
        ),
        when("+MQTTUNSUB", &[], |c, call| !is_known(c, call), STATE),
        rule("*", &[], OK_OR_STATE),
    ],
    urcs: &[
        free("+POWERON:0"),
        free("^SIMST:#"),
        free("REBOOTING"),
        free("+CMNTP:#"),
        free("+CMNTP:#,\"*\""),
        free("+CPIN:*"),
        said("+MQTTOPEN:OK", &[], Then::Do(opened)),
        said("+MQTTOPEN:FAIL", &[], Then::Do(not_opened)),
        said("+MQTTPUBLISH:#,#,#,#,*,#,*", &[], Then::Message),
        said("+MQTTSUBACK:#,#,*", &[], Then::Result(subscribed)),
        said("+MQTTUNSUBACK:#,*", &[], Then::Result(unsubscribed)),
        said(
            "+MQTTPUBACK:#,0",
            &[],
            Then::Result(|c, h| acknowledged(c, "PUBACK", h)),
        ),
        said(
            "+MQTTPUBREC:#,0",
            &[],
            Then::Result(|c, h| acknowledged(c, "PUBREC", h)),
        ),
        said(
            "+MQTTPUBREL:#,0",
            &[],
            Then::Result(|c, h| acknowledged(c, "PUBREL", h)),
        ),
        said(
            "+MQTTPUBCOMP:#,0",
            &[],
            Then::Result(|c, h| acknowledged(c, "PUBCOMP", h)),
        ),
        said("+MQTTPINGRESP:OK", &[], Then::Do(pinged)),
        said("+MQTTTO:5", &[], Then::Do(ping_missed)),
        said("+MQTTTO:#", &[], Then::Nothing),
        said("+MQTTREC:#", &[], Then::Do(reconnects)),
        said("+MQTTDISC:OK", &[], Then::Do(disconnected)),
    ],
    settings: &[
        Setting {
            name: "+MQTTCFG",
            initial: &["", "0", "", "0", "", "", "0", "0"],
            line: "+MQTTCFG:{0},{1},{2},{3},{4},***,{6},{7}",
        },
        Setting {
            name: "+MQTTPING",
            initial: &["0"],
            line: "+MQTTPING:{0}",
        },
        Setting {
            name: "+MQTTTO",
            initial: &["10"],
            line: "+MQTTTO:{0}",
        },
    ],
    queries: &[
        ("+MQTTSTAT?", &[]),
        ("+MQTTSUB?", &[]),
        ("+MQTTCFG?", &[]),
        ("+MQTTPING?", &[]),
        ("+MQTTTO?", &[]),
    ],
    shown: &["+MQTTPUBLISH:{d},{q},{r},{i},{t},{n},{p}"],
    words: WORDS,
    goals: &[
        (&[Unconfigured], Mn316::CONFIGURE),
        (&[Configured], Mn316::CONFIGURED),
        (&[Connecting], Goal::Say("+MQTTSTAT?", &[])),
        (&[Connected], Mn316::CONNECTED),
        (&[Reconnecting], Mn316::RECONNECTING),
    ],
    repair: REPAIR,
};

impl OneMo for Mn316 {
    const PUBLISH: fn(&mut Speaker<'_>, u8) -> Call = publish;
}

impl Family for Mn316 {
    type State = State;

    fn tables() -> &'static Tables<Self> {
        &TABLES
    }

    fn client_of(host: &str, _: &Client<Self>) -> Option<u8> {
        (host == HOST).then_some(0)
    }

    fn entry(_: &Client<Self>, _: &Call) -> Option<Entry> {
        None
    }

    fn restarted(&self) -> Self {
        Self::with(self.common.error_mode.restarted())
    }

    fn erased(&mut self) {
        self.common.error_mode = Default::default();
    }

    fn link(client: &mut Client<Self>, now: Instant, link: Link) {
        if leaves(client) {
            return;
        }
        match (link, client.state) {
            (Link::Answered { code: 0, present }, Connecting | Reconnecting) => {
                if client.number("+MQTTCFG", 6) == 1 || !present {
                    client.subscribed.clear();
                }
                client.requests.0.retain(|request| !request.vanished);
                let common = &mut client.own.common;
                common.reopened += u32::from(client.state == Reconnecting);
                common.machine = None;
                client.moves(Connected);
            }
            (
                Link::Answered {
                    code: 2 | 4 | 5, ..
                },
                Connecting,
            ) => client.moves(Configured),
            (
                Link::Answered {
                    code: 2 | 4 | 5, ..
                },
                Reconnecting,
            ) => {
                client.own.refused = Some(now + GRACE);
                client.own.common.machine = None;
            }
            (Link::Gone, Connecting | Connected) => {
                client.requests.vanish();
                client.own.common.machine = Some(Reconnect::start(now, WAIT));
                client.moves(Reconnecting);
            }
            (Link::Gone, Reconnecting) => {
                if let Some(machine) = &mut client.own.common.machine {
                    machine.failed(now);
                }
            }
            _ => {}
        }
    }

    fn follows(client: &mut Client<Self>, answer: &Answer<'_>) -> Result<Reported, String> {
        let call = answer.call;
        let due = answer.after(ack_timeout(client));
        let topic = call.text(0).to_vec();
        client.own.common.error_mode.apply(answer, true);
        match call.spec.name {
            name @ ("+MQTTTO" | "+MQTTPING") => client.store(name, call.values(1)),
            "+MQTTCFG" => {
                anew(client);
                let encrypt = Some(call.value(ENCRYPT).unwrap_or(b"0".to_vec()));
                let mut values = call.values(ENCRYPT);
                values.push(encrypt);
                client.store("+MQTTCFG", values);
                client.moves(Configured);
            }
            "+MQTTDEL" => {
                anew(client);
                // What of the client's settings this frees is open.
                client.clear("+MQTTPING");
            }
            "+MQTTOPEN" => {
                client.own.opening = Some(due + connect_timeout(client, ENCRYPT));
                client.moves(Connecting);
            }
            "+MQTTDISC" => {
                let own = &mut client.own;
                own.leaving = Some(answer.now + CONNECTING);
                (own.opening, own.common.machine, own.refused) = (None, None, None);
                client.requests.vanish();
            }
            "+MQTTSUB" => {
                let request = Request::new("SUBACK", client.takes_id(), due);
                client.requests.ask(request.with_topic(topic));
            }
            "+MQTTUNSUB" => {
                let request = Request::new("UNSUBACK", client.takes_id(), due);
                client.requests.ask(request.with_topic(topic));
            }
            "+MQTTPUB" => {
                let id = client.takes_id();
                let payload = payload(call).unwrap_or_default();
                let request = Request::new("PUB", id, due).publishing(call.number(1), payload);
                if request.qos > 0 {
                    client.requests.ask(request);
                }
            }
            _ => {}
        }
        Ok(Reported::Nothing)
    }

    fn code(answer: &Answer<'_>) -> Result<Option<u32>, String> {
        Ok(code_after("+CME ERROR:", answer))
    }

    fn hides_codes(client: &Client<Self>) -> bool {
        client.own.common.error_mode.now == 0
    }

    fn refused(
        client: &mut Client<Self>,
        answer: &Answer<'_>,
        verdict: Verdict,
        _: Option<u32>,
    ) -> Result<(), String> {
        client.own.common.error_mode.apply(answer, false);
        client.lacks_network = verdict == OK_OR_NETWORK;
        Ok(())
    }

    fn answers(client: &Client<Self>, call: &Call) -> Vec<Vec<Vec<u8>>> {
        match call.spec.name {
            "+MQTTSTAT" => {
                let states: &[u32] = match client.state {
                    _ if leaves(client) => &[2],
                    Unconfigured => &[0],
                    Configured => &[1],
                    Connecting => &[6, 7, 3],
                    Reconnecting => &[4],
                    Connected => &[5],
                };
                let line = |state| vec![format!("+MQTTSTAT:{state}").into_bytes()];
                states.iter().map(line).collect()
            }
            "+MQTTSUB" if client.subscribed.is_empty() => vec![vec![b"+MQTTSUB:".to_vec()]],
            "+MQTTSUB" => {
                let line = |(topic, qos): &(Vec<u8>, u32)| {
                    [b"+MQTTSUB: ", &topic[..], format!(",{qos}").as_bytes()].concat()
                };
                vec![client.subscribed.iter().map(line).collect()]
            }
            name => client
                .line(name)
                .map(|line| vec![line])
                .into_iter()
                .collect(),
        }
    }

    fn overdue(client: &Client<Self>, now: Instant) -> Option<String> {
        let own = &client.own;
        let late = |due: Option<Instant>, what: &str| {
            due.filter(|due| *due < now).map(|_| what.to_string())
        };
        late(own.opening, "no result of AT+MQTTOPEN")
            .or_else(|| late(own.leaving, "no result of AT+MQTTDISC"))
            .or_else(|| late(own.refused, "+MQTTDISC:OK does not come"))
            .or_else(|| own.common.machine.as_ref()?.overdue(now))
    }
}

impl Mn316 {
    fn with(error_mode: super::ErrorMode) -> Self {
        let common = Common {
            error_mode,
            ..Common::default()
        };
        Self {
            common,
            ..Self::default()
        }
    }
}

/// The client is made anew; how long to wait stays, as do base settings.
fn anew(client: &mut Client<Mn316>) {
    let timeout = client.setting("+MQTTTO", 0).to_vec();
    client.forget(Mn316::with(client.own.common.error_mode));
    client.set("+MQTTTO", 0, timeout);
    client.sessions += 1;
}

fn leaves(client: &Client<Mn316>) -> bool {
    client.own.leaving.is_some()
}

/// Whether a topic is subscribed to, or may be when its turn has come.
fn is_known(client: &Client<Mn316>, call: &Call) -> bool {
    let topic = call.text(0);
    let pending = |r: &Request| r.topics.iter().any(|known| known == topic);
    client.has_subscribed(topic) || client.requests.0.iter().any(pending)
}

fn opened(client: &mut Client<Mn316>, _: &Heard<'_>) -> Result<Reported, String> {
    if client.own.opening.take().is_none() {
        let left = client.own.common.reopened.checked_sub(1);
        client.own.common.reopened = left.ok_or("nothing was opened")?;
    }
    Ok(Reported::Nothing)
}

fn not_opened(client: &mut Client<Mn316>, heard: &Heard<'_>) -> Result<Reported, String> {
    if client.own.refused.is_some() {
        return Ok(Reported::Nothing);
    }
    client.own.opening.take().ok_or("nothing was opened")?;
    if client.state == Connecting {
        // There was no connection to see.
        client.own.common.machine = Some(Reconnect::start(heard.now, WAIT));
        client.moves(Reconnecting);
    }
    Ok(Reported::Nothing)
}

fn disconnected(client: &mut Client<Mn316>, _: &Heard<'_>) -> Result<Reported, String> {
    let own = &mut client.own;
    if own.leaving.take().or(own.refused.take()).is_none() {
        let machine = own.common.machine.take().ok_or("nobody disconnects")?;
        machine.given_up()?;
    }
    client.moves(Configured);
    Ok(Reported::Nothing)
}

fn reconnects(client: &mut Client<Mn316>, heard: &Heard<'_>) -> Result<Reported, String> {
    let limit = connect_timeout(client, ENCRYPT) + ack_timeout(client);
    let machine = client
        .own
        .common
        .machine
        .as_mut()
        .ok_or("nothing to reconnect")?;
    machine.announced(heard.now, heard.id(0)?, limit)?;
    Ok(Reported::Nothing)
}

fn pinged(client: &mut Client<Mn316>, heard: &Heard<'_>) -> Result<Reported, String> {
    match client.setting("+MQTTPING", 0) {
        b"0" => Err("not wanted".into()),
        _ => ping_missed(client, heard),
    }
}

fn ping_missed(client: &mut Client<Mn316>, _: &Heard<'_>) -> Result<Reported, String> {
    match client.number("+MQTTCFG", 3) {
        0 => Err("nobody pings".into()),
        _ => Ok(Reported::Nothing),
    }
}

fn subscribed(client: &mut Client<Mn316>, heard: &Heard<'_>) -> Result<Reported, String> {
    let (id, granted, topic) = (heard.id(0)?, heard.id(1)?, heard.text(2));
    answered(client, "SUBACK", id, topic)?;
    match (
        granted,
        client
            .subscribed
            .iter_mut()
            .find(|(known, _)| known == topic),
    ) {
        (128, _) => {}
        (0..=2, Some((_, known))) => *known = granted,
        (0..=2, None) => client.subscribed.push((topic.to_vec(), granted)),
        _ => return Err("no such code".into()),
    }
    Ok(Reported::Nothing)
}

fn unsubscribed(client: &mut Client<Mn316>, heard: &Heard<'_>) -> Result<Reported, String> {
    let topic = heard.text(1);
    answered(client, "UNSUBACK", heard.id(0)?, topic)?;
    client.subscribed.retain(|(known, _)| known != topic);
    Ok(Reported::Nothing)
}

fn answered(client: &mut Client<Mn316>, name: &str, id: u32, topic: &[u8]) -> Result<(), String> {
    match client.requests.take(name, id)?.topics.first() {
        Some(known) if known == topic => Ok(()),
        _ => Err("nobody asked for this topic".into()),
    }
}

/// A publish was acknowledged, in part or for good (B3.5).
fn acknowledged(
    client: &mut Client<Mn316>,
    name: &str,
    heard: &Heard<'_>,
) -> Result<Reported, String> {
    const STEPS: [&str; 3] = ["PUBREC", "PUBREL", "PUBCOMP"];
    let id = heard.id(0)?;
    let at = client.requests.find("PUB", id)?;
    let due = heard.now + ack_timeout(client) + GRACE;
    let request = &mut client.requests.0[at];
    match (request.qos, name) {
        (1, "PUBACK") => {}
        (2, name) if STEPS.get(request.told) == Some(&name) => {
            (request.told, request.due) = (request.told + 1, due);
            if request.told < STEPS.len() {
                return Ok(Reported::Nothing);
            }
        }
        (qos, _) => return Err(format!("not the answer to QoS {qos}")),
    }
    let request = client.requests.take("PUB", id)?;
    Ok(Reported::Published(request.publications))
}

/// What a publish sends, if its arguments fit together (B3.5).
fn payload(call: &Call) -> Option<Vec<u8>> {
    if call.args.len() < 6 {
        return call.string(4).map(<[u8]>::to_vec);
    }
    let message = call.text(5);
    let len = usize::try_from(call.number(4)).unwrap_or(usize::MAX);
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

fn publish(speaker: &mut Speaker<'_>, _: u8) -> Call {
    let rng = &mut *speaker.rng;
    let mut args = publish_start(rng);
    if rng.per_mille(400) {
        let len = *rng.pick(&[1, 8, 20, 300]);
        let payload = speaker.payloads.exactly(rng, len);
        args.push(Arg::Int(u32::try_from(len).unwrap_or(1)));
        let upper = rng.per_mille(500);
        let digits = |byte: &u8| {
            if upper {
                format!("{byte:02X}")
            } else {
                format!("{byte:02x}")
            }
        };
        let digits = payload.iter().map(digits).collect::<String>().into_bytes();
        args.push(if rng.per_mille(500) {
            Arg::Bare(digits)
        } else {
            Arg::Text(digits)
        });
    } else {
        if rng.per_mille(800) {
            args.push(Arg::Int(0));
        }
        args.push(Arg::Text(text(rng, speaker.payloads)));
    }
    speaker.grammar.spelled("+MQTTPUB=", args)
}
