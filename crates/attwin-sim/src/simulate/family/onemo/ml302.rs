//! ML302 (docs/spec/onemo.md part A): every command waits for the server, and its
//! answer tells how it went.

use attwin_core::{Duration, Form, Instant};

use super::reconnect::Reconnect;
use super::{
    Common, ErrorMode, HOST, NOISE, OneMo, REPAIR, State, WORDS, ack_timeout, code_after,
    connect_timeout, has_fit_will, has_wildcard, publish_start, serves, text,
};
use crate::simulate::call::{Arg, Call};
use crate::simulate::model::{
    ANY, Answer, Client, ERROR, Entered, Entry, Explained, Family, GRACE, Goal, Heard, Link, OK,
    Progress, Publication, Reported, Setting, Speaker, Tables, Then, Verdict, Word, code, free,
    ok_or, rule, said, when,
};
use crate::simulate::profile::{Escapes, Profile};
use crate::simulate::shape::values;

use State::{Configured, Connected, Connecting, Reconnecting, Unconfigured};

/// Seconds between attempts to reconnect (A6).
const WAIT: (u64, u64) = (8, 1);
/// Longest line (A2.2).
const LINE: usize = 4096;
/// How long data may be waited for (A4).
const DATA: Duration = Duration::from_secs(200);
/// Errors of section A2.5.
const NETWORK: Verdict = code(&[600]);
const ARGUMENTS: Verdict = code(&[601]);
/// Where AT+MQTTCFG says whether to encrypt.
const ENCRYPT: usize = 8;

#[derive(Debug)]
pub(crate) struct Ml302 {
    common: Common,
    /// The longest AT+MQTTTO since the module started: a connection that takes
    /// nothing is given up after what it was opened with.
    longest: u32,
    /// Attempts to reconnect since the last success.
    attempts: u32,
    /// The server refused who connects, for good.
    denied: bool,
    /// `+MQTTDISC: OK` is to come, and by when.
    farewell: Option<Instant>,
    /// Identifiers were taken that no line told.
    skips_ids: bool,
}

impl Default for Ml302 {
    fn default() -> Self {
        Self {
            common: Common::default(),
            longest: 10,
            attempts: 0,
            denied: false,
            farewell: None,
            skips_ids: false,
        }
    }
}

