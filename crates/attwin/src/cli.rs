//! The command line: which commands there are, and how much they log.

use std::io::stdout;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use tracing_subscriber::filter::LevelFilter;

use crate::broker::{self, BrokerArgs};
use crate::check::{self, CheckArgs};
use crate::commands::{self, CommandsArgs};
use crate::config::RunArgs;
use crate::demo::{self, DemoArgs};
use crate::explain::{self, ExplainArgs};
use crate::failure::Failure;
use crate::faults::{self, FaultsArgs};
use crate::fidelity::{self, FidelityArgs};
use crate::output::print;
use crate::quirks::{self, QuirksArgs};
use crate::record::{self, RecordArgs};
use crate::simulate::{self, SimulateArgs};
use crate::terminal::colours;
use crate::{logging, modules, run, usage};

const EXIT_CODES: &str = "\
Exit codes:
  0  it did what it was asked to, or was ended by a signal
  1  something failed
  2  the command line or a configuration file is wrong";

/// The software twin of a cellular module's MQTT AT interface.
///
/// A host (firmware, a test rig, a person at a terminal) talks to attwin over
/// a serial line, a pseudo-terminal or a socket, in the vendor's own AT
/// commands; attwin does what the module would do, with real TCP, TLS and MQTT.
#[derive(Debug, Parser)]
#[command(version, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Log commands and results too, on standard error; twice: MQTT packets as well
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    verbose: u8,
    /// Say only what goes wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a module until a signal ends it
    Run(Box<RunArgs>),
    /// Show a module's example session, line by line
    Demo(DemoArgs),
    /// Play scenarios and compare what the module says with what they expect
    Check(CheckArgs),
    /// Record what a host and a module say to each other, as a scenario
    Record(RecordArgs),
    /// Run an MQTT broker until a signal ends it
    Broker(BrokerArgs),
    /// Test a module with random hosts and faults, by seed, in virtual time
    Simulate(SimulateArgs),
    /// List the modules that attwin can play
    Modules,
    /// List the faults that can be injected, or describe one
    Faults(FaultsArgs),
    /// Describe a module's commands
    Commands(CommandsArgs),
    /// Explain lines that a module says
    Explain(ExplainArgs),
    /// List the differences between modules that can be set by name
    Quirks(QuirksArgs),
    /// Show where each answer of a module comes from, and what is missing
    Fidelity(FidelityArgs),
}

/// Runs the program: reads the command line, does what it says, reports what
/// went wrong.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misunderstood(&error),
    };
    let level = match (cli.quiet, cli.verbose) {
        (true, _) => LevelFilter::WARN,
        (false, 0) => LevelFilter::INFO,
        (false, 1) => LevelFilter::DEBUG,
        (false, _) => LevelFilter::TRACE,
    };
    let log = cli.command.log_level(level).map(logging::start).transpose();
    let result = log
        .map_err(Failure::failed)
        .and_then(|_log| cli.command.carry_out(cli.quiet));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// Prints help, or what is wrong with the command line in the words of every other
/// mistake.
fn misunderstood(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        let text = error.render();
        let text = if colours(&stdout()) {
            text.ansi().to_string()
        } else {
            text.to_string()
        };
        return match print(&text) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => failure.report(),
        };
    }
    usage::mistake(error, &Cli::command()).report()
}

impl Command {
    fn carry_out(self, quiet: bool) -> Result<(), Failure> {
        match self {
            Self::Run(args) => run::run(*args),
            Self::Demo(args) => demo::run(&args),
            Self::Check(args) => check::run(args, quiet),
            Self::Record(args) => record::run(args),
            Self::Broker(args) => broker::run(args),
            Self::Simulate(args) => simulate::run(&args),
            Self::Modules => modules::run(),
            Self::Faults(args) => faults::run(&args),
            Self::Commands(args) => commands::run(&args),
            Self::Explain(args) => explain::run(&args),
            Self::Quirks(args) => quirks::run(&args),
            Self::Fidelity(args) => fidelity::run(&args),
        }
    }

    /// How much to log when the options ask for `level`; `None` where nothing
    /// is logged.
    fn log_level(&self, level: LevelFilter) -> Option<LevelFilter> {
        match self {
            Self::Run(_) | Self::Record(_) | Self::Broker(_) => Some(level),
            // Their results are on standard output.
            Self::Demo(_) | Self::Check(_) => Some(level.min(LevelFilter::WARN)),
            Self::Simulate(_)
            | Self::Modules
            | Self::Faults(_)
            | Self::Commands(_)
            | Self::Explain(_)
            | Self::Quirks(_)
            | Self::Fidelity(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
