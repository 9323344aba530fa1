//! `pty`, `pty:PATH`: a pseudo-terminal that survives its hosts.
//!
//! The slave side is held open. Without that, reading would fail with `EIO`
//! from then on once a host left, and its settings would be lost. The price is that
//! the master no longer notices hosts; [`Presence`] does.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{
    Action, OptionalActions, QueueSelector, ioctl_tiocnxcl, tcflow, tcflush, tcgetattr, tcsetattr,
};
use tokio::io::AsyncWrite;
use tokio::net::unix::pipe::{Receiver, Sender};

use super::endpoint::DEFAULT_BAUD;
use super::error::PortError;
use super::line::{Line, PortEvent, would_block};
use super::presence::Presence;
use super::stable_link::StableLink;

/// A pseudo-terminal; hosts open its slave side by path.
pub(super) struct Pty {
    // Dropped in this order: the link must not outlive what it points at, and
    // our own closing of the slave is no host's.
    link: Option<StableLink>,
    presence: Presence,
    rx: Receiver,
    tx: Sender,
    slave: OwnedFd,
    path: PathBuf,
    /// How many times a host attaching or detaching was reported.
    seen: u64,
    /// After how many of them the line was last made ready for the next host.
    released: u64,
    /// It was, and [`Line::take_departed`] did not say so yet.
    departed: bool,
    /// Why it cannot be repaired.
    broken: Option<io::Error>,
}

impl Pty {
    pub(super) fn open(link: Option<&Path>) -> Result<Self, PortError> {
        let failed = |step| {
            move |e: Errno| PortError::Pty {
                step,
                source: e.into(),
            }
        };
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
        #[cfg(any(target_os = "linux", target_os = "android"))]
        let flags = flags | OpenptFlags::CLOEXEC;
        let master = openpt(flags).map_err(failed("openpt"))?;
        grantpt(&master).map_err(failed("grantpt"))?;
        unlockpt(&master).map_err(failed("unlockpt"))?;
        let name = ptsname(&master, Vec::new()).map_err(failed("ptsname"))?;
        let path = PathBuf::from(OsStr::from_bytes(name.as_bytes()));
        let slave = open_slave(&path).map_err(failed("open the slave"))?;
        make_raw(slave.as_fd()).map_err(failed("raw mode"))?;
        rustix::io::ioctl_fionbio(&master, true).map_err(failed("non-blocking mode"))?;
        let (rx, tx) = register(master).map_err(|source| PortError::Pty {
            step: "register for events",
            source,
        })?;
        let presence = Presence::watch(&path).map_err(|source| PortError::Pty {
            step: "watch with inotify",
            source,
        })?;
        let link = link
            .map(|link| StableLink::create(link, &path))
            .transpose()?;
        let (seen, released, departed, broken) = (0, 0, false, None);
        Ok(Self {
            link,
            presence,
            rx,
            tx,
            slave,
            path,
            seen,
            released,
            departed,
            broken,
        })
    }

    /// The stable link if there is one, else the slave's path.
    pub(super) fn address(&self) -> String {
        self.link
            .as_ref()
            .map_or(&*self.path, StableLink::path)
            .display()
            .to_string()
    }

    fn is_attached(&self) -> bool {
        self.seen % 2 == 1
    }

    /// Makes the line ready for the next host: what the last one did not read
    /// is dropped, as on a UART, and its settings are undone, of which
    /// `TIOCEXCL` would lock other hosts out and `TCOOFF` stop them.
    fn release(&mut self) {
        let slave = self.slave.as_fd();
        let released = ioctl_tiocnxcl(slave)
            .and_then(|()| tcflow(slave, Action::OOn))
            .and_then(|()| tcflush(slave, QueueSelector::IFlush))
            .and_then(|()| make_raw(slave));
        self.departed = true;
        if released.is_err() {
            self.revive();
        }
    }

    /// Does so once for each departure, of which the last is among the
    /// `changes` not reported yet.
    fn release_once(&mut self, changes: u64) {
        let last_departure = (self.seen + changes) & !1;
        if last_departure > self.released {
            self.released = last_departure;
            self.release();
        }
    }

