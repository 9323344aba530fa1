//! Byte-level differences between modules, as data.
//!
//! Each field is one observable difference, with the value of the module's
//! specification as its default and the section that says so in its
//! documentation. Shared layers read [`Quirks`]; what only one vendor's
//! handlers read stands in that vendor's own knobs, made by the same macro.
//! Both can be overridden by name from a configuration file.

use alloc::string::{String, ToString};
use core::fmt;
use core::time::Duration;

/// Why a quirk could not be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuirkError {
    /// No quirk has this name.
    #[error("unknown quirk `{name}`")]
    Unknown {
        /// The name given.
        name: String,
    },
    /// The value is not of the quirk's kind.
    #[error("quirk `{name}` wants {wanted}, got `{value}`")]
    Value {
        /// Name of the quirk.
        name: &'static str,
        /// What it accepts.
        wanted: &'static str,
        /// The value given.
        value: String,
    },
}

/// Name, documentation and present value of one quirk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuirkInfo {
    /// Name in configuration files.
    pub name: &'static str,
    /// What it changes, with the specification section.
    pub doc: &'static str,
    /// What it accepts.
    pub wanted: &'static str,
    /// Present value, as it would be written.
    pub value: String,
}

/// A type a quirk can have: readable from and printable as one word.
pub(crate) trait QuirkType: Sized {
    /// What the type accepts, for error messages.
    const WANTED: &'static str;
    fn read(text: &str) -> Option<Self>;
    fn show(&self) -> String;
}

impl QuirkType for bool {
    const WANTED: &'static str = "true or false";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

macro_rules! number_quirk {
    ($($ty:ty => $wanted:literal),*) => {$(
        impl QuirkType for $ty {
            const WANTED: &'static str = $wanted;

            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }

            fn show(&self) -> String {
                self.to_string()
            }
        }
    )*};
}
number_quirk!(
    u8 => "a number from 0 to 255",
    u16 => "a number from 0 to 65535",
    u32 => "a whole number",
    u64 => "a whole number",
    usize => "a whole number"
);

/// A time span given in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Millis(pub(crate) u32);

impl Millis {
    /// The span as a [`Duration`].
    pub(crate) const fn duration(self) -> Duration {
        Duration::from_millis(self.0 as u64)
    }
}

impl QuirkType for Millis {
    const WANTED: &'static str = "a number of milliseconds";

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

/// A factor in thousandths, written as a decimal fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Factor {
    /// Thousandths.
    pub(crate) thousandths: u32,
}

impl Factor {
    /// `span` multiplied by the factor.
    pub(crate) fn of(self, span: Duration) -> Duration {
        span.saturating_mul(self.thousandths) / 1000
    }
}

impl QuirkType for Factor {
    const WANTED: &'static str = "a positive factor with at most three decimals, such as 1.5";

    fn read(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if whole.is_empty() || fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let mut thousandths = whole.parse::<u32>().ok()?.checked_mul(1000)?;
        for (digit, unit) in fraction.bytes().zip([100, 10, 1]) {
            thousandths = thousandths.checked_add(u32::from(digit - b'0') * unit)?;
        }
        (thousandths > 0).then_some(Self { thousandths })
    }

    fn show(&self) -> String {
        let (whole, rest) = (self.thousandths / 1000, self.thousandths % 1000);
        if rest == 0 {
            return whole.to_string();
        }
        let text = alloc::format!("{whole}.{rest:03}");
        text.trim_end_matches('0').to_string()
    }
}

macro_rules! optional_number_quirk {
    ($($ty:ty => $wanted:literal),*) => {$(
        /// A quirk that may be absent, written as `none`.
        impl QuirkType for Option<$ty> {
            const WANTED: &'static str = $wanted;

            fn read(text: &str) -> Option<Self> {
                if text == "none" {
                    Some(None)
                } else {
                    text.parse().ok().map(Some)
                }
            }

            fn show(&self) -> String {
                self.map_or_else(|| "none".to_string(), |n| n.to_string())
            }
        }
    )*};
}
optional_number_quirk!(
    u32 => "a number of at most 32 bits, or none",
    u64 => "a whole number, or none"
);

