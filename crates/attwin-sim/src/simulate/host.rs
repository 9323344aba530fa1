//! The host: mostly it behaves, sometimes it hurries, is slow, types ahead,
//! makes mistakes or leaves data half entered.

use std::collections::VecDeque;

use attwin_core::{Duration, Instant};

use super::call::Call;
use super::conversation::{Conversation, Line};
use super::generate;
use super::grammar::Grammar;
use super::model::{Entered, Entry, Model};
use super::payload::Payloads;
use super::profile::is_extended;
use super::random::Rng;

/// Bytes the host enters at most; a command that wants more waits in vain.
const MOST_ENTERED: usize = 12_000;
/// Bytes of data sent along with their command.
const MOST_BURST: usize = 400;
/// Lines sent without waiting for the answer to the first.
const MOST_AHEAD: usize = 3;

/// Bytes to send, after a pause.
#[derive(Debug)]
struct Chunk {
    pause: Duration,
    bytes: Vec<u8>,
    /// The line that these bytes complete.
    line: Option<Line>,
}

/// What the host does next.
#[derive(Debug)]
pub(super) enum Action {
    /// Sends bytes; they complete this line.
    Send(Vec<u8>, Option<Line>),
    /// Closes the line and opens it again.
    Reattach,
    /// Lets time pass.
    Wait(Duration),
}

/// The host.
pub(super) struct Host {
    rng: Rng,
    grammar: Grammar,
    payloads: Payloads,
    typing: VecDeque<Chunk>,
    /// How much of what it says serves its goal, in thousandths.
    purposeful: u32,
    /// It hardly waits between what it says.
    hurries: bool,
    /// It has done nothing for a while, and may do something new.
    waited: bool,
    /// The data for the present prompt is being typed, or never will be.
    entering: bool,
}

impl Host {
    pub(super) fn new(mut rng: Rng, grammar: Grammar) -> Self {
        Self {
            purposeful: *rng.pick(&[500, 800, 950]),
            hurries: rng.per_mille(100),
            rng,
            grammar,
            payloads: Payloads::new('m'),
            typing: VecDeque::new(),
            waited: false,
            entering: false,
        }
    }

    /// The module is off; what was half typed is forgotten.
    pub(super) fn forget(&mut self) {
        self.typing.clear();
        self.entering = false;
    }

    /// Whether nothing is half typed.
    pub(super) fn is_idle(&self) -> bool {
        self.typing.is_empty()
    }

    /// The next thing it does.
    pub(super) fn act(
        &mut self,
        now: Instant,
        talk: &mut Conversation,
        model: &mut dyn Model,
        finishing: bool,
    ) -> Action {
        let prompted = talk.lines.front().is_some_and(|line| line.prompted);
        if !prompted && std::mem::take(&mut self.entering) {
            // Too slow: the module waits for data no more.
            self.typing.clear();
        }
        if let Some(chunk) = self.typing.front_mut() {
            let pause = std::mem::take(&mut chunk.pause);
            if !pause.is_zero() {
                return Action::Wait(pause);
            }
            if let Some(chunk) = self.typing.pop_front() {
                return Action::Send(chunk.bytes, chunk.line);
            }
        }
        if !std::mem::take(&mut self.waited) {
            self.waited = true;
            return Action::Wait(self.pause(now, talk));
        }
        if prompted {
            let front = talk.lines.front();
            let has_data = front.is_some_and(|line| line.burst);
            let is_complete = front.is_some_and(|line| line.has_data(model));
            if !self.entering {
                self.entering = true;
                if !has_data {
                    self.enter(talk, model);
                }
            } else if !is_complete && self.rng.per_mille(2) {
                // The module forgets the command without an answer.
                talk.lines.pop_front();
                return Action::Reattach;
            }
            return Action::Wait(Duration::ZERO);
        }
        let ahead = talk.lines.len();
        let waits = ahead > 0
            && (ahead >= MOST_AHEAD
                || talk.lines.iter().any(|line| may_prompt(line, model))
                || !self.rng.per_mille(80));
        if finishing || waits {
            return Action::Wait(Duration::ZERO);
        }
        self.say(now, talk, model);
        Action::Wait(Duration::ZERO)
    }

    /// Asks about the model's states at a quiet moment.
    pub(super) fn ask(&mut self, call: Call) {
        let bytes = [&generate::line(std::slice::from_ref(&call))[..], b"\r"].concat();
        self.typing.push_back(Chunk {
            pause: Duration::ZERO,
            bytes,
            line: Some(Line::new(vec![call], true)),
        });
    }

    /// Bytes of no meaning, or lines with mistakes in them.
    pub(super) fn garbage(&mut self, model: &dyn Model) -> Vec<u8> {
        if self.rng.per_mille(200) {
            let len = self.rng.below(40);
            return self.rng.bytes(len);
        }
        let call = generate::call(&mut self.rng, &self.grammar, model);
        let mut line = generate::line(&[call]);
        line.push(b'\r');
        for _ in 0..self.rng.below(4) {
            let at = self.rng.below(line.len());
            match self.rng.below(3) {
                0 => drop(line.remove(at)),
                1 => line.insert(at, *self.rng.pick(b"\x00\x08\x1a\x1b\n\"\\;,=?A/\xff")),
                _ => line.truncate(at.max(1)),
            }
            if line.is_empty() {
                break;
            }
        }
        line
    }

