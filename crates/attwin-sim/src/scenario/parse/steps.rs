//! Lines of the session: what the host sends, what the module says, and what
//! happens meanwhile.

use attwin_core::Duration;

use super::arguments::Arguments;
use super::parser::Parser;
use super::piece::{Bad, Piece, argument, bad, bad_help, not_a_time};
use crate::fault::FaultSpec;
use crate::scenario::ast::{Comment, Expectation, Line, Saying, What, Window};
use crate::scenario::lex;
use crate::scenario::source::Span;
use crate::scenario::template::{self, Pattern, Template, Variable};

/// Most patterns, which take more memory than text.
const MAX_PATTERNS: usize = 1_000;
/// Most lines of a `{ … }` block.
const MAX_BLOCK: usize = 64;
/// Most time the `~` lines of a scenario may take together.
const MAX_TIME: Duration = Duration::from_secs(31 * 24 * 3600);

impl Parser<'_> {
    pub(super) fn line(&mut self, line: Piece<'_>) -> Result<(), Bad> {
        let first = line.text.as_bytes()[0];
        match first {
            b'#' => {
                self.comments.push(Comment {
                    span: line.span(),
                    text: line.text[1..].trim().into(),
                });
                Ok(())
            }
            b'<' => {
                let expectation = self.expectation(line)?;
                if let Some((_, block)) = &mut self.block {
                    if block.len() == MAX_BLOCK {
                        return bad(
                            line.span(),
                            format!("more than {MAX_BLOCK} lines in a block"),
                        );
                    }
                    block.push(expectation);
                } else {
                    self.learn(&expectation);
                    self.push(line, What::Expect(expectation));
                }
                Ok(())
            }
            b'}' => self.close(line),
            _ if self.block.is_some() => bad(
                line.span(),
                "only `<` lines can stand in a block; expected `<` or `}`",
            ),
            b'{' => {
                alone(line)?;
                self.block = Some((line.span(), Vec::new()));
                Ok(())
            }
            b'>' => self.host(line),
            b'!' => {
                let fault = argument(line, 1)?;
                let text = fault.text.split(" #").next().unwrap_or_default().trim();
                if text.is_empty() {
                    return bad_help(
                        line.span(),
                        "expected a fault after `!`",
                        "such as `! drop puback 2`",
                    );
                }
                match text.parse::<FaultSpec>() {
                    Ok(fault) => self.push(line, What::Fault(fault)),
                    Err(error) => {
                        let help = "`attwin faults` lists every fault";
                        return bad_help(line.span(), error.to_string(), help);
                    }
                }
                Ok(())
            }
            b'@' => self.broker_line(line),
            b'~' => self.time_line(line),
            _ => self.header_line(line),
        }
    }

    pub(super) fn push(&mut self, line: Piece<'_>, what: What) {
        let span = line.span();
        self.steps.push(Line { span, what });
    }

    /// The variables an expectation sets are known from here on.
    fn learn(&mut self, expectation: &Expectation) {
        for variable in expectation.sets() {
            self.names.set_known(variable);
        }
    }

    fn close(&mut self, line: Piece<'_>) -> Result<(), Bad> {
        alone(line)?;
        let Some((span, block)) = self.block.take() else {
            return bad(line.span(), "there is no block to close");
        };
        if block.is_empty() {
            return bad(span, "this block is empty; expected `<` lines");
        }
        for expectation in &block {
            self.learn(expectation);
        }
        let span = Span {
            end: line.span().end,
            ..span
        };
        self.steps.push(Line {
            span,
            what: What::AnyOrder(block),
        });
        Ok(())
    }

    /// `> text` or `>> bytes`.
    fn host(&mut self, line: Piece<'_>) -> Result<(), Bad> {
        let raw = line.text.starts_with(">>");
        let text = argument(line, if raw { 2 } else { 1 })?;
        let mut template = self.inserting(text, raw)?;
        if !raw {
            template.pieces.push(template::Piece::Text(b"\r".to_vec()));
        }
        self.push(line, What::Send(template));
        Ok(())
    }

    /// `<`, `<+`, `<~`, `<<` or `<>`, with or without a time.
    fn expectation(&mut self, line: Piece<'_>) -> Result<Expectation, Bad> {
        let kind = match line.text.as_bytes().get(1) {
            Some(kind @ (b'+' | b'~' | b'<' | b'>')) => *kind,
            _ => b' ',
        };
        let mut at = if kind == b' ' { 1 } else { 2 };
        let mut window = None;
        if line.text[at..].starts_with('[') {
            let Some(len) = line.text[at..].find(']') else {
                return bad(line.span(), "expected `]` after the time");
            };
            window = Some(self::window(line, at + 1..at + len)?);
            at += len + 1;
        }
        let text = argument(line, at)?;
        let said = match kind {
            b'~' => {
                self.patterns += 1;
                if self.patterns > MAX_PATTERNS {
                    return bad(line.span(), format!("more than {MAX_PATTERNS} patterns"));
                }
                let pattern =
                    Pattern::parse(text.text, &mut self.names).map_err(|bad| text.locate(bad))?;
                let inserted: Vec<_> = pattern.inserted().collect();
                self.check_known(text.span(), inserted)?;
                Saying::Pattern(Box::new(pattern))
            }
            b'>' => {
                if text.text.trim() != "prompt" {
                    return bad_help(
                        line.span(),
                        "expected `<> prompt`",
                        "a prompt with other bytes is written with `<<`",
                    );
                }
                Saying::Prompt
            }
            b'<' => Saying::Bytes(self.capturing(text, true)?),
            b'+' => Saying::Continuation(self.capturing(text, false)?),
            _ if text.text.trim() == ">" => {
                return bad_help(
                    line.span(),
                    "a line that says `>`",
                    "the data prompt is written `<> prompt`, other bytes with `<<`",
                );
            }
            _ => Saying::Line(self.capturing(text, false)?),
        };
        if matches!(&said, Saying::Bytes(text) if text.pieces.is_empty()) {
            return bad(line.span(), "expected bytes after `<<`");
        }
        Ok(Expectation {
            span: line.span(),
            window,
            said,
        })
    }

    /// Text whose variables have to be known.
    pub(super) fn inserting(&mut self, text: Piece<'_>, escapes: bool) -> Result<Template, Bad> {
        let template =
            Template::parse(text.text, escapes, &mut self.names).map_err(|bad| text.locate(bad))?;
        self.check_known(text.span(), template.variables())?;
        Ok(template)
    }

    /// Text whose unknown variables are captured.
    fn capturing(&mut self, text: Piece<'_>, escapes: bool) -> Result<Template, Bad> {
        use template::Piece::{Text, Variable};
        let template =
            Template::parse(text.text, escapes, &mut self.names).map_err(|bad| text.locate(bad))?;
        for pair in template.pieces.windows(2) {
            if let [Variable(a), Variable(b)] = pair
                && !(self.names.is_known(*a) || self.names.is_known(*b))
            {
                return bad(
                    text.span(),
                    "two variables to capture need text between them",
                );
            }
        }
        if let (true, Some(Variable(last))) = (escapes, template.pieces.last())
            && !self.names.is_known(*last)
        {
            return bad(
                text.span(),
                "a variable to capture from bytes needs text after it",
            );
        }
        debug_assert!(
            !template.pieces.contains(&Text(Vec::new())),
            "no empty text"
        );
        Ok(template)
    }

    pub(super) fn check_known(
        &self,
        span: Span,
        variables: impl IntoIterator<Item = Variable>,
    ) -> Result<(), Bad> {
        for variable in variables {
            if !self.names.is_known(variable) {
                let name = self.names.name(variable);
                return bad_help(
                    span,
                    format!("variable `{name}` has no value here"),
                    format!(
                        "`var {name} = …` gives it one; the text {{{name}}} itself is written {{{{{name}}}}}"
                    ),
                );
            }
        }
        Ok(())
    }

    fn time_line(&mut self, line: Piece<'_>) -> Result<(), Bad> {
        let mut words = Arguments::new(argument(line, 1)?);
        let mut word = words.word("a time or `silent`")?;
        let silent = word.text == "silent" && !word.quoted;
        if silent {
            word = words.word("a time")?;
        }
        let time = words.read_time(&word)?;
        words.end()?;
        self.time = self.time.saturating_add(time);
        if self.time > MAX_TIME {
            return bad(line.span(), "the scenario takes more than 31 days");
        }
        self.push(
            line,
            if silent {
                What::Silent(time)
            } else {
                What::Pass(time)
            },
        );
        Ok(())
    }
}

/// Checks that a brace stands alone.
fn alone(line: Piece<'_>) -> Result<(), Bad> {
    let mut words = Arguments::new(line.from(1));
    match words.next()? {
        None => Ok(()),
        Some(word) => bad(
            words.span(&word),
            format!("`{}` stands on a line of its own", &line.text[..1]),
        ),
    }
}

fn window(line: Piece<'_>, range: std::ops::Range<usize>) -> Result<Window, Bad> {
    let text = &line.text[range.clone()];
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    match (lex::time(from.trim()), lex::time(to.trim())) {
        (Some(from), Some(to)) if from <= to => Ok(Window { from, to }),
        (Some(_), Some(_)) => bad(line.part(range), "this time ends before it begins"),
        _ => not_a_time(line.part(range), text),
    }
}
