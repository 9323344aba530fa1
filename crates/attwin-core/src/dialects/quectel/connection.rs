//! `AT+QMTOPEN`, `AT+QMTCLOSE`, `AT+QMTCONN`, `AT+QMTDISC`
//! (docs/spec/quectel.md 3.2 to 3.5).

use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString as _};

use bytes::Bytes;

use super::Quectel;
use super::client::open;
use super::codes::{CLIENT, CONN_STATE};
use super::refused::{Failure, Needs};
use crate::command::{Answer, Args, Field, Form, Param, Spec};
use crate::handler::Row;
use crate::handler::shared::no_context;
use crate::handler::{Context, Outcome};
use crate::mqtt::client::Phase;
use crate::mqtt::packet::ConnectFields;
use crate::reason::Reason;

const INDEX: Param = Param::int("client_idx", 0, 5);

pub(super) static ROWS: [Row<Quectel>; 4] = [
    Row {
        spec:
            Spec::new(
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
            .answers(
                &const {
                    [
                        Answer::new("+QMTOPEN: <client_idx>,\"<host_name>\",<port>")
                            .fields(&CLIENT),
                    ]
                },
            )
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
        .answers(
            &const {
                [Answer::new("+QMTCONN: <client_idx>,<state>").fields(
                    &const {
                        [
                            CLIENT[0],
                            Field::new("state", "where it is").values(&CONN_STATE),
                        ]
                    },
                )]
            },
        )
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
    let index = args.byte(0).unwrap_or_default();
    let host = args.text(1).unwrap_or_default();
    let port = args.short(2).unwrap_or_default();
    if let Err(failure) = q.try_open(cx, index, host, port) {
        q.clients[usize::from(index)].open_failed(cx, &q.knobs, failure);
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
    ) -> Result<(), Failure<i8>> {
        let client = &mut self.clients[usize::from(index)];
        if client.phase() != Phase::Closed {
            let (host, port) = client.server();
            let cause = format!("client {index} has a connection to {host} port {port}");
            let reason = Reason::new(cause).remedy("AT+QMTCLOSE closes it");
            return Err(Failure::new(open::OCCUPIED, reason));
        }
        let host = host_name(host).ok_or_else(|| {
            let reason = Reason::new("<host_name> is no name and no address")
                .remedy("write it without a scheme such as mqtt://, and without spaces");
            Failure::new(open::WRONG_PARAMETER, reason)
        })?;
        let cid = client.settings.pdp_context;
        if !cx.radio.activate(cid) {
            return Err(Failure::new(open::PDP_FAILED, no_context(cx.radio, cid)));
        }
        let tls = if client.settings.tls {
            let settings = self.ssl.settings(cx, client.settings.tls_context);
            let settings = settings
                .map_err(|error| Failure::new(open::FAILED, Reason::new(error.to_string())))?;
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
    let client = &mut q.clients[args.int(0).unwrap_or_default() as usize];
    if let Err(reason) = client.check(Needs::Link) {
        return Outcome::error(reason);
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
    let client_id = args.text(1).unwrap_or_default();
    let given = |i| args.text(i).map(Bytes::copy_from_slice);
    let (username, password) = (given(2), given(3));
    if password.is_some() && username.is_none() {
        let reason = Reason::new("there is a password and no user name");
        return Outcome::error(reason.remedy("MQTT has no password without a user name"));
    }
    let client = &mut q.clients[args.int(0).unwrap_or_default() as usize];
    if let Err(reason) = client.check(Needs::Open) {
        return Outcome::error(reason);
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
        Err(error) => {
            let cause = format!("CONNECT cannot be made of this: {error}");
            Outcome::error(Reason::new(cause))
        }
    }
}

fn disconnect(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let client = &mut q.clients[args.int(0).unwrap_or_default() as usize];
    if let Err(reason) = client.check(Needs::Connected) {
        return Outcome::error(reason);
    }
    client.disconnect(cx, &q.knobs);
    Outcome::Ok
}
