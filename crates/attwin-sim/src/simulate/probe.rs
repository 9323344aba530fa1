//! Watches everything that crosses a module's boundary.

use attwin_core::{Input, Instant, NetCommand, NetEvent, Output, Trace};
use bytes::Bytes;

use super::event::{Event, What};
use super::failure::{Broken, Invariant};
use crate::device::Device;

/// Outputs one input may lead to; more means that the module talks to itself.
const MOST_OUTPUTS: u32 = 20_000;
/// Deadlines in a row that bring the clock no further.
const MOST_DEADLINES: u32 = 1_000;

/// A device in the middle: hands everything on, keeps a log of it, and checks
/// what only shows here: that deadlines come and pass, and that output ends.
pub(super) struct Probe<D> {
    inner: D,
    now: Instant,
    log: Vec<Event>,
    /// Told before the serial output it follows.
    power: Vec<Event>,
    outputs: u32,
    deadlines: u32,
    broken: Option<Broken>,
}

impl<D: Device> Probe<D> {
    pub(super) fn new(inner: D) -> Self {
        Self {
            inner,
            now: Instant::ZERO,
            log: Vec::new(),
            power: Vec::new(),
            outputs: 0,
            deadlines: 0,
            broken: None,
        }
    }

    /// What happened since the last call.
    pub(super) fn take_log(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.log)
    }

    pub(super) fn take_broken(&mut self) -> Option<Broken> {
        self.broken.take()
    }

    fn record(&mut self, what: What) {
        let at = self.now;
        self.log.push(Event { at, what });
    }

    fn fail(&mut self, invariant: Invariant, detail: String) {
        self.broken.get_or_insert(Broken { invariant, detail });
    }
}

impl<D: Device> Device for Probe<D> {
    fn handle(&mut self, now: Instant, input: Input<'_>) {
        (self.now, self.outputs, self.deadlines) = (now, 0, 0);
        match &input {
            Input::Serial(bytes) => self.record(What::Typed(Bytes::copy_from_slice(bytes))),
            Input::Network { link, event } => match event {
                NetEvent::Received(bytes) => {
                    self.record(What::Got(*link, Bytes::copy_from_slice(bytes)));
                }
                NetEvent::Closed(why) => self.record(What::Gone(*link, Some(*why))),
                NetEvent::Failed(_) | NetEvent::Resolved(_) => {
                    self.record(What::Gone(*link, None));
                }
                _ => {}
            },
            _ => {}
        }
        self.inner.handle(now, input);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.deadlines = if now > self.now {
            0
        } else {
            self.deadlines + 1
        };
        (self.now, self.outputs) = (now, 0);
        self.inner.handle_timeout(now);
        if self.deadlines > MOST_DEADLINES {
            let detail = format!("{} deadlines at one moment", self.deadlines);
            self.fail(Invariant::Deadlines, detail);
        }
        if let Some(next) = self.inner.poll_timeout().filter(|next| *next <= now) {
            let detail = format!("after handle_timeout at {now:?} the next is {next:?}");
            self.fail(Invariant::Deadlines, detail);
        }
    }

    fn poll_output(&mut self) -> Option<Output> {
        let Some(output) = self.inner.poll_output() else {
            self.log.append(&mut self.power);
            return None;
        };
        self.outputs += 1;
        if self.outputs > MOST_OUTPUTS {
            let detail = format!("more than {MOST_OUTPUTS} outputs for one input");
            self.fail(Invariant::Bounds, detail);
            return None;
        }
        match &output {
            Output::Serial { kind, bytes, .. } => self.record(What::Said(*kind, bytes.clone())),
            Output::Network { link, command } => match command {
                NetCommand::Open { host, .. } => self.record(What::Opening(*link, host.clone())),
                NetCommand::Send(bytes) => self.record(What::Sent(*link, bytes.clone())),
                NetCommand::Close | NetCommand::Abort => self.record(What::Gone(*link, None)),
                NetCommand::Pause | NetCommand::Resume | NetCommand::Resolve(_) => {}
            },
            Output::Trace(Trace::Power(on)) => {
                let what = What::Power(*on);
                self.power.push(Event { at: self.now, what });
            }
            _ => {}
        }
        Some(output)
    }

    fn poll_timeout(&self) -> Option<Instant> {
        if self.broken.is_some() {
            // Or a deadline that does not pass would keep the world busy for
            // ever.
            return None;
        }
        self.inner.poll_timeout()
    }
}
