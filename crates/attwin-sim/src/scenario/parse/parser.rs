//! What is known of a scenario while it is read.

use std::path::{Path, PathBuf};

use attwin_core::{Duration, Timing};

use crate::broker::cloud::Clouds;
use crate::scenario::ast::{Comment, Expectation, Header, Line};
use crate::scenario::source::{Sources, Span};
use crate::scenario::template::Names;

/// How long a line without a time may take unless the header says otherwise:
/// longer than any command of any module blocks (AT+COPS, 180 s).
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(200);

pub(super) type Reader<'r> = &'r mut dyn FnMut(&Path) -> Result<String, String>;

pub(super) struct Parser<'r> {
    pub(super) sources: Sources,
    pub(super) header: Header,
    /// Where `echo` was said.
    pub(super) echo_set: Option<Span>,
    pub(super) comments: Vec<Comment>,
    pub(super) steps: Vec<Line>,
    pub(super) names: Names,
    /// The block that is open, and where it began.
    pub(super) block: Option<(Span, Vec<Expectation>)>,
    /// Files being read, outermost first.
    pub(super) stack: Vec<PathBuf>,
    pub(super) lines: usize,
    pub(super) patterns: usize,
    pub(super) time: Duration,
    pub(super) reader: Reader<'r>,
}

impl<'r> Parser<'r> {
    pub(super) fn new(reader: Reader<'r>) -> Self {
        Self {
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
        }
    }
}
