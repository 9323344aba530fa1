//! AT+QMTCONN (docs/spec/quectel.md 3.4, 7.3).

use attwin_core::CloseReason;
use attwin_core::mqtt::packet::{ConnectReturnCode, PacketType};
use attwin_sim::broker::{BrokerConfig, UserList};
use attwin_sim::link::Direction;

use super::bench::{Bench, millis, seconds};

impl Bench {
    /// The CONNECT that follows these bytes of a line on an open client.
    #[track_caller]
    fn connect_packet(&mut self, line: &[u8]) -> Vec<u8> {
        self.packets.clear();
        self.send(line);
        self.send(b"\r");
        assert!(self.heard_text().starts_with("\r\nOK\r\n"));
        let mut wire = self.wire(Direction::ToBroker);
        assert_eq!(wire.len(), 1);
        wire.remove(0)
    }
}

/// A length-prefixed field.
fn field(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("short");
    [&length.to_be_bytes()[..], bytes].concat()
}

/// CONNECT of MQTT 3.1 with the default keep-alive.
fn connect_v31(flags: u8, fields: &[&[u8]]) -> Vec<u8> {
    let mut body = field(b"MQIsdp");
    body.extend_from_slice(&[3, flags, 0, 120]);
    body.extend(fields.iter().flat_map(|bytes| field(bytes)));
    let length = u8::try_from(body.len()).expect("short");
    assert!(length < 128);
    [&[0x10, length][..], &body].concat()
}

#[test]
fn forms() {
    let mut b = Bench::new();
    b.expect(
        "AT+QMTCONN=?",
        "\r\n+QMTCONN: (0-5),\"clientid\",\"username\",\"password\"\r\n\r\nOK\r\n",
    );
    b.ok("AT+QMTCONN?");
    b.error("AT+QMTCONN");
}

#[test]
fn refused_arguments() {
    let mut b = Bench::new();
    b.open(0);
    let (long_id, long) = ("x".repeat(257), "x".repeat(513));
    for arguments in [
        "0",
        "0,",
        "6,\"c\"",
        "0,\"c\",",
        "0,\"c\",\"u\",",
        "0,\"c\",,\"p\"",
        "0,\"c\",\"u\",\"p\",1",
        "0,\"c",
        &format!("0,\"{long_id}\""),
        &format!("0,\"c\",\"{long}\""),
        &format!("0,\"c\",\"u\",\"{long}\""),
    ] {
        b.error(&format!("AT+QMTCONN={arguments}"));
    }
    b.expect("AT+QMTCONN?", "\r\n+QMTCONN: 0,1\r\n\r\nOK\r\n");
    assert!(b.wire(Direction::ToBroker).is_empty());
    let (id, most) = ("i".repeat(256), "m".repeat(512));
    let packet =
        b.connect_packet(format!("AT+QMTCONN=0,\"{id}\",\"{most}\",\"{most}\"").as_bytes());
    assert!(
        packet.ends_with(
            &[
                field(id.as_bytes()),
                field(most.as_bytes()),
                field(most.as_bytes())
            ]
            .concat()
        )
    );
}

#[test]
fn fields_at_level_3() {
    for (arguments, flags, fields) in [
        ("\"c\"", 0x02, &[&b"c"[..]][..]),
        ("\"\"", 0x02, &[b""]),
        ("\"c\",\"user\"", 0x82, &[b"c", b"user"]),
        (
            "\"c\",\"user\",\"secret\"",
            0xc2,
            &[b"c", b"user", b"secret"],
        ),
        ("c,user,secret", 0xc2, &[b"c", b"user", b"secret"]),
        (" \"c\" , user , secret ", 0xc2, &[b"c", b"user", b"secret"]),
        ("\"c\",\"\",\"\"", 0xc2, &[b"c", b"", b""]),
        ("\"a\\n\"b\",\"u\"", 0x82, &[b"a\\n\"b", b"u"]),
    ] {
        let mut b = Bench::new();
        b.open(0);
        let packet = b.connect_packet(format!("AT+QMTCONN=0,{arguments}").as_bytes());
        assert_eq!(packet, connect_v31(flags, fields), "{arguments}");
    }
}

#[test]
fn fields_at_level_4() {
    let mut b = Bench::new();
    b.ok("AT+QMTCFG=\"version\",0,4");
    b.ok("AT+QMTCFG=\"session\",0,0");
    b.ok("AT+QMTCFG=\"keepalive\",0,0");
    b.open(0);
    assert_eq!(
        b.connect_packet(b"AT+QMTCONN=0,\"id\",\"u\",\"p\""),
        b"\x10\x14\x00\x04MQTT\x04\xc0\x00\x00\x00\x02id\x00\x01u\x00\x01p"
    );
}

