//! The modem's connections on their way through the faults.

use attwin_core::{CloseReason, Duration, Instant, LinkId, NetCommand, NetError, NetEvent, Output};
use bytes::Bytes;

use super::faulty::Faulty;
use super::lanes::Shown;
use super::link::{Arrival, Departure, HIGH_WATER, Lane, LinkEvent, State};
use super::mark::{Hit, Mark, Touch};
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
                self.lose_departures(id, None);
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
            (State::HalfOpen, NetEvent::Received(_)) => {
                let mark = |by| Mark::new(by, Touch::Dropped);
                self.marks.extend(link.cut_by.map(mark));
            }
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
                if let Some(event) = LinkEvent::new(event) {
                    self.send_to_module(now, id, Arrival::new(event), Shown::Whole);
                }
            }
        }
    }

    /// The broker's side closes.
    pub(super) fn close(&mut self, now: Instant, link: Option<LinkId>, hit: &Hit) {
        for id in self.targets(link) {
            self.sever(id, NetCommand::Close, Some(hit.name.id));
            if let Some(link) = self.links.get(id) {
                link.cut_by = Some(hit.name.id);
            }
            let finished = LinkEvent::Closed(CloseReason::Finished);
            let finished = Arrival::fed(finished, hit.mark(Touch::Inserted));
            self.queue_to_module(now, id, finished, Duration::ZERO);
        }
    }

    /// The connection ends for this reason; what was in transit is lost.
    pub(super) fn end_link(
        &mut self,
        now: Instant,
        link: Option<LinkId>,
        reason: CloseReason,
        hit: &Hit,
    ) {
        for id in self.targets(link) {
            self.drop_link(now, id, reason, Some(hit.name.id));
        }
    }

    /// Bytes vanish from now on.
    pub(super) fn half_open(&mut self, link: Option<LinkId>, hit: &Hit) {
        for id in self.targets(link) {
            if let Some(link) = self.links.get(id) {
                link.state = State::HalfOpen;
                link.cut_by = Some(hit.name.id);
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
            NetEvent::Received(bytes) => {
                link.connected |= link.passing(Direction::ToModule).skip(bytes);
            }

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
                    link.passing(Direction::ToBroker).skip(bytes);
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
        failure: Option<((Failure, Option<Duration>), Hit)>,
        connect_timeout: Duration,
    ) {
        let Some(((failure, after), hit)) = failure else {
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
            let failed = LinkEvent::Failed(error);
            let failed = Arrival::fed(failed, hit.mark(Touch::Inserted));
            link.to_module.push(due, failed, 0);
        }
        let host = match &command {
            NetCommand::Open { host, port, .. } => Some(format!("{host}:{port}")),
            NetCommand::Resolve(host) => Some(host.clone()),
            _ => None,
        };
        self.ready.act(&hit, || host);
        let output = Output::Network { link: id, command };
        self.ready.lost(output, hit.mark(Touch::Dropped));
    }

    /// The failure that awaits an attempt to connect.
    fn failure(
        &mut self,
        now: Instant,
        fits: impl Fn(Failure) -> bool,
    ) -> Option<((Failure, Option<Duration>), Hit)> {
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
                self.lose_departures(id, None);
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
                let close = Departure::new(NetCommand::Close, Vec::new());
                link.to_broker.push(Instant::ZERO, close, 0);
            }
        }
    }

    fn emit(&mut self, link: LinkId, command: NetCommand) {
        self.ready.command(link, command, Vec::new());
    }

    /// Ends a connection at once for both.
    pub(super) fn drop_link(
        &mut self,
        now: Instant,
        id: LinkId,
        reason: CloseReason,
        by: Option<u32>,
    ) {
        self.sever(id, NetCommand::Abort, by);
        if let Some(link) = self.links.remove(id)
            && link.state != State::Closing
        {
            self.deliver(now, id, NetEvent::Closed(reason));
            if let Some(by) = by {
                let mark = Mark::new(by, Touch::Inserted);
                self.links.ended_by(id, by);
                self.ready.fed(id, LinkEvent::Closed(reason), mark);
            }
        }
    }

    /// Ends a connection for the network only.
    fn sever(&mut self, id: LinkId, command: NetCommand, by: Option<u32>) {
        self.lose_departures(id, by);
        let Some(link) = self.links.get(id) else {
            return;
        };
        if link.state != State::Severed {
            link.state = match link.state {
                State::Closing => State::Closing,
                _ => State::Severed,
            };
            self.emit(id, command);
        }
    }

    /// What is held back on its way to the broker comes to nothing, by a fault or by
    /// the one that held it back.
    fn lose_departures(&mut self, id: LinkId, by: Option<u32>) {
        let Some(link) = self.links.get(id) else {
            return;
        };
        let lane = std::mem::take(&mut link.to_broker);
        for (_, Departure { command, marks }) in lane.queue {
            let made = |mark: &Mark| matches!(mark.touch, Touch::Duplicated | Touch::Inserted);
            let by = by.or(marks.first().map(|mark| mark.fault));
            let Some(by) = by.filter(|_| !marks.iter().any(made)) else {
                continue;
            };
            // What the module sent, before a fault changed it.
            let inside = marks.into_iter().find_map(|mark| mark.inside);
            let command = match (command, inside) {
                (NetCommand::Send(_), Some(bytes)) => NetCommand::Send(bytes),
                (command, _) => command,
            };
            let output = Output::Network { link: id, command };
            self.ready.lost(output, Mark::new(by, Touch::Dropped));
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
}
