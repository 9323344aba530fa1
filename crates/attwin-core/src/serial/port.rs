//! The port: receives the host's bytes, decides what they are, and speaks to
//! the host in an order a host can rely on.

use alloc::vec::Vec;

use bytes::Bytes;

use super::data::{DataEnd, DataEntry, DataRequest, Step};
use super::hint::Hints;
use super::line::{Effect, LineEditor};
use super::quirks::LineQuirks;
use super::transmit::{FinalResult, Format, Said, Transmitter};
use super::urc::{Channel, HIGH_WATER, LOW_WATER, UNSHOWN_LIMIT, UrcQueue};
use crate::io::SerialKind;
use crate::reason::Reason;
use crate::time::{Instant, earliest};

/// Something the host said.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// A command line, without its terminator. The port is busy until
    /// [`Port::finish`] or [`Port::enter_data`].
    Line(Vec<u8>),
    /// A line too long to keep; to be answered `ERROR`.
    LineTooLong,
    /// A data entry ended. The port is busy until [`Port::finish`].
    Data {
        /// How it ended.
        end: DataEnd,
        /// What the host entered, also when it ended early.
        data: Vec<u8>,
    },
}

#[derive(Debug)]
enum Mode {
    /// Waiting for or editing a command line.
    Command,
    /// A command is being carried out; the host's bytes wait.
    Busy,
    /// A command waits for something to happen; the host's bytes wait, and
    /// URCs only where the module holds them back.
    Waiting {
        /// URCs may appear between the command's lines.
        urcs: bool,
    },
    /// A command collects data.
    Data(DataEntry),
}

/// Bytes of the host that were lost while a command blocked the port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Overrun {
    None,
    Happened,
    Told,
}

impl Overrun {
    fn happens(&mut self) {
        if *self == Self::None {
            *self = Self::Happened;
        }
    }
}

/// The serial line of one module.
#[derive(Debug)]
pub(crate) struct Port {
    echo: bool,
    format: Format,
    mode: Mode,
    editor: LineEditor,
    /// When the host sent the last byte of a line it has begun.
    last_byte: Instant,
    /// The last command line, for `A/` and for reuse of its allocation.
    last_line: Vec<u8>,
    /// Bytes received but not consumed.
    rx: Vec<u8>,
    consumed: usize,
    overrun: Overrun,
    /// Whether this host was seen to end its lines with CR LF.
    crlf_host: bool,
    after_cr: bool,
    /// Nobody hears the host before this time.
    deaf_until: Instant,
    /// No command line is taken before this time.
    held_until: Option<Instant>,
    /// Whether the running command has opened its information response.
    information_open: bool,
    tx: Transmitter,
    /// The host takes no output.
    stalled: bool,
    /// Bytes of URCs said since.
    stalled_urcs: usize,
    urcs: UrcQueue,
    congested: bool,
    /// URCs dropped since this was last asked.
    dropped_urcs: usize,
    hints: Hints,
}

impl Port {
    pub(crate) fn new() -> Self {
        Self {
            echo: true,
            format: Format {
                verbose: true,
                quiet: false,
            },
            mode: Mode::Command,
            editor: LineEditor::default(),
            last_byte: Instant::ZERO,
            last_line: Vec::new(),
            rx: Vec::new(),
            consumed: 0,
            overrun: Overrun::None,
            crlf_host: false,
            after_cr: false,
            deaf_until: Instant::ZERO,
            held_until: None,
            information_open: false,
            tx: Transmitter::default(),
            stalled: false,
            stalled_urcs: 0,
            urcs: UrcQueue::default(),
            congested: false,
            dropped_urcs: 0,
            hints: Hints::default(),
        }
    }

    /// Forgets everything but what was already said, as at a restart.
    /// Congestion ends with the queue; that it does is still to be polled.
    pub(crate) fn reset(&mut self) {
        let tx = core::mem::take(&mut self.tx);
        let hints = core::mem::take(&mut self.hints);
        *self = Self {
            tx,
            hints,
            crlf_host: self.crlf_host,
            stalled: self.stalled,
            stalled_urcs: self.stalled_urcs,
            congested: self.congested,
            ..Self::new()
        };
    }

