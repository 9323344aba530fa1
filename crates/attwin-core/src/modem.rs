//! The module as a whole: routes inputs to the layers and owns them all.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::time::Duration;

use crate::clock::Clock;
use crate::command::line::{self, NoCommands};
use crate::config::Config;
use crate::handler::{Context, Dialect, ErrorCode, Outcome, Quirks};
use crate::io::{HostEvent, Input, Output, RadioEvent, Trace};
use crate::links::Links;
use crate::quirks::{QuirkError, QuirkInfo};
use crate::radio::{Power, Radio};
use crate::reason::Reason;
use crate::rng::Rng;
use crate::serial::{FinalResult, Port, Received};
use crate::settings::Settings;
use crate::storage::Storage;
use crate::time::{Instant, Timing, earliest};

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
    /// Whether it was on before.
    started: bool,
    /// Whether the log knows that the host spoke to a module that boots.
    told_deaf: bool,
    /// The command line being carried out.
    running: Option<Running>,
    /// A command that blocks the port.
    blocking: Option<Blocking>,
    /// A command line succeeded and what it stores is not kept yet.
    unkept: Option<Unkept>,
}

/// A success that has to wait for [`Output::Store`].
struct Unkept {
    /// When it was.
    at: Instant,
    /// It was `OK`.
    ok: bool,
}

/// Everything a handler can reach, apart from its own dialect.
struct Parts {
    port: Port,
    radio: Radio,
    settings: Settings,
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
    /// Where the command that is carried out starts.
    command: usize,
}

impl Running {
    /// The command that is carried out, as `AT+QMTSUB`.
    fn command_name(&self) -> String {
        let text = &self.line[self.command.min(self.line.len())..];
        let is_name =
            |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'&' | b'$' | b'^' | b'*');
        let end = text.iter().position(|b| !is_name(b)).unwrap_or(text.len());
        format!(
            "AT{}",
            String::from_utf8_lossy(&text[..end.min(32)]).to_uppercase()
        )
    }
}

impl Modem {
    /// A module that is still off.
    pub fn new(config: Config) -> Self {
        let defaults = config.module.defaults();
        Self {
            parts: Parts {
                port: Port::new(),
                radio: Radio::new(defaults, config.identity, config.sim_pin),
                settings: Settings::FACTORY,
                storage: Storage::new(config.stored),
                links: Links::default(),
                clock: Clock::new(config.wall_clock_ms, defaults.zone_quarters),
                rng: Rng::new(config.seed),
                quirks: config.module.quirks(),
                timing: config.timing,
                traces: VecDeque::new(),
                completed: None,
            },
            dialect: config.module.create(),
            powered: false,
            started: false,
            told_deaf: false,
            running: None,
            blocking: None,
            unkept: None,
        }
    }

    /// Overrides one byte-level difference by name; see
    /// [`quirks`](Self::quirks).
    ///
    /// # Errors
    /// The module has no quirk of this name, or the quirk no such value.
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

    /// Whether a command line sent now waits: one is being carried out, collects
    /// data or holds the next one back.
    pub fn is_busy(&self) -> bool {
        self.powered && !self.parts.port.takes_lines()
    }

