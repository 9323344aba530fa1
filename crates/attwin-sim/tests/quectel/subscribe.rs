//! AT+QMTSUB and AT+QMTUNS (docs/spec/quectel.md 3.6, 3.7).

use attwin_core::mqtt::packet::PacketType;
use attwin_sim::broker::{BrokerConfig, BrokerEvent};
use attwin_sim::link::Direction;

use super::bench::{Bench, seconds};

#[test]
fn forms() {
    let mut b = Bench::connected();
    b.expect(
        "AT+QMTSUB=?",
        "\r\n+QMTSUB: (0-5),<msgid>,list of [\"topic\",qos]\r\n\r\nOK\r\n",
    );
    b.expect(
        "AT+QMTUNS=?",
        "\r\n+QMTUNS: (0-5),<msgid>,list of [\"topic\"]\r\n\r\nOK\r\n",
    );
    for refused in ["AT+QMTSUB", "AT+QMTSUB?", "AT+QMTUNS", "AT+QMTUNS?"] {
        b.error(refused);
    }
}

#[test]
fn refused_arguments() {
    let mut b = Bench::connected();
    let long = "t".repeat(257);
    for arguments in [
        "0",
        "0,1",
        "0,1,\"t\"",
        "0,1,\"t\",",
        "0,1,\"t\",3",
        "0,1,\"t\",\"1\"",
        "0,1,\"\",1",
        "0,0,\"t\",1",
        "0,65536,\"t\",1",
        "0,,\"t\",1",
        "6,1,\"t\",1",
        "0,1,\"t\",1,\"u\"",
        "0,1,\"t\",1,",
        "0,1,\"a\",0,\"b\",0,\"c\",0,\"d\",0,\"e\",0,\"f\",0",
        &format!("0,1,\"{long}\",1"),
    ] {
        b.error(&format!("AT+QMTSUB={arguments}"));
    }
    for arguments in [
        "0",
        "0,1",
        "0,1,",
        "0,1,\"\"",
        "0,0,\"t\"",
        "0,65536,\"t\"",
        "0,1,\"t\",",
        "0,1,\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"",
        &format!("0,1,\"{long}\""),
    ] {
        b.error(&format!("AT+QMTUNS={arguments}"));
    }
    b.packets.clear();
    assert_eq!(b.within(seconds(30)), "");
    assert!(b.wire(Direction::ToBroker).is_empty());
}

#[test]
fn one_to_five_filters() {
    let mut b = Bench::connected();
    let filters = [("a", 0), ("b/+", 1), ("c/#", 2), ("#", 1), ("\u{e9}", 0)];
    for count in 1..=5 {
        let list: String = filters[..count]
            .iter()
            .map(|(filter, qos)| format!(",\"{filter}\",{qos}"))
            .collect();
        let granted: String = filters[..count]
            .iter()
            .map(|(_, qos)| format!(",{qos}"))
            .collect();
        b.ok(&format!("AT+QMTSUB=0,{count}{list}"));
        b.then(&format!("\r\n+QMTSUB: 0,{count},0{granted}\r\n"));
    }
    for count in 1..=5 {
        let list: String = filters[..count]
            .iter()
            .map(|(filter, _)| format!(",\"{filter}\""))
            .collect();
        b.ok(&format!("AT+QMTUNS=0,{count}{list}"));
        b.then(&format!("\r\n+QMTUNS: 0,{count},0\r\n"));
    }
}

#[test]
fn on_the_wire() {
    let mut b = Bench::connected();
    let longest = "t".repeat(256);
    b.packets.clear();
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

#[test]
fn granted_qos_is_the_servers() {
    let mut b = Bench::connected();
    b.lose(Direction::ToBroker, PacketType::Subscribe);
    b.ok("AT+QMTSUB=0,7,\"a\",2,\"b\",2,\"c\",1");
    b.inject(b"\x90\x05\x00\x07\x01\x02\x00");
    b.then("\r\n+QMTSUB: 0,7,0,1,2,0\r\n");
}

#[test]
fn refused_filter_is_128() {
    let broker = BrokerConfig {
        refused_filters: vec!["secret/#".into()],
        ..BrokerConfig::default()
    };
    let mut b = Bench::with_broker(&[("result_urc_delay_ms", "0")], broker);
    b.ok("AT+QMTCFG=\"version\",0,4");
    b.connect(0);
    b.ok("AT+QMTSUB=0,1,\"open\",1,\"secret/#\",1");
    b.then("\r\n+QMTSUB: 0,1,0,1,128\r\n");
    b.ok("AT+QMTSUB=0,2,\"secret/#\",0");
    b.then("\r\n+QMTSUB: 0,2,0,128\r\n");
}

/// Result 2 for an identifier any request in flight has; it is free again
/// once that is answered.
#[test]
fn identifier_in_flight() {
    let mut b = Bench::connected();
    b.lose(Direction::ToModule, PacketType::Suback);
    b.ok("AT+QMTSUB=0,7,\"t\",1");
    b.expect("AT+QMTSUB=0,7,\"u\",1", "\r\nOK\r\n\r\n+QMTSUB: 0,7,2\r\n");
    b.expect("AT+QMTUNS=0,7,\"u\"", "\r\nOK\r\n\r\n+QMTUNS: 0,7,2\r\n");
    b.inject(b"\x90\x03\x00\x07\x01");
    b.then("\r\n+QMTSUB: 0,7,0,1\r\n");
    b.ok("AT+QMTUNS=0,7,\"t\"");
    b.then("\r\n+QMTUNS: 0,7,0\r\n");
    // Another client has identifiers of its own.
    b.ok("AT+QMTSUB=0,8,\"t\",1");
    b.connect(1);
    b.lose(Direction::ToModule, PacketType::Pingresp);
    b.ok("AT+QMTSUB=1,8,\"t\",1");
    b.then("\r\n+QMTSUB: 1,8,0,1\r\n");
}

#[test]
fn several_at_once() {
    let mut b = Bench::connected();
    b.ok("AT+QMTSUB=0,1,\"a\",0");
    b.ok("AT+QMTSUB=0,2,\"b\",1");
    b.ok("AT+QMTUNS=0,3,\"a\"");
    b.then("\r\n+QMTSUB: 0,1,0,0\r\n\r\n+QMTSUB: 0,2,0,1\r\n\r\n+QMTUNS: 0,3,0\r\n");
    let asked = b.broker_events.iter().filter(|event| {
        matches!(
            event,
            BrokerEvent::Subscribed { .. } | BrokerEvent::Unsubscribed { .. }
        )
    });
    assert_eq!(asked.count(), 3);
}

#[test]
fn result_is_delayed() {
    let mut b = Bench::with(&[]);
    for line in ["AT+QMTOPEN=0,\"h\",1883", "AT+QMTCONN=0,\"c\""] {
        b.ok(line);
        b.run_for(seconds(1));
        b.heard();
    }
    b.ok("AT+QMTSUB=0,1,\"t\",1");
    assert_eq!(
        b.timeline(seconds(1)),
        [(300, "+QMTSUB: 0,1,0,1".to_owned())]
    );
    b.ok("AT+QMTUNS=0,1,\"t\"");
    assert_eq!(b.timeline(seconds(1)), [(300, "+QMTUNS: 0,1,0".to_owned())]);
}
