//! The module's file store, and what else survives a power cycle.
//!
//! A file lives on a [`Volume`] of its dialect. Files of a persistent volume
//! and the small values of [`Storage::save`] leave the modem as
//! [`StoreCommand`]s and come back as [`Stored`]; files of a volatile volume
//! vanish at a restart. Nothing is allocated until something is stored.

mod key;

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use bytes::{Bytes, BytesMut};

use crate::io::{StoreCommand, Stored};
pub(crate) use key::is_file_key;
use key::{FILES, file_key, is_key, split_file_key, unescape};

/// Key of the list that remembers in which order persistent files were made.
const ORDER: &str = "file/order";
/// Most values [`Storage::save`] keeps; one more is not kept.
const VALUES_LIMIT: usize = 512;

/// One place files can be, as a dialect describes it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Volume {
    /// Name inside keys; of the characters keys are made of, without `/`.
    pub(crate) key: &'static str,
    /// Bytes its files can have together.
    pub(crate) capacity: usize,
    /// Most files on it.
    pub(crate) files: usize,
    /// Whether its files survive a restart.
    pub(crate) persistent: bool,
}

/// Why a file could not be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StorageError {
    /// The volume has too few bytes left.
    #[error("the volume is full")]
    Full,
    /// The volume holds as many files as it can.
    #[error("the volume holds too many files")]
    TooManyFiles,
    /// No file has this name.
    #[error("there is no such file")]
    NotFound,
}

/// Files and small values of one module.
#[derive(Debug, Default)]
pub(crate) struct Storage {
    /// Files of persistent volumes, oldest first.
    kept: Vec<File>,
    /// Files of volatile volumes, oldest first.
    volatile: Vec<File>,
    /// Everything else that survives, keys of other makers included.
    values: BTreeMap<String, Bytes>,
    commands: VecDeque<StoreCommand>,
    /// What the keys of `commands`, and of the one polled last, had before.
    before: BTreeMap<String, Option<Bytes>>,
    /// Key of the command polled last.
    polled: Option<String>,
    /// Keys whose values were found to be none.
    unreadable: RefCell<BTreeSet<String>>,
}

#[derive(Debug)]
struct File {
    key: String,
    content: Bytes,
}

impl Storage {
    /// A store with what earlier commands left behind. What does not look like
    /// a file of ours is left alone.
    pub(crate) fn new(stored: Stored) -> Self {
        let mut storage = Self::default();
        for (key, content) in stored {
            if !is_file_key(&key) {
                storage.values.insert(key, content);
            } else if let Some(twin) = storage.kept.iter_mut().find(|file| file.key == key) {
                twin.content = content;
            } else {
                storage.kept.push(File { key, content });
            }
        }
        if let Some(order) = storage.values.remove(ORDER) {
            let rank = |file: &File| {
                order
                    .split(|&b| b == b'\n')
                    .position(|line| line == file.key.as_bytes())
                    .unwrap_or(usize::MAX)
            };
            storage.kept.sort_by_cached_key(rank);
        }
        storage
    }

    /// Creates a file or replaces its content.
    pub(crate) fn write(
        &mut self,
        volume: &Volume,
        name: &[u8],
        content: Bytes,
    ) -> Result<(), StorageError> {
        let key = file_key(volume, name);
        self.remember(volume, &key);
        let free = self.free(volume);
        match self.find(volume, &key) {
            Some(at) => {
                let file = &mut self.list_mut(volume)[at];
                if content.len() > free.saturating_add(file.content.len()) {
                    return Err(StorageError::Full);
                }
                file.content = content;
                self.persist(volume, at);
            }
            None if content.len() > free => return Err(StorageError::Full),
            None if self.count(volume) >= volume.files => return Err(StorageError::TooManyFiles),
            None => {
                let list = self.list_mut(volume);
                list.push(File { key, content });
                let at = list.len() - 1;
                self.persist(volume, at);
                self.persist_order(volume);
            }
        }
        Ok(())
    }

