//! AT+QMTPUBEX and AT+QMTPUB (docs/spec/quectel.md 3.8, 3.9, 6.4).

use attwin_core::mqtt::packet::{PacketType, Pid, QosPid};
use attwin_sim::link::Direction;

use super::bench::{Bench, millis, seconds};

impl Bench {
    /// The only packet sent since the last look.
    #[track_caller]
    fn only_packet(&mut self) -> Vec<u8> {
        let mut wire = self.wire(Direction::ToBroker);
        assert_eq!(wire.len(), 1, "{wire:?}");
        wire.remove(0)
    }

    /// Fills the window with publishes nobody acknowledges.
    #[track_caller]
    fn fill_window(&mut self) {
        self.lose(Direction::ToModule, PacketType::Puback);
        for id in 1..=5 {
            let line = format!("AT+QMTPUBEX=0,{id},1,0,\"t\",1");
            assert_eq!(self.data(&line, b"x"), "\r\nOK\r\n");
        }
    }
}

#[test]
fn forms() {
    let mut b = Bench::connected();
    b.expect(
        "AT+QMTPUBEX=?",
        "\r\n+QMTPUBEX: (0-5),<msgid>,(0-2),(0,1),\"topic\",\"length\"\r\n\r\nOK\r\n",
    );
    b.expect(
        "AT+QMTPUB=?",
        "\r\n+QMTPUB: (0-5),<msgid>,(0-2),(0,1),\"topic\"\r\n\r\nOK\r\n",
    );
    for refused in ["AT+QMTPUBEX", "AT+QMTPUBEX?", "AT+QMTPUB", "AT+QMTPUB?"] {
        b.error(refused);
    }
}

/// Each is answered ERROR instead of the prompt.
#[test]
fn refused_arguments() {
    let mut b = Bench::connected();
    let long = "t".repeat(257);
    let long_message = "m".repeat(1501);
    for command in ["QMTPUBEX", "QMTPUB"] {
        for arguments in [
            "0,0,0,0",
            "0,0,0",
            "0,0,0,0,\"\",5",
            "0,0,0,0,\"t\",1501",
            "0,0,0,0,\"t\",-1",
            "0,0,0,0,\"t\",",
            "0,0,0,0,,5",
            "0,0,3,0,\"t\",5",
            "0,0,0,2,\"t\",5",
            "0,0,1,0,\"t\",5",
            "0,0,2,0,\"t\",5",
            "0,65536,0,0,\"t\",5",
            "6,0,0,0,\"t\",5",
            "1,0,0,0,\"t\",5",
            "0,0,0,0,\"t/+\",5",
            "0,0,0,0,\"#\",5",
            "0,0,0,0,\"a#b\",5",
            "0,0,0,0,\"+\"",
            "0,0,0,0,\"#\",\"message\"",
            "0,0,1,0,\"t\",\"message\"",
            "0,0,0,0,\"t\",\"unfinished",
            &format!("0,0,0,0,\"{long}\",5"),
            &format!("0,0,0,0,\"t\",\"{long_message}\""),
        ] {
            b.error(&format!("AT+{command}={arguments}"));
        }
    }
    b.error("AT+QMTPUBEX=0,0,0,0,\"t\",3,\"abc\"");
    b.error("AT+QMTPUB=0,0,0,0,\"t\",3,\"abcd\"");
    b.error("AT+QMTPUB=0,0,0,0,\"t\",3,\"ab\"");
    b.error("AT+QMTPUB=0,0,0,0,\"t\",3,");
    b.error("AT+QMTPUB=0,0,0,0,\"t\",3,\"abc\",1");
    assert!(b.received().is_empty());
}

#[test]
fn every_qos_and_retain() {
    for command in ["QMTPUBEX", "QMTPUB"] {
        for qos in 0..3_u8 {
            for retain in 0..2_u8 {
                let mut b = Bench::connected();
                b.packets.clear();
                let id = u16::from(qos);
                let said = b.data(
                    &format!("AT+{command}=0,{id},{qos},{retain},\"t\",5"),
                    b"hello",
                );
                assert_eq!(
                    said,
                    format!("\r\nOK\r\n\r\n+{command}: 0,{id},0\r\n"),
                    "QoS {qos}"
                );
                let first = 0x30 | qos << 1 | retain;
                let expected = match qos {
                    0 => [&[first, 8, 0, 1, b't'][..], b"hello"].concat(),
                    _ => [&[first, 10, 0, 1, b't', 0, qos][..], b"hello"].concat(),
                };
                let wire = b.wire(Direction::ToBroker);
                assert_eq!(wire[0], expected);
                match qos {
                    2 => assert_eq!(wire[1..], [vec![0x62, 2, 0, 2]]),
                    _ => assert_eq!(wire.len(), 1),
                }
            }
        }
    }
}

