//! A failure in its place: the lines of the scenario it is about, marked.

use std::fmt;

use attwin_core::{Config, Modem, find_module, modules};
use attwin_sim::scenario::{Failure as Finding, LoadError, ParseError, Place, Problem};
use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

use super::report::Unusable;
use crate::escape::escape;
use crate::lookup::closest;

/// What is wrong, as miette shows it.
#[derive(Debug)]
pub(super) struct Diagnosis {
    message: String,
    source: Option<NamedSource<String>>,
    labels: Vec<LabeledSpan>,
    notes: String,
}

impl Diagnosis {
    /// Why a run failed.
    pub(super) fn of_failure(failure: &Finding) -> Self {
        let place = &failure.place;
        let mut notes: Vec<_> = meant_quirk(failure).into_iter().collect();
        let mut labels = vec![label(place, marked(failure), true)];
        let mut mention = |other: &Option<Place>, text: &str| {
            let Some(other) = other else { return };
            if other.source == place.source {
                if other.span != place.span {
                    labels.push(label(other, text.to_owned(), false));
                }
            } else {
                notes.push(format!("{text}: {other}: {}", other.line_text().trim()));
            }
        };
        mention(&failure.cause, "after this");
        mention(&failure.expected_later, "this expects what came");
        if let Some(heard) = &failure.heard {
            notes.push(format!("got      {heard}"));
            notes.push(format!("bytes    {}", escape(&heard.bytes)));
            let meanings = heard.meanings.iter();
            notes.extend(meanings.map(|meaning| format!("means    {meaning}")));
        }
        if !failure.said.is_empty() {
            notes.push(format!("so far   {}", escape(&failure.said)));
        }
        let reasons = failure.reasons.iter();
        notes.extend(reasons.map(|reason| format!("why      {reason}")));
        let faults = failure.faults.iter();
        notes.extend(faults.map(|fault| format!("fault    {fault}")));
        for report in &failure.reports {
            notes.push(format!("broker   {report}"));
        }
        notes.push(format!(
            "run      {}, seed {}, {} s after its start",
            failure.module,
            failure.seed,
            failure.after.as_millis() as f64 / 1000.0
        ));
        Self {
            message: failure.problem.to_string(),
            source: Some(source(place)),
            labels,
            notes: notes.join("\n"),
        }
    }

    /// Why a file could not be played.
    pub(super) fn of_unusable(unusable: &Unusable) -> Self {
        match unusable {
            Unusable::Load(LoadError::Parse(error)) => Self::of_mistake(error),
            Unusable::Load(error @ LoadError::Read { .. }) => Self::plain(error.to_string()),
            Unusable::Write(_) | Unusable::Internal => Self::plain(unusable.to_string()),
        }
    }

    fn of_mistake(error: &ParseError) -> Self {
        Self {
            message: error.message.clone(),
            source: Some(source(&error.place)),
            labels: vec![label(&error.place, "here".to_owned(), true)],
            notes: match (meant_module(&error.message), &error.help) {
                (Some(meant), Some(help)) => format!("{meant}\n{help}"),
                (meant, help) => meant.or_else(|| help.clone()).unwrap_or_default(),
            },
        }
    }

    fn plain(message: String) -> Self {
        Self {
            message,
            source: None,
            labels: Vec::new(),
            notes: String::new(),
        }
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Diagnosis {}

impl Diagnostic for Diagnosis {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn help(&self) -> Option<Box<dyn fmt::Display + '_>> {
        (!self.notes.is_empty()).then(|| Box::new(&self.notes) as Box<dyn fmt::Display>)
    }
}

/// Whose name a mistyped quirk may be.
fn meant_quirk(failure: &Finding) -> Option<String> {
    let Problem::Impossible(reason) = &failure.problem else {
        return None;
    };
    let wrong = quoted(reason, "unknown quirk ")?;
    let modem = Modem::new(Config::new(find_module(failure.module)?));
    let quirks = modem.quirks();
    meant(wrong, quirks.iter().map(|quirk| quirk.name))
}

/// Whose name a mistyped module may be.
fn meant_module(message: &str) -> Option<String> {
    let wrong = quoted(message, "unknown module ")?;
    meant(wrong, modules().iter().map(|module| module.id))
}

fn meant<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    closest(wrong, names).map(|close| format!("did you mean {close}?"))
}

/// The name behind these words.
fn quoted<'a>(message: &'a str, words: &str) -> Option<&'a str> {
    message
        .strip_prefix(words)?
        .strip_prefix('`')?
        .strip_suffix('`')
}

/// What stands at the line itself.
fn marked(failure: &Finding) -> String {
    if failure.expected.is_empty() {
        "here".to_owned()
    } else {
        format!("expected {}", failure.expected)
    }
}

fn label(place: &Place, text: String, primary: bool) -> LabeledSpan {
    let span = place.span.start..place.span.end;
    if primary {
        LabeledSpan::new_primary_with_span(Some(text), span)
    } else {
        LabeledSpan::new_with_span(Some(text), span)
    }
}

fn source(place: &Place) -> NamedSource<String> {
    NamedSource::new(
        place.path().display().to_string(),
        place.source.text.clone(),
    )
}
