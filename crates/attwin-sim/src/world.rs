//! A modem, its host interface, a network and a broker, stepped by a virtual
//! clock.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use attwin_core::{
    CloseReason, Config, Duration, HostEvent, Input, Instant, LinkId, Modem, NetCommand, NetError,
    NetEvent, Output, RadioEvent, StoreCommand, Stored, Trace,
};
use bytes::Bytes;

use crate::broker::{Broker, BrokerConfig, BrokerEvent, BrokerOutput, ConnectionId};
use crate::device::Device;
use crate::fault::{Act, FaultSpec, Faulty, Passed};
use crate::host::{Host, Said};
use crate::link::{Cutter, Direction, Network, Opening, Verdict};

/// Outputs a world can work through at one moment before it is taken for
/// livelocked.
const MOST_STEPS_PER_MOMENT: u32 = 1_000_000;

/// And how often something may become due at it. A moment rarely needs three;
/// a timer that stays due needs endlessly many.
const MOST_TIMERS_PER_MOMENT: u32 = 100_000;

/// One module with a host interface, a network and a broker.
///
/// Time passes only in [`run_for`](Self::run_for) and the other `run_` methods; whatever
/// the module says is collected with the time at which it said it. What is
/// collected stays until it is taken, so a long run takes it now and then:
/// [`heard`](Self::heard), [`take_broker_events`](Self::take_broker_events),
/// [`take_traces`](Self::take_traces), [`take_packets`](Self::take_packets).
///
/// # Panics
/// Whatever lets something happen panics if device and broker answer each other
/// a million times within one moment: a device that never comes to rest.
pub struct World<D = Modem> {
    now: Instant,
    /// Steps since time last moved.
    steps: u32,
    faulty: Faulty<D>,
    broker: Broker,
    /// The network between them.
    pub network: Network,
    links: BTreeMap<LinkId, Link>,
    /// What is on its way, by arrival time and order of departure.
    transit: BTreeMap<(Instant, u64), Transit>,
    departures: u64,
    host: Host,
    asked_for_tls: bool,
    said: Vec<Said>,
    /// Whether the flash takes nothing more.
    pub flash_full: bool,
    stored: BTreeMap<String, Bytes>,
    broker_events: Vec<BrokerEvent>,
    /// Also the reasons of lines that faults kept from the host.
    traces: Vec<Trace>,
    acts: Vec<Act>,
    packets: Vec<Sent>,
}

/// A packet that entered the network: when, which way, and its bytes.
pub type Sent = (Instant, Direction, Vec<u8>);

/// One connection of the module.
#[derive(Default)]
struct Link {
    /// It is open at the broker.
    up: bool,
    to_broker: Cutter,
    to_module: Cutter,
    /// Bytes the stalled network has not taken.
    waiting: Vec<Bytes>,
    /// Packets of one direction never overtake each other.
    arrivals: [Instant; 2],
    closing: bool,
    /// The module does not read: what arrived waits here, as in the receive
    /// window of TCP.
    paused: bool,
    unread: VecDeque<Transit>,
    /// What the broker would send or close meanwhile; it is not notified
    /// that anything was taken.
    unsent: VecDeque<BrokerOutput>,
}

enum Transit {
    Opened(LinkId),
    OpenFailed(LinkId, NetError),
    Resolved(LinkId),
    ToBroker(LinkId, Vec<u8>),
    ToModule(LinkId, Vec<u8>),
    ClosedByModule(LinkId),
    ClosedByBroker(LinkId),
    Sent(LinkId, usize),
    /// The module resumed reading.
    Read(LinkId),
}

impl World {
    /// A module that is still off, and a broker that accepts every client.
    pub fn new(config: Config) -> Self {
        Self::with_broker(config, BrokerConfig::default())
    }

    /// A module that is still off, and a broker.
    pub fn with_broker(config: Config, broker: BrokerConfig) -> Self {
        let (seed, stored) = (config.seed, config.stored.clone());
        Self::with_device(Modem::new(config), seed, stored, broker)
    }
}

