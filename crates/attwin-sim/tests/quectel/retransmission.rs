//! What is sent again, by its first byte: DUP on each type of packet, and what is
//! never sent again, neither of which a scenario sees (docs/spec/quectel.md
//! section 6).

use attwin_core::mqtt::packet::PacketType;
use attwin_sim::link::Direction::{ToBroker, ToModule};

use super::bench::{Bench, seconds};

const NOTICE: &str = r#"AT+QMTCFG="timeout",0,5,3,1"#;
const PUBLISH: &str = r#"AT+QMTPUBEX=0,7,1,0,"t","x""#;
const PUBLISH_2: &str = r#"AT+QMTPUBEX=0,7,2,0,"t","x""#;

/// First bytes of what is sent twice: type, DUP (0x08), QoS, flags (6.5).
fn sent_twice(version: u8, command: &str, lost: PacketType) -> Vec<u8> {
    let mut b = Bench::configured(&[
        &format!(r#"AT+QMTCFG="version",0,{version}"#),
        r#"AT+QMTCFG="timeout",0,5,1,0"#,
    ]);
    b.lose(ToModule, lost);
    b.take_packets();
    b.ok(command);
    b.run_for(seconds(6));
    let start = b.now();
    let sent = b.first_bytes(ToBroker, start);
    sent.into_iter().map(|(_, first)| first).collect()
}

#[test]
fn dup_at_level_3_marks_every_packet_sent_again() {
    assert_eq!(sent_twice(3, PUBLISH, PacketType::Puback), [0x32, 0x3a]);
    assert_eq!(sent_twice(3, PUBLISH_2, PacketType::Pubrec), [0x34, 0x3c]);
    assert_eq!(
        sent_twice(3, PUBLISH_2, PacketType::Pubcomp),
        [0x34, 0x62, 0x6a]
    );
    let subscribe = r#"AT+QMTSUB=0,7,"t",1"#;
    assert_eq!(sent_twice(3, subscribe, PacketType::Suback), [0x82, 0x8a]);
    let unsubscribe = r#"AT+QMTUNS=0,7,"t""#;
    assert_eq!(
        sent_twice(3, unsubscribe, PacketType::Unsuback),
        [0xa2, 0xaa]
    );
}

#[test]
fn dup_at_level_4_marks_publish_only() {
    assert_eq!(sent_twice(4, PUBLISH, PacketType::Puback), [0x32, 0x3a]);
    assert_eq!(sent_twice(4, PUBLISH_2, PacketType::Pubrec), [0x34, 0x3c]);
    assert_eq!(
        sent_twice(4, PUBLISH_2, PacketType::Pubcomp),
        [0x34, 0x62, 0x62]
    );
    let subscribe = r#"AT+QMTSUB=0,7,"t",1"#;
    assert_eq!(sent_twice(4, subscribe, PacketType::Suback), [0x82, 0x82]);
    let unsubscribe = r#"AT+QMTUNS=0,7,"t""#;
    assert_eq!(
        sent_twice(4, unsubscribe, PacketType::Unsuback),
        [0xa2, 0xa2]
    );
}

/// 6.1: neither QoS 0 nor CONNECT is ever sent again.
#[test]
fn qos_0_and_connect_are_sent_once() {
    let mut b = Bench::new();
    b.ok(NOTICE);
    b.open(0);
    b.lose(ToModule, PacketType::Connack);
    b.take_packets();
    b.ok(r#"AT+QMTCONN=0,"dev-0""#);
    b.run_for(seconds(30));
    assert_eq!(b.packets(ToBroker).len(), 1);

    let mut b = Bench::configured(&[NOTICE]);
    b.take_packets();
    b.ok(r#"AT+QMTPUBEX=0,0,0,0,"t","x""#);
    b.run_for(seconds(60));
    assert_eq!(b.heard_text(), "\r\n+QMTPUB: 0,0,0\r\n");
    assert_eq!(b.packets(ToBroker).len(), 1);
}

#[test]
fn a_late_acknowledgement_is_ignored() {
    // PUBREC is answered all the same (docs/spec/quectel.md 6.7).
    for (command, packet) in [
        (PUBLISH, &[0x40, 2, 0, 7][..]),
        (PUBLISH_2, &[0x50, 2, 0, 7]),
        (PUBLISH_2, &[0x70, 2, 0, 7]),
        (r#"AT+QMTSUB=0,7,"t",1"#, &[0x90, 3, 0, 7, 1]),
        (r#"AT+QMTUNS=0,7,"t""#, &[0xb0, 2, 0, 7]),
    ] {
        let mut b = Bench::configured(&[r#"AT+QMTCFG="timeout",0,1,0,0"#]);
        b.network.filter = Box::new(|direction, _: &[u8]| match direction {
            ToModule => attwin_sim::link::Verdict::Drop,
            ToBroker => attwin_sim::link::Verdict::Pass,
        });
        b.ok(command);
        b.run_for(seconds(2));
        b.heard();
        b.take_packets();
        b.inject(packet);
        assert_eq!(b.within(seconds(3)), "", "{packet:?}");
        let answers = usize::from(packet[0] == 0x50);
        assert_eq!(b.packets(ToBroker).len(), answers, "{packet:?}");
        b.expect("AT+QMTCONN?", "\r\n+QMTCONN: 0,3\r\n\r\nOK\r\n");
    }
}
