//! What people read while attwin runs: on standard error, so that standard
//! output stays free for data.

use std::io::{self, stderr};
use std::time::Duration;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::log_format::Lines;
use crate::log_queue::LogQueue;
use crate::terminal::colours;

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
    // What libraries have to say is rarely about attwin, and what it means is
    // said in attwin's own words too.
    let others = if level >= LevelFilter::TRACE {
        LevelFilter::WARN
    } else {
        LevelFilter::OFF
    };
    let default = format!("{others},attwin={level}");
    let filter = EnvFilter::builder()
        .with_default_directive(others.into())
        .parse_lossy(std::env::var("RUST_LOG").unwrap_or(default));
    tracing_subscriber::fmt()
        .with_ansi(colours(&stderr()))
        .event_format(Lines)
        .with_env_filter(filter)
        .with_writer(move || writer.clone())
        .init();
    Ok(Log(queue))
}

impl Drop for Log {
    fn drop(&mut self) {
        self.0.flush_within(LAST_WORDS);
    }
}