impl<D: Device> World<D> {
    /// A device whose flash holds `stored`, faults that draw from `seed`, and
    /// a broker.
    pub fn with_device(device: D, seed: u64, stored: Stored, broker: BrokerConfig) -> Self {
        Self {
            now: Instant::ZERO,
            steps: 0,
            stored: stored.into_iter().collect(),
            faulty: Faulty::new(device, seed),
            broker: Broker::new(broker),
            network: Network::default(),
            links: BTreeMap::new(),
            transit: BTreeMap::new(),
            departures: 0,
            host: Host::default(),
            asked_for_tls: false,
            said: Vec::new(),
            flash_full: false,
            broker_events: Vec::new(),
            traces: Vec::new(),
            acts: Vec::new(),
            packets: Vec::new(),
        }
    }

    /// Whether the module asked for TLS, of which there is none here: its
    /// connections come up without a handshake.
    pub fn asked_for_tls(&self) -> bool {
        self.asked_for_tls
    }

    /// The current time.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// The module.
    pub fn modem(&self) -> &D {
        self.faulty.modem()
    }

    /// The module, to configure it.
    pub fn modem_mut(&mut self) -> &mut D {
        self.faulty.modem_mut()
    }

    /// The faults around the module.
    pub fn faults(&self) -> &Faulty<D> {
        &self.faulty
    }

    /// Makes a fault active.
    pub fn fault(&mut self, fault: FaultSpec) {
        self.faulty.inject(self.now, fault);
        self.settle();
    }

    /// Ends every fault.
    pub fn clear_faults(&mut self) {
        self.faulty.clear(self.now);
        self.settle();
    }

    /// Powers the module on and lets its boot lines pass.
    pub fn boot(&mut self) {
        self.radio(RadioEvent::PowerOn);
        self.run_for(Duration::from_secs(10));
        self.said.clear();
    }

    /// The host sends bytes.
    pub fn send(&mut self, bytes: &[u8]) {
        self.input(Input::Serial(bytes));
    }

    /// The host sends a command line and its CR.
    pub fn line(&mut self, line: &str) {
        self.send(line.as_bytes());
        self.send(b"\r");
    }

    /// The host attaches or detaches. What one that leaves did not take is lost.
    pub fn host(&mut self, event: HostEvent) {
        if event == HostEvent::Detached {
            self.host.leave();
        }
        self.input(Input::Host(event));
    }

    /// How many bytes a second the host takes from now on; 0 for all at once,
    /// as it does at first.
    pub fn host_takes(&mut self, bytes_per_second: u32) {
        self.host.set_rate(self.now, bytes_per_second);
    }

    /// Bytes said that the host has not taken.
    pub fn untaken(&self) -> usize {
        self.host.untaken()
    }

    /// Something happens on the operator's side.
    pub fn radio(&mut self, event: RadioEvent) {
        self.input(Input::Radio(event));
    }

    /// An operator action on the broker every connection goes to.
    pub fn operate<R>(&mut self, act: impl FnOnce(&mut Broker, Instant) -> R) -> R {
        let result = act(&mut self.broker, self.now);
        self.settle();
        result
    }

    /// Ends every connection of the module from the network's side.
    pub fn cut(&mut self, reason: CloseReason) {
        for link in self.links.keys().copied().collect::<Vec<_>>() {
            self.links.remove(&link);
            self.broker.closed(self.now, ConnectionId(link.0));
            self.input(Input::Network {
                link,
                event: NetEvent::Closed(reason),
            });
        }
    }

    /// Sends the module raw bytes on its newest connection, as if the broker
    /// had. They wait if the module does not read.
    pub fn inject(&mut self, bytes: &[u8]) {
        if let Some(link) = self.links.keys().next_back().copied() {
            self.arrive(Transit::ToModule(link, bytes.to_vec()));
            self.settle();
        }
    }

