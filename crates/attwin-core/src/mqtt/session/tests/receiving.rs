use super::*;

const NOTHING: [Vec<u8>; 0] = [];

fn on_release() -> Options {
    let mut options = options();
    options.rules.delivery = Delivery::OnRelease;
    options
}

#[test]
fn qos_0_and_1() {
    let mut bench = Bench::connected(options());
    let events = bench.receive(&publish(0x31, 0));
    assert_eq!(
        events,
        [Event::Message(Message {
            topic: packet::TopicName::new("t").expect("valid"),
            payload: Bytes::from_static(b"x"),
            qos: QoS::Level0,
            retain: true,
            dup: false,
            id: 0,
            acknowledgement: None,
        })]
    );
    let events = bench.receive(&publish(0x3a, 7));
    let [
        Event::Message(Message {
            qos: QoS::Level1,
            dup: true,
            id: 7,
            ..
        }),
    ] = events[..]
    else {
        panic!("{events:?}");
    };
    assert_eq!(
        bench.packets(),
        NOTHING,
        "not acknowledged before the dialect says so"
    );
    bench.acknowledge(events);
    assert_eq!(bench.packets(), [[0x40, 2, 0, 7]]);
    // QoS 1 is at least once.
    assert_eq!(payloads(&bench.receive(&publish(0x3a, 7))).len(), 1);
}

#[test]
fn qos_2_on_publish_is_delivered_once() {
    let mut bench = Bench::connected(options());
    let events = bench.receive(&publish(0x34, 5));
    assert_eq!(payloads(&events), [b"x"]);
    assert_eq!(
        bench.receive(&publish(0x3c, 5)),
        [],
        "the acknowledgement is pending"
    );
    assert_eq!(bench.packets(), NOTHING);
    bench.acknowledge(events);
    assert_eq!(bench.packets(), [[0x50, 2, 0, 5]]);
    assert_eq!(bench.receive(&publish(0x3c, 5)), []);
    assert_eq!(bench.packets(), [[0x50, 2, 0, 5]]);
    assert_eq!(
        bench.receive(&[0x62, 2, 0, 5]),
        [Event::Released { id: 5, dup: false }]
    );
    assert_eq!(bench.packets(), [[0x70, 2, 0, 5]]);
    assert_eq!(
        payloads(&bench.receive(&publish(0x34, 5))).len(),
        1,
        "a new message"
    );
}

/// docs/spec/quectel.md 5.6.
#[test]
fn qos_2_on_release_delivers_the_last_copy_once() {
    let mut bench = Bench::connected(on_release());
    assert_eq!(bench.receive(&publish(0x34, 5)), []);
    let mut repeated = publish(0x3c, 5);
    repeated[7] = b'y';
    assert_eq!(bench.receive(&repeated), []);
    assert_eq!(bench.packets(), [[0x50, 2, 0, 5]; 2]);
    let events = bench.receive(&[0x62, 2, 0, 5]);
    assert_eq!(payloads(&events), [b"y"]);
    assert_eq!(events[0], Event::Released { id: 5, dup: false });
    assert_eq!(bench.packets(), NOTHING);
    assert_eq!(
        payloads(&bench.receive(&[0x62, 2, 0, 5])),
        [b""; 0],
        "still pending"
    );
    bench.acknowledge(events);
    assert_eq!(bench.packets(), [[0x70, 2, 0, 5]]);
}

#[test]
fn pubrel_for_an_unknown_identifier_is_answered() {
    let mut bench = Bench::connected(options());
    assert_eq!(
        bench.receive(&[0x62, 2, 0, 9]),
        [Event::Released { id: 9, dup: false }]
    );
    assert_eq!(bench.packets(), [[0x70, 2, 0, 9]]);
}

#[test]
fn pubrel_may_have_dup_at_mqtt_3_1() {
    let mut options = options();
    options.connect.level = Level::V31;
    let mut bench = Bench::connected(options);
    assert_eq!(
        bench.receive(&[0x6a, 2, 0, 9]),
        [Event::Released { id: 9, dup: true }]
    );
}

