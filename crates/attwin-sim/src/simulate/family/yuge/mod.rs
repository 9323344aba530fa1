//! `AT+IMQTT*` (docs/spec/yuge.md). The host is told of every change before the
//! next answer depends on it, so that an answer against the rules is wrong at
//! once.

mod tables;
mod values;

use attwin_core::{Duration, Form, Instant};

use self::tables::TABLES;
use self::values::{bytes, decimal, echo, is_filter, is_hexadecimal, is_topic, parameters};
use crate::simulate::arrived::Arrived;
use crate::simulate::call::Call;
use crate::simulate::model::{
    Answer, Client, Entry, Family, Heard, Link, Outcome, Reported, Request, Tables, if_so,
};

use State::{Connected, Connecting, Idle, Registering};

/// Messages that are stored (section 5.2).
const STORED: usize = 10;
/// How long connecting may take (section 7.1), and a registration once
/// connected: CONNACK and push.
const CONNECT: Duration = Duration::from_secs(10);
const REGISTER: Duration = Duration::from_secs(10);
/// How long a QoS 0 publish may take: as long as a connection on which nothing
/// is taken (section 7.1).
const WRITE: Duration = Duration::from_secs(200);
/// Operations that wait for an acknowledgement (section 2.7).
const MOST_OPERATIONS: usize = 16;
/// The server everybody means, and where the module goes by itself
/// (section 9.2).
const HOST: &str = "h0.example";
const CLOUD: &str = ".iot-as-mqtt.cn-shanghai.aliyuncs.com";

/// States of section 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum State {
    #[default]
    Idle,
    Connecting,
    Connected,
    Registering,
}

#[derive(Debug, Default)]
pub(crate) struct Yuge {
    /// The server accepted the connection, and it is not over.
    up: bool,
    /// Results of AT+IMQTTCONN to come that say it is connected already.
    again: usize,
    /// Type and mode of the registration under way.
    registration: Option<(u32, u32)>,
    stored: usize,
    /// `FULL` has to follow.
    fills: bool,
    /// Messages the answer in progress has shown.
    reading: usize,
    /// What was registered in each mode, as it is shown and as the flash has it
    /// (section 3.16).
    shown: [Option<Vec<u8>>; 2],
    kept: [Option<Vec<u8>>; 2],
}

impl Family for Yuge {
    type State = State;

