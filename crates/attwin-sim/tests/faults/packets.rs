//! MQTT control packets, lost, late, doubled, spoilt.

use attwin_sim::link::Direction::{ToBroker, ToModule};

use super::bench::{Bench, PUBLISH_1, PUBLISH_2, millis, seconds};

fn line(ms: u64, text: &str) -> (u64, String) {
    (ms, format!("\r\n{text}\r\n"))
}

#[test]
fn lost_acknowledgements_are_retransmissions() {
    let mut b = Bench::new();
    b.line(r#"AT+QMTCFG="timeout",0,2,3,1"#);
    b.heard();
    b.connect();
    b.suffer("drop puback 2");
    b.line(PUBLISH_1);
    assert_eq!(
        b.timeline(seconds(20)),
        [
            line(0, "OK"),
            line(2000, "+QMTPUB: 0,7,1,1"),
            line(4000, "+QMTPUB: 0,7,1,2"),
            line(4002, "+QMTPUB: 0,7,0"),
        ]
    );
    assert_eq!(b.first_bytes(ToBroker), [0x32, 0x3a, 0x3a]);
}

#[test]
fn a_lost_publish_never_reaches_the_network_but_counts_as_sent() {
    let mut b = Bench::connected();
    b.suffer("drop publish");
    b.line(r#"AT+QMTPUBEX=0,0,0,0,"t","gone""#);
    assert_eq!(
        b.within(seconds(5)),
        "\r\nOK\r\n\r\n+QMTPUB: 0,0,0\r\n",
        "QoS 0 is done when it is written"
    );
    assert_eq!(b.first_bytes(ToBroker), [0u8; 0]);
    b.line(r#"AT+QMTPUBEX=0,0,0,0,"t","here""#);
    b.within(seconds(5));
    assert_eq!(b.received(), [b"here".to_vec()]);
}

#[test]
fn direction_matters() {
    let mut b = Bench::connected();
    b.subscribe();
    b.suffer("drop publish to-module");
    b.line(PUBLISH_1);
    assert!(
        b.within(seconds(1)).contains("+QMTPUB: 0,7,0"),
        "outward passes"
    );
    b.broker_publishes(b"lost", 0);
    b.broker_publishes(b"kept", 0);
    let said = b.within(seconds(1));
    assert!(!said.contains("lost") && said.contains("kept"), "{said}");
}

#[test]
fn the_modules_own_acknowledgement_is_lost() {
    let mut b = Bench::connected();
    b.subscribe();
    b.suffer("drop puback to-broker");
    b.broker_publishes(b"m", 1);
    assert!(b.within(seconds(1)).contains("\"m\""));
    assert_eq!(b.first_bytes(ToBroker), [0u8; 0]);
}

#[test]
fn any_packet_may_be_meant() {
    let mut b = Bench::connected();
    b.suffer("drop packet 2");
    b.line(PUBLISH_1);
    b.within(seconds(11));
    assert_eq!(b.first_bytes(ToBroker), [0x3a], "the second retransmission");
}

#[test]
fn a_late_packet_delays_what_follows() {
    let mut b = Bench::connected();
    b.subscribe();
    b.suffer("delay publish 3s to-module");
    b.broker_publishes(b"one", 0);
    b.broker_publishes(b"two", 0);
    assert_eq!(
        b.timeline(seconds(5)),
        [
            line(3001, r#"+QMTRECV: 0,0,"down","one""#),
            line(3001, r#"+QMTRECV: 0,0,"down","two""#),
        ]
    );
}

#[test]
fn a_late_publish_is_sent_for_the_module_and_late_for_the_broker() {
    let mut b = Bench::connected();
    b.suffer("delay publish 3s");
    b.line(r#"AT+QMTPUBEX=0,0,0,0,"t","x""#);
    assert!(b.within(seconds(1)).contains("+QMTPUB: 0,0,0"));
    assert!(b.received().is_empty());
    b.run_for(seconds(3));
    assert_eq!(b.received().len(), 1);
    b.line(PUBLISH_1);
    assert!(
        b.within(seconds(1)).contains("+QMTPUB: 0,7,0"),
        "bytes are counted right"
    );
}

#[test]
fn a_packet_comes_twice() {
    let mut b = Bench::connected();
    b.suffer("duplicate publish");
    b.line(PUBLISH_1);
    assert_eq!(b.within(seconds(1)), "\r\nOK\r\n\r\n+QMTPUB: 0,7,0\r\n");
    let sent = b.sent(ToBroker);
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0], sent[1]);
    b.line(r#"AT+QMTPUBEX=0,0,0,0,"t","x""#);
    assert!(b.within(seconds(1)).contains("+QMTPUB: 0,0,0"));
}

#[test]
fn a_pubrec_comes_twice() {
    let mut b = Bench::connected();
    b.suffer("duplicate pubrec");
    b.line(PUBLISH_2);
    assert!(b.within(seconds(1)).contains("+QMTPUB: 0,7,0"));
    let types: Vec<u8> = b.first_bytes(ToBroker).iter().map(|b| b >> 4).collect();
    assert_eq!(types, [3, 6, 6]);
    assert_eq!(b.received().len(), 1);
}

#[test]
fn one_bit_of_the_body_flips() {
    let clean = {
        let mut b = Bench::connected();
        b.line(PUBLISH_1);
        b.sent(ToBroker)
    };
    let mut b = Bench::connected();
    b.suffer("corrupt publish");
    b.line(PUBLISH_1);
    let spoilt = b.sent(ToBroker);
    assert_eq!(clean[0].len(), spoilt[0].len());
    assert_eq!(clean[0][..2], spoilt[0][..2], "the header is whole");
    let bits = clean[0]
        .iter()
        .zip(&spoilt[0])
        .map(|(a, b)| (a ^ b).count_ones());
    assert_eq!(bits.sum::<u32>(), 1);
}

#[test]
fn a_packet_without_body_has_its_flags_spoilt() {
    let mut b = Bench::connected();
    b.suffer("corrupt pingreq");
    b.run_for(seconds(121));
    let pings = b.sent(ToBroker);
    assert_eq!(pings[0][0] & 0xf0, 0xc0);
    assert_eq!((pings[0][0] & 0x0f).count_ones(), 1, "{pings:?}");
    assert_eq!(pings[0][1], 0);
}

#[test]
fn a_corrupt_suback_is_seen_by_the_module() {
    let mut b = Bench::connected();
    b.suffer("corrupt suback");
    b.line(r#"AT+QMTSUB=0,1,"down",2"#);
    assert_ne!(b.within(seconds(1)), "\r\nOK\r\n\r\n+QMTSUB: 0,1,0,2\r\n");
}

#[test]
fn other_bytes_come_instead() {
    let mut b = Bench::connected();
    b.suffer(r#"replace puback "@\x02\x00\x09""#);
    b.line(PUBLISH_1);
    assert_eq!(
        b.within(seconds(1)),
        "\r\nOK\r\n",
        "that was another packet identifier"
    );
    b.within(seconds(5));
    b.suffer(r#"replace publish "0\x04\x00\x01tz""#);
    b.line(r#"AT+QMTPUBEX=0,0,0,0,"t","a longer payload""#);
    assert!(b.within(seconds(1)).contains("+QMTPUB: 0,0,0"));
    assert_eq!(b.received().last().map(Vec::as_slice), Some(&b"z"[..]));
    b.line(r#"AT+QMTPUBEX=0,0,0,0,"t","y""#);
    assert!(
        b.within(seconds(1)).contains("+QMTPUB: 0,0,0"),
        "bytes are counted right"
    );
}

#[test]
fn connect_is_refused_with_a_code() {
    let mut b = Bench::new();
    b.open();
    b.suffer("refuse connect 5");
    b.line(r#"AT+QMTCONN=0,"dev""#);
    let said = b.within(seconds(2));
    assert!(
        said.starts_with("\r\nOK\r\n\r\n+QMTCONN: 0,0,5\r\n"),
        "{said}"
    );
    assert!(b.open_links().is_empty(), "the connection is closed");
}

#[test]
fn no_ping_is_answered() {
    let mut b = Bench::connected();
    b.suffer("drop pingresp count=all");
    let said = b.within(seconds(300));
    assert!(said.contains("+QMTSTAT: 0,"), "{said}");
    assert_eq!(b.first_bytes(ToModule)[0], 0xd0, "the broker did answer");
}

#[test]
fn packets_are_found_however_the_bytes_are_cut() {
    let mut b = Bench::connected();
    b.suffer("drop puback");
    b.line(PUBLISH_1);
    b.within(millis(10));
    let start = b.sent(ToModule).len();
    // The answer of a stranger, a byte at a time, then the real one.
    b.suffer("drop pubrec");
    for byte in b"\x50\x02\x00\x09\x40\x02\x00\x07" {
        b.inject(&[*byte]);
        b.run_for(millis(1));
    }
    assert_eq!(start, 1);
    assert_eq!(b.within(millis(10)), "\r\n+QMTPUB: 0,7,0\r\n");
}

#[test]
fn a_fault_that_starts_within_a_packet_waits_for_the_next() {
    let mut b = Bench::connected();
    b.subscribe();
    b.inject(b"\x30\x08\x00\x04do");
    b.suffer("drop publish to-module");
    b.inject(b"wn\x30\x30\x30\x08\x00\x04downno");
    let said = b.within(seconds(1));
    assert!(said.contains("\"00\""), "{said}");
    assert!(!said.contains("no"), "{said}");
}

#[test]
fn messages_come_as_if_the_broker_had_published() {
    let mut b = Bench::connected();
    b.suffer(r#"message "hello" topic="a/b""#);
    assert_eq!(
        b.within(seconds(1)),
        "\r\n+QMTRECV: 0,0,\"a/b\",\"hello\"\r\n"
    );
    b.suffer(r#"message "meanwhile" after publish"#);
    b.line(PUBLISH_1);
    assert_eq!(
        b.within(seconds(1)),
        "\r\nOK\r\n\r\n+QMTRECV: 0,0,\"fault\",\"meanwhile\"\r\n\r\n+QMTPUB: 0,7,0\r\n"
    );
}

#[test]
fn messages_never_split_a_packet() {
    let mut b = Bench::connected();
    b.suffer("silence in=1h");
    b.inject(b"\x30\x08\x00\x04do");
    b.run_for(millis(10));
    b.suffer(r#"message "second""#);
    assert_eq!(b.within(millis(10)), "");
    b.inject(b"wn1s");
    let said = b.within(millis(10));
    let (first, second) = (said.find("1s"), said.find("second"));
    assert!(first.is_some() && first < second, "{said}");
}
