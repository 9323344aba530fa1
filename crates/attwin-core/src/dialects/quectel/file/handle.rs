//! Commands on open files: `AT+QFOPEN` to `AT+QFCLOSE` (docs/spec/quectel.md 9.5).

use alloc::format;
use alloc::vec::Vec;

use bytes::Bytes;

use super::super::{Entering, Quectel};
use super::path::FilePath;
use super::transfer::{DEFAULT_SIZE, DEFAULT_TIMEOUT, Handle, Transfer, collect};
use super::{
    ALREADY_OPEN, FILE_NAME, FILE_NOT_FOUND, INVALID_DESCRIPTOR, INVALID_FILE_NAME, INVALID_INPUT,
    LARGER_THAN_FILE, NO_SPACE, READ_ONLY, READ_ZERO_BYTE, TOO_MANY_OPEN, size, storage_error,
};
use crate::command::{Args, Form, Origin, Param, Spec};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::storage::Volume;

pub(in super::super) static ROWS: [Row<Quectel>; 7] = [
    Row {
        spec: spec("+QFOPEN", "open a file")
            .test_lines(&["+QFOPEN: <filename>[,(0-2)]"])
            .read()
            .write(&[FILE_NAME, Param::int("mode", 0, 2).optional()])
            .example("+QFOPEN=\"UFS:log.txt\",0"),
        run: open,
    },
    Row {
        spec: spec("+QFREAD", "read from an open file")
            .test_lines(&["+QFREAD: <filehandle>[,<length>]"])
            .write(&[HANDLE, LENGTH])
            .example("+QFREAD=3000,100"),
        run: read,
    },
    Row {
        spec: spec("+QFWRITE", "write to an open file")
            .test_lines(&["+QFWRITE: <filehandle>[,<length>[,<timeout>]]"])
            .write(&[HANDLE, LENGTH, Param::int("timeout", 1, 65_535).optional()])
            .example("+QFWRITE=3000,10"),
        run: write,
    },
    Row {
        spec: spec("+QFSEEK", "move the pointer of an open file")
            .test_lines(&["+QFSEEK: <filehandle>,<offset>[,<position>]"])
            .write(&[
                HANDLE,
                Param::int("offset", 0, u32::MAX),
                Param::int("position", 0, 2).optional(),
            ])
            .example("+QFSEEK=3000,0,0"),
        run: seek,
    },
    Row {
        spec: spec("+QFPOSITION", "where the pointer of an open file is")
            .test_lines(&["+QFPOSITION: <filehandle>"])
            .write(&[HANDLE])
            .example("+QFPOSITION=3000"),
        run: position,
    },
    Row {
        spec: spec("+QFTUCAT", "cut an open file off at its pointer")
            .test_lines(&["+QFTUCAT: <filehandle>"])
            .write(&[HANDLE])
            .example("+QFTUCAT=3000"),
        run: truncate,
    },
    Row {
        spec: spec("+QFCLOSE", "close a file")
            .test_lines(&["+QFCLOSE: <filehandle>"])
            .write(&[HANDLE])
            .example("+QFCLOSE=3000"),
        run: close,
    },
];

const HANDLE: Param = Param::int("filehandle", 0, u32::MAX);
const LENGTH: Param = Param::int("length", 1, u32::MAX).optional();

const fn spec(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, "docs/spec/quectel.md 9.5", summary)
        .refusal(INVALID_INPUT)
        .origin(Origin::Field)
}

/// The lowest handle, as public drivers show it.
const FIRST: Handle = 3000;
/// Most files open at a time (decision).
const MOST_OPEN: usize = 10;

/// Open files.
#[derive(Debug, Default)]
pub(crate) struct OpenFiles(Vec<OpenFile>);

#[derive(Debug)]
struct OpenFile {
    handle: Handle,
    path: FilePath<'static>,
    mode: u32,
    /// Offset of the next byte to be read or written, at most the file's size.
    position: usize,
}

/// Modes of AT+QFOPEN.
const TRUNCATE: u32 = 1;
const MODE_READ_ONLY: u32 = 2;

impl OpenFiles {
    pub(super) fn is_open(&self, path: &FilePath<'_>) -> bool {
        self.0.iter().any(|file| file.path == *path)
    }

    pub(super) fn any_open_on(&self, volume: &Volume) -> bool {
        self.0.iter().any(|file| file.path.volume == volume)
    }

    pub(super) fn finish_write(
        &mut self,
        cx: &mut Context<'_>,
        handle: Handle,
        data: &[u8],
    ) -> Outcome {
        let Some(file) = self.find(Some(handle)) else {
            return Outcome::Cme(INVALID_DESCRIPTOR);
        };
        let path = &file.path;
        match cx
            .storage
            .write_at(path.volume, &path.name, file.position, data)
        {
            Ok(total) => {
                file.position += data.len();
                cx.reply(format!("+QFWRITE: {},{total}", data.len()));
                Outcome::Ok
            }
            Err(error) => storage_error(error),
        }
    }

    fn find(&mut self, handle: Option<Handle>) -> Option<&mut OpenFile> {
        self.0.iter_mut().find(|file| Some(file.handle) == handle)
    }

