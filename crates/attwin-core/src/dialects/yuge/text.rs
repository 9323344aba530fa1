//! Strings as the module reads and prints them (docs/spec/yuge.md 2.2, 2.4 and
//! 2.7).

use alloc::vec::Vec;

use bytes::Bytes;

/// Longest topic or filter.
pub(super) const TOPIC: usize = 256;
/// Longest message as text.
pub(super) const MESSAGE: usize = 1024;
/// Longest message as hexadecimal digits.
pub(super) const DIGITS: usize = 2 * MESSAGE;

/// An answer's line under construction: `+NAME:` and values with commas
/// between them.
#[derive(Debug)]
pub(super) struct Line {
    bytes: Vec<u8>,
    empty: bool,
}

impl Line {
    /// `head` ends in a colon, or in the space some have after it
    /// (docs/spec/yuge.md 2.6).
    pub(super) fn new(head: &str) -> Self {
        Self {
            bytes: Vec::from(head),
            empty: true,
        }
    }

    /// With a string that a host could send back as it is printed: raw, or
    /// quoted where it would not read the same raw (docs/spec/yuge.md 2.4).
    pub(super) fn text(mut self, text: &[u8]) -> Self {
        self.comma();
        let needs_quotes = text.contains(&b',')
            || text.starts_with(b"\"")
            || text.starts_with(b" ")
            || text.ends_with(b" ");
        if needs_quotes {
            self.bytes.push(b'"');
            for &byte in text {
                if byte == b'"' {
                    self.bytes.push(b'\\');
                }
                self.bytes.push(byte);
            }
            self.bytes.push(b'"');
        } else {
            self.bytes.extend_from_slice(text);
        }
        self
    }

    /// With a string between quotes, whatever is in it.
    pub(super) fn quoted(mut self, text: &[u8]) -> Self {
        self.comma();
        self.bytes.push(b'"');
        self.bytes.extend_from_slice(text);
        self.bytes.push(b'"');
        self
    }

    /// With a number.
    pub(super) fn number(mut self, number: impl Into<i64>) -> Self {
        self.comma();
        let number = alloc::format!("{}", number.into());
        self.bytes.extend_from_slice(number.as_bytes());
        self
    }

    fn comma(&mut self) {
        if !core::mem::take(&mut self.empty) {
            self.bytes.push(b',');
        }
    }
}

impl AsRef<[u8]> for Line {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl From<Line> for Bytes {
    fn from(answer: Line) -> Self {
        answer.bytes.into()
    }
}

/// The bytes an even number of hexadecimal digits stands for, either case.
pub(super) fn from_hex(digits: &[u8]) -> Result<Bytes, DigitsError> {
    if !digits.len().is_multiple_of(2) {
        return Err(DigitsError::Odd(digits.len()));
    }
    let value = |digit: u8| {
        let value = char::from(digit).to_digit(16)?;
        u8::try_from(value).ok()
    };
    let bytes: Option<Vec<u8>> = digits
        .chunks_exact(2)
        .map(|pair| Some(value(pair[0])? << 4 | value(pair[1])?))
        .collect();
    bytes.map(Bytes::from).ok_or(DigitsError::Other)
}

/// Why hexadecimal digits are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DigitsError {
    /// So many, an odd number.
    Odd(usize),
    /// Something is no digit.
    Other,
}

/// A number where its range depends on a name before it; elsewhere the table
/// reads it (docs/spec/yuge.md 2.2).
pub(super) fn number(digits: &[u8], min: u8, max: u8) -> Option<u8> {
    if digits.len() > super::profile::QUIRKS.grammar.integer_digits
        || !digits.iter().all(u8::is_ascii_digit)
    {
        return None;
    }
    let number = core::str::from_utf8(digits).ok()?.parse().ok()?;
    (min..=max).contains(&number).then_some(number)
}

/// Whether a message can be published to this topic.
pub(super) fn is_topic(topic: &[u8]) -> bool {
    !topic.is_empty() && !topic.iter().any(|byte| matches!(byte, b'+' | b'#' | 0))
}

/// Whether this can be subscribed to (MQTT 3.1.1 section 4.7).
pub(super) fn is_filter(filter: &[u8]) -> bool {
    if filter.is_empty() || filter.contains(&0) {
        return false;
    }
    let mut levels = filter.split(|&b| b == b'/').peekable();
    while let Some(level) = levels.next() {
        let wild = level.iter().any(|b| matches!(b, b'+' | b'#'));
        let allowed = match level {
            b"#" => levels.peek().is_none(),
            b"+" => true,
            _ => !wild,
        };
        if !allowed {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::command::{Args, Param, Params};

    fn printed(text: &[u8]) -> Bytes {
        Line::new("").text(text).into()
    }

    #[test]
    fn quotes_only_where_they_are_needed() {
        for (text, line) in [
            ("", ""),
            ("test message!!", "test message!!"),
            ("a\"b", "a\"b"),
            ("a,\"b", "\"a,\\\"b\""),
            ("\"a", "\"\\\"a\""),
            (" a", "\" a\""),
            ("a ", "\"a \""),
        ] {
            assert_eq!(printed(text.as_bytes()), line.as_bytes(), "{text}");
        }
    }

    proptest! {
        /// What is printed reads the same when a host sends it back. A
        /// backslash before a quote is the exception: escaping it is not
        /// specified.
        #[test]
        fn printed_strings_can_be_sent_back(text in "[ -\\[\\]-~]{0,40}") {
            const ONE: Params = Params {
                fixed: &[Param::text("text", 0, 256)],
                repeated: None,
            };
            let line = printed(text.as_bytes());
            let args = Args::parse(&line, &ONE, &super::super::profile::QUIRKS.grammar).expect("valid");
            prop_assert_eq!(args.text(0), Some(text.as_bytes()));
        }

        #[test]
        fn hexadecimal_round_trips(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let digits: alloc::string::String =
                bytes.iter().map(|byte| alloc::format!("{byte:02X}")).collect();
            let read = from_hex(digits.as_bytes());
            prop_assert_eq!(read.as_deref(), Ok(&bytes[..]));
        }
    }

    #[test]
    fn hexadecimal_in_either_case_and_even() {
        assert_eq!(from_hex(b"7e7E").as_deref(), Ok(&b"~~"[..]));
        assert_eq!(from_hex(b"").as_deref(), Ok(&b""[..]));
        for bad in [&b"7"[..], b"7x", b"+7", b" 7"] {
            assert!(from_hex(bad).is_err());
        }
    }

    #[test]
    fn topics_and_filters() {
        assert!(is_topic(b"/a/b") && is_topic(b"$SYS/x"));
        for bad in [&b""[..], b"a/+", b"#", b"a\0"] {
            assert!(!is_topic(bad));
        }
        for good in [&b"#"[..], b"+", b"a/+/b", b"a/#", b"/", b"+/+/#", b"a b"] {
            assert!(is_filter(good), "{}", good.escape_ascii());
        }
        for bad in [&b""[..], b"a#", b"a/#/b", b"a+", b"+a", b"a\0", b"##"] {
            assert!(!is_filter(bad), "{}", bad.escape_ascii());
        }
    }
}
