//! Plays a scenario: what to send and to do comes out, what was said and seen
//! goes in, with the time. No clock, no socket, no module.

use attwin_core::{Duration, Instant, Module};

use super::actions::{Action, BrokerAction};
use super::ast::{Expectation, Line, Operation, Saying, Scenario, What, Window};
use super::diagnose::{Failure, Heard, Problem};
use super::escape::Escaped;
use super::framing::{self, Inbox, Response};
use super::matching::{self, Circumstances, Verdict, compare};
use super::patience::Patience;
use super::reports::{self, Reports};
use super::source::{Place, Span};
use super::template::{Captures, Template, Values};
use crate::broker::{BrokerEvent, Message};

/// Bytes of what the module said that a failure shows.
const SHOWN: usize = 600;
/// Reasons and faults a failure shows.
const EXPLAINED: usize = 8;
/// How long the rest of a line that is already known to be wrong may take.
const REST_OF_LINE: Duration = Duration::from_millis(50);
/// How long after its time a line is still recognised as late.
const RECOGNISED_LATE: Duration = Duration::from_secs(10);
/// How long the module may take to answer ATE0 before the first line.
const READY_TIMEOUT: Duration = Duration::from_secs(10);

/// How strictly time is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    /// How far from its time a line may come, either way.
    pub tolerance: Duration,
    /// How long nothing may come after the last line.
    pub settle: Duration,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Send the module these bytes.
    Send(Vec<u8>),
    /// Do this. If it cannot be done, call [`Player::refuse`].
    Act(Action),
    /// Wait until something is said or seen, or until this time.
    Wait(Instant),
    /// The scenario ended as it should.
    Done,
    /// It did not.
    Failed(Box<Failure>),
}

/// Plays one run of a [`Scenario`].
///
/// Call [`poll`](Self::poll) and carry out its [`Step`] until it is
/// [`Done`](Step::Done) or [`Failed`](Step::Failed); report what the module
/// says with [`heard`](Self::heard) and what the broker sees with
/// [`seen`](Self::seen). Times never go backwards.
#[derive(Debug)]
pub struct Player<'a> {
    scenario: &'a Scenario,
    module: &'static Module,
    manner: Manner,
    phase: Phase,
    inbox: Inbox,
    reports: Reports,
    values: Values,
    response: Response,
    /// Lines of the current block that were said.
    ticked: Vec<bool>,
    started: Option<Instant>,
    /// When the current line's turn came.
    since: Instant,
    /// What times are counted from: when the last command was sent, or when
    /// its final result came.
    reference: Instant,
    cause: Option<Span>,
    said: Vec<u8>,
    /// Why something was refused or failed since the last line that did something.
    reasons: Vec<String>,
    /// Faults that acted since then.
    acts: Vec<String>,
    /// Whether broker events are reported.
    watches_broker: bool,
    skipped: Vec<Span>,
    /// How many lines sent something.
    sent: usize,
    patience: Patience,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    PowerOn,
    EchoOff,
    /// Waiting for the answer to ATE0.
    Readying,
    /// Line with this number.
    Line(usize),
    Settling,
    Done,
    Failed(Box<Failure>),
}

/// What a line asks for now.
enum Turn {
    /// It is over.
    Next,
    Step(Step),
}

impl Manner {
    /// Exact to the millisecond.
    pub const VIRTUAL: Self = Self {
        tolerance: Duration::ZERO,
        settle: Duration::from_secs(1),
    };

    /// With this tolerance, for real ports.
    pub const fn real(tolerance: Duration) -> Self {
        Self {
            tolerance,
            settle: Duration::from_secs(1),
        }
    }
}

impl<'a> Player<'a> {
    /// A run of `scenario` with `module`.
    pub fn new(scenario: &'a Scenario, module: &'static Module, manner: Manner) -> Self {
        let mut values = vec![None; scenario.names.len()];
        for (variable, value) in &scenario.header.variables {
            values[*variable] = Some(value.clone());
        }
        Self {
            scenario,
            module,
            manner,
            phase: Phase::PowerOn,
            inbox: Inbox::default(),
            reports: Reports::default(),
            values,
            response: Response::default(),
            ticked: Vec::new(),
            started: None,
            since: Instant::ZERO,
            reference: Instant::ZERO,
            cause: None,
            said: Vec::new(),
            reasons: Vec::new(),
            acts: Vec::new(),
            watches_broker: true,
            skipped: Vec::new(),
            sent: 0,
            patience: Patience::default(),
        }
    }

