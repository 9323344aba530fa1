//! SUBSCRIBE and UNSUBSCRIBE byte for byte (docs/spec/quectel.md 3.6, 3.7).

use attwin_sim::link::Direction;

use super::bench::Bench;

#[test]
fn on_the_wire() {
    let mut b = Bench::connected();
    let longest = "t".repeat(256);
    b.take_packets();
    b.ok("AT+QMTSUB=0,65535,\"a\",0,\"b/#\",2");
    b.ok("AT+QMTUNS=0,1, \"a\" , b/#");
    b.send(b"AT+QMTSUB=0,258,\"\xff\",1\r");
    assert_eq!(
        b.wire(Direction::ToBroker),
        [
            b"\x82\x0c\xff\xff\x00\x01a\x00\x00\x03b/#\x02".to_vec(),
            b"\xa2\x0a\x00\x01\x00\x01a\x00\x03b/#".to_vec(),
            b"\x82\x06\x01\x02\x00\x01\xff\x01".to_vec(),
        ]
    );
    let mut b = Bench::connected();
    b.ok(&format!("AT+QMTSUB=0,1,\"{longest}\",1"));
    b.then("\r\n+QMTSUB: 0,1,0,1\r\n");
}
