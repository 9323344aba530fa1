//! Rewrites what a scenario expects into what the module says.

use std::collections::BTreeSet;

use super::ast::{Expectation, Line, Scenario, What, Window};
use super::diagnose::{Failure, Heard, Problem};
use super::escape::Escaped;
use super::framing::PieceKind;
use super::lex::show_time;
use super::load::LoadError;
use super::patience;
use super::source::Span;
use super::template::is_name;

/// Why a scenario could not be updated.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// The text cannot be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// It fails in a way that no other expectation of the module's output
    /// would mend, or in an included file.
    #[error("{0}")]
    Failure(Box<Failure>),
    /// Every change leads to another; the module does not say the same twice.
    #[error("the module says something else each time: {0}")]
    Restless(Box<Failure>),
}

/// Rewrites a scenario's text until it passes. Comments and everything that
/// needs no change stay byte for byte.
///
/// A command of which nothing is written yet is waited for before the next: for its
/// answer and, as long as the module's table allows, for the result after it.
///
/// `load` reads a text, `run` plays it; they are called once for each line
/// that has to change, and once or twice more.
pub fn update(
    mut text: String,
    mut load: impl FnMut(&str) -> Result<Scenario, LoadError>,
    mut run: impl FnMut(&Scenario) -> Result<(), Box<Failure>>,
) -> Result<String, UpdateError> {
    // Each line may have to be replaced or removed, and each line the module
    // says be inserted; it says no more than a few per line of a host.
    let mut attempts = 100 + 8 * text.lines().count();
    let mut patient = BTreeSet::new();
    let mut first = true;
    loop {
        let mut scenario = load(&text)?;
        scenario.patient.clone_from(&patient);
        let Err(failure) = run(&scenario) else {
            return Ok(text);
        };
        // Expectations come and go, lines that send stay.
        if std::mem::take(&mut first) {
            patient = patience::bare(&scenario);
            if !patient.is_empty() {
                continue;
            }
        }
        if attempts == 0 {
            return Err(UpdateError::Restless(failure));
        }
        attempts -= 1;
        match edit(&scenario, &text, &failure) {
            Some(Edit { span, text: new }) => text.replace_range(span.start..span.end, &new),
            None => return Err(UpdateError::Failure(failure)),
        }
    }
}

/// A piece of the text and what replaces it.
struct Edit {
    span: Span,
    text: String,
}

/// The change that lets the scenario get past this failure.
fn edit(scenario: &Scenario, text: &str, failure: &Failure) -> Option<Edit> {
    let span = failure.place.span;
    if span.file != 0 {
        return None;
    }
    let heard = failure.heard.as_ref();
    let line = find(scenario, span)?;
    match (&failure.problem, line) {
        (Problem::Missing, Found::Expectation(expected)) => Some(remove(text, expected.span)),
        (
            Problem::Different
            | Problem::Framing
            | Problem::Early(_)
            | Problem::Late(_)
            | Problem::Incomplete,
            Found::Expectation(expected),
        ) => {
            let heard = heard?;
            if failure.expected_later.is_some() {
                return Some(remove(text, expected.span));
            }
            let timing_only = matches!(failure.problem, Problem::Early(_) | Problem::Late(_));
            let new = if timing_only {
                retimed(&text[expected.span.start..expected.span.end], heard)?
            } else {
                written(heard, &time_of(heard, expected.window))
            };
            Some(Edit {
                span: expected.span,
                text: new,
            })
        }
        (Problem::Different, Found::Block(line)) => {
            let brace = Span {
                start: line.span.end - 1,
                ..line.span
            };
            Some(insert(text, brace, &written(heard?, "")))
        }
        (Problem::Unexpected, Found::Block(line) | Found::Other(line)) => {
            let new = written(heard?, "");
            // A line fails like this before its turn, or, if it is the last
            // one, after it.
            let last = scenario
                .steps
                .last()
                .is_some_and(|last| last.span == line.span);
            let acted = failure
                .cause
                .as_ref()
                .is_some_and(|cause| cause.span == line.span);
            let waits = matches!(line.what, What::Silent(_));
            let settled = acted || last && !acts(line) && !waits;
            Some(if settled {
                append(text, line.span, &new)
            } else {
                insert(text, line.span, &new)
            })
        }
        (Problem::Unexpected, Found::Expectation(expected)) => {
            Some(append(text, expected.span, &written(heard?, "")))
        }
        _ => None,
    }
}

