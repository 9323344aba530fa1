//! What a host does that wants messages to flow.

use super::super::call::{Arg, Call};
use super::super::grammar::Grammar;
use super::super::payload::Payloads;
use super::super::random::Rng;

/// The server everybody means.
pub(super) const HOST: &str = "h0.example";
/// Topics to publish to.
const TOPICS: [&str; 4] = ["t/a", "t/b", "t/c", "in"];
/// Filters to subscribe with.
pub(super) const FILTERS: [&str; 6] = ["t/a", "t/b", "t/+", "in", "#", "t/ä b"];

/// A topic; now and then one nobody may publish to.
pub(super) fn topic(rng: &mut Rng) -> &'static str {
    if rng.per_mille(20) {
        return "t/#";
    }
    rng.pick::<&str>(&TOPICS)
}

/// What a host would do next, as far as both modules agree on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Unconfigured,
    Configured,
    Connecting,
    Connected,
    Reconnecting,
}

/// What a host does whose module lacks a network.
#[derive(Debug, Default)]
pub(super) struct Repair {
    /// Commands still to be sent.
    left: u8,
}

impl Repair {
    /// Connecting failed for want of a network.
    pub(super) fn begin(&mut self) {
        self.left = 3;
    }

    pub(super) fn next(&mut self, grammar: &Grammar) -> Option<Call> {
        self.left = self.left.checked_sub(1)?;
        let (name, args) = match self.left {
            2 => ("+CFUN", vec![Arg::Int(1)]),
            1 => ("+CGATT", vec![Arg::Int(1)]),
            _ => ("+CGACT", vec![Arg::Int(1), Arg::Int(1)]),
        };
        Some(grammar.write(name, None, args))
    }
}

/// The next command; the modules' publishes differ.
pub(super) fn next(
    grammar: &Grammar,
    stage: Stage,
    rng: &mut Rng,
    publish: impl FnOnce(&mut Rng) -> Call,
) -> Call {
    let write = |name, args| grammar.write(name, None, args);
    match stage {
        Stage::Unconfigured => configure(grammar, rng),
        Stage::Configured => match rng.below(14) {
            0 => configure(grammar, rng),
            1 => grammar.execute("+MQTTDEL"),
            2 => write("+MQTTTO", vec![Arg::Int(rng.between(1, 6))]),
            3 => write("+MQTTPING", vec![Arg::Int(rng.between(0, 1))]),
            _ => open(grammar, rng),
        },
        Stage::Connecting => grammar.read("+MQTTSTAT"),
        Stage::Reconnecting => match rng.below(12) {
            0 => grammar.execute("+MQTTDISC"),
            1 => open(grammar, rng),
            2 => publish(rng),
            _ => grammar.read("+MQTTSTAT"),
        },
        Stage::Connected => match rng.below(24) {
            0..=5 => {
                let args = vec![(*rng.pick(&FILTERS)).into(), Arg::Int(rng.between(0, 2))];
                write("+MQTTSUB", args)
            }
            6 | 7 => write("+MQTTUNSUB", vec![(*rng.pick(&FILTERS)).into()]),
            8 => write("+MQTTPING", vec![Arg::Int(rng.between(0, 1))]),
            9 => match rng.below(4) {
                0 => open(grammar, rng),
                1 => configure(grammar, rng),
                2 => grammar.execute("+MQTTDEL"),
                _ => grammar.read("+MQTTSUB"),
            },
            10 if rng.per_mille(600) => grammar.execute("+MQTTDISC"),
            _ => publish(rng),
        },
    }
}

fn configure(grammar: &Grammar, rng: &mut Rng) -> Call {
    let args = vec![
        HOST.into(),
        Arg::Int(1883),
        (*rng.pick(&["dev-0", "dev-0", "dev-1"])).into(),
        Arg::Int(*rng.pick(&[0, 5, 20, 60])),
        (*rng.pick(&["u", "u", "u", ""])).into(),
        (*rng.pick(&["p", "p", "p", ""])).into(),
        Arg::Int(rng.between(0, 1)),
    ];
    grammar.write("+MQTTCFG", None, args)
}

fn open(grammar: &Grammar, rng: &mut Rng) -> Call {
    let mut args = [0, 0, 0, 0, 0].map(Arg::Int);
    if rng.per_mille(300) {
        args[0] = Arg::Int(1);
        args[1] = Arg::Int(rng.between(0, 1));
    }
    let mut args = args.to_vec();
    if rng.per_mille(300) {
        args[2] = Arg::Int(1);
        args[3] = Arg::Int(rng.between(0, 1));
        args[4] = Arg::Int(rng.between(0, 2));
        args.extend(["t/will".into(), "gone".into()]);
    } else {
        args.extend(["".into(), "".into()]);
    }
    grammar.write("+MQTTOPEN", None, args)
}

/// Topic, QoS, retain and DUP of a publish.
pub(super) fn publish_start(rng: &mut Rng) -> Vec<Arg> {
    let flags = [
        rng.between(0, 2),
        u32::from(rng.per_mille(100)),
        rng.between(0, 1),
    ];
    let topic = topic(rng).into();
    std::iter::once(topic).chain(flags.map(Arg::Int)).collect()
}

/// A payload to be written as a string.
pub(super) fn text(rng: &mut Rng, payloads: &mut Payloads) -> Vec<u8> {
    let len = *rng.pick(&[8, 20, 60, 300]);
    let mut text = payloads.text(rng, len);
    if rng.per_mille(200) {
        // As JSON has them.
        text.extend_from_slice(b"{\"id\":\"4G\\\\\"}");
    }
    text
}
