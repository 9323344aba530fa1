//! A result code other than 0, and why: neither is said without the other.

use alloc::borrow::Cow;
use alloc::format;
use core::fmt;

use super::code;
use crate::handler::{Context, Outcome};
use crate::io::{CloseReason, NetError};
use crate::mqtt::client::{self, Phase};
use crate::mqtt::packet::Malformed;
use crate::reason::Reason;

/// Why something failed, as the host is told it and as the log says it.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    /// `<err>` of docs/spec/simcom.md 3.0, never 0.
    pub(super) code: u8,
    pub(super) reason: Reason,
}

impl Failure {
    pub(super) fn new(code: u8, cause: impl Into<Cow<'static, str>>) -> Self {
        debug_assert_ne!(code, code::SUCCEEDED);
        Self {
            code,
            reason: Reason::new(cause),
        }
    }

    pub(super) fn remedy(mut self, remedy: impl Into<Cow<'static, str>>) -> Self {
        self.reason = self.reason.remedy(remedy);
        self
    }

    // State of a client (docs/spec/simcom.md 2.7)

    pub(super) fn no_such_client(index: u8) -> Self {
        let cause = format!("there is no client {index}");
        Self::new(code::INDEX, cause).remedy("the only client index is 0")
    }

    pub(super) fn not_acquired(index: u8) -> Self {
        let cause = format!("client {index} is not acquired");
        Self::new(code::NOT_ACQUIRED, cause).remedy("AT+CMQTTACCQ comes first")
    }

    pub(super) fn no_connection(index: u8) -> Self {
        let cause = format!("client {index} is not connected");
        let failure = Self::new(code::NO_CONNECTION, cause);
        failure.remedy("AT+CMQTTCONNECT and its result +CMQTTCONNECT: 0,0 come first")
    }

    pub(super) fn connected(index: u8) -> Self {
        let cause = format!("client {index} is connected");
        Self::new(code::NOT_SUPPORTED, cause).remedy("AT+CMQTTDISC comes first")
    }

    /// Busy with a request, or between two states.
    pub(super) fn busy(index: u8, phase: Phase, request: Option<&'static str>) -> Self {
        let (what, result) = match (phase, request) {
            (Phase::Disconnecting, _) => ("disconnecting", "+CMQTTDISC"),
            (_, Some(request)) => ("waiting for the result of a request", request),
            _ => ("connecting", "+CMQTTCONNECT"),
        };
        let cause = format!("client {index} is busy {what}");
        Self::new(code::BUSY, cause).remedy(format!("wait for {result}: {index},<err>"))
    }

    pub(super) fn no_topic(store: &'static str) -> Self {
        let failure = Self::new(code::TOPIC_EMPTY, "no topic is stored");
        failure.remedy(format!("AT{store} comes first"))
    }

    /// What `what` is, is not UTF-8 (docs/spec/simcom.md 3.17).
    pub(super) fn bad_utf8(what: &'static str) -> Self {
        let cause = format!("the {what} is not UTF-8, or holds U+0000");
        let failure = Self::new(code::BAD_UTF8, cause);
        failure.remedy("AT+CMQTTCFG=\"checkUTF8\",0,0 switches the check off")
    }

    // What happens to a connection (docs/spec/simcom.md 3.8)

    pub(super) fn network_down() -> Self {
        let cause = "the data context 0 went down";
        Self::new(code::NETWORK_OPEN_FAILED, cause)
            .remedy("AT+CEREG?, AT+CGATT? and AT+CGACT? show what is missing")
    }

    pub(super) fn of_open(error: NetError, server: (&str, u16)) -> Self {
        let (host, port) = server;
        match error {
            NetError::Dns => Self::new(
                code::DNS_ERROR,
                format!("the host name \"{host}\" does not resolve"),
            ),
            NetError::Refused => Self::new(
                code::CONNECT_FAILED,
                format!("{host} port {port} refused the connection"),
            )
            .remedy("check that the server listens on that port"),
            NetError::Unreachable => Self::new(
                code::CONNECT_FAILED,
                format!("there is no route to {host} port {port}"),
            ),
            NetError::TimedOut => Self::new(
                code::CONNECT_FAILED,
                format!("{host} port {port} did not answer in time"),
            )
            .remedy("see optimeout of AT+CMQTTCFG"),
            NetError::Tls => Self::new(
                code::HANDSHAKE_FAILED,
                format!("the TLS handshake with {host} port {port} failed"),
            )
            .remedy("check AT+CSSLCFG? and the server's certificate"),
            NetError::Local => Self::new(
                code::SOCKET_CREATE_FAILED,
                "no socket could be made on this computer",
            ),
        }
    }

    /// Between the opening of the socket and CONNACK.
    pub(super) fn of_connect(failure: &client::Failure) -> Self {
        use client::Failure as Said;
        let code = match failure {
            Said::Refused(code) => code::REFUSED_BASE.saturating_add(*code),
            Said::ConnectTimedOut => code::TIMEOUT,
            Said::Malformed {
                error: Malformed::ReturnCode(_),
                ..
            } => code::CONNECTION_REQUIRED,
            Said::Malformed { .. } | Said::Violation(_) => code::PACKET_FAILED,
            Said::WriteStalled | Said::PingFailed => code::SEND_FAILED,
        };
        let this = Self::new(code, format!("{failure}"));
        match failure {
            Said::Refused(4 | 5) => this
                .remedy("check user name and password of AT+CMQTTCONNECT, and the server's rights"),
            Said::Refused(2) => this.remedy("choose another client identifier in AT+CMQTTACCQ"),
            Said::ConnectTimedOut => {
                this.remedy("check that the port speaks MQTT, and TLS if server_type is 1")
            }
            _ => this,
        }
    }

    /// The server ended the connection before CONNACK.
    pub(super) fn of_early_close(reason: CloseReason) -> Self {
        let cause = format!("{} before CONNACK", closed(reason));
        Self::new(code::CLOSED_BY_SERVER, cause)
            .remedy("check that the port speaks MQTT, and TLS if server_type is 1")
    }
}

/// Refuses a command for a client with a result code (docs/spec/simcom.md 2.7).
pub(super) fn fail(
    cx: &mut Context<'_>,
    command: &str,
    client: impl fmt::Display,
    failure: Failure,
) -> Outcome {
    cx.reply(format!("{command}: {client},{}", failure.code));
    Outcome::error(failure.reason)
}

/// How a connection ended, in words.
pub(super) const fn closed(reason: CloseReason) -> &'static str {
    match reason {
        CloseReason::Finished => "the server closed the connection",
        CloseReason::Reset => "the connection was reset",
        CloseReason::WriteFailed => "the network takes no more bytes",
        CloseReason::TimedOut => "the server vanished",
    }
}
