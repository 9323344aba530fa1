//! The serial endpoints: where a host (DTE) finds the module (DCE).
//!
//! An [`Endpoint`] says what to open, a [`Port`] is the open one. All kinds
//! behave alike: hosts come and go, bytes arrive, and output is taken without
//! waiting, until the port is full.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use tokio::task::coop::unconstrained;

mod connect;
mod endpoint;
mod error;
mod line;
mod one_host;
mod outbox;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod presence;
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
#[path = "presence_assumed.rs"]
mod presence;
#[cfg(unix)]
mod pty;
mod serial;
#[cfg(unix)]
mod stable_link;
mod stdio;
mod tcp;
#[cfg(unix)]
mod unix;

use line::Line;
use outbox::Outbox;

pub use endpoint::{DEFAULT_BAUD, Endpoint, EndpointError, HostPort};
pub use error::PortError;
pub use line::PortEvent;
pub use outbox::OUTPUT_QUEUE_LIMIT;

/// How long [`Port::drain`] waits for the host to take what is queued.
pub const DRAIN_TIME: Duration = Duration::from_secs(1);

/// One open serial endpoint.
///
/// One task drives it: it awaits [`ready`](Self::ready), reads with
/// [`try_read`](Self::try_read) into a buffer it may share with others, and
/// hands output to [`write`](Self::write), which never waits. An idle port
/// holds no buffer (a real serial device and standard input excepted, of which
/// a process has few).
///
/// Must be used within a tokio runtime with I/O and time enabled.
pub struct Port {
    address: String,
    line: Box<dyn Line>,
    outbox: Outbox,
    attached: bool,
    /// The outbox was emptied of what a departed host did not take, before its
    /// departure was reported.
    discarded: bool,
    /// A full one.
    departed_full: bool,
    /// The host has to wait.
    held: bool,
    /// It was said that this host does not read.
    warned: bool,
    over: bool,
}

impl Port {
    /// Opens `endpoint`.
    ///
    /// # Errors
    /// [`PortError`] names the address, what was tried, and what to do.
    pub async fn open(endpoint: &Endpoint) -> Result<Self, PortError> {
        let (address, line): (String, Box<dyn Line>) = match endpoint {
            #[cfg(unix)]
            Endpoint::Pty { link } => {
                let pty = pty::Pty::open(link.as_deref())?;
                (pty.address(), Box::new(pty))
            }
            Endpoint::Serial { device, baud } => {
                let serial = serial::Serial::open(device, *baud)?;
                (device.display().to_string(), Box::new(serial))
            }
            Endpoint::Tcp(at) => {
                let (local, line) = tcp::listen(at).await?;
                (local.to_string(), Box::new(line))
            }
            Endpoint::Connect(to) => (to.to_string(), Box::new(connect::Dialler::new(to.clone()))),
            #[cfg(unix)]
            Endpoint::Unix(path) => (
                path.display().to_string(),
                Box::new(unix::listen(path).await?),
            ),
            Endpoint::Stdio => ("stdio".to_owned(), Box::new(stdio::Stdio::open()?)),
        };
        Ok(Self {
            address,
            line,
            outbox: Outbox::default(),
            attached: false,
            discarded: false,
            departed_full: false,
            held: false,
            warned: false,
            over: false,
        })
    }

    /// What a script needs to open it: the PTY's path or its stable link, the
    /// `host:port` listened on (with the port the system chose) or dialled,
    /// the socket's path, the device, or `stdio`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Whether more output waits for the host than it should: nothing is read
    /// from it, and nothing more should be written, until
    /// [`PortEvent::Room`], or until it leaves.
    pub fn is_full(&self) -> bool {
        self.outbox.is_full()
    }

    /// Whether, since the last call, a host left its full port: what was held
    /// back for it is not for the next.
    pub fn take_departed_full(&mut self) -> bool {
        std::mem::take(&mut self.departed_full)
    }

    /// Says nothing of what the host sends while `hold`, so that it has to wait.
    pub fn hold_host(&mut self, hold: bool) {
        self.held = hold;
    }

