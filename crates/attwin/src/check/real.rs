//! Scenarios against a module at a port, in real time: another attwin, or the
//! real thing.

use std::future::pending;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use attwin_core::{Instant, Module};
use attwin_sim::scenario::{Action, Failure as Finding, Manner, Player, Scenario, Step};
use tokio::runtime::Runtime;
use tokio::time::{Instant as TokioInstant, sleep_until, timeout, timeout_at};

use super::bench::{Bench, Played};
use super::broker::{Refusal, RunBroker};
use crate::failure::Failure;
use crate::host_line::{HostEnd, HostLine};
use crate::runtime;
use crate::signals::unless_interrupted;

/// How long a module may take until it answers AT.
const READY_TIMEOUT: Duration = Duration::from_secs(60);
/// How long one AT is given.
const TRY_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a restart may take to be confirmed.
const RESTART_TIMEOUT: Duration = Duration::from_secs(15);
/// A module that says nothing for so long has booted.
const BOOT_SILENCE: Duration = Duration::from_secs(2);
/// Bytes looked at for an answer.
const MAX_ANSWER: usize = 64 * 1024;

/// A module at a port.
pub(super) struct RealBench {
    runtime: Runtime,
    line: Mutex<HostLine>,
    broker: Option<SocketAddr>,
    tolerance: Duration,
}

/// One run.
struct Session<'a> {
    line: &'a mut HostLine,
    player: Player<'a>,
    broker: Option<RunBroker>,
    origin: TokioInstant,
}

impl RealBench {
    /// Opens the line.
    pub(super) fn open(
        port: &HostEnd,
        broker: Option<SocketAddr>,
        tolerance: Duration,
    ) -> Result<Self, Failure> {
        let runtime = runtime::start()?;
        let line = runtime
            .block_on(HostLine::open(port))
            .map_err(Failure::failed)?;
        Ok(Self {
            runtime,
            line: Mutex::new(line),
            broker,
            tolerance,
        })
    }

    async fn run(&self, line: &mut HostLine, player: Player<'_>, scenario: &Scenario) -> Played {
        let broker = match self.broker {
            None => None,
            Some(addr) => Some(RunBroker::start(addr, &scenario.header).await),
        };
        let mut session = Session {
            line,
            player,
            broker: None,
            origin: TokioInstant::now(),
        };
        match broker {
            None => {}
            Some(Ok(broker)) => session.broker = Some(broker),
            Some(Err(reason)) => session.player.refuse(session.now(), reason),
        }
        let result = session.play().await;
        // A module elsewhere is as it is.
        let quirks = scenario.header.quirks.iter();
        let mut skipped: Vec<_> = quirks
            .map(|(_, _, span)| scenario.sources.place(*span))
            .collect();
        skipped.extend(session.player.skipped());
        Played {
            result,
            skipped,
            without_tls: false,
        }
    }
}

impl Bench for RealBench {
    fn play(&self, scenario: &Scenario, module: &'static Module) -> Played {
        let mut player = Player::new(scenario, module, Manner::real(self.tolerance));
        if self.broker.is_none() {
            player = player.without_broker();
        }
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        let run = self.run(&mut line, player, scenario);
        self.runtime.block_on(unless_interrupted(run))
    }

    /// There is one module at the port; the first is the one a scenario is
    /// written for.
    fn takes_all_modules(&self) -> bool {
        false
    }
}

