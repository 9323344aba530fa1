//! Words of a line as values, with errors where they stand.

use attwin_core::Duration;
use attwin_core::mqtt::packet::{ConnectReturnCode, QoS};

use super::piece::{Bad, Piece, bad, bad_help, not_a_time};
use crate::scenario::lex::{self, Word, Words};
use crate::scenario::source::Span;

/// Words of a line, with where they stand.
pub(super) struct Arguments<'a> {
    pub(super) piece: Piece<'a>,
    pub(super) words: Words<'a>,
}

impl<'a> Arguments<'a> {
    pub(super) fn new(piece: Piece<'a>) -> Self {
        Self {
            piece,
            words: Words::new(piece.text),
        }
    }

    pub(super) fn next(&mut self) -> Result<Option<Word<'a>>, Bad> {
        self.words.next().map_err(|bad| self.piece.locate(bad))
    }

    pub(super) fn word(&mut self, wanted: &str) -> Result<Word<'a>, Bad> {
        match self.next()? {
            Some(word) => Ok(word),
            None => bad(self.here(), format!("expected {wanted}")),
        }
    }

    pub(super) fn end(&mut self) -> Result<(), Bad> {
        match self.next()? {
            None => Ok(()),
            Some(word) => bad(self.span(&word), format!("unexpected `{}`", word.text)),
        }
    }

    pub(super) fn equals(&mut self) -> Result<(), Bad> {
        let word = self.word("`=`")?;
        if word.text == "=" && !word.quoted {
            return Ok(());
        }
        bad_help(
            self.span(&word),
            "expected `=`",
            "with a space on either side",
        )
    }

    pub(super) fn choice<T: Copy>(&mut self, choices: [(&str, T); 2]) -> Result<T, Bad> {
        let wanted = format!("`{}` or `{}`", choices[0].0, choices[1].0);
        let word = self.word(&wanted)?;
        match choices.iter().find(|(name, _)| *name == word.text) {
            Some((_, value)) => Ok(*value),
            None => bad(self.span(&word), format!("expected {wanted}")),
        }
    }

    pub(super) fn number<N>(
        &self,
        word: &Word<'_>,
        range: std::ops::RangeInclusive<N>,
        wanted: &str,
    ) -> Result<N, Bad>
    where
        N: std::str::FromStr + PartialOrd + std::fmt::Display,
    {
        match word.text.parse() {
            Ok(number) if range.contains(&number) && !word.quoted => Ok(number),
            _ => bad(
                self.span(word),
                format!("expected {wanted}, {} to {}", range.start(), range.end()),
            ),
        }
    }

    pub(super) fn qos(&mut self) -> Result<QoS, Bad> {
        let word = self.word("a QoS")?;
        let level: u8 = self.number(&word, 0..=2, "a QoS")?;
        Ok(match level {
            0 => QoS::Level0,
            1 => QoS::Level1,
            _ => QoS::Level2,
        })
    }

    pub(super) fn code(&mut self) -> Result<ConnectReturnCode, Bad> {
        use ConnectReturnCode as Code;
        let word = self.word("a CONNACK code")?;
        let code: u8 = self.number(&word, 1..=5, "a CONNACK code")?;
        Ok(match code {
            1 => Code::UnacceptableProtocolVersion,
            2 => Code::IdentifierRejected,
            3 => Code::ServerUnavailable,
            4 => Code::BadUserNameOrPassword,
            _ => Code::NotAuthorized,
        })
    }

    pub(super) fn read_time(&self, word: &Word<'_>) -> Result<Duration, Bad> {
        match lex::time(word.text) {
            Some(time) if !word.quoted => Ok(time),
            _ => not_a_time(self.span(word), word.text),
        }
    }

    pub(super) fn span(&self, word: &Word<'_>) -> Span {
        self.piece.part(word.range.clone())
    }

    /// The end of what was read.
    pub(super) fn here(&self) -> Span {
        let at = self.words.position().min(self.piece.text.len());
        self.piece.part(at..at)
    }
}