    /// Broker events are not reported: lines about them are
    /// [skipped](Self::skipped).
    #[must_use]
    pub fn without_broker(mut self) -> Self {
        self.watches_broker = false;
        self
    }

    /// The module it is a run with.
    pub fn module(&self) -> &'static Module {
        self.module
    }

    /// The module said something.
    pub fn heard(&mut self, now: Instant, bytes: &[u8]) {
        self.inbox.push(now, bytes);
        self.said.extend_from_slice(bytes);
        if self.said.len() > 2 * SHOWN {
            self.said.drain(..self.said.len() - SHOWN);
        }
    }

    /// Why the module refused something, or why something failed.
    pub fn explained(&mut self, reason: String) {
        keep_last(&mut self.reasons, reason);
    }

    /// A fault acted.
    pub fn acted(&mut self, act: String) {
        keep_last(&mut self.acts, act);
    }

    /// The broker saw something.
    pub fn seen(&mut self, event: BrokerEvent) {
        self.reports.push(event);
    }

    /// What the last [`Step::Act`] asked for cannot be done, and why.
    pub fn refuse(&mut self, now: Instant, reason: String) {
        let span = self.cause.unwrap_or_default();
        self.phase = Phase::Failed(self.impossible(now, reason, span));
    }

    /// What the last [`Step::Act`] asked for cannot be done here, and the rest
    /// is to be played nevertheless.
    pub fn skip(&mut self) {
        self.skipped.extend(self.cause);
    }

    /// The lines that were left out so far, in order.
    pub fn skipped(&self) -> impl Iterator<Item = Place> {
        let sources = &self.scenario.sources;
        self.skipped.iter().map(|span| sources.place(*span))
    }

    /// What to do at this time.
    ///
    /// # Panics
    /// In debug builds, if time goes back.
    pub fn poll(&mut self, now: Instant) -> Step {
        let started = *self.started.get_or_insert(now);
        debug_assert!(now >= started, "time goes forward");
        loop {
            let turn = match &self.phase {
                Phase::PowerOn => Ok(self.power_on(now)),
                Phase::EchoOff => Ok(self.echo_off(now)),
                Phase::Readying => self.readying(now),
                Phase::Line(number) => match self.scenario.steps.get(*number) {
                    Some(line) => self.line(now, line),
                    None => {
                        self.enter(now, Phase::Settling);
                        continue;
                    }
                },
                Phase::Settling => {
                    let last = self.scenario.steps.last().map(|line| line.span);
                    let settled = self.since + self.manner.settle;
                    let until = self.patience.until(self.scenario.header.timeout);
                    let until = until.map_or(settled, |until| until.max(settled));
                    self.silence(now, until.since(self.since), last.unwrap_or_default())
                }
                Phase::Done => return Step::Done,
                Phase::Failed(failure) => return Step::Failed(failure.clone()),
            };
            match turn {
                Ok(Turn::Step(step)) => return step,
                Ok(Turn::Next) => {
                    let next = match self.phase {
                        Phase::Line(number) => Phase::Line(number + 1),
                        Phase::Settling => Phase::Done,
                        _ => Phase::Line(0),
                    };
                    self.enter(now, next);
                }
                Err(failure) => self.phase = Phase::Failed(failure),
            }
        }
    }

    fn enter(&mut self, now: Instant, phase: Phase) {
        self.phase = phase;
        self.since = now;
        self.ticked.clear();
    }
}

