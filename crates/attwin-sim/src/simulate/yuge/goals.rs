//! What a host does that wants messages to flow.

use super::super::call::{Arg, Call};
use super::super::payload::Payloads;
use super::super::random::Rng;
use super::Yuge;
use super::model::State;

/// The server everybody means.
pub(super) const HOST: &str = "h0.example";
/// Where the module goes by itself (section 9.2).
const CLOUD: &str = ".iot-as-mqtt.cn-shanghai.aliyuncs.com";
/// Topics to publish to.
pub(super) const TOPICS: [&str; 5] = ["t/a", "t/b", "t/c", "in", "t/#"];
/// Filters to subscribe with.
pub(super) const FILTERS: [&str; 6] = ["t/a", "t/+", "in", "#", "t/ä b", "t/#/a"];

/// Whether the client may mean this host.
pub(super) fn is_host(host: &str) -> bool {
    host == HOST || host.ends_with(CLOUD)
}

/// An even number of hexadecimal digits, mostly.
pub(super) fn digits(bytes: &[u8]) -> Vec<u8> {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.into_bytes()
}

/// The next command.
pub(super) fn next(y: &mut Yuge, rng: &mut Rng, payloads: &mut Payloads) -> Call {
    if let Some(left) = y.without_network.checked_sub(1) {
        y.without_network = left;
        let (name, args) = match left {
            2 => ("+CFUN", vec![Arg::Int(1)]),
            1 => ("+CGATT", vec![Arg::Int(1)]),
            _ => ("+CGACT", vec![Arg::Int(1), Arg::Int(1)]),
        };
        return y.grammar.write(name, None, args);
    }
    match y.model.state() {
        State::Idle if !y.model.can_connect() => configure(y, rng, 0),
        State::Idle => match rng.below(10) {
            0..=3 => {
                let which = rng.below(12);
                configure(y, rng, which)
            }
            _ => y.grammar.execute("+IMQTTCONN"),
        },
        State::Connecting | State::Registering => match rng.below(6) {
            0 => y.grammar.execute("+IMQTTDISCONN"),
            1 => y.grammar.execute("+IMQTTCONN"),
            2 => publish(y, rng, payloads),
            _ => y.grammar.read("+IMQTTSTATE"),
        },
        State::Connected => match rng.below(30) {
            0..=5 => {
                let args = vec![(*rng.pick(&FILTERS)).into(), Arg::Int(rng.between(0, 1))];
                y.grammar.write("+IMQTTSUB", None, args)
            }
            6 => {
                let args = vec![(*rng.pick(&FILTERS)).into()];
                y.grammar.write("+IMQTTUNSUB", None, args)
            }
            7..=10 => {
                let args = vec![Arg::Int(rng.between(1, 10))];
                y.grammar.write("+IMQTTRECV", None, args)
            }
            11 => {
                let args = vec![Arg::Int(rng.between(0, 1))];
                y.grammar.write("+IMQTTRECVMODE", None, args)
            }
            12 => y.grammar.execute("+IMQTTCONN"),
            13 if rng.per_mille(500) => y.grammar.execute("+IMQTTDISCONN"),
            14 => {
                let which = rng.below(12);
                configure(y, rng, which)
            }
            _ => publish(y, rng, payloads),
        },
    }
}

fn configure(y: &Yuge, rng: &mut Rng, which: usize) -> Call {
    let write = |name, args| y.grammar.write(name, None, args);
    match which {
        0 => {
            let id = *rng.pick(&["dev-0", "dev-0", "dev-1", ""]);
            let address = vec![HOST.into(), Arg::Int(1883), id.into()];
            write("+IMQTTADDR", address)
        }
        1 => {
            let mode = u32::from(rng.per_mille(850)) + 1;
            let mut args = vec![Arg::Int(mode), Arg::Int(rng.between(0, 1))];
            if rng.per_mille(400) {
                args.push(Arg::Int(rng.between(0, 1)));
            }
            write("+IMQTTMODE", args)
        }
        2 | 3 => {
            let args = vec![
                "CLEAN".into(),
                Arg::Bare(vec![b'0' + u8::from(rng.per_mille(400))]),
            ];
            write("+IMQTTPARA", args)
        }
        4 => {
            let timeout = *rng.pick(&[b"1", b"2", b"3"]);
            let args = vec!["TIMEOUT".into(), Arg::Bare(timeout.to_vec())];
            write("+IMQTTPARA", args)
        }
        5 => {
            let version = *rng.pick(&["3.1", "3.1.1"]);
            write("+IMQTTPARA", vec!["VERSION".into(), version.into()])
        }
        6 => {
            let user = *rng.pick(&["", "u", "u, v"]);
            write("+IMQTTUSER", vec![user.into(), "secret".into()])
        }
        7 => {
            let topic = *rng.pick(&["t/will", ""]);
            let args = vec![topic.into(), Arg::Int(rng.between(0, 2)), "gone".into()];
            write("+IMQTTLWT", args)
        }
        8 => {
            let args = vec![
                "t/will".into(),
                Arg::Int(rng.between(0, 2)),
                Arg::Bare(digits(b"gone")),
                Arg::Int(rng.between(0, 1)),
            ];
            write("+IMQTTLWTBIN", args)
        }
        9 => write("+IMQTTAUTH", vec!["pk".into(), "dev-0".into(), "ds".into()]),
        10 => write("+IMQTTRECVMODE", vec![Arg::Int(rng.between(0, 1))]),
        _ => {
            let args = vec![
                Arg::Int(rng.between(0, 1)),
                Arg::Int(rng.between(1, 2)),
                "pk".into(),
                "dn".into(),
                "ps".into(),
            ];
            write("+IMQTTDYNREG", args)
        }
    }
}

fn publish(y: &Yuge, rng: &mut Rng, payloads: &mut Payloads) -> Call {
    let topic = (*rng.pick(&TOPICS)).into();
    let qos = Arg::Int(rng.between(0, 2));
    let retained = Arg::Int(u32::from(rng.per_mille(100)));
    let len = *rng.pick(&[8, 20, 60, 400, 1_000]);
    let (name, args) = match rng.below(3) {
        0 => {
            let text = payloads.text(rng, len);
            let text = if y.grammar.profile.can_write(&text) {
                text
            } else {
                payloads.text(rng, 0)
            };
            ("+IMQTTPUB", vec![topic, qos, Arg::Text(text), retained])
        }
        1 => {
            let digits = digits(&payloads.binary(rng, len));
            ("+IMQTTPUBIN", vec![topic, qos, Arg::Bare(digits), retained])
        }
        _ => {
            let len = u32::try_from(len).unwrap_or(1);
            ("+IMQTTPUBEX", vec![topic, qos, retained, Arg::Int(len)])
        }
    };
    y.grammar.write(name, None, args)
}