/// Defines a quirk type with a fixed set of words.
macro_rules! quirk_words {
    ($(#[$meta:meta])* $vis:vis enum $Name:ident { $($(#[$vmeta:meta])* $Variant:ident = $word:literal,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $vis enum $Name {
            $($(#[$vmeta])* $Variant,)*
        }

        impl $crate::quirks::QuirkType for $Name {
            const WANTED: &'static str = concat!("one of:" $(, " ", $word)*);

            fn read(text: &str) -> Option<Self> {
                match text {
                    $($word => Some(Self::$Variant),)*
                    _ => None,
                }
            }

            fn show(&self) -> alloc::string::String {
                match self {
                    $(Self::$Variant => $word.into(),)*
                }
            }
        }
    };
}

/// Defines a struct of quirks: documented fields with defaults, settable and
/// listable by name.
macro_rules! quirks {
    ($(#[$meta:meta])* $vis:vis struct $Name:ident {
        $($(#[doc = $doc:literal])* $field:ident: $ty:ty = $default:expr,)*
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        $vis struct $Name {
            $($(#[doc = $doc])* $vis $field: $ty,)*
        }

        impl $Name {
            /// Defaults, usable in constants.
            $vis const DEFAULT: Self = Self { $($field: $default,)* };

            /// Sets the quirk called `name`.
            $vis fn set(&mut self, name: &str, value: &str) -> Result<(), $crate::quirks::QuirkError> {
                match name {
                    $(stringify!($field) => {
                        self.$field = $crate::quirks::read(stringify!($field), value)?;
                        Ok(())
                    })*
                    _ => Err($crate::quirks::QuirkError::Unknown { name: name.into() }),
                }
            }

            /// Every quirk with its documentation and present value.
            $vis fn describe(&self) -> alloc::vec::Vec<$crate::quirks::QuirkInfo> {
                alloc::vec![$($crate::quirks::info(
                    stringify!($field), concat!($($doc, "\n",)*), &self.$field,
                ),)*]
            }
        }
    };
}
pub(crate) use {quirk_words, quirks};

pub(crate) fn read<T: QuirkType>(name: &'static str, value: &str) -> Result<T, QuirkError> {
    T::read(value).ok_or_else(|| QuirkError::Value {
        name,
        wanted: T::WANTED,
        value: value.into(),
    })
}

pub(crate) fn info<T: QuirkType>(name: &'static str, doc: &'static str, value: &T) -> QuirkInfo {
    QuirkInfo {
        name,
        doc: doc.trim(),
        wanted: T::WANTED,
        value: value.show(),
    }
}

impl fmt::Display for QuirkInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.name, self.value)
    }
}

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
    /// Differences the shared layers read: line editing, grammar, framing.
    ///
    /// Defaults are those of the Quectel EC2x (docs/spec/quectel.md section 2);
    /// each dialect states its own.
    pub(crate) struct Quirks {
        /// Longest command line in bytes, without its CR (docs/spec/quectel.md 2.3).
        line_limit: usize = 2048,
        /// Most commands on one line, 0 for no limit (docs/spec/simcom.md 2.4).
        commands_per_line: usize = 0,
        /// Whether `;` separates commands (docs/spec/quectel.md 2.3).
        command_list: bool = true,
        /// What happens to a line without the AT prefix (docs/spec/quectel.md 2.3).
        prefix: Prefix = Prefix::Search,
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
        /// Whether spaces and tabs inside a command name are removed
        /// (docs/spec/yuge.md 2.1).
        spaces_in_names: bool = false,
        /// How long URCs wait for a line the host has begun, 0 to never wait
        /// (docs/spec/quectel.md 2.8).
        partial_line_hold_ms: Millis = Millis(1000),
        /// Bytes kept while a command blocks the port (docs/spec/quectel.md 2.8).
        typeahead_limit: usize = 4096,
        /// Whether URCs may appear between the lines of a command that waits
        /// for the network (docs/spec/onemo.md A4).
        urcs_while_waiting: bool = false,
        /// What happens to bytes between a data-entry command's CR and its
        /// prompt (docs/spec/quectel.md 4.1).
        before_prompt: BeforePrompt = BeforePrompt::Discard,
        /// Whether strings may stand without quotes (docs/spec/quectel.md 2.5).
        unquoted_strings: bool = true,
        /// Whether integers may stand in quotes (docs/spec/quectel.md 2.5).
        quoted_integers: bool = false,
        /// Most digits of a decimal integer, 0 for no limit (docs/spec/yuge.md 2.2).
        integer_digits: usize = 0,
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
        /// Whether `+CME ERROR:` is followed by a space (docs/spec/quectel.md 2.1).
        cme_error_space: bool = true,
        /// Whether a space follows the colon in the answers of base commands
        /// (docs/spec/onemo.md B10).
        header_space: bool = true,
        /// Time from full functionality, AT+CFUN=1, to registration
        /// (docs/spec/simcom.md 10).
        registration_delay_ms: Millis = Millis(0),
        /// Factory setting of AT+CMEE (docs/spec/quectel.md 2.6).
        cmee_default: u8 = 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_by_name_and_says_what_is_wrong() {
        let mut quirks = Quirks::DEFAULT;
        quirks.set("line_limit", "100").expect("a number");
        assert_eq!(quirks.line_limit, 100);
        quirks.set("escapes", "c").expect("a word");
        assert_eq!(quirks.escapes, Escapes::C);
        assert_eq!(
            quirks
                .set("command_list", "yes")
                .expect_err("not a bool")
                .to_string(),
            "quirk `command_list` wants true or false, got `yes`"
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
    fn factors_are_exact() {
        let factor = Factor::read("1.5").expect("valid");
        assert_eq!(
            factor.of(Duration::from_secs(120)),
            Duration::from_secs(180)
        );
        assert_eq!(factor.show(), "1.5");
        for bad in ["", ".5", "1.2345", "-1", "0", "1.x", "99999999999"] {
            assert_eq!(Factor::read(bad), None, "{bad}");
        }
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
