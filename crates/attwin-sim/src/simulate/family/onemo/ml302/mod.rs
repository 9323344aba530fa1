//! ML302 (docs/spec/onemo.md part A): every command waits for the server, and its
//! answer tells how it went.

mod answers;
mod tables;

use attwin_core::{Form, Instant};

use self::answers::{in_time, number, published, subscription, takes};
use self::tables::{TABLES, publish};
use super::{
    Common, ErrorMode, HOST, OneMo, State, accepted, anew, announced, ended, failed, reconnect,
    reopened, states, table,
};
use crate::simulate::call::{Arg, Call};
use crate::simulate::model::{
    Answer, Client, Entry, Family, GRACE, Heard, Link, Outcome, Progress, Reported, Speaker,
    Tables, Verdict, if_so,
};
use crate::simulate::shape::values;

use State::{Configured, Connected, Connecting, Reconnecting, Unconfigured};

/// Seconds between attempts to reconnect (A6).
const WAIT: (u64, u64) = (8, 1);

#[derive(Debug)]
pub(crate) struct Ml302 {
    common: Common,
    /// The longest AT+MQTTTO since the module started: a connection that takes
    /// nothing is given up after what it was opened with.
    longest: u32,
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
            denied: false,
            farewell: None,
            skips_ids: false,
        }
    }
}

impl OneMo for Ml302 {
    const ENCRYPT: usize = 8;
    const PUBLISH: fn(&mut Speaker<'_>, u8) -> Call = publish;

    fn common(&mut self) -> &mut Common {
        &mut self.common
    }
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
        call.int(4).filter(|_| collects(call)).map(Entry::exact)
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
        match (link, client.state) {
            (Link::Opening, Configured) => {
                client.own.denied = false;
                client.moves(Connecting);
            }
            (Link::Answered { code: 0, present }, Connecting | Reconnecting) => {
                accepted(client, present);
            }
            (
                Link::Answered {
                    code: 2 | 4 | 5, ..
                },
                Connecting,
            ) => client.own.denied = true,
            // Refused for good: the machine gives up (A6).
            (
                Link::Answered {
                    code: 2 | 4 | 5, ..
                },
                Reconnecting,
            ) => {
                client.own.common.machine = None;
                client.own.farewell = Some(now + GRACE);
            }
            (Link::Gone, Connected) if !ends => lost(client, now),
            (Link::Gone, Reconnecting) => failed(client, now),
            _ => {}
        }
    }

    fn follows(client: &mut Client<Self>, answer: &Answer<'_>) -> Outcome {
        let call = answer.call;
        client.own.common.error_mode.apply(answer, true);
        if !collects(call) {
            in_time(client, answer)?;
        }
        match call.spec.name {
            name @ ("+MQTTPING" | "+MQTTTO" | "+MQTTREC") => {
                client.update(name, call.values(1));
                client.own.longest = client.own.longest.max(client.number("+MQTTTO", 0));
                if client.number("+MQTTREC", 0) == 0 && client.state == Reconnecting {
                    client.own.common.machine = None;
                    lost(client, answer.now);
                }
            }
            "+MQTTCFG" => {
                client.forget_client();
                let text = |at| call.text(at).to_vec();
                let number = |at| call.number(at).to_string().into_bytes();
                client.store(
                    "+MQTTCFG",
                    [
                        text(0),
                        number(1),
                        text(2),
                        number(3),
                        text(4),
                        text(5),
                        number(6),
                        text(7),
                        number(8),
                    ],
                );
                client.set("+MQTTREC", 1, b"0".to_vec());
                client.moves(Configured);
            }
            "+MQTTDEL" => {
                client.forget_client();
                // What of the client's settings this frees is open.
                client.clear("+MQTTPING");
            }
            "+MQTTOPEN" => {
                if_so(answer.lines == [b"+MQTTOPEN:OK"], "OK after another line")?;
                // It may have been lost again.
                if_so(client.state != Connecting, "OK without a connection")?;
                client.set("+MQTTREC", 1, b"0".to_vec());
            }
            "+MQTTDISC" => {
                if_so(answer.lines == [b"+MQTTDISC: OK"], "OK after another line")?;
                (client.own.common.machine, client.own.farewell) = (None, None);
                client.moves(Configured);
            }
            "+MQTTSUB" => {
                let (id, granted) = subscription(answer)?;
                if_so(granted <= 2, "OK to a bad SUBACK")?;
                takes(client, id)?;
                client.subscribed.push((call.text(0).to_vec(), granted));
            }
            "+MQTTUNSUB" => {
                let line = answer.lines.concat();
                match values("+MQTTUNSUBACK:#,\"*\"", &line).as_deref() {
                    Some(&[id, topic]) if topic == call.text(0) => takes(client, number(id))?,
                    _ => return Err(format!("OK after {}", answer.shown())),
                }
                client.subscribed.retain(|(known, _)| known != call.text(0));
            }
            "+MQTTPUB" => return published(client, answer),
            _ => {}
        }
        Ok(Reported::Nothing)
    }

    fn code(answer: &Answer<'_>) -> Result<Option<u32>, String> {
        Ok(answer.number_after("+CME ERROR: "))
    }

    fn hides_codes(client: &Client<Self>) -> bool {
        client.own.common.error_mode.now == 0
    }

