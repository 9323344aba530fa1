//! Commands on certificate files: `AT+CCERTDOWN`, `AT+CCERTLIST`, `AT+CCERTDELE` and
//! `AT+CCERTMOVE` (docs/spec/simcom.md 9.2).

use super::SimCom;
use super::entry::Entry;
use super::files::{VOLUME, bad_name, is_name, no_file, no_room, read};
use crate::command::{Answer, Args, Kind, Origin, Param, Spec, Test};
use crate::handler::Row;
use crate::handler::{Context, Outcome};

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
        spec("+CCERTLIST", "list the files")
            .test(Test::Ok)
            .execute()
            .answers(&const { [Answer::new("+CCERTLIST: \"<filename>\"")] }),
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
            .test(Test::Ok)
            .write(&[NAME])
            .example("+CCERTDELE=\"server_ca.pem\""),
        |_, cx, _, args| {
            let name = args.text(0).unwrap_or_default();
            answer(cx.storage.remove(&VOLUME, name), name)
        },
    ),
    Row::new(
        spec("+CCERTMOVE", "take a file over from the file system")
            .test_lines(&["+CCERTMOVE: \"FILENAME\""])
            .write(&[NAME])
            .example("+CCERTMOVE=\"server_ca.pem\""),
        // There is one file system, which is where certificates are.
        |_, cx, _, args| {
            let name = args.text(0).unwrap_or_default();
            answer(read(cx.storage, name).is_some(), name)
        },
    ),
];

/// A command on a file that has to be there.
fn answer(done: bool, name: &[u8]) -> Outcome {
    if done {
        Outcome::Ok
    } else {
        Outcome::error(no_file(name))
    }
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
    if !is_name(name) {
        return Outcome::error(bad_name(name));
    }
    if room.is_none_or(|room| room < length) {
        return Outcome::error(no_room(name));
    }
    s.enter(cx, Entry::File(name.into()), length)
}
