//! PUBLISH byte for byte: flags, identifiers and topics that are no text, which is
//! not seen of a scenario's broker (docs/spec/quectel.md 3.8, 3.9).

use attwin_sim::link::Direction;

use super::bench::Bench;

impl Bench {
    /// The only packet sent since the last look.
    #[track_caller]
    fn only_packet(&mut self) -> Vec<u8> {
        let mut wire = self.wire(Direction::ToBroker);
        assert_eq!(wire.len(), 1, "{wire:?}");
        wire.remove(0)
    }
}

#[test]
fn every_qos_and_retain() {
    for command in ["QMTPUBEX", "QMTPUB"] {
        for qos in 0..3_u8 {
            for retain in 0..2_u8 {
                let mut b = Bench::connected();
                b.take_packets();
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

/// Topics and payloads are bytes.
#[test]
fn bytes_that_are_no_text() {
    let mut b = Bench::connected();
    b.take_packets();
    b.send(b"AT+QMTPUB=0,0,0,0,\"\xfe\",\"\x1a\xff\x1b\"\r");
    assert_eq!(b.only_packet(), b"\x30\x06\x00\x01\xfe\x1a\xff\x1b");
}
