//! The module as a whole: routes inputs to the layers and owns them all.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use crate::clock::Clock;
use crate::command::line::{self, NoCommands};
use crate::command::{ArgError, Form, Spec};
use crate::config::Timing;
pub(crate) use crate::config::{Config, Identity};
use crate::dialects;
use crate::io::{HostEvent, Input, LinkId, NetEvent, Output, RadioEvent, Trace};
use crate::links::Links;
use crate::quirks::{Millis, QuirkError, QuirkInfo, Quirks};
use crate::radio::{Change, Power, Radio};
use crate::rng::Rng;
use crate::serial::{Channel, DataEnd, DataRequest, FinalResult, Port, Received};
use crate::storage::Storage;
use crate::time::{Instant, earliest};

/// One powered module: a state machine without I/O.
///
/// Feed it [`Input`]s with the current time, call
/// [`handle_timeout`](Self::handle_timeout) when the deadline of
/// [`poll_timeout`](Self::poll_timeout) has come, and after each call carry
/// out everything [`poll_output`](Self::poll_output) returns. Same inputs, same
/// outputs, always.
///
/// A new modem is off; [`RadioEvent::PowerOn`] boots it.
pub struct Modem {
    parts: Parts,
    dialect: Box<dyn Dialect>,
    powered: bool,
    /// The command line being carried out.
    running: Option<Running>,
    /// A command that blocks the port.
    blocking: Option<Blocking>,
}

/// Everything a handler can reach, apart from its own dialect.
struct Parts {
    port: Port,
    radio: Radio,
    storage: Storage,
    links: Links,
    clock: Clock,
    rng: Rng,
    quirks: Quirks,
    timing: Timing,
    traces: VecDeque<Trace>,
    /// How the command that waits ended.
    completed: Option<Outcome>,
}

/// A command that blocks the port and then succeeds.
struct Blocking {
    until: Instant,
    /// Information text at its end.
    reply: Option<String>,
}

/// A command line part of which has been carried out.
struct Running {
    line: Vec<u8>,
    /// Where the next command starts.
    position: usize,
}

/// What a handler may reach.
pub(crate) struct Context<'a> {
    /// The current time.
    pub(crate) now: Instant,
    pub(crate) port: &'a mut Port,
    pub(crate) radio: &'a mut Radio,
    pub(crate) storage: &'a mut Storage,
    pub(crate) links: &'a mut Links,
    pub(crate) clock: &'a mut Clock,
    pub(crate) rng: &'a mut Rng,
    pub(crate) quirks: &'a Quirks,
    timing: Timing,
    traces: &'a mut VecDeque<Trace>,
    completed: &'a mut Option<Outcome>,
}

impl Context<'_> {
    /// An artificial delay of the specification, zero under fast timing.
    pub(crate) fn delay(&self, delay: Millis) -> Duration {
        match self.timing {
            Timing::Real => delay.duration(),
            Timing::Fast => Duration::ZERO,
        }
    }

    /// A line of information text.
    pub(crate) fn reply(&mut self, line: impl AsRef<[u8]>) {
        self.port.reply(line.as_ref());
    }

    /// A line of information text that opens with a CR LF of its own although
    /// it is not the first (docs/spec/onemo.md A2.1).
    pub(crate) fn reply_apart(&mut self, line: impl AsRef<[u8]>) {
        self.port.begin_response();
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
        self.port.urc(self.now, channel, not_before, line.into());
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

/// How a handler leaves its command.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Done: `OK`, or the next command of the line.
    Ok,
    /// Done after blocking the port for this long.
    OkAfter(Duration),
    /// Done after blocking the port for this long, with a line of information
    /// text at its end.
    ReplyAfter(Duration, String),
    /// Failed: `ERROR`.
    Error,
    /// Failed with an error number of 3GPP 27.007 section 9.2 or the
    /// vendor's, reported as AT+CMEE says.
    Cme(u16),
    /// Collects data; goes on in [`Dialect::data`].
    Data(DataRequest),
    /// Waits for something to happen, with the port blocked, until
    /// [`Context::complete`].
    Wait,
}

/// Why the table refused a call. Prints as an explanation for the log, which
/// knows more than `ERROR` says.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub(crate) enum Refusal {
    /// No row has the name.
    #[error("the module has no such command")]
    UnknownCommand,
    /// No row of that name has the option.
    #[error("the command has no such option")]
    UnknownOption,
    /// The row lacks the form.
    #[error("AT{} has no such form", .0.name)]
    UnknownForm(&'static Spec),
    /// The arguments do not fit the row.
    #[error("{}", .error.explain(.spec))]
    Arguments {
        /// The row.
        spec: &'static Spec,
        /// What does not fit.
        error: ArgError,
    },
}

