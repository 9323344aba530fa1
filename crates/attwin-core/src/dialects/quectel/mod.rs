//! Quectel LTE Standard: `AT+QMT*` (docs/spec/quectel.md).
//!
//! Tables stand beside the handlers they name: [`config`] for AT+QMTCFG,
//! [`connection`], [`subscribe`], [`publish`] and [`receive`] for what a client
//! does, [`client`] for its life cycle, [`ssl`] and [`mod@file`] for certificates,
//! [`base`] for what host drivers send first.

mod ali_auth;
mod base;
mod bg95;
mod client;
mod codes;
mod config;
mod connection;
mod family;
mod file;
mod knobs;
mod ledger;
mod profile;
mod publish;
mod receive;
mod refused;
mod settings;
mod slots;
mod ssl;
mod subscribe;

use alloc::vec::Vec;

use crate::command::line;
use crate::handler::{
    Context, Dialect, ErrorCode, Outcome, Profile, Refusal, Speak, Tables, boot, dispatch,
};
use crate::io::{LinkId, NetEvent};
use crate::quirks::{QuirkError, QuirkInfo};
use crate::radio::{Change, Power};
use crate::reason::Reason;
use crate::serial::{Channel, DataEnd};
use crate::time::{Instant, earliest};
use client::Client;
pub(crate) use family::FAMILY;
use knobs::Knobs;
use profile::Own;

/// MQTT clients of one module (docs/spec/quectel.md section 3).
const CLIENTS: usize = 6;

/// One module of the family.
pub(crate) struct Quectel {
    profile: &'static Profile<Self>,
    knobs: Knobs,
    clients: [Client; CLIENTS],
    files: file::OpenFiles,
    ssl: ssl::Contexts,
    base: base::Base,
    /// Which command waits for the data being entered.
    entering: Option<Entering>,
}

/// A command that waits for data.
#[derive(Debug)]
enum Entering {
    /// A publish.
    Publish(publish::PublishEntry),
    /// `AT+QMTCFG="willex"`.
    Will(config::WillEntry),
    /// A file command.
    File(file::Transfer),
}

impl Speak for Quectel {
    type Own = Own;

    const TABLES: Tables<Self> = Tables {
        own: &[
            &config::ROWS,
            &connection::ROWS,
            &subscribe::ROWS,
            &publish::ROWS,
            &receive::ROWS,
            &ssl::ROWS,
            &file::ROWS,
            &file::handle::ROWS,
            base::TABLES[0],
            base::TABLES[1],
            base::TABLES[2],
            base::TABLES[3],
            base::TABLES[4],
            base::TABLES[5],
            base::TABLES[6],
        ],
        shared: &[&base::SHARED],
    };

    fn new(profile: &'static Profile<Self>) -> Self {
        Self {
            profile,
            knobs: profile.own.knobs.clone(),
            clients: [0, 1, 2, 3, 4, 5].map(Client::new),
            files: file::OpenFiles::default(),
            ssl: ssl::Contexts::default(),
            base: base::Base::default(),
            entering: None,
        }
    }
}

impl Dialect for Quectel {
    fn boot(&mut self, cx: &mut Context<'_>) {
        self.files = file::OpenFiles::default();
        self.ssl = ssl::Contexts::default();
        self.entering = None;
        boot::start_slowly(cx, self.profile.boot);
        self.base.boot(cx);
        if self.knobs.boot_urcs {
            boot::say(cx, self.profile.boot);
        }
    }

    fn power_off(&mut self, cx: &mut Context<'_>) {
        for client in &mut self.clients {
            client.reset(cx);
        }
        self.base.power_off(cx);
        self.entering = None;
    }

    fn switch_off(&mut self, cx: &mut Context<'_>, power: Power) {
        let restart_says_so = self.profile.own.restart_says_so;
        if power == Power::Off || restart_says_so {
            cx.urc("POWERED DOWN");
        }
        if power == Power::Restart && restart_says_so {
            // docs/spec/quectel-siblings.md 1.2
            let contexts = cx.radio.contexts().iter();
            let active = contexts.filter(|(_, context)| context.is_in_use());
            for cid in active.map(|(cid, _)| cid).collect::<Vec<_>>() {
                let line = alloc::format!("+QIURC: \"pdpdeact\",{cid}");
                let reason = Reason::new("the restart takes the context down");
                cx.urc_because(Channel::Module, cx.now, line, reason);
            }
        }
    }

    fn call<'a>(
        &mut self,
        cx: &mut Context<'_>,
        command: &line::Command<'a>,
        rest: &mut &'a [u8],
    ) -> Outcome {
        if let Some(reason) = base::no_data_call(&command.name) {
            return Outcome::error(reason);
        }
        let amendments = &self.profile.amendments;
        dispatch(self, cx, amendments, command, rest)
    }

    fn data(&mut self, cx: &mut Context<'_>, end: DataEnd, data: Vec<u8>) -> Outcome {
        publish::finish(self, cx, end, data)
    }

    fn abandon_data(&mut self) {
        self.entering = None;
    }

    fn network(&mut self, cx: &mut Context<'_>, link: LinkId, event: &NetEvent<'_>) {
        match self
            .clients
            .iter_mut()
            .find(|client| client.link() == Some(link))
        {
            Some(client) => client.network(cx, &self.knobs, event),
            None => self.base.network(cx, link, event),
        }
    }

    /// Clients report their loss first, in ascending order
    /// (docs/spec/quectel.md 7.3).
    fn radio(&mut self, cx: &mut Context<'_>, change: &Change) {
        if let Change::PdpDown { cid, .. } = change {
            for client in &mut self.clients {
                client.context_down(cx, *cid);
            }
        }
        self.base.radio(cx, &self.profile.own, change);
    }

    fn handle_timeout(&mut self, cx: &mut Context<'_>) {
        for client in &mut self.clients {
            if client.poll_timeout().is_some_and(|at| at <= cx.now) {
                client.handle_timeout(cx, &self.knobs);
            }
        }
        self.base.handle_timeout(cx);
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let clients = self.clients.iter().filter_map(Client::poll_timeout).min();
        earliest(clients, self.base.poll_timeout())
    }

    /// A form that does not exist is as unknown as a command that does not
    /// (docs/spec/quectel.md 2.3); only arguments have an error number.
    fn refuse(&mut self, _: &mut Context<'_>, refusal: &Refusal) -> ErrorCode {
        match refusal {
            Refusal::Arguments { spec, .. } => ErrorCode::of(spec),
            _ => ErrorCode::Plain,
        }
    }

    fn not_kept(&self, key: &str) -> ErrorCode {
        file::not_kept(key)
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
