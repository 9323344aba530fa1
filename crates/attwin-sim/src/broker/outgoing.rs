//! QoS 1 and 2 messages on their way to one client (MQTT 3.1.1 section 4.3).

use std::collections::VecDeque;

use attwin_core::mqtt::packet::{self, Level, Packet, PacketType, Pid, QoS};
use bytes::Bytes;

use super::config::Limits;
use super::connection::Wire;
use super::event::Violation;
use super::message::Message;

/// One message for one client.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) message: Message,
    /// The lower of published and granted.
    pub(super) qos: QoS,
    /// Set only on what a new subscription finds retained ([MQTT-3.3.1-8]).
    pub(super) retain: bool,
}

/// The in-flight window and the queue behind it; both outlive a connection.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    /// In the order of their first transmission, which is the order of
    /// retransmission ([MQTT-4.6.0-1]).
    inflight: VecDeque<Inflight>,
    /// How many of them the current connection has not seen yet.
    to_resend: usize,
    queue: VecDeque<Delivery>,
    queued_bytes: usize,
    last_pid: u16,
}

#[derive(Debug)]
struct Inflight {
    pid: Pid,
    stage: Stage,
    resend: bool,
}

#[derive(Debug)]
enum Stage {
    /// PUBLISH was sent: PUBACK or PUBREC is awaited.
    Published(Delivery),
    /// PUBREL was sent: PUBCOMP is awaited.
    Released,
}

impl Outgoing {
    /// Takes a QoS 1 or 2 message; gives it back if the queue is full.
    pub(super) fn push(&mut self, delivery: Delivery, limits: &Limits) -> Result<(), Message> {
        debug_assert_ne!(delivery.qos, QoS::Level0);
        let bytes = self.queued_bytes + delivery.message.size();
        // A window with room takes the message at once, so the queue's limit
        // is not about it.
        let waits = !self.queue.is_empty() || self.inflight.len() >= window(limits);
        let full = self.queue.len() >= limits.queued_messages || bytes > limits.queued_bytes;
        if waits && full {
            return Err(delivery.message);
        }
        self.queued_bytes = bytes;
        self.queue.push_back(delivery);
        Ok(())
    }

    /// Sends what the connection and the window have room for: first what an
    /// earlier connection left unacknowledged, then the queue.
    pub(super) fn pump(&mut self, wire: &mut Wire<'_>, limits: &Limits) {
        if self.to_resend > 0 && !self.resend(wire) {
            return;
        }
        while self.inflight.len() < window(limits) {
            let Some(next) = self.queue.front() else {
                return;
            };
            if !wire.has_room(publish_len(&next.message)) {
                return;
            }
            let pid = self.next_pid();
            // Looked at just above.
            let delivery = self.queue.pop_front().expect("the queue has a front");
            self.queued_bytes -= delivery.message.size();
            wire.send(delivery.encode(false, pid));
            self.inflight.push_back(Inflight {
                pid,
                stage: Stage::Published(delivery),
                resend: false,
            });
        }
    }

    /// Whether a message would be sent at once.
    pub(super) fn takes_at_once(&self, limits: &Limits) -> bool {
        self.queue.is_empty() && self.to_resend == 0 && self.inflight.len() < window(limits)
    }

    /// Bytes of topics and payloads held, queued or sent and not acknowledged.
    pub(super) fn held_bytes(&self) -> usize {
        let published = self.inflight.iter().map(|inflight| match &inflight.stage {
            Stage::Published(delivery) => delivery.message.size(),
            Stage::Released => 0,
        });
        self.queued_bytes + published.sum::<usize>()
    }

    /// The connection is gone: everything in flight is sent again on the next.
    pub(super) fn disconnected(&mut self) {
        for inflight in &mut self.inflight {
            inflight.resend = true;
        }
        self.to_resend = self.inflight.len();
    }

    /// PUBACK. Returns the message if it was awaited; an unknown identifier is
    /// ignored, since the broker may have forgotten the session.
    pub(super) fn puback(&mut self, pid: Pid) -> Result<Option<Delivery>, Violation> {
        let Some(index) = self.position(pid) else {
            return Ok(None);
        };
        match &self.inflight[index].stage {
            Stage::Published(delivery) if delivery.qos == QoS::Level1 => Ok(self.remove(index)),
            _ => Err(wrong(PacketType::Puback, pid)),
        }
    }

    /// PUBREC, which PUBREL answers always. Returns the message the first
    /// time.
    pub(super) fn pubrec(&mut self, pid: Pid) -> Result<Option<Delivery>, Violation> {
        let Some(index) = self.position(pid) else {
            return Ok(None);
        };
        let inflight = &mut self.inflight[index];
        if matches!(&inflight.stage, Stage::Published(delivery) if delivery.qos == QoS::Level1) {
            return Err(wrong(PacketType::Pubrec, pid));
        }
        if std::mem::take(&mut inflight.resend) {
            self.to_resend -= 1;
        }
        match std::mem::replace(&mut inflight.stage, Stage::Released) {
            Stage::Published(delivery) => Ok(Some(delivery)),
            Stage::Released => Ok(None),
        }
    }

    /// PUBCOMP; an unknown identifier is ignored.
    pub(super) fn pubcomp(&mut self, pid: Pid) -> Result<(), Violation> {
        let Some(index) = self.position(pid) else {
            return Ok(());
        };
        if matches!(self.inflight[index].stage, Stage::Published(_)) {
            return Err(wrong(PacketType::Pubcomp, pid));
        }
        self.remove(index);
        Ok(())
    }

