//! What the module says on its way to the host.

use std::collections::VecDeque;

use attwin_core::{Duration, Instant, Output, Reason, SerialKind};
use bytes::Bytes;

use super::active::Active;
use super::spec::{Kind, Part, Place, SerialFault};

/// Bytes of output held back; what comes on top is lost, a piece at a time.
pub const MAX_HELD_OUTPUT: usize = 256 * 1024;

/// Bits a byte takes on the line: start, eight, stop.
const BITS: u64 = 10;

/// The line from module to host.
#[derive(Default)]
pub(super) struct SerialOut {
    /// Order of this queue is order on the line.
    queue: VecDeque<Piece>,
    /// Pieces others may overtake.
    aside: Vec<(Instant, Said)>,
    /// A final result that waits for a URC.
    joining: Option<(Instant, Said)>,
    /// A URC that waits for a place.
    moving: Option<(Instant, Place, Said)>,
    held: usize,
    /// Nothing comes before what was delayed.
    not_before: Instant,
    /// When the line has room for the next byte.
    free_at: Instant,
    response: Response,
}

/// Something the module says.
#[derive(Clone)]
pub(super) struct Said {
    pub(super) kind: SerialKind,
    pub(super) bytes: Bytes,
    /// It stays with the line, whatever becomes of its bytes.
    pub(super) reason: Option<Reason>,
}

impl Said {
    pub(super) fn urc(bytes: Bytes) -> Self {
        Self {
            kind: SerialKind::Urc,
            bytes,
            reason: None,
        }
    }
}

struct Piece {
    due: Instant,
    said: Said,
    /// Bytes that come at a time; 0 is all of them.
    chunk: usize,
    gap: Duration,
}

/// Where in a response the module is.
#[derive(Default)]
struct Response {
    begun: bool,
    /// The last piece was a line of information.
    information: bool,
    data_entry: bool,
}

impl SerialOut {
    /// The module says a piece; what place of its output it comes at.
    pub(super) fn observe(&mut self, kind: SerialKind) -> Option<Place> {
        let response = &mut self.response;
        let answers = matches!(
            kind,
            SerialKind::Information | SerialKind::Final | SerialKind::Prompt
        );
        if !answers {
            return None;
        }
        let place = match (response.begun, response.information) {
            (false, _) => Some(Place::BeforeResponse),
            (true, true) if kind != SerialKind::Prompt => Some(Place::BetweenLines),
            (true, _) => None,
        };
        response.begun = kind != SerialKind::Final;
        response.information = kind == SerialKind::Information;
        response.data_entry = kind == SerialKind::Prompt;
        place
    }

    /// Whether a prompt is open.
    pub(super) fn in_data_entry(&self) -> bool {
        self.response.data_entry
    }

    /// The host detached, which ends the prompt.
    pub(super) fn end_data_entry(&mut self) {
        self.response.data_entry = false;
    }

    /// Whether a URC waits for this place.
    pub(super) fn awaits(&self, place: Place) -> bool {
        matches!(self.moving, Some((_, p, _)) if p == place)
    }

    /// The URC that waits for this place.
    pub(super) fn arrive_at(&mut self, place: Place) -> Option<Said> {
        let (_, _, urc) = self.moving.take_if(|(_, p, _)| *p == place)?;
        self.held -= urc.bytes.len();
        Some(urc)
    }

    /// Takes a piece, with every fault of its kind.
    pub(super) fn say(&mut self, now: Instant, mut said: Said, active: &mut Active) {
        let kind = said.kind;
        let mut strikes =
            |fault: fn(Part) -> SerialFault| active.strikes_serial(now, |f| is(f, fault, kind));
        if strikes(SerialFault::Drop) {
            return;
        }
        let copies = if strikes(SerialFault::Duplicate) {
            2
        } else {
            1
        };
        if strikes(SerialFault::Corrupt) {
            said.bytes = garbage(said.bytes.len(), active);
        }
        if active.strikes_serial(now, |fault| *fault == SerialFault::Silence) {
            return;
        }
        said.bytes = spoil_bytes(now, said.bytes, Part::Byte, active);
        for _ in 0..copies {
            self.pass(now, said.clone(), active);
        }
    }

