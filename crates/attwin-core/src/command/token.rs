//! One argument as the host wrote it, and as its [`Param`] reads it.

use alloc::borrow::Cow;

use super::quirks::GrammarQuirks;
use super::quoted::{end_of_string, unescape};
use super::spec::{Kind, Param};
use super::value::{ArgError, Value};

/// An argument as the host wrote it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) quoted: bool,
    pub(super) text: &'a [u8],
}

impl<'a> Token<'a> {
    /// Takes the first argument off `text`; the second part is what follows
    /// its comma, if there is one.
    pub(super) fn read(
        text: &'a [u8],
        kind: Kind,
        quirks: &GrammarQuirks,
    ) -> Result<(Self, Option<&'a [u8]>), ArgError> {
        let text = text.trim_ascii_start();
        if text.first() != Some(&b'"') && matches!(kind, Kind::RestOfLine(_)) {
            let token = Self {
                quoted: false,
                text: text.trim_ascii_end(),
            };
            return Ok((token, None));
        }
        if text.first() != Some(&b'"') {
            let end = text.iter().position(|&b| b == b',').unwrap_or(text.len());
            let token = Self {
                quoted: false,
                text: text[..end].trim_ascii_end(),
            };
            return Ok((token, text.get(end + 1..)));
        }
        if kind.takes_rest_of_line()
            && let [b'"', inner @ .., b'"'] = text.trim_ascii_end()
        {
            return Ok((
                Self {
                    quoted: true,
                    text: inner,
                },
                None,
            ));
        }
        let len = end_of_string(text, quirks).ok_or(ArgError::Syntax)?;
        let token = Self {
            quoted: true,
            text: &text[1..len - 1],
        };
        match text[len..].trim_ascii_start() {
            [] => Ok((token, None)),
            [b',', tail @ ..] => Ok((token, Some(tail))),
            _ => Err(ArgError::Syntax),
        }
    }

    pub(super) fn value(
        &self,
        param: &Param,
        index: usize,
        quirks: &GrammarQuirks,
    ) -> Result<Value<'a>, ArgError> {
        if quirks.omission && !self.quoted && self.text.is_empty() {
            let text = quirks.bare_empty_text && !param.optional && param.kind.may_be_empty();
            return Ok(if text {
                Value::Text(Cow::Borrowed(&[]))
            } else {
                Value::Absent
            });
        }
        match param.kind {
            Kind::Integer(min, max) => {
                self.decimal(min, max, quirks.quoted_integers, index, quirks)
            }
            Kind::Length(min, max) => {
                match self.decimal(min, max, quirks.quoted_integers, index, quirks) {
                    Err(ArgError::Range { index, .. }) => Err(ArgError::Length { index }),
                    value => value,
                }
            }
            Kind::QuotableInteger(min, max) => self.decimal(min, max, true, index, quirks),
            Kind::Hexadecimal(min, max) => self.integer(16, min, max, false, index),
            Kind::Text(min, max) => self.string(min, max, index, quirks),
            Kind::LastText(_) if !self.quoted && !param.bare => Err(ArgError::Syntax),
            Kind::LastText(max) | Kind::RestOfLine(max) => self.string(0, max, index, quirks),
            Kind::IntegerOrText { text, .. } if self.quoted => self.string(0, text, index, quirks),
            Kind::IntegerOrText {
                integer: (min, max),
                ..
            } => self.decimal(min, max, false, index, quirks),
        }
    }

    fn decimal(
        &self,
        min: u32,
        max: u32,
        quotable: bool,
        index: usize,
        quirks: &GrammarQuirks,
    ) -> Result<Value<'a>, ArgError> {
        if quirks.integer_digits > 0 && self.text.len() > quirks.integer_digits {
            return Err(ArgError::Syntax);
        }
        self.integer(10, min, max, quotable, index)
    }

    fn integer(
        &self,
        radix: u32,
        min: u32,
        max: u32,
        quotable: bool,
        index: usize,
    ) -> Result<Value<'a>, ArgError> {
        if self.quoted && !quotable {
            return Err(ArgError::Syntax);
        }
        let digits = match (radix, self.text) {
            (16, [b'0', b'x' | b'X', digits @ ..]) => digits,
            (16, _) => return Err(ArgError::Syntax),
            (_, digits) => digits,
        };
        if digits.is_empty() {
            return Err(ArgError::Syntax);
        }
        let mut number = 0u32;
        for &byte in digits {
            let digit = char::from(byte).to_digit(radix).ok_or(ArgError::Syntax)?;
            // A number too big for 32 bits is too big for any range.
            number = number.saturating_mul(radix).saturating_add(digit);
        }
        if (min..=max).contains(&number) {
            Ok(Value::Integer(number))
        } else {
            Err(ArgError::Range {
                index,
                value: number,
            })
        }
    }

    fn string(
        &self,
        min: usize,
        max: usize,
        index: usize,
        quirks: &GrammarQuirks,
    ) -> Result<Value<'a>, ArgError> {
        if !self.quoted && !quirks.unquoted_strings {
            return Err(ArgError::Syntax);
        }
        let text = if self.quoted {
            unescape(self.text, quirks.escapes)
        } else {
            self.text.into()
        };
        if (min..=max).contains(&text.len()) {
            Ok(Value::Text(text))
        } else {
            Err(ArgError::Length { index })
        }
    }
}
