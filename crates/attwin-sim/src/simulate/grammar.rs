//! The module's own command table, and how calls are made of it.

use attwin_core::{Form, Module, Params, Spec};

use super::call::{Arg, Call};
use super::profile::Profile;

/// A command table and the spelling that goes with it.
#[derive(Debug, Clone)]
pub(super) struct Grammar {
    pub(super) profile: &'static Profile,
    pub(super) table: Vec<&'static Spec>,
}

impl Grammar {
    pub(super) fn new(module: &Module, profile: &'static Profile) -> Self {
        let table = module.command_table();
        Self { profile, table }
    }

    /// A valid call.
    pub(super) fn call(&self, spec: &'static Spec, form: Form, args: Vec<Arg>) -> Call {
        Call::new(self.profile, spec, form, args)
    }

    /// A call as it is spelled: `+CSQ` for the execute form, `+CSQ?` for the
    /// read form, `+CFUN=` for the write form with these arguments,
    /// `+QMTCFG=session` for the row with that option.
    pub(super) fn spelled(&self, command: &str, args: Vec<Arg>) -> Call {
        if let Some(name) = command.strip_suffix('?') {
            return self.bare(name, Form::Read);
        }
        match command.split_once('=') {
            None => self.bare(command, Form::Execute),
            Some((name, "")) => self.call(self.taker(name, args.len()), Form::Write, args),
            Some((name, option)) => self.call(self.row(name, Some(option)), Form::Write, args),
        }
    }

    /// The row with this name and option.
    pub(super) fn row(&self, name: &str, option: Option<&str>) -> &'static Spec {
        self.named(name)
            .find(|spec| spec.option == option)
            .expect("the goals name commands the table has")
    }

    /// The row that describes a write form with so many arguments: the first
    /// that admits them, else the first of all.
    pub(super) fn taker(&self, name: &str, count: usize) -> &'static Spec {
        self.named(name)
            .filter(|spec| spec.option.is_none())
            .find(|spec| spec.write.is_some_and(|params| admits(params, count)))
            .unwrap_or_else(|| self.row(name, None))
    }

    fn bare(&self, name: &str, form: Form) -> Call {
        let spec = self.named(name).find(|spec| spec.has(form));
        let spec = spec.expect("the goals name forms the table has");
        self.call(spec, form, Vec::new())
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &'static Spec> {
        self.table.iter().copied().filter(move |s| s.name == name)
    }
}

/// Whether a write form may have so many arguments.
fn admits(params: Params, count: usize) -> bool {
    let (group, most) = params.repeated.unwrap_or((&[], 0));
    let fixed = params.fixed.len();
    if most > 0 {
        let more = count.wrapping_sub(fixed);
        return count > fixed && more.is_multiple_of(group.len()) && more / group.len() <= most;
    }
    let mandatory = params.fixed.iter().rposition(|param| !param.optional);
    (mandatory.map_or(0, |last| last + 1)..=fixed).contains(&count)
}
