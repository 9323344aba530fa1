//! What the serial line does differently from module to module.

use crate::quirks::{Millis, quirk_words, quirks};

quirk_words! {
    /// What happens to bytes between a data-entry command's CR and its prompt.
    pub(crate) enum BeforePrompt {
        /// They are discarded.
        Discard = "discard",
        /// One leading LF is discarded, the rest is data.
        DropLineFeed = "drop-lf",
        /// One leading LF and a NUL after it are discarded, the rest is data.
        DropLineFeedNul = "drop-lf-nul",
    }
}

quirks! {
    /// Differences of line editing, echo, data entry and URC order.
    ///
    /// Defaults are those of the Quectel EC2x (docs/spec/quectel.md section 2).
    pub(crate) struct LineQuirks {
        /// Longest command line in bytes, without its CR (docs/spec/quectel.md 2.3).
        line_limit: usize in 16..=65_536 = 2048,
        /// Whether an LF in command state is echoed (docs/spec/quectel.md 2.2).
        echo_line_feed: bool = false,
        /// Whether 0x1A and 0x1B outside quotes are dropped in command state
        /// (docs/spec/quectel.md 2.3).
        drop_stray_control: bool = true,
        /// Whether `A/` repeats the last line (V.250 section 5.2.4); else it
        /// is text like any other (docs/spec/yuge.md 2.1).
        repeat_line: bool = true,
        /// Whether NUL is dropped in command state (docs/spec/yuge.md 2.1).
        drop_nul: bool = false,
        /// Whether DEL (0x7F) deletes a byte as BS does (docs/spec/yuge.md 2.1).
        delete_is_backspace: bool = false,
        /// Whether an LF without a CR before it ends a command line as CR does
        /// (docs/spec/quectel.md 2.3).
        line_feed_ends_line: bool = false,
        /// How long URCs wait for a line the host has begun, 0 to never wait
        /// (docs/spec/quectel.md 2.8).
        partial_line_hold_ms: Millis in 0..=600_000 = Millis(1000),
        /// Bytes kept while a command blocks the port (docs/spec/quectel.md 2.8).
        typeahead_limit: usize in 1..=1_048_576 = 4096,
        /// Whether URCs may appear between the lines of a command that waits
        /// for the network (docs/spec/onemo.md A4).
        urcs_while_waiting: bool = false,
        /// What happens to bytes between a data-entry command's CR and its
        /// prompt (docs/spec/quectel.md 4.1).
        before_prompt: BeforePrompt = BeforePrompt::Discard,
    }
}
