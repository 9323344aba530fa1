//! A failure in its place: the lines of the scenario it is about, marked.

use std::fmt;

use attwin_sim::scenario::{Failure as Finding, LoadError, ParseError, Place};
use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

use super::report::Unusable;
use crate::escape::escape;

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
        let mut notes = Vec::new();
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
            notes: error.help.clone().unwrap_or_default(),
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
