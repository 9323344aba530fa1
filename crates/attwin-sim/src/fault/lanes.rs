//! What is on its way on the modem's connections, and when it arrives.

use attwin_core::{CloseReason, Duration, Input, Instant, LinkId, NetCommand, NetEvent};
use bytes::Bytes;

use super::faulty::Faulty;
use super::link::{Arrival, Departure, MAX_HELD_LINK};
use super::mark::{Mark, Touch};
use super::spec::{Direction, Kind, NetworkFault};
use crate::device::Device;

/// Where the input that brought something for the module shows it.
#[derive(Clone, Copy)]
pub(super) enum Shown {
    /// Nowhere: a fault made it, or a packet does not end with it.
    Not,
    /// All of the input is it.
    Whole,
    /// A packet ends with it here.
    Until(usize),
}

/// Bytes for the broker.
pub(super) struct Sending {
    bytes: Bytes,
    /// Whether they are the module's, which is told of its own only.
    own: bool,
    pub(super) marks: Vec<Mark>,
}

impl Sending {
    /// What the module sent.
    pub(super) fn own(bytes: Bytes) -> Self {
        Self {
            bytes,
            own: true,
            marks: Vec::new(),
        }
    }

    /// What a fault made.
    pub(super) fn made(bytes: Bytes, mark: Mark) -> Self {
        Self {
            bytes,
            own: false,
            marks: vec![mark],
        }
    }
}

impl<D: Device> Faulty<D> {
    /// Bytes leave for the broker. What the module sent it is told of as the
    /// network takes it, or, where a fault holds it back, at once; the network's
    /// own report is then not for it.
    pub(super) fn send_to_broker(&mut self, now: Instant, id: LinkId, sending: Sending) {
        let Sending {
            bytes,
            own,
            mut marks,
        } = sending;
        let len = bytes.len();
        if len == 0 {
            return;
        }
        let (late, mark) = self.lateness(now, id, Direction::ToBroker);
        marks.extend(mark);
        let rate = self.bandwidth(now, id, Direction::ToBroker);
        let Some(link) = self.links.get(id) else {
            return;
        };
        let lane = &mut link.to_broker;
        if !own {
            link.surplus += len;
        } else if (now + late).max(lane.not_before) > now {
            link.credit += len;
            link.surplus += len;
        }
        let due = lane.arrival(now + late, len, rate);
        lane.push(due, Departure::new(NetCommand::Send(bytes), marks), len);
        if lane.held > MAX_HELD_LINK {
            self.drop_link(now, id, CloseReason::WriteFailed, None);
        } else {
            self.arrive_at_broker(now, id);
        }
    }

    /// Something leaves for the module.
    pub(super) fn send_to_module(
        &mut self,
        now: Instant,
        id: LinkId,
        arrival: Arrival,
        shown: Shown,
    ) {
        let (late, mark) = self.lateness(now, id, Direction::ToModule);
        self.marks.extend(match shown {
            Shown::Not => None,
            Shown::Whole => mark,
            Shown::Until(end) => mark.map(|mark| mark.ending(end)),
        });
        self.queue_to_module(now, id, arrival, late);
    }

    pub(super) fn queue_to_module(
        &mut self,
        now: Instant,
        id: LinkId,
        arrival: Arrival,
        late: Duration,
    ) {
        let rate = self.bandwidth(now, id, Direction::ToModule);
        let Some(link) = self.links.get(id) else {
            return;
        };
        let len = arrival.event.len();
        let due = link.to_module.arrival(now + late, len, rate);
        link.to_module.push(due, arrival, len);
        if link.to_module.held > MAX_HELD_LINK {
            self.drop_link(now, id, CloseReason::Reset, None);
        } else {
            self.arrive_at_module(now, id);
        }
    }

    pub(super) fn arrive_at_broker(&mut self, now: Instant, id: LinkId) {
        let stalled = self.stalled(now, Direction::ToBroker);
        while let Some(link) = self.links.get(id) {
            link.to_broker.stalled = stalled;
            let Some(Departure { command, marks }) = link.to_broker.arrived(now) else {
                return;
            };
            if let NetCommand::Send(bytes) = &command {
                link.to_broker.held -= bytes.len();
            } else {
                self.links.remove(id);
            }
            self.ready.command(id, command, marks);
        }
    }

    pub(super) fn arrive_at_module(&mut self, now: Instant, id: LinkId) {
        let stalled = self.stalled(now, Direction::ToModule);
        while let Some(link) = self.links.get(id) {
            link.to_module.stalled = stalled;
            if link.paused {
                return;
            }
            let Some(arrival) = link.to_module.arrived(now) else {
                return;
            };
            link.to_module.held -= arrival.event.len();
            if arrival.connects {
                link.connected = true;
                self.newly_connected = true;
            }
            if arrival.event.ends_link() {
                self.links.remove(id);
            }
            self.deliver(now, id, arrival.event.as_net_event());
            if let Some(mark) = arrival.fed {
                if arrival.event.ends_link() {
                    self.links.ended_by(id, mark.fault);
                }
                self.ready.fed(id, arrival.event, mark);
            }
        }
    }

    pub(super) fn deliver(&mut self, now: Instant, link: LinkId, event: NetEvent<'_>) {
        self.modem.handle(now, Input::Network { link, event });
    }

    /// How much later something arrives, and its mark if it does or waits for a
    /// stall to end.
    fn lateness(&mut self, now: Instant, id: LinkId, to: Direction) -> (Duration, Option<Mark>) {
        let latency = self.active.strike(now, |kind| match kind {
            Kind::Network(NetworkFault::Latency { by, direction })
                if direction.is_none_or(|d| d == to) =>
            {
                Some(*by)
            }
            _ => None,
        });
        let stall = self.active.strike(now, |kind| match kind {
            Kind::Network(NetworkFault::Stall(d)) if *d == to => Some(()),
            _ => None,
        });
        let mut mark = None;
        for hit in latency
            .iter()
            .map(|(_, hit)| hit)
            .chain(stall.iter().map(|(_, hit)| hit))
        {
            self.ready.act(hit, || Some(id.to_string()));
            mark = Some(hit.mark(Touch::Delayed));
        }
        (latency.map(|(by, _)| by).unwrap_or_default(), mark)
    }

    fn bandwidth(&mut self, now: Instant, id: LinkId, to: Direction) -> Option<u32> {
        let (rate, hit) = self.active.strike(now, |kind| match kind {
            Kind::Network(NetworkFault::Bandwidth { rate, direction })
                if direction.is_none_or(|d| d == to) =>
            {
                Some(*rate)
            }
            _ => None,
        })?;
        self.ready.act(&hit, || Some(id.to_string()));
        Some(rate)
    }

    fn stalled(&self, now: Instant, to: Direction) -> bool {
        self.active.has(
            now,
            |kind| matches!(kind, Kind::Network(NetworkFault::Stall(d)) if *d == to),
        )
    }
}
