//! Which delays a module keeps, as the command line and the file write it.

use attwin_core::Timing;
use serde::Deserialize;

/// `real` or `fast`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TimingWord {
    /// The delays of the module's specification.
    #[default]
    Real,
    /// No artificial delays.
    Fast,
}

impl From<TimingWord> for Timing {
    fn from(word: TimingWord) -> Self {
        match word {
            TimingWord::Real => Self::Real,
            TimingWord::Fast => Self::Fast,
        }
    }
}
