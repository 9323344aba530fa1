//! `serial:DEV[@BAUD]`: a real serial device, 8N1, raw, no flow control.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use serial2_tokio::SerialPort;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::error::PortError;
use super::line::{Line, PortEvent, would_block};

/// How often a device that was removed is looked for.
const REOPEN_PAUSE: Duration = Duration::from_secs(1);

/// Bytes read ahead: the device can only say that it is readable by reading.
const READ_AHEAD: usize = 256;

/// A serial device. Three wires carry no DTR, so one counts as
/// attached whenever the device is there.
pub(super) struct Serial {
    device: PathBuf,
    baud: u32,
    state: State,
    ahead: [u8; READ_AHEAD],
    /// The part of `ahead` that was read and not yet taken.
    unread: std::ops::Range<usize>,
}

enum State {
    /// Open, and not yet reported.
    Found(SerialPort),
    Open(SerialPort),
    /// Broken, and not yet reported.
    Lost,
    Looking(Pin<Box<Sleep>>),
}

impl Serial {
    pub(super) fn open(device: &Path, baud: u32) -> Result<Self, PortError> {
        let port = SerialPort::open(device, baud).map_err(|source| PortError::Serial {
            device: device.display().to_string(),
            baud,
            source,
        })?;
        Ok(Self {
            device: device.to_owned(),
            baud,
            state: State::Found(port),
            ahead: [0; READ_AHEAD],
            unread: 0..0,
        })
    }

    /// Reads ahead; `false` when the device was removed.
    fn poll_read_ahead(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        let State::Open(port) = &mut self.state else {
            return Poll::Ready(false);
        };
        let mut buf = ReadBuf::new(&mut self.ahead);
        let result = ready!(Pin::new(port).poll_read(cx, &mut buf));
        self.unread = 0..buf.filled().len();
        match result {
            Ok(()) if !self.unread.is_empty() => return Poll::Ready(true),
            Ok(()) => self.lost("end of file"),
            Err(error) => self.lost(error),
        }
        Poll::Ready(false)
    }

    fn lost(&mut self, error: impl std::fmt::Display) {
        tracing::warn!(
            port = %self.device.display(), %error,
            "serial device lost; looking for it every second"
        );
        self.state = State::Lost;
    }
}

impl Line for Serial {
    fn poll_event(&mut self, cx: &mut Context<'_>, reading: bool) -> Poll<PortEvent> {
        loop {
            if !self.unread.is_empty() {
                return if reading {
                    Poll::Ready(PortEvent::Readable)
                } else {
                    Poll::Pending
                };
            }
            self.state = match std::mem::replace(&mut self.state, State::Lost) {
                State::Found(port) => {
                    self.state = State::Open(port);
                    return Poll::Ready(PortEvent::Attached);
                }
                State::Open(port) => {
                    self.state = State::Open(port);
                    ready!(self.poll_read_ahead(cx));
                    continue;
                }
                State::Lost => {
                    self.state = State::Looking(Box::pin(sleep(REOPEN_PAUSE)));
                    return Poll::Ready(PortEvent::Detached);
                }
                State::Looking(mut pause) => {
                    if pause.as_mut().poll(cx).is_pending() {
                        self.state = State::Looking(pause);
                        return Poll::Pending;
                    }
                    match SerialPort::open(&self.device, self.baud) {
                        Ok(port) => {
                            tracing::info!(port = %self.device.display(), "serial device found");
                            State::Found(port)
                        }
                        Err(_) => State::Looking(Box::pin(sleep(REOPEN_PAUSE))),
                    }
                }
            };
        }
    }

    fn try_read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.unread.is_empty() {
            let mut cx = Context::from_waker(Waker::noop());
            if self.poll_read_ahead(&mut cx) != Poll::Ready(true) {
                return would_block();
            }
        }
        let n = buf.len().min(self.unread.len());
        buf[..n].copy_from_slice(&self.ahead[self.unread.start..self.unread.start + n]);
        self.unread.start += n;
        if n == 0 { would_block() } else { Ok(n) }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.state {
            State::Open(port) => Pin::new(port).poll_write(cx, bytes),
            State::Found(_) | State::Lost | State::Looking(_) => {
                Poll::Ready(Err(io::ErrorKind::NotConnected.into()))
            }
        }
    }
}
