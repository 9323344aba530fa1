//! Lines into a [`Scenario`].

mod arguments;
mod broker;
mod cloud;
mod header;

use std::path::{Path, PathBuf};

use attwin_core::{Duration, Timing};

use self::arguments::Arguments;
use super::ast::{Comment, Expectation, Header, Line, Saying, Scenario, What, Window};
use super::lex::{self, RawLine};
use super::source::{Place, Sources, Span};
use super::template::{BadText, Names, Pattern, Template, Variable};
use crate::broker::cloud::Clouds;
use crate::fault::FaultSpec;

/// Most lines and comments of one scenario, included ones counted each time.
const MAX_LINES: usize = 200_000;
/// Most patterns, which take more memory than text.
const MAX_PATTERNS: usize = 1_000;
/// Most lines of a `{ … }` block.
const MAX_BLOCK: usize = 64;
/// Most time the `~` lines of a scenario may take together.
const MAX_TIME: Duration = Duration::from_secs(31 * 24 * 3600);
/// How long a line without a time may take unless the header says otherwise:
/// longer than any command of any module blocks (AT+COPS, 180 s).
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(200);

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

type Reader<'r> = &'r mut dyn FnMut(&Path) -> Result<String, String>;

/// Reads a scenario; `reader` reads what it includes.
pub(super) fn parse(path: &Path, text: String, reader: Reader<'_>) -> Result<Scenario, ParseError> {
    let mut parser = Parser {
        sources: Sources::default(),
        header: Header {
            modules: Vec::new(),
            quirks: Vec::new(),
            users: Vec::new(),
            clouds: Clouds::default(),
            refused_filters: Vec::new(),
            timing: Timing::Real,
            seed: 0,
            echo: false,
            boot_shown: false,
            timeout: DEFAULT_TIMEOUT,
            variables: Vec::new(),
        },
        echo_set: None,
        comments: Vec::new(),
        steps: Vec::new(),
        names: Names::default(),
        block: None,
        stack: Vec::new(),
        lines: 0,
        patterns: 0,
        time: Duration::ZERO,
        reader,
    };
    let file = parser.sources.add(path.into(), text);
    parser.file(file, path).map_err(|bad| parser.error(bad))?;
    parser.finish().map_err(|bad| parser.error(bad))?;
    Ok(Scenario {
        sources: parser.sources,
        header: parser.header,
        comments: parser.comments,
        steps: parser.steps,
        names: parser.names,
    })
}

struct Parser<'r> {
    sources: Sources,
    header: Header,
    /// Where `echo` was said.
    echo_set: Option<Span>,
    comments: Vec<Comment>,
    steps: Vec<Line>,
    names: Names,
    /// The block that is open, and where it began.
    block: Option<(Span, Vec<Expectation>)>,
    /// Files being read, outermost first.
    stack: Vec<PathBuf>,
    lines: usize,
    patterns: usize,
    time: Duration,
    reader: Reader<'r>,
}

/// An error before its place is looked up.
struct Bad {
    span: Span,
    message: String,
    help: Option<String>,
}

fn bad<T>(span: Span, message: impl Into<String>) -> Result<T, Bad> {
    Err(Bad {
        span,
        message: message.into(),
        help: None,
    })
}

fn bad_help<T>(span: Span, message: impl Into<String>, help: impl Into<String>) -> Result<T, Bad> {
    Err(Bad {
        span,
        message: message.into(),
        help: Some(help.into()),
    })
}

/// Text of a line and where it stands.
#[derive(Clone, Copy)]
struct Piece<'a> {
    text: &'a str,
    file: usize,
    start: usize,
}

impl<'a> Piece<'a> {
    fn span(self) -> Span {
        self.part(0..self.text.len())
    }

    fn part(self, range: std::ops::Range<usize>) -> Span {
        Span {
            file: self.file,
            start: self.start + range.start,
            end: self.start + range.end,
        }
    }

    fn from(self, at: usize) -> Self {
        Self {
            text: &self.text[at..],
            file: self.file,
            start: self.start + at,
        }
    }

    fn locate(self, bad: BadText) -> Bad {
        Bad {
            span: self.part(bad.range),
            message: bad.message,
            help: bad.help,
        }
    }
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

    fn line(&mut self, line: Piece<'_>) -> Result<(), Bad> {
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

    fn push(&mut self, line: Piece<'_>, what: What) {
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
            template
                .pieces
                .push(super::template::Piece::Text(b"\r".to_vec()));
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
    fn inserting(&mut self, text: Piece<'_>, escapes: bool) -> Result<Template, Bad> {
        let template =
            Template::parse(text.text, escapes, &mut self.names).map_err(|bad| text.locate(bad))?;
        self.check_known(text.span(), template.variables())?;
        Ok(template)
    }

    /// Text whose unknown variables are captured.
    fn capturing(&mut self, text: Piece<'_>, escapes: bool) -> Result<Template, Bad> {
        use super::template::Piece::{Text, Variable};
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

    fn check_known(
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

/// The text after an operator of `len` bytes and one space.
fn argument(line: Piece<'_>, len: usize) -> Result<Piece<'_>, Bad> {
    let rest = line.from(len);
    match rest.text.as_bytes().first() {
        None => Ok(rest),
        Some(b' ' | b'\t') => Ok(rest.from(1)),
        Some(_) => bad_help(
            line.span(),
            format!("expected a space after `{}`", &line.text[..len]),
            "one space belongs to the notation, everything after it to the text",
        ),
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

fn not_a_time<T>(span: Span, text: &str) -> Result<T, Bad> {
    bad_help(
        span,
        format!("`{text}` is not a time"),
        "times are 500ms, 1.5s, 2min, 1h, in whole milliseconds, at most 168h; a range is 1.9s..2.1s",
    )
}
