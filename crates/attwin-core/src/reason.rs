//! Why a module refused something, or why something failed.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

/// Why a command was refused, or why what it asked for failed: a value made
/// where the decision falls, which goes with the line it explains.
///
/// Printed it is one line: the command, what was at fault, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(Box<Parts>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Parts {
    command: Option<String>,
    cause: Cow<'static, str>,
    remedy: Option<Cow<'static, str>>,
}

impl Reason {
    /// The state or the value at fault: `client 0 is not connected`.
    pub(crate) fn new(cause: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Parts {
            command: None,
            cause: cause.into(),
            remedy: None,
        }))
    }

    /// With what to do about it: `AT+QMTOPEN and AT+QMTCONN come first`.
    pub(crate) fn remedy(mut self, remedy: impl Into<Cow<'static, str>>) -> Self {
        self.0.remedy = Some(remedy.into());
        self
    }

    /// With the command it is about, unless one is named already.
    pub(crate) fn of(mut self, command: impl FnOnce() -> String) -> Self {
        self.0.command.get_or_insert_with(command);
        self
    }

    /// The command that was refused, as `AT+QMTSUB`; `None` where the line it
    /// goes with says so itself.
    pub fn command(&self) -> Option<&str> {
        self.0.command.as_deref()
    }

    /// The state or the value at fault.
    pub fn cause(&self) -> &str {
        &self.0.cause
    }

    /// What to do about it, if there is something.
    pub fn what_to_do(&self) -> Option<&str> {
        self.0.remedy.as_deref()
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(command) = self.command() {
            write!(f, "{command}: ")?;
        }
        f.write_str(self.cause())?;
        match self.what_to_do() {
            Some(remedy) => write!(f, "; {remedy}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn prints_as_one_line() {
        let reason = Reason::new("client 0 is not connected");
        assert_eq!(reason.to_string(), "client 0 is not connected");
        let reason = reason.remedy("AT+QMTCONN comes first");
        assert_eq!(
            reason.clone().of(|| "AT+QMTSUB".into()).to_string(),
            "AT+QMTSUB: client 0 is not connected; AT+QMTCONN comes first"
        );
    }
}
