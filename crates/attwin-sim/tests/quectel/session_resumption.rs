//! What survives a connection with clean session 0 (MQTT 3.1.1 section 4.4;
//! docs/spec/quectel.md 6.7 for what the host sees of it).

use attwin_core::mqtt::packet::PacketType;
use attwin_core::{CloseReason, RadioEvent};
use attwin_sim::link::Direction::{ToBroker, ToModule};

use super::bench::{Bench, message, millis, seconds};

const PERSISTENT: &str = r#"AT+QMTCFG="session",0,0"#;
const VERSION_4: &str = r#"AT+QMTCFG="version",0,4"#;

/// Connects client 0 again; the lines before `OK` and result are the caller's.
fn reconnect(b: &mut Bench, client_id: &str) -> Vec<u8> {
    b.lose_nothing();
    b.open(0);
    b.packets.clear();
    b.ok(&format!(r#"AT+QMTCONN=0,"{client_id}""#));
    b.then("\r\n+QMTCONN: 0,0,0\r\n");
    b.wire(ToBroker).iter().map(|bytes| bytes[0]).collect()
}

/// A bench that lost its link with these publishes unacknowledged.
fn interrupted(settings: &[&str], lost: PacketType, commands: &[&str]) -> Bench {
    let mut b = Bench::configured(settings);
    b.lose(ToModule, lost);
    for command in commands {
        b.ok(command);
    }
    b.run_for(millis(100));
    assert_eq!(b.heard_text(), "");
    b.cut(CloseReason::Reset);
    b.then("\r\n+QMTSTAT: 0,1\r\n");
    b
}

const QOS_1: &str = r#"AT+QMTPUBEX=0,7,1,0,"t","one""#;
const QOS_2: &str = r#"AT+QMTPUBEX=0,8,2,0,"t","two""#;

#[test]
fn unacknowledged_publishes_go_on_silently() {
    for version in [VERSION_4, r#"AT+QMTCFG="version",0,3"#] {
        let mut b = interrupted(&[PERSISTENT, version], PacketType::Puback, &[QOS_1]);
        assert_eq!(reconnect(&mut b, "dev-0"), [0x10, 0x3a], "CONNECT, PUBLISH");
        assert_eq!(b.within(seconds(60)), "");
        assert_eq!(b.received().len(), 2, "at least once");
    }
}

#[test]
fn a_publish_of_qos_2_goes_on_where_it_was() {
    let mut b = interrupted(&[PERSISTENT, VERSION_4], PacketType::Pubrec, &[QOS_2]);
    assert_eq!(reconnect(&mut b, "dev-0"), [0x10, 0x3c, 0x62]);
    assert_eq!(b.within(seconds(60)), "");
    assert_eq!(b.received().len(), 1, "exactly once");

    let mut b = interrupted(&[PERSISTENT, VERSION_4], PacketType::Pubcomp, &[QOS_2]);
    assert_eq!(reconnect(&mut b, "dev-0"), [0x10, 0x62]);
    assert_eq!(b.within(seconds(60)), "");
    assert_eq!(b.received().len(), 1, "exactly once");
}

/// In the order in which they were first sent (MQTT 3.1.1 section 4.6).
#[test]
fn publishes_keep_their_order() {
    let mut b = Bench::configured(&[PERSISTENT, VERSION_4]);
    b.deafen_broker();
    b.ok(QOS_1);
    b.ok(QOS_2);
    b.ok(r#"AT+QMTPUBEX=0,9,1,0,"t","three""#);
    b.run_for(millis(100));
    b.cut(CloseReason::Reset);
    b.then("\r\n+QMTSTAT: 0,1\r\n");
    reconnect(&mut b, "dev-0");
    let payloads: Vec<_> = b.received().into_iter().map(|(_, p)| p).collect();
    assert_eq!(payloads, [&b"one"[..], b"two", b"three"]);
}

/// SUBSCRIBE is no session state.
#[test]
fn subscribing_does_not_go_on() {
    let subscribe = r#"AT+QMTSUB=0,7,"t",1"#;
    let mut b = interrupted(&[PERSISTENT, VERSION_4], PacketType::Suback, &[subscribe]);
    assert_eq!(reconnect(&mut b, "dev-0"), [0x10]);
    assert_eq!(b.within(seconds(60)), "");
}

/// What goes on still takes its identifier and its place in the window.
#[test]
fn what_goes_on_counts() {
    let mut b = Bench::configured(&[PERSISTENT, VERSION_4]);
    b.lose(ToModule, PacketType::Puback);
    for id in 1..=5 {
        b.ok(&format!(r#"AT+QMTPUBEX=0,{id},1,0,"t","x""#));
    }
    b.run_for(millis(100));
    b.cut(CloseReason::Reset);
    b.within(seconds(1));
    b.open(0);
    b.ok(r#"AT+QMTCONN=0,"dev-0""#);
    b.then("\r\n+QMTCONN: 0,0,0\r\n");
    b.error(r#"AT+QMTPUBEX=0,9,1,0,"t","x""#);
    b.expect(r#"AT+QMTSUB=0,5,"t",1"#, "\r\nOK\r\n\r\n+QMTSUB: 0,5,2\r\n");
    // Its budget starts anew, and its end is silent.
    assert_eq!(b.within(seconds(60)), "");
    b.lose_nothing();
    b.ok(r#"AT+QMTPUBEX=0,5,1,0,"t","x""#);
    b.then("\r\n+QMTPUBEX: 0,5,0\r\n");
}

/// What was given up (result 2) does not come again.
#[test]
fn what_was_given_up_does_not_go_on() {
    let mut b = Bench::configured(&[PERSISTENT, VERSION_4, r#"AT+QMTCFG="timeout",0,1,0,0"#]);
    b.lose(ToModule, PacketType::Puback);
    b.ok(QOS_1);
    assert_eq!(b.within(seconds(2)), "\r\n+QMTPUBEX: 0,7,2\r\n");
    b.cut(CloseReason::Reset);
    b.then("\r\n+QMTSTAT: 0,1\r\n");
    assert_eq!(reconnect(&mut b, "dev-0"), [0x10]);
}

#[test]
fn disconnecting_and_closing_keep_the_session() {
    for end in ["AT+QMTDISC=0", "AT+QMTCLOSE=0"] {
        let mut b = Bench::configured(&[PERSISTENT, VERSION_4]);
        b.lose(ToModule, PacketType::Puback);
        b.ok(QOS_1);
        b.run_for(millis(100));
        b.accepted(end);
        b.within(seconds(1));
        assert_eq!(reconnect(&mut b, "dev-0"), [0x10, 0x3a], "{end}");
    }
}

#[test]
fn clean_session_forgets() {
    // From the start.
    let mut b = interrupted(&[VERSION_4], PacketType::Puback, &[QOS_1]);
    assert_eq!(reconnect(&mut b, "dev-0"), [0x10]);
    // Later.
    let mut b = interrupted(&[PERSISTENT, VERSION_4], PacketType::Puback, &[QOS_1]);
    b.ok(r#"AT+QMTCFG="session",0,1"#);
    assert_eq!(reconnect(&mut b, "dev-0"), [0x10]);
}

#[test]
fn another_client_identifier_forgets() {
    let mut b = interrupted(&[PERSISTENT, VERSION_4], PacketType::Puback, &[QOS_1]);
    assert_eq!(reconnect(&mut b, "other"), [0x10]);
    b.accepted("AT+QMTCLOSE=0");
    assert_eq!(reconnect(&mut b, "dev-0"), [0x10]);
}

/// A session belongs to one server (MQTT 3.1.1 section 4.1): another must not
/// be sent what was meant for the first.
#[test]
fn another_server_forgets() {
    for open in [
        r#"AT+QMTOPEN=0,"other.example",1883"#,
        r#"AT+QMTOPEN=0,"broker.example",1884"#,
    ] {
        let mut b = interrupted(&[PERSISTENT, VERSION_4], PacketType::Puback, &[QOS_1]);
        b.lose_nothing();
        b.ok(open);
        b.then("\r\n+QMTOPEN: 0,0\r\n");
        b.packets.clear();
        b.ok(r#"AT+QMTCONN=0,"dev-0""#);
        b.then("\r\n+QMTCONN: 0,0,0\r\n");
        assert_eq!(b.packets(ToBroker).len(), 1, "CONNECT only: {open}");
    }
}

/// The session is in RAM.
#[test]
fn a_restart_forgets() {
    let mut b = interrupted(&[PERSISTENT, VERSION_4], PacketType::Puback, &[QOS_1]);
    b.radio(RadioEvent::Reboot);
    b.run_for(seconds(20));
    b.at("ATE0");
    b.ok(PERSISTENT);
    b.ok(VERSION_4);
    b.heard();
    assert_eq!(reconnect(&mut b, "dev-0").len(), 1);
}

/// Client `dev-0`, subscribed persistently, that lost its link after PUBREC.
fn receiving() -> Bench {
    let mut b = Bench::configured(&[PERSISTENT, VERSION_4]);
    b.subscribe(0, "t", 2);
    b.lose(ToModule, PacketType::Pubrel);
    b.broker_publishes("t", b"two", 2);
    b.run_for(millis(100));
    assert_eq!(b.heard_text(), "");
    b.cut(CloseReason::Reset);
    b.then("\r\n+QMTSTAT: 0,1\r\n");
    b
}

/// PUBREC sent, PUBREL lost with the link: the message is shown once.
#[test]
fn a_received_message_of_qos_2_is_shown_exactly_once() {
    let mut b = receiving();
    b.lose_nothing();
    b.open(0);
    b.ok(r#"AT+QMTCONN=0,"dev-0""#);
    b.then("\r\n+QMTCONN: 0,0,0\r\n\r\n+QMTRECV: 0,1,\"t\",\"two\"\r\n");
    assert_eq!(b.within(seconds(60)), "");
}

/// PUBREC lost with the link: PUBLISH comes again and is shown once.
#[test]
fn a_doubled_message_of_qos_2_is_shown_exactly_once() {
    let mut b = Bench::configured(&[PERSISTENT, VERSION_4]);
    b.subscribe(0, "t", 2);
    b.lose(ToBroker, PacketType::Pubrec);
    b.broker_publishes("t", b"two", 2);
    b.run_for(millis(100));
    b.cut(CloseReason::Reset);
    b.then("\r\n+QMTSTAT: 0,1\r\n");
    b.lose_nothing();
    b.open(0);
    b.ok(r#"AT+QMTCONN=0,"dev-0""#);
    b.then("\r\n+QMTCONN: 0,0,0\r\n\r\n+QMTRECV: 0,1,\"t\",\"two\"\r\n");
    assert_eq!(b.within(seconds(60)), "");
}

/// PUBCOMP lost with the link: PUBREL comes again and shows nothing.
#[test]
fn a_shown_message_of_qos_2_is_not_shown_again() {
    let mut b = Bench::configured(&[PERSISTENT, VERSION_4]);
    b.subscribe(0, "t", 2);
    b.lose(ToBroker, PacketType::Pubcomp);
    b.broker_publishes("t", b"two", 2);
    b.then("\r\n+QMTRECV: 0,1,\"t\",\"two\"\r\n");
    b.cut(CloseReason::Reset);
    b.then("\r\n+QMTSTAT: 0,1\r\n");
    assert_eq!(reconnect(&mut b, "dev-0"), [0x10, 0x70], "PUBCOMP");
}

/// A server that lost the session numbers anew: an old identifier is a new
/// message.
#[test]
fn a_server_without_memory_is_believed() {
    let mut b = receiving();
    b.operate(|broker, now| broker.restart(now, false));
    b.lose_nothing();
    b.open(0);
    b.ok(r#"AT+QMTCONN=0,"dev-0""#);
    b.then("\r\n+QMTCONN: 0,0,0\r\n");
    b.subscribe(0, "t", 2);
    b.broker_publishes("t", b"new", 2);
    b.then("\r\n+QMTRECV: 0,1,\"t\",\"new\"\r\n");
}

/// Messages of QoS 1 that waited for the client arrive after the result.
#[test]
fn messages_wait_at_the_broker() {
    let mut b = Bench::configured(&[PERSISTENT, VERSION_4]);
    b.subscribe(0, "t", 1);
    b.at("AT+QMTDISC=0");
    b.within(seconds(1));
    b.operate(|broker, now| broker.publish(now, message("t", b"late", 1, false)));
    b.open(0);
    b.ok(r#"AT+QMTCONN=0,"dev-0""#);
    b.then("\r\n+QMTCONN: 0,0,0\r\n\r\n+QMTRECV: 0,1,\"t\",\"late\"\r\n");
}