    /// How long it does nothing.
    fn pause(&mut self, now: Instant, talk: &Conversation) -> Duration {
        let rng = &mut self.rng;
        if !talk.lines.is_empty() {
            // The longer it has waited, the longer it waits.
            return rng.millis(0, 40) + now.since(talk.last_word) / 4;
        }
        match rng.below(100) {
            0..=94 if self.hurries => rng.millis(0, 60),
            0..=49 => rng.millis(0, 60),
            50..=69 => rng.millis(60, 1_500),
            70..=94 => rng.millis(2_001, 8_000),
            95..=98 => rng.millis(8_000, 40_000),
            _ => rng.millis(40_000, 400_000),
        }
    }

    /// Says something new, or asks how things are if it is quiet.
    fn say(&mut self, now: Instant, talk: &Conversation, model: &mut dyn Model) {
        if talk.is_quiet(now) && self.rng.per_mille(500) {
            let queries = model.queries();
            let call = model.query(self.rng.pick::<&str>(&queries));
            return self.ask(call);
        }
        let mut calls = Vec::new();
        let last = if self.rng.per_mille(self.purposeful) {
            model.goal(&mut self.rng, &mut self.payloads)
        } else {
            generate::call(&mut self.rng, &self.grammar, model)
        };
        let lists = self.grammar.profile.lists;
        if lists && is_extended(last.spec.name) && self.rng.per_mille(60) {
            let first = generate::call(&mut self.rng, &self.grammar, model);
            // A line of an answer tells by its name whose it is.
            let differs = first.spec.name != last.spec.name;
            if differs && first.only_asks() && is_extended(first.spec.name) {
                calls.push(first);
            }
        }
        calls.push(last);
        let mut bytes = generate::line(&calls);
        bytes.extend_from_slice(if self.rng.per_mille(300) {
            b"\r\n"
        } else {
            b"\r"
        });
        self.noise();
        let line = Line::new(calls, false);
        let entry = line.calls.last().and_then(|call| model.entry(call));
        if let (Some(Entry::Exact(len @ 1..=MOST_BURST)), true) =
            (entry, self.grammar.profile.bursts)
            && self.rng.per_mille(150)
        {
            return self.burst(bytes, line, len);
        }
        self.type_out(&bytes, Some(line));
    }

    /// Sends a command and its data in one write. If the command is refused,
    /// the data is a line without a command in it.
    fn burst(&mut self, mut bytes: Vec<u8>, mut line: Line, len: usize) {
        let mut data = self.payloads.exactly(&mut self.rng, len);
        for byte in data.iter_mut().skip_while(|b| **b != b'.').skip(1) {
            *byte = b'0' + *byte % 10;
        }
        bytes.extend_from_slice(&data);
        bytes.extend_from_slice(b"\r\n");
        line.sent = len;
        line.burst = true;
        line.entered = Entered::Data(data);
        self.typing.push_back(Chunk {
            pause: Duration::ZERO,
            bytes,
            line: Some(line),
        });
    }

    /// Bytes that are no command and change nothing.
    fn noise(&mut self) {
        let noise = self.grammar.profile.noise;
        let Some(noise) = noise.get(self.rng.below(60)) else {
            return;
        };
        self.type_out(noise, None);
    }

    /// Cuts bytes into writes.
    fn type_out(&mut self, bytes: &[u8], line: Option<Line>) {
        // A line feed may come late, but the line is complete without it.
        let whole = !self.rng.per_mille(150);
        let mut rest = bytes;
        while !whole && rest.len() > 4 {
            let count = 1 + self.rng.below(rest.len() - 4);
            let pause = match self.rng.below(30) {
                0 => self.rng.millis(500, 3_000),
                1..=9 => self.rng.millis(1, 40),
                _ => Duration::ZERO,
            };
            self.typing.push_back(Chunk {
                pause,
                bytes: rest[..count].to_vec(),
                line: None,
            });
            rest = &rest[count..];
        }
        self.typing.push_back(Chunk {
            pause: Duration::ZERO,
            bytes: rest.to_vec(),
            line,
        });
    }

    /// Answers a prompt: mostly as it should.
    fn enter(&mut self, talk: &mut Conversation, model: &dyn Model) {
        let Some(line) = talk.lines.front_mut() else {
            return;
        };
        let Some(entry) = line.calls.last().and_then(|call| model.entry(call)) else {
            return;
        };
        let rng = &mut self.rng;
        let choice = rng.below(100);
        let own = line.calls.last().and_then(|call| model.entered(call));
        let mut bytes = match (own, entry) {
            (Some(own), _) => own,
            (None, Entry::Exact(len)) => self.payloads.exactly(rng, len.min(MOST_ENTERED)),
            (None, Entry::Terminated) => {
                let len = *rng.pick(&[8, 30, 300]);
                let mut text = self.payloads.binary(rng, len);
                text.retain(|b| !matches!(b, 0x1a | 0x1b));
                text
            }
        };
        line.entered = Entered::Data(bytes.clone());
        match choice {
            // It never comes.
            0 => return,
            // It breaks off.
            1 | 2 => bytes.truncate(bytes.len() / 2),
            // It changes its mind.
            3 | 4 if entry == Entry::Terminated => {
                line.entered = Entered::Cancelled;
                bytes.push(0x1b);
            }
            // It sends more than announced, as one write.
            5..=9 if matches!(entry, Entry::Exact(_)) => {
                bytes.extend_from_slice(self.grammar.profile.surplus);
                self.typing.push_back(Chunk {
                    pause: Duration::ZERO,
                    bytes,
                    line: None,
                });
                return;
            }
            _ if entry == Entry::Terminated => bytes.push(0x1a),
            _ => {}
        }
        self.type_out(&bytes, None);
    }
}

/// Whether a line may lead to a prompt, so that nothing may be typed ahead.
fn may_prompt(line: &Line, model: &dyn Model) -> bool {
    line.calls.iter().any(|call| model.entry(call).is_some())
}
