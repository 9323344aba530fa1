//! Bytes as text and back: `\r \n \t \\ \" \xHH`.

use std::fmt::{self, Write};

/// Bytes written the way `>>` and `<<` lines write them: printable ASCII and
/// valid UTF-8 as they are, everything else escaped.
pub(crate) struct Escaped<'a>(pub(crate) &'a [u8]);

/// Bytes as a string in quotes, the way `@` lines write them.
pub(super) struct Quoted<'a>(pub(super) &'a [u8]);

/// A backslash that starts no escape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BadEscape {
    /// Offset of the backslash.
    pub(super) at: usize,
    /// Bytes that belong to it.
    pub(super) len: usize,
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    '\r' => f.write_str("\\r")?,
                    '\n' => f.write_str("\\n")?,
                    '\t' => f.write_str("\\t")?,
                    '\\' => f.write_str("\\\\")?,
                    c if c.is_control() => {
                        let mut buffer = [0; 4];
                        for byte in c.encode_utf8(&mut buffer).bytes() {
                            write!(f, "\\x{byte:02X}")?;
                        }
                    }
                    c => f.write_char(c)?,
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02X}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for (number, part) in self.0.split(|byte| *byte == b'"').enumerate() {
            if number > 0 {
                f.write_str("\\\"")?;
            }
            Escaped(part).fmt(f)?;
        }
        f.write_char('"')
    }
}

/// Reads one escape at the start of `text`, which starts with a backslash;
/// returns the byte and how long the escape is.
pub(super) fn read(text: &str) -> Result<(u8, usize), BadEscape> {
    debug_assert!(text.starts_with('\\'), "called at a backslash");
    let bad = || BadEscape {
        at: 0,
        len: 1 + text[1..].chars().next().map_or(0, char::len_utf8),
    };
    let byte = match text.as_bytes().get(1) {
        Some(b'r') => b'\r',
        Some(b'n') => b'\n',
        Some(b't') => b'\t',
        Some(b'\\') => b'\\',
        Some(b'"') => b'"',
        Some(b'x') => {
            let digits = text.get(2..4).filter(|d| !d.starts_with('+'));
            let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
            return byte.map(|byte| (byte, 4)).ok_or_else(bad);
        }
        _ => return Err(bad()),
    };
    Ok((byte, 2))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unescape(text: &str) -> Result<Vec<u8>, BadEscape> {
        let (mut bytes, mut at) = (Vec::new(), 0);
        while at < text.len() {
            if text.as_bytes()[at] == b'\\' {
                let (byte, len) = read(&text[at..])?;
                bytes.push(byte);
                at += len;
            } else {
                bytes.push(text.as_bytes()[at]);
                at += 1;
            }
        }
        Ok(bytes)
    }

    #[test]
    fn every_escape() {
        assert_eq!(
            unescape(r#"\r\n\t\\\"\x00\xfF"#),
            Ok(b"\r\n\t\\\"\x00\xff".to_vec())
        );
        for wrong in [r"\", r"\q", r"\x", r"\x1", r"\xg0", r"\x+1", r"\ü"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(bytes: Vec<u8>) {
            let text = Escaped(&bytes).to_string();
            prop_assert!(!text.contains(['\r', '\n']));
            prop_assert_eq!(unescape(&text), Ok(bytes));
        }
    }
}
