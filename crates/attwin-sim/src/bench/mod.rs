//! A bench: a module on a table, with everything a firmware test does to it.

mod log;
mod until;

pub use log::{Event, MAX_LOG_BYTES, Refusal, What};
pub use until::NotSaid;

use attwin_core::mqtt::packet::QoS;
use attwin_core::{
    Config, Duration, Input, Instant, Modem, Module, Output, QuirkError, RadioEvent,
};

use crate::broker::{Broker, BrokerConfig, BrokerEvent, InvalidMessage, Message};
use crate::device::Device;
use crate::fault::{FaultSpec, SpecError};
use crate::link::Network;
use crate::world::World;
use log::Ring;
use until::Pattern;

/// Bytes the module has said and nobody has read. Like a host that does not
/// empty its receive buffer, the bench loses what comes on top.
pub const MAX_UNREAD: usize = 1 << 20;

/// A module, its broker, the network between them, faults, and a clock that
/// moves only when told to.
///
/// The same calls at the same times give the same results, always: there are
/// no threads, sockets or real clocks. A test that waits two minutes takes
/// microseconds.
///
/// ```
/// use std::time::Duration;
///
/// use attwin_core::find_module;
/// use attwin_sim::Bench;
///
/// let mut bench = Bench::new(find_module("quectel-ec25").ok_or("unknown")?);
/// let limit = Duration::from_secs(60);
/// bench.until("+QIND: PB DONE", limit)?; // And it is registered.
/// bench.write(b"AT+QMTCFG=\"timeout\",0,20,3,1\r"); // Reports each repetition.
/// bench.until("OK", limit)?;
/// bench.write(b"AT+QMTOPEN=0,\"broker\",1883\r");
/// bench.until("+QMTOPEN: 0,0", limit)?;
/// bench.write(b"AT+QMTCONN=0,\"meter-7\"\r");
/// bench.until("+QMTCONN: 0,0,0", limit)?;
///
/// bench.inject("drop puback 2")?;
/// bench.write(b"AT+QMTPUBEX=0,7,1,0,\"reading\",\"21\"\r");
/// assert_eq!(bench.until("+QMTPUB: 0,7", limit)?, "+QMTPUB: 0,7,1,1");
/// assert_eq!(bench.until("+QMTPUB: 0,7", limit)?, "+QMTPUB: 0,7,1,2");
/// assert_eq!(bench.until("+QMTPUB: 0,7", limit)?, "+QMTPUB: 0,7,0");
/// assert_eq!(bench.received()[0].payload(), "21");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Bench {
    module: &'static Module,
    world: World<Reporting>,
    unread: Vec<u8>,
    received: Ring<Message>,
    reasons: Ring<Refusal>,
    log: Ring<Event>,
}

impl Bench {
    /// A module that has just been powered on, and a broker that accepts
    /// every client.
    pub fn new(module: &'static Module) -> Self {
        let mut bench = Self::off(Config::new(module), BrokerConfig::default());
        bench.radio(RadioEvent::PowerOn);
        bench
    }

    /// A module that is still off, and a broker.
    pub fn off(config: Config, broker: BrokerConfig) -> Self {
        let (module, seed, stored) = (config.module, config.seed, config.stored.clone());
        let device = Reporting {
            modem: Modem::new(config),
            now: Instant::ZERO,
            refusals: Ring::default(),
        };
        Self {
            module,
            world: World::with_device(device, seed, stored, broker),
            unread: Vec::new(),
            received: Ring::default(),
            reasons: Ring::default(),
            log: Ring::default(),
        }
    }

    /// Overrides one byte-level difference by name; see
    /// [`Modem::set_quirk`].
    ///
    /// # Errors
    /// An unknown name, or a value that is none of the quirk's.
    pub fn set_quirk(&mut self, name: &str, value: &str) -> Result<(), QuirkError> {
        self.world.modem_mut().modem.set_quirk(name, value)
    }

    /// The host sends bytes.
    pub fn write(&mut self, bytes: &[u8]) {
        self.note(What::Written(bytes.to_vec().into()));
        self.world.send(bytes);
        self.collect();
    }

