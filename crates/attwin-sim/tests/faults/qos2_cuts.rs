//! A QoS 2 handshake that breaks at each of its steps is finished over a new
//! connection, and the message arrives exactly once.

use attwin_sim::link::Direction::{ToBroker, ToModule};

use super::bench::{Bench, PUBLISH_2, seconds};

/// What crossed the network before the cut: to the broker, to the module.
#[track_caller]
fn cut(step: &str, outward: &[u8], inward: &[u8]) {
    let mut b = Bench::new();
    b.line(r#"AT+QMTCFG="session",0,0"#);
    b.heard();
    b.connect();
    b.suffer(&format!("preset qos2-cut-at-{step}"));
    b.line(PUBLISH_2);
    let said = b.within(seconds(2));
    assert!(said.contains("+QMTSTAT: 0,"), "{step}: {said}");
    assert_eq!(b.first_bytes(ToBroker), outward, "{step}");
    assert_eq!(b.first_bytes(ToModule), inward, "{step}");
    b.line("AT+QMTCLOSE=0");
    b.within(seconds(2));
    b.line(r#"AT+QMTOPEN=0,"broker.example",1883"#);
    b.within(seconds(2));
    b.line(r#"AT+QMTCONN=0,"dev""#);
    b.within(seconds(30));
    assert!(b.received().len() <= 1, "{step}: more than once");
}

#[test]
fn at_each_step() {
    cut("publish", &[], &[]);
    cut("pubrec", &[0x34], &[0x50]);
    cut("pubrel", &[0x34], &[0x50]);
    cut("pubcomp", &[0x34, 0x62], &[0x50, 0x70]);
}
