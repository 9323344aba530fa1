//! Who has a PTY's slave side open: reported by inotify, one descriptor and one
//! thread for all PTYs of the process (a user may have only 128 descriptors).

use std::collections::HashMap;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Waker};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
use rustix::io::Errno;

/// Room for several dozen events per read.
const EVENT_BUFFER: usize = 4096;

/// Counts the opens of one slave, its owner's own excepted.
pub(super) struct Presence {
    hub: Arc<Hub>,
    watch: i32,
}

impl Presence {
    /// Watches `slave`, which its owner holds open already.
    pub(super) fn watch(slave: &Path) -> io::Result<Self> {
        let hub = Hub::of_the_process()?;
        let watch = hub.add(slave)?;
        Ok(Self { hub, watch })
    }

    /// How often hosts came (first open) and left (last close) beyond the
    /// first `seen` times; wakes the task when that changes. The two
    /// alternate, so an even `seen` means that no host was there.
    pub(super) fn changes(&self, seen: u64, cx: &mut Context<'_>) -> u64 {
        self.with(|slave| {
            if !slave
                .waker
                .as_ref()
                .is_some_and(|waker| waker.will_wake(cx.waker()))
            {
                slave.waker = Some(cx.waker().clone());
            }
            slave.changes - seen
        })
    }

    /// As [`changes`](Self::changes), and certain to include every open and
    /// close that happened before the call.
    pub(super) fn changes_now(&self, seen: u64) -> u64 {
        self.hub.dispatch();
        self.with(|slave| slave.changes - seen)
    }

    /// The owner is about to open the slave once and to close it once.
    pub(super) fn expect_own_reopen(&self) {
        self.with(|slave| {
            slave.own_opens += 1;
            slave.own_closes += 1;
        });
    }

    fn with<T>(&self, f: impl FnOnce(&mut Slave) -> T) -> T {
        // The entry lives as long as `self`.
        f(self.hub.slaves().entry(self.watch).or_default())
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        let mut slaves = self.hub.slaves();
        slaves.remove(&self.watch);
        // Fails only if the slave, and the watch with it, no longer exists.
        inotify::remove_watch(&self.hub.inotify, self.watch).ok();
    }
}

#[derive(Default)]
struct Slave {
    open: u32,
    changes: u64,
    own_opens: u32,
    own_closes: u32,
    waker: Option<Waker>,
}

impl Slave {
    fn opened(&mut self) {
        if self.own_opens > 0 {
            self.own_opens -= 1;
            return;
        }
        self.open += 1;
        if self.open == 1 {
            self.changed();
        }
    }

    fn closed(&mut self) {
        if self.own_closes > 0 {
            self.own_closes -= 1;
            return;
        }
        // Zero only if the host opened it before the watch was in place.
        if self.open == 1 {
            self.changed();
        }
        self.open = self.open.saturating_sub(1);
    }

