//! What people read while attwin runs: on standard error, so that standard
//! output stays free for data.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Starts the log at `level`; `RUST_LOG` overrides it.
pub(crate) fn start(level: LevelFilter) {
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
        .with_writer(stderr)
        .with_ansi(colours(&stderr()))
        .init();
}

/// Whether to write colours: to a terminal, unless `NO_COLOR` is set.
pub(crate) fn colours(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
