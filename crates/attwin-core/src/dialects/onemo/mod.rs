//! China Mobile OneMO: `AT+MQTT*` as ML302 speaks it, synchronously, and as
//! MN316 does, asynchronously (docs/spec/onemo.md 0).
//!
//! [`client`] is the MQTT client both have, [`requests`] what a host asks of
//! it, [`reconnect`] the machine that makes a lost connection again,
//! [`settings`] what CONNECT is made of. What happens is told as a [`report`];
//! what a module says of it, and when, is its [`Model`]: [`ml302`] and
//! [`mn316`], each with its tables, its wording and its base commands.

mod base;
mod client;
mod commands;
mod meaning;
mod ml302;
mod mn316;
mod reconnect;
mod refused;
mod report;
mod requests;
mod settings;

use alloc::vec::Vec;

use bytes::Bytes;

use crate::cme;
use crate::command::{Spec, line};
use crate::handler::shared::report_registration;
use crate::handler::{
    CommandSet, Context, Dialect, ErrorCode, Family, Member, Outcome, Profile, Refusal, Speak,
    Tables, boot, dispatch,
};
use crate::io::{LinkId, NetEvent};
use crate::ledger::Ledger;
use crate::quirks::{QuirkError, QuirkInfo, QuirkType};
use crate::radio::{Change, Domain, SimChange};
use crate::reason::Reason;
use crate::serial::{Channel, DataEnd};
use crate::time::{Instant, earliest};
use client::{Client, State, Traits};
use commands::Begun;
pub(crate) use ml302::ML302;
pub(crate) use mn316::MN316;
use refused::Refused;
use report::Report;
use settings::Settings;

/// CR LF, `>`, space (docs/spec/onemo.md A3.6).
const PROMPT: &[u8] = b"\r\n> ";

/// Longest topic (docs/spec/onemo.md A3.4, B2.3).
const TOPIC: usize = 512;

