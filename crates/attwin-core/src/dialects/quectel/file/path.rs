//! File names of the family (docs/spec/quectel.md 9.2).

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::storage::Volume;

/// Longest file name in bytes, without its prefix.
const NAME_LIMIT: usize = 80;
/// Longest file name in bytes, with its prefix.
pub(in super::super) const PATH_LIMIT: usize = NAME_LIMIT + "UFS:".len();

/// Flash, prefix `UFS:`; about as large as on an EC25 (docs/spec/quectel.md 9.5).
pub(super) static UFS: Volume = Volume {
    key: "ufs",
    capacity: 16 * 1024 * 1024,
    files: 1024,
    persistent: true,
};

/// Memory, prefix `RAM:`; lost at a restart. Its size is a decision.
pub(super) static RAM: Volume = Volume {
    key: "ram",
    capacity: 1024 * 1024,
    files: 256,
    persistent: false,
};

static PREFIXES: [(&[u8], &Volume); 2] = [(b"UFS:", &UFS), (b"RAM:", &RAM)];

/// A file name: where it is and what it is called there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct FilePath<'a> {
    pub(in super::super) volume: &'static Volume,
    pub(in super::super) name: Cow<'a, [u8]>,
}

/// What a command that takes several files applies to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pattern<'a> {
    /// Every file of a volume.
    All(&'static Volume),
    /// One file.
    One(FilePath<'a>),
}

impl<'a> FilePath<'a> {
    /// Reads a name; `None` if no file can be called so.
    pub(in super::super) fn parse(text: &'a [u8]) -> Option<Self> {
        let (volume, name) = split(text);
        let possible = !name.is_empty()
            && name.len() <= NAME_LIMIT
            && !name
                .iter()
                .any(|b| b.is_ascii_control() || b"*:\"".contains(b));
        possible.then_some(Self {
            volume,
            name: name.into(),
        })
    }

    /// The same, for keeping.
    pub(super) fn into_owned(self) -> FilePath<'static> {
        FilePath {
            volume: self.volume,
            name: self.name.into_owned().into(),
        }
    }

    /// The name as listings print it, with its prefix.
    pub(super) fn display(&self) -> Vec<u8> {
        [prefix(self.volume), &self.name].concat()
    }
}

impl<'a> Pattern<'a> {
    /// Reads a name, `*` or `<prefix>*`; `None` if it is neither.
    pub(super) fn parse(text: &'a [u8]) -> Option<Self> {
        match split(text) {
            (volume, b"*") => Some(Self::All(volume)),
            _ => FilePath::parse(text).map(Self::One),
        }
    }
}

/// A name as the host wrote it, but with its prefix in capitals.
pub(in super::super) fn with_capital_prefix(text: &[u8]) -> Vec<u8> {
    match split(text) {
        (volume, name) if name.len() < text.len() => [prefix(volume), name].concat(),
        _ => text.into(),
    }
}

fn split(text: &[u8]) -> (&'static Volume, &[u8]) {
    for (prefix, volume) in PREFIXES {
        if let Some((head, name)) = text.split_at_checked(prefix.len())
            && head.eq_ignore_ascii_case(prefix)
        {
            return (volume, name);
        }
    }
    (&UFS, text)
}

fn prefix(volume: &Volume) -> &'static [u8] {
    PREFIXES
        .iter()
        .find(|(_, v)| *v == volume)
        .map_or(b"", |(prefix, _)| prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flash_needs_no_prefix() {
        assert_eq!(FilePath::parse(b"UFS:a"), FilePath::parse(b"a"));
        assert_eq!(FilePath::parse(b"ufs:a"), FilePath::parse(b"a"));
        assert_ne!(FilePath::parse(b"A"), FilePath::parse(b"a"));
        let ram = FilePath::parse(b"ram:a").expect("valid");
        assert_eq!(ram.volume, &RAM);
        assert_eq!(ram.display(), b"RAM:a");
        assert_eq!(FilePath::parse(b"a").expect("valid").display(), b"UFS:a");
    }

    #[test]
    fn impossible_names() {
        for text in [
            &b""[..],
            b"UFS:",
            b"*",
            b"a*",
            b"SD:a",
            b"a\"b",
            b"a\tb",
            &[b'a'; 81],
        ] {
            assert_eq!(FilePath::parse(text), None, "{text:?}");
        }
        assert!(FilePath::parse(&[b'a'; 80]).is_some());
        let longest = [&b"UFS:"[..], &[b'a'; 80]].concat();
        assert!(FilePath::parse(&longest).is_some());
        assert_eq!(longest.len(), PATH_LIMIT);
    }

    #[test]
    fn patterns() {
        assert_eq!(Pattern::parse(b"*"), Some(Pattern::All(&UFS)));
        assert_eq!(Pattern::parse(b"ufs:*"), Some(Pattern::All(&UFS)));
        assert_eq!(Pattern::parse(b"RAM:*"), Some(Pattern::All(&RAM)));
        assert_eq!(
            Pattern::parse(b"x"),
            FilePath::parse(b"x").map(Pattern::One)
        );
        assert_eq!(Pattern::parse(b"*.pem"), None);
    }

    #[test]
    fn prefixes_print_in_capitals() {
        assert_eq!(with_capital_prefix(b"ram:Ca.pem"), b"RAM:Ca.pem");
        assert_eq!(with_capital_prefix(b"Ca.pem"), b"Ca.pem");
        assert_eq!(with_capital_prefix(b"sd:x"), b"sd:x");
    }
}