/// A msgid other than 0 is echoed and not put on the wire.
#[test]
fn msgid_of_qos_0() {
    let mut b = Bench::connected();
    b.packets.clear();
    let said = b.data("AT+QMTPUBEX=0,65535,0,0,\"t\",1", b"x");
    assert_eq!(said, "\r\nOK\r\n\r\n+QMTPUBEX: 0,65535,0\r\n");
    assert_eq!(b.only_packet(), b"\x30\x04\x00\x01tx");
}

#[test]
fn shortest_and_longest() {
    let mut b = Bench::connected();
    b.line("AT+QMTPUBEX=0,0,0,0,\"t\",0");
    assert_eq!(b.within(millis(10)), "\r\n> ");
    assert_eq!(b.within(millis(25)), "\r\nOK\r\n\r\n+QMTPUBEX: 0,0,0\r\n");
    let longest = vec![0xa5; 1500];
    let said = b.data("AT+QMTPUBEX=0,0,0,0,\"t\",1500", &longest);
    assert_eq!(said, "\r\nOK\r\n\r\n+QMTPUBEX: 0,0,0\r\n");
    let topic = "t".repeat(256);
    let said = b.data(&format!("AT+QMTPUBEX=0,0,0,0,\"{topic}\",1"), b"x");
    assert_eq!(said, "\r\nOK\r\n\r\n+QMTPUBEX: 0,0,0\r\n");
    assert_eq!(
        b.received(),
        [
            ("t".to_owned(), vec![]),
            ("t".to_owned(), longest),
            (topic, b"x".to_vec()),
        ]
    );
}

/// Without a length, both commands read up to 0x1A.
#[test]
fn terminated() {
    for command in ["QMTPUBEX", "QMTPUB"] {
        let mut b = Bench::connected();
        let said = b.data(&format!("AT+{command}=0,3,1,0,\"t\""), b"a\r\nb\x1a");
        assert_eq!(said, format!("\r\nOK\r\n\r\n+{command}: 0,3,0\r\n"));
        assert_eq!(b.received(), [("t".to_owned(), b"a\r\nb".to_vec())]);
    }
}

#[test]
fn cancelled() {
    for command in ["QMTPUBEX", "QMTPUB"] {
        let mut b = Bench::connected();
        b.packets.clear();
        let said = b.data(&format!("AT+{command}=0,3,1,0,\"t\""), b"abc\x1b");
        assert_eq!(said, "\r\nOK\r\n");
        assert_eq!(b.within(seconds(60)), "");
        assert!(b.wire(Direction::ToBroker).is_empty());
        // The identifier was not taken.
        assert_eq!(
            b.data(&format!("AT+{command}=0,3,1,0,\"t\",1"), b"x"),
            format!("\r\nOK\r\n\r\n+{command}: 0,3,0\r\n")
        );
    }
}

/// No prompt; the closing quote is the last one of the line.
#[test]
fn inline() {
    let longest = "m".repeat(1500);
    for command in ["QMTPUBEX", "QMTPUB"] {
        for message in [
            "hello",
            "",
            "{\"a\":\"b\",\"c\":\"d\"}",
            "a;b\";\"c",
            "\"",
            &longest,
        ] {
            let mut b = Bench::connected();
            b.ok(&format!("AT+{command}=0,9,1,0,\"t\",\"{message}\""));
            b.then(&format!("\r\n+{command}: 0,9,0\r\n"));
            assert_eq!(
                b.received(),
                [("t".to_owned(), message.as_bytes().to_vec())]
            );
        }
    }
}