    /// Discards also what was already said, as when power is cut.
    pub(crate) fn silence(&mut self) {
        self.reset();
        self.tx.clear();
    }

    /// The module boots: until then it does not hear its host.
    pub(crate) fn deafen(&mut self, until: Instant) {
        self.deaf_until = until;
    }

    pub(crate) fn is_deaf(&self, now: Instant) -> bool {
        now < self.deaf_until
    }

    /// When the module begins, or began, to hear its host.
    pub(crate) fn hears_from(&self) -> Instant {
        self.deaf_until
    }

    /// Whether the host takes output. While it does not, all of it waits here.
    pub(crate) fn set_stalled(&mut self, stalled: bool) {
        self.stalled = stalled;
        self.stalled_urcs = 0;
    }

    /// The host left: what it did not take is lost.
    pub(crate) fn host_left(&mut self) {
        if core::mem::take(&mut self.stalled) {
            self.tx.clear();
        }
        self.abandon_data();
    }

    pub(crate) fn set_echo(&mut self, echo: bool) {
        self.echo = echo;
    }

    pub(crate) fn echo(&self) -> bool {
        self.echo
    }

    pub(crate) fn set_verbose(&mut self, verbose: bool) {
        self.format.verbose = verbose;
    }

    pub(crate) fn verbose(&self) -> bool {
        self.format.verbose
    }

    pub(crate) fn set_quiet(&mut self, quiet: bool) {
        self.format.quiet = quiet;
    }

    pub(crate) fn quiet(&self) -> bool {
        self.format.quiet
    }

    /// Whether a command is being carried out or collects data.
    pub(crate) fn is_busy(&self) -> bool {
        !matches!(self.mode, Mode::Command)
    }

    /// Whether a data entry is in progress.
    pub(crate) fn in_data_entry(&self) -> bool {
        matches!(self.mode, Mode::Data(_))
    }

    /// Takes bytes from the host. While they have to wait only
    /// [`LineQuirks::typeahead_limit`] of them are kept.
    pub(crate) fn push(&mut self, bytes: &[u8], quirks: &LineQuirks) {
        let room = if self.takes_bytes() {
            self.overrun = Overrun::None;
            bytes.len()
        } else {
            let waiting = self.rx.len() - self.consumed;
            bytes
                .len()
                .min(quirks.typeahead_limit.saturating_sub(waiting))
        };
        self.rx.extend_from_slice(&bytes[..room]);
        if room < bytes.len() {
            self.overrun.happens();
        }
        debug_assert!(self.consumed <= self.rx.len());
    }

    /// Whether bytes of the host were lost because too many waited; once for each
    /// time that the port was blocked.
    pub(crate) fn take_overrun(&mut self) -> bool {
        let happened = self.overrun == Overrun::Happened;
        if happened {
            self.overrun = Overrun::Told;
        }
        happened
    }

    /// Whether a command line is carried out as it comes.
    pub(crate) fn takes_lines(&self) -> bool {
        matches!(self.mode, Mode::Command) && self.held_until.is_none()
    }

    /// Whether what the host sends is looked at as it comes.
    fn takes_bytes(&self) -> bool {
        match self.mode {
            Mode::Busy | Mode::Waiting { .. } => false,
            Mode::Data(_) => true,
            Mode::Command => self.held_until.is_none() && !self.stalled,
        }
    }

    /// Works through what the host sent until something has to be carried out.
    /// To be called until it returns `None`.
    pub(crate) fn next(&mut self, now: Instant, quirks: &LineQuirks) -> Option<Received> {
        if matches!(self.mode, Mode::Command)
            && self.held_until.take_if(|until| *until <= now).is_some()
        {
            self.flush_urcs(now);
        }
        let received = match self.mode {
            Mode::Data(_) => self.next_data(now),
            // Its answer would only wait; the line does so instead, whole.
            Mode::Command if self.stalled => None,
            Mode::Command if self.held_until.is_none() => self.next_line(now, quirks),
            _ => {
                // What came in one write with the blocking command waits like
                // what came after it.
                let limit = self.consumed.saturating_add(quirks.typeahead_limit);
                if self.rx.len() > limit {
                    self.rx.truncate(limit);
                    self.overrun.happens();
                }
                None
            }
        };
        if received.is_none() && self.consumed > 0 {
            self.rx.drain(..self.consumed);
            self.consumed = 0;
        }
        debug_assert!(self.consumed <= self.rx.len());
        if received.is_some() && !self.in_data_entry() {
            self.mode = Mode::Busy;
            self.information_open = false;
        }
        received
    }

