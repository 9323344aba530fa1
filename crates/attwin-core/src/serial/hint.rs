//! What a host means and a module takes otherwise, told once each.

use super::quirks::LineQuirks;

const LINE_FEED: &str = "the host ended a command line with LF alone; the module waits for CR \
                         (V.250 5.2.1). Let the host send CR, or set quirk \
                         line_feed_ends_line=true";
const DELETE: &str = "the host sent DEL (0x7F), which is a character of the command line for this \
                      module. Let the terminal send BS (0x08), or set quirk \
                      delete_is_backspace=true";

/// Which hints were given, and what is to be told next.
#[derive(Debug, Default)]
pub(super) struct Hints {
    line_feed: bool,
    delete: bool,
    due: Option<&'static str>,
}

impl Hints {
    /// Looks at a byte that continues a command line.
    pub(super) fn look(&mut self, byte: u8, quirks: &LineQuirks) {
        let (given, hint) = match byte {
            b'\n' if !quirks.line_feed_ends_line => (&mut self.line_feed, LINE_FEED),
            0x7f if !quirks.delete_is_backspace => (&mut self.delete, DELETE),
            _ => return,
        };
        if !core::mem::replace(given, true) {
            self.due = Some(hint);
        }
    }

    pub(super) fn take(&mut self) -> Option<&'static str> {
        self.due.take()
    }
}
