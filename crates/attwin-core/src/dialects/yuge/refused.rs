//! What the MQTT commands are refused for. The module answers `ERROR` to all
//! of it (docs/spec/yuge.md 2.5); the log says which it was.

use alloc::format;
use alloc::string::String;

use bytes::Bytes;

use super::settings::{Mode, Parameter};
use super::text::DigitsError;
use crate::handler::Outcome;
use crate::mqtt::session::RequestError;
use crate::reason::Reason;

/// Most bytes of a host's text that a reason shows.
const SHOWN: usize = 64;

/// Why a command is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// There is no connection, nor is one being made.
    NotConnected,
    /// The connection is still being made.
    NotYetConnected,
    /// A connection is being made already.
    Connecting,
    /// A connection stands.
    Connected,
    /// A registration runs.
    Registering,
    /// There is nothing to disconnect.
    NothingToDisconnect,
    /// So many requests await their acknowledgement.
    Unacknowledged(usize),
    /// The session takes no further request.
    NotSent(RequestError),
    /// No server is set in mode 2; whether a device is.
    NoServer { device: bool },
    /// Neither a device nor client identifier and user name are set in mode 1.
    NoCredentials,
    /// A registration needs mode 1.
    StandardMode,
    /// That cannot be published to.
    Topic(Bytes),
    /// That cannot be subscribed to.
    Filter(Bytes),
    /// A message is not hexadecimal.
    Digits(DigitsError),
    /// There is no parameter of this name.
    NoParameter(Bytes),
    /// A parameter stands twice.
    Twice(Parameter),
    /// A parameter cannot have this value.
    Value(Parameter, Bytes),
    /// A host with port 0.
    PortMissing,
    /// A port without a host.
    HostMissing,
    /// A client identifier for no server.
    ClientIdAlone,
    /// The data entry ended after so many bytes.
    EntryGivenUp { entered: usize, expected: usize },
}

impl Refused {
    /// For the log.
    pub(super) fn reason(&self) -> Reason {
        match self {
            Self::NotConnected => Reason::new("there is no MQTT connection")
                .remedy("AT+IMQTTCONN comes first"),
            Self::NotYetConnected => Reason::new("the MQTT connection is still being made")
                .remedy("wait for +IMQTTCONN:0"),
            Self::Connecting => Reason::new("a connection is being made already")
                .remedy("wait for +IMQTTCONN, or end it with AT+IMQTTDISCONN"),
            Self::Connected => Reason::new("there is an MQTT connection")
                .remedy("AT+IMQTTDISCONN comes first"),
            Self::Registering => {
                Reason::new("a registration is under way").remedy("wait for +IMQTTDYNREG")
            }
            Self::NothingToDisconnect => Reason::new("there is no MQTT connection to end"),
            Self::Unacknowledged(count) => Reason::new(format!(
                "{count} requests await their acknowledgement, and that is the most"
            ))
            .remedy("wait for a result"),
            Self::NotSent(error) => error.reason(),
            Self::NoServer { device: false } => {
                Reason::new("AT+IMQTTMODE is 2 and AT+IMQTTADDR names no server")
                    .remedy("AT+IMQTTADDR comes first")
            }
            Self::NoServer { device: true } => {
                Reason::new("AT+IMQTTMODE is 2 and AT+IMQTTADDR names no server")
                    .remedy("the device of AT+IMQTTAUTH connects with AT+IMQTTMODE=1")
            }
            Self::NoCredentials => Reason::new(
                "AT+IMQTTMODE is 1, AT+IMQTTAUTH names no device, and client id and user name are not both set",
            )
            .remedy("AT+IMQTTAUTH comes first, or AT+IMQTTADDR and AT+IMQTTUSER"),
            Self::StandardMode => {
                Reason::new(format!("AT+IMQTTMODE is {}", Mode::Standard as u8))
                    .remedy("AT+IMQTTMODE=1 comes first")
            }
            Self::Topic(topic) => Reason::new(format!(
                "{} is no topic to publish to",
                shown(topic)
            ))
            .remedy("it has a wildcard, or a NUL, or is empty"),
            Self::Filter(filter) => {
                Reason::new(format!("{} is no topic filter", shown(filter)))
                    .remedy("+ stands for a whole level, and # for the last ones")
            }
            Self::Digits(DigitsError::Odd(count)) => Reason::new(format!(
                "the message has {count} digits, and a byte takes two"
            )),
            Self::Digits(DigitsError::Other) => Reason::new("the message is not hexadecimal"),
            Self::NoParameter(name) => {
                Reason::new(format!("there is no parameter {}", shown(name)))
                    .remedy("TIMEOUT, CLEAN, KEEPALIVE and VERSION are known")
            }
            Self::Twice(parameter) => {
                Reason::new(format!("{} stands twice", parameter.name()))
            }
            Self::Value(parameter, value) => Reason::new(format!(
                "{} cannot be {}",
                parameter.name(),
                shown(value)
            ))
            .remedy(format!("it is {}", parameter.allowed())),
            Self::PortMissing => Reason::new("<port> is 0 and <addr> is not empty"),
            Self::HostMissing => Reason::new("<addr> is empty and <port> is not 0"),
            Self::ClientIdAlone => {
                Reason::new("<addr> is empty and <clientId> is not").remedy(
                    "an empty address with port 0 and no client id clears the setting",
                )
            }
            Self::EntryGivenUp { entered, expected } => Reason::new(format!(
                "{entered} of {expected} bytes came after the prompt, and then none for too long"
            )),
        }
    }
}

impl From<Refused> for Outcome {
    fn from(refused: Refused) -> Self {
        Self::error(refused.reason())
    }
}

fn shown(text: &[u8]) -> String {
    let start = &text[..text.len().min(SHOWN)];
    let more = if start.len() < text.len() { "…" } else { "" };
    format!("\"{}{more}\"", start.escape_ascii())
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let no_server = Refused::NoServer { device: true }.reason().to_string();
        assert!(no_server.contains("AT+IMQTTMODE is 2"), "{no_server}");
        let value = Refused::Value(Parameter::KeepAlive, Bytes::from_static(b"59"));
        assert_eq!(
            value.reason().to_string(),
            "KEEPALIVE cannot be \"59\"; it is 60 to 180"
        );
    }
}