static TABLES: Tables<Ml302> = Tables {
    // Sections A1, A2, A4, A10.
    profile: Profile {
        separators: &[": ", ":"],
        cme: "+CME ERROR: *",
        prompts: &["\r\n> "],
        escapes: Escapes::Backslash,
        bare_strings: false,
        quoted_integers: false,
        surplus_arguments: false,
        lists: false,
        bursts: true,
        noise: NOISE,
        surplus: b"\r\n",
        registration: ": ",
        answers: &[
            ("I", &["CMCC", "ML302", "ML302-CNLM_MBRH0S00"]),
            ("S# +CGSN +GSN +CIMI +CCID", &["#"]),
            ("+CGMI +GMI", &["CMCC"]),
            ("+CGMM +GMM", &["ML302"]),
            ("+CGMR +GMR", &["ML302-CNLM_MBRH0S00"]),
            ("&V", &["*"]),
            ("+MGNSSINFO", &["+MGNSSINFO: GNSS NO SIGNAL"]),
            ("+MQTTOPEN", &["+MQTTTO:1"]),
            (
                "+MQTTPUB",
                &[
                    "+MQTTPUBACK:0,#",
                    "+MQTTPUBREC:0,#",
                    "+MQTTPUBCOMP:0,#",
                    "+MQTTTO:2",
                ],
            ),
            ("+MQTTSUB", &["+MQTTSUBACK:#,#,*", "+MQTTTO:3", "*,#"]),
            ("+MQTTUNSUB", &["+MQTTUNSUBACK:#,\"*\"", "+MQTTTO:4"]),
        ],
        avoided: &["Q", "S3", "S4", "S5"],
        shows_on_publish: true,
    },
    prefix: "+MQTT",
    // Nothing tells that it has booted (A10).
    boot: None,
    explained: Explained::ByLink,
    // Sections A2.5, A3 and A8.
    rules: &[
        when(
            "*",
            &[],
            |_, call| call.omits() || call.text.len() + "AT".len() > LINE,
            ANY,
        ),
        rule("*?", &[], OK),
        when(
            "+MQTTCFG",
            &[],
            |_, call| call.invalid || lacks_version(call),
            ERROR,
        ),
        rule("+MQTTCFG", &[Connected], ERROR),
        rule("+MQTTCFG", &[], OK),
        rule("+MQTTDISC", &[Connected, Reconnecting], OK),
        rule("+MQTTDEL", &[Configured], OK),
        rule("+MQTTDISC +MQTTDEL", &[], ERROR),
        when("*", &[], |_, call| call.invalid, ARGUMENTS),
        when("+MQTTOPEN", &[], |_, call| !has_fit_will(call), ARGUMENTS),
        rule("+MQTTOPEN", &[Unconfigured], ARGUMENTS),
        rule("+MQTTOPEN", &[Connected], code(&[602])),
        rule("+MQTTOPEN", &[Reconnecting, Connecting], code(&[603])),
        when("+MQTTOPEN", &[], |c, call| !serves(c, call), ARGUMENTS),
        rule("+MQTTOPEN", &[], ok_or(&[600, 603, 604, 608, 613, 614])),
        when("+MQTTPUB", &[], |_, call| has_wildcard(call), ARGUMENTS),
        rule(
            "+MQTTSUB +MQTTUNSUB +MQTTPUB +MQTTPING",
            &[Unconfigured, Configured],
            NETWORK,
        ),
        rule(
            "+MQTTSUB +MQTTUNSUB +MQTTPUB +MQTTPING",
            &[Connecting, Reconnecting],
            NETWORK,
        ),
        when(
            "+MQTTPUB",
            &[],
            |c, call| Ml302::entry(c, call).is_some(),
            ok_or(&[600, 601, 608]),
        ),
        rule("+MQTTPUB", &[], ok_or(&[608])),
        when(
            "+MQTTSUB",
            &[],
            |c, call| c.has_subscribed(call.text(0)),
            code(&[606]),
        ),
        rule("+MQTTSUB", &[], ok_or(&[605, 608])),
        when(
            "+MQTTUNSUB",
            &[],
            |c, call| !c.has_subscribed(call.text(0)),
            code(&[621]),
        ),
        rule("+MQTTUNSUB", &[], ok_or(&[618, 608])),
        rule("*", &[], OK),
    ],
    urcs: &[
        free("REBOOTING"),
        free("+CPIN: *"),
        free("+MDNSGIP: *"),
        said("+MQTTPUBLISH: #,#,#,#,\"*\",#,*", &[], Then::Message),
        said("+MQTTPUBREL: 0,#", &[], Then::Nothing),
        said("+MQTTPINGRSP: OK", &[], Then::Do(pinged)),
        said("+MQTTTO:1", &[], Then::Do(connect_missed)),
        said("+MQTTTO:5", &[], Then::Do(ping_missed)),
        said("+MQTTTO:#", &[], Then::Nothing),
        said("+MQTTREC: #", &[], Then::Do(reconnects)),
        said("+MQTTOPEN:OK", &[], Then::Do(reopened)),
        said("+MQTTDISC: OK", &[], Then::Do(disconnected)),
    ],
    settings: &[
        Setting {
            name: "+MQTTCFG",
            initial: &[
                "(null)", "0", "(null)", "0", "(null)", "", "0", "(null)", "0",
            ],
            line: "+MQTTCFG:\"{0}\",{1},\"{2}\",{3},\"{4}\",\"***\",{6},\"{7}\",{8}",
        },
        Setting {
            name: "+MQTTPING",
            initial: &["1"],
            line: "+MQTTPING: {0}",
        },
        Setting {
            name: "+MQTTREC",
            initial: &["1"],
            line: "+MQTTREC: {0}",
        },
        Setting {
            name: "+MQTTTO",
            initial: &["10"],
            line: "+MQTTTO: {0}",
        },
    ],
    queries: &[
        ("+MQTTSTAT?", &[]),
        ("+MQTTSUB?", &[]),
        ("+MQTTCFG?", &[]),
        ("+MQTTPING?", &[]),
        ("+MQTTREC?", &[]),
        ("+MQTTTO?", &[]),
    ],
    shown: &["+MQTTPUBLISH: {d},{q},{r},{i},\"{t}\",{n},{p}"],
    words: WORDS,
    goals: &[
        (&[Unconfigured], Ml302::CONFIGURE),
        (
            &[Configured],
            Goal::Often(
                60,
                &Goal::Say("+MQTTREC=", &[Word::Flag(700)]),
                &Ml302::CONFIGURED,
            ),
        ),
        (&[Connecting], Goal::Say("+MQTTSTAT?", &[])),
        (&[Connected], Ml302::CONNECTED),
        (&[Reconnecting], Ml302::RECONNECTING),
    ],
    repair: REPAIR,
};