    pub(super) fn inflight_len(&self) -> usize {
        self.inflight.len()
    }

    pub(super) fn queue_len(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn queued_bytes(&self) -> usize {
        self.queued_bytes
    }

    /// Returns whether all of it fitted.
    fn resend(&mut self, wire: &mut Wire<'_>) -> bool {
        for inflight in self.inflight.iter_mut().filter(|inflight| inflight.resend) {
            match &inflight.stage {
                Stage::Published(delivery) => {
                    if !wire.has_room(publish_len(&delivery.message)) {
                        return false;
                    }
                    wire.send(delivery.encode(true, inflight.pid));
                }
                Stage::Released => {
                    let pubrel = encode_ack(&Packet::Pubrel(inflight.pid));
                    // MQTT 3.1 marks a repeated PUBREL, 3.1.1 forbids it.
                    wire.send(match wire.level {
                        Level::V31 => packet::with_dup(&pubrel),
                        Level::V311 => pubrel,
                    });
                }
            }
            inflight.resend = false;
            self.to_resend -= 1;
        }
        true
    }

    fn remove(&mut self, index: usize) -> Option<Delivery> {
        let inflight = self.inflight.remove(index)?;
        if inflight.resend {
            self.to_resend -= 1;
        }
        match inflight.stage {
            Stage::Published(delivery) => Some(delivery),
            Stage::Released => None,
        }
    }

    fn position(&self, pid: Pid) -> Option<usize> {
        self.inflight
            .iter()
            .position(|inflight| inflight.pid == pid)
    }

    /// The next identifier that is not in use; the window is smaller than
    /// their number, so there is one.
    fn next_pid(&mut self) -> Pid {
        loop {
            self.last_pid = self.last_pid.wrapping_add(1);
            if let Some(pid) = Pid::new(self.last_pid)
                && self.position(pid).is_none()
            {
                return pid;
            }
        }
    }
}

impl Delivery {
    fn encode(&self, dup: bool, pid: Pid) -> Bytes {
        encode_publish(&self.message, dup, self.qos, self.retain, pid.value())
    }
}

/// PUBLISH of a message; `pid` is ignored for QoS 0.
pub(super) fn encode_publish(
    message: &Message,
    dup: bool,
    qos: QoS,
    retain: bool,
    pid: u16,
) -> Bytes {
    packet::publish(
        dup,
        qos,
        retain,
        pid,
        message.topic().as_bytes(),
        message.payload(),
    )
    // `Message::new` checks both lengths.
    .expect("a message fits into a PUBLISH")
}

/// Upper bound of the size of a message's PUBLISH.
pub(super) fn publish_len(message: &Message) -> usize {
    5 + 2 + 2 + message.size()
}

/// An acknowledgement or another packet of fixed size.
pub(super) fn encode_ack(packet: &Packet) -> Bytes {
    // Two or four bytes, into an array: nothing can be too long.
    packet::encode(packet).expect("a packet of fixed size is encodable")
}

fn window(limits: &Limits) -> usize {
    limits.inflight_messages.clamp(1, usize::from(u16::MAX) - 1)
}

fn wrong(packet: PacketType, pid: Pid) -> Violation {
    Violation::WrongAcknowledgement {
        packet,
        packet_id: pid.value(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::BrokerOutput;
    use super::super::ids::ConnectionId;
    use super::super::outbox::Outbox;
    use super::*;

    fn delivery(payload: &'static str) -> Delivery {
        let message = Message::new("t", payload, QoS::Level1, false).expect("valid");
        Delivery {
            message,
            qos: QoS::Level1,
            retain: false,
        }
    }

    /// Pumps into a connection that takes everything; returns the identifiers.
    fn pump(outgoing: &mut Outgoing, limits: &Limits) -> Vec<u16> {
        let (mut unsent, mut outbox) = (0, Outbox::new(0));
        let mut wire = Wire {
            connection: ConnectionId(1),
            level: Level::V311,
            unsent: &mut unsent,
            max_unsent: usize::MAX,
            outbox: &mut outbox,
        };
        outgoing.pump(&mut wire, limits);
        let mut pids = Vec::new();
        while let Some(BrokerOutput::Send { bytes, .. }) = outbox.poll() {
            match packet::decode(Level::V311, &bytes) {
                Ok(Packet::Publish(publish)) => pids.extend(publish.qos_pid.pid()),
                other => panic!("not a PUBLISH: {other:?}"),
            }
        }
        pids.into_iter().map(Pid::value).collect()
    }

    #[test]
    fn identifiers_wrap_around_and_skip_those_in_use() {
        let limits = Limits {
            inflight_messages: 2,
            ..Limits::default()
        };
        let mut outgoing = Outgoing {
            last_pid: u16::MAX - 1,
            ..Outgoing::default()
        };
        outgoing.push(delivery("stays"), &limits).expect("room");
        assert_eq!(pump(&mut outgoing, &limits), [u16::MAX]);
        outgoing.last_pid = u16::MAX - 1;
        outgoing.push(delivery("next"), &limits).expect("room");
        assert_eq!(pump(&mut outgoing, &limits), [1]);
    }

    #[test]
    fn an_empty_window_does_not_depend_on_the_queue() {
        let limits = Limits {
            inflight_messages: 1,
            queued_messages: 0,
            queued_bytes: 0,
            ..Limits::default()
        };
        let mut outgoing = Outgoing::default();
        outgoing
            .push(delivery("goes out"), &limits)
            .expect("the window has room");
        assert_eq!(pump(&mut outgoing, &limits), [1]);
        assert!(outgoing.push(delivery("waits"), &limits).is_err());
    }
}