/// Before the first line.
impl Player<'_> {
    fn power_on(&mut self, now: Instant) -> Turn {
        let header = &self.scenario.header;
        self.reference = now;
        self.phase = if header.echo {
            Phase::Line(0)
        } else {
            Phase::EchoOff
        };
        self.since = now;
        Turn::Step(Step::Act(if header.boot_shown {
            Action::PowerOn
        } else {
            Action::Boot
        }))
    }

    fn echo_off(&mut self, now: Instant) -> Turn {
        self.inbox.clear();
        self.enter(now, Phase::Readying);
        Turn::Step(Step::Send(b"ATE0\r".to_vec()))
    }

    fn readying(&mut self, now: Instant) -> Result<Turn, Box<Failure>> {
        const OK: &[u8] = b"OK\r\n";
        let waiting = self.inbox.waiting();
        let found = waiting.windows(OK.len()).position(|window| window == OK);
        if let Some(at) = found {
            self.inbox.take(at + OK.len());
            self.said.clear();
            self.reference = now;
            return Ok(Turn::Next);
        }
        let deadline = self.since + READY_TIMEOUT;
        if now < deadline && !self.inbox.overflowed() {
            return Ok(Turn::Step(Step::Wait(deadline)));
        }
        let first = self.scenario.steps.first().map(|line| line.span);
        Err(self.failure(now, Problem::NotReady, first.unwrap_or_default()))
    }
}

/// Lines.
impl<'a> Player<'a> {
    fn line(&mut self, now: Instant, line: &'a Line) -> Result<Turn, Box<Failure>> {
        if self.inbox.overflowed() {
            return Err(self.failure(now, Problem::TooMuch, line.span));
        }
        match &line.what {
            What::Send(text) => {
                if let Some(turn) = self.nothing_waits(now, line.span)? {
                    return Ok(turn);
                }
                let timeout = self.scenario.header.timeout;
                if let Some(until) = self.patience.until(timeout)
                    && now < until
                {
                    return Ok(Turn::Step(Step::Wait(until)));
                }
                self.act(now, line.span);
                self.response.command();
                let bytes = text.insert(&self.values).into_owned();
                let waits = self.scenario.patient.contains(&self.sent);
                self.sent += 1;
                self.patience.sent(now, waits, &bytes, self.module, timeout);
                Ok(Turn::Step(Step::Send(bytes)))
            }
            What::Fault(fault) => self.action(now, line.span, |_| Ok(Action::Fault(fault.clone()))),
            What::Operate(operation) => self.action(now, line.span, |values| {
                Ok(Action::Broker(broker_action(operation, values)?))
            }),
            What::Expect(expected) => self.expect(now, std::slice::from_ref(expected), line.span),
            What::AnyOrder(expected) => self.expect(now, expected, line.span),
            What::Report(_) if !self.watches_broker => {
                self.skipped.push(line.span);
                Ok(Turn::Next)
            }
            What::Report(report) => {
                if report.never {
                    let seen = self.reports.peek(report, &self.values);
                    return match seen {
                        None => Ok(Turn::Next),
                        Some(seen) => {
                            let mut failure = self.failure(now, Problem::Seen, line.span);
                            failure.reports = vec![seen];
                            Err(failure)
                        }
                    };
                }
                if self.reports.claim(report, &self.values) {
                    return Ok(Turn::Next);
                }
                let deadline = self.since + self.scenario.header.timeout;
                if now < deadline {
                    return Ok(Turn::Step(Step::Wait(deadline)));
                }
                let mut failure = self.failure(now, Problem::NotSeen, line.span);
                failure.expected =
                    reports::show_expected(report, &self.values, &self.scenario.names);
                failure.reports = self.reports.unclaimed(report);
                Err(failure)
            }
            What::Pass(time) => {
                let end = self.since + *time;
                Ok(if now < end {
                    Turn::Step(Step::Wait(end))
                } else {
                    Turn::Next
                })
            }
            What::Silent(time) => self.silence(now, *time, line.span),
        }
    }

    fn action(
        &mut self,
        now: Instant,
        span: Span,
        action: impl FnOnce(&Values) -> Result<Action, String>,
    ) -> Result<Turn, Box<Failure>> {
        if let Some(turn) = self.nothing_waits(now, span)? {
            return Ok(turn);
        }
        let action = action(&self.values);
        self.act(now, span);
        match action {
            Ok(action) => Ok(Turn::Step(Step::Act(action))),
            Err(reason) => Err(self.failure(now, Problem::Impossible(reason), span)),
        }
    }

