//! An application message as the broker handles it.

use std::sync::Arc;

use attwin_core::mqtt::packet::{MAX_REMAINING_LENGTH, QoS};
use bytes::Bytes;

use super::topic;

/// An application message with a valid topic name. Cloning shares topic and
/// payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    topic: Arc<str>,
    payload: Bytes,
    qos: QoS,
    retain: bool,
}

/// Why something cannot be an MQTT application message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidMessage {
    /// The topic name is empty, too long, or contains a wildcard or NUL.
    #[error(
        "invalid topic name {0:?}: it must have 1 to 65535 bytes and contain none of + # and NUL"
    )]
    Topic(String),
    /// The payload does not fit into a PUBLISH.
    #[error("payload of {len} bytes is longer than {max}")]
    Payload {
        /// Bytes in the payload.
        len: usize,
        /// Most bytes that fit.
        max: usize,
    },
}

impl Message {
    /// Longest payload that fits into a PUBLISH whatever its topic.
    pub const MAX_PAYLOAD: usize = MAX_REMAINING_LENGTH - topic::MAX_LENGTH - 4;

    /// A message; fails if no PUBLISH packet can carry it.
    pub fn new(
        topic: &str,
        payload: impl Into<Bytes>,
        qos: QoS,
        retain: bool,
    ) -> Result<Self, InvalidMessage> {
        let payload = payload.into();
        if !topic::is_valid_name(topic) {
            return Err(InvalidMessage::Topic(topic.into()));
        }
        if payload.len() > Self::MAX_PAYLOAD {
            return Err(InvalidMessage::Payload {
                len: payload.len(),
                max: Self::MAX_PAYLOAD,
            });
        }
        Ok(Self {
            topic: topic.into(),
            payload,
            qos,
            retain,
        })
    }

    /// Topic name.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// Payload.
    pub fn payload(&self) -> &Bytes {
        &self.payload
    }

    /// The QoS it was published with.
    pub fn qos(&self) -> QoS {
        self.qos
    }

    /// Whether it was published with RETAIN set.
    pub fn retain(&self) -> bool {
        self.retain
    }

    pub(super) fn shared_topic(&self) -> Arc<str> {
        Arc::clone(&self.topic)
    }

    /// Bytes of topic and payload, what queue limits count.
    pub(super) fn size(&self) -> usize {
        self.topic.len() + self.payload.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_no_publish_can_carry() {
        assert!(Message::new("a/b", "x", QoS::Level2, true).is_ok());
        assert_eq!(
            Message::new("a/+", "x", QoS::Level0, false),
            Err(InvalidMessage::Topic("a/+".into()))
        );
        let payload = vec![0; Message::MAX_PAYLOAD + 1];
        assert!(matches!(
            Message::new("a", payload, QoS::Level0, false),
            Err(InvalidMessage::Payload { .. })
        ));
    }
}
