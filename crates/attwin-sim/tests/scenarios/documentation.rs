//! The examples of `docs/scenarios.md` run.

use std::path::Path;

use crate::common::passes;

#[test]
fn every_example_passes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/scenarios.md");
    let text = std::fs::read_to_string(path).expect("the documentation is there");
    let mut examples = 0;
    for block in text.split("```at\n").skip(1) {
        let example = block.split("```").next().expect("split gives one piece");
        passes(example);
        examples += 1;
    }
    assert!(examples >= 10, "found {examples}");
}
