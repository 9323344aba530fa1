//! What commands that every module has do differently from module to module,
//! and every difference that shared layers read.

use alloc::vec::Vec;

use crate::command::GrammarQuirks;
use crate::quirks::{Millis, QuirkError, QuirkInfo, quirks};
use crate::serial::LineQuirks;

quirks! {
    /// Differences of base commands and their answers.
    ///
    /// Defaults are those of the Quectel EC2x (docs/spec/quectel.md section 2).
    pub(crate) struct BaseQuirks {
        /// Whether `+CME ERROR:` is followed by a space (docs/spec/quectel.md 2.1).
        cme_error_space: bool = true,
        /// Whether a space follows the colon in the answers of base commands
        /// (docs/spec/onemo.md B10).
        header_space: bool = true,
        /// Time a restart or a later power-on takes until the module hears its
        /// host; what comes earlier is lost (docs/spec/quectel.md 10.1).
        boot_delay_ms: Millis = Millis(0),
        /// Time from when the module hears its host to registration
        /// (docs/spec/quectel.md 10.1).
        boot_registration_ms: Millis = Millis(0),
        /// Time from full functionality, AT+CFUN=1, to registration
        /// (docs/spec/simcom.md 10).
        registration_delay_ms: Millis in 0..=3_600_000 = Millis(0),
        /// How long AT+CFUN=0 and AT+CFUN=4 take (docs/spec/quectel.md 10.1).
        radio_off_ms: Millis = Millis(0),
        /// How long AT+CFUN=1 takes (docs/spec/quectel.md 10.1).
        radio_on_ms: Millis = Millis(0),
        /// How long AT+CGATT takes when it changes something
        /// (docs/spec/quectel.md 10.1).
        attach_ms: Millis = Millis(0),
        /// Factory setting of AT+CMEE (docs/spec/quectel.md 2.6).
        cmee_default: u8 in 0..=2 = 1,
    }
}

/// Everything that shared layers read, each its own part. What only one
/// family's handlers read stands in that family's knobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Quirks {
    pub(crate) line: LineQuirks,
    pub(crate) grammar: GrammarQuirks,
    pub(crate) base: BaseQuirks,
}

impl Quirks {
    /// Defaults, usable in constants.
    pub(crate) const DEFAULT: Self = Self {
        line: LineQuirks::DEFAULT,
        grammar: GrammarQuirks::DEFAULT,
        base: BaseQuirks::DEFAULT,
    };

    /// Sets the quirk called `name`.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<(), QuirkError> {
        self.line
            .set(name, value)
            .or_else(|error| error.unless_unknown(|| self.grammar.set(name, value)))
            .or_else(|error| error.unless_unknown(|| self.base.set(name, value)))
    }

    /// Every quirk with its documentation and present value.
    pub(crate) fn describe(&self) -> Vec<QuirkInfo> {
        let mut all = self.line.describe();
        all.extend(self.grammar.describe());
        all.extend(self.base.describe());
        all
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;
    use crate::command::Escapes;

    #[test]
    fn sets_by_name_and_says_what_is_wrong() {
        let mut quirks = Quirks::DEFAULT;
        quirks.set("line_limit", "100").expect("a number");
        assert_eq!(quirks.line.line_limit, 100);
        quirks.set("escapes", "c").expect("a word");
        assert_eq!(quirks.grammar.escapes, Escapes::C);
        assert_eq!(
            quirks
                .set("command_list", "maybe")
                .expect_err("not a bool")
                .to_string(),
            "quirk `command_list` wants true or false, on or off, yes or no, got `maybe`"
        );
        assert_eq!(
            quirks
                .set("colour", "red")
                .expect_err("unknown")
                .to_string(),
            "unknown quirk `colour`"
        );
    }

    #[test]
    fn every_quirk_is_documented_with_its_section() {
        for info in Quirks::DEFAULT.describe() {
            assert!(
                info.doc.contains("docs/spec/"),
                "{} cites no specification",
                info.name
            );
        }
    }
}
