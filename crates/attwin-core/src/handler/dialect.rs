//! What a command set is to the module that speaks it.

use alloc::vec::Vec;

use super::context::Context;
use super::outcome::{ErrorCode, Outcome, Refusal};
use crate::command::{Form, Spec, line};
use crate::io::{LinkId, NetEvent};
use crate::quirks::{QuirkError, QuirkInfo};
use crate::radio::{Change, Power};
use crate::serial::DataEnd;
use crate::time::Instant;

/// One command set: tables and a state machine.
pub(crate) trait Dialect: Send {
    /// Forgets what a restart forgets, and says the boot lines.
    fn boot(&mut self, cx: &mut Context<'_>);

    /// Power is gone: links are dropped without a word.
    fn power_off(&mut self, cx: &mut Context<'_>);

    /// The host switches the module off or restarts it: its last lines. Power
    /// is gone after it.
    fn switch_off(&mut self, _: &mut Context<'_>, _: Power) {}

    /// Carries out one command of a line. `rest` is the line after it, which
    /// a command that takes the whole line empties.
    fn call<'a>(
        &mut self,
        cx: &mut Context<'_>,
        command: &line::Command<'a>,
        rest: &mut &'a [u8],
    ) -> Outcome;

    /// The data a command asked for with [`Outcome::Data`].
    fn data(&mut self, cx: &mut Context<'_>, end: DataEnd, data: Vec<u8>) -> Outcome;

    /// The data entry a command asked for will not take place.
    fn abandon_data(&mut self);

    /// Something happened on a link.
    fn network(&mut self, cx: &mut Context<'_>, link: LinkId, event: &NetEvent<'_>);

    /// Something happened to the radio.
    fn radio(&mut self, cx: &mut Context<'_>, change: &Change);

    /// A deadline of [`poll_timeout`](Self::poll_timeout) has come.
    fn handle_timeout(&mut self, cx: &mut Context<'_>);

    /// The dialect's next deadline.
    fn poll_timeout(&self) -> Option<Instant>;

    /// How a call that the table refused ends; the default is what the row
    /// says. The reason is known already.
    fn refuse(&mut self, _: &mut Context<'_>, refusal: &Refusal) -> ErrorCode {
        match refusal {
            Refusal::UnknownForm(spec) | Refusal::Arguments { spec, .. } => ErrorCode::of(spec),
            Refusal::UnknownCommand | Refusal::UnknownOption => ErrorCode::Plain,
        }
    }

    /// Whether a call may go on before its arguments are read; `Some` answers
    /// it at once.
    fn admit(&mut self, _: &mut Context<'_>, _: &'static Spec, _: Form) -> Option<Outcome> {
        None
    }

    /// How a command ends whose value of this key could not be kept.
    fn not_kept(&self, _key: &str) -> ErrorCode {
        ErrorCode::Plain
    }

    /// Verbose text of an error number, printed under AT+CMEE=2.
    fn cme_text(&self, code: u16) -> Option<&'static str>;

    /// Sets one of the dialect's own knobs.
    fn set_quirk(&mut self, name: &str, value: &str) -> Result<(), QuirkError>;

    /// The dialect's own knobs.
    fn quirks(&self) -> Vec<QuirkInfo>;
}
