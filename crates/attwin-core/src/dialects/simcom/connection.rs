//! `AT+CMQTTCONNECT` and `AT+CMQTTDISC` (docs/spec/simcom.md 3.8, 3.9 and 8).

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use core::time::Duration;

use bytes::Bytes;

use super::client::ConnectRequest;
use super::{CONTEXT, Failure, INDEX, Need, SimCom, code, index, is_utf8};
use crate::command::{Answer, Args, Field, Form, Meaning, Param, Spec};
use crate::handler::Row;
use crate::handler::shared::no_network;
use crate::handler::{Context, Outcome};
use crate::mqtt::client::Route;
use crate::reason::Reason;
use crate::serial::Channel;

/// Port of an address without one, whatever the server type
/// (docs/spec/simcom.md 8).
const PORT: u16 = 1883;

static CLEAN_SESSION: [Meaning; 2] = [
    Meaning::new(
        "0",
        "the server keeps subscriptions and messages over a loss",
    ),
    Meaning::new("1", "the server forgets everything with the connection"),
];
static DISC_STATES: [Meaning; 2] = [
    Meaning::new("0", "connected"),
    Meaning::new("1", "disconnected"),
];
static FIELDS: [Field; 3] = [
    Field::new("client_index", "the client; 0 is the only one"),
    Field::new("clean_session", "what the server keeps").values(&CLEAN_SESSION),
    Field::new("disc_state", "state of the client, read").values(&DISC_STATES),
];

