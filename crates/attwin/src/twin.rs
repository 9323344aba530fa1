//! One running module: a modem, its serial port and its network in one task.

use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use attwin_core::{
    HostEvent, Input, Instant, LinkId, NetCommand, Output, RadioEvent, StoreCommand, Trace,
};
use attwin_sim::fault::{FaultSpec, Faulty, Mark, Passed};
use bytes::{Bytes, BytesMut};
use serde::Deserialize;
use tokio::sync::watch;
use tokio::time::{Instant as TokioInstant, sleep_until};
use tracing::{debug, error, info, warn};

use crate::net::{self, Network};
use crate::port::{Port, PortEvent};
use crate::reasons;
use crate::state::StateDir;
use crate::watch::{Observer, Seen};

/// Bytes read from the host at once.
const READ_SIZE: usize = 4096;

/// Output of one round is written in pieces of about this size, so that a port
/// that fills up is noticed.
const WRITE_SIZE: usize = 16 * 1024;

/// After the host's last byte on standard input, the module goes on until it
/// had nothing to say, and no timer about to run, for this long.
const QUIET: Duration = Duration::from_secs(1);

/// But no longer than this.
const LONGEST_DRAIN: Duration = Duration::from_secs(10);

/// When the module is powered on for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Boot {
    /// When the first host attaches, so that it sees the boot lines.
    #[default]
    Attach,
    /// At once.
    Start,
}

/// Why a twin ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It was asked to stop.
    Stopped,
    /// No host can come any more: standard input ended.
    PortEnded,
    /// The port broke.
    PortFailed(String),
}

/// A module with everything it needs to run.
///
/// [`run`](Self::run) is the one task in which all of it happens: bytes from
/// the host, events from the network and expired timers go into the modem,
/// and what the modem has to say is carried out before the next of them is
/// looked at. The modem stays powered when a host leaves, and is powered on
/// when one comes and finds it off.
pub struct Twin {
    modem: Faulty,
    /// To become active with the first power-on.
    faults: Vec<FaultSpec>,
    /// The modem's origin of time.
    origin: TokioInstant,
    boot: Boot,
    port: Port,
    network: Network,
    state: Option<Arc<StateDir>>,
    observers: Vec<Box<dyn Observer>>,
    /// Output of the present round, to be written at its end.
    reply: Reply,
    /// The modem was told that the host takes no output.
    stalled: bool,
    /// When the module last said something or heard from the network.
    active: TokioInstant,
}

/// Serial output of one round.
#[derive(Default)]
enum Reply {
    #[default]
    Nothing,
    One(Bytes),
    Joined(BytesMut),
}

/// What a twin waits for.
enum Wake {
    Stop,
    Timer,
    Port(PortEvent),
    Network(net::Event),
}

impl Twin {
    /// A module that is still off. Time begins now.
    pub fn new(modem: impl Into<Faulty>, port: Port, network: Network) -> Self {
        let now = TokioInstant::now();
        Self {
            modem: modem.into(),
            faults: Vec::new(),
            origin: now,
            boot: Boot::default(),
            port,
            network,
            state: None,
            observers: Vec::new(),
            reply: Reply::default(),
            stalled: false,
            active: now,
        }
    }

    /// When to power it on.
    #[must_use]
    pub fn boot(mut self, boot: Boot) -> Self {
        self.boot = boot;
        self
    }

    /// What goes wrong from the first power-on.
    #[must_use]
    pub fn faults(mut self, faults: Vec<FaultSpec>) -> Self {
        self.faults = faults;
        self
    }

    /// Where to keep what survives a power cycle; nowhere by default.
    #[must_use]
    pub fn state(mut self, state: StateDir) -> Self {
        self.state = Some(Arc::new(state));
        self
    }

    /// Shows everything that passes through to `observer`.
    #[must_use]
    pub fn observed_by(mut self, observer: impl Observer + 'static) -> Self {
        self.observers.push(Box::new(observer));
        self
    }

