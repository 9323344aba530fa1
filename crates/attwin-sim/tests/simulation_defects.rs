//! Defects planted around a healthy modem, each of which the simulation must
//! find: an invariant that catches nothing is none.

use std::collections::{BTreeSet, VecDeque};

use attwin_core::mqtt::packet::{self, Packet, QosPid};
use attwin_core::{
    Duration, Input, Instant, LinkId, Modem, NetCommand, NetEvent, Output, SerialKind, find_module,
};
use attwin_sim::Device;
use attwin_sim::link::read;
use attwin_sim::simulate::{Failure, Invariant, Options, run_with};
use bytes::Bytes;

/// A modem whose outputs pass through other hands.
struct Altered<F> {
    modem: Modem,
    now: Instant,
    alter: F,
    outputs: VecDeque<Output>,
}

impl<F: FnMut(Output) -> Vec<Output>> Device for Altered<F> {
    fn handle(&mut self, now: Instant, input: Input<'_>) {
        self.now = now;
        self.modem.handle(now, input);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.now = now;
        self.modem.handle_timeout(now);
    }

    fn poll_output(&mut self) -> Option<Output> {
        loop {
            if let Some(output) = self.outputs.pop_front() {
                return Some(output);
            }
            let output = self.modem.poll_output()?;
            self.outputs.extend((self.alter)(output));
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.modem.poll_timeout()
    }
}

/// Plays seeds against what `wrap` makes of a modem until one fails.
fn first_failure<D: Device>(wrap: impl FnMut(Modem) -> D) -> Failure {
    first_failure_of("quectel-ec25", wrap)
}

fn first_failure_of<D: Device>(id: &str, mut wrap: impl FnMut(Modem) -> D) -> Failure {
    let module = find_module(id).expect("exists");
    (0..200)
        .find_map(|seed| run_with(module, seed, Options::default(), &mut wrap).err())
        .expect("one of two hundred seeds finds it")
}

/// The invariant that breaks first when outputs are altered.
fn found<F: FnMut(Output) -> Vec<Output>>(make: impl FnMut() -> F) -> Invariant {
    found_in("quectel-ec25", make)
}

fn found_in<F: FnMut(Output) -> Vec<Output>>(id: &str, mut make: impl FnMut() -> F) -> Invariant {
    let failure = first_failure_of(id, |modem| Altered {
        modem,
        now: Instant::ZERO,
        alter: make(),
        outputs: VecDeque::new(),
    });
    assert!(!failure.trace_tail.is_empty());
    failure.invariant
}

fn serial(output: &Output) -> Option<(SerialKind, &[u8])> {
    match output {
        Output::Serial { kind, bytes, .. } => Some((*kind, bytes)),
        _ => None,
    }
}

fn is_urc(output: &Output, start: &[u8]) -> bool {
    serial(output).is_some_and(|(kind, bytes)| {
        kind == SerialKind::Urc && bytes.windows(start.len()).any(|w| w == start)
    })
}

/// A serial output with other bytes where it has these.
fn with(output: Output, from: &[u8], to: &[u8]) -> Output {
    let Output::Serial { kind, bytes, .. } = output else {
        return output;
    };
    let Some(at) = bytes.windows(from.len()).position(|w| w == from) else {
        return Output::Serial {
            kind,
            bytes,
            reason: None,
        };
    };
    let bytes = [&bytes[..at], to, &bytes[at + from.len()..]]
        .concat()
        .into();
    Output::Serial {
        kind,
        bytes,
        reason: None,
    }
}

/// What breaks first when a module says one thing for another.
fn found_saying(id: &str, from: &'static [u8], to: &'static [u8]) -> Invariant {
    found_in(id, || move |output| vec![with(output, from, to)])
}

/// Loses every URC that begins like this.
fn found_without(start: &'static [u8]) -> Invariant {
    found(|| {
        move |output| {
            if is_urc(&output, start) {
                vec![]
            } else {
                vec![output]
            }
        }
    })
}

#[test]
fn a_lost_result() {
    for start in [&b"+QMTPUBEX: "[..], b"+QMTSUB: ", b"+QMTCLOSE: "] {
        assert_eq!(found_without(start), Invariant::Results);
    }
    for start in [&b"+QMTOPEN: "[..], b"+QMTCONN: "] {
        let broken = found_without(start);
        let expected = [Invariant::Results, Invariant::Queries];
        assert!(expected.contains(&broken), "{broken:?}");
    }
}

#[test]
fn a_lost_state_change() {
    let broken = found_without(b"+QMTSTAT: ");
    assert!(
        [Invariant::Queries, Invariant::Results].contains(&broken),
        "{broken:?}"
    );
}

#[test]
fn a_lost_message() {
    let broken = found_without(b"+QMTRECV: ");
    assert!(
        [Invariant::Delivered, Invariant::Queries].contains(&broken),
        "{broken:?}"
    );
}

#[test]
fn a_result_told_twice() {
    let broken = found(|| {
        |output| {
            if is_urc(&output, b"+QMTPUBEX: ") {
                vec![output.clone(), output]
            } else {
                vec![output]
            }
        }
    });
    assert_eq!(broken, Invariant::Results);
}

#[test]
fn a_forgotten_dup() {
    let broken = found(|| {
        |output| match output {
            Output::Network {
                link,
                command: NetCommand::Send(bytes),
            } if bytes[0] >> 4 == 3 => {
                let mut bytes = bytes.to_vec();
                bytes[0] &= !0x08;
                let command = NetCommand::Send(bytes.into());
                vec![Output::Network { link, command }]
            }
            output => vec![output],
        }
    });
    assert_eq!(broken, Invariant::Dup);
}

#[test]
fn a_second_final_result() {
    let broken = found(|| {
        let mut finals = 0;
        move |output| {
            let is_final = serial(&output).is_some_and(|(kind, _)| kind == SerialKind::Final);
            finals += u32::from(is_final);
            if is_final && finals.is_multiple_of(40) {
                vec![output.clone(), output]
            } else {
                vec![output]
            }
        }
    });
    assert_eq!(broken, Invariant::FinalResult);
}

#[test]
fn a_missing_final_result() {
    let broken = found(|| {
        let mut finals = 0;
        move |output| {
            let is_final = serial(&output).is_some_and(|(kind, _)| kind == SerialKind::Final);
            finals += u32::from(is_final);
            if is_final && finals == 40 {
                vec![]
            } else {
                vec![output]
            }
        }
    });
    // The host waits in vain, or something else comes while it does.
    let expected = [
        Invariant::FinalResult,
        Invariant::UrcOrder,
        Invariant::Lines,
    ];
    assert!(expected.contains(&broken), "{broken:?}");
}

#[test]
fn a_urc_within_a_response() {
    let broken = found(|| {
        let mut held = None;
        move |output: Output| match serial(&output) {
            Some((SerialKind::Urc, bytes)) if bytes.starts_with(b"\r\n+QMTSTAT") => {
                held = Some(output);
                vec![]
            }
            Some((SerialKind::Final, _)) => held.take().into_iter().chain([output]).collect(),
            _ => vec![output],
        }
    });
    assert_eq!(broken, Invariant::UrcOrder);
}

#[test]
fn a_line_nobody_specified() {
    let broken = found(|| {
        |output| match serial(&output) {
            Some((SerialKind::Urc, bytes)) if bytes.starts_with(b"\r\n+QMTCONN: ") => {
                let bytes = Bytes::from_static(b"\r\n+QMTCONN:0,0,0\r\n");
                let kind = SerialKind::Urc;
                vec![Output::Serial {
                    kind,
                    bytes,
                    reason: None,
                }]
            }
            _ => vec![output],
        }
    });
    assert_eq!(broken, Invariant::Lines);
}

/// Deadlines that are not near are forgotten.
struct Forgetful(Modem, Instant);

impl Device for Forgetful {
    fn handle(&mut self, now: Instant, input: Input<'_>) {
        self.1 = now;
        self.0.handle(now, input);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.1 = now;
        self.0.handle_timeout(now);
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.0.poll_output()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let near = self.1 + Duration::from_millis(900);
        self.0.poll_timeout().filter(|at| *at < near)
    }
}

#[test]
fn a_timer_that_never_fires() {
    let failure = first_failure(|modem| Forgetful(modem, Instant::ZERO));
    let expected = [
        Invariant::Results,
        Invariant::FinalResult,
        Invariant::KeepAlive,
    ];
    assert!(expected.contains(&failure.invariant), "{failure}");
}

/// A deadline that has come and does not pass.
struct Stuck(Modem, Instant);

impl Device for Stuck {
    fn handle(&mut self, now: Instant, input: Input<'_>) {
        self.1 = now;
        self.0.handle(now, input);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.1 = now;
        self.0.handle_timeout(now);
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.0.poll_output()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        // Once a minute it forgets to move on.
        let stuck = self.1.since_origin().as_secs() % 60 == 59;
        let next = self.0.poll_timeout();
        if stuck {
            next.map(|at| at.min(self.1))
        } else {
            next
        }
    }
}

#[test]
fn a_deadline_that_does_not_pass() {
    let failure = first_failure(|modem| Stuck(modem, Instant::ZERO));
    assert_eq!(failure.invariant, Invariant::Deadlines, "{failure}");
}

/// Acknowledges QoS 1 messages when they arrive and looks at them later.
struct Hasty {
    modem: Modem,
    /// Messages to look at, and when.
    held: VecDeque<(Instant, LinkId, Vec<u8>)>,
    /// Identifiers that are acknowledged already.
    acknowledged: BTreeSet<(LinkId, u16)>,
    outputs: VecDeque<Output>,
}

impl Hasty {
    const DELAY: Duration = Duration::from_millis(400);

