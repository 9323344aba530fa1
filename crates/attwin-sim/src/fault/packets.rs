//! MQTT control packets on their way through the faults.

use attwin_core::mqtt::packet::{self, QoS};
use attwin_core::{Instant, LinkId, NetCommand, Output};
use bytes::Bytes;

use super::faulty::Faulty;
use super::framer::Piece;
use super::lanes::{Sending, Shown};
use super::link::{Arrival, Fate, Link, LinkEvent, MAX_MESSAGES, State};
use super::mark::{Hit, Mark, Touch};
use super::name::packet_name;
use super::spec::{Direction, Kind, PacketAct, Packets};
use crate::device::Device;

/// Topic of a message that names none.
const TOPIC: &[u8] = b"fault";
/// Largest packet that is duplicated, and most of any other that is kept for a
/// trace, in bytes.
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
        let total = bytes.len();
        while let Some(first) = bytes.first().copied() {
            let at = total - bytes.len();
            if self.is_cut(id) {
                let by = self.links.cut_by(id);
                return self.vanish(id, direction, bytes, at, by);
            }
            if self.is_between(id, direction) {
                if let Some(by) = self.around(now, id, direction, first, true) {
                    return self.vanish(id, direction, bytes, at, by);
                }
                self.decide(now, id, direction, first);
            }
            let Some(link) = self.links.get(id) else {
                return;
            };
            let piece = link.passing(direction).step(&bytes);
            let part = bytes.split_to(piece.len);
            let end = total - bytes.len();
            let passed = link.apply(direction, &piece, part);
            let mark = if piece.ends {
                self.mark(id, direction, end)
            } else {
                None
            };
            match passed {
                Some(part) => self.pass_on(now, id, direction, &piece, part, mark, end),
                None => self.marks.extend(mark),
            }
            if piece.ends
                && let Some(by) = self.end(now, id, direction)
            {
                return self.vanish(id, direction, bytes, end, by);
            }
        }
    }

    /// A piece goes on, with the mark of the packet it ends.
    #[expect(clippy::too_many_arguments, reason = "all of it is about one piece")]
    fn pass_on(
        &mut self,
        now: Instant,
        id: LinkId,
        direction: Direction,
        piece: &Piece,
        part: Bytes,
        mark: Option<Mark>,
        end: usize,
    ) {
        match direction {
            Direction::ToBroker => {
                let mut sending = Sending::own(part);
                sending.marks.extend(mark);
                self.send_to_broker(now, id, sending);
            }
            Direction::ToModule => {
                let connects = self
                    .links
                    .get(id)
                    .is_some_and(|link| link.passing(direction).connects(piece, &part));
                self.marks.extend(mark);
                let arrival = Arrival {
                    connects,
                    ..Arrival::new(LinkEvent::Received(part))
                };
                let shown = if piece.ends {
                    Shown::Until(end)
                } else {
                    Shown::Not
                };
                self.send_to_module(now, id, arrival, shown);
            }
        }
    }

    /// What the packet that ends here is marked with. One that the module sent
    /// and that does not go on is lost with it.
    fn mark(&mut self, id: LinkId, direction: Direction, end: usize) -> Option<Mark> {
        let passing = self.links.get(id)?.passing(direction);
        let (hit, touch) = passing.touched.as_ref()?;
        let copy = Bytes::copy_from_slice(&passing.copy);
        let name = packet_name(&copy);
        self.ready.act(hit, || Some(name));
        let mark = hit.mark(*touch);
        match (touch, direction) {
            (Touch::Duplicated, _) => None,
            (Touch::Dropped, Direction::ToBroker) => {
                let command = NetCommand::Send(copy);
                let output = Output::Network { link: id, command };
                self.ready.lost(output, mark);
                None
            }
            (Touch::Changed, Direction::ToBroker) => Some(mark.inside(copy)),
            (_, Direction::ToBroker) => Some(mark),
            (Touch::Changed, Direction::ToModule) => {
                let changed = Bytes::copy_from_slice(&passing.changed);
                Some(mark.inside(changed).ending(end))
            }
            (_, Direction::ToModule) => Some(mark.ending(end)),
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

    /// Bytes come to nothing, those of the module from `at` on; it takes its own
    /// for sent.
    fn vanish(
        &mut self,
        id: LinkId,
        direction: Direction,
        bytes: Bytes,
        at: usize,
        by: Option<u32>,
    ) {
        if let Some(link) = self.links.get(id)
            && direction == Direction::ToBroker
        {
            link.credit += bytes.len();
        }
        let Some(mark) = by.map(|by| Mark::new(by, Touch::Dropped)) else {
            return;
        };
        match direction {
            Direction::ToModule => self.marks.push(mark.from(at)),
            Direction::ToBroker if bytes.is_empty() => {}
            Direction::ToBroker => {
                let command = NetCommand::Send(bytes);
                let output = Output::Network { link: id, command };
                self.ready.lost(output, mark);
            }
        }
    }

    /// What a packet brings about. If it is the end of the connection, or of
    /// the module's power: the fault, where it was one.
    fn around(
        &mut self,
        now: Instant,
        id: LinkId,
        direction: Direction,
        first: u8,
        before: bool,
    ) -> Option<Option<u32>> {
        let is = |packets: Packets| packets.include(direction, first);
        let events = self.active.around(now, is, before);
        let mut by = None;
        let mut lost = false;
        for (event, hit) in &events {
            by = Some(hit.name.id);
            lost |= self.happen(now, event, hit, Some(id));
        }
        let over = lost || self.is_cut(id) || (!events.is_empty() && self.gives_up(id));
        over.then_some(by)
    }

    /// A packet begins: what becomes of it.
    fn decide(&mut self, now: Instant, id: LinkId, direction: Direction, first: u8) {
        let struck = self.active.strike(now, |kind| match kind {
            Kind::Packet(fault) if fault.packets.include(direction, first) => {
                Some(fault.act.clone())
            }
            _ => None,
        });
        let Some((act, hit)) = struck else { return };
        let random = match act {
            PacketAct::Corrupt => self.active.random(u64::MAX),
            _ => 0,
        };
        let (fate, touch, instead) = match act {
            PacketAct::Drop => (Fate::Drop, Touch::Dropped, None),
            PacketAct::Duplicate => (Fate::Duplicate, Touch::Duplicated, None),
            PacketAct::Corrupt => (Fate::Corrupt(random), Touch::Changed, None),
            PacketAct::Replace(bytes) => (Fate::Drop, Touch::Dropped, Some(bytes)),
            PacketAct::Refuse(code) => {
                let connack = Bytes::copy_from_slice(&[0x20, 2, 0, code]);
                (Fate::Refuse, Touch::Dropped, Some(connack))
            }
            PacketAct::Delay(by) => {
                if let Some(link) = self.links.get(id) {
                    link.delay(direction, now + by);
                }
                (Fate::Pass, Touch::Delayed, None)
            }
        };
        if let Some(link) = self.links.get(id) {
            let passing = link.passing(direction);
            passing.fate = fate;
            passing.touched = Some((hit.clone(), touch));
        }
        if let Some(bytes) = instead {
            self.insert(now, id, direction, bytes, hit.mark(Touch::Inserted));
        }
    }

    /// Bytes come that nobody sent.
    fn insert(&mut self, now: Instant, id: LinkId, to: Direction, bytes: Bytes, mark: Mark) {
        match to {
            _ if bytes.is_empty() => {}
            Direction::ToBroker => self.send_to_broker(now, id, Sending::made(bytes, mark)),
            Direction::ToModule => {
                let arrival = Arrival::fed(LinkEvent::Received(bytes), mark);
                self.send_to_module(now, id, arrival, Shown::Not);
            }
        }
    }

    /// A packet has ended. If the connection has, or the module's power: the
    /// fault that ended it, where it was one.
    fn end(&mut self, now: Instant, id: LinkId, direction: Direction) -> Option<Option<u32>> {
        let Some(link) = self.links.get(id) else {
            return Some(None);
        };
        let passing = link.passing(direction);
        let first = passing.first.take();
        let copy = std::mem::take(&mut passing.copy);
        passing.changed.clear();
        let fate = std::mem::take(&mut passing.fate);
        if let Some((hit, _)) = passing.touched.take() {
            match fate {
                Fate::Duplicate => {
                    let mark = hit.mark(Touch::Duplicated);
                    self.insert(now, id, direction, copy.into(), mark);
                }
                Fate::Refuse => self.close(now, Some(id), &hit),
                Fate::Pass | Fate::Drop | Fate::Corrupt(_) => {}
            }
        }
        if direction == Direction::ToModule {
            self.send_messages(now, id);
        }
        first.and_then(|first| self.around(now, id, direction, first, false))
    }

    /// Sends the messages that waited for the end of a packet.
    fn send_messages(&mut self, now: Instant, id: LinkId) {
        while let Some(link) = self.links.get(id)
            && link.passing(Direction::ToModule).framer.is_between()
            && let Some((packet, by)) = link.messages.pop_front()
        {
            let mark = Mark::new(by, Touch::Inserted);
            self.insert(now, id, Direction::ToModule, packet, mark);
        }
    }

    /// The broker publishes, as soon as a packet that is arriving has arrived.
    pub(super) fn message(
        &mut self,
        now: Instant,
        link: Option<LinkId>,
        topic: Option<&[u8]>,
        payload: &[u8],
        hit: &Hit,
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
            link.messages.push_back((packet, hit.name.id));
            self.send_messages(now, id);
        }
    }
}

impl Link {
    /// What of a piece passes, by the fate of its packet.
    fn apply(&mut self, direction: Direction, piece: &Piece, part: Bytes) -> Option<Bytes> {
        let len = part.len();
        let passing = self.passing(direction);
        if passing.touched.is_none() {
            return Some(part);
        }
        let room = MAX_DUPLICATE - passing.copy.len();
        if passing.fate == Fate::Duplicate && len > room {
            passing.fate = Fate::Pass;
        }
        passing.copy.extend_from_slice(&part[..len.min(room)]);
        match passing.fate {
            Fate::Pass | Fate::Duplicate => Some(part),
            Fate::Corrupt(random) => {
                let changed = piece.corrupt(random, &part);
                passing.changed.extend_from_slice(&changed[..len.min(room)]);
                Some(changed)
            }
            Fate::Drop | Fate::Refuse => {
                if direction == Direction::ToBroker {
                    self.credit += len;
                }
                None
            }
        }
    }
}
