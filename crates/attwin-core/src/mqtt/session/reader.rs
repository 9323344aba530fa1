//! Cuts the byte stream into packets, whatever pieces it arrives in, without
//! ever storing one that is too large.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem;

use super::super::packet::{self, CodecError, Frame, Level, Malformed, Packet, Publish};
use super::Limits;

/// Largest packet other than PUBLISH. Acknowledgements have four bytes; a
/// SUBACK has one byte for each filter asked for, and no module asks for this
/// many at once.
const MAX_CONTROL: usize = 16 * 1024;

/// The packet type number of PUBLISH.
pub(super) const PUBLISH: u8 = 3;

/// The unfinished packet at the end of what has arrived.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// Its first bytes; never more than one packet within the limits.
    partial: Vec<u8>,
    /// Set while the rest of a packet beyond the limits passes by.
    oversized: Option<Box<Oversized>>,
}

/// One whole packet.
#[derive(Debug)]
pub(super) enum Item<'a> {
    /// Its bytes.
    Packet(Cow<'a, [u8]>),
    /// It was a PUBLISH beyond the limits.
    Oversized(Box<Oversized>),
}

/// Why no further packet can be read.
#[derive(Debug)]
pub(super) enum ReadError {
    /// The fixed header or a length makes no sense.
    Malformed(u8, Malformed),
    /// Larger than any packet of its type.
    TooLarge(usize),
}

impl Reader {
    /// Takes bytes off the front of `input` until a packet is whole. `None`
    /// when `input` is used up first.
    pub(super) fn next<'a>(
        &mut self,
        input: &mut &'a [u8],
        limits: &Limits,
    ) -> Result<Option<Item<'a>>, ReadError> {
        loop {
            if let Some(oversized) = &mut self.oversized {
                oversized.pass(input);
                debug_assert!(self.partial.is_empty());
                debug_assert!(oversized.passed <= oversized.remaining);
                if oversized.passed < oversized.remaining {
                    return Ok(None);
                }
                return Ok(self.oversized.take().map(Item::Oversized));
            }
            let have = if self.partial.is_empty() {
                *input
            } else {
                &self.partial
            };
            match plan(have, limits)? {
                Plan::Need(len) => {
                    debug_assert!(len > self.partial.len(), "more is needed");
                    let taken = take(input, len - self.partial.len());
                    self.partial.extend_from_slice(taken);
                    debug_assert!(self.partial.len() <= len);
                    if self.partial.len() < len {
                        return Ok(None);
                    }
                }
                Plan::Whole(len) if self.partial.is_empty() => {
                    return Ok(Some(Item::Packet(Cow::Borrowed(take(input, len)))));
                }
                Plan::Whole(len) => {
                    debug_assert_eq!(len, self.partial.len());
                    return Ok(Some(Item::Packet(Cow::Owned(mem::take(&mut self.partial)))));
                }
                Plan::PassBy(header, oversized) => {
                    if self.partial.is_empty() {
                        take(input, header);
                    } else {
                        debug_assert_eq!(header, self.partial.len());
                        self.partial = Vec::new();
                    }
                    self.oversized = Some(Box::new(oversized));
                }
            }
        }
    }

    /// Forgets the unfinished packet.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

/// What to do with the bytes at hand.
enum Plan {
    /// Collect until this many are there.
    Need(usize),
    /// The packet is this long and whole.
    Whole(usize),
    /// Drop this many, then let the rest pass.
    PassBy(usize, Oversized),
}

fn plan(have: &[u8], limits: &Limits) -> Result<Plan, ReadError> {
    let kind = have.first().map_or(0, |first| first >> 4);
    let malformed = |error| ReadError::Malformed(kind, error);
    let Some(frame) = packet::frame(have).map_err(malformed)? else {
        return Ok(Plan::Need(have.len() + 1));
    };
    if kind != PUBLISH {
        if frame.len() > MAX_CONTROL {
            return Err(ReadError::TooLarge(frame.len()));
        }
    } else if frame.remaining >= 2 {
        let variable = frame.header_len + 2;
        let &[high, low] = (match have.get(frame.header_len..variable) {
            Some(length) => length,
            None => return Ok(Plan::Need(variable)),
        }) else {
            // The slice above is two bytes long.
            return Ok(Plan::Need(variable));
        };
        let topic = usize::from(u16::from_be_bytes([high, low]));
        let oversized = Oversized::new(have[0], topic, frame).map_err(malformed)?;
        if topic > limits.topic || oversized.payload() > limits.payload {
            return Ok(Plan::PassBy(variable, oversized));
        }
    }
    Ok(if have.len() < frame.len() {
        Plan::Need(frame.len())
    } else {
        Plan::Whole(frame.len())
    })
}

/// Takes up to `len` bytes off the front.
fn take<'a>(input: &mut &'a [u8], len: usize) -> &'a [u8] {
    let (taken, rest) = input.split_at(len.min(input.len()));
    *input = rest;
    taken
}

/// A PUBLISH beyond the limits: only what answers it is kept.
#[derive(Debug)]
pub(super) struct Oversized {
    first: u8,
    id: [u8; 2],
    /// Where in the body the packet identifier stands.
    id_at: usize,
    /// Bytes of the body seen so far.
    passed: usize,
    remaining: usize,
}

impl Oversized {
    fn new(first: u8, topic: usize, frame: Frame) -> Result<Self, Malformed> {
        let this = Self {
            first,
            id: [0; 2],
            id_at: 2 + topic,
            passed: 2,
            remaining: frame.remaining,
        };
        if this.id_at + this.id_len() > frame.remaining {
            return Err(Malformed::Body(CodecError::LENGTH));
        }
        Ok(this)
    }

    fn id_len(&self) -> usize {
        if self.first & 0x06 == 0 { 0 } else { 2 }
    }

    /// Length of the topic.
    pub(super) fn topic(&self) -> usize {
        self.id_at - 2
    }

    /// Length of the payload.
    pub(super) fn payload(&self) -> usize {
        self.remaining - self.id_at - self.id_len()
    }

    /// Lets bytes of the body pass, keeping the packet identifier.
    fn pass(&mut self, input: &mut &[u8]) {
        while self.passed < self.remaining && !input.is_empty() {
            let wanted = match self.passed.checked_sub(self.id_at) {
                None => self.id_at - self.passed,
                Some(at @ 0..=1) if self.id_len() > 0 => {
                    self.id[at] = input[0];
                    1
                }
                Some(_) => self.remaining - self.passed,
            };
            self.passed += take(input, wanted).len();
        }
    }

    /// The PUBLISH with a topic and payload in place of its own, so that the
    /// codec judges its flags and identifier.
    pub(super) fn stand_in(&self, level: Level) -> Result<Publish, Malformed> {
        let [high, low] = self.id;
        match packet::decode(level, &[self.first, 5, 0, 1, b't', high, low])? {
            Packet::Publish(publish) => Ok(publish),
            // A first byte of PUBLISH decodes as PUBLISH.
            _ => Err(Malformed::RemainingLength),
        }
    }
}
