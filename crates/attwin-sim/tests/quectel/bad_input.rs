//! Hosts and brokers that misbehave at random or on a scale no scenario could be
//! read at: no panic, every line one final result, nothing grows, and afterwards
//! everything works.

use attwin_core::HostEvent;
use attwin_core::mqtt::packet::{self, PacketType, QoS};
use attwin_sim::link::Direction::{ToBroker, ToModule};
use proptest::prelude::*;
use proptest::sample::select;

use super::bench::{Bench, millis, seconds};

/// Gets the module out of whatever it is in and shows that it works.
#[track_caller]
fn assert_alive(b: &mut Bench) {
    // Data entry is given up after a minute of silence.
    b.run_for(seconds(62));
    b.send(b"\r");
    b.run_for(seconds(62));
    b.line("ATE0");
    b.run_for(seconds(1));
    b.heard();
    b.lose_nothing();
    b.network.stalled = false;
    b.network.half_open = false;
    for i in 0..6 {
        b.at(&format!("AT+QMTCLOSE={i}"));
        b.within(seconds(1));
    }
    b.connect(0);
    b.ok(r#"AT+QMTPUBEX=0,7,2,0,"alive","x""#);
    b.then("\r\n+QMTPUB: 0,7,0\r\n");
}

fn final_results(heard: &str) -> usize {
    ["\r\nOK\r\n", "\r\nERROR\r\n", "\r\n+CME ERROR: "]
        .iter()
        .map(|result| heard.matches(result).count())
        .sum()
}

#[test]
fn ten_megabytes_without_cr() {
    let mut b = Bench::connected();
    let chunk = [b'x'; 65_536];
    for _ in 0..160 {
        b.send(&chunk);
        b.run_for(millis(10));
    }
    assert_eq!(b.heard_text(), "");
    b.error("");
    b.ok("AT");
    assert_alive(&mut b);
}

#[test]
fn binary_garbage() {
    let mut b = Bench::connected();
    let garbage: Vec<u8> = (0..=255).cycle().take(10_000).collect();
    b.send(&garbage);
    assert_alive(&mut b);
}

#[test]
fn a_host_that_leaves_during_an_upload() {
    let mut b = Bench::connected();
    b.line(r#"AT+QMTPUBEX=0,0,0,0,"t",5"#);
    b.within(millis(10));
    b.send(b"he");
    b.host(HostEvent::Detached);
    b.run_for(seconds(1));
    b.host(HostEvent::Attached);
    b.ok("AT");
    assert_eq!(b.received(), []);
    assert_alive(&mut b);
}

/// 2.8: 4096 bytes are kept while a command blocks, however they arrive.
#[test]
fn typing_ahead_of_a_blocking_command_is_limited() {
    let ahead = "AT\r".repeat(2000);
    let writes = [
        vec![format!("AT+COPS=?\r{ahead}")],
        vec!["AT+COPS=?\r".to_owned(), ahead.clone()],
    ];
    for writes in writes {
        let mut b = Bench::new();
        for write in writes {
            b.send(write.as_bytes());
        }
        let heard = b.within(seconds(180));
        assert_eq!(final_results(&heard), 1 + 4096 / 3);
        // The last byte kept was the `A` of a line.
        b.ok("T");
    }
}

#[test]
fn lines_faster_than_the_network() {
    let mut b = Bench::connected();
    for _ in 0..200 {
        b.line(r#"AT+QMTSUB=0,1,"t",0"#);
    }
    let heard = b.within(seconds(60));
    assert_eq!(heard.matches("\r\nOK\r\n").count(), 200);
    assert_eq!(heard.matches("\r\n+QMTSUB: 0,1,0,0\r\n").count(), 1);
    assert_eq!(
        heard.matches("\r\n+QMTSUB: 0,1,2\r\n").count(),
        199,
        "an identifier in flight fails with 2"
    );
}

/// Requests that nothing answers: each has a result in the end.
#[test]
fn more_requests_than_the_module_keeps() {
    let mut b = Bench::connected();
    b.lose(ToModule, PacketType::Suback);
    for id in 1..=200 {
        b.accepted(&format!(r#"AT+QMTSUB=0,{id},"t",0"#));
    }
    let heard = b.within(seconds(60));
    for id in 1..=200 {
        let results = heard.matches(&format!("\r\n+QMTSUB: 0,{id},2\r\n")).count();
        assert!(results <= 1);
    }
    assert_alive(&mut b);
}

#[test]
fn a_stalled_network_is_not_queued_for_without_end() {
    let mut b = Bench::connected();
    b.network.stalled = true;
    let payload = "p".repeat(1000);
    let mut refused = 0;
    for _ in 0..200 {
        let heard = b.at(&format!(r#"AT+QMTPUBEX=0,0,0,0,"t","{payload}""#));
        assert_eq!(final_results(&heard), 1);
        refused += usize::from(heard.contains("+QMTPUB: 0,0,2"));
    }
    assert!(refused > 100, "beyond 64 KiB a publish fails: {refused}");
    assert_eq!(b.within(seconds(20)), "\r\n+QMTSTAT: 0,6\r\n");
    assert_alive(&mut b);
}

/// Bytes before CONNECT mean nothing.
#[test]
fn an_early_talker() {
    let mut b = Bench::new();
    b.open(0);
    b.inject(&[0x20, 2, 0, 0, 0xff, 0xff]);
    assert_eq!(b.within(seconds(1)), "");
    b.ok(r#"AT+QMTCONN=0,"dev-0""#);
    b.then("\r\n+QMTCONN: 0,0,0\r\n");
}

/// A PUBLISH header of the largest length there is, and some of its body.
#[test]
fn a_packet_of_256_megabytes() {
    let mut b = Bench::connected();
    b.inject(&[0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, b't']);
    let chunk = vec![b'p'; 1 << 20];
    for _ in 0..255 {
        b.inject(&chunk);
    }
    // The rest of its 268435455 bytes.
    b.inject(&vec![b'p'; 268_435_455 - 3 - (255 << 20)]);
    assert_eq!(b.heard_text(), "");
    b.inject(&[0x30, 4, 0, 1, b't', b'x']);
    assert_eq!(b.heard_text(), "\r\n+QMTRECV: 0,0,\"t\",\"x\"\r\n");
}

/// Acknowledgements nobody waits for are ignored, but for PUBREC, which the
/// server waits to hear PUBREL for (docs/spec/quectel.md 6.7).
#[test]
fn acknowledgements_of_nothing() {
    let mut b = Bench::connected();
    b.take_packets();
    for packet in [
        packet::puback(5).to_vec(),
        packet::pubrec(5).to_vec(),
        packet::pubcomp(5).to_vec(),
        vec![0x90, 3, 0, 5, 0],
        vec![0xb0, 2, 0, 5],
        vec![0xd0, 0],
    ] {
        b.inject(&packet);
    }
    assert_eq!(b.within(seconds(5)), "");
    let answers = b.packets(ToBroker);
    assert!(
        matches!(answers[..], [packet::Packet::Pubrel(_)]),
        "{answers:?}"
    );
    b.expect("AT+QMTCONN?", "\r\n+QMTCONN: 0,3\r\n\r\nOK\r\n");
}

/// Lines a line-noise generator is proud of. No ATV0 or ATQ1 can come of it,
/// under which final results look different or not at all.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let words = select(vec![
        "AT",
        "at",
        "+QMT",
        "+QMTPUBEX=0,0,0,0,\"t\",",
        "+QMTPUB=0,1,1,0,\"t\"",
        "+QMTSUB=0,",
        "+QMTCFG=\"will\",",
        "+QMTOPEN=0,\"",
        "+QMTCONN=",
        "+QMTRECV=0",
        "+QMTDISC=0",
        "+QMTCLOSE=0",
        "?",
        "=?",
        "=",
        ",",
        ";",
        "\"",
        "0",
        "65536",
        "99999999999999999999",
        "-1",
        "\n",
        "\r",
        "\x1a",
        "\x1b",
        "\x08",
        "A/",
        "+++",
        " ",
    ]);
    let byte = any::<u8>().prop_filter("V and Q", |byte| !b"vVqQ".contains(byte));
    let piece = prop_oneof![
        3 => words.prop_map(|word| word.as_bytes().to_vec()),
        1 => prop::collection::vec(byte, 0..20),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn noise_from_the_host(
        bursts in prop::collection::vec((noise(), select(vec![0, 11, 40, 1200, 61_000])), 1..20)
    ) {
        let mut b = Bench::connected();
        for (bytes, wait) in bursts {
            b.send(&bytes);
            b.run_for(millis(wait));
        }
        assert_alive(&mut b);
    }

    /// Without CR, without what edits or repeats the line or changes the form
    /// of result codes (ATV, ATQ), and long enough after it for any data entry
    /// to be given up.
    #[test]
    fn every_line_gets_one_final_result(line in noise()) {
        let mut line = line;
        line.retain(|byte| !matches!(byte, b'\r' | b'\x08' | b'\x7f' | b'V' | b'v' | b'Q' | b'q'));
        let mut b = Bench::connected();
        let heard = b.at("AT");
        prop_assert_eq!(final_results(&heard), 1);
        b.send(b"AT");
        b.send(&line);
        b.send(b"\r");
        let heard = b.within(seconds(61));
        prop_assert_eq!(final_results(&heard), 1, "{:?}: {}", line, heard);
    }

    #[test]
    fn noise_from_the_broker(
        state in 0..4,
        pieces in prop::collection::vec(broker_noise(), 1..30),
    ) {
        let mut b = Bench::new();
        b.ok(r#"AT+QMTCFG="recv/mode",0,1"#);
        b.open(0);
        if state > 0 {
            if state == 1 {
                b.deafen_broker();
            }
            b.ok(r#"AT+QMTCONN=0,"dev-0""#);
            b.within(millis(100));
        }
        if state > 1 {
            b.at(r#"AT+QMTPUBEX=0,1,1,0,"t","x""#);
            b.at(r#"AT+QMTPUBEX=0,2,2,0,"t","x""#);
            b.at(r#"AT+QMTSUB=0,3,"t",2"#);
        }
        if state == 3 {
            b.at("AT+QMTDISC=0");
        }
        for piece in pieces {
            b.inject(&piece);
        }
        b.run_for(seconds(1));
        assert_alive(&mut b);
    }
}

/// Whole packets in any order, and bytes that are none.
fn broker_noise() -> impl Strategy<Value = Vec<u8>> {
    let packets = prop_oneof![
        any::<[u8; 2]>().prop_map(|[a, b]| vec![0x20, 2, a & 1, b % 8]),
        (select(vec![0x40, 0x50, 0x62, 0x6a, 0x70, 0xb0]), 0..6_u8)
            .prop_map(|(first, id)| vec![first, 2, 0, id]),
        (0..6_u8, any::<u8>()).prop_map(|(id, code)| vec![0x90, 3, 0, id, code]),
        (0..3_u8, 1..6_u16, prop::collection::vec(any::<u8>(), 0..40)).prop_map(
            |(level, id, payload)| {
                let qos = QoS::from_u8(level).expect("0 to 2");
                packet::publish(false, qos, false, id, b"t", &payload)
                    .expect("fits")
                    .to_vec()
            }
        ),
        Just(vec![0xd0, 0]),
    ];
    prop_oneof![
        8 => packets,
        1 => prop::collection::vec(any::<u8>(), 0..30),
    ]
}
