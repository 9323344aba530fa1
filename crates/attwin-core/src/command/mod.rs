//! The AT grammar: from a command line to typed calls of handlers.
//!
//! - [`line`] splits a command line into commands (V.250 section 5.2),
//! - [`args`] reads arguments as a [`Spec`] describes them, each by [`token`]
//!   and, in quotes, [`quoted`],
//! - [`table`] holds the declarative rows every dialect is made of.
//!
//! No handler parses text: what a row cannot say, the grammar refuses.

mod args;
mod dispatch;
pub(crate) mod line;
mod quoted;
mod table;
mod token;

pub(crate) use args::{ArgError, Args};
pub(crate) use dispatch::dispatch;
pub use table::{Form, Kind, MaxTime, Origin, Param, Params, Spec, Test};
pub(crate) use table::{Row, describe};