    fn new(modem: Modem) -> Self {
        Self {
            modem,
            held: VecDeque::new(),
            acknowledged: BTreeSet::new(),
            outputs: VecDeque::new(),
        }
    }
}

impl Device for Hasty {
    fn handle(&mut self, now: Instant, input: Input<'_>) {
        if let Input::Network { link, event } = &input {
            if let NetEvent::Received(bytes) = event
                && let Some(Packet::Publish(publish)) = read(bytes)
                && let QosPid::Level1(id) = publish.qos_pid
            {
                let command = NetCommand::Send(packet::puback(id.value()));
                self.outputs.push_back(Output::Network {
                    link: *link,
                    command,
                });
                self.acknowledged.insert((*link, id.value()));
                self.held
                    .push_back((now + Self::DELAY, *link, bytes.to_vec()));
                return;
            }
            if let NetEvent::Closed(_) = event {
                self.held.retain(|(_, held, _)| held != link);
            }
        }
        self.modem.handle(now, input);
    }

    fn handle_timeout(&mut self, now: Instant) {
        while let Some((at, link, bytes)) = self.held.pop_front() {
            if at > now {
                self.held.push_front((at, link, bytes));
                break;
            }
            let event = NetEvent::Received(&bytes);
            self.modem.handle(now, Input::Network { link, event });
        }
        self.modem.handle_timeout(now);
    }