    /// Overwrites a file from `offset` on, which must not lie beyond its end;
    /// returns its new size.
    pub(crate) fn write_at(
        &mut self,
        volume: &Volume,
        name: &[u8],
        offset: usize,
        data: &[u8],
    ) -> Result<usize, StorageError> {
        let free = self.free(volume);
        self.change(volume, name, |content| {
            let offset = offset.min(content.len());
            let overlap = data.len().min(content.len() - offset);
            let (over, beyond) = data.split_at(overlap);
            if beyond.len() > free {
                return Err(StorageError::Full);
            }
            content[offset..offset + overlap].copy_from_slice(over);
            content.extend_from_slice(beyond);
            Ok(content.len())
        })
    }

    /// Cuts a file to `len` bytes; a shorter one stays as it is.
    pub(crate) fn truncate(
        &mut self,
        volume: &Volume,
        name: &[u8],
        len: usize,
    ) -> Result<(), StorageError> {
        self.change(volume, name, |content| {
            content.truncate(len);
            Ok(())
        })
    }

    /// Deletes a file; `false` if there is none.
    pub(crate) fn remove(&mut self, volume: &Volume, name: &[u8]) -> bool {
        let key = file_key(volume, name);
        let Some(at) = self.find(volume, &key) else {
            return false;
        };
        self.remember(volume, &key);
        self.list_mut(volume).remove(at);
        if volume.persistent {
            self.command(StoreCommand::Delete { key });
            self.persist_order(volume);
        }
        true
    }

    /// Deletes every file of a volume.
    pub(crate) fn remove_all(&mut self, volume: &Volume) {
        let gone: Vec<String> = self.of(volume).map(|(_, file)| file.key.clone()).collect();
        if gone.is_empty() {
            return;
        }
        for key in &gone {
            self.remember(volume, key);
        }
        self.list_mut(volume)
            .retain(|file| !gone.contains(&file.key));
        if volume.persistent {
            for key in gone {
                self.command(StoreCommand::Delete { key });
            }
            self.persist_order(volume);
        }
    }

    /// Keeps a small value across power cycles, or forgets it. `key` is made
    /// of the characters of [`StoreCommand`] and does not begin with `file/`.
    pub(crate) fn save(&mut self, key: &str, value: Option<Bytes>) {
        debug_assert!(is_key(key) && !key.starts_with(FILES), "{key}");
        let before = self.values.get(key).cloned();
        self.before.entry(key.into()).or_insert(before);
        match value {
            Some(value) => {
                if self.values.len() >= VALUES_LIMIT && !self.values.contains_key(key) {
                    return;
                }
                self.values.insert(key.into(), value.clone());
                self.command(StoreCommand::Put {
                    key: key.into(),
                    value,
                });
            }
            None => {
                if self.values.remove(key).is_some() {
                    self.command(StoreCommand::Delete { key: key.into() });
                }
            }
        }
    }

    /// Volatile files vanish.
    pub(crate) fn restart(&mut self) {
        self.volatile = Vec::new();
    }

    /// The next thing to be made durable. The one before was, unless it
    /// [`failed`](Self::failed).
    pub(crate) fn poll_store(&mut self) -> Option<StoreCommand> {
        if let Some(kept) = self.polled.take() {
            self.before.remove(&kept);
        }
        let command = self.commands.pop_front();
        match &command {
            Some(command) => self.polled = Some(command.key().into()),
            // What came to nothing, such as a file that did not fit.
            None => self.before.clear(),
        }
        command
    }

    /// What was polled last could not be made durable: it is as it was before.
    pub(crate) fn failed(&mut self, key: &str) {
        let Some(before) = self.before.remove(key) else {
            return;
        };
        match before {
            Some(content) if is_file_key(key) => {
                match self.kept.iter_mut().find(|f| f.key == key) {
                    Some(file) => file.content = content,
                    None => self.kept.push(File {
                        key: key.into(),
                        content,
                    }),
                }
            }
            None if is_file_key(key) => self.kept.retain(|file| file.key != key),
            Some(value) => drop(self.values.insert(key.into(), value)),
            None => drop(self.values.remove(key)),
        }
    }

