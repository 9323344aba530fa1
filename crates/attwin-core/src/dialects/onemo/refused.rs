//! What the MQTT commands of both modules are refused for; each module has its
//! own number for it.

use alloc::format;

use bytes::Bytes;

use super::client::State;
use crate::mqtt::session::RequestError;
use crate::reason::Reason;

/// Most bytes of a topic that a reason shows.
const SHOWN: usize = 64;

/// Why a command is refused.
#[derive(Debug)]
pub(super) enum Refused {
    /// The topic has a wildcard, and is to be published to.
    Wildcard(Bytes),
    /// A will was asked for, and its topic is empty.
    WillWithoutTopic,
    /// CONNECT was to carry a user name, and none is configured.
    NoUser,
    /// CONNECT was to carry a password, and none is configured.
    NoPassword,
    /// A message as text has this many bytes, and at most so many are taken.
    TooLong { length: usize, most: usize },
    /// So many digits stand for a message of that length.
    DigitCount { digits: usize, length: usize },
    /// A message in hexadecimal has something else in it.
    NoDigits,
    /// The data entry ended after so many bytes.
    EntryGivenUp { entered: usize, expected: usize },
    /// The connection was lost during the data entry, and this is the state.
    LostMeanwhile(State),
    /// Encryption is asked for without a version.
    NoVersion,
    /// The module's switch does not let it encrypt.
    EncryptionOff,
    /// There is no client.
    NotConfigured,
    /// A client is configured already, and is in this state.
    Configured(State),
    /// It is connected already.
    Connected,
    /// It connects, or connects again, and is in this state.
    Connecting(State),
    /// It disconnects already.
    Disconnecting,
    /// It is not connected, but in this state.
    NotConnected(State),
    /// There is nothing to disconnect in this state.
    Disconnected(State),
    /// It is not idle, but in this state.
    InUse(State),
    /// The topic is subscribed already.
    Subscribed(Bytes),
    /// The topic is not subscribed.
    NotSubscribed(Bytes),
    /// There is no network, for this reason.
    NoNetwork(Reason),
    /// The session takes no further request, or the network no data.
    NotSent(RequestError),
}

impl Refused {
    /// For the log.
    pub(super) fn reason(self) -> Reason {
        let client = |state: State| format!("the client {}", state.words());
        match self {
            Self::Wildcard(topic) => Reason::new(format!(
                "the topic {} has a wildcard, and nothing can be published to it",
                quoted(&topic)
            )),
            Self::WillWithoutTopic => Reason::new("<willFlag> is 1 and <will-topic> is empty"),
            Self::NoUser => Reason::new("<usrFlag> is 1 and AT+MQTTCFG set no user name")
                .remedy("set one, or <usrFlag> to 0"),
            Self::NoPassword => Reason::new("<pwdFlag> is 1 and AT+MQTTCFG set no password")
                .remedy("set one, or <pwdFlag> to 0"),
            Self::TooLong { length, most } => Reason::new(format!(
                "the message has {length} bytes, and at most {most} are taken"
            )),
            Self::DigitCount { digits, length } => {
                Reason::new(format!("<msg_len> is {length} and {digits} digits follow"))
                    .remedy("each byte of the message takes two")
            }
            Self::NoDigits => Reason::new("the message is not hexadecimal")
                .remedy("a message as text has <msg_len> 0"),
            Self::EntryGivenUp { entered, expected } => Reason::new(format!(
                "{entered} of {expected} bytes came after the prompt, and then none for 60 s"
            )),
            Self::LostMeanwhile(state) => Reason::new(format!(
                "the connection was lost during the data entry; {}",
                client(state)
            )),
            Self::NoVersion => Reason::new("<encrypt> is 1 and <version> is empty")
                .remedy("a version is needed, \"0\" for none of OneNET"),
            Self::EncryptionOff => {
                Reason::new("<encrypt> is 1 and the quirk strict_encrypt refuses it")
            }
            Self::NotConfigured => {
                Reason::new("no client is configured").remedy("AT+MQTTCFG comes first")
            }
            Self::Configured(State::Connected) => {
                Reason::new("the client is connected").remedy("AT+MQTTDISC comes first")
            }
            Self::Configured(state) => Reason::new(client(state)).remedy(if state == State::Idle {
                "AT+MQTTDEL comes first"
            } else {
                "AT+MQTTDISC and AT+MQTTDEL come first"
            }),
            Self::Connected => Reason::new("the client is connected already"),
            Self::Connecting(state) => {
                Reason::new(client(state)).remedy("wait for its end, or end it with AT+MQTTDISC")
            }
            Self::Disconnecting => Reason::new("the client is disconnecting already"),
            Self::NotConnected(State::Unconfigured) => Reason::new("no client is configured")
                .remedy("AT+MQTTCFG and AT+MQTTOPEN come first"),
            Self::NotConnected(state @ State::Idle) => {
                Reason::new(client(state)).remedy("AT+MQTTOPEN comes first")
            }
            Self::NotConnected(state) => Reason::new(client(state)).remedy("wait until it is"),
            Self::Disconnected(State::Unconfigured) => Reason::new("no client is configured"),
            Self::Disconnected(state) => {
                Reason::new(format!("{}: there is nothing to disconnect", client(state)))
            }
            Self::InUse(State::Unconfigured) => Reason::new("no client is configured"),
            Self::InUse(state) => Reason::new(client(state)).remedy("AT+MQTTDISC comes first"),
            Self::Subscribed(topic) => Reason::new(format!(
                "the topic {} is subscribed already",
                quoted(&topic)
            ))
            .remedy("AT+MQTTUNSUB comes first, to change its QoS"),
            Self::NotSubscribed(topic) => {
                Reason::new(format!("the topic {} is not subscribed", quoted(&topic)))
                    .remedy("AT+MQTTSUB? lists those that are")
            }
            Self::NoNetwork(reason) => reason,
            Self::NotSent(error) => error.reason(),
        }
    }
}

/// A topic as a reason shows it.
fn quoted(topic: &[u8]) -> alloc::string::String {
    let shown = &topic[..topic.len().min(SHOWN)];
    let more = if shown.len() < topic.len() { "…" } else { "" };
    format!("\"{}{more}\"", shown.escape_ascii())
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec;

    use super::*;

    #[test]
    fn reasons_name_what_is_at_fault() {
        for (refused, reason) in [
            (
                Refused::NotConnected(State::Reconnecting),
                "the client is connecting again by itself; wait until it is",
            ),
            (
                Refused::NotSubscribed(Bytes::from_static(b"a/\xff")),
                "the topic \"a/\\xff\" is not subscribed; AT+MQTTSUB? lists those that are",
            ),
            (
                Refused::DigitCount {
                    digits: 3,
                    length: 2,
                },
                "<msg_len> is 2 and 3 digits follow; each byte of the message takes two",
            ),
        ] {
            assert_eq!(refused.reason().to_string(), reason);
        }
        let long = quoted(&vec![b'x'; 500]);
        assert!(long.len() < 80 && long.ends_with("…\""), "{long}");
    }
}