/// One command set: tables and a state machine (ARCHITECTURE.md, "A dialect").
pub(crate) trait Dialect: Send {
    /// Forgets what a restart forgets, and says the boot lines.
    fn boot(&mut self, cx: &mut Context<'_>);

    /// Power is gone: links are dropped without a word.
    fn power_off(&mut self, cx: &mut Context<'_>);

    /// Carries out one command of a line. `rest` is the line after it, which
    /// a command that takes the whole line empties.
    fn call<'a>(
        &mut self,
        cx: &mut Context<'_>,
        command: &line::Command<'a>,
        rest: &mut &'a [u8],
    ) -> Outcome;

    /// The data a command asked for with [`Outcome::Data`].
    fn data(&mut self, cx: &mut Context<'_>, end: DataEnd, data: Vec<u8>) -> Outcome;

    /// The data entry a command asked for will not take place.
    fn abandon_data(&mut self);

    /// Something happened on a link.
    fn network(&mut self, cx: &mut Context<'_>, link: LinkId, event: &NetEvent<'_>);

    /// Something happened to the radio.
    fn radio(&mut self, cx: &mut Context<'_>, change: &Change);

    /// A deadline of [`poll_timeout`](Self::poll_timeout) has come.
    fn handle_timeout(&mut self, cx: &mut Context<'_>);

    /// The dialect's next deadline.
    fn poll_timeout(&self) -> Option<Instant>;

    /// Answers a call the table refused; the default is what the row says.
    fn refuse(&mut self, _: &mut Context<'_>, refusal: Refusal) -> Outcome {
        match refusal {
            Refusal::UnknownForm(spec) | Refusal::Arguments { spec, .. } => {
                spec.refusal.map_or(Outcome::Error, Outcome::Cme)
            }
            Refusal::UnknownCommand | Refusal::UnknownOption => Outcome::Error,
        }
    }

    /// Whether a call may go on before its arguments are read; `Some` answers
    /// it at once.
    fn admit(&mut self, _: &mut Context<'_>, _: &'static Spec, _: Form) -> Option<Outcome> {
        None
    }

    /// Verbose text of an error number, printed under AT+CMEE=2.
    fn cme_text(&self, code: u16) -> Option<&'static str>;

    /// Sets one of the dialect's own knobs.
    fn set_quirk(&mut self, name: &str, value: &str) -> Result<(), QuirkError>;

    /// The dialect's own knobs.
    fn quirks(&self) -> Vec<QuirkInfo>;
}

impl Modem {
    /// A module that is still off.
    pub fn new(config: Config) -> Self {
        let (dialect, quirks) = dialects::create(&config);
        let zone = config.module.profile().zone_quarters;
        Self {
            parts: Parts {
                port: Port::new(),
                radio: Radio::new(&config),
                storage: Storage::new(config.stored),
                links: Links::default(),
                clock: Clock::new(config.wall_clock_ms, zone),
                rng: Rng::new(config.seed),
                quirks,
                timing: config.timing,
                traces: VecDeque::new(),
                completed: None,
            },
            dialect,
            powered: false,
            running: None,
            blocking: None,
        }
    }

    /// Overrides one byte-level difference by name; see
    /// [`quirks`](Self::quirks).
    pub fn set_quirk(&mut self, name: &str, value: &str) -> Result<(), QuirkError> {
        match self.parts.quirks.set(name, value) {
            Err(QuirkError::Unknown { .. }) => self.dialect.set_quirk(name, value),
            result => result,
        }
    }

    /// Every byte-level difference this module knows, with its present value.
    pub fn quirks(&self) -> Vec<QuirkInfo> {
        let mut quirks = self.parts.quirks.describe();
        quirks.extend(self.dialect.quirks());
        quirks
    }

    /// Whether the module is on.
    pub fn is_powered(&self) -> bool {
        self.powered
    }

    /// Something happened.
    pub fn handle(&mut self, now: Instant, input: Input<'_>) {
        match input {
            Input::WallClock(ms) => self.parts.clock.synchronise(now, ms),
            Input::Radio(event) => self.handle_radio(now, event),
            _ if !self.powered => {}
            Input::Serial(bytes) => self.parts.port.push(bytes, &self.parts.quirks),
            Input::Host(HostEvent::Attached) => {}
            Input::Host(HostEvent::Detached) => self.host_detached(),
            Input::Network { link, event } => self.with_dialect(now, |dialect, cx| {
                dialect.network(cx, link, &event);
            }),
        }
        self.settle(now);
    }

    /// The deadline of [`poll_timeout`](Self::poll_timeout) has come. Harmless
    /// at any other time.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.powered {
            if let Some(done) = self.blocking.take_if(|blocking| blocking.until <= now) {
                if let Some(line) = done.reply {
                    self.parts.port.reply(line.as_bytes());
                }
                self.resume(now, Outcome::Ok);
            }
            self.parts.radio.handle_timeout(now);
            self.with_dialect(now, |dialect, cx| {
                if dialect.poll_timeout().is_some_and(|at| at <= cx.now) {
                    dialect.handle_timeout(cx);
                }
            });
        }
        self.settle(now);
    }

    /// When [`handle_timeout`](Self::handle_timeout) must be called next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        if !self.powered {
            return None;
        }
        let blocking = self.blocking.as_ref().map(|blocking| blocking.until);
        let own = earliest(blocking, self.dialect.poll_timeout());
        let own = earliest(own, self.parts.radio.poll_timeout());
        earliest(self.parts.port.poll_timeout(&self.parts.quirks), own)
    }

