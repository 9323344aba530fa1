//! How the program says that something went wrong.

use std::fmt;
use std::io::stderr;
use std::process::ExitCode;

use miette::Diagnostic;

use crate::terminal::rendered;

/// Why the program ends early, by exit code.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Code 1: it was asked something sensible, and it did not work out.
    Failed(String),
    /// Code 2: it was asked something it does not understand.
    Usage(String),
    /// Code 2: the same, with the place in a file.
    InFile(Box<dyn Diagnostic + Send + Sync>),
    /// Code 2: this text, which is no mistake in one line.
    InPlain(String),
    /// This code; what went wrong was reported already.
    Reported(u8),
}

impl Failure {
    /// Something did not work out.
    pub(crate) fn failed(error: impl fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }

    /// Something is not understood.
    pub(crate) fn usage(error: impl fmt::Display) -> Self {
        Self::Usage(error.to_string())
    }

    /// Prints it for the user, and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        match self {
            Self::Failed(line) => {
                eprintln!("attwin: {line}");
                ExitCode::from(1)
            }
            Self::Usage(line) => {
                eprintln!("attwin: {line}");
                ExitCode::from(2)
            }
            Self::InFile(error) => {
                eprint!("{}", rendered(&stderr(), error.as_ref()));
                ExitCode::from(2)
            }
            Self::InPlain(text) => {
                eprint!("{text}");
                ExitCode::from(2)
            }
            Self::Reported(code) => ExitCode::from(*code),
        }
    }
}
