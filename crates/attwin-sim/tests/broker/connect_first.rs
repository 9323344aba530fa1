use crate::common::*;

#[test]
fn anything_but_connect_closes_at_its_first_byte() {
    for first in [0x30, 0x82, 0xc0, 0xe0, 0x20, 0x00, 0xf0] {
        let mut world = World::new();
        let connection = world.open();
        world.send(connection, &[first]);
        assert_eq!(world.why_closed(connection), Violation::NotConnect.into());
        assert_eq!(world.recv_bytes(connection), None, "no answer");
    }
}

#[test]
fn a_second_connect_closes_the_connection() {
    let mut world = World::new();
    let connection = world.client("c");
    world.send(connection, &packet::connect(&clean("c")).expect("fits"));
    assert_eq!(
        world.why_closed(connection),
        Violation::SecondConnect.into()
    );
    assert_eq!(world.recv_bytes(connection), None, "no answer");
}

#[test]
fn connect_must_come_in_time() {
    let config = BrokerConfig {
        connect_timeout: secs(5),
        ..BrokerConfig::default()
    };
    let mut world = World::with(config);
    let connection = world.open();
    world.send(connection, &[0x10]);
    world.advance(Duration::from_millis(4_999));
    assert!(!world.is_closed(connection));
    world.advance(Duration::from_millis(1));
    assert_eq!(
        world.why_closed(connection),
        DisconnectReason::ConnectTimeout
    );
}

#[test]
fn connected_clients_are_not_under_the_connect_timeout() {
    let mut world = World::new();
    let connection = world.client("c");
    assert_eq!(world.broker.poll_timeout(), None);
    world.advance(secs(100_000));
    assert!(!world.is_closed(connection));
}

#[test]
fn another_protocol_is_closed_without_an_answer() {
    let mut world = World::new();
    let connection = world.open();
    world.send(connection, b"\x10\x0c\x00\x04AMQP\x04\x02\x00\x00\x00\x00");
    assert_eq!(world.why_closed(connection), Violation::NotConnect.into());
    assert_eq!(world.recv_bytes(connection), None);
}