    /// Everything the module has said since it was last read.
    pub fn read(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.unread)
    }

    /// Lets `span` of time pass.
    pub fn advance(&mut self, span: Duration) {
        let end = self.now() + span;
        while self.step(end) {}
    }

    /// Lets time pass to the next thing that happens by itself. Returns when
    /// that was; `None`, at the same time as before, if nothing will happen.
    pub fn advance_to_next(&mut self) -> Option<Instant> {
        let next = self.world.next_event()?;
        self.step(next);
        Some(self.now())
    }

    /// Lets time pass until the module has said a line that fits `pattern`, at
    /// most `limit`. Returns the line; it and everything before it are read.
    ///
    /// A line fits if it begins with the pattern or, where that is written
    /// `/so/`, if the regular expression is found in it. A data prompt counts
    /// as a line.
    ///
    /// # Errors
    /// The line was not said in time, of which nothing is read then, or the
    /// expression is invalid.
    pub fn until(&mut self, pattern: &str, limit: Duration) -> Result<String, NotSaid> {
        let pattern = Pattern::new(pattern)?;
        let end = self.now() + limit;
        let mut looked_at = None;
        loop {
            // Most of what happens is not said.
            if looked_at.replace(self.unread.len()) != Some(self.unread.len())
                && let Some((line, len)) = pattern.find(&self.unread, self.module.prompt)
            {
                self.unread.drain(..len);
                return Ok(line);
            }
            if !self.step(end) {
                return Err(pattern.not_said(limit, &self.unread));
            }
        }
    }

    /// Makes a fault active; [`fault`](crate::fault) says what can be written.
    ///
    /// # Errors
    /// The text is no fault.
    pub fn inject(&mut self, fault: &str) -> Result<(), SpecError> {
        let spec: FaultSpec = fault.parse()?;
        self.note(What::Injected(spec.to_string()));
        self.world.fault(spec);
        self.collect();
        Ok(())
    }

    /// Ends every fault.
    pub fn clear_faults(&mut self) {
        self.world.clear_faults();
        self.collect();
    }

    /// Another client publishes a message at the broker.
    ///
    /// # Errors
    /// No PUBLISH can carry it.
    pub fn publish(
        &mut self,
        topic: &str,
        payload: &[u8],
        qos: QoS,
        retain: bool,
    ) -> Result<(), InvalidMessage> {
        let message = Message::new(topic, payload.to_vec(), qos, retain)?;
        self.operate(|broker, now| broker.publish(now, message));
        Ok(())
    }

    /// An operator action on the broker.
    pub fn operate<R>(&mut self, act: impl FnOnce(&mut Broker, Instant) -> R) -> R {
        let result = self.world.operate(act);
        self.collect();
        result
    }

    /// Something happens on the operator's side of the module.
    pub fn radio(&mut self, event: RadioEvent) {
        self.world.radio(event);
        self.collect();
    }

    /// The network between module and broker, to configure it.
    pub fn network(&mut self) -> &mut Network {
        &mut self.world.network
    }

    /// The messages the broker received from the module since the last call,
    /// oldest first. Of those nobody asks for, the newest
    /// [`MAX_LOG_BYTES`] are kept.
    pub fn received(&mut self) -> Vec<Message> {
        self.received.take().0
    }

    /// Why the module refused something or something failed, since the last
    /// call, oldest first. It is noted even where a fault keeps the line from
    /// the host. Of those nobody asks for, the newest [`MAX_LOG_BYTES`] are
    /// kept.
    pub fn reasons(&mut self) -> Vec<Refusal> {
        self.reasons.take().0
    }

    /// Everything that happened since the last call, oldest first. Of what
    /// nobody asks for, the newest [`MAX_LOG_BYTES`] are kept; then the first
    /// event says how many were lost.
    pub fn log(&mut self) -> Vec<Event> {
        let (mut events, lost) = self.log.take();
        if let Some(first) = events.first().filter(|_| lost > 0) {
            let at = first.at;
            let what = What::EventsLost(lost);
            events.insert(0, Event { at, what });
        }
        events
    }

    /// The current time.
    pub fn now(&self) -> Instant {
        self.world.now()
    }

    /// The module.
    pub fn module(&self) -> &'static Module {
        self.module
    }

    /// Lets time pass to what happens next, at most to `end`; whether there was
    /// something.
    fn step(&mut self, end: Instant) -> bool {
        let happened = self.world.step(end);
        self.collect();
        happened
    }

    /// Takes what the world collected, so that nothing grows in there.
    fn collect(&mut self) {
        for refusal in self.world.modem_mut().refusals.take().0 {
            let at = refusal.at;
            let what = What::Refused(refusal.clone());
            self.log.push(Event { at, what });
            self.reasons.push(refusal);
        }
        for said in self.world.heard() {
            let (at, kind, bytes) = (said.at, said.kind, said.bytes);
            let room = (MAX_UNREAD - self.unread.len()).min(bytes.len());
            self.unread.extend_from_slice(&bytes[..room]);
            let lost = bytes.len() - room;
            let what = What::Said { kind, bytes };
            self.log.push(Event { at, what });
            if lost > 0 {
                self.note(What::Overrun(lost));
            }
        }
        for trace in self.world.take_traces() {
            self.note(What::Module(trace));
        }
        for (at, direction, bytes) in self.world.take_packets() {
            let bytes = bytes.into();
            let what = What::Packet { direction, bytes };
            self.log.push(Event { at, what });
        }
        for event in self.world.take_broker_events() {
            if let BrokerEvent::Received { message, .. } = &event {
                self.received.push(message.clone());
            }
            self.note(What::Broker(event));
        }
    }

    fn note(&mut self, what: What) {
        let at = self.now();
        self.log.push(Event { at, what });
    }
}

/// A modem whose reasons are noted before a fault can take the line they go
/// with.
struct Reporting {
    modem: Modem,
    now: Instant,
    refusals: Ring<Refusal>,
}

impl Device for Reporting {
    fn handle(&mut self, now: Instant, input: Input<'_>) {
        self.now = now;
        self.modem.handle(now, input);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.now = now;
        self.modem.handle_timeout(now);
    }

    fn poll_output(&mut self) -> Option<Output> {
        let output = self.modem.poll_output()?;
        if let Output::Serial {
            bytes,
            reason: Some(reason),
            ..
        } = &output
        {
            let line = String::from_utf8_lossy(bytes.trim_ascii()).into_owned();
            let (at, reason) = (self.now, reason.clone());
            self.refusals.push(Refusal { at, line, reason });
        }
        Some(output)
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.modem.poll_timeout()
    }
}
