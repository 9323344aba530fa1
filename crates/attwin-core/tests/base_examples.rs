//! Every base command's own example works, and its refusal is that of its row
//! (spec/quectel.md section 10).

mod common;

use attwin_core::{Spec, find_module};
use common::{Bench, ERROR, OK, cme};

fn base_commands() -> impl Iterator<Item = &'static Spec> {
    let module = find_module("quectel-ec25").expect("a module");
    module
        .command_table()
        .into_iter()
        .filter(|spec| matches!(spec.section, "spec/quectel.md 10" | "spec/quectel.md 1.2"))
}

#[test]
fn examples_work() {
    assert!(base_commands().count() > 80);
    for spec in base_commands() {
        let said = Bench::new().command(&format!("AT{}", spec.example));
        // Numeric and quiet results are not among the examples.
        assert!(said.contains(OK), "{}: {said:?}", spec.example);
    }
}

#[test]
fn surplus_arguments_are_refused() {
    let most = ",1".repeat(20);
    let mut bench = Bench::new();
    for spec in base_commands().filter(|spec| spec.name.starts_with('+')) {
        let option = spec.option.map(|option| format!("\"{option}\""));
        let option = option.as_deref().unwrap_or("1");
        // A form that does not exist is plain ERROR (spec/quectel.md 2.3).
        let refusal = spec.refusal.filter(|_| spec.write.is_some());
        let refused = refusal.map_or_else(|| ERROR.into(), cme);
        bench.expect(&format!("AT{}={option}{most}", spec.name), &refused);
    }
}