    /// A line that does something is carried out now.
    fn act(&mut self, now: Instant, span: Span) {
        self.reference = now;
        self.cause = Some(span);
        self.said.clear();
        self.reasons.clear();
        self.acts.clear();
        if let Phase::Line(number) = self.phase {
            self.enter(now, Phase::Line(number + 1));
        }
    }

    fn silence(&mut self, now: Instant, time: Duration, span: Span) -> Result<Turn, Box<Failure>> {
        if let Some(turn) = self.nothing_waits(now, span)? {
            return Ok(turn);
        }
        let end = self.since + time;
        Ok(if now < end {
            Turn::Step(Step::Wait(end))
        } else {
            Turn::Next
        })
    }

    /// Fails if the module said something no line expected.
    fn nothing_waits(&self, now: Instant, span: Span) -> Result<Option<Turn>, Box<Failure>> {
        if self.inbox.is_empty() {
            return Ok(None);
        }
        if let Some(turn) = self.rest_of_line(now) {
            return Ok(Some(turn));
        }
        let mut failure = self.failure(now, Problem::Unexpected, span);
        failure.heard = self.piece();
        Err(failure)
    }

    /// Waits for the end of a line that is known to be wrong, so that a
    /// failure shows the whole of it.
    fn rest_of_line(&self, now: Instant) -> Option<Turn> {
        if matching::is_complete(self.inbox.waiting(), self.module.prompt) {
            return None;
        }
        let deadline = self.inbox.last_arrival()? + REST_OF_LINE;
        (now < deadline).then_some(Turn::Step(Step::Wait(deadline)))
    }

    /// A line, or the lines of a block in any order.
    fn expect(
        &mut self,
        now: Instant,
        expected: &'a [Expectation],
        span: Span,
    ) -> Result<Turn, Box<Failure>> {
        self.ticked.resize(expected.len(), false);
        while let Some(found) = self.find(expected) {
            self.ticked[found.number] = true;
            self.accept(now, &expected[found.number], found)?;
            if self.ticked.iter().all(|ticked| *ticked) {
                return Ok(Turn::Next);
            }
        }
        let open = || {
            let pairs = expected.iter().zip(&self.ticked);
            pairs
                .filter(|(_, ticked)| !**ticked)
                .map(|(expected, _)| expected)
        };
        // The one whose time is up first; a block with nothing open is over.
        let Some(missing) = open().min_by_key(|expected| self.deadline(expected)) else {
            return Ok(Turn::Next);
        };
        let given = self.circumstances();
        let bytes = self.inbox.waiting();
        let mut verdicts = open().map(|expected| compare(expected, bytes, given));
        let problem = if bytes.is_empty() {
            Problem::Missing
        } else if verdicts.any(|verdict| verdict == Verdict::Part) {
            Problem::Incomplete
        } else if let Some(turn) = self.rest_of_line(now) {
            return Ok(turn);
        } else {
            let wrong =
                open().find(|expected| compare(expected, bytes, given) == Verdict::WrongFraming);
            let problem = wrong.map_or(Problem::Different, |_| Problem::Framing);
            let several = expected.len() > 1;
            let line = wrong.unwrap_or(missing);
            let place = if several && wrong.is_none() {
                span
            } else {
                line.span
            };
            return Err(self.mismatch(now, problem, line, place));
        };
        let deadline = self.deadline(missing);
        if now < deadline {
            return Ok(Turn::Step(Step::Wait(deadline)));
        }
        Err(self.mismatch(now, problem, missing, missing.span))
    }

    /// The line that what waits is, exact ones before patterns.
    fn find(&self, expected: &[Expectation]) -> Option<Found> {
        let given = self.circumstances();
        let bytes = self.inbox.waiting();
        let is_pattern = |number: &usize| matches!(expected[*number].said, Saying::Pattern(_));
        let open = || (0..expected.len()).filter(|number| !self.ticked[*number]);
        let exact = open().filter(|number| !is_pattern(number));
        let patterns = open().filter(is_pattern);
        exact
            .chain(patterns)
            .find_map(|number| match compare(&expected[number], bytes, given) {
                Verdict::Fits {
                    len,
                    text,
                    captures,
                } => Some(Found {
                    number,
                    len,
                    text,
                    captures,
                }),
                _ => None,
            })
    }

