//! The network below MQTT.

use attwin_core::NetError;
use attwin_sim::link::Direction::ToBroker;
use attwin_sim::link::Opening;

use super::bench::{Bench, PUBLISH_1, millis, seconds};

const OPEN: &str = r#"AT+QMTOPEN=0,"broker.example",1883"#;

/// What opening leads to under a fault, and under the network's own failure of
/// that kind.
#[track_caller]
fn fails_like(fault: &str, error: NetError) {
    let mut b = Bench::new();
    b.suffer(fault);
    b.line(OPEN);
    let faulty = b.within(seconds(200));
    assert!(b.open_links().is_empty(), "the network was never asked");
    let mut real = Bench::new();
    real.network.opening = Opening::Fails(error);
    real.line(OPEN);
    assert_eq!(faulty, real.within(seconds(200)), "{fault}");
    assert!(faulty.contains("+QMTOPEN: 0,"), "{faulty}");
    b.open();
}

#[test]
fn connecting_fails() {
    fails_like("dns-failure", NetError::Dns);
    fails_like("refused", NetError::Refused);
    fails_like("unreachable", NetError::Unreachable);
    fails_like("timeout", NetError::TimedOut);
}

#[test]
fn a_failure_takes_the_time_it_is_told() {
    let mut b = Bench::new();
    b.suffer("dns-failure 60s");
    b.line(OPEN);
    let said = b.timeline(seconds(100));
    assert_eq!(said[1].0, 60_000, "{said:?}");
}

