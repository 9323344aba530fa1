//! Why a connection could not be made, or was lost, or took no request: the
//! reasons dialects go on with.

use alloc::format;

use super::Failure;
use crate::io::{CloseReason, NetError};
use crate::mqtt::session::RequestError;
use crate::reason::Reason;

/// Why a link to `server` could not be set up.
pub(crate) fn open_failed(error: NetError, server: (&str, u16)) -> Reason {
    let (host, port) = server;
    match error {
        NetError::Dns => Reason::new(format!("the name {host} does not resolve"))
            .remedy("check the server's name"),
        NetError::Refused => Reason::new(format!("{host} refused the connection to port {port}"))
            .remedy("check that a broker listens there"),
        NetError::Unreachable => Reason::new(format!("there is no route to {host}")),
        NetError::TimedOut => Reason::new(format!("{host}, port {port}, did not answer in time")),
        NetError::Tls => Reason::new(format!("the TLS handshake with {host} failed")).remedy(
            format!("check the certificates, and that port {port} speaks TLS"),
        ),
        NetError::Local => Reason::new("this side has no socket left"),
    }
}

/// Why a link is gone.
pub(crate) fn closed(why: CloseReason) -> Reason {
    Reason::new(match why {
        CloseReason::Finished => "the server closed the connection",
        CloseReason::Reset => "the server reset the connection",
        CloseReason::WriteFailed => "the network took no more bytes",
        CloseReason::TimedOut => "the server has vanished: it acknowledges nothing any more",
    })
}

/// What CONNACK refused, by its return code.
pub(crate) fn refused(code: u8) -> Reason {
    let (means, remedy) = match code {
        1 => ("it does not speak this protocol level", None),
        2 => (
            "it does not take the client identifier",
            Some("an empty one needs clean session 1"),
        ),
        3 => ("it is not available", None),
        4 => ("user name or password is wrong", Some("check both")),
        5 => (
            "the client is not authorised",
            Some("check user name, password and client identifier"),
        ),
        _ => ("for a reason no specification knows", None),
    };
    let reason = Reason::new(format!(
        "the server refused CONNECT with return code {code}: {means}"
    ));
    match remedy {
        Some(remedy) => reason.remedy(remedy),
        None => reason,
    }
}

impl Failure {
    /// Why the connection is of no more use.
    pub(crate) fn reason(&self) -> Reason {
        match self {
            Self::Refused(code) => refused(*code),
            Self::Malformed { error, .. } => Reason::new(format!(
                "the server sent something that is no MQTT packet: {error}"
            )),
            Self::Violation(violation) => {
                Reason::new(format!("the server broke the protocol: {violation}"))
            }
            Self::ConnectTimedOut | Self::PingFailed | Self::WriteStalled => {
                Reason::new(format!("{self}"))
            }
        }
    }
}

impl RequestError {
    /// Why a request is not taken.
    pub(crate) fn reason(&self) -> Reason {
        Reason::new(format!("the request is not taken: {self}"))
    }
}