pub(super) static ROWS: [Row<SimCom>; 2] = [
    Row::new(
        Spec::new(
            "+CMQTTCONNECT",
            "docs/spec/simcom.md 3.8",
            "connect to a server",
        )
        .test_lines(&["+CMQTTCONNECT: (0-0),(1-128),(1-64800),(0-1)[,<user_name>,<pass_word>]"])
        .answers(&[Answer::new("+CMQTTCONNECT: <client_index>[,\"<server_addr>\",<keepalive_time>,<clean_session>[,\"<user_name>\"[,\"<pass_word>\"]]]").fields(&FIELDS), Answer::new("+CMQTTCONNECT: <client_index>,<err>").fields(&code::FIELDS)])
        .read()
        .write(&[
            INDEX,
            Param::text("server_addr", 1, 128),
            Param::int("keepalive_time", 1, 64_800),
            Param::int("clean_session", 0, 1)
                .values(&CLEAN_SESSION)
                .optional(),
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
        .answers(&[Answer::new("+CMQTTDISC: <client_index>,<disc_state>").fields(&FIELDS), Answer::new("+CMQTTDISC: <client_index>,<err>").fields(&code::FIELDS)])
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

fn connect(s: &mut SimCom, cx: &mut Context<'_>, args: &Args<'_>) -> Outcome {
    let (index, address) = (index(args), args.text(1).unwrap_or_default());
    let fail = |cx: &mut Context<'_>, failure| super::fail(cx, "+CMQTTCONNECT", index, failure);
    if let Err(failure) = s.require_service() {
        return fail(cx, failure);
    }
    let given = |index| {
        let text = args.text(index).filter(|text| !text.is_empty());
        text.map(Bytes::copy_from_slice)
    };
    let request = ConnectRequest {
        address: Bytes::copy_from_slice(address),
        keep_alive: args.short(2).unwrap_or_default(),
        clean_session: args.flag(3).unwrap_or_default(),
        user: given(4),
        password: given(5),
    };
    let Some(server) = server(address) else {
        let cause = format!(
            "the server address \"{}\" is not tcp://host[:port]",
            address.escape_ascii()
        );
        let failure = Failure::new(code::INVALID_PARAMETER, cause);
        return fail(
            cx,
            failure.remedy("tcp:// stands before the host with TLS, too"),
        );
    };
    if request.user.is_none() && request.password.is_some() {
        let cause = "there is a password and no user name";
        return fail(cx, Failure::new(code::INVALID_PARAMETER, cause));
    }
    match s.client(index, Need::NoConnection) {
        Err(failure) => return fail(cx, failure),
        // Entered while checkUTF8 was off, which it no longer is.
        Ok((client, _))
            if client.settings.check_utf8
                && client.will().is_some_and(|will| !is_utf8(&will.topic)) =>
        {
            return fail(cx, Failure::bad_utf8("topic of the will"));
        }
        Ok(_) => {}
    }
    match s.open(cx, index, request, server) {
        Ok(()) if s.knobs.connect_sync_errors => Outcome::Wait,
        Ok(()) => Outcome::Ok,
        Err(Failure { code, reason }) => {
            // Accepted, and failed at once.
            s.clients[usize::from(index)].ssl_context = None;
            let at = s.local_transition(cx);
            let line = format!("+CMQTTCONNECT: {index},{code}");
            cx.urc_because(Channel::Client(index), at, line, reason);
            Outcome::Ok
        }
    }
}

impl SimCom {
    /// Starts opening; `Err` is the result that is known at once.
    fn open(
        &mut self,
        cx: &mut Context<'_>,
        index: u8,
        request: ConnectRequest,
        server: (String, u16),
    ) -> Result<(), Failure> {
        let client = &mut self.clients[usize::from(index)];
        let context = cx.radio.contexts().get(CONTEXT);
        let context = context.ok_or_else(|| {
            let cause = format!("the data context {CONTEXT} is not defined");
            let failure = Failure::new(code::SESSION_FAILED, cause);
            failure.remedy(format!("AT+CGDCONT={CONTEXT},\"IP\",\"<apn>\" defines it"))
        })?;
        // A context that is down stays down; one that came back with the
        // network is used again (docs/spec/simcom.md 6).
        if !context.has_bearer() || !cx.radio.activate(CONTEXT) {
            return Err(network_not_usable(cx));
        }
        let connect_timeout = client.operation_timeout();
        let mut limit = connect_timeout;
        let tls = if client
            .acquired
            .as_ref()
            .is_some_and(|acquired| acquired.tls)
        {
            let context = client.ssl_context.unwrap_or(0);
            let settings = self
                .ssl
                .settings(cx, context, &self.knobs)
                .map_err(|error| {
                    let failure = Failure::new(code::NO_CERTIFICATE, format!("{error}"));
                    failure.remedy("AT+CCERTDOWN stores a file, AT+CSSLCFG names it")
                })?;
            limit += settings.handshake_timeout;
            Some(Box::new(settings))
        } else {
            None
        };
        let route = Route {
            server,
            tls,
            connect_timeout,
            limit,
        };
        client.connect(cx, &self.knobs, route, request);
        Ok(())
    }
}

/// Why the data context cannot be used, as far as the module knows.
pub(super) fn network_not_usable(cx: &Context<'_>) -> Failure {
    let reason = if cx.radio.is_attached() {
        let cause = format!("the data context {CONTEXT} is not active");
        Reason::new(cause).remedy(format!("AT+CGACT=1,{CONTEXT} activates it"))
    } else {
        no_network(cx.radio)
    };
    Failure {
        code: code::NETWORK_OPEN_FAILED,
        reason,
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
    for client in &s.clients {
        let mut line = cx.line("+CMQTTCONNECT").value(client.index);
        let request = client.request.as_ref().filter(|_| client.is_connected());
        if let Some(request) = request {
            line = line
                .quoted(&request.address)
                .value(request.keep_alive)
                .value(u8::from(request.clean_session));
            for credential in request.user.iter().chain(&request.password) {
                line = line.quoted(credential);
            }
        }
        cx.reply(line);
    }
    Outcome::Ok
}

/// 0 connected, 1 disconnected, as the manual has it.
fn show_state(s: &mut SimCom, cx: &mut Context<'_>) -> Outcome {
    for client in &s.clients {
        let state = u8::from(!client.is_connected());
        cx.reply(format!("+CMQTTDISC: {},{state}", client.index));
    }
    Outcome::Ok
}

fn disconnect(s: &mut SimCom, cx: &mut Context<'_>, args: &Args<'_>) -> Outcome {
    let (index, seconds) = (index(args), args.int(1).unwrap_or(0));
    if let Err(failure) = s.require_service() {
        return super::fail(cx, "+CMQTTDISC", index, failure);
    }
    if (1..60).contains(&seconds) {
        let cause = format!("<timeout> {seconds} is neither 0 nor 60 to 180");
        let failure = Failure::new(code::INVALID_PARAMETER, cause);
        return super::fail(cx, "+CMQTTDISC", index, failure);
    }
    if s.clients[usize::from(index)].is_connecting() {
        let cause = format!("client {index} is still connecting");
        let remedy = format!("wait for +CMQTTCONNECT: {index},<err>");
        return Outcome::error(Reason::new(cause).remedy(remedy));
    }
    match s.client(index, Need::Connection) {
        Err(failure) => super::fail(cx, "+CMQTTDISC", index, failure),
        Ok((client, knobs)) => {
            let timeout = Duration::from_secs(u64::from(seconds));
            client.disconnect(cx, knobs, (seconds > 0).then_some(timeout));
            Outcome::Ok
        }
    }
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
