//! What a host does that wants messages to flow.

use super::super::call::{Arg, Call};
use super::super::payload::Payloads;
use super::super::random::Rng;
use super::Quectel;
use super::client::State;

/// Topics everybody publishes to.
pub(super) const TOPICS: [&str; 4] = ["t/a", "t/b", "t/c", "in"];
/// Filters the module subscribes with.
pub(super) const FILTERS: [&str; 6] = ["t/a", "t/b", "t/+", "in", "#", "t/#"];
/// Clients that are used much; the others only now and then.
const BUSY: u32 = 3;

pub(super) fn any_client(rng: &mut Rng) -> u32 {
    if rng.per_mille(30) {
        rng.between(BUSY, 5)
    } else {
        rng.between(0, BUSY - 1)
    }
}

/// Each client has its own host, so that a connection tells whose it is.
pub(super) fn host(client: u32) -> String {
    format!("h{client}.example")
}

pub(super) fn client_id(rng: &mut Rng, client: u32) -> String {
    // Sometimes somebody else's: the broker drops the older connection.
    let of = if rng.per_mille(50) {
        any_client(rng)
    } else {
        client
    };
    format!("dev-{of}")
}

/// The next command.
pub(super) fn next(q: &mut Quectel, rng: &mut Rng, payloads: &mut Payloads) -> Call {
    if let Some(call) = look_after_network(q) {
        return call;
    }
    let client = any_client(rng);
    let state = q.clients[client as usize % q.clients.len()].state();
    let call = |name, args| q.grammar.write(name, None, args);
    let index = Arg::Int(client);
    match state {
        State::Closed if rng.per_mille(400) => configure(q, rng, client),
        State::Closed | State::Opening => call(
            "+QMTOPEN",
            vec![index, (&*host(client)).into(), Arg::Int(1883)],
        ),
        State::Open if rng.per_mille(100) => configure(q, rng, client),
        State::Open => call("+QMTCONN", vec![index, (&*client_id(rng, client)).into()]),
        State::Connecting | State::Refused | State::Disconnecting => {
            let name = if rng.per_mille(700) {
                "+QMTCLOSE"
            } else {
                "+QMTDISC"
            };
            call(name, vec![index])
        }
        State::Connected => match rng.below(20) {
            0..=3 => call(
                "+QMTSUB",
                vec![
                    index,
                    Arg::Int(rng.between(1, 9)),
                    (*rng.pick(&FILTERS)).into(),
                    Arg::Int(rng.between(0, 2)),
                ],
            ),
            4 => call(
                "+QMTUNS",
                vec![
                    index,
                    Arg::Int(rng.between(1, 9)),
                    (*rng.pick(&FILTERS)).into(),
                ],
            ),
            5..=15 => publish(q, rng, payloads, client),
            16 | 17 => call("+QMTRECV", vec![index]),
            18 => call("+QMTRECV", vec![index, Arg::Int(rng.between(0, 4))]),
            _ if rng.per_mille(500) => call("+QMTDISC", vec![index]),
            _ => call("+QMTCLOSE", vec![index]),
        },
    }
}

fn look_after_network(q: &mut Quectel) -> Option<Call> {
    q.without_network = q.without_network.checked_sub(1)?;
    let one = vec![Arg::Int(1)];
    Some(match q.without_network {
        3 => q.grammar.write("+CFUN", None, one),
        2 => q.grammar.write("+COPS", None, vec![Arg::Int(0)]),
        1 => q.grammar.write("+CGATT", None, one),
        _ => q.grammar.write("+CMEE", None, one),
    })
}

fn configure(q: &Quectel, rng: &mut Rng, client: u32) -> Call {
    let (option, mut rest): (_, Vec<Arg>) = match rng.below(7) {
        0 => ("version", vec![Arg::Int(rng.between(3, 4))]),
        1 => ("session", vec![Arg::Int(rng.between(0, 1))]),
        2 | 3 => {
            let values = [rng.between(1, 4), rng.between(0, 3), rng.between(0, 1)];
            ("timeout", values.map(Arg::Int).to_vec())
        }
        4 => ("keepalive", vec![Arg::Int(*rng.pick(&[0, 5, 30, 120]))]),
        5 => {
            let values = [rng.between(0, 1), rng.between(0, 1)];
            ("recv/mode", values.map(Arg::Int).to_vec())
        }
        _ => {
            let values = [1, rng.between(0, 2), rng.between(0, 1)];
            let mut args = values.map(Arg::Int).to_vec();
            args.extend(["t/will".into(), "gone".into()]);
            ("will", args)
        }
    };
    rest.insert(0, Arg::Int(client));
    q.grammar.write("+QMTCFG", Some(option), rest)
}

fn publish(q: &Quectel, rng: &mut Rng, payloads: &mut Payloads, client: u32) -> Call {
    let qos = rng.between(0, 2);
    let id = if qos == 0 { 0 } else { rng.between(1, 9) };
    let mut args: Vec<Arg> = [client, id, qos, u32::from(rng.per_mille(100))]
        .map(Arg::Int)
        .to_vec();
    args.push((*rng.pick(&TOPICS)).into());
    let len = *rng.pick(&[10, 16, 40, 200, 1_500]);
    let (name, more) = match rng.below(6) {
        0 => ("+QMTPUB", Vec::new()),
        1 => ("+QMTPUB", vec![Arg::Int(len)]),
        2 => {
            let text = payloads.text(rng, 20);
            let len = u32::try_from(text.len()).unwrap_or(0);
            ("+QMTPUB", vec![Arg::Int(len), Arg::Text(text)])
        }
        3 => ("+QMTPUBEX", vec![Arg::Text(payloads.text(rng, 20))]),
        _ => ("+QMTPUBEX", vec![Arg::Int(len)]),
    };
    args.extend(more);
    q.grammar.write(name, None, args)
}
