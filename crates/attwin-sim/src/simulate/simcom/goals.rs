//! What a host does that wants messages to flow.

use super::super::call::{Arg, Call};
use super::super::payload::Payloads;
use super::super::random::Rng;
use super::SimCom;
use super::model::State;

/// The server everybody means.
pub(super) const HOST: &str = "h0.example";
/// Topics and filters, each of a length of its own, so that a length tells
/// which is meant; those in the middle are topics.
const TOPICS: [&str; 5] = ["#", "in", "t/a", "t/ä", "t/b/+"];

/// A server's address, as section 8 wants it.
pub(super) fn address(rng: &mut Rng) -> &'static str {
    match rng.below(40) {
        0 => "mqtt://h0.example:1883",
        1 => "tcp://h0.example",
        2 => "tcp://h0.example:0",
        3 => "tcp://:1883",
        4 => "tcp://h0.example:1883/path",
        _ => "tcp://h0.example:1883",
    }
}

/// The length of a topic to publish to.
fn name_length(rng: &mut Rng) -> Arg {
    if rng.per_mille(30) {
        return topic_length(rng);
    }
    let names = TOPICS.map(str::len);
    let length = *rng.pick(&names[1..4]);
    Arg::Int(u32::try_from(length).unwrap_or(1))
}

/// The length of a topic; now and then one of no topic in particular.
pub(super) fn topic_length(rng: &mut Rng) -> Arg {
    if rng.per_mille(100) {
        return Arg::Int(rng.between(1, 1024));
    }
    let topic = rng.pick(&TOPICS);
    Arg::Int(u32::try_from(topic.len()).unwrap_or(1))
}

/// The topic of a length.
pub(super) fn topic_of(length: usize) -> Vec<u8> {
    let known = TOPICS.iter().find(|topic| topic.len() == length);
    known.map_or_else(|| vec![b'x'; length], |topic| topic.as_bytes().to_vec())
}

/// The next command.
pub(super) fn next(s: &mut SimCom, rng: &mut Rng, payloads: &mut Payloads) -> Call {
    if let Some(call) = look_after_network(s) {
        return call;
    }
    let zero = Arg::Int(0);
    let write = |name, args| s.grammar.write(name, None, args);
    match s.model.state() {
        State::Stopped | State::Starting => s.grammar.execute("+CMQTTSTART"),
        State::Started | State::Stopping => match rng.below(12) {
            0 => s.grammar.execute("+CMQTTSTOP"),
            1 => write("+CMQTTSSLCFG", vec![zero, Arg::Int(rng.between(0, 1))]),
            _ => {
                let id = *rng.pick(&["dev-0", "dev-0", "dev-1"]);
                let mut args = vec![zero, id.into()];
                if rng.per_mille(300) {
                    args.push(Arg::Int(rng.between(0, 1)));
                }
                write("+CMQTTACCQ", args)
            }
        },
        State::Acquired => prepare(s, rng),
        State::Connecting | State::Disconnecting => match rng.below(4) {
            0 => write("+CMQTTDISC", vec![zero, Arg::Int(60)]),
            1 => write("+CMQTTREL", vec![zero]),
            2 => s.grammar.read("+CMQTTDISC"),
            _ => write("+CMQTTTOPIC", vec![zero, Arg::Int(3)]),
        },
        State::Connected => talk(s, rng, payloads),
    }
}

/// Acquired: towards a connection, mostly.
fn prepare(s: &SimCom, rng: &mut Rng) -> Call {
    let zero = Arg::Int(0);
    let write = |name, args| s.grammar.write(name, None, args);
    let configure = |option, value| {
        let args = vec![Arg::Int(0), Arg::Int(value)];
        s.grammar.write("+CMQTTCFG", Some(option), args)
    };
    match rng.below(16) {
        0 => configure("checkUTF8", rng.between(0, 1)),
        1 => configure("optimeout", *rng.pick(&[20, 21, 30])),
        2 => write("+CMQTTWILLTOPIC", vec![zero, topic_length(rng)]),
        3 => {
            let args = [0, rng.between(1, 40), rng.between(0, 2)];
            write("+CMQTTWILLMSG", args.map(Arg::Int).into())
        }
        4 => write("+CMQTTREL", vec![zero]),
        5 => s.grammar.execute("+CMQTTSTOP"),
        _ => {
            let keep_alive = *rng.pick(&[5, 30, 120]);
            let mut args = vec![
                zero,
                address(rng).into(),
                Arg::Int(keep_alive),
                Arg::Int(rng.between(0, 1)),
            ];
            if rng.per_mille(200) {
                args.extend(["user".into(), "secret".into()]);
            }
            write("+CMQTTCONNECT", args)
        }
    }
}

fn talk(s: &SimCom, rng: &mut Rng, _: &mut Payloads) -> Call {
    let zero = Arg::Int(0);
    let write = |name, args| s.grammar.write(name, None, args);
    match rng.below(40) {
        0..=3 => {
            let args = vec![zero, topic_length(rng), Arg::Int(rng.between(0, 2))];
            write("+CMQTTSUB", args)
        }
        4 | 5 => {
            let args = vec![zero, topic_length(rng), Arg::Int(rng.between(0, 2))];
            write("+CMQTTSUBTOPIC", args)
        }
        6 => write("+CMQTTSUB", vec![zero]),
        7 => write("+CMQTTSUB", vec![zero, Arg::Int(1)]),
        8 => write("+CMQTTUNSUB", vec![zero, topic_length(rng), Arg::Int(0)]),
        9 => write("+CMQTTUNSUBTOPIC", vec![zero, topic_length(rng)]),
        10 => write("+CMQTTUNSUB", vec![zero]),
        11 => write("+CMQTTUNSUB", vec![zero, Arg::Int(rng.between(0, 3))]),
        12 => write("+CMQTTDISC", vec![zero, Arg::Int(*rng.pick(&[0, 60, 120]))]),
        13 => write("+CMQTTDISC", vec![zero]),
        // First what to publish, then that.
        _ if !s.model.has_topic() => write("+CMQTTTOPIC", vec![zero, name_length(rng)]),
        _ if !s.model.has_payload() => {
            let length = *rng.pick(&[8, 20, 60, 400, 1_500, 3_000, 10_240]);
            write("+CMQTTPAYLOAD", vec![zero, Arg::Int(length)])
        }
        _ => {
            let args = [0, rng.between(0, 2), rng.between(60, 70)];
            let mut args: Vec<Arg> = args.map(Arg::Int).into();
            if rng.per_mille(200) {
                args.push(Arg::Int(rng.between(0, 1)));
            }
            write("+CMQTTPUB", args)
        }
    }
}

fn look_after_network(s: &mut SimCom) -> Option<Call> {
    s.without_network = s.without_network.checked_sub(1)?;
    let one = Arg::Int(1);
    Some(match s.without_network {
        3 => s.grammar.write("+CFUN", None, vec![one]),
        2 => s.grammar.write("+COPS", None, vec![Arg::Int(0)]),
        1 => s.grammar.write("+CGATT", None, vec![one]),
        _ => {
            let args = vec![Arg::Int(1), one];
            s.grammar.write("+CGACT", None, args)
        }
    })
}
