//! `attwin check`: scenarios against virtual modules, or against whatever
//! answers at a port.
//!
//! [`suite`] finds the files and plays them with a [`Bench`](bench::Bench);
//! [`show`] prints the results, [`junit`] writes them for CI systems. [`real`] is
//! the bench behind `--port`.

mod bench;
mod broker;
mod diagnosis;
mod junit;
mod real;
mod report;
mod show;
mod suite;

use std::fs::File;
use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::{Duration, Instant};

use clap::Args;

use crate::failure::Failure;
use crate::host_line::HostEnd;
use crate::output::print;
use bench::Virtual;
use real::RealBench;
use report::Outcome;
use show::Screen;
use suite::{Manner, Suite};

const EXAMPLES: &str = "\
A scenario is a transcript of a session (docs/scenarios.md). It is played in
virtual time against a virtual module, network and broker: no waiting, and the
same result every time. There TLS connections come up without a handshake, so
that certificates are not checked; --port and a real broker check them. With -q
only failures and the summary are shown.

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

/// What to check, and how.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CheckArgs {
    /// Scenarios, and folders to search for *.at files
    #[arg(required = true, value_name = "FILES|FOLDERS")]
    paths: Vec<PathBuf>,
    /// Play in real time against the module at this port, not in virtual time:
    /// tcp:HOST:PORT, unix:PATH, pty:PATH, serial:DEV[@BAUD], or what `attwin run`
    /// prints
    #[arg(long, value_name = "ENDPOINT", conflicts_with = "jobs")]
    port: Option<HostEnd>,
    /// With --port: run the broker as well, at ADDR [default: 127.0.0.1:1883],
    /// so that `@` lines can be checked; the module has to connect there
    #[arg(long, value_name = "embedded[:ADDR]", requires = "port")]
    broker: Option<BrokerPlace>,
    /// With --port: how many milliseconds early or late a line may come
    #[arg(long, value_name = "MS", default_value_t = 500, requires = "port")]
    tolerance: u32,
    /// Write the results to this file, as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Rewrite the scenarios to expect what the module says
    #[arg(long)]
    update: bool,
    /// Play only files whose path contains this
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// List the scenarios and play none
    #[arg(short, long, conflicts_with_all = ["update", "junit", "port"])]
    list: bool,
    /// Stop at the first scenario that fails
    #[arg(long)]
    fail_fast: bool,
    /// How many scenarios to play at once [default: one per processor]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: Option<u16>,
}

/// `embedded[:ADDR]` of `--broker`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct BrokerPlace(SocketAddr);

/// Plays the scenarios and prints the results.
pub(crate) fn run(args: CheckArgs, quiet: bool) -> Result<(), Failure> {
    let suite = Suite::find(&args.paths, args.filter.as_deref())?;
    if args.list {
        let lines = suite.files().iter();
        let lines: String = lines.map(|file| format!("{}\n", file.display())).collect();
        return print(&lines);
    }
    // Better known before the run than after it.
    let junit = args.junit.map(|path| match File::create(&path) {
        Ok(file) => Ok((path, file)),
        Err(error) => Err(Failure::usage(format!(
            "cannot write {}: {error}",
            path.display()
        ))),
    });
    let junit = junit.transpose()?;
    let started = Instant::now();
    let mut screen = Screen::new(suite.files().len(), quiet);
    let mut manner = Manner {
        update: args.update,
        fail_fast: args.fail_fast,
        jobs: 1,
    };
    let reports = match args.port {
        None => {
            let processors = std::thread::available_parallelism().map_or(1, usize::from);
            manner.jobs = args.jobs.map_or(processors, usize::from);
            suite.play(&Virtual, manner, &mut screen)?
        }
        Some(port) => {
            let tolerance = Duration::from_millis(args.tolerance.into());
            let bench = RealBench::open(&port, args.broker.map(|place| place.0), tolerance)?;
            suite.play(&bench, manner, &mut screen)?
        }
    };
    let took = started.elapsed();
    screen.summary(&reports, took)?;
    if let Some((path, mut file)) = junit {
        let written = file.write_all(junit::report(&reports, took).as_bytes());
        written.map_err(|error| {
            Failure::failed(format!("cannot write {}: {error}", path.display()))
        })?;
    }
    let has = |wanted: fn(&Outcome) -> bool| reports.iter().any(|report| wanted(&report.outcome));
    if has(|outcome| matches!(outcome, Outcome::Unusable(_))) {
        Err(Failure::Reported(2))
    } else if has(|outcome| matches!(outcome, Outcome::Failed(_))) {
        Err(Failure::Reported(1))
    } else {
        Ok(())
    }
}

impl FromStr for BrokerPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let place = match text.strip_prefix("embedded") {
            Some("") => Some("127.0.0.1:1883"),
            Some(rest) => rest.strip_prefix(':'),
            None => None,
        };
        place
            .and_then(|place| place.parse().ok())
            .map(Self)
            .ok_or_else(|| {
                format!(
                    "`{text}` is not embedded or embedded:ADDR; write for example \
                     embedded:127.0.0.1:1883"
                )
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_of_brokers() {
        let place = |text: &str| text.parse::<BrokerPlace>().map(|place| place.0.to_string());
        assert_eq!(place("embedded").as_deref(), Ok("127.0.0.1:1883"));
        assert_eq!(place("embedded:[::1]:7").as_deref(), Ok("[::1]:7"));
        for wrong in ["embeddedx", "embedded:", "embedded:1883", "other:1883", ""] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }
}
