//! `attwin simulate`: random hosts, random faults and random timing against a
//! module, by seed.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use attwin_core::Module;
use attwin_sim::simulate::{self, Options};
use clap::Args;

use crate::failure::Failure;
use crate::lookup::module_argument;
use crate::output::print;

/// What to simulate.
#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// Which module; `attwin modules` lists all
    #[arg(default_value = "quectel-ec25")]
    module: String,
    /// How many seeds to play
    #[arg(long, value_name = "N", default_value_t = 100, conflicts_with = "seed")]
    seeds: u64,
    /// The first of them
    #[arg(long, value_name = "S", default_value_t = 0, conflicts_with = "seed")]
    from: u64,
    /// Play this seed only
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Write everything that happened to this file; needs --seed
    #[arg(long, value_name = "FILE", requires = "seed")]
    trace: Option<PathBuf>,
}

/// Failures after which it stops: more of them rarely say more.
const MOST_FAILURES: usize = 20;

/// Plays the seeds, and goes on after one that breaks an invariant.
pub(crate) fn run(args: &SimulateArgs) -> Result<(), Failure> {
    let module = module_argument(&args.module)?;
    let (first, count) = match args.seed {
        Some(seed) => (seed, 1),
        None => (args.from, args.seeds),
    };
    let seeds = first..first.saturating_add(count);
    let started = Instant::now();
    let options = Options {
        trace: args.trace.is_some(),
        ..Options::default()
    };
    let (mut runs, mut commands, mut published, mut hours) = (0_u64, 0, 0, 0.0);
    let mut failures = Vec::new();
    for seed in seeds {
        runs += 1;
        match simulate::run(module, seed, options) {
            Ok(report) => {
                write_trace(args, &report.trace)?;
                commands += report.commands;
                published += report.published;
                hours += report.virtual_time.as_secs_f64() / 3600.0;
            }
            Err(failure) => {
                write_trace(args, &failure.trace_tail)?;
                failures.push(failure);
                if failures.len() == MOST_FAILURES {
                    break;
                }
            }
        }
    }
    let took = started.elapsed().as_secs_f64();
    if let Some(text) = broken(module, runs, &failures) {
        return Err(Failure::Failed(text));
    }
    print(&format!(
        "{}: {runs} runs, {hours:.1} h of virtual time, {commands} commands, {published} \
         publishes, every invariant held in {took:.1} s\n",
        module.id
    ))
}

/// What the first failure looked like, and how to play each again; `None` if
/// there is none.
fn broken(module: &Module, runs: u64, failures: &[simulate::Failure]) -> Option<String> {
    let first = failures.first()?;
    let mut text = first.trace_tail.trim_end().to_owned();
    // Writing to a string cannot fail, here and below.
    let _ = write!(
        text,
        "\n{} of {runs} seeds of {} broke an invariant{}; the last events of the first stand above",
        failures.len(),
        module.id,
        if failures.len() == MOST_FAILURES {
            ", and no more were played"
        } else {
            ""
        }
    );
    for failure in failures {
        let _ = write!(
            text,
            "\nseed {}, step {}: {}: {}\n  the same again: attwin simulate {} --seed {}",
            failure.seed, failure.step, failure.invariant, failure.detail, module.id, failure.seed
        );
    }
    Some(text)
}

fn write_trace(args: &SimulateArgs, trace: &str) -> Result<(), Failure> {
    let Some(path) = &args.trace else {
        return Ok(());
    };
    fs::write(path, trace)
        .map_err(|error| Failure::failed(format!("cannot write {}: {error}", path.display())))
}
