//! What a host asks of a connection (docs/spec/onemo.md A3.4 to A3.6, B3.4 to
//! B3.6).

use bytes::Bytes;

use super::client::Client;
use super::report::Kind;
use crate::handler::Context;
use crate::mqtt::packet::QoS;
use crate::mqtt::session::{
    PacketId, Patience, PublishRequest, RequestError, Session, SubscribeRequest, Ticket,
    UnsubscribeRequest,
};
use crate::time::Instant;

/// A request that is not acknowledged yet.
#[derive(Debug)]
pub(super) struct Request {
    token: u32,
    pub(super) kind: Kind,
    /// Topic of a subscription.
    pub(super) topic: Bytes,
}

impl Client {
    pub(super) fn subscribe(
        &mut self,
        cx: &mut Context<'_>,
        topic: Bytes,
        qos: QoS,
    ) -> Result<(), RequestError> {
        let filters = [(topic.clone(), qos)];
        self.request(
            cx,
            Kind::Subscribe,
            topic,
            |session, now, patience, token| {
                session.subscribe(
                    now,
                    &SubscribeRequest {
                        id: PacketId::Next,
                        filters: &filters,
                        patience,
                        token,
                    },
                )
            },
        )
    }

    pub(super) fn unsubscribe(
        &mut self,
        cx: &mut Context<'_>,
        topic: Bytes,
    ) -> Result<(), RequestError> {
        let filters = [topic.clone()];
        self.request(
            cx,
            Kind::Unsubscribe,
            topic,
            |session, now, patience, token| {
                session.unsubscribe(
                    now,
                    &UnsubscribeRequest {
                        id: PacketId::Next,
                        filters: &filters,
                        patience,
                        token,
                    },
                )
            },
        )
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
        self.request(
            cx,
            Kind::Publish,
            Bytes::new(),
            |session, now, patience, token| {
                session.publish(
                    now,
                    &PublishRequest {
                        id: PacketId::Next,
                        qos,
                        retain,
                        dup: false,
                        topic,
                        payload,
                        patience,
                        token,
                    },
                )
            },
        )
    }

    fn request(
        &mut self,
        cx: &mut Context<'_>,
        kind: Kind,
        topic: Bytes,
        make: impl FnOnce(&mut Session, Instant, Patience, u32) -> Result<u16, RequestError>,
    ) -> Result<(), RequestError> {
        let patience = Patience {
            timeout: self.patience(),
            retries: 0,
            whole_exchange: false,
        };
        let token = self.next_token;
        let session = self.session.as_mut().ok_or(RequestError::NotConnected)?;
        make(session, cx.now, patience, token)?;
        self.next_token = token.wrapping_add(1);
        self.requests.push(Request { token, kind, topic });
        self.drive(cx);
        Ok(())
    }

    /// A request that is over.
    pub(super) fn take(&mut self, ticket: Ticket) -> Option<Request> {
        let at = self.requests.iter().position(|r| r.token == ticket.token)?;
        Some(self.requests.remove(at))
    }
}
