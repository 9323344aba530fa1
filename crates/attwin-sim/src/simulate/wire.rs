//! What passes between module and broker, and what has to follow from it.

use std::collections::{BTreeMap, BTreeSet};

use attwin_core::mqtt::packet::{Connect, Level, Packet, Publish, QosPid};
use attwin_core::{Duration, Instant, LinkId};

use super::arrived::Arrived;
use super::event::Shown;
use super::failure::{Broken, Invariant};
use super::model::{self, Model, Publication};
use super::payload::is_marked;
use crate::broker::BrokerEvent;
use crate::link::{self, Cutter};

/// Messages of one client kept to compare shown ones with.
const MOST_ARRIVED: usize = 4_000;

/// One connection.
#[derive(Default)]
struct Link {
    client: u8,
    client_id: Vec<u8>,
    /// Its CONNACK says whether the server kept the session, which MQTT 3.1
    /// has no word for.
    says_present: bool,
    /// Its CONNECT asks for a clean session.
    cleans: bool,
    /// Packets with PUBLISH sent by identifier, less answers to them.
    unanswered: BTreeMap<u16, u32>,
    /// The longest the module may be silent, once its CONNECT is accepted.
    keep_alive: Duration,
    is_accepted: bool,
    /// By when it has to send something.
    due: Instant,
    /// Its PINGREQ is not answered, and it waits as long as it likes.
    pinged: bool,
    from_module: Cutter,
    to_module: Cutter,
}

/// The checker of everything that concerns packets.
#[derive(Default)]
pub(super) struct Wire {
    links: BTreeMap<LinkId, Link>,
    /// Messages of each client that were not both shown and acknowledged for
    /// the last time yet.
    arrived: BTreeMap<u8, Vec<Arrived>>,
    /// The identifier each client connected with last, and which of its
    /// sessions that was.
    last_id: BTreeMap<u8, (Vec<u8>, u32)>,
    /// Payloads the module sent, by identifier.
    published: BTreeSet<(u16, Vec<u8>)>,
    /// How often the broker received each payload.
    at_broker: BTreeMap<Vec<u8>, u32>,
    /// QoS 2 exchanges the module began and did not finish, by client
    /// identifier and packet identifier.
    unfinished: BTreeMap<(Vec<u8>, u16), Vec<u8>>,
    /// Payloads the broker may not count once, for no fault of the module's:
    /// the broker forgot about an exchange, or a packet identifier was used
    /// again while the network still carried packets of its last use.
    uncertain: BTreeSet<Vec<u8>>,
}

impl Link {
    /// Whether the module kept its connection alive so far.
    fn is_alive(&self, now: Instant) -> Result<(), Broken> {
        let is_awaited = self.is_accepted && !self.pinged && !self.keep_alive.is_zero();
        if !is_awaited || now <= self.due {
            return Ok(());
        }
        let (client, due) = (self.client, self.due);
        let detail = format!("client {client} sent nothing until {due:?}");
        Err(Broken::new(Invariant::KeepAlive, detail))
    }
}

impl Wire {
    /// Whether no connection is silent for too long.
    pub(super) fn is_alive(&self, now: Instant) -> Result<(), Broken> {
        self.links.values().try_for_each(|link| link.is_alive(now))
    }

    /// Connections the module has.
    pub(super) fn links(&self) -> usize {
        self.links.len()
    }

    pub(super) fn opening(&mut self, link: LinkId, client: u8) {
        let opened = Link {
            client,
            ..Link::default()
        };
        self.links.insert(link, opened);
    }

    /// A connection is over; returns whose. Where what was stored for its
    /// client is lost with it, it is lost without a word.
    pub(super) fn gone(&mut self, link: LinkId, model: &dyn Model) -> Option<u8> {
        let Link { client, .. } = self.links.remove(&link)?;
        if model.loses_waiting(client) {
            for message in self.arrived.entry(client).or_default() {
                message.owed = false;
            }
        }
        Some(client)
    }

    /// The module is off: nothing will be shown any more.
    pub(super) fn powered_off(&mut self) {
        self.links.clear();
        self.arrived.clear();
    }

