//! `--state DIR`: what a module keeps across power cycles, one file per key.
//!
//! A value is written to a temporary file, which is synchronised and renamed:
//! whenever the process is killed or the computer loses power, each key has
//! its old value or its new one, never half of one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use attwin_core::{StoreCommand, Stored};
use bytes::Bytes;
use tracing::{debug, info};

/// A value's file is named after its key with this extension. Others in the
/// directory are left alone.
const EXTENSION: &str = ".v";

/// The file being written. One name suffices: one process writes, one value
/// at a time.
const INCOMING: &str = "incoming.tmp";

/// Who holds a lock on this file uses the directory.
const LOCK: &str = "lock";

/// Largest value that is read: more than any module's flash holds.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Longest file name common file systems allow.
const LONGEST_NAME: usize = 255;

/// The directory of one module, for this process alone.
#[derive(Debug)]
pub struct StateDir {
    path: PathBuf,
    /// Held as long as the directory is in use.
    _lock: File,
}

/// Why state could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The directory cannot be used.
    #[error("cannot use {path} as state directory: {error}; choose a directory you may write to")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// The system's answer.
        error: io::Error,
    },
    /// Another process uses the directory.
    #[error(
        "the state directory {path} is in use by another attwin; stop it, or give this one another \
         --state"
    )]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// A value cannot be read.
    #[error("cannot read {path}: {error}; restore the file or remove it")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        error: io::Error,
    },
    /// What should be a value is none.
    #[error("{path} is not a file a module has kept ({what}); remove it")]
    NotAValue {
        /// What stands there.
        path: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A value cannot be kept.
    #[error("cannot keep {key} in {path}: {error}; make room or make the directory writable")]
    Write {
        /// The value's key.
        key: String,
        /// The directory.
        path: PathBuf,
        /// The system's answer.
        error: io::Error,
    },
}

impl StateDir {
    /// Opens the directory, makes it if it does not exist, and reads what it
    /// holds, ordered by key.
    ///
    /// # Errors
    /// The directory cannot be used, another process uses it, or a value
    /// cannot be read.
    pub fn open(path: &Path) -> Result<(Self, Stored), StateError> {
        let unusable = |error| StateError::Directory {
            path: path.to_owned(),
            error,
        };
        create_directory(path).map_err(unusable)?;
        let Some(lock) = lock(&path.join(LOCK)).map_err(unusable)? else {
            return Err(StateError::InUse {
                path: path.to_owned(),
            });
        };
        let state = Self {
            path: path.to_owned(),
            _lock: lock,
        };
        match fs::remove_file(state.path.join(INCOMING)) {
            Ok(()) => debug!("removed what a killed process had begun to write"),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(unusable(error)),
        }
        let stored = state.load()?;
        Ok((state, stored))
    }

    /// Keeps or forgets a value; returns when that is on the disk.
    ///
    /// # Errors
    /// [`StateError::Write`]; the old value stays.
    pub fn apply(&self, command: &StoreCommand) -> Result<(), StateError> {
        let (key, result) = match command {
            StoreCommand::Put { key, value } => (key, self.put(key, value)),
            StoreCommand::Delete { key } => (key, self.delete(key)),
        };
        result.map_err(|error| StateError::Write {
            key: key.clone(),
            path: self.path.clone(),
            error,
        })
    }

    fn put(&self, key: &str, value: &[u8]) -> io::Result<()> {
        let target = self.path.join(file_name(key)?);
        let incoming = self.path.join(INCOMING);
        let mut file = private().truncate(true).open(&incoming)?;
        file.write_all(value)?;
        file.sync_all()?;
        fs::rename(&incoming, target)?;
        synchronise_directory(&self.path)
    }

    fn delete(&self, key: &str) -> io::Result<()> {
        match fs::remove_file(self.path.join(file_name(key)?)) {
            Ok(()) => synchronise_directory(&self.path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn load(&self) -> Result<Stored, StateError> {
        let unusable = |error| StateError::Directory {
            path: self.path.clone(),
            error,
        };
        let mut stored = Stored::new();
        for entry in fs::read_dir(&self.path).map_err(unusable)? {
            let name = entry.map_err(unusable)?.file_name();
            let path = self.path.join(&name);
            let Some(key) = name.to_str().and_then(key) else {
                if name != LOCK {
                    info!(
                        "{} is nothing a module has kept; it is left alone",
                        path.display()
                    );
                }
                continue;
            };
            let value = match read(&path) {
                Ok(Ok(value)) => value,
                Ok(Err(what)) => return Err(StateError::NotAValue { path, what }),
                Err(error) => return Err(StateError::Read { path, error }),
            };
            stored.push((key, Bytes::from(value)));
        }
        stored.sort();
        Ok(stored)
    }
}

/// Reads a value. What is no file might never end, or never begin.
fn read(path: &Path) -> io::Result<Result<Vec<u8>, &'static str>> {
    let found = fs::metadata(path)?;
    if !found.is_file() {
        return Ok(Err("it is no regular file"));
    }
    if found.len() > LARGEST {
        return Ok(Err("it is too large"));
    }
    fs::read(path).map(Ok)
}

/// A key's file. Keys are made of characters every file system takes, except
/// for the slash, for which `+` stands, as it occurs in no key.
fn file_name(key: &str) -> io::Result<String> {
    let name = format!("{}{EXTENSION}", key.replace('/', "+"));
    if is_key(key) && name.len() <= LONGEST_NAME {
        Ok(name)
    } else {
        Err(io::Error::new(
            io::ErrorKind::InvalidFilename,
            "the key cannot be a file name",
        ))
    }
}

/// The key whose value a file holds, `None` for other files.
fn key(file_name: &str) -> Option<String> {
    let name = file_name.strip_suffix(EXTENSION)?;
    let key = name.replace('+', "/");
    is_key(&key).then_some(key)
}

fn is_key(key: &str) -> bool {
    key.bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"/._-%".contains(&byte))
}

/// Options for files only this user may read: they may hold private keys. A
/// FIFO in their place is an error, not something to wait for.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        options.mode(0o600).custom_flags(flags);
    }
    options
}

