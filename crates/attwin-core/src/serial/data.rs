//! Data entry: the host's bytes belong to one command until a length, a
//! terminator, a cancel byte, a pause or an escape sequence ends it.

use alloc::vec::Vec;
use core::time::Duration;

use crate::quirks::BeforePrompt;
use crate::time::Instant;

const SUBSTITUTE: u8 = 0x1a;
const ESCAPE: u8 = 0x1b;
/// Silence around `+++` that makes it an escape (V.250 S12 guard, 1 s).
const GUARD_TIME: Duration = Duration::from_secs(1);

/// What a command that takes data asks of the port.
#[derive(Debug, Clone)]
pub(crate) struct DataRequest {
    /// Bytes shown when the module is ready for data.
    pub(crate) prompt: &'static [u8],
    /// Time from the command's CR to the prompt.
    pub(crate) prompt_delay: Duration,
    /// What happens to bytes that arrive before the prompt.
    pub(crate) before_prompt: BeforePrompt,
    /// How much data there is.
    pub(crate) length: Length,
    /// What happens to bytes after the last data byte.
    pub(crate) surplus: Surplus,
    /// Whether accepted data is echoed when echo is on.
    pub(crate) echo: bool,
    /// Silence that ends the entry early; `None` waits for ever.
    pub(crate) idle_timeout: Option<Duration>,
    /// Send `A` after each full block of this many bytes but the last.
    pub(crate) acknowledge_every: Option<usize>,
    /// Whether `+++` between two pauses of a second ends the entry.
    pub(crate) plus_escape: bool,
}

impl DataRequest {
    /// Exactly `length` bytes without an echo; what follows them is a command
    /// line.
    pub(crate) const fn exact(
        prompt: &'static [u8],
        before_prompt: BeforePrompt,
        length: usize,
    ) -> Self {
        Self {
            prompt,
            prompt_delay: Duration::ZERO,
            before_prompt,
            length: Length::Exact(length),
            surplus: Surplus::Command,
            echo: false,
            idle_timeout: None,
            acknowledge_every: None,
            plus_escape: false,
        }
    }
}

/// How much data there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    /// Exactly this many bytes, of any value.
    Exact(usize),
    /// Up to 0x1A, at most this many bytes kept; 0x1B cancels.
    Terminated(usize),
}

/// What happens to bytes after the last data byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surplus {
    /// They are the next command line.
    Command,
    /// They are discarded until the line was silent for this long; the
    /// command goes on only then.
    Drain(Duration),
}

/// How a data entry ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DataEnd {
    /// The length was reached or the terminator came.
    Complete,
    /// The host cancelled it.
    Cancelled,
    /// The host fell silent.
    TimedOut,
    /// The host escaped with `+++`.
    Escaped,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Waiting for `prompt_delay` to pass.
    BeforePrompt { until: Instant },
    /// Collecting.
    Collecting,
    /// Discarding surplus until the line is silent.
    Draining { until: Instant },
}

/// What the port must do after a step of a data entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Wait for more bytes or the deadline.
    Wait,
    /// Show the prompt.
    Prompt,
    /// The entry is over.
    End(DataEnd),
}

/// One data entry in progress.
#[derive(Debug)]
pub(super) struct DataEntry {
    request: DataRequest,
    phase: Phase,
    /// Leading bytes that still belong to the command line's terminator.
    terminator: &'static [u8],
    data: Vec<u8>,
    /// Bytes of data seen, kept or not.
    seen: usize,
    last_byte: Instant,
    /// `+` signs seen after a guard time, and when the last one came.
    pluses: u8,
    guarded: bool,
}