    /// Lets the stalled network move again.
    pub fn unstall(&mut self) {
        self.network.stalled = false;
        for link in self.links.keys().copied().collect::<Vec<_>>() {
            let waiting = self
                .links
                .get_mut(&link)
                .map(|l| core::mem::take(&mut l.waiting))
                .unwrap_or_default();
            for bytes in waiting {
                self.carry(link, &bytes);
            }
        }
        self.settle();
    }

    /// Lets `span` of time pass.
    pub fn run_for(&mut self, span: Duration) {
        let end = self.now + span;
        while self.step(end) {}
    }

    /// Lets time pass to what happens next by itself, at most to `end`. Returns
    /// whether there was something.
    pub fn step(&mut self, end: Instant) -> bool {
        match self.next_event().filter(|next| *next <= end) {
            Some(next) => {
                self.step_to(next);
                true
            }
            None => {
                self.now = self.now.max(end);
                false
            }
        }
    }

    /// Lets time pass until the module has said `text`, at most `span`.
    /// Returns whether it has.
    pub fn run_until_said(&mut self, text: &[u8], span: Duration) -> bool {
        let end = self.now + span;
        loop {
            if self
                .heard_bytes()
                .windows(text.len())
                .any(|window| window == text)
            {
                return true;
            }
            if !self.step(end) {
                return false;
            }
        }
    }

    /// Lets time pass until the module has said or the broker has reported
    /// something not taken yet, at most until `end`.
    pub fn run_until_news(&mut self, end: Instant) {
        while self.said.is_empty() && self.broker_events.is_empty() && self.step(end) {}
    }

    /// What the module has said since the last call, with times.
    pub fn heard(&mut self) -> Vec<Said> {
        core::mem::take(&mut self.said)
    }

    /// What the broker reported since the last call, oldest first.
    pub fn take_broker_events(&mut self) -> Vec<BrokerEvent> {
        core::mem::take(&mut self.broker_events)
    }

    /// What the broker reported and nobody has taken, oldest first.
    pub fn broker_events(&self) -> &[BrokerEvent] {
        &self.broker_events
    }

    /// Takes what faults did, oldest first.
    pub fn take_acts(&mut self) -> Vec<Act> {
        std::mem::take(&mut self.acts)
    }

    /// What the module traced since the last call, oldest first.
    pub fn take_traces(&mut self) -> Vec<Trace> {
        core::mem::take(&mut self.traces)
    }

    /// Every packet that entered the network since the last call, before the
    /// filter, oldest first.
    pub fn take_packets(&mut self) -> Vec<Sent> {
        core::mem::take(&mut self.packets)
    }

