//! File commands `AT+QF*` (docs/spec/quectel.md 9.2 to 9.6).
//!
//! Here are those that name a file; [`handle`] has those that work on an open
//! one, [`transfer`] what takes the host's bytes, [`path`] the names.

pub(super) mod handle;
pub(super) mod path;
mod transfer;

use alloc::format;
use alloc::vec::Vec;

use bytes::Bytes;

use super::{Entering, Quectel};
use crate::command::{Args, Form, Origin, Param, Spec, Test};
use crate::handler::Row;
use crate::handler::{Context, ErrorCode, Outcome};
use crate::storage::{StorageError, is_file_key};
pub(crate) use handle::OpenFiles;
use path::{FilePath, Pattern, RAM, UFS};
pub(crate) use transfer::Transfer;
use transfer::{DEFAULT_SIZE, DEFAULT_TIMEOUT, checksum, collect};

pub(super) static ROWS: [Row<Quectel>; 5] = [
    Row {
        spec: Spec::new("+QFUPL", "docs/spec/quectel.md 9.3", "upload a file")
            .test_lines(&["+QFUPL: <filename>[,(1-<freesize>)[,(1-65535)[,(0,1)]]]"])
            .write(&[
                FILE_NAME,
                Param::int("file_size", 1, u32::MAX).optional(),
                Param::int("timeout", 1, 65_535).optional(),
                Param::int("ackmode", 0, 1).optional(),
            ])
            .refusal(INVALID_INPUT)
            .origin(Origin::Field)
            .example("+QFUPL=\"UFS:cacert.pem\",1188,100"),
        run: upload,
    },
    Row {
        spec: Spec::new("+QFDWL", "docs/spec/quectel.md 9.4", "download a file")
            .test_lines(&["+QFDWL: <filename>"])
            .write(&[FILE_NAME])
            .refusal(INVALID_INPUT)
            .origin(Origin::Field)
            .example("+QFDWL=\"UFS:cacert.pem\""),
        run: download,
    },
    Row {
        spec: Spec::new("+QFLST", "docs/spec/quectel.md 9.5", "list files")
            .test(Test::Ok)
            .execute()
            .write(&[Param::text("name_pattern", 0, NAME_BYTES).optional()])
            .refusal(INVALID_INPUT)
            .origin(Origin::Field)
            .example("+QFLST=\"UFS:*\""),
        run: list,
    },
    Row {
        spec: Spec::new("+QFDEL", "docs/spec/quectel.md 9.5", "delete files")
            .test_lines(&["+QFDEL: <filename>"])
            .write(&[FILE_NAME])
            .refusal(INVALID_INPUT)
            .origin(Origin::Field)
            .example("+QFDEL=\"UFS:cacert.pem\""),
        run: delete,
    },
    Row {
        spec: Spec::new("+QFLDS", "docs/spec/quectel.md 9.5", "storage space")
            .test(Test::Ok)
            .execute()
            .write(&[Param::text("storage", 0, NAME_BYTES).optional()])
            .refusal(INVALID_INPUT)
            .origin(Origin::Field)
            .example("+QFLDS=\"UFS\""),
        run: space,
    },
];

/// Names are read as long as a line can hold them, for a bad one to be
/// answered 406 rather than 400.
const NAME_BYTES: usize = 2048;
const FILE_NAME: Param = Param::text("filename", 0, NAME_BYTES);

/// Error numbers (docs/spec/quectel.md 9.6).
const INVALID_INPUT: u16 = 400;
const LARGER_THAN_FILE: u16 = 401;
const READ_ZERO_BYTE: u16 = 402;
const FILE_NOT_FOUND: u16 = 405;
const INVALID_FILE_NAME: u16 = 406;
const FILE_EXISTS: u16 = 407;
const TOO_MANY_OPEN: u16 = 413;
const READ_ONLY: u16 = 414;
const INVALID_DESCRIPTOR: u16 = 416;
const DELETE_FAILED: u16 = 418;
const NO_SPACE: u16 = 420;
const TIME_OUT: u16 = 421;
const ALREADY_OPEN: u16 = 426;

/// Goes on with a transfer whose data has come; how it ended does not matter,
/// only how much there is.
pub(super) fn finish(
    files: &mut OpenFiles,
    cx: &mut Context<'_>,
    transfer: Transfer,
    data: Vec<u8>,
) -> Outcome {
    if data.is_empty() {
        return Outcome::Cme(TIME_OUT);
    }
    match transfer {
        Transfer::Upload(path) => finish_upload(cx, &path, data.into()),
        Transfer::Write(handle) => files.finish_write(cx, handle, &data),
    }
}

