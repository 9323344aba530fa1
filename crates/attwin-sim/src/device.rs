//! What a world drives.

use attwin_core::{Input, Instant, Modem, Output};

/// A modem, or something around a modem that observes or injects faults: inputs and
/// deadlines go in, outputs come out, as [`Modem`] describes them.
pub trait Device {
    /// Something happened.
    fn handle(&mut self, now: Instant, input: Input<'_>);

    /// The deadline of [`poll_timeout`](Self::poll_timeout) has come.
    fn handle_timeout(&mut self, now: Instant);

    /// The next thing to carry out, until `None`.
    fn poll_output(&mut self) -> Option<Output>;

    /// When [`handle_timeout`](Self::handle_timeout) must be called next.
    fn poll_timeout(&self) -> Option<Instant>;

    /// Whether what the host sends now waits until a command has ended.
    fn is_busy(&self) -> bool {
        false
    }
}

impl Device for Modem {
    fn handle(&mut self, now: Instant, input: Input<'_>) {
        self.handle(now, input);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.handle_timeout(now);
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.poll_output()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.poll_timeout()
    }

    fn is_busy(&self) -> bool {
        self.is_busy()
    }
}