    /// Waits for the next event and meanwhile hands queued output to the host.
    ///
    /// Cancel-safe: nothing is lost when the future is dropped. After
    /// [`PortEvent::Ended`] and [`PortEvent::Failed`] it never resolves again.
    pub async fn ready(&mut self) -> PortEvent {
        poll_fn(|cx| self.poll_event(cx)).await
    }

    /// Reads what the host sent.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] when all was read. A host that closes or
    /// breaks the line is no error here but [`PortEvent::Detached`] next.
    pub fn try_read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let result = self.line.try_read(buf);
        self.discard_if_departed();
        result
    }

    /// Sends `bytes` to the host without ever waiting for it.
    ///
    /// What the host does not take at once is queued. Nothing is dropped while
    /// it is attached: with [`OUTPUT_QUEUE_LIMIT`] bytes in the queue the port
    /// is [full](Self::is_full). Without a host they go nowhere, as on a UART.
    pub fn write(&mut self, bytes: &Bytes) {
        if !self.attached {
            return;
        }
        let mut sent = 0;
        if self.outbox.is_empty() {
            let mut cx = Context::from_waker(Waker::noop());
            while sent < bytes.len() {
                // Unconstrained: a task that was busy for long would else be
                // told to wait though the host could take it.
                let write = poll_fn(|cx| self.line.poll_write(cx, &bytes[sent..]));
                match pin!(unconstrained(write)).poll(&mut cx) {
                    Poll::Ready(Ok(n)) if n > 0 => sent += n,
                    // The line is broken; its reading side reports that.
                    Poll::Ready(_) => return,
                    Poll::Pending => break,
                }
            }
        }
        if sent < bytes.len() {
            self.outbox.push(&bytes[sent..]);
            if self.outbox.is_full() && !std::mem::replace(&mut self.warned, true) {
                tracing::warn!(
                    port = %self.address,
                    "the host does not read its port; the module waits until it does"
                );
            }
        }
    }

    /// Waits until the host took everything queued, at most [`DRAIN_TIME`]:
    /// the last act before a port is dropped.
    pub async fn drain(&mut self) {
        if !self.attached {
            return;
        }
        let flushed = poll_fn(|cx| {
            self.flush(cx);
            if self.outbox.is_empty() {
                self.line.poll_flush(cx)
            } else {
                Poll::Pending
            }
        });
        if tokio::time::timeout(DRAIN_TIME, flushed).await.is_err() {
            tracing::warn!(port = %self.address, "the host did not take all output in time");
        }
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<PortEvent> {
        if self.over {
            return Poll::Pending;
        }
        let event = loop {
            self.flush(cx);
            if self.outbox.take_room() {
                return Poll::Ready(PortEvent::Room);
            }
            let reading = !self.held && !self.is_full();
            let event = self.line.poll_event(cx, reading);
            self.discard_if_departed();
            if event.is_ready() || reading || self.held || self.is_full() {
                break std::task::ready!(event);
            }
            // What kept it from reading was for a host that left.
        };
        match event {
            PortEvent::Attached => {
                self.attached = true;
                self.warned = false;
            }
            PortEvent::Detached => {
                self.attached = false;
                // What is queued since is for the next host.
                if !std::mem::take(&mut self.discarded) {
                    self.discard();
                }
            }
            PortEvent::Readable | PortEvent::Room => {}
            // Output of the commands read last may still follow `Ended`.
            PortEvent::Ended => self.over = true,
            PortEvent::Failed(_) => {
                self.over = true;
                self.attached = false;
                self.discard();
            }
        }
        Poll::Ready(event)
    }

    fn discard_if_departed(&mut self) {
        if self.line.take_departed() {
            self.discard();
            self.discarded = true;
        }
    }

    fn discard(&mut self) {
        self.departed_full |= self.outbox.is_full();
        self.outbox.clear();
    }

    /// Hands over as much of the queue as the host takes.
    fn flush(&mut self, cx: &mut Context<'_>) {
        while !self.outbox.is_empty() {
            match self.line.poll_write(cx, self.outbox.front()) {
                Poll::Ready(Ok(n)) if n > 0 => self.outbox.consume(n),
                // The line is broken; its reading side reports that.
                Poll::Ready(_) => self.discard(),
                Poll::Pending => return,
            }
        }
    }
}
