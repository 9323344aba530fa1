//! Lines into a [`Scenario`].

mod arguments;
mod broker;
mod cloud;
mod header;
mod parser;
mod piece;
mod steps;

use std::path::Path;

use self::parser::{Parser, Reader};
use self::piece::{Bad, Piece, bad, bad_help};
use super::ast::Scenario;
use super::lex::{self, RawLine};
use super::source::{Place, Span};

/// Most lines and comments of one scenario, included ones counted each time.
const MAX_LINES: usize = 200_000;

/// Why a text is not a scenario.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}{}", help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default())]
pub struct ParseError {
    /// Where.
    pub place: Box<Place>,
    /// What is wrong, with what was expected.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// Reads a scenario; `reader` reads what it includes.
pub(super) fn parse(path: &Path, text: String, reader: Reader<'_>) -> Result<Scenario, ParseError> {
    let mut parser = Parser::new(reader);
    let file = parser.sources.add(path.into(), text);
    parser.file(file, path).map_err(|bad| parser.error(bad))?;
    parser.finish().map_err(|bad| parser.error(bad))?;
    Ok(Scenario {
        patient: Default::default(),
        sources: parser.sources,
        header: parser.header,
        comments: parser.comments,
        steps: parser.steps,
        names: parser.names,
    })
}

impl Parser<'_> {
    fn error(&self, bad: Bad) -> ParseError {
        ParseError {
            place: Box::new(self.sources.place(bad.span)),
            message: bad.message,
            help: bad.help,
        }
    }

    fn file(&mut self, file: usize, path: &Path) -> Result<(), Bad> {
        self.stack.push(header::tidy(path));
        let Some(source) = self.sources.file(file).cloned() else {
            return Ok(());
        };
        let text = source.text.strip_prefix('\u{feff}').unwrap_or(&source.text);
        let skipped = source.text.len() - text.len();
        for RawLine { text, start } in lex::lines(text) {
            let trimmed = text.trim_start();
            if trimmed.is_empty() {
                continue;
            }
            let piece = Piece {
                text: trimmed,
                file,
                start: skipped + start + text.len() - trimmed.len(),
            };
            self.lines += 1;
            if self.lines > MAX_LINES {
                return bad(piece.span(), format!("more than {MAX_LINES} lines"));
            }
            self.line(piece)?;
        }
        if let Some((span, _)) = &self.block {
            return bad(
                *span,
                "this block is not closed; expected `}` on a line of its own",
            );
        }
        self.stack.pop();
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Bad> {
        if self.header.modules.is_empty() {
            let start = Span::default();
            let help = format!("known modules: {}", header::known_modules());
            return bad_help(start, "expected a line `module NAME`", help);
        }
        if self.header.boot_shown {
            if let (Some(span), false) = (self.echo_set, self.header.echo) {
                return bad_help(
                    span,
                    "`echo off` cannot go with `boot shown`",
                    "after power-on the module echoes until the scenario sends ATE0",
                );
            }
            self.header.echo = true;
        }
        Ok(())
    }
}