/// What one module does its own way: constants and hooks of commands that
/// both have, and its wording.
trait Model: Sized + Send + 'static {
    const TABLES: Tables<OneMo<Self>>;
    /// Index of the MQTT version in AT+MQTTCFG, where it has one, and of the
    /// TLS switch.
    const VERSION_ARGUMENT: Option<usize>;
    const ENCRYPT_ARGUMENT: usize;
    /// Whether a topic cannot be subscribed twice.
    const REFUSES_SUBSCRIBED: bool;
    /// Whether AT+MQTTPING needs a connection.
    const PING_NEEDS_CONNECTION: bool;

    fn new() -> Self;

    /// The module starts: what was saved comes back.
    fn boot(&mut self, _: &mut Context<'_>) {}

    /// Registration changed.
    fn registration(_: &mut OneMo<Self>, cx: &mut Context<'_>, domain: Domain, stat: u8) {
        report_registration(cx, domain, stat);
    }

    /// Something was done, and perhaps sent or `heard`.
    fn settle(&mut self, _: &mut Context<'_>, _heard: bool) {}

    /// Tells the host what happened.
    fn report(module: &mut OneMo<Self>, cx: &mut Context<'_>, report: Report);

    /// Final result of a command that is refused for that.
    fn code(&self, why: &Refused) -> ErrorCode;

    /// Answers a form or arguments a command does not have.
    fn refuse_call(&self, spec: &'static Spec, refusal: &Refusal) -> ErrorCode;

    /// How a command leaves whose result the server decides.
    fn begin(&mut self, begun: Begun) -> Outcome;

    /// The command that has begun came to nothing at once.
    fn give_up(&mut self) {}

    /// Whether the module takes these settings now.
    fn check_settings(module: &OneMo<Self>, settings: &Settings) -> Result<(), Refused>;

    /// Answer of `AT+MQTTCFG?`, if there is one without settings.
    fn settings_line(settings: Option<&Settings>) -> Option<Bytes>;

    /// Answers `AT+MQTTSUB?`.
    fn show_subscriptions(module: &OneMo<Self>, cx: &mut Context<'_>) -> Outcome;

    /// As `AT+MQTTSTAT?` numbers it.
    fn state_number(state: State) -> u8;

    /// Whether AT+MQTTDISC ends what is under way in this state, and how it
    /// says so.
    fn can_abort(state: State) -> bool;
    fn say_aborted(cx: &mut Context<'_>);

    /// Certificates the server is checked against over TLS, as PEM text.
    fn roots(&self) -> Bytes;

    /// What the keep alive is divided by to get the time of a PINGREQ.
    fn ping_divisor(&self) -> u8 {
        1
    }

    /// Whether what a subscription brings is told before its result.
    fn messages_first(&self) -> bool;

    /// Data of a command that asked for it.
    fn data(module: &mut OneMo<Self>, cx: &mut Context<'_>, end: DataEnd, data: &[u8]) -> Outcome;

    /// A base command asked the network something.
    fn network(_: &mut OneMo<Self>, _: &mut Context<'_>, _: LinkId, _: &NetEvent<'_>) {}

    /// Power is gone.
    fn power_off(&mut self, _: &mut Context<'_>) {}

    /// A deadline of the module's own.
    fn poll_timeout(&self) -> Option<Instant> {
        None
    }

    /// Its deadline may have come.
    fn handle_timeout(_: &mut OneMo<Self>, _: &mut Context<'_>) {}

    fn set_quirk(&mut self, name: &str, value: &str) -> Result<(), QuirkError>;

    fn quirks(&self) -> Vec<QuirkInfo>;
}

/// One module.
struct OneMo<M: Model> {
    profile: &'static Profile<Self>,
    model: M,
    client: Client,
}

impl<M: Model> Speak for OneMo<M> {
    type Own = Traits;

    const TABLES: Tables<Self> = M::TABLES;

    fn new(profile: &'static Profile<Self>) -> Self {
        Self {
            profile,
            model: M::new(),
            client: Client::new(profile.own),
        }
    }
}

impl<M: Model> OneMo<M> {
    /// Hands what happened to the module's wording.
    fn tell(&mut self, cx: &mut Context<'_>) {
        while let Some(report) = self.client.poll_report() {
            M::report(self, cx, report);
        }
    }

    fn client_is(&self, state: State) -> bool {
        self.client.state() == state
    }
}

/// A result code of the MQTT client.
fn urc(cx: &mut Context<'_>, line: impl Into<Bytes>) {
    cx.urc_at(Channel::Client(0), cx.now, line);
}

/// A result code that says that something failed, and why.
fn urc_because(cx: &mut Context<'_>, line: impl Into<Bytes>, reason: Reason) {
    cx.urc_because(Channel::Client(0), cx.now, line, reason);
}

/// Sends a whole line as pieces without a copy of the payload too many.
fn join(parts: &[&[u8]]) -> Bytes {
    parts.concat().into()
}

impl<M: Model> Dialect for OneMo<M> {
    fn boot(&mut self, cx: &mut Context<'_>) {
        self.client = Client::new(self.profile.own);
        self.model.boot(cx);
        boot::start_slowly(cx, self.profile.boot);
        boot::say(cx, self.profile.boot);
    }

    fn power_off(&mut self, cx: &mut Context<'_>) {
        self.client.abort(cx);
        self.model.power_off(cx);
    }

    fn call<'a>(
        &mut self,
        cx: &mut Context<'_>,
        command: &line::Command<'a>,
        rest: &mut &'a [u8],
    ) -> Outcome {
        let outcome = dispatch(self, cx, &self.profile.amendments, command, rest);
        self.tell(cx);
        self.model.settle(cx, false);
        outcome
    }

    fn data(&mut self, cx: &mut Context<'_>, end: DataEnd, data: Vec<u8>) -> Outcome {
        let outcome = M::data(self, cx, end, &data);
        self.tell(cx);
        self.model.settle(cx, false);
        outcome
    }

    fn abandon_data(&mut self) {}

    fn network(&mut self, cx: &mut Context<'_>, link: LinkId, event: &NetEvent<'_>) {
        if self.client.link() == Some(link) {
            self.client.network(cx, event);
            self.tell(cx);
        } else {
            M::network(self, cx, link, event);
        }
        self.model.settle(cx, true);
    }

    fn radio(&mut self, cx: &mut Context<'_>, change: &Change) {
        match *change {
            Change::PdpDown { cid, .. } if cid == self.profile.defaults.default_context => {
                self.client.context_down(cx);
                self.tell(cx);
            }
            Change::Registration { domain, stat } => M::registration(self, cx, domain, stat),
            Change::PdpUp { .. }
            | Change::PdpDown { .. }
            | Change::Sim(SimChange::Removed | SimChange::Started(_) | SimChange::Unlocked) => {}
        }
    }

    fn handle_timeout(&mut self, cx: &mut Context<'_>) {
        self.client.handle_timeout(cx);
        self.tell(cx);
        self.model.settle(cx, false);
        M::handle_timeout(self, cx);
    }

    fn poll_timeout(&self) -> Option<Instant> {
        earliest(self.client.poll_timeout(), self.model.poll_timeout())
    }

    fn refuse(&mut self, _: &mut Context<'_>, refusal: &Refusal) -> ErrorCode {
        match refusal {
            Refusal::UnknownForm(spec) | Refusal::Arguments { spec, .. } => {
                self.model.refuse_call(spec, refusal)
            }
            Refusal::UnknownCommand | Refusal::UnknownOption => ErrorCode::Plain,
        }
    }

    /// Texts under AT+CMEE=2 (3GPP 27.007 section 9.2); the vendor's own
    /// numbers have none (docs/spec/onemo.md A2.4).
    fn cme_text(&self, code: u16) -> Option<&'static str> {
        Some(match code {
            cme::NOT_ALLOWED => "operation not allowed",
            cme::SIM_NOT_INSERTED => "SIM not inserted",
            cme::SIM_PIN_REQUIRED => "SIM PIN required",
            cme::SIM_PUK_REQUIRED => "SIM PUK required",
            cme::SIM_FAILURE => "SIM failure",
            cme::INCORRECT_PASSWORD => "incorrect password",
            cme::NO_NETWORK_SERVICE => "no network service",
            cme::INCORRECT_PARAMETERS => "incorrect parameters",
            _ => return None,
        })
    }

    fn set_quirk(&mut self, name: &str, value: &str) -> Result<(), QuirkError> {
        self.model.set_quirk(name, value)
    }

    fn quirks(&self) -> Vec<QuirkInfo> {
        self.model.quirks()
    }
}

const fn family(
    command_set: CommandSet,
    spec: &'static str,
    ledger: &'static Ledger,
    members: &'static [Member],
) -> Family {
    Family {
        command_set,
        vendor: "China Mobile",
        commands: "AT+MQTT*",
        spec,
        prompt: PROMPT,
        restart: "AT+MREBOOT",
        ledger,
        members,
    }
}

/// Whether a topic could be published to.
fn is_topic_name(topic: &[u8]) -> bool {
    !topic.iter().any(|byte| matches!(byte, b'+' | b'#'))
}

/// Certificates as a quirk: PEM text, empty for none.
impl QuirkType for Bytes {
    const WANTED: &'static str = "PEM text, or nothing";

    fn read(text: &str) -> Option<Self> {
        let pem = text.is_empty() || text.contains("-----BEGIN CERTIFICATE-----");
        pem.then(|| Self::copy_from_slice(text.as_bytes()))
    }

    fn show(&self) -> alloc::string::String {
        alloc::string::String::from_utf8_lossy(self).into_owned()
    }
}
