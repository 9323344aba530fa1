//! The ledgers of the documentation are what the program prints.

use std::path::Path;

use super::support::output;

#[test]
fn the_ledgers_are_up_to_date() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/fidelity");
    let mut families = Vec::new();
    for module in attwin_core::modules() {
        if families.contains(&module.family) {
            continue;
        }
        families.push(module.family);
        let (code, printed, err) = output(&["fidelity", module.id]);
        assert_eq!((code, &*err), (Some(0), ""));
        let path = folder.join(module.id).with_extension("md");
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            written == printed,
            "docs/fidelity/{id}.md is not what `attwin fidelity {id}` prints; write it anew: \
             cargo run -p attwin -- fidelity {id} > docs/fidelity/{id}.md",
            id = module.id
        );
    }
    assert_eq!(
        std::fs::read_dir(&folder).map(Iterator::count).ok(),
        Some(families.len()),
        "one ledger for each family"
    );
}
