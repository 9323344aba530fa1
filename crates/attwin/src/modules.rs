//! `attwin modules`: what attwin can be.

use std::fmt::Write as _;

use attwin_core::{Module, modules};

use crate::failure::Failure;
use crate::output::print;

/// Lists the modules.
pub(crate) fn run() -> Result<(), Failure> {
    print(&table())
}

/// The modules as a table.
fn table() -> String {
    let head = ["MODULE", "VENDOR", "FAMILY", "COMMANDS"];
    let columns = |module: &Module| [module.id, module.vendor, module.family, module.commands];
    let rows: Vec<_> = std::iter::once(head)
        .chain(modules().iter().map(columns))
        .collect();
    let mut widths = [0; 4];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut table = String::new();
    for [id, vendor, family, commands] in rows {
        // Writing to a string cannot fail.
        let _ = writeln!(
            table,
            "{id:0$}  {vendor:1$}  {family:2$}  {commands}",
            widths[0], widths[1], widths[2]
        );
    }
    table
}
