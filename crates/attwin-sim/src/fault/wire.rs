//! The modem's connections on their way through the faults.

use attwin_core::{
    CloseReason, Duration, Input, Instant, LinkId, NetCommand, NetError, NetEvent, Output,
};
use bytes::Bytes;

use super::faulty::Faulty;
use super::link::{Event, HIGH_WATER, Lane, MAX_HELD_LINK, State};
use super::spec::{Direction, Failure, Kind, NetworkFault};
use crate::device::Device;

impl<D: Device> Faulty<D> {
    /// The modem asks something of the network.
    pub(super) fn command(&mut self, now: Instant, id: LinkId, command: NetCommand) {
        match command {
            NetCommand::Open {
                ref tls,
                connect_timeout,
                ..
            } => {
                let failure = self.failure(now, |f| f != Failure::Tls || tls.is_some());
                self.begin(now, id, command, failure, connect_timeout);
            }
            NetCommand::Resolve(_) => {
                let failure = self.failure(now, |f| f == Failure::Dns);
                self.begin(now, id, command, failure, Duration::ZERO);
            }
            NetCommand::Send(bytes) => self.carry(now, id, Direction::ToBroker, bytes),
            NetCommand::Close => self.close_by_modem(id),
            NetCommand::Abort => {
                if let Some(link) = self.links.remove(id)
                    && link.state != State::Severed
                {
                    self.emit(id, NetCommand::Abort);
                }
            }
            NetCommand::Pause | NetCommand::Resume => {
                if let Some(link) = self.links.get(id) {
                    link.paused = command == NetCommand::Pause;
                }
            }
        }
    }

    /// An event of the network, for the modem.
    pub(super) fn network(&mut self, now: Instant, id: LinkId, event: &NetEvent<'_>) {
        let Some(link) = self.links.get(id) else {
            return;
        };
        match (link.state, event) {
            // The modem has closed it already.
            (State::Severed | State::Closing, _) => {}
            (State::HalfOpen, NetEvent::Closed(_)) => link.state = State::Severed,
            (State::HalfOpen, NetEvent::Received(_)) => {}
            (_, NetEvent::Sent(count)) => {
                let count = link.sent(*count);
                if count > 0 {
                    self.deliver(now, id, NetEvent::Sent(count));
                }
            }
            (_, NetEvent::Received(bytes)) => {
                self.carry(now, id, Direction::ToModule, Bytes::copy_from_slice(bytes));
            }
            (_, event) => {
                if *event == NetEvent::Opened {
                    link.state = State::Open;
                } else {
                    link.state = State::Severed;
                }
                if let Some(event) = Event::new(event) {
                    let late = self.latency(now, Direction::ToModule);
                    self.send_to_module(now, id, event, late);
                }
            }
        }
    }

    /// The broker's side closes.
    pub(super) fn close(&mut self, now: Instant, link: Option<LinkId>) {
        for id in self.targets(link) {
            self.sever(id, NetCommand::Close);
            let finished = Event::Closed(CloseReason::Finished);
            self.send_to_module(now, id, finished, Duration::ZERO);
        }
    }

    /// The connection ends for this reason; what was in transit is lost.
    pub(super) fn end_link(&mut self, now: Instant, link: Option<LinkId>, reason: CloseReason) {
        for id in self.targets(link) {
            self.drop_link(now, id, reason);
        }
    }

    /// Bytes vanish from now on.
    pub(super) fn half_open(&mut self, link: Option<LinkId>) {
        for id in self.targets(link) {
            if let Some(link) = self.links.get(id) {
                link.state = State::HalfOpen;
            }
        }
    }

    /// Hands over what has arrived.
    pub(super) fn arrive(&mut self, now: Instant) {
        for id in self.links.ids() {
            self.arrive_at_broker(now, id);
            self.arrive_at_module(now, id);
            if let Some(link) = self.links.get(id)
                && link.credit > 0
            {
                let count = std::mem::take(&mut link.credit);
                self.deliver(now, id, NetEvent::Sent(count));
            }
        }
    }

    /// When something arrives next.
    pub(super) fn next_arrival(&self) -> Option<Instant> {
        let arrivals = self.links.iter().flat_map(|link| {
            let to_broker = link.to_broker.due().filter(|_| !link.to_broker.stalled);
            let readable = !link.to_module.stalled && !link.paused;
            let to_module = link.to_module.due().filter(|_| readable);
            let credit = (link.credit > 0).then_some(Instant::ZERO);
            [to_broker, to_module, credit]
        });
        arrivals.flatten().min()
    }

