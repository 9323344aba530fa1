//! The family's own configuration switches (docs/spec/yuge.md 2.9).

use crate::quirks::{Millis, quirks};

quirks! {
    /// What only this family's handlers read.
    pub(crate) struct Knobs {
        /// Silence after which the data entry of AT+IMQTTPUBEX is given up, in
        /// seconds, 0 for never (docs/spec/yuge.md section 4).
        pubex_idle: u32 = 30,
        /// Time from the CR of AT+IMQTTPUBEX to its prompt, in milliseconds
        /// (docs/spec/yuge.md section 4).
        prompt_delay_ms: Millis = Millis(20),
        /// Whether retained messages that a subscription brings are told
        /// before its result (docs/spec/yuge.md 3.9).
        messages_before_suback: bool = false,
        /// Number a dynamic registration is signed with, `none` for a random
        /// one each time (docs/spec/yuge.md 9.4).
        dynreg_random: Option<u32> = None,
    }
}
