//! Yuge CLM920_RC3 and CLM920_AC3: `AT+IMQTT*` (docs/spec/yuge.md).
//!
//! Tables stand beside the handlers they name: [`config`] for what the host
//! sets beforehand, [`connection`], [`subscribe`], [`publish`] and [`receive`]
//! for the one connection there is, [`registration`] for what Alibaba Cloud
//! gives a device once. [`client`] is the life cycle of that connection,
//! [`settings`] what it is made with, [`alibaba`] which credentials those are;
//! [`base`] is for what host drivers send first.

mod alibaba;
mod base;
mod client;
mod config;
mod connection;
mod knobs;
mod ledger;
mod profile;
mod publish;
mod receive;
mod registration;
mod settings;
mod slots;
mod subscribe;
mod text;

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::command::{Args, Form, Spec, line};
use crate::config::Config;
use crate::handler::{Context, Dialect, Outcome, Refusal};
use crate::handler::{Row, dispatch};
use crate::io::{LinkId, NetEvent};
use crate::mqtt::packet::qos;
use crate::quirks::{
    BeforePrompt, ClosingQuote, Escapes, Millis, Prefix, QuirkError, QuirkInfo, Quirks,
};
use crate::radio::Change;
use crate::serial::DataEnd;
use crate::time::{Instant, earliest};
use client::Client;
pub(crate) use knobs::Knobs;
pub(crate) use ledger::LEDGER;
pub(crate) use profile::PROFILE;
pub(crate) use publish::PROMPT;
use registration::Registration;
use settings::Settings;

/// Settings of the shared layers (docs/spec/yuge.md section 2).
pub(crate) const QUIRKS: Quirks = Quirks {
    line_limit: 4096,
    // A line is one command: `ATE0V1` is an unknown name like any other.
    commands_per_line: 1,
    command_list: false,
    prefix: Prefix::Ignore,
    drop_stray_control: false,
    repeat_line: false,
    drop_nul: true,
    delete_is_backspace: true,
    spaces_in_names: true,
    partial_line_hold_ms: Millis(0),
    before_prompt: BeforePrompt::DropLineFeedNul,
    quoted_integers: true,
    integer_digits: 10,
    omission: false,
    escapes: Escapes::Quote,
    closing_quote: ClosingQuote::First,
    cmee_default: 0,
    ..Quirks::DEFAULT
};

/// PDP context everything uses.
const CONTEXT: u8 = 1;

/// The module.
pub(crate) struct Yuge {
    knobs: Knobs,
    settings: Settings,
    client: Client,
    registration: Registration,
    /// What AT+IMQTTPUBEX collects data for.
    entering: Option<Box<publish::Entry>>,
}

static TABLES: [&[Row<Yuge>]; 9] = [
    &config::ROWS,
    &connection::ROWS,
    &subscribe::ROWS,
    &publish::ROWS,
    &receive::ROWS,
    &registration::ROWS,
    &base::identity::ROWS,
    &base::network::ROWS,
    &base::context::ROWS,
];

/// Commands shared with every module.
static SHARED: [&[Row<()>]; 1] = [&base::SHARED];

/// Every command of the module.
pub(crate) fn describe() -> Vec<&'static Spec> {
    let mut specs = crate::handler::describe(&TABLES);
    specs.extend(crate::handler::describe(&SHARED));
    specs
}

type Run = fn(&mut Yuge, &mut Context<'_>, Form, &Args<'_>) -> Outcome;

const fn row(spec: Spec, run: Run) -> Row<Yuge> {
    Row { spec, run }
}

impl Yuge {
    pub(crate) fn new(_: &Config) -> Self {
        Self {
            knobs: Knobs::DEFAULT,
            settings: Settings::default(),
            client: Client::default(),
            registration: Registration::default(),
            entering: None,
        }
    }
}

impl Dialect for Yuge {
    /// Everything of MQTT is as at first but for what a registration saved
    /// (docs/spec/yuge.md 2.8).
    fn boot(&mut self, cx: &mut Context<'_>) {
        self.settings = Settings::default();
        self.client = Client::default();
        self.registration = Registration::saved(cx.storage);
        self.entering = None;
        base::boot(cx);
    }

    /// Sockets are dropped without a word (docs/spec/yuge.md section 8).
    fn power_off(&mut self, cx: &mut Context<'_>) {
        self.client.abort(cx);
        self.registration.abort(cx);
        self.entering = None;
    }

    fn call<'a>(
        &mut self,
        cx: &mut Context<'_>,
        command: &line::Command<'a>,
        rest: &mut &'a [u8],
    ) -> Outcome {
        dispatch(self, cx, &TABLES, &SHARED, command, rest)
    }

    fn data(&mut self, cx: &mut Context<'_>, end: DataEnd, data: Vec<u8>) -> Outcome {
        publish::entered(self, cx, end, data)
    }

    fn abandon_data(&mut self) {
        self.entering = None;
    }

    fn network(&mut self, cx: &mut Context<'_>, link: LinkId, event: &NetEvent<'_>) {
        if self.client.link() == Some(link) {
            self.client.network(cx, event);
        } else if self.registration.link() == Some(link) {
            self.registration.network(cx, event);
        }
    }

    fn radio(&mut self, cx: &mut Context<'_>, change: &Change) {
        match *change {
            Change::PdpDown { cid: CONTEXT, .. } => {
                self.client.lose_network(cx);
                self.registration.lose_network(cx);
            }
            Change::Registration { domain, stat } => base::network::report(cx, domain, stat),
            Change::PdpUp { .. } | Change::PdpDown { .. } | Change::Sim(_) => {}
        }
    }

    fn handle_timeout(&mut self, cx: &mut Context<'_>) {
        self.client.handle_timeout(cx);
        self.registration.handle_timeout(cx);
    }

    fn poll_timeout(&self) -> Option<Instant> {
        earliest(self.client.poll_timeout(), self.registration.poll_timeout())
    }

    /// A form that does not exist is as unknown as a command that does not;
    /// only arguments of base commands have an error number (docs/spec/yuge.md 2.1
    /// and 2.5).
    fn refuse(&mut self, _: &mut Context<'_>, refusal: Refusal) -> Outcome {
        match refusal {
            Refusal::Arguments { spec, .. } => spec.refusal.map_or(Outcome::Error, Outcome::Cme),
            _ => Outcome::Error,
        }
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
