//! File commands `AT+QF*` (docs/spec/quectel.md 9.2 to 9.6).
//!
//! Here are those that name a file; [`handle`] has those that work on an open
//! one, [`transfer`] what takes the host's bytes, [`path`] the names.

mod error;
pub(super) mod handle;
pub(super) mod path;
mod transfer;

use alloc::format;
use alloc::vec::Vec;

use bytes::Bytes;

use super::{Entering, Quectel};
use crate::command::{Answer, Args, Form, Origin, Param, Spec, Test};
use crate::handler::Row;
use crate::handler::{Context, ErrorCode, Outcome};
use crate::storage::is_file_key;
pub(super) use error::MEANINGS;
use error::{FileFailure, INVALID_INPUT, name};
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
            .answers(&[Answer::new("+QFUPL: <upload_size>,<checksum>")])
            .refusal(INVALID_INPUT)
            .origin(Origin::Field)
            .example("+QFUPL=\"UFS:cacert.pem\",1188,100"),
        run: upload,
    },
    Row {
        spec: Spec::new("+QFDWL", "docs/spec/quectel.md 9.4", "download a file")
            .test_lines(&["+QFDWL: <filename>"])
            .write(&[FILE_NAME])
            .answers(&[Answer::new("+QFDWL: <download_size>,<checksum>")])
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
            .answers(&[Answer::new("+QFLST: \"<filename>\",<file_size>")])
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
            .answers(&[Answer::new("+QFLDS: <freesize>,<total_size>")])
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

/// Goes on with a transfer whose data has come; how it ended does not matter,
/// only how much there is.
pub(super) fn finish(
    files: &mut OpenFiles,
    cx: &mut Context<'_>,
    transfer: Transfer,
    data: Vec<u8>,
) -> Outcome {
    if data.is_empty() {
        return FileFailure::NoData.into();
    }
    match transfer {
        Transfer::Upload(path) => finish_upload(cx, &path, data.into()),
        Transfer::Write(handle) => files.finish_write(cx, handle, &data),
    }
}

fn upload(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let Some(path) = args.text(0).and_then(FilePath::parse) else {
        return FileFailure::bad_name(args.text(0)).into();
    };
    if cx.storage.read(path.volume, &path.name).is_some() {
        return FileFailure::Exists(name(&path)).into();
    }
    let size = size(args.int(1));
    match cx.storage.room_for_new(path.volume) {
        None => return FileFailure::TooManyFiles.into(),
        Some(free) if free < size => return FileFailure::NoSpace { wanted: size, free }.into(),
        Some(_) => {}
    }
    let timeout = args.int(2).unwrap_or(DEFAULT_TIMEOUT);
    let acknowledge = args.flag(3).unwrap_or(false);
    q.entering = Some(Entering::File(Transfer::Upload(path.into_owned())));
    collect(cx, &q.knobs, size, timeout, acknowledge)
}

fn finish_upload(cx: &mut Context<'_>, path: &FilePath<'_>, content: Bytes) -> Outcome {
    let size = content.len();
    let line = format!("+QFUPL: {size},{:x}", checksum(&content));
    match cx.storage.write(path.volume, &path.name, content) {
        Ok(()) => {
            cx.reply(line);
            Outcome::Ok
        }
        Err(error) => FileFailure::storage(cx.storage, error, path, size).into(),
    }
}

fn download(_: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let Some(path) = args.text(0).and_then(FilePath::parse) else {
        return FileFailure::bad_name(args.text(0)).into();
    };
    let Some(content) = cx.storage.read(path.volume, &path.name) else {
        return FileFailure::not_found(&path).into();
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
        None => return FileFailure::bad_name(args.text(0)).into(),
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
        None => FileFailure::bad_name(args.text(0)).into(),
        Some(Pattern::One(path)) => {
            if q.files.is_open(&path) {
                FileFailure::InUse.into()
            } else if cx.storage.remove(path.volume, &path.name) {
                Outcome::Ok
            } else {
                FileFailure::NothingToDelete(name(&path)).into()
            }
        }
        Some(Pattern::All(volume)) => {
            if q.files.any_open_on(volume) {
                return FileFailure::InUse.into();
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
        Some(_) => return FileFailure::NoStorage.into(),
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
        ErrorCode::Cme(error::NO_SPACE)
    } else {
        ErrorCode::Plain
    }
}