    /// The module sent bytes.
    pub(super) fn sent(
        &mut self,
        now: Instant,
        link: LinkId,
        bytes: &[u8],
        model: &dyn Model,
    ) -> Result<(), Broken> {
        let Some(known) = self.links.get_mut(&link) else {
            return Ok(());
        };
        known.is_alive(now)?;
        known.from_module.push(bytes);
        let mut packets = Vec::new();
        while let Some(packet) = known.from_module.next() {
            packets.extend(link::read(&packet));
        }
        if let Some(Packet::Connect(connect)) = packets.first() {
            known.keep_alive = Duration::from_secs(connect.keep_alive.into());
        }
        known.due = now + known.keep_alive;
        known.pinged |= matches!(packets.last(), Some(Packet::Pingreq));
        // After a DISCONNECT there is nothing left to say.
        known.is_accepted &= !matches!(packets.last(), Some(Packet::Disconnect));
        let client = known.client;
        for packet in packets {
            match packet {
                Packet::Connect(connect) => {
                    self.connecting(link, &connect, model);
                }
                Packet::Publish(publish) => self.sent_publish(link, &publish, model)?,
                Packet::Puback(id) => self.acknowledged(client, id.value(), 1, model),
                Packet::Pubrec(id) if model.profile().shows_on_publish => {
                    self.acknowledged(client, id.value(), 2, model);
                }
                Packet::Pubcomp(id) => {
                    if !model.profile().shows_on_publish {
                        self.acknowledged(client, id.value(), 2, model);
                    }
                    self.completed(client, id.value(), 2);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The module received bytes.
    pub(super) fn got(&mut self, now: Instant, link: LinkId, bytes: &[u8], model: &mut dyn Model) {
        let Some(known) = self.links.get_mut(&link) else {
            return;
        };
        known.to_module.push(bytes);
        if std::mem::take(&mut known.pinged) {
            known.due = known.due.max(now);
        }
        let client = known.client;
        while let Some(packet) = known.to_module.next() {
            let publish = match link::read(&packet) {
                Some(Packet::Publish(publish)) => publish,
                Some(packet @ (Packet::Puback(id) | Packet::Pubrec(id))) => {
                    let unanswered = known.unanswered.entry(id.value()).or_default();
                    *unanswered = unanswered.saturating_sub(1);
                    if let Packet::Puback(id) = packet {
                        model.link(now, client, model::Link::Acknowledged(id.value()));
                    }
                    continue;
                }
                Some(Packet::Pubcomp(id)) => {
                    model.link(now, client, model::Link::Acknowledged(id.value()));
                    let exchange = (known.client_id.clone(), id.value());
                    self.unfinished.remove(&exchange);
                    continue;
                }
                Some(Packet::Connack(connack)) => {
                    let code = connack.code as u8;
                    let present = connack.session_present;
                    known.is_accepted = code == 0;
                    known.due = known.due.max(now);
                    if code == 0 && known.cleans {
                        let own = &known.client_id;
                        self.unfinished.retain(|(id, _), _| id != own);
                    }
                    if code == 0 && !present && known.says_present {
                        let arrived = self.arrived.entry(client).or_default();
                        begin_session(arrived);
                    }
                    model.link(now, client, model::Link::Answered { code, present });
                    continue;
                }
                _ => continue,
            };
            let (qos, id) = level(publish.qos_pid);
            let message = Arrived {
                topic: publish.topic_name.as_bytes().to_vec(),
                payload: publish.payload.to_vec(),
                id,
                qos,
                retain: publish.retain,
                dup: publish.dup,
                owed: false,
                answered: false,
                complete: false,
                shown: false,
                dropped: false,
                replaced: false,
                stored: model.stores(client),
            };
            let arrived = self.arrived.entry(client).or_default();
            let is_same = |m: &Arrived| m.qos == qos && m.id == id;
            if qos == 2
                && model.profile().shows_on_publish
                && arrived
                    .iter()
                    .any(|m| is_same(m) && (m.answered || m.shown) && !m.complete)
            {
                // A repetition of what the module took: it only answers. Its
                // first answer may have met a connection that was gone.
                continue;
            }
            if qos > 0 {
                // A repeated PUBLISH replaces the copy the module did not
                // answer for; but its line may be waiting to be said.
                for copy in arrived.iter_mut().filter(|m| !m.answered && is_same(m)) {
                    copy.replaced = true;
                }
                let waits =
                    |m: &Arrived| m.qos == 1 && !m.shown && (m.stored || m.dup != publish.dup);
                arrived.retain(|m| !(m.replaced && is_same(m)) || waits(m));
            }
            arrived.push(message);
            if arrived.len() > MOST_ARRIVED {
                arrived.remove(0);
            }
        }
    }

    /// The module showed a message to the host.
    pub(super) fn shown(
        &mut self,
        client: u8,
        line: &[u8],
        model: &dyn Model,
    ) -> Result<(), Broken> {
        let arrived = self.arrived.entry(client).or_default();
        let is_new = |m: &Arrived| !m.shown && model.shows(line, client, m);
        // An older one with the same contents that nobody answered for is
        // history.
        let at = arrived
            .iter()
            .position(|m| m.owed && is_new(m))
            .or_else(|| arrived.iter().rposition(is_new));
        let replaced = at.is_some_and(|at| arrived[at].replaced);
        match at {
            Some(at) if replaced || arrived[at].complete || arrived[at].qos == 0 => {
                arrived.remove(at);
                Ok(())
            }
            Some(at) => {
                (arrived[at].shown, arrived[at].owed) = (true, false);
                // A copy of which the line would be the same was not meant.
                arrived.retain(|m| m.stored || !m.replaced || !model.shows(line, client, m));
                Ok(())
            }
            None => {
                let detail = format!("{} was not received", Shown(line));
                Err(Broken::new(Invariant::Shown, detail))
            }
        }
    }

    /// At a quiet moment nothing is owed that is not stored.
    pub(super) fn settled(&mut self, model: &dyn Model) -> Result<(), Broken> {
        for (&client, arrived) in &mut self.arrived {
            let waiting = model.waiting(client);
            arrived.retain(|m| !m.replaced || waiting > 0 && m.stored);
            if waiting == 0 {
                // What is not owed now never will be shown.
                arrived.retain(|m| m.qos > 0 && !(m.dropped && m.complete));
            }
            let owed = arrived.iter().filter(|m| m.owed).count();
            if owed > waiting
                && let Some(first) = arrived.iter().find(|m| m.owed)
            {
                let detail = format!(
                    "client {client} acknowledged {} (QoS {}, id {}) and never showed it",
                    Shown(&first.payload),
                    first.qos,
                    first.id,
                );
                return Err(Broken::new(Invariant::Delivered, detail));
            }
        }
        Ok(())
    }

    /// The broker reported something.
    pub(super) fn broker(&mut self, event: &BrokerEvent) {
        if let BrokerEvent::Received { message, .. } = event
            && is_marked(message.payload(), b'm')
        {
            *self
                .at_broker
                .entry(message.payload().to_vec())
                .or_default() += 1;
        }
    }

    /// The broker forgets its sessions, and with them which QoS 2 exchanges
    /// are under way.
    pub(super) fn broker_forgot(&mut self) {
        self.uncertain.extend(self.at_broker.keys().cloned());
    }

    /// The module reported one of these publishes as done.
    pub(super) fn done(&self, candidates: &[Publication]) -> Result<(), Broken> {
        let fine = |p: &Publication| {
            let times = self.at_broker.get(&p.payload).copied().unwrap_or(0);
            p.qos == 0
                || !is_marked(&p.payload, b'm')
                || times == 1
                || (p.qos == 1 && times > 1)
                || self.uncertain.contains(&p.payload)
        };
        match candidates.first() {
            Some(first) if !candidates.iter().any(fine) => {
                let times = self.at_broker.get(&first.payload).unwrap_or(&0);
                let (qos, payload) = (first.qos, Shown(&first.payload));
                let detail = format!("QoS {qos} {payload} is done and {times} times at the broker");
                Err(Broken::new(Invariant::Published, detail))
            }
            _ => Ok(()),
        }
    }

    /// The module answers for a message: it has shown it, or will.
    fn acknowledged(&mut self, client: u8, id: u16, qos: u8, model: &dyn Model) {
        let arrived = self.arrived.entry(client).or_default();
        let newest = arrived
            .iter()
            .rposition(|m| m.id == id && m.qos == qos && !m.answered && !m.replaced);
        let Some(at) = newest else {
            return;
        };
        // One that found the memory full by this count may have found room.
        let may_wait = |m: &&Arrived| m.stored || (!m.dropped && !m.replaced);
        let before = arrived[..at].iter().filter(|m| !m.shown).filter(may_wait);
        let before = before.count();
        let message = &mut arrived[at];
        message.answered = true;
        if !message.shown {
            message.dropped = model.may_drop(client, message, before);
            message.owed = !message.dropped;
        }
        if qos == 1 {
            self.completed(client, id, qos);
        }
    }

    /// The last word about a message was said.
    fn completed(&mut self, client: u8, id: u16, qos: u8) {
        let arrived = self.arrived.entry(client).or_default();
        let newest = arrived
            .iter()
            .rposition(|m| m.id == id && m.qos == qos && m.answered && !m.complete);
        if let Some(at) = newest {
            arrived[at].complete = true;
            if arrived[at].shown {
                arrived.remove(at);
            }
        }
    }

    fn connecting(&mut self, link: LinkId, connect: &Connect, model: &dyn Model) {
        let client_id = connect.client_id.as_bytes().to_vec();
        let Some(known) = self.links.get_mut(&link) else {
            return;
        };
        let own = (client_id.clone(), model.sessions(known.client));
        let last = self.last_id.insert(known.client, own.clone());
        if connect.clean_session || last != Some(own) {
            // The module begins a new session, and forgets what it took in the
            // old one and was not told to deliver.
            let arrived = self.arrived.entry(known.client).or_default();
            begin_session(arrived);
        }
        known.client_id = client_id;
        known.says_present = connect.level == Level::V311;
        known.cleans = connect.clean_session;
    }

    fn sent_publish(
        &mut self,
        link: LinkId,
        publish: &Publish,
        model: &dyn Model,
    ) -> Result<(), Broken> {
        let (qos, id) = level(publish.qos_pid);
        if let (1.., Some(known)) = (qos, self.links.get_mut(&link)) {
            // The answer to an earlier one with this identifier would be taken
            // for the answer to this one.
            let unanswered = known.unanswered.entry(id).or_default();
            let message = (id, publish.payload.to_vec());
            if *unanswered > 0 && !self.published.contains(&message) {
                self.uncertain.insert(message.1);
            }
            *unanswered += 1;
        }
        if let (2, Some(known)) = (qos, self.links.get(&link)) {
            let exchange = (known.client_id.clone(), id);
            let payload = publish.payload.to_vec();
            let other = self.unfinished.insert(exchange, payload.clone());
            if other.is_some_and(|other| other != payload) {
                self.uncertain.insert(payload);
            }
        }
        if qos == 0 || !is_marked(&publish.payload, b'm') {
            return Ok(());
        }
        let again = !self.published.insert((id, publish.payload.to_vec()));
        if again == publish.dup || (publish.dup && model.asked_for_dup(&publish.payload)) {
            return Ok(());
        }
        let detail = format!(
            "PUBLISH {id} with {} is sent {} and its DUP flag is {}",
            Shown(&publish.payload),
            if again { "again" } else { "for the first time" },
            publish.dup
        );
        Err(Broken::new(Invariant::Dup, detail))
    }
}

/// A new session begins: what was owed is owed, and nothing more will be heard
/// of what was answered for. What a module stores it has, although the
/// connection ended before its answer left.
fn begin_session(arrived: &mut Vec<Arrived>) {
    let is_stored = |m: &Arrived| m.stored && m.qos == 1 && !m.shown;
    arrived.retain(|m| m.owed || m.dropped || m.qos == 0 || is_stored(m));
    for message in arrived {
        message.complete = true;
    }
}

fn level(qos_pid: QosPid) -> (u8, u16) {
    match qos_pid {
        QosPid::Level0 => (0, 0),
        QosPid::Level1(id) => (1, id.value()),
        QosPid::Level2(id) => (2, id.value()),
    }
}
