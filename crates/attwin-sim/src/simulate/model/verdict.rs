//! How a call may be answered.

/// What the final result of a call may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) ok: bool,
    /// A refusal without a number.
    pub(crate) error: bool,
    /// Numbers a refusal may have.
    pub(crate) codes: &'static [u32],
}

pub(crate) const OK: Verdict = ok_or(&[]);
pub(crate) const ERROR: Verdict = Verdict {
    ok: false,
    error: true,
    codes: &[],
};
/// The specification does not say, or it is not the model's to know.
pub(crate) const ANY: Verdict = Verdict {
    ok: true,
    error: true,
    codes: &[],
};

/// A refusal with one of these numbers.
pub(crate) const fn code(codes: &'static [u32]) -> Verdict {
    Verdict {
        ok: false,
        error: false,
        codes,
    }
}

/// `OK`, or a refusal with one of these numbers.
pub(crate) const fn ok_or(codes: &'static [u32]) -> Verdict {
    Verdict {
        ok: true,
        error: false,
        codes,
    }
}

impl Verdict {
    /// Whether it allows a refusal with this number; where refusals have none,
    /// one without stands for any.
    pub(super) fn refuses(self, code: Option<u32>, hidden: bool) -> bool {
        match code {
            Some(code) => self == ANY || self.codes.contains(&code),
            None => self.error || hidden && !self.codes.is_empty(),
        }
    }
}
