//! What people read while attwin runs: on standard error, so that standard
//! output stays free for data.

use std::io::{self, IsTerminal, stderr};
use std::time::Duration;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::log_queue::LogQueue;

/// How long the end of the process waits for the last lines to be read.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// The log, as long as it is kept.
pub(crate) struct Log(LogQueue);

/// Starts the log at `level`; `RUST_LOG` overrides it.
///
/// # Errors
/// The system has no thread left.
pub(crate) fn start(level: LevelFilter) -> io::Result<Log> {
    let queue = LogQueue::start(stderr())?;
    let writer = queue.clone();
    // What libraries have to say is rarely about attwin.
    let others = level.min(LevelFilter::WARN);
    let default = format!("{others},attwin={level}");
    let filter = EnvFilter::builder()
        .with_default_directive(others.into())
        .parse_lossy(std::env::var("RUST_LOG").unwrap_or(default));
    tracing_subscriber::fmt()
        .compact()
        .with_env_filter(filter)
        .with_target(false)
        .with_writer(move || writer.clone())
        .with_ansi(colours(&stderr()))
        .init();
    Ok(Log(queue))
}

impl Drop for Log {
    fn drop(&mut self) {
        self.0.flush_within(LAST_WORDS);
    }
}

/// Whether to write colours: to a terminal, unless `NO_COLOR` is set.
pub(crate) fn colours(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