    fn refused(
        client: &mut Client<Self>,
        answer: &Answer<'_>,
        verdict: Verdict,
        code: Option<u32>,
    ) -> Outcome {
        let call = answer.call;
        client.own.common.error_mode.apply(answer, false);
        if !call.spec.name.starts_with("+MQTT") {
            return Ok(Reported::Nothing);
        }
        in_time(client, answer)?;
        let opens = call.spec.name == "+MQTTOPEN";
        client.lacks_network = opens && code == Some(600);
        client.own.skips_ids |= !matches!(code, Some(600..=602 | 606 | 621));
        let refused = answer.lines.iter().any(|l| l.starts_with(b"+MQTTSUBACK"));
        let loses = match code {
            Some(605) => !refused,
            Some(608 | 618) => true,
            Some(_) => false,
            None => waits(call) && verdict.ok && !opens && !collects(call) && !refused,
        };
        if loses && client.state == Connected {
            // What ends the command ends the connection (A6).
            lost(client, answer.now);
        }
        let retries = match (client.state, code) {
            _ if !opens => None,
            (Connecting, Some(600 | 601 | 613 | 614)) => Some(false),
            (Connecting, _) => Some(!client.own.denied),
            // It failed before there was a connection to see.
            (Configured, Some(603 | 604 | 608)) => Some(true),
            _ => None,
        };
        match retries {
            Some(true) if client.number("+MQTTREC", 0) == 1 => reconnect(client, answer.now, WAIT),
            Some(_) => client.moves(Configured),
            None => {}
        }
        if refused && call.spec.name == "+MQTTSUB" {
            if_so(subscription(answer)?.1 == 128, "an error to a good SUBACK")?;
        }
        Ok(Reported::Nothing)
    }

    fn answers(client: &Client<Self>, call: &Call) -> Vec<Vec<Vec<u8>>> {
        match call.spec.name {
            "+MQTTSTAT" => match client.state {
                Unconfigured | Configured => states("+MQTTSTAT: ", &[0]),
                Connected => states("+MQTTSTAT: ", &[1]),
                Connecting | Reconnecting => states("+MQTTSTAT: ", &[2, 3, 4]),
            },
            "+MQTTSUB" => vec![[vec![b"+MQTTSUB:".to_vec()], table(client, "")].concat()],
            name => client
                .line(name)
                .into_iter()
                .map(|line| vec![line])
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
        Self {
            common: Common::with(error_mode),
            ..Self::default()
        }
    }
}

impl Client<Ml302> {
    /// The client is made anew; what is not the client's stays.
    fn forget_client(&mut self) {
        let longest = self.own.longest;
        let attempts = self.setting("+MQTTREC", 1).to_vec();
        let own = Ml302::with(self.own.common.error_mode);
        anew(self, Ml302 { longest, ..own }, &["+MQTTTO", "+MQTTREC"]);
        self.set("+MQTTREC", 1, attempts);
    }
}

/// Commands that wait for the server.
const WAITING: [&str; 4] = ["+MQTTOPEN", "+MQTTSUB", "+MQTTUNSUB", "+MQTTPUB"];

fn waits(call: &Call) -> bool {
    call.form == Form::Write && WAITING.contains(&call.spec.name)
}

/// Whether a call collects data, if it is accepted.
fn collects(call: &Call) -> bool {
    call.is("+MQTTPUB", Form::Write) && matches!(call.args.get(4), Some(Arg::Int(_)))
}

fn lacks_version(call: &Call) -> bool {
    call.int(8) == Some(1) && call.text(7).is_empty()
}

/// The connection is lost: the machine of section A6 starts.
fn lost(client: &mut Client<Ml302>, now: Instant) {
    if client.number("+MQTTREC", 0) == 1 {
        return reconnect(client, now, WAIT);
    }
    client.own.farewell = Some(now + GRACE);
    client.moves(Configured);
}

/// URCs that waited for data or an answer come late, and all at once.
fn is_late(client: &Client<Ml302>, heard: &Heard<'_>) -> bool {
    let running = client.running.as_ref();
    heard.flushed || running.is_some_and(|running| collects(&running.call))
}

fn reconnects(client: &mut Client<Ml302>, heard: &Heard<'_>) -> Outcome {
    let attempts = heard.id(0)? + 1;
    client.set("+MQTTREC", 1, attempts.to_string().into_bytes());
    announced(client, heard, is_late(client, heard))
}

fn disconnected(client: &mut Client<Ml302>, heard: &Heard<'_>) -> Outcome {
    // A data entry may have ended without a word, with the host that went
    // away.
    let waiting = client.running.as_ref().is_some_and(|running| {
        let call = &running.call;
        running.verdict.ok && waits(call) && !collects(call) && running.began < heard.now
    });
    if_so(!waiting, "the command that waits fails first")?;
    if client.state == Connected && client.number("+MQTTREC", 0) == 0 {
        // The end of the connection shows after its report.
        client.moves(Configured);
        return Ok(Reported::Nothing);
    }
    if client.own.farewell.take().is_none() && !is_late(client, heard) {
        ended(client)?;
    }
    if client.state == Reconnecting {
        client.own.common.machine = None;
        client.moves(Configured);
    }
    Ok(Reported::Nothing)
}

fn opened(client: &mut Client<Ml302>, _: &Heard<'_>) -> Outcome {
    client.set("+MQTTREC", 1, b"0".to_vec());
    reopened(client)
}