    /// Runs until `stop` becomes true or is dropped, or the port has ended.
    ///
    /// The end is a power cut: connections are dropped without DISCONNECT, so
    /// that brokers publish the wills.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) -> End {
        self.set_clock();
        if self.boot == Boot::Start {
            self.power_on();
        }
        self.carry_out().await;
        let end = self.run_until_end(&mut stop).await;
        self.handle(Input::Radio(RadioEvent::PowerCut));
        self.carry_out().await;
        self.name_idle_faults();
        self.port.drain().await;
        end
    }

    async fn run_until_end(&mut self, stop: &mut watch::Receiver<bool>) -> End {
        let mut timer = pin!(sleep_until(self.origin));
        let mut port_ended: Option<TokioInstant> = None;
        loop {
            let mut deadline = self.deadline();
            if let Some(ended) = port_ended {
                match self.runs_until(ended) {
                    Some(until) => deadline = Some(deadline.map_or(until, |at| at.min(until))),
                    None => return End::PortEnded,
                }
            }
            if let Some(at) = deadline
                && timer.deadline() != at
            {
                timer.as_mut().reset(at);
            }
            let wake = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => Wake::Stop,
                event = self.port.ready() => Wake::Port(event),
                event = self.network.next() => Wake::Network(event),
                () = async {
                    match deadline {
                        Some(_) => timer.as_mut().await,
                        None => pending().await,
                    }
                } => Wake::Timer,
            };
            self.forget_departed().await;
            match wake {
                Wake::Stop => return End::Stopped,
                Wake::Timer => self.modem.handle_timeout(self.now()),
                Wake::Network(event) => self.network_event(&event),
                Wake::Port(PortEvent::Attached) => self.host_attached(),
                Wake::Port(PortEvent::Detached) => self.host(HostEvent::Detached),
                Wake::Port(PortEvent::Readable) => self.read_host().await,
                Wake::Port(PortEvent::Room) => self.active = TokioInstant::now(),
                Wake::Port(PortEvent::Ended) => {
                    self.active = TokioInstant::now();
                    port_ended = Some(self.active);
                }
                Wake::Port(PortEvent::Failed(reason)) => return End::PortFailed(reason),
            }
            self.carry_out().await;
        }
    }

    /// Until when to go on after the port ended; `None` for no longer.
    fn runs_until(&self, ended: TokioInstant) -> Option<TokioInstant> {
        let now = TokioInstant::now();
        let latest = ended + LONGEST_DRAIN;
        let quiet_at = self.active + QUIET;
        let until = match self.deadline() {
            _ if now < quiet_at => quiet_at,
            Some(deadline) if deadline < now + QUIET => deadline,
            _ => return None,
        };
        (now < latest).then(|| until.min(latest))
    }

    fn deadline(&self) -> Option<TokioInstant> {
        let deadline = self.modem.poll_timeout()?.since_origin();
        // One so far away that the clock cannot express it never comes.
        self.origin.checked_add(deadline)
    }

    fn host_attached(&mut self) {
        // The system's clock may have been set since the last time.
        self.set_clock();
        self.power_on();
        self.host(HostEvent::Attached);
    }

    fn power_on(&mut self) {
        let now = self.now();
        // Just before, so that the boot lines pass through them.
        for fault in std::mem::take(&mut self.faults) {
            self.modem.inject(now, fault);
        }
        self.handle(Input::Radio(RadioEvent::PowerOn));
    }

    fn host(&mut self, event: HostEvent) {
        debug!(
            "the host {}",
            match event {
                HostEvent::Attached => "attached",
                HostEvent::Detached => "detached",
                HostEvent::Stalled => "does not read; output waits",
                HostEvent::Ready => "reads again",
            }
        );
        self.show(&Seen::Host(event));
        self.handle(Input::Host(event));
    }

    async fn read_host(&mut self) {
        let mut buffer = [0; READ_SIZE];
        // Anything but bytes is reported by the port's next event.
        if let Ok(n) = self.port.try_read(&mut buffer)
            && n > 0
        {
            // These may be the next host's first bytes.
            self.forget_departed().await;
            let bytes = &buffer[..n];
            self.handle(Input::Serial(bytes));
            let marks = &self.modem.take_marks();
            self.show(&Seen::FromHost { bytes, marks });
        }
    }

    fn network_event(&mut self, event: &net::Event) {
        self.active = TokioInstant::now();
        let link = event.link;
        let event = event.as_net_event();
        self.handle(Input::Network {
            link,
            event: event.clone(),
        });
        let marks = &self.modem.take_marks();
        let event = &event;
        self.show(&Seen::Event { link, event, marks });
    }

    fn set_clock(&mut self) {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH);
        let ms = unix.map_or(0, |unix| {
            i64::try_from(unix.as_millis()).unwrap_or(i64::MAX)
        });
        self.handle(Input::WallClock(ms));
    }

    /// Does everything the modem wants done. What is to be kept is kept before
    /// the host reads that it is.
    async fn carry_out(&mut self) {
        loop {
            while let Some(passed) = self.modem.poll() {
                self.pass(passed).await;
                if self.reply.len() >= WRITE_SIZE {
                    self.write();
                }
            }
            if !self.write() {
                return;
            }
        }
    }

    /// Hands the round's output to the port. Returns whether the modem was told
    /// that the host does not take it, or does again, and may have an answer.
    fn write(&mut self) -> bool {
        if let Some(bytes) = self.reply.take() {
            self.active = TokioInstant::now();
            self.port.write(&bytes);
        }
        let full = self.port.is_full();
        if full == self.stalled {
            return false;
        }
        self.stalled = full;
        self.host(if full {
            HostEvent::Stalled
        } else {
            HostEvent::Ready
        });
        true
    }

    /// What the modem held back for a host that left without reading is lost,
    /// as on a UART; it is not for the next host.
    async fn forget_departed(&mut self) {
        if !self.port.take_departed_full() || !std::mem::take(&mut self.stalled) {
            return;
        }
        self.host(HostEvent::Ready);
        while let Some(passed) = self.modem.poll() {
            let is_serial = matches!(
                passed,
                Passed::Output {
                    output: Output::Serial { .. },
                    ..
                }
            );
            if !is_serial {
                self.pass(passed).await;
            }
        }
    }

    /// Carries out one thing, or tells what faults did.
    async fn pass(&mut self, passed: Passed) {
        match passed {
            Passed::Output { output, marks } => self.carry_out_one(output, &marks).await,
            Passed::Lost { output, mark } => {
                reasons::log_reason(&output);
                let (output, mark) = (&output, &mark);
                self.show(&Seen::Lost { output, mark });
            }
            Passed::Fed { link, event, mark } => {
                let (event, mark) = (&event.as_net_event(), &mark);
                self.show(&Seen::Fed { link, event, mark });
            }
            Passed::Act(act) => {
                reasons::log_act(&act);
                self.show(&Seen::Fault(&act));
            }
        }
    }

    async fn carry_out_one(&mut self, output: Output, marks: &[Mark]) {
        reasons::log_reason(&output);
        match output {
            Output::Serial {
                kind,
                bytes,
                reason,
            } => {
                self.show(&Seen::ToHost {
                    kind,
                    bytes: &bytes,
                    reason: reason.as_ref(),
                    marks,
                });
                self.reply.push(bytes);
            }
            Output::Network { link, command } => self.command(link, command, marks),
            Output::Store(command) => self.store(command).await,
            Output::Trace(trace) => self.log(&trace),
            output => debug!("{output:?}"),
        }
    }

    /// Faults that found nothing to act on are named at the end.
    fn name_idle_faults(&mut self) {
        for fault in &self.faults {
            warn!("the fault `{fault}` never acted: the module was never switched on");
        }
        let idle: Vec<_> = self.modem.never_acted().cloned().collect();
        for name in &idle {
            reasons::log_idle(name);
            self.show(&Seen::Idle(name));
        }
    }

    fn command(&mut self, link: LinkId, command: NetCommand, marks: &[Mark]) {
        self.show(&Seen::Command {
            link,
            command: &command,
            marks,
        });
        self.network.command(link, command);
    }

    async fn store(&mut self, command: StoreCommand) {
        self.show(&Seen::Stored(&command));
        let Some(state) = &self.state else { return };
        let key = command.key().to_owned();
        let state = Arc::clone(state);
        // It waits for the disk, which other twins must not.
        let done = tokio::task::spawn_blocking(move || state.apply(&command)).await;
        match done {
            Ok(Ok(())) => return,
            Ok(Err(failure)) => error!("{failure}"),
            Err(failure) => error!("the state could not be kept: {failure}"),
        }
        self.handle(Input::StoreFailed { key: &key });
    }

    fn log(&mut self, trace: &Trace) {
        match trace {
            Trace::Power(true) => info!("powered on"),
            Trace::Power(false) => info!("powered off"),
            Trace::Client { index, state } => debug!("MQTT client {index}: {state}"),
            Trace::Pdp { cid, active: true } => debug!("PDP context {cid} active"),
            Trace::Pdp { cid, active: false } => debug!("PDP context {cid} inactive"),
            Trace::Note(note) => info!("{note}"),
            trace => debug!("{trace:?}"),
        }
        self.show(&Seen::State(trace));
    }

    fn show(&mut self, seen: &Seen<'_>) {
        for observer in &mut self.observers {
            observer.observe(seen);
        }
    }

    fn handle(&mut self, input: Input<'_>) {
        self.modem.handle(self.now(), input);
    }

    fn now(&self) -> Instant {
        Instant::from_origin(self.origin.elapsed())
    }
}

