//! What waits to be written to a stream.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use tokio::io::AsyncWrite;
use tokio::time::timeout;

use super::stream::{Stream, poll_read_shared};

/// Most chunks handed to the stream in one call.
const MAX_SLICES: usize = 16;

/// How long a closing stream may flush and wait for the peer's end.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

/// Chunks on their way to a stream. It has no limit of its own: the caller
/// checks [`len`](Self::len).
#[derive(Debug, Default)]
pub(crate) struct SendQueue {
    chunks: VecDeque<Bytes>,
    len: usize,
    /// Bytes the stream took and the owner does not know of yet.
    accepted: usize,
    /// The stream may hold something back, as a TLS session does while the
    /// socket is full.
    unflushed: bool,
}

impl SendQueue {
    pub(crate) fn push(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.len += bytes.len();
            self.chunks.push_back(bytes);
        }
    }

    /// Bytes not yet taken by the stream.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Forgets what is not yet taken.
    pub(crate) fn clear(&mut self) {
        self.chunks.clear();
        self.len = 0;
        self.unflushed = false;
    }

    /// Bytes the stream took since the last call.
    pub(crate) fn take_accepted(&mut self) -> usize {
        std::mem::take(&mut self.accepted)
    }

    /// Writes what the stream takes; ready when all of it is on its way.
    pub(crate) fn poll_write(
        &mut self,
        stream: &mut Stream,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while self.len > 0 {
            let taken = ready!(self.poll_write_some(stream, cx))?;
            if taken == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.accepted += taken;
            self.unflushed = true;
            self.advance(taken);
        }
        if self.unflushed {
            ready!(Pin::new(stream).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_write_some(
        &self,
        stream: &mut Stream,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let mut slices = [IoSlice::new(&[]); MAX_SLICES];
        let mut count = 0;
        for (slice, chunk) in slices.iter_mut().zip(&self.chunks) {
            *slice = IoSlice::new(chunk);
            count += 1;
        }
        Pin::new(stream).poll_write_vectored(cx, &slices[..count])
    }

    fn advance(&mut self, mut taken: usize) {
        debug_assert!(taken <= self.len, "more taken than offered");
        self.len -= taken;
        while let Some(front) = self.chunks.front_mut() {
            if taken < front.len() {
                front.advance(taken);
                return;
            }
            taken -= front.len();
            self.chunks.pop_front();
        }
    }
}

/// Writes what is queued and our end of the stream, and reads up to the peer's
/// end, so that unread bytes do not turn our last packet into a reset. Gives up
/// after a bounded time; returns whether it got to the end.
pub(crate) async fn finish(stream: &mut Stream, queue: &mut SendQueue) -> bool {
    let mut shut = false;
    let mut ended = false;
    let finished = poll_fn(|cx| {
        while !ended {
            match poll_read_shared(stream, cx, <[u8]>::len) {
                Poll::Ready(Ok(count)) if count > 0 => {}
                Poll::Ready(_) => ended = true,
                Poll::Pending => break,
            }
        }
        if !shut {
            ready!(queue.poll_write(stream, cx))?;
            ready!(Pin::new(&mut *stream).poll_shutdown(cx))?;
            shut = true;
        }
        if ended {
            Poll::Ready(io::Result::Ok(()))
        } else {
            Poll::Pending
        }
    });
    // After an error there is nothing more to read either.
    timeout(CLOSE_TIMEOUT, finished).await.is_ok()
}