#[test]
fn name_resolution_fails_alone() {
    let mut b = Bench::new();
    b.line("AT+QIACT=1");
    b.within(seconds(5));
    b.suffer("refused");
    b.line(r#"AT+QIDNSGIP=1,"broker.example""#);
    let fine = b.within(seconds(100));
    assert!(fine.contains("192.0.2.1"), "{fine}");
    b.suffer("dns-failure");
    b.line(r#"AT+QIDNSGIP=1,"broker.example""#);
    let failed = b.within(seconds(100));
    assert!(!failed.contains("192.0.2.1"), "{failed}");
}

#[test]
fn a_handshake_fails_only_where_there_is_one() {
    let mut b = Bench::new();
    b.suffer("tls-failure");
    b.open();
    b.line("AT+QMTCLOSE=0");
    b.within(seconds(1));
    b.line(r#"AT+QMTCFG="ssl",0,1,2"#);
    assert_eq!(b.within(millis(10)), "\r\nOK\r\n");
    b.line(OPEN);
    let said = b.within(seconds(100));
    assert!(
        said.contains("+QMTOPEN: 0,") && !said.contains("+QMTOPEN: 0,0"),
        "{said}"
    );
}

#[test]
fn the_broker_closes() {
    let mut b = Bench::connected();
    b.suffer("close");
    assert_eq!(b.within(seconds(1)), "\r\n+QMTSTAT: 0,1\r\n");
    assert!(b.open_links().is_empty());
}

#[test]
fn the_connection_is_reset() {
    let mut b = Bench::connected();
    b.suffer("reset");
    assert_eq!(b.within(seconds(1)), "\r\n+QMTSTAT: 0,1\r\n");
    assert!(b.open_links().is_empty());
}

#[test]
fn the_connection_is_given_up_as_dead() {
    let mut b = Bench::connected();
    b.suffer("lost");
    assert_eq!(b.within(seconds(1)), "\r\n+QMTSTAT: 0,7\r\n");
    assert!(b.open_links().is_empty());
}

#[test]
fn the_end_comes_after_a_packet() {
    let mut b = Bench::connected();
    b.suffer("close after publish");
    b.line(PUBLISH_1);
    let said = b.within(seconds(1));
    assert!(said.contains("+QMTSTAT: 0,1"), "{said}");
    assert_eq!(b.first_bytes(ToBroker), [0x32]);
    assert_eq!(b.received().len(), 1, "the packet itself arrived");
}

#[test]
fn the_end_comes_before_a_packet() {
    let mut b = Bench::connected();
    b.suffer("reset before publish");
    b.line(PUBLISH_1);
    let said = b.within(seconds(1));
    assert!(said.contains("+QMTSTAT: 0,"), "{said}");
    assert_eq!(b.first_bytes(ToBroker), [0u8; 0], "it was never sent");
}

#[test]
fn a_forgotten_connection_swallows_both_ways() {
    let mut b = Bench::connected();
    b.subscribe();
    b.suffer("half-open");
    b.line(r#"AT+QMTPUBEX=0,0,0,0,"t","x""#);
    assert!(
        b.within(seconds(1)).contains("+QMTPUB: 0,0,0"),
        "the module notices nothing"
    );
    assert_eq!(b.first_bytes(ToBroker), [0u8; 0]);
    b.broker_publishes(b"m", 0);
    assert_eq!(b.within(seconds(1)), "");
    let said = b.within(seconds(400));
    assert!(
        said.contains("+QMTSTAT: 0,"),
        "until it misses an answer: {said}"
    );
}

#[test]
fn a_new_connection_is_not_forgotten() {
    let mut b = Bench::connected();
    b.suffer("half-open");
    b.line("AT+QMTCLOSE=0");
    b.within(seconds(40));
    b.connect();
    b.line(PUBLISH_1);
    assert!(b.within(seconds(1)).contains("+QMTPUB: 0,7,0"));
}

#[test]
fn a_stall_holds_bytes_and_lets_them_go() {
    let mut b = Bench::connected();
    b.suffer("stall for=3s");
    b.line(r#"AT+QMTPUBEX=0,0,0,0,"t","x""#);
    let said = b.timeline(seconds(5));
    assert_eq!(said[0].0, 0);
    assert_eq!(said[1], (3000, "\r\n+QMTPUB: 0,0,0\r\n".to_owned()));
    assert_eq!(b.received().len(), 1);
}

#[test]
fn the_other_direction_stalls() {
    let mut b = Bench::connected();
    b.suffer("stall to-module for=3s");
    b.line(PUBLISH_1);
    let said = b.timeline(seconds(5));
    assert_eq!(b.received().len(), 1);
    assert_eq!(said[1], (3000, "\r\n+QMTPUB: 0,7,0\r\n".to_owned()));
}

#[test]
fn a_stall_ends_when_it_is_cleared() {
    let mut b = Bench::connected();
    b.suffer("stall");
    b.line(PUBLISH_1);
    b.within(seconds(3));
    b.clear_faults();
    assert_eq!(b.within(seconds(1)), "\r\n+QMTPUB: 0,7,0\r\n");
    assert_eq!(b.faults().active().count(), 0);
}

#[test]
fn latency_is_paid_each_way() {
    for (fault, ms) in [
        ("latency 400ms", 802),
        ("latency 400ms to-broker", 402),
        ("latency 400ms to-module", 402),
    ] {
        let mut b = Bench::connected();
        b.suffer(fault);
        b.line(PUBLISH_1);
        let said = b.timeline(seconds(5));
        assert_eq!(
            said[1],
            (ms, "\r\n+QMTPUB: 0,7,0\r\n".to_owned()),
            "{fault}"
        );
    }
}

#[test]
fn bandwidth_is_shared_by_what_follows() {
    let mut b = Bench::connected();
    b.subscribe();
    // A packet of 10 bytes takes a second.
    b.suffer("bandwidth 80 to-module");
    b.broker_publishes(b"11", 0);
    b.broker_publishes(b"22", 0);
    let times: Vec<u64> = b.timeline(seconds(5)).iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [1001, 2001]);
}

#[test]
fn closing_waits_for_what_is_still_on_its_way() {
    let mut b = Bench::connected();
    b.suffer("bandwidth 80 to-broker");
    b.line(r#"AT+QMTPUBEX=0,0,0,0,"t","12345678901234567890""#);
    b.line("AT+QMTCLOSE=0");
    b.within(seconds(60));
    assert_eq!(b.received().len(), 1);
    assert!(b.open_links().is_empty());
}

#[test]
fn nothing_overtakes_when_latency_ends() {
    let mut b = Bench::connected();
    b.subscribe();
    b.suffer("latency 2s to-module for=1s");
    b.broker_publishes(b"1", 0);
    b.run_for(seconds(1));
    b.broker_publishes(b"2", 0);
    let said = b.timeline(seconds(5));
    assert_eq!(
        said.iter().map(|(at, _)| *at).collect::<Vec<_>>(),
        [1001, 1001]
    );
    assert!(
        said[0].1.contains("\"1\"") && said[1].1.contains("\"2\""),
        "{said:?}"
    );
}
