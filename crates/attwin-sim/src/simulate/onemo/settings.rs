//! What AT+MQTTCFG stored (A3.1, B3.1).

use attwin_core::Duration;

use super::super::call::{Arg, Call};
use super::reconnect::CONNECTING;

/// The settings of a client.
#[derive(Debug, Clone, Default)]
pub(super) struct Settings {
    pub(super) host: Vec<u8>,
    pub(super) port: u32,
    pub(super) id: Vec<u8>,
    pub(super) keep_alive: u32,
    pub(super) user: Vec<u8>,
    pub(super) password: Vec<u8>,
    pub(super) clean: u32,
    /// What follows: `version` and `encrypt` where there are both.
    more: Vec<Arg>,
}

impl Settings {
    pub(super) fn of(call: &Call) -> Self {
        let text = |at| call.string(at).unwrap_or_default().to_vec();
        let number = |at| call.int(at).unwrap_or(0);
        Self {
            host: text(0),
            port: number(1),
            id: text(2),
            keep_alive: number(3),
            user: text(4),
            password: text(5),
            clean: number(6),
            more: call.args.get(7..).unwrap_or_default().to_vec(),
        }
    }

    /// How long a connection may take to open: TCP has its limit (A3.2), a
    /// handshake the patience of TCP.
    pub(super) fn patience(&self) -> Duration {
        if self.more.last() == Some(&Arg::Int(1)) {
            CONNECTING * 4
        } else {
            CONNECTING
        }
    }

    /// The answer to `AT+MQTTCFG?` with quotes (A3.1).
    pub(super) fn quoted_line(&self) -> Vec<u8> {
        let Self {
            port,
            keep_alive,
            clean,
            ..
        } = self;
        let (version, encrypt): (&[u8], _) = match &self.more[..] {
            [] => (b"", 0),
            [version, rest @ ..] => (text(version), rest.first().map_or(0, number)),
        };
        [
            b"+MQTTCFG:\"",
            &self.host[..],
            format!("\",{port},\"").as_bytes(),
            &self.id,
            format!("\",{keep_alive},\"").as_bytes(),
            &self.user,
            format!("\",\"***\",{clean},\"").as_bytes(),
            version,
            format!("\",{encrypt}").as_bytes(),
        ]
        .concat()
    }

    /// The answer to `AT+MQTTCFG?` without (B3.1).
    pub(super) fn bare_line(&self) -> Vec<u8> {
        let Self {
            port,
            keep_alive,
            clean,
            ..
        } = self;
        let encrypt = self.more.first().map_or(0, number);
        [
            b"+MQTTCFG:",
            &self.host[..],
            format!(",{port},").as_bytes(),
            &self.id,
            format!(",{keep_alive},").as_bytes(),
            &self.user,
            format!(",***,{clean},{encrypt}").as_bytes(),
        ]
        .concat()
    }

    /// Whether AT+MQTTOPEN may use user and password as its flags say.
    pub(super) fn serve(&self, open: &Call) -> bool {
        let wants = |at| open.int(at) == Some(1);
        !(wants(0) && self.user.is_empty() || wants(1) && self.password.is_empty())
    }
}

/// Whether the will of an AT+MQTTOPEN can be (A3.2, B3.2).
pub(super) fn has_fit_will(open: &Call) -> bool {
    open.int(2) != Some(1) || open.string(5).is_some_and(|topic| !topic.is_empty())
}

fn text(arg: &Arg) -> &[u8] {
    match arg {
        Arg::Text(text) | Arg::Bare(text) => text,
        _ => &[],
    }
}

fn number(arg: &Arg) -> u32 {
    match arg {
        Arg::Int(n) => *n,
        _ => 0,
    }
}
