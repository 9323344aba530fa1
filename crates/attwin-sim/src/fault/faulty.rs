//! The wrapper: what goes in and out of a modem, by way of its faults.

use std::collections::VecDeque;

use attwin_core::{
    HostEvent, Input, Instant, LinkId, Modem, NetCommand, Output, RadioEvent, SerialKind,
};

use super::active::Active;
use super::host::SerialIn;
use super::link::{Link, Links};
use super::mark::{FaultName, Line, Mark, Outbox, Passed};
use super::serial::SerialOut;
use super::spec::{FaultSpec, Kind, Part, Place, SerialFault};
use crate::device::Device;

/// A [`Modem`] with faults around it, or another [`Device`].
///
/// It is driven exactly as the modem is, by the same five calls; a driver
/// need not know which of the two it has. While no fault is active and none
/// has left anything behind, everything passes as it is, without a copy.
pub struct Faulty<D = Modem> {
    pub(super) modem: D,
    pub(super) active: Active,
    /// What the modem said and was looked at before its turn.
    backlog: VecDeque<Output>,
    /// What the driver is to poll.
    pub(super) ready: Outbox,
    /// The last of them is something to store: the modem is asked for more once
    /// that was done, as it may fail.
    at_store: bool,
    pub(super) serial: SerialOut,
    pub(super) host: SerialIn,
    pub(super) links: Links,
    /// What undoes an event, by when.
    pub(super) agenda: Vec<(Instant, RadioEvent)>,
    /// What faults did to the last input.
    pub(super) marks: Vec<Mark>,
    /// What is said in the place of the next final result.
    pub(super) answering: Vec<Line>,
    /// A client has just been connected.
    pub(super) newly_connected: bool,
    /// Whether anything is to be done beyond passing things on.
    engaged: bool,
    /// When something last happened.
    now: Instant,
}

impl<D: Device> Faulty<D> {
    /// A modem without faults. The same seed makes the same random choices.
    pub fn new(modem: D, seed: u64) -> Self {
        Self {
            modem,
            active: Active::new(seed),
            backlog: VecDeque::new(),
            ready: Outbox::default(),
            at_store: false,
            serial: SerialOut::default(),
            host: SerialIn::default(),
            links: Links::default(),
            agenda: Vec::new(),
            marks: Vec::new(),
            answering: Vec::new(),
            newly_connected: false,
            engaged: false,
            now: Instant::ZERO,
        }
    }

    /// The modem inside.
    pub fn modem(&self) -> &D {
        &self.modem
    }

    /// The modem inside, to configure it. What is fed to it directly passes no
    /// fault.
    pub fn modem_mut(&mut self) -> &mut D {
        &mut self.modem
    }

    /// Makes a fault active, and returns its number. At most
    /// [`MAX_ACTIVE`](super::MAX_ACTIVE) are; one more takes the place of the oldest.
    pub fn inject(&mut self, now: Instant, fault: FaultSpec) -> u32 {
        self.engage();
        let id = self.active.next_id();
        match fault.kind {
            Kind::Preset(preset) => {
                // A test reads every preset, so none of its faults is left out.
                let parts = preset
                    .faults
                    .iter()
                    .filter_map(|text| text.parse::<FaultSpec>().ok());
                for mut part in parts {
                    let own = part.when.starting.unwrap_or_default();
                    let both = own + fault.when.starting.unwrap_or_default();
                    part.when.starting = Some(both).filter(|span| !span.is_zero());
                    part.when.once_connected |= fault.when.once_connected;
                    let text = format!("preset {}: {part}", preset.name);
                    self.active.add(now, id, text, part);
                }
            }
            _ => self.active.add(now, id, fault.to_string(), fault),
        }
        self.newly_connected |= self.links.iter().any(|link| link.connected);
        self.tick(now);
        self.settle(now);
        id
    }