    fn next_line(&mut self, now: Instant, quirks: &LineQuirks) -> Option<Received> {
        while let Some(&byte) = self.rx.get(self.consumed) {
            self.consumed += 1;
            self.last_byte = now;
            if core::mem::replace(&mut self.after_cr, byte == b'\r') {
                self.crlf_host = byte == b'\n';
            }
            let was_partial = self.editor.is_partial();
            if was_partial {
                self.hints.look(byte, quirks);
            }
            let (effect, echo) = self.editor.push(byte, quirks);
            if echo && self.echo {
                self.tx.echo(&[byte]);
            }
            if matches!(effect, Effect::Complete | Effect::TooLong) {
                self.take_line_feed(quirks);
            }
            match effect {
                // The line was deleted again: what waited for its end follows at
                // once, whether or not the next line came in the same write.
                Effect::Nothing if was_partial && !self.editor.is_partial() => {
                    self.flush_urcs(now);
                }
                Effect::Nothing => {}
                Effect::TooLong => return Some(Received::LineTooLong),
                Effect::Repeat => return Some(Received::Line(self.last_line.clone())),
                // An empty line has no answer, and `A/` does not repeat it.
                Effect::Complete if self.editor.is_blank() => {
                    self.editor.clear();
                    self.flush_urcs(now);
                }
                Effect::Complete => {
                    let mut line = core::mem::take(&mut self.last_line);
                    self.editor.take(&mut line);
                    return Some(Received::Line(line));
                }
            }
        }
        None
    }

    /// A line feed that is to be echoed and came along with the CR is echoed
    /// before the response (docs/spec/onemo.md A2.2).
    fn take_line_feed(&mut self, quirks: &LineQuirks) {
        if quirks.echo_line_feed && self.after_cr && self.rx.get(self.consumed) == Some(&b'\n') {
            self.consumed += 1;
            self.after_cr = false;
            self.crlf_host = true;
            if self.echo {
                self.tx.echo(b"\n");
            }
        }
    }

