//! What a command looks like, as data: the declarative part of a table row.

use alloc::string::String;
use core::fmt::Write as _;
use core::time::Duration;

use super::meaning::{Answer, Meaning};

/// What a command looks like: its forms, arguments and literal answers.
///
/// Everything that is data in the manual stands here; the parser, the range
/// checks, the test answers, `attwin commands` and the fidelity ledger are
/// made from it.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Name after `AT`: `+CSQ`, `&F`, `E`, `S3`.
    pub name: &'static str,
    /// The first argument, where it chooses among several shapes of one
    /// command (`AT+QMTCFG="version"`). Compared without regard to case.
    pub option: Option<&'static str>,
    /// Other spellings of `name` and `option` accepted on input.
    pub aliases: &'static [&'static str],
    /// Answer of the test form, `=?`.
    pub test: Test,
    /// Whether the read form, `?`, exists.
    pub read: bool,
    /// Whether the execute form, without anything, exists.
    pub execute: bool,
    /// Arguments of the write form, `=`; `None` where it does not exist. With
    /// an option, those after it.
    pub write: Option<Params>,
    /// Lines of information text the read, execute and write forms answer.
    pub answers: &'static [Answer],
    /// Longest time until the result, as the manual states it.
    pub max_time: Option<MaxTime>,
    /// Error number (3GPP 27.007 section 9.2) for a form or arguments the row
    /// does not allow; `None` for plain `ERROR`.
    pub refusal: Option<u16>,
    /// Where its behaviour is specified.
    pub section: &'static str,
    /// Where the bytes of its answers come from.
    pub origin: Origin,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// A working example, without `AT`.
    pub example: &'static str,
}

/// Answer of a test form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// The form does not exist.
    None,
    /// `OK` alone.
    Ok,
    /// These lines, then `OK`.
    Lines(&'static [&'static str]),
    /// The handler answers, because the answer depends on the module's state.
    Computed,
}

/// Longest time a result may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaxTime {
    /// A fixed time.
    Fixed(Duration),
    /// A time that follows from settings, as the manual words it.
    Settings(&'static str),
}

/// Where a fact comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The vendor's manual.
    Manual,
    /// Public code, logs or sibling manuals.
    Field,
    /// Neither; the specification decides.
    Decision,
}

/// Form of a command (V.250 section 5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `=?`
    Test,
    /// `?`
    Read,
    /// Nothing after the name.
    Execute,
    /// `=` and arguments, or the number after a basic command.
    Write,
}

/// Arguments of a write form.
#[derive(Debug, Clone, Copy)]
pub struct Params {
    /// Arguments in order.
    pub fixed: &'static [Param],
    /// Arguments that follow as groups, and how many groups at most.
    pub repeated: Option<(&'static [Param], usize)>,
}

/// One argument.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// Name as the manual has it, without angle brackets.
    pub name: &'static str,
    /// What it can be.
    pub kind: Kind,
    /// Whether it may be omitted, at the end or empty between commas.
    pub optional: bool,
    /// What its values mean, where they are a list.
    pub values: &'static [Meaning],
    /// Whether a [`Kind::LastText`] may stand without quotes where strings may.
    pub bare: bool,
}

/// What an argument can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A decimal integer in an inclusive range.
    Integer(u32, u32),
    /// A decimal integer that may also stand in quotes.
    QuotableInteger(u32, u32),
    /// A decimal integer that counts the bytes to follow, in an inclusive
    /// range. Outside it a length is wrong, not a number.
    Length(u32, u32),
    /// `0x` and hexadecimal digits, in an inclusive range.
    Hexadecimal(u32, u32),
    /// A string of this many bytes, inclusive.
    Text(usize, usize),
    /// An unquoted integer, or a quoted string that reaches to the last quote
    /// of the line.
    IntegerOrText {
        /// Range of the integer, inclusive.
        integer: (u32, u32),
        /// Longest string in bytes.
        text: usize,
    },
    /// A quoted string that reaches to the last quote of the line.
    LastText(usize),
    /// The same, or without quotes everything to the end of the line.
    RestOfLine(usize),
}

