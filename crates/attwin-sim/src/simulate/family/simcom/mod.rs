//! `AT+CMQTT*` (docs/spec/simcom.md). A line may wait for a result, and then
//! the host hears of a change only after the answer that depends on it.

mod tables;

use attwin_core::{Duration, Instant};

use self::tables::TABLES;
use crate::simulate::arrived::Arrived;
use crate::simulate::call::Call;
use crate::simulate::model::{
    Answer, Client, Entry, Family, GRACE, Heard, Link, Outcome, Progress, Reported, Request,
    Tables, if_so,
};
use crate::simulate::shape::integers;

use State::{Acquired, Connected, Connecting, Disconnecting, Started, Starting, Stopping};

/// How long a transition may be local (section 6).
const LOCAL: Duration = Duration::from_secs(1);
/// How long a TLS handshake may take at most (section 9.1).
const NEGOTIATION: Duration = Duration::from_secs(300);
/// Longest line (section 2.4).
const LINE: usize = 559;
/// Most bytes of topics kept for one SUBSCRIBE (section 3.14).
const STORE: usize = 5120;
/// Longest piece of a payload on one line, and longest topic and payload that
/// are shown (section 5.4).
const CHUNK: usize = 1500;
const MOST_SHOWN: (usize, usize) = (1024, 10_240);
/// The server everybody means.
const HOST: &str = "h0.example";
/// Topics and filters, each of a length of its own, so that a length tells
/// which is meant; those in the middle are topics.
const TOPICS: [&str; 5] = ["#", "in", "t/a", "t/ä", "t/b/+"];

/// States of section 6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum State {
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

#[derive(Debug, Default)]
pub(crate) struct SimCom {
    /// How long a local transition may keep lines waiting.
    held_until: Instant,
    topic: Option<Vec<u8>>,
    payload: Option<Vec<u8>>,
    to_subscribe: Vec<Vec<u8>>,
    to_unsubscribe: Vec<Vec<u8>>,
    /// Topics in the order of AT+CMQTTSUB?, if that is certain: not if a
    /// SUBSCRIBE was refused in part.
    partly_refused: bool,
}

impl Family for SimCom {
    type State = State;