    /// Something happened.
    pub fn handle(&mut self, now: Instant, input: Input<'_>) {
        match input {
            Input::WallClock(ms) => self.parts.clock.synchronise(now, ms),
            Input::Radio(event) => self.handle_radio(now, event),
            Input::Host(HostEvent::Stalled) => self.parts.port.set_stalled(true),
            Input::Host(HostEvent::Ready) => self.parts.port.set_stalled(false),
            Input::Host(HostEvent::Detached) => self.host_detached(),
            Input::Host(HostEvent::Attached) => {}
            Input::StoreFailed { key } => return self.store_failed(key),
            _ if !self.powered => {}
            Input::Serial(bytes) => self.hear(now, bytes),
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
        // It goes off once its command is done, and no clock says when.
        let is_idle = !self.parts.port.is_busy();
        let own = earliest(own, self.parts.radio.power_due().filter(|_| is_idle));
        earliest(self.parts.port.poll_timeout(&self.parts.quirks.line), own)
    }

    /// The next thing to carry out, until `None`.
    pub fn poll_output(&mut self) -> Option<Output> {
        loop {
            if let Some(trace) = self.parts.traces.pop_front() {
                return Some(Output::Trace(trace));
            }
            if let Some(command) = self.parts.storage.poll_store() {
                return Some(Output::Store(command));
            }
            match self.unkept.take() {
                // It is kept, and the host's next line may be looked at.
                Some(unkept) => self.settle(unkept.at),
                None => break,
            }
        }
        if let Some(said) = self.parts.port.poll_output() {
            return Some(Output::Serial {
                kind: said.kind,
                bytes: said.bytes,
                reason: said.reason,
            });
        }
        if let Some(congested) = self.parts.port.poll_congestion() {
            self.parts.links.pause_all(congested);
        }
        let (link, command) = self.parts.links.poll()?;
        Some(Output::Network { link, command })
    }

    /// The host sent something. While the module boots nobody listens
    /// (docs/spec/quectel.md 10.1).
    fn hear(&mut self, now: Instant, bytes: &[u8]) {
        if self.parts.port.is_deaf(now) && !bytes.is_empty() {
            if !core::mem::replace(&mut self.told_deaf, true) {
                let note = "what the host sends while the module boots is lost".into();
                self.parts.traces.push_back(Trace::Note(note));
            }
            return;
        }
        self.parts.port.push(bytes, &self.parts.quirks.line);
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
                // A module that boots says nothing of what happens meanwhile.
                if self.powered && !self.parts.port.is_deaf(now) {
                    self.with_dialect(now, |dialect, cx| dialect.radio(cx, &change));
                }
            }
            if !self.parts.port.is_busy()
                && let Some(power) = self.parts.radio.take_power_request(now)
            {
                self.parts.port.discard_urcs();
                self.with_dialect(now, |dialect, cx| dialect.switch_off(cx, power));
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
            if self.unkept.is_some() {
                break;
            }
            let Some(received) = self.parts.port.next(now, &self.parts.quirks.line) else {
                break;
            };
            self.carry_out(now, received);
        }
        if let Some(hint) = self.parts.port.take_hint() {
            self.parts.traces.push_back(Trace::Note(hint.into()));
        }
        if self.powered {
            self.parts.port.handle_timeout(now, &self.parts.quirks.line);
        }
        if self.parts.port.take_overrun() {
            let limit = self.parts.quirks.line.typeahead_limit;
            self.parts.traces.push_back(Trace::Note(format!(
                "bytes of the host are lost: {limit} may wait while a command is carried out \
                 (quirk typeahead_limit); wait for its result before sending the next"
            )));
        }
        let dropped = self.parts.port.take_dropped_urcs();
        if dropped > 0 {
            let note = format!("the host has read nothing for too long: {dropped} URC(s) are lost");
            self.parts.traces.push_back(Trace::Note(note));
        }
    }

    fn carry_out(&mut self, now: Instant, received: Received) {
        match received {
            Received::LineTooLong => {
                let limit = self.parts.quirks.line.line_limit;
                let cause = format!("the command line is longer than {limit} bytes");
                self.refuse_line(now, Reason::new(cause));
            }
            Received::Data { end, data } => {
                let outcome = self.with_dialect(now, |dialect, cx| dialect.data(cx, end, data));
                self.resume(now, outcome);
            }
            Received::Line(line) => match line::body(&line, &self.parts.quirks.grammar) {
                Ok(body) if line::has_too_many(body, &self.parts.quirks.grammar) => {
                    self.parts.port.recycle(line);
                    let most = self.parts.quirks.grammar.commands_per_line;
                    let cause = format!("the module takes at most {most} commands on a line");
                    self.refuse_line(now, Reason::new(cause));
                }
                Ok(body) => {
                    let position = line.len() - body.len();
                    self.run_line(
                        now,
                        Running {
                            line,
                            position,
                            command: position,
                        },
                    );
                }
                Err(NoCommands::Ignored) => {
                    self.parts.port.recycle(line);
                    self.parts.port.end_silently(now);
                }
                Err(NoCommands::Refused) => {
                    self.parts.port.recycle(line);
                    self.refuse_line(now, Reason::new("the line does not begin with AT"));
                }
            },
        }
    }