    /// Whether something is to be made durable.
    pub(crate) fn has_unkept(&self) -> bool {
        !self.commands.is_empty()
    }

    /// Content of a file.
    pub(crate) fn read(&self, volume: &Volume, name: &[u8]) -> Option<&Bytes> {
        let at = self.find(volume, &file_key(volume, name))?;
        Some(&self.list(volume)[at].content)
    }

    /// Names and contents of a volume's files, oldest first.
    pub(crate) fn files(&self, volume: &Volume) -> impl Iterator<Item = (Vec<u8>, &Bytes)> {
        self.of(volume).map(|(name, file)| {
            let name = unescape(name).unwrap_or_default();
            (name, &file.content)
        })
    }

    /// Bytes a volume's files have together.
    pub(crate) fn used(&self, volume: &Volume) -> usize {
        self.of(volume).map(|(_, file)| file.content.len()).sum()
    }

    /// How many files a volume holds.
    pub(crate) fn count(&self, volume: &Volume) -> usize {
        self.of(volume).count()
    }

    /// Bytes left on a volume.
    pub(crate) fn free(&self, volume: &Volume) -> usize {
        volume.capacity.saturating_sub(self.used(volume))
    }

    /// Bytes a new file can have: none once the volume's number of files is
    /// reached.
    pub(crate) fn room_for_new(&self, volume: &Volume) -> Option<usize> {
        (self.count(volume) < volume.files).then(|| self.free(volume))
    }

    /// A value kept with [`save`](Self::save).
    pub(crate) fn saved(&self, key: &str) -> Option<&Bytes> {
        self.values.get(key)
    }

    /// A value kept with [`save`](Self::save), as `decode` reads it. One that
    /// cannot be read counts as never kept, and is remembered for the log.
    pub(crate) fn decoded<T>(
        &self,
        key: &str,
        decode: impl FnOnce(&Bytes) -> Option<T>,
    ) -> Option<T> {
        let decoded = decode(self.saved(key)?);
        if decoded.is_none() {
            self.unreadable.borrow_mut().insert(key.into());
        }
        decoded
    }

    /// Keys whose values could not be read since the last call.
    pub(crate) fn take_unreadable(&mut self) -> BTreeSet<String> {
        core::mem::take(self.unreadable.get_mut())
    }

    fn change<R>(
        &mut self,
        volume: &Volume,
        name: &[u8],
        edit: impl FnOnce(&mut BytesMut) -> Result<R, StorageError>,
    ) -> Result<R, StorageError> {
        let key = file_key(volume, name);
        let at = self.find(volume, &key).ok_or(StorageError::NotFound)?;
        self.remember(volume, &key);
        let file = &mut self.list_mut(volume)[at];
        // In place, unless somebody still holds the old content.
        let mut content = core::mem::take(&mut file.content)
            .try_into_mut()
            .unwrap_or_else(|shared| BytesMut::from(&shared[..]));
        let result = edit(&mut content);
        file.content = content.freeze();
        if result.is_ok() {
            self.persist(volume, at);
        }
        result
    }

    fn persist(&mut self, volume: &Volume, at: usize) {
        if volume.persistent {
            let File { key, content } = &self.kept[at];
            let (key, value) = (key.clone(), content.clone());
            self.command(StoreCommand::Put { key, value });
        }
    }

    fn persist_order(&mut self, volume: &Volume) {
        if !volume.persistent {
            return;
        }
        let key = String::from(ORDER);
        let keys: Vec<&str> = self.kept.iter().map(|file| file.key.as_str()).collect();
        let command = if keys.is_empty() {
            StoreCommand::Delete { key }
        } else {
            let value = keys.join("\n").into();
            StoreCommand::Put { key, value }
        };
        self.command(command);
    }

