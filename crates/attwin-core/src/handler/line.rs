//! Information text and URCs under construction.

use alloc::vec::Vec;
use core::fmt::{self, Display, Write as _};

use bytes::Bytes;

/// A line `+NAME: value,"string",…`. Values are printed, strings stand in
/// quotes, commas come by themselves.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    bytes: Vec<u8>,
    empty: bool,
}

impl Line {
    pub(crate) fn new(name: &str, separator: &str) -> Self {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(separator.as_bytes());
        Self { bytes, empty: true }
    }

    /// With a value as it is printed.
    pub(crate) fn value(mut self, value: impl Display) -> Self {
        self.comma();
        let _ = write!(self, "{value}");
        self
    }

    /// With a string in quotes.
    pub(crate) fn quoted(mut self, text: impl AsRef<[u8]>) -> Self {
        self.comma();
        self.bytes.push(b'"');
        self.bytes.extend_from_slice(text.as_ref());
        self.bytes.push(b'"');
        self
    }

    /// With text that is already in its printed form.
    pub(crate) fn raw(mut self, text: impl AsRef<[u8]>) -> Self {
        self.comma();
        self.bytes.extend_from_slice(text.as_ref());
        self
    }

    /// With a printed value in quotes.
    pub(crate) fn quoted_value(self, value: impl Display) -> Self {
        let mut line = self;
        line.comma();
        let _ = write!(line, "\"{value}\"");
        line
    }

    fn comma(&mut self) {
        if !core::mem::take(&mut self.empty) {
            self.bytes.push(b',');
        }
    }
}

impl fmt::Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.bytes.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

impl AsRef<[u8]> for Line {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl From<Line> for Bytes {
    fn from(line: Line) -> Self {
        line.bytes.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_come_by_themselves() {
        let line = Line::new("+X", ": ")
            .value(1)
            .quoted("a")
            .raw("2,3")
            .quoted_value(4);
        assert_eq!(line.as_ref(), br#"+X: 1,"a",2,3,"4""#);
        assert_eq!(Line::new("+X", ":").quoted([0xff]).as_ref(), b"+X:\"\xff\"");
    }
}
