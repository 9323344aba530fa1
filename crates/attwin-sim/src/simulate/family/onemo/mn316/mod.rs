//! MN316 (docs/spec/onemo.md part B): commands are answered at once, and what
//! becomes of them is told later.

mod tables;

use attwin_core::Instant;

use self::tables::{TABLES, publish};
use super::{
    CONNECTING, Common, ErrorMode, HOST, OneMo, State, accepted, ack_timeout, anew, announced,
    connect_timeout, ended, failed, reconnect, reopened, states, table,
};
use crate::simulate::call::Call;
use crate::simulate::model::{
    Answer, Client, Family, GRACE, Heard, Link, Outcome, Reported, Request, Speaker, Tables,
    Verdict, if_so, ok_or,
};

use State::{Configured, Connected, Connecting, Reconnecting, Unconfigured};

/// Seconds before the first attempt to reconnect, and the factor for each
/// further one (B6).
const WAIT: (u64, u64) = (4, 2);
const MESSAGE: usize = 2048;
const OK_OR_NETWORK: Verdict = ok_or(&[8009]);

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

impl OneMo for Mn316 {
    const ENCRYPT: usize = 7;
    const PUBLISH: fn(&mut Speaker<'_>, u8) -> Call = publish;

    fn common(&mut self) -> &mut Common {
        &mut self.common
    }
}

impl Family for Mn316 {
    type State = State;

    fn tables() -> &'static Tables<Self> {
        &TABLES
    }

    fn client_of(host: &str, _: &Client<Self>) -> Option<u8> {
        (host == HOST).then_some(0)
    }

    fn restarted(&self) -> Self {
        Self::with(self.common.error_mode.restarted())
    }

    fn erased(&mut self) {
        self.common.error_mode = Default::default();
    }

    fn link(client: &mut Client<Self>, now: Instant, link: Link) {
        if client.own.leaving.is_some() {
            return;
        }
        match (link, client.state) {
            (Link::Answered { code: 0, present }, Connecting | Reconnecting) => {
                client.requests.0.retain(|request| !request.vanished);
                accepted(client, present);
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
                reconnect(client, now, WAIT);
            }
            (Link::Gone, Reconnecting) => failed(client, now),
            _ => {}
        }
    }

    fn follows(client: &mut Client<Self>, answer: &Answer<'_>) -> Outcome {
        let call = answer.call;
        let due = answer.after(ack_timeout(client));
        let topic = call.text(0).to_vec();
        client.own.common.error_mode.apply(answer, true);
        match call.spec.name {
            name @ ("+MQTTTO" | "+MQTTPING") => client.update(name, call.values(1)),
            "+MQTTCFG" => {
                let own = Self::with(client.own.common.error_mode);
                anew(client, own, &["+MQTTTO"]);
                client.update("+MQTTCFG", call.values(8));
                client.moves(Configured);
            }
            "+MQTTDEL" => {
                let own = Self::with(client.own.common.error_mode);
                anew(client, own, &["+MQTTTO"]);
                // What of the client's settings this frees is open.
                client.clear("+MQTTPING");
            }
            "+MQTTOPEN" => {
                client.own.opening = Some(answer.after(connect_timeout(client)));
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
                let payload = payload(call).unwrap_or_default();
                let request = Request::new("PUB", client.takes_id(), due);
                let request = request.publishing(call.number(1), payload);
                if request.qos > 0 {
                    client.requests.ask(request);
                }
            }
            _ => {}
        }
        Ok(Reported::Nothing)
    }

    fn code(answer: &Answer<'_>) -> Result<Option<u32>, String> {
        Ok(answer.number_after("+CME ERROR:"))
    }

    fn hides_codes(client: &Client<Self>) -> bool {
        client.own.common.error_mode.now == 0
    }

    fn refused(
        client: &mut Client<Self>,
        answer: &Answer<'_>,
        verdict: Verdict,
        _: Option<u32>,
    ) -> Outcome {
        client.own.common.error_mode.apply(answer, false);
        client.lacks_network = verdict == OK_OR_NETWORK;
        Ok(Reported::Nothing)
    }

    fn answers(client: &Client<Self>, call: &Call) -> Vec<Vec<Vec<u8>>> {
        match call.spec.name {
            "+MQTTSTAT" => match client.state {
                _ if client.own.leaving.is_some() => states("+MQTTSTAT:", &[2]),
                Unconfigured => states("+MQTTSTAT:", &[0]),
                Configured => states("+MQTTSTAT:", &[1]),
                Connecting => states("+MQTTSTAT:", &[6, 7, 3]),
                Reconnecting => states("+MQTTSTAT:", &[4]),
                Connected => states("+MQTTSTAT:", &[5]),
            },
            "+MQTTSUB" if client.subscribed.is_empty() => vec![vec![b"+MQTTSUB:".to_vec()]],
            "+MQTTSUB" => vec![table(client, "+MQTTSUB: ")],
            name => client
                .line(name)
                .into_iter()
                .map(|line| vec![line])
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
    fn with(error_mode: ErrorMode) -> Self {
        Self {
            common: Common::with(error_mode),
            ..Self::default()
        }
    }
}

/// Whether a topic is subscribed to, or may be when its turn has come.
fn is_known(client: &Client<Mn316>, topic: &[u8]) -> bool {
    let mut pending = client.requests.0.iter().flat_map(|request| &request.topics);
    client.has_subscribed(topic) || pending.any(|known| known == topic)
}

fn opened(client: &mut Client<Mn316>, _: &Heard<'_>) -> Outcome {
    match client.own.opening.take() {
        Some(_) => Ok(Reported::Nothing),
        None => reopened(client),
    }
}

fn not_opened(client: &mut Client<Mn316>, heard: &Heard<'_>) -> Outcome {
    if client.own.refused.is_some() {
        return Ok(Reported::Nothing);
    }
    if client.state == Connecting {
        // There was no connection to see.
        reconnect(client, heard.now, WAIT);
    }
    if_so(client.own.opening.take().is_some(), "nothing was opened")
}

fn disconnected(client: &mut Client<Mn316>, _: &Heard<'_>) -> Outcome {
    let own = &mut client.own;
    if own.leaving.take().or(own.refused.take()).is_none() {
        ended(client)?;
    }
    client.moves(Configured);
    Ok(Reported::Nothing)
}

fn reconnects(client: &mut Client<Mn316>, heard: &Heard<'_>) -> Outcome {
    // AT+COPS=? may take as long as an attempt.
    announced(client, heard, heard.flushed)
}

fn subscribed(client: &mut Client<Mn316>, heard: &Heard<'_>) -> Outcome {
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

fn unsubscribed(client: &mut Client<Mn316>, heard: &Heard<'_>) -> Outcome {
    let topic = heard.text(1);
    answered(client, "UNSUBACK", heard.id(0)?, topic)?;
    client.subscribed.retain(|(known, _)| known != topic);
    Ok(Reported::Nothing)
}

fn answered(client: &mut Client<Mn316>, name: &str, id: u32, topic: &[u8]) -> Outcome {
    let request = client.requests.take(name, id)?;
    if_so(request.topics == [topic], "nobody asked for this topic")
}

/// A publish was acknowledged, in part or for good (B3.5).
fn acknowledged(client: &mut Client<Mn316>, name: &str, heard: &Heard<'_>) -> Outcome {
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
