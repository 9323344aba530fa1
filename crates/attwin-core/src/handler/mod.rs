//! The floor that every handler stands on: above the layers, below the
//! dialects.
//!
//! A [`Dialect`] is a table of [`Row`]s and a state machine. [`dispatch`] goes
//! from a command of a line to its row and from there to the row's handler,
//! which reaches the layers through its [`Context`] and leaves with an
//! [`Outcome`]. [`shared`] has the rows that every module has. A [`Family`] is
//! everything there is to know of one command set; a [`Profile`] what one of
//! its modules does its own way.

mod amend;
pub(crate) mod boot;
mod context;
mod dialect;
mod dispatch;
mod family;
mod line;
mod outcome;
mod quirks;
mod row;
pub(crate) mod shared;

pub(crate) use amend::Amendments;
pub(crate) use context::Context;
pub(crate) use dialect::Dialect;
pub(crate) use dispatch::dispatch;
pub use family::CommandSet;
pub(crate) use family::{Family, Member, Profile, Speak};
pub(crate) use line::Line;
pub(crate) use outcome::{ErrorCode, Outcome, Refusal};
pub(crate) use quirks::{BaseQuirks, Quirks};
pub(crate) use row::{Row, Run, Tables};