    fn changed(&mut self) {
        self.changes += 1;
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

struct Hub {
    inotify: OwnedFd,
    slaves: Mutex<HashMap<i32, Slave>>,
}

impl Hub {
    fn of_the_process() -> io::Result<Arc<Self>> {
        static HUB: Mutex<Option<Arc<Hub>>> = Mutex::new(None);
        let mut hub = HUB.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hub) = &*hub {
            return Ok(Arc::clone(hub));
        }
        let new = Arc::new(Self {
            inotify: inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?,
            slaves: Mutex::default(),
        });
        let served = Arc::clone(&new);
        // Runs as long as the process, waiting in the kernel nearly always.
        std::thread::Builder::new()
            .name("pty-presence".to_owned())
            .spawn(move || {
                while served.wait() {
                    served.dispatch();
                }
            })?;
        *hub = Some(Arc::clone(&new));
        Ok(new)
    }

    fn add(&self, slave: &Path) -> io::Result<i32> {
        let opens_and_closes = WatchFlags::OPEN | WatchFlags::CLOSE;
        // The kernel merges an event with an equal one just before it, and the
        // count would go wrong. Events of the directory, which come with
        // a name and are ignored, stand between any two of a slave.
        if let Some(directory) = slave.parent() {
            inotify::add_watch(&self.inotify, directory, opens_and_closes)?;
        }
        // Locked, so that no event of the new watch is dispatched before its
        // entry is there.
        let mut slaves = self.slaves();
        let watch = inotify::add_watch(&self.inotify, slave, opens_and_closes)?;
        slaves.insert(watch, Slave::default());
        Ok(watch)
    }

    fn wait(&self) -> bool {
        match poll(&mut [PollFd::new(&self.inotify, PollFlags::IN)], None) {
            Ok(_) | Err(Errno::INTR) => true,
            Err(error) => {
                tracing::error!(%error, "hosts of PTYs are no longer noticed");
                false
            }
        }
    }

    /// Takes every pending event into account.
    fn dispatch(&self) {
        let mut slaves = self.slaves();
        let mut buffer = [MaybeUninit::uninit(); EVENT_BUFFER];
        let mut events = Reader::new(&self.inotify, &mut buffer);
        loop {
            let event = match events.next() {
                Ok(event) => event,
                Err(Errno::INTR) => continue,
                Err(_) => return,
            };
            if event.events().contains(ReadFlags::QUEUE_OVERFLOW) {
                tracing::warn!("inotify queue overflow: hosts of PTYs may be miscounted");
            }
            let Some(slave) = slaves.get_mut(&event.wd()) else {
                continue;
            };
            if event.events().contains(ReadFlags::OPEN) {
                slave.opened();
            }
            if event
                .events()
                .intersects(ReadFlags::CLOSE_WRITE | ReadFlags::CLOSE_NOWRITE)
            {
                slave.closed();
            }
        }
    }

    fn slaves(&self) -> MutexGuard<'_, HashMap<i32, Slave>> {
        self.slaves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    fn watched() -> (tempfile::TempDir, std::path::PathBuf, Presence) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("slave");
        File::create(&path).unwrap();
        let presence = Presence::watch(&path).unwrap();
        (directory, path, presence)
    }

    #[test]
    fn counts_first_opens_and_last_closes() {
        let (_directory, path, presence) = watched();
        let first = File::open(&path).unwrap();
        assert_eq!(presence.changes_now(0), 1);
        let second = File::open(&path).unwrap();
        drop(first);
        assert_eq!(presence.changes_now(0), 1);
        drop(second);
        assert_eq!(presence.changes_now(0), 2);
        assert_eq!(presence.changes_now(2), 0);
    }

    #[test]
    fn equal_events_in_a_row_are_not_merged() {
        let (_directory, path, presence) = watched();
        let mut many: Vec<File> = (0..200).map(|_| File::open(&path).unwrap()).collect();
        many.truncate(1);
        assert_eq!(presence.changes_now(0), 1);
        drop(many);
        assert_eq!(presence.changes_now(0), 2);
    }

    #[test]
    fn the_owners_reopen_does_not_count() {
        let (_directory, path, presence) = watched();
        presence.expect_own_reopen();
        drop(File::open(&path).unwrap());
        assert_eq!(presence.changes_now(0), 0);
    }

    #[test]
    fn a_change_wakes_the_task() {
        let (_directory, path, presence) = watched();
        let (woken, wait) = std::sync::mpsc::channel();
        let waker = Waker::from(Arc::new(Channel(woken)));
        assert_eq!(presence.changes(0, &mut Context::from_waker(&waker)), 0);
        let _host = File::open(&path).unwrap();
        wait.recv_timeout(std::time::Duration::from_secs(30))
            .unwrap();
        assert_eq!(presence.changes_now(0), 1);
    }

    struct Channel(std::sync::mpsc::Sender<()>);

    impl std::task::Wake for Channel {
        fn wake(self: Arc<Self>) {
            self.0.send(()).ok();
        }
    }
}
