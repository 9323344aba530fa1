//! OneMO's two `AT+MQTT*` command sets (docs/spec/onemo.md): words they share, the
//! reconnect machine they share, and a model for each.

mod goals;
mod ml302;
mod mn316;
mod profile;
mod reconnect;
mod settings;

use attwin_core::{Param, Spec};

pub(super) use self::ml302::Ml302;
pub(super) use self::mn316::Mn316;
pub(super) use self::profile::{ML302, MN316};
use super::call::Arg;
use super::random::Rng;

/// A value for an argument, by the parameter's name in the manuals.
fn argument(rng: &mut Rng, spec: &Spec, param: &Param) -> Option<Arg> {
    let simple = |c: &char| c.is_ascii_alphanumeric();
    let name: String = param.name.chars().filter(simple).collect();
    Some(match &*name.to_ascii_lowercase() {
        "host" => goals::HOST.into(),
        "port" => Arg::Int(1883),
        "id" => (*rng.pick(&["dev-0", "dev-1"])).into(),
        "keepalive" => Arg::Int(*rng.pick(&[0, 5, 20, 60])),
        "user" | "passwd" => (*rng.pick(&["u", "u", ""])).into(),
        "timeout" => Arg::Int(rng.between(1, 8)),
        "topic" if spec.name == "+MQTTPUB" => goals::topic(rng).into(),
        "topic" => (*rng.pick(&goals::FILTERS)).into(),
        "willtopic" => (*rng.pick(&["t/will", "t/will", ""])).into(),
        "cid" => Arg::Int(1),
        // A module without its radio is a module without sessions.
        "fun" if rng.per_mille(700) => Arg::Int(1),
        _ => return None,
    })
}

/// Splits a line at the first colon, and the space after it if there is one.
fn split<'a>(line: &'a [u8], separator: &str) -> Option<(&'a str, &'a [u8])> {
    let at = line.iter().position(|b| *b == b':')?;
    let name = std::str::from_utf8(&line[..at]).ok()?;
    let rest = line[at..].strip_prefix(separator.as_bytes())?;
    Some((name, rest))
}

/// Every integer of a list.
fn numbers(list: &[u8]) -> Option<Vec<u32>> {
    let list = std::str::from_utf8(list).ok()?;
    list.split(',').map(|n| n.parse().ok()).collect()
}