    fn tables() -> &'static Tables<Self> {
        &TABLES
    }

    /// A registration is nobody's session.
    fn client_of(host: &str, client: &Client<Self>) -> Option<u8> {
        let is_server = host == HOST || host.ends_with(CLOUD);
        (is_server && client.state != Registering).then_some(0)
    }

    fn entry(_: &Client<Self>, call: &Call) -> Option<Entry> {
        let length = call.int(3).filter(|_| call.spec.name == "+IMQTTPUBEX");
        length.map(Entry::exact)
    }

    /// All is in RAM but what was registered to stay (section 2.8).
    fn restarted(&self) -> Self {
        Self {
            shown: self.kept.clone(),
            kept: self.kept.clone(),
            ..Self::default()
        }
    }

    fn erased(&mut self) {
        *self = Self::default();
    }

    fn link(client: &mut Client<Self>, _: Instant, link: Link) {
        match link {
            Link::Answered { code: 0, .. } => client.own.up = true,
            Link::Acknowledged(_) => {}
            _ => client.own.up = false,
        }
    }

    fn follows(client: &mut Client<Self>, answer: &Answer<'_>) -> Outcome {
        let call = answer.call;
        let timeout = Duration::from_secs(client.number("+IMQTTPARA", 0).into());
        let text = |at| echo(call.text(at));
        let number = |at| decimal(call.number(at));
        let topic = call.text(0).to_vec();
        match call.spec.name {
            "+IMQTTCONN" if client.state == Connected => client.own.again += 1,
            "+IMQTTCONN" => client.begins(Connecting, answer.after(CONNECT + timeout)),
            "+IMQTTDISCONN" => client.due = Some(answer.after(Duration::ZERO)),
            "+IMQTTSUB" => {
                let qos = call.number(1);
                let request = Request::new("SUB", client.takes_id(), answer.after(timeout));
                let request = request.with_topic(topic);
                client.requests.ask(Request { qos, ..request });
            }
            "+IMQTTUNSUB" => {
                let request = Request::new("UNSUB", client.takes_id(), answer.after(timeout));
                client.requests.ask(request.with_topic(topic));
            }
            "+IMQTTPUB" | "+IMQTTPUBIN" | "+IMQTTPUBEX" => {
                return publishes(client, answer, timeout);
            }
            "+IMQTTRECV" => {
                let read = std::mem::take(&mut client.own.reading);
                let wanted = usize::try_from(call.number(0)).unwrap_or(0);
                if read != wanted.min(client.own.stored) {
                    return Err(format!("{read} of {} messages", client.own.stored));
                }
                client.own.stored -= read;
            }
            "+IMQTTDYNREG" if call.args.len() == 5 => {
                client.update("+IMQTTDYNREG", call.values(5));
                client.own.registration = Some((call.number(0), call.number(1)));
                client.begins(Registering, answer.after(CONNECT + REGISTER));
            }
            "+IMQTTMODE" => client.update("+IMQTTMODE", call.values(3)),
            "+IMQTTRECVMODE" => client.set("+IMQTTMODE", 2, decimal(call.number(0))),
            "+IMQTTPARA" => {
                for (at, value) in parameters(call).unwrap_or_default() {
                    client.set("+IMQTTPARA", at, value);
                }
            }
            "+IMQTTUSER" => {
                let mask = if call.text(1).is_empty() { "" } else { "*****" };
                client.store("+IMQTTUSER", [text(0), mask.into()]);
            }
            "+IMQTTADDR" => client.store("+IMQTTADDR", [topic, number(1), text(2)]),
            name @ ("+IMQTTLWT" | "+IMQTTLWTBIN") => {
                client.clear("+IMQTTLWT");
                client.clear("+IMQTTLWTBIN");
                if !topic.is_empty() {
                    client.store(name, [text(0), number(1), text(2), number(3)]);
                }
            }
            "+IMQTTAUTH" => client.store("+IMQTTAUTH", [text(0), text(1), text(2)]),
            _ => {}
        }
        Ok(Reported::Nothing)
    }

    /// Refusals have no number.
    fn code(answer: &Answer<'_>) -> Result<Option<u32>, String> {
        match answer.result {
            b"ERROR" => Ok(None),
            other => Err(format!("{} instead of ERROR", other.escape_ascii())),
        }
    }

    fn information(client: &mut Client<Self>, call: &Call, line: &[u8]) -> Outcome {
        if !call.is("+IMQTTRECV", Form::Write) {
            return Ok(Reported::Nothing);
        }
        client.own.reading += 1;
        if client.own.reading > client.own.stored {
            return Err(format!("{} was not announced", line.escape_ascii()));
        }
        Ok(Reported::Message(0))
    }

    fn interrupts(client: &Client<Self>, line: &[u8]) -> Result<(), String> {
        if client.own.fills && line.starts_with(b"+IMQTT") && !line.ends_with(b": FULL") {
            return Err("FULL has to come".into());
        }
        Ok(())
    }

    fn answers(client: &Client<Self>, call: &Call) -> Vec<Vec<Vec<u8>>> {
        let one = |line: String| vec![vec![line.into_bytes()]];
        match (call.spec.name, call.form) {
            ("+IMQTTDYNREG", Form::Write) => {
                let line = |(n, slot): (usize, &Option<Vec<u8>>)| {
                    let empty = || b"\"\",\"\",\"\"".to_vec();
                    let start = format!("+IMQTTDYNREG: {},", n + 1).into_bytes();
                    [start, slot.clone().unwrap_or_else(empty)].concat()
                };
                vec![client.own.shown.iter().enumerate().map(line).collect()]
            }
            // Whether the signal is good is the network's.
            ("+IMQTTSTATE", _) if client.state == Connected => ["1", "2"]
                .map(|state| vec![[b"+IMQTTSTATE:", state.as_bytes()].concat()])
                .into(),
            ("+IMQTTSTATE", _) => one("+IMQTTSTATE:0".into()),
            ("+IMQTTRECV", _) => one(format!("+IMQTTRECV: {}", client.own.stored)),
            ("+IMQTTRECVMODE", _) => one(format!(
                "+IMQTTRECVMODE: {}",
                client.number("+IMQTTMODE", 2)
            )),
            (name, _) => vec![client.line(name).into_iter().collect()],
        }
    }

    fn overdue(client: &Client<Self>, _: Instant) -> Option<String> {
        let owes = client.own.again > 0 || client.own.fills;
        owes.then(|| "a line that follows at once does not come".into())
    }

    fn waiting(client: &Client<Self>) -> usize {
        client.own.stored
    }

    /// What finds ten messages stored is acknowledged and dropped
    /// (section 5.2).
    fn may_drop(client: &Client<Self>, _: &Arrived, before: usize) -> bool {
        is_buffered(client) && before.max(client.own.stored) >= STORED
    }

    fn stores(client: &Client<Self>) -> bool {
        is_buffered(client)
    }
}

fn publishes(client: &mut Client<Yuge>, answer: &Answer<'_>, timeout: Duration) -> Outcome {
    let call = answer.call;
    let (qos, message) = (call.number(1), call.text(2));
    let (name, payload) = match call.spec.name {
        "+IMQTTPUBEX" => ("PUBEX", answer.entered()?),
        "+IMQTTPUBIN" => ("PUB", bytes(message)),
        _ => ("PUB", message.to_vec()),
    };
    let (stored, printed) = match call.spec.name {
        "+IMQTTPUBIN" => ("+IMQTTPUBIN", message),
        _ => ("+IMQTTPUB", &payload[..]),
    };
    client.store(stored, [echo(call.text(0)), decimal(qos), echo(printed)]);
    // Its connection was lost before its data was complete: its result comes
    // after the loss (section 4).
    let late = name == "PUBEX" && !client.own.up;
    let id = if late || qos == 0 {
        0
    } else {
        client.takes_id()
    };
    let limit = if qos == 0 { WRITE } else { timeout * qos };
    let request = Request::new(name, id, answer.after(limit)).publishing(qos, payload);
    client.requests.ask(Request { late, ..request });
    Ok(Reported::Nothing)
}

