//! The families of modules: for each a file with its tables, and what only it
//! does. They are told apart by the command set, so that a module more of a
//! known one costs nothing.

mod onemo;
mod quectel;
mod simcom;
mod yuge;

use attwin_core::{CommandSet, Module};

use self::onemo::ml302::Ml302;
use self::onemo::mn316::Mn316;
pub(super) use self::quectel::Quectel;
use self::simcom::SimCom;
use self::yuge::Yuge;
use super::grammar::Grammar;
use super::model::{Engine, Family, Model};

/// The model of a module.
pub(super) fn of(module: &'static Module) -> Box<dyn Model> {
    match module.command_set() {
        CommandSet::Quectel => model::<Quectel>(module),
        CommandSet::SimCom => model::<SimCom>(module),
        CommandSet::Yuge => model::<Yuge>(module),
        CommandSet::OneMoMl302 => model::<Ml302>(module),
        CommandSet::OneMoMn316 => model::<Mn316>(module),
    }
}

fn model<F: Family>(module: &'static Module) -> Box<dyn Model> {
    let grammar = Grammar::new(module, &F::tables().profile);
    Box::new(Engine::<F>::new(grammar))
}