impl DataEntry {
    /// Starts an entry at the CR of its command. `line_feed_follows` says that
    /// this host ends its lines with CR LF, or that an LF came along, so that
    /// with no delay before the prompt a leading LF is still known to belong
    /// to the command.
    pub(super) fn new(now: Instant, request: DataRequest, line_feed_follows: bool) -> Self {
        let immediate = request.prompt_delay.is_zero();
        let terminator: &'static [u8] = match request.before_prompt {
            _ if immediate && !line_feed_follows => b"",
            BeforePrompt::Discard if !immediate => b"",
            BeforePrompt::Discard | BeforePrompt::DropLineFeed => b"\n",
            BeforePrompt::DropLineFeedNul => b"\n\0",
        };
        Self {
            phase: Phase::BeforePrompt {
                until: now + request.prompt_delay,
            },
            terminator,
            request,
            data: Vec::new(),
            seen: 0,
            last_byte: now,
            pluses: 0,
            guarded: false,
        }
    }

    pub(super) const fn request(&self) -> &DataRequest {
        &self.request
    }

    pub(super) fn into_data(self) -> Vec<u8> {
        self.data
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        match self.phase {
            Phase::BeforePrompt { until } | Phase::Draining { until } => Some(until),
            Phase::Collecting => {
                let idle = self.request.idle_timeout.map(|idle| self.last_byte + idle);
                let escape = (self.pluses == 3).then(|| self.last_byte + GUARD_TIME);
                crate::time::earliest(idle, escape)
            }
        }
    }

    /// Time has passed; also to be called before bytes are consumed, so that a
    /// prompt without delay precedes them.
    pub(super) fn advance(&mut self, now: Instant) -> Step {
        match self.phase {
            Phase::BeforePrompt { until } if until <= now => {
                self.phase = Phase::Collecting;
                self.last_byte = now;
                if !self.request.prompt_delay.is_zero() {
                    self.terminator = b"";
                }
                Step::Prompt
            }
            Phase::Draining { until } if until <= now => Step::End(DataEnd::Complete),
            Phase::Collecting => self.advance_collecting(now),
            _ => Step::Wait,
        }
    }

    fn advance_collecting(&mut self, now: Instant) -> Step {
        if self.pluses == 3 && self.last_byte + GUARD_TIME <= now {
            self.data.truncate(self.data.len().saturating_sub(3));
            return Step::End(DataEnd::Escaped);
        }
        if self.request.length == Length::Exact(0) {
            return self.filled(now);
        }
        match self.request.idle_timeout {
            Some(idle) if self.last_byte + idle <= now => Step::End(DataEnd::TimedOut),
            _ => Step::Wait,
        }
    }

    /// Consumes bytes from the front of `bytes`. Using up none of them means
    /// that they have to wait for the prompt.
    pub(super) fn consume(&mut self, now: Instant, bytes: &[u8]) -> Consumed {
        debug_assert!(!bytes.is_empty());
        if let Some((first, rest)) = self.terminator.split_first() {
            if bytes[0] == *first {
                self.terminator = rest;
                return Consumed::dropped(1);
            }
            self.terminator = b"";
        }
        match &mut self.phase {
            Phase::BeforePrompt { .. } => match self.request.before_prompt {
                BeforePrompt::Discard => Consumed::dropped(bytes.len()),
                BeforePrompt::DropLineFeed | BeforePrompt::DropLineFeedNul => Consumed::dropped(0),
            },
            Phase::Collecting => self.collect(now, bytes),
            Phase::Draining { until } => {
                if let Surplus::Drain(silence) = self.request.surplus {
                    *until = now + silence;
                }
                Consumed::dropped(bytes.len())
            }
        }
    }

    fn collect(&mut self, now: Instant, bytes: &[u8]) -> Consumed {
        self.track_escape(now, bytes);
        self.last_byte = now;
        let mut consumed = match self.request.length {
            Length::Exact(want) => self.collect_exact(now, bytes, want),
            Length::Terminated(limit) => self.collect_terminated(now, bytes, limit),
        };
        // What came along with the last byte is surplus however short the
        // silence that ends the draining.
        if matches!(self.phase, Phase::Draining { .. }) {
            consumed.count = bytes.len();
        }
        consumed
    }

    fn collect_exact(&mut self, now: Instant, bytes: &[u8], want: usize) -> Consumed {
        let take = bytes.len().min(want - self.seen);
        self.data.extend_from_slice(&bytes[..take]);
        let blocks_before = self.blocks(want);
        self.seen += take;
        let acknowledgements = self.blocks(want) - blocks_before;
        let step = if self.seen == want {
            self.filled(now)
        } else {
            Step::Wait
        };
        Consumed {
            count: take,
            echo: take,
            acknowledgements,
            step,
        }
    }

    fn collect_terminated(&mut self, now: Instant, bytes: &[u8], limit: usize) -> Consumed {
        let end = bytes.iter().position(|&b| b == SUBSTITUTE || b == ESCAPE);
        let text = &bytes[..end.unwrap_or(bytes.len())];
        let keep = text.len().min(limit - self.data.len());
        self.data.extend_from_slice(&text[..keep]);
        self.seen += text.len();
        let (count, step) = match end {
            None => (bytes.len(), Step::Wait),
            Some(at) if bytes[at] == ESCAPE => (at + 1, Step::End(DataEnd::Cancelled)),
            Some(at) => (at + 1, self.filled(now)),
        };
        Consumed {
            count,
            echo: keep,
            acknowledgements: 0,
            step,
        }
    }

    /// Full blocks seen, not counting one that ends the transfer.
    fn blocks(&self, want: usize) -> usize {
        match self.request.acknowledge_every {
            Some(block) if self.seen == want => self.seen.saturating_sub(1) / block,
            Some(block) => self.seen / block,
            None => 0,
        }
    }

    fn filled(&mut self, now: Instant) -> Step {
        match self.request.surplus {
            Surplus::Command => Step::End(DataEnd::Complete),
            Surplus::Drain(silence) => {
                self.phase = Phase::Draining {
                    until: now + silence,
                };
                Step::Wait
            }
        }
    }

    fn track_escape(&mut self, now: Instant, bytes: &[u8]) {
        if !self.request.plus_escape {
            return;
        }
        if now.since(self.last_byte) >= GUARD_TIME {
            self.pluses = 0;
            self.guarded = true;
        }
        for &byte in bytes {
            if byte == b'+' && self.guarded && self.pluses < 3 {
                self.pluses += 1;
            } else {
                self.guarded = false;
                self.pluses = 0;
            }
        }
    }
}

