//! Reading the arguments of a write form as its [`Params`] describe them.

use alloc::borrow::Cow;

use arrayvec::ArrayVec;

use super::quirks::GrammarQuirks;
use super::quoted::unescape;
use super::spec::{Kind, Param, Params};
use super::token::Token;
use super::value::{ArgError, Value};

/// Most arguments any command has, with room to spare.
const MOST_ARGUMENTS: usize = 24;

/// The arguments of one call, in the order of the row's parameters; omitted
/// ones read as absent however far the host wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Args<'a> {
    values: ArrayVec<Value<'a>, MOST_ARGUMENTS>,
    /// How many parameters precede the repeated groups.
    fixed: usize,
    group: usize,
}

impl<'a> Args<'a> {
    /// Reads `text` as `params` describe it. With several faults the error is
    /// the one of lowest [rank](ArgError::rank), of those the first.
    pub(crate) fn parse(
        text: &'a [u8],
        params: &Params,
        quirks: &GrammarQuirks,
    ) -> Result<Self, ArgError> {
        let (group, most) = params.repeated.unwrap_or((&[], 0));
        let mut args = Self {
            values: ArrayVec::new(),
            fixed: params.fixed.len(),
            group: group.len(),
        };
        let mut rest = Some(text);
        let mut refusal = None;
        for param in params.fixed {
            args.read_one(&mut rest, param, quirks, &mut refusal)?;
        }
        let mut groups = 0;
        while rest.is_some() && groups < most {
            for param in group {
                args.read_one(&mut rest, param, quirks, &mut refusal)?;
            }
            groups += 1;
        }
        match rest {
            Some(rest) if !(args.values.is_empty() && rest.trim_ascii().is_empty()) => {
                Err(ArgError::TooMany)
            }
            _ if most > 0 && groups == 0 => Err(ArgError::Missing),
            _ => refusal.map_or(Ok(args), Err),
        }
    }

    fn read_one(
        &mut self,
        rest: &mut Option<&'a [u8]>,
        param: &Param,
        quirks: &GrammarQuirks,
        refusal: &mut Option<ArgError>,
    ) -> Result<(), ArgError> {
        let index = self.values.len();
        let value = match rest.take() {
            None => Value::Absent,
            Some(text) => {
                let (token, tail) = Token::read(text, param.kind, quirks)?;
                // A comma with nothing after it announces an argument that
                // does not come (docs/spec/quectel.md 2.5).
                if tail.is_some_and(|tail| tail.trim_ascii().is_empty())
                    && !text.is_empty()
                    && quirks.omission
                    && !quirks.bare_empty_text
                {
                    return Err(ArgError::Syntax);
                }
                *rest = tail;
                match token.value(param, index, quirks) {
                    Err(error) if error.rank() > 0 => {
                        if refusal.is_none_or(|other| error.rank() < other.rank()) {
                            *refusal = Some(error);
                        }
                        return self.push(Value::Integer(0));
                    }
                    value => value?,
                }
            }
        };
        if value == Value::Absent && !param.optional {
            return Err(ArgError::Missing);
        }
        self.push(value)
    }

    fn push(&mut self, value: Value<'a>) -> Result<(), ArgError> {
        self.values.try_push(value).map_err(|_| ArgError::TooMany)
    }

    fn value(&self, index: usize) -> &Value<'a> {
        self.values.get(index).unwrap_or(&Value::Absent)
    }

    /// Whether the argument was given.
    pub(crate) fn is_given(&self, index: usize) -> bool {
        *self.value(index) != Value::Absent
    }

    /// How many arguments were given, counting up to the last one.
    pub(crate) fn given(&self) -> usize {
        self.values
            .iter()
            .rposition(|v| *v != Value::Absent)
            .map_or(0, |last| last + 1)
    }

    /// An integer argument, if given.
    pub(crate) fn int(&self, index: usize) -> Option<u32> {
        match self.value(index) {
            Value::Integer(n) => Some(*n),
            _ => None,
        }
    }

    /// An integer argument whose range lies within a byte, if given.
    pub(crate) fn byte(&self, index: usize) -> Option<u8> {
        self.int(index).and_then(|n| u8::try_from(n).ok())
    }

    /// An integer argument whose range lies within 16 bits, if given.
    pub(crate) fn short(&self, index: usize) -> Option<u16> {
        self.int(index).and_then(|n| u16::try_from(n).ok())
    }

    /// A boolean argument, 0 or 1, if given.
    pub(crate) fn flag(&self, index: usize) -> Option<bool> {
        self.int(index).map(|n| n != 0)
    }

    /// A string argument, if given.
    pub(crate) fn text(&self, index: usize) -> Option<&[u8]> {
        match self.value(index) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The repeated groups, each as the index of its first argument.
    pub(crate) fn groups(&self) -> impl Iterator<Item = usize> + use<> {
        let group = self.group.max(1);
        (self.fixed..self.values.len()).step_by(group)
    }
}