    /// Only the newest command of a key matters, so that there are never more
    /// than there are keys.
    fn command(&mut self, command: StoreCommand) {
        self.commands.retain(|queued| queued.key() != command.key());
        self.commands.push_back(command);
    }

    /// To be called before a file changes.
    fn remember(&mut self, volume: &Volume, key: &str) {
        if volume.persistent && !self.before.contains_key(key) {
            let file = self.kept.iter().find(|file| file.key == key);
            let before = file.map(|file| file.content.clone());
            self.before.insert(key.into(), before);
        }
    }

    /// Files of a volume with their escaped names.
    fn of(&self, volume: &Volume) -> impl Iterator<Item = (&str, &File)> {
        let volume_key = volume.key;
        self.list(volume).iter().filter_map(move |file| {
            let (key, name) = split_file_key(&file.key)?;
            (key == volume_key).then_some((name, file))
        })
    }

    fn find(&self, volume: &Volume, key: &str) -> Option<usize> {
        self.list(volume).iter().position(|file| file.key == key)
    }

    fn list(&self, volume: &Volume) -> &[File] {
        if volume.persistent {
            &self.kept
        } else {
            &self.volatile
        }
    }

    fn list_mut(&mut self, volume: &Volume) -> &mut Vec<File> {
        if volume.persistent {
            &mut self.kept
        } else {
            &mut self.volatile
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    static FLASH: Volume = Volume {
        key: "flash",
        capacity: 10,
        files: 3,
        persistent: true,
    };
    static RAM: Volume = Volume {
        key: "ram",
        capacity: 4,
        files: 3,
        persistent: false,
    };

    fn names(storage: &Storage, volume: &Volume) -> Vec<Vec<u8>> {
        storage.files(volume).map(|(name, _)| name).collect()
    }

    /// Carries store commands out, as a driver does.
    fn carry_out(storage: &mut Storage, stored: &mut Stored) {
        while let Some(command) = storage.poll_store() {
            match command {
                StoreCommand::Put { key, value } => {
                    assert!(is_key(&key), "{key}");
                    stored.retain(|(k, _)| *k != key);
                    stored.push((key, value));
                }
                StoreCommand::Delete { key } => stored.retain(|(k, _)| *k != key),
            }
        }
    }

    #[test]
    fn a_fresh_store_says_and_holds_nothing() {
        let mut storage = Storage::new(Stored::new());
        assert_eq!(storage.poll_store(), None);
        assert_eq!(storage.kept.capacity() + storage.volatile.capacity(), 0);
        assert_eq!(storage.free(&FLASH), 10);
    }

    #[test]
    fn what_cannot_be_kept_is_as_before() {
        let mut storage = Storage::default();
        let one = Bytes::from_static(b"1");
        storage.write(&FLASH, b"old", one.clone()).expect("room");
        storage.save("value", Some(one.clone()));
        carry_out(&mut storage, &mut Stored::new());
        storage.write(&FLASH, b"new", one.clone()).expect("room");
        storage.write_at(&FLASH, b"old", 1, b"2").expect("room");
        storage.write_at(&FLASH, b"old", 2, b"3").expect("room");
        storage.save("value", None);
        while let Some(command) = storage.poll_store() {
            storage.failed(command.key());
        }
        assert_eq!(names(&storage, &FLASH), [b"old"]);
        assert_eq!(storage.read(&FLASH, b"old"), Some(&one));
        assert_eq!(storage.saved("value"), Some(&one));
        assert!(storage.before.is_empty());
    }

    #[test]
    fn names_keep_their_case_and_files_their_order() {
        let mut storage = Storage::default();
        for name in [&b"b"[..], b"B", b"a"] {
            storage
                .write(&FLASH, name, Bytes::from_static(b"1"))
                .expect("room");
        }
        storage
            .write(&FLASH, b"b", Bytes::from_static(b"22"))
            .expect("room");
        assert_eq!(names(&storage, &FLASH), [&b"b"[..], b"B", b"a"]);
        assert_eq!(storage.read(&FLASH, b"b"), Some(&Bytes::from_static(b"22")));
        assert_eq!(storage.read(&FLASH, b"A"), None);
        assert_eq!(storage.used(&FLASH), 4);
    }

    #[test]
    fn quotas_hold_and_a_refusal_changes_nothing() {
        let mut storage = Storage::default();
        let ten = Bytes::from_static(b"0123456789");
        storage
            .write(&FLASH, b"a", ten.clone())
            .expect("exactly full");
        assert_eq!(
            storage.write(&FLASH, b"b", Bytes::from_static(b"x")),
            Err(StorageError::Full)
        );
        assert_eq!(
            storage.write_at(&FLASH, b"a", 10, b"x"),
            Err(StorageError::Full)
        );
        storage
            .write(&FLASH, b"a", ten.slice(..9))
            .expect("replacing frees the old content");
        for name in [&b"b"[..], b"c"] {
            storage.write(&FLASH, name, Bytes::new()).expect("room");
        }
        assert_eq!(
            storage.write(&FLASH, b"d", Bytes::new()),
            Err(StorageError::TooManyFiles)
        );
        assert_eq!(storage.room_for_new(&FLASH), None);
        assert!(storage.remove(&FLASH, b"b"));
        assert!(!storage.remove(&FLASH, b"b"));
        assert_eq!(storage.room_for_new(&FLASH), Some(1));
        assert_eq!(storage.read(&FLASH, b"a"), Some(&ten.slice(..9)));
    }

    #[test]
    fn files_are_overwritten_extended_and_cut() {
        let mut storage = Storage::default();
        storage
            .write(&FLASH, b"a", Bytes::from_static(b"hello"))
            .expect("room");
        let held = storage.read(&FLASH, b"a").cloned();
        assert_eq!(storage.write_at(&FLASH, b"a", 4, b"0 w"), Ok(7));
        assert_eq!(
            storage.read(&FLASH, b"a"),
            Some(&Bytes::from_static(b"hell0 w"))
        );
        assert_eq!(
            held.as_deref(),
            Some(&b"hello"[..]),
            "copies are unaffected"
        );
        assert_eq!(storage.truncate(&FLASH, b"a", 1), Ok(()));
        assert_eq!(storage.read(&FLASH, b"a"), Some(&Bytes::from_static(b"h")));
        assert_eq!(
            storage.truncate(&FLASH, b"b", 1),
            Err(StorageError::NotFound)
        );
    }

    #[test]
    fn volatile_files_vanish_and_are_never_stored() {
        let mut storage = Storage::default();
        storage
            .write(&RAM, b"a", Bytes::from_static(b"1"))
            .expect("room");
        storage
            .write(&FLASH, b"a", Bytes::from_static(b"2"))
            .expect("room");
        assert!(storage.remove(&RAM, b"a"));
        storage
            .write(&RAM, b"b", Bytes::from_static(b"1"))
            .expect("room");
        let mut stored = Stored::new();
        carry_out(&mut storage, &mut stored);
        assert!(stored.iter().all(|(key, _)| !key.contains("ram")));
        storage.restart();
        assert_eq!(storage.count(&RAM), 0);
        assert_eq!(names(&storage, &FLASH), [b"a"]);
    }

    #[test]
    fn creation_order_survives_whatever_order_the_driver_returns() {
        let mut storage = Storage::default();
        for name in [&b"z"[..], b"y", b"x"] {
            storage.write(&FLASH, name, Bytes::new()).expect("room");
        }
        let mut stored = Stored::new();
        carry_out(&mut storage, &mut stored);
        stored.sort();
        let mut again = Storage::new(stored.clone());
        assert_eq!(names(&again, &FLASH), [b"z", b"y", b"x"]);
        assert_eq!(again.poll_store(), None);

        again.remove_all(&FLASH);
        again.remove_all(&FLASH);
        carry_out(&mut again, &mut stored);
        assert_eq!(stored, Stored::new());
    }

    #[test]
    fn a_file_without_a_place_in_the_order_comes_last() {
        let stored = alloc::vec![
            (String::from("file/flash/new"), Bytes::new()),
            (String::from("file/flash/old"), Bytes::new()),
            (
                String::from(ORDER),
                Bytes::from_static(b"file/flash/old\nfile/flash/gone\n\xff")
            ),
        ];
        assert_eq!(names(&Storage::new(stored), &FLASH), [b"old", b"new"]);
    }

    #[test]
    fn strange_keys_are_left_alone() {
        let strange = [
            "file/flash/%zz",
            "file/flash/%4",
            "file/flash/%4A",
            "file/flash/A",
            "file/flash/.x",
            "file/flash/a/b",
            "file/flash/",
            "file/",
            "file/x",
            "radio/apn",
            "",
        ];
        let stored = strange.map(|key| (String::from(key), Bytes::new()));
        let mut storage = Storage::new(stored.to_vec());
        assert_eq!(storage.count(&FLASH), 0);
        assert_eq!(storage.free(&FLASH), 10);
        assert_eq!(storage.saved("radio/apn"), Some(&Bytes::new()));
        assert_eq!(storage.poll_store(), None);
    }

    #[test]
    fn values_are_saved_and_forgotten() {
        let mut storage = Storage::default();
        storage.save("radio/apn", None);
        assert_eq!(storage.poll_store(), None);
        storage.save("radio/apn", Some(Bytes::from_static(b"a")));
        storage.save("radio/apn", Some(Bytes::from_static(b"b")));
        assert_eq!(storage.saved("radio/apn"), Some(&Bytes::from_static(b"b")));
        assert_eq!(
            storage.poll_store(),
            Some(StoreCommand::Put {
                key: "radio/apn".into(),
                value: Bytes::from_static(b"b")
            })
        );
        assert_eq!(storage.poll_store(), None);
        storage.save("radio/apn", None);
        assert_eq!(
            storage.poll_store(),
            Some(StoreCommand::Delete {
                key: "radio/apn".into()
            })
        );
        assert_eq!(storage.saved("radio/apn"), None);
    }

    #[test]
    fn there_is_a_limit_to_values() {
        let mut storage = Storage::default();
        for i in 0..=VALUES_LIMIT {
            storage.save(&alloc::format!("v/{i}"), Some(Bytes::new()));
        }
        assert_eq!(storage.values.len(), VALUES_LIMIT);
        storage.save("v/0", Some(Bytes::from_static(b"new")));
        assert_eq!(storage.saved("v/0"), Some(&Bytes::from_static(b"new")));
    }

    proptest! {
        #[test]
        fn any_file_comes_back(
            name in proptest::collection::vec(any::<u8>(), 1..40),
            content in proptest::collection::vec(any::<u8>(), 0..10),
        ) {
            let mut storage = Storage::default();
            storage.write(&FLASH, &name, content.clone().into()).expect("room");
            let mut stored = Stored::new();
            carry_out(&mut storage, &mut stored);
            let again = Storage::new(stored);
            prop_assert_eq!(again.read(&FLASH, &name).map(|c| c.to_vec()), Some(content));
            prop_assert_eq!(names(&again, &FLASH), [name]);
        }

        #[test]
        fn any_stored_key_is_harmless(key in ".{0,20}", tail in "[a-z%0-9A-F/.]{0,12}") {
            let keys = [key, alloc::format!("file/flash/{tail}")];
            let storage = Storage::new(keys.map(|k| (k, Bytes::new())).to_vec());
            for (name, _) in storage.files(&FLASH) {
                prop_assert!(storage.read(&FLASH, &name).is_some());
            }
        }
    }
}
