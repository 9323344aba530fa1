//! Why file commands fail, and their error numbers (docs/spec/quectel.md 9.6).

use alloc::format;
use alloc::string::String;

use super::handle::MOST_OPEN;
use super::path::FilePath;
use super::transfer::Handle;
use crate::command::Meaning;
use crate::handler::Outcome;
use crate::reason::Reason;
use crate::storage::{Storage, StorageError};

/// What a row reports of arguments it does not allow.
pub(super) const INVALID_INPUT: u16 = 400;
/// The volume is full.
pub(super) const NO_SPACE: u16 = 420;

/// Why a file command fails.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FileFailure {
    /// AT+QFLDS knows no such storage.
    NoStorage,
    /// The pointer would leave the file.
    BeyondEnd {
        size: usize,
    },
    /// The pointer is at the end of the file.
    NothingToRead,
    NotFound(String),
    /// No file can be called so.
    BadName(String),
    Exists(String),
    /// As many files are open as can be.
    TooManyOpen,
    /// The file was opened for reading only.
    ReadOnly(Handle),
    NoSuchHandle(Handle),
    /// There is no such file, so it cannot be deleted.
    NothingToDelete(String),
    /// It is open, or one of several is.
    InUse,
    NoSpace {
        wanted: usize,
        free: usize,
    },
    /// The volume takes no further file.
    TooManyFiles,
    /// Not one byte came.
    NoData,
    AlreadyOpen(String),
}

impl FileFailure {
    pub(super) fn not_found(path: &FilePath<'_>) -> Self {
        Self::NotFound(name(path))
    }

    /// A name that cannot be read.
    pub(super) fn bad_name(text: Option<&[u8]>) -> Self {
        Self::BadName(String::from_utf8_lossy(text.unwrap_or_default()).into_owned())
    }

    /// `wanted` bytes could not be stored.
    pub(super) fn storage(
        storage: &Storage,
        error: StorageError,
        path: &FilePath<'_>,
        wanted: usize,
    ) -> Self {
        match error {
            StorageError::Full => Self::NoSpace {
                wanted,
                free: storage.free(path.volume),
            },
            StorageError::TooManyFiles => Self::TooManyFiles,
            StorageError::NotFound => Self::not_found(path),
        }
    }

    const fn code(&self) -> u16 {
        match self {
            Self::NoStorage => INVALID_INPUT,
            Self::BeyondEnd { .. } => 401,
            Self::NothingToRead => 402,
            Self::NotFound(_) => 405,
            Self::BadName(_) => 406,
            Self::Exists(_) => 407,
            Self::TooManyOpen => 413,
            Self::ReadOnly(_) => 414,
            Self::NoSuchHandle(_) => 416,
            Self::NothingToDelete(_) | Self::InUse => 418,
            Self::NoSpace { .. } | Self::TooManyFiles => NO_SPACE,
            Self::NoData => 421,
            Self::AlreadyOpen(_) => 426,
        }
    }

    fn reason(&self) -> Reason {
        match self {
            Self::NoStorage => Reason::new("there is no such storage").remedy("UFS or RAM"),
            Self::BeyondEnd { size } => Reason::new(format!(
                "the pointer would leave the file, which has {size} bytes"
            )),
            Self::NothingToRead => {
                Reason::new("the pointer is at the end of the file").remedy("AT+QFSEEK moves it")
            }
            Self::NotFound(name) => Reason::new(format!("there is no file \"{name}\""))
                .remedy("AT+QFLST lists those there are"),
            Self::BadName(name) => Reason::new(format!("\"{name}\" is no file name"))
                .remedy("1 to 80 bytes after UFS: or RAM:, without colons, asterisks and quotes"),
            Self::Exists(name) => Reason::new(format!("there is a file \"{name}\" already"))
                .remedy("AT+QFDEL deletes it"),
            Self::TooManyOpen => {
                Reason::new(format!("{MOST_OPEN} files are open")).remedy("AT+QFCLOSE closes one")
            }
            Self::ReadOnly(handle) => {
                Reason::new(format!("file {handle} was opened for reading only"))
                    .remedy("mode 0 or 1 of AT+QFOPEN opens it for writing")
            }
            Self::NoSuchHandle(handle) => Reason::new(format!("no open file has handle {handle}"))
                .remedy("AT+QFOPEN? lists the open files"),
            Self::NothingToDelete(name) => Reason::new(format!("there is no file \"{name}\"")),
            Self::InUse => Reason::new("the file is open").remedy("AT+QFCLOSE closes it"),
            Self::NoSpace { wanted, free } => {
                Reason::new(format!("{wanted} bytes are wanted, and {free} are free"))
                    .remedy("AT+QFDEL makes room")
            }
            Self::TooManyFiles => {
                Reason::new("the storage takes no further file").remedy("AT+QFDEL makes room")
            }
            Self::NoData => Reason::new("not one byte of the data came in time")
                .remedy("send it after CONNECT, within <timeout> seconds"),
            Self::AlreadyOpen(name) => Reason::new(format!("\"{name}\" is open already")),
        }
    }
}

impl From<FileFailure> for Outcome {
    fn from(failure: FileFailure) -> Self {
        Self::cme(failure.code(), failure.reason())
    }
}

/// A file as messages name it.
pub(super) fn name(path: &FilePath<'_>) -> String {
    String::from_utf8_lossy(&path.display()).into_owned()
}

/// What the error numbers mean.
pub(in super::super) const MEANINGS: [Meaning; 13] = [
    Meaning::new("400", "invalid input value")
        .when("a number is out of range, or an argument missing or too many"),
    Meaning::new("401", "larger than the size of the file")
        .when("the pointer would leave the file"),
    Meaning::new("402", "read zero byte")
        .when("the pointer is at the end of the file")
        .remedy("AT+QFSEEK moves it"),
    Meaning::new("405", "file not found").remedy("AT+QFLST lists the files"),
    Meaning::new("406", "invalid file name"),
    Meaning::new("407", "file already existed").remedy("AT+QFDEL deletes it"),
    Meaning::new("413", "the maximum number of files is open").remedy("AT+QFCLOSE closes one"),
    Meaning::new("414", "the file is read-only").when("it was opened with mode 2"),
    Meaning::new("416", "invalid file descriptor").remedy("AT+QFOPEN? lists the open files"),
    Meaning::new("418", "the file cannot be deleted").when("there is none, or it is open"),
    Meaning::new("420", "no space").remedy("AT+QFDEL makes room"),
    Meaning::new("421", "time out").when("no data came after CONNECT"),
    Meaning::new("426", "file already opened").remedy("AT+QFCLOSE closes it"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_meaning() {
        for failure in [
            FileFailure::NoStorage,
            FileFailure::BeyondEnd { size: 0 },
            FileFailure::NothingToRead,
            FileFailure::NotFound(String::new()),
            FileFailure::BadName(String::new()),
            FileFailure::Exists(String::new()),
            FileFailure::TooManyOpen,
            FileFailure::ReadOnly(0),
            FileFailure::NoSuchHandle(0),
            FileFailure::InUse,
            FileFailure::TooManyFiles,
            FileFailure::NoData,
            FileFailure::AlreadyOpen(String::new()),
        ] {
            let code = format!("{}", failure.code());
            assert!(MEANINGS.iter().any(|m| m.value == code), "{code}");
        }
    }
}