/// Outcome of [`DataEntry::consume`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Consumed {
    /// Bytes used up.
    pub(super) count: usize,
    /// Leading bytes of those that are data and may be echoed.
    pub(super) echo: usize,
    /// Block acknowledgements due.
    pub(super) acknowledgements: usize,
    /// What to do next.
    pub(super) step: Step,
}

impl Consumed {
    const fn dropped(count: usize) -> Self {
        Self {
            count,
            echo: 0,
            acknowledgements: 0,
            step: Step::Wait,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROMPT_DELAY: Duration = Duration::from_millis(10);
    const SILENCE: Duration = Duration::from_millis(20);

    fn request(length: Length) -> DataRequest {
        DataRequest {
            prompt: b"\r\n> ",
            prompt_delay: PROMPT_DELAY,
            before_prompt: BeforePrompt::Discard,
            length,
            surplus: Surplus::Drain(SILENCE),
            echo: true,
            idle_timeout: Some(Duration::from_secs(60)),
            acknowledge_every: None,
            plus_escape: false,
        }
    }

    fn at(ms: u64) -> Instant {
        Instant::from_origin(Duration::from_millis(ms))
    }

    /// An entry that has shown its prompt at 10 ms.
    fn prompted(request: DataRequest) -> DataEntry {
        let mut entry = DataEntry::new(at(0), request, false);
        assert_eq!(entry.advance(at(9)), Step::Wait);
        assert_eq!(entry.advance(at(10)), Step::Prompt);
        entry
    }

    #[test]
    fn bytes_before_the_prompt_are_discarded() {
        let mut entry = DataEntry::new(at(0), request(Length::Exact(1)), true);
        assert_eq!(entry.consume(at(1), b"\nabc").count, 4);
        assert_eq!(entry.advance(at(10)), Step::Prompt);
        entry.consume(at(11), b"\n");
        assert_eq!(entry.into_data(), b"\n");
    }

    #[test]
    fn typed_ahead_data_waits_where_the_module_keeps_it() {
        let mut request = request(Length::Exact(2));
        request.before_prompt = BeforePrompt::DropLineFeedNul;
        let mut entry = DataEntry::new(at(0), request, true);
        assert_eq!(entry.consume(at(1), b"\n\0\n\0").count, 1);
        assert_eq!(entry.consume(at(1), b"\0\n\0").count, 1);
        assert_eq!(entry.consume(at(1), b"\n\0").count, 0);
        assert_eq!(entry.advance(at(10)), Step::Prompt);
        assert_eq!(entry.consume(at(10), b"\n\0").count, 2);
        assert_eq!(entry.into_data(), b"\n\0");
    }

    #[test]
    fn without_a_delay_a_line_feed_of_a_crlf_host_is_still_the_commands() {
        let mut request = request(Length::Exact(2));
        request.prompt_delay = Duration::ZERO;
        let mut entry = DataEntry::new(at(0), request.clone(), true);
        assert_eq!(entry.advance(at(0)), Step::Prompt);
        assert_eq!(entry.consume(at(0), b"\n\nx").count, 1);
        assert_eq!(entry.consume(at(0), b"\nx").count, 2);
        let mut entry = DataEntry::new(at(0), request, false);
        assert_eq!(entry.advance(at(0)), Step::Prompt);
        assert_eq!(entry.consume(at(0), b"\nx").count, 2);
    }

    #[test]
    fn surplus_is_drained_until_silence() {
        let mut entry = prompted(request(Length::Exact(3)));
        let consumed = entry.consume(at(20), b"abcdef");
        assert_eq!(
            (consumed.count, consumed.echo, consumed.step),
            (6, 3, Step::Wait)
        );
        assert_eq!(entry.consume(at(30), b"ghi").echo, 0);
        assert_eq!(entry.deadline(), Some(at(50)));
        assert_eq!(entry.advance(at(49)), Step::Wait);
        assert_eq!(entry.advance(at(50)), Step::End(DataEnd::Complete));
        assert_eq!(entry.into_data(), b"abc");
    }

    #[test]
    fn a_terminator_ends_and_escape_cancels() {
        let mut with_command = request(Length::Terminated(4));
        with_command.surplus = Surplus::Command;
        let mut entry = prompted(with_command.clone());
        let consumed = entry.consume(at(20), b"abcdef\x1aAT");
        assert_eq!((consumed.count, consumed.echo), (7, 4));
        assert_eq!(consumed.step, Step::End(DataEnd::Complete));
        assert_eq!(entry.into_data(), b"abcd");
        let mut entry = prompted(with_command);
        assert_eq!(
            entry.consume(at(20), b"ab\x1b").step,
            Step::End(DataEnd::Cancelled)
        );
    }

    #[test]
    fn silence_times_out() {
        let mut entry = prompted(request(Length::Exact(3)));
        entry.consume(at(1000), b"ab");
        assert_eq!(entry.deadline(), Some(at(61_000)));
        assert_eq!(entry.advance(at(60_999)), Step::Wait);
        assert_eq!(entry.advance(at(61_000)), Step::End(DataEnd::TimedOut));
    }

    #[test]
    fn an_empty_entry_is_complete_at_the_prompt() {
        let mut no_drain = request(Length::Exact(0));
        no_drain.surplus = Surplus::Command;
        let mut entry = prompted(no_drain);
        assert_eq!(entry.advance(at(10)), Step::End(DataEnd::Complete));
        let mut entry = prompted(request(Length::Exact(0)));
        assert_eq!(entry.advance(at(10)), Step::Wait);
        assert_eq!(entry.advance(at(30)), Step::End(DataEnd::Complete));
    }

    #[test]
    fn blocks_are_acknowledged_but_not_the_last() {
        let mut request = request(Length::Exact(3072));
        request.acknowledge_every = Some(1024);
        let mut entry = prompted(request);
        assert_eq!(entry.consume(at(11), &[0; 1023]).acknowledgements, 0);
        assert_eq!(entry.consume(at(11), &[0; 1025]).acknowledgements, 2);
        assert_eq!(entry.consume(at(11), &[0; 1024]).acknowledgements, 0);
    }

    #[test]
    fn three_pluses_between_pauses_escape() {
        let mut request = request(Length::Exact(100));
        request.plus_escape = true;
        let mut entry = prompted(request.clone());
        entry.consume(at(20), b"ab");
        entry.consume(at(1020), b"+++");
        assert_eq!(entry.advance(at(2019)), Step::Wait);
        assert_eq!(entry.advance(at(2020)), Step::End(DataEnd::Escaped));
        assert_eq!(entry.into_data(), b"ab");

        let mut entry = prompted(request);
        entry.consume(at(20), b"ab");
        entry.consume(at(1020), b"+++c");
        assert_eq!(entry.advance(at(3000)), Step::Wait);
    }
}
