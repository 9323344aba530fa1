//! How the commands of one module differ from those of its family.

use crate::command::Spec;
use crate::ledger::Urc;

/// Differences between a family's rows and those of one of its members. The
/// handlers stay the same.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Amendments {
    /// Each stands in place of the family's row of the same name and option:
    /// other ranges, forms or test answers. A command that has several rows by
    /// the number of its arguments cannot be amended.
    pub(crate) specs: &'static [Spec],
    /// Names, and options where there are any, of commands it lacks.
    pub(crate) absent: &'static [(&'static str, Option<&'static str>)],
    /// Unsolicited result codes it has besides.
    pub(crate) urcs: &'static [Urc],
}

impl Amendments {
    /// For a module that is as its family.
    pub(crate) const NONE: Self = Self {
        specs: &[],
        absent: &[],
        urcs: &[],
    };

    /// The row as the module has it; `None` if it lacks the command.
    pub(crate) fn of(&self, spec: &'static Spec) -> Option<&'static Spec> {
        let same = |name, option| spec.name == name && spec.option == option;
        if self.absent.iter().any(|&(name, option)| same(name, option)) {
            return None;
        }
        let amended = self.specs.iter().find(|own| same(own.name, own.option));
        Some(amended.unwrap_or(spec))
    }
}
