//! `AT+QMTOPEN`, `AT+QMTCLOSE`, `AT+QMTCONN`, `AT+QMTDISC`
//! (docs/spec/quectel.md 3.2 to 3.5).

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;

use bytes::Bytes;

use super::Quectel;
use super::client::open;
use crate::command::{Args, Form, Param, Spec};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::mqtt::client::Phase;
use crate::mqtt::packet::ConnectFields;
use crate::serial::Channel;

const INDEX: Param = Param::int("client_idx", 0, 5);

pub(super) static ROWS: [Row<Quectel>; 4] = [
    Row {
        spec: Spec::new(
            "+QMTOPEN",
            "docs/spec/quectel.md 3.2",
            "open a network connection",
        )
        .test_lines(&[r#"+QMTOPEN: (0-5),"host_name",(1-65535)"#])
        .read()
        .write(&[
            INDEX,
            Param::text("host_name", 1, 100),
            Param::int("port", 1, 65535),
        ])
        .max_ms(120_000)
        .example(r#"+QMTOPEN=0,"broker.example",1883"#),
        run: open,
    },
    Row {
        spec: Spec::new(
            "+QMTCLOSE",
            "docs/spec/quectel.md 3.3",
            "close a network connection",
        )
        .test_lines(&["+QMTCLOSE: (0-5)"])
        .write(&[INDEX])
        .max_ms(30_000)
        .example("+QMTCLOSE=0"),
        run: close,
    },
    Row {
        spec: Spec::new(
            "+QMTCONN",
            "docs/spec/quectel.md 3.4",
            "connect a client to the server",
        )
        .test_lines(&[r#"+QMTCONN: (0-5),"clientid","username","password""#])
        .read()
        .write(&[
            INDEX,
            Param::text("clientid", 0, 256),
            Param::text("username", 0, 512).optional(),
            Param::text("password", 0, 512).optional(),
        ])
        .max_settings("pkt_timeout, 5 s by default")
        .example(r#"+QMTCONN=0,"clientExample""#),
        run: connect,
    },
    Row {
        spec: Spec::new(
            "+QMTDISC",
            "docs/spec/quectel.md 3.5",
            "disconnect a client from the server",
        )
        .test_lines(&["+QMTDISC: (0-5)"])
        .write(&[INDEX])
        .max_ms(30_000)
        .example("+QMTDISC=0"),
        run: disconnect,
    },
];

fn open(q: &mut Quectel, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        for client in q.clients.iter().filter(|client| client.is_listed()) {
            let (index, (host, port)) = (client.index(), client.server());
            cx.reply(format!("+QMTOPEN: {index},\"{host}\",{port}"));
        }
        return Outcome::Ok;
    }
    let (Some(index), Some(host), Some(port)) = (args.byte(0), args.text(1), args.short(2)) else {
        return Outcome::Error;
    };
    if let Err(result) = q.try_open(cx, index, host, port) {
        let not_before = cx.now + cx.delay(q.knobs.result_urc_delay_ms);
        let line = format!("+QMTOPEN: {index},{result}");
        cx.urc_at(Channel::Client(index), not_before, line);
    }
    Outcome::Ok
}

impl Quectel {
    /// Starts opening; `Err` is the result that is known at once.
    fn try_open(
        &mut self,
        cx: &mut Context<'_>,
        index: u8,
        host: &[u8],
        port: u16,
    ) -> Result<(), i8> {
        let client = &mut self.clients[usize::from(index)];
        if client.phase() != Phase::Closed {
            return Err(open::OCCUPIED);
        }
        let host = host_name(host).ok_or(open::WRONG_PARAMETER)?;
        if !cx.radio.activate(client.settings.pdp_context) {
            return Err(open::PDP_FAILED);
        }
        let tls = if client.settings.tls {
            let settings = self
                .ssl
                .settings(cx, client.settings.tls_context)
                .map_err(|error| {
                    cx.note(format!("client {index}: {error}"));
                    open::FAILED
                })?;
            Some(Box::new(settings))
        } else {
            None
        };
        client.open(cx, &self.knobs, (host, port), tls);
        Ok(())
    }
}

/// A host name or address without scheme, blanks or control bytes
/// (docs/spec/quectel.md 3.2, result 1).
fn host_name(host: &[u8]) -> Option<String> {
    let host = core::str::from_utf8(host).ok()?;
    let plain = !host.contains("://") && !host.chars().any(|c| c.is_whitespace() || c.is_control());
    plain.then(|| host.into())
}

fn close(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let Some(index) = args.int(0) else {
        return Outcome::Error;
    };
    let client = &mut q.clients[index as usize];
    if !client.is_listed() {
        return Outcome::Error;
    }
    client.close(cx, &q.knobs);
    Outcome::Ok
}

fn connect(q: &mut Quectel, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        for client in q.clients.iter().filter(|client| client.is_listed()) {
            let state = match client.phase() {
                Phase::Connecting => 2,
                Phase::Connected => 3,
                Phase::Disconnecting => 4,
                Phase::Closed | Phase::Opening | Phase::Open => 1,
            };
            cx.reply(format!("+QMTCONN: {},{state}", client.index()));
        }
        return Outcome::Ok;
    }
    let (Some(index), Some(client_id)) = (args.int(0), args.text(1)) else {
        return Outcome::Error;
    };
    let given = |i| args.text(i).map(Bytes::copy_from_slice);
    let (username, password) = (given(2), given(3));
    if password.is_some() && username.is_none() {
        return Outcome::Error;
    }
    let client = &mut q.clients[index as usize];
    if client.phase() != Phase::Open {
        return Outcome::Error;
    }
    let settings = &client.settings;
    let mut fields = ConnectFields {
        level: settings.version,
        clean_session: settings.clean_session,
        keep_alive: settings.keep_alive,
        client_id: Bytes::copy_from_slice(client_id),
        will: settings.will.clone(),
        username,
        password,
    };
    if fields.username.is_none()
        && !fields.client_id.contains(&b'|')
        && let Some(auth) = &settings.ali_auth
    {
        auth.sign(cx, &q.knobs, client.uses_tls(), &mut fields);
    }
    match client.connect(cx, &q.knobs, fields) {
        Ok(()) => Outcome::Ok,
        Err(_) => Outcome::Error,
    }
}

fn disconnect(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let Some(index) = args.int(0) else {
        return Outcome::Error;
    };
    let client = &mut q.clients[index as usize];
    if !client.is_connected() {
        return Outcome::Error;
    }
    client.disconnect(cx, &q.knobs);
    Outcome::Ok
}
