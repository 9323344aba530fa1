//! Byte-level differences between modules, as data: what a quirk is.
//!
//! Each is one observable difference, with the value of the module's
//! specification as its default and the section that says so in its
//! documentation. Each layer has its own, as a struct made by [`quirks!`];
//! what only one vendor's handlers read stands in that vendor's knobs. All
//! can be set by name.

use alloc::string::{String, ToString};
use core::fmt;
use core::time::Duration;

/// Why a quirk could not be set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
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
        wanted: String,
        /// The value given.
        value: String,
    },
}

impl QuirkError {
    /// Tries elsewhere for a name that is not known here.
    pub(crate) fn unless_unknown(
        self,
        elsewhere: impl FnOnce() -> Result<(), Self>,
    ) -> Result<(), Self> {
        match self {
            Self::Unknown { .. } => elsewhere(),
            Self::Value { .. } => Err(self),
        }
    }
}

/// Name, documentation and present value of one quirk.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuirkInfo {
    /// Name in configuration files.
    pub name: &'static str,
    /// What it changes, with the specification section.
    pub doc: &'static str,
    /// What it accepts.
    pub wanted: String,
    /// Present value, as it would be written.
    pub value: String,
}

/// A type a quirk can have: readable from and printable as one word.
pub(crate) trait QuirkType: Sized {
    /// The least and the largest number it takes, unless the quirk has a range of
    /// its own: what no module exceeds and no arithmetic overflows at. `None` if
    /// it is no number.
    const RANGE: Option<Range> = None;
    /// What the type accepts, for error messages; a range is added to it.
    const WANTED: &'static str;
    /// The value `text` stands for.
    fn read(text: &str) -> Option<Self>;
    /// The number that has to be within the range.
    fn number(&self) -> Option<u64> {
        None
    }
    /// An end of the range, as it would be written.
    fn bound(number: u64) -> String {
        number.to_string()
    }
    fn show(&self) -> String;
}

/// The least and the largest value of a numeric quirk.
pub(crate) type Range = (u64, u64);

/// Longest time a quirk can make something take: a day.
const LONGEST_MS: u64 = 86_400_000;
/// Most bytes, commands or digits a quirk can allow.
const MOST: u64 = 1 << 20;

impl QuirkType for bool {
    const WANTED: &'static str = "true or false, on or off, yes or no";

    fn read(text: &str) -> Option<Self> {
        match text {
            "true" | "on" | "yes" => Some(true),
            "false" | "off" | "no" => Some(false),
            _ => None,
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

macro_rules! number_quirk {
    ($($ty:ty => $most:expr),*) => {$(
        impl QuirkType for $ty {
            const RANGE: Option<Range> = Some((0, $most));
            const WANTED: &'static str = "a number";

            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }

            fn number(&self) -> Option<u64> {
                u64::try_from(*self).ok()
            }

            fn show(&self) -> String {
                self.to_string()
            }
        }
    )*};
}
number_quirk!(u8 => 255, u32 => LONGEST_MS, usize => MOST);

/// A time span given in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Millis {
    ms: u32,
    /// Somebody asked for just this span: it holds under fast timing, too.
    asked_for: bool,
}

/// A span as a specification has it.
#[expect(non_snake_case, reason = "it reads as the value it makes")]
pub(crate) const fn Millis(ms: u32) -> Millis {
    Millis {
        ms,
        asked_for: false,
    }
}

impl Millis {
    /// The span as a [`Duration`].
    pub(crate) const fn duration(self) -> Duration {
        Duration::from_millis(self.ms as u64)
    }

    /// Whether it was set by name, not by a specification.
    pub(crate) const fn is_asked_for(self) -> bool {
        self.asked_for
    }
}

impl QuirkType for Millis {
    const RANGE: Option<Range> = Some((0, LONGEST_MS));

    const WANTED: &'static str = "a number of milliseconds";

    fn read(text: &str) -> Option<Self> {
        let ms = text.parse().ok()?;
        Some(Self {
            ms,
            asked_for: true,
        })
    }

    fn number(&self) -> Option<u64> {
        Some(self.ms.into())
    }

    fn show(&self) -> String {
        self.ms.to_string()
    }
}

/// A span that may be left to something else, written as `none`.
impl QuirkType for Option<Millis> {
    const WANTED: &'static str = "a number of milliseconds, or none";

    fn read(text: &str) -> Option<Self> {
        if text == "none" {
            return Some(None);
        }
        Millis::read(text).map(Some)
    }

