use std::path::{Path, PathBuf};

use attwin_sim::scenario::{Scenario, run};

#[test]
fn every_scenario_passes() {
    let mut files = Vec::new();
    collect(&root(), &mut files);
    assert!(files.len() >= 12, "found {files:?}");
    let mut failures = Vec::new();
    for path in files {
        match Scenario::load(&path) {
            Err(error) => failures.push(error.to_string()),
            Ok(scenario) => {
                failures.extend(run(&scenario).err().map(|f| f.to_string()));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Where the scenarios are.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

/// Every `.at` file below a folder.
pub(crate) fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder exists") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "at") {
            files.push(path);
        }
    }
    files.sort();
}
