use crate::common::*;

fn client(world: &mut World, keep_alive: u16) -> ConnectionId {
    world
        .connect(&ConnectFields {
            keep_alive,
            ..clean("c")
        })
        .0
}

#[test]
fn silence_of_one_and_a_half_keep_alives_closes() {
    let mut world = World::new();
    let connection = client(&mut world, 10);
    world.advance(Duration::from_millis(14_999));
    assert!(!world.is_closed(connection));
    world.advance(Duration::from_millis(1));
    assert_eq!(world.why_closed(connection), DisconnectReason::KeepAlive);
}

#[test]
fn any_whole_packet_counts() {
    let mut world = World::new();
    let connection = client(&mut world, 10);
    for _ in 0..5 {
        world.advance(secs(14));
        world.send(connection, &PINGREQ);
        assert_eq!(world.recv(connection), Some(Packet::Pingresp));
        world.advance(secs(14));
        world.publish(connection, Level0, 0, "t");
    }
    world.advance(secs(14));
    world.send(connection, &PINGREQ[..1]);
    world.advance(secs(1));
    assert!(world.is_closed(connection), "half a packet does not");
}

#[test]
fn what_the_broker_sends_does_not_count() {
    let mut world = World::new();
    let connection = client(&mut world, 10);
    world.subscribe(connection, &[("t", Level0)]);
    world.advance(secs(14));
    world
        .broker
        .publish(world.now, message("t", "x", Level0, false));
    world.settle();
    world.advance(secs(1));
    assert!(world.is_closed(connection));
}

#[test]
fn zero_is_for_ever() {
    let mut world = World::new();
    let connection = client(&mut world, 0);
    world.advance(secs(1_000_000));
    assert!(!world.is_closed(connection));
}
