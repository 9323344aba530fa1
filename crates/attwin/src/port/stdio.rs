//! `stdio`: standard input and output.

use std::io::{self, Read, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::thread;

use bytes::{Buf, Bytes};
use tokio::sync::mpsc;
use tracing::warn;

use super::error::PortError;
use super::line::{Line, PortEvent, would_block};

/// Bytes read or written in one go.
const CHUNK: usize = 4096;

/// Chunks read ahead of the module.
const CHUNKS_AHEAD: usize = 4;

/// Ctrl-], as telnet has it: quits when typed on a terminal.
const QUIT: u8 = 0x1d;

/// Ctrl-C: goes to the module, and quits when typed twice.
const INTERRUPT: u8 = 0x03;

/// The process's standard input and output.
///
/// Raw bytes both ways. The host counts as attached from the start. When input
/// ends, or output can no longer be written, [`PortEvent::Ended`] follows, but
/// only after everything read was delivered.
///
/// A terminal is put into raw mode meanwhile, so that the module sees each key
/// and echoes it itself; typing Ctrl-], or Ctrl-C twice, ends the input.
///
/// Two threads do the waiting: files cannot be polled, and making a descriptor
/// that others share non-blocking would disturb them. They end when their side
/// ends; a read that never returns does not keep the process from exiting.
pub(super) struct Stdio {
    attached: bool,
    chunks: mpsc::Receiver<io::Result<Bytes>>,
    /// What is left of the chunk read last.
    unread: Bytes,
    /// Whether there was any.
    heard: bool,
    sink: Arc<Sink>,
    /// Input is typed, on a terminal.
    typed: bool,
    /// The last byte typed was Ctrl-C.
    interrupted: bool,
    #[cfg(unix)]
    _terminal: Option<RawTerminal>,
}

impl Stdio {
    pub(super) fn open() -> Result<Self, PortError> {
        let stdio = Self::over(io::stdin(), io::stdout());
        #[cfg(unix)]
        let stdio = stdio.and_then(Self::with_raw_terminal);
        stdio.map_err(|source| PortError::Stdio { source })
    }

    #[cfg(unix)]
    fn with_raw_terminal(mut self) -> io::Result<Self> {
        self._terminal = RawTerminal::of_stdin()?;
        self.typed = self._terminal.is_some();
        Ok(self)
    }

    fn over(
        input: impl Read + Send + 'static,
        output: impl Write + Send + 'static,
    ) -> io::Result<Self> {
        let (sender, chunks) = mpsc::channel(CHUNKS_AHEAD);
        thread::Builder::new()
            .name("stdin".to_owned())
            .spawn(move || read_all(input, &sender))?;
        let sink = Arc::new(Sink::default());
        let served = Arc::clone(&sink);
        thread::Builder::new()
            .name("stdout".to_owned())
            .spawn(move || served.serve(output))?;
        Ok(Self {
            attached: false,
            chunks,
            unread: Bytes::new(),
            heard: false,
            sink,
            typed: false,
            interrupted: false,
            #[cfg(unix)]
            _terminal: None,
        })
    }

    fn accept(&mut self, mut chunk: Bytes) {
        self.heard = true;
        if let Some(at) = self.quits_at(&chunk) {
            chunk.truncate(at);
            self.chunks.close();
            // What was typed after it and is queued already is dropped.
            while self.chunks.try_recv().is_ok() {}
        }
        self.unread = chunk;
    }

    fn quits_at(&mut self, chunk: &[u8]) -> Option<usize> {
        if !self.typed {
            return None;
        }
        chunk.iter().position(|&byte| {
            let before = std::mem::replace(&mut self.interrupted, byte == INTERRUPT);
            byte == QUIT || (byte == INTERRUPT && before)
        })
    }
}

impl Line for Stdio {
    fn poll_event(&mut self, cx: &mut Context<'_>, reading: bool) -> Poll<PortEvent> {
        if !self.attached {
            self.attached = true;
            return Poll::Ready(PortEvent::Attached);
        }
        if !reading {
            return self.sink.poll_broken(cx).map(|()| PortEvent::Ended);
        }
        while self.unread.is_empty() {
            if self.sink.poll_broken(cx).is_ready() {
                return Poll::Ready(PortEvent::Ended);
            }
            match ready!(self.chunks.poll_recv(cx)) {
                Some(Ok(chunk)) => self.accept(chunk),
                Some(Err(error)) => return Poll::Ready(PortEvent::Failed(error.to_string())),
                None => {
                    if !self.heard {
                        warn!(
                            "standard input ended before it gave a byte, and the module ends with \
                             it; to let it wait for a host, give it --port pty or --port \
                             tcp:127.0.0.1:0"
                        );
                    }
                    return Poll::Ready(PortEvent::Ended);
                }
            }
        }
        Poll::Ready(PortEvent::Readable)
    }

    fn try_read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = buf.len().min(self.unread.len());
        if n == 0 {
            return would_block();
        }
        self.unread.copy_to_slice(&mut buf[..n]);
        Ok(n)
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.sink.poll_write(cx, bytes)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.sink.poll_flush(cx)
    }
}

