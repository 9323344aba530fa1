//! SIMCom SIM7028: `AT+CMQTT*` (docs/spec/simcom.md).
//!
//! Tables stand beside the handlers they name: [`service`] for the service all
//! else needs, [`acquire`] for a client before it connects, [`connection`],
//! [`subscribe`] and [`publish`] for what it does then. [`client`] is what a
//! client holds, [`life_cycle`] what becomes of it and [`results`] what it says of
//! that, [`failure`] why something failed, [`receive`] what inbound messages look
//! like, [`entry`] what data entry leads to; [`ssl`], [`certificate`] and [`files`]
//! are for TLS, [`base`] is for what host drivers send first.

mod acquire;
mod base;
mod certificate;
mod client;
mod code;
mod connection;
mod entry;
mod failure;
mod family;
mod files;
mod knobs;
mod ledger;
mod life_cycle;
mod profile;
mod publish;
mod receive;
mod results;
mod service;
mod ssl;
mod subscribe;

use alloc::format;
use alloc::vec::Vec;

use crate::command::{ArgError, Args, Form, Meaning, Param, Spec, line};
use crate::handler::{
    Context, Dialect, ErrorCode, Outcome, Profile, Refusal, Speak, Tables, boot, dispatch,
};
use crate::io::{LinkId, NetEvent};
use crate::mqtt::packet::qos;
use crate::quirks::{QuirkError, QuirkInfo};
use crate::radio::Change;
use crate::serial::DataEnd;
use crate::time::{Instant, earliest};
use client::Client;
use failure::{Failure, fail};
pub(crate) use family::FAMILY;
use knobs::Knobs;
use profile::Own;

/// PDP context the service uses: the one NB-IoT has (docs/spec/simcom.md 10).
const CONTEXT: u8 = 0;

/// The highest index of a client.
const LAST_CLIENT: u32 = profile::CLIENTS as u32 - 1;
/// Which client a command is for.
const INDEX: Param = Param::int("client_index", 0, LAST_CLIENT);
const QOS: Param = Param::int("qos", 0, 2).values(&QOS_MEANINGS);
static QOS_MEANINGS: [Meaning; 3] = [
    Meaning::new("0", "at most once"),
    Meaning::new("1", "at least once"),
    Meaning::new("2", "exactly once"),
];

/// The module.
pub(crate) struct SimCom {
    profile: &'static Profile<Self>,
    knobs: Knobs,
    /// The service was started.
    started: bool,
    clients: Vec<Client>,
    ssl: ssl::Contexts,
    base: base::Base,
    /// Which command waits for the data being entered.
    entering: Option<entry::Entry>,
    /// The client index that the arguments of the last command begin with.
    addressed: u32,
}

/// What a command needs of its client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// That it is acquired and not busy.
    Anything,
    /// That it is not connected.
    NoConnection,
    /// That it is connected.
    Connection,
}

impl Speak for SimCom {
    type Own = Own;

    const TABLES: Tables<Self> = Tables {
        own: &[
            &service::ROWS,
            &acquire::ROWS,
            &connection::ROWS,
            &publish::ROWS,
            &subscribe::ROWS,
            &ssl::ROWS,
            &certificate::ROWS,
            &base::identity::ROWS,
            &base::registration::ROWS,
            &base::context::ROWS,
            &base::network::ROWS,
            &base::power::ROWS,
            &base::time::ROWS,
            &base::sockets::ROWS,
        ],
        shared: &[&base::SHARED],
    };

    fn new(profile: &'static Profile<Self>) -> Self {
        Self {
            profile,
            knobs: profile.own.knobs.clone(),
            started: false,
            clients: clients(profile),
            ssl: ssl::Contexts::default(),
            base: base::Base::default(),
            entering: None,
            addressed: 0,
        }
    }
}

/// The client a command is for: its first argument.
fn index(args: &Args<'_>) -> u8 {
    args.byte(0).unwrap_or_default()
}

/// Every client, not acquired.
fn clients(profile: &Profile<SimCom>) -> Vec<Client> {
    (0..profile.own.clients).map(Client::new).collect()
}

/// Whether a command refuses arguments with a result code; settings are ERROR
/// alone, whatever is wrong (docs/spec/simcom.md 2.7).
fn says_codes(spec: &Spec) -> bool {
    spec.name.starts_with("+CMQTT") && !matches!(spec.name, "+CMQTTSSLCFG" | "+CMQTTCFG")
}

/// Well-formed UTF-8 without U+0000 (docs/spec/simcom.md 3.17).
fn is_utf8(text: &[u8]) -> bool {
    core::str::from_utf8(text).is_ok_and(|text| !text.contains('\0'))
}

impl SimCom {
    /// The service all client commands need.
    fn require_service(&self) -> Result<(), Failure> {
        if self.started {
            return Ok(());
        }
        let cause = "the MQTT service is not started";
        let failure = Failure::new(code::NETWORK_NOT_OPENED, cause);
        Err(failure.remedy("AT+CMQTTSTART and its result +CMQTTSTART: 0 come first"))
    }

    /// A client, if it is as a command needs it, and the switches it goes by;
    /// checks 3 and 7 to 9 of docs/spec/simcom.md 2.7.
    fn client(&mut self, index: u8, need: Need) -> Result<(&mut Client, &Knobs), Failure> {
        self.require_service()?;
        let client = self.clients.get_mut(usize::from(index));
        let client = client.ok_or_else(|| Failure::no_such_client(index))?;
        if client.acquired.is_none() {
            return Err(Failure::not_acquired(index));
        }
        if client.is_busy() {
            return Err(client.busy());
        }
        match need {
            Need::Connection if !client.is_connected() => Err(Failure::no_connection(index)),
            Need::NoConnection if client.is_connected() => Err(Failure::connected(index)),
            _ => Ok((client, &self.knobs)),
        }
    }

