//! A fault that acts says so, marks what it touched, and keeps the reasons of
//! what the module says.

use attwin_core::{Config, Input, Instant, Modem, NetEvent, Output, RadioEvent, find_module};
use attwin_sim::fault::{Faulty, Mark, Passed, Touch};

use super::bench::{Bench, PUBLISH_1, seconds};

fn acts(bench: &mut Bench) -> Vec<String> {
    let acts = bench.take_acts();
    acts.iter().map(ToString::to_string).collect()
}

fn never_acted(bench: &Bench) -> Vec<String> {
    let names = bench.faults().never_acted();
    names.map(|name| name.text.to_string()).collect()
}

#[test]
fn a_packet_is_named() {
    let mut b = Bench::connected();
    b.suffer("drop puback");
    b.line(PUBLISH_1);
    b.run_for(seconds(1));
    assert_eq!(
        acts(&mut b),
        ["fault 1, `drop puback`, acted on PUBACK id=7"]
    );
    assert!(never_acted(&b).is_empty());
}

#[test]
fn a_line_is_named_and_every_time_counted() {
    let mut b = Bench::new();
    b.suffer("drop dtr");
    b.suffer("duplicate final 2");
    b.at("AT");
    b.at("AT");
    assert_eq!(
        acts(&mut b),
        [
            "fault 2, `duplicate final count=2`, acted on OK",
            "fault 2, `duplicate final count=2`, acted on OK (2 times so far)"
        ]
    );
    assert_eq!(never_acted(&b), ["drop dtr"]);
}

#[test]
fn a_condition_is_reported_once() {
    let mut b = Bench::connected();
    b.suffer("latency 100ms");
    for _ in 0..3 {
        b.line(PUBLISH_1);
        b.run_for(seconds(1));
    }
    assert_eq!(acts(&mut b).len(), 1);
}

#[test]
fn an_event_without_a_connection_has_not_acted() {
    let mut b = Bench::new();
    b.suffer("close");
    b.suffer("half-open");
    b.suffer("drop puback for=1s");
    b.run_for(seconds(2));
    assert_eq!(acts(&mut b), [""; 0]);
    let idle = ["close", "half-open", "drop puback for=1s"];
    assert_eq!(never_acted(&b), idle);
}

#[test]
fn parts_of_a_preset_have_its_number_and_name() {
    let mut b = Bench::connected();
    b.suffer("preset broker-disappears");
    assert_eq!(
        acts(&mut b),
        ["fault 1, `preset broker-disappears: reset once=connected`, acted on link 1"]
    );
    assert_eq!(
        never_acted(&b),
        ["preset broker-disappears: refused count=all once=connected"]
    );
}

/// A connected module, what passes it and how inputs were marked.
struct Desk {
    faulty: Faulty,
    passed: Vec<Passed>,
}

const NOW: Instant = Instant::from_origin(std::time::Duration::from_secs(30));

impl Desk {
    fn connected() -> Self {
        let module = find_module("quectel-ec25").expect("exists");
        let mut modem = Modem::new(Config::new(module));
        modem.set_quirk("result_urc_delay_ms", "0").expect("known");
        let faulty = Faulty::new(modem, 0);
        let mut desk = Self {
            faulty,
            passed: Vec::new(),
        };
        desk.faulty
            .handle(Instant::ZERO, Input::Radio(RadioEvent::PowerOn));
        desk.faulty.handle_timeout(NOW);
        desk.line("ATE0");
        desk.line("AT+QMTOPEN=0,\"h\",1883");
        desk.event(NetEvent::Opened);
        desk.line("AT+QMTCONN=0,\"c\"");
        desk.event(NetEvent::Received(b"\x20\x02\x00\x00"));
        desk.passed.clear();
        desk
    }

    fn inject(&mut self, fault: &str) {
        self.faulty.inject(NOW, fault.parse().expect(fault));
    }

    fn input(&mut self, input: Input<'_>) -> Vec<Mark> {
        self.faulty.handle(NOW, input);
        let marks = self.faulty.take_marks();
        loop {
            while let Some(passed) = self.faulty.poll() {
                self.passed.push(passed);
            }
            if self.faulty.poll_timeout().is_none_or(|at| at > NOW) {
                return marks;
            }
            self.faulty.handle_timeout(NOW);
        }
    }

