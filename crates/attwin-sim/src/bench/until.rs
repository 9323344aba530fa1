//! Lines that are waited for.

use attwin_core::Duration;
use regex::bytes::{Regex, RegexBuilder};

/// Largest compiled expression in bytes.
const PATTERN_BYTES: usize = 256 << 10;
/// Lines of what was said that an error shows.
const SHOWN: usize = 8;

/// Why a line that was waited for is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotSaid {
    /// It was not said in time.
    #[error("no line \"{pattern}\" within {limit:?}; the module said {}", said(.heard))]
    InTime {
        /// The line.
        pattern: String,
        /// How long was waited.
        limit: Duration,
        /// The last lines that are not read.
        heard: Vec<String>,
    },
    /// The pattern is no regular expression.
    #[error("invalid expression {pattern}: {why}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with it.
        why: String,
    },
}

fn said(lines: &[String]) -> String {
    if lines.is_empty() {
        return "nothing".into();
    }
    let quoted: Vec<_> = lines.iter().map(|line| format!("{line:?}")).collect();
    quoted.join(", ")
}

/// A line that is waited for.
pub(super) struct Pattern {
    text: String,
    expression: Option<Regex>,
}

impl Pattern {
    pub(super) fn new(text: &str) -> Result<Self, NotSaid> {
        let between = text
            .strip_prefix('/')
            .and_then(|rest| rest.strip_suffix('/'));
        let compile = |expression: &str| {
            RegexBuilder::new(expression)
                .unicode(false)
                .size_limit(PATTERN_BYTES)
                .build()
                .map_err(|error| NotSaid::Pattern {
                    pattern: text.into(),
                    why: error.to_string(),
                })
        };
        Ok(Self {
            text: text.into(),
            expression: between.map(compile).transpose()?,
        })
    }

    /// The first line that fits, and the bytes to its end.
    pub(super) fn find(&self, said: &[u8], prompt: &[u8]) -> Option<(String, usize)> {
        let mut start = 0;
        loop {
            let rest = &said[start..];
            let end = rest.iter().position(|byte| *byte == b'\n');
            let line = &rest[..end.unwrap_or(rest.len())];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            // A prompt has no end.
            let prompt = prompt.trim_ascii_start();
            let is_whole = end.is_some() || (!line.is_empty() && rest == prompt);
            if is_whole && self.fits(line) {
                let len = end.map_or(said.len(), |end| start + end + 1);
                return Some((String::from_utf8_lossy(line).into_owned(), len));
            }
            start += end? + 1;
        }
    }

    pub(super) fn not_said(&self, limit: Duration, said: &[u8]) -> NotSaid {
        let text = String::from_utf8_lossy(said);
        let lines: Vec<_> = text.lines().filter(|line| !line.is_empty()).collect();
        let shown = &lines[lines.len().saturating_sub(SHOWN)..];
        NotSaid::InTime {
            pattern: self.text.clone(),
            limit,
            heard: shown.iter().map(|line| (*line).into()).collect(),
        }
    }

    fn fits(&self, line: &[u8]) -> bool {
        match &self.expression {
            Some(expression) => expression.is_match(line),
            None => line.starts_with(self.text.as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(pattern: &str, said: &str) -> Option<(String, usize)> {
        let pattern = Pattern::new(pattern).expect("valid");
        pattern.find(said.as_bytes(), b"\r\n> ")
    }

    #[test]
    fn whole_lines_only() {
        let said = "\r\nOK\r\n\r\n+QMTOPEN: 0,0\r\n";
        assert_eq!(find("OK", said), Some(("OK".into(), 6)));
        assert_eq!(find("+QMTOPEN", said), Some(("+QMTOPEN: 0,0".into(), 23)));
        assert_eq!(find("/,0$/", said), Some(("+QMTOPEN: 0,0".into(), 23)));
        assert_eq!(find("/^K/", said), None);
        assert_eq!(find("+QMTOPEN", "\r\n+QMTOPEN: 0,"), None);
    }

    #[test]
    fn a_prompt_counts_as_one() {
        assert_eq!(find(">", "\r\n> "), Some(("> ".into(), 4)));
        assert_eq!(find(">", "\r\n>"), None);
    }

    #[test]
    fn a_bad_expression_is_named() {
        let error = Pattern::new("/(/").err().expect("an error");
        assert!(error.to_string().starts_with("invalid expression /(/: "));
    }
}
