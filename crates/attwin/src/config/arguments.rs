//! The command line of `attwin run`.

use std::path::PathBuf;

use attwin_sim::fault::FaultSpec;
use clap::Args;

use super::quirks::Override;
use super::timing::TimingWord;
use crate::net::{BrokerRoute, ConnectTo};
use crate::port::Endpoint;
use crate::twin::Boot;

const EXAMPLES: &str = "\
Standard output carries the address to open and nothing else; with several
modules one line for each, with a tab and its name behind the address. With
stdio it is the serial line itself: Ctrl-] leaves it, or Ctrl-C twice. After the
end of standard input the module goes on until it has been silent for a second,
for ten seconds at most.

Environment: RUST_LOG overrides -v and -q; NO_COLOR turns colours off.

Examples:
  attwin run quectel-ec25 --broker embedded
      a pseudo-terminal, and a broker in the process to talk to
  attwin run quectel-ec25 --port pty:/tmp/modem --broker test.mosquitto.org:1883
      this broker answers, whatever host the firmware has compiled in
  attwin run quectel-ec25 --port /dev/ttyUSB0@115200 --state /var/lib/attwin
      in the place of a real module
  printf 'AT+QMTOPEN=0,\"any\",1883\\r' | attwin run quectel-ec25 --broker embedded
      a session in a pipe
  attwin run --config fleet.toml
      several modules, see docs/config.toml";

/// What to run. Each option is a setting of the configuration file too, and
/// wins over it.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RunArgs {
    /// Which module; `attwin modules` lists all
    pub(crate) module: Option<String>,
    /// Where the host finds it: pty, pty:PATH, serial:DEV[@BAUD], tcp:HOST:PORT,
    /// connect:HOST:PORT, unix:PATH, stdio, or the path of a device [default:
    /// pty, or stdio when standard input is a pipe or a file]
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
    /// with `plain`, connections that ask for TLS go out unencrypted
    #[arg(long, value_name = "BROKER")]
    pub(crate) broker: Option<BrokerRoute>,
    /// Redirect connections to one host and port, A:P=B:Q[,plain]; an empty A
    /// or P stands for any; takes precedence over --broker
    #[arg(long, value_name = "A:P=B:Q")]
    pub(crate) connect_to: Vec<ConnectTo>,
    /// Whether to take the time a real module takes, or none [default: real]
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
    /// Write a trace of AT lines and MQTT packets to this file, passwords
    /// included, as JSON lines (docs/trace.md)
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