fn create_directory(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => synchronise_directory(parent),
        _ => synchronise_directory(Path::new(".")),
    }
}

/// Makes a directory's entries durable.
fn synchronise_directory(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(path)?.sync_all()
    } else {
        // Elsewhere directories cannot be opened; the system sees to it.
        Ok(())
    }
}

/// Locks a file for this process; `None` if another has it. The lock ends with
/// the process, however that ends.
#[cfg(unix)]
fn lock(path: &Path) -> io::Result<Option<File>> {
    use rustix::fs::{FlockOperation, flock};
    let file = private().open(path)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Opens a file that nobody else may open meanwhile; `None` if another did.
#[cfg(windows)]
fn lock(path: &Path) -> io::Result<Option<File>> {
    use std::os::windows::fs::OpenOptionsExt;
    const ERROR_SHARING_VIOLATION: i32 = 32;
    match private().share_mode(0).open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.raw_os_error() == Some(ERROR_SHARING_VIOLATION) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn put(key: &str, value: &'static [u8]) -> StoreCommand {
        StoreCommand::Put {
            key: key.to_owned(),
            value: Bytes::from_static(value),
        }
    }

    fn stored(list: &[(&str, &'static [u8])]) -> Stored {
        list.iter()
            .map(|(key, value)| ((*key).to_owned(), Bytes::from_static(value)))
            .collect()
    }

    #[test]
    fn values_are_found_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("new/er");
        let (state, before) = StateDir::open(&path).unwrap();
        assert!(before.is_empty());
        state.apply(&put("ufs/ca.pem", b"1")).unwrap();
        state.apply(&put("ufs/ca.pem", b"2")).unwrap();
        state.apply(&put(".", b"")).unwrap();
        state.apply(&put("gone", b"x")).unwrap();
        for _ in 0..2 {
            let key = "gone".to_owned();
            state.apply(&StoreCommand::Delete { key }).unwrap();
        }
        drop(state);
        let (_state, after) = StateDir::open(&path).unwrap();
        assert_eq!(after, stored(&[(".", b""), ("ufs/ca.pem", b"2")]));
    }

    #[test]
    fn what_a_killed_process_left_is_removed_and_strangers_are_not() {
        let directory = tempfile::tempdir().unwrap();
        for name in [INCOMING, "notes.txt", "Not A Key.v"] {
            fs::write(directory.path().join(name), "half").unwrap();
        }
        let (_state, stored) = StateDir::open(directory.path()).unwrap();
        assert!(stored.is_empty());
        assert!(!directory.path().join(INCOMING).exists());
        assert!(directory.path().join("notes.txt").exists());
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_value_is_refused_and_never_waited_for() {
        let fifo = |path: &Path| {
            use rustix::fs::{CWD, FileType, Mode, mknodat};
            mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        };
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        for name in [LOCK, "a.v"] {
            fifo(&path.join(name));
            let error = StateDir::open(path).unwrap_err().to_string();
            assert!(error.contains(path.to_str().unwrap()), "{error}");
            fs::remove_file(path.join(name)).unwrap();
        }
        fifo(&path.join(INCOMING));
        let (state, _) = StateDir::open(path).unwrap();
        fifo(&path.join(INCOMING));
        state.apply(&put("key", b"1")).unwrap_err();
        fs::create_dir(path.join("b.v")).unwrap();
        drop(state);
        let error = StateDir::open(path).unwrap_err().to_string();
        assert!(
            error.ends_with("(it is no regular file); remove it"),
            "{error}"
        );
    }

    #[test]
    fn one_process_at_a_time() {
        let directory = tempfile::tempdir().unwrap();
        let (state, _) = StateDir::open(directory.path()).unwrap();
        let error = StateDir::open(directory.path()).unwrap_err();
        assert!(matches!(error, StateError::InUse { .. }), "{error}");
        drop(state);
        StateDir::open(directory.path()).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn only_this_user_may_read() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("state");
        let (state, _) = StateDir::open(&path).unwrap();
        state.apply(&put("key.pem", b"secret")).unwrap();
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o700);
        assert_eq!(mode(&path.join("key.pem.v")), 0o600);
    }

    #[test]
    fn a_key_that_cannot_be_a_file_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let (state, _) = StateDir::open(directory.path()).unwrap();
        for key in ["a+b", "a\\b", &"x".repeat(300)] {
            let error = state.apply(&put(key, b"")).unwrap_err();
            assert!(matches!(error, StateError::Write { .. }), "{error}");
        }
    }

    proptest! {
        #[test]
        fn a_file_name_leads_back_to_its_key(text in "[a-z0-9/._%-]{0,60}") {
            let name = file_name(&text).unwrap();
            prop_assert!(!name.contains('/') && name != LOCK && name != INCOMING);
            prop_assert_eq!(key(&name), Some(text));
        }
    }
}
