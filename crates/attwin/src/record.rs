//! `attwin record`: between a host and a module, to write down what they say
//! as a scenario.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use attwin_core::{Instant, Module};
use attwin_sim::scenario::Recorder;
use bytes::{Bytes, BytesMut};
use clap::Args;
use time::OffsetDateTime;
use tokio::time::Instant as TokioInstant;
use tracing::info;

use crate::failure::Failure;
use crate::host_line::{HostEnd, HostLine};
use crate::lookup::module_argument;
use crate::output::print;
use crate::port::{Endpoint, Port, PortEvent};
use crate::runtime;
use crate::signals::stop_on_signal;

/// Bytes read from the host at once.
const READ_SIZE: usize = 4096;

const EXAMPLES: &str = "\
The first line on standard output is the address to open in place of the
module. The scenario begins with the first command; `attwin check` plays it.

Examples:
  attwin record --port /dev/ttyUSB2 --module quectel-ec25 -o session.at
      what the firmware does with a real module
  attwin record --port tcp:127.0.0.1:7000 --module quectel-ec25 -o session.at \\
      --listen pty:/tmp/modem";

/// What to record.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RecordArgs {
    /// Where the module is: tcp:HOST:PORT, unix:PATH, pty:PATH,
    /// serial:DEV[@BAUD], or what `attwin run` prints
    #[arg(long, value_name = "ENDPOINT")]
    port: HostEnd,
    /// Which module it is; `attwin modules` lists all
    #[arg(long)]
    module: String,
    /// Where to write the scenario
    #[arg(short, long, value_name = "FILE.at")]
    output: PathBuf,
    /// Where the host finds it, like --port of `attwin run` [default: pty]
    #[arg(long, value_name = "ENDPOINT", default_value = DEFAULT_LISTEN, hide_default_value = true)]
    listen: Endpoint,
}

#[cfg(unix)]
const DEFAULT_LISTEN: &str = "pty";
#[cfg(not(unix))]
const DEFAULT_LISTEN: &str = "stdio";

/// A scenario that grows on disk.
struct Transcript {
    recorder: Recorder,
    file: File,
    path: PathBuf,
    origin: TokioInstant,
}

/// Records until a signal comes or one of both sides is over.
pub(crate) fn run(args: RecordArgs) -> Result<(), Failure> {
    let module = module_argument(&args.module)?;
    let runtime = runtime::start()?;
    let result = runtime.block_on(record(args, module));
    // A read of standard input may never return.
    runtime.shutdown_background();
    result
}

async fn record(args: RecordArgs, module: &'static Module) -> Result<(), Failure> {
    let mut stop = stop_on_signal().map_err(Failure::failed)?;
    let mut line = HostLine::open(&args.port).await.map_err(Failure::failed)?;
    let mut port = Port::open(&args.listen).await.map_err(Failure::failed)?;
    let mut transcript = Transcript::create(&args.output, module, &args.port)?;
    if args.listen != Endpoint::Stdio {
        print(&format!("{}\n", port.address()))?;
    }
    info!(
        "open {} as you would open the module; Ctrl-C ends the recording",
        port.address()
    );
    let mut unsent = BytesMut::new();
    let ended = loop {
        // Each side waits for the other as if nothing were between them.
        port.hold_host(!unsent.is_empty());
        let reading = !port.is_full();
        let passed = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break Ok(()),
            heard = line.exchange(&mut unsent, reading) => match heard {
                Ok([]) => Ok(()),
                Ok(bytes) => {
                    port.write(&Bytes::copy_from_slice(bytes));
                    transcript.heard(bytes)
                }
                Err(reason) => break Err(Failure::Failed(reason)),
            },
            event = port.ready() => match event {
                PortEvent::Attached | PortEvent::Detached | PortEvent::Room => Ok(()),
                PortEvent::Readable => pass_on(&mut port, &mut unsent, &mut transcript),
                PortEvent::Ended => break Ok(()),
                PortEvent::Failed(reason) => break Err(Failure::Failed(reason)),
            },
        };
        if let Err(failure) = passed {
            break Err(failure);
        }
    };
    port.drain().await;
    let finished = transcript.finish();
    ended.and(finished)
}

/// From the host to the module.
fn pass_on(
    port: &mut Port,
    unsent: &mut BytesMut,
    transcript: &mut Transcript,
) -> Result<(), Failure> {
    let mut buffer = [0; READ_SIZE];
    // Anything but bytes is reported by the port's next event.
    match port.try_read(&mut buffer) {
        Ok(n @ 1..) => {
            unsent.extend_from_slice(&buffer[..n]);
            transcript.sent(&buffer[..n])
        }
        _ => Ok(()),
    }
}

impl Transcript {
    fn create(path: &Path, module: &Module, from: &HostEnd) -> Result<Self, Failure> {
        let file = File::create(path).map_err(|error| unwritable(path, &error))?;
        let now = OffsetDateTime::now_utc();
        let (date, hour, minute) = (now.date(), now.hour(), now.minute());
        let comment = format!("Recorded {date} {hour:02}:{minute:02} UTC from {from}.");
        Ok(Self {
            recorder: Recorder::new(module, &comment),
            file,
            path: path.to_owned(),
            origin: TokioInstant::now(),
        })
    }

    fn heard(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.recorder.heard(self.now(), bytes);
        self.write()
    }

    fn sent(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.recorder.sent(self.now(), bytes);
        self.write()
    }

    fn finish(mut self) -> Result<(), Failure> {
        let rest = self.recorder.finish();
        let written = self.file.write_all(rest.as_bytes());
        written.map_err(|error| unwritable(&self.path, &error))
    }

    fn write(&mut self) -> Result<(), Failure> {
        let text = self.recorder.take();
        let written = self.file.write_all(text.as_bytes());
        written.map_err(|error| unwritable(&self.path, &error))
    }

    fn now(&self) -> Instant {
        Instant::from_origin(self.origin.elapsed())
    }
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::failed(format!("cannot write {}: {error}", path.display()))
}