    /// Takes what fits, and checks when it came.
    fn accept(
        &mut self,
        now: Instant,
        expected: &Expectation,
        found: Found,
    ) -> Result<(), Box<Failure>> {
        if let Some(window) = expected.window {
            let came = self.inbox.arrival(found.len - 1).unwrap_or(now);
            let elapsed = came.since(self.reference);
            if let Some(problem) = self.judge_time(elapsed, window) {
                return Err(self.mismatch(now, problem, expected, expected.span));
            }
        }
        let bytes = self.inbox.waiting();
        for (variable, range) in found.captures {
            self.values[variable] = Some(bytes[range].to_vec());
        }
        if matches!(expected.said, Saying::Prompt) {
            self.patience.prompted();
        }
        let came_final = match found.text {
            Some(text) => {
                let line = &bytes[text];
                let came_final = self.response.line(line);
                let good = line != b"ERROR" && !line.starts_with(b"+CM");
                self.patience.heard(now, came_final.then_some(good));
                came_final
            }
            None => {
                if bytes[..found.len].ends_with(framing::CRLF) {
                    self.response.line(b"");
                }
                false
            }
        };
        let came = self.inbox.take(found.len);
        if came_final {
            self.reference = came.unwrap_or(now);
        }
        Ok(())
    }

    fn judge_time(&self, elapsed: Duration, window: Window) -> Option<Problem> {
        // A time is exact to the millisecond it is written in.
        let millis = Duration::from_millis(1);
        if elapsed + self.manner.tolerance < window.from {
            Some(Problem::Early(elapsed))
        } else if elapsed >= window.to + self.manner.tolerance + millis {
            Some(Problem::Late(elapsed))
        } else {
            None
        }
    }

    /// Until when a line has to come.
    fn deadline(&self, expected: &Expectation) -> Instant {
        match expected.window {
            None => self.since + self.scenario.header.timeout,
            Some(window) => self.reference + window.to + self.manner.tolerance + RECOGNISED_LATE,
        }
    }
}

/// What fits, and how.
struct Found {
    number: usize,
    len: usize,
    text: Option<std::ops::Range<usize>>,
    captures: Captures,
}