/// Takes the first argument off `text` as the option that chooses the shape
/// of the rest; `None` if it cannot be read.
pub(crate) fn take_option<'a>(
    text: &'a [u8],
    quirks: &GrammarQuirks,
) -> Option<(Cow<'a, [u8]>, &'a [u8])> {
    let (token, rest) = Token::read(text, Kind::Text(0, usize::MAX), quirks).ok()?;
    let option = if token.quoted {
        unescape(token.text, quirks.escapes)
    } else {
        token.text.into()
    };
    Some((option, rest.unwrap_or_default()))
}

/// How many arguments `text` holds; `None` if they cannot be told apart.
pub(crate) fn count(text: &[u8], quirks: &GrammarQuirks) -> Option<usize> {
    let mut count = 0;
    let mut rest = Some(text).filter(|text| !text.trim_ascii().is_empty());
    while let Some(text) = rest {
        rest = Token::read(text, Kind::Text(0, usize::MAX), quirks).ok()?.1;
        count += 1;
    }
    Some(count)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use proptest::prelude::*;

    use alloc::format;
    use alloc::string::ToString as _;

    use super::super::quirks::{ClosingQuote, Escapes};
    use super::super::spec::Spec;
    use super::*;

    const MIXED: Params = Params {
        fixed: &[
            Param::int("i", 0, 5),
            Param::text("host", 1, 100),
            Param::int("port", 1, 65535).optional(),
            Param::text("more", 0, 10).optional(),
        ],
        repeated: None,
    };

    fn read<'a>(text: &'a str, params: &Params) -> Result<Args<'a>, ArgError> {
        Args::parse(text.as_bytes(), params, &GrammarQuirks::DEFAULT)
    }

    #[test]
    fn reads_what_the_parameters_say() {
        let args = read(r#"0, "h" ,1883"#, &MIXED).expect("valid");
        assert_eq!(
            (args.int(0), args.text(1), args.int(2)),
            (Some(0), Some(&b"h"[..]), Some(1883))
        );
        assert!(!args.is_given(3));
        assert_eq!(args.given(), 3);
        let args = read("05,host name , ,x", &MIXED).expect("unquoted and empty");
        assert_eq!(
            (args.int(0), args.text(1)),
            (Some(5), Some(&b"host name"[..]))
        );
        assert_eq!((args.int(2), args.text(3)), (None, Some(&b"x"[..])));
        let args = read(r#"0,"h",,"""#, &MIXED).expect("an empty string is given");
        assert!(args.is_given(3));
    }

    #[test]
    fn refuses_the_rest() {
        for (text, error) in [
            ("", ArgError::Missing),
            ("0", ArgError::Missing),
            ("0,", ArgError::Syntax),
            ("0,,1", ArgError::Missing),
            (r#"0,"h",1,"x",2"#, ArgError::TooMany),
            (r#"0,"h","#, ArgError::Syntax),
            (r#"0,"h"#, ArgError::Syntax),
            (r#"0,"h"x"#, ArgError::Syntax),
            ("6,h", ArgError::Range { index: 0, value: 6 }),
            (
                "99999999999,h",
                ArgError::Range {
                    index: 0,
                    value: u32::MAX,
                },
            ),
            ("-1,h", ArgError::Syntax),
            ("+1,h", ArgError::Syntax),
            ("0x1,h", ArgError::Syntax),
            ("1 2,h", ArgError::Syntax),
            (r#""0",h"#, ArgError::Syntax),
            (r#"0,"""#, ArgError::Length { index: 1 }),
            ("0,h,1,aaaaabbbbbc", ArgError::Length { index: 3 }),
        ] {
            assert_eq!(read(text, &MIXED), Err(error), "{text}");
        }
    }

    #[test]
    fn of_several_faults_the_gravest_is_reported() {
        const ENTRY: Params = Params {
            fixed: &[
                Param::int("client", 0, 0),
                Param::int("qos", 0, 2),
                Param::of("length", Kind::Length(1, 1024)),
                Param::text("name", 1, 4),
            ],
            repeated: None,
        };
        let index = ArgError::Range { index: 0, value: 7 };
        for (text, error) in [
            ("7,9,0,toolong", index),
            ("0,9,0,toolong", ArgError::Length { index: 2 }),
            ("0,9,1,toolong", ArgError::Length { index: 3 }),
            ("0,9,1,a", ArgError::Range { index: 1, value: 9 }),
            ("7,9,0", ArgError::Missing),
            ("7,9,0,a,b", ArgError::TooMany),
            ("7,9,0,\"a", ArgError::Syntax),
        ] {
            assert_eq!(read(text, &ENTRY), Err(error), "{text}");
        }
    }

    #[test]
    fn empty_strings_without_quotes_where_a_module_takes_them() {
        const LOGIN: Params = Params {
            fixed: &[
                Param::text("user", 0, 9),
                Param::text("password", 0, 9),
                Param::int("flag", 0, 1).optional(),
            ],
            repeated: None,
        };
        let lenient = GrammarQuirks {
            bare_empty_text: true,
            ..GrammarQuirks::DEFAULT
        };
        for text in [",", "\"\",\"\"", " , ,", ",,"] {
            let args = Args::parse(text.as_bytes(), &LOGIN, &lenient).expect("lenient");
            assert_eq!(
                (args.text(0), args.text(1), args.int(2)),
                (Some(&b""[..]), Some(&b""[..]), None),
                "{text}"
            );
        }
        let missing = Args::parse(b"", &LOGIN, &lenient);
        assert_eq!(missing, Err(ArgError::Missing));
        assert_eq!(read(",", &LOGIN), Err(ArgError::Syntax));
        assert_eq!(read(",,1", &LOGIN), Err(ArgError::Missing));
    }

    #[test]
    fn where_nothing_omits_an_argument_every_comma_has_one_behind_it() {
        let literal = GrammarQuirks {
            omission: false,
            ..GrammarQuirks::DEFAULT
        };
        let parse = |text: &'static str| Args::parse(text.as_bytes(), &MIXED, &literal);
        let args = parse("0,h,1,").expect("an empty string");
        assert_eq!(args.text(3), Some(&b""[..]));
        assert!(!parse("0,h").expect("two").is_given(2));
        for (text, error) in [
            ("", ArgError::Syntax),
            ("0", ArgError::Missing),
            ("0,", ArgError::Length { index: 1 }),
            ("0,h,", ArgError::Syntax),
            ("0,h,,x", ArgError::Syntax),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn integers_with_too_many_digits() {
        let quirks = GrammarQuirks {
            integer_digits: 10,
            ..GrammarQuirks::DEFAULT
        };
        let parse = |text: &'static str| Args::parse(text.as_bytes(), &MIXED, &quirks);
        assert_eq!(parse("0000000005,h").expect("ten").int(0), Some(5));
        assert_eq!(parse("00000000005,h"), Err(ArgError::Syntax));
    }

    #[test]
    fn the_rest_of_a_line_is_one_argument() {
        const MESSAGE: Params = Params {
            fixed: &[
                Param::int("length", 0, 9),
                Param::of("message", Kind::RestOfLine(12)),
            ],
            repeated: None,
        };
        for (text, message) in [
            ("0,a,b;c ", &b"a,b;c"[..]),
            ("0, \"a,\"b\";c\" ", b"a,\"b\";c"),
            ("0,a\"b", b"a\"b"),
        ] {
            let args = read(text, &MESSAGE).expect("valid");
            assert_eq!(args.text(1), Some(message), "{text}");
        }
        assert_eq!(
            read("0,0123456789abc", &MESSAGE),
            Err(ArgError::Length { index: 1 })
        );
        assert_eq!(read("0,\"a", &MESSAGE), Err(ArgError::Syntax));
        assert_eq!(read("0", &MESSAGE), Err(ArgError::Missing));
    }

    #[test]
    fn counts_arguments() {
        let count = |text: &str| count(text.as_bytes(), &GrammarQuirks::DEFAULT);
        assert_eq!(count(" "), Some(0));
        assert_eq!(count("1"), Some(1));
        assert_eq!(count(r#"1,"a,b",,x"#), Some(4));
        assert_eq!(count("1,"), Some(2));
        assert_eq!(count(r#"1,"a"#), None);
    }

    #[test]
    fn refusals_name_the_argument() {
        let spec = Spec::new("+X", "none", "a test").write(MIXED.fixed);
        let syntax = r#"AT+X=<i>,"<host>"[,<port>[,"<more>"]]"#;
        assert_eq!(
            ArgError::Range { index: 2, value: 0 }
                .reason(&spec)
                .to_string(),
            format!("<port> must be 1-65535; expected {syntax}")
        );
        assert_eq!(
            ArgError::Length { index: 1 }.reason(&spec).to_string(),
            format!("<host> must be 1-100 bytes; expected {syntax}")
        );
        assert_eq!(
            ArgError::Missing.reason(&spec).to_string(),
            format!("a mandatory argument is missing; expected {syntax}")
        );
    }

    #[test]
    fn a_quote_within_a_string_is_data_unless_a_separator_follows() {
        let args = read(r#"0,"a"b"#, &MIXED);
        assert_eq!(args, Err(ArgError::Syntax));
        let args = read(r#"0,"{"k":1}",1"#, &MIXED).expect("valid");
        assert_eq!(args.text(1), Some(&br#"{"k":1}"#[..]));
        let first = GrammarQuirks {
            closing_quote: ClosingQuote::First,
            ..GrammarQuirks::DEFAULT
        };
        assert_eq!(
            Args::parse(br#"0,"{"k":1}",1"#, &MIXED, &first),
            Err(ArgError::Syntax),
            "a module that closes at the first quote"
        );
    }

    #[test]
    fn the_last_string_reaches_to_the_last_quote() {
        const INLINE: Params = Params {
            fixed: &[
                Param::text("topic", 1, 9),
                Param::of(
                    "msg",
                    Kind::IntegerOrText {
                        integer: (0, 1500),
                        text: 20,
                    },
                )
                .optional(),
            ],
            repeated: None,
        };
        let args = read(r#""t","a","b";"c" "#, &INLINE).expect("valid");
        assert_eq!(args.text(1), Some(&br#"a","b";"c"#[..]));
        assert_eq!(
            read(r#""t",12"#, &INLINE).expect("a length").int(1),
            Some(12)
        );
        assert_eq!(
            read(r#""t",1501"#, &INLINE),
            Err(ArgError::Range {
                index: 1,
                value: 1501
            })
        );
        assert_eq!(read(r#""t",abc"#, &INLINE), Err(ArgError::Syntax));
        assert_eq!(read(r#""t""#, &INLINE).expect("absent").given(), 1);
    }

    #[test]
    fn groups_repeat() {
        const SUB: Params = Params {
            fixed: &[Param::int("i", 0, 5)],
            repeated: Some((&[Param::text("topic", 1, 9), Param::int("qos", 0, 2)], 2)),
        };
        let args = read(r#"1,"a",0,"b",2"#, &SUB).expect("valid");
        let pairs: Vec<_> = args
            .groups()
            .map(|at| (args.text(at), args.int(at + 1)))
            .collect();
        assert_eq!(
            pairs,
            [(Some(&b"a"[..]), Some(0)), (Some(&b"b"[..]), Some(2))]
        );
        assert_eq!(read("1", &SUB), Err(ArgError::Missing));
        assert_eq!(read(r#"1,"a""#, &SUB), Err(ArgError::Missing));
        assert_eq!(read(r#"1,"a",0,"b",2,"c",0"#, &SUB), Err(ArgError::TooMany));
    }

    #[test]
    fn hexadecimal_needs_its_prefix() {
        const SUITE: Params = Params {
            fixed: &[Param::of("suite", Kind::Hexadecimal(0, 0xffff))],
            repeated: None,
        };
        assert_eq!(read("0XFFfe", &SUITE).expect("valid").int(0), Some(0xfffe));
        for bad in ["FFFF", "0x", "0x10000", "\"0xFFFF\"", "0xG"] {
            assert!(read(bad, &SUITE).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in proptest::collection::vec(any::<u8>(), 0..80), which in 0..4u8) {
            let quirks = GrammarQuirks {
                escapes: [Escapes::None, Escapes::Quote, Escapes::QuoteAndBackslash, Escapes::C][usize::from(which)],
                ..GrammarQuirks::DEFAULT
            };
            let _ = Args::parse(&text, &MIXED, &quirks);
        }

        /// Any string without quotes survives being quoted.
        #[test]
        fn strings_round_trip(text in "[^\"\r]{1,25}") {
            let line = alloc::format!("0,\"{text}\",7");
            let args = read(&line, &MIXED).expect("valid");
            prop_assert_eq!(args.text(1), Some(text.as_bytes()));
            prop_assert_eq!(args.int(2), Some(7));
        }
    }
}