    /// Ends every fault. What was held back is let go in order; connections
    /// that were cut off stay cut off; what a fault was to undo later is
    /// undone now.
    pub fn clear(&mut self, now: Instant) {
        if !self.engaged {
            return;
        }
        self.active.clear();
        self.serial.let_go();
        self.host.let_go();
        for link in self.links.iter_mut() {
            link.let_go();
        }
        for (due, _) in &mut self.agenda {
            *due = now;
        }
        self.tick(now);
        self.settle(now);
    }

    /// What is active; of a preset, its parts.
    pub fn active(&self) -> impl Iterator<Item = &FaultSpec> {
        self.active.specs()
    }

    /// Faults that have not acted so far, also those that are over.
    pub fn never_acted(&self) -> impl Iterator<Item = &FaultName> {
        self.active.never_acted()
    }

    /// What faults did to the bytes of the last [`handle`](Self::handle).
    pub fn take_marks(&mut self) -> Vec<Mark> {
        std::mem::take(&mut self.marks)
    }

    /// Something happened; see [`Modem::handle`].
    pub fn handle(&mut self, now: Instant, input: Input<'_>) {
        self.marks.clear();
        if !self.engaged {
            self.observe_input(&input);
            return self.modem.handle(now, input);
        }
        self.tick(now);
        match input {
            Input::Serial(bytes) => {
                let data_entry = self.serial.in_data_entry();
                let (active, out) = (&mut self.active, &mut self.ready);
                self.host
                    .hear(now, bytes, data_entry, active, out, &mut self.marks);
                self.hand_over(now);
            }
            Input::Host(HostEvent::Stalled | HostEvent::Ready) => self.modem.handle(now, input),
            Input::Host(event) => {
                let dtr = |f: &SerialFault| *f == SerialFault::Drop(Part::Dtr);
                if let Some(hit) = self.active.strikes_serial(now, b"", dtr) {
                    self.ready.act(&hit, || Some("DTR".to_owned()));
                    if event == HostEvent::Detached {
                        // It does not learn that the host left; nobody holds it up.
                        self.modem.handle(now, Input::Host(HostEvent::Ready));
                    }
                } else {
                    if event == HostEvent::Detached {
                        self.host.abandon_data();
                        self.serial.end_data_entry();
                    }
                    self.modem.handle(now, Input::Host(event));
                }
            }
            Input::Network { link, event } => self.network(now, link, &event),
            Input::Radio(event) => self.radio(now, event),
            // The wall clock, and what no fault has to do with.
            _ => self.modem.handle(now, input),
        }
        self.settle(now);
    }

    /// A deadline has come; see [`Modem::handle_timeout`].
    pub fn handle_timeout(&mut self, now: Instant) {
        if !self.engaged {
            return self.modem.handle_timeout(now);
        }
        self.tick(now);
        self.modem.handle_timeout(now);
        self.settle(now);
    }

