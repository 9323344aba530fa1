//! Retransmission on a live connection (docs/spec/quectel.md section 6).

use attwin_core::mqtt::packet::PacketType;
use attwin_sim::link::Direction::{ToBroker, ToModule};

use super::bench::{Bench, millis, seconds};

const NOTICE: &str = r#"AT+QMTCFG="timeout",0,5,3,1"#;
const PUBLISH: &str = r#"AT+QMTPUBEX=0,7,1,0,"t","x""#;
const PUBLISH_2: &str = r#"AT+QMTPUBEX=0,7,2,0,"t","x""#;

fn line(second: u64, text: &str) -> (u64, String) {
    (second * 1000, text.to_owned())
}

/// The table of 6.3.
#[test]
fn each_time_is_reported_and_then_the_end() {
    let mut b = Bench::configured(&[NOTICE]);
    b.lose(ToModule, PacketType::Puback);
    b.ok(PUBLISH);
    assert_eq!(
        b.timeline(seconds(60)),
        [
            line(5, "+QMTPUBEX: 0,7,1,1"),
            line(10, "+QMTPUBEX: 0,7,1,2"),
            line(15, "+QMTPUBEX: 0,7,1,3"),
            line(20, "+QMTPUBEX: 0,7,2"),
        ]
    );
}

