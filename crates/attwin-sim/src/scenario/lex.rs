//! A file into lines, and the words of a header, broker or time line.

use std::ops::Range;

use attwin_core::Duration;

use super::template::BadText;

/// Longest time a scenario may name.
pub(super) const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);

/// A line without its end, with its range in the file.
#[derive(Debug, Clone)]
pub(super) struct RawLine<'a> {
    pub(super) text: &'a str,
    pub(super) start: usize,
}

/// The lines of a file.
pub(super) fn lines(text: &str) -> impl Iterator<Item = RawLine<'_>> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let here = start;
        start += line.len();
        let line = line.strip_suffix('\n').unwrap_or(line);
        RawLine {
            text: line.strip_suffix('\r').unwrap_or(line),
            start: here,
        }
    })
}

/// Words and quoted strings of a line, up to a `#`.
#[derive(Debug, Clone)]
pub(super) struct Words<'a> {
    text: &'a str,
    at: usize,
}

/// One of [`Words`], with its range in their text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word<'a> {
    /// The text, without quotes if it is quoted.
    pub(super) text: &'a str,
    pub(super) quoted: bool,
    pub(super) range: Range<usize>,
}

impl<'a> Words<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next word.
    pub(super) fn next(&mut self) -> Result<Option<Word<'a>>, BadText> {
        let rest = &self.text[self.at..];
        let trimmed = rest.trim_start();
        let start = self.text.len() - trimmed.len();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            self.at = self.text.len();
            return Ok(None);
        }
        let (len, quoted) = match trimmed.strip_prefix('"') {
            Some(inside) => (closing_quote(inside).map(|len| len + 2), true),
            None => (
                trimmed.find([' ', '\t', '"']).or(Some(trimmed.len())),
                false,
            ),
        };
        let Some(len) = len else {
            return Err(BadText {
                range: start..self.text.len(),
                message: "the closing `\"` is missing".into(),
                help: Some(r#"a quote inside a string is written \""#.into()),
            });
        };
        self.at = start + len;
        let inside = if quoted {
            start + 1..self.at - 1
        } else {
            start..self.at
        };
        Ok(Some(Word {
            text: &self.text[inside],
            quoted,
            range: start..self.at,
        }))
    }

    /// The position after the last word.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// What has not been read, trimmed, with its position; its comment too.
    pub(super) fn rest(&self) -> (&'a str, usize) {
        let rest = self.text[self.at..].trim_start();
        (rest.trim_end(), self.text.len() - rest.len())
    }
}

/// Where the quote that ends a string stands.
fn closing_quote(inside: &str) -> Option<usize> {
    let mut escaped = false;
    inside.bytes().position(|byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })
}

/// Reads a time: `500ms`, `1.5s`, `2min`, `1h`; whole milliseconds.
pub(crate) fn time(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(digits);
    let unit: u64 = match unit {
        "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || number.ends_with('.') || fraction.len() > 9 {
        return None;
    }
    let mut millis = whole.parse::<u64>().ok()?.checked_mul(unit)?;
    if !fraction.is_empty() {
        let parts = fraction.parse::<u64>().ok()? * unit;
        let scale = 10_u64.pow(u32::try_from(fraction.len()).ok()?);
        if !parts.is_multiple_of(scale) {
            return None;
        }
        millis = millis.checked_add(parts / scale)?;
    }
    let time = Duration::from_millis(millis);
    (time <= LONGEST).then_some(time)
}

/// A time as [`time`] reads it.
pub(super) fn show_time(time: Duration) -> String {
    let millis = time.as_millis();
    if millis < 1_000 {
        return format!("{millis}ms");
    }
    let (seconds, rest) = (millis / 1_000, millis % 1_000);
    if rest == 0 {
        return format!("{seconds}s");
    }
    let text = format!("{seconds}.{rest:03}");
    format!("{}s", text.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times() {
        for (text, millis) in [
            ("0s", 0),
            ("5ms", 5),
            ("2s", 2_000),
            ("1.9s", 1_900),
            ("1.5min", 90_000),
            ("168h", 604_800_000),
        ] {
            assert_eq!(time(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for wrong in [
            "",
            "5",
            "s",
            ".5s",
            "5.s",
            "1.2.3s",
            "5 s",
            "-1s",
            "0.5ms",
            "169h",
            "5m",
            "99999999999999999999s",
        ] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn words_and_strings() {
        let mut words = Words::new(r#"  publish "a \" # b" qos 1 # rest"#);
        let mut read = Vec::new();
        while let Some(word) = words.next().expect("closed") {
            read.push((word.text, word.quoted));
        }
        assert_eq!(
            read,
            [
                ("publish", false),
                (r#"a \" # b"#, true),
                ("qos", false),
                ("1", false)
            ]
        );
        assert!(Words::new("\"a").next().is_err());
        assert!(Words::new("\"a\\\"").next().is_err());
    }

    proptest! {
        #[test]
        fn times_read_back(millis in 0u64..604_800_000) {
            let span = Duration::from_millis(millis);
            prop_assert_eq!(time(&show_time(span)), Some(span));
        }

        #[test]
        fn words_end(text: String) {
            let mut words = Words::new(&text);
            let mut last = 0;
            while let Ok(Some(word)) = words.next() {
                prop_assert!(word.range.start >= last && word.range.end > word.range.start);
                last = word.range.end;
            }
        }
    }
}
