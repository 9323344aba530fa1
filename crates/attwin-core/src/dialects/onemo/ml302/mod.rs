//! ML302 (docs/spec/onemo.md part A): synchronous. A command holds its line until
//! the server has answered: acknowledgements first, then `OK`, or an error
//! number in its place.

mod base;
mod cme;
mod ledger;
mod publish;
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
use super::{Model, OneMo, family, join};
use crate::command::{Escapes, GrammarQuirks, Spec};
use crate::handler::shared::restore_settings;
use crate::handler::{
    Amendments, BaseQuirks, CommandSet, Context, ErrorCode, Family, Member, Outcome, Profile,
    Quirks, Refusal, Tables,
};
use crate::quirks::{Millis, QuirkError, QuirkInfo, quirks};
use crate::serial::{BeforePrompt, DataEnd, LineQuirks};
use crate::time::Instant;

pub(crate) static ML302: Family = family(
    CommandSet::OneMoMl302,
    "docs/spec/onemo.md A",
    &ledger::LEDGER,
    &[Member {
        id: "onemo-ml302",
        products: "OneMO ML302 (LTE Cat.1)",
        profile: &PROFILE,
    }],
);

static PROFILE: Profile<OneMo<Ml302>> = Profile {
    defaults: base::DEFAULTS,
    quirks: Quirks {
        line: LineQuirks {
            line_limit: 4096,
            echo_line_feed: true,
            partial_line_hold_ms: Millis(0),
            typeahead_limit: 16 * 1024,
            urcs_while_waiting: true,
            before_prompt: BeforePrompt::DropLineFeed,
            ..LineQuirks::DEFAULT
        },
        grammar: GrammarQuirks {
            spaces_in_names: true,
            unquoted_strings: false,
            escapes: Escapes::QuoteAndBackslash,
            ..GrammarQuirks::DEFAULT
        },
        base: BaseQuirks {
            cmee_default: 1,
            // docs/spec/onemo.md A10.2
            boot_delay_ms: Millis(2500),
            boot_registration_ms: Millis(4000),
            registration_delay_ms: Millis(3000),
            radio_off_ms: Millis(1000),
            radio_on_ms: Millis(500),
            ..BaseQuirks::DEFAULT
        },
    },
    // No source shows a line (docs/spec/onemo.md A10).
    boot: &[],
    amendments: Amendments::NONE,
    own: Traits {
        pauses: [Duration::from_secs(8); 3],
        ping_echo: true,
        retries_without_socket: false,
    },
};

quirks! {
    /// What only this module's handlers read.
    pub(crate) struct Knobs {
        /// Time from the last acknowledgement to `OK`, in milliseconds, as
        /// firmware that polls has it (docs/spec/onemo.md A3.6).
        ok_delay_ms: Millis = Millis(0),
        /// Whether the UNSUBACK and PUBREL lines have a space within their
        /// names, as the manual prints them (docs/spec/onemo.md A11).
        spaced_unsuback: bool = false,
        /// What the keep alive is divided by to get the silence after which
        /// PINGREQ is sent: 1 or 2 (docs/spec/onemo.md A11).
        ping_divisor: u8 in 1..=2 = 1,
        /// Whether retained messages that a subscription brings are told
        /// before its result (docs/spec/onemo.md A3.4).
        messages_before_suback: bool = false,
        /// Certificates the server is checked against over TLS, as PEM text;
        /// without any it is not checked (docs/spec/onemo.md A9).
        tls_ca: Bytes = Bytes::new(),
    }
}

/// The module.
pub(super) struct Ml302 {
    knobs: Knobs,
    /// Which command waits, if one does.
    waiting: Option<Begun>,
    /// When its `OK` is due, once everything is acknowledged.
    ok_due: Option<Instant>,
    /// A publish whose payload is being entered.
    entering: Option<publish::Entry>,
}

impl Model for Ml302 {
    const TABLES: Tables<OneMo<Self>> = Tables {
        own: &[&table::ROWS, &publish::ROWS, &base::ROWS],
        shared: &[&base::SHARED],
    };
    const VERSION_ARGUMENT: Option<usize> = Some(7);
    const ENCRYPT_ARGUMENT: usize = 8;
    const REFUSES_SUBSCRIBED: bool = true;
    const PING_NEEDS_CONNECTION: bool = true;

    fn new() -> Self {
        Self {
            knobs: Knobs::DEFAULT,
            waiting: None,
            ok_due: None,
            entering: None,
        }
    }

    fn boot(&mut self, cx: &mut Context<'_>) {
        restore_settings(cx);
    }

    fn report(module: &mut OneMo<Self>, cx: &mut Context<'_>, report: Report) {
        module.report(cx, report);
    }