impl Kind {
    /// Whether it can only come last, because it takes the rest of the line.
    pub(crate) const fn takes_rest_of_line(self) -> bool {
        matches!(
            self,
            Self::LastText(_) | Self::RestOfLine(_) | Self::IntegerOrText { .. }
        )
    }

    /// Whether it is a string that may be empty.
    pub(super) const fn may_be_empty(self) -> bool {
        matches!(
            self,
            Self::Text(0, _) | Self::LastText(_) | Self::RestOfLine(_)
        )
    }
}

impl Spec {
    /// A row's description with nothing but a name.
    pub const fn new(name: &'static str, section: &'static str, summary: &'static str) -> Self {
        Self {
            name,
            option: None,
            aliases: &[],
            test: Test::None,
            read: false,
            execute: false,
            write: None,
            answers: &[],
            max_time: None,
            refusal: None,
            section,
            origin: Origin::Manual,
            summary,
            example: name,
        }
    }

    /// With `option` as the first argument.
    pub const fn option(mut self, option: &'static str) -> Self {
        self.option = Some(option);
        self
    }

    /// With other accepted spellings.
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// With a test form.
    pub const fn test(mut self, test: Test) -> Self {
        self.test = test;
        self
    }

    /// With a test form that answers these lines.
    pub const fn test_lines(self, lines: &'static [&'static str]) -> Self {
        self.test(Test::Lines(lines))
    }

    /// With a read form.
    pub const fn read(mut self) -> Self {
        self.read = true;
        self
    }

    /// With an execute form.
    pub const fn execute(mut self) -> Self {
        self.execute = true;
        self
    }

    /// With a write form.
    pub const fn write(mut self, fixed: &'static [Param]) -> Self {
        self.write = Some(Params {
            fixed,
            repeated: None,
        });
        self
    }

    /// With a write form whose arguments end in up to `most` groups.
    pub const fn write_repeated(
        mut self,
        fixed: &'static [Param],
        group: &'static [Param],
        most: usize,
    ) -> Self {
        self.write = Some(Params {
            fixed,
            repeated: Some((group, most)),
        });
        self
    }

    /// With the lines it answers.
    pub const fn answers(mut self, answers: &'static [Answer]) -> Self {
        self.answers = answers;
        self
    }

    /// With a longest time of so many milliseconds.
    pub const fn max_ms(mut self, milliseconds: u64) -> Self {
        self.max_time = Some(MaxTime::Fixed(Duration::from_millis(milliseconds)));
        self
    }

    /// With a longest time that follows from settings.
    pub const fn max_settings(mut self, words: &'static str) -> Self {
        self.max_time = Some(MaxTime::Settings(words));
        self
    }

    /// With an error number for what the row does not allow.
    pub const fn refusal(mut self, code: u16) -> Self {
        self.refusal = Some(code);
        self
    }

    /// With the origin of its bytes.
    pub const fn origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// With a working example.
    pub const fn example(mut self, example: &'static str) -> Self {
        self.example = example;
        self
    }

    /// Whether the row describes this form.
    pub const fn has(&self, form: Form) -> bool {
        match form {
            Form::Test => !matches!(self.test, Test::None),
            Form::Read => self.read,
            Form::Execute => self.execute,
            Form::Write => self.write.is_some(),
        }
    }

    /// Index of the first argument of the write form that takes the rest of
    /// the line, if its last one does.
    pub(crate) fn rest_of_line_from(&self) -> Option<usize> {
        let fixed = self.write?.fixed;
        let last = fixed.last()?;
        let takes = |param: &Param| param.kind.takes_rest_of_line();
        takes(last).then(|| fixed.iter().position(takes))?
    }

    /// Whether the string that takes it has to stand in quotes.
    pub(crate) fn rest_of_line_needs_quotes(&self) -> bool {
        let last = self.write.and_then(|params| params.fixed.last());
        last.is_some_and(|param| !matches!(param.kind, Kind::RestOfLine(_)))
    }

    pub(crate) fn is_called(&self, name: &[u8]) -> bool {
        self.name.as_bytes().eq_ignore_ascii_case(name)
            || (self.option.is_none()
                && self
                    .aliases
                    .iter()
                    .any(|alias| alias.as_bytes().eq_ignore_ascii_case(name)))
    }

    pub(crate) fn has_option(&self, option: &[u8]) -> bool {
        self.option
            .is_some_and(|o| o.as_bytes().eq_ignore_ascii_case(option))
            || self
                .aliases
                .iter()
                .any(|alias| alias.as_bytes().eq_ignore_ascii_case(option))
    }

    /// The write form as a manual would print it.
    pub fn syntax(&self) -> Option<String> {
        let params = self.write?;
        let mut out = String::new();
        let basic = !self.name.starts_with('+');
        let _ = write!(out, "AT{}{}", self.name, if basic { "" } else { "=" });
        let mut first = true;
        if let Some(option) = self.option {
            let _ = write!(out, "\"{option}\"");
            first = false;
        }
        let mut open = 0;
        for param in params.fixed {
            if param.optional {
                out.push('[');
                open += 1;
            }
            if !first {
                out.push(',');
            }
            first = false;
            param.print(&mut out);
        }
        if let Some((group, most)) = params.repeated {
            for (i, param) in group.iter().enumerate() {
                if !first || i > 0 {
                    out.push(',');
                }
                param.print(&mut out);
            }
            if most > 1 {
                out.push_str("[,…]");
            }
        }
        out.extend(core::iter::repeat_n(']', open));
        Some(out)
    }
}

