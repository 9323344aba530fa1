//! What the host sends on its way to the module.

use std::collections::VecDeque;

use attwin_core::Instant;
use bytes::Bytes;

use super::active::Active;
use super::serial::{garbage, spoil_bytes};
use super::spec::{Kind, Part, SerialFault};

/// Bytes of the host held back; what comes on top is lost, as when a UART
/// overruns.
pub const MAX_HELD_INPUT: usize = 64 * 1024;

/// The line from host to module.
#[derive(Default)]
pub(super) struct SerialIn {
    queue: VecDeque<(Instant, Bytes)>,
    /// Data that waits for its CR LF.
    entry: Vec<u8>,
    held: usize,
    not_before: Instant,
}

impl SerialIn {
    /// The host sends bytes.
    pub(super) fn hear(
        &mut self,
        now: Instant,
        bytes: &[u8],
        data_entry: bool,
        active: &mut Active,
    ) {
        if active.strikes_serial(now, |f| *f == SerialFault::Drop(Part::Input)) {
            return;
        }
        let garbled = active.strikes_serial(now, |f| *f == SerialFault::Corrupt(Part::Input));
        let bytes = if garbled {
            garbage(bytes.len(), active)
        } else {
            Bytes::copy_from_slice(bytes)
        };
        let mut bytes = spoil_bytes(now, bytes, Part::HostByte, active);
        if data_entry {
            bytes = spoil_bytes(now, bytes, Part::Entry, active);
        }
        let delay = active.strike(now, |k| match k {
            Kind::Serial(SerialFault::Delay {
                part: Part::Input,
                by,
            }) => Some(*by),
            _ => None,
        });
        if let Some(by) = delay {
            self.not_before = self.not_before.max(now + by);
        }
        if bytes.is_empty() || self.held + bytes.len() > MAX_HELD_INPUT {
            return;
        }
        self.held += bytes.len();
        if data_entry && active.strikes_serial(now, |f| *f == SerialFault::StrictCrlf) {
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
        self.queue.front().map(|(due, _)| *due)
    }
}