    /// Repairs the line after a hang-up: a host that was a session leader and
    /// had made the PTY its controlling terminal takes every open descriptor
    /// of the slave with it when it exits, ours included.
    fn revive(&mut self) {
        self.presence.expect_own_reopen();
        let revived = open_slave(&self.path)
            .map_err(io::Error::from)
            .and_then(|slave| {
                self.slave = slave;
                make_raw(self.slave.as_fd())?;
                // The old registrations report the hang-up without end.
                (self.rx, self.tx) = register(self.rx.as_fd().try_clone_to_owned()?)?;
                Ok(())
            });
        self.broken = revived.err();
    }

    /// Whether the departed host left something to read.
    ///
    /// Asks the kernel, because tokio may not have heard of it yet; polling
    /// also makes the kernel move what was written but not yet passed on.
    fn has_unread(&self) -> bool {
        let mut fds = [PollFd::new(&self.rx, PollFlags::IN)];
        poll(
            &mut fds,
            Some(&Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            }),
        )
        .is_ok()
            && fds[0].revents().contains(PollFlags::IN)
    }

    /// Reads even if tokio has not heard yet that there is something.
    fn read(&self, buf: &mut [u8]) -> io::Result<usize> {
        match self.rx.try_read(buf) {
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Ok(rustix::io::read(&self.rx, buf)?),
            result => result,
        }
    }
}

impl Line for Pty {
    fn poll_event(&mut self, cx: &mut Context<'_>, reading: bool) -> Poll<PortEvent> {
        if let Some(error) = self.broken.take() {
            return Poll::Ready(PortEvent::Failed(error.to_string()));
        }
        let changes = self.presence.changes(self.seen, cx);
        match (self.is_attached(), changes) {
            (false, 0) => return Poll::Pending,
            (false, _) => {
                self.seen += 1;
                return Poll::Ready(PortEvent::Attached);
            }
            (true, 0) if !reading => return Poll::Pending,
            (true, 0) => {
                return match ready!(self.rx.poll_read_ready(cx)) {
                    Ok(()) => Poll::Ready(PortEvent::Readable),
                    Err(e) => Poll::Ready(PortEvent::Failed(e.to_string())),
                };
            }
            (true, _) => {}
        }
        self.release_once(changes);
        if self.has_unread() {
            return if reading {
                Poll::Ready(PortEvent::Readable)
            } else {
                Poll::Pending
            };
        }
        // The answers to the last commands; but the next host's are its own.
        if changes == 1 {
            self.release();
        }
        self.seen += 1;
        Poll::Ready(PortEvent::Detached)
    }

    fn try_read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() || !self.is_attached() {
            return would_block();
        }
        match self.read(buf) {
            Ok(n) if n > 0 => {
                // If these are a new host's first bytes, what the last one
                // left goes now: later it would take the answer with it.
                let changes = self.presence.changes_now(self.seen);
                self.release_once(changes);
                Ok(n)
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Err(e),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => self.try_read(buf),
            // EIO, end of file: no slave is open, not even ours.
            Ok(_) | Err(_) => {
                self.revive();
                would_block()
            }
        }
    }

    fn take_departed(&mut self) -> bool {
        std::mem::take(&mut self.departed)
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tx).poll_write(cx, bytes)
    }
}

fn open_slave(path: &Path) -> Result<OwnedFd, Errno> {
    rustix::fs::open(
        path,
        OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC,
        Mode::empty(),
    )
}

fn make_raw(slave: BorrowedFd<'_>) -> Result<(), Errno> {
    let mut termios = tcgetattr(slave)?;
    termios.make_raw();
    termios.set_speed(DEFAULT_BAUD)?;
    tcsetattr(slave, OptionalActions::Now, &termios)
}

/// Registers a non-blocking PTY master with tokio, for reading and writing.
///
/// Its pipe type does what is needed without unsafe code: wait, read, write.
fn register(master: OwnedFd) -> io::Result<(Receiver, Sender)> {
    let rx = Receiver::from_file_unchecked(File::from(master.try_clone()?))?;
    let tx = Sender::from_file_unchecked(File::from(master))?;
    Ok((rx, tx))
}
