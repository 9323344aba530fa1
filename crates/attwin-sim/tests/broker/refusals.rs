use crate::common::*;

/// Sends CONNECT; returns CONNACK's code, with the connection closed after a
/// refusal.
fn code(world: &mut World, connect: &[u8]) -> u8 {
    let connection = world.open();
    world.send(connection, connect);
    let connack = world.recv_bytes(connection).expect("CONNACK");
    assert_eq!(connack[..3], [0x20, 2, 0], "session present is 0");
    assert_eq!(world.is_closed(connection), connack[3] != 0);
    connack[3]
}

fn code_for(world: &mut World, fields: &ConnectFields) -> u8 {
    code(world, &packet::connect(fields).expect("fits"))
}

#[test]
fn unsupported_levels_are_refused_with_1() {
    let mut world = World::new();
    let v5 = b"\x10\x0e\x00\x04MQTT\x05\x02\x00\x00\x00\x00\x01c";
    assert_eq!(code(&mut world, v5), 1);
    assert_eq!(
        code(&mut world, b"\x10\x0d\x00\x04MQTT\x03\x02\x00\x00\x00\x01c"),
        1
    );
    assert_eq!(
        code(
            &mut world,
            b"\x10\x0f\x00\x06MQIsdp\x04\x02\x00\x00\x00\x01c"
        ),
        1
    );
    assert!(world.events().contains(&BrokerEvent::Refused {
        connection: ConnectionId(1),
        client_id: None,
        code: ConnectReturnCode::UnacceptableProtocolVersion,
    }));
}

#[test]
fn empty_identifier_with_a_persistent_session_is_refused_with_2() {
    let mut world = World::new();
    assert_eq!(code_for(&mut world, &persistent("")), 2);
    assert_eq!(
        code_for(&mut world, &v31(clean(""))),
        2,
        "MQTT 3.1 has no empty identifier"
    );
    assert_eq!(code_for(&mut world, &clean("")), 0);
}

#[test]
fn mqtt_3_1_identifier_length_is_enforced_on_request() {
    let (fits, long) = ("i".repeat(23), "i".repeat(24));
    let mut world = World::new();
    assert_eq!(code_for(&mut world, &v31(clean(&long))), 0);
    let config = BrokerConfig {
        enforce_identifier_length: true,
        ..BrokerConfig::default()
    };
    let mut world = World::with(config);
    assert_eq!(code_for(&mut world, &v31(clean(&fits))), 0);
    assert_eq!(code_for(&mut world, &v31(clean(&long))), 2);
    assert_eq!(
        code_for(&mut world, &clean(&long)),
        0,
        "MQTT 3.1.1 has no such limit"
    );
}

#[test]
fn the_operator_refuses_the_next_connects() {
    let mut world = World::new();
    world
        .broker
        .refuse_next(ConnectReturnCode::ServerUnavailable, 2);
    assert_eq!(code_for(&mut world, &clean("a")), 3);
    assert_eq!(code_for(&mut world, &clean("b")), 3);
    assert_eq!(code_for(&mut world, &clean("a")), 0);
    world
        .broker
        .refuse_next(ConnectReturnCode::NotAuthorized, 1);
    world.broker.refuse_next(ConnectReturnCode::Accepted, 1);
    assert_eq!(code_for(&mut world, &clean("a")), 0, "cancelled");
}

#[test]
fn a_refused_client_does_not_take_over() {
    let mut world = World::new();
    let first = world.client("c");
    world
        .broker
        .refuse_next(ConnectReturnCode::BadUserNameOrPassword, 1);
    assert_eq!(code_for(&mut world, &clean("c")), 4);
    assert!(!world.is_closed(first));
}

#[test]
fn what_follows_a_refused_connect_is_ignored() {
    let mut world = World::new();
    world
        .broker
        .refuse_next(ConnectReturnCode::ServerUnavailable, 1);
    let connection = world.open();
    let mut bytes = packet::connect(&clean("c")).expect("fits").to_vec();
    bytes.extend(publish(Level1, 1, "t", "x"));
    world.send(connection, &bytes);
    assert!(world.recv(connection).is_some(), "CONNACK");
    assert!(world.recv(connection).is_none());
    assert!(
        !world
            .events()
            .iter()
            .any(|e| matches!(e, BrokerEvent::Received { .. }))
    );
}
