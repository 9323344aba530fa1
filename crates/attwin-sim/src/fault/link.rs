//! The modem's connections, as far as faults need to know them.

use std::collections::VecDeque;
use std::net::IpAddr;

use attwin_core::{CloseReason, Duration, Instant, LinkId, NetCommand, NetError, NetEvent};
use bytes::Bytes;

use super::framer::{Framer, Piece};
use super::mark::{Hit, Mark, Touch};
use super::spec::Direction;

/// Bytes held back on one connection in one direction; more resets it.
pub const MAX_HELD_LINK: usize = 1024 * 1024;
/// Bytes held back towards the module beyond which the network is asked to
/// stop reading.
pub(super) const HIGH_WATER: usize = 64 * 1024;
/// Connections remembered. One more makes room by dropping the oldest that
/// the modem has already closed and whose last bytes still wait.
pub const MAX_LINKS: usize = 64;
/// Messages that wait for the end of a packet; one more is not sent.
pub(super) const MAX_MESSAGES: usize = 16;

/// Connections and look-ups that are not over.
#[derive(Default)]
pub(super) struct Links {
    links: Vec<Link>,
    /// The connection a fault ended last: what the module sent before it knew may
    /// still come.
    ended: Option<(LinkId, u32)>,
}

/// One connection or look-up.
pub(super) struct Link {
    pub(super) id: LinkId,
    pub(super) state: State,
    pub(super) to_broker: Lane<Departure>,
    pub(super) to_module: Lane<Arrival>,
    /// Bytes sent that are not yet reported to the modem.
    pub(super) credit: usize,
    /// Bytes the network will report as sent that are not passed on to the modem.
    pub(super) surplus: usize,
    /// Whether the modem has paused reading.
    pub(super) paused: bool,
    /// Whether the network was last asked to pause.
    pub(super) pause_sent: bool,
    /// Messages that wait for the end of a packet.
    pub(super) messages: VecDeque<(Bytes, u32)>,
    /// Whether the module has seen that its client is connected.
    pub(super) connected: bool,
    /// The fault that cut it off.
    pub(super) cut_by: Option<u32>,
    passing: [Passing; 2],
}

/// The packet that passes in a direction.
#[derive(Default)]
pub(super) struct Passing {
    pub(super) framer: Framer,
    /// Its first byte, unless it began unobserved.
    pub(super) first: Option<u8>,
    pub(super) fate: Fate,
    /// The fault that has a hand in it, and what it does.
    pub(super) touched: Option<(Hit, Touch)>,
    /// What has passed of one that is touched, as it came.
    pub(super) copy: Vec<u8>,
    /// The same as it went on, where that is something else.
    pub(super) changed: Vec<u8>,
}

/// Something on its way to the broker.
pub(super) struct Departure {
    pub(super) command: NetCommand,
    pub(super) marks: Vec<Mark>,
}

/// Something on its way to the module.
pub(super) struct Arrival {
    pub(super) event: LinkEvent,
    /// Where it comes from, if not from the network.
    pub(super) fed: Option<Mark>,
    /// Whether a client is connected with it.
    pub(super) connects: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Opening,
    Open,
    /// Bytes vanish both ways.
    HalfOpen,
    /// The network knows nothing of it, or no longer.
    Severed,
    /// The modem has closed it, its last bytes wait.
    Closing,
}

/// One direction of a connection.
pub(super) struct Lane<T> {
    pub(super) queue: VecDeque<(Instant, T)>,
    /// Bytes in the queue.
    pub(super) held: usize,
    /// Nothing comes before what was delayed.
    pub(super) not_before: Instant,
    /// When the bandwidth has room for the next byte.
    pub(super) free_at: Instant,
    /// Whether it waits whatever its time.
    pub(super) stalled: bool,
}

/// What becomes of the packet that is passing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum Fate {
    #[default]
    Pass,
    Drop,
    Duplicate,
    /// A random number that chooses the bit.
    Corrupt(u64),
    /// It is dropped, and the connection closed behind it.
    Refuse,
}