impl OneMo for Ml302 {
    const PUBLISH: fn(&mut Speaker<'_>, u8) -> Call = publish;
}

impl Family for Ml302 {
    type State = State;

    fn tables() -> &'static Tables<Self> {
        &TABLES
    }

    fn client_of(host: &str, _: &Client<Self>) -> Option<u8> {
        (host == HOST).then_some(0)
    }

    fn entry(_: &Client<Self>, call: &Call) -> Option<Entry> {
        match call.args.get(4) {
            Some(Arg::Int(len)) if call.is("+MQTTPUB", Form::Write) => Some(Entry::exact(*len)),
            _ => None,
        }
    }

    fn restarted(&self) -> Self {
        Self::with(self.common.error_mode.restarted())
    }

    fn erased(&mut self) {
        self.common.error_mode = ErrorMode::default();
    }

    fn link(client: &mut Client<Self>, now: Instant, link: Link) {
        let running = client
            .running
            .as_ref()
            .map(|running| running.call.spec.name);
        let ends = matches!(running, Some("+MQTTDISC" | "+MQTTCFG" | "+MQTTREC"));
        let own = &mut client.own;
        match (link, client.state) {
            (Link::Opening, Configured) => {
                own.denied = false;
                client.moves(Connecting);
            }
            (Link::Answered { code: 0, present }, Connecting | Reconnecting) => {
                own.common.reopened += u32::from(client.state == Reconnecting);
                own.common.machine = None;
                if client.number("+MQTTCFG", 6) == 1 || !present {
                    client.subscribed.clear();
                }
                client.moves(Connected);
            }
            (
                Link::Answered {
                    code: 2 | 4 | 5, ..
                },
                Connecting,
            ) => own.denied = true,
            // Refused for good: the machine gives up (A6).
            (
                Link::Answered {
                    code: 2 | 4 | 5, ..
                },
                Reconnecting,
            ) => {
                own.common.machine = None;
                own.farewell = Some(now + GRACE);
            }
            (Link::Gone, Connected) if !ends => lost(client, now),
            (Link::Gone, Reconnecting) => {
                if let Some(machine) = &mut own.common.machine {
                    machine.failed(now);
                }
            }
            _ => {}
        }
    }

    fn follows(client: &mut Client<Self>, answer: &Answer<'_>) -> Result<Reported, String> {
        let call = answer.call;
        client.own.common.error_mode.apply(answer, true);
        in_time(client, answer)?;
        match call.spec.name {
            name @ ("+MQTTPING" | "+MQTTTO" | "+MQTTREC") => {
                client.store(name, call.values(1));
                client.own.longest = client.own.longest.max(client.number("+MQTTTO", 0));
                if client.number("+MQTTREC", 0) == 0 && client.state == Reconnecting {
                    client.own.common.machine = None;
                    client.own.farewell = Some(answer.after(Duration::ZERO));
                    client.moves(Configured);
                }
            }
            "+MQTTCFG" => {
                anew(client);
                client.own.attempts = 0;
                let default = |at, text: &str| call.value(at).or(Some(text.into()));
                let mut values = call.values(7);
                values.extend([default(7, ""), default(ENCRYPT, "0")]);
                client.store("+MQTTCFG", values);
                client.moves(Configured);
            }
            "+MQTTDEL" => {
                anew(client);
                // What of the client's settings this frees is open.
                client.clear("+MQTTPING");
            }
            "+MQTTOPEN" => {
                exactly(answer, b"+MQTTOPEN:OK")?;
                // It may have been lost again.
                if client.state == Connecting {
                    return Err("OK without a connection".into());
                }
                client.own.attempts = 0;
            }
            "+MQTTDISC" => {
                exactly(answer, b"+MQTTDISC: OK")?;
                client.own.common.machine = None;
                client.own.farewell = None;
                client.moves(Configured);
            }
            "+MQTTSUB" => {
                let (id, granted) = subscription(answer)?;
                if granted > 2 {
                    return Err(format!("OK to code {granted}"));
                }
                takes(client, id)?;
                client.subscribed.push((call.text(0).to_vec(), granted));
            }
            "+MQTTUNSUB" => {
                let line = answer.lines.first().filter(|_| answer.lines.len() == 1);
                let told = line.and_then(|line| values("+MQTTUNSUBACK:#,\"*\"", line));
                match told.as_deref() {
                    Some(&[id, topic]) if topic == call.text(0) => takes(client, number(id))?,
                    _ => return Err(format!("OK after {}", answer.lines.concat().escape_ascii())),
                }
                client.subscribed.retain(|(known, _)| known != call.text(0));
            }
            "+MQTTPUB" => return published(client, answer),
            _ => {}
        }
        Ok(Reported::Nothing)
    }

