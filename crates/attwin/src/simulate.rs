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
    /// How many seeds to play, from 0
    #[arg(long, value_name = "N", default_value_t = 100, conflicts_with = "seed")]
    seeds: u64,
    /// Play this seed only
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Write everything that happened to this file; needs --seed
    #[arg(long, value_name = "FILE", requires = "seed")]
    trace: Option<PathBuf>,
}

/// Plays the seeds until one breaks an invariant.
pub(crate) fn run(args: &SimulateArgs) -> Result<(), Failure> {
    let module = module_argument(&args.module)?;
    let seeds = args
        .seed
        .map_or(0..args.seeds, |seed| seed..seed.saturating_add(1));
    let started = Instant::now();
    let options = Options {
        trace: args.trace.is_some(),
        ..Options::default()
    };
    let (mut runs, mut commands, mut published, mut hours) = (0, 0, 0, 0.0);
    for seed in seeds {
        match simulate::run(module, seed, options) {
            Ok(report) => {
                write_trace(args, &report.trace)?;
                runs += 1;
                commands += report.commands;
                published += report.published;
                hours += report.virtual_time.as_secs_f64() / 3600.0;
            }
            Err(failure) => {
                write_trace(args, &failure.trace_tail)?;
                return Err(broken(module, &failure));
            }
        }
    }
    let took = started.elapsed().as_secs_f64();
    print(&format!(
        "{}: {runs} runs, {hours:.1} h of virtual time, {commands} commands, {published} \
         publishes, every invariant held in {took:.1} s\n",
        module.id
    ))
}

fn broken(module: &Module, failure: &simulate::Failure) -> Failure {
    let mut text = failure.trace_tail.trim_end().to_owned();
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "\nstep {}: {:?}: {}\nthe same again: attwin simulate {} --seed {}",
        failure.step, failure.invariant, failure.detail, module.id, failure.seed
    );
    Failure::Failed(text)
}

fn write_trace(args: &SimulateArgs, trace: &str) -> Result<(), Failure> {
    let Some(path) = &args.trace else {
        return Ok(());
    };
    fs::write(path, trace)
        .map_err(|error| Failure::failed(format!("cannot write {}: {error}", path.display())))
}
