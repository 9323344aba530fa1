//! What the session does with each packet from the server.

use super::super::packet::{
    self, Connack, ConnectReturnCode, Level, Malformed, Packet, PacketType, Pid, Publish, QoS,
    QosPid, Suback, SubscribeReturnCode,
};
use super::event::Answer;
use super::incoming::{Admission, Release};
use super::reader::{self, Oversized};
use super::{
    Acknowledgement, Discarded, Event, Message, Operation, Phase, Rules, Session, Violation,
};
use crate::Instant;

impl Session {
    pub(super) fn decode(&self, bytes: &[u8]) -> Result<Packet, Malformed> {
        match (self.level, bytes) {
            // What 3.1.1 made the session present flag is reserved at 3.1 and
            // says nothing (MQTT 3.1 section 3.2).
            (Level::V31, &[0x20, 2, _, code]) => packet::decode(self.level, &[0x20, 2, 0, code]),
            (level, bytes) => packet::decode(level, bytes),
        }
    }

    pub(super) fn on_packet(&mut self, now: Instant, packet: Packet, dup: bool) {
        if self.phase != Phase::Connected {
            return match packet {
                Packet::Connack(connack) => self.on_connack(now, connack),
                other => self.violation(Violation::BeforeConnack(other.get_type())),
            };
        }
        if self.rules.any_packet_answers_ping {
            self.keep_alive.on_answer();
        }
        match packet {
            Packet::Publish(publish) => self.on_publish(now, publish),
            Packet::Puback(id) => self.on_published(Operation::Publish, QoS::Level1, id.value()),
            Packet::Pubrec(id) => self.on_pubrec(now, id.value()),
            Packet::Pubrel(id) => self.on_pubrel(now, id.value(), dup),
            Packet::Pubcomp(id) => self.on_published(Operation::Release, QoS::Level2, id.value()),
            Packet::Suback(suback) => self.on_suback(&suback),
            Packet::Unsuback(id) => {
                let id = id.value();
                if let Some(e) = self
                    .in_flight
                    .finish(Operation::Unsubscribe, QoS::Level0, id)
                {
                    self.events.push_back(Event::Unsubscribed(e.ticket));
                }
            }
            Packet::Pingresp => {
                self.keep_alive.on_answer();
                self.events.push_back(Event::PingAnswered);
            }
            Packet::Connack(_) => self.violation(Violation::SecondConnack),
            Packet::Connect(_)
            | Packet::Subscribe(_)
            | Packet::Unsubscribe(_)
            | Packet::Pingreq
            | Packet::Disconnect => self.violation(Violation::ClientPacket(packet.get_type())),
        }
    }

    fn on_connack(&mut self, now: Instant, connack: Connack) {
        if connack.code != ConnectReturnCode::Accepted {
            return self.end(Event::Refused(connack.code as u8));
        }
        self.phase = Phase::Connected;
        let session_present = connack.session_present;
        if self.level == Level::V311 && !session_present {
            // The server has forgotten its half, so the identifiers it uses
            // from now on are new messages even if the numbers are not: an
            // old number remembered here would swallow one. Unacknowledged
            // publishes are still sent again below: the worst that a server
            // without memory makes of them is a message more, not one less.
            // A 3.1 server cannot tell whether it has forgotten: there DUP
            // decides, message by message.
            self.incoming.clear();
        }
        self.events.push_back(Event::Connected { session_present });
        for packet in self.in_flight.resume(now, self.level) {
            self.keep_alive.on_sent(now);
            self.outbox.push(now, packet);
        }
    }

    fn on_publish(&mut self, now: Instant, publish: Publish) {
        match publish.qos_pid {
            QosPid::Level0 => self.deliver(publish, None),
            QosPid::Level1(_) => self.deliver(publish, Some(Answer::Puback)),
            QosPid::Level2(id) => {
                // An MQTT 3.1 server cannot say whether it has forgotten, but
                // sets DUP on what it sends again (MQTT 3.1 section 2.1).
                if self.level == Level::V31
                    && !publish.dup
                    && let Some(earlier) = self.incoming.begin_anew(id.value())
                {
                    self.deliver(*earlier, None);
                }
                let Rules {
                    delivery, limits, ..
                } = self.rules;
                let admission = self.incoming.admit(id.value(), publish, delivery, &limits);
                self.on_admission(now, id.value(), admission);
            }
        }
    }

