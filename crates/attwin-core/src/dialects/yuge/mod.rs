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
mod family;
mod knobs;
mod ledger;
mod meaning;
mod profile;
mod publish;
mod receive;
mod refused;
mod registration;
mod result;
mod settings;
mod slots;
mod subscribe;
mod text;

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::command::line;
use crate::handler::shared::{restore_settings, unusable_context};
use crate::handler::{
    Context, Dialect, ErrorCode, Outcome, Profile, Refusal, Speak, Tables, boot, dispatch,
};
use crate::io::{LinkId, NetEvent};
use crate::mqtt::packet::qos;
use crate::quirks::{QuirkError, QuirkInfo};
use crate::radio::Change;
use crate::reason::Reason;
use crate::serial::DataEnd;
use crate::time::{Instant, earliest};
use client::Client;
pub(crate) use family::FAMILY;
use knobs::Knobs;
use registration::Registration;
use settings::Settings;

/// PDP context everything uses.
const CONTEXT: u8 = 1;

/// The module.
pub(crate) struct Yuge {
    profile: &'static Profile<Self>,
    knobs: Knobs,
    settings: Settings,
    client: Client,
    registration: Registration,
    /// What AT+IMQTTPUBEX collects data for.
    entering: Option<Box<publish::Entry>>,
}

impl Speak for Yuge {
    type Own = Knobs;

    const TABLES: Tables<Self> = Tables {
        own: &[
            &config::ROWS,
            &connection::ROWS,
            &subscribe::ROWS,
            &publish::ROWS,
            &receive::ROWS,
            &registration::ROWS,
            &base::identity::ROWS,
            &base::network::ROWS,
            &base::context::ROWS,
        ],
        shared: &[&base::SHARED],
    };

    fn new(profile: &'static Profile<Self>) -> Self {
        Self {
            profile,
            knobs: profile.own.clone(),
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
        self.client.messages_first = self.knobs.messages_before_suback;
        self.registration = Registration::saved(cx.storage);
        self.entering = None;
        restore_settings(cx);
        boot::start_slowly(cx, self.profile.boot);
        boot::say(cx, self.profile.boot);
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
        let amendments = &self.profile.amendments;
        dispatch(self, cx, amendments, command, rest)
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
                let why = unusable_context(cx.radio, CONTEXT);
                let why = why.unwrap_or_else(|| Reason::new("the PDP context went down"));
                self.client.lose_network(cx, why.clone());
                self.registration.lose_network(cx, why);
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
    fn refuse(&mut self, _: &mut Context<'_>, refusal: &Refusal) -> ErrorCode {
        match refusal {
            Refusal::Arguments { spec, .. } => ErrorCode::of(spec),
            _ => ErrorCode::Plain,
        }
    }

    fn cme_text(&self, code: u16) -> Option<&'static str> {
        base::cme_text(code)
    }

    fn set_quirk(&mut self, name: &str, value: &str) -> Result<(), QuirkError> {
        self.knobs.set(name, value)?;
        self.client.messages_first = self.knobs.messages_before_suback;
        Ok(())
    }

    fn quirks(&self) -> Vec<QuirkInfo> {
        self.knobs.describe()
    }
}
