//! The words of a fault's text, the values they stand for, and what is wrong
//! with them.

use std::fmt::Write as _;

use attwin_core::Duration;

/// Why a text is not a fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// A word cannot stand where it stands.
    #[error("column {column}: {word:?} is not {expected}")]
    Unexpected {
        /// The word.
        word: String,
        /// Where it starts, in characters from 1.
        column: usize,
        /// What could stand there.
        expected: String,
    },
    /// The text ends too early.
    #[error("column {column}: the fault ends where {expected} should follow")]
    Incomplete {
        /// Where the text ends, in characters from 1.
        column: usize,
        /// What should follow.
        expected: String,
    },
    /// Nothing begins like this.
    #[error("column {column}: {word:?} is not a fault; did you mean `{meant}`?")]
    Unknown {
        /// The word.
        word: String,
        /// Where it starts, in characters from 1.
        column: usize,
        /// What it is close to.
        meant: String,
    },
    /// `/` has no partner, or what stands between the two has no meaning.
    #[error("column {column}: this is no regular expression between slashes, as /^\\+CSQ/")]
    Expression {
        /// Where it starts, in characters from 1.
        column: usize,
    },
    /// A quotation mark has no partner, or an escape has no meaning.
    #[error(
        "column {column}: the quotation is not closed, or has an escape other than \
         \\r \\n \\t \\\\ \\\" \\xHH"
    )]
    Quotation {
        /// Where it went wrong, in characters from 1.
        column: usize,
    },
}

/// One word. `key="value"` is one too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// As it was written.
    pub(super) text: String,
    pub(super) column: usize,
    /// `key` of `key=value`.
    pub(super) key: Option<String>,
    /// The bytes it stands for: of `key=value`, the value.
    pub(super) value: Vec<u8>,
    quoted: bool,
    /// It is `/…/`.
    expression: bool,
}

/// Words still to be read.
pub(super) struct Words {
    words: std::vec::IntoIter<Word>,
    /// Where the text ends.
    end: usize,
    /// What could have stood where the next word stands.
    offered: Vec<&'static str>,
}

impl Word {
    /// The word as a name or number; quoted text is neither.
    pub(super) fn plain(&self) -> &str {
        if self.quoted || self.expression || self.key.is_some() {
            ""
        } else {
            &self.text
        }
    }

    /// The value behind `=`, if it is text.
    pub(super) fn text_value(&self) -> &str {
        std::str::from_utf8(&self.value).unwrap_or("")
    }

    pub(super) fn is_quoted(&self) -> bool {
        self.quoted && self.key.is_none()
    }

    /// What stands between the slashes of `/…/`.
    pub(super) fn expression(&self) -> Option<&str> {
        let inner = self.text.strip_prefix('/')?.strip_suffix('/')?;
        self.expression.then_some(inner)
    }

    pub(super) fn unexpected(&self, expected: impl Into<String>) -> SpecError {
        SpecError::Unexpected {
            word: self.text.clone(),
            column: self.column,
            expected: expected.into(),
        }
    }
}

impl Words {
    /// Takes a text apart.
    pub(super) fn new(text: &str) -> Result<Self, SpecError> {
        let chars: Vec<char> = text.chars().collect();
        let mut words = Vec::new();
        let mut at = 0;
        while at < chars.len() {
            if chars[at].is_whitespace() {
                at += 1;
            } else {
                words.push(word(&chars, &mut at)?);
            }
        }
        Ok(Self {
            words: words.into_iter(),
            end: chars.len() + 1,
            offered: Vec::new(),
        })
    }

    pub(super) fn peek(&self) -> Option<&Word> {
        self.words.as_slice().first()
    }

    /// The next word, which must be there.
    pub(super) fn next(&mut self, expected: &str) -> Result<Word, SpecError> {
        self.offered.clear();
        self.words.next().ok_or_else(|| SpecError::Incomplete {
            column: self.end,
            expected: expected.to_owned(),
        })
    }

    /// The next word if `read` makes something of it; `what` it could be.
    pub(super) fn take<T>(
        &mut self,
        what: &'static str,
        read: impl FnOnce(&Word) -> Option<T>,
    ) -> Option<T> {
        let value = self.peek().and_then(read);
        match value {
            Some(_) => {
                self.words.next();
                self.offered.clear();
            }
            None => self.offered.push(what),
        }
        value
    }

    /// The next word of what is left, and what else could have stood there.
    pub(super) fn rest(&mut self) -> Option<(Word, Vec<&'static str>)> {
        let word = self.words.next()?;
        Some((word, std::mem::take(&mut self.offered)))
    }

    /// The next word, which `read` must make something of.
    pub(super) fn require<T>(
        &mut self,
        expected: &str,
        read: impl FnOnce(&Word) -> Option<T>,
    ) -> Result<T, SpecError> {
        let word = self.next(expected)?;
        read(&word).ok_or_else(|| word.unexpected(expected))
    }
}