    /// What to tell the log about the bytes of the host.
    pub(crate) fn take_hint(&mut self) -> Option<&'static str> {
        self.hints.take()
    }

    fn next_data(&mut self, now: Instant) -> Option<Received> {
        let Mode::Data(entry) = &mut self.mode else {
            return None;
        };
        let mut step = entry.advance(now);
        loop {
            match step {
                Step::Prompt => {
                    self.tx.raw(SerialKind::Prompt, entry.request().prompt);
                    step = entry.advance(now);
                    continue;
                }
                Step::End(end) => return Some(self.end_data(end)),
                Step::Wait => {}
            }
            let waiting = &self.rx[self.consumed..];
            if waiting.is_empty() {
                return None;
            }
            let consumed = entry.consume(now, waiting);
            if consumed.count == 0 {
                return None;
            }
            if self.echo && entry.request().echo {
                self.tx.echo(&waiting[..consumed.echo]);
            }
            for _ in 0..consumed.acknowledgements {
                self.tx.raw(SerialKind::Prompt, b"A");
            }
            debug_assert!(consumed.count <= waiting.len());
            self.consumed += consumed.count;
            step = match consumed.step {
                Step::Wait => entry.advance(now),
                step => step,
            };
        }
    }

    fn end_data(&mut self, end: DataEnd) -> Received {
        let mode = core::mem::replace(&mut self.mode, Mode::Busy);
        let data = match mode {
            Mode::Data(entry) => entry.into_data(),
            _ => Vec::new(),
        };
        self.after_cr = false;
        Received::Data { end, data }
    }

    /// Gives a line back once it was carried out, for `A/` and for reuse.
    pub(crate) fn recycle(&mut self, line: Vec<u8>) {
        self.last_line = line;
    }

    /// The running command collects data from here on.
    pub(crate) fn enter_data(&mut self, now: Instant, request: DataRequest) {
        debug_assert!(matches!(self.mode, Mode::Busy));
        // The line feed that ends the line may be there already, or be taken.
        let line_feed = self.rx.get(self.consumed) == Some(&b'\n') || self.crlf_host;
        let entry = DataEntry::new(now, request, line_feed && self.after_cr);
        self.mode = Mode::Data(entry);
    }

    /// Leaves data entry without a word, as when the host's line drops
    /// (docs/spec/simcom.md 4).
    pub(crate) fn abandon_data(&mut self) {
        if self.in_data_entry() {
            self.mode = Mode::Command;
        }
        self.editor.clear();
    }

    /// The running command waits until [`Port::go_on`].
    pub(crate) fn wait(&mut self, now: Instant, quirks: &LineQuirks) {
        debug_assert!(matches!(self.mode, Mode::Busy));
        let urcs = quirks.urcs_while_waiting;
        self.mode = Mode::Waiting { urcs };
        if urcs {
            self.flush_urcs(now);
        }
    }

    /// The command that waits is about to go on: URCs follow its end.
    pub(crate) fn hold_urcs(&mut self) {
        if let Mode::Waiting { urcs } = &mut self.mode {
            *urcs = false;
        }
    }

    /// The command that waited goes on; `false` if there is none.
    pub(crate) fn go_on(&mut self) -> bool {
        let waited = matches!(self.mode, Mode::Waiting { .. });
        debug_assert!(waited, "a command is completed once, while it waits");
        if waited {
            self.mode = Mode::Busy;
        }
        waited
    }

    /// Takes no command line before `until`; URCs due by then come first. What
    /// the host sends meanwhile waits (docs/spec/simcom.md 6). Said again, the later
    /// word counts.
    pub(crate) fn hold_commands(&mut self, until: Instant) {
        self.held_until = Some(until);
    }

    /// Begins an information response: its first line opens with CR LF.
    pub(crate) fn begin_response(&mut self) {
        self.information_open = false;
    }

    /// Goes on with an information response: the next line has no CR LF of its
    /// own to open with.
    pub(crate) fn continue_response(&mut self) {
        self.information_open = true;
    }

    /// A line of information text of the running command.
    pub(crate) fn reply(&mut self, line: &[u8]) {
        self.check_responding();
        let first = !core::mem::replace(&mut self.information_open, true);
        self.tx.information(self.format, first, line);
    }

    fn check_responding(&self) {
        debug_assert!(
            matches!(self.mode, Mode::Busy | Mode::Waiting { .. }),
            "information text belongs to a command that is being carried out"
        );
    }

    /// `CONNECT`, then raw data.
    pub(crate) fn connect(&mut self, suffix: &[u8], data: &[u8]) {
        self.tx.connect(self.format, suffix);
        self.tx.raw(SerialKind::Data, data);
    }

    /// The final result code of the running command line.
    pub(crate) fn finish(&mut self, now: Instant, result: FinalResult, reason: Option<Reason>) {
        self.tx.result(self.format, result, reason);
        self.end_silently(now);
    }

    /// The command line that just ended failed after all, before the host heard
    /// of its success. `false` if it heard already, or hears of no results.
    pub(crate) fn fail_after_all(&mut self, result: FinalResult, reason: Option<Reason>) -> bool {
        self.tx.replace_result(self.format, result, reason)
    }

    /// Ends the running command line without a result code, as for a line that
    /// is ignored.
    pub(crate) fn end_silently(&mut self, now: Instant) {
        debug_assert!(
            !matches!(self.mode, Mode::Command),
            "one final result per line"
        );
        self.mode = Mode::Command;
        self.flush_urcs(now);
    }

    /// An unsolicited result code, shown as soon as `not_before` has come and
    /// no response, data entry or half-typed line is in the way.
    pub(crate) fn urc(
        &mut self,
        now: Instant,
        channel: Channel,
        not_before: Instant,
        line: Bytes,
        reason: Option<Reason>,
    ) {
        let unhindered = match self.mode {
            Mode::Command => !self.editor.is_partial(),
            Mode::Waiting { urcs } => urcs,
            Mode::Busy | Mode::Data(_) => false,
        };
        if self.urcs.bytes() + self.stalled_urcs + line.len() > UNSHOWN_LIMIT {
            self.dropped_urcs += 1;
        } else if unhindered && not_before <= now && self.urcs.is_empty() {
            self.show_urc(&line, reason);
        } else {
            self.urcs.push(channel, not_before.max(now), line, reason);
        }
    }

    /// Drops the URCs that wait: the module is about to switch off.
    pub(crate) fn discard_urcs(&mut self) {
        self.urcs.clear();
    }

    fn flush_urcs(&mut self, now: Instant) {
        while let Some((line, reason)) = self.urcs.pop(now) {
            self.show_urc(&line, reason);
        }
    }

    fn show_urc(&mut self, line: &[u8], reason: Option<Reason>) {
        debug_assert!(
            matches!(self.mode, Mode::Command | Mode::Waiting { urcs: true }),
            "no URC stands inside a response or a data entry"
        );
        if self.stalled {
            self.stalled_urcs += line.len();
        }
        self.tx.urc(self.format, line, reason);
    }

    /// When the next URC may be shown in command state. A half-typed line
    /// holds it back for a time, but neither a line the host has left alone
    /// for that long nor one it goes on typing for longer.
    fn next_urc(&self, quirks: &LineQuirks) -> Option<Instant> {
        let due = self.urcs.due()?;
        if !self.editor.is_partial() {
            return Some(due);
        }
        let held = self.last_byte.min(due) + quirks.partial_line_hold_ms.duration();
        Some(due.max(held))
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant, quirks: &LineQuirks) {
        if self.poll_urcs(quirks).is_some_and(|at| at <= now) {
            self.flush_urcs(now);
        }
    }

    pub(crate) fn poll_timeout(&self, quirks: &LineQuirks) -> Option<Instant> {
        match &self.mode {
            Mode::Data(entry) => entry.deadline(),
            Mode::Command => earliest(self.held_until, self.poll_urcs(quirks)),
            Mode::Busy | Mode::Waiting { .. } => self.poll_urcs(quirks),
        }
    }

    /// When the next URC may be shown, as things are.
    fn poll_urcs(&self, quirks: &LineQuirks) -> Option<Instant> {
        match self.mode {
            Mode::Command => self.next_urc(quirks),
            Mode::Waiting { urcs: true } => self.urcs.due(),
            Mode::Busy | Mode::Waiting { urcs: false } | Mode::Data(_) => None,
        }
    }

    /// The next piece of output the host takes.
    pub(crate) fn poll_output(&mut self) -> Option<Said> {
        if self.stalled {
            return None;
        }
        self.tx.poll()
    }

    /// Whether the answer to "does so much wait for the host that the network
    /// must wait too" has changed, and to what. To be asked once
    /// [`poll_output`](Self::poll_output) has nothing more.
    pub(crate) fn poll_congestion(&mut self) -> Option<bool> {
        let limit = if self.congested {
            LOW_WATER
        } else {
            HIGH_WATER
        };
        let congested = self.urcs.bytes() + self.tx.len() > limit;
        (congested != self.congested).then(|| {
            self.congested = congested;
            congested
        })
    }

    /// How many URCs had to be dropped since the last call.
    pub(crate) fn take_dropped_urcs(&mut self) -> usize {
        core::mem::take(&mut self.dropped_urcs)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;
    use core::time::Duration;

    use super::*;

    fn at(ms: u64) -> Instant {
        Instant::from_origin(Duration::from_millis(ms))
    }

    fn said(port: &mut Port) -> String {
        let mut said = Vec::new();
        while let Some(piece) = port.poll_output() {
            said.extend_from_slice(&piece.bytes);
        }
        String::from_utf8(said).expect("the tests say text")
    }

    /// A port without echo that carries out a command.
    fn busy(quirks: &LineQuirks) -> Port {
        let mut port = Port::new();
        port.set_echo(false);
        port.push(b"AT+X\r", quirks);
        let line = port.next(at(0), quirks);
        assert_eq!(line, Some(Received::Line(b"AT+X".to_vec())));
        port
    }

    const URC: Bytes = Bytes::from_static(b"+URC");

    #[test]
    fn a_waiting_command_holds_urcs_and_lines_back() {
        let quirks = LineQuirks::DEFAULT;
        let mut port = busy(&quirks);
        port.wait(at(0), &quirks);
        port.push(b"AT+Y\r", &quirks);
        port.urc(at(1), Channel::Module, at(1), URC, None);
        assert_eq!(port.next(at(1), &quirks), None);
        port.handle_timeout(at(1), &quirks);
        assert_eq!(
            (said(&mut port).as_str(), port.poll_timeout(&quirks)),
            ("", None)
        );
        assert!(port.go_on());
        port.finish(at(2), FinalResult::Ok, None);
        assert_eq!(said(&mut port), "\r\nOK\r\n\r\n+URC\r\n");
        let line = port.next(at(2), &quirks);
        assert_eq!(line, Some(Received::Line(b"AT+Y".to_vec())));
    }

    #[test]
    fn urcs_stand_between_the_lines_of_a_waiting_command_where_a_module_lets_them() {
        let quirks = LineQuirks {
            urcs_while_waiting: true,
            ..LineQuirks::DEFAULT
        };
        let mut port = busy(&quirks);
        port.urc(at(0), Channel::Module, at(0), URC, None);
        port.urc(at(0), Channel::Client(0), at(5), URC, None);
        assert_eq!(said(&mut port), "", "the command is not waiting yet");
        port.wait(at(0), &quirks);
        assert_eq!(said(&mut port), "\r\n+URC\r\n");
        assert_eq!(port.poll_timeout(&quirks), Some(at(5)));
        port.handle_timeout(at(5), &quirks);
        assert_eq!(said(&mut port), "\r\n+URC\r\n");
    }

    #[test]
    fn urcs_follow_a_command_that_is_about_to_end() {
        let quirks = LineQuirks {
            urcs_while_waiting: true,
            ..LineQuirks::DEFAULT
        };
        let mut port = busy(&quirks);
        port.wait(at(0), &quirks);
        port.hold_urcs();
        port.urc(at(1), Channel::Module, at(1), URC, None);
        assert_eq!(said(&mut port), "");
        assert!(port.go_on());
        port.finish(at(1), FinalResult::Error, None);
        assert_eq!(said(&mut port), "\r\nERROR\r\n\r\n+URC\r\n");
    }

    #[test]
    fn held_lines_follow_the_urcs_of_their_time() {
        let quirks = LineQuirks::DEFAULT;
        let mut port = busy(&quirks);
        port.urc(at(0), Channel::Client(0), at(5), URC, None);
        port.hold_commands(at(5));
        port.finish(at(0), FinalResult::Ok, None);
        port.push(b"AT+Y\r", &quirks);
        assert_eq!(port.next(at(4), &quirks), None);
        assert_eq!(said(&mut port), "\r\nOK\r\n");
        assert_eq!(port.poll_timeout(&quirks), Some(at(5)));
        let line = port.next(at(5), &quirks);
        assert_eq!(line, Some(Received::Line(b"AT+Y".to_vec())));
        assert_eq!(said(&mut port), "\r\n+URC\r\n");
    }

    #[test]
    fn what_waits_is_bounded() {
        let quirks = LineQuirks {
            typeahead_limit: 8,
            ..LineQuirks::DEFAULT
        };
        let mut port = busy(&quirks);
        port.hold_commands(at(5));
        port.finish(at(0), FinalResult::Ok, None);
        port.push(b"AT+Y\rAT+Z\r", &quirks);
        assert!(port.next(at(5), &quirks).is_some());
        port.finish(at(5), FinalResult::Ok, None);
        assert_eq!(port.next(at(5), &quirks), None, "its end was dropped");
        assert!(port.take_overrun());
        assert!(!port.take_overrun(), "said once");
        port.push(b"\r", &quirks);
        assert!(port.next(at(5), &quirks).is_some());
        port.push(b"123456789", &quirks);
        assert!(port.take_overrun(), "and again the next time");
    }
}
