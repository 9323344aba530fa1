//! MQTT control packets on their way through the faults.

use attwin_core::mqtt::packet::{self, QoS};
use attwin_core::{Instant, LinkId};
use bytes::Bytes;

use super::faulty::Faulty;
use super::framer::Piece;
use super::link::{Fate, Link, MAX_MESSAGES, State};
use super::spec::{Direction, Kind, PacketAct, Packets};
use crate::device::Device;

/// Topic of a message that names none.
const TOPIC: &[u8] = b"fault";
/// Largest packet that is duplicated, in bytes.
const MAX_DUPLICATE: usize = 256 * 1024;

impl<D: Device> Faulty<D> {
    /// Bytes pass, packet by packet.
    pub(super) fn carry(
        &mut self,
        now: Instant,
        id: LinkId,
        direction: Direction,
        mut bytes: Bytes,
    ) {
        while let Some(first) = bytes.first().copied() {
            if self.is_cut(id) {
                return self.vanish(id, direction, bytes.len());
            }
            if self.is_between(id, direction) {
                if self.around(now, id, direction, first, true) {
                    return self.vanish(id, direction, bytes.len());
                }
                self.decide(now, id, direction, first);
            }
            let Some(link) = self.links.get(id) else {
                return;
            };
            let passing = link.passing(direction);
            let piece = passing.framer.step(&bytes);
            let part = bytes.split_to(piece.len);
            if let Some(bytes) = link.apply(direction, &piece, part) {
                self.send(now, id, direction, bytes);
            }
            if piece.ends && self.end(now, id, direction) {
                return self.vanish(id, direction, bytes.len());
            }
        }
    }

    /// Whether bytes come to nothing on a connection.
    fn is_cut(&mut self, id: LinkId) -> bool {
        let state = self.links.get(id).map(|link| link.state);
        !matches!(state, Some(State::Opening | State::Open))
    }

    fn is_between(&mut self, id: LinkId, direction: Direction) -> bool {
        let link = self.links.get(id);
        link.is_some_and(|link| link.passing(direction).framer.is_between())
    }

    /// Bytes come to nothing; the modem takes its own for sent.
    fn vanish(&mut self, id: LinkId, direction: Direction, len: usize) {
        if let Some(link) = self.links.get(id)
            && direction == Direction::ToBroker
        {
            link.credit += len;
        }
    }

    /// What a packet brings about; whether it is the end of the connection, or
    /// of the module's power.
    fn around(
        &mut self,
        now: Instant,
        id: LinkId,
        direction: Direction,
        first: u8,
        before: bool,
    ) -> bool {
        let is = |packets: Packets| packets.include(direction, first);
        let events = self.active.around(now, is, before);
        let mut lost = false;
        for event in &events {
            lost |= self.happen(now, event, Some(id));
        }
        lost || self.is_cut(id) || (!events.is_empty() && self.gives_up(id))
    }

    /// A packet begins: what becomes of it.
    fn decide(&mut self, now: Instant, id: LinkId, direction: Direction, first: u8) {
        let act = self.active.strike(now, |kind| match kind {
            Kind::Packet(fault) if fault.packets.include(direction, first) => {
                Some(fault.act.clone())
            }
            _ => None,
        });
        let random = match act {
            Some(PacketAct::Corrupt) => self.active.random(u64::MAX),
            _ => 0,
        };
        let (fate, instead) = match act {
            None => (Fate::Pass, None),
            Some(PacketAct::Drop) => (Fate::Drop, None),
            Some(PacketAct::Duplicate) => (Fate::Duplicate(Vec::new()), None),
            Some(PacketAct::Corrupt) => (Fate::Corrupt(random), None),
            Some(PacketAct::Replace(bytes)) => (Fate::Drop, Some(bytes)),
            Some(PacketAct::Refuse(code)) => {
                let connack = Bytes::copy_from_slice(&[0x20, 2, 0, code]);
                (Fate::Refuse, Some(connack))
            }
            Some(PacketAct::Delay(by)) => {
                if let Some(link) = self.links.get(id) {
                    link.delay(direction, now + by);
                }
                (Fate::Pass, None)
            }
        };
        if let Some(link) = self.links.get(id) {
            let passing = link.passing(direction);
            passing.fate = fate;
            passing.first = Some(first);
        }
        if let Some(bytes) = instead {
            if let Some(link) = self.links.get(id)
                && direction == Direction::ToBroker
            {
                link.surplus += bytes.len();
            }
            self.send(now, id, direction, bytes);
        }
    }

    /// A packet has ended; whether the connection has, or the module's power.
    fn end(&mut self, now: Instant, id: LinkId, direction: Direction) -> bool {
        let Some(link) = self.links.get(id) else {
            return true;
        };
        let passing = link.passing(direction);
        let first = passing.first.take();
        match std::mem::take(&mut passing.fate) {
            Fate::Duplicate(copy) => {
                if direction == Direction::ToBroker {
                    link.surplus += copy.len();
                }
                self.send(now, id, direction, copy.into());
            }
            Fate::Refuse => self.close(now, Some(id)),
            Fate::Pass | Fate::Drop | Fate::Corrupt(_) => {}
        }
        if direction == Direction::ToModule {
            self.send_messages(now, id);
        }
        first.is_some_and(|first| self.around(now, id, direction, first, false))
    }

    /// Sends the messages that waited for the end of a packet.
    fn send_messages(&mut self, now: Instant, id: LinkId) {
        while let Some(link) = self.links.get(id)
            && link.passing(Direction::ToModule).framer.is_between()
            && let Some(message) = link.messages.pop_front()
        {
            self.send(now, id, Direction::ToModule, message);
        }
    }

    /// The broker publishes, as soon as a packet that is arriving has arrived.
    pub(super) fn message(
        &mut self,
        now: Instant,
        link: Option<LinkId>,
        topic: Option<&[u8]>,
        payload: &[u8],
    ) {
        let Some(id) = link.or_else(|| self.links.open().pop()) else {
            return;
        };
        let topic = topic.unwrap_or(TOPIC);
        let packet = packet::publish(false, QoS::Level0, false, 0, topic, payload);
        let link = self.links.get(id).filter(|l| l.state == State::Open);
        if let (Some(link), Ok(packet)) = (link, packet)
            && link.messages.len() < MAX_MESSAGES
        {
            link.messages.push_back(packet);
            self.send_messages(now, id);
        }
    }
}

impl Link {
    /// What of a piece passes, by the fate of its packet.
    fn apply(&mut self, direction: Direction, piece: &Piece, part: Bytes) -> Option<Bytes> {
        let len = part.len();
        match &mut self.passing(direction).fate {
            Fate::Pass => Some(part),
            Fate::Duplicate(copy) if copy.len() + len > MAX_DUPLICATE => {
                self.passing(direction).fate = Fate::Pass;
                Some(part)
            }
            Fate::Duplicate(copy) => {
                copy.extend_from_slice(&part);
                Some(part)
            }
            Fate::Corrupt(random) => Some(piece.corrupt(*random, &part)),
            Fate::Drop | Fate::Refuse => {
                if direction == Direction::ToBroker {
                    self.credit += len;
                }
                None
            }
        }
    }
}
