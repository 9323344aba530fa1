//! What a connected client sends.

use std::sync::Arc;

use attwin_core::Instant;
use attwin_core::mqtt::packet::{
    Level, Packet, Pid, Publish, QoS, QosPid, Subscribe, TopicFilter, Unsubscribe,
};
use bytes::{BufMut, Bytes, BytesMut};

use super::Broker;
use super::event::{BrokerEvent, DisconnectReason, Violation};
use super::ids::ConnectionId;
use super::ids::SessionKey;
use super::message::Message;
use super::outgoing::Delivery;
use super::session::{HandingOut, Session};
use super::topic;

/// SUBACK's code for a refused subscription (MQTT 3.1.1 section 3.9.3).
const SUBACK_FAILURE: u8 = 0x80;

/// The client a packet came from.
#[derive(Clone, Copy)]
struct Origin {
    connection: ConnectionId,
    session: SessionKey,
    level: Level,
}

impl Broker {
    /// Handles one packet of a connected client; an error closes the
    /// connection.
    pub(super) fn packet(
        &mut self,
        now: Instant,
        connection: ConnectionId,
        packet: Packet,
    ) -> Result<(), DisconnectReason> {
        let Some(client) = self
            .connections
            .get(&connection)
            .and_then(|c| c.client.as_ref())
        else {
            return Ok(());
        };
        let from = Origin {
            connection,
            session: client.session,
            level: client.level,
        };
        if client.provisioning.is_some() {
            // Its time is counted from CONNACK, whatever it says meanwhile.
            if matches!(
                packet,
                Packet::Publish(_) | Packet::Subscribe(_) | Packet::Unsubscribe(_)
            ) {
                return Ok(());
            }
        } else {
            let deadline = client.keep_alive_timeout.map(|timeout| now + timeout);
            self.set_deadline(connection, deadline);
        }
        match packet {
            Packet::Publish(publish) => self.published(from, &publish)?,
            Packet::Puback(pid) => {
                let taken = self.session(from, |session| session.outgoing.puback(pid))?;
                self.delivered(from, pid.value(), taken);
                self.pump(from.session);
            }
            Packet::Pubrec(pid) => {
                let taken = self.session(from, |session| session.outgoing.pubrec(pid))?;
                // Also for an unknown identifier, or the client would repeat
                // PUBREC without end.
                self.answer(connection, &Packet::Pubrel(pid));
                self.delivered(from, pid.value(), taken);
            }
            Packet::Pubcomp(pid) => {
                self.session(from, |session| session.outgoing.pubcomp(pid).map(|()| None))?;
                self.pump(from.session);
            }
            Packet::Pubrel(pid) => {
                self.session(from, |session| {
                    session.received.remove(&pid.value());
                    Ok(None)
                })?;
                self.answer(connection, &Packet::Pubcomp(pid));
            }
            Packet::Subscribe(subscribe) => self.subscribed(from, &subscribe)?,
            Packet::Unsubscribe(unsubscribe) => self.unsubscribed(from, &unsubscribe)?,
            Packet::Pingreq => self.answer(connection, &Packet::Pingresp),
            Packet::Disconnect => return Err(DisconnectReason::Requested),
            Packet::Connect(_) => return Err(Violation::SecondConnect.into()),
            Packet::Connack(_) | Packet::Suback(_) | Packet::Unsuback(_) | Packet::Pingresp => {
                return Err(Violation::ServerPacket(packet.get_type()).into());
            }
        }
        Ok(())
    }

    /// PUBLISH. A QoS 2 message goes to its subscribers at once and its
    /// identifier is kept until PUBREL: method B of MQTT 3.1.1 figure 4.3.
    fn published(&mut self, from: Origin, publish: &Publish) -> Result<(), DisconnectReason> {
        let qos = publish.qos_pid.qos();
        let message = Message::new(
            &publish.topic_name,
            publish.payload.clone(),
            qos,
            publish.retain,
        )
        .map_err(|_| Violation::Topic)?;
        let Some(session) = self.sessions.get_mut(&from.session) else {
            return Ok(());
        };
        let (new, acknowledgement) = match publish.qos_pid {
            QosPid::Level0 => (true, None),
            QosPid::Level1(pid) => (true, Some(Packet::Puback(pid))),
            QosPid::Level2(pid) => (
                session.received.insert(pid.value()),
                Some(Packet::Pubrec(pid)),
            ),
        };
        if new {
            self.outbox.event(BrokerEvent::Received {
                client_id: Arc::clone(&session.client_id),
                packet_id: publish.qos_pid.pid().map(Pid::value),
                dup: publish.dup,
                message: message.clone(),
            });
            self.route(&message);
        }
        if let Some(acknowledgement) = acknowledgement {
            self.answer(from.connection, &acknowledgement);
        }
        Ok(())
    }

