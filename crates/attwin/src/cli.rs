//! The command line: what it says, and what is done about it.

use std::io::{Write, stdout};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use attwin_sim::fault::FaultSpec;
use clap::{Args, Parser, Subcommand};
use tracing_subscriber::filter::LevelFilter;

use crate::broker::User;
use crate::check::CheckArgs;
use crate::config::{Override, TimingWord};
use crate::failure::Failure;
use crate::lookup::module_argument;
use crate::net::{BrokerRoute, ConnectTo};
use crate::port::Endpoint;
use crate::record::RecordArgs;
use crate::simulate::SimulateArgs;
use crate::twin::Boot;
use crate::{
    broker, check, commands, demo, faults, fidelity, logging, modules, record, run, simulate,
};

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
#[command(version, after_help = EXIT_CODES, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Log more on standard error; twice for even more. RUST_LOG overrides it.
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    verbose: u8,
    /// Log only what goes wrong.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a module, until a signal ends it
    #[command(after_help = RUN_EXAMPLES)]
    Run(Box<RunArgs>),
    /// Show a module's example session, line by line
    #[command(after_help = "Example:\n  attwin demo quectel-ec25")]
    Demo {
        /// Which module; `attwin modules` lists all
        #[arg(default_value = "quectel-ec25")]
        module: String,
    },
    /// Play scenarios and compare what the module says with what they expect
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArgs),
    /// Record what a host and a module say to each other, as a scenario
    #[command(after_help = RECORD_EXAMPLES)]
    Record(RecordArgs),
    /// Run an MQTT broker, until a signal ends it
    #[command(after_help = BROKER_EXAMPLES)]
    Broker(BrokerArgs),
    /// Test a module with random hosts and faults, by seed, in virtual time
    Simulate(SimulateArgs),
    /// List the modules that attwin can play
    Modules,
    /// List the faults that can be injected, or describe one
    #[command(after_help = FAULTS_EXAMPLES)]
    Faults {
        /// The first word of a fault, or the name of a preset
        name: Option<String>,
    },
    /// Describe a module's commands
    #[command(after_help = COMMANDS_EXAMPLES)]
    Commands {
        /// Which module; `attwin modules` lists all
        module: String,
        /// Show only commands or options of this name, with or without AT and +
        name: Option<String>,
        /// One line per command
        #[arg(short, long)]
        list: bool,
    },
    /// Show where each answer of a module comes from, and what is missing
    #[command(after_help = FIDELITY_EXAMPLES)]
    Fidelity {
        /// Which module; `attwin modules` lists all
        module: String,
    },
}

const RUN_EXAMPLES: &str = "\
Standard output carries one line per module, the address to open, and nothing
else; with stdio it is the serial line itself. After the end of standard input
the module goes on until it has been silent for a second, ten seconds at most.

Examples:
  attwin run quectel-ec25 --broker embedded
      a pseudo-terminal, and a broker in the process to talk to
  attwin run quectel-ec25 --port pty:/tmp/modem --broker test.mosquitto.org:1883
      this broker answers, whatever host the firmware has compiled in
  attwin run quectel-ec25 --port serial:/dev/ttyUSB0@115200 --state /var/lib/attwin
      stand in for a real module
  printf 'AT+QMTOPEN=0,\"any\",1883\\r' | attwin run quectel-ec25 --broker embedded
      a session in a pipe
  attwin run --config fleet.toml
      several modules, see docs/config.toml";

const CHECK_EXAMPLES: &str = "\
A scenario is a transcript of a session (docs/scenarios.md). It is played in
virtual time against a virtual module, network and broker: no waiting, and the
same result every time.

Exit codes:
  0  every scenario passed
  1  a scenario failed
  2  the command line or a file is wrong

Examples:
  attwin check scenarios
  attwin check --junit results.xml --filter will scenarios
  attwin check --update new.at
      write what the module says into the file
  attwin check --port /dev/ttyUSB2 --broker embedded:192.168.1.5:1883 scenarios
      the same against a real module, which is restarted before each scenario";

const FAULTS_EXAMPLES: &str = "\
Examples:
  attwin faults
  attwin faults drop
  attwin run quectel-ec25 --fault 'drop puback 2' --fault 'half-open in=60s'
  attwin run quectel-ec25 --fault 'preset daily-detach'";

const RECORD_EXAMPLES: &str = "\
The first line on standard output is the address to open in place of the
module. The scenario begins with the first command; `attwin check` plays it.

Examples:
  attwin record --port /dev/ttyUSB2 --module quectel-ec25 -o session.at
      what the firmware does with a real module
  attwin record --port tcp:127.0.0.1:7000 --module quectel-ec25 -o session.at \\
      --listen pty:/tmp/modem";

const BROKER_EXAMPLES: &str = "\
The broker speaks MQTT 3.1 and 3.1.1, plain and over TLS on the same port. The
first line on standard output is its address; events are logged on standard
error.