    fn code(answer: &Answer<'_>) -> Result<Option<u32>, String> {
        Ok(code_after("+CME ERROR: ", answer))
    }

    fn hides_codes(client: &Client<Self>) -> bool {
        client.own.common.error_mode.now == 0
    }

    fn refused(
        client: &mut Client<Self>,
        answer: &Answer<'_>,
        verdict: Verdict,
        code: Option<u32>,
    ) -> Result<(), String> {
        let name = answer.call.spec.name;
        client.own.common.error_mode.apply(answer, false);
        if !name.starts_with("+MQTT") {
            return Ok(());
        }
        in_time(client, answer)?;
        let collects = Self::entry(client, answer.call).is_some();
        client.lacks_network = code == Some(600) && name == "+MQTTOPEN";
        client.own.skips_ids |= !matches!(code, Some(600..=602 | 606 | 621));
        let refused = answer.lines.iter().any(|l| l.starts_with(b"+MQTTSUBACK"));
        let loses = match code {
            Some(605) => !refused,
            Some(608 | 618) => true,
            Some(_) => false,
            None => {
                waits(answer.call) && verdict.ok && name != "+MQTTOPEN" && !collects && !refused
            }
        };
        if loses && client.state == Connected {
            // What ends the command ends the connection (A6).
            lost(client, answer.now);
        }
        if name == "+MQTTOPEN" {
            let retries = match (client.state, code) {
                (Connecting, Some(600 | 601 | 613 | 614)) => false,
                (Connecting, _) => !client.own.denied,
                // It failed before there was a connection to see.
                (Configured, Some(603 | 604 | 608)) => true,
                _ => return Ok(()),
            };
            client.moves(Configured);
            if retries && client.number("+MQTTREC", 0) == 1 {
                client.moves(Reconnecting);
                client.own.common.machine = Some(Reconnect::start(answer.now, WAIT));
            }
        }
        let missed = answer.lines == [b"+MQTTTO:3".to_vec()];
        if name == "+MQTTSUB"
            && !answer.lines.is_empty()
            && !missed
            && subscription(answer)?.1 != 128
        {
            return Err("an error to a good SUBACK".into());
        }
        Ok(())
    }

    fn answers(client: &Client<Self>, call: &Call) -> Vec<Vec<Vec<u8>>> {
        match call.spec.name {
            "+MQTTSTAT" => {
                let states: &[u32] = match client.state {
                    Unconfigured | Configured => &[0],
                    Connected => &[1],
                    Connecting | Reconnecting => &[2, 3, 4],
                };
                let line = |state| vec![format!("+MQTTSTAT: {state}").into_bytes()];
                states.iter().map(line).collect()
            }
            "+MQTTSUB" => {
                let line = |(topic, qos): &(Vec<u8>, u32)| {
                    [&topic[..], format!(",{qos}").as_bytes()].concat()
                };
                let lines = client.subscribed.iter().map(line);
                vec![
                    std::iter::once(b"+MQTTSUB:".to_vec())
                        .chain(lines)
                        .collect(),
                ]
            }
            "+MQTTREC" => {
                let line = client.line("+MQTTREC").unwrap_or_default();
                let attempts = format!(",{}", client.own.attempts);
                vec![vec![[&line[..], attempts.as_bytes()].concat()]]
            }
            name => client
                .line(name)
                .map(|line| vec![line])
                .into_iter()
                .collect(),
        }
    }

    fn overdue(client: &Client<Self>, now: Instant) -> Option<String> {
        if client.own.farewell.is_some_and(|due| due < now) {
            return Some("+MQTTDISC: OK does not come".into());
        }
        client.own.common.machine.as_ref()?.overdue(now)
    }

    /// URCs stand between the lines of an answer, but not between prompt and
    /// data (A4).
    fn lets_urcs_in(_: &Client<Self>, _: Instant, call: &Call, progress: Progress) -> bool {
        progress.has_data && (WAITING.contains(&call.spec.name) || call.spec.name == "+MQTTDISC")
    }
}

