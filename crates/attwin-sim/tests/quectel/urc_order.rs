//! Where one output ends and the next begins, and what happens when more URCs wait
//! than the module keeps; a scenario sees neither pieces nor the broker's queue
//! (docs/spec/quectel.md 2.1, 2.8).

use attwin_core::{HostEvent, RadioEvent};
use attwin_sim::broker::BrokerEvent;

use super::bench::{Bench, millis, seconds};

const X: &str = "\r\n+QMTRECV: 0,0,\"t\",\"x\"\r\n";

/// 2.1: the wire shows `OK\r\n\r\n+QMT…`, in two outputs, so that a driver
/// that writes them apart can.
#[test]
fn ok_and_urc_are_separate_outputs() {
    let mut b = Bench::new();
    b.open(0);
    b.line(r#"AT+QMTOPEN=0,"broker.example",1883"#);
    let said: Vec<_> = b.heard().into_iter().map(|said| said.bytes).collect();
    assert_eq!(said, [&b"\r\nOK\r\n"[..], b"\r\n+QMTOPEN: 0,2\r\n"]);
}

const MESSAGES: usize = 300;

/// A bench in data entry, with far more messages on the way than the module
/// keeps.
fn congested() -> Bench {
    let mut b = Bench::connected();
    b.subscribe(0, "t", 1);
    b.line(r#"AT+QMTPUBEX=0,0,0,0,"u",1"#);
    assert_eq!(b.within(millis(10)), "\r\n> ");
    for n in 0..MESSAGES {
        b.broker_publishes("t", format!("{n:01000}").as_bytes(), 1);
    }
    b.run_for(seconds(10));
    assert_eq!(b.heard_text(), "");
    b
}

fn delivered(b: &Bench) -> usize {
    let delivered = |event: &&BrokerEvent| matches!(event, BrokerEvent::Delivered { .. });
    b.broker_events().iter().filter(delivered).count()
}

/// What waits for the host is bounded: beyond 64 KiB the network waits, and
/// nothing that was acknowledged is lost.
#[test]
fn congestion_pauses_the_network() {
    let mut b = congested();
    let acknowledged = delivered(&b);
    assert!((60..90).contains(&acknowledged), "{acknowledged}");
    let unsent = b.operate(|broker, _| broker.usage().unsent_bytes);
    assert!(unsent > 0, "the network does not take more");
    b.send(b"x");
    let heard = b.within(seconds(10));
    assert!(heard.starts_with("\r\nOK\r\n\r\n+QMTRECV: 0,1,"));
    let payloads: Vec<usize> = heard
        .split("\r\n")
        .filter(|line| line.starts_with("+QMTRECV"))
        .filter_map(|line| line.rsplit('"').nth(1)?.parse().ok())
        .collect();
    assert_eq!(payloads, (0..MESSAGES).collect::<Vec<_>>());
    assert_eq!(delivered(&b), MESSAGES);
    assert!(heard.contains("\r\n+QMTPUBEX: 0,0,0\r\n"));
}

/// The host that goes away ends the congestion as well.
#[test]
fn a_host_that_leaves_ends_congestion() {
    let mut b = congested();
    b.host(HostEvent::Detached);
    b.run_for(seconds(10));
    assert_eq!(delivered(&b), MESSAGES);
}

/// So does a restart: the next connection is read from.
#[test]
fn a_restart_ends_congestion() {
    for restart in [
        &[RadioEvent::Reboot][..],
        &[RadioEvent::PowerCut, RadioEvent::PowerOn],
    ] {
        let mut b = congested();
        for event in restart {
            b.radio(event.clone());
        }
        b.run_for(seconds(20));
        b.at("ATE0");
        b.heard();
        b.connect(0);
        b.subscribe(0, "t", 0);
        b.broker_publishes("t", b"x", 0);
        b.then(X);
    }
}

/// A connection opened during congestion is read from once it is over.
#[test]
fn closing_the_crowded_client_leaves_the_others_readable() {
    let mut b = congested();
    b.send(b"x");
    b.within(seconds(10));
    b.accepted("AT+QMTCLOSE=0");
    b.connect(1);
    b.subscribe(1, "t", 0);
    b.broker_publishes("t", b"x", 0);
    b.then("\r\n+QMTRECV: 1,0,\"t\",\"x\"\r\n");
}
