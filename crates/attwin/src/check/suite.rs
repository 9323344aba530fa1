//! The files of a check: which they are, and playing them.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Instant;

use attwin_core::Module;
use attwin_sim::scenario::{LoadError, Scenario, UpdateError, update};

use super::bench::Bench;
use super::report::{Outcome, Report, Unusable};
use super::show::Screen;
use crate::failure::Failure;

/// Folders within folders that are searched. A loop of symbolic links ends
/// here.
const MOST_DEPTH: usize = 64;

/// How to play them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// Rewrite those that fail.
    pub(super) update: bool,
    /// Play no more after one that failed.
    pub(super) fail_fast: bool,
    /// How many to play at once.
    pub(super) jobs: usize,
}

/// Scenario files, in order.
pub(super) struct Suite {
    files: Vec<PathBuf>,
}

impl Suite {
    /// Collects files and what is in folders.
    pub(super) fn find(paths: &[PathBuf], filter: Option<&str>) -> Result<Self, Failure> {
        let mut files = Vec::new();
        for path in paths {
            let before = files.len();
            search(path, 0, &mut files)?;
            files[before..].sort();
            if files.len() == before {
                return Err(Failure::usage(format!(
                    "there is no scenario (*.at) in {}",
                    path.display()
                )));
            }
        }
        let mut seen = std::collections::HashSet::new();
        files.retain(|file| seen.insert(file.clone()));
        if let Some(text) = filter {
            files.retain(|file| file.to_string_lossy().contains(text));
            if files.is_empty() {
                return Err(Failure::usage(format!(
                    "no scenario's path contains `{text}`"
                )));
            }
        }
        Ok(Self { files })
    }

