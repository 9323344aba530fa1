//! What the setters of chapter 3 stored, and what their read forms print.

use super::super::call::{Arg, Call};

/// A will, as text or as digits.
#[derive(Debug, Clone)]
pub(super) struct Will {
    command: &'static str,
    topic: Vec<u8>,
    qos: u32,
    message: Vec<u8>,
    retained: u32,
}

#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) mode: u32,
    pub(super) tls: u32,
    pub(super) receive: u32,
    pub(super) timeout: u32,
    clean: u32,
    keep_alive: u32,
    version: Vec<u8>,
    pub(super) user: Vec<u8>,
    password: Vec<u8>,
    pub(super) address: Vec<u8>,
    port: u32,
    pub(super) client_id: Vec<u8>,
    will: Option<Will>,
    pub(super) device: Option<[Vec<u8>; 3]>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mode: 2,
            tls: 0,
            receive: 0,
            timeout: 2,
            clean: 0,
            keep_alive: 60,
            version: b"3.1.1".to_vec(),
            user: Vec::new(),
            password: Vec::new(),
            address: Vec::new(),
            port: 0,
            client_id: Vec::new(),
            will: None,
            device: None,
        }
    }
}

impl Settings {
    /// Whether a setter's values fit; what the table says of them does.
    pub(super) fn admit(call: &Call) -> bool {
        let topic = call.string(0).unwrap_or_default();
        match call.spec.name {
            "+IMQTTPARA" => parameters(call).is_some(),
            "+IMQTTADDR" => topic.is_empty() == (call.int(1) == Some(0)),
            "+IMQTTLWT" => is_name(topic),
            "+IMQTTLWTBIN" => is_name(topic) && is_hexadecimal(call.string(2).unwrap_or_default()),
            "+IMQTTAUTH" => (0..3).all(|at| call.string(at).is_some_and(|text| !text.is_empty())),
            _ => true,
        }
    }

    /// Whether AT+IMQTTCONN has all it needs (section 9.1).
    pub(super) fn are_complete(&self) -> bool {
        let verbatim = !self.client_id.is_empty() && !self.user.is_empty();
        match self.mode {
            1 => verbatim || self.device.is_some(),
            _ => !self.address.is_empty(),
        }
    }

    pub(super) fn apply(&mut self, call: &Call) {
        let text = |at| call.string(at).unwrap_or_default().to_vec();
        let number = |at| call.int(at).unwrap_or(0);
        match call.spec.name {
            "+IMQTTMODE" => {
                (self.mode, self.tls) = (number(0), number(1));
                self.receive = call.int(2).unwrap_or(self.receive);
            }
            "+IMQTTRECVMODE" => self.receive = number(0),
            "+IMQTTPARA" => {
                for (name, value) in parameters(call).unwrap_or_default() {
                    match name {
                        "TIMEOUT" => self.timeout = integer(&value).unwrap_or(0),
                        "CLEAN" => self.clean = integer(&value).unwrap_or(0),
                        "KEEPALIVE" => self.keep_alive = integer(&value).unwrap_or(0),
                        _ => self.version = value,
                    }
                }
            }
            "+IMQTTUSER" => (self.user, self.password) = (text(0), text(1)),
            "+IMQTTADDR" => {
                (self.address, self.port) = (text(0), number(1));
                self.client_id = text(2);
            }
            command @ ("+IMQTTLWT" | "+IMQTTLWTBIN") => {
                self.will = Some(Will {
                    command,
                    topic: text(0),
                    qos: number(1),
                    message: text(2),
                    retained: number(3),
                })
                .filter(|will| !will.topic.is_empty());
            }
            "+IMQTTAUTH" => self.device = Some([text(0), text(1), text(2)]),
            _ => {}
        }
    }

