//! Planted defects of what a module has to remember: how long it was silent,
//! how much is under way, and which messages it took on an earlier connection.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use attwin_core::mqtt::packet::{Packet, QosPid};
use attwin_core::{
    Duration, Input, Instant, LinkId, Modem, NetCommand, NetEvent, Output, SerialKind, find_module,
};
use attwin_sim::Device;
use attwin_sim::link::read;
use attwin_sim::simulate::{Failure, Invariant, Options, run_with};

const FAMILIES: [&str; 5] = [
    "quectel-ec25",
    "simcom-sim7028",
    "onemo-ml302",
    "onemo-mn316",
    "yuge-clm920",
];

fn first_failure<D: Device>(id: &str, mut wrap: impl FnMut(Modem) -> D) -> Failure {
    let module = find_module(id).expect("exists");
    (0..300)
        .find_map(|seed| run_with(module, seed, Options::default(), &mut wrap).err())
        .unwrap_or_else(|| panic!("{id}: none of three hundred seeds finds it"))
}

fn sent(output: &Output) -> Option<(LinkId, Packet)> {
    match output {
        Output::Network {
            link,
            command: NetCommand::Send(bytes),
        } => Some((*link, read(bytes)?)),
        _ => None,
    }
}

/// Keeps its connections alive a second too late.
struct Late {
    modem: Modem,
    now: Instant,
    held: VecDeque<(Instant, Output)>,
}

impl Device for Late {
    fn handle(&mut self, now: Instant, input: Input<'_>) {
        self.now = now;
        self.modem.handle(now, input);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.now = now;
        self.modem.handle_timeout(now);
    }

    fn poll_output(&mut self) -> Option<Output> {
        let now = self.now;
        if self.held.front().is_some_and(|(at, _)| *at <= now) {
            return self.held.pop_front().map(|(_, output)| output);
        }
        loop {
            let output = self.modem.poll_output()?;
            if !matches!(sent(&output), Some((_, Packet::Pingreq))) {
                return Some(output);
            }
            self.held.push_back((now + Duration::from_secs(1), output));
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let held = self.held.front().map(|(at, _)| *at);
        held.into_iter().chain(self.modem.poll_timeout()).min()
    }
}

#[test]
fn a_ping_that_comes_late() {
    for id in FAMILIES {
        let failure = first_failure(id, |modem| Late {
            modem,
            now: Instant::ZERO,
            held: VecDeque::new(),
        });
        assert_eq!(failure.invariant, Invariant::KeepAlive, "{failure}");
    }
}

/// Takes a sixth publish while five are not acknowledged (docs/spec/quectel.md
/// 6.4).
struct Greedy {
    modem: Modem,
    typed: Vec<u8>,
    clients: BTreeMap<LinkId, String>,
    under_way: BTreeSet<(LinkId, u16)>,
}

impl Greedy {
    fn new(modem: Modem) -> Self {
        Self {
            modem,
            typed: Vec::new(),
            clients: BTreeMap::new(),
            under_way: BTreeSet::new(),
        }
    }

    fn forget(&mut self, link: LinkId) {
        self.clients.remove(&link);
        self.under_way.retain(|(of, _)| *of != link);
    }

    /// Whether the last line is a publish that only the window refuses.
    fn exceeds(&self) -> Option<bool> {
        let line = std::str::from_utf8(&self.typed).ok()?;
        let line = line
            .trim_end_matches(['\r', '\n'])
            .strip_prefix("AT+QMTPUBEX=")?;
        let args: Vec<&str> = line.split(',').collect();
        let [client, id, qos, retain, topic, ..] = args[..] else {
            return None;
        };
        let (id, qos): (u16, u8) = (id.parse().ok()?, qos.parse().ok()?);
        let topics = ["\"t/a\"", "\"t/b\"", "\"t/c\"", "\"in\""];
        let (link, _) = self.clients.iter().find(|(_, of)| *of == client)?;
        let under_way = self.under_way.iter().filter(|(of, _)| of == link);
        let is_new = !self.under_way.contains(&(*link, id));
        let fits = matches!(qos, 1 | 2) && matches!(retain, "0" | "1") && topics.contains(&topic);
        let length = args
            .get(5)
            .is_none_or(|len| len.parse::<u16>().is_ok_and(|n| n > 0));
        Some(fits && length && args.len() < 7 && id > 0 && is_new && under_way.count() >= 5)
    }
}

impl Device for Greedy {
    fn handle(&mut self, now: Instant, input: Input<'_>) {
        match &input {
            Input::Serial(bytes) => {
                if self.typed.ends_with(b"\r") || self.typed.ends_with(b"\n") {
                    self.typed.clear();
                }
                self.typed.extend_from_slice(bytes);
            }
            Input::Network { link, event } => match event {
                NetEvent::Received(bytes) => {
                    if let Some(Packet::Puback(id) | Packet::Pubcomp(id)) = read(bytes) {
                        self.under_way.remove(&(*link, id.value()));
                    }
                }
                NetEvent::Closed(_) | NetEvent::Failed(_) => self.forget(*link),
                _ => {}
            },
            _ => {}
        }
        self.modem.handle(now, input);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.modem.handle_timeout(now);
    }