    /// Decides when a piece comes.
    fn pass(&mut self, now: Instant, said: Said, active: &mut Active) {
        let (kind, len) = (said.kind, said.bytes.len());
        if len == 0 || self.held + len > MAX_HELD_OUTPUT {
            return;
        }
        let hold = active.strike(now, |k| match k {
            Kind::Serial(SerialFault::Hold { part, by }) if part.includes(kind) => Some(*by),
            _ => None,
        });
        if let Some(by) = hold {
            self.held += len;
            self.aside.push((now + by, said));
            return;
        }
        if kind == SerialKind::Urc && self.moving.is_none() {
            let moves = active.strike(now, |k| match k {
                Kind::Serial(SerialFault::Move { place, within }) => Some((*place, *within)),
                _ => None,
            });
            if let Some((place, within)) = moves {
                self.held += len;
                self.moving = Some((now + within, place, said));
                return;
            }
        }
        let delay = active.strike(now, |k| match k {
            Kind::Serial(SerialFault::Delay { part, by }) if part.includes(kind) => Some(*by),
            _ => None,
        });
        if let Some(by) = delay {
            self.not_before = self.not_before.max(now + by);
        }
        self.join(now, said, active);
    }

    fn join(&mut self, now: Instant, said: Said, active: &mut Active) {
        let kind = said.kind;
        if let Some((_, mut before)) = self.joining.take() {
            self.held -= before.bytes.len();
            if kind == SerialKind::Urc {
                before.bytes = [&before.bytes[..], &said.bytes[..]].concat().into();
                before.reason = before.reason.or(said.reason);
                self.enqueue(now, before, active);
                return;
            }
            self.enqueue(now, before, active);
        }
        let joins = |k: &Kind| match k {
            Kind::Serial(SerialFault::Join { within }) if kind == SerialKind::Final => {
                Some(*within)
            }
            _ => None,
        };
        match active.strike(now, joins) {
            Some(within) => {
                self.held += said.bytes.len();
                self.joining = Some((now + within, said));
            }
            None => self.enqueue(now, said, active),
        }
    }

    /// Puts a piece on the line, behind all that is there.
    pub(super) fn enqueue(&mut self, now: Instant, said: Said, active: &mut Active) {
        let fragments = active.strike(now, |k| match k {
            Kind::Serial(SerialFault::Fragment { size, gap }) => Some((to_usize(*size), *gap)),
            _ => None,
        });
        let paced = active.strike(now, |k| match k {
            Kind::Serial(SerialFault::Pace { baud }) => Some(pace(*baud)),
            _ => None,
        });
        let (chunk, gap) = match (fragments, paced) {
            (None, None) => (0, Duration::ZERO),
            (Some(pieces), None) | (None, Some(pieces)) => pieces,
            // Whole fragments at a time, each as long as its bytes take.
            (Some((size, gap)), Some((some, time))) => {
                let factor = u32::try_from(size.div_ceil(some)).unwrap_or(u32::MAX);
                (size, gap.max(time.saturating_mul(factor)))
            }
        };
        self.held += said.bytes.len();
        self.queue.push_back(Piece {
            due: self.not_before.max(now),
            said,
            chunk,
            gap,
        });
    }

    /// Moves what is due from the line to its end.
    pub(super) fn release(
        &mut self,
        now: Instant,
        active: &mut Active,
        out: &mut VecDeque<Output>,
    ) {
        if let Some((_, _, urc)) = self.moving.take_if(|(by, _, _)| *by <= now) {
            self.held -= urc.bytes.len();
            self.enqueue(now, urc, active);
        }
        if let Some((_, last)) = self.joining.take_if(|(by, _)| *by <= now) {
            self.held -= last.bytes.len();
            self.enqueue(now, last, active);
        }
        while let Some(at) = self.aside.iter().position(|(due, ..)| *due <= now) {
            let (_, said) = self.aside.remove(at);
            self.held -= said.bytes.len();
            self.enqueue(now, said, active);
        }
        while let Some(front) = self.queue.front_mut() {
            let at = front.due.max(self.free_at);
            if at > now {
                break;
            }
            let bytes = match front.chunk {
                0 => std::mem::take(&mut front.said.bytes),
                chunk => {
                    let rest = &mut front.said.bytes;
                    rest.split_to(chunk.min(rest.len()))
                }
            };
            self.free_at = at + front.gap;
            self.held -= bytes.len();
            let kind = front.said.kind;
            let reason = front.said.reason.take();
            if front.said.bytes.is_empty() {
                self.queue.pop_front();
            }
            out.push_back(Output::Serial {
                kind,
                bytes,
                reason,
            });
        }
    }

