//! Packets that make and answer messages: how the module acknowledges, and what no
//! broker of a scenario sends (docs/spec/quectel.md 5.5, 5.6, 5.8).

use attwin_core::mqtt::packet::{self, Packet, PacketType, QoS};
use attwin_sim::link::Direction::ToBroker;

use super::bench::{Bench, millis, seconds};

const BUFFERED: &str = r#"AT+QMTCFG="recv/mode",0,1,0"#;

fn publish(qos: QoS, id: u16, topic: &str, payload: &[u8]) -> Vec<u8> {
    packet::publish(false, qos, false, id, topic.as_bytes(), payload)
        .expect("fits")
        .to_vec()
}

fn answers(b: &mut Bench) -> Vec<PacketType> {
    b.packets(ToBroker).iter().map(Packet::get_type).collect()
}

/// 5.6: PUBREC at once, the message on PUBREL, then PUBCOMP.
#[test]
fn qos_2_is_shown_on_release() {
    let mut b = Bench::connected();
    b.deafen_broker();
    b.take_packets();
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
    b.take_packets();
    b.inject(&publish(QoS::Level2, 9, "t", b"first"));
    b.inject(&publish(QoS::Level2, 9, "t", b"second"));
    b.inject(&packet::pubrel(false, 9));
    b.inject(&packet::pubrel(false, 9));
    assert_eq!(
        b.within(seconds(2)),
        "\r\n+QMTRECV: 0,9,\"t\",\"second\"\r\n",
        "delivered once"
    );
    assert_eq!(
        answers(&mut b),
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
    b.take_packets();
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
    b.take_packets();
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
fn a_bigger_packet_is_dropped_and_acknowledged() {
    let payload = vec![b'p'; 65_536];
    let mut b = Bench::connected();
    b.deafen_broker();
    b.take_packets();
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

/// 5.5.
#[test]
fn when_full_qos_2_is_acknowledged_and_dropped_on_release() {
    let mut b = Bench::configured(&[BUFFERED]);
    for payload in [b"0", b"1", b"2", b"3", b"4"] {
        b.inject(&publish(QoS::Level0, 0, "a", payload));
    }
    b.heard();
    b.deafen_broker();
    b.take_packets();
    b.inject(&publish(QoS::Level2, 8, "a", b"x"));
    b.inject(&packet::pubrel(false, 8));
    assert_eq!(b.within(seconds(1)), "");
    assert_eq!(answers(&mut b), [PacketType::Pubrec, PacketType::Pubcomp]);
}

/// QoS 1: PUBACK when the slot is filled, not when the host reads it (5.6).
#[test]
fn storing_acknowledges() {
    let mut b = Bench::configured(&[BUFFERED]);
    b.take_packets();
    b.inject(&publish(QoS::Level1, 8, "a", b"x"));
    assert_eq!(answers(&mut b), [PacketType::Puback]);
    b.at("AT+QMTRECV=0");
    assert_eq!(answers(&mut b), []);
}
