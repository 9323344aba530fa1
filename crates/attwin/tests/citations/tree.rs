//! The files of this repository that may cite the specification.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders at the top of the repository that are searched whole.
const FOLDERS: [&str; 7] = [
    "crates",
    "scenarios",
    "docs",
    "benches",
    "fuzz",
    "checks",
    "scripts",
];

/// What builds and fuzzing leave behind.
const GENERATED: [&str; 4] = ["target", "corpus", "artifacts", "coverage"];

/// Cites wrongly on purpose.
const OWN_TESTS: &str = "crates/attwin/tests/citations";

pub(crate) struct SourceFile {
    /// From the top of the repository.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// Every text file in them, and the documents at the top, in the order of their paths.
pub(crate) fn source_files() -> Vec<SourceFile> {
    let mut paths = Vec::new();
    for folder in FOLDERS {
        collect(&top().join(folder), &mut paths);
    }
    paths.extend(
        entries(&top())
            .into_iter()
            .filter(|path| path.extension().is_some_and(|extension| extension == "md")),
    );
    paths.sort();
    paths
        .iter()
        .filter_map(|path| {
            Some(SourceFile {
                path: path.strip_prefix(top()).ok()?.to_str()?.replace('\\', "/"),
                text: fs::read_to_string(path).ok()?,
            })
        })
        .collect()
}

pub(crate) fn exists(path: &str) -> bool {
    top().join(path).is_file()
}

pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(top().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The documents of a folder, by name.
pub(crate) fn documents(folder: &str) -> Vec<(String, String)> {
    let mut documents: Vec<_> = entries(&top().join(folder))
        .iter()
        .filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()))
        .filter(|name| name.ends_with(".md"))
        .map(|name| (read(&format!("{folder}/{name}")), name))
        .map(|(text, name)| (name, text))
        .collect();
    documents.sort();
    documents
}

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for path in entries(folder) {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        if path.is_dir() {
            if !GENERATED.contains(&name) && !name.starts_with('.') && !path.ends_with(OWN_TESTS) {
                collect(&path, paths);
            }
        } else {
            paths.push(path);
        }
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect()
}