    /// What the read form of a setter prints; `None` if it is none.
    pub(super) fn line(&self, name: &str) -> Option<Option<Vec<u8>>> {
        let Self {
            mode, tls, receive, ..
        } = self;
        Some(Some(match name {
            "+IMQTTMODE" => format!("+IMQTTMODE:{mode},{tls},{receive}").into_bytes(),
            "+IMQTTRECVMODE" => format!("+IMQTTRECVMODE: {receive}").into_bytes(),
            "+IMQTTPARA" => {
                let (t, c, k) = (self.timeout, self.clean, self.keep_alive);
                let version = String::from_utf8_lossy(&self.version);
                format!("+IMQTTPARA:TIMEOUT,{t},CLEAN,{c},KEEPALIVE,{k},VERSION,{version}")
                    .into_bytes()
            }
            "+IMQTTUSER" => {
                let mask: &[u8] = if self.password.is_empty() {
                    b""
                } else {
                    b"*****"
                };
                [b"+IMQTTUSER:", &echo(&self.user)[..], b",", mask].concat()
            }
            "+IMQTTADDR" => [
                b"+IMQTTADDR:",
                &self.address[..],
                format!(",{},", self.port).as_bytes(),
                &echo(&self.client_id),
            ]
            .concat(),
            "+IMQTTLWT" | "+IMQTTLWTBIN" => {
                let will = self.will.as_ref().filter(|will| will.command == name);
                let Some(will) = will else {
                    return Some(None);
                };
                let Will {
                    topic,
                    qos,
                    message,
                    retained,
                    ..
                } = will;
                [
                    name.as_bytes(),
                    b": ",
                    &echo(topic),
                    format!(",{qos},").as_bytes(),
                    &echo(message),
                    format!(",{retained}").as_bytes(),
                ]
                .concat()
            }
            "+IMQTTAUTH" => {
                let empty = [const { Vec::new() }; 3];
                let device = self.device.as_ref().unwrap_or(&empty);
                let device = device.each_ref().map(|text| echo(text));
                [b"+IMQTTAUTH:".to_vec(), device.join(&b',')].concat()
            }
            _ => return None,
        }))
    }
}

/// How a stored string is printed (section 2.4).
pub(super) fn echo(text: &[u8]) -> Vec<u8> {
    let plain = !text.contains(&b',')
        && !text.starts_with(b"\"")
        && !text.starts_with(b" ")
        && !text.ends_with(b" ");
    if plain {
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

/// Whether a topic has neither wildcards nor NUL (section 2.7).
pub(super) fn is_name(topic: &[u8]) -> bool {
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

/// Names and values of AT+IMQTTPARA, if they fit (section 3.2).
fn parameters(call: &Call) -> Option<Vec<(&'static str, Vec<u8>)>> {
    let value_of = |arg: &Arg| match arg {
        Arg::Int(n) => Some(n.to_string().into_bytes()),
        Arg::Text(text) | Arg::Bare(text) => Some(text.clone()),
        _ => None,
    };
    let mut all: Vec<(&str, Vec<u8>)> = Vec::new();
    for pair in call.args.chunks(2) {
        let [name, value] = pair else {
            return None;
        };
        let (name, value) = (value_of(name)?, value_of(value)?);
        let known = ["TIMEOUT", "CLEAN", "KEEPALIVE", "VERSION"];
        let name = known
            .into_iter()
            .find(|known| known.as_bytes().eq_ignore_ascii_case(&name))?;
        let number = integer(&value);
        let fits = match name {
            "TIMEOUT" => matches!(number, Some(1..=3)),
            "CLEAN" => matches!(number, Some(0..=1)),
            "KEEPALIVE" => matches!(number, Some(60..=180)),
            _ => value == b"3.1" || value == b"3.1.1",
        };
        if !fits || all.iter().any(|(other, _)| *other == name) {
            return None;
        }
        all.push((name, value));
    }
    Some(all).filter(|all| !all.is_empty())
}

fn integer(digits: &[u8]) -> Option<u32> {
    let all_digits = digits.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(digits).ok()?;
    text.parse()
        .ok()
        .filter(|_| all_digits && digits.len() <= 10)
}