    fn tables() -> &'static Tables<Self> {
        &TABLES
    }

    fn client_of(host: &str, _: &Client<Self>) -> Option<u8> {
        (host == HOST).then_some(0)
    }

    fn entry(client: &Client<Self>, call: &Call) -> Option<Entry> {
        let length = match call.spec.name {
            "+CMQTTSUB" | "+CMQTTUNSUB" if store(client, call).is_some() => None,
            "+CMQTTWILLTOPIC" | "+CMQTTWILLMSG" | "+CMQTTTOPIC" | "+CMQTTPAYLOAD"
            | "+CMQTTSUBTOPIC" | "+CMQTTUNSUBTOPIC" | "+CMQTTSUB" | "+CMQTTUNSUB"
            | "+CCERTDOWN" => call.int(1),
            _ => None,
        };
        length.map(Entry::exact)
    }

    /// Topics have to be UTF-8 (section 3.17).
    fn entered(call: &Call) -> Option<Vec<u8>> {
        if matches!(
            call.spec.name,
            "+CMQTTPAYLOAD" | "+CMQTTWILLMSG" | "+CCERTDOWN"
        ) {
            return None;
        }
        let length = usize::try_from(call.int(1)?).ok()?;
        let known = TOPICS.iter().find(|topic| topic.len() == length);
        Some(known.map_or_else(|| vec![b'x'; length], |topic| topic.as_bytes().to_vec()))
    }

    fn link(client: &mut Client<Self>, now: Instant, link: Link) {
        if link == Link::Gone && matches!(client.state, Connecting | Connected | Disconnecting) {
            client.due = Some(now + GRACE);
        }
    }

    fn follows(client: &mut Client<Self>, answer: &Answer<'_>) -> Outcome {
        let call = answer.call;
        let number = |at| call.number(at).to_string().into_bytes();
        let optimeout = Duration::from_secs(client.number("+CMQTTCFG", 1).into());
        if matches!(call.spec.name, "+CMQTTDISC" | "+CMQTTPUB") {
            client.own.held_until = answer.now + LOCAL;
        }
        match call.spec.name {
            "+CMQTTSTART" => client.begins(Starting, answer.after(Duration::ZERO)),
            "+CMQTTSTOP" => client.begins(Stopping, answer.after(Duration::ZERO)),
            "+CMQTTACCQ" => {
                client.store("+CMQTTACCQ", [call.text(1).to_vec(), number(2)]);
                client.moves(Acquired);
            }
            "+CMQTTREL" => {
                client.forget(Self::default());
                client.sessions += 1;
                client.moves(Started);
            }
            "+CMQTTSSLCFG" => client.set("+CMQTTSSLCFG", 0, number(1)),
            "+CMQTTCFG" => {
                let at = usize::from(call.spec.option != Some("checkUTF8"));
                client.set("+CMQTTCFG", at, number(1));
            }
            "+CMQTTCONNECT" => {
                let login = [call.text(4), call.text(5)].map(|text| match text {
                    [] => Vec::new(),
                    text => [b",\"", text, b"\""].concat(),
                });
                let address = call.text(1).to_vec();
                client.store(
                    "+CMQTTCONNECT",
                    [address, number(2), number(3), login.concat()],
                );
                let tls = match client.number("+CMQTTACCQ", 1) {
                    1 => NEGOTIATION,
                    _ => Duration::ZERO,
                };
                client.begins(Connecting, answer.after(2 * (optimeout + GRACE) + tls));
            }
            "+CMQTTDISC" => {
                client.moves(Disconnecting);
                let limit = call.int(1).filter(|limit| *limit > 0);
                client.due = limit.map(|limit| answer.after(Duration::from_secs(limit.into())));
            }
            "+CMQTTTOPIC" => client.own.topic = Some(answer.entered()?),
            "+CMQTTPAYLOAD" => client.own.payload = Some(answer.entered()?),
            "+CMQTTSUBTOPIC" => client.own.to_subscribe.push(answer.entered()?),
            "+CMQTTUNSUBTOPIC" => client.own.to_unsubscribe.push(answer.entered()?),
            "+CMQTTPUB" => {
                let limit = Duration::from_secs(call.number(2).into());
                let payload = client.own.payload.take().unwrap_or_default();
                client.own.topic = None;
                let request = Request::new("PUB", 0, answer.after(limit));
                let request = request.publishing(call.number(1), payload);
                let dup = call.int(4) == Some(1);
                client.requests.ask(Request { dup, ..request });
            }
            "+CMQTTSUB" | "+CMQTTUNSUB" => {
                let stored = store(client, call).is_some();
                let (name, store) = match call.spec.name {
                    "+CMQTTSUB" => ("SUB", &mut client.own.to_subscribe),
                    _ => ("UNSUB", &mut client.own.to_unsubscribe),
                };
                let topics = match stored {
                    true => std::mem::take(store),
                    false => vec![answer.entered()?],
                };
                let request = Request::new(name, 0, answer.after(optimeout));
                client.requests.ask(Request { topics, ..request });
            }
            _ => {}
        }
        Ok(Reported::Nothing)
    }

    /// The number stands on a line before `ERROR`.
    fn code(answer: &Answer<'_>) -> Result<Option<u32>, String> {
        let [line] = answer.lines else {
            let count = answer.lines.len();
            return (count == 0)
                .then_some(None)
                .ok_or(format!("{count} lines before ERROR"));
        };
        let name = answer.call.spec.name;
        let rest = line.strip_prefix(name.as_bytes());
        let numbers = rest
            .and_then(|rest| rest.strip_prefix(b": "))
            .and_then(integers);
        let given = answer.call.int(0);
        let number = match (name, numbers.as_deref()) {
            ("+CMQTTSTOP", Some([number])) => u32::try_from(*number).ok(),
            // The index is the one given (section 2.7).
            (_, Some([index, number])) if given.is_none_or(|given| i64::from(given) == *index) => {
                u32::try_from(*number).ok()
            }
            _ => None,
        };
        let why = || format!("{} before ERROR", line.escape_ascii());
        number.map(Some).ok_or_else(why)
    }

    fn answers(client: &Client<Self>, call: &Call) -> Vec<Vec<Vec<u8>>> {
        let connected = client.state == Connected;
        let name = call.spec.name;
        vec![match name {
            "+CMQTTDISC" => vec![format!("+CMQTTDISC: 0,{}", u8::from(!connected)).into()],
            "+CMQTTCONNECT" if !connected => vec![b"+CMQTTCONNECT: 0".to_vec()],
            "+CMQTTSUB" if client.own.partly_refused => return Vec::new(),
            "+CMQTTSUB" => {
                let topics = client.subscribed.iter().map(|(topic, _)| topic.clone());
                std::iter::once(b"+CMQTTSUB:".to_vec())
                    .chain(topics)
                    .collect()
            }
            _ => client.line(name).into_iter().collect(),
        }]
    }

    /// A line waits for the result of what is under way, if that is known and
    /// only to be said (section 6).
    fn lets_urcs_in(client: &Client<Self>, now: Instant, _: &Call, progress: Progress) -> bool {
        let holds = now <= client.own.held_until
            || matches!(
                client.state,
                Starting | Stopping | Connecting | Disconnecting
            )
            || !client.requests.is_empty();
        progress.untouched && holds
    }

    fn may_drop(_: &Client<Self>, message: &Arrived, _: usize) -> bool {
        message.topic.len() > MOST_SHOWN.0 || message.payload.len() > MOST_SHOWN.1
    }

    /// The block of sections 5.2 to 5.4.
    fn shows(line: &[u8], topic: &[u8], payload: &[u8]) -> bool {
        let (n, m) = (topic.len(), payload.len());
        let mut block =
            format!("+CMQTTRXSTART: 0,{n},{m}\r\n+CMQTTRXTOPIC: 0,{n}\r\n").into_bytes();
        block.extend_from_slice(topic);
        if payload.is_empty() {
            block.extend_from_slice(b"\r\n");
        }
        for piece in payload.chunks(CHUNK) {
            let header = format!("\r\n+CMQTTRXPAYLOAD: 0,{}\r\n", piece.len());
            block.extend_from_slice(header.as_bytes());
            block.extend_from_slice(piece);
        }
        block.extend_from_slice(b"\r\n+CMQTTRXEND: 0");
        block == line
    }
}

