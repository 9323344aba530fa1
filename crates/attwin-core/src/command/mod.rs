//! The AT grammar: from a command line to typed values.
//!
//! - [`line`] splits a command line into commands (V.250 section 5.2),
//! - [`spec`] says what a command looks like,
//! - [`args`] reads arguments as a [`Spec`] describes them, each by [`token`]
//!   and, in quotes, [`quoted`], into a [`value`].
//!
//! No handler parses text: what a [`Spec`] cannot say, the grammar refuses.

mod args;
pub(crate) mod line;
mod meaning;
mod quirks;
mod quoted;
mod spec;
mod token;
mod value;

pub(crate) use args::{Args, count, take_option};
pub use meaning::{Answer, Field, Meaning};
pub(crate) use quirks::{ClosingQuote, Escapes, GrammarQuirks, Prefix};
pub use spec::{Form, Kind, MaxTime, Origin, Param, Params, Spec, Test};
pub(crate) use value::ArgError;
