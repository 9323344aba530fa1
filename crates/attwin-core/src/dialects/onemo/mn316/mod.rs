//! MN316 (docs/spec/onemo.md part B): asynchronous. `OK` comes at once, what the
//! server answers comes later as result codes.

mod base;
mod ledger;
mod network;
mod power;
mod publish;
mod sleep;
mod table;
mod wording;

use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::client::{State, Traits};
use super::commands::{Begun, subscription_lines};
use super::refused::Refused;
use super::report::Report;
use super::settings::Settings;
use super::{Model, OneMo, family, join, urc};
use crate::command::{Escapes, GrammarQuirks, Spec};
use crate::handler::boot::{BootLine, Says};
use crate::handler::{
    Amendments, BaseQuirks, CommandSet, Context, ErrorCode, Family, Member, Outcome, Profile,
    Quirks, Refusal, Tables,
};
use crate::io::{LinkId, NetEvent};
use crate::quirks::{Millis, QuirkError, QuirkInfo, quirk_words, quirks};
use crate::radio::Domain;
use crate::reason::Reason;
use crate::serial::{DataEnd, LineQuirks};
use crate::time::Instant;

pub(crate) static MN316: Family = family(
    CommandSet::OneMoMn316,
    "docs/spec/onemo.md B",
    &ledger::LEDGER,
    &[Member {
        id: "onemo-mn316",
        products: "OneMO MN316 (NB-IoT)",
        profile: &PROFILE,
    }],
);

static PROFILE: Profile<OneMo<Mn316>> = Profile {
    defaults: base::DEFAULTS,
    quirks: Quirks {
        line: LineQuirks {
            line_limit: 8192,
            typeahead_limit: 16 * 1024,
            echo_line_feed: true,
            partial_line_hold_ms: Millis(0),
            ..LineQuirks::DEFAULT
        },
        grammar: GrammarQuirks {
            // A string without quotes reaches to the next comma: nothing can
            // separate two commands.
            command_list: false,
            bare_empty_text: true,
            quoted_integers: true,
            escapes: Escapes::C,
            ..GrammarQuirks::DEFAULT
        },
        base: BaseQuirks {
            attach_ms: Millis(0),
            cmee_default: 1,
            // docs/spec/onemo.md B10.2
            boot_delay_ms: Millis(1500),
            boot_registration_ms: Millis(6000),
            registration_delay_ms: Millis(5000),
            radio_off_ms: Millis(1000),
            radio_on_ms: Millis(500),
            // No space after a colon (docs/spec/onemo.md B2.1).
            cme_error_space: false,
            header_space: false,
        },
    },
    // The network operator asks for both lines, in this order
    // (docs/spec/onemo.md B1).
    boot: &[
        BootLine::new(0, Says::Words("+POWERON:0")),
        BootLine::new(500, Says::WithCard("^SIMST:1")),
    ],
    amendments: Amendments::NONE,
    own: Traits {
        pauses: [
            Duration::from_secs(4),
            Duration::from_secs(8),
            Duration::from_secs(16),
        ],
        ping_echo: false,
        retries_without_socket: true,
    },
};

quirk_words! {
    /// Whose error numbers are reported.
    pub(crate) enum CmeStyle {
        /// Those of the chip's AT framework.
        Chip = "chip",
        /// Those of 3GPP 27.007.
        Standard = "3gpp",
    }
}

/// Error numbers of the chip (docs/spec/onemo.md B2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    /// A parameter, or a form.
    Parameter = 8001,
    /// The state it is in.
    State = 8002,
    /// No network.
    Network = 8009,
}

impl Number {
    /// The same in 3GPP 27.007 section 9.2 (docs/spec/onemo.md B2.4).
    const fn standard(self) -> u16 {
        match self {
            Self::Parameter => 50,
            Self::State => 3,
            Self::Network => 30,
        }
    }
}

quirks! {
    /// What only this module's handlers read.
    pub(crate) struct Knobs {
        /// Whose error numbers are reported, the chip's or those of 3GPP
        /// (docs/spec/onemo.md B2.4).
        cme_style: CmeStyle = CmeStyle::Chip,
        /// Whether encrypt=1 is refused, as the manual has it
        /// (docs/spec/onemo.md B9).
        strict_encrypt: bool = false,
        /// Whether retained messages that a subscription brings are told
        /// before its result (docs/spec/onemo.md B3.4).
        messages_before_suback: bool = false,
        /// Certificates the server is checked against over TLS, as PEM text;
        /// without any it is not checked (docs/spec/onemo.md B9).
        tls_ca: Bytes = Bytes::new(),
    }
}

/// The module.
pub(super) struct Mn316 {
    knobs: Knobs,
    /// AT+CMNTP waits for its server.
    time: Option<LinkId>,
    power: sleep::Power,
}

impl Model for Mn316 {
    const TABLES: Tables<OneMo<Self>> = Tables {
        own: &[
            &table::ROWS,
            &publish::ROWS,
            &base::ROWS,
            &network::ROWS,
            &power::ROWS,
        ],
        shared: &[&base::SHARED],
    };
    const VERSION_ARGUMENT: Option<usize> = None;
    const ENCRYPT_ARGUMENT: usize = 7;
    const REFUSES_SUBSCRIBED: bool = false;
    const PING_NEEDS_CONNECTION: bool = false;