    /// Numbers of docs/spec/onemo.md A2.5; what the manual gives none is plain
    /// ERROR.
    fn code(&self, why: &Refused) -> ErrorCode {
        ErrorCode::Cme(match why {
            Refused::Wildcard(_)
            | Refused::WillWithoutTopic
            | Refused::NoUser
            | Refused::NoPassword
            | Refused::TooLong { .. }
            | Refused::DigitCount { .. }
            | Refused::NoDigits
            | Refused::EntryGivenUp { .. }
            | Refused::NotConfigured => cme::PARAMETER,
            Refused::Connected => cme::CONNECTED,
            Refused::Connecting(_) => cme::CONNECT_FAILED,
            Refused::Disconnecting => cme::DISCONNECTED,
            Refused::NotConnected(_) | Refused::NoNetwork(_) => cme::NETWORK,
            Refused::Subscribed(_) => cme::TOPIC_SUBSCRIBED,
            Refused::NotSubscribed(_) => cme::NOT_SUBSCRIBED,
            Refused::LostMeanwhile(_) | Refused::NotSent(_) => cme::SEND_FAILED,
            Refused::NoVersion
            | Refused::EncryptionOff
            | Refused::Configured(_)
            | Refused::Disconnected(_)
            | Refused::InUse(_) => return ErrorCode::Plain,
        })
    }

    /// A form the command lacks is 49; commands without an error number are
    /// plain ERROR (docs/spec/onemo.md A2.4).
    fn refuse_call(&self, spec: &'static Spec, refusal: &Refusal) -> ErrorCode {
        match refusal {
            Refusal::UnknownForm(_) => ErrorCode::Cme(cme::FORM),
            _ => ErrorCode::of(spec),
        }
    }

    /// The command holds its line until the server has answered.
    fn begin(&mut self, begun: Begun) -> Outcome {
        self.waiting = Some(begun);
        Outcome::Wait
    }

    fn give_up(&mut self) {
        self.waiting = None;
    }

    fn check_settings(module: &OneMo<Self>, settings: &Settings) -> Result<(), Refused> {
        if settings.encrypt && settings.version.is_empty() {
            return Err(Refused::NoVersion);
        }
        if module.client_is(State::Connected) {
            return Err(Refused::Configured(State::Connected));
        }
        Ok(())
    }

    fn settings_line(settings: Option<&Settings>) -> Option<Bytes> {
        let Some(s) = settings else {
            let none = "+MQTTCFG:\"(null)\",0,\"(null)\",0,\"(null)\",\"***\",0,\"(null)\",0";
            return Some(none.into());
        };
        let (port, keep_alive) = (format!("{}", s.port), format!("{}", s.keep_alive));
        let (clean, encrypt) = (u8::from(s.clean_session), u8::from(s.encrypt));
        Some(join(&[
            b"+MQTTCFG:\"",
            &s.host,
            b"\",",
            port.as_bytes(),
            b",\"",
            &s.client_id,
            b"\",",
            keep_alive.as_bytes(),
            b",\"",
            &s.user,
            format!("\",\"***\",{clean},\"").as_bytes(),
            &s.version,
            format!("\",{encrypt}").as_bytes(),
        ]))
    }

    /// The header stands alone if nothing is subscribed.
    fn show_subscriptions(module: &OneMo<Self>, cx: &mut Context<'_>) -> Outcome {
        cx.reply("+MQTTSUB:");
        subscription_lines(module, cx, "");
        Outcome::Ok
    }

    /// Values of docs/spec/onemo.md A5.
    fn state_number(state: State) -> u8 {
        match state {
            State::Unconfigured | State::Idle | State::Disconnecting => 0,
            State::Connected => 1,
            State::Opening | State::Reconnecting => 2,
            State::Up => 3,
            State::Connecting => 4,
        }
    }

    fn can_abort(state: State) -> bool {
        state == State::Reconnecting
    }

    fn say_aborted(cx: &mut Context<'_>) {
        cx.reply("+MQTTDISC: OK");
    }

    fn roots(&self) -> Bytes {
        self.knobs.tls_ca.clone()
    }

    fn ping_divisor(&self) -> u8 {
        self.knobs.ping_divisor
    }

    fn messages_first(&self) -> bool {
        self.knobs.messages_before_suback
    }

    fn data(module: &mut OneMo<Self>, cx: &mut Context<'_>, end: DataEnd, data: &[u8]) -> Outcome {
        publish::entered(module, cx, end, data)
    }

    fn power_off(&mut self, _: &mut Context<'_>) {
        self.waiting = None;
        self.ok_due = None;
        self.entering = None;
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.ok_due
    }

    fn handle_timeout(module: &mut OneMo<Self>, cx: &mut Context<'_>) {
        let due = module.model.ok_due.take_if(|due| *due <= cx.now);
        if due.is_some() {
            cx.complete(Outcome::Ok);
        }
    }

    fn set_quirk(&mut self, name: &str, value: &str) -> Result<(), QuirkError> {
        self.knobs.set(name, value)
    }

    fn quirks(&self) -> Vec<QuirkInfo> {
        self.knobs.describe()
    }
}
