//! The host's side of the serial line: what was asked, what is answered, and
//! whether each line is one the module may say now.

use std::collections::VecDeque;

use attwin_core::{Duration, Form, Instant, SerialKind, Test};
use bytes::Bytes;

use super::call::Call;
use super::event::Shown;
use super::failure::{Broken, Invariant};
use super::model::{Answer, Entered, Entry, Model, Progress, Reported};
use super::shape::fits;

/// The longest a final result may take after the host's last byte: longer
/// than any command blocks and any data entry waits.
const LONGEST_ANSWER: Duration = Duration::from_secs(200);

/// Bytes kept to compare echo with; with echo off they only pass through.
const MOST_TYPED: usize = 16 * 1024;

/// A command line whose final result is to come.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) calls: Vec<Call>,
    /// Its answer is to be compared with the model.
    pub(super) checked: bool,
    pub(super) prompted: bool,
    pub(super) entered: Entered,
    /// When the module began with it.
    began: Option<Instant>,
    /// How many bytes the host had typed when it was complete.
    end: Option<u64>,
    /// The data is sent along with it.
    pub(super) burst: bool,
    /// Bytes of data sent.
    pub(super) sent: usize,
    information: Vec<Vec<u8>>,
}

impl Line {
    pub(super) fn new(calls: Vec<Call>, checked: bool) -> Self {
        Self {
            calls,
            checked,
            prompted: false,
            entered: Entered::Nothing,
            began: None,
            end: None,
            burst: false,
            sent: 0,
            information: Vec::new(),
        }
    }

    /// Whether the data it asks for was sent, or it asks for none.
    pub(super) fn has_data(&self, model: &dyn Model) -> bool {
        match self.calls.last().and_then(|call| model.entry(call)) {
            None => true,
            Some(Entry::Exact(len)) => self.sent >= len,
            Some(Entry::Terminated) => false,
        }
    }

    fn progress(&self, model: &dyn Model) -> Progress {
        Progress {
            untouched: !self.prompted && self.information.is_empty(),
            has_data: !self.prompted || self.has_data(model),
        }
    }
}

/// Lines sent and not answered, in order.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    pub(super) lines: VecDeque<Line>,
    /// When the host last sent or the module last answered something.
    pub(super) last_word: Instant,
    pub(super) answered: u64,
    /// Bytes that may still be echoed.
    typed: VecDeque<u8>,
    /// Bytes typed before those.
    passed: u64,
    /// A final result was the last thing said, so that a URC may follow
    /// although lines typed ahead wait.
    between_lines: bool,
}

impl Conversation {
    /// The module is off: nothing will be answered.
    pub(super) fn forget(&mut self) {
        self.lines.clear();
        self.pass(self.typed.len());
    }

    /// Bytes that will not be echoed any more.
    fn pass(&mut self, count: usize) {
        self.typed.drain(..count);
        self.passed += count as u64;
    }

    pub(super) fn typed(&mut self, now: Instant, bytes: &[u8], model: &mut dyn Model) {
        self.begin(now, model);
        self.last_word = now;
        self.between_lines = false;
        if let Some(line) = self.lines.front_mut().filter(|line| line.prompted) {
            line.sent += bytes.len();
        }
        if let Some(at) = bytes.iter().position(|byte| *byte == b'\r')
            && let Some(line) = self.lines.back_mut().filter(|line| line.end.is_none())
        {
            line.end = Some(self.passed + (self.typed.len() + at + 1) as u64);
        }
        self.typed.extend(bytes);
        self.pass(self.typed.len().saturating_sub(MOST_TYPED));
    }

    /// The module begins with the next line, if there is one.
    fn begin(&mut self, now: Instant, model: &mut dyn Model) {
        if let Some(line) = self.lines.front_mut()
            && line.began.is_none()
        {
            line.began = Some(now);
            model.begins(now, &line.calls);
        }
    }

    /// Whether nothing is under way that could hold a URC back or lead to one.
    pub(super) fn is_quiet(&self, now: Instant) -> bool {
        self.lines.is_empty() && now.since(self.last_word) > Duration::from_secs(2)
    }

    /// The module said something.
    pub(super) fn said(
        &mut self,
        now: Instant,
        kind: SerialKind,
        bytes: &Bytes,
        model: &mut dyn Model,
    ) -> Result<Reported, Broken> {
        let between_lines = std::mem::replace(&mut self.between_lines, false);
        match kind {
            SerialKind::Echo => self.echoed(bytes)?,
            SerialKind::Information => return self.informed(bytes, model),
            SerialKind::Final => {
                self.last_word = now;
                self.between_lines = true;
                let reported = self.finished(now, bytes, model)?;
                self.begin(now, model);
                return Ok(reported);
            }
            SerialKind::Urc => {
                let line = text(bytes).ok_or_else(|| not_framed(bytes))?;
                self.between_lines = between_lines
                    || self.lines.front().is_some_and(|line| {
                        model.lets_urcs_in(now, &line.calls, line.progress(model))
                    });
                if !self.lines.is_empty() && !self.between_lines {
                    let detail = format!("{} within a response or data entry", Shown(bytes));
                    return Err(Broken::new(Invariant::UrcOrder, detail));
                }
                let reported = model
                    .urc(now, line)
                    .map_err(|why| Broken::new(Invariant::Results, why))?;
                let reported = reported.ok_or_else(|| unknown("URC", line))?;
                return Ok(reported);
            }
            SerialKind::Prompt => self.prompted(now, bytes, model)?,
            SerialKind::Data if self.lines.is_empty() => return Err(unknown("data", bytes)),
            SerialKind::Data => {}
        }
        Ok(Reported::Nothing)
    }

