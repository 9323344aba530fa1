//! Certificate files (docs/spec/simcom.md 9.2).

use alloc::format;
use alloc::vec::Vec;

use bytes::Bytes;

use crate::reason::Reason;
use crate::storage::{Storage, Volume};

/// Where the files are; they survive a restart. The manuals give no size.
pub(super) static VOLUME: Volume = Volume {
    key: "cert",
    capacity: 256 * 1024,
    files: 64,
    persistent: true,
};

/// Writes a file; `false` if there is no room.
pub(super) fn store(storage: &mut Storage, name: &[u8], content: Vec<u8>) -> bool {
    storage.write(&VOLUME, name, content.into()).is_ok()
}

/// Why [`store`] could not.
pub(super) fn no_room(name: &[u8]) -> Reason {
    let cause = format!("there is no room for \"{}\"", name.escape_ascii());
    let remedy = format!(
        "AT+CCERTDELE makes room; there is room for {} bytes in {} files",
        VOLUME.capacity, VOLUME.files
    );
    Reason::new(cause).remedy(remedy)
}

/// Why a name is refused.
pub(super) fn bad_name(name: &[u8]) -> Reason {
    let cause = format!(
        "\"{}\" is no name of a certificate file",
        name.escape_ascii()
    );
    Reason::new(cause).remedy("it has 5 to 108 bytes and ends in .pem or .der")
}

/// Why a file cannot be found.
pub(super) fn no_file(name: &[u8]) -> Reason {
    let cause = format!("there is no file \"{}\"", name.escape_ascii());
    Reason::new(cause).remedy("AT+CCERTLIST lists the files, AT+CCERTDOWN stores one")
}

/// Content of a file.
pub(super) fn read(storage: &Storage, name: &[u8]) -> Option<Bytes> {
    storage.read(&VOLUME, name).cloned()
}

/// 5 to 108 bytes that end in `.pem` or `.der`.
pub(super) fn is_name(name: &[u8]) -> bool {
    let suffix = name.len().checked_sub(4).map(|at| &name[at..]);
    let known = |suffix: &[u8]| {
        suffix.eq_ignore_ascii_case(b".pem") || suffix.eq_ignore_ascii_case(b".der")
    };
    (5..=108).contains(&name.len()) && suffix.is_some_and(known)
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn names() {
        for good in [&b"a.pem"[..], b"server_ca.PEM", b"x.y.der"] {
            assert!(is_name(good));
        }
        for bad in [&b".pem"[..], b"a.crt", b"pem", b"", &[b'x'; 109]] {
            assert!(!is_name(bad));
        }
    }
}
