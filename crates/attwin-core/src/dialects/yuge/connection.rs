//! `AT+IMQTTCONN`, `AT+IMQTTDISCONN` and `AT+IMQTTSTATE` (docs/spec/yuge.md 3.7, 3.8
//! and 3.14).

use alloc::boxed::Box;
use alloc::string::String;
use core::num::NonZeroU16;
use core::time::Duration;

use super::alibaba::Login;
use super::refused::Refused;
use super::result::{Connection, Ending, report};
use super::settings::Settings;
use super::{CONTEXT, Yuge};
use crate::command::{Answer, Args, Field, Form, Meaning, Spec, Test};
use crate::handler::Row;
use crate::handler::shared::unusable_context;
use crate::handler::{Context, Outcome};
use crate::mqtt::client::Route;
use crate::mqtt::packet::ConnectFields;
use crate::mqtt::session::{Limits, Options, PingRule, Rules};
use crate::reason::Reason;
use crate::tls::TlsSettings;

/// How long name resolution, TCP and TLS may take together
/// (docs/spec/yuge.md 7.1).
const OPEN_LIMIT: Duration = Duration::from_secs(10);
/// How long PINGRESP may take (docs/spec/yuge.md 7.1).
const PING_LIMIT: Duration = Duration::from_secs(10);
/// Identifier of a connection's first request (docs/spec/yuge.md 7.2).
const FIRST_ID: Option<NonZeroU16> = NonZeroU16::new(2);
/// Signal strength below which a connection has a poor signal
/// (docs/spec/yuge.md 3.14).
const GOOD_SIGNAL: u8 = 10;
/// Signal strength when it is not known.
const NO_SIGNAL: u8 = 99;

static STATES: [Meaning; 3] = [
    Meaning::new("0", "not connected"),
    Meaning::new("1", "connected, and the signal is poor").when("AT+CSQ says less than 10, or 99"),
    Meaning::new("2", "connected, and the signal is good"),
];

pub(super) static ROWS: [Row<Yuge>; 3] = [
    Row::new(
        Spec::new("+IMQTTCONN", "docs/spec/yuge.md 3.7", "connect")
            .test(Test::Ok)
            .execute()
            .max_settings("10 s for the network, then TIMEOUT for CONNACK"),
        |s, cx, _, _| connect(s, cx),
    ),
    Row::new(
        Spec::new("+IMQTTDISCONN", "docs/spec/yuge.md 3.8", "disconnect")
            .test(Test::Ok)
            .execute(),
        |s, cx, _, _| {
            if s.registration.is_running() {
                return Refused::Registering.into();
            }
            if s.client.is_idle() {
                return Refused::NothingToDisconnect.into();
            }
            s.client.disconnect(cx);
            Outcome::Ok
        },
    ),
    Row::new(
        Spec::new(
            "+IMQTTSTATE",
            "docs/spec/yuge.md 3.14",
            "state of the connection",
        )
        .test(Test::Ok)
        .read()
        .answers(&[Answer::new("+IMQTTSTATE:<state>")
            .fields(&const { [Field::new("state", "of connection and signal").values(&STATES)] })])
        .example("+IMQTTSTATE?"),
        state,
    ),
];

fn connect(s: &mut Yuge, cx: &mut Context<'_>) -> Outcome {
    if s.client.is_connected() {
        report(cx, Connection::Stands);
        return Outcome::Ok;
    }
    if s.registration.is_running() {
        return Refused::Registering.into();
    }
    if !s.client.is_idle() {
        return Refused::Connecting.into();
    }
    let login = match s.settings.login() {
        Ok(login) => login,
        Err(refused) => return refused.into(),
    };
    if let Some(reason) = reach_network(cx) {
        report(cx, Connection::Ended(Ending::Failed(reason)));
        return Outcome::Ok;
    }
    let options = Box::new(s.settings.options(&login));
    let route = route(cx, login.server, s.settings.tls);
    s.client.connect(cx, route, options);
    Outcome::Ok
}

/// Why the network cannot be reached: the module has to be registered and
/// attached, and its context active (docs/spec/yuge.md 10.3). A connection then uses that context.
pub(super) fn reach_network(cx: &mut Context<'_>) -> Option<Reason> {
    let reason = unusable_context(cx.radio, CONTEXT);
    if reason.is_none() {
        cx.radio.activate(CONTEXT);
    }
    reason
}

/// How a server is reached. Its certificate is not verified
/// (docs/spec/yuge.md 3.1).
pub(super) fn route(cx: &Context<'_>, server: (String, u16), over_tls: bool) -> Route {
    let now = cx.clock.unix_ms(cx.now);
    let tls = over_tls.then(|| Box::new(TlsSettings::unverified(OPEN_LIMIT, now)));
    Route {
        server,
        tls,
        connect_timeout: OPEN_LIMIT,
        limit: OPEN_LIMIT,
    }
}

impl Settings {
    /// How the session connects with what is set now.
    fn options(&self, login: &Login) -> Options {
        let parameters = &self.parameters;
        Options {
            connect: ConnectFields {
                level: parameters.level,
                clean_session: parameters.clean_session,
                keep_alive: u16::from(parameters.keep_alive),
                client_id: login.client_id.clone(),
                will: self.will.as_ref().map(|setting| setting.will.clone()),
                username: login.user.clone(),
                password: login.password.clone(),
            },
            connack_timeout: parameters.timeout(),
            rules: Rules {
                resume: false,
                first_id: FIRST_ID,
                release_abandoned: true,
                ping: PingRule::Once { wait: PING_LIMIT },
                limits: Limits::default(),
                ..Rules::default()
            },
        }
    }
}

fn state(s: &mut Yuge, cx: &mut Context<'_>, _: Form, _: &Args<'_>) -> Outcome {
    let state = match cx.radio.rssi() {
        _ if !s.client.is_connected() => 0,
        NO_SIGNAL | 0..GOOD_SIGNAL => 1,
        _ => 2,
    };
    cx.reply(alloc::format!("+IMQTTSTATE:{state}"));
    Outcome::Ok
}
