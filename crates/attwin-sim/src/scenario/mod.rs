//! Scenarios: transcripts of a session that can be run (`docs/scenarios.md`).
//!
//! [`Scenario::load`] reads a file. A [`Player`] plays it without knowing
//! against what: bytes to send and actions come out, what the module said and
//! what the broker saw go in, with the time. [`VirtualBench`] is one thing to
//! play against, a whole [`World`](crate::World) in virtual time; real ports
//! are another. A [`Recorder`] goes the other way, from a session to a scenario. A
//! [`Failure`] says what was expected, what came, and where.
//!
//! Reading order: `ast` for what a scenario is made of, `player` for what it
//! means, `framing` for how bytes become lines.

mod actions;
mod ast;
mod diagnose;
mod escape;
mod framing;
mod lex;
mod load;
mod matching;
mod parse;
mod patience;
mod player;
mod record;
mod reports;
mod source;
mod template;
mod update;
mod virtual_bench;

pub use actions::{Action, BrokerAction};
pub use ast::{Comment, Header, Scenario};
pub use diagnose::{Failure, Heard, Problem};
pub(crate) use escape::Escaped;
pub use framing::PieceKind;
pub(crate) use lex::time;
pub use load::{LoadError, MAX_FILE_BYTES};
pub use parse::ParseError;
pub use player::{Manner, Player, Step};
pub use record::Recorder;
pub use source::{Place, SourceFile, Sources, Span};
pub use update::{UpdateError, update};
pub use virtual_bench::{VirtualBench, run};