/// Whether a line does something.
fn acts(line: &Line) -> bool {
    matches!(line.what, What::Send(_) | What::Fault(_) | What::Operate(_))
}

enum Found<'a> {
    Expectation(&'a Expectation),
    Block(&'a Line),
    Other(&'a Line),
}

fn find(scenario: &Scenario, span: Span) -> Option<Found<'_>> {
    scenario.steps.iter().find_map(|line| match &line.what {
        What::Expect(expected) if line.span == span => Some(Found::Expectation(expected)),
        What::AnyOrder(_) if line.span == span => Some(Found::Block(line)),
        What::AnyOrder(block) => block
            .iter()
            .find(|expected| expected.span == span)
            .map(Found::Expectation),
        _ if line.span == span => Some(Found::Other(line)),
        _ => None,
    })
}

/// The time of a line that has one.
fn time_of(heard: &Heard, window: Option<Window>) -> String {
    match window {
        Some(_) => format!("[{}]", show_time(heard.elapsed)),
        None => String::new(),
    }
}

/// The line that expects what was heard, at this time (`[2s]`) if there is one.
pub(super) fn written(heard: &Heard, time: &str) -> String {
    let plain = std::str::from_utf8(&heard.text)
        .ok()
        .filter(|text| !text.chars().any(char::is_control));
    match (heard.kind, plain) {
        (PieceKind::Prompt, _) => format!("<>{time} prompt"),
        (PieceKind::Line, Some(text)) if text.trim() != ">" => {
            format!("<{time} {}", literal(text))
        }
        (PieceKind::Continuation, Some(text)) if heard.continues && text.trim() != ">" => {
            format!("<{time} {}", literal(text))
        }
        (PieceKind::Continuation, Some(text)) => format!("<+{time} {}", literal(text)),
        _ => {
            let len = match heard.kind {
                PieceKind::Line => heard.text.len() + 4,
                PieceKind::Continuation => heard.text.len() + 2,
                _ => heard.text.len(),
            };
            let bytes = &heard.bytes[..len.min(heard.bytes.len())];
            format!("<<{time} {}", literal(&Escaped(bytes).to_string()))
        }
    }
}

/// Text in which nothing is taken for a variable.
pub(super) fn literal(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        written.push_str(&rest[..at]);
        rest = &rest[at..];
        match rest[1..].split_once('}') {
            Some((name, after)) if is_name(name) => {
                written.push_str(&format!("{{{{{name}}}}}"));
                rest = after;
            }
            _ => {
                written.push('{');
                rest = &rest[1..];
            }
        }
    }
    written.push_str(rest);
    written
}

/// The line with the time at which it came.
fn retimed(line: &str, heard: &Heard) -> Option<String> {
    let (open, close) = (line.find('[')?, line.find(']')?);
    Some(format!(
        "{}[{}]{}",
        &line[..open],
        show_time(heard.elapsed),
        &line[close + 1..]
    ))
}

fn remove(text: &str, span: Span) -> Edit {
    let start = line_start(text, span.start);
    let end = text[span.end..]
        .find('\n')
        .map_or(text.len(), |at| span.end + at + 1);
    Edit {
        span: Span { start, end, ..span },
        text: String::new(),
    }
}

/// A line before the one at `span`, indented alike.
fn insert(text: &str, span: Span, line: &str) -> Edit {
    let start = line_start(text, span.start);
    let indent = if text[span.start..span.end].starts_with('}') {
        "  "
    } else {
        ""
    };
    Edit {
        span: Span {
            start,
            end: start,
            ..span
        },
        text: format!("{indent}{}{line}{}", &text[start..span.start], ending(text)),
    }
}

/// A line after the one at `span`.
fn append(text: &str, span: Span, line: &str) -> Edit {
    let indent = &text[line_start(text, span.start)..span.start];
    Edit {
        span: Span {
            start: span.end,
            ..span
        },
        text: format!("{}{indent}{line}", ending(text)),
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |at| at + 1)
}

/// The line end the file uses.
fn ending(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}
