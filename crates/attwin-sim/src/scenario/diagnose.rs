//! What went wrong, as data, and in words for a log.

use std::fmt;

use attwin_core::Duration;

use super::escape::Escaped;
use super::framing::PieceKind;
use super::lex::show_time;
use super::source::Place;

/// Why a run of a scenario failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong.
    pub problem: Problem,
    /// The line of the scenario.
    pub place: Place,
    /// What it expects, for people.
    pub expected: String,
    /// What the module said in its place.
    pub heard: Option<Heard>,
    /// A later line that expects what was heard.
    pub expected_later: Option<Place>,
    /// The last line that did something: a command, an action.
    pub cause: Option<Place>,
    /// What the module said since then, the last bytes of it.
    pub said: Vec<u8>,
    /// Why the module refused something, or something failed, since then, where
    /// that is known.
    pub reasons: Vec<String>,
    /// Which faults acted since then, and which never did.
    pub faults: Vec<String>,
    /// What the broker saw, when the line is about the broker.
    pub reports: Vec<String>,
    /// How long the run had taken.
    pub after: Duration,
    /// Module of the run.
    pub module: &'static str,
    /// Seed of the run, which reproduces it.
    pub seed: u64,
}

/// Something the module said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The line, prompt or fragment, without the CR LFs around a line.
    pub text: Vec<u8>,
    /// The bytes from there on, a few lines at most.
    pub bytes: Vec<u8>,
    /// What kind of thing it is.
    pub kind: PieceKind,
    /// How long after the previous command its last byte came.
    pub elapsed: Duration,
    /// Whether a line of a response may stand here without its first CR LF.
    pub continues: bool,
    /// What its values mean about which something can be done.
    pub meanings: Vec<String>,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The module said something else.
    #[error("the module said something else")]
    Different,
    /// The text is right, the CR LFs around it are not.
    #[error("the line is framed wrongly")]
    Framing,
    /// It came too soon.
    #[error("the line came too early, after {}", show_time(*.0))]
    Early(Duration),
    /// It came too late.
    #[error("the line came too late, after {}", show_time(*.0))]
    Late(Duration),
    /// It did not come.
    #[error("the line did not come")]
    Missing,
    /// It began and did not end.
    #[error("the line began and did not end")]
    Incomplete,
    /// The module said something that nothing expects.
    #[error("the module said something nobody expects")]
    Unexpected,
    /// The broker did not see it.
    #[error("the broker did not see it")]
    NotSeen,
    /// The broker saw what it must not see.
    #[error("the broker saw what it must not see")]
    Seen,
    /// The module does not do what it has to before the first line.
    #[error("the module does not answer ATE0")]
    NotReady,
    /// The module said more than a scenario can take in.
    #[error("the module said too much that nothing expects")]
    TooMuch,
    /// The line cannot be carried out here.
    #[error("this cannot be done: {0}")]
    Impossible(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.place, self.problem)?;
        writeln!(f, "  line      {}", self.place.line_text().trim())?;
        if !self.expected.is_empty() {
            writeln!(f, "  expected  {}", self.expected)?;
        }
        if let Some(heard) = &self.heard {
            writeln!(f, "  got       {heard}")?;
            writeln!(f, "  bytes     {}", Escaped(&heard.bytes))?;
            for meaning in &heard.meanings {
                writeln!(f, "  means     {meaning}")?;
            }
        }
        if let Some(later) = &self.expected_later {
            writeln!(f, "  note      line {} expects what came", later.line)?;
        }
        for reason in &self.reasons {
            writeln!(f, "  why       {reason}")?;
        }
        for fault in &self.faults {
            writeln!(f, "  fault     {fault}")?;
        }
        for report in &self.reports {
            writeln!(f, "  broker    {report}")?;
        }
        if let Some(cause) = &self.cause {
            writeln!(
                f,
                "  after     {} (line {})",
                cause.line_text().trim(),
                cause.line
            )?;
            writeln!(f, "  so far    {}", Escaped(&self.said))?;
        }
        write!(
            f,
            "  run       module {}, seed {}, {} after its start",
            self.module,
            self.seed,
            show_time(self.after)
        )
    }
}

impl std::error::Error for Failure {}

impl fmt::Display for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            PieceKind::Line => {}
            PieceKind::Continuation if self.continues => {}
            PieceKind::Continuation => f.write_str("(without CR LF before it) ")?,
            PieceKind::Prompt => f.write_str("the prompt ")?,
            PieceKind::Echo => f.write_str("the echo ")?,
            PieceKind::Fragment => f.write_str("(not a whole line) ")?,
        }
        write!(
            f,
            "{} after {}",
            Escaped(&self.text),
            show_time(self.elapsed)
        )
    }
}
