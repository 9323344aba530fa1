//! What a run ends with.

use std::fmt;

use attwin_core::Duration;

/// A run without a failure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Steps taken.
    pub steps: u32,
    /// Time that passed for the module.
    pub virtual_time: Duration,
    /// Command lines the host sent and the module answered.
    pub commands: u64,
    /// QoS 1 and 2 publishes the module reported as done.
    pub published: u64,
    /// Messages the module showed to the host.
    pub shown: u64,
    /// Times the module was powered off or restarted.
    pub restarts: u64,
    /// Everything that happened, a line each, if
    /// [`Options::trace`](super::Options::trace) asked for it.
    pub trace: String,
}

/// A run that broke an invariant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Failure {
    /// Identifier of the module.
    pub module: &'static str,
    /// The seed that reproduces it.
    pub seed: u64,
    /// The step after which it showed.
    pub step: u32,
    /// What is broken.
    pub invariant: Invariant,
    /// How.
    pub detail: String,
    /// The last that happened, a line each.
    pub trace_tail: String,
}

/// What holds in every run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Invariant {
    /// The simulation knows the module's command set.
    Vocabulary,
    /// Every command line gets exactly one final result.
    FinalResult,
    /// What the command table does not allow is refused.
    Refusal,
    /// Nothing but the specification's lines appears, framed as it says.
    Lines,
    /// A URC splits neither a response nor a data entry.
    UrcOrder,
    /// Echo is what the host sent.
    Echo,
    /// Every request gets its result in time, and only then.
    Results,
    /// A publish reported as done is at the broker, a QoS 2 one exactly once.
    Published,
    /// A message the module acknowledged was shown to the host or stored.
    Delivered,
    /// A message that is shown was received.
    Shown,
    /// A PUBLISH that is sent again has the DUP flag, and only then.
    Dup,
    /// A client is never silent for longer than its keep-alive time.
    KeepAlive,
    /// State queries agree with what was announced.
    Queries,
    /// Deadlines pass when they come.
    Deadlines,
    /// Output, connections and memory stay within bounds.
    Bounds,
}

/// An invariant as a checker found it broken.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) invariant: Invariant,
    pub(super) detail: String,
}

impl Broken {
    pub(super) fn new(invariant: Invariant, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { invariant, detail }
    }
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Vocabulary => "the simulation knows the module's command set",
            Self::FinalResult => "every command line gets exactly one final result",
            Self::Refusal => "what the command table does not allow is refused",
            Self::Lines => "nothing but the specification's lines appears",
            Self::UrcOrder => "a URC splits neither a response nor a data entry",
            Self::Echo => "echo is what the host sent",
            Self::Results => "every request gets its result in time, and only then",
            Self::Published => "a publish reported as done is at the broker",
            Self::Delivered => "an acknowledged message was shown or stored",
            Self::Shown => "a message that is shown was received",
            Self::Dup => "a PUBLISH that is sent again has the DUP flag",
            Self::KeepAlive => "no client is silent longer than its keep-alive time",
            Self::Queries => "state queries agree with what was announced",
            Self::Deadlines => "deadlines pass when they come",
            Self::Bounds => "output and connections stay within bounds",
        })
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            module, seed, step, ..
        } = self;
        writeln!(f, "{module}, seed {seed}, step {step}: broken invariant:")?;
        writeln!(f, "  {}", self.invariant)?;
        writeln!(f, "  {}", self.detail)?;
        write!(f, "{}", self.trace_tail)
    }
}
