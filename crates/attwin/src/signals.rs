//! Orderly shutdown on SIGINT, SIGTERM and SIGHUP, or Ctrl-C where there are no
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

/// Does `work`, unless a signal comes first: then it is dropped, with the files it
/// made, and the process ends.
pub(crate) async fn unless_interrupted<T>(work: impl Future<Output = T>) -> T {
    // Before anything is done that a signal could interrupt.
    let signals = Signals::catch();
    let mut work = Box::pin(work);
    let interrupted = async {
        match signals {
            Ok(mut signals) => signals.next().await,
            // Then a signal ends the process by itself.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        done = &mut work => return done,
        () = interrupted => {}
    }
    drop(work);
    std::process::exit(INTERRUPTED)
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    /// The terminal went away; `None` where this is to be survived.
    hang_up: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn catch() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: if is_hang_up_ignored() {
                None
            } else {
                Some(signal(SignalKind::hangup())?)
            },
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            () = async {
                match &mut self.hang_up {
                    Some(hang_up) => { hang_up.recv().await; }
                    None => std::future::pending().await,
                }
            } => {}
        }
    }
}

/// Whether the process was started to outlive its terminal, as by `nohup`.
#[cfg(unix)]
fn is_hang_up_ignored() -> bool {
    // Signal 1 is the lowest bit. Where there is no such file it is caught.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.is_some_and(|mask| {
        mask.trim_end()
            .ends_with(['1', '3', '5', '7', '9', 'b', 'd', 'f'])
    })
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
