//! Whether what the module said is what a line expects.

use super::ast::{Expectation, Saying};
use super::framing::{self, CRLF, PieceKind, Response};
use super::template::{Captures, Fit, Template, Values};

/// How waiting bytes compare with an expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The first `len` bytes are it; `text` of them is the line, if it is one.
    Fits {
        len: usize,
        text: Option<std::ops::Range<usize>>,
        captures: Captures,
    },
    /// More bytes may make them it.
    Part,
    /// The text is right, its CR LFs are not.
    WrongFraming,
    /// They are something else.
    Differs,
}

/// What a comparison depends on besides bytes.
#[derive(Clone, Copy)]
pub(super) struct Circumstances<'a> {
    pub(super) response: &'a Response,
    pub(super) prompt: &'a [u8],
    pub(super) values: &'a Values,
}

/// Compares the bytes that wait with an expectation.
pub(super) fn compare(expected: &Expectation, bytes: &[u8], given: Circumstances<'_>) -> Verdict {
    if bytes.is_empty() {
        return Verdict::Part;
    }
    match &expected.said {
        Saying::Line(text) => line(bytes, given, true, |rest| text_fit(text, rest, given)),
        Saying::Continuation(text) => line(bytes, given, false, |rest| text_fit(text, rest, given)),
        Saying::Pattern(pattern) => line(bytes, given, true, |rest| {
            let end = rest.windows(2).position(|pair| pair == CRLF);
            let Some(end) = end else {
                return (Fit::Part, false);
            };
            let captures = pattern.matches(&rest[..end], given.values);
            let fit = captures.map_or(Fit::No, |captures| Fit::Whole(end + CRLF.len(), captures));
            (fit, false)
        }),
        Saying::Bytes(text) => match text.fit(bytes, b"", given.values, false) {
            Fit::Whole(len, captures) => Verdict::Fits {
                len,
                text: None,
                captures,
            },
            Fit::Part => Verdict::Part,
            Fit::No => Verdict::Differs,
        },
        Saying::Prompt if bytes.starts_with(given.prompt) => Verdict::Fits {
            len: given.prompt.len(),
            text: None,
            captures: Captures::new(),
        },
        Saying::Prompt if given.prompt.starts_with(bytes) => Verdict::Part,
        Saying::Prompt => Verdict::Differs,
    }
}

/// Whether a text and the CR LF after it stand at the start of `rest`; else,
/// whether only the CR LF is wrong.
fn text_fit(text: &Template, rest: &[u8], given: Circumstances<'_>) -> (Fit, bool) {
    let fit = text.fit(rest, CRLF, given.values, true);
    let bare_end = fit == Fit::No
        && match text.fit(rest, b"", given.values, true) {
            Fit::Whole(len, _) => matches!(rest.get(len), Some(b'\r' | b'\n')),
            _ => false,
        };
    (fit, bare_end)
}

/// Compares a line; `opened` says whether a CR LF belongs before it.
fn line(
    bytes: &[u8],
    given: Circumstances<'_>,
    opened: bool,
    fit: impl Fn(&[u8]) -> (Fit, bool),
) -> Verdict {
    if bytes == b"\r" {
        return Verdict::Part;
    }
    let is_opened = bytes.starts_with(CRLF);
    let start = if is_opened { CRLF.len() } else { 0 };
    let (fit, bare_end) = fit(&bytes[start..]);
    match fit {
        Fit::Part => Verdict::Part,
        Fit::No if bare_end => Verdict::WrongFraming,
        Fit::No => Verdict::Differs,
        Fit::Whole(len, captures) => {
            let text = start..start + len - CRLF.len();
            let continues = || given.response.continues_with(&bytes[text.clone()]);
            if is_opened != opened && !(opened && continues()) {
                return Verdict::WrongFraming;
            }
            let moved = |range: std::ops::Range<usize>| start + range.start..start + range.end;
            Verdict::Fits {
                len: start + len,
                text: Some(text.clone()),
                captures: captures
                    .into_iter()
                    .map(|(v, range)| (v, moved(range)))
                    .collect(),
            }
        }
    }
}

/// Whether what came is complete enough to be shown: not the beginning of a
/// line whose end is on its way.
pub(super) fn is_complete(bytes: &[u8], prompt: &[u8]) -> bool {
    framing::first(bytes, prompt).is_some_and(|piece| piece.kind != PieceKind::Fragment)
}
