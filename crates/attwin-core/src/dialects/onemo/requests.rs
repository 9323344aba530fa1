//! What a host asks of a connection (docs/spec/onemo.md A3.4 to A3.6, B3.4 to
//! B3.6).

use bytes::Bytes;

use super::client::Client;
use super::report::Kind;
use crate::handler::Context;
use crate::mqtt::packet::QoS;
use crate::mqtt::session::Ask;
use crate::mqtt::session::RequestError;

impl Client {
    pub(super) fn subscribe(
        &mut self,
        cx: &mut Context<'_>,
        topic: Bytes,
        qos: QoS,
    ) -> Result<(), RequestError> {
        let filters = [(topic.clone(), qos)];
        self.request(cx, Kind::Subscribe, topic, Ask::Subscribe(&filters))
    }

    pub(super) fn unsubscribe(
        &mut self,
        cx: &mut Context<'_>,
        topic: Bytes,
    ) -> Result<(), RequestError> {
        let filters = [topic.clone()];
        self.request(cx, Kind::Unsubscribe, topic, Ask::Unsubscribe(&filters))
    }

    /// DUP of the first send is always 0 (docs/spec/onemo.md A3.6).
    pub(super) fn publish(
        &mut self,
        cx: &mut Context<'_>,
        topic: &[u8],
        qos: QoS,
        retain: bool,
        payload: &[u8],
    ) -> Result<(), RequestError> {
        let ask = Ask::Publish {
            qos,
            retain,
            dup: false,
            topic,
            payload,
        };
        self.request(cx, Kind::Publish, Bytes::new(), ask)
    }
}