/// What cannot be held is delivered at once, and once, rather than lost.
#[test]
fn held_bytes_are_limited() {
    let mut options = on_release();
    options.rules.limits.held_bytes = 3;
    let mut bench = Bench::connected(options);
    assert_eq!(bench.receive(&publish(0x34, 1)), []);
    assert_eq!(bench.packets(), [[0x50, 2, 0, 1]]);
    let events = bench.receive(&publish(0x34, 2));
    assert_eq!(
        (payloads(&events).len(), bench.packets()),
        (1, NOTHING.to_vec())
    );
    bench.acknowledge(events);
    assert_eq!(bench.packets(), [[0x50, 2, 0, 2]]);
    assert_eq!(bench.receive(&publish(0x3c, 2)), []);
    assert_eq!(bench.packets(), [[0x50, 2, 0, 2]]);
    assert!(payloads(&bench.receive(&[0x62, 2, 0, 2])).is_empty());
    assert_eq!(bench.packets(), [[0x70, 2, 0, 2]]);
    let events = bench.receive(&[0x62, 2, 0, 1]);
    assert_eq!(payloads(&events).len(), 1);
    bench.acknowledge(events);
    bench.packets();
    assert_eq!(
        bench.receive(&[0x34, 9, 0, 1, b't', 0, 2, 1, 2, 3, 4]),
        [],
        "alone"
    );
    assert_eq!(bench.packets(), [[0x50, 2, 0, 2]]);
}

/// PUBLISH with sizes of choice.
fn sized(first: u8, topic: usize, payload: usize) -> Vec<u8> {
    let pid = if first & 0x06 == 0 { 0 } else { 7 };
    let qos = [QoS::Level0, QoS::Level1, QoS::Level2][usize::from(first >> 1 & 3)];
    packet::publish(
        false,
        qos,
        false,
        pid,
        &vec![b't'; topic],
        &vec![b'x'; payload],
    )
    .expect("fits")
    .to_vec()
}

#[test]
fn the_largest_topic_and_payload_pass() {
    let mut bench = Bench::connected(options());
    let events = bench.receive(&sized(0x30, 65_535, 65_535));
    assert_eq!(payloads(&events), [[b'x'; 65_535]]);
}

/// docs/spec/quectel.md 5.8, docs/spec/simcom.md 5.4.
#[test]
fn larger_messages_are_acknowledged_and_dropped() {
    for (topic, payload) in [(1025, 1), (1024, 10_241)] {
        for delivery in [Delivery::OnPublish, Delivery::OnRelease] {
            let mut options = options();
            options.rules.limits.topic = 1024;
            options.rules.limits.payload = 10_240;
            options.rules.delivery = delivery;
            let mut bench = Bench::connected(options);
            let discarded = |id, qos| {
                Event::Discarded(Discarded {
                    id,
                    qos,
                    topic,
                    payload,
                })
            };
            assert_eq!(
                bench.receive(&sized(0x30, topic, payload)),
                [discarded(0, QoS::Level0)]
            );
            assert_eq!(bench.packets(), NOTHING);
            assert_eq!(
                bench.receive(&sized(0x32, topic, payload)),
                [discarded(7, QoS::Level1)]
            );
            assert_eq!(bench.packets(), [[0x40, 2, 0, 7]]);
            assert_eq!(
                bench.receive(&sized(0x34, topic, payload)),
                [discarded(7, QoS::Level2)]
            );
            assert_eq!(bench.packets(), [[0x50, 2, 0, 7]]);
            assert_eq!(
                bench.receive(&[0x62, 2, 0, 7]),
                [Event::Released { id: 7, dup: false }]
            );
            assert_eq!(bench.packets(), [[0x70, 2, 0, 7]]);
            assert_eq!(
                payloads(&bench.receive(&sized(0x30, 1024, 10_240))).len(),
                1
            );
        }
    }
}