    pub(super) fn on_oversized(&mut self, now: Instant, oversized: &Oversized) {
        let publish = match oversized.stand_in(self.level) {
            Ok(publish) => publish,
            Err(error) => return self.malformed(reader::PUBLISH, error),
        };
        if self.phase != Phase::Connected {
            return self.violation(Violation::BeforeConnack(PacketType::Publish));
        }
        if self.rules.any_packet_answers_ping {
            self.keep_alive.on_answer();
        }
        let qos = publish.qos_pid.qos();
        let id = publish.qos_pid.pid().map_or(0, Pid::value);
        if qos == QoS::Level2 {
            let admission = self.incoming.admit_oversized(id);
            self.on_admission(now, id, admission);
        }
        self.events.push_back(Event::Discarded(Discarded {
            id,
            qos,
            topic: oversized.topic(),
            payload: oversized.payload(),
        }));
        if qos == QoS::Level1 {
            self.send(now, packet::puback(id));
        }
    }

    fn on_admission(&mut self, now: Instant, id: u16, admission: Admission) {
        match admission {
            Admission::Deliver(publish) => self.deliver(publish, Some(Answer::Pubrec)),
            Admission::Answer => self.send(now, packet::pubrec(id)),
            Admission::Wait => {}
        }
    }

    fn on_pubrel(&mut self, now: Instant, id: u16, dup: bool) {
        self.events.push_back(Event::Released { id, dup });
        match self.incoming.release(id) {
            Release::Deliver(publish) => self.deliver(*publish, Some(Answer::Pubcomp)),
            Release::Answer => self.send(now, packet::pubcomp(id)),
            Release::Wait => {}
        }
    }

    fn deliver(&mut self, publish: Publish, answer: Option<Answer>) {
        let Publish {
            dup,
            retain,
            qos_pid,
            topic_name: topic,
            payload,
        } = publish;
        let id = qos_pid.pid().map_or(0, Pid::value);
        let connection = self.connection;
        self.events.push_back(Event::Message(Message {
            topic,
            payload,
            qos: qos_pid.qos(),
            retain,
            dup,
            id,
            acknowledgement: answer.map(|answer| Acknowledgement {
                connection,
                id,
                answer,
            }),
        }));
    }

    fn on_pubrec(&mut self, now: Instant, id: u16) {
        if let Some(ticket) = self.in_flight.received(now, id) {
            self.events.push_back(Event::Received(ticket));
            self.send(now, packet::pubrel(false, id));
        } else if self.in_flight.releases(id) {
            self.send(now, packet::pubrel(self.level == Level::V31, id));
        } else if self.rules.release_abandoned && !self.in_flight.contains(id) {
            self.send(now, packet::pubrel(false, id));
        }
    }

    /// An acknowledgement for an exchange that is over is ignored.
    fn on_published(&mut self, operation: Operation, qos: QoS, id: u16) {
        if let Some(exchange) = self.in_flight.finish(operation, qos, id) {
            self.events.push_back(Event::Published {
                ticket: exchange.ticket,
                qos,
            });
        }
    }

    fn on_suback(&mut self, suback: &Suback) {
        let id = suback.pid.value();
        if let Some(e) = self.in_flight.finish(Operation::Subscribe, QoS::Level0, id) {
            let codes = suback.topics.iter().map(|code| match code {
                SubscribeReturnCode::MaxLevel0 => 0,
                SubscribeReturnCode::MaxLevel1 => 1,
                SubscribeReturnCode::MaxLevel2 => 2,
                SubscribeReturnCode::Failure => 128,
            });
            self.events.push_back(Event::Subscribed {
                ticket: e.ticket,
                codes: codes.collect(),
            });
        }
    }
}