#[test]
fn inline_with_length() {
    let mut b = Bench::connected();
    b.ok("AT+QMTPUB=0,0,0,0,\"t\",3,\"abc\"");
    b.then("\r\n+QMTPUB: 0,0,0\r\n");
    b.ok("AT+QMTPUB=0,0,0,0,\"t\",5,\"\"a\",\"\"");
    b.then("\r\n+QMTPUB: 0,0,0\r\n");
    b.ok("AT+QMTPUB=0,0,0,0,\"t\",0,\"\"");
    b.then("\r\n+QMTPUB: 0,0,0\r\n");
    assert_eq!(
        b.received(),
        [
            ("t".to_owned(), b"abc".to_vec()),
            ("t".to_owned(), b"\"a\",\"".to_vec()),
            ("t".to_owned(), vec![]),
        ]
    );
}

/// Five unacknowledged; the sixth gets ERROR in place of the prompt, while
/// QoS 0, SUBSCRIBE and UNSUBSCRIBE do not count.
#[test]
fn window_of_five() {
    let mut b = Bench::connected();
    b.fill_window();
    b.error("AT+QMTPUBEX=0,6,1,0,\"t\",1");
    b.error("AT+QMTPUBEX=0,6,2,0,\"t\",1");
    b.error("AT+QMTPUB=0,6,1,0,\"t\"");
    b.error("AT+QMTPUB=0,6,1,0,\"t\",\"inline\"");
    b.error("AT+QMTPUBEX=0,1,1,0,\"t\",1");
    assert_eq!(
        b.data("AT+QMTPUBEX=0,0,0,0,\"t\",1", b"x"),
        "\r\nOK\r\n\r\n+QMTPUBEX: 0,0,0\r\n"
    );
    b.ok("AT+QMTSUB=0,6,\"u\",0");
    b.then("\r\n+QMTSUB: 0,6,0,0\r\n");
    // Another client has a window of its own.
    b.connect(1);
    assert_eq!(b.data("AT+QMTPUBEX=1,1,1,0,\"t\",1", b"x"), "\r\nOK\r\n");
    b.inject(b"\x40\x02\x00\x01");
    b.then("\r\n+QMTPUBEX: 1,1,0\r\n");
}

#[test]
fn window_opens_with_an_acknowledgement() {
    let mut b = Bench::connected();
    b.fill_window();
    b.inject(b"\x40\x02\x00\x03");
    b.then("\r\n+QMTPUBEX: 0,3,0\r\n");
    assert_eq!(b.data("AT+QMTPUBEX=0,3,1,0,\"t\",1", b"x"), "\r\nOK\r\n");
    b.error("AT+QMTPUBEX=0,6,1,0,\"t\",1");
    // Giving up counts as well (docs/spec/quectel.md 6.4).
    assert!(b.within(seconds(21)).contains("\r\n+QMTPUBEX: 0,1,2\r\n"));
    assert_eq!(b.data("AT+QMTPUBEX=0,6,1,0,\"t\",1", b"x"), "\r\nOK\r\n");
}

/// A QoS 2 exchange counts until PUBCOMP.
#[test]
fn window_and_qos_2() {
    let mut b = Bench::connected();
    b.lose(Direction::ToModule, PacketType::Pubcomp);
    for id in 1..=5 {
        let line = format!("AT+QMTPUBEX=0,{id},2,0,\"t\",1");
        assert_eq!(b.data(&line, b"x"), "\r\nOK\r\n");
    }
    b.error("AT+QMTPUBEX=0,6,2,0,\"t\",1");
    b.inject(b"\x70\x02\x00\x05");
    b.then("\r\n+QMTPUBEX: 0,5,0\r\n");
    assert_eq!(b.data("AT+QMTPUBEX=0,6,2,0,\"t\",1", b"x"), "\r\nOK\r\n");
}

