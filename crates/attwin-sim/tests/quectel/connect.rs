//! CONNECT byte for byte, which is not seen of a scenario's broker: flags, an
//! absent password, bytes that are no text (docs/spec/quectel.md 3.4).

use attwin_sim::link::Direction;

use super::bench::Bench;

impl Bench {
    /// The CONNECT that follows these bytes of a line on an open client.
    #[track_caller]
    fn connect_packet(&mut self, line: &[u8]) -> Vec<u8> {
        self.take_packets();
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

/// What opening consumes acts from the next AT+QMTOPEN; the rest when CONNECT
/// is built.
#[test]
fn values_are_consumed_when_connect_is_built() {
    let mut b = Bench::new();
    b.open(0);
    b.ok("AT+QMTCFG=\"version\",0,4");
    b.ok("AT+QMTCFG=\"keepalive\",0,300");
    b.ok("AT+QMTCFG=\"session\",0,0");
    b.ok("AT+QMTCONN=0,\"c\"");
    b.then("\r\n+QMTCONN: 0,0,0\r\n");
    assert_eq!(
        b.wire(Direction::ToBroker),
        [b"\x10\x0d\x00\x04MQTT\x04\x00\x01\x2c\x00\x01c".to_vec()]
    );
}