impl Reply {
    /// Adds a piece. What is written at once reaches the host at once, or not
    /// at all if it does not read.
    fn push(&mut self, bytes: Bytes) {
        *self = match std::mem::take(self) {
            Self::Nothing => Self::One(bytes),
            Self::One(first) => {
                let mut joined = BytesMut::with_capacity(2 * (first.len() + bytes.len()));
                joined.extend_from_slice(&first);
                joined.extend_from_slice(&bytes);
                Self::Joined(joined)
            }
            Self::Joined(mut joined) => {
                joined.extend_from_slice(&bytes);
                Self::Joined(joined)
            }
        };
    }

    fn len(&self) -> usize {
        match self {
            Self::Nothing => 0,
            Self::One(bytes) => bytes.len(),
            Self::Joined(joined) => joined.len(),
        }
    }

    fn take(&mut self) -> Option<Bytes> {
        match std::mem::take(self) {
            Self::Nothing => None,
            Self::One(bytes) => Some(bytes),
            Self::Joined(joined) => Some(joined.freeze()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_is_written_at_once() {
        let mut reply = Reply::default();
        assert_eq!(reply.take(), None);
        for piece in ["\r\n+CSQ: 28,99\r\n", "\r\nOK\r\n", "\r\n+QMTSTAT: 0,1\r\n"] {
            reply.push(Bytes::from_static(piece.as_bytes()));
        }
        assert_eq!(
            reply.take().as_deref(),
            Some(&b"\r\n+CSQ: 28,99\r\n\r\nOK\r\n\r\n+QMTSTAT: 0,1\r\n"[..])
        );
        assert_eq!(reply.take(), None);
    }
}
