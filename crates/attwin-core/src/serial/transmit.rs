//! Framing of what the module says (V.250 section 5.7): information text,
//! final result codes and URCs, in verbose and numeric form.

use alloc::collections::VecDeque;

use bytes::{BufMut, Bytes, BytesMut};

use crate::io::SerialKind;
use crate::reason::Reason;

/// A final result code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FinalResult {
    /// `OK`.
    Ok,
    /// `ERROR`.
    Error,
    /// `+CME ERROR: <n>` or, with `text`, the text in its place (3GPP 27.007
    /// section 9.1).
    Cme {
        /// Error number.
        code: u16,
        /// Verbose text, printed in place of the number.
        text: Option<&'static str>,
        /// Whether a space follows the colon.
        space: bool,
    },
}

/// Verbose form and suppression of result codes (V.250 sections 6.2.5, 6.2.6).
#[derive(Debug, Clone, Copy)]
pub(super) struct Format {
    /// ATV1: verbose.
    pub(super) verbose: bool,
    /// ATQ1: no result codes.
    pub(super) quiet: bool,
}

/// Something for the host.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) kind: SerialKind,
    pub(crate) bytes: Bytes,
    /// Why, where it says that something was refused or failed.
    pub(crate) reason: Option<Reason>,
}

#[derive(Debug)]
struct Piece {
    kind: SerialKind,
    len: usize,
    reason: Option<Reason>,
}

/// Bytes for the host, in pieces of one kind each.
#[derive(Debug, Default)]
pub(super) struct Transmitter {
    bytes: BytesMut,
    pieces: VecDeque<Piece>,
}

impl Transmitter {
    /// The next piece of output.
    pub(super) fn poll(&mut self) -> Option<Said> {
        let Piece { kind, len, reason } = self.pieces.pop_front()?;
        let bytes = self.bytes.split_to(len).freeze();
        debug_assert!(!self.pieces.is_empty() || self.bytes.is_empty());
        Some(Said {
            kind,
            bytes,
            reason,
        })
    }

    /// Puts another result in the place of the last one, and takes the
    /// information text before it back. `false` if there is none.
    pub(super) fn replace_result(
        &mut self,
        format: Format,
        result: FinalResult,
        reason: Option<Reason>,
    ) -> bool {
        let is_final = |piece: &Piece| piece.kind == SerialKind::Final;
        let Some(last) = self.pieces.iter().rposition(is_final) else {
            return false;
        };
        let is_information = |piece: &&Piece| piece.kind == SerialKind::Information;
        let before = self.pieces.range(..last).rev();
        let first = last - before.take_while(is_information).count();
        let length = |pieces: usize| self.pieces.range(..pieces).map(|p| p.len).sum::<usize>();
        let (from, to) = (length(first), length(last + 1));
        let after_bytes = self.bytes.split_off(to);
        let after_pieces = self.pieces.split_off(last + 1);
        self.bytes.truncate(from);
        self.pieces.truncate(first);
        self.result(format, result, reason);
        self.bytes.unsplit(after_bytes);
        self.pieces.extend(after_pieces);
        true
    }

    /// Bytes not polled yet.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.pieces.clear();
    }

    pub(super) fn raw(&mut self, kind: SerialKind, bytes: &[u8]) {
        self.piece(kind, |out| out.put_slice(bytes));
    }

    /// Echo joins the echo before it into one piece.
    pub(super) fn echo(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if let Some(Piece {
            kind: SerialKind::Echo,
            len,
            ..
        }) = self.pieces.back_mut()
        {
            *len += bytes.len();
            self.bytes.put_slice(bytes);
        } else {
            self.raw(SerialKind::Echo, bytes);
        }
    }

    /// One line of information text. `first` asks for the leading CR LF that
    /// opens an information response.
    pub(super) fn information(&mut self, format: Format, first: bool, line: &[u8]) {
        self.piece(SerialKind::Information, |out| {
            if first && format.verbose {
                out.put_slice(b"\r\n");
            }
            out.put_slice(line);
            out.put_slice(b"\r\n");
        });
    }

    pub(super) fn urc(&mut self, format: Format, line: &[u8], reason: Option<Reason>) {
        self.piece_because(SerialKind::Urc, reason, |out| {
            if format.verbose {
                out.put_slice(b"\r\n");
            }
            out.put_slice(line);
            out.put_slice(b"\r\n");
        });
    }

    pub(super) fn result(&mut self, format: Format, result: FinalResult, reason: Option<Reason>) {
        if format.quiet {
            return;
        }
        self.piece_because(SerialKind::Final, reason, |out| {
            if format.verbose {
                out.put_slice(b"\r\n");
            }
            match (result, format.verbose) {
                (FinalResult::Ok, true) => out.put_slice(b"OK\r\n"),
                (FinalResult::Ok, false) => out.put_slice(b"0\r"),
                (FinalResult::Error, true) => out.put_slice(b"ERROR\r\n"),
                (FinalResult::Error, false) => out.put_slice(b"4\r"),
                (FinalResult::Cme { code, text, space }, _) => {
                    out.put_slice(b"+CME ERROR:");
                    if space {
                        out.put_u8(b' ');
                    }
                    match text {
                        Some(text) => out.put_slice(text.as_bytes()),
                        None => out.put_slice(alloc::format!("{code}").as_bytes()),
                    }
                    out.put_slice(b"\r\n");
                }
            }
        });
    }

    /// `CONNECT`, the intermediate result code before raw data.
    pub(super) fn connect(&mut self, format: Format, suffix: &[u8]) {
        self.piece(SerialKind::Prompt, |out| {
            if format.verbose {
                out.put_slice(b"\r\nCONNECT");
                out.put_slice(suffix);
                out.put_slice(b"\r\n");
            } else {
                out.put_slice(b"1\r");
            }
        });
    }

    fn piece(&mut self, kind: SerialKind, write: impl FnOnce(&mut BytesMut)) {
        self.piece_because(kind, None, write);
    }

    fn piece_because(
        &mut self,
        kind: SerialKind,
        reason: Option<Reason>,
        write: impl FnOnce(&mut BytesMut),
    ) {
        let before = self.bytes.len();
        write(&mut self.bytes);
        debug_assert!(before <= self.bytes.len(), "output is only added to");
        self.pieces.push_back(Piece {
            kind,
            len: self.bytes.len() - before,
            reason,
        });
    }
}
