//! An argument that was read, and why one could not be.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::ToString as _;

use super::spec::Spec;
use crate::reason::Reason;

/// One argument, read and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// Omitted.
    Absent,
    /// An integer within its range.
    Integer(u32),
    /// A string within its length.
    Text(Cow<'a, [u8]>),
}

/// Why arguments were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ArgError {
    /// Quotes do not match, or a number is no number.
    #[error("the arguments are not well-formed")]
    Syntax,
    /// A mandatory argument is missing.
    #[error("a mandatory argument is missing")]
    Missing,
    /// There are more arguments than parameters.
    #[error("there are too many arguments")]
    TooMany,
    /// A number is outside its range.
    #[error("an argument is out of range")]
    Range {
        /// Which argument, from 0; with an option, not counting it.
        index: usize,
        /// The number; one too big for 32 bits reads as the biggest.
        value: u32,
    },
    /// A string is too short or too long, or a [`Kind::Length`] is outside its
    /// range.
    #[error("an argument is too short or too long")]
    Length {
        /// Which argument, from 0; with an option, not counting it.
        index: usize,
    },
}

impl ArgError {
    /// Names the argument and what `spec` wants of it.
    pub(crate) fn reason(self, spec: &Spec) -> Reason {
        let expected = format!("expected {}", spec.syntax().unwrap_or_default());
        let (Self::Range { index, .. } | Self::Length { index }) = self else {
            return Reason::new(self.to_string()).remedy(expected);
        };
        let param = spec.write.and_then(|params| params.get(index));
        let cause = param.map_or_else(
            || self.to_string(),
            |param| format!("<{}> must be {}", param.name, param.range()),
        );
        Reason::new(cause).remedy(expected)
    }

    /// Which of several faults is reported, lowest first: what cannot be read
    /// at all, then the argument a command is about, then lengths, then other
    /// numbers (docs/spec/simcom.md 2.7).
    pub(super) const fn rank(self) -> u8 {
        match self {
            Self::Syntax | Self::Missing | Self::TooMany => 0,
            Self::Range { index: 0, .. } => 1,
            Self::Length { .. } => 2,
            Self::Range { .. } => 3,
        }
    }
}
