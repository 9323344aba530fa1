//! Orderly shutdown on SIGINT and SIGTERM, or Ctrl-C where there are no
//! signals.

use std::io;

use tokio::sync::watch;
use tracing::info;

/// Exit code of a process that a second signal ends: 128 and the number of
/// SIGINT, as shells have it.
const INTERRUPTED: i32 = 130;

/// Becomes true at the first signal. A second one ends the process at once,
/// should the orderly shutdown take too long.
///
/// # Errors
/// The system's answer if signals cannot be caught.
pub(crate) fn stop_on_signal() -> io::Result<watch::Receiver<bool>> {
    let mut signals = Signals::catch()?;
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        signals.next().await;
        info!("ending; repeat the signal to end at once");
        stop.send_replace(true);
        signals.next().await;
        std::process::exit(INTERRUPTED);
    });
    Ok(stopped)
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn catch() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn catch() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}
