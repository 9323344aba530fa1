//! Messages as URCs, `recv/mode` 0 (docs/spec/quectel.md 5.1, 5.6, 5.8).

use attwin_core::mqtt::packet::{self, Packet, PacketType, QoS};
use attwin_sim::link::Direction::ToBroker;

use super::bench::{Bench, millis, seconds};

const LENGTH: &str = r#"AT+QMTCFG="recv/mode",0,0,1"#;

fn publish(qos: QoS, id: u16, topic: &str, payload: &[u8]) -> Vec<u8> {
    packet::publish(false, qos, false, id, topic.as_bytes(), payload)
        .expect("fits")
        .to_vec()
}

/// What the module says about one message.
fn shown(length: bool, topic: &str, payload: &[u8]) -> Vec<u8> {
    let settings: &[&str] = if length { &[LENGTH] } else { &[] };
    let mut b = Bench::configured(settings);
    b.inject(&publish(QoS::Level0, 0, topic, payload));
    b.bytes_within(seconds(1))
}

#[test]
fn without_and_with_length() {
    assert_eq!(
        shown(false, "t/x", b"hello"),
        b"\r\n+QMTRECV: 0,0,\"t/x\",\"hello\"\r\n"
    );
    assert_eq!(
        shown(true, "t/x", b"hello"),
        b"\r\n+QMTRECV: 0,0,\"t/x\",5,\"hello\"\r\n"
    );
}

#[test]
fn an_empty_payload() {
    assert_eq!(shown(false, "t", b""), b"\r\n+QMTRECV: 0,0,\"t\",\"\"\r\n");
    assert_eq!(shown(true, "t", b""), b"\r\n+QMTRECV: 0,0,\"t\",0,\"\"\r\n");
}

#[test]
fn quotes_are_not_escaped() {
    assert_eq!(
        shown(true, "t", b"\"2022-10-27T22:00:00.000Z\""),
        b"\r\n+QMTRECV: 0,0,\"t\",26,\"\"2022-10-27T22:00:00.000Z\"\"\r\n"
    );
    assert_eq!(
        shown(false, "a\"b", b"\"\\\""),
        b"\r\n+QMTRECV: 0,0,\"a\"b\",\"\"\\\"\"\r\n"
    );
}

#[test]
fn line_ends_and_nul_are_raw() {
    assert_eq!(
        shown(false, "t", b"a\r\nOK\r\n\0\x1a\x1b\xff"),
        b"\r\n+QMTRECV: 0,0,\"t\",\"a\r\nOK\r\n\0\x1a\x1b\xff\"\r\n"
    );
}

#[test]
fn every_byte_value_is_raw() {
    let payload: Vec<u8> = (0..=255).collect();
    let mut expected = b"\r\n+QMTRECV: 0,0,\"t\",256,\"".to_vec();
    expected.extend_from_slice(&payload);
    expected.extend_from_slice(b"\"\r\n");
    assert_eq!(shown(true, "t", &payload), expected);
}

/// The length counts bytes, not characters.
#[test]
fn length_counts_bytes() {
    assert_eq!(
        shown(true, "ü", "日本".as_bytes()),
        "\r\n+QMTRECV: 0,0,\"ü\",6,\"日本\"\r\n".as_bytes()
    );
}

#[test]
fn identifiers_of_qos_1_and_2_and_none_of_qos_0() {
    let mut b = Bench::connected();
    b.subscribe(0, "t", 2);
    b.packets.clear();
    b.broker_publishes("t", b"zero", 0);
    b.then("\r\n+QMTRECV: 0,0,\"t\",\"zero\"\r\n");
    b.broker_publishes("t", b"one", 1);
    b.then("\r\n+QMTRECV: 0,1,\"t\",\"one\"\r\n");
    b.broker_publishes("t", b"two", 2);
    b.then("\r\n+QMTRECV: 0,2,\"t\",\"two\"\r\n");
    let answers: Vec<_> = b.packets(ToBroker).iter().map(Packet::get_type).collect();
    assert_eq!(
        answers,
        [PacketType::Puback, PacketType::Pubrec, PacketType::Pubcomp]
    );
}

#[test]
fn the_greatest_identifier() {
    let mut b = Bench::connected();
    b.inject(&publish(QoS::Level1, 65_535, "t", b"x"));
    b.then("\r\n+QMTRECV: 0,65535,\"t\",\"x\"\r\n");
}

/// 5.6: PUBREC at once, the message on PUBREL, then PUBCOMP.
#[test]
fn qos_2_is_shown_on_release() {
    let mut b = Bench::connected();
    b.deafen_broker();
    b.packets.clear();
    b.inject(&publish(QoS::Level2, 9, "t", b"x"));
    assert_eq!(b.within(seconds(2)), "");
    assert_eq!(b.packets(ToBroker)[0].get_type(), PacketType::Pubrec);
    b.inject(&packet::pubrel(false, 9));
    assert_eq!(b.heard_text(), "\r\n+QMTRECV: 0,9,\"t\",\"x\"\r\n");
    assert_eq!(b.packets(ToBroker)[0].get_type(), PacketType::Pubcomp);
}