fn connected(client: &mut Client<Yuge>, _: &Heard<'_>) -> Outcome {
    client.moves(Connected);
    client.next_id = 2;
    Ok(Reported::Nothing)
}

fn connected_already(client: &mut Client<Yuge>, _: &Heard<'_>) -> Outcome {
    let left = client.own.again.checked_sub(1);
    client.own.again = left.ok_or("nobody connects again")?;
    Ok(Reported::Nothing)
}

/// The connection is over: every result came before (section 7.3).
fn ended(client: &mut Client<Yuge>, _: &Heard<'_>) -> Outcome {
    if let Some(request) = client.requests.0.iter().find(|r| !r.late) {
        return Err(format!("{} {} has no result yet", request.name, request.id));
    }
    client.lacks_network = client.state == Connecting;
    client.moves(Idle);
    Ok(Reported::Nothing)
}

fn received(client: &mut Client<Yuge>, _: &Heard<'_>) -> Outcome {
    if_so(!is_buffered(client), "messages are stored")?;
    Ok(Reported::Message(0))
}

fn counted(client: &mut Client<Yuge>, heard: &Heard<'_>) -> Outcome {
    let buffered = is_buffered(client);
    let own = &mut client.own;
    own.stored += 1;
    own.fills = own.stored == STORED;
    let counts = usize::try_from(heard.id(0)?).is_ok_and(|n| n == own.stored);
    if_so(
        buffered && counts && own.stored <= STORED,
        "not so many are stored",
    )
}

fn registered(client: &mut Client<Yuge>, heard: &Heard<'_>) -> Outcome {
    let (kind, mode) = client.own.registration.take().ok_or("nobody registers")?;
    client.moves(Idle);
    if_so(heard.id(0)? == mode, "of another mode")?;
    let values = &heard.values[1..];
    let slot = usize::from(mode == 2);
    if values.iter().any(|value| !value.is_empty()) {
        let line = [b"\"", &values.join(&b"\",\""[..])[..], b"\""].concat();
        client.own.shown[slot] = Some(line.clone());
        if kind == 1 {
            client.own.kept[slot] = Some(line);
        }
    }
    Ok(Reported::Nothing)
}

fn result(client: &mut Client<Yuge>, name: &str, heard: &Heard<'_>) -> Outcome {
    let request = client.requests.take(name, heard.id(0)?)?;
    let topic = request
        .topics
        .first()
        .map(|topic| echo(topic))
        .unwrap_or_default();
    match (name, heard.int(1)?) {
        ("SUB", 0..=2) => client.store("+IMQTTSUB", [topic, decimal(request.qos)]),
        ("UNSUB", 0 | -1) => client.store("+IMQTTUNSUB", [topic, heard.text(1).to_vec()]),
        ("SUB", 128) | ("PUB" | "PUBEX", 1) => {}
        ("PUB" | "PUBEX", 0) if !request.late => {
            return Ok(Reported::Published(request.publications));
        }
        _ => return Err("no such status".into()),
    }
    Ok(Reported::Nothing)
}

/// Whether AT+IMQTTCONN has all it needs (section 9.1).
fn is_complete(client: &Client<Yuge>) -> bool {
    let has = |name, at| !client.setting(name, at).is_empty();
    match client.number("+IMQTTMODE", 0) {
        1 => has("+IMQTTADDR", 2) && has("+IMQTTUSER", 0) || has("+IMQTTAUTH", 0),
        _ => has("+IMQTTADDR", 0),
    }
}

fn is_buffered(client: &Client<Yuge>) -> bool {
    client.number("+IMQTTMODE", 2) == 1
}

/// Whether a request can be made.
fn is_sent(client: &Client<Yuge>, call: &Call) -> bool {
    let waiting = client.requests.0.iter().filter(|r| r.id > 0).count();
    let topic = call.text(0);
    let fits = match call.spec.name {
        "+IMQTTSUB" | "+IMQTTUNSUB" => is_filter(topic),
        "+IMQTTPUBIN" => is_topic(topic) && is_hexadecimal(call.text(2)),
        _ => is_topic(topic),
    };
    // A QoS 0 publish is not acknowledged.
    let is_quick = call.spec.name.starts_with("+IMQTTPUB") && call.number(1) == 0;
    (is_quick || waiting < MOST_OPERATIONS) && fits
}

fn registers(client: &Client<Yuge>, call: &Call) -> bool {
    let is_kind = matches!(call.int(0), Some(0 | 1));
    is_kind && call.args.len() == 5 && client.number("+IMQTTMODE", 0) == 1
}