fn word(chars: &[char], at: &mut usize) -> Result<Word, SpecError> {
    let start = *at;
    if chars[start] == '/' {
        return expression(chars, at);
    }
    let mut key = None;
    let mut value = Vec::new();
    let mut quoted = false;
    while let Some(&c) = chars.get(*at).filter(|c| !c.is_whitespace()) {
        *at += 1;
        match c {
            '"' => {
                quoted = true;
                quotation(chars, at, &mut value)?;
            }
            '=' if key.is_none() && !quoted && !value.is_empty() => {
                key = String::from_utf8(std::mem::take(&mut value)).ok();
            }
            c => value.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Ok(Word {
        text: chars[start..*at].iter().collect(),
        column: start + 1,
        key,
        value,
        quoted,
        expression: false,
    })
}

/// `/…/`, which may hold spaces and quotation marks, and slashes as `\/`.
fn expression(chars: &[char], at: &mut usize) -> Result<Word, SpecError> {
    let start = *at;
    let mut escaped = false;
    for (offset, c) in chars[start + 1..].iter().enumerate() {
        if *c == '/' && !escaped {
            *at = start + offset + 2;
            return Ok(Word {
                text: chars[start..*at].iter().collect(),
                column: start + 1,
                key: None,
                value: Vec::new(),
                quoted: false,
                expression: true,
            });
        }
        escaped = *c == '\\' && !escaped;
    }
    let column = start + 1;
    Err(SpecError::Expression { column })
}

/// Reads on to the closing quotation mark.
fn quotation(chars: &[char], at: &mut usize, value: &mut Vec<u8>) -> Result<(), SpecError> {
    let wrong = |at: usize| SpecError::Quotation { column: at + 1 };
    loop {
        let c = *chars.get(*at).ok_or_else(|| wrong(*at))?;
        *at += 1;
        match c {
            '"' => return Ok(()),
            '\\' => {
                let escape = *chars.get(*at).ok_or_else(|| wrong(*at))?;
                *at += 1;
                value.push(match escape {
                    'r' => b'\r',
                    'n' => b'\n',
                    't' => b'\t',
                    '\\' => b'\\',
                    '"' => b'"',
                    'x' => {
                        let digits: Option<String> =
                            chars.get(*at..*at + 2).map(|d| d.iter().collect());
                        let byte = digits
                            .filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))
                            .and_then(|d| u8::from_str_radix(&d, 16).ok());
                        *at += 2;
                        byte.ok_or_else(|| wrong(*at - 3))?
                    }
                    _ => return Err(wrong(*at - 1)),
                });
            }
            c => value.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// Bytes as a quotation that reads back as they are.
pub(super) fn quote(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for &byte in bytes {
        match byte {
            b'\r' => out.push_str("\\r"),
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'\\' => out.push_str("\\\\"),
            b'"' => out.push_str("\\\""),
            b' '..=b'~' => out.push(char::from(byte)),
            // Writing to a string does not fail.
            _ => _ = write!(out, "\\x{byte:02X}"),
        }
    }
    out.push('"');
    out
}

/// Units of time, the largest first, in microseconds.
const UNITS: [(&str, u64); 6] = [
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
];

/// What a span looks like, for messages.
pub(super) const SPAN: &str = "a span of time such as 500ms, 1.5s, 10m, 2h or 1d";

/// Longest span: about thirty years.
const LONGEST: u64 = 10_000 * 86_400_000_000;

/// `1.5s`: a decimal number and a unit, microseconds at the finest.
pub(super) fn parse_span(text: &str) -> Option<Duration> {
    let split = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(split);
    let (_, scale) = *UNITS.iter().find(|(name, _)| *name == unit)?;
    let micros = decimal(number, scale)?;
    (micros <= LONGEST).then(|| Duration::from_micros(micros))
}

/// A decimal number of units of `scale`, if it comes out even.
pub(super) fn decimal(number: &str, scale: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |s: &str| !s.is_empty() && s.len() <= 17 && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let whole = whole.parse::<u64>().ok()?.checked_mul(scale)?;
    let power = 10u128.pow(u32::try_from(fraction.len()).ok()?);
    let part = fraction.parse::<u128>().ok()? * u128::from(scale);
    if part % power != 0 {
        return None;
    }
    whole.checked_add(u64::try_from(part / power).ok()?)
}

/// A span in its largest unit that divides it.
pub(super) fn show_span(span: Duration) -> String {
    let micros = span.as_micros();
    let (unit, scale) = UNITS
        .into_iter()
        .find(|(_, scale)| micros > 0 && micros.is_multiple_of(u128::from(*scale)))
        .unwrap_or(("s", 1_000_000));
    format!("{}{unit}", micros / u128::from(scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_back_as_they_are_shown() {
        for text in ["500ms", "1s", "90s", "3m", "2h", "1d", "104us", "0s"] {
            let span = parse_span(text).expect(text);
            assert_eq!(show_span(span), text);
        }
        assert_eq!(parse_span("1.5s"), Some(Duration::from_millis(1500)));
        assert_eq!(parse_span("90000000ms"), Some(Duration::from_secs(90_000)));
        for wrong in [
            "",
            "1",
            "s",
            "1 s",
            "-1s",
            "1e3s",
            "0.5us",
            "1.s",
            "99999999d",
            "3w",
        ] {
            assert_eq!(parse_span(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn quotations_read_back_whatever_they_hold() {
        let all: Vec<u8> = (0..=255).collect();
        let mut words =
            Words::new(&format!("a {} key={} b", quote(&all), quote(&all))).expect("well formed");
        assert_eq!(words.next("a").expect("there").plain(), "a");
        assert_eq!(words.next("all").expect("there").value, all);
        let pair = words.next("pair").expect("there");
        assert_eq!((pair.key.as_deref(), pair.value), (Some("key"), all));
        assert_eq!(
            words.next("b").expect("there").column,
            2 + 2 * quote(&(0..=255).collect::<Vec<_>>()).len() + 7
        );
    }

    #[test]
    fn a_broken_quotation_is_located() {
        for (text, column) in [("a \"b", 5), (r#""\q""#, 3), (r#""\x4""#, 3), (r#""\x"#, 3)] {
            let error = Words::new(text).err().expect(text);
            assert_eq!(error, SpecError::Quotation { column }, "{text}");
        }
    }
}