    /// The file a command's first argument names, and its size.
    fn argument(
        &mut self,
        cx: &Context<'_>,
        args: &Args<'_>,
    ) -> Result<(&mut OpenFile, usize), Outcome> {
        let file = self
            .find(args.int(0))
            .ok_or(Outcome::Cme(INVALID_DESCRIPTOR))?;
        let size = cx
            .storage
            .read(file.path.volume, &file.path.name)
            .map_or(0, Bytes::len);
        Ok((file, size))
    }
}

fn open(q: &mut Quectel, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    let files = &mut q.files.0;
    if form == Form::Read {
        for file in files.iter() {
            let tail = format!("\",{},{}", file.handle, file.mode);
            cx.reply([b"+QFOPEN: \"", &file.path.display()[..], tail.as_bytes()].concat());
        }
        return Outcome::Ok;
    }
    let Some(path) = args.text(0).and_then(FilePath::parse) else {
        return Outcome::Cme(INVALID_FILE_NAME);
    };
    if files.iter().any(|file| file.path == path) {
        return Outcome::Cme(ALREADY_OPEN);
    }
    // With fewer files open than there are handles, one of them is free.
    let unused = (FIRST..)
        .take(MOST_OPEN)
        .find(|handle| files.iter().all(|file| file.handle != *handle));
    let Some(handle) = unused else {
        return Outcome::Cme(TOO_MANY_OPEN);
    };
    let mode = args.int(1).unwrap_or(0);
    let exists = cx.storage.read(path.volume, &path.name).is_some();
    if !exists && mode == MODE_READ_ONLY {
        return Outcome::Cme(FILE_NOT_FOUND);
    }
    if (!exists || mode == TRUNCATE)
        && let Err(error) = cx.storage.write(path.volume, &path.name, Bytes::new())
    {
        return storage_error(error);
    }
    files.push(OpenFile {
        handle,
        path: path.into_owned(),
        mode,
        position: 0,
    });
    cx.reply(format!("+QFOPEN: {handle}"));
    Outcome::Ok
}

fn read(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let Some(file) = q.files.find(args.int(0)) else {
        return Outcome::Cme(INVALID_DESCRIPTOR);
    };
    let Some(content) = cx.storage.read(file.path.volume, &file.path.name) else {
        return Outcome::Cme(FILE_NOT_FOUND);
    };
    let rest = content.get(file.position..).unwrap_or_default();
    let most = args.int(1).map_or(usize::MAX, |n| size(Some(n)));
    let part = &rest[..rest.len().min(most)];
    if part.is_empty() {
        return Outcome::Cme(READ_ZERO_BYTE);
    }
    file.position += part.len();
    cx.port.connect(format!(" {}", part.len()).as_bytes(), part);
    Outcome::Ok
}

fn write(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let (file, present) = match q.files.argument(cx, args) {
        Ok(found) => found,
        Err(outcome) => return outcome,
    };
    if file.mode == MODE_READ_ONLY {
        return Outcome::Cme(READ_ONLY);
    }
    let want = size(args.int(1).or(Some(DEFAULT_SIZE)));
    let overwritten = present.saturating_sub(file.position);
    if want.saturating_sub(overwritten) > cx.storage.free(file.path.volume) {
        return Outcome::Cme(NO_SPACE);
    }
    q.entering = Some(Entering::File(Transfer::Write(file.handle)));
    let timeout = args.int(2).unwrap_or(DEFAULT_TIMEOUT);
    collect(cx, &q.knobs, want, timeout, false)
}

/// From the end of a file the pointer moves towards its start.
fn seek(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let (file, present) = match q.files.argument(cx, args) {
        Ok(found) => found,
        Err(outcome) => return outcome,
    };
    let offset = size(args.int(1));
    let target = match args.int(2) {
        Some(2) => present.checked_sub(offset),
        Some(1) => file.position.checked_add(offset),
        _ => Some(offset),
    };
    match target {
        Some(target) if target <= present => {
            file.position = target;
            Outcome::Ok
        }
        _ => Outcome::Cme(LARGER_THAN_FILE),
    }
}

fn position(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let Some(file) = q.files.find(args.int(0)) else {
        return Outcome::Cme(INVALID_DESCRIPTOR);
    };
    cx.reply(format!("+QFPOSITION: {}", file.position));
    Outcome::Ok
}

fn truncate(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let Some(file) = q.files.find(args.int(0)) else {
        return Outcome::Cme(INVALID_DESCRIPTOR);
    };
    if file.mode == MODE_READ_ONLY {
        return Outcome::Cme(READ_ONLY);
    }
    let path = &file.path;
    match cx.storage.truncate(path.volume, &path.name, file.position) {
        Ok(()) => Outcome::Ok,
        Err(error) => storage_error(error),
    }
}

fn close(q: &mut Quectel, _: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let files = &mut q.files.0;
    let before = files.len();
    files.retain(|file| Some(file.handle) != args.int(0));
    if files.len() == before {
        return Outcome::Cme(INVALID_DESCRIPTOR);
    }
    Outcome::Ok
}
