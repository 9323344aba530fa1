//! Why a command about a client is refused, and why a result says failure
//! (docs/spec/quectel.md 7.2, 7.3).

use alloc::format;
use alloc::string::String;

use crate::io::NetError;
use crate::mqtt::client::Phase;
use crate::mqtt::session::{Operation, RequestError};
use crate::reason::Reason;

/// What a command needs of its client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// TCP is up and CONNECT not sent: AT+QMTCONN.
    Open,
    /// TCP is up: AT+QMTCLOSE.
    Link,
    /// CONNACK accepted the connection.
    Connected,
    /// No MQTT connection is made or exists: AT+QMTCFG with values.
    NoConnection,
}

/// A code that says failure, and why: a line with one cannot be made without
/// the other.
#[derive(Debug)]
pub(super) struct Failure<C> {
    pub(super) code: C,
    pub(super) reason: Reason,
}

impl<C> Failure<C> {
    pub(super) fn new(code: C, reason: Reason) -> Self {
        Self { code, reason }
    }
}

/// The client is in no state for the command.
pub(super) fn state(client: u8, phase: Phase, needs: Needs) -> Reason {
    let cause = match phase {
        Phase::Closed => "is closed",
        Phase::Opening => "is still being opened",
        Phase::Open => "is open and not connected",
        Phase::Connecting => "is connecting",
        Phase::Connected => "is connected already",
        Phase::Disconnecting => "is disconnecting",
    };
    let remedy = match (needs, phase) {
        (Needs::Open, Phase::Closed) => "AT+QMTOPEN comes first",
        (Needs::Open | Needs::Connected | Needs::Link, Phase::Opening) => {
            "wait for the result of AT+QMTOPEN"
        }
        (Needs::Open, Phase::Connected) => "AT+QMTDISC ends the connection it has",
        (Needs::Link, _) => "AT+QMTOPEN opens it",
        (Needs::Connected, Phase::Closed) => "AT+QMTOPEN and AT+QMTCONN come first",
        (Needs::Connected, Phase::Open) => "AT+QMTCONN comes first",
        (_, Phase::Connecting) => "wait for the result of AT+QMTCONN",
        (_, Phase::Disconnecting) => "wait for the server to close, or close with AT+QMTCLOSE",
        (Needs::NoConnection, _) => "options are set before AT+QMTCONN",
        (Needs::Open | Needs::Connected, Phase::Open | Phase::Connected) => {
            "AT+QMTCONN? says where it is"
        }
    };
    Reason::new(format!("client {client} {cause}")).remedy(remedy)
}

/// The link could not be set up.
pub(super) fn open(server: (&str, u16), error: NetError) -> Reason {
    let (host, port) = server;
    let server = format!("{host} port {port}");
    match error {
        NetError::Dns => Reason::new(format!("the name {host} does not resolve"))
            .remedy("look at its spelling and at the name servers"),
        NetError::Refused => Reason::new(format!("{server} refused the connection"))
            .remedy("look at the port, and whether the server runs"),
        NetError::Unreachable => Reason::new(format!("there is no route to {server}")),
        NetError::TimedOut => Reason::new(format!("{server} did not answer in time")),
        NetError::Tls => Reason::new(format!("the TLS handshake with {server} failed"))
            .remedy("look at AT+QSSLCFG and the certificates; the log says more"),
        NetError::Local => Reason::new("the computer has no socket left for the connection"),
    }
}

/// CONNACK refused the connection.
pub(super) fn connack(code: u8) -> Reason {
    let (cause, remedy) = match code {
        1 => (
            "does not speak this version of MQTT",
            "AT+QMTCFG=\"version\" chooses it: 3 is MQTT 3.1, 4 is MQTT 3.1.1",
        ),
        2 => ("refused the client id", "try another"),
        3 => ("is not available", "try again later"),
        4 => (
            "refused user name and password",
            "look at the second and third string of AT+QMTCONN",
        ),
        _ => (
            "does not authorise the client",
            "look at what the server lets this client do",
        ),
    };
    Reason::new(format!(
        "the server {cause}: CONNACK has return code {code}"
    ))
    .remedy(remedy)
}

/// A request was not even sent.
pub(super) fn request(error: RequestError) -> Reason {
    match error {
        RequestError::InUse(id) => Reason::new(format!("message id {id} is still in use"))
            .remedy("take another until its result has come"),
        RequestError::WindowFull => {
            Reason::new("too many requests are unacknowledged").remedy("wait for their results")
        }
        RequestError::Backlogged { unsent } => {
            Reason::new(format!("{unsent} bytes are still waiting for the network"))
        }
        RequestError::NotConnected
        | RequestError::ZeroId
        | RequestError::NoFilter
        | RequestError::TooLong(_) => Reason::new(format!("the request cannot be made: {error}")),
    }
}

/// Nothing acknowledged a request, however often it was sent.
pub(super) fn unacknowledged(operation: Operation, sends: u32, seconds: u32) -> Reason {
    Reason::new(format!(
        "{} did not come within {seconds} s after {}",
        acknowledgement(operation),
        times(sends)
    ))
    .remedy("AT+QMTCFG=\"timeout\" says how often a packet is sent, and how long it waits")
}

/// A request was sent again.
pub(super) fn sent_again(seconds: u8) -> Reason {
    Reason::new(format!(
        "no acknowledgement came within {seconds} s, so the packet was sent again"
    ))
}

const fn acknowledgement(operation: Operation) -> &'static str {
    match operation {
        Operation::Publish => "PUBACK or PUBREC",
        Operation::Release => "PUBCOMP",
        Operation::Subscribe => "SUBACK",
        Operation::Unsubscribe => "UNSUBACK",
    }
}

fn times(count: u32) -> String {
    match count {
        1 => "the packet was sent once".into(),
        _ => format!("the packet was sent {count} times"),
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn reasons_name_state_and_remedy() {
        let state = |phase, needs| state(0, phase, needs).to_string();
        assert_eq!(
            state(Phase::Closed, Needs::Connected),
            "client 0 is closed; AT+QMTOPEN and AT+QMTCONN come first"
        );
        assert_eq!(
            state(Phase::Open, Needs::Connected),
            "client 0 is open and not connected; AT+QMTCONN comes first"
        );
        assert_eq!(
            state(Phase::Connected, Needs::NoConnection),
            "client 0 is connected already; options are set before AT+QMTCONN"
        );
        assert_eq!(
            unacknowledged(Operation::Publish, 4, 20).to_string(),
            "PUBACK or PUBREC did not come within 20 s after the packet was sent 4 times; \
             AT+QMTCFG=\"timeout\" says how often a packet is sent, and how long it waits"
        );
    }
}
