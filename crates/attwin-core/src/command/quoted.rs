//! Strings in quotes: where they end, and what their escapes stand for.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::quirks::{ClosingQuote, Escapes, GrammarQuirks};

/// Length of the quoted string at the start of `text`, both quotes included;
/// `None` if it does not end.
pub(super) fn end_of_string(text: &[u8], quirks: &GrammarQuirks) -> Option<usize> {
    debug_assert_eq!(text.first(), Some(&b'"'));
    let mut at = 1;
    while at < text.len() {
        match text[at] {
            b'\\' if escapes_next(&text[at + 1..], quirks.escapes) => at += 2,
            b'"' if quirks.closing_quote == ClosingQuote::First || closes(&text[at + 1..]) => {
                return Some(at + 1);
            }
            _ => at += 1,
        }
    }
    None
}

fn closes(after: &[u8]) -> bool {
    matches!(after.trim_ascii_start().first(), None | Some(b',' | b';'))
}

fn escapes_next(after: &[u8], escapes: Escapes) -> bool {
    match (escapes, after.first()) {
        (Escapes::None, _) | (_, None) => false,
        (Escapes::Quote, Some(&next)) => next == b'"',
        (Escapes::QuoteAndBackslash, Some(&next)) => next == b'"' || next == b'\\',
        (Escapes::C, Some(_)) => true,
    }
}

pub(super) fn unescape(text: &[u8], escapes: Escapes) -> Cow<'_, [u8]> {
    if escapes == Escapes::None || !text.contains(&b'\\') {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        if *first != b'\\' || !escapes_next(tail, escapes) {
            out.push(*first);
            rest = tail;
        } else if escapes == Escapes::C {
            rest = c_escape(tail, &mut out);
        } else {
            out.push(tail[0]);
            rest = &tail[1..];
        }
    }
    Cow::Owned(out)
}

/// Decodes one C escape whose backslash is gone; returns what follows it. An
/// unknown escape stays as it was written.
fn c_escape<'t>(text: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
    let number = |digits: &[u8], radix: u32| {
        digits.iter().fold(0u32, |n, &d| {
            n * radix + char::from(d).to_digit(radix).unwrap_or(0)
        })
    };
    let plain = match text[0] {
        b'a' => 0x07,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'v' => 0x0b,
        b'?' | b'\\' | b'\'' | b'"' => text[0],
        b'x' => {
            let digits = text[1..]
                .iter()
                .take(2)
                .take_while(|b| b.is_ascii_hexdigit())
                .count();
            if digits == 0 {
                out.extend_from_slice(b"\\x");
            } else {
                out.push(u8::try_from(number(&text[1..=digits], 16)).unwrap_or(u8::MAX));
            }
            return &text[1 + digits..];
        }
        b'0'..=b'7' => {
            let digits = text
                .iter()
                .take(3)
                .take_while(|b| (b'0'..=b'7').contains(b))
                .count();
            out.push(u8::try_from(number(&text[..digits], 8) & 0xff).unwrap_or(u8::MAX));
            return &text[digits..];
        }
        other => {
            out.push(b'\\');
            other
        }
    };
    out.push(plain);
    &text[1..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_by_module() {
        let text: &[u8] = br#"a\"b\\c\nd\x41\101\q"#;
        assert_eq!(&*unescape(text, Escapes::None), text);
        assert_eq!(&*unescape(text, Escapes::Quote), br#"a"b\\c\nd\x41\101\q"#);
        assert_eq!(
            &*unescape(text, Escapes::QuoteAndBackslash),
            br#"a"b\c\nd\x41\101\q"#
        );
        assert_eq!(&*unescape(text, Escapes::C), b"a\"b\\c\ndAA\\q");
        assert_eq!(&*unescape(br"\xzz\x4", Escapes::C), b"\\xzz\x04");
    }
}