/// [`NetEvent`], owned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkEvent {
    /// [`NetEvent::Opened`].
    Opened,
    /// [`NetEvent::Failed`].
    Failed(NetError),
    /// [`NetEvent::Received`].
    Received(Bytes),
    /// [`NetEvent::Closed`].
    Closed(CloseReason),
    /// [`NetEvent::Resolved`].
    Resolved(Vec<IpAddr>),
}

impl Links {
    /// Adds a connection; hands back what had to make room for it.
    pub(super) fn add(&mut self, id: LinkId, state: State) -> Option<LinkId> {
        let closing = |link: &Link| link.state == State::Closing;
        let crowded = self.links.len() >= MAX_LINKS;
        let given_up = crowded
            .then(|| self.links.iter().position(closing))
            .flatten()
            .map(|at| self.links.remove(at).id);
        self.links.push(Link::new(id, state));
        given_up
    }

    /// A fault has ended a connection for both.
    pub(super) fn ended_by(&mut self, id: LinkId, fault: u32) {
        self.ended = Some((id, fault));
    }

    /// The fault that cut a connection off.
    pub(super) fn cut_by(&self, id: LinkId) -> Option<u32> {
        let ended = self.ended.filter(|(ended, _)| *ended == id);
        let link = self.links.iter().find(|link| link.id == id);
        link.and_then(|link| link.cut_by)
            .or(ended.map(|(_, by)| by))
    }

    pub(super) fn get(&mut self, id: LinkId) -> Option<&mut Link> {
        self.links.iter_mut().find(|link| link.id == id)
    }