/// Data is taken, `OK`, result 2.
#[test]
fn identifier_in_flight() {
    let mut b = Bench::connected();
    b.lose(Direction::ToModule, PacketType::Puback);
    assert_eq!(b.data("AT+QMTPUBEX=0,7,1,0,\"t\",1", b"x"), "\r\nOK\r\n");
    b.packets.clear();
    for qos in 1..3 {
        assert_eq!(
            b.data(&format!("AT+QMTPUBEX=0,7,{qos},0,\"t\",3"), b"new"),
            "\r\nOK\r\n\r\n+QMTPUBEX: 0,7,2\r\n"
        );
    }
    assert_eq!(
        b.data("AT+QMTPUB=0,7,1,0,\"t\"", b"new\x1a"),
        "\r\nOK\r\n\r\n+QMTPUB: 0,7,2\r\n"
    );
    b.expect(
        "AT+QMTPUB=0,7,1,0,\"t\",\"new\"",
        "\r\nOK\r\n\r\n+QMTPUB: 0,7,2\r\n",
    );
    assert!(b.wire(Direction::ToBroker).is_empty());
    // A QoS 0 message has no identifier to clash.
    assert_eq!(
        b.data("AT+QMTPUBEX=0,7,0,0,\"t\",3", b"new"),
        "\r\nOK\r\n\r\n+QMTPUBEX: 0,7,0\r\n"
    );
    b.inject(b"\x40\x02\x00\x07");
    b.then("\r\n+QMTPUBEX: 0,7,0\r\n");
}

#[test]
fn identifier_in_flight_of_a_subscription() {
    let mut b = Bench::connected();
    b.lose(Direction::ToModule, PacketType::Suback);
    b.ok("AT+QMTSUB=0,7,\"t\",1");
    assert_eq!(
        b.data("AT+QMTPUBEX=0,7,1,0,\"t\",1", b"x"),
        "\r\nOK\r\n\r\n+QMTPUBEX: 0,7,2\r\n"
    );
}

/// `OK` means queued: the next command may follow at once.
#[test]
fn pipelined() {
    let mut b = Bench::connected();
    b.lose(Direction::ToBroker, PacketType::Pingreq);
    b.network.latency = millis(100);
    assert_eq!(b.data("AT+QMTPUBEX=0,1,1,0,\"t\",1", b"a"), "\r\nOK\r\n");
    assert_eq!(b.data("AT+QMTPUBEX=0,2,1,0,\"t\",1", b"b"), "\r\nOK\r\n");
    assert_eq!(
        b.within(seconds(1)),
        "\r\n+QMTPUBEX: 0,1,0\r\n\r\n+QMTPUBEX: 0,2,0\r\n"
    );
    let ids = [1, 2].map(|id| QosPid::Level1(Pid::try_from(id).expect("not 0")));
    let sent: Vec<_> = b
        .packets(Direction::ToBroker)
        .into_iter()
        .filter_map(|packet| match packet {
            attwin_core::mqtt::packet::Packet::Publish(publish) => Some(publish.qos_pid),
            _ => None,
        })
        .collect();
    assert_eq!(sent, ids);
}

/// The result of QoS 0 is that TCP took it.
#[test]
fn qos_0_is_done_when_written() {
    let mut b = Bench::connected();
    b.network.stalled = true;
    assert_eq!(b.data("AT+QMTPUBEX=0,0,0,0,\"t\",1", b"x"), "\r\nOK\r\n");
    assert_eq!(b.within(seconds(10)), "");
    b.unstall();
    b.then("\r\n+QMTPUBEX: 0,0,0\r\n");
}

/// Topics and payloads are bytes.
#[test]
fn bytes_that_are_no_text() {
    let mut b = Bench::connected();
    b.packets.clear();
    b.send(b"AT+QMTPUB=0,0,0,0,\"\xfe\",\"\x1a\xff\x1b\"\r");
    assert_eq!(b.only_packet(), b"\x30\x06\x00\x01\xfe\x1a\xff\x1b");
}

#[test]
fn result_is_delayed() {
    let mut b = Bench::with(&[]);
    for line in ["AT+QMTOPEN=0,\"h\",1883", "AT+QMTCONN=0,\"c\""] {
        b.ok(line);
        b.run_for(seconds(1));
        b.heard();
    }
    b.ok("AT+QMTPUB=0,0,0,0,\"t\",\"m\"");
    assert_eq!(b.timeline(seconds(1)), [(300, "+QMTPUB: 0,0,0".to_owned())]);
    assert_eq!(b.data("AT+QMTPUBEX=0,1,1,0,\"t\",1", b"x"), "\r\nOK\r\n");
    // From the `OK`, which came 5 ms ago.
    assert_eq!(
        b.timeline(seconds(1)),
        [(295, "+QMTPUBEX: 0,1,0".to_owned())]
    );
}