    /// When [`handle_timeout`](Self::handle_timeout) must be called next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let modem = self.modem.poll_timeout();
        if !self.engaged {
            return modem;
        }
        let agenda = self.agenda.iter().map(|(due, _)| *due).min();
        [
            modem,
            agenda,
            self.active.poll_timeout(self.now),
            self.serial.poll_timeout(),
            self.host.poll_timeout(),
            self.next_arrival(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// The next thing to carry out, until `None`; see [`Modem::poll_output`].
    pub fn poll_output(&mut self) -> Option<Output> {
        loop {
            if let Passed::Output { output, .. } = self.poll()? {
                return Some(output);
            }
        }
    }

    /// The next thing to carry out, and between them what faults did.
    pub fn poll(&mut self) -> Option<Passed> {
        loop {
            if let Some(passed) = self.ready.pop() {
                return Some(passed);
            }
            if !std::mem::take(&mut self.at_store) {
                break;
            }
            // It was carried out, and what follows from that may be said.
            self.settle(self.now);
        }
        // Otherwise the modem was emptied when something last happened.
        let output = self.modem.poll_output()?;
        self.observe_output(&output);
        let marks = Vec::new();
        Some(Passed::Output { output, marks })
    }

    /// From here on everything passes through the faults.
    fn engage(&mut self) {
        self.engaged = true;
        while let Some(output) = self.modem.poll_output() {
            self.observe_output(&output);
            self.ready.output(output, Vec::new());
        }
    }

    /// Carries out what has become due.
    fn tick(&mut self, now: Instant) {
        self.now = now;
        while let Some(at) = self.agenda.iter().position(|(due, _)| *due <= now) {
            let (_, event) = self.agenda.remove(at);
            self.radio(now, event);
        }
        self.happen_due(now);
        self.hand_over(now);
        self.arrive(now);
    }

    /// What is due by itself happens.
    fn happen_due(&mut self, now: Instant) {
        if std::mem::take(&mut self.newly_connected) {
            self.active.connected(now);
        }
        while let Some((event, hit)) = self.active.due(now) {
            self.happen(now, &event, &hit, None);
        }
    }

    /// Brings everything the modem has to say where it belongs.
    fn settle(&mut self, now: Instant) {
        self.pump(now);
        self.arrive(now);
        self.pump(now);
        if self.host.waits() {
            self.hand_over(now);
        }
        while self.newly_connected {
            self.happen_due(now);
            self.arrive(now);
            self.pump(now);
        }
        self.active.tidy(now);
        self.balance();
        self.engaged = !(self.active.is_empty()
            && self.agenda.is_empty()
            && self.answering.is_empty()
            && self.serial.is_idle()
            && self.host.is_idle()
            && self.links.iter().all(Link::is_idle));
    }

    pub(super) fn pump(&mut self, now: Instant) {
        loop {
            while !self.at_store
                && let Some(output) = self.next_output()
            {
                self.at_store = matches!(output, Output::Store(_));
                self.output(now, output);
            }
            let said = self.ready.len();
            self.serial.release(now, &mut self.active, &mut self.ready);
            if self.ready.len() == said {
                return;
            }
        }
    }

    pub(super) fn next_output(&mut self) -> Option<Output> {
        self.backlog
            .pop_front()
            .or_else(|| self.modem.poll_output())
    }

    /// Whether the modem has just given a connection up, and will say so when
    /// it is its turn.
    pub(super) fn gives_up(&mut self, id: LinkId) -> bool {
        while let Some(output) = self.modem.poll_output() {
            self.backlog.push_back(output);
        }
        self.backlog.iter().any(|output| {
            matches!(
                output,
                Output::Network { link, command: NetCommand::Close | NetCommand::Abort }
                    if *link == id
            )
        })
    }

    pub(super) fn output(&mut self, now: Instant, output: Output) {
        match output {
            Output::Serial { kind, .. }
                if kind == SerialKind::Final && !self.answering.is_empty() =>
            {
                self.say_answer(now);
            }
            Output::Serial {
                kind,
                bytes,
                reason,
            } => self.say(
                now,
                Line {
                    reason,
                    ..Line::new(kind, bytes)
                },
            ),
            Output::Network { link, command } => self.command(now, link, command),
            output => self.ready.output(output, Vec::new()),
        }
    }

    /// The module says something.
    pub(super) fn say(&mut self, now: Instant, mut line: Line) {
        if let Some(place) = self.serial.observe(line.kind)
            && self.reach(now, place)
        {
            return;
        }
        let is_response = matches!(line.kind, SerialKind::Information | SerialKind::Final);
        if is_response && self.expects(now, Place::MidResponse) {
            let half = line.bytes.split_to(line.bytes.len() / 2);
            let reason = line.reason.take();
            let first = Line {
                reason,
                marks: line.marks.clone(),
                ..Line::new(line.kind, half)
            };
            self.speak(now, first);
            if self.reach(now, Place::MidResponse) {
                return;
            }
        }
        self.speak(now, line);
    }

    fn speak(&mut self, now: Instant, line: Line) {
        let (active, out) = (&mut self.active, &mut self.ready);
        self.serial.say(now, line, active, out);
        self.serial.release(now, active, out);
    }

    /// Hands the modem what the host sent and nothing delays.
    fn hand_over(&mut self, now: Instant) {
        self.host.wait(false);
        loop {
            let data_entry = self.serial.in_data_entry();
            let Some(bytes) = self.host.next(now, data_entry, &self.active) else {
                return;
            };
            // A module that says no results has none to exchange.
            self.answering.clear();
            if !data_entry && self.active.awaits_commands(now) {
                self.hand_command(now, bytes);
                if self.host.waits() {
                    return;
                }
            } else {
                self.host.end_line();
                self.type_bytes(now, &bytes, data_entry);
            }
        }
    }

    /// Hands the modem bytes of the host as they are. Returns whether power was
    /// lost meanwhile.
    pub(super) fn type_bytes(&mut self, now: Instant, bytes: &[u8], data_entry: bool) -> bool {
        let half = (bytes.len() / 2).max(1);
        let (first, rest) = bytes.split_at(half.min(bytes.len()));
        let in_line = !data_entry && !first.contains(&b'\r') && first.first() != Some(&b'\n');
        let mut lost = false;
        if in_line && self.expects(now, Place::MidCommand) {
            self.modem.handle(now, Input::Serial(first));
            self.pump(now);
            lost = self.reach(now, Place::MidCommand);
            if !lost {
                self.modem.handle(now, Input::Serial(rest));
            }
        } else {
            self.modem.handle(now, Input::Serial(bytes));
        }
        self.pump(now);
        lost
    }

    /// Whether anything may happen at a place.
    fn expects(&self, now: Instant, place: Place) -> bool {
        self.serial.awaits(place) || self.active.awaits(now, place)
    }

    /// What was to happen at a place happens; whether power was lost over it.
    fn reach(&mut self, now: Instant, place: Place) -> bool {
        if let Some(urc) = self.serial.arrive_at(place) {
            let (active, out) = (&mut self.active, &mut self.ready);
            self.serial.enqueue(now, urc, active, out);
            self.serial.release(now, active, out);
        }
        let mut lost = false;
        for (event, hit) in self.active.at(now, place) {
            lost |= self.happen(now, &event, &hit, None);
        }
        lost
    }

    /// Something happens on the operator's side.
    pub(super) fn radio(&mut self, now: Instant, event: RadioEvent) {
        if matches!(event, RadioEvent::PowerCut | RadioEvent::Reboot) {
            self.lose_power(now);
        }
        self.modem.handle(now, Input::Radio(event));
    }

    /// What the modem has not said yet it will not say any more.
    fn lose_power(&mut self, now: Instant) {
        while let Some(output) = self.next_output() {
            if !is_lost_with_power(&output) {
                self.output(now, output);
            }
        }
        self.serial.lose_power();
        self.host.lose_power();
        self.answering.clear();
    }

    /// Undoes an event after a while; a later undoing of the same kind takes
    /// the place of an earlier one.
    pub(super) fn undo(&mut self, at: Instant, event: RadioEvent) {
        let same = |e: &RadioEvent| std::mem::discriminant(e) == std::mem::discriminant(&event);
        self.agenda.retain(|(_, e)| !same(e));
        self.agenda.push((at, event));
    }

    /// Follows what comes in while nothing is to be done about it.
    fn observe_input(&mut self, input: &Input<'_>) {
        match input {
            Input::Network { link, event } => self.observe_event(*link, event),
            Input::Host(HostEvent::Detached) => self.serial.end_data_entry(),
            Input::Radio(RadioEvent::PowerCut | RadioEvent::Reboot) => self.serial.lose_power(),
            _ => {}
        }
    }

    /// Follows what goes out while nothing is to be done about it.
    fn observe_output(&mut self, output: &Output) {
        match output {
            Output::Serial { kind, .. } => _ = self.serial.observe(*kind),
            Output::Network { link, command } => self.observe_command(*link, command),
            _ => {}
        }
    }
}

impl From<Modem> for Faulty {
    /// A modem without faults, and random choices of seed 0.
    fn from(modem: Modem) -> Self {
        Self::new(modem, 0)
    }
}

fn is_lost_with_power(output: &Output) -> bool {
    matches!(
        output,
        Output::Serial { .. }
            | Output::Network {
                command: NetCommand::Send(_),
                ..
            }
    )
}
