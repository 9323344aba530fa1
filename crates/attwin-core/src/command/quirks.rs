//! What the AT grammar does differently from module to module.

use crate::quirks::{quirk_words, quirks};

quirk_words! {
    /// What happens to a command line that does not begin with `AT`.
    pub(crate) enum Prefix {
        /// Bytes before the first `AT` are dropped; without one that is the
        /// whole line, and nothing is answered.
        Search = "search",
        /// The line is answered `ERROR`.
        Refuse = "refuse",
        /// The line is ignored.
        Ignore = "ignore",
    }
}

quirk_words! {
    /// Escape sequences inside quoted strings.
    pub(crate) enum Escapes {
        /// None: a backslash is an ordinary byte.
        None = "none",
        /// `\"` only; any other backslash is an ordinary byte.
        Quote = "quote",
        /// `\"` and `\\`; any other backslash is an ordinary byte.
        QuoteAndBackslash = "quote-and-backslash",
        /// C style: `\a \b \f \n \r \t \v \? \\ \' \" \xHH \ooo`.
        C = "c",
    }
}

quirk_words! {
    /// Where a quoted string ends.
    pub(crate) enum ClosingQuote {
        /// At the first unescaped quote.
        First = "first",
        /// At the first unescaped quote that a separator or the end of the
        /// line follows, after optional spaces.
        BeforeSeparator = "before-separator",
    }
}

quirks! {
    /// Differences in how a command line is read.
    ///
    /// Defaults are those of the Quectel EC2x (docs/spec/quectel.md section 2).
    pub(crate) struct GrammarQuirks {
        /// Most commands on one line, 0 for no limit (docs/spec/simcom.md 2.4).
        commands_per_line: usize in 0..=10_000 = 0,
        /// Whether `;` separates commands (docs/spec/quectel.md 2.3).
        command_list: bool = true,
        /// What happens to a line without the AT prefix (docs/spec/quectel.md 2.3).
        prefix: Prefix = Prefix::Search,
        /// Whether spaces and tabs inside a command name are removed
        /// (docs/spec/yuge.md 2.1).
        spaces_in_names: bool = false,
        /// Whether strings may stand without quotes (docs/spec/quectel.md 2.5).
        unquoted_strings: bool = true,
        /// Whether integers may stand in quotes (docs/spec/quectel.md 2.5).
        quoted_integers: bool = false,
        /// Most digits of a decimal integer, 0 for no limit (docs/spec/yuge.md 2.2).
        integer_digits: usize in 0..=64 = 0,
        /// Whether nothing between two commas omits an argument; else it is a
        /// string of no bytes, and no number (docs/spec/yuge.md 2.2).
        omission: bool = true,
        /// Whether nothing between two commas is an empty string where a
        /// string that may be empty must stand (docs/spec/onemo.md B2.3).
        bare_empty_text: bool = false,
        /// Escape sequences inside quoted strings (docs/spec/quectel.md 2.5).
        escapes: Escapes = Escapes::None,
        /// Where a quoted string ends (docs/spec/quectel.md 2.5).
        closing_quote: ClosingQuote = ClosingQuote::BeforeSeparator,
    }
}