impl Params {
    /// Whether so many arguments can be these.
    pub(crate) fn admits(&self, count: usize) -> bool {
        let (group, most) = self.repeated.unwrap_or((&[], 0));
        let mandatory = self
            .fixed
            .iter()
            .rposition(|param| !param.optional)
            .map_or(0, |last| last + 1);
        let least = if most == 0 {
            mandatory
        } else {
            self.fixed.len() + group.len()
        };
        let unlimited = self
            .fixed
            .last()
            .is_some_and(|param| matches!(param.kind, Kind::RestOfLine(_)));
        least <= count && (unlimited || count <= self.fixed.len() + group.len() * most)
    }

    /// The parameter an argument stands for, counting repeated groups.
    pub(crate) fn get(&self, index: usize) -> Option<&'static Param> {
        let (group, _) = self.repeated.unwrap_or((&[], 0));
        self.fixed
            .get(index)
            .or_else(|| group.get((index.checked_sub(self.fixed.len())?).checked_rem(group.len())?))
    }
}

impl Param {
    /// A mandatory integer.
    pub const fn int(name: &'static str, min: u32, max: u32) -> Self {
        Self {
            name,
            kind: Kind::Integer(min, max),
            optional: false,
            values: &[],
            bare: false,
        }
    }

    /// A mandatory string.
    pub const fn text(name: &'static str, min: usize, max: usize) -> Self {
        Self {
            name,
            kind: Kind::Text(min, max),
            optional: false,
            values: &[],
            bare: false,
        }
    }

    /// An argument of any kind.
    pub const fn of(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            optional: false,
            values: &[],
            bare: false,
        }
    }

    /// With what its values mean.
    pub const fn values(mut self, values: &'static [Meaning]) -> Self {
        self.values = values;
        self
    }

    /// The same, with or without quotes.
    pub const fn bare(mut self) -> Self {
        self.bare = true;
        self
    }

    /// The same, optional.
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    fn print(&self, out: &mut String) {
        let quoted = matches!(
            self.kind,
            Kind::Text(..) | Kind::LastText(_) | Kind::RestOfLine(_)
        );
        let _ = if quoted {
            write!(out, "\"<{}>\"", self.name)
        } else {
            write!(out, "<{}>", self.name)
        };
    }

    /// What it accepts, for people.
    pub fn range(&self) -> String {
        match self.kind {
            Kind::Integer(min, max) | Kind::QuotableInteger(min, max) | Kind::Length(min, max) => {
                alloc::format!("{min}-{max}")
            }
            Kind::Hexadecimal(min, max) => alloc::format!("0x{min:04X}-0x{max:04X}"),
            Kind::Text(min, max) => alloc::format!("{min}-{max} bytes"),
            Kind::LastText(max) | Kind::RestOfLine(max) => alloc::format!("0-{max} bytes"),
            Kind::IntegerOrText {
                integer: (min, max),
                text,
            } => {
                alloc::format!("{min}-{max}, or a string of at most {text} bytes")
            }
        }
    }
}
