//! Keys of files: `file/<volume>/<escaped name>`, in the characters of
//! [`StoreCommand`](crate::StoreCommand).

use alloc::string::String;
use alloc::vec::Vec;

use super::Volume;

/// What every file key begins with.
pub(super) const FILES: &str = "file/";

/// Key of a file.
pub(super) fn file_key(volume: &Volume, name: &[u8]) -> String {
    let mut key = String::with_capacity(FILES.len() + volume.key.len() + 1 + name.len());
    key.push_str(FILES);
    key.push_str(volume.key);
    key.push('/');
    escape(name, &mut key);
    key
}

/// Volume and escaped name.
pub(super) fn split_file_key(key: &str) -> Option<(&str, &str)> {
    key.strip_prefix(FILES)?.split_once('/')
}

/// Whether a key is one [`file_key`] makes.
pub(crate) fn is_file_key(key: &str) -> bool {
    let Some((volume, escaped)) = split_file_key(key) else {
        return false;
    };
    let Some(name) = unescape(escaped) else {
        return false;
    };
    let mut again = String::new();
    escape(&name, &mut again);
    is_key(volume) && !name.is_empty() && again == escaped
}

/// Writes a name in the characters keys are made of. A slash and a leading dot
/// are escaped too, so that a key used as a path names one file below its
/// volume.
fn escape(name: &[u8], out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (i, &byte) in name.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' => out.push(char::from(byte)),
            b'.' if i > 0 => out.push('.'),
            _ => {
                out.push('%');
                out.push(char::from(DIGITS[usize::from(byte >> 4)]));
                out.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
        }
    }
}

/// The name behind an escaped one; `None` if it is not one.
pub(super) fn unescape(escaped: &str) -> Option<Vec<u8>> {
    let mut name = Vec::with_capacity(escaped.len());
    let mut bytes = escaped.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            name.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        let code = digit()? * 16 + digit()?;
        name.push(u8::try_from(code).ok()?);
    }
    Some(name)
}

/// Whether a key is made of the characters allowed.
pub(super) fn is_key(key: &str) -> bool {
    !key.is_empty()
        && key
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' | b'%'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VOLUME: Volume = Volume {
        key: "flash",
        capacity: 0,
        files: 0,
        persistent: true,
    };

    #[test]
    fn keys_are_safe_as_paths() {
        assert_eq!(
            file_key(&VOLUME, b"../a.B\xff"),
            "file/flash/%2e.%2fa.%42%ff"
        );
        assert_eq!(file_key(&VOLUME, b"."), "file/flash/%2e");
    }
}
