//! Bytes of the module into lines, and whether they are framed as they must
//! be (V.250 section 5.7.1): CR LF, line, CR LF. Only the second and further
//! lines of one information response come without the first CR LF.

use std::collections::VecDeque;
use std::ops::Range;

use attwin_core::Instant;

/// Opens and ends a line.
pub(super) const CRLF: &[u8] = b"\r\n";

/// Most bytes that wait to be expected.
pub(super) const MAX_INBOX: usize = 1 << 20;

/// What the module said and no line expected yet, with when it came.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    bytes: Vec<u8>,
    /// Bytes at the start that were taken.
    taken: usize,
    /// Ends of what came together, in `bytes`, and when it came.
    arrivals: VecDeque<(usize, Instant)>,
    overflowed: bool,
}

/// What stands first among waiting bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// Its bytes.
    pub(super) len: usize,
    /// The text among them.
    pub(super) text: Range<usize>,
    pub(super) kind: PieceKind,
}

/// What a piece of the module's output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PieceKind {
    /// A line with CR LF before and after it.
    Line,
    /// A line with CR LF after it only.
    Continuation,
    /// The data prompt.
    Prompt,
    /// A command line and its CR, echoed.
    Echo,
    /// Bytes without the end of a line.
    Fragment,
}

/// Where in a response the module is.
#[derive(Debug, Default)]
pub(super) struct Response {
    /// A command was sent, and no final result came yet.
    open: bool,
    /// A line of its answer came.
    begun: bool,
}

impl Inbox {
    /// Bytes came. Beyond the limit they are dropped, and that is noted.
    pub(super) fn push(&mut self, now: Instant, bytes: &[u8]) {
        if self.bytes.len() - self.taken + bytes.len() > MAX_INBOX {
            self.overflowed = true;
            return;
        }
        if self.taken == self.bytes.len() {
            self.clear();
        }
        self.bytes.extend_from_slice(bytes);
        self.arrivals.push_back((self.bytes.len(), now));
    }

    /// Takes bytes from the front; returns when the last of them came.
    pub(super) fn take(&mut self, len: usize) -> Option<Instant> {
        debug_assert!(len <= self.waiting().len(), "only what is there");
        self.taken = (self.taken + len).min(self.bytes.len());
        let mut at = None;
        while let Some(&(end, arrival)) = self.arrivals.front() {
            at = Some(arrival);
            if end > self.taken {
                break;
            }
            self.arrivals.pop_front();
            if end == self.taken {
                break;
            }
        }
        if self.taken == self.bytes.len() {
            self.clear();
        } else if self.taken > self.bytes.len() / 2 {
            // Half of the buffer moves at most once per half taken.
            self.bytes.drain(..self.taken);
            for (end, _) in &mut self.arrivals {
                *end -= self.taken;
            }
            self.taken = 0;
        }
        at
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.arrivals.clear();
        self.taken = 0;
    }

    /// What was not taken.
    pub(super) fn waiting(&self) -> &[u8] {
        &self.bytes[self.taken..]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting().is_empty()
    }

    /// When the last byte came.
    pub(super) fn last_arrival(&self) -> Option<Instant> {
        self.arrivals.back().map(|(_, at)| *at)
    }

    /// When the byte at `offset` came.
    pub(super) fn arrival(&self, offset: usize) -> Option<Instant> {
        let offset = self.taken + offset;
        let mut arrivals = self.arrivals.iter();
        arrivals.find(|(end, _)| *end > offset).map(|(_, at)| *at)
    }

    /// Whether bytes were dropped.
    pub(super) fn overflowed(&self) -> bool {
        self.overflowed
    }
}

impl Response {
    /// The host sent something.
    pub(super) fn command(&mut self) {
        *self = Self {
            open: true,
            begun: false,
        };
    }

    /// A line came; returns whether it is the final result of the command.
    pub(super) fn line(&mut self, text: &[u8]) -> bool {
        let ends = self.open && is_final(text);
        if ends {
            *self = Self::default();
        } else {
            self.begun = true;
        }
        ends
    }

    /// Whether a line without its first CR LF belongs here.
    pub(super) fn continues_with(&self, text: &[u8]) -> bool {
        self.open && self.begun && !is_result(text)
    }
}

