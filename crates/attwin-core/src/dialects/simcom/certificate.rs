//! Certificate files: `AT+CCERTDOWN`, `AT+CCERTLIST`, `AT+CCERTDELE` and
//! `AT+CCERTMOVE` (docs/spec/simcom.md 9.2).

use alloc::vec::Vec;

use bytes::Bytes;

use super::SimCom;
use super::entry::Entry;
use crate::command::{Args, Kind, Origin, Param, Spec};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::storage::{Storage, Volume};

/// Where the files are; they survive a restart. The manuals give no size.
static VOLUME: Volume = Volume {
    key: "cert",
    capacity: 256 * 1024,
    files: 64,
    persistent: true,
};

const NAME: Param = Param::text("filename", 5, 108);

const fn spec(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, "docs/spec/simcom.md 9.2", summary).origin(Origin::Field)
}

pub(super) static ROWS: [Row<SimCom>; 4] = [
    Row::new(
        spec("+CCERTDOWN", "store a file")
            .test_lines(&["+CCERTDOWN: (5-108),(1-10240)"])
            .write(&[NAME, Param::of("len", Kind::Length(1, 10_240))])
            .example("+CCERTDOWN=\"server_ca.pem\",1970"),
        |s, cx, _, args| down(s, cx, args),
    ),
    Row::new(
        spec("+CCERTLIST", "list the files").execute(),
        |_, cx, _, _| {
            for (name, _) in cx.storage.files(&VOLUME) {
                cx.port
                    .reply(&[b"+CCERTLIST: \"", &name[..], b"\""].concat());
            }
            Outcome::Ok
        },
    ),
    Row::new(
        spec("+CCERTDELE", "delete a file")
            .write(&[NAME])
            .example("+CCERTDELE=\"server_ca.pem\""),
        |_, cx, _, args| {
            let name = args.text(0).unwrap_or_default();
            answer(cx.storage.remove(&VOLUME, name))
        },
    ),
    Row::new(
        spec("+CCERTMOVE", "take a file over from the file system")
            .test_lines(&["+CCERTMOVE: \"FILENAME\""])
            .write(&[NAME])
            .example("+CCERTMOVE=\"server_ca.pem\""),
        // There is one file system, which is where certificates are.
        |_, cx, _, args| answer(read(cx.storage, args.text(0).unwrap_or_default()).is_some()),
    ),
];

fn answer(done: bool) -> Outcome {
    if done { Outcome::Ok } else { Outcome::Error }
}

fn down(s: &mut SimCom, cx: &mut Context<'_>, args: &Args<'_>) -> Outcome {
    let (name, length) = (
        args.text(0).unwrap_or_default(),
        args.int(1).unwrap_or(0) as usize,
    );
    let room = match read(cx.storage, name) {
        Some(present) => Some(cx.storage.free(&VOLUME) + present.len()),
        None => cx.storage.room_for_new(&VOLUME),
    };
    if !is_name(name) || room.is_none_or(|room| room < length) {
        return Outcome::Error;
    }
    s.enter(cx, Entry::Certificate(name.into()), length)
}

/// The file was entered.
pub(super) fn store(cx: &mut Context<'_>, name: &[u8], content: Vec<u8>) -> Outcome {
    answer(cx.storage.write(&VOLUME, name, content.into()).is_ok())
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
