//! The examples of `docs/scenarios.md` and `docs/faults.md` run.

use std::path::Path;

use crate::common::passes;

#[test]
fn every_example_passes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let read = |page: &str| std::fs::read_to_string(folder.join(page)).expect(page);
    let text = [read("scenarios.md"), read("faults.md")].concat();
    let mut examples = 0;
    for block in text.split("```at\n").skip(1) {
        let example = block.split("```").next().expect("split gives one piece");
        passes(example);
        examples += 1;
    }
    assert!(examples >= 10, "found {examples}");
}
