//! What every kind of endpoint does.

use std::io;
use std::task::{Context, Poll};

/// What [`Port::ready`](super::Port::ready) reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortEvent {
    /// A host opened the line.
    Attached,
    /// The host closed the line; everything it sent was readable before.
    Detached,
    /// The host may have sent something: read until
    /// [`io::ErrorKind::WouldBlock`]. Now and then there is nothing.
    Readable,
    /// The port was full and has room for output again.
    Room,
    /// The last host left and no other can come: standard input ended.
    Ended,
    /// The port broke, with the reason, and cannot recover.
    Failed(String),
}

/// What one kind of endpoint does for its [`Port`](super::Port).
///
/// Poll functions rather than async ones: all state is in the line, so that
/// a cancelled [`Port::ready`](super::Port::ready) loses nothing, and [`Port::write`](super::Port::write) can try
/// without waiting by polling with a waker that does nothing (the next
/// `ready` polls with a real one).
pub(super) trait Line: Send {
    /// The next event. `Readable` only between `Attached` and `Detached`;
    /// repeated until [`try_read`](Self::try_read) has read everything, and
    /// never unless `reading`.
    fn poll_event(&mut self, cx: &mut Context<'_>, reading: bool) -> Poll<PortEvent>;

    /// Reads; `WouldBlock` when drained and also when the host is gone.
    fn try_read(&mut self, buf: &mut [u8]) -> io::Result<usize>;

    /// Writes some of `bytes`. Called only while a host is attached.
    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>>;

    /// Whether, since the last call, a host left that may have left output
    /// behind, although this is not reported yet: the next may be there too.
    fn take_departed(&mut self) -> bool {
        false
    }

    /// Waits until what was written has left the process.
    fn poll_flush(&mut self, _cx: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

/// The answer of a line that has nothing to read.
pub(super) fn would_block<T>() -> io::Result<T> {
    Err(io::ErrorKind::WouldBlock.into())
}
