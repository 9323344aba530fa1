//! Waiting for what a command brings before the next one is sent, where a scenario
//! says nothing of it yet: a list of commands becomes a transcript as a person at the
//! port would have made it.

use std::collections::BTreeSet;

use attwin_core::{Duration, Instant, MaxTime, Module};

use super::ast::{Line, Scenario, What};

/// How long after a late line another may follow.
const MORE: Duration = Duration::from_secs(1);

/// What the last command may still bring.
#[derive(Debug, Default)]
pub(super) struct Patience {
    /// Whether it is waited for at all.
    waits: bool,
    sent: Instant,
    /// The longest time to the result that follows the answer, if one does.
    longest: Option<Duration>,
    prompted: bool,
    answered: Option<Instant>,
    /// When the last line after the answer came.
    brought: Option<Instant>,
}

impl Patience {
    /// These bytes go to the module.
    pub(super) fn sent(
        &mut self,
        now: Instant,
        waits: bool,
        bytes: &[u8],
        module: &Module,
        timeout: Duration,
    ) {
        // Data belongs to the command before it.
        let longest = match command_name(bytes) {
            Some(name) => longest(module, &name, timeout),
            None => self.longest,
        };
        *self = Self {
            waits,
            sent: now,
            longest,
            ..Self::default()
        };
    }

    /// A prompt came: what follows is data.
    pub(super) fn prompted(&mut self) {
        self.prompted = true;
    }

    /// A line came. `result` tells how a final result ends the command.
    pub(super) fn heard(&mut self, now: Instant, result: Option<bool>) {
        match result {
            Some(good) => {
                self.answered = Some(now);
                if !good {
                    self.longest = None;
                }
            }
            None if self.answered.is_some() => self.brought = Some(now),
            None => {}
        }
    }

    /// Until when the next command waits.
    pub(super) fn until(&self, timeout: Duration) -> Option<Instant> {
        if !self.waits || self.prompted {
            return None;
        }
        match (self.answered, self.brought) {
            (None, _) => Some(self.sent + timeout),
            (Some(_), Some(brought)) => Some(brought + MORE),
            (Some(answered), None) => Some(answered + self.longest?),
        }
    }
}

/// Which of the lines that send something, by their number, say nothing of what comes
/// before the next one.
pub(super) fn bare(scenario: &Scenario) -> BTreeSet<usize> {
    let sends = |line: &&Line| matches!(line.what, What::Send(_));
    // Bytes after bytes are sent in one go on purpose.
    let is_raw = |line: &Line| {
        let place = scenario.sources.place(line.span);
        place.line_text().trim_start().starts_with(">>")
    };
    let mut found = BTreeSet::new();
    let mut number = 0;
    for (index, line) in scenario.steps.iter().enumerate() {
        if !sends(&line) {
            continue;
        }
        let next = scenario.steps.get(index + 1);
        if next.is_none_or(|next| sends(&next) && !(is_raw(line) && is_raw(next))) {
            found.insert(number);
        }
        number += 1;
    }
    found
}

/// The name of the first command of a line, in capitals: `+QMTOPEN`.
fn command_name(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?.to_ascii_uppercase();
    let rest = text.strip_prefix("AT")?;
    let end = rest.find(['=', '?', ';', '\r']).unwrap_or(rest.len());
    Some(rest[..end].to_owned())
}

/// How long the result of a command may take that comes after its answer; `None` if
/// the module has no such result.
fn longest(module: &Module, name: &str, timeout: Duration) -> Option<Duration> {
    let follows = module.urc_table().any(|urc| {
        let end = urc.shape.find(':').unwrap_or(urc.shape.len());
        let urc = &urc.shape[..end];
        !urc.is_empty() && (name.starts_with(urc) || urc.starts_with(name))
    });
    if name.len() < 2 || !follows {
        return None;
    }
    let times = module.command_table().into_iter().filter_map(|spec| {
        (spec.name == name).then_some(match spec.max_time? {
            MaxTime::Fixed(time) => time,
            MaxTime::Settings(_) => timeout,
        })
    });
    times.max()
}