#[test]
fn the_same_after_data_entry() {
    let mut b = Bench::configured(&[NOTICE]);
    b.lose(ToModule, PacketType::Puback);
    b.line(r#"AT+QMTPUBEX=0,7,1,0,"t",1"#);
    b.within(millis(10));
    b.send(b"x");
    assert_eq!(
        b.timeline(seconds(20) + millis(20)),
        [
            (20, "OK".to_owned()),
            (5020, "+QMTPUBEX: 0,7,1,1".to_owned()),
            (10020, "+QMTPUBEX: 0,7,1,2".to_owned()),
            (15020, "+QMTPUBEX: 0,7,1,3".to_owned()),
            (20020, "+QMTPUBEX: 0,7,2".to_owned()),
        ]
    );
}

#[test]
fn without_notice_only_the_end_is_reported() {
    let mut b = Bench::connected();
    b.lose(ToModule, PacketType::Puback);
    b.ok(PUBLISH);
    assert_eq!(
        b.timeline(seconds(60)),
        [line(20, "+QMTPUBEX: 0,7,2")],
        "the default is 5,3,0"
    );
}

#[test]
fn without_retries_the_end_comes_at_the_time_out() {
    let mut b = Bench::configured(&[r#"AT+QMTCFG="timeout",0,7,0,1"#]);
    b.lose(ToModule, PacketType::Puback);
    b.packets.clear();
    b.ok(PUBLISH);
    assert_eq!(b.timeline(seconds(60)), [line(7, "+QMTPUBEX: 0,7,2")]);
    assert_eq!(b.packets(ToBroker).len(), 1);
}

#[test]
fn the_longest_settings_hold() {
    let mut b = Bench::configured(&[
        r#"AT+QMTCFG="timeout",0,60,10,1"#,
        r#"AT+QMTCFG="keepalive",0,0"#,
    ]);
    b.lose(ToModule, PacketType::Puback);
    b.ok(PUBLISH);
    let mut expected: Vec<_> = (1..=10)
        .map(|n| line(60 * n, &format!("+QMTPUBEX: 0,7,1,{n}")))
        .collect();
    expected.push(line(660, "+QMTPUBEX: 0,7,2"));
    assert_eq!(b.timeline(seconds(2000)), expected);
}

#[test]
fn an_acknowledgement_in_between_ends_it() {
    let mut b = Bench::configured(&[NOTICE]);
    b.lose_first(ToModule, PacketType::Puback, 2);
    b.ok(PUBLISH);
    assert_eq!(
        b.timeline(seconds(60)),
        [
            line(5, "+QMTPUBEX: 0,7,1,1"),
            line(10, "+QMTPUBEX: 0,7,1,2"),
            (10_002, "+QMTPUBEX: 0,7,0".to_owned()),
        ]
    );
}

#[test]
fn message_identifier_zero_is_a_knob_of_the_notices_only() {
    let mut b = Bench::with(&[("result_urc_delay_ms", "0"), ("retx_msgid_zero", "true")]);
    b.ok(r#"AT+QMTCFG="timeout",0,5,1,1"#);
    b.connect(0);
    b.lose(ToModule, PacketType::Puback);
    b.ok(PUBLISH);
    assert_eq!(
        b.timeline(seconds(60)),
        [line(5, "+QMTPUBEX: 0,0,1,1"), line(10, "+QMTPUBEX: 0,7,2")]
    );
}

#[test]
fn subscribe_unsubscribe_and_pub_by_their_own_names() {
    let cases = [
        (r#"AT+QMTSUB=0,7,"t",1"#, "QMTSUB", PacketType::Suback),
        (r#"AT+QMTUNS=0,7,"t""#, "QMTUNS", PacketType::Unsuback),
        (r#"AT+QMTPUB=0,7,1,0,"t","x""#, "QMTPUB", PacketType::Puback),
    ];
    for (command, name, acknowledgement) in cases {
        let mut b = Bench::configured(&[NOTICE]);
        b.lose(ToModule, acknowledgement);
        b.ok(command);
        assert_eq!(
            b.timeline(seconds(60)),
            [
                line(5, &format!("+{name}: 0,7,1,1")),
                line(10, &format!("+{name}: 0,7,1,2")),
                line(15, &format!("+{name}: 0,7,1,3")),
                line(20, &format!("+{name}: 0,7,2")),
            ]
        );
    }
}

#[test]
fn a_granted_subscription_after_a_notice_shows_its_vector() {
    let mut b = Bench::configured(&[NOTICE]);
    b.lose_first(ToModule, PacketType::Suback, 1);
    b.ok(r#"AT+QMTSUB=0,7,"t",1,"u",2"#);
    assert_eq!(
        b.timeline(seconds(60)),
        [
            line(5, "+QMTSUB: 0,7,1,1"),
            (5002, "+QMTSUB: 0,7,0,1,2".to_owned())
        ]
    );
}

/// 6.6: PUBREL has its own budget and its own counts.
#[test]
fn release_has_a_budget_of_its_own() {
    let mut b = Bench::configured(&[NOTICE]);
    let (mut pubrecs, mut lost) = (0, 0);
    b.network.filter = Box::new(move |direction, bytes: &[u8]| {
        use attwin_sim::link::Verdict::{Drop, Pass};
        match bytes[0] >> 4 {
            // The first two PUBRECs and every PUBCOMP.
            5 if direction == ToModule && pubrecs < 2 => {
                pubrecs += 1;
                Drop
            }
            7 if direction == ToModule => {
                lost += 1;
                assert!(lost <= 4, "PUBREL is sent four times");
                Drop
            }
            _ => Pass,
        }
    });
    b.ok(PUBLISH_2);
    assert_eq!(
        b.timeline(seconds(60)),
        [
            line(5, "+QMTPUBEX: 0,7,1,1"),
            line(10, "+QMTPUBEX: 0,7,1,2"),
            // PUBREC came at 10.002 s.
            (15_002, "+QMTPUBEX: 0,7,1,1".to_owned()),
            (20_002, "+QMTPUBEX: 0,7,1,2".to_owned()),
            (25_002, "+QMTPUBEX: 0,7,1,3".to_owned()),
            (30_002, "+QMTPUBEX: 0,7,2".to_owned()),
        ]
    );
    assert_eq!(b.received().len(), 1, "exactly once all the same");
}

#[test]
fn a_late_pubcomp_completes_the_publish() {
    let mut b = Bench::configured(&[NOTICE]);
    b.lose_first(ToModule, PacketType::Pubcomp, 1);
    b.ok(PUBLISH_2);
    assert_eq!(
        b.timeline(seconds(60)),
        [
            (5002, "+QMTPUBEX: 0,7,1,1".to_owned()),
            (5004, "+QMTPUBEX: 0,7,0".to_owned())
        ]
    );
    assert_eq!(b.received().len(), 1);
}

/// First bytes of what is sent twice: type, DUP (0x08), QoS, flags (6.5).
fn sent_twice(version: u8, command: &str, lost: PacketType) -> Vec<u8> {
    let mut b = Bench::configured(&[
        &format!(r#"AT+QMTCFG="version",0,{version}"#),
        r#"AT+QMTCFG="timeout",0,5,1,0"#,
    ]);
    b.lose(ToModule, lost);
    b.packets.clear();
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
    b.packets.clear();
    b.ok(r#"AT+QMTCONN=0,"dev-0""#);
    b.run_for(seconds(30));
    assert_eq!(b.packets(ToBroker).len(), 1);

    let mut b = Bench::configured(&[NOTICE]);
    b.packets.clear();
    b.ok(r#"AT+QMTPUBEX=0,0,0,0,"t","x""#);
    b.run_for(seconds(60));
    assert_eq!(b.heard_text(), "\r\n+QMTPUBEX: 0,0,0\r\n");
    assert_eq!(b.packets(ToBroker).len(), 1);
}

/// 6.7.
#[test]
fn after_giving_up_the_connection_stays_and_the_identifier_is_free() {
    let mut b = Bench::configured(&[r#"AT+QMTCFG="timeout",0,1,0,0"#]);
    b.lose_first(ToModule, PacketType::Puback, 1);
    b.ok(PUBLISH);
    assert_eq!(b.timeline(seconds(5)), [line(1, "+QMTPUBEX: 0,7,2")]);
    b.expect("AT+QMTCONN?", "\r\n+QMTCONN: 0,3\r\n\r\nOK\r\n");
    b.ok(PUBLISH);
    b.then("\r\n+QMTPUBEX: 0,7,0\r\n");
}

#[test]
fn a_late_acknowledgement_is_ignored() {
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
        b.packets.clear();
        b.inject(packet);
        assert_eq!(b.within(seconds(3)), "", "{packet:?}");
        assert_eq!(b.packets(ToBroker).len(), 0, "{packet:?}");
        b.expect("AT+QMTCONN?", "\r\n+QMTCONN: 0,3\r\n\r\nOK\r\n");
    }
}

/// 6.4: five, counted until the end of each.
#[test]
fn the_window_takes_five_and_frees_with_each_end() {
    let mut b = Bench::connected();
    b.lose(ToModule, PacketType::Puback);
    for id in 1..=5 {
        b.ok(&format!(r#"AT+QMTPUBEX=0,{id},1,0,"t","x""#));
        b.run_for(seconds(1));
    }
    b.error(r#"AT+QMTPUBEX=0,6,1,0,"t","x""#);
    b.error(r#"AT+QMTPUBEX=0,6,2,0,"t",5"#);
    b.error(r#"AT+QMTPUB=0,6,1,0,"t""#);
    // QoS 0, SUBSCRIBE and UNSUBSCRIBE do not count.
    b.ok(r#"AT+QMTPUBEX=0,0,0,0,"t","x""#);
    b.then("\r\n+QMTPUBEX: 0,0,0\r\n");
    b.ok(r#"AT+QMTSUB=0,8,"t",1"#);
    b.ok(r#"AT+QMTUNS=0,9,"u""#);
    b.then("\r\n+QMTSUB: 0,8,0,1\r\n\r\n+QMTUNS: 0,9,0\r\n");
    // An acknowledgement frees one place.
    b.inject(&[0x40, 2, 0, 5]);
    assert!(b.heard_text().contains("+QMTPUBEX: 0,5,0"));
    b.ok(r#"AT+QMTPUBEX=0,6,1,0,"t","x""#);
    b.error(r#"AT+QMTPUBEX=0,10,1,0,"t","x""#);
    // So does giving up: the first was sent five seconds ago.
    b.run_for(seconds(15));
    assert!(b.heard_text().contains("\r\n+QMTPUBEX: 0,1,2\r\n"));
    b.ok(r#"AT+QMTPUBEX=0,10,1,0,"t","x""#);
}

#[test]
fn qos_2_counts_until_pubcomp() {
    let mut b = Bench::connected();
    b.lose(ToModule, PacketType::Pubcomp);
    for id in 1..=5 {
        b.ok(&format!(r#"AT+QMTPUBEX=0,{id},2,0,"t","x""#));
    }
    b.run_for(seconds(1));
    b.error(r#"AT+QMTPUBEX=0,6,1,0,"t","x""#);
    b.inject(&[0x70, 2, 0, 1]);
    assert_eq!(b.heard_text(), "\r\n+QMTPUBEX: 0,1,0\r\n");
    b.ok(r#"AT+QMTPUBEX=0,6,1,0,"t","x""#);
}

/// 6.7: no result lines when the link closes.
#[test]
fn pending_requests_vanish_with_the_link() {
    let mut b = Bench::configured(&[NOTICE]);
    b.lose(ToModule, PacketType::Puback);
    b.ok(PUBLISH);
    b.ok(r#"AT+QMTSUB=0,8,"t",1"#);
    b.run_for(millis(500));
    b.heard();
    b.cut(attwin_core::CloseReason::Reset);
    assert_eq!(b.within(seconds(60)), "\r\n+QMTSTAT: 0,1\r\n");
}

/// 6.2: the timer restarts at every send, whatever else is sent.
#[test]
fn requests_have_timers_of_their_own() {
    let mut b = Bench::configured(&[r#"AT+QMTCFG="timeout",0,5,1,1"#]);
    b.lose(ToModule, PacketType::Puback);
    b.ok(PUBLISH);
    b.run_for(seconds(2));
    b.ok(r#"AT+QMTPUBEX=0,8,1,0,"t","y""#);
    assert_eq!(
        b.timeline(seconds(60)),
        [
            line(3, "+QMTPUBEX: 0,7,1,1"),
            line(5, "+QMTPUBEX: 0,8,1,1"),
            line(8, "+QMTPUBEX: 0,7,2"),
            line(10, "+QMTPUBEX: 0,8,2"),
        ]
    );
}