/// Strings are byte strings (docs/spec/quectel.md 2.5).
#[test]
fn bytes_that_are_no_text() {
    let mut b = Bench::new();
    b.ok("AT+QMTCFG=\"will\",0,0");
    b.open(0);
    assert_eq!(
        b.connect_packet(b"AT+QMTCONN=0,\"\xff\xfe\",\"\x80\x1a\x1b\",\"\xc3\""),
        connect_v31(0xc2, &[b"\xff\xfe", b"\x80\x1a\x1b", b"\xc3"])
    );
}

#[test]
fn will_on_the_wire() {
    for (will, flags) in [
        ("0,0", 0x06),
        ("1,0", 0x0e),
        ("2,0", 0x16),
        ("0,1", 0x26),
        ("2,1", 0x36),
    ] {
        let mut b = Bench::new();
        b.ok(&format!("AT+QMTCFG=\"will\",0,1,{will},\"w/t\",\"gone\""));
        b.open(0);
        assert_eq!(
            b.connect_packet(b"AT+QMTCONN=0,\"c\""),
            connect_v31(flags, &[b"c", b"w/t", b"gone"])
        );
    }
    let mut b = Bench::new();
    b.data("AT+QMTCFG=\"willex\",0,1,0,0,\"w\",4", b"\x00\xff\r\n");
    b.open(0);
    assert_eq!(
        b.connect_packet(b"AT+QMTCONN=0,\"c\",\"u\",\"p\""),
        connect_v31(0xc6, &[b"c", b"w", b"\x00\xff\r\n", b"u", b"p"])
    );
}

/// CONNACK 1 to 5, and the server that closes after it.
#[test]
fn refusals() {
    for (code, number) in [
        (ConnectReturnCode::UnacceptableProtocolVersion, 1),
        (ConnectReturnCode::IdentifierRejected, 2),
        (ConnectReturnCode::ServerUnavailable, 3),
        (ConnectReturnCode::BadUserNameOrPassword, 4),
        (ConnectReturnCode::NotAuthorized, 5),
    ] {
        let mut b = Bench::new();
        b.open(0);
        b.operate(|broker, _| broker.refuse_next(code, 1));
        b.ok("AT+QMTCONN=0,\"c\"");
        b.then(&format!(
            "\r\n+QMTCONN: 0,0,{number}\r\n\r\n+QMTSTAT: 0,4\r\n"
        ));
        b.error("AT+QMTCLOSE=0");
        b.ok("AT+QMTCONN?");
        b.connect(0);
    }
}

#[test]
fn refused_by_a_server_that_does_not_close() {
    let mut b = Bench::new();
    b.ok("AT+QMTCFG=\"timeout\",0,7");
    b.open(0);
    b.lose(Direction::ToBroker, PacketType::Connect);
    b.ok("AT+QMTCONN=0,\"c\"");
    b.inject(b"\x20\x02\x00\x02");
    b.expect(
        "AT+QMTCONN?",
        "\r\n+QMTCONN: 0,0,2\r\n\r\n+QMTCONN: 0,2\r\n\r\nOK\r\n",
    );
    assert_eq!(
        b.timeline(seconds(60)),
        [(7_000, "+QMTSTAT: 0,4".to_owned())]
    );
    assert!(b.open_links().is_empty());
}

/// A refused client may be closed before the server does it.
#[test]
fn refused_then_closed_by_the_host() {
    let mut b = Bench::new();
    b.open(0);
    b.lose(Direction::ToBroker, PacketType::Connect);
    b.ok("AT+QMTCONN=0,\"c\"");
    b.inject(b"\x20\x02\x00\x05");
    b.then("\r\n+QMTCONN: 0,0,5\r\n");
    b.close(0);
    assert_eq!(b.within(seconds(60)), "");
}

#[test]
fn credentials_decide() {
    let users = || BrokerConfig {
        authenticate: Box::new(UserList::new().with_user("u", "p")),
        ..BrokerConfig::default()
    };
    for (arguments, result) in [
        ("\"c\",\"u\",\"p\"", "0"),
        ("\"c\",\"u\",\"q\"", "4"),
        ("\"c\"", "5"),
    ] {
        let mut b = Bench::with_broker(&[("result_urc_delay_ms", "0")], users());
        b.open(0);
        b.ok(&format!("AT+QMTCONN=0,{arguments}"));
        let heard = b.within(seconds(1));
        assert!(
            heard.starts_with(&format!("\r\n+QMTCONN: 0,0,{result}\r\n")),
            "{heard}"
        );
    }
}

/// CONNECT is never sent again (docs/spec/quectel.md 3.4).
#[test]
fn no_answer() {
    for (quirk, code) in [("4", 4), ("3", 3)] {
        let mut b = Bench::with(&[
            ("result_urc_delay_ms", "0"),
            ("connack_timeout_code", quirk),
        ]);
        b.open(0);
        b.lose(Direction::ToModule, PacketType::Connack);
        b.packets.clear();
        b.ok("AT+QMTCONN=0,\"c\"");
        b.expect("AT+QMTCONN?", "\r\n+QMTCONN: 0,2\r\n\r\nOK\r\n");
        assert_eq!(
            b.timeline(seconds(60)),
            [
                (5_000, "+QMTCONN: 0,2".to_owned()),
                (5_000, format!("+QMTSTAT: 0,{code}")),
            ]
        );
        assert_eq!(b.wire(Direction::ToBroker).len(), 1);
        b.error("AT+QMTCLOSE=0");
    }
}