    fn line(&mut self, line: &str) -> Vec<Mark> {
        self.input(Input::Serial(format!("{line}\r").as_bytes()))
    }

    fn event(&mut self, event: NetEvent<'_>) -> Vec<Mark> {
        let link = attwin_core::LinkId(1);
        self.input(Input::Network { link, event })
    }

    /// Serial output as `text [marks]`, what is lost in brackets.
    fn told(&mut self) -> Vec<String> {
        let words = |marks: &[Mark]| -> String {
            marks
                .iter()
                .map(|mark| format!(" {}", mark.touch.word()))
                .collect()
        };
        let text = |output: &Output| match output {
            Output::Serial { bytes, reason, .. } => {
                let line = String::from_utf8_lossy(bytes.trim_ascii()).into_owned();
                let because = reason.as_ref().map(|_| " because").unwrap_or_default();
                Some(line + because)
            }
            _ => None,
        };
        let passed = std::mem::take(&mut self.passed);
        let told = passed.iter().filter_map(|passed| match passed {
            Passed::Output { output, marks } => Some(text(output)? + &words(marks)),
            Passed::Lost { output, mark } => {
                let marks = words(std::slice::from_ref(mark));
                Some(format!("[{}]{marks}", text(output)?))
            }
            Passed::Fed { .. } | Passed::Act(_) => None,
        });
        told.collect()
    }
}

#[test]
fn packets_of_the_network_are_marked_where_they_end() {
    let mut desk = Desk::connected();
    desk.inject("drop pingresp");
    desk.inject("corrupt puback");
    let marks = desk.event(NetEvent::Received(b"\xd0\x00\x40\x02\x00\x07\xd0\x00"));
    let touches: Vec<_> = marks.iter().map(|mark| mark.touch).collect();
    assert_eq!(touches, [Touch::Dropped, Touch::Changed]);
    let about: Vec<Vec<bool>> = marks
        .iter()
        .map(|mark| [2, 6, 8].map(|end| mark.is_about(end)).to_vec())
        .collect();
    assert_eq!(about, [[true, false, false], [false, true, false]]);
    let inside = marks[1].inside.as_deref().expect("what the module saw");
    assert_eq!(inside.len(), 4);
    assert_ne!(inside, b"\x40\x02\x00\x07");
}

#[test]
fn what_comes_to_nothing_is_marked_on_both_sides() {
    let mut desk = Desk::connected();
    desk.inject("half-open");
    let marks = desk.event(NetEvent::Received(b"\xd0\x00"));
    assert_eq!(marks[0].touch, Touch::Dropped);
    desk.line(PUBLISH_1);
    let lost = desk.passed.iter().any(|passed| {
        matches!(passed, Passed::Lost { output: Output::Network { .. }, mark } if mark.fault == 1)
    });
    assert!(lost, "{:?}", desk.passed);
}

#[test]
fn reasons_pass_every_fault() {
    const REFUSED: &str = "AT+NOTHING";
    for (fault, told) in [
        ("delay final 0s", &["ERROR because delayed"][..]),
        ("hold final 0s", &["ERROR because delayed"]),
        ("duplicate final", &["ERROR because", "ERROR duplicated"]),
        ("drop final", &["[ERROR because] dropped"]),
        ("silence", &["[ERROR because] dropped"]),
        ("join within=0s", &["ERROR because delayed"]),
        ("fragment 5 gap=0s", &["ERR because", "OR"]),
        ("drop final like \"OK\"", &["ERROR because"]),
    ] {
        let mut desk = Desk::connected();
        desk.inject(fault);
        desk.line(REFUSED);
        assert_eq!(desk.told(), told, "{fault}");
    }
}

#[test]
fn bytes_of_the_host_are_marked() {
    let mut desk = Desk::connected();
    desk.inject("drop input");
    assert_eq!(desk.line("AT")[0].touch, Touch::Dropped);
    assert_eq!(desk.told(), [""; 0]);
    desk.inject("drop byte to-module");
    let marks = desk.line("AT");
    assert_eq!(marks[0].touch, Touch::Changed);
    assert_eq!(marks[0].inside.as_deref(), Some(&b"T\r"[..]));
}