impl Ml302 {
    fn with(error_mode: ErrorMode) -> Self {
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

/// Commands that wait for the server.
const WAITING: [&str; 4] = ["+MQTTOPEN", "+MQTTSUB", "+MQTTUNSUB", "+MQTTPUB"];

fn waits(call: &Call) -> bool {
    call.form == Form::Write && WAITING.contains(&call.spec.name)
}

fn lacks_version(call: &Call) -> bool {
    call.int(ENCRYPT) == Some(1) && call.text(7).is_empty()
}

/// The client is made anew; what is not the client's stays.
fn anew(client: &mut Client<Ml302>) {
    let [timeout, reconnects] =
        ["+MQTTTO", "+MQTTREC"].map(|name| client.setting(name, 0).to_vec());
    client.forget(Ml302 {
        longest: client.own.longest,
        attempts: client.own.attempts,
        ..Ml302::with(client.own.common.error_mode)
    });
    client.set("+MQTTTO", 0, timeout);
    client.set("+MQTTREC", 0, reconnects);
    client.sessions += 1;
}

/// The connection is lost: the machine of section A6 starts.
fn lost(client: &mut Client<Ml302>, now: Instant) {
    if client.number("+MQTTREC", 0) == 1 {
        client.own.common.machine = Some(Reconnect::start(now, WAIT));
        client.moves(Reconnecting);
    } else {
        client.own.farewell = Some(now + GRACE);
        client.moves(Configured);
    }
}

/// Whether the answer came in time.
fn in_time(client: &Client<Ml302>, answer: &Answer<'_>) -> Result<(), String> {
    let timeout = ack_timeout(client);
    let limit = match answer.call.spec.name {
        "+MQTTOPEN" => connect_timeout(client, ENCRYPT) + timeout,
        "+MQTTSUB" | "+MQTTUNSUB" => timeout,
        "+MQTTPUB" if Ml302::entry(client, answer.call).is_some() => DATA,
        "+MQTTPUB" => Duration::from_secs(client.own.longest.into()).max(2 * timeout),
        name if name.starts_with("+MQTT") => Duration::ZERO,
        _ => return Ok(()),
    };
    let taken = answer.now.since(answer.began);
    match taken <= limit + GRACE {
        true => Ok(()),
        false => Err(format!("{} took {taken:?}", answer.call.spec.name)),
    }
}

/// A packet had this identifier (A3.6).
fn takes(client: &mut Client<Ml302>, id: u32) -> Result<(), String> {
    let expected = client.next_id;
    if !std::mem::take(&mut client.own.skips_ids) && id != expected {
        return Err(format!("id {id}, expected {expected}"));
    }
    client.next_id = id;
    client.takes_id();
    Ok(())
}

/// Packet identifier and code of a `+MQTTSUBACK`.
fn subscription(answer: &Answer<'_>) -> Result<(u32, u32), String> {
    let [line] = answer.lines else {
        return Err(format!("{} lines", answer.lines.len()));
    };
    match values("+MQTTSUBACK:#,#,*", line).as_deref() {
        Some(&[id, granted, topic]) if topic == answer.call.text(0) => {
            match (number(id), number(granted)) {
                (id, granted @ (0..=2 | 128)) => Ok((id, granted)),
                (_, granted) => Err(format!("no such code: {granted}")),
            }
        }
        _ => Err(format!("{} is no such line", line.escape_ascii())),
    }
}

fn published(client: &mut Client<Ml302>, answer: &Answer<'_>) -> Result<Reported, String> {
    let payload = match answer.data {
        Entered::Data(data) => data.clone(),
        _ => answer
            .call
            .string(4)
            .ok_or("it asked for no data")?
            .to_vec(),
    };
    let qos = answer.call.number(1);
    let shapes: &[&str] = match qos {
        0 => &[],
        1 => &["+MQTTPUBACK:0,#"],
        _ => &["+MQTTPUBREC:0,#", "+MQTTPUBCOMP:0,#"],
    };
    let told = answer
        .lines
        .iter()
        .zip(shapes)
        .map(|(line, shape)| values(shape, line));
    let ids: Option<Vec<u32>> = told.map(|told| Some(number(told?.first()?))).collect();
    match ids.as_deref() {
        _ if answer.lines.len() != shapes.len() => {
            return Err(format!(
                "QoS {qos} is done after {} lines",
                answer.lines.len()
            ));
        }
        Some([]) => drop(client.takes_id()),
        Some([id, rest @ ..]) if rest.iter().all(|other| other == id) => takes(client, *id)?,
        _ => return Err(format!("OK after {}", answer.lines.concat().escape_ascii())),
    }
    let qos = u8::try_from(qos).unwrap_or(0);
    Ok(Reported::Published(vec![Publication { qos, payload }]))
}

fn exactly(answer: &Answer<'_>, line: &[u8]) -> Result<(), String> {
    match answer.lines == [line] {
        true => Ok(()),
        false => Err(format!("OK after {}", answer.lines.concat().escape_ascii())),
    }
}

fn number(digits: &[u8]) -> u32 {
    let text = std::str::from_utf8(digits);
    text.ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// URCs that waited for data or an answer come late, and all at once.
fn is_late(client: &Client<Ml302>, heard: &Heard<'_>) -> bool {
    let running = client.running.as_ref();
    heard.flushed || running.is_some_and(|running| Ml302::entry(client, &running.call).is_some())
}

fn reconnects(client: &mut Client<Ml302>, heard: &Heard<'_>) -> Result<Reported, String> {
    let limit = connect_timeout(client, ENCRYPT) + ack_timeout(client);
    let late = is_late(client, heard);
    let (now, n) = (heard.now, heard.id(0)?);
    client.own.attempts = n + 1;
    let common = &mut client.own.common;
    match &mut common.machine {
        // It belongs to a connection that was made, and lost again.
        _ if late && common.reopened > 0 => {}
        Some(machine) if late => machine.told_late(now, n, limit),
        Some(machine) => machine.announced(now, n, limit)?,
        None if late => {}
        None => return Err("nothing to reconnect".into()),
    }
    Ok(Reported::Nothing)
}

fn disconnected(client: &mut Client<Ml302>, heard: &Heard<'_>) -> Result<Reported, String> {
    // A data entry may have ended without a word, with the host that went
    // away.
    let waiting = client.running.as_ref().is_some_and(|running| {
        let collects = Ml302::entry(client, &running.call).is_some();
        running.verdict.ok && waits(&running.call) && !collects && running.began < heard.now
    });
    if waiting {
        return Err("the command that waits fails first".into());
    }
    let late = is_late(client, heard);
    let stays = client.number("+MQTTREC", 0) == 0;
    let own = &mut client.own;
    match client.state {
        // The end of the connection shows after its report.
        Connected if stays => client.moves(Configured),
        state => {
            if own.farewell.take().is_none() && !late {
                let machine = own.common.machine.take().ok_or("nobody disconnects")?;
                machine.given_up()?;
            }
            if state == Reconnecting {
                own.common.machine = None;
                client.moves(Configured);
            }
        }
    }
    Ok(Reported::Nothing)
}

fn reopened(client: &mut Client<Ml302>, _: &Heard<'_>) -> Result<Reported, String> {
    let left = client.own.common.reopened.checked_sub(1);
    client.own.common.reopened = left.ok_or("nobody reconnects")?;
    client.own.attempts = 0;
    Ok(Reported::Nothing)
}

fn pinged(client: &mut Client<Ml302>, heard: &Heard<'_>) -> Result<Reported, String> {
    match client.setting("+MQTTPING", 0) {
        b"0" => Err("not wanted".into()),
        _ => ping_missed(client, heard),
    }
}

fn ping_missed(client: &mut Client<Ml302>, _: &Heard<'_>) -> Result<Reported, String> {
    match client.number("+MQTTCFG", 3) {
        0 => Err("nobody pings".into()),
        _ => Ok(Reported::Nothing),
    }
}

fn connect_missed(client: &mut Client<Ml302>, heard: &Heard<'_>) -> Result<Reported, String> {
    match matches!(client.state, Connecting | Reconnecting) || is_late(client, heard) {
        true => Ok(Reported::Nothing),
        false => Err("nobody connects".into()),
    }
}

fn publish(speaker: &mut Speaker<'_>, _: u8) -> Call {
    let rng = &mut *speaker.rng;
    let mut args = publish_start(rng);
    args.push(if rng.per_mille(400) {
        Arg::Int(*rng.pick(&[1, 8, 20, 300, 2048]))
    } else {
        Arg::Text(text(rng, speaker.payloads))
    });
    speaker.grammar.spelled("+MQTTPUB=", args)
}
