//! Text of a line with where it stands, and what is wrong with it.

use crate::scenario::source::Span;
use crate::scenario::template::BadText;

/// Text of a line and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Piece<'a> {
    pub(super) text: &'a str,
    pub(super) file: usize,
    pub(super) start: usize,
}

impl<'a> Piece<'a> {
    pub(super) fn span(self) -> Span {
        self.part(0..self.text.len())
    }

    pub(super) fn part(self, range: std::ops::Range<usize>) -> Span {
        Span {
            file: self.file,
            start: self.start + range.start,
            end: self.start + range.end,
        }
    }

    pub(super) fn from(self, at: usize) -> Self {
        Self {
            text: &self.text[at..],
            file: self.file,
            start: self.start + at,
        }
    }

    pub(super) fn locate(self, bad: BadText) -> Bad {
        Bad {
            span: self.part(bad.range),
            message: bad.message,
            help: bad.help,
        }
    }
}

/// An error before its place is looked up.
pub(super) struct Bad {
    pub(super) span: Span,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

pub(super) fn bad<T>(span: Span, message: impl Into<String>) -> Result<T, Bad> {
    Err(Bad {
        span,
        message: message.into(),
        help: None,
    })
}

pub(super) fn bad_help<T>(
    span: Span,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Result<T, Bad> {
    Err(Bad {
        span,
        message: message.into(),
        help: Some(help.into()),
    })
}

/// The text after an operator of `len` bytes and one space.
pub(super) fn argument(line: Piece<'_>, len: usize) -> Result<Piece<'_>, Bad> {
    let rest = line.from(len);
    match rest.text.as_bytes().first() {
        None => Ok(rest),
        Some(b' ' | b'\t') => Ok(rest.from(1)),
        Some(_) => bad_help(
            line.span(),
            format!("expected a space after `{}`", &line.text[..len]),
            "one space belongs to the notation, everything after it to the text",
        ),
    }
}

pub(super) fn not_a_time<T>(span: Span, text: &str) -> Result<T, Bad> {
    bad_help(
        span,
        format!("`{text}` is not a time"),
        "times are 500ms, 1.5s, 2min, 1h, in whole milliseconds, at most 168h; a range is 1.9s..2.1s",
    )
}