    fn poll_output(&mut self) -> Option<Output> {
        let mut output = self.modem.poll_output()?;
        if let Some((link, Packet::Publish(publish))) = sent(&output)
            && let QosPid::Level1(id) | QosPid::Level2(id) = publish.qos_pid
        {
            self.under_way.insert((link, id.value()));
        }
        match &mut output {
            Output::Network { link, command } => match command {
                NetCommand::Open { host, .. } => {
                    self.clients.insert(*link, host[1..2].to_owned());
                }
                NetCommand::Close | NetCommand::Abort => self.forget(*link),
                _ => {}
            },
            Output::Serial {
                kind: SerialKind::Final,
                bytes,
                ..
            } if bytes[..] == *b"\r\nERROR\r\n" && self.exceeds() == Some(true) => {
                *bytes = (&b"\r\nOK\r\n"[..]).into();
            }
            _ => {}
        }
        Some(output)
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.modem.poll_timeout()
    }
}

#[test]
fn a_window_of_six() {
    let failure = first_failure("quectel-ec25", Greedy::new);
    assert_eq!(failure.invariant, Invariant::Results, "{failure}");
    assert!(failure.detail.contains("window"), "{failure}");
}

/// Forgets which QoS 2 messages it took when their connection is over: they
/// reach it under identifiers it never heard of.
struct Amnesiac {
    modem: Modem,
    hosts: BTreeMap<LinkId, String>,
    /// On which connection an identifier was used first.
    first: BTreeMap<(String, u16), LinkId>,
    renamed: BTreeSet<(LinkId, u16)>,
}

/// Identifiers a broker does not come to in one run.
const NEVER_USED: u16 = 0x4000;

impl Amnesiac {
    fn new(modem: Modem) -> Self {
        Self {
            modem,
            hosts: BTreeMap::new(),
            first: BTreeMap::new(),
            renamed: BTreeSet::new(),
        }
    }

    /// Where the identifier of a packet about an earlier connection's message
    /// stands.
    fn forgotten(&mut self, link: LinkId, bytes: &[u8]) -> Option<usize> {
        let host = self.hosts.get(&link)?.clone();
        let (id, at) = match read(bytes)? {
            Packet::Publish(publish) => match publish.qos_pid {
                QosPid::Level2(id) => {
                    if !publish.dup {
                        self.first.insert((host.clone(), id.value()), link);
                    }
                    (id.value(), bytes.len() - publish.payload.len() - 2)
                }
                _ => return None,
            },
            Packet::Pubrel(id) => (id.value(), 2),
            _ => return None,
        };
        let first = *self.first.get(&(host, id))?;
        (first != link).then(|| {
            self.renamed.insert((link, id));
            at
        })
    }
}

impl Device for Amnesiac {
    fn handle(&mut self, now: Instant, input: Input<'_>) {
        if let Input::Network {
            link,
            event: NetEvent::Received(bytes),
        } = &input
            && let Some(at) = self.forgotten(*link, bytes)
        {
            let mut bytes = bytes.to_vec();
            bytes[at] ^= NEVER_USED.to_be_bytes()[0];
            let event = NetEvent::Received(&bytes);
            return self
                .modem
                .handle(now, Input::Network { link: *link, event });
        }
        self.modem.handle(now, input);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.modem.handle_timeout(now);
    }

    fn poll_output(&mut self) -> Option<Output> {
        let mut output = self.modem.poll_output()?;
        if let Output::Network { link, command } = &mut output {
            match command {
                NetCommand::Open { host, .. } => {
                    self.hosts.insert(*link, host.clone());
                }
                NetCommand::Send(bytes) => {
                    if let Some(Packet::Pubrec(id) | Packet::Pubcomp(id)) = read(bytes)
                        && self.renamed.contains(&(*link, id.value() ^ NEVER_USED))
                    {
                        let mut renamed = bytes.to_vec();
                        renamed[2] ^= NEVER_USED.to_be_bytes()[0];
                        *bytes = renamed.into();
                    }
                }
                _ => {}
            }
        }
        Some(output)
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.modem.poll_timeout()
    }
}

#[test]
fn identifiers_forgotten_with_their_connection() {
    // A CLM920 subscribes with QoS 0 and 1 only.
    for id in ["quectel-ec25", "onemo-ml302", "onemo-mn316"] {
        let failure = first_failure(id, Amnesiac::new);
        let expected = [Invariant::Shown, Invariant::Delivered];
        assert!(expected.contains(&failure.invariant), "{failure}");
    }
}