    /// The PDP context went down, or the module does.
    fn lose_network(&mut self, cx: &mut Context<'_>) {
        for client in &mut self.clients {
            client.lose_network(cx, &self.knobs);
        }
    }

    /// Begins what needs no answer from outside: returns when its result is
    /// said, before which no command is looked at (docs/spec/simcom.md 6).
    fn local_transition(&self, cx: &mut Context<'_>) -> Instant {
        let at = cx.now + cx.delay(self.knobs.urc_delay_ms);
        cx.hold_commands(at);
        at
    }
}

impl Dialect for SimCom {
    fn boot(&mut self, cx: &mut Context<'_>) {
        self.started = false;
        self.clients = clients(self.profile);
        self.ssl = ssl::Contexts::default();
        self.entering = None;
        self.base.boot(cx);
        boot::start_slowly(cx, self.profile.boot);
        boot::say(cx, self.profile.boot);
    }

    /// The loss is said as far as there is power to say it (docs/spec/simcom.md 6).
    fn power_off(&mut self, cx: &mut Context<'_>) {
        self.lose_network(cx);
        self.base.power_off(cx);
        self.entering = None;
    }

    fn call<'a>(
        &mut self,
        cx: &mut Context<'_>,
        command: &line::Command<'a>,
        rest: &mut &'a [u8],
    ) -> Outcome {
        self.base.touch(cx);
        if let Some(reason) = base::call::refused(command) {
            return Outcome::error(reason);
        }
        let digits = command.arguments.iter().take_while(|byte| **byte != b',');
        let digits = digits.filter(|byte| byte.is_ascii_digit());
        self.addressed = digits.fold(0, |index: u32, byte| {
            index
                .saturating_mul(10)
                .saturating_add(u32::from(byte - b'0'))
        });
        let outcome = dispatch(self, cx, &self.profile.amendments, command, rest);
        // By what it has just been told of sleep.
        self.base.touch(cx);
        outcome
    }

    fn data(&mut self, cx: &mut Context<'_>, end: DataEnd, data: Vec<u8>) -> Outcome {
        self.base.touch(cx);
        self.entered(cx, end, data)
    }

    fn abandon_data(&mut self) {
        self.entering = None;
    }

    fn network(&mut self, cx: &mut Context<'_>, link: LinkId, event: &NetEvent<'_>) {
        self.base.touch(cx);
        let mut clients = self.clients.iter_mut();
        match clients.find(|client| client.mqtt.link() == Some(link)) {
            Some(client) => client.network(cx, &self.knobs, event),
            None => self.base.network(cx, &self.knobs, link, event),
        }
    }

    fn radio(&mut self, cx: &mut Context<'_>, change: &Change) {
        if matches!(change, Change::PdpDown { cid: CONTEXT, .. }) {
            self.lose_network(cx);
        }
        self.base.radio(cx, change);
    }

    fn handle_timeout(&mut self, cx: &mut Context<'_>) {
        for client in &mut self.clients {
            if client.poll_timeout().is_some_and(|at| at <= cx.now) {
                self.base.touch(cx);
                client.handle_timeout(cx, &self.knobs);
            }
        }
        let busy = self.entering.is_some() || self.clients.iter().any(Client::is_busy);
        self.base.handle_timeout(cx, busy);
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let deadlines = self.clients.iter().map(Client::poll_timeout);
        earliest(deadlines.flatten().min(), self.base.poll_timeout())
    }

    /// Without the service read forms and settings are ERROR alone; write forms
    /// are read first and then refused with a code (checks 2 and 3 of
    /// docs/spec/simcom.md 2.7).
    fn admit(&mut self, _: &mut Context<'_>, spec: &'static Spec, form: Form) -> Option<Outcome> {
        let has_code = form == Form::Write && says_codes(spec) && !self.knobs.stopped_error_alone;
        let needs_service = spec.name.starts_with("+CMQTT")
            && !matches!(spec.name, "+CMQTTSTART" | "+CMQTTSTOP")
            && form != Form::Test
            && !has_code;
        let refused = self.require_service().err().filter(|_| needs_service)?;
        Some(Outcome::error(refused.reason))
    }

    /// Checks 2 to 6 of docs/spec/simcom.md 2.7.
    fn refuse(&mut self, cx: &mut Context<'_>, refusal: &Refusal) -> ErrorCode {
        let Refusal::Arguments { spec, error } = refusal else {
            return ErrorCode::Plain;
        };
        if !says_codes(spec) {
            return ErrorCode::of(spec);
        }
        let name = spec.name;
        match error {
            ArgError::Range { .. } | ArgError::Length { .. } if !self.started => {
                let (index, code) = (self.addressed, code::NETWORK_NOT_OPENED);
                cx.reply(format!("{name}: {index},{code}"));
            }
            ArgError::Range { index: 0, value } => {
                cx.reply(format!("{name}: {value},{}", code::INDEX));
            }
            ArgError::Range { .. } => {
                cx.reply(format!(
                    "{name}: {},{}",
                    self.addressed,
                    code::INVALID_PARAMETER
                ));
            }
            ArgError::Length { .. } => {
                cx.reply(format!("{name}: {},{}", self.addressed, code::LENGTH));
            }
            ArgError::Syntax | ArgError::Missing | ArgError::TooMany => {}
        }
        ErrorCode::Plain
    }

    fn cme_text(&self, code: u16) -> Option<&'static str> {
        base::cme_text(code)
    }

    fn set_quirk(&mut self, name: &str, value: &str) -> Result<(), QuirkError> {
        self.knobs.set(name, value)
    }

    fn quirks(&self) -> Vec<QuirkInfo> {
        self.knobs.describe()
    }
}