    fn show(&self) -> String {
        self.map_or_else(|| "none".to_string(), |span| span.show())
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
    /// In thousandths.
    const RANGE: Option<Range> = Some((1, 1_000_000));

    const WANTED: &'static str = "a factor with at most three decimals, such as 1.5,";

    fn number(&self) -> Option<u64> {
        Some(self.thousandths.into())
    }

    fn bound(number: u64) -> String {
        let thousandths = u32::try_from(number).unwrap_or(u32::MAX);
        Self { thousandths }.show()
    }

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

/// A quirk that may be absent, written as `none`.
macro_rules! optional_number_quirk {
    ($($ty:ty => $most:expr),*) => {$(
        impl QuirkType for Option<$ty> {
            const RANGE: Option<Range> = Some((0, $most));

            const WANTED: &'static str = "none, or a number";

            fn read(text: &str) -> Option<Self> {
                if text == "none" {
                    Some(None)
                } else {
                    text.parse().ok().map(Some)
                }
            }

            fn number(&self) -> Option<u64> {
                self.map(u64::from)
            }

            fn show(&self) -> String {
                self.map_or_else(|| "none".to_string(), |n| n.to_string())
            }
        }
    )*};
}
// Milliseconds since 1970 have up to 14 digits for the next 1,000 years.
optional_number_quirk!(u32 => 0xffff_ffff, u64 => 99_999_999_999_999);

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
/// listable by name. A number may have a range of its own:
/// `typeahead_limit: usize in 1..=65_536 = 4096`.
macro_rules! quirks {
    ($(#[$meta:meta])* $vis:vis struct $Name:ident {
        $($(#[doc = $doc:literal])*
        $field:ident: $ty:ident $(<$of:ident>)? $(in $least:literal..=$most:literal)?
            = $default:expr,)*
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        $vis struct $Name {
            $($(#[doc = $doc])* $vis $field: $ty $(<$of>)?,)*
        }

        impl $Name {
            /// Defaults, usable in constants.
            $vis const DEFAULT: Self = Self { $($field: $default,)* };

            /// Sets the quirk called `name`.
            $vis fn set(&mut self, name: &str, value: &str) -> Result<(), $crate::quirks::QuirkError> {
                match name {
                    $(stringify!($field) => {
                        let range = [$(($least, $most))?];
                        let name = stringify!($field);
                        self.$field = $crate::quirks::read(name, value, range.first().copied())?;
                        Ok(())
                    })*
                    _ => Err($crate::quirks::QuirkError::Unknown { name: name.into() }),
                }
            }

            /// Every quirk with its documentation and present value.
            $vis fn describe(&self) -> alloc::vec::Vec<$crate::quirks::QuirkInfo> {
                alloc::vec![$({
                    let range: &[$crate::quirks::Range] = &[$(($least, $most))?];
                    let doc = concat!($($doc, "\n",)*);
                    let (name, value) = (stringify!($field), &self.$field);
                    $crate::quirks::info(name, doc, range.first().copied(), value)
                },)*]
            }
        }
    };
}
pub(crate) use {quirk_words, quirks};

pub(crate) fn read<T: QuirkType>(
    name: &'static str,
    value: &str,
    range: Option<Range>,
) -> Result<T, QuirkError> {
    let range = range.or(T::RANGE);
    let is_within = |value: &T| match (value.number(), range) {
        (Some(number), Some((least, most))) => (least..=most).contains(&number),
        _ => true,
    };
    T::read(value)
        .filter(is_within)
        .ok_or_else(|| QuirkError::Value {
            name,
            wanted: wanted::<T>(range),
            value: value.into(),
        })
}

/// `a number from 0 to 255`.
fn wanted<T: QuirkType>(range: Option<Range>) -> String {
    match range {
        Some((least, most)) => {
            let (least, most) = (T::bound(least), T::bound(most));
            alloc::format!("{} from {least} to {most}", T::WANTED)
        }
        None => T::WANTED.to_string(),
    }
}

pub(crate) fn info<T: QuirkType>(
    name: &'static str,
    doc: &'static str,
    range: Option<Range>,
    value: &T,
) -> QuirkInfo {
    QuirkInfo {
        name,
        doc: doc.trim(),
        wanted: wanted::<T>(range.or(T::RANGE)),
        value: value.show(),
    }
}

impl fmt::Display for QuirkInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.name, self.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    quirks! {
        /// Numbers with a range of their own and without.
        struct Numbers {
            /// Own.
            own: usize in 1..=8 = 4,
            /// Of its type.
            of_type: u32 = 0,
            /// In thousandths.
            factor: Factor in 1_000..=2_000 = Factor { thousandths: 1000 },
            /// May be absent.
            optional: Option<u64> = None,
        }
    }

    #[test]
    fn every_number_has_a_range() {
        let mut numbers = Numbers::DEFAULT;
        let largest = u64::MAX.to_string();
        for (name, right, wrong) in [
            ("own", "8", "0"),
            ("own", "1", "9"),
            ("of_type", "86400000", "86400001"),
            ("factor", "1.5", "2.001"),
            ("optional", "none", "100000000000000"),
        ] {
            assert_eq!(numbers.set(name, right), Ok(()), "{name}");
            let error = numbers.set(name, wrong).expect_err(wrong).to_string();
            assert!(error.contains(" from "), "{error}");
            assert!(numbers.set(name, &largest).is_err(), "{name}");
        }
        let error = numbers.set("own", "9").expect_err("too much").to_string();
        assert_eq!(error, "quirk `own` wants a number from 1 to 8, got `9`");
        let factor = numbers.describe().remove(2);
        assert!(factor.wanted.ends_with(" from 1 to 2"), "{}", factor.wanted);
    }

    #[test]
    fn a_boolean_has_three_spellings() {
        for word in ["true", "on", "yes"] {
            assert_eq!(bool::read(word), Some(true), "{word}");
        }
        for word in ["false", "off", "no"] {
            assert_eq!(bool::read(word), Some(false), "{word}");
        }
        for word in ["", "1", "TRUE", "y"] {
            assert_eq!(bool::read(word), None, "{word}");
        }
        assert_eq!(true.show(), "true");
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
}