    fn new() -> Self {
        Self {
            knobs: Knobs::DEFAULT,
            time: None,
            power: sleep::Power::new(),
        }
    }

    fn boot(&mut self, cx: &mut Context<'_>) {
        self.power.boot(cx);
    }

    fn report(module: &mut OneMo<Self>, cx: &mut Context<'_>, report: Report) {
        module.report(cx, report);
    }

    fn code(&self, why: &Refused) -> ErrorCode {
        ErrorCode::Cme(self.number(match why {
            Refused::Wildcard(_)
            | Refused::WillWithoutTopic
            | Refused::NoUser
            | Refused::NoPassword
            | Refused::TooLong { .. }
            | Refused::DigitCount { .. }
            | Refused::NoDigits
            | Refused::EntryGivenUp { .. }
            | Refused::NoVersion
            | Refused::EncryptionOff => Number::Parameter,
            Refused::NoNetwork(_) => Number::Network,
            Refused::NotConfigured
            | Refused::Configured(_)
            | Refused::Connected
            | Refused::Connecting(_)
            | Refused::Disconnecting
            | Refused::NotConnected(_)
            | Refused::Disconnected(_)
            | Refused::InUse(_)
            | Refused::Subscribed(_)
            | Refused::NotSubscribed(_)
            | Refused::LostMeanwhile(_)
            | Refused::NotSent(_) => Number::State,
        }))
    }

    /// Whatever is wrong, of base commands too (docs/spec/onemo.md B2.4).
    fn refuse_call(&self, _: &'static Spec, _: &Refusal) -> ErrorCode {
        ErrorCode::Cme(self.number(Number::Parameter))
    }

    /// The result comes later, as result codes.
    fn begin(&mut self, _: Begun) -> Outcome {
        Outcome::Ok
    }

    fn check_settings(module: &OneMo<Self>, settings: &Settings) -> Result<(), Refused> {
        if settings.encrypt && module.model.knobs.strict_encrypt {
            return Err(Refused::EncryptionOff);
        }
        match module.client.state() {
            State::Unconfigured => Ok(()),
            state => Err(Refused::Configured(state)),
        }
    }

    /// Strings without quotes.
    fn settings_line(settings: Option<&Settings>) -> Option<Bytes> {
        let s = settings?;
        let (clean, encrypt) = (u8::from(s.clean_session), u8::from(s.encrypt));
        Some(join(&[
            b"+MQTTCFG:",
            &s.host,
            format!(",{},", s.port).as_bytes(),
            &s.client_id,
            format!(",{},", s.keep_alive).as_bytes(),
            &s.user,
            format!(",***,{clean},{encrypt}").as_bytes(),
        ]))
    }

    /// The one line of this command set with a space behind its colon.
    fn show_subscriptions(module: &OneMo<Self>, cx: &mut Context<'_>) -> Outcome {
        if module.client_is(State::Unconfigured) {
            return module.refuse(Refused::NotConfigured);
        }
        subscription_lines(module, cx, "+MQTTSUB: ");
        if module.client.subscriptions.is_empty() {
            cx.reply("+MQTTSUB:");
        }
        Outcome::Ok
    }

    fn state_number(state: State) -> u8 {
        state as u8
    }

    fn can_abort(state: State) -> bool {
        matches!(
            state,
            State::Reconnecting | State::Opening | State::Up | State::Connecting
        )
    }

    fn say_aborted(cx: &mut Context<'_>) {
        urc(cx, "+MQTTDISC:OK");
    }

    fn roots(&self) -> Bytes {
        self.knobs.tls_ca.clone()
    }

    fn messages_first(&self) -> bool {
        self.knobs.messages_before_suback
    }

    fn data(_: &mut OneMo<Self>, _: &mut Context<'_>, _: DataEnd, _: &[u8]) -> Outcome {
        Outcome::error(Reason::new("no command of this module takes data"))
    }

    fn network(module: &mut OneMo<Self>, cx: &mut Context<'_>, link: LinkId, event: &NetEvent<'_>) {
        base::resolved(module, cx, link, event);
    }

    fn registration(module: &mut OneMo<Self>, cx: &mut Context<'_>, domain: Domain, stat: u8) {
        module.model.power.registered(cx);
        network::report(module, cx, domain, stat);
    }

    fn settle(&mut self, cx: &mut Context<'_>, heard: bool) {
        self.power.settle(cx, heard);
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.power.poll_timeout()
    }

    fn handle_timeout(module: &mut OneMo<Self>, cx: &mut Context<'_>) {
        module.model.power.handle_timeout(cx);
    }

    fn power_off(&mut self, cx: &mut Context<'_>) {
        self.power.power_off(cx);
        if let Some(link) = self.time.take() {
            cx.links.abort(link);
        }
    }

    fn set_quirk(&mut self, name: &str, value: &str) -> Result<(), QuirkError> {
        self.knobs.set(name, value)
    }

    fn quirks(&self) -> Vec<QuirkInfo> {
        self.knobs.describe()
    }
}

impl Mn316 {
    const fn number(&self, why: Number) -> u16 {
        match self.knobs.cme_style {
            CmeStyle::Chip => why as u16,
            CmeStyle::Standard => why.standard(),
        }
    }
}