    /// The next thing to carry out, until `None`.
    pub fn poll_output(&mut self) -> Option<Output> {
        if let Some(trace) = self.parts.traces.pop_front() {
            return Some(Output::Trace(trace));
        }
        if let Some((kind, bytes)) = self.parts.port.poll_output() {
            return Some(Output::Serial { kind, bytes });
        }
        if let Some((link, command)) = self.parts.links.poll() {
            return Some(Output::Network { link, command });
        }
        self.parts.storage.poll_store().map(Output::Store)
    }

    fn handle_radio(&mut self, now: Instant, event: RadioEvent) {
        match event {
            RadioEvent::PowerOn if self.powered => {}
            RadioEvent::PowerOn => self.boot(now),
            RadioEvent::PowerCut => self.power_off(now, true),
            RadioEvent::Reboot if self.powered => self.restart(now),
            event => self.parts.radio.handle(&event, self.powered),
        }
    }

    /// Carries out whatever follows from what just happened, until nothing is
    /// left to do.
    fn settle(&mut self, now: Instant) {
        loop {
            while let Some(change) = self.parts.radio.poll_change() {
                self.parts.traces.extend(change.trace());
                if self.powered {
                    self.with_dialect(now, |dialect, cx| dialect.radio(cx, &change));
                }
            }
            if !self.parts.port.is_busy()
                && let Some(power) = self.parts.radio.take_power_request()
            {
                match power {
                    Power::Off => self.power_off(now, false),
                    Power::Restart => self.restart(now),
                }
            }
            if !self.powered {
                break;
            }
            if let Some(outcome) = self.parts.completed.take()
                && self.parts.port.go_on()
            {
                self.resume(now, outcome);
            }
            let Some(received) = self.parts.port.next(now, &self.parts.quirks) else {
                break;
            };
            self.carry_out(now, received);
        }
        if self.powered {
            self.parts.port.handle_timeout(now, &self.parts.quirks);
        }
        if let Some(congested) = self.parts.port.poll_congestion() {
            self.parts.links.pause_all(congested);
        }
    }

    fn carry_out(&mut self, now: Instant, received: Received) {
        match received {
            Received::LineTooLong => self.parts.port.finish(now, FinalResult::Error),
            Received::Data { end, data } => {
                let outcome = self.with_dialect(now, |dialect, cx| dialect.data(cx, end, data));
                self.resume(now, outcome);
            }
            Received::Line(line) => match line::body(&line, &self.parts.quirks) {
                Ok(body) if line::has_too_many(body, &self.parts.quirks) => {
                    self.parts.port.recycle(line);
                    self.parts.port.finish(now, FinalResult::Error);
                }
                Ok(body) => {
                    let position = line.len() - body.len();
                    self.run_line(now, Running { line, position });
                }
                Err(NoCommands::Ignored) => {
                    self.parts.port.recycle(line);
                    self.parts.port.end_silently(now);
                }
                Err(NoCommands::Refused) => {
                    self.parts.port.recycle(line);
                    self.parts.port.finish(now, FinalResult::Error);
                }
            },
        }
    }

    /// Runs the commands of a line until one blocks or fails.
    fn run_line(&mut self, now: Instant, mut running: Running) {
        loop {
            let mut rest = &running.line[running.position..];
            let command = match line::next(&mut rest, &self.parts.quirks) {
                Ok(Some(command)) => command,
                Ok(None) => return self.end_line(now, running, FinalResult::Ok),
                Err(_) => return self.end_line(now, running, FinalResult::Error),
            };
            self.parts.port.begin_response();
            let outcome =
                self.with_dialect(now, |dialect, cx| dialect.call(cx, &command, &mut rest));
            running.position = running.line.len() - rest.len();
            match self.outcome(now, outcome, running) {
                Some(more) => running = more,
                None => return,
            }
        }
    }