    /// What the module has said since the last call, as text.
    pub fn heard_text(&mut self) -> String {
        let bytes = self.heard_bytes();
        self.said.clear();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The module's flash, as it would be handed to the next
    /// [`Config::stored`].
    pub fn stored(&self) -> Stored {
        self.stored
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    /// Puts another device in the place of this one, with a flash that holds
    /// `stored` and no faults. The old one is to be off, and what it left in
    /// the network to have arrived.
    pub fn exchange(&mut self, device: D, seed: u64, stored: Stored) {
        self.faulty = Faulty::new(device, seed);
        self.stored = stored.into_iter().collect();
    }

    fn heard_bytes(&self) -> Vec<u8> {
        self.said
            .iter()
            .flat_map(|said| said.bytes.iter().copied())
            .collect()
    }

    /// When something happens next by itself.
    pub fn next_event(&self) -> Option<Instant> {
        let arrival = self.transit.keys().next().map(|(at, _)| *at);
        [
            arrival,
            self.host.poll_timeout(),
            self.faulty.poll_timeout(),
            self.broker.poll_timeout(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    fn step_to(&mut self, at: Instant) {
        if at > self.now {
            self.now = at;
            self.steps = 0;
        }
        self.steps += 1;
        assert!(
            self.steps <= MOST_TIMERS_PER_MOMENT,
            "time stands still at {:?}: what is due stays due (module {:?}, broker {:?})",
            self.now,
            self.faulty.poll_timeout(),
            self.broker.poll_timeout(),
        );
        self.host_reads();
        while let Some(entry) = self.transit.first_entry().filter(|e| e.key().0 <= self.now) {
            let transit = entry.remove();
            self.arrive(transit);
            self.settle();
        }
        if self.broker.poll_timeout().is_some_and(|at| at <= self.now) {
            self.broker.handle_timeout(self.now);
        }
        if self.faulty.poll_timeout().is_some_and(|at| at <= self.now) {
            self.faulty.handle_timeout(self.now);
        }
        self.settle();
    }

    /// What the host has taken by now.
    fn host_reads(&mut self) {
        while let Some(said) = self.host.take(self.now) {
            self.said.push(said);
        }
        self.tell_flow();
    }

    fn tell_flow(&mut self) {
        if let Some(event) = self.host.poll_flow() {
            self.input(Input::Host(event));
        }
    }

    fn input(&mut self, input: Input<'_>) {
        self.faulty.handle(self.now, input);
        self.settle();
    }

    /// Carries out everything modem and broker ask for.
    fn settle(&mut self) {
        for _ in 0..MOST_STEPS_PER_MOMENT {
            if let Some(passed) = self.faulty.poll() {
                self.modem_passed(passed);
            } else if let Some(output) = self.broker.poll_output() {
                self.broker_output(output);
            } else {
                return;
            }
        }
        panic!("the world does not come to rest at {:?}", self.now);
    }

    fn modem_passed(&mut self, passed: Passed) {
        match passed {
            Passed::Output { output, .. } => self.modem_output(output),
            Passed::Lost {
                output:
                    Output::Serial {
                        reason: Some(reason),
                        ..
                    },
                ..
            } => self.traces.push(Trace::Note(reason.to_string())),
            Passed::Lost { .. } | Passed::Fed { .. } => {}
            Passed::Act(act) => self.acts.push(act),
        }
    }

    fn modem_output(&mut self, output: Output) {
        match output {
            Output::Serial {
                kind,
                bytes,
                reason,
            } => {
                self.host.say(self.now, kind, bytes, reason);
                while let Some(said) = self.host.take(self.now) {
                    self.said.push(said);
                }
                if let Some(event) = self.host.poll_flow() {
                    self.faulty.handle(self.now, Input::Host(event));
                }
            }
            Output::Network { link, command } => self.command(link, command),
            Output::Store(command) if self.flash_full => {
                let key = command.key();
                self.faulty.handle(self.now, Input::StoreFailed { key });
            }
            Output::Store(StoreCommand::Put { key, value }) => {
                self.stored.insert(key, value);
            }
            Output::Store(StoreCommand::Delete { key }) => {
                self.stored.remove(&key);
            }
            Output::Trace(trace) => self.traces.push(trace),
            _ => {}
        }
    }

    fn command(&mut self, link: LinkId, command: NetCommand) {
        let latency = self.network.latency;
        match command {
            NetCommand::Open {
                connect_timeout,
                tls,
                ..
            } => {
                self.asked_for_tls |= tls.is_some();
                self.links.insert(link, Link::default());
                match self.network.opening {
                    Opening::Succeeds => self.depart(latency, Transit::Opened(link)),
                    Opening::Fails(NetError::TimedOut) => {
                        self.depart(
                            connect_timeout,
                            Transit::OpenFailed(link, NetError::TimedOut),
                        );
                    }
                    Opening::Fails(error) => self.depart(latency, Transit::OpenFailed(link, error)),
                    Opening::Hangs => {}
                }
            }
            NetCommand::Send(bytes) => match self.links.get_mut(&link) {
                Some(known) if self.network.stalled => known.waiting.push(bytes),
                Some(_) => self.carry(link, &bytes),
                None => {}
            },
            NetCommand::Close => {
                if let Some(known) = self.links.get_mut(&link) {
                    known.closing = true;
                    let at = known.arrivals[Direction::ToBroker as usize].since(self.now);
                    self.depart(at.max(latency), Transit::ClosedByModule(link));
                }
            }
            NetCommand::Abort => {
                // The broker learns of it as of a reset.
                if let Some(known) = self.links.get_mut(&link) {
                    known.closing = true;
                    self.depart(latency, Transit::ClosedByModule(link));
                }
            }
            NetCommand::Resolve(_) => match self.network.opening {
                Opening::Fails(NetError::Dns) => {
                    self.depart(latency, Transit::OpenFailed(link, NetError::Dns));
                }
                _ => self.depart(latency, Transit::Resolved(link)),
            },
            NetCommand::Pause => {
                if let Some(known) = self.links.get_mut(&link) {
                    known.paused = true;
                }
            }
            NetCommand::Resume => self.resume(link),
        }
    }

    /// The module reads again, until it stops anew.
    fn resume(&mut self, link: LinkId) {
        let Some(known) = self.links.get_mut(&link) else {
            return;
        };
        known.paused = false;
        let unsent = core::mem::take(&mut known.unsent);
        self.depart(Duration::ZERO, Transit::Read(link));
        for output in unsent {
            self.broker_output(output);
        }
    }

    /// The module reads the next of what waits for it.
    fn read(&mut self, link: LinkId) {
        let Some(known) = self.links.get_mut(&link).filter(|l| !l.paused) else {
            return;
        };
        let Some(transit) = known.unread.pop_front() else {
            return;
        };
        if !known.unread.is_empty() {
            self.depart(Duration::ZERO, Transit::Read(link));
        }
        self.reach_module(link, &transit);
    }

    /// Hands the module what arrived, or keeps it until the module reads.
    fn offer(&mut self, link: LinkId, transit: Transit) {
        match self.links.get_mut(&link) {
            Some(known) if known.paused || !known.unread.is_empty() => {
                known.unread.push_back(transit);
            }
            _ => self.reach_module(link, &transit),
        }
    }

    fn reach_module(&mut self, link: LinkId, transit: &Transit) {
        let event = match transit {
            Transit::ToModule(_, bytes) if self.links.get(&link).is_some_and(|l| !l.closing) => {
                NetEvent::Received(bytes)
            }
            Transit::ClosedByBroker(_) if self.links.remove(&link).is_some_and(|l| !l.closing) => {
                NetEvent::Closed(CloseReason::Finished)
            }
            _ => return,
        };
        self.faulty.handle(self.now, Input::Network { link, event });
    }

    /// The network takes bytes of the module.
    fn carry(&mut self, link: LinkId, bytes: &[u8]) {
        self.depart(Duration::ZERO, Transit::Sent(link, bytes.len()));
        let Some(known) = self.links.get_mut(&link) else {
            return;
        };
        known.to_broker.push(bytes);
        while let Some(packet) = self.links.get_mut(&link).and_then(|l| l.to_broker.next()) {
            self.launch(link, Direction::ToBroker, packet);
        }
    }

    fn broker_output(&mut self, output: BrokerOutput) {
        if let BrokerOutput::Send { connection, .. } | BrokerOutput::Close { connection } = output
            && let Some(known) = self.links.get_mut(&LinkId(connection.0))
            && known.paused
        {
            known.unsent.push_back(output);
            return;
        }
        match output {
            BrokerOutput::Send { connection, bytes } => {
                self.broker.sent(connection, bytes.len());
                let link = LinkId(connection.0);
                let Some(known) = self.links.get_mut(&link) else {
                    return;
                };
                known.to_module.push(&bytes);
                while let Some(packet) = self.links.get_mut(&link).and_then(|l| l.to_module.next())
                {
                    self.launch(link, Direction::ToModule, packet);
                }
            }
            BrokerOutput::Close { connection } => {
                let link = LinkId(connection.0);
                if let Some(known) = self.links.get(&link) {
                    let after = known.arrivals[Direction::ToModule as usize].since(self.now);
                    self.depart(
                        after.max(self.network.latency),
                        Transit::ClosedByBroker(link),
                    );
                }
            }
            BrokerOutput::Event(event) => self.broker_events.push(event),
        }
    }

    /// A packet enters the network.
    fn launch(&mut self, link: LinkId, direction: Direction, packet: Vec<u8>) {
        self.packets.push((self.now, direction, packet.clone()));
        if self.network.half_open {
            return;
        }
        let verdict = self.network.filter.judge(direction, &packet);
        let (delay, copies, packet) = match verdict {
            Verdict::Pass => (Duration::ZERO, 1, packet),
            Verdict::Drop => return,
            Verdict::Delay(delay) => (delay, 1, packet),
            Verdict::Duplicate => (Duration::ZERO, 2, packet),
            Verdict::Replace(bytes) => (Duration::ZERO, 1, bytes),
        };
        let Some(known) = self.links.get_mut(&link) else {
            return;
        };
        let arrival = &mut known.arrivals[direction as usize];
        *arrival = (self.now + self.network.latency + delay).max(*arrival);
        let after = arrival.since(self.now);
        for _ in 0..copies {
            let packet = packet.clone();
            self.depart(
                after,
                match direction {
                    Direction::ToBroker => Transit::ToBroker(link, packet),
                    Direction::ToModule => Transit::ToModule(link, packet),
                },
            );
        }
    }

    fn depart(&mut self, after: Duration, transit: Transit) {
        self.departures += 1;
        self.transit
            .insert((self.now + after, self.departures), transit);
    }

    fn arrive(&mut self, transit: Transit) {
        let now = self.now;
        match transit {
            Transit::Opened(link) => {
                let Some(known) = self.links.get_mut(&link).filter(|l| !l.closing) else {
                    return;
                };
                known.up = true;
                self.broker.open(now, ConnectionId(link.0));
                self.faulty.handle(
                    now,
                    Input::Network {
                        link,
                        event: NetEvent::Opened,
                    },
                );
            }
            Transit::OpenFailed(link, error) => {
                self.links.remove(&link);
                self.faulty.handle(
                    now,
                    Input::Network {
                        link,
                        event: NetEvent::Failed(error),
                    },
                );
            }
            Transit::Resolved(link) => {
                let addresses = [core::net::IpAddr::from([192, 0, 2, 1])];
                let event = NetEvent::Resolved(&addresses);
                self.faulty.handle(now, Input::Network { link, event });
            }
            Transit::ToBroker(link, bytes) => {
                self.broker.receive(now, ConnectionId(link.0), &bytes);
            }
            Transit::ToModule(link, _) => self.offer(link, transit),
            Transit::Sent(link, count) => {
                if self.links.get(&link).is_some_and(|l| !l.closing) {
                    self.faulty.handle(
                        now,
                        Input::Network {
                            link,
                            event: NetEvent::Sent(count),
                        },
                    );
                }
            }
            Transit::Read(link) => self.read(link),
            Transit::ClosedByModule(link) => {
                if self.links.remove(&link).is_some_and(|l| l.up) && !self.network.half_open {
                    self.broker.closed(now, ConnectionId(link.0));
                }
            }
            Transit::ClosedByBroker(_) if self.network.half_open => {}
            Transit::ClosedByBroker(link) => self.offer(link, transit),
        }
    }

    /// Links the module has open or is opening, for invariants.
    pub fn open_links(&self) -> BTreeSet<LinkId> {
        self.links
            .iter()
            .filter(|(_, l)| !l.closing)
            .map(|(id, _)| *id)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A device whose timer is due for ever.
    struct Stuck;

    impl Device for Stuck {
        fn handle(&mut self, _: Instant, _: Input<'_>) {}
        fn handle_timeout(&mut self, _: Instant) {}
        fn poll_output(&mut self) -> Option<Output> {
            None
        }
        fn poll_timeout(&self) -> Option<Instant> {
            Some(Instant::ZERO)
        }
    }

    #[test]
    #[should_panic(expected = "time stands still")]
    fn a_timer_that_stays_due_is_found_out() {
        let mut world = World::with_device(Stuck, 0, Vec::new(), BrokerConfig::default());
        world.run_for(Duration::from_secs(1));
    }
}
