//! `connect:HOST:PORT`: dials out to a host that listens, as Renode and QEMU
//! do, and dials again whenever the connection is gone.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Sleep, sleep, timeout};

use super::endpoint::HostPort;
use super::line::{Line, PortEvent, would_block};
use super::one_host::Host;
use super::tcp::socket_for;

/// The pause before the first new attempt; it doubles with each failure.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The longest pause between attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How long one attempt may take.
const DIAL_TIME: Duration = Duration::from_secs(10);

/// The dialling end. The peer need not listen yet when it is made.
pub(super) struct Dialler {
    to: HostPort,
    state: State,
    /// Failed attempts since the last connection.
    failures: u32,
}

enum State {
    Pausing(Pin<Box<Sleep>>),
    Dialling(Pin<Box<dyn Future<Output = io::Result<TcpStream>> + Send>>),
    Connected(Host<TcpStream>),
}

impl Dialler {
    pub(super) fn new(to: HostPort) -> Self {
        let state = State::Dialling(Box::pin(dial(to.clone())));
        Self {
            to,
            state,
            failures: 0,
        }
    }

    /// Logs an outage once, when it begins.
    fn failed(&mut self, error: &io::Error) {
        if self.failures == 0 {
            tracing::warn!(port = %self.to, %error, "cannot connect; trying again until it works");
        }
        self.state = State::Pausing(Box::pin(sleep(pause_after(self.failures))));
        self.failures = self.failures.saturating_add(1);
    }
}

impl Line for Dialler {
    fn poll_event(&mut self, cx: &mut Context<'_>, reading: bool) -> Poll<PortEvent> {
        loop {
            match &mut self.state {
                State::Pausing(pause) => {
                    ready!(pause.as_mut().poll(cx));
                    self.state = State::Dialling(Box::pin(dial(self.to.clone())));
                }
                State::Dialling(attempt) => match ready!(attempt.as_mut().poll(cx)) {
                    Ok(stream) => {
                        self.failures = 0;
                        self.state = State::Connected(Host::new(stream));
                        return Poll::Ready(PortEvent::Attached);
                    }
                    Err(error) => self.failed(&error),
                },
                State::Connected(host) => {
                    let event = ready!(host.poll_event(cx, reading));
                    if event == PortEvent::Detached {
                        tracing::info!(port = %self.to, "the peer closed the connection");
                        self.state = State::Pausing(Box::pin(sleep(pause_after(0))));
                    }
                    return Poll::Ready(event);
                }
            }
        }
    }

    fn try_read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match &mut self.state {
            State::Connected(host) => host.try_read(buf),
            State::Pausing(_) | State::Dialling(_) => would_block(),
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.state {
            State::Connected(host) => host.poll_write(cx, bytes),
            State::Pausing(_) | State::Dialling(_) => {
                Poll::Ready(Err(io::ErrorKind::NotConnected.into()))
            }
        }
    }
}

/// The pause after `failures` failed attempts in a row.
fn pause_after(failures: u32) -> Duration {
    FIRST_PAUSE
        .saturating_mul(1 << failures.min(8))
        .min(LONGEST_PAUSE)
}

async fn dial(to: HostPort) -> io::Result<TcpStream> {
    let attempt = async {
        let mut last = io::ErrorKind::AddrNotAvailable.into();
        for address in lookup_host((to.host.as_str(), to.port)).await? {
            match socket_for(address)?.connect(address).await {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    return Ok(stream);
                }
                Err(e) => last = e,
            }
        }
        Err(last)
    };
    timeout(DIAL_TIME, attempt)
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_from_one_to_ten_seconds() {
        let seconds: Vec<u64> = (0..7).map(|n| pause_after(n).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 10, 10, 10]);
        assert_eq!(pause_after(u32::MAX), LONGEST_PAUSE);
    }
}
