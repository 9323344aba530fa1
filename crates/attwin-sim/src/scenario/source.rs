//! Where something stands: files, positions in them, and the text itself.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The files a scenario was read from; the first is the scenario itself, the
/// others are what it includes.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Arc<SourceFile>>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its name, as messages show it.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// A piece of a file, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Span {
    /// Which of the [`Sources`].
    pub file: usize,
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte.
    pub end: usize,
}

/// A [`Span`] as people read it, with what is needed to show the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub source: Arc<SourceFile>,
    /// The piece of it.
    pub span: Span,
    /// Line, from 1.
    pub line: usize,
    /// First column in characters, from 1.
    pub column: usize,
    /// Column after the last one, on the same line.
    pub end_column: usize,
}

impl Sources {
    /// Adds a file and returns its number.
    pub(super) fn add(&mut self, path: PathBuf, text: String) -> usize {
        self.files.push(Arc::new(SourceFile { path, text }));
        self.files.len() - 1
    }

    /// The file with this number.
    pub fn file(&self, number: usize) -> Option<&Arc<SourceFile>> {
        self.files.get(number)
    }

    /// Every file, the scenario itself first.
    pub fn files(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter().map(AsRef::as_ref)
    }

    /// How many files there are.
    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    /// The text of a span; empty if there is no such piece.
    pub fn text(&self, span: Span) -> &str {
        self.files
            .get(span.file)
            .and_then(|file| file.text.get(span.start..span.end))
            .unwrap_or_default()
    }

    /// The place of a span, for people.
    pub fn place(&self, span: Span) -> Place {
        let source = self.files.get(span.file).cloned().unwrap_or_else(|| {
            Arc::new(SourceFile {
                path: PathBuf::new(),
                text: String::new(),
            })
        });
        let before = source.text.get(..span.start).unwrap_or(&source.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = 1 + before[line_start..].chars().count();
        let here = source.text.get(span.start..span.end).unwrap_or_default();
        let width = here.lines().next().map_or(0, |line| line.chars().count());
        Place {
            line: 1 + before.matches('\n').count(),
            column,
            end_column: column + width,
            span,
            source,
        }
    }
}

impl Place {
    /// The file's name.
    pub fn path(&self) -> &Path {
        &self.source.path
    }

    /// The text of the line, without its end.
    pub fn line_text(&self) -> &str {
        self.source
            .text
            .lines()
            .nth(self.line - 1)
            .unwrap_or_default()
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.path().display(), self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let mut sources = Sources::default();
        let file = sources.add("a.at".into(), "> AT\n< grün OK\n".into());
        let start = "> AT\n< grün ".len();
        let place = sources.place(Span {
            file,
            start,
            end: start + 2,
        });
        assert_eq!(place.to_string(), "a.at:2:8");
        assert_eq!((place.end_column, place.line_text()), (10, "< grün OK"));
    }

    #[test]
    fn a_span_of_nowhere_is_harmless() {
        let sources = Sources::default();
        let span = Span {
            file: 3,
            start: 7,
            end: 2,
        };
        assert_eq!(sources.text(span), "");
        assert_eq!(sources.place(span).to_string(), ":1:1");
    }
}
