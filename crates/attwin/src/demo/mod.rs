//! `attwin demo`: a manual's example session, carried out for real and shown
//! line by line.
//!
//! A module and a broker live in the process and talk over TCP. The host is
//! a [`script`]; what it sends, what the module answers and which MQTT packets
//! that leads to is shown by the [`screen`] as it happens. Every answer is
//! compared with the manual's.

mod host;
mod ml302;
mod mn316;
mod packets;
mod publisher;
mod quectel;
mod screen;
mod script;
mod simcom;
mod yuge;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use attwin_core::{CommandSet, Config, Modem, Module};
use clap::Args;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};

use crate::embedded::{Embedded, EmbeddedOptions};
use crate::failure::Failure;
use crate::lookup::module_argument;
use crate::net::{Network, Routes, Target};
use crate::port::{Endpoint, HostPort, Port};
use crate::runtime;
use crate::signals::unless_interrupted;
use crate::twin::Twin;
use host::Host;
use packets::{OnTheWire, PacketWatch};
use screen::Screen;
use script::{Script, Step};

/// Which session to show.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  attwin demo quectel-ec25")]
pub(crate) struct DemoArgs {
    /// Which module; `attwin modules` lists all
    #[arg(default_value = "quectel-ec25")]
    module: String,
}

/// How long an answer may take. Far more than any does.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// Shows the session of a module.
pub(crate) fn run(args: &DemoArgs) -> Result<(), Failure> {
    let module = module_argument(&args.module)?;
    let script = script_of(module);
    let runtime = runtime::start()?;
    runtime.block_on(unless_interrupted(perform(module, script)))
}

/// The session of a module's command set.
fn script_of(module: &Module) -> &'static Script {
    match module.command_set() {
        CommandSet::Quectel => &quectel::SCRIPT,
        CommandSet::SimCom => &simcom::SCRIPT,
        CommandSet::Yuge => &yuge::SCRIPT,
        CommandSet::OneMoMl302 => &ml302::SCRIPT,
        CommandSet::OneMoMn316 => &mn316::SCRIPT,
    }
}

async fn perform(module: &'static Module, script: &Script) -> Result<(), Failure> {
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let broker = Embedded::start(loopback, EmbeddedOptions::default())
        .await
        .map_err(Failure::failed)?;
    let port = Port::open(&Endpoint::Tcp(HostPort {
        host: Ipv4Addr::LOCALHOST.to_string(),
        port: 0,
    }))
    .await
    .map_err(Failure::failed)?;
    let address = port.address().to_owned();

    let (packets, mut seen) = mpsc::unbounded_channel();
    let routes = Routes::new(Some(Target::at(broker.addr(), false)), Vec::new());
    let twin = Twin::new(
        Modem::new(Config::new(module)),
        port,
        Network::new(Arc::new(routes)),
    )
    .observed_by(PacketWatch::new(packets));
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(twin.run(stopped));

    let mut screen = Screen::new();
    screen.title(module, script, &address, broker.addr())?;
    let stream = TcpStream::connect(&address)
        .await
        .map_err(|error| Failure::failed(format!("cannot open {address}: {error}")))?;
    let mut session = Session {
        module,
        host: Host::new(stream),
        seen: &mut seen,
        screen: &mut screen,
        broker: broker.addr(),
        answers: 0,
    };
    let started = Instant::now();
    for step in script.steps {
        session.carry_out(step).await?;
    }
    let answers = session.answers;
    stop.send_replace(true);
    // It ends because it was asked to; how does not matter here.
    let _ = task.await;
    screen.end(module, answers, started.elapsed())
}

/// A session under way.
struct Session<'a> {
    module: &'static Module,
    host: Host,
    seen: &'a mut mpsc::UnboundedReceiver<OnTheWire>,
    screen: &'a mut Screen,
    broker: SocketAddr,
    /// How many lines the module said, each as expected.
    answers: usize,
}

