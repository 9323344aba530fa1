//! Bytes as text, without loss, as scenario files write them.

use std::fmt::Write as _;

/// `bytes` with `\r`, `\n`, `\t`, `\\` and `\xHH` for what is no printable
/// text. UTF-8 beyond ASCII stays readable. Two different inputs never give
/// the same text.
pub(crate) fn escape(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + 8);
    for chunk in bytes.utf8_chunks() {
        for char in chunk.valid().chars() {
            match char {
                '\r' => text.push_str("\\r"),
                '\n' => text.push_str("\\n"),
                '\t' => text.push_str("\\t"),
                '\\' => text.push_str("\\\\"),
                char if char.is_control() => {
                    hex(&mut text, char.encode_utf8(&mut [0; 4]).as_bytes());
                }
                char => text.push(char),
            }
        }
        hex(&mut text, chunk.invalid());
    }
    text
}

fn hex(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "\\x{byte:02X}");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The inverse, as a reader of a trace would write it.
    fn unescape(text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut rest = text;
        while let Some(char) = rest.chars().next() {
            let taken = match (char, rest.as_bytes().get(1)) {
                ('\\', Some(b'r')) => (2, b"\r".to_vec()),
                ('\\', Some(b'n')) => (2, b"\n".to_vec()),
                ('\\', Some(b't')) => (2, b"\t".to_vec()),
                ('\\', Some(b'\\')) => (2, b"\\".to_vec()),
                ('\\', Some(b'x')) => (4, vec![u8::from_str_radix(&rest[2..4], 16).unwrap()]),
                (char, _) => (char.len_utf8(), char.to_string().into_bytes()),
            };
            bytes.extend(taken.1);
            rest = &rest[taken.0..];
        }
        bytes
    }

    #[test]
    fn text_stays_readable() {
        assert_eq!(escape(b"AT\r\n"), "AT\\r\\n");
        assert_eq!(escape("\"温度\" \\".as_bytes()), "\"温度\" \\\\");
        assert_eq!(escape(b"\x1a\xff\x7f"), "\\x1A\\xFF\\x7F");
    }

    proptest! {
        #[test]
        fn nothing_is_lost(bytes: Vec<u8>) {
            prop_assert_eq!(unescape(&escape(&bytes)), bytes);
        }

        #[test]
        fn nothing_of_text_is_lost(text in "[\\\\xrn0-9A-F\u{0}-\u{ff}]*") {
            prop_assert_eq!(unescape(&escape(text.as_bytes())), text.as_bytes());
        }
    }
}
