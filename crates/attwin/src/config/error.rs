//! Mistakes in a configuration file, shown with their place.

use std::ops::Range;
use std::path::Path;

use miette::{Diagnostic, NamedSource, SourceSpan};
use thiserror::Error;

use crate::failure::Failure;

/// A mistake in a configuration file, and where.
#[derive(Debug, Error, Diagnostic)]
#[error("{message}")]
pub(crate) struct ConfigError {
    message: String,
    #[source_code]
    source_code: NamedSource<String>,
    #[label("here")]
    place: Option<SourceSpan>,
    #[help]
    help: Option<String>,
}

/// The text mistakes are shown in.
#[derive(Debug, Default)]
pub(super) struct Source {
    name: String,
    text: String,
}

impl Source {
    /// The text of a file called `name`.
    pub(super) fn new(name: String, text: String) -> Self {
        Self { name, text }
    }

    /// Reads a file.
    pub(super) fn read(path: &Path) -> Result<Self, Box<ConfigError>> {
        let name = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Self::new(name, text)),
            Err(error) => Err(Box::new(ConfigError {
                message: format!("cannot read the configuration file {name}: {error}"),
                source_code: NamedSource::new(name, String::new()),
                place: None,
                help: None,
            })),
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// A mistake at `place`.
    pub(super) fn error(
        &self,
        place: Option<Range<usize>>,
        message: String,
        help: Option<String>,
    ) -> Box<ConfigError> {
        Box::new(ConfigError {
            message,
            source_code: NamedSource::new(&self.name, self.text.clone()),
            place: place.map(|place| one_line(&self.text, place)),
            help,
        })
    }
}

impl From<Box<ConfigError>> for Failure {
    fn from(error: Box<ConfigError>) -> Self {
        Self::InFile(error)
    }
}

/// Points at the first line of what may be a whole table.
fn one_line(text: &str, span: Range<usize>) -> SourceSpan {
    let start = span.start.min(text.len());
    let line = text[start..].split('\n').next().unwrap_or_default();
    let length = line.trim_end().len().min(span.end.saturating_sub(start));
    (start, length).into()
}
