//! `AT+CMQTTCONNECT` and `AT+CMQTTDISC` (docs/spec/simcom.md 3.8, 3.9 and 8).

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use core::time::Duration;

use bytes::Bytes;

use super::client::Client;
use super::knobs::MqttLevel;
use super::{CONTEXT, INDEX, Knobs, Need, SimCom, code, is_utf8};
use crate::command::{Args, Form, Param, Spec};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::io::LinkId;
use crate::mqtt::packet::{ConnectFields, Level};
use crate::mqtt::session::{Limits, Options, PingRule, Rules};
use crate::serial::Channel;
use crate::time::Instant;

/// Port of an address without one, whatever the server type
/// (docs/spec/simcom.md 8).
const PORT: u16 = 1883;
/// Longest inbound topic and payload (docs/spec/simcom.md 5.4).
const TOPIC: usize = 1024;
const PAYLOAD: usize = 10_240;

pub(super) static ROWS: [Row<SimCom>; 2] = [
    Row::new(
        Spec::new(
            "+CMQTTCONNECT",
            "docs/spec/simcom.md 3.8",
            "connect to a server",
        )
        .test_lines(&["+CMQTTCONNECT: (0-0),(1-128),(1-64800),(0-1)[,<user_name>,<pass_word>]"])
        .read()
        .write(&[
            INDEX,
            Param::text("server_addr", 1, 128),
            Param::int("keepalive_time", 1, 64_800),
            Param::int("clean_session", 0, 1).optional(),
            // An empty one counts as absent.
            Param::text("user_name", 0, 256).optional(),
            Param::text("pass_word", 0, 256).optional(),
        ])
        .max_settings("optimeout, 120 s by default, for TCP and for CONNACK")
        .example("+CMQTTCONNECT=0,\"tcp://test.mosquitto.org:1883\",60,1"),
        |s, cx, form, args| match form {
            Form::Read => show(s, cx),
            _ => connect(s, cx, args),
        },
    ),
    Row::new(
        Spec::new(
            "+CMQTTDISC",
            "docs/spec/simcom.md 3.9",
            "disconnect from the server",
        )
        .test_lines(&["+CMQTTDISC: (0-0),(0,60-180)"])
        .read()
        .write(&[INDEX, Param::int("timeout", 0, 180).optional()])
        .max_settings("timeout, without limit by default")
        .example("+CMQTTDISC=0,120"),
        |s, cx, form, args| match form {
            Form::Read => show_state(s, cx),
            _ => disconnect(s, cx, args),
        },
    ),
];

/// Where a connection is in its life (docs/spec/simcom.md section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// TCP, and TLS if asked for, are being set up.
    Opening,
    /// CONNECT was sent.
    Connecting,
    Connected,
    /// DISCONNECT is on its way.
    Disconnecting,
}

impl State {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Opening => "OPENING",
            Self::Connecting => "CONNECTING",
            Self::Connected => "CONNECTED",
            Self::Disconnecting => "DISCONNECTING",
        }
    }
}

/// A connection, or one in the making.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) state: State,
    pub(super) link: LinkId,
    /// Host and port.
    pub(super) server: (String, u16),
    request: Request,
    /// Ends opening or disconnecting.
    pub(super) deadline: Option<Instant>,
    /// The command's line waits for TCP (`connect_sync_errors`).
    pub(super) holds_line: bool,
}

/// What AT+CMQTTCONNECT asked for.
#[derive(Debug)]
pub(super) struct Request {
    /// As the host wrote it.
    address: Bytes,
    /// Seconds.
    keep_alive: u16,
    clean_session: bool,
    user: Option<Bytes>,
    password: Option<Bytes>,
}

impl Request {
    /// Seconds of silence after which PINGREQ is sent.
    fn keep_alive_span(&self) -> Duration {
        Duration::from_secs(u64::from(self.keep_alive))
    }
}