/// What stands first in `bytes`; `None` if they are empty.
pub(super) fn first(bytes: &[u8], prompt: &[u8]) -> Option<Piece> {
    if bytes.is_empty() {
        return None;
    }
    if bytes.starts_with(prompt) {
        return Some(Piece {
            len: prompt.len(),
            text: 0..prompt.len(),
            kind: PieceKind::Prompt,
        });
    }
    let opened = bytes.starts_with(CRLF);
    let start = if opened { CRLF.len() } else { 0 };
    let end = bytes[start..].windows(2).position(|pair| pair == CRLF);
    Some(match end {
        // The CR of a command line, before the CR LF that opens its answer.
        Some(len) if !opened && bytes[..len].ends_with(b"\r") => Piece {
            len,
            text: 0..len,
            kind: PieceKind::Echo,
        },
        Some(len) => Piece {
            len: start + len + CRLF.len(),
            text: start..start + len,
            kind: if opened {
                PieceKind::Line
            } else {
                PieceKind::Continuation
            },
        },
        None => Piece {
            len: bytes.len(),
            text: 0..bytes.len(),
            kind: PieceKind::Fragment,
        },
    })
}

/// Whether a line ends a command (V.250 section 5.7.1, 3GPP 27.007 9.2).
fn is_final(text: &[u8]) -> bool {
    matches!(text, b"OK" | b"ERROR" | b"NO CARRIER" | b"ABORTED")
        || text.starts_with(b"+CME ERROR:")
        || text.starts_with(b"+CMS ERROR:")
}

/// Whether a line is a result code, which never continues a response.
fn is_result(text: &[u8]) -> bool {
    is_final(text) || text.starts_with(b"CONNECT")
}

#[cfg(test)]
mod tests {
    use attwin_core::Duration;
    use proptest::prelude::*;

    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::from_origin(Duration::from_millis(millis))
    }

    #[test]
    fn a_line_came_when_its_last_byte_did() {
        let mut inbox = Inbox::default();
        inbox.push(at(1), b"\r\nO");
        inbox.push(at(2), b"K\r\n\r\n");
        inbox.push(at(3), b"+A\r\n");
        assert_eq!(inbox.take(6), Some(at(2)));
        assert_eq!(inbox.arrival(0), Some(at(2)));
        assert_eq!(inbox.take(6), Some(at(3)));
        assert!(inbox.is_empty());
    }

    #[test]
    fn what_stands_first() {
        let kind = |bytes: &[u8]| {
            let piece = first(bytes, b"\r\n> ").expect("not empty");
            (piece.kind, bytes[piece.text.clone()].to_vec(), piece.len)
        };
        assert_eq!(kind(b"\r\nOK\r\n+"), (PieceKind::Line, b"OK".to_vec(), 6));
        assert_eq!(
            kind(b"a\rb\r\n"),
            (PieceKind::Continuation, b"a\rb".to_vec(), 5)
        );
        assert_eq!(
            kind(b"AT\r\r\nOK\r\n"),
            (PieceKind::Echo, b"AT\r".to_vec(), 3)
        );
        assert_eq!(kind(b"\r\n> x").0, PieceKind::Prompt);
        assert_eq!(kind(b"\r\n>").0, PieceKind::Fragment);
        assert_eq!(kind(b"\r\n\r\n"), (PieceKind::Line, Vec::new(), 4));
    }

    proptest! {
        #[test]
        fn arrivals_follow_bytes(chunks in prop::collection::vec(1usize..5, 1..20), step in 1usize..7) {
            let mut inbox = Inbox::default();
            let mut came = Vec::new();
            for (n, len) in chunks.iter().enumerate() {
                inbox.push(at(n as u64), &vec![b'x'; *len]);
                came.extend(vec![at(n as u64); *len]);
            }
            let mut gone = 0;
            while !inbox.is_empty() {
                prop_assert_eq!(inbox.arrival(0), Some(came[gone]));
                let len = step.min(inbox.waiting().len());
                gone += len;
                prop_assert_eq!(inbox.take(len), Some(came[gone - 1]));
            }
        }
    }
}
