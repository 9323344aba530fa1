//! Which lines a fault is aimed at.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use regex::bytes::{Regex, RegexBuilder};

use super::words::quote;

/// `"TEXT"` or `/REGEX/`.
#[derive(Debug, Clone)]
pub(super) struct Pattern(Arc<Form>);

#[derive(Debug)]
enum Form {
    Text(Bytes),
    Regex(Regex),
}

impl Pattern {
    /// A text, which is not empty.
    pub(super) fn text(text: Bytes) -> Self {
        Self(Arc::new(Form::Text(text)))
    }

    /// A regular expression; `None` if it is none.
    pub(super) fn regex(source: &str) -> Option<Self> {
        // Lines hold any bytes.
        let regex = RegexBuilder::new(source).unicode(false).build().ok()?;
        Some(Self(Arc::new(Form::Regex(regex))))
    }

    /// Whether something the module says is meant: it begins with the text, or
    /// the expression matches.
    pub(super) fn fits_line(&self, said: &[u8]) -> bool {
        let line = said.trim_ascii();
        match &*self.0 {
            Form::Text(text) => line.starts_with(text),
            Form::Regex(regex) => regex.is_match(line),
        }
    }

    /// Whether a command line is meant: it begins with the text, in any case,
    /// and no longer name.
    pub(super) fn fits_command(&self, line: &[u8]) -> bool {
        let line = line.trim_ascii();
        match &*self.0 {
            Form::Text(text) => {
                let Some((start, rest)) = line.split_at_checked(text.len()) else {
                    return false;
                };
                let inside = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
                let goes_on = inside(text.last()) && inside(rest.first());
                start.eq_ignore_ascii_case(text) && !goes_on
            }
            Form::Regex(regex) => regex.is_match(line),
        }
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        match (&*self.0, &*other.0) {
            (Form::Text(a), Form::Text(b)) => a == b,
            (Form::Regex(a), Form::Regex(b)) => a.as_str() == b.as_str(),
            _ => false,
        }
    }
}

impl Eq for Pattern {}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Form::Text(text) => f.write_str(&quote(text)),
            Form::Regex(regex) => write!(f, "/{}/", regex.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_meant_by_its_whole_name() {
        let command = Pattern::text(Bytes::from_static(b"AT+QMTPUB"));
        for line in ["AT+QMTPUB", "at+qmtpub=0,1", " AT+QMTPUB?", "AT+QMTPUB;I"] {
            assert!(command.fits_command(line.as_bytes()), "{line}");
        }
        for line in ["AT+QMTPUBEX=0", "AT+QMTPU", "AT", ""] {
            assert!(!command.fits_command(line.as_bytes()), "{line}");
        }
        let open = Pattern::text(Bytes::from_static(b"AT+QMTOPEN=0"));
        assert!(open.fits_command(b"AT+QMTOPEN=0,\"h\",1883"));
        assert!(!open.fits_command(b"AT+QMTOPEN=01"));
    }

    #[test]
    fn a_line_is_meant_by_how_it_begins() {
        let line = Pattern::text(Bytes::from_static(b"+QMTPUB"));
        assert!(line.fits_line(b"\r\n+QMTPUBEX: 0,7,0\r\n"));
        assert!(!line.fits_line(b"\r\nOK\r\n"));
        let line = Pattern::regex(r"^\+CSQ: \d").expect("valid");
        assert!(line.fits_line(b"\r\n+CSQ: 17,99\r\n"));
        assert!(!line.fits_line(b"\r\nX+CSQ: 17,99\r\n"));
        assert_eq!(Pattern::regex("("), None);
    }
}
