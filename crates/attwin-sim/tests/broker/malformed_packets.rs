use crate::common::*;

#[test]
fn malformed_packets_close_the_connection() {
    let bad: [&[u8]; 9] = [
        &[0x36, 5, 0, 1, b't', 0, 1],    // QoS 3
        &[0x30, 3, 0, 1, b'+'],          // wildcard in a topic name
        &[0x30, 2, 0, 0],                // empty topic name
        &[0x30, 3, 0, 1, 0xff],          // not UTF-8
        &[0x32, 5, 0, 1, b't', 0, 0],    // packet identifier 0
        &[0x82, 2, 0, 1],                // no filter
        &[0x82, 6, 0, 1, 0, 1, b't', 3], // QoS 3 asked for
        &[0xc0, 1, 0],                   // PINGREQ with a body
        &[0x30, 0xff, 0xff, 0xff, 0xff], // endless remaining length
    ];
    for bytes in bad {
        let mut world = World::new();
        let connection = world.client("c");
        world.send(connection, bytes);
        let reason = world.why_closed(connection);
        assert!(
            matches!(reason, DisconnectReason::Malformed(_)),
            "{bytes:02x?}: {reason}"
        );
        assert_eq!(world.recv_bytes(connection), None);
    }
}

#[test]
fn packets_only_brokers_send_close_the_connection() {
    for bytes in [
        &[0x20, 2, 0, 0][..],
        &[0x90, 3, 0, 1, 0],
        &[0xb0, 2, 0, 1],
        &[0xd0, 0],
    ] {
        let mut world = World::new();
        let connection = world.client("c");
        world.send(connection, bytes);
        let reason = world.why_closed(connection);
        assert!(
            matches!(
                reason,
                DisconnectReason::Violation(Violation::ServerPacket(_))
            ),
            "{bytes:02x?}: {reason}"
        );
    }
}

#[test]
fn invalid_filters_close_the_connection_before_any_effect() {
    for filter in ["a#", "a/#/b", "+a", "a/b+", ""] {
        let mut world = World::new();
        let connection = world.client("c");
        world.send(
            connection,
            &subscribe(&[("fine", Level0), (filter, Level0)]),
        );
        world.why_closed(connection);
        assert_eq!(world.recv_bytes(connection), None, "{filter:?}");
        let connection = world.client("c");
        let unsubscribe =
            packet::unsubscribe(1, &[Bytes::copy_from_slice(filter.as_bytes())]).expect("fits");
        world.send(connection, &unsubscribe);
        world.why_closed(connection);
    }
}

#[test]
fn packets_may_arrive_in_any_pieces() {
    let mut stream = packet::connect(&clean("c")).expect("fits").to_vec();
    stream.extend(subscribe(&[("t", Level1)]));
    stream.extend(publish(Level1, 1, "t", &"x".repeat(200)));
    stream.extend(publish(Level2, 2, "t", "y"));
    stream.extend(PINGREQ);
    let mut expected = None;
    for size in [stream.len(), 1, 2, 3, 7, 64] {
        let mut world = World::new();
        let connection = world.open();
        for piece in stream.chunks(size) {
            world.send(connection, piece);
        }
        let got: Vec<_> = std::iter::from_fn(|| world.recv(connection)).collect();
        assert_eq!(
            got.len(),
            7,
            "CONNACK, SUBACK, 2 PUBLISH, PUBACK, PUBREC, PINGRESP"
        );
        assert_eq!(
            expected.get_or_insert_with(|| got.clone()),
            &got,
            "pieces of {size}"
        );
        assert_eq!(world.broker.usage().input_bytes, 0);
    }
}

#[test]
fn a_packet_over_the_limit_closes_as_soon_as_its_header_is_there() {
    let mut world = World::with_limits(Limits {
        packet_bytes: 100,
        ..Limits::default()
    });
    let connection = world.client("c");
    let fits = publish(Level0, 0, "t", &"x".repeat(95));
    assert_eq!(fits.len(), 100);
    world.send(connection, &fits);
    assert!(!world.is_closed(connection));
    world.send(connection, &publish(Level0, 0, "t", &"x".repeat(96))[..2]);
    assert_eq!(
        world.why_closed(connection),
        DisconnectReason::PacketTooLarge {
            size: 101,
            limit: 100
        }
    );
}

#[test]
fn the_default_limit_is_one_mebibyte() {
    let mut world = World::new();
    let connection = world.client("c");
    let len = (1 << 20) - 7;
    world.publish_payload(connection, Level0, 0, "t", &"x".repeat(len));
    assert!(!world.is_closed(connection));
    world.publish_payload(connection, Level0, 0, "t", &"x".repeat(len + 1));
    assert!(world.is_closed(connection));
}

/// U+0000 is in no string ([MQTT-1.5.3-2]).
#[test]
fn a_null_character_closes_the_connection() {
    let mut with_name = clean("c");
    with_name.username = Some(Bytes::from_static(b"a\0b"));
    for fields in [clean("c\0d"), with_name] {
        let mut world = World::new();
        let connection = world.open();
        world.send(connection, &packet::connect(&fields).expect("fits"));
        assert_eq!(
            world.why_closed(connection),
            Violation::NullCharacter.into()
        );
    }
}

/// MQTT 3.1 does not use them (sections 3.1 and 3.1.1).
#[test]
fn reserved_bits_of_a_3_1_connect_are_ignored() {
    let mut connect = b"\x10\x0F\x00\x06MQIsdp\x03\x02\x00\x00\x00\x01c".to_vec();
    for (at, bits) in [(0, 0x0F), (11, 0x01)] {
        connect[at] |= bits;
        let mut world = World::new();
        let connection = world.open();
        world.send(connection, &connect);
        assert_eq!(
            world.recv_bytes(connection).expect("CONNACK"),
            &[0x20, 2, 0, 0][..]
        );
    }
    let mut newer = b"\x10\x0D\x00\x04MQTT\x04\x03\x00\x00\x00\x01c".to_vec();
    newer[9] |= 0x01;
    let mut world = World::new();
    let connection = world.open();
    world.send(connection, &newer);
    assert!(world.is_closed(connection), "3.1.1 forbids them");
}