impl Session<'_> {
    async fn carry_out(&mut self, step: &Step) -> Result<(), Failure> {
        match step {
            Step::Chapter(text) => self.screen.chapter(text),
            Step::Command(line) => {
                self.screen.host(line)?;
                self.host.send(format!("{line}\r").as_bytes()).await
            }
            Step::Data(data) => {
                self.screen.data(data)?;
                self.host.send(data.as_bytes()).await
            }
            Step::Boot => {
                for expected in self.module.boot_lines() {
                    self.heard(&[&expected]).await?;
                }
                Ok(())
            }
            Step::Test(name) => {
                let line = format!("AT{name}=?");
                self.screen.host(&line)?;
                self.host.send(format!("{line}\r").as_bytes()).await?;
                for expected in test_answer(self.module, name) {
                    self.heard(&[expected]).await?;
                }
                self.heard(&["OK"]).await
            }
            Step::Either(one, other) => self.heard(&[one, other]).await,
            Step::Answer(expected) => self.heard(&[expected]).await,
            Step::Prompt(expected) => {
                let prompt = self.answer(&[expected], Host::prompt).await?;
                self.screen.module(&prompt)
            }
            Step::Published { topic, payload } => {
                self.screen.elsewhere(topic, payload)?;
                publisher::publish(self.broker, topic, payload).await
            }
            // What follows an answer on the wire only.
            Step::Packet(name) => self.packet(name).await,
        }
    }

    /// Waits for one of these lines, and shows it.
    async fn heard(&mut self, expected: &[&str]) -> Result<(), Failure> {
        let line = self.answer(expected, Host::line).await?;
        self.screen.module(&line)
    }

    /// Waits for the module to say one of `expected`, and shows the packets
    /// that go by meanwhile.
    async fn answer(
        &mut self,
        expected: &[&str],
        read: impl AsyncFn(&mut Host) -> Result<String, Failure>,
    ) -> Result<String, Failure> {
        let deadline = tokio::time::Instant::now() + ANSWER_TIMEOUT;
        loop {
            tokio::select! {
                // A packet that led to an answer was there before it.
                biased;
                Some(packet) = self.seen.recv() => self.screen.packet(&packet)?,
                line = read(&mut self.host) => {
                    let line = line?;
                    while let Ok(packet) = self.seen.try_recv() {
                        self.screen.packet(&packet)?;
                    }
                    if !expected.contains(&&*line) {
                        return Err(unexpected(expected[0], Some(&line)));
                    }
                    self.answers += 1;
                    return Ok(line);
                }
                () = tokio::time::sleep_until(deadline) => return Err(unexpected(expected[0], None)),
            }
        }
    }

    async fn packet(&mut self, name: &str) -> Result<(), Failure> {
        let wait = async {
            while let Some(packet) = self.seen.recv().await {
                self.screen.packet(&packet)?;
                if packet.packet.name == name {
                    return Ok(());
                }
            }
            Err(unexpected(name, None))
        };
        match tokio::time::timeout(ANSWER_TIMEOUT, wait).await {
            Ok(result) => result,
            Err(_) => Err(unexpected(name, None)),
        }
    }
}

/// What the module's table says a test form answers.
fn test_answer(module: &Module, name: &str) -> &'static [&'static str] {
    let specs = module.command_table();
    let spec = specs.into_iter().find(|spec| spec.name == name);
    match spec.map(|spec| spec.test) {
        Some(attwin_core::Test::Lines(lines)) => lines,
        _ => &[],
    }
}

fn unexpected(expected: &str, got: Option<&str>) -> Failure {
    let got = match got {
        Some(line) => format!("the module said `{line}`"),
        None => format!("nothing came for {} s", ANSWER_TIMEOUT.as_secs()),
    };
    Failure::failed(format!(
        "the manual says `{expected}` comes next, but {got}; please report it"
    ))
}