    /// Whether a final result is missing for too long.
    pub(super) fn overdue(&self, now: Instant) -> Result<(), Broken> {
        match self.lines.front() {
            Some(line) if now.since(self.last_word) > LONGEST_ANSWER => {
                let calls = super::generate::line(&line.calls);
                let detail = format!("{} is not answered", Shown(&calls));
                Err(Broken::new(Invariant::FinalResult, detail))
            }
            _ => Ok(()),
        }
    }

    fn echoed(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        for byte in bytes {
            // What is not echoed (line feeds, surplus data) is passed over.
            while self.typed.pop_front().ok_or_else(|| {
                let detail = format!("{} is echoed", Shown(bytes));
                Broken::new(Invariant::Echo, detail)
            })? != *byte
            {
                self.passed += 1;
            }
            self.passed += 1;
        }
        // What was typed ahead is echoed when its turn has come.
        let is_begun = |line: &&Line| line.end.is_some_and(|end| end <= self.passed);
        match self.lines.iter().skip(1).find(is_begun) {
            None => Ok(()),
            Some(line) => {
                let calls = super::generate::line(&line.calls);
                let detail = format!("{} comes before an answer", Shown(&calls));
                Err(Broken::new(Invariant::FinalResult, detail))
            }
        }
    }

    fn informed(&mut self, bytes: &Bytes, model: &mut dyn Model) -> Result<Reported, Broken> {
        let body = text(bytes).ok_or_else(|| not_framed(bytes))?;
        let Some(line) = self.lines.front_mut() else {
            return Err(unknown("information", body));
        };
        // Its name tells whose it is, before anything else does.
        let named = |call: &&Call| model.profile().is_named(call.spec.name, body);
        let shaped = |call: &&Call| {
            is_test_answer(call, body) || model.profile().answers(call.spec.name, body)
        };
        let calls = &line.calls;
        let call = calls.iter().find(named);
        let call = call.or_else(|| calls.iter().find(shaped));
        let call = call.ok_or_else(|| unknown("information", body))?;
        line.information.push(body.to_vec());
        let reported = model.information(call, body);
        let reported = reported.map_err(|why| Broken::new(Invariant::Results, why))?;
        Ok(reported)
    }

    fn finished(
        &mut self,
        now: Instant,
        bytes: &[u8],
        model: &mut dyn Model,
    ) -> Result<Reported, Broken> {
        let ok = matches!(bytes, b"\r\nOK\r\n" | b"0\r");
        let error = matches!(bytes, b"\r\nERROR\r\n" | b"4\r")
            || text(bytes).is_some_and(|line| model.profile().is_error(line));
        if !ok && !error {
            return Err(unknown("final result", bytes));
        }
        let Some(line) = self.lines.pop_front() else {
            let detail = format!("{} answers nothing", Shown(bytes));
            return Err(Broken::new(Invariant::FinalResult, detail));
        };
        self.answered += 1;
        let impossible = |why| Broken::new(Invariant::Results, why);
        let answer = |call| Answer {
            now,
            began: line.began.unwrap_or(now),
            call,
            data: &line.entered,
            lines: &line.information,
            result: text(bytes).unwrap_or(bytes),
        };
        if !ok {
            // Which of several calls failed is not said.
            if let [call] = &line.calls[..] {
                model.refused(&answer(call)).map_err(impossible)?;
            }
            return Ok(Reported::Nothing);
        }
        if let Some(call) = line.calls.iter().find(|call| call.invalid) {
            let detail = format!("AT{} is accepted", Shown(&call.text));
            return Err(Broken::new(Invariant::Refusal, detail));
        }
        let mut reported = Reported::Nothing;
        for call in &line.calls {
            match model.accepted(&answer(call)).map_err(impossible)? {
                Reported::Nothing => {}
                of_call => reported = of_call,
            }
        }
        if let (true, [call]) = (line.checked, &line.calls[..]) {
            model
                .check_answer(call, &line.information)
                .map_err(|why| Broken::new(Invariant::Queries, why))?;
        }
        Ok(reported)
    }

    fn prompted(&mut self, now: Instant, bytes: &[u8], model: &dyn Model) -> Result<(), Broken> {
        let Some(line) = self.lines.front_mut() else {
            return Err(unknown("prompt", bytes));
        };
        let prompts = model.profile().prompts;
        if !prompts.iter().any(|shape| fits(shape, bytes)) {
            return Err(unknown("prompt", bytes));
        }
        line.prompted = true;
        self.last_word = now;
        Ok(())
    }
}

/// The text of a framed line.
pub(super) fn text(bytes: &[u8]) -> Option<&[u8]> {
    let body = bytes.strip_suffix(b"\r\n")?;
    Some(body.strip_prefix(b"\r\n").unwrap_or(body))
}

/// Whether a line is one of those the table has for a test form.
fn is_test_answer(call: &Call, line: &[u8]) -> bool {
    match (call.form, call.spec.test) {
        (Form::Test, Test::Lines(lines)) => lines.iter().any(|l| l.as_bytes() == line),
        _ => false,
    }
}

fn unknown(what: &str, bytes: &[u8]) -> Broken {
    let detail = format!("{} is no {what} of this moment", Shown(bytes));
    Broken::new(Invariant::Lines, detail)
}

fn not_framed(bytes: &[u8]) -> Broken {
    let detail = format!("{} is not framed as a line", Shown(bytes));
    Broken::new(Invariant::Lines, detail)
}
