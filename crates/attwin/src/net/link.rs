//! One open connection: what is queued to go out, and whether to read.

use std::io;
use std::task::{Context, Poll, Waker};

use attwin_core::{CloseReason, LinkId};
use bytes::Bytes;
use tracing::{debug, warn};

use super::event::EventKind;
use super::queue::{SendQueue, finish};
use super::stream::{Stream, poll_read_shared};

/// Bytes queued on one link before it counts as broken. A modem counts `Sent`
/// and stays far below; this guards the process against one that does not.
pub(super) const MAX_QUEUED: usize = 4 * 1024 * 1024;

/// An open connection of a modem.
pub(super) struct Link {
    stream: Stream,
    queue: SendQueue,
    paused: bool,
    /// Why nothing can be written any more.
    broken: Option<CloseReason>,
}

impl Link {
    pub(super) fn new(stream: Stream, paused: bool) -> Self {
        Self {
            stream,
            queue: SendQueue::default(),
            paused,
            broken: None,
        }
    }

    /// Writes `bytes` as far as the socket takes them and queues the rest.
    pub(super) fn send(&mut self, bytes: Bytes) {
        if bytes.is_empty() || self.broken.is_some() {
            return;
        }
        if self.queue.len() + bytes.len() > MAX_QUEUED {
            warn!("more than {MAX_QUEUED} bytes wait to be sent on one link: closing it");
            self.give_up(CloseReason::WriteFailed);
            return;
        }
        self.queue.push(bytes);
        self.write_now();
    }

    /// Stops or starts reading.
    pub(super) fn pause(&mut self, paused: bool) {
        self.paused = paused;
    }

    /// Sends what is queued, then closes, in the background.
    pub(super) fn close(mut self, id: LinkId) {
        // What can leave now leaves now, even if the process ends next.
        self.write_now();
        if self.broken.is_some() {
            return;
        }
        tokio::spawn(async move {
            if !finish(&mut self.stream, &mut self.queue).await {
                debug!(
                    link = id.0,
                    unsent = self.queue.len(),
                    "the peer did not end the connection in time"
                );
            }
        });
    }

    /// Polls for the next thing that happens on this link.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<EventKind> {
        self.poll_write(cx);
        let accepted = self.queue.take_accepted();
        if accepted > 0 {
            return Poll::Ready(EventKind::Sent(accepted));
        }
        if !self.paused {
            let read = poll_read_shared(&mut self.stream, cx, Bytes::copy_from_slice);
            match read {
                Poll::Ready(Ok(bytes)) if !bytes.is_empty() => {
                    return Poll::Ready(EventKind::Received(bytes));
                }
                Poll::Ready(end) => {
                    let reason = self.broken.unwrap_or_else(|| read_reason(end.err()));
                    return Poll::Ready(EventKind::Closed(reason));
                }
                Poll::Pending => {}
            }
        }
        // A link that cannot be written ends only now, after what the peer sent
        // before: it may say why the peer closed.
        self.broken.map_or(Poll::Pending, |reason| {
            Poll::Ready(EventKind::Closed(reason))
        })
    }

    /// Writes what the socket takes without waiting. The task's own waker is
    /// registered when it polls next, which it must do anyway for the answer.
    fn write_now(&mut self) {
        self.poll_write(&mut Context::from_waker(Waker::noop()));
    }

    fn poll_write(&mut self, cx: &mut Context<'_>) {
        if let Poll::Ready(Err(error)) = self.queue.poll_write(&mut self.stream, cx) {
            self.give_up(write_reason(&error));
        }
    }

    fn give_up(&mut self, reason: CloseReason) {
        self.broken = Some(reason);
        self.queue.clear();
    }
}

/// Why reading ended: an error, or the end of the stream.
fn read_reason(error: Option<io::Error>) -> CloseReason {
    let Some(error) = error else {
        return CloseReason::Finished;
    };
    debug!("the connection ended: {error}");
    match error.kind() {
        // A FIN without close_notify: most brokers close like that.
        io::ErrorKind::UnexpectedEof => CloseReason::Finished,
        _ if is_vanished(&error) => CloseReason::TimedOut,
        _ => CloseReason::Reset,
    }
}

fn write_reason(error: &io::Error) -> CloseReason {
    debug!("writing failed: {error}");
    if is_vanished(error) {
        CloseReason::TimedOut
    } else {
        CloseReason::WriteFailed
    }
}

fn is_vanished(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::TimedOut
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_errors_become_the_reasons_a_module_knows() {
        let reason = |kind: io::ErrorKind| read_reason(Some(kind.into()));
        assert_eq!(read_reason(None), CloseReason::Finished);
        assert_eq!(reason(io::ErrorKind::UnexpectedEof), CloseReason::Finished);
        assert_eq!(reason(io::ErrorKind::ConnectionReset), CloseReason::Reset);
        assert_eq!(reason(io::ErrorKind::InvalidData), CloseReason::Reset);
        assert_eq!(reason(io::ErrorKind::TimedOut), CloseReason::TimedOut);
        assert_eq!(
            reason(io::ErrorKind::HostUnreachable),
            CloseReason::TimedOut
        );
    }

    #[test]
    fn write_errors_become_the_reasons_a_module_knows() {
        assert_eq!(
            write_reason(&io::ErrorKind::BrokenPipe.into()),
            CloseReason::WriteFailed
        );
        assert_eq!(
            write_reason(&io::ErrorKind::TimedOut.into()),
            CloseReason::TimedOut
        );
    }
}
