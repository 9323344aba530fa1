//! What faults did, for logs and traces: every fault that acts says so, and
//! what it touched is marked.

use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use attwin_core::{LinkId, NetCommand, Output, Reason, SerialKind, Trace};
use bytes::Bytes;

use super::link::LinkEvent;
use crate::scenario::Escaped;

/// Characters of a line that an [`Act`] quotes.
const QUOTED: usize = 60;

/// What passes a [`Faulty`](super::Faulty), in the order in which it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Passed {
    /// Something to carry out.
    Output {
        /// What.
        output: Output,
        /// What faults did to it.
        marks: Vec<Mark>,
    },
    /// What the module said or asked for and nobody outside ever sees.
    Lost {
        /// What.
        output: Output,
        /// What became of it.
        mark: Mark,
    },
    /// What the module sees on a connection and nobody outside sent.
    Fed {
        /// The connection.
        link: LinkId,
        /// What.
        event: LinkEvent,
        /// Where it comes from.
        mark: Mark,
    },
    /// A fault acted.
    Act(Act),
}

/// What a fault did to something that passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Number of the fault.
    pub fault: u32,
    /// What it did.
    pub touch: Touch,
    /// What it was on the module's side, where it was changed.
    pub inside: Option<Bytes>,
    /// Where packets end that are meant, in the bytes the mark goes with: behind
    /// the first number, up to the second.
    pub ends: Range<usize>,
}

/// What a fault does to a packet or to a piece of the serial line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Touch {
    /// The other side does not see it.
    Dropped,
    /// The other side sees something else.
    Changed,
    /// The other side sees it later.
    Delayed,
    /// It is a copy of what came before.
    Duplicated,
    /// A fault made it.
    Inserted,
}

/// A fault that acted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Which.
    pub fault: FaultName,
    /// How often it has acted. A condition is reported the first time only.
    pub acted: u32,
    /// What it acted on, in a few words, if it was something that passed.
    pub on: Option<String>,
}

/// A fault by its number and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultName {
    /// Its number, from 1 in the order of injection. The parts of a preset have
    /// one number.
    pub id: u32,
    /// Its text, with the preset it is a part of.
    pub text: Arc<str>,
}

/// A fault that has just taken its opportunity.
#[derive(Debug, Clone)]
pub(super) struct Hit {
    pub(super) name: FaultName,
    pub(super) acted: u32,
    /// Whether it is worth a word: a condition is only once.
    pub(super) told: bool,
}

/// A piece of the module's output on its way.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) kind: SerialKind,
    pub(super) bytes: Bytes,
    pub(super) reason: Option<Reason>,
    pub(super) marks: Vec<Mark>,
}

/// What the driver is to poll.
#[derive(Debug, Default)]
pub(super) struct Outbox(VecDeque<Passed>);

impl Mark {
    /// Whether it is about the packet that ends here.
    pub fn is_about(&self, end: usize) -> bool {
        self.ends.start < end && end <= self.ends.end
    }

    pub(super) fn new(fault: u32, touch: Touch) -> Self {
        Self {
            fault,
            touch,
            inside: None,
            ends: 0..usize::MAX,
        }
    }

    /// The mark of one packet only, the one that ends here.
    pub(super) fn ending(mut self, end: usize) -> Self {
        self.ends = end.saturating_sub(1)..end;
        self
    }

    pub(super) fn from(mut self, start: usize) -> Self {
        self.ends.start = start;
        self
    }

    pub(super) fn inside(mut self, bytes: Bytes) -> Self {
        self.inside = Some(bytes);
        self
    }
}

impl Touch {
    /// The word traces use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dropped => "dropped",
            Self::Changed => "changed",
            Self::Delayed => "delayed",
            Self::Duplicated => "duplicated",
            Self::Inserted => "inserted",
        }
    }
}

impl Hit {
    pub(super) fn mark(&self, touch: Touch) -> Mark {
        Mark::new(self.name.id, touch)
    }
}

impl Line {
    pub(super) fn new(kind: SerialKind, bytes: Bytes) -> Self {
        Self {
            kind,
            bytes,
            reason: None,
            marks: Vec::new(),
        }
    }

    /// Remembers what the module said, before it is changed; what was said
    /// first stays.
    pub(super) fn change(&mut self, hit: &Hit, bytes: Bytes) {
        let changed = |mark: &Mark| mark.touch == Touch::Changed;
        let mark = hit.mark(Touch::Changed);
        let said = std::mem::replace(&mut self.bytes, bytes);
        self.marks.push(if self.marks.iter().any(changed) {
            mark
        } else {
            mark.inside(said)
        });
    }

    pub(super) fn into_output(self) -> Output {
        Output::Serial {
            kind: self.kind,
            bytes: self.bytes,
            reason: self.reason,
        }
    }
}

impl Outbox {
    pub(super) fn pop(&mut self) -> Option<Passed> {
        self.0.pop_front()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn output(&mut self, output: Output, marks: Vec<Mark>) {
        self.0.push_back(Passed::Output { output, marks });
    }

    pub(super) fn command(&mut self, link: LinkId, command: NetCommand, marks: Vec<Mark>) {
        self.output(Output::Network { link, command }, marks);
    }

    pub(super) fn note(&mut self, text: String) {
        self.output(Output::Trace(Trace::Note(text)), Vec::new());
    }

    pub(super) fn lost(&mut self, output: Output, mark: Mark) {
        self.0.push_back(Passed::Lost { output, mark });
    }

    pub(super) fn fed(&mut self, link: LinkId, event: LinkEvent, mark: Mark) {
        self.0.push_back(Passed::Fed { link, event, mark });
    }

    /// A fault acted on something.
    pub(super) fn act(&mut self, hit: &Hit, on: impl FnOnce() -> Option<String>) {
        if hit.told {
            self.0.push_back(Passed::Act(Act {
                fault: hit.name.clone(),
                acted: hit.acted,
                on: on(),
            }));
        }
    }

    /// A fault acted on bytes of the serial line.
    pub(super) fn act_on(&mut self, hit: &Hit, bytes: &[u8]) {
        self.act(hit, || Some(quoted(bytes)));
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} acted", self.fault)?;
        if let Some(on) = &self.on {
            write!(f, " on {on}")?;
        }
        match self.acted {
            1 => Ok(()),
            n => write!(f, " ({n} times so far)"),
        }
    }
}

impl fmt::Display for FaultName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fault {}, `{}`,", self.id, self.text)
    }
}

/// The start of a line as people read it.
fn quoted(bytes: &[u8]) -> String {
    let bytes = &bytes[..bytes.len().min(4 * QUOTED)];
    let line = bytes.trim_ascii();
    let text = Escaped(if line.is_empty() { bytes } else { line }).to_string();
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
