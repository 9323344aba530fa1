//! What the module says on its way to the host.

use std::collections::VecDeque;

use attwin_core::{Duration, Instant, SerialKind};
use bytes::Bytes;

use super::active::Active;
use super::mark::{Hit, Line, Outbox, Touch};
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
    aside: Vec<(Instant, Line)>,
    /// A final result that waits for a URC.
    joining: Option<(Instant, Line)>,
    /// A URC that waits for a place.
    moving: Option<(Instant, Place, Line)>,
    held: usize,
    /// Nothing comes before what was delayed.
    not_before: Instant,
    /// When the line has room for the next byte.
    free_at: Instant,
    response: Response,
}

struct Piece {
    due: Instant,
    line: Line,
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
    pub(super) fn arrive_at(&mut self, place: Place) -> Option<Line> {
        let (_, _, urc) = self.moving.take_if(|(_, p, _)| *p == place)?;
        self.held -= urc.bytes.len();
        Some(urc)
    }

    /// Takes a piece, with every fault of its kind.
    pub(super) fn say(
        &mut self,
        now: Instant,
        mut line: Line,
        active: &mut Active,
        out: &mut Outbox,
    ) {
        let kind = line.kind;
        let said = line.bytes.clone();
        let mut strikes = |fault: fn(Part) -> SerialFault| {
            let hit = active.strikes_serial(now, &said, |f| is(f, fault, kind))?;
            out.act_on(&hit, &said);
            Some(hit)
        };
        if let Some(hit) = strikes(SerialFault::Drop) {
            return out.lost(line.into_output(), hit.mark(Touch::Dropped));
        }
        let copied = strikes(SerialFault::Duplicate);
        if let Some(hit) = strikes(SerialFault::Corrupt) {
            line.change(&hit, garbage(said.len(), active));
        }
        if let Some(hit) = active.strikes_serial(now, &said, |f| *f == SerialFault::Silence) {
            out.act_on(&hit, &said);
            line.bytes = said;
            return out.lost(line.into_output(), hit.mark(Touch::Dropped));
        }
        let (bytes, spoilt) = spoil_bytes(now, line.bytes.clone(), Part::Byte, active);
        if let Some(hit) = spoilt {
            out.act_on(&hit, &said);
            if bytes.is_empty() {
                line.bytes = said;
                return out.lost(line.into_output(), hit.mark(Touch::Dropped));
            }
            line.change(&hit, bytes);
        }
        let copy = copied.map(|hit| Line {
            reason: None,
            marks: vec![hit.mark(Touch::Duplicated)],
            ..line.clone()
        });
        self.pass(now, line, active, out);
        if let Some(copy) = copy {
            self.pass(now, copy, active, out);
        }
    }

    /// Decides when a piece comes.
    fn pass(&mut self, now: Instant, mut line: Line, active: &mut Active, out: &mut Outbox) {
        let kind = line.kind;
        if self.held + line.bytes.len() > MAX_HELD_OUTPUT {
            if let Some(reason) = line.reason {
                out.note(reason.to_string());
            }
            return;
        }
        if line.bytes.is_empty() {
            return;
        }
        let hold = active.strike_line(now, &line.bytes, |k| match k {
            Kind::Serial(SerialFault::Hold { part, by }) if part.includes(kind) => Some(*by),
            _ => None,
        });
        if let Some((by, hit)) = hold {
            late(&mut line, &hit, out);
            self.held += line.bytes.len();
            self.aside.push((now + by, line));
            return;
        }
        if kind == SerialKind::Urc && self.moving.is_none() {
            let moves = active.strike_line(now, &line.bytes, |k| match k {
                Kind::Serial(SerialFault::Move { place, within }) => Some((*place, *within)),
                _ => None,
            });
            if let Some(((place, within), hit)) = moves {
                late(&mut line, &hit, out);
                self.held += line.bytes.len();
                self.moving = Some((now + within, place, line));
                return;
            }
        }
        let delay = active.strike_line(now, &line.bytes, |k| match k {
            Kind::Serial(SerialFault::Delay { part, by }) if part.includes(kind) => Some(*by),
            _ => None,
        });
        if let Some((by, hit)) = delay {
            late(&mut line, &hit, out);
            self.not_before = self.not_before.max(now + by);
        }
        self.join(now, line, active, out);
    }

    fn join(&mut self, now: Instant, mut line: Line, active: &mut Active, out: &mut Outbox) {
        let kind = line.kind;
        if let Some((_, before)) = self.joining.take() {
            self.held -= before.bytes.len();
            if kind == SerialKind::Urc {
                let both = joined(before, line, out);
                self.enqueue(now, both, active, out);
                return;
            }
            self.enqueue(now, before, active, out);
        }
        let joins = |k: &Kind| match k {
            Kind::Serial(SerialFault::Join { within }) if kind == SerialKind::Final => {
                Some(*within)
            }
            _ => None,
        };
        match active.strike(now, joins) {
            Some((within, hit)) => {
                late(&mut line, &hit, out);
                self.held += line.bytes.len();
                self.joining = Some((now + within, line));
            }
            None => self.enqueue(now, line, active, out),
        }
    }