/// Failures.
impl Player<'_> {
    /// A line cannot be carried out.
    pub(super) fn impossible(&self, now: Instant, reason: String, span: Span) -> Box<Failure> {
        self.failure(now, Problem::Impossible(reason), span)
    }

    fn circumstances(&self) -> Circumstances<'_> {
        Circumstances {
            response: &self.response,
            prompt: self.module.prompt,
            values: &self.values,
        }
    }

    fn mismatch(
        &self,
        now: Instant,
        problem: Problem,
        expected: &Expectation,
        span: Span,
    ) -> Box<Failure> {
        let mut failure = self.failure(now, problem, span);
        failure.expected = self.show(expected);
        failure.heard = self.piece();
        failure.expected_later = self
            .later()
            .find(|later| {
                later.span != expected.span
                    && matches!(
                        compare(later, self.inbox.waiting(), self.circumstances()),
                        Verdict::Fits { .. }
                    )
            })
            .map(|later| self.scenario.sources.place(later.span));
        failure
    }

    fn failure(&self, now: Instant, problem: Problem, span: Span) -> Box<Failure> {
        let sources = &self.scenario.sources;
        let shown = self.said.len().saturating_sub(SHOWN);
        Box::new(Failure {
            problem,
            place: sources.place(span),
            expected: String::new(),
            heard: None,
            expected_later: None,
            cause: self.cause.map(|span| sources.place(span)),
            said: self.said[shown..].to_vec(),
            reasons: self.reasons.clone(),
            faults: self.acts.clone(),
            reports: Vec::new(),
            after: now.since(self.started.unwrap_or(now)),
            module: self.module.id,
            seed: self.scenario.header.seed,
        })
    }

    /// Expectations of the exchange that follow the current line.
    fn later(&self) -> impl Iterator<Item = &Expectation> {
        let next = match self.phase {
            Phase::Line(number) => number + 1,
            _ => usize::MAX,
        };
        let rest = self.scenario.steps.get(next..).unwrap_or_default();
        rest.iter()
            .take_while(|line| {
                !matches!(line.what, What::Send(_) | What::Fault(_) | What::Operate(_))
            })
            .flat_map(|line| match &line.what {
                What::Expect(expected) => std::slice::from_ref(expected),
                What::AnyOrder(expected) => expected.as_slice(),
                _ => &[],
            })
    }

    /// What waits first.
    fn piece(&self) -> Option<Heard> {
        let bytes = self.inbox.waiting();
        let piece = framing::first(bytes, self.module.prompt)?;
        let came = self.inbox.arrival(piece.len - 1)?;
        let text = &bytes[piece.text.clone()];
        Some(Heard {
            text: text.to_vec(),
            bytes: bytes[..bytes.len().min(piece.len.max(SHOWN / 4))].to_vec(),
            kind: piece.kind,
            elapsed: came.since(self.reference),
            continues: self.response.continues_with(text),
            meanings: meanings(self.module, text),
        })
    }

    fn show(&self, expected: &Expectation) -> String {
        let names = &self.scenario.names;
        let text = |text: &Template| Escaped(&text.show(&self.values, names)).to_string();
        let said = match &expected.said {
            Saying::Line(line) => text(line),
            Saying::Continuation(line) => format!("{} (without CR LF before it)", text(line)),
            Saying::Pattern(pattern) => {
                let shown = pattern.show(&self.values, names);
                format!("a line like {}", String::from_utf8_lossy(&shown))
            }
            Saying::Bytes(bytes) => format!("the bytes {}", text(bytes)),
            Saying::Prompt => format!("the prompt {}", Escaped(self.module.prompt)),
        };
        let time = super::lex::show_time;
        match expected.window {
            None => said,
            Some(window) if window.from == window.to => {
                format!("{said} after {}", time(window.from))
            }
            Some(window) => format!("{said} after {} to {}", time(window.from), time(window.to)),
        }
    }
}

fn keep_last(list: &mut Vec<String>, text: String) {
    if list.len() == EXPLAINED {
        list.remove(0);
    }
    list.push(text);
}

/// What the values of a line mean about which something can be done, as far as
/// the module's tables know.
fn meanings(module: &Module, line: &[u8]) -> Vec<String> {
    let explanations = module.explain(&String::from_utf8_lossy(line));
    let fields = explanations.into_iter().take(1).flat_map(|one| one.fields);
    let meant = fields.filter_map(|field| {
        let meaning = field.meaning?;
        let (name, value, means) = (field.name, field.value, meaning.means);
        Some(format!("{name} {value}: {means}; {}", meaning.remedy?))
    });
    meant.collect()
}

fn broker_action(operation: &Operation, values: &Values) -> Result<BrokerAction, String> {
    let text = |template: &Template| {
        String::from_utf8(template.insert(values).into_owned())
            .map_err(|_| "topics and client identifiers are UTF-8".to_owned())
    };
    Ok(match operation {
        Operation::Publish {
            client,
            topic,
            qos,
            retain,
            payload,
        } => {
            let payload = payload.insert(values).into_owned();
            let message = Message::new(&text(topic)?, payload, *qos, *retain)
                .map_err(|error| error.to_string())?;
            match client {
                None => BrokerAction::Publish(message),
                Some(client) => BrokerAction::Push {
                    client: text(client)?,
                    message,
                },
            }
        }
        Operation::Drop { client } => BrokerAction::Drop {
            client: text(client)?,
        },
        Operation::Refuse { code, count } => BrokerAction::Refuse {
            code: *code,
            count: *count,
        },
        Operation::Stop => BrokerAction::Stop,
        Operation::Start => BrokerAction::Start,
        Operation::Restart { keep } => BrokerAction::Restart { keep: *keep },
        Operation::Forget => BrokerAction::Forget,
    })
}
