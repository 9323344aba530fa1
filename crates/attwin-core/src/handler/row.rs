//! A row of a dialect's table: what a command looks like and who carries it
//! out.

use alloc::vec::Vec;

use super::context::Context;
use super::outcome::Outcome;
use crate::command::{Args, Form, Spec};

/// One row of a dialect's table.
pub(crate) struct Row<D: 'static> {
    /// The command as the manual describes it.
    pub(crate) spec: Spec,
    /// Carries it out. Called for the read, execute and write forms, and for
    /// the test form where the row says
    /// [`Test::Computed`](crate::command::Test::Computed).
    pub(crate) run: Run<D>,
}

/// A handler.
pub(crate) type Run<D> = fn(&mut D, &mut Context<'_>, Form, &Args<'_>) -> Outcome;

impl<D> Row<D> {
    /// The same handler under another description.
    pub(crate) const fn described(self, spec: Spec) -> Self {
        Self {
            spec,
            run: self.run,
        }
    }
}

impl<D> Clone for Row<D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D> Copy for Row<D> {}

/// The descriptions of every row.
pub(crate) fn describe<D>(tables: &[&'static [Row<D>]]) -> Vec<&'static Spec> {
    tables
        .iter()
        .flat_map(|table| table.iter())
        .map(|row| &row.spec)
        .collect()
}
