//! MN316 (docs/spec/onemo.md part B): asynchronous. `OK` comes at once, what the
//! server answers comes later as result codes.

mod base;
mod commands;
mod ledger;
mod publish;

use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::client::Traits;
use super::report::Report;
use super::{Model, OneMo, join, urc};
use crate::command::Spec;
use crate::handler::Row;
use crate::handler::{Context, Outcome, Refusal};
use crate::io::{LinkId, NetEvent};
use crate::ledger::Ledger;
use crate::quirks::{Escapes, Millis, QuirkError, QuirkInfo, Quirks, quirk_words, quirks};
use crate::radio::{Profile, SimState};
use crate::serial::DataEnd;

quirk_words! {
    /// Whose error numbers are reported.
    pub(crate) enum CmeStyle {
        /// Those of the chip's AT framework.
        Chip = "chip",
        /// Those of 3GPP 27.007.
        Standard = "3gpp",
    }
}

/// What a command is refused for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    /// A parameter, or a form.
    Parameter = 8001,
    /// The state it is in.
    State = 8002,
    /// No network.
    Network = 8009,
}

impl Refused {
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
        /// Certificates the server is checked against over TLS, as PEM text;
        /// without any it is not checked (docs/spec/onemo.md B9).
        tls_ca: Bytes = Bytes::new(),
    }
}

/// The module.
pub(crate) struct Mn316 {
    knobs: Knobs,
    /// AT+CMNTP waits for its server.
    time: Option<LinkId>,
}

impl Model for Mn316 {
    const QUIRKS: Quirks = Quirks {
        line_limit: 8192,
        // A string without quotes reaches to the next comma: nothing can
        // separate two commands.
        command_list: false,
        typeahead_limit: 16 * 1024,
        echo_line_feed: true,
        partial_line_hold_ms: Millis(0),
        bare_empty_text: true,
        quoted_integers: true,
        escapes: Escapes::C,
        cmee_default: 1,
        cme_error_space: false,
        header_space: false,
        ..Quirks::DEFAULT
    };
    const TRAITS: Traits = Traits {
        pauses: [
            Duration::from_secs(4),
            Duration::from_secs(8),
            Duration::from_secs(16),
        ],
        ping_echo: false,
        retries_without_socket: true,
    };
    const PROFILE: &'static Profile = &base::PROFILE;
    const LEDGER: &'static Ledger = &ledger::LEDGER;
    const TABLES: &'static [&'static [Row<OneMo<Self>>]] =
        &[&commands::ROWS, &publish::ROWS, &base::ROWS];
    const SHARED: &'static [&'static [Row<()>]] = &[&base::SHARED];

    fn new() -> Self {
        Self {
            knobs: Knobs::DEFAULT,
            time: None,
        }
    }

    /// The operator asks for both lines, in this order (docs/spec/onemo.md B1).
    fn boot(cx: &mut Context<'_>) {
        cx.urc("+POWERON:0");
        if cx.radio.sim() != SimState::Absent {
            cx.urc("^SIMST:1");
        }
    }

    fn report(module: &mut OneMo<Self>, cx: &mut Context<'_>, report: Report) {
        module.report(cx, report);
    }

    /// Whatever is wrong, of base commands too (docs/spec/onemo.md B2.4).
    fn refuse(&self, _: &'static Spec, _: &Refusal) -> Outcome {
        self.refused(Refused::Parameter)
    }

    fn data(_: &mut OneMo<Self>, _: &mut Context<'_>, _: DataEnd, _: &[u8]) -> Outcome {
        // No command of this module takes data.
        Outcome::Error
    }

    fn network(module: &mut OneMo<Self>, cx: &mut Context<'_>, link: LinkId, event: &NetEvent<'_>) {
        base::resolved(module, cx, link, event);
    }

    fn power_off(&mut self, cx: &mut Context<'_>) {
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
    fn refused(&self, why: Refused) -> Outcome {
        Outcome::Cme(match self.knobs.cme_style {
            CmeStyle::Chip => why as u16,
            CmeStyle::Standard => why.standard(),
        })
    }
}

impl OneMo<Mn316> {
    fn refused(&self, why: Refused) -> Outcome {
        self.model.refused(why)
    }

    fn report(&mut self, cx: &mut Context<'_>, report: Report) {
        match report {
            Report::Opened => urc(cx, "+MQTTOPEN:OK"),
            Report::OpenFailed(_) => urc(cx, "+MQTTOPEN:FAIL"),
            Report::TimedOut(wait) => urc(cx, format!("+MQTTTO:{}", wait as u8)),
            Report::Attempt(attempt) => urc(cx, format!("+MQTTREC:{attempt}")),
            Report::RefusedAgain => {
                urc(cx, "+MQTTOPEN:FAIL");
                urc(cx, "+MQTTDISC:OK");
            }
            Report::GaveUp | Report::Disconnected => urc(cx, "+MQTTDISC:OK"),
            Report::Subscribed { id, code, topic } => {
                let head = format!("+MQTTSUBACK:{id},{code},");
                urc(cx, join(&[head.as_bytes(), &topic]));
            }
            Report::Unsubscribed { id, topic } => {
                let head = format!("+MQTTUNSUBACK:{id},");
                urc(cx, join(&[head.as_bytes(), &topic]));
            }
            Report::Acknowledged { id } => urc(cx, format!("+MQTTPUBACK:{id},0")),
            Report::Received { id } => {
                urc(cx, format!("+MQTTPUBREC:{id},0"));
                urc(cx, format!("+MQTTPUBREL:{id},0"));
            }
            Report::Completed { id } => urc(cx, format!("+MQTTPUBCOMP:{id},0")),
            Report::Message(message) => {
                let (dup, qos) = (u8::from(message.dup), message.qos as u8);
                let (retain, id) = (u8::from(message.retain), message.id);
                let (topic, length) = (message.topic.as_bytes(), message.payload.len());
                let head = format!("+MQTTPUBLISH:{dup},{qos},{retain},{id},");
                let middle = format!(",{length},");
                urc(
                    cx,
                    join(&[head.as_bytes(), topic, middle.as_bytes(), &message.payload]),
                );
            }
            Report::PingAnswered => {
                if self.client.ping_echo {
                    urc(cx, "+MQTTPINGRESP:OK");
                }
            }
            // OK was said; a loss shows by itself.
            Report::Written
            | Report::Failed { .. }
            | Report::Released { .. }
            | Report::Malformed(_) => {}
        }
    }
}