#[test]
fn a_repeated_qos_2_publish_replaces_the_held_copy() {
    let mut b = Bench::connected();
    b.deafen_broker();
    b.packets.clear();
    b.inject(&publish(QoS::Level2, 9, "t", b"first"));
    b.inject(&publish(QoS::Level2, 9, "t", b"second"));
    b.inject(&packet::pubrel(false, 9));
    b.inject(&packet::pubrel(false, 9));
    assert_eq!(
        b.within(seconds(2)),
        "\r\n+QMTRECV: 0,9,\"t\",\"second\"\r\n",
        "delivered once"
    );
    let answers: Vec<_> = b.packets(ToBroker).iter().map(Packet::get_type).collect();
    assert_eq!(
        answers,
        [
            PacketType::Pubrec,
            PacketType::Pubrec,
            PacketType::Pubcomp,
            PacketType::Pubcomp
        ]
    );
}

#[test]
fn an_unknown_release_is_answered() {
    let mut b = Bench::connected();
    b.packets.clear();
    b.inject(&packet::pubrel(false, 4321));
    assert_eq!(b.within(seconds(2)), "");
    assert_eq!(b.packets(ToBroker), [read_pubcomp(4321)]);
}

fn read_pubcomp(id: u16) -> Packet {
    attwin_sim::link::read(&packet::pubcomp(id)).expect("PUBCOMP")
}

/// QoS 1 is at least once: what the network doubles is shown twice.
#[test]
fn a_doubled_qos_1_message_is_shown_and_acknowledged_twice() {
    let mut b = Bench::connected();
    b.packets.clear();
    b.inject(&publish(QoS::Level1, 3, "t", b"x"));
    b.inject(&publish(QoS::Level1, 3, "t", b"x"));
    b.then("\r\n+QMTRECV: 0,3,\"t\",\"x\"\r\n\r\n+QMTRECV: 0,3,\"t\",\"x\"\r\n");
    assert_eq!(b.packets(ToBroker).len(), 2);
}

#[test]
fn several_messages_in_one_segment_keep_their_order() {
    let mut b = Bench::connected();
    let mut segment = Vec::new();
    for payload in [&b"1"[..], b"2", b"3"] {
        segment.extend(publish(QoS::Level0, 0, "t", payload));
    }
    // Cut where it hurts.
    let (head, tail) = segment.split_at(7);
    b.inject(head);
    b.inject(tail);
    b.then(
        "\r\n+QMTRECV: 0,0,\"t\",\"1\"\r\n\r\n+QMTRECV: 0,0,\"t\",\"2\"\r\n\
         \r\n+QMTRECV: 0,0,\"t\",\"3\"\r\n",
    );
}

/// 5.8.
#[test]
fn a_message_over_the_publish_limit_is_shown_whole() {
    let payload = vec![b'p'; 65_535];
    let bytes = shown(true, "t", &payload);
    assert!(bytes.starts_with(b"\r\n+QMTRECV: 0,0,\"t\",65535,\"ppp"));
    assert!(bytes.ends_with(b"ppp\"\r\n"));
    assert_eq!(
        bytes.len(),
        65_535 + "\r\n+QMTRECV: 0,0,\"t\",65535,\"\"\r\n".len()
    );
}

/// 5.8.
#[test]
fn a_bigger_packet_is_dropped_and_acknowledged() {
    let payload = vec![b'p'; 65_536];
    let mut b = Bench::connected();
    b.deafen_broker();
    b.packets.clear();
    b.inject(&publish(QoS::Level0, 0, "t", &payload));
    b.inject(&publish(QoS::Level1, 11, "t", &payload));
    b.inject(&publish(QoS::Level2, 12, "t", &payload));
    b.inject(&packet::pubrel(false, 12));
    assert_eq!(b.within(millis(100)), "");
    assert_eq!(
        b.wire(ToBroker),
        [
            packet::puback(11).to_vec(),
            packet::pubrec(12).to_vec(),
            packet::pubcomp(12).to_vec()
        ]
    );
    b.inject(&publish(QoS::Level0, 0, "t", b"next"));
    b.then("\r\n+QMTRECV: 0,0,\"t\",\"next\"\r\n");
}

#[test]
fn the_longest_topic() {
    let topic = "t".repeat(65_535);
    let bytes = shown(false, &topic, b"x");
    assert!(bytes.ends_with(b"ttt\",\"x\"\r\n"));
    assert_eq!(
        bytes.len(),
        65_535 + "\r\n+QMTRECV: 0,0,\"\",\"x\"\r\n".len()
    );
}

/// 2.8: `+QMTRECV` is not delayed, only results are.
#[test]
fn a_message_is_not_delayed() {
    let mut b = Bench::with(&[]);
    b.ok(r#"AT+QMTOPEN=0,"broker.example",1883"#);
    b.within(seconds(1));
    b.ok(r#"AT+QMTCONN=0,"dev-0""#);
    b.within(seconds(1));
    b.inject(&publish(QoS::Level0, 0, "t", b"x"));
    assert_eq!(b.heard_text(), "\r\n+QMTRECV: 0,0,\"t\",\"x\"\r\n");
}

/// Mode 0 never fills slots (5.3).
#[test]
fn slots_stay_empty() {
    let mut b = Bench::connected();
    b.subscribe(0, "t", 1);
    b.broker_publishes("t", b"x", 1);
    b.run_for(seconds(1));
    b.heard();
    b.expect("AT+QMTRECV?", "\r\n+QMTRECV: 0,0,0,0,0,0\r\n\r\nOK\r\n");
    b.ok("AT+QMTRECV=0,0");
    b.ok("AT+QMTRECV=0");
}
