//! When PINGREQ is sent, to the millisecond; a scenario sees only what comes of it
//! (docs/spec/quectel.md 7.5).

use attwin_core::mqtt::packet::PacketType;
use attwin_sim::link::Direction::{ToBroker, ToModule};

use super::bench::{Bench, millis, seconds};

const PINGREQ: u8 = 0xc0;
const FAILURE: &str = "\r\n+QMTPING: 0,1\r\n\r\n+QMTSTAT: 0,2\r\n";

/// Client 0 connected with this keep-alive and heartbeat, at CONNECT's time.
fn connected(keep_alive: u16, ping: u8) -> (Bench, attwin_core::Instant) {
    let mut b = Bench::new();
    b.ok(&format!(r#"AT+QMTCFG="keepalive",0,{keep_alive}"#));
    b.ok(&format!(r#"AT+QMTCFG="qmtping",0,{ping}"#));
    b.open(0);
    b.take_packets();
    let start = b.now();
    b.ok(r#"AT+QMTCONN=0,"dev-0""#);
    b.then("\r\n+QMTCONN: 0,0,0\r\n");
    b.take_packets();
    (b, start)
}

/// When the module sent PINGREQ since `start`, in milliseconds.
fn pings(b: &mut Bench, start: attwin_core::Instant) -> Vec<u64> {
    b.first_bytes(ToBroker, start)
        .into_iter()
        .filter(|&(_, first)| first == PINGREQ)
        .map(|(at, _)| at)
        .collect()
}

/// The example of the specification, to the second.
#[test]
fn default_settings_fail_after_one_and_a_half_keep_alives() {
    let (mut b, start) = connected(120, 5);
    b.network.half_open = true;
    b.run_for(seconds(180) - millis(251));
    assert_eq!(b.heard_text(), "");
    b.run_for(millis(1));
    assert_eq!(b.heard_text(), FAILURE);
    let expected: Vec<u64> = (120..180).step_by(5).map(|s| s * 1000).collect();
    assert_eq!(pings(&mut b, start), expected);
    b.run_for(seconds(1000));
    assert_eq!(b.heard_text(), "");
    assert!(pings(&mut b, start).is_empty());
    b.error("AT+QMTCLOSE=0");
}

#[test]
fn a_healthy_idle_link_is_pinged_once_per_keep_alive() {
    let (mut b, start) = connected(30, 5);
    b.run_for(seconds(100));
    assert_eq!(pings(&mut b, start), [30_000, 60_000, 90_000]);
    assert_eq!(b.heard_text(), "");
}

#[test]
fn sending_postpones_the_ping_and_receiving_does_not() {
    let (mut b, start) = connected(30, 5);
    b.run_for(seconds(10) - millis(250));
    b.ok(r#"AT+QMTSUB=0,1,"t",0"#);
    b.run_for(seconds(10));
    b.broker_publishes("t", b"x", 0);
    b.run_for(seconds(25));
    assert_eq!(pings(&mut b, start), [40_000]);
}

/// Acknowledging a message is sending.
#[test]
fn an_acknowledgement_postpones_the_ping() {
    let (mut b, start) = connected(30, 5);
    b.ok(r#"AT+QMTSUB=0,1,"t",1"#);
    b.run_for(seconds(20) - millis(250));
    b.broker_publishes("t", b"x", 1);
    b.run_for(seconds(40));
    assert_eq!(pings(&mut b, start), [50_001]);
}

#[test]
fn any_packet_answers() {
    let (mut b, start) = connected(30, 5);
    b.lose(ToModule, PacketType::Pingresp);
    // PINGREQs at 30, 35; a message at 37 is the answer.
    b.run_for(seconds(37) - millis(250));
    b.inject(&[0x30, 4, 0, 1, b't', b'x']);
    b.run_for(seconds(23));
    assert_eq!(pings(&mut b, start), [30_000, 35_000]);
    b.run_for(seconds(5));
    assert_eq!(
        pings(&mut b, start),
        [65_000],
        "a keep-alive after the last PINGREQ"
    );
}

/// The pattern repeats after an answered PINGREQ.
#[test]
fn a_link_that_dies_later_gets_the_same_patience() {
    let (mut b, start) = connected(120, 5);
    b.run_for(seconds(130));
    assert_eq!(pings(&mut b, start), [120_000]);
    b.network.half_open = true;
    assert!(b.run_until_said(b"+QMTSTAT", seconds(1000)));
    assert_eq!(b.now().since(start), seconds(300));
    assert_eq!(b.heard_text(), FAILURE);
    let expected: Vec<u64> = (240..300).step_by(5).map(|s| s * 1000).collect();
    assert_eq!(pings(&mut b, start), expected);
}

#[test]
fn other_heartbeats() {
    // (keep-alive, qmtping, PINGREQs, failure), seconds after CONNECT: after
    // 1.5 keep-alives, and at least one heartbeat after the first PINGREQ.
    let cases: [(u16, u8, &[u64], u64); 4] = [
        (60, 20, &[60, 80], 90),
        (100, 10, &[100, 110, 120, 130, 140], 150),
        (10, 60, &[10], 70),
        (5, 5, &[5], 10),
    ];
    for (keep_alive, ping, expected, failure) in cases {
        let (mut b, start) = connected(keep_alive, ping);
        b.network.half_open = true;
        assert!(b.run_until_said(b"+QMTSTAT", seconds(1000)));
        assert_eq!(b.heard_text(), FAILURE);
        assert_eq!(b.now().since(start), seconds(failure), "{keep_alive}");
        let expected: Vec<u64> = expected.iter().map(|s| s * 1000).collect();
        assert_eq!(pings(&mut b, start), expected, "{keep_alive}");
    }
}