    /// Asks the network to pause or resume reading.
    pub(super) fn balance(&mut self) {
        let mut changes = Vec::new();
        for link in self.links.iter_mut() {
            let full = link.to_module.held > HIGH_WATER;
            let stop = link.paused || full;
            if stop != link.pause_sent && matches!(link.state, State::Opening | State::Open) {
                link.pause_sent = stop;
                changes.push((link.id, stop));
            }
        }
        for (id, stop) in changes {
            let command = if stop {
                NetCommand::Pause
            } else {
                NetCommand::Resume
            };
            self.emit(id, command);
        }
    }

    /// Follows an event while nothing is to be done about it.
    pub(super) fn observe_event(&mut self, id: LinkId, event: &NetEvent<'_>) {
        let Some(link) = self.links.get(id) else {
            return;
        };
        match event {
            NetEvent::Opened => link.state = State::Open,
            NetEvent::Received(bytes) => link.passing(Direction::ToModule).framer.skip(bytes),
            NetEvent::Failed(_) | NetEvent::Closed(_) | NetEvent::Resolved(_) => {
                self.links.remove(id);
            }
            _ => {}
        }
    }

    /// Follows a command while nothing is to be done about it.
    pub(super) fn observe_command(&mut self, id: LinkId, command: &NetCommand) {
        match command {
            NetCommand::Open { .. } | NetCommand::Resolve(_) => self.remember(id, State::Opening),
            NetCommand::Close | NetCommand::Abort => _ = self.links.remove(id),
            NetCommand::Send(bytes) => {
                if let Some(link) = self.links.get(id) {
                    link.passing(Direction::ToBroker).framer.skip(bytes);
                }
            }
            NetCommand::Pause | NetCommand::Resume => {
                if let Some(link) = self.links.get(id) {
                    link.paused = *command == NetCommand::Pause;
                    link.pause_sent = link.paused;
                }
            }
        }
    }

    fn begin(
        &mut self,
        now: Instant,
        id: LinkId,
        command: NetCommand,
        failure: Option<(Failure, Option<Duration>)>,
        connect_timeout: Duration,
    ) {
        let Some((failure, after)) = failure else {
            self.remember(id, State::Opening);
            return self.emit(id, command);
        };
        let (error, usual) = match failure {
            Failure::Dns => (NetError::Dns, Duration::ZERO),
            Failure::Refused => (NetError::Refused, Duration::ZERO),
            Failure::Unreachable => (NetError::Unreachable, Duration::ZERO),
            Failure::Timeout => (NetError::TimedOut, connect_timeout),
            Failure::Tls => (NetError::Tls, Duration::ZERO),
        };
        self.remember(id, State::Severed);
        if let Some(link) = self.links.get(id) {
            let due = now + after.unwrap_or(usual);
            link.to_module.push(due, Event::Failed(error), 0);
        }
    }

    /// The failure that awaits an attempt to connect.
    fn failure(
        &mut self,
        now: Instant,
        fits: impl Fn(Failure) -> bool,
    ) -> Option<(Failure, Option<Duration>)> {
        self.active.strike(now, |kind| match kind {
            Kind::Network(NetworkFault::Fail { failure, after }) if fits(*failure) => {
                Some((*failure, *after))
            }
            _ => None,
        })
    }

    fn remember(&mut self, id: LinkId, state: State) {
        if let Some(given_up) = self.links.add(id, state) {
            self.emit(given_up, NetCommand::Abort);
        }
    }

    fn close_by_modem(&mut self, id: LinkId) {
        let Some(link) = self.links.get(id) else {
            return;
        };
        match link.state {
            State::Severed => _ = self.links.remove(id),
            // A broker that is cut off gets no orderly end either.
            State::HalfOpen => {
                self.links.remove(id);
                self.emit(id, NetCommand::Abort);
            }
            _ if link.to_broker.queue.is_empty() => {
                self.links.remove(id);
                self.emit(id, NetCommand::Close);
            }
            _ => {
                link.state = State::Closing;
                link.to_module = Lane::default();
                link.to_broker.push(Instant::ZERO, NetCommand::Close, 0);
            }
        }
    }

    pub(super) fn send(&mut self, now: Instant, id: LinkId, direction: Direction, bytes: Bytes) {
        if bytes.is_empty() {
            return;
        }
        let late = self.latency(now, direction);
        match direction {
            Direction::ToBroker => self.send_to_broker(now, id, bytes, late),
            Direction::ToModule => self.send_to_module(now, id, Event::Received(bytes), late),
        }
    }

