//! How a message reaches its subscribers.

use std::sync::Arc;

use attwin_core::mqtt::packet::QoS;
use bytes::Bytes;

use super::Broker;
use super::connection::Wire;
use super::event::{BrokerEvent, DropReason};
use super::ids::SessionKey;
use super::message::Message;
use super::outgoing::{Delivery, encode_publish, publish_len};

impl Broker {
    /// Retains the message if it asks for it, and delivers it to every session
    /// with a matching subscription.
    pub(super) fn route(&mut self, message: &Message) {
        if message.retain() && !self.retained.store(message) {
            self.outbox.event(BrokerEvent::NotRetained {
                topic: message.shared_topic(),
            });
        }
        // Encoded once for all: QoS 0 carries no packet identifier.
        let mut unacknowledged = None;
        for (session, granted) in self.subscriptions.matching(message.topic()) {
            let qos = granted.min(message.qos());
            if qos == QoS::Level0 {
                let packet = unacknowledged
                    .get_or_insert_with(|| encode_publish(message, false, qos, false, 0));
                self.deliver_unacknowledged(session, message, packet);
            } else {
                self.deliver_acknowledged(
                    session,
                    Delivery {
                        message: message.clone(),
                        qos,
                        retain: false,
                    },
                );
            }
        }
    }

    /// Delivers a message to one session with this QoS.
    pub(super) fn deliver(
        &mut self,
        session: SessionKey,
        message: &Message,
        qos: QoS,
        retain: bool,
    ) {
        if qos == QoS::Level0 {
            let packet = encode_publish(message, false, qos, retain, 0);
            self.deliver_unacknowledged(session, message, &packet);
        } else {
            self.deliver_acknowledged(
                session,
                Delivery {
                    message: message.clone(),
                    qos,
                    retain,
                },
            );
        }
    }

    pub(super) fn publish_will(&mut self, client_id: Arc<str>, will: Message) {
        self.route(&will);
        self.outbox.event(BrokerEvent::WillPublished {
            client_id,
            message: will,
        });
    }

    /// Sends what waits for this session as far as there is room.
    pub(super) fn pump(&mut self, key: SessionKey) {
        let Some(session) = self.sessions.get_mut(&key) else {
            return;
        };
        let Some(connection) = session.connection else {
            return;
        };
        let Some(state) = self.connections.get_mut(&connection) else {
            return;
        };
        let mut wire = Wire {
            connection,
            level: state.level(),
            unsent: &mut state.unsent,
            max_unsent: self.config.limits.unsent_bytes,
            outbox: &mut self.outbox,
        };
        session.outgoing.pump(&mut wire, &self.config.limits);
        self.hand_out_retained(key);
    }

    /// Sends retained messages of new subscriptions as far as there is room;
    /// the rest follows as the client takes what was sent.
    fn hand_out_retained(&mut self, key: SessionKey) {
        loop {
            let Some(session) = self.sessions.get_mut(&key) else {
                return;
            };
            let (Some(connection), Some(front)) =
                (session.connection, session.retained.front_mut())
            else {
                return;
            };
            let next = self
                .retained
                .next_matching(&front.filter, front.after.as_deref());
            let Some(message) = next.cloned() else {
                session.retained.pop_front();
                continue;
            };
            let qos = front.granted.min(message.qos());
            let limits = &self.config.limits;
            if qos != QoS::Level0 && !session.outgoing.takes_at_once(limits) {
                return;
            }
            let Some(state) = self.connections.get_mut(&connection) else {
                return;
            };
            let mut wire = Wire {
                connection,
                level: state.level(),
                unsent: &mut state.unsent,
                max_unsent: limits.unsent_bytes,
                outbox: &mut self.outbox,
            };
            if !wire.has_room(publish_len(&message)) {
                return;
            }
            front.after = Some(message.shared_topic());
            if qos == QoS::Level0 {
                wire.send(encode_publish(&message, false, qos, true, 0));
            } else {
                let delivery = Delivery {
                    message,
                    qos,
                    retain: true,
                };
                // It was asked whether there is room.
                let _ = session.outgoing.push(delivery, limits);
                session.outgoing.pump(&mut wire, limits);
                self.recount(key);
            }
        }
    }

    /// Counts again what a session holds, after it has changed.
    pub(super) fn recount(&mut self, key: SessionKey) {
        let Some(session) = self.sessions.get_mut(&key) else {
            return;
        };
        let held = session.outgoing.held_bytes();
        let before = std::mem::replace(&mut session.counted_bytes, held);
        self.session_bytes = self.session_bytes + held - before;
    }

    /// QoS 0: now or never.
    fn deliver_unacknowledged(&mut self, key: SessionKey, message: &Message, packet: &Bytes) {
        let Some(session) = self.sessions.get(&key) else {
            return;
        };
        let Some(connection) = session.connection else {
            return;
        };
        let client_id = Arc::clone(&session.client_id);
        let Some(mut wire) = self.wire(connection) else {
            return;
        };
        if wire.has_room(publish_len(message)) {
            wire.send(packet.clone());
        } else {
            self.outbox.event(BrokerEvent::Dropped {
                client_id,
                reason: DropReason::Congested,
                message: message.clone(),
            });
        }
    }

    fn deliver_acknowledged(&mut self, key: SessionKey, delivery: Delivery) {
        let Some(session) = self.sessions.get_mut(&key) else {
            return;
        };
        let limits = &self.config.limits;
        let pushed = if self.session_bytes + delivery.message.size() > limits.session_bytes {
            Err(delivery.message)
        } else {
            session.outgoing.push(delivery, limits)
        };
        match pushed {
            Ok(()) => {
                self.recount(key);
                self.pump(key);
            }
            Err(message) => {
                let client_id = Arc::clone(&session.client_id);
                self.outbox.event(BrokerEvent::Dropped {
                    client_id,
                    reason: DropReason::QueueFull,
                    message,
                });
            }
        }
    }
}
