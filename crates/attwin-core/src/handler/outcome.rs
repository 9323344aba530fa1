//! How a command ends.

use alloc::string::{String, ToString as _};
use core::time::Duration;

use crate::command::{ArgError, Spec};
use crate::reason::Reason;
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
    /// Failed, for this reason.
    Refused(Refused),
    /// Collects data; goes on in [`Dialect::data`](super::Dialect::data).
    Data(DataRequest),
    /// Waits for something to happen, with the port blocked, until
    /// [`Context::complete`](super::Context::complete).
    Wait,
}

/// How a command that failed ends. It cannot be made without a reason.
#[derive(Debug)]
pub(crate) struct Refused {
    code: ErrorCode,
    reason: Reason,
}

/// Final result code of a command that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ErrorCode {
    /// `ERROR`.
    Plain,
    /// An error number of 3GPP 27.007 section 9.2 or the vendor's, reported
    /// as AT+CMEE says.
    Cme(u16),
}

impl Outcome {
    /// `ERROR`, and why.
    pub(crate) fn error(reason: Reason) -> Self {
        Self::refused(ErrorCode::Plain, reason)
    }

    /// An error number of 3GPP 27.007 section 9.2 or the vendor's, reported as
    /// AT+CMEE says, and why.
    pub(crate) fn cme(code: u16, reason: Reason) -> Self {
        Self::refused(ErrorCode::Cme(code), reason)
    }

    /// A final result code of failure, and why.
    pub(crate) fn refused(code: ErrorCode, reason: Reason) -> Self {
        Self::Refused(Refused { code, reason })
    }
}

impl Refused {
    pub(crate) fn into_parts(self) -> (ErrorCode, Reason) {
        (self.code, self.reason)
    }
}

impl ErrorCode {
    /// What a row says of arguments it does not allow.
    pub(crate) fn of(spec: &Spec) -> Self {
        spec.refusal.map_or(Self::Plain, Self::Cme)
    }
}

impl Refusal {
    /// Why, for the log.
    pub(crate) fn reason(&self) -> Reason {
        match self {
            Self::Arguments { spec, error } => error.reason(spec),
            _ => Reason::new(self.to_string()),
        }
    }
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
    #[error("the command has no such form")]
    UnknownForm(&'static Spec),
    /// The arguments do not fit the row.
    #[error("{}", .error.reason(.spec))]
    Arguments {
        /// The row.
        spec: &'static Spec,
        /// What does not fit.
        error: ArgError,
    },
}
