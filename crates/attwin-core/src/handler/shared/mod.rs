//! Commands of V.250 and 3GPP 27.007 that every module has.
//!
//! The rows are written once for all dialects: values that differ come from
//! the module's [`Profile`](crate::radio::Defaults), and a dialect whose answer
//! has another shape has a row of its own, which is found first.

mod general;
pub(crate) mod meaning;
mod network;
mod packet;
mod refusal;
mod time;
mod v250;

pub(crate) use network::{command as registration_command, report_registration};
pub(crate) use refusal::{no_context, no_network, sim_refusal};
pub(crate) use time::long_timestamp;
pub(crate) use v250::{
    factory as factory_settings, reset as reset_settings, restore as restore_settings,
};

use super::Row;

/// Rows every module shares, in the order of their manuals.
pub(crate) static TABLES: [&[Row<()>]; 5] = [
    &v250::ROWS,
    &general::ROWS,
    &network::ROWS,
    &packet::ROWS,
    &time::ROWS,
];

/// The shared row of this name under a module's own specification: a dialect
/// lists those its module has. Meant for constants; there a name that no row
/// has does not compile.
pub(crate) const fn shared(name: &str, section: &'static str) -> Row<()> {
    let mut table = 0;
    while table < TABLES.len() {
        let mut at = 0;
        while at < TABLES[table].len() {
            let Row { mut spec, run } = TABLES[table][at];
            if equal(spec.name.as_bytes(), name.as_bytes()) {
                spec.section = section;
                return Row { spec, run };
            }
            at += 1;
        }
        table += 1;
    }
    panic!("no shared row has this name")
}

const fn equal(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Form;

    #[test]
    fn a_shared_row_stands_under_another_section() {
        const ROW: Row<()> = shared("+CSQ", "docs/spec/yuge.md 10");
        assert_eq!(
            (ROW.spec.name, ROW.spec.section),
            ("+CSQ", "docs/spec/yuge.md 10")
        );
        assert!(ROW.spec.has(Form::Execute));
    }
}