impl Drop for Stdio {
    fn drop(&mut self) {
        self.sink.lock().closed = true;
        self.sink.changed.notify_one();
    }
}

fn read_all(mut input: impl Read, chunks: &mpsc::Sender<io::Result<Bytes>>) {
    let mut buf = [0; CHUNK];
    loop {
        let chunk = match input.read(&mut buf) {
            Ok(0) => return,
            Ok(n) => Ok(Bytes::copy_from_slice(&buf[..n])),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => Err(e),
        };
        let last = chunk.is_err();
        if chunks.blocking_send(chunk).is_err() || last {
            return;
        }
    }
}

/// Hands one chunk at a time to the thread that writes.
#[derive(Default)]
struct Sink {
    state: Mutex<SinkState>,
    changed: Condvar,
}

#[derive(Default)]
struct SinkState {
    /// Waiting to be written.
    chunk: Vec<u8>,
    writing: bool,
    broken: bool,
    closed: bool,
    waker: Option<Waker>,
}

impl Sink {
    fn serve(&self, mut output: impl Write) {
        loop {
            let mut state = self
                .changed
                .wait_while(self.lock(), |state| state.chunk.is_empty() && !state.closed)
                .unwrap_or_else(PoisonError::into_inner);
            if state.chunk.is_empty() {
                return;
            }
            let chunk = std::mem::take(&mut state.chunk);
            state.writing = true;
            drop(state);
            let result = output.write_all(&chunk).and_then(|()| output.flush());
            let mut state = self.lock();
            state.writing = false;
            state.broken = result.is_err();
            if let Some(waker) = state.waker.take() {
                waker.wake();
            }
            if state.broken {
                return;
            }
        }
    }

    fn poll_write(&self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut state = self.lock();
        if state.broken {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        // Joins what waits already, so that one reply is one write.
        let n = bytes.len().min(CHUNK - state.chunk.len());
        if n == 0 {
            state.waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
        state.chunk.extend_from_slice(&bytes[..n]);
        self.changed.notify_one();
        Poll::Ready(Ok(n))
    }

    fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.broken || (state.chunk.is_empty() && !state.writing) {
            return Poll::Ready(());
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    fn poll_broken(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.broken {
            return Poll::Ready(());
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    fn lock(&self) -> MutexGuard<'_, SinkState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The terminal on standard input in raw mode; restored on drop.
#[cfg(unix)]
struct RawTerminal {
    before: rustix::termios::Termios,
}

#[cfg(unix)]
impl RawTerminal {
    /// `None` if standard input is no terminal.
    fn of_stdin() -> io::Result<Option<Self>> {
        use rustix::termios::{OptionalActions, OutputModes, isatty, tcgetattr, tcsetattr};
        let stdin = rustix::stdio::stdin();
        if !isatty(stdin) {
            return Ok(None);
        }
        let before = tcgetattr(stdin)?;
        let mut raw = before.clone();
        raw.make_raw();
        // Log lines on the same terminal end with a bare line feed.
        raw.output_modes |= OutputModes::OPOST | OutputModes::ONLCR;
        tcsetattr(stdin, OptionalActions::Now, &raw)?;
        Ok(Some(Self { before }))
    }
}

#[cfg(unix)]
impl Drop for RawTerminal {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        // If the terminal was closed there is nothing to restore.
        tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &self.before).ok();
    }
}
