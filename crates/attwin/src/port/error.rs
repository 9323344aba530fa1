//! Why a port could not be opened.

use std::io;

use thiserror::Error;

/// Why a port could not be opened.
#[derive(Debug, Error)]
pub enum PortError {
    /// The system gave no pseudo-terminal.
    #[error("cannot make a pseudo-terminal ({step}): {source}; use tcp:127.0.0.1:0 instead")]
    Pty {
        /// The call that failed.
        step: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// The place for the stable link of a PTY is taken.
    #[error("{path} exists and is not a symbolic link; remove it or choose another path")]
    NotALink {
        /// The path asked for.
        path: String,
    },
    /// Another module, in this process or another, has the stable link.
    #[error("{path} is in use by another attwin; stop it or choose another path")]
    LinkInUse {
        /// The path asked for.
        path: String,
    },
    /// The stable link of a PTY could not be made.
    #[error("cannot make the link {path}: {source}; choose a path in a writable directory")]
    Link {
        /// The path asked for.
        path: String,
        /// The system's answer.
        source: io::Error,
    },
    /// The serial device could not be opened.
    #[error(
        "cannot open serial device {device} at {baud} baud: {source}; \
         check that it is plugged in, not in use, and that you may access it"
    )]
    Serial {
        /// The device.
        device: String,
        /// The baud rate asked for.
        baud: u32,
        /// The system's answer.
        source: io::Error,
    },
    /// The address could not be listened on.
    #[error("cannot listen on {address}: {source}; choose a free local address, or port 0")]
    Listen {
        /// The address asked for.
        address: String,
        /// The system's answer.
        source: io::Error,
    },
    /// Another process listens on the Unix socket.
    #[error("{path} is in use by another process; stop it or choose another path")]
    SocketInUse {
        /// The path asked for.
        path: String,
    },
    /// The place for the Unix socket is taken by something else.
    #[error("{path} exists and is not a socket; remove it or choose another path")]
    NotASocket {
        /// The path asked for.
        path: String,
    },
    /// The Unix socket could not be made.
    #[error("cannot make the socket {path}: {source}; choose a short path in a writable directory")]
    Socket {
        /// The path asked for.
        path: String,
        /// The system's answer.
        source: io::Error,
    },
    /// Standard input or output cannot be used.
    #[error("cannot use standard input and output: {source}; choose another endpoint")]
    Stdio {
        /// The system's answer.
        source: io::Error,
    },
}
