//! How a command ends.

use alloc::string::String;
use core::time::Duration;

use crate::command::{ArgError, Spec};
use crate::serial::DataRequest;

/// How a handler leaves its command.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Done: `OK`, or the next command of the line.
    Ok,
    /// Done after blocking the port for this long.
    OkAfter(Duration),
    /// Done after blocking the port for this long, with a line of information
    /// text at its end.
    ReplyAfter(Duration, String),
    /// Failed: `ERROR`.
    Error,
    /// Failed with an error number of 3GPP 27.007 section 9.2 or the
    /// vendor's, reported as AT+CMEE says.
    Cme(u16),
    /// Collects data; goes on in [`Dialect::data`](super::Dialect::data).
    Data(DataRequest),
    /// Waits for something to happen, with the port blocked, until
    /// [`Context::complete`](super::Context::complete).
    Wait,
}

/// Why the table refused a call. Prints as an explanation for the log, which
/// knows more than `ERROR` says.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub(crate) enum Refusal {
    /// No row has the name.
    #[error("the module has no such command")]
    UnknownCommand,
    /// No row of that name has the option.
    #[error("the command has no such option")]
    UnknownOption,
    /// The row lacks the form.
    #[error("AT{} has no such form", .0.name)]
    UnknownForm(&'static Spec),
    /// The arguments do not fit the row.
    #[error("{}", .error.explain(.spec))]
    Arguments {
        /// The row.
        spec: &'static Spec,
        /// What does not fit.
        error: ArgError,
    },
}