    /// Goes on with the line whose command just ended.
    fn resume(&mut self, now: Instant, outcome: Outcome) {
        let running = self.running.take().unwrap_or(Running {
            line: Vec::new(),
            position: 0,
        });
        if let Some(running) = self.outcome(now, outcome, running) {
            self.run_line(now, running);
        }
    }

    /// Acts on a handler's outcome; returns the line if it goes on at once.
    fn outcome(&mut self, now: Instant, outcome: Outcome, running: Running) -> Option<Running> {
        match outcome {
            Outcome::Ok => return Some(running),
            Outcome::OkAfter(delay) => return self.block(now, delay, None, running),
            Outcome::ReplyAfter(delay, line) => {
                return self.block(now, delay, Some(line), running);
            }
            Outcome::Error => self.end_line(now, running, FinalResult::Error),
            Outcome::Cme(code) => {
                let result = self.cme(code);
                self.end_line(now, running, result);
            }
            Outcome::Data(_) if running.position < running.line.len() => {
                self.dialect.abandon_data();
                self.end_line(now, running, FinalResult::Error);
            }
            Outcome::Data(request) => {
                self.running = Some(running);
                self.parts.port.enter_data(now, request);
            }
            Outcome::Wait => {
                self.running = Some(running);
                self.parts.port.wait(now, &self.parts.quirks);
            }
        }
        None
    }

    /// Blocks the port; returns the line if there is nothing to wait for.
    fn block(
        &mut self,
        now: Instant,
        delay: Duration,
        reply: Option<String>,
        running: Running,
    ) -> Option<Running> {
        if delay.is_zero() {
            if let Some(line) = reply {
                self.parts.port.reply(line.as_bytes());
            }
            return Some(running);
        }
        let until = now + delay;
        self.blocking = Some(Blocking { until, reply });
        self.running = Some(running);
        None
    }

    fn cme(&self, code: u16) -> FinalResult {
        let space = self.parts.quirks.cme_error_space;
        match self.parts.radio.cmee() {
            0 => FinalResult::Error,
            1 => FinalResult::Cme {
                code,
                text: None,
                space,
            },
            _ => FinalResult::Cme {
                code,
                text: self.dialect.cme_text(code),
                space,
            },
        }
    }

    fn end_line(&mut self, now: Instant, running: Running, result: FinalResult) {
        self.parts.port.recycle(running.line);
        self.parts.port.finish(now, result);
    }

    fn host_detached(&mut self) {
        if self.parts.port.in_data_entry() {
            self.dialect.abandon_data();
            self.running = None;
        }
        self.parts.port.abandon_data();
    }

    fn boot(&mut self, now: Instant) {
        self.powered = true;
        self.parts.traces.push_back(Trace::Power(true));
        self.parts.port.reset();
        self.parts.storage.restart();
        let parts = &mut self.parts;
        parts.radio.boot(&parts.quirks, &parts.storage);
        self.with_dialect(now, |dialect, cx| dialect.boot(cx));
    }

    fn power_off(&mut self, now: Instant, abruptly: bool) {
        if !core::mem::take(&mut self.powered) {
            return;
        }
        self.with_dialect(now, |dialect, cx| dialect.power_off(cx));
        if abruptly {
            self.parts.port.silence();
        } else {
            self.parts.port.reset();
        }
        self.parts.radio.power_off();
        self.running = None;
        self.blocking = None;
        self.parts.completed = None;
        self.parts.traces.push_back(Trace::Power(false));
    }

    fn restart(&mut self, now: Instant) {
        self.power_off(now, false);
        self.boot(now);
    }

    fn with_dialect<R>(
        &mut self,
        now: Instant,
        act: impl FnOnce(&mut dyn Dialect, &mut Context<'_>) -> R,
    ) -> R {
        let parts = &mut self.parts;
        let mut cx = Context {
            now,
            port: &mut parts.port,
            radio: &mut parts.radio,
            storage: &mut parts.storage,
            links: &mut parts.links,
            clock: &mut parts.clock,
            rng: &mut parts.rng,
            quirks: &parts.quirks,
            timing: parts.timing,
            traces: &mut parts.traces,
            completed: &mut parts.completed,
        };
        act(&mut *self.dialect, &mut cx)
    }
}
