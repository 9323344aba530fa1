//! Six clients at once, none of which knows of the others
//! (docs/spec/quectel.md section 3).

use attwin_core::mqtt::packet::PacketType;
use attwin_sim::link::Direction::ToModule;

use super::bench::{Bench, seconds};

fn six() -> Bench {
    let mut b = Bench::new();
    for i in 0..6 {
        // No two alike.
        b.ok(&format!(r#"AT+QMTCFG="version",{i},{}"#, 3 + i % 2));
        b.ok(&format!(r#"AT+QMTCFG="timeout",{i},{},1,1"#, i + 1));
        b.ok(&format!(r#"AT+QMTCFG="recv/mode",{i},{},{}"#, i / 3, i % 2));
        b.connect(i);
    }
    b
}

#[test]
fn all_are_listed_in_order() {
    let mut b = six();
    let opened: String = (0..6)
        .map(|i| format!("+QMTOPEN: {i},\"broker.example\",1883\r\n"))
        .collect();
    b.expect("AT+QMTOPEN?", &format!("\r\n{opened}\r\nOK\r\n"));
    let connected: String = (0..6).map(|i| format!("+QMTCONN: {i},3\r\n")).collect();
    b.expect("AT+QMTCONN?", &format!("\r\n{connected}\r\nOK\r\n"));
    b.error(r#"AT+QMTOPEN=6,"broker.example",1883"#);
}

#[test]
fn each_gets_its_own_messages_in_its_own_shape() {
    let mut b = six();
    for i in 0..6 {
        b.subscribe(i, &format!("dev/{i}"), 1);
    }
    for (i, shown) in [
        (0, "+QMTRECV: 0,1,\"dev/0\",\"x\""),
        (1, "+QMTRECV: 1,1,\"dev/1\",1,\"x\""),
        (2, "+QMTRECV: 2,1,\"dev/2\",\"x\""),
        (3, "+QMTRECV: 3,0"),
        (4, "+QMTRECV: 4,0"),
        (5, "+QMTRECV: 5,0"),
    ] {
        b.broker_publishes(&format!("dev/{i}"), b"x", 1);
        b.then(&format!("\r\n{shown}\r\n"));
    }
    b.expect(
        "AT+QMTRECV=3",
        "+QMTRECV: 3,1,\"dev/3\",1,\"x\"\r\n\r\nOK\r\n",
    );
    b.expect(
        "AT+QMTRECV=4",
        "+QMTRECV: 4,1,\"dev/4\",\"x\"\r\n\r\nOK\r\n",
    );
}

/// One identifier on all six, each with its own timers.
#[test]
fn identifiers_and_timers_are_their_own() {
    let mut b = six();
    b.lose(ToModule, PacketType::Puback);
    for i in 0..6 {
        b.ok(&format!(r#"AT+QMTPUBEX={i},7,1,0,"t","x""#));
    }
    let mut expected = Vec::new();
    for i in 0..6 {
        let timeout = (i + 1) * 1000;
        expected.push((timeout, format!("+QMTPUBEX: {i},7,1,1")));
        expected.push((2 * timeout, format!("+QMTPUBEX: {i},7,2")));
    }
    let mut heard = b.timeline(seconds(30));
    expected.sort();
    heard.sort();
    assert_eq!(heard, expected);
}

#[test]
fn windows_are_their_own() {
    let mut b = six();
    b.lose(ToModule, PacketType::Puback);
    for id in 1..=5 {
        b.ok(&format!(r#"AT+QMTPUBEX=5,{id},1,0,"t","x""#));
    }
    b.error(r#"AT+QMTPUBEX=5,6,1,0,"t","x""#);
    b.ok(r#"AT+QMTPUBEX=4,6,1,0,"t","x""#);
}

#[test]
fn one_that_leaves_does_not_take_others_along() {
    let mut b = six();
    b.ok("AT+QMTDISC=1");
    b.then("\r\n+QMTDISC: 1,0\r\n\r\n+QMTSTAT: 1,5\r\n");
    b.expect("AT+QMTCLOSE=2", "\r\nOK\r\n\r\n+QMTCLOSE: 2,0\r\n");
    b.operate(|broker, now| broker.disconnect(now, "dev-3"));
    b.then("\r\n+QMTSTAT: 3,1\r\n");
    // Newest link: that of client 5.
    b.inject(&[0xf0, 0]);
    assert_eq!(b.heard_text(), "\r\n+QMTSTAT: 5,8\r\n");
    b.expect(
        "AT+QMTCONN?",
        "\r\n+QMTCONN: 0,3\r\n+QMTCONN: 4,3\r\n\r\nOK\r\n",
    );
    for i in [0, 4] {
        b.ok(&format!(r#"AT+QMTPUBEX={i},7,2,0,"t","x""#));
        b.then(&format!("\r\n+QMTPUBEX: {i},7,0\r\n"));
    }
    for i in [1, 2, 3, 5] {
        b.connect(i);
    }
}

#[test]
fn a_lost_network_is_reported_in_ascending_order() {
    let mut b = six();
    b.cut(attwin_core::CloseReason::Reset);
    let expected: String = (0..6).map(|i| format!("\r\n+QMTSTAT: {i},1\r\n")).collect();
    b.then(&expected);
}

/// Everything a busy module does, at once: nothing is lost or mixed up.
#[test]
fn all_publish_and_receive_at_once() {
    let mut b = six();
    for i in 0..6 {
        b.subscribe(i, "all", 2);
    }
    for i in 0..6 {
        b.ok(&format!(r#"AT+QMTPUBEX={i},{},2,0,"all","{i}""#, i + 1));
    }
    let heard = b.within(seconds(1));
    assert_eq!(b.received().len(), 6);
    for i in 0..6 {
        assert!(heard.contains(&format!("\r\n+QMTPUBEX: {i},{},0\r\n", i + 1)));
    }
    for i in 0..3 {
        let shown = heard.matches(&format!("+QMTRECV: {i},")).count();
        assert_eq!(shown, 6, "client {i} shows all six");
    }
    for i in 3..6 {
        let stored = heard.matches(&format!("+QMTRECV: {i},")).count();
        assert_eq!(stored, 5, "client {i} has five slots");
    }
}