fn connect(s: &mut SimCom, cx: &mut Context<'_>, args: &Args<'_>) -> Outcome {
    let address = args.text(1).unwrap_or_default();
    let given = |index| {
        let text = args.text(index).filter(|text| !text.is_empty());
        text.map(Bytes::copy_from_slice)
    };
    let request = Request {
        address: Bytes::copy_from_slice(address),
        keep_alive: args.short(2).unwrap_or_default(),
        clean_session: args.flag(3).unwrap_or_default(),
        user: given(4),
        password: given(5),
    };
    let server = match server(address) {
        Some(server) if request.user.is_some() || request.password.is_none() => server,
        _ => return s.fail(cx, "+CMQTTCONNECT", code::INVALID_PARAMETER),
    };
    match s.client(Need::NoConnection) {
        Err(code) => return s.fail(cx, "+CMQTTCONNECT", code),
        // Entered while checkUTF8 was off, which it no longer is.
        Ok(client)
            if client.settings.check_utf8
                && client.will().is_some_and(|will| !is_utf8(&will.topic)) =>
        {
            return s.fail(cx, "+CMQTTCONNECT", code::BAD_UTF8);
        }
        Ok(_) => {}
    }
    match s.open(cx, request, server) {
        Ok(()) if s.knobs.connect_sync_errors => Outcome::Wait,
        Ok(()) => Outcome::Ok,
        Err(code) => {
            // Accepted, and failed at once.
            s.ssl_context = None;
            let at = s.local_transition(cx);
            cx.urc_at(Channel::Client(0), at, format!("+CMQTTCONNECT: 0,{code}"));
            Outcome::Ok
        }
    }
}

impl SimCom {
    /// Starts opening; `Err` is the result that is known at once.
    fn open(
        &mut self,
        cx: &mut Context<'_>,
        request: Request,
        server: (String, u16),
    ) -> Result<(), u8> {
        let Some(client) = &self.client else {
            return Err(code::NOT_ACQUIRED);
        };
        let context = cx.radio.contexts().get(CONTEXT);
        let context = context.ok_or(code::SESSION_FAILED)?;
        // A context that is down stays down; one that came back with the
        // network is used again (docs/spec/simcom.md 6).
        if !context.has_bearer() || !cx.radio.activate(CONTEXT) {
            return Err(code::NETWORK_OPEN_FAILED);
        }
        let operation_timeout = client.operation_timeout();
        let mut longest = operation_timeout;
        let tls = if client.tls {
            let context = self.ssl_context.unwrap_or(0);
            let check_name = self.knobs.tls_verify_name;
            let settings = self
                .ssl
                .settings(cx, context, check_name)
                .map_err(|error| {
                    cx.note(format!("{error}"));
                    code::NO_CERTIFICATE
                })?;
            longest += settings.handshake_timeout;
            Some(Box::new(settings))
        } else {
            None
        };
        let (host, port) = server.clone();
        let link = cx.links.open(host, port, tls, operation_timeout);
        let connection = Connection {
            state: State::Opening,
            link,
            server,
            request,
            deadline: Some(cx.now + longest),
            holds_line: self.knobs.connect_sync_errors,
        };
        self.connecting(cx, connection);
        Ok(())
    }
}

impl Client {
    /// How the session connects.
    pub(super) fn connect_options(&self, knobs: &Knobs) -> Option<Options> {
        let request = &self.connection.as_ref()?.request;
        let timeout = self.operation_timeout();
        Some(Options {
            connect: ConnectFields {
                level: match knobs.mqtt_level {
                    MqttLevel::V31 => Level::V31,
                    MqttLevel::V311 => Level::V311,
                },
                clean_session: request.clean_session,
                keep_alive: request.keep_alive,
                client_id: self.id.clone(),
                will: self.will(),
                username: request.user.clone(),
                password: request.password.clone(),
            },
            connack_timeout: timeout,
            rules: Rules {
                resume: false,
                ping: PingRule::Once {
                    wait: request.keep_alive_span().min(timeout),
                },
                write_timeout: Some(timeout),
                limits: Limits {
                    topic: TOPIC,
                    payload: PAYLOAD,
                    ..Limits::default()
                },
                ..Rules::default()
            },
        })
    }
}