    /// Runs the commands of a line until one blocks or fails.
    fn run_line(&mut self, now: Instant, mut running: Running) {
        loop {
            running.command = running.position;
            let mut rest = &running.line[running.position..];
            let command = match line::next(&mut rest, &self.parts.quirks.grammar) {
                Ok(Some(command)) => command,
                Ok(None) => return self.end_line(now, running, FinalResult::Ok, None),
                Err(_) => {
                    let reason = Reason::new("what stands here is no command");
                    return self.end_line(now, running, FinalResult::Error, Some(reason));
                }
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
            command: 0,
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
            Outcome::Refused(refused) => {
                let (code, reason) = refused.into_parts();
                let result = match code {
                    ErrorCode::Plain => FinalResult::Error,
                    ErrorCode::Cme(code) => self.cme(code),
                };
                self.end_line(now, running, result, Some(reason));
            }
            Outcome::Data(_) if running.position < running.line.len() => {
                self.dialect.abandon_data();
                let reason = Reason::new("a command that takes data must be the last of its line");
                self.end_line(now, running, FinalResult::Error, Some(reason));
            }
            Outcome::Data(request) => {
                self.running = Some(running);
                self.parts.port.enter_data(now, request);
            }
            Outcome::Wait => {
                self.running = Some(running);
                self.parts.port.wait(now, &self.parts.quirks.line);
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
        let space = self.parts.quirks.base.cme_error_space;
        match self.parts.settings.cmee {
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

    /// A line none of whose commands is carried out.
    fn refuse_line(&mut self, now: Instant, reason: Reason) {
        self.finish(now, FinalResult::Error, Some(reason));
    }

    fn end_line(
        &mut self,
        now: Instant,
        running: Running,
        result: FinalResult,
        reason: Option<Reason>,
    ) {
        let reason = reason.map(|reason| reason.of(|| running.command_name()));
        self.parts.port.recycle(running.line);
        self.finish(now, result, reason);
    }

    /// The final result code. One that the host does not want to see takes its
    /// reason to the log all the same.
    fn finish(&mut self, now: Instant, result: FinalResult, mut reason: Option<Reason>) {
        if self.parts.port.quiet()
            && let Some(reason) = reason.take()
        {
            let note = Trace::Note(reason.to_string());
            self.parts.traces.push_back(note);
        }
        if self.parts.storage.has_unkept() {
            let ok = result == FinalResult::Ok && !self.parts.port.quiet();
            self.unkept = Some(Unkept { at: now, ok });
        }
        self.parts.port.finish(now, result, reason);
    }

    /// What the line that just succeeded stores cannot be kept: it fails.
    fn store_failed(&mut self, key: &str) {
        self.parts.storage.failed(key);
        let reason = Reason::new(format!("the computer cannot keep {key}"))
            .remedy("see the line of the log before, and make room in the --state directory");
        let fails = self
            .unkept
            .as_mut()
            .is_some_and(|unkept| core::mem::take(&mut unkept.ok));
        let result = match self.dialect.not_kept(key) {
            ErrorCode::Plain => FinalResult::Error,
            ErrorCode::Cme(code) => self.cme(code),
        };
        if !fails || !self.parts.port.fail_after_all(result, Some(reason.clone())) {
            self.parts.traces.push_back(Trace::Note(reason.to_string()));
        }
    }

    fn host_detached(&mut self) {
        if self.parts.port.in_data_entry() {
            self.dialect.abandon_data();
            // `A/` of the next host repeats it.
            if let Some(running) = self.running.take() {
                self.parts.port.recycle(running.line);
            }
        }
        self.parts.port.host_left();
    }

    fn boot(&mut self, now: Instant) {
        self.powered = true;
        self.parts.traces.push_back(Trace::Power(true));
        self.parts.port.reset();
        // Whoever finds a new module finds it switched on; later starts take
        // their time (docs/spec/quectel.md 10.1).
        if core::mem::replace(&mut self.started, true) {
            let boot_delay = self.parts.quirks.base.boot_delay_ms;
            let deaf = self.parts.timing.delay(boot_delay);
            self.parts.port.deafen(now + deaf);
        }
        self.told_deaf = false;
        self.parts.storage.restart();
        let parts = &mut self.parts;
        parts.radio.boot(&parts.storage);
        parts.settings = Settings {
            cmee: parts.quirks.base.cmee_default,
            ..Settings::FACTORY
        };
        self.with_dialect(now, |dialect, cx| dialect.boot(cx));
        for key in self.parts.storage.take_unreadable() {
            let note = format!("what is kept as {key} cannot be read; it counts as never kept");
            self.parts.traces.push_back(Trace::Note(note));
        }
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
            settings: &mut parts.settings,
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