    fn poll_output(&mut self) -> Option<Output> {
        if let Some(output) = self.outputs.pop_front() {
            return Some(output);
        }
        loop {
            let output = self.modem.poll_output()?;
            if let Output::Network {
                link,
                command: NetCommand::Send(bytes),
            } = &output
                && let Some(Packet::Puback(id)) = read(bytes)
                && self.acknowledged.remove(&(*link, id.value()))
            {
                continue;
            }
            return Some(output);
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let held = self.held.front().map(|(at, ..)| *at);
        [held, self.modem.poll_timeout()]
            .into_iter()
            .flatten()
            .min()
    }
}

#[test]
fn an_acknowledgement_before_delivery() {
    let module = find_module("quectel-ec25").expect("exists");
    // Bytes sent in the module's name count as its own, also for what it has to
    // send to keep a connection alive.
    let found = (0..200)
        .filter_map(|seed| run_with(module, seed, Options::default(), Hasty::new).err())
        .any(|failure| failure.invariant == Invariant::Delivered);
    assert!(found);
}

/// Answers QoS 1 publishes itself, and sends only every second.
struct Boastful {
    modem: Modem,
    now: Instant,
    publishes: u32,
}

impl Device for Boastful {
    fn handle(&mut self, now: Instant, input: Input<'_>) {
        self.now = now;
        self.modem.handle(now, input);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.now = now;
        self.modem.handle_timeout(now);
    }