/// `tcp://host[:port]`, whatever the server type (docs/spec/simcom.md 8).
fn server(address: &[u8]) -> Option<(String, u16)> {
    let address = core::str::from_utf8(address).ok()?.strip_prefix("tcp://")?;
    let (host, port) = match address.strip_prefix('[') {
        Some(bracketed) => {
            let (host, rest) = bracketed.split_once(']')?;
            (
                host,
                rest.strip_prefix(':').or(rest.is_empty().then_some(""))?,
            )
        }
        None => match address.split_once(':') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (address, ""),
        },
    };
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '/' | '?' | '#');
    if host.is_empty() || !host.chars().all(plain) {
        return None;
    }
    let port = match port {
        "" => PORT,
        _ if !port.bytes().all(|b| b.is_ascii_digit()) => return None,
        _ => port.parse().ok().filter(|port| *port != 0)?,
    };
    Some((host.into(), port))
}

fn show(s: &mut SimCom, cx: &mut Context<'_>) -> Outcome {
    let mut line = cx.line("+CMQTTCONNECT").value(0);
    let connected = s.client.as_ref().filter(|client| client.is_connected());
    if let Some(connection) = connected.and_then(|client| client.connection.as_ref()) {
        let request = &connection.request;
        line = line
            .quoted(&request.address)
            .value(request.keep_alive)
            .value(u8::from(request.clean_session));
        for credential in request.user.iter().chain(&request.password) {
            line = line.quoted(credential);
        }
    }
    cx.reply(line);
    Outcome::Ok
}

/// 0 connected, 1 disconnected, as the manual has it.
fn show_state(s: &mut SimCom, cx: &mut Context<'_>) -> Outcome {
    let connected = s
        .client
        .as_ref()
        .is_some_and(|client| client.is_connected());
    cx.reply(format!("+CMQTTDISC: 0,{}", u8::from(!connected)));
    Outcome::Ok
}

fn disconnect(s: &mut SimCom, cx: &mut Context<'_>, args: &Args<'_>) -> Outcome {
    let seconds = args.int(1).unwrap_or(0);
    if (1..60).contains(&seconds) {
        return s.fail(cx, "+CMQTTDISC", code::INVALID_PARAMETER);
    }
    if s.client
        .as_ref()
        .is_some_and(|client| client.is_connecting())
    {
        return Outcome::Error;
    }
    if let Err(code) = s.client(Need::Connection) {
        return s.fail(cx, "+CMQTTDISC", code);
    }
    let timeout = Duration::from_secs(u64::from(seconds));
    s.disconnecting(cx, (seconds > 0).then_some(timeout));
    Outcome::Ok
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let good = |address: &str, host: &str, port| {
            assert_eq!(
                server(address.as_bytes()),
                Some((host.into(), port)),
                "{address}"
            );
        };
        good("tcp://test.mosquitto.org:1883", "test.mosquitto.org", 1883);
        good("tcp://h", "h", 1883);
        good("tcp://10.0.0.1:8883", "10.0.0.1", 8883);
        good("tcp://[::1]:1", "::1", 1);
        good("tcp://[fe80::1]", "fe80::1", 1883);
        for bad in [
            "mqtt://h",
            "ssl://h:1",
            "TCP://h",
            "h:1883",
            "tcp://",
            "tcp://:1",
            "tcp://h:",
            "tcp://h:0",
            "tcp://h:65536",
            "tcp://h:1x",
            "tcp://h:1/path",
            "tcp://h/",
            "tcp://h?q",
            "tcp://h:-1",
            "tcp://[::1",
            "tcp://[]:1",
            "tcp://h h",
        ] {
            assert_eq!(server(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(server(b"tcp://\xff"), None);
    }
}
