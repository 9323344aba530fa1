//! Reading scenario files and what they include.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::ast::Scenario;
use super::parse::{ParseError, parse};

/// Largest scenario file in bytes.
pub const MAX_FILE_BYTES: u64 = 1 << 20;

/// Why a scenario could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read {}: {reason}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system, or the limit, says.
        reason: io::Error,
    },
    /// It is not a scenario.
    #[error(transparent)]
    Parse(#[from] ParseError),
}

impl Scenario {
    /// Reads a scenario and what it includes.
    pub fn load(path: &Path) -> Result<Self, LoadError> {
        let text = read(path).map_err(|reason| LoadError::Read {
            path: path.into(),
            reason,
        })?;
        Self::with_text(path, text)
    }

    /// Reads a scenario as if the file at `path` had this text; what it
    /// includes is read from files.
    pub fn with_text(path: &Path, text: String) -> Result<Self, LoadError> {
        Ok(parse(path, text, &mut |path| {
            read(path).map_err(|error| error.to_string())
        })?)
    }

    /// Reads a scenario from text. `path` is only a name; the text cannot
    /// include files.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ParseError> {
        parse(path, text.to_owned(), &mut |_| {
            Err("only scenarios read from files can include others".into())
        })
    }
}

fn read(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        let message = format!("larger than {MAX_FILE_BYTES} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..at]
            .iter()
            .filter(|&&b| b == b'\n')
            .count();
        let message = format!("line {line} is not UTF-8; other bytes are written \\xHH");
        io::Error::new(io::ErrorKind::InvalidData, message)
    })
}