    /// Puts a piece on the line, behind all that is there.
    pub(super) fn enqueue(
        &mut self,
        now: Instant,
        line: Line,
        active: &mut Active,
        out: &mut Outbox,
    ) {
        let fragments = active.strike(now, |k| match k {
            Kind::Serial(SerialFault::Fragment { size, gap }) => Some((to_usize(*size), *gap)),
            _ => None,
        });
        let paced = active.strike(now, |k| match k {
            Kind::Serial(SerialFault::Pace { baud }) => Some(pace(*baud)),
            _ => None,
        });
        let mut told = |(pieces, hit): (_, Hit)| {
            out.act_on(&hit, &line.bytes);
            pieces
        };
        let (chunk, gap) = match (fragments.map(&mut told), paced.map(told)) {
            (None, None) => (0, Duration::ZERO),
            (Some(pieces), None) | (None, Some(pieces)) => pieces,
            // Whole fragments at a time, each as long as its bytes take.
            (Some((size, gap)), Some((some, time))) => {
                let factor = u32::try_from(size.div_ceil(some)).unwrap_or(u32::MAX);
                (size, gap.max(time.saturating_mul(factor)))
            }
        };
        self.held += line.bytes.len();
        self.queue.push_back(Piece {
            due: self.not_before.max(now),
            line,
            chunk,
            gap,
        });
    }

    /// Moves what is due from the line to its end. Of a piece in fragments, the
    /// first has its reason and its marks.
    pub(super) fn release(&mut self, now: Instant, active: &mut Active, out: &mut Outbox) {
        if let Some((_, _, urc)) = self.moving.take_if(|(by, _, _)| *by <= now) {
            self.held -= urc.bytes.len();
            self.enqueue(now, urc, active, out);
        }
        if let Some((_, last)) = self.joining.take_if(|(by, _)| *by <= now) {
            self.held -= last.bytes.len();
            self.enqueue(now, last, active, out);
        }
        while let Some(at) = self.aside.iter().position(|(due, ..)| *due <= now) {
            let (_, line) = self.aside.remove(at);
            self.held -= line.bytes.len();
            self.enqueue(now, line, active, out);
        }
        while let Some(front) = self.queue.front_mut() {
            let at = front.due.max(self.free_at);
            if at > now {
                break;
            }
            let line = &mut front.line;
            let bytes = match front.chunk {
                0 => std::mem::take(&mut line.bytes),
                chunk => line.bytes.split_to(chunk.min(line.bytes.len())),
            };
            self.free_at = at + front.gap;
            self.held -= bytes.len();
            let piece = Line {
                kind: line.kind,
                bytes,
                reason: line.reason.take(),
                marks: std::mem::take(&mut line.marks),
            };
            if line.bytes.is_empty() {
                self.queue.pop_front();
            }
            let marks = piece.marks.clone();
            out.output(piece.into_output(), marks);
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

/// A piece comes later than it would.
fn late(line: &mut Line, hit: &Hit, out: &mut Outbox) {
    out.act_on(hit, &line.bytes);
    line.marks.push(hit.mark(Touch::Delayed));
}

/// A final result and the URC it waited for. One piece has one reason; that of
/// a URC behind a failure stands by itself.
fn joined(before: Line, urc: Line, out: &mut Outbox) -> Line {
    if let (Some(_), Some(second)) = (&before.reason, &urc.reason) {
        out.note(second.to_string());
    }
    let mut marks = before.marks;
    marks.extend(urc.marks);
    Line {
        kind: SerialKind::Final,
        bytes: [&before.bytes[..], &urc.bytes[..]].concat().into(),
        reason: before.reason.or(urc.reason),
        marks,
    }
}

/// Loses and corrupts single bytes; each is an opportunity of its own. The last
/// one that was taken comes back with them.
pub(super) fn spoil_bytes(
    now: Instant,
    bytes: Bytes,
    unit: Part,
    active: &mut Active,
) -> (Bytes, Option<Hit>) {
    let drop = SerialFault::Drop(unit);
    let corrupt = SerialFault::Corrupt(unit);
    if !active.has(
        now,
        |k| matches!(k, Kind::Serial(f) if *f == drop || *f == corrupt),
    ) {
        return (bytes, None);
    }
    let mut last = None;
    let mut kept = Vec::with_capacity(bytes.len());
    for byte in bytes {
        if let Some(hit) = active.strikes_serial(now, b"", |f| *f == drop) {
            last = Some(hit);
            continue;
        }
        let flips = active.strikes_serial(now, b"", |f| *f == corrupt);
        kept.push(if flips.is_some() {
            byte ^ 1 << active.random(8)
        } else {
            byte
        });
        last = flips.or(last);
    }
    (kept.into(), last)
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
