//! The result of playing a scenario.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use attwin_sim::scenario::{Failure as Finding, LoadError, Place};

/// The result of one scenario with one module.
pub(super) struct Report {
    /// Its file.
    pub(super) path: PathBuf,
    /// The module, if the scenario is played with several.
    pub(super) module: Option<&'static str>,
    pub(super) took: Duration,
    pub(super) outcome: Outcome,
    /// Lines that were left out.
    pub(super) skipped: Vec<Place>,
    /// It uses TLS, and was played without.
    pub(super) without_tls: bool,
}

/// How it ended.
pub(super) enum Outcome {
    Passed,
    /// It passes now that its expectations are rewritten.
    Updated,
    Failed(Box<Finding>),
    /// It could not be played, or rewritten.
    Unusable(Unusable),
}

/// Why a file is no scenario that can be played.
pub(super) enum Unusable {
    Load(LoadError),
    Write(String),
    /// A mistake of this program.
    Internal,
}

impl Report {
    /// The file, and the module where that says more.
    pub(super) fn name(&self) -> String {
        let path = self.path.display();
        match self.module {
            None => path.to_string(),
            Some(module) => format!("{path} [{module}]"),
        }
    }
}

impl Outcome {
    /// Whether something has to be done about it.
    pub(super) fn is_bad(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Unusable(_))
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Load(error) => error.fmt(f),
            Self::Write(message) => f.write_str(message),
            Self::Internal => f.write_str("internal error; please report it with this file"),
        }
    }
}
