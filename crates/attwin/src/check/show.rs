//! What people read: progress, one line per scenario, failures, a summary.

use std::fmt::Write as _;
use std::io::{stderr, stdout};
use std::time::Duration;

use super::diagnosis::Diagnosis;
use super::report::{Outcome, Report};
use crate::failure::Failure;
use crate::output::print;
use crate::terminal::{moves, rendered, width};

/// Columns of the progress bar itself.
const BAR: usize = 30;
/// Most columns of the whole line.
const LINE: usize = 78;
/// Skipped lines shown for one scenario.
const SKIPPED_SHOWN: usize = 5;

/// Where a check is shown. On a terminal a bar moves and only what failed is
/// listed; elsewhere every scenario has its line, unless it is to be quiet.
pub(super) struct Screen {
    total: usize,
    bar: bool,
    /// Only failures and the summary are shown.
    quiet: bool,
    failed: usize,
}

impl Screen {
    pub(super) fn new(total: usize, quiet: bool) -> Self {
        Self {
            total,
            bar: !quiet && moves(&stdout()) && moves(&stderr()),
            quiet,
            failed: 0,
        }
    }

    /// Shows what came of the file with this number, counted from 1.
    pub(super) fn file(&mut self, number: usize, reports: &[Report]) -> Result<(), Failure> {
        let mut text = String::new();
        for report in reports {
            let word = match report.outcome {
                Outcome::Passed => "ok",
                Outcome::Updated => "updated",
                Outcome::Failed(_) => "FAILED",
                Outcome::Unusable(_) => "ERROR",
            };
            if report.outcome.is_bad() {
                self.failed += 1;
            }
            if self.quiet {
                // The summary has the failures.
                continue;
            }
            if !report.outcome.is_bad() && self.bar && report.skipped.is_empty() && word == "ok" {
                continue;
            }
            let skipped = match report.skipped.len() {
                0 => String::new(),
                n => format!(", {n} skipped"),
            };
            let took = report.took.as_secs_f64();
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{word:7} {} ({took:.3} s{skipped})", report.name());
            for place in report.skipped.iter().take(SKIPPED_SHOWN) {
                let _ = writeln!(
                    text,
                    "        skipped line {}: {}",
                    place.line,
                    place.line_text().trim()
                );
            }
            if let Some(more) = report.skipped.len().checked_sub(SKIPPED_SHOWN)
                && more > 0
            {
                let _ = writeln!(text, "        and {more} more");
            }
        }
        if self.bar {
            eprint!("\r\x1b[K");
        }
        print(&text)?;
        if self.bar && number < self.total {
            eprint!("{}", self.progress(number, reports));
        }
        Ok(())
    }

    /// The failures in their places, and the numbers.
    pub(super) fn summary(&self, reports: &[Report], took: Duration) -> Result<(), Failure> {
        let mut text = String::new();
        let (mut passed, mut updated, mut failed, mut unusable) = (0, 0, 0, 0);
        for report in reports {
            let diagnosis = match &report.outcome {
                Outcome::Passed => {
                    passed += 1;
                    continue;
                }
                Outcome::Updated => {
                    updated += 1;
                    continue;
                }
                Outcome::Failed(failure) => {
                    failed += 1;
                    Diagnosis::of_failure(failure)
                }
                Outcome::Unusable(unusable_file) => {
                    unusable += 1;
                    Diagnosis::of_unusable(unusable_file)
                }
            };
            text.push('\n');
            text.push_str(&rendered(&stdout(), &diagnosis));
        }
        let mut counts = Vec::new();
        if passed > 0 || updated == 0 {
            counts.push(format!("{passed} passed"));
        }
        let others = [
            (updated, "updated"),
            (failed, "failed"),
            (unusable, "could not be played"),
        ];
        counts.extend(
            others
                .iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, word)| format!("{count} {word}")),
        );
        let mut played: Vec<_> = reports.iter().map(|report| &report.path).collect();
        played.dedup();
        if let Some(left) = self
            .total
            .checked_sub(played.len())
            .filter(|left| *left > 0)
        {
            counts.push(format!("{left} not played"));
        }
        let number = reports.len();
        let noun = if number == 1 { "scenario" } else { "scenarios" };
        let took = took.as_secs_f64();
        let _ = writeln!(
            text,
            "\n{number} {noun}: {} in {took:.2} s",
            counts.join(", ")
        );
        let without_tls = reports.iter().filter(|report| report.without_tls).count();
        if without_tls > 0 && !self.quiet {
            let verb = if without_tls == 1 { "uses" } else { "use" };
            let _ = writeln!(
                text,
                "{without_tls} {verb} TLS, whose certificates and handshakes are not checked in \
                 virtual time, only with --port"
            );
        }
        print(&text)
    }

    fn progress(&self, number: usize, reports: &[Report]) -> String {
        let filled = BAR * number / self.total.max(1);
        let failed = match self.failed {
            0 => String::new(),
            n => format!(", {n} failed"),
        };
        let name = reports.last().map(Report::name).unwrap_or_default();
        let line = format!(
            "[{:-<BAR$}] {number}/{}{failed}  {name}",
            "#".repeat(filled),
            self.total
        );
        // The last column would wrap the line.
        line.chars().take(LINE.min(width() - 1)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn the_bar_fits_a_terminal() {
        let screen = Screen {
            total: 4,
            bar: true,
            quiet: false,
            failed: 1,
        };
        let report = Report {
            path: PathBuf::from("x".repeat(100)),
            module: None,
            took: Duration::ZERO,
            outcome: Outcome::Passed,
            skipped: Vec::new(),
            without_tls: false,
        };
        let line = screen.progress(2, &[report]);
        assert!(
            line.starts_with("[###############---------------] 2/4, 1 failed  xxx"),
            "{line}"
        );
        assert_eq!(line.chars().count(), LINE);
    }
}
