//! Writes down a session as a scenario, while it happens.

use attwin_core::{Duration, Instant, Module};

use super::diagnose::Heard;
use super::escape::Escaped;
use super::framing::{self, Inbox, Piece, PieceKind, Response};
use super::lex::show_time;
use super::update::{literal, written};

/// What comes sooner than this needs no time in the scenario, and a host that
/// waits for less no pause.
const NOTABLE: Duration = Duration::from_secs(1);
/// Least that a time is widened by, either way, for the next run.
const MARGIN: Duration = Duration::from_millis(500);
/// Times are written in steps of this.
const STEP: Duration = Duration::from_millis(100);
/// Most bytes of either side that wait for the end of their line; more are
/// written as they stand.
const MAX_LINE: usize = 64 * 1024;

/// Listens to a host and a module, and writes what passes between them as a
/// [`Scenario`](super::Scenario).
///
/// The scenario begins with the first byte of the host; what the module says
/// before that, such as its boot lines, is not part of it. Times never go
/// backwards.
pub struct Recorder {
    /// What the file begins with, until it is known whether there is echo.
    header: Option<String>,
    text: String,
    prompt: &'static [u8],
    inbox: Inbox,
    response: Response,
    /// Bytes of the host that are not written yet.
    host: Vec<u8>,
    /// When the last of them came.
    sent_at: Instant,
    /// How long the host waited before the first of them.
    pause: Duration,
    /// The module asked for data.
    prompted: bool,
    /// What an echo would consist of.
    echo: Vec<u8>,
    /// What times are counted from, as in a [`Player`](super::Player).
    reference: Instant,
    /// When something last passed.
    last: Option<Instant>,
}

impl Recorder {
    /// A scenario for `module`, with a comment at its beginning.
    pub fn new(module: &Module, comment: &str) -> Self {
        let comment: String = comment.lines().map(|line| format!("# {line}\n")).collect();
        Self {
            header: Some(format!("{comment}module {}\n", module.id)),
            text: String::new(),
            prompt: module.prompt,
            inbox: Inbox::default(),
            response: Response::default(),
            host: Vec::new(),
            sent_at: Instant::ZERO,
            pause: Duration::ZERO,
            prompted: false,
            echo: Vec::new(),
            reference: Instant::ZERO,
            last: None,
        }
    }

    /// The host sent bytes.
    pub fn sent(&mut self, now: Instant, bytes: &[u8]) {
        if self.host.is_empty() {
            self.pause = self.last.map_or(Duration::ZERO, |last| now.since(last));
        }
        self.last = Some(now);
        self.sent_at = now;
        self.host.extend_from_slice(bytes);
        while !self.prompted
            && let Some(end) = self.host.iter().position(|byte| *byte == b'\r')
        {
            let rest = self.host.split_off(end + 1);
            self.write_host();
            self.host = rest;
        }
        if self.host.len() > MAX_LINE {
            self.write_host();
        }
    }

    /// The module said bytes.
    pub fn heard(&mut self, now: Instant, bytes: &[u8]) {
        let Some(&first) = bytes.first() else { return };
        if self.last.is_none() {
            return;
        }
        if let Some(header) = self.header.take() {
            // Everything but echo begins with CR LF.
            let echo = if first == b'\r' { "" } else { "echo on\n" };
            self.text.insert_str(0, &format!("{header}{echo}\n"));
        }
        if self.prompted && !self.host.is_empty() {
            self.write_host();
        }
        self.last = Some(now);
        self.inbox.push(now, bytes);
        while self.write_module() {}
        if self.inbox.waiting().len() > MAX_LINE {
            self.write_fragment();
        }
    }

    /// Takes what there is to write so far. Nothing comes before the header,
    /// which is complete with the first answer.
    pub fn take(&mut self) -> String {
        if self.header.is_some() {
            return String::new();
        }
        std::mem::take(&mut self.text)
    }

    /// Takes the rest.
    pub fn finish(mut self) -> String {
        if !self.host.is_empty() {
            self.write_host();
        }
        self.write_fragment();
        let header = self.header.take();
        header.map_or_else(String::new, |header| format!("{header}\n")) + &self.text
    }

    /// Writes what the host sent.
    fn write_host(&mut self) {
        // The beginning of an echo belongs behind what it is the echo of.
        if !self.host.starts_with(self.inbox.waiting()) {
            self.write_fragment();
        }
        if self.pause >= NOTABLE {
            let pause = show_time(rounded(self.pause));
            self.text.push_str(&format!("~ {pause}\n"));
        }
        let command = self.host.strip_suffix(b"\r").filter(|_| !self.prompted);
        let plain = command
            .and_then(|command| std::str::from_utf8(command).ok())
            .filter(|text| !text.is_empty() && !text.chars().any(char::is_control));
        let line = match plain {
            Some(text) => format!("> {}\n", literal(text)),
            None => format!(">> {}\n", literal(&Escaped(&self.host).to_string())),
        };
        self.text.push_str(&line);
        self.echo = std::mem::take(&mut self.host);
        self.pause = Duration::ZERO;
        self.reference = self.sent_at;
        self.response.command();
    }