fn upload(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let Some(path) = args.text(0).and_then(FilePath::parse) else {
        return Outcome::Cme(INVALID_FILE_NAME);
    };
    if cx.storage.read(path.volume, &path.name).is_some() {
        return Outcome::Cme(FILE_EXISTS);
    }
    let size = size(args.int(1));
    let room = cx.storage.room_for_new(path.volume);
    if room.is_none_or(|room| room < size) {
        return Outcome::Cme(NO_SPACE);
    }
    let timeout = args.int(2).unwrap_or(DEFAULT_TIMEOUT);
    let acknowledge = args.flag(3).unwrap_or(false);
    q.entering = Some(Entering::File(Transfer::Upload(path.into_owned())));
    collect(cx, &q.knobs, size, timeout, acknowledge)
}

fn finish_upload(cx: &mut Context<'_>, path: &FilePath<'_>, content: Bytes) -> Outcome {
    let line = format!("+QFUPL: {},{:x}", content.len(), checksum(&content));
    match cx.storage.write(path.volume, &path.name, content) {
        Ok(()) => {
            cx.reply(line);
            Outcome::Ok
        }
        Err(error) => storage_error(error),
    }
}

fn download(_: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let Some(path) = args.text(0).and_then(FilePath::parse) else {
        return Outcome::Cme(INVALID_FILE_NAME);
    };
    let Some(content) = cx.storage.read(path.volume, &path.name) else {
        return Outcome::Cme(FILE_NOT_FOUND);
    };
    cx.port.connect(b"", content);
    let line = format!("+QFDWL: {},{:x}", content.len(), checksum(content));
    cx.reply(line);
    Outcome::Ok
}

fn list(_: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let line = |path: &FilePath<'_>, content: &Bytes| {
        let size = format!("\",{}", content.len());
        [b"+QFLST: \"", &path.display()[..], size.as_bytes()].concat()
    };
    match Pattern::parse(args.text(0).unwrap_or(b"*")) {
        None => return Outcome::Cme(INVALID_FILE_NAME),
        Some(Pattern::One(path)) => {
            if let Some(content) = cx.storage.read(path.volume, &path.name) {
                let line = line(&path, content);
                cx.reply(line);
            }
        }
        Some(Pattern::All(volume)) => {
            for (name, content) in cx.storage.files(volume) {
                let name = name.into();
                cx.port.reply(&line(&FilePath { volume, name }, content));
            }
        }
    }
    Outcome::Ok
}

/// An open file cannot be deleted, and then none is (decision: its handle
/// would outlive it).
fn delete(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    match args.text(0).and_then(Pattern::parse) {
        None => Outcome::Cme(INVALID_FILE_NAME),
        Some(Pattern::One(path)) => {
            if !q.files.is_open(&path) && cx.storage.remove(path.volume, &path.name) {
                Outcome::Ok
            } else {
                Outcome::Cme(DELETE_FAILED)
            }
        }
        Some(Pattern::All(volume)) => {
            if q.files.any_open_on(volume) {
                return Outcome::Cme(DELETE_FAILED);
            }
            cx.storage.remove_all(volume);
            Outcome::Ok
        }
    }
}

fn space(_: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let volume = match args.text(0).map(<[u8]>::to_ascii_uppercase).as_deref() {
        None => {
            let (used, count) = (cx.storage.used(&UFS), cx.storage.count(&UFS));
            cx.reply(format!("+QFLDS: {used},{count}"));
            return Outcome::Ok;
        }
        Some(b"UFS") => &UFS,
        Some(b"RAM") => &RAM,
        Some(_) => return Outcome::Cme(INVALID_INPUT),
    };
    let line = format!("+QFLDS: {},{}", cx.storage.free(volume), volume.capacity);
    cx.reply(line);
    Outcome::Ok
}

/// Bytes a transfer asks for.
fn size(argument: Option<u32>) -> usize {
    usize::try_from(argument.unwrap_or(DEFAULT_SIZE)).unwrap_or(usize::MAX)
}

/// How a command ends whose value of this key could not be kept
/// (docs/spec/quectel.md 9.6).
pub(super) fn not_kept(key: &str) -> ErrorCode {
    if is_file_key(key) {
        ErrorCode::Cme(NO_SPACE)
    } else {
        ErrorCode::Plain
    }
}

fn storage_error(error: StorageError) -> Outcome {
    Outcome::Cme(match error {
        StorageError::Full | StorageError::TooManyFiles => NO_SPACE,
        StorageError::NotFound => FILE_NOT_FOUND,
    })
}
