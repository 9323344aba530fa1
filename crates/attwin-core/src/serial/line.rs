//! Line editing in command state (V.250 section 5.2).

use alloc::vec::Vec;

use super::quirks::LineQuirks;

const BACKSPACE: u8 = 0x08;
const LINE_FEED: u8 = b'\n';
const CARRIAGE_RETURN: u8 = b'\r';
const SUBSTITUTE: u8 = 0x1a;
const ESCAPE: u8 = 0x1b;
const DELETE: u8 = 0x7f;

/// What one byte did to the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// The byte was taken or dropped; the line goes on.
    Nothing,
    /// The line is complete.
    Complete,
    /// The line is complete and was too long to keep.
    TooLong,
    /// `A/`: repeat the last line, without waiting for CR.
    Repeat,
}

/// The command line under construction.
#[derive(Debug, Default)]
pub(super) struct LineEditor {
    line: Vec<u8>,
    overflowed: bool,
    in_quotes: bool,
}

impl LineEditor {
    /// Whether the host has begun a line it has not ended.
    pub(super) fn is_partial(&self) -> bool {
        !self.line.is_empty() || self.overflowed
    }

    /// Whether there is nothing on the line but spaces.
    pub(super) fn is_blank(&self) -> bool {
        self.line.iter().all(|&b| b == b' ')
    }

    /// The completed line; editing starts anew, keeping the allocation.
    pub(super) fn take(&mut self, into: &mut Vec<u8>) {
        debug_assert!(!self.overflowed, "a line too long is dropped, not taken");
        self.check_quotes();
        into.clear();
        core::mem::swap(&mut self.line, into);
        self.in_quotes = false;
    }

    pub(super) fn clear(&mut self) {
        self.line.clear();
        self.overflowed = false;
        self.in_quotes = false;
    }

    /// Takes one byte. `true` in the second place asks for its echo.
    pub(super) fn push(&mut self, byte: u8, quirks: &LineQuirks) -> (Effect, bool) {
        match byte {
            CARRIAGE_RETURN => (self.end(), true),
            LINE_FEED if quirks.line_feed_ends_line && self.is_partial() => (self.end(), true),
            LINE_FEED => (Effect::Nothing, quirks.echo_line_feed),
            0 if quirks.drop_nul => (Effect::Nothing, false),
            SUBSTITUTE | ESCAPE if quirks.drop_stray_control && !self.in_quotes => {
                (Effect::Nothing, false)
            }
            BACKSPACE => (self.delete(), true),
            DELETE if quirks.delete_is_backspace => (self.delete(), true),
            _ if self.overflowed => (Effect::Nothing, true),
            _ if self.line.len() >= quirks.line_limit => {
                self.overflowed = true;
                (Effect::Nothing, true)
            }
            b'/' if quirks.repeat_line && matches!(self.line.as_slice(), [b'A' | b'a']) => {
                self.clear();
                (Effect::Repeat, true)
            }
            _ => {
                self.in_quotes ^= byte == b'"';
                self.line.push(byte);
                debug_assert!(self.line.len() <= quirks.line_limit);
                (Effect::Nothing, true)
            }
        }
    }

    fn end(&mut self) -> Effect {
        if self.overflowed {
            self.clear();
            return Effect::TooLong;
        }
        Effect::Complete
    }

    fn delete(&mut self) -> Effect {
        if !self.overflowed && self.line.pop() == Some(b'"') {
            self.in_quotes = !self.in_quotes;
        }
        self.check_quotes();
        Effect::Nothing
    }

    /// Behind an odd number of quotation marks stands what is quoted.
    fn check_quotes(&self) {
        debug_assert_eq!(
            self.in_quotes,
            self.line.iter().filter(|&&byte| byte == b'"').count() % 2 == 1
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(editor: &mut LineEditor, quirks: &LineQuirks, bytes: &[u8]) -> (Effect, Vec<u8>) {
        let mut echo = Vec::new();
        let mut last = Effect::Nothing;
        for &byte in bytes {
            let (effect, echoed) = editor.push(byte, quirks);
            last = effect;
            if echoed {
                echo.push(byte);
            }
        }
        (last, echo)
    }

    fn line(editor: &mut LineEditor) -> Vec<u8> {
        let mut line = Vec::new();
        editor.take(&mut line);
        line
    }

    #[test]
    fn line_feeds_are_neither_echoed_nor_kept() {
        let mut editor = LineEditor::default();
        let (effect, echo) = feed(&mut editor, &LineQuirks::DEFAULT, b"\nA\nT\r");
        assert_eq!(effect, Effect::Complete);
        assert_eq!(echo, b"AT\r");
        assert_eq!(line(&mut editor), b"AT");
    }

    #[test]
    fn a_line_feed_ends_a_line_where_it_is_told_to() {
        let quirks = LineQuirks {
            line_feed_ends_line: true,
            ..LineQuirks::DEFAULT
        };
        let mut editor = LineEditor::default();
        let (effect, echo) = feed(&mut editor, &quirks, b"AT\n");
        assert_eq!((effect, &*echo), (Effect::Complete, &b"AT\n"[..]));
        assert_eq!(line(&mut editor), b"AT");
        assert_eq!(feed(&mut editor, &quirks, b"AT\r").0, Effect::Complete);
        assert_eq!(line(&mut editor), b"AT");
        let (effect, echo) = feed(&mut editor, &quirks, b"\n");
        assert_eq!((effect, &*echo), (Effect::Nothing, &b""[..]));
    }

    #[test]
    fn backspace_deletes_one_byte_and_stops_at_the_start() {
        let mut editor = LineEditor::default();
        feed(&mut editor, &LineQuirks::DEFAULT, b"\x08ATX\x08I\r");
        assert_eq!(line(&mut editor), b"ATI");
    }

    #[test]
    fn stray_controls_vanish_outside_quotes_only() {
        let mut editor = LineEditor::default();
        feed(
            &mut editor,
            &LineQuirks::DEFAULT,
            b"\x1a\x1bAT=\"\x1a\"\x1a\r",
        );
        assert_eq!(line(&mut editor), b"AT=\"\x1a\"");
    }

    #[test]
    fn an_over_long_line_is_dropped_as_a_whole() {
        let quirks = LineQuirks {
            line_limit: 4,
            ..LineQuirks::DEFAULT
        };
        let mut editor = LineEditor::default();
        assert_eq!(feed(&mut editor, &quirks, b"AT+X\r").0, Effect::Complete);
        assert_eq!(line(&mut editor), b"AT+X");
        assert_eq!(
            feed(&mut editor, &quirks, b"AT+XYZ\x08\x08\x08\r").0,
            Effect::TooLong
        );
        assert_eq!(feed(&mut editor, &quirks, b"AT\r").0, Effect::Complete);
        assert_eq!(line(&mut editor), b"AT");
    }

    #[test]
    fn a_slash_repeats_without_waiting_for_cr() {
        let mut editor = LineEditor::default();
        assert_eq!(
            feed(&mut editor, &LineQuirks::DEFAULT, b"a/").0,
            Effect::Repeat
        );
        assert!(!editor.is_partial());
    }

    #[test]
    fn a_slash_is_text_where_a_module_does_not_repeat() {
        let quirks = LineQuirks {
            repeat_line: false,
            ..LineQuirks::DEFAULT
        };
        let mut editor = LineEditor::default();
        assert_eq!(feed(&mut editor, &quirks, b"A/\r").0, Effect::Complete);
        assert_eq!(line(&mut editor), b"A/");
    }
}
