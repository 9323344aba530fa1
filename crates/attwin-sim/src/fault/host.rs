//! What the host sends on its way to the module.

use std::collections::VecDeque;

use attwin_core::Instant;
use bytes::Bytes;

use super::active::Active;
use super::mark::{Hit, Mark, Outbox, Touch};
use super::serial::{garbage, spoil_bytes};
use super::spec::{Kind, Part, SerialFault};

/// Bytes of the host held back; what comes on top is lost, as when a UART
/// overruns.
pub const MAX_HELD_INPUT: usize = 64 * 1024;

/// Bytes of a command line that faults look at; no module takes longer ones.
const MAX_LINE: usize = 64 * 1024;
/// Deletes the byte before it (V.250 section 5.2.2).
pub(super) const BACKSPACE: u8 = 0x08;

/// The line from host to module.
#[derive(Default)]
pub(super) struct SerialIn {
    queue: VecDeque<(Instant, Bytes)>,
    /// Data that waits for its CR LF.
    entry: Vec<u8>,
    held: usize,
    not_before: Instant,
    /// The command line so far, while faults wait for one.
    line: Vec<u8>,
    /// The next bytes wait until the module has finished its command.
    waits: bool,
}

impl SerialIn {
    /// The host sends bytes. What faults do to them is added to `marks`.
    pub(super) fn hear(
        &mut self,
        now: Instant,
        sent: &[u8],
        data_entry: bool,
        active: &mut Active,
        out: &mut Outbox,
        marks: &mut Vec<Mark>,
    ) {
        let mut touch = |hit: &Hit, touch: Touch| {
            out.act_on(hit, sent);
            marks.push(hit.mark(touch));
        };
        let drop = active.strikes_serial(now, b"", |f| *f == SerialFault::Drop(Part::Input));
        if let Some(hit) = drop {
            return touch(&hit, Touch::Dropped);
        }
        let corrupt = SerialFault::Corrupt(Part::Input);
        let garbled = active.strikes_serial(now, b"", |f| *f == corrupt);
        let mut bytes = if garbled.is_some() {
            garbage(sent.len(), active)
        } else {
            Bytes::copy_from_slice(sent)
        };
        let mut changed = garbled;
        for (unit, is_there) in [(Part::HostByte, true), (Part::Entry, data_entry)] {
            if is_there {
                let (spoilt, hit) = spoil_bytes(now, bytes, unit, active);
                bytes = spoilt;
                changed = hit.or(changed);
            }
        }
        if let Some(hit) = &changed {
            touch(hit, Touch::Changed);
        }
        let delay = active.strike(now, |k| match k {
            Kind::Serial(SerialFault::Delay {
                part: Part::Input,
                by,
            }) => Some(*by),
            _ => None,
        });
        if let Some((by, hit)) = delay {
            touch(&hit, Touch::Delayed);
            self.not_before = self.not_before.max(now + by);
        }
        let fits = !bytes.is_empty() && self.held + bytes.len() <= MAX_HELD_INPUT;
        let strict = |f: &SerialFault| *f == SerialFault::StrictCrlf;
        let strict = (fits && data_entry).then(|| active.strikes_serial(now, b"", strict));
        let strict = strict.flatten();
        if let Some(hit) = &strict
            && !(self.entry.is_empty() && bytes.ends_with(b"\r\n"))
        {
            touch(hit, Touch::Delayed);
        }
        if changed.is_some() {
            let is_it = |mark: &&mut Mark| mark.touch == Touch::Changed;
            if let Some(mark) = marks.iter_mut().find(is_it) {
                mark.inside = Some(bytes.clone());
            }
        }
        if !fits {
            return;
        }
        self.held += bytes.len();
        if strict.is_some() {
            self.entry.extend_from_slice(&bytes);
            if self.entry.ends_with(b"\r\n") {
                self.enter(now);
            }
        } else {
            self.enter(now);
            self.queue.push_back((self.not_before.max(now), bytes));
        }
    }

    /// What reaches the module now.
    pub(super) fn next(
        &mut self,
        now: Instant,
        data_entry: bool,
        active: &Active,
    ) -> Option<Bytes> {
        let strict = |k: &Kind| matches!(k, Kind::Serial(SerialFault::StrictCrlf));
        if !data_entry || !active.has(now, strict) {
            self.enter(now);
        }
        let (due, _) = self.queue.front()?;
        if *due > now {
            return None;
        }
        let (_, bytes) = self.queue.pop_front()?;
        self.held -= bytes.len();
        Some(bytes)
    }

    /// Puts back what is not to reach the module yet.
    pub(super) fn put_back(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.held += bytes.len();
            self.queue.push_front((Instant::ZERO, bytes));
        }
    }

    /// Whether what comes next waits until the module has finished its command.
    pub(super) fn wait(&mut self, waits: bool) {
        self.waits = waits;
    }

    pub(super) fn waits(&self) -> bool {
        self.waits
    }

    /// The command line so far, with these bytes, as a module reads it.
    pub(super) fn line_with(&self, bytes: &[u8]) -> Vec<u8> {
        let mut line = Vec::new();
        for &byte in self.line.iter().chain(bytes) {
            match byte {
                b'\n' => {}
                BACKSPACE => _ = line.pop(),
                byte => line.push(byte),
            }
        }
        line
    }

    /// The host goes on with a command line.
    pub(super) fn typed(&mut self, bytes: &[u8]) {
        let room = MAX_LINE.saturating_sub(self.line.len());
        self.line.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// The command line is over.
    pub(super) fn end_line(&mut self) {
        self.line.clear();
    }

    /// Releases the data that waited.
    fn enter(&mut self, now: Instant) {
        if !self.entry.is_empty() {
            let data = std::mem::take(&mut self.entry);
            self.queue
                .push_back((self.not_before.max(now), data.into()));
        }
    }

    /// The host detached; the rest of its data will not come.
    pub(super) fn abandon_data(&mut self) {
        self.held -= self.entry.len();
        self.entry.clear();
        self.line.clear();
    }

    /// Nothing waits any more.
    pub(super) fn let_go(&mut self) {
        self.not_before = Instant::ZERO;
        for (due, _) in &mut self.queue {
            *due = Instant::ZERO;
        }
    }

    /// A module that is off receives nothing.
    pub(super) fn lose_power(&mut self) {
        *self = Self::default();
    }

    pub(super) fn is_idle(&self) -> bool {
        self.held == 0
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let front = self.queue.front().filter(|_| !self.waits);
        front.map(|(due, _)| *due)
    }
}
