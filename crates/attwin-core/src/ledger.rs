//! What a command set says unasked, and what it leaves out: with the command
//! table, everything the fidelity ledger of a module is made of.

use crate::command::{Field, Meaning, Origin};

/// An unsolicited result code, as a module's specification lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Urc {
    /// The line, with `<name>` for what varies; a result code of several lines
    /// with `\r\n` between them.
    pub shape: &'static str,
    /// The fields worth a word.
    pub fields: &'static [Field],
    /// When it is said, in a few words.
    pub when: &'static str,
    /// Where it is specified.
    pub section: &'static str,
    /// Where its bytes come from.
    pub origin: Origin,
}

/// Something a real module has and attwin does not, or not wholly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gap {
    /// What it is.
    pub what: &'static str,
    /// Where the specification speaks of it.
    pub section: &'static str,
    /// What attwin does instead, and why.
    pub why: &'static str,
}

/// The descriptive part of a command set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ledger {
    pub(crate) urcs: &'static [Urc],
    pub(crate) gaps: &'static [Gap],
    /// Error numbers of `+CME ERROR:` that its commands report.
    pub(crate) errors: &'static [Meaning],
}

impl Urc {
    /// A result code of the vendor's manual.
    pub(crate) const fn manual(
        shape: &'static str,
        section: &'static str,
        when: &'static str,
    ) -> Self {
        Self {
            shape,
            fields: &[],
            when,
            section,
            origin: Origin::Manual,
        }
    }

    /// With what its fields mean.
    pub(crate) const fn fields(mut self, fields: &'static [Field]) -> Self {
        self.fields = fields;
        self
    }

    /// With another origin of its bytes.
    pub(crate) const fn origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }
}