impl Session<'_> {
    async fn play(&mut self) -> Result<(), Box<Finding>> {
        loop {
            while let Some(event) = self.broker.as_mut().and_then(|b| b.events.try_recv().ok()) {
                self.player.seen(event);
            }
            let now = self.now();
            let done = match self.player.poll(now) {
                Step::Send(bytes) => self.line.send(&bytes).await,
                Step::Act(action) => self.act(action).await,
                Step::Wait(until) => self.wait(until).await,
                Step::Done => return Ok(()),
                Step::Failed(failure) => return Err(failure),
            };
            if let Err(reason) = done {
                self.player.refuse(self.now(), reason);
            }
        }
    }

    async fn act(&mut self, action: Action) -> Result<(), String> {
        match action {
            Action::Boot => self.boot(false).await?,
            Action::PowerOn => self.boot(true).await?,
            // Nothing stands between a module elsewhere and its network.
            Action::Fault(_) => self.player.skip(),
            Action::Broker(action) => match self.broker.as_ref().map(|b| b.operate(action)) {
                Some(Ok(())) => {}
                Some(Err(Refusal::Impossible(reason))) => return Err(reason),
                Some(Err(Refusal::NotHere)) | None => self.player.skip(),
            },
        }
        Ok(())
    }

    /// Waits for bytes, for an event of the broker, or for the time.
    async fn wait(&mut self, until: Instant) -> Result<(), String> {
        let until = self.origin + until.since_origin();
        let event = async {
            match &mut self.broker {
                Some(broker) => broker.events.recv().await,
                None => pending().await,
            }
        };
        tokio::select! {
            bytes = self.line.read() => {
                let now = Instant::from_origin(self.origin.elapsed());
                self.player.heard(now, bytes?);
            }
            Some(event) = event => self.player.seen(event),
            () = sleep_until(until) => {}
        }
        Ok(())
    }

    /// Restarts the module, so that every run finds it alike. One that cannot
    /// be restarted by command is played as it is.
    async fn boot(&mut self, shown: bool) -> Result<(), String> {
        self.wait_ready().await?;
        let restart = self.player.module().restart;
        self.line.send(format!("{restart}\r").as_bytes()).await?;
        let deadline = TokioInstant::now() + RESTART_TIMEOUT;
        let mut heard = Vec::new();
        let rest = loop {
            if let Some(at) = end_of_answer(&heard) {
                break heard.split_off(at);
            }
            match timeout_at(deadline, self.line.read()).await {
                Ok(bytes) => heard.extend_from_slice(bytes?),
                Err(_) => return Err(format!("the module does not answer {restart}")),
            }
            if heard.len() > MAX_ANSWER {
                return Err(format!("the module says too much after {restart}"));
            }
        };
        if shown {
            self.player.heard(self.now(), &rest);
            return Ok(());
        }
        let deadline = TokioInstant::now() + READY_TIMEOUT;
        while let Ok(bytes) = timeout(BOOT_SILENCE, self.line.read()).await {
            bytes?;
            if TokioInstant::now() > deadline {
                return Err("the module does not stop talking after its restart".to_owned());
            }
        }
        Ok(())
    }

    /// Asks until the module answers.
    async fn wait_ready(&mut self) -> Result<(), String> {
        let deadline = TokioInstant::now() + READY_TIMEOUT;
        while TokioInstant::now() < deadline {
            self.line.send(b"AT\r").await?;
            let one_try = TokioInstant::now() + TRY_TIMEOUT;
            let mut heard = Vec::new();
            while let Ok(bytes) = timeout_at(one_try, self.line.read()).await {
                heard.extend_from_slice(bytes?);
                if end_of_answer(&heard).is_some() {
                    return Ok(());
                }
                if heard.len() > MAX_ANSWER {
                    heard.clear();
                }
            }
        }
        Err(format!(
            "the module does not answer AT within {} s",
            READY_TIMEOUT.as_secs()
        ))
    }

    fn now(&self) -> Instant {
        Instant::from_origin(self.origin.elapsed())
    }
}

/// Where the first final result ends.
fn end_of_answer(heard: &[u8]) -> Option<usize> {
    let results: [&[u8]; 2] = [b"OK\r\n", b"ERROR\r\n"];
    let ends = results.iter().filter_map(|result| {
        let at = heard
            .windows(result.len())
            .position(|window| window == *result)?;
        Some(at + result.len())
    });
    ends.min()
}