    fn subscribed(&mut self, from: Origin, subscribe: &Subscribe) -> Result<(), DisconnectReason> {
        check_filters(subscribe.topics.iter().map(|(filter, _)| filter))?;
        let Some(client_id) = self.client_id_of(from.session) else {
            return Ok(());
        };
        let mut suback = Suback::new(subscribe.pid.value(), subscribe.topics.len());
        let mut accepted = Vec::new();
        for (filter, requested) in &subscribe.topics {
            let filter: Arc<str> = Arc::from(&**filter);
            let granted = self.grant(from.session, &filter);
            let granted = granted.map(|most| most.min(*requested));
            if let Some(qos) = granted {
                self.subscriptions.insert(&filter, from.session, qos);
                accepted.push((Arc::clone(&filter), qos));
            }
            suback.push(match (granted, from.level) {
                (Some(qos), _) => qos as u8,
                (None, Level::V311) => SUBACK_FAILURE,
                // MQTT 3.1 has no way to say no (MQTT 3.1 section 3.8).
                (None, Level::V31) => *requested as u8,
            });
            let client_id = Arc::clone(&client_id);
            self.outbox.event(BrokerEvent::Subscribed {
                client_id,
                filter,
                granted,
            });
        }
        if let Some(mut wire) = self.wire(from.connection) {
            wire.send(suback.finish());
        }
        if let Some(session) = self.sessions.get_mut(&from.session) {
            for (filter, granted) in accepted {
                // Subscribing again begins again.
                session.retained.retain(|old| old.filter != filter);
                session.retained.push_back(HandingOut {
                    filter,
                    granted,
                    after: None,
                });
            }
        }
        self.pump(from.session);
        Ok(())
    }

    fn unsubscribed(
        &mut self,
        from: Origin,
        unsubscribe: &Unsubscribe,
    ) -> Result<(), DisconnectReason> {
        check_filters(unsubscribe.topics.iter())?;
        for filter in &unsubscribe.topics {
            let Some(session) = self.sessions.get_mut(&from.session) else {
                return Ok(());
            };
            session.retained.retain(|old| *old.filter != **filter);
            if session.filters.remove(&**filter) {
                self.subscriptions.remove(filter, from.session);
            }
            self.outbox.event(BrokerEvent::Unsubscribed {
                client_id: Arc::clone(&session.client_id),
                filter: Arc::from(&**filter),
            });
        }
        self.answer(from.connection, &Packet::Unsuback(unsubscribe.pid));
        Ok(())
    }

    /// Notes a subscription in the session unless it is refused; returns the
    /// highest QoS the session is granted.
    fn grant(&mut self, key: SessionKey, filter: &Arc<str>) -> Option<QoS> {
        let refused =
            |pattern: &String| pattern.as_str() == &**filter || topic::matches(pattern, filter);
        if self.config.refused_filters.iter().any(refused) {
            return None;
        }
        let session = self.sessions.get_mut(&key)?;
        if !session.filters.contains(filter) {
            if session.filters.len() >= self.config.limits.subscriptions_per_session {
                return None;
            }
            session.filters.insert(Arc::clone(filter));
        }
        Some(session.max_qos)
    }

    fn delivered(&mut self, from: Origin, packet_id: u16, delivery: Option<Delivery>) {
        if let Some(Delivery { message, qos, .. }) = delivery
            && let Some(client_id) = self.client_id_of(from.session)
        {
            self.outbox.event(BrokerEvent::Delivered {
                client_id,
                packet_id,
                qos,
                message,
            });
        }
    }

    fn client_id_of(&self, key: SessionKey) -> Option<Arc<str>> {
        self.sessions
            .get(&key)
            .map(|session| Arc::clone(&session.client_id))
    }

    fn session(
        &mut self,
        from: Origin,
        change: impl FnOnce(&mut Session) -> Result<Option<Delivery>, Violation>,
    ) -> Result<Option<Delivery>, Violation> {
        let changed = self
            .sessions
            .get_mut(&from.session)
            .map_or(Ok(None), change);
        self.recount(from.session);
        changed
    }
}

fn check_filters<'a>(
    mut filters: impl Iterator<Item = &'a TopicFilter>,
) -> Result<(), DisconnectReason> {
    if filters.all(|filter| topic::is_valid_filter(filter)) {
        Ok(())
    } else {
        Err(Violation::Filter.into())
    }
}

/// SUBACK by hand: the codec writes a failure as 3 instead of 0x80.
struct Suback(BytesMut);

impl Suback {
    fn new(packet_id: u16, codes: usize) -> Self {
        let mut out = BytesMut::with_capacity(5 + 2 + codes);
        out.put_u8(0x90);
        let mut rest = 2 + codes;
        while rest > 0x7f {
            out.put_u8(u8::try_from(rest & 0x7f).unwrap_or(0) | 0x80);
            rest >>= 7;
        }
        out.put_u8(u8::try_from(rest).unwrap_or(0));
        out.put_u16(packet_id);
        Self(out)
    }

    fn push(&mut self, code: u8) {
        self.0.put_u8(code);
    }

    fn finish(self) -> Bytes {
        self.0.freeze()
    }
}

#[cfg(test)]
mod tests {
    use attwin_core::mqtt::packet::{self, Packet};

    use super::*;

    #[test]
    fn suback_is_what_the_codec_reads() {
        for count in [1, 125, 126, 20_000] {
            let mut suback = Suback::new(7, count);
            for _ in 0..count {
                suback.push(SUBACK_FAILURE);
            }
            let bytes = suback.finish();
            let Ok(Packet::Suback(read)) = packet::decode(Level::V311, &bytes) else {
                panic!("not a SUBACK: {bytes:?}");
            };
            assert_eq!((read.pid.value(), read.topics.len()), (7, count));
        }
    }
}
