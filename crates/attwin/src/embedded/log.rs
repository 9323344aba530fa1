//! Broker events as log lines.

use std::fmt;

use attwin_core::mqtt::packet::{ConnectReturnCode, Level};
use attwin_sim::broker::{BrokerEvent, DropReason, Message};
use tracing::{debug, info, trace};

use crate::escape::escape;

/// Bytes of a payload that are shown.
const PREVIEW: usize = 64;

/// Connections are logged at level info, messages at debug, or at info too when
/// the broker is to be `talkative`.
pub(super) fn log(event: &BrokerEvent, talkative: bool) {
    let line = LogLine(event);
    match event {
        BrokerEvent::Connected { .. }
        | BrokerEvent::Refused { .. }
        | BrokerEvent::Disconnected { .. } => info!("broker: {line}"),
        BrokerEvent::Delivered { .. } => trace!("broker: {line}"),
        _ if talkative => info!("broker: {line}"),
        _ => debug!("broker: {line}"),
    }
}

/// An event as a sentence.
struct LogLine<'a>(&'a BrokerEvent);

/// A client, by its identifier if it sent one.
struct Client<'a>(Option<&'a str>);

/// A message with the beginning of its payload.
struct Content<'a>(&'a Message);

impl fmt::Display for LogLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            BrokerEvent::Connected {
                client_id,
                username,
                level,
                clean_session,
                keep_alive,
                session_present,
                ..
            } => {
                let level = match level {
                    Level::V31 => "3.1",
                    Level::V311 => "3.1.1",
                };
                write!(f, "{client_id:?} connected: MQTT {level}, ")?;
                if let Some(username) = username {
                    write!(f, "user {username:?}, ")?;
                }
                match (clean_session, session_present) {
                    (true, _) => f.write_str("clean session, ")?,
                    (false, true) => f.write_str("session resumed, ")?,
                    (false, false) => f.write_str("new session, ")?,
                }
                write!(f, "keep alive {keep_alive} s")
            }
            BrokerEvent::Refused {
                client_id, code, ..
            } => {
                let client = Client(client_id.as_deref());
                write!(
                    f,
                    "{client} refused: code {}, {}",
                    *code as u8,
                    meaning(*code)
                )
            }
            BrokerEvent::Disconnected {
                client_id, reason, ..
            } => {
                let client = Client(client_id.as_deref());
                write!(f, "{client} disconnected: {reason}")
            }
            BrokerEvent::Received {
                client_id,
                packet_id,
                dup,
                message,
            } => {
                write!(f, "{client_id:?} published {}", Content(message))?;
                if let Some(id) = packet_id {
                    write!(f, ", id {id}")?;
                }
                f.write_str(if *dup { ", repeated" } else { "" })
            }
            BrokerEvent::WillPublished { client_id, message } => {
                write!(
                    f,
                    "the will of {client_id:?} is published: {}",
                    Content(message)
                )
            }
            BrokerEvent::Subscribed {
                client_id,
                filter,
                granted: Some(qos),
            } => write!(
                f,
                "{client_id:?} subscribed to {filter:?}, QoS {}",
                *qos as u8
            ),
            BrokerEvent::Subscribed {
                client_id, filter, ..
            } => write!(f, "{client_id:?} was refused a subscription to {filter:?}"),
            BrokerEvent::Unsubscribed { client_id, filter } => {
                write!(f, "{client_id:?} unsubscribed from {filter:?}")
            }
            BrokerEvent::Delivered {
                client_id,
                packet_id,
                message,
                ..
            } => write!(
                f,
                "{client_id:?} acknowledged {}, id {packet_id}",
                Content(message)
            ),
            BrokerEvent::Dropped {
                client_id,
                reason,
                message,
            } => write!(
                f,
                "dropped for {client_id:?}, {}: {}",
                match reason {
                    DropReason::QueueFull => "whose queue is full",
                    _ => "who reads too slowly",
                },
                Content(message)
            ),
            BrokerEvent::NotRetained { topic } => {
                write!(f, "not retained, too many retained messages: {topic:?}")
            }
            BrokerEvent::EventsLost(1) => f.write_str("an event is missing here"),
            BrokerEvent::EventsLost(count) => write!(f, "{count} events are missing here"),
            event => write!(f, "{event:?}"),
        }
    }
}

/// A return code of CONNACK in words (MQTT 3.1.1, table 3.1).
fn meaning(code: ConnectReturnCode) -> &'static str {
    match code {
        ConnectReturnCode::Accepted => "accepted",
        ConnectReturnCode::UnacceptableProtocolVersion => "unacceptable protocol version",
        ConnectReturnCode::IdentifierRejected => "client identifier rejected",
        ConnectReturnCode::ServerUnavailable => "server unavailable",
        ConnectReturnCode::BadUserNameOrPassword => "bad user name or password",
        ConnectReturnCode::NotAuthorized => "not authorized",
    }
}

impl fmt::Display for Client<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(id) => write!(f, "{id:?}"),
            None => f.write_str("an unnamed client"),
        }
    }
}

impl fmt::Display for Content<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.0;
        let payload = message.payload();
        let shown = &payload[..payload.len().min(PREVIEW)];
        let more = if shown.len() < payload.len() {
            "…"
        } else {
            ""
        };
        write!(
            f,
            "to {:?}: \"{}{more}\", {} {}, QoS {}",
            message.topic(),
            escape(shown),
            payload.len(),
            if payload.len() == 1 { "byte" } else { "bytes" },
            message.qos() as u8
        )?;
        f.write_str(if message.retain() { ", retained" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use attwin_core::mqtt::packet::QoS;
    use attwin_sim::broker::{ConnectionId, DisconnectReason};

    use super::*;

    #[test]
    fn events_are_sentences() {
        let message = Message::new("a/b", &b"21\xff"[..], QoS::Level1, true).unwrap();
        let received = BrokerEvent::Received {
            client_id: "dev".into(),
            packet_id: Some(7),
            dup: true,
            message,
        };
        assert_eq!(
            LogLine(&received).to_string(),
            "\"dev\" published to \"a/b\": \"21\\xFF\", 3 bytes, QoS 1, retained, id 7, repeated"
        );
        let refused = BrokerEvent::Refused {
            connection: ConnectionId(1),
            client_id: Some("dev".into()),
            code: ConnectReturnCode::NotAuthorized,
        };
        assert_eq!(
            LogLine(&refused).to_string(),
            "\"dev\" refused: code 5, not authorized"
        );
        let gone = BrokerEvent::Disconnected {
            connection: ConnectionId(1),
            client_id: None,
            reason: DisconnectReason::ConnectTimeout,
        };
        assert_eq!(
            LogLine(&gone).to_string(),
            "an unnamed client disconnected: no CONNECT in time"
        );
    }
}