    /// Writes the next thing the module said; whether there was one.
    fn write_module(&mut self) -> bool {
        let waiting = self.inbox.waiting();
        if !self.echo.is_empty() && !waiting.is_empty() {
            if waiting.starts_with(&self.echo) {
                let len = self.echo.len();
                self.echo.clear();
                self.write_piece(&Piece {
                    len,
                    text: 0..len,
                    kind: PieceKind::Echo,
                });
                return true;
            }
            if self.echo.starts_with(waiting) {
                return false;
            }
        }
        match framing::first(waiting, self.prompt) {
            None => false,
            Some(piece) if piece.kind == PieceKind::Fragment => false,
            Some(piece) => {
                self.write_piece(&piece);
                true
            }
        }
    }

    /// Writes what has no end, as it stands.
    fn write_fragment(&mut self) {
        let len = self.inbox.waiting().len();
        if len > 0 {
            self.write_piece(&Piece {
                len,
                text: 0..len,
                kind: PieceKind::Fragment,
            });
        }
    }

    fn write_piece(&mut self, piece: &Piece) {
        let waiting = self.inbox.waiting();
        let text = waiting[piece.text.clone()].to_vec();
        let bytes = waiting[..piece.len].to_vec();
        let came = self.inbox.take(piece.len).unwrap_or(self.reference);
        let elapsed = came.since(self.reference);
        let heard = Heard {
            kind: piece.kind,
            continues: self.response.continues_with(&text),
            meanings: Vec::new(),
            elapsed,
            bytes,
            text,
        };
        let time = if elapsed < NOTABLE {
            String::new()
        } else {
            let margin = MARGIN.max(elapsed / 4);
            let from = show_time(rounded(elapsed.saturating_sub(margin)));
            format!("[{from}..{}]", show_time(rounded(elapsed + margin)))
        };
        self.text.push_str(&written(&heard, &time));
        self.text.push('\n');
        self.prompted = piece.kind == PieceKind::Prompt;
        let is_line = matches!(piece.kind, PieceKind::Line | PieceKind::Continuation);
        if is_line && self.response.line(&heard.text) {
            self.reference = came;
        }
    }
}

fn rounded(time: Duration) -> Duration {
    let step = STEP.as_millis();
    let steps = (time.as_millis() + step / 2) / step;
    u32::try_from(steps).map_or(Duration::MAX, |steps| STEP * steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::from_origin(Duration::from_millis(millis))
    }

    fn recorder() -> Recorder {
        let module = attwin_core::find_module("quectel-ec25").expect("a module");
        Recorder::new(module, "Recorded")
    }

    #[test]
    fn a_typed_session_with_echo_and_data() {
        let mut recorder = recorder();
        recorder.heard(at(0), b"\r\nRDY\r\n");
        for (i, byte) in (0..).zip(b"AT\r") {
            recorder.sent(at(i), &[*byte]);
            recorder.heard(at(i), &[*byte]);
        }
        recorder.heard(at(5), b"\r\nO");
        recorder.heard(at(6), b"K\r\n");
        recorder.sent(at(3006), b"AT+X\r");
        recorder.heard(at(3006), b"AT+X\r\r\n> ");
        recorder.sent(at(3007), b"a\r");
        recorder.sent(at(3007), b"{b}\x1a");
        recorder.heard(at(5007), b"\r\nOK\r\n\r\n+X: {json}\r\n");
        assert_eq!(
            recorder.finish(),
            "# Recorded\nmodule quectel-ec25\necho on\n\n> AT\n<< AT\\r\n< OK\n~ 3s\n> AT+X\n\
             << AT+X\\r\n<> prompt\n>> a\\r{{b}}\\x1A\n<[1.5s..2.5s] OK\n< +X: {{json}}\n"
        );
    }

    #[test]
    fn what_has_no_end_is_written_nevertheless() {
        let mut recorder = recorder();
        recorder.sent(at(0), &vec![b'x'; MAX_LINE + 1]);
        recorder.heard(at(0), b"\r\n");
        recorder.heard(at(1), &vec![b'y'; MAX_LINE]);
        let text = recorder.take();
        assert!(text.contains(">> xxx") && text.contains("<< \\r\\nyyy"));
        assert_eq!(recorder.finish(), "");
    }

    #[test]
    fn a_session_that_breaks_off_is_complete() {
        let mut silent = recorder();
        assert_eq!(silent.take(), "");
        assert_eq!(silent.finish(), "# Recorded\nmodule quectel-ec25\n\n");
        let mut cut = recorder();
        cut.sent(at(0), b"AT\r\nAT");
        cut.heard(at(1), b"\r\nOK\r\n\r\n+HA");
        assert_eq!(
            cut.finish(),
            "# Recorded\nmodule quectel-ec25\n\n> AT\n< OK\n<< \\r\\n+HA\n>> \\nAT\n"
        );
    }
}