    /// Nothing is held back any more, whatever its time.
    pub(super) fn let_go(&mut self) {
        self.not_before = Instant::ZERO;
        self.free_at = Instant::ZERO;
        for piece in &mut self.queue {
            piece.due = Instant::ZERO;
            piece.chunk = 0;
        }
        for (due, ..) in &mut self.aside {
            *due = Instant::ZERO;
        }
        if let Some((by, _)) = &mut self.joining {
            *by = Instant::ZERO;
        }
        if let Some((by, ..)) = &mut self.moving {
            *by = Instant::ZERO;
        }
    }

    /// Power is off: pending output is lost.
    pub(super) fn lose_power(&mut self) {
        *self = Self::default();
    }

    pub(super) fn is_idle(&self) -> bool {
        self.held == 0
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let front = self.queue.front().map(|p| p.due.max(self.free_at));
        let aside = self.aside.iter().map(|(due, ..)| *due).min();
        let joining = self.joining.as_ref().map(|(by, _)| *by);
        let moving = self.moving.as_ref().map(|(by, ..)| *by);
        [front, aside, joining, moving].into_iter().flatten().min()
    }
}

impl Part {
    /// Whether a piece the module says is one of these.
    fn includes(self, kind: SerialKind) -> bool {
        match self {
            Self::Echo => kind == SerialKind::Echo,
            Self::Information => kind == SerialKind::Information,
            Self::Final => kind == SerialKind::Final,
            Self::Urc => kind == SerialKind::Urc,
            Self::Prompt => kind == SerialKind::Prompt,
            Self::Data => kind == SerialKind::Data,
            Self::Line => matches!(
                kind,
                SerialKind::Information | SerialKind::Final | SerialKind::Urc
            ),
            Self::Output => true,
            Self::Byte | Self::HostByte | Self::Entry | Self::Input | Self::Dtr => false,
        }
    }
}

/// Whether `fault` is of the sort `sort` makes, for pieces like this one.
fn is(fault: &SerialFault, sort: fn(Part) -> SerialFault, kind: SerialKind) -> bool {
    match fault {
        SerialFault::Drop(part) | SerialFault::Duplicate(part) | SerialFault::Corrupt(part) => {
            *fault == sort(*part) && part.includes(kind)
        }
        _ => false,
    }
}

/// Loses and corrupts single bytes; each is an opportunity of its own.
pub(super) fn spoil_bytes(now: Instant, bytes: Bytes, unit: Part, active: &mut Active) -> Bytes {
    let drop = SerialFault::Drop(unit);
    let corrupt = SerialFault::Corrupt(unit);
    if !active.has(
        now,
        |k| matches!(k, Kind::Serial(f) if *f == drop || *f == corrupt),
    ) {
        return bytes;
    }
    let mut kept = Vec::with_capacity(bytes.len());
    for byte in bytes {
        if active.strikes_serial(now, |f| *f == drop) {
            continue;
        }
        let flips = active.strikes_serial(now, |f| *f == corrupt);
        kept.push(if flips {
            byte ^ 1 << active.random(8)
        } else {
            byte
        });
    }
    kept.into()
}

/// What a wrong baud rate makes of so many bytes.
pub(super) fn garbage(len: usize, active: &mut Active) -> Bytes {
    let random = |_| u8::try_from(active.random(256)).unwrap_or(u8::MAX);
    (0..len).map(random).collect()
}

/// Bytes to hand over at a time, about a millisecond's worth, and how long
/// they take.
fn pace(baud: u32) -> (usize, Duration) {
    let bytes = (u64::from(baud) / BITS / 1000).max(1);
    let micros = bytes * BITS * 1_000_000 / u64::from(baud.max(1));
    (
        usize::try_from(bytes).unwrap_or(usize::MAX),
        Duration::from_micros(micros),
    )
}

fn to_usize(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}
