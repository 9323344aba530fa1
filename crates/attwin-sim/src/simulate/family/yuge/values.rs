//! Which values a CLM920 takes, and how it prints them.

use crate::simulate::call::Call;

/// Names of AT+IMQTTPARA in the order its query prints them (section 3.2).
const PARAMETERS: [&str; 4] = ["TIMEOUT", "CLEAN", "KEEPALIVE", "VERSION"];

/// Whether a setter's values fit; what the table says of them does.
pub(super) fn is_settable(call: &Call) -> bool {
    let topic = call.text(0);
    match call.spec.name {
        "+IMQTTPARA" => parameters(call).is_some(),
        "+IMQTTADDR" => topic.is_empty() == (call.int(1) == Some(0)),
        "+IMQTTLWT" => is_name(topic),
        "+IMQTTLWTBIN" => is_name(topic) && is_hexadecimal(call.text(2)),
        "+IMQTTAUTH" => (0..3).all(|at| !call.text(at).is_empty()),
        _ => true,
    }
}

/// What AT+IMQTTPARA sets, by position in its query, if it fits (section 3.2).
pub(super) fn parameters(call: &Call) -> Option<Vec<(usize, Vec<u8>)>> {
    let mut all: Vec<(usize, Vec<u8>)> = Vec::new();
    for pair in (0..call.args.len()).step_by(2) {
        let (name, value) = (call.value(pair)?, call.value(pair + 1)?);
        let mut known = PARAMETERS.iter();
        let at = known.position(|known| known.as_bytes().eq_ignore_ascii_case(&name))?;
        let text = String::from_utf8(value).ok()?;
        let digits = text.bytes().all(|b| b.is_ascii_digit()) && text.len() <= 10;
        let number = text.parse::<u32>().ok().filter(|_| digits);
        let value = match (PARAMETERS[at], number, &*text) {
            ("TIMEOUT", Some(n @ 1..=3), _)
            | ("CLEAN", Some(n @ 0..=1), _)
            | ("KEEPALIVE", Some(n @ 60..=180), _) => decimal(n),
            ("VERSION", _, "3.1" | "3.1.1") => text.into_bytes(),
            _ => return None,
        };
        if all.iter().any(|(other, _)| *other == at) {
            return None;
        }
        all.push((at, value));
    }
    Some(all).filter(|all| !all.is_empty())
}

/// How a stored string is printed (section 2.4).
pub(super) fn echo(text: &[u8]) -> Vec<u8> {
    let starts = text.starts_with(b"\"") || text.starts_with(b" ");
    if !text.contains(&b',') && !starts && !text.ends_with(b" ") {
        return text.to_vec();
    }
    let mut quoted = b"\"".to_vec();
    for byte in text {
        if *byte == b'"' {
            quoted.push(b'\\');
        }
        quoted.push(*byte);
    }
    quoted.push(b'"');
    quoted
}

pub(super) fn is_topic(topic: &[u8]) -> bool {
    !topic.is_empty() && is_name(topic)
}

/// Whether a topic has neither wildcards nor NUL (section 2.7).
fn is_name(topic: &[u8]) -> bool {
    !topic.iter().any(|b| matches!(b, b'+' | b'#' | 0))
}

/// Whether a filter is one (MQTT 3.1.1 section 4.7).
pub(super) fn is_filter(filter: &[u8]) -> bool {
    let levels: Vec<&[u8]> = filter.split(|b| *b == b'/').collect();
    let fits = |(at, level): (usize, &&[u8])| match level {
        [b'+'] => true,
        [b'#'] => at + 1 == levels.len(),
        level => is_name(level),
    };
    !filter.is_empty() && levels.iter().enumerate().all(fits)
}

pub(super) fn is_hexadecimal(digits: &[u8]) -> bool {
    digits.len().is_multiple_of(2) && digits.iter().all(u8::is_ascii_hexdigit)
}

pub(super) fn digits(bytes: &[u8]) -> Vec<u8> {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.into_bytes()
}

/// What digits stand for.
pub(super) fn bytes(digits: &[u8]) -> Vec<u8> {
    let value = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks(2).filter_map(value).collect()
}

pub(super) fn decimal(n: u32) -> Vec<u8> {
    n.to_string().into_bytes()
}
