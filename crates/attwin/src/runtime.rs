//! The runtime everything asynchronous runs on.

use tokio::runtime::{Builder, Runtime};

use crate::failure::Failure;

/// Starts a runtime with one thread per processor.
pub(crate) fn start() -> Result<Runtime, Failure> {
    Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("cannot start: {error}")))
}
