//! What a handler may reach.

use alloc::collections::VecDeque;
use alloc::string::String;
use core::time::Duration;

use bytes::Bytes;

use super::line::Line;
use super::outcome::Outcome;
use super::quirks::Quirks;
use crate::clock::Clock;
use crate::io::Trace;
use crate::links::Links;
use crate::quirks::Millis;
use crate::radio::Radio;
use crate::reason::Reason;
use crate::rng::Rng;
use crate::serial::{Channel, DataRequest, Length, Port};
use crate::settings::Settings;
use crate::storage::Storage;
use crate::time::{Instant, Timing};

/// What a handler may reach.
pub(crate) struct Context<'a> {
    /// The current time.
    pub(crate) now: Instant,
    pub(crate) port: &'a mut Port,
    pub(crate) radio: &'a mut Radio,
    pub(crate) settings: &'a mut Settings,
    pub(crate) storage: &'a mut Storage,
    pub(crate) links: &'a mut Links,
    pub(crate) clock: &'a mut Clock,
    pub(crate) rng: &'a mut Rng,
    pub(crate) quirks: &'a Quirks,
    pub(crate) timing: Timing,
    pub(crate) traces: &'a mut VecDeque<Trace>,
    pub(crate) completed: &'a mut Option<Outcome>,
}

impl Context<'_> {
    /// An artificial delay of the specification; zero under fast timing,
    /// unless somebody asked for just this one.
    pub(crate) fn delay(&self, delay: Millis) -> Duration {
        self.timing.delay(delay)
    }

    /// A data entry that shows `prompt` and takes `length`; what differs from
    /// the plain case is for the caller to set.
    pub(crate) fn data_request(&self, prompt: &'static [u8], length: Length) -> DataRequest {
        DataRequest {
            before_prompt: self.quirks.line.before_prompt,
            ..DataRequest::new(prompt, length)
        }
    }

    /// Starts an information line `name: …`.
    pub(crate) fn line(&self, name: &str) -> Line {
        Line::new(name, self.separator())
    }

    /// A name and what separates it from its values.
    pub(crate) fn name(&self, name: &str) -> String {
        [name, self.separator()].concat()
    }

    const fn separator(&self) -> &'static str {
        if self.quirks.base.header_space {
            ": "
        } else {
            ":"
        }
    }

    /// A line of information text.
    pub(crate) fn reply(&mut self, line: impl AsRef<[u8]>) {
        self.port.reply(line.as_ref());
    }

    /// Ends a command that waits since [`Outcome::Wait`]. What is said from
    /// now on follows its final result.
    pub(crate) fn complete(&mut self, outcome: Outcome) {
        self.port.hold_urcs();
        *self.completed = Some(outcome);
    }

    /// Takes no further command line before `until`; URCs due by then come
    /// first (docs/spec/simcom.md 6). Said again, the later word counts.
    pub(crate) fn hold_commands(&mut self, until: Instant) {
        self.port.hold_commands(until);
    }

    /// A URC of the module at large, as soon as order allows.
    pub(crate) fn urc(&mut self, line: impl Into<Bytes>) {
        self.urc_at(Channel::Module, self.now, line);
    }

    /// A URC of a channel, not before a time.
    pub(crate) fn urc_at(&mut self, channel: Channel, not_before: Instant, line: impl Into<Bytes>) {
        self.port
            .urc(self.now, channel, not_before, line.into(), None);
    }

    /// A URC that says that something failed, and why.
    pub(crate) fn urc_because(
        &mut self,
        channel: Channel,
        not_before: Instant,
        line: impl Into<Bytes>,
        reason: Reason,
    ) {
        let line = line.into();
        self.port
            .urc(self.now, channel, not_before, line, Some(reason));
    }

    /// Tells the trace.
    pub(crate) fn trace(&mut self, trace: Trace) {
        self.traces.push_back(trace);
    }

    /// Tells the log something the wire cannot say.
    pub(crate) fn note(&mut self, note: impl Into<String>) {
        self.trace(Trace::Note(note.into()));
    }
}
