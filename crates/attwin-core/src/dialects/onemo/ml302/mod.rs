//! ML302 (docs/spec/onemo.md part A): synchronous. A command holds its line until
//! the server has answered: acknowledgements first, then `OK`, or an error
//! number in its place.

mod base;
mod ledger;
mod publish;
mod table;

use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::client::{State, Traits};
use super::commands::{Begun, subscription_lines};
use super::refused::Refused;
use super::report::{Kind, Loss, OpenFailure, Report};
use super::settings::Settings;
use super::{Model, OneMo, family, join, urc};
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

/// Error numbers (docs/spec/onemo.md A2.4, A2.5).
mod cme {
    pub(super) const FORM: u16 = 49;
    pub(super) const NETWORK: u16 = 600;
    pub(super) const PARAMETER: u16 = 601;
    pub(super) const CONNECTED: u16 = 602;
    pub(super) const CONNECT_FAILED: u16 = 603;
    pub(super) const CONNECT_TIMEOUT: u16 = 604;
    pub(super) const SUBACK: u16 = 605;
    pub(super) const TOPIC_SUBSCRIBED: u16 = 606;
    pub(super) const SEND_FAILED: u16 = 608;
    pub(super) const PUBLISH: u16 = 609;
    pub(super) const PUBREC: u16 = 610;
    pub(super) const PUBCOMP: u16 = 611;
    pub(super) const PUBACK: u16 = 612;
    pub(super) const SOCKET: u16 = 613;
    pub(super) const AUTHENTICATION: u16 = 614;
    pub(super) const UNSUBACK: u16 = 618;
    pub(super) const PUBREL: u16 = 619;
    pub(super) const DISCONNECTED: u16 = 620;
    pub(super) const NOT_SUBSCRIBED: u16 = 621;
}