#[test]
fn no_answer_within_the_set_time() {
    let mut b = Bench::new();
    b.ok("AT+QMTCFG=\"timeout\",0,60,0,1");
    b.open(0);
    b.lose(Direction::ToModule, PacketType::Connack);
    b.ok("AT+QMTCONN=0,\"c\"");
    assert_eq!(
        b.timeline(seconds(80)),
        [
            (60_000, "+QMTCONN: 0,2".to_owned()),
            (60_000, "+QMTSTAT: 0,4".to_owned()),
        ]
    );
}

#[test]
fn connect_cannot_be_written() {
    let mut b = Bench::new();
    b.open(0);
    b.network.stalled = true;
    b.ok("AT+QMTCONN=0,\"c\"");
    b.cut(CloseReason::WriteFailed);
    b.then("\r\n+QMTCONN: 0,2\r\n\r\n+QMTSTAT: 0,3\r\n");
    b.error("AT+QMTCLOSE=0");
}

/// Sending failed, not receiving: the link takes no bytes (docs/spec/quectel.md
/// 7.3, 11 row 15).
#[test]
fn connect_stays_unwritten() {
    for retries in [0, 3] {
        let mut b = Bench::new();
        b.ok(&format!("AT+QMTCFG=\"timeout\",0,5,{retries}"));
        b.open(0);
        b.network.stalled = true;
        b.ok("AT+QMTCONN=0,\"c\"");
        assert_eq!(
            b.timeline(seconds(60)),
            [
                (5_000, "+QMTCONN: 0,2".to_owned()),
                (5_000, "+QMTSTAT: 0,3".to_owned()),
            ]
        );
        assert!(b.open_links().is_empty());
    }
}

#[test]
fn closed_before_connack() {
    for reason in [CloseReason::Finished, CloseReason::Reset] {
        let mut b = Bench::new();
        b.open(0);
        b.lose(Direction::ToModule, PacketType::Connack);
        b.ok("AT+QMTCONN=0,\"c\"");
        b.cut(reason);
        b.then("\r\n+QMTSTAT: 0,1\r\n");
        assert_eq!(b.within(seconds(60)), "");
    }
}

#[test]
fn states() {
    let mut b = Bench::new();
    b.error("AT+QMTCONN=0,\"c\"");
    b.open(0);
    b.expect("AT+QMTCONN?", "\r\n+QMTCONN: 0,1\r\n\r\nOK\r\n");
    b.connect(2);
    b.expect(
        "AT+QMTCONN?",
        "\r\n+QMTCONN: 0,1\r\n+QMTCONN: 2,3\r\n\r\nOK\r\n",
    );
    b.error("AT+QMTCONN=2,\"c\"");
    b.lose(Direction::ToModule, PacketType::Connack);
    b.ok("AT+QMTCONN=0,\"c\"");
    b.error("AT+QMTCONN=0,\"c\"");
    b.run_for(millis(10));
    b.lose(Direction::ToBroker, PacketType::Disconnect);
    b.ok("AT+QMTDISC=2");
    b.then("\r\n+QMTDISC: 2,0\r\n");
    b.expect(
        "AT+QMTCONN?",
        "\r\n+QMTCONN: 0,2\r\n+QMTCONN: 2,4\r\n\r\nOK\r\n",
    );
}

/// The manual's note: the server drops the older of two equal client ids.
#[test]
fn take_over_between_two_clients() {
    let mut b = Bench::new();
    b.open(0);
    b.ok("AT+QMTCONN=0,\"same\"");
    b.then("\r\n+QMTCONN: 0,0,0\r\n");
    b.open(4);
    b.ok("AT+QMTCONN=4,\"same\"");
    let heard = b.within(seconds(1));
    for line in ["\r\n+QMTCONN: 4,0,0\r\n", "\r\n+QMTSTAT: 0,1\r\n"] {
        assert!(heard.contains(line), "{heard}");
    }
    b.expect("AT+QMTCONN?", "\r\n+QMTCONN: 4,3\r\n\r\nOK\r\n");
}

/// No later line of the client overtakes the delayed result.
#[test]
fn result_is_delayed() {
    let mut b = Bench::with(&[]);
    b.ok("AT+QMTOPEN=0,\"h\",1883");
    b.run_for(millis(300));
    b.heard();
    b.operate(|broker, _| broker.refuse_next(ConnectReturnCode::NotAuthorized, 1));
    b.ok("AT+QMTCONN=0,\"c\"");
    assert_eq!(
        b.timeline(seconds(2)),
        [
            (300, "+QMTCONN: 0,0,5".to_owned()),
            (300, "+QMTSTAT: 0,4".to_owned()),
        ]
    );
}