    fn poll_output(&mut self) -> Option<Output> {
        loop {
            let output = self.modem.poll_output()?;
            if let Output::Network {
                link,
                command: NetCommand::Send(bytes),
            } = &output
                && let Some(Packet::Publish(publish)) = read(bytes)
                && let QosPid::Level1(id) = publish.qos_pid
            {
                self.publishes += 1;
                if self.publishes.is_multiple_of(2) {
                    let (link, puback) = (*link, packet::puback(id.value()));
                    for event in [NetEvent::Sent(bytes.len()), NetEvent::Received(&puback)] {
                        self.modem.handle(self.now, Input::Network { link, event });
                    }
                    continue;
                }
            }
            return Some(output);
        }
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.modem.poll_timeout()
    }
}

#[test]
fn a_publish_that_was_never_sent() {
    let failure = first_failure(|modem| Boastful {
        modem,
        now: Instant::ZERO,
        publishes: 0,
    });
    assert_eq!(failure.invariant, Invariant::Published, "{failure}");
}

#[test]
fn a_connection_lost_twice_on_sim7028() {
    let broken = found_in("simcom-sim7028", || {
        |output| {
            if is_urc(&output, b"+CMQTTCONNLOST: ") {
                vec![output.clone(), output]
            } else {
                vec![output]
            }
        }
    });
    assert_eq!(broken, Invariant::Results);
}

#[test]
fn another_result_code_on_sim7028() {
    // Busy, not without a connection (docs/spec/simcom.md 2.7).
    let (busy, lost) = (b"+CMQTTTOPIC: 0,14", b"+CMQTTTOPIC: 0,11");
    let broken = found_saying("simcom-sim7028", busy, lost);
    assert_eq!(broken, Invariant::Results);
}

#[test]
fn a_piece_of_a_message_too_long_on_sim7028() {
    let broken = found_saying(
        "simcom-sim7028",
        b"RXPAYLOAD: 0,1500\r\n",
        b"RXPAYLOAD: 0,2000\r\n",
    );
    assert_eq!(broken, Invariant::Shown);
}

#[test]
fn an_answer_without_its_acknowledgement_on_ml302() {
    let broken = found_in("onemo-ml302", || {
        |output| match serial(&output) {
            Some((_, bytes)) if bytes.starts_with(b"\r\n+MQTTPUBACK:") => vec![],
            _ => vec![output],
        }
    });
    assert_eq!(broken, Invariant::Results);
}

/// `OK` comes with the command, as on other modules, and what follows it as
/// an answer.
#[test]
fn an_ok_before_the_acknowledgement_on_ml302() {
    let broken = found_in("onemo-ml302", || {
        let mut held = Vec::new();
        move |output: Output| match serial(&output) {
            Some((_, bytes)) if bytes.starts_with(b"\r\n+MQTTPUBACK:") => {
                held.push(output);
                vec![]
            }
            Some((SerialKind::Final, _)) => [output].into_iter().chain(held.drain(..)).collect(),
            _ => vec![output],
        }
    });
    assert_eq!(broken, Invariant::Results);
}

#[test]
fn a_machine_that_does_not_say_when_it_tries() {
    for (id, line) in [
        ("onemo-ml302", &b"+MQTTREC: 0"[..]),
        ("onemo-mn316", b"+MQTTREC:0"),
    ] {
        let broken = found_in(id, || {
            move |output| {
                if is_urc(&output, line) {
                    vec![]
                } else {
                    vec![output]
                }
            }
        });
        assert_eq!(broken, Invariant::Results, "{id}");
    }
}

#[test]
fn a_state_that_was_not_announced_on_mn316() {
    let broken = found_saying("onemo-mn316", b"+MQTTSTAT:5", b"+MQTTSTAT:1");
    assert_eq!(broken, Invariant::Queries);
}

#[test]
fn acknowledgements_of_the_wrong_packet_on_mn316() {
    let broken = found_saying("onemo-mn316", b"+MQTTPUBACK:2,0", b"+MQTTPUBACK:3,0");
    assert_eq!(broken, Invariant::Results);
}

#[test]
fn a_wrong_count_on_clm920() {
    let broken = found_saying("yuge-clm920", b"+IMQTTCOUNT: 2", b"+IMQTTCOUNT: 3");
    assert_eq!(broken, Invariant::Results);
}

#[test]
fn a_buffer_that_is_full_and_does_not_say_so_on_clm920() {
    let broken = found_in("yuge-clm920", || {
        |output| {
            if is_urc(&output, b"+IMQTTCOUNT: FULL") {
                vec![]
            } else {
                vec![output]
            }
        }
    });
    assert_eq!(broken, Invariant::Results);
}

/// Every command set, against what none of them may do.
#[test]
fn lies_about_packets_on_every_module() {
    for id in [
        "simcom-sim7028",
        "onemo-ml302",
        "onemo-mn316",
        "yuge-clm920",
    ] {
        let failure = first_failure_of(id, |modem| Boastful {
            modem,
            now: Instant::ZERO,
            publishes: 0,
        });
        assert_eq!(failure.invariant, Invariant::Published, "{failure}");
        // Bytes sent in the module's name are counted as its own, so that a
        // QoS 0 publish may seem to be on its way for ever, and a PINGREQ to
        // come too late.
        let failure = first_failure_of(id, Hasty::new);
        let expected = [
            Invariant::Delivered,
            Invariant::Results,
            Invariant::KeepAlive,
        ];
        assert!(expected.contains(&failure.invariant), "{failure}");
    }
}

#[test]
fn a_failure_says_how_to_repeat_it() {
    let text = first_failure(|modem| Forgetful(modem, Instant::ZERO)).to_string();
    let first = text.lines().next().unwrap_or_default();
    assert!(first.starts_with("quectel-ec25, seed "), "{text}");
    assert!(text.contains("host > "), "{text}");
}

#[test]
fn a_wrong_cause_of_a_lost_connection() {
    for (from, to) in [
        (&b"+QMTSTAT: 0,2"[..], &b"+QMTSTAT: 0,1"[..]),
        (b"+QMTSTAT: 0,1", b"+QMTSTAT: 0,2"),
        (b"+QMTSTAT: 0,5", b"+QMTSTAT: 0,1"),
        (b"+QMTSTAT: 0,7", b"+QMTSTAT: 0,1"),
        (b"+QMTSTAT: 0,4", b"+QMTSTAT: 0,6"),
    ] {
        let broken = found_saying("quectel-ec25", from, to);
        assert_eq!(broken, Invariant::Results, "{}", from.escape_ascii());
    }
}

#[test]
fn a_text_that_no_error_has() {
    let start = b"\r\n+CME ERROR: ";
    let alter = |output| match serial(&output) {
        Some((SerialKind::Final, bytes))
            if bytes.starts_with(start) && bytes[start.len()].is_ascii_alphabetic() =>
        {
            vec![with(output, b"ERROR: ", b"ERROR: The ")]
        }
        _ => vec![output],
    };
    for id in ["quectel-ec25", "onemo-ml302"] {
        let failure = first_failure_of(id, |mut modem: Modem| {
            modem.set_quirk("cmee_default", "2").expect("exists");
            Altered {
                modem,
                now: Instant::ZERO,
                alter,
                outputs: VecDeque::new(),
            }
        });
        assert_eq!(failure.invariant, Invariant::Lines, "{failure}");
    }
}
