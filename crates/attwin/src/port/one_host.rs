//! What the listening endpoints share: one host at a time on a socket.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::line::{Line, PortEvent, would_block};

/// How long a second connection may wait for the first to be seen to end.
///
/// A host that closes and connects again at once must not be refused because
/// the new connection was noticed before the end of the old one.
const HANDOVER: Duration = Duration::from_millis(100);

/// How long to wait after a failed accept, for example
/// for lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// A listening socket.
pub(super) trait Listener: Send {
    /// Its connections.
    type Stream: Stream;

    /// The next connection, set up for use.
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Self::Stream>>;

    /// The address, for logs.
    fn address(&self) -> String;
}

/// A connected socket.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {
    /// Waits until there is something to read, the end included.
    fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;
}

/// A stream that remembers its end, which counts as the host closing the line,
/// orderly or not.
pub(super) struct Host<S> {
    stream: S,
    ended: bool,
}

impl<S: Stream> Host<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            ended: false,
        }
    }

    /// `Readable`, or `Detached` once the end was read.
    pub(super) fn poll_event(&self, cx: &mut Context<'_>, reading: bool) -> Poll<PortEvent> {
        if self.ended {
            return Poll::Ready(PortEvent::Detached);
        }
        if !reading {
            return Poll::Pending;
        }
        // An error here comes up again in `try_read`, which deals with it.
        ready!(self.stream.poll_read_ready(cx)).ok();
        Poll::Ready(PortEvent::Readable)
    }

    pub(super) fn try_read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.ended || buf.is_empty() {
            return would_block();
        }
        // Unlike `try_read`, this knows that a read which did not fill the
        // buffer drained the socket, and saves asking once more. The task's
        // own waker is registered by `poll_event`.
        let mut buf = ReadBuf::new(buf);
        let mut cx = Context::from_waker(Waker::noop());
        match Pin::new(&mut self.stream).poll_read(&mut cx, &mut buf) {
            Poll::Pending => would_block(),
            Poll::Ready(Ok(())) if !buf.filled().is_empty() => Ok(buf.filled().len()),
            Poll::Ready(_) => {
                self.ended = true;
                would_block()
            }
        }
    }

    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }
}

/// A listener and the one host it has.
pub(super) struct OneHost<L: Listener> {
    host: Option<Host<L::Stream>>,
    /// A second connection, and when it is refused.
    waiting: Option<(L::Stream, Pin<Box<Sleep>>)>,
    pause: Option<Pin<Box<Sleep>>>,
    listener: L,
}

impl<L: Listener> OneHost<L> {
    pub(super) fn new(listener: L) -> Self {
        Self {
            host: None,
            waiting: None,
            pause: None,
            listener,
        }
    }

    fn attach(&mut self, stream: L::Stream) -> Poll<PortEvent> {
        self.host = Some(Host::new(stream));
        Poll::Ready(PortEvent::Attached)
    }

    /// The next connection, after a pause if the last attempt failed.
    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<L::Stream> {
        loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(cx));
                self.pause = None;
            }
            match ready!(self.listener.poll_accept(cx)) {
                Ok(stream) => return Poll::Ready(stream),
                Err(error) => {
                    let address = self.listener.address();
                    tracing::warn!(port = %address, %error, "cannot accept a host; trying again");
                    self.pause = Some(Box::pin(sleep(ACCEPT_PAUSE)));
                }
            }
        }
    }

    /// Refuses connections while there is a host. Only ever pending.
    fn poll_refuse(&mut self, cx: &mut Context<'_>) -> Poll<PortEvent> {
        loop {
            if let Some((_, timeout)) = &mut self.waiting {
                ready!(timeout.as_mut().poll(cx));
                self.waiting = None;
                // Closed without a message: firmware would parse it.
                let address = self.listener.address();
                tracing::warn!(port = %address, "refused a second host; one is attached already");
            }
            let stream = ready!(self.poll_accept(cx));
            self.waiting = Some((stream, Box::pin(sleep(HANDOVER))));
        }
    }
}

impl<L: Listener> Line for OneHost<L> {
    fn poll_event(&mut self, cx: &mut Context<'_>, reading: bool) -> Poll<PortEvent> {
        if let Some(host) = &self.host {
            let Poll::Ready(event) = host.poll_event(cx, reading) else {
                return self.poll_refuse(cx);
            };
            if event == PortEvent::Detached {
                self.host = None;
            }
            return Poll::Ready(event);
        }
        let stream = match self.waiting.take() {
            Some((stream, _)) => stream,
            None => ready!(self.poll_accept(cx)),
        };
        self.attach(stream)
    }

    fn try_read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.host
            .as_mut()
            .map_or_else(would_block, |host| host.try_read(buf))
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.host {
            Some(host) => host.poll_write(cx, bytes),
            None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }
}
