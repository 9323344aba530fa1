//! A row of a dialect's table: what a command looks like and who carries it
//! out.

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
    pub(crate) const fn new(spec: Spec, run: Run<D>) -> Self {
        Self { spec, run }
    }

    pub(crate) const fn spec(&self) -> &Spec {
        &self.spec
    }

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

/// Every row of a dialect.
pub(crate) struct Tables<D: 'static> {
    /// The family's own.
    pub(crate) own: &'static [&'static [Row<D>]],
    /// Those it shares with every module; looked at last.
    pub(crate) shared: &'static [&'static [Row<()>]],
}