#[test]
fn a_large_message_is_not_stored_while_it_passes() {
    let mut options = options();
    options.rules.limits.payload = 100;
    let mut bench = Bench::connected(options);
    // QoS 1, remaining length 268,435,455.
    bench.receive(&[0x32, 0xff, 0xff, 0xff, 0x7f, 0, 1]);
    for _ in 0..65 {
        assert_eq!(bench.receive(&[b't'; 4096]), []);
    }
    bench.session.lost();
    bench.connect(super::options(), ACCEPTED);
    assert_eq!(payloads(&bench.receive(&publish(0x30, 0))).len(), 1);
}

fn fault(bytes: &[u8]) -> Event {
    let mut bench = Bench::connected(options());
    let mut events = bench.receive(bytes);
    assert_eq!(bench.receive(&publish(0x30, 0)), [], "nothing more is read");
    assert!(!bench.session.is_connected());
    bench.session.disconnect(bench.now);
    assert_eq!(bench.packets(), [[0xe0, 0]]);
    assert_eq!(events.len(), 1);
    events.remove(0)
}

#[test]
fn malformed_packets_end_the_connection() {
    let cases: [(&[u8], u8); 9] = [
        (&[0x00, 0], 0),
        (&[0xf0, 0], 15),
        (&[0x30, 0xff, 0xff, 0xff, 0xff], 3),
        (&[0x30, 1, 0], 3),
        (&[0x30, 3, 0, 2, b't'], 3),
        (&[0x36, 6, 0, 1, b't', 0, 7, b'x'], 3),
        (&[0x32, 5, 0, 1, b't', 0, 0], 3),
        (&[0x60, 2, 0, 7], 6),
        (&[0x40, 3, 0, 7, 0], 4),
    ];
    for (bytes, kind) in cases {
        match fault(bytes) {
            Event::Malformed { packet_type, .. } => assert_eq!(packet_type, kind, "{bytes:?}"),
            other => panic!("{bytes:?}: {other:?}"),
        }
    }
}

#[test]
fn an_oversized_packet_is_judged_too() {
    let mut large = sized(0x32, 1, 70_000);
    large[0] = 0x36;
    assert!(matches!(
        fault(&large),
        Event::Malformed { packet_type: 3, .. }
    ));
    large[0] = 0x38;
    assert!(matches!(
        fault(&large),
        Event::Malformed { packet_type: 3, .. }
    ));
}

#[test]
fn what_a_server_must_not_send_ends_the_connection() {
    let connect = packet::connect(&options().connect).expect("fits");
    let cases: [(&[u8], Violation); 6] = [
        (
            &connect,
            Violation::ClientPacket(packet::PacketType::Connect),
        ),
        (
            &[0x82, 6, 0, 1, 0, 1, b't', 1],
            Violation::ClientPacket(packet::PacketType::Subscribe),
        ),
        (
            &[0xa2, 5, 0, 1, 0, 1, b't'],
            Violation::ClientPacket(packet::PacketType::Unsubscribe),
        ),
        (
            &[0xc0, 0],
            Violation::ClientPacket(packet::PacketType::Pingreq),
        ),
        (
            &[0xe0, 0],
            Violation::ClientPacket(packet::PacketType::Disconnect),
        ),
        (ACCEPTED, Violation::SecondConnack),
    ];
    for (bytes, violation) in cases {
        assert_eq!(fault(bytes), Event::Violation(violation));
    }
    assert_eq!(
        fault(&[0x90, 0xff, 0xff, 0x03]),
        Event::Violation(Violation::Oversized { len: 65_539 })
    );
}

#[test]
fn nothing_may_come_before_connack() {
    for bytes in [publish(0x30, 0), vec![0xd0, 0], sized(0x30, 1, 70_000)] {
        let mut bench = Bench::new();
        bench.session.connect(bench.now, options()).expect("fits");
        let events = bench.receive(&bytes);
        assert!(
            matches!(events[..], [Event::Violation(Violation::BeforeConnack(_))]),
            "{events:?}"
        );
    }
}