    pub(super) fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// Plays every file, several at once, and shows each when those before it
    /// are shown.
    pub(super) fn play(
        &self,
        bench: &dyn Bench,
        manner: Manner,
        screen: &mut Screen,
    ) -> Result<Vec<Report>, Failure> {
        let Manner {
            update,
            fail_fast,
            jobs,
        } = manner;
        let next = AtomicUsize::new(0);
        let (sender, done) = channel();
        thread::scope(|scope| {
            for _ in 0..jobs.min(self.files.len()) {
                let (sender, next) = (sender.clone(), &next);
                scope.spawn(move || {
                    while let Some(path) = {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        self.files.get(number).map(|path| (number, path))
                    } {
                        let reports = contained(path.1, || {
                            if update {
                                vec![rewrite(bench, path.1)]
                            } else {
                                play(bench, path.1)
                            }
                        });
                        if sender.send((path.0, reports)).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            let mut early = BTreeMap::new();
            let mut all = Vec::new();
            let mut turn = 0;
            for (number, reports) in done {
                early.insert(number, reports);
                while let Some(reports) = early.remove(&turn) {
                    turn += 1;
                    let shown = screen.file(turn, &reports);
                    let bad = reports.iter().any(|report| report.outcome.is_bad());
                    all.extend(reports);
                    if fail_fast && bad {
                        next.store(self.files.len(), Ordering::Relaxed);
                        return Ok(all);
                    }
                    if let Err(failure) = shown {
                        // Nothing of what is left would be seen.
                        next.store(self.files.len(), Ordering::Relaxed);
                        return Err(failure);
                    }
                }
            }
            Ok(all)
        })
    }
}

fn search(path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let unreadable =
        |error: std::io::Error| Failure::usage(format!("cannot read {}: {error}", path.display()));
    let is_folder = fs::metadata(path).map_err(unreadable)?.is_dir();
    if !is_folder {
        files.push(path.to_owned());
        return Ok(());
    }
    if depth > MOST_DEPTH {
        return Ok(());
    }
    for entry in fs::read_dir(path).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        // A link to nowhere is no scenario.
        let is_folder = fs::metadata(&path).is_ok_and(|metadata| metadata.is_dir());
        if is_folder || path.extension().is_some_and(|extension| extension == "at") {
            search(&path, depth + 1, files)?;
        }
    }
    Ok(())
}

/// One scenario that brings the program down does not end the others. What
/// happened stands on standard error.
fn contained(path: &Path, play: impl FnOnce() -> Vec<Report>) -> Vec<Report> {
    let started = Instant::now();
    // Nothing a scenario leaves behind is looked at by the next.
    catch_unwind(AssertUnwindSafe(play)).unwrap_or_else(|_| {
        vec![Report {
            path: path.to_owned(),
            module: None,
            took: started.elapsed(),
            outcome: Outcome::Unusable(Unusable::Internal),
            skipped: Vec::new(),
            without_tls: false,
        }]
    })
}

/// Plays a file with each of its modules.
fn play(bench: &dyn Bench, path: &Path) -> Vec<Report> {
    let started = Instant::now();
    let report = |module, took, outcome| Report {
        path: path.to_owned(),
        module,
        took,
        outcome,
        skipped: Vec::new(),
        without_tls: false,
    };
    let scenario = match Scenario::load(path) {
        Ok(scenario) => scenario,
        Err(error) => {
            let outcome = Outcome::Unusable(Unusable::Load(error));
            return vec![report(None, started.elapsed(), outcome)];
        }
    };
    let modules = modules(bench, &scenario);
    let several = modules.len() > 1;
    let run = |module: &&'static Module| {
        let started = Instant::now();
        let played = bench.play(&scenario, module);
        let outcome = match played.result {
            Ok(()) => Outcome::Passed,
            Err(failure) => Outcome::Failed(failure),
        };
        let name = several.then_some(module.id);
        Report {
            skipped: played.skipped,
            without_tls: played.without_tls,
            ..report(name, started.elapsed(), outcome)
        }
    };
    modules.iter().map(run).collect()
}

/// Rewrites a file until it passes.
fn rewrite(bench: &dyn Bench, path: &Path) -> Report {
    let started = Instant::now();
    let mut skipped = Vec::new();
    let mut without_tls = false;
    let outcome = match fs::read_to_string(path) {
        Err(reason) => Outcome::Unusable(Unusable::Load(LoadError::Read {
            path: path.to_owned(),
            reason,
        })),
        Ok(text) => {
            let updated = update(
                text.clone(),
                |text| Scenario::with_text(path, text.to_owned()),
                |scenario| {
                    skipped.clear();
                    for module in modules(bench, scenario) {
                        let played = bench.play(scenario, module);
                        skipped = played.skipped;
                        without_tls |= played.without_tls;
                        played.result?;
                    }
                    Ok(())
                },
            );
            match updated {
                Ok(new) if new == text => Outcome::Passed,
                Ok(new) => match replace(path, &new) {
                    Ok(()) => Outcome::Updated,
                    Err(error) => Outcome::Unusable(Unusable::Write(format!(
                        "cannot write {}: {error}",
                        path.display()
                    ))),
                },
                Err(UpdateError::Load(error)) => Outcome::Unusable(Unusable::Load(error)),
                Err(UpdateError::Failure(failure) | UpdateError::Restless(failure)) => {
                    Outcome::Failed(failure)
                }
            }
        }
    };
    Report {
        path: path.to_owned(),
        module: None,
        took: started.elapsed(),
        outcome,
        skipped,
        without_tls,
    }
}

fn modules<'a>(bench: &dyn Bench, scenario: &'a Scenario) -> &'a [&'static Module] {
    let modules = &scenario.header.modules[..];
    if bench.takes_all_modules() {
        modules
    } else {
        modules.get(..1).unwrap_or_default()
    }
}

/// Puts the new text in place of the old in one step: a reader of the file
/// sees one or the other.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    // The file itself, not a link to it.
    let path = fs::canonicalize(path)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file()
        .set_permissions(fs::metadata(&path)?.permissions())?;
    file.persist(&path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_one_report() {
        let reports = contained(Path::new("a.at"), || panic!("on purpose"));
        assert_eq!(reports.len(), 1);
        assert!(matches!(
            reports[0].outcome,
            Outcome::Unusable(Unusable::Internal)
        ));
    }
}
