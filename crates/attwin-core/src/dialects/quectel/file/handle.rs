//! Commands on open files: `AT+QFOPEN` to `AT+QFCLOSE` (docs/spec/quectel.md 9.5).

use alloc::format;
use alloc::vec::Vec;

use bytes::Bytes;

use super::super::{Entering, Quectel};
use super::path::FilePath;
use super::transfer::{DEFAULT_SIZE, DEFAULT_TIMEOUT, Handle, Transfer, collect};
use super::{FILE_NAME, FileFailure, INVALID_INPUT, name, size};
use crate::command::{Answer, Args, Field, Form, Meaning, Origin, Param, Spec};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::storage::Volume;

pub(in super::super) static ROWS: [Row<Quectel>; 7] = [
    Row {
        spec: spec("+QFOPEN", "open a file")
            .test_lines(&["+QFOPEN: <filename>[,(0-2)]"])
            .read()
            .write(
                &const {
                    [
                        FILE_NAME,
                        Param::int("mode", 0, 2).optional().values(&MODES),
                    ]
                },
            )
            .answers(
                &const {
                    [
                        Answer::new("+QFOPEN: <filehandle>"),
                        Answer::new("+QFOPEN: \"<filename>\",<filehandle>,<mode>").fields(
                            &const { [Field::new("mode", "how it was opened").values(&MODES)] },
                        ),
                    ]
                },
            )
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
            .answers(&[Answer::new("+QFWRITE: <written_length>,<total_length>")])
            .example("+QFWRITE=3000,10"),
        run: write,
    },
    Row {
        spec: spec("+QFSEEK", "move the pointer of an open file")
            .test_lines(&["+QFSEEK: <filehandle>,<offset>[,<position>]"])
            .write(
                &const {
                    [
                        HANDLE,
                        Param::int("offset", 0, u32::MAX),
                        Param::int("position", 0, 2).optional().values(&ORIGINS),
                    ]
                },
            )
            .example("+QFSEEK=3000,0,0"),
        run: seek,
    },
    Row {
        spec: spec("+QFPOSITION", "where the pointer of an open file is")
            .test_lines(&["+QFPOSITION: <filehandle>"])
            .write(&[HANDLE])
            .answers(&[Answer::new("+QFPOSITION: <offset>")])
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
pub(super) const MOST_OPEN: usize = 10;

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

static MODES: [Meaning; 3] = [
    Meaning::new("0", "for reading and writing; made if there is none"),
    Meaning::new("1", "for reading and writing; emptied if there is one"),
    Meaning::new("2", "for reading only; there must be one"),
];

static ORIGINS: [Meaning; 3] = [
    Meaning::new("0", "from the start of the file"),
    Meaning::new("1", "from where the pointer is"),
    Meaning::new("2", "from the end of the file, backwards"),
];

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
        let file = match self.find(Some(handle)) {
            Ok(file) => file,
            Err(failure) => return failure.into(),
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
            Err(error) => FileFailure::storage(cx.storage, error, path, data.len()).into(),
        }
    }

    /// The open file of this handle.
    fn find(&mut self, handle: Option<Handle>) -> Result<&mut OpenFile, FileFailure> {
        let handle = handle.unwrap_or_default();
        let mut files = self.0.iter_mut();
        files
            .find(|file| file.handle == handle)
            .ok_or(FileFailure::NoSuchHandle(handle))
    }

    /// The file a command's first argument names, and its size.
    fn argument(
        &mut self,
        cx: &Context<'_>,
        args: &Args<'_>,
    ) -> Result<(&mut OpenFile, usize), FileFailure> {
        let file = self.find(args.int(0))?;
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
        return FileFailure::bad_name(args.text(0)).into();
    };
    if files.iter().any(|file| file.path == path) {
        return FileFailure::AlreadyOpen(name(&path)).into();
    }
    // With fewer files open than there are handles, one of them is free.
    let unused = (FIRST..)
        .take(MOST_OPEN)
        .find(|handle| files.iter().all(|file| file.handle != *handle));
    let Some(handle) = unused else {
        return FileFailure::TooManyOpen.into();
    };
    let mode = args.int(1).unwrap_or(0);
    let exists = cx.storage.read(path.volume, &path.name).is_some();
    if !exists && mode == MODE_READ_ONLY {
        return FileFailure::not_found(&path).into();
    }
    if (!exists || mode == TRUNCATE)
        && let Err(error) = cx.storage.write(path.volume, &path.name, Bytes::new())
    {
        return FileFailure::storage(cx.storage, error, &path, 0).into();
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
    let file = match q.files.find(args.int(0)) {
        Ok(file) => file,
        Err(failure) => return failure.into(),
    };
    let Some(content) = cx.storage.read(file.path.volume, &file.path.name) else {
        return FileFailure::not_found(&file.path).into();
    };
    let rest = content.get(file.position..).unwrap_or_default();
    let most = args.int(1).map_or(usize::MAX, |n| size(Some(n)));
    let part = &rest[..rest.len().min(most)];
    if part.is_empty() {
        return FileFailure::NothingToRead.into();
    }
    file.position += part.len();
    cx.port.connect(format!(" {}", part.len()).as_bytes(), part);
    Outcome::Ok
}

fn write(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let (file, present) = match q.files.argument(cx, args) {
        Ok(found) => found,
        Err(failure) => return failure.into(),
    };
    if file.mode == MODE_READ_ONLY {
        return FileFailure::ReadOnly(file.handle).into();
    }
    let want = size(args.int(1).or(Some(DEFAULT_SIZE)));
    let overwritten = present.saturating_sub(file.position);
    let free = cx.storage.free(file.path.volume);
    let wanted = want.saturating_sub(overwritten);
    if wanted > free {
        return FileFailure::NoSpace { wanted, free }.into();
    }
    q.entering = Some(Entering::File(Transfer::Write(file.handle)));
    let timeout = args.int(2).unwrap_or(DEFAULT_TIMEOUT);
    collect(cx, &q.knobs, want, timeout, false)
}

/// From the end of a file the pointer moves towards its start.
fn seek(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let (file, present) = match q.files.argument(cx, args) {
        Ok(found) => found,
        Err(failure) => return failure.into(),
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
        _ => FileFailure::BeyondEnd { size: present }.into(),
    }
}

fn position(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let file = match q.files.find(args.int(0)) {
        Ok(file) => file,
        Err(failure) => return failure.into(),
    };
    cx.reply(format!("+QFPOSITION: {}", file.position));
    Outcome::Ok
}

fn truncate(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let file = match q.files.find(args.int(0)) {
        Ok(file) => file,
        Err(failure) => return failure.into(),
    };
    if file.mode == MODE_READ_ONLY {
        return FileFailure::ReadOnly(file.handle).into();
    }
    let path = &file.path;
    match cx.storage.truncate(path.volume, &path.name, file.position) {
        Ok(()) => Outcome::Ok,
        Err(error) => FileFailure::storage(cx.storage, error, path, 0).into(),
    }
}

fn close(q: &mut Quectel, _: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    if let Err(failure) = q.files.find(args.int(0)) {
        return failure.into();
    }
    q.files.0.retain(|file| Some(file.handle) != args.int(0));
    Outcome::Ok
}