    pub(super) fn remove(&mut self, id: LinkId) -> Option<Link> {
        let at = self.links.iter().position(|link| link.id == id)?;
        Some(self.links.remove(at))
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Link> {
        self.links.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Link> {
        self.links.iter_mut()
    }

    /// Every connection that is up.
    pub(super) fn open(&self) -> Vec<LinkId> {
        let open = self.links.iter().filter(|link| link.state == State::Open);
        open.map(|link| link.id).collect()
    }

    pub(super) fn ids(&self) -> Vec<LinkId> {
        self.links.iter().map(|link| link.id).collect()
    }
}

impl Link {
    fn new(id: LinkId, state: State) -> Self {
        Self {
            id,
            state,
            to_broker: Lane::default(),
            to_module: Lane::default(),
            credit: 0,
            surplus: 0,
            paused: false,
            pause_sent: false,
            messages: VecDeque::new(),
            connected: false,
            cut_by: None,
            passing: Default::default(),
        }
    }

    /// Whether it needs no attention beyond following its packets.
    pub(super) fn is_idle(&self) -> bool {
        matches!(self.state, State::Opening | State::Open)
            && self.to_broker.queue.is_empty()
            && self.to_module.queue.is_empty()
            && self.passing.iter().all(|p| p.touched.is_none())
            && self.credit == 0
            && self.surplus == 0
            && self.paused == self.pause_sent
            && self.messages.is_empty()
    }

    /// Bytes the network reports as sent, without those the modem must not
    /// count.
    pub(super) fn sent(&mut self, count: usize) -> usize {
        let hidden = count.min(self.surplus);
        self.surplus -= hidden;
        count - hidden
    }

    /// The packet that passes in a direction.
    pub(super) fn passing(&mut self, direction: Direction) -> &mut Passing {
        &mut self.passing[direction as usize]
    }

    /// What comes next in a direction comes no sooner than this.
    pub(super) fn delay(&mut self, direction: Direction, until: Instant) {
        let not_before = match direction {
            Direction::ToBroker => &mut self.to_broker.not_before,
            Direction::ToModule => &mut self.to_module.not_before,
        };
        *not_before = until.max(*not_before);
    }

    /// Nothing waits any more.
    pub(super) fn let_go(&mut self) {
        self.to_broker.let_go();
        self.to_module.let_go();
    }
}

impl Passing {
    /// The piece of one packet `bytes` begin with. Of a packet that ends with
    /// it, `first` is what it began with.
    pub(super) fn step(&mut self, bytes: &[u8]) -> Piece {
        let piece = self.framer.step(bytes);
        self.first = piece.first.or(self.first);
        piece
    }

    /// Whether a piece that went on connects a client: the end of a CONNACK with
    /// return code 0 (MQTT 3.1.1 section 3.2).
    pub(super) fn connects(&self, piece: &Piece, bytes: &[u8]) -> bool {
        let is_connack = self.first.is_some_and(|first| first >> 4 == 2);
        is_connack && piece.ends && bytes.last() == Some(&0)
    }

    /// Lets bytes pass; whether they connect a client.
    pub(super) fn skip(&mut self, mut bytes: &[u8]) -> bool {
        let mut connects = false;
        while !bytes.is_empty() {
            let piece = self.step(bytes);
            let (part, rest) = bytes.split_at(piece.len);
            connects |= self.connects(&piece, part);
            bytes = rest;
        }
        connects
    }
}

impl Departure {
    pub(super) fn new(command: NetCommand, marks: Vec<Mark>) -> Self {
        Self { command, marks }
    }
}

impl Arrival {
    /// Something the network brings.
    pub(super) fn new(event: LinkEvent) -> Self {
        Self {
            event,
            fed: None,
            connects: false,
        }
    }

    /// Something a fault brings.
    pub(super) fn fed(event: LinkEvent, mark: Mark) -> Self {
        Self {
            fed: Some(mark),
            ..Self::new(event)
        }
    }
}

impl<T> Lane<T> {
    /// When `len` bytes arrive that start no sooner than `earliest`; `rate` is
    /// in bits a second.
    pub(super) fn arrival(&mut self, earliest: Instant, len: usize, rate: Option<u32>) -> Instant {
        let start = earliest.max(self.not_before);
        let Some(rate) = rate else {
            return start;
        };
        let bits = u64::try_from(len).unwrap_or(u64::MAX).saturating_mul(8);
        let micros = bits.saturating_mul(1_000_000) / u64::from(rate.max(1));
        let end = start.max(self.free_at) + Duration::from_micros(micros);
        self.free_at = end;
        end
    }

    /// Puts an item behind what is there, which it never overtakes.
    pub(super) fn push(&mut self, due: Instant, item: T, len: usize) {
        self.queue.push_back((due, item));
        self.held += len;
    }

    /// The next item, if its time has come and nothing stalls it.
    pub(super) fn arrived(&mut self, now: Instant) -> Option<T> {
        self.due().filter(|due| *due <= now && !self.stalled)?;
        self.queue.pop_front().map(|(_, item)| item)
    }

    pub(super) fn due(&self) -> Option<Instant> {
        self.queue.front().map(|(due, _)| *due)
    }

    fn let_go(&mut self) {
        self.not_before = Instant::ZERO;
        self.free_at = Instant::ZERO;
        for (due, _) in &mut self.queue {
            *due = Instant::ZERO;
        }
    }
}

impl<T> Default for Lane<T> {
    fn default() -> Self {
        Self {
            queue: VecDeque::new(),
            held: 0,
            not_before: Instant::ZERO,
            free_at: Instant::ZERO,
            stalled: false,
        }
    }
}

impl LinkEvent {
    pub(super) fn new(event: &NetEvent<'_>) -> Option<Self> {
        Some(match *event {
            NetEvent::Opened => Self::Opened,
            NetEvent::Failed(error) => Self::Failed(error),
            NetEvent::Received(bytes) => Self::Received(Bytes::copy_from_slice(bytes)),
            NetEvent::Closed(reason) => Self::Closed(reason),
            NetEvent::Resolved(addresses) => Self::Resolved(addresses.to_vec()),
            _ => return None,
        })
    }

    /// As the module is told.
    pub fn as_net_event(&self) -> NetEvent<'_> {
        match self {
            Self::Opened => NetEvent::Opened,
            Self::Failed(error) => NetEvent::Failed(*error),
            Self::Received(bytes) => NetEvent::Received(bytes),
            Self::Closed(reason) => NetEvent::Closed(*reason),
            Self::Resolved(addresses) => NetEvent::Resolved(addresses),
        }
    }

    pub(super) fn ends_link(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Closed(_) | Self::Resolved(_))
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Received(bytes) => bytes.len(),
            _ => 0,
        }
    }
}
