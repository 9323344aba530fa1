//! Nothing grows without bound.

use attwin_core::{
    Config, Input, Instant, Modem, NetCommand, NetEvent, Output, RadioEvent, find_module,
};
use attwin_sim::fault::{Faulty, MAX_ACTIVE, MAX_HELD_INPUT, MAX_HELD_OUTPUT};

use super::bench::{Bench, seconds};

#[test]
fn output_that_waits_is_bounded() {
    let mut b = Bench::new();
    b.suffer("delay output 1h count=all");
    let piece = b"\r\nOK\r\n".len();
    let lines = MAX_HELD_OUTPUT / piece + 1000;
    for _ in 0..lines {
        b.line("AT");
    }
    b.run_for(seconds(3601));
    let said: usize = b.heard().iter().map(|said| said.bytes.len()).sum();
    assert_eq!(said, MAX_HELD_OUTPUT / piece * piece, "whole pieces");
}

#[test]
fn input_that_waits_is_bounded() {
    let mut b = Bench::new();
    b.suffer("delay input 1h count=all");
    for _ in 0..MAX_HELD_INPUT {
        b.send(b"AT\r");
    }
    b.run_for(seconds(3601));
    let said: usize = b.heard().iter().map(|said| said.bytes.len()).sum();
    assert_eq!(said, MAX_HELD_INPUT / 3 * 6);
}

#[test]
fn the_oldest_fault_makes_room() {
    let mut b = Bench::new();
    b.suffer("silence");
    for _ in 0..MAX_ACTIVE {
        b.suffer("drop urc in=1h");
    }
    assert_eq!(b.faults().active().count(), MAX_ACTIVE);
    assert_eq!(b.at("AT"), "\r\nOK\r\n", "silence is gone");
}

#[test]
fn a_stalled_flood_stops_the_network_from_reading() {
    let mut b = Bench::connected();
    b.subscribe();
    b.suffer("stall to-module for=1h");
    // More than may wait, were the network not told to stop.
    for _ in 0..12_000 {
        b.broker_publishes(&[b'x'; 100], 0);
        b.run_for(seconds(1) / 1000);
    }
    assert_eq!(b.heard_text(), "");
    assert_eq!(b.open_links().len(), 1, "it is not reset");
    b.clear_faults();
    let said = b.within(seconds(10));
    assert!(said.matches("+QMTRECV").count() > 500);
}

#[test]
fn a_network_that_goes_on_reading_costs_the_connection() {
    let module = find_module("quectel-ec25").expect("exists");
    let mut faulty = Faulty::new(Modem::new(Config::new(module)), 0);
    let now = Instant::ZERO + seconds(30);
    faulty.handle(Instant::ZERO, Input::Radio(RadioEvent::PowerOn));
    faulty.handle_timeout(now);
    faulty.handle(now, Input::Serial(b"AT+QMTOPEN=0,\"h\",1883\r"));
    let outputs: Vec<Output> = std::iter::from_fn(|| faulty.poll_output()).collect();
    let link = outputs.iter().find_map(|output| match output {
        Output::Network { link, .. } => Some(*link),
        _ => None,
    });
    let link = link.expect("it opens");
    let mut network = |event| faulty.handle(now, Input::Network { link, event });
    network(NetEvent::Opened);
    faulty.inject(now, "stall to-module".parse().expect("valid"));
    while faulty.poll_output().is_some() {}
    let chunk = [0x30; 64 * 1024];
    let (mut aborted, mut paused) = (0, 0);
    for _ in 0..40 {
        let event = NetEvent::Received(&chunk);
        faulty.handle(now, Input::Network { link, event });
        while let Some(output) = faulty.poll_output() {
            let is = |command| usize::from(output == Output::Network { link, command });
            aborted += is(NetCommand::Abort);
            paused += is(NetCommand::Pause);
        }
    }
    assert_eq!((paused, aborted), (1, 1));
}
