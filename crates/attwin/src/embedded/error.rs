//! Why an embedded broker cannot start.

use std::io;
use std::net::SocketAddr;

/// Why an embedded broker cannot start.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {error}; choose a free local address, or port 0")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        error: io::Error,
    },
    /// The TLS certificate cannot be made.
    #[error("cannot make a TLS certificate for {names:?}: {reason}")]
    Certificate {
        /// The names it was to be valid for.
        names: Vec<String>,
        /// The cause.
        reason: String,
    },
    /// The CA certificate cannot be stored.
    #[error("cannot store the CA certificate in {directory}: {error}")]
    Store {
        /// The directory for temporary files.
        directory: String,
        /// The cause.
        error: io::Error,
    },
}