    fn send_to_broker(&mut self, now: Instant, id: LinkId, bytes: Bytes, late: Duration) {
        let rate = self.bandwidth(now, Direction::ToBroker);
        let Some(link) = self.links.get(id) else {
            return;
        };
        let lane = &mut link.to_broker;
        // The network has taken what is merely late, the modem may know.
        if (now + late).max(lane.not_before) > now {
            link.credit += bytes.len();
            link.surplus += bytes.len();
        }
        let due = lane.arrival(now + late, bytes.len(), rate);
        let len = bytes.len();
        lane.push(due, NetCommand::Send(bytes), len);
        if lane.held > MAX_HELD_LINK {
            self.drop_link(now, id, CloseReason::WriteFailed);
        } else {
            self.arrive_at_broker(now, id);
        }
    }

    fn send_to_module(&mut self, now: Instant, id: LinkId, event: Event, late: Duration) {
        let rate = self.bandwidth(now, Direction::ToModule);
        let Some(link) = self.links.get(id) else {
            return;
        };
        let len = event.len();
        let due = link.to_module.arrival(now + late, len, rate);
        link.to_module.push(due, event, len);
        if link.to_module.held > MAX_HELD_LINK {
            self.drop_link(now, id, CloseReason::Reset);
        } else {
            self.arrive_at_module(now, id);
        }
    }

    fn arrive_at_broker(&mut self, now: Instant, id: LinkId) {
        let stalled = self.stalled(now, Direction::ToBroker);
        while let Some(link) = self.links.get(id) {
            link.to_broker.stalled = stalled;
            let Some(command) = link.to_broker.arrived(now) else {
                return;
            };
            match command {
                NetCommand::Send(bytes) => {
                    link.to_broker.held -= bytes.len();
                    self.emit(id, NetCommand::Send(bytes));
                }
                command => {
                    self.links.remove(id);
                    self.emit(id, command);
                }
            }
        }
    }

    fn arrive_at_module(&mut self, now: Instant, id: LinkId) {
        let stalled = self.stalled(now, Direction::ToModule);
        while let Some(link) = self.links.get(id) {
            link.to_module.stalled = stalled;
            if link.paused {
                return;
            }
            let Some(event) = link.to_module.arrived(now) else {
                return;
            };
            link.to_module.held -= event.len();
            if event.ends_link() {
                self.links.remove(id);
            }
            self.deliver(now, id, event.borrow());
        }
    }

    fn deliver(&mut self, now: Instant, link: LinkId, event: NetEvent<'_>) {
        self.modem.handle(now, Input::Network { link, event });
    }

    fn emit(&mut self, link: LinkId, command: NetCommand) {
        self.ready.push_back(Output::Network { link, command });
    }

    /// Ends a connection at once for both.
    fn drop_link(&mut self, now: Instant, id: LinkId, reason: CloseReason) {
        self.sever(id, NetCommand::Abort);
        if let Some(link) = self.links.remove(id)
            && link.state != State::Closing
        {
            self.deliver(now, id, NetEvent::Closed(reason));
        }
    }

    /// Ends a connection for the network only.
    fn sever(&mut self, id: LinkId, command: NetCommand) {
        let Some(link) = self.links.get(id) else {
            return;
        };
        if link.state != State::Severed {
            link.state = match link.state {
                State::Closing => State::Closing,
                _ => State::Severed,
            };
            link.to_broker = Lane::default();
            self.emit(id, command);
        }
    }

    /// The connection an event is about: the one that brought it about, or
    /// every one.
    fn targets(&self, link: Option<LinkId>) -> Vec<LinkId> {
        match link {
            Some(id) => vec![id],
            None => self.links.open(),
        }
    }

    fn latency(&mut self, now: Instant, to: Direction) -> Duration {
        let latency = self.active.strike(now, |kind| match kind {
            Kind::Network(NetworkFault::Latency { by, direction })
                if direction.is_none_or(|d| d == to) =>
            {
                Some(*by)
            }
            _ => None,
        });
        latency.unwrap_or_default()
    }

    fn bandwidth(&mut self, now: Instant, to: Direction) -> Option<u32> {
        self.active.strike(now, |kind| match kind {
            Kind::Network(NetworkFault::Bandwidth { rate, direction })
                if direction.is_none_or(|d| d == to) =>
            {
                Some(*rate)
            }
            _ => None,
        })
    }

    fn stalled(&self, now: Instant, to: Direction) -> bool {
        self.active.has(
            now,
            |kind| matches!(kind, Kind::Network(NetworkFault::Stall(d)) if *d == to),
        )
    }
}
