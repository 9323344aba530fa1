//! What people read while attwin runs: on standard error, so that standard
//! output stays free for data.

use std::io::stderr;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::log_format::Lines;
use crate::terminal::colours;

/// Starts the log at `level`; `RUST_LOG` overrides it.
pub(crate) fn start(level: LevelFilter) {
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
        .with_writer(stderr)
        .init();
}
