use crate::common::*;

/// PUBREL, SUBSCRIBE and UNSUBSCRIBE with DUP, and the type of the answer.
fn repeated() -> [(Bytes, u8); 3] {
    let pubrel = Bytes::from_static(&[0x62, 2, 0, 7]);
    let unsubscribe = packet::unsubscribe(3, &["t".into()]).expect("fits");
    [
        (pubrel, 7),
        (subscribe(&[("t", Level0)]), 9),
        (unsubscribe, 11),
    ]
    .map(|(packet, answer)| (packet::with_dup(&packet), answer))
}

#[test]
fn mqtt_3_1_repeats_more_than_publish() {
    for (packet, answer) in repeated() {
        let mut world = World::new();
        let (connection, _) = world.connect(&v31(clean("c")));
        world.send(connection, &packet);
        assert_eq!(
            world.recv_bytes(connection).expect("an answer")[0] >> 4,
            answer
        );
    }
}

#[test]
fn mqtt_3_1_1_does_not() {
    for (packet, _) in repeated() {
        let mut world = World::new();
        let connection = world.client("c");
        world.send(connection, &packet);
        assert!(matches!(
            world.why_closed(connection),
            DisconnectReason::Malformed(_)
        ));
    }
}

#[test]
fn a_repeated_publish_is_forwarded_as_new() {
    let mut world = World::new();
    let subscriber = world.client("s");
    world.subscribe(subscriber, &[("t", Level1)]);
    let publisher = world.client("p");
    world.send(publisher, &packet::with_dup(&publish(Level1, 5, "t", "x")));
    assert_eq!(world.recv(publisher), Some(Packet::Puback(pid(5))));
    assert!(!world.recv_publish(subscriber).dup);
    assert!(world.events().iter().any(|event| matches!(
        event,
        BrokerEvent::Received {
            dup: true,
            packet_id: Some(5),
            ..
        }
    )));
}