/// MQTT packet types as the fixed header numbers them.
mod packet_type {
    pub(super) const PUBLISH: u8 = 3;
    pub(super) const PUBACK: u8 = 4;
    pub(super) const PUBREC: u8 = 5;
    pub(super) const PUBREL: u8 = 6;
    pub(super) const PUBCOMP: u8 = 7;
}

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

    fn restore(cx: &mut Context<'_>) {
        restore_settings(cx);
    }

    fn report(module: &mut OneMo<Self>, cx: &mut Context<'_>, report: Report) {
        module.report(cx, report);
    }

    /// Numbers of docs/spec/onemo.md A2.5; what the manual gives none is plain
    /// ERROR.
    fn refuse(&self, why: Refused) -> Outcome {
        Outcome::Cme(match why {
            Refused::Parameter | Refused::NotConfigured => cme::PARAMETER,
            Refused::Connected => cme::CONNECTED,
            Refused::Connecting => cme::CONNECT_FAILED,
            Refused::Disconnecting => cme::DISCONNECTED,
            Refused::NotConnected | Refused::NoNetwork => cme::NETWORK,
            Refused::Subscribed => cme::TOPIC_SUBSCRIBED,
            Refused::NotSubscribed => cme::NOT_SUBSCRIBED,
            Refused::NotSent => cme::SEND_FAILED,
            Refused::Settings | Refused::Configured | Refused::Disconnected | Refused::InUse => {
                return Outcome::Error;
            }
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
            return Err(Refused::Settings);
        }
        if module.client_is(State::Connected) {
            return Err(Refused::Configured);
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

impl OneMo<Ml302> {
    /// The command that waits is done.
    fn succeed(&mut self, cx: &mut Context<'_>) {
        if self.model.waiting.take().is_none() {
            return;
        }
        let delay = cx.delay(self.model.knobs.ok_delay_ms);
        if delay.is_zero() {
            cx.complete(Outcome::Ok);
        } else {
            self.model.ok_due = Some(cx.now + delay);
        }
    }

    /// The command that waits came to nothing.
    fn fail(&mut self, cx: &mut Context<'_>, code: u16) {
        if self.model.waiting.take().is_some() {
            cx.complete(Outcome::Cme(code));
        }
    }

    fn report(&mut self, cx: &mut Context<'_>, report: Report) {
        match report {
            Report::Opened if self.model.waiting == Some(Begun::Open) => {
                reply_apart(cx, "+MQTTOPEN:OK");
                self.succeed(cx);
            }
            Report::Opened => urc(cx, "+MQTTOPEN:OK"),
            Report::OpenFailed(failure) => self.fail(cx, open_error(failure)),
            Report::TimedOut(wait) => urc(cx, format!("+MQTTTO:{}", wait as u8)),
            Report::Attempt(attempt) => urc(cx, format!("+MQTTREC: {attempt}")),
            Report::RefusedAgain | Report::GaveUp => urc(cx, "+MQTTDISC: OK"),
            Report::Disconnected => {
                reply_apart(cx, "+MQTTDISC: OK");
                self.succeed(cx);
            }
            Report::Subscribed { id, code, topic } => {
                let head = format!("+MQTTSUBACK:{id},{code},");
                reply_apart(cx, join(&[head.as_bytes(), &topic]));
                if code < 128 {
                    self.succeed(cx);
                } else {
                    self.fail(cx, cme::SUBACK);
                }
            }
            Report::Unsubscribed { id, topic } => {
                let name = self.spaced("UNSUBACK");
                let head = format!("+MQTT{name}:{id},\"");
                reply_apart(cx, join(&[head.as_bytes(), &topic, b"\""]));
                self.succeed(cx);
            }
            Report::Written => self.succeed(cx),
            Report::Acknowledged { id } => {
                reply_apart(cx, format!("+MQTTPUBACK:0,{id}"));
                self.succeed(cx);
            }
            Report::Received { id } => reply_apart(cx, format!("+MQTTPUBREC:0,{id}")),
            Report::Completed { id } => {
                reply_apart(cx, format!("+MQTTPUBCOMP:0,{id}"));
                self.succeed(cx);
            }
            Report::Failed { kind, loss } => self.fail(cx, request_error(kind, loss)),
            Report::Message(message) => {
                let (dup, qos) = (u8::from(message.dup), message.qos as u8);
                let (retain, id) = (u8::from(message.retain), message.id);
                let (topic, length) = (message.topic.as_bytes(), message.payload.len());
                let head = format!("+MQTTPUBLISH: {dup},{qos},{retain},{id},\"");
                let middle = format!("\",{length},");
                urc(
                    cx,
                    join(&[head.as_bytes(), topic, middle.as_bytes(), &message.payload]),
                );
            }
            Report::Released { id, dup } => {
                let name = self.spaced("PUBREL");
                urc(cx, format!("+MQTT{name}: {},{id}", u8::from(dup)));
            }
            Report::PingAnswered => {
                if self.client.ping_echo {
                    urc(cx, "+MQTTPINGRSP: OK");
                }
            }
            Report::Malformed(packet_type::PUBLISH) => unsolicited_error(cx, cme::PUBLISH),
            Report::Malformed(packet_type::PUBREL) => unsolicited_error(cx, cme::PUBREL),
            Report::Malformed(_) => {}
        }
    }

    fn spaced(&self, name: &str) -> alloc::string::String {
        let space = if self.model.knobs.spaced_unsuback {
            " "
        } else {
            ""
        };
        format!("{space}{name}")
    }
}

/// A line that opens with a CR LF of its own although it is not the first
/// (docs/spec/onemo.md A2.1).
fn reply_apart(cx: &mut Context<'_>, line: impl AsRef<[u8]>) {
    cx.port.begin_response();
    cx.reply(line);
}

fn unsolicited_error(cx: &mut Context<'_>, code: u16) {
    urc(cx, format!("+CME ERROR: {code}"));
}

const fn open_error(failure: OpenFailure) -> u16 {
    match failure {
        OpenFailure::Network | OpenFailure::Refused => cme::CONNECT_FAILED,
        OpenFailure::NotSent => cme::SEND_FAILED,
        OpenFailure::Socket => cme::SOCKET,
        OpenFailure::TimedOut => cme::CONNECT_TIMEOUT,
        OpenFailure::Authentication => cme::AUTHENTICATION,
    }
}

/// A malformed acknowledgement has a number of its own, and so has a socket
/// that cannot be written (docs/spec/onemo.md A2.5).
const fn request_error(kind: Kind, loss: Loss) -> u16 {
    match (kind, loss) {
        (_, Loss::NotSent) => cme::SEND_FAILED,
        (Kind::Subscribe, _) => cme::SUBACK,
        (Kind::Unsubscribe, _) => cme::UNSUBACK,
        (Kind::Publish, Loss::Malformed(packet_type::PUBACK)) => cme::PUBACK,
        (Kind::Publish, Loss::Malformed(packet_type::PUBREC)) => cme::PUBREC,
        (Kind::Publish, Loss::Malformed(packet_type::PUBCOMP)) => cme::PUBCOMP,
        (Kind::Publish, _) => cme::SEND_FAILED,
    }
}