Examples:
  attwin broker
  attwin broker --listen 0.0.0.0:1884 --user device:secret --user app:password
  attwin broker --config clouds.toml
      devices of Alibaba Cloud or OneNET log in as they would to those services";

const COMMANDS_EXAMPLES: &str = "\
Examples:
  attwin commands quectel-ec25 --list
  attwin commands quectel-ec25 qmtpubex
  attwin commands quectel-ec25 | grep -A9 keepalive";

const FIDELITY_EXAMPLES: &str = "\
The ledgers under docs/fidelity are the output of this command.

Example:
  attwin fidelity quectel-ec25";

/// What to run. Each option is a setting of the configuration file too, and
/// wins over it.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Which module; `attwin modules` lists all
    pub(crate) module: Option<String>,
    /// Where the host finds it: pty, pty:PATH, serial:DEV[@BAUD], tcp:HOST:PORT,
    /// connect:HOST:PORT, unix:PATH or stdio [default: pty, or stdio when
    /// standard input is a pipe or a file]
    #[arg(long, value_name = "ENDPOINT")]
    pub(crate) port: Option<Endpoint>,
    /// When to power it on: when the first host attaches, or at the start
    /// [default: attach]
    #[arg(
        long,
        value_enum,
        hide_possible_values = true,
        value_name = "attach|start"
    )]
    pub(crate) boot: Option<Boot>,
    /// Where all its connections go: embedded[,plain] or HOST:PORT[,plain];
    /// with `plain`, connections for which it asks for TLS go out unencrypted
    #[arg(long, value_name = "BROKER")]
    pub(crate) broker: Option<BrokerRoute>,
    /// Redirect connections to one host and port, A:P=B:Q[,plain]; an empty A
    /// or P stands for any; takes precedence over --broker
    #[arg(long, value_name = "A:P=B:Q")]
    pub(crate) connect_to: Vec<ConnectTo>,
    /// Whether to keep the delays of the module's specification [default:
    /// real]
    #[arg(
        long,
        value_enum,
        hide_possible_values = true,
        value_name = "real|fast"
    )]
    pub(crate) timing: Option<TimingWord>,
    /// Seed of everything random [default: 0]
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Directory for what a module keeps across power cycles
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// Write a trace of AT lines and MQTT packets to this file, as JSON lines
    /// (docs/trace.md)
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Read settings from this file (docs/config.toml)
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Set a quirk, a byte-level difference between modules
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) quirk: Vec<Override>,
    /// Inject a fault, from the first power-on; `attwin faults` lists them
    #[arg(long, value_name = "SPEC")]
    pub(crate) fault: Vec<FaultSpec>,
}

#[derive(Debug, Args)]
pub(crate) struct BrokerArgs {
    /// Address to listen on; port 0 chooses a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:1883")]
    pub(crate) listen: SocketAddr,
    /// Play the cloud services this file describes ([aliyun] and [onenet] in
    /// docs/config.toml)
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Accept only these users
    #[arg(long, value_name = "NAME:PASSWORD")]
    pub(crate) user: Vec<User>,
}

/// Runs the program: reads the command line, does what it says, reports what
/// went wrong.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let level = match (cli.quiet, cli.verbose) {
        (true, _) => LevelFilter::WARN,
        (false, 0) => LevelFilter::INFO,
        (false, 1) => LevelFilter::DEBUG,
        (false, _) => LevelFilter::TRACE,
    };
    match carry_out(cli.command, level) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn carry_out(command: Command, level: LevelFilter) -> Result<(), Failure> {
    match command {
        Command::Run(args) => {
            logging::start(level);
            run::run(*args)
        }
        Command::Demo { module } => {
            // What it has to say stands on standard output.
            logging::start(level.min(LevelFilter::WARN));
            demo::run(module_argument(&module)?)
        }
        Command::Check(args) => {
            // What it has to say stands on standard output.
            logging::start(level.min(LevelFilter::WARN));
            check::run(args)
        }
        Command::Record(args) => {
            logging::start(level);
            record::run(args)
        }
        Command::Broker(args) => {
            // What its clients say is what one starts it for.
            let level = if level == LevelFilter::INFO {
                LevelFilter::DEBUG
            } else {
                level
            };
            logging::start(level);
            broker::run(args)
        }
        Command::Simulate(args) => simulate::run(&args),
        Command::Modules => print(&modules::table()),
        Command::Faults { name: None } => print(&faults::list()),
        Command::Faults { name: Some(name) } => print(&faults::describe(&name)?),
        Command::Commands { module, name, list } => {
            let module = module_argument(&module)?;
            let name = name.as_deref();
            print(&if list {
                commands::list(module, name)?
            } else {
                commands::describe(module, name)?
            })
        }
        Command::Fidelity { module } => print(&fidelity::ledger(module_argument(&module)?)),
    }
}

/// Writes to standard output. A reader that has seen enough is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::failed(
            format!("cannot write to standard output: {error}"),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