/// The stored topics that a SUBSCRIBE or UNSUBSCRIBE uses, if it does not ask
/// for one (sections 3.13, 3.15).
fn store<'a>(client: &'a Client<SimCom>, call: &Call) -> Option<&'a [Vec<u8>]> {
    let own = &client.own;
    let uses = match (call.args.len(), call.int(1)) {
        (0 | 1, _) | (2, Some(0)) => true,
        (2, Some(1)) => !own.to_unsubscribe.is_empty(),
        _ => false,
    };
    match call.spec.name {
        "+CMQTTSUB" => (call.args.len() < 3).then_some(&own.to_subscribe),
        _ => uses.then_some(&own.to_unsubscribe),
    }
}

fn not_started(client: &mut Client<SimCom>, heard: &Heard<'_>) -> Outcome {
    stopped(client, heard)?;
    client.lacks_network = true;
    Ok(Reported::Nothing)
}

fn stopped(client: &mut Client<SimCom>, _: &Heard<'_>) -> Outcome {
    client.forget(SimCom::default());
    Ok(Reported::Nothing)
}

fn not_connected(client: &mut Client<SimCom>, heard: &Heard<'_>) -> Outcome {
    client.moves(Acquired);
    client.set("+CMQTTSSLCFG", 0, b"0".to_vec());
    if_so(
        matches!(heard.int(0)?, 3 | 4 | 7 | 15 | 17 | 24..=34),
        "no such result",
    )
}

fn disconnected(client: &mut Client<SimCom>, heard: &Heard<'_>) -> Outcome {
    ends(client);
    client.set("+CMQTTSSLCFG", 0, b"0".to_vec());
    if_so(matches!(heard.int(0)?, 0 | 17 | 35), "no such result")
}

fn lost(client: &mut Client<SimCom>, heard: &Heard<'_>) -> Outcome {
    if let Some(request) = client.requests.0.first() {
        return Err(format!("{} has no result yet", request.name));
    }
    ends(client);
    if_so(matches!(heard.int(0)?, 1..=3), "no such cause")
}

/// What is forgotten with a connection.
fn ends(client: &mut Client<SimCom>) {
    client.moves(Acquired);
    client.requests.0.clear();
    client.subscribed.clear();
    client.own = SimCom {
        held_until: client.own.held_until,
        ..SimCom::default()
    };
}

fn result(client: &mut Client<SimCom>, name: &str, heard: &Heard<'_>) -> Outcome {
    let request = client.requests.take(name, 0)?;
    match (name, heard.int(0)?) {
        ("PUB", 0) => return Ok(Reported::Published(request.publications)),
        ("SUB", 0) => {
            for topic in request.topics {
                if !client.has_subscribed(&topic) {
                    client.subscribed.push((topic, 0));
                }
            }
        }
        ("UNSUB", 0) => client
            .subscribed
            .retain(|(t, _)| !request.topics.contains(t)),
        ("SUB", 1) => client.own.partly_refused = true,
        ("PUB", 16) | (_, 17) => {}
        // The connection is lost, and this is said next.
        (_, 6) => client.due = Some(heard.now + GRACE),
        _ => return Err("no such result".into()),
    }
    Ok(Reported::Nothing)
}

/// Whether a stored topic more fits (section 3.14).
fn fits(store: &[Vec<u8>], call: &Call) -> bool {
    let stored: usize = store.iter().map(Vec::len).sum();
    stored + usize::try_from(call.number(1)).unwrap_or(STORE) <= STORE
}

/// Whether AT+CMQTTDISC has a time-out that can be.
fn is_limit(call: &Call) -> bool {
    matches!(call.int(1), None | Some(0 | 60..=180))
}

/// Whether a server can be connected to: sections 3.8 and 8.
fn is_connectable(call: &Call) -> bool {
    let Some(address) = call.text(1).strip_prefix(b"tcp://") else {
        return false;
    };
    let mut parts = address.splitn(2, |b| *b == b':');
    let host = parts.next().unwrap_or_default();
    let port_fits = parts.next().is_none_or(|port| {
        let port = std::str::from_utf8(port).ok();
        port.and_then(|port| port.parse::<u16>().ok())
            .is_some_and(|port| port > 0)
    });
    let login = !call.text(4).is_empty() || call.text(5).is_empty();
    !host.is_empty() && !host.contains(&b'/') && port_fits && login
}
