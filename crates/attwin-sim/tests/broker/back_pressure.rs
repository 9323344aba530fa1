use crate::common::*;

const LIMIT: usize = 100;

/// A client whose transport takes nothing any more.
fn stalled(qos: QoS) -> (World, ConnectionId) {
    let limits = Limits {
        unsent_bytes: LIMIT,
        packet_bytes: 1_000,
        ..Limits::default()
    };
    let mut world = World::with_limits(limits);
    let client = world.client("c");
    world.subscribe(client, &[("t", qos)]);
    world.stall(client);
    (world, client)
}

fn publish_many(world: &mut World, qos: QoS) {
    for n in 0..10 {
        world
            .broker
            .publish(world.now, message("t", &format!("{n:030}"), qos, false));
    }
    world.settle();
}

#[test]
fn qos_0_is_dropped_when_the_transport_is_full() {
    let (mut world, client) = stalled(Level0);
    publish_many(&mut world, Level0);
    assert_eq!(world.payloads(client).len(), 2);
    assert!(world.broker.usage().unsent_bytes <= LIMIT);
    let dropped = world
        .events()
        .into_iter()
        .filter(|e| {
            matches!(
                e,
                BrokerEvent::Dropped {
                    reason: DropReason::Congested,
                    ..
                }
            )
        })
        .count();
    assert_eq!(dropped, 8);
}

#[test]
fn qos_1_waits_until_the_transport_takes_more() {
    let (mut world, client) = stalled(Level1);
    publish_many(&mut world, Level1);
    assert_eq!(world.payloads(client).len(), 2);
    assert_eq!(world.broker.usage().queued_messages, 8);
    let unsent = world.broker.usage().unsent_bytes;
    world.unstall(client, unsent);
    let rest: Vec<_> = (2..10).map(|n| format!("{n:030}")).collect();
    assert_eq!(world.payloads(client), rest, "nothing lost, in order");
}

#[test]
fn repetition_after_a_reconnect_respects_the_limit_too() {
    let limits = Limits {
        unsent_bytes: LIMIT,
        ..Limits::default()
    };
    let mut world = World::with_limits(limits);
    let first = world.resume("c");
    world.subscribe(first, &[("t", Level1)]);
    publish_many(&mut world, Level1);
    assert_eq!(world.payloads(first).len(), 10);
    world.drop_link(first);
    let second = world.open();
    world.stall(second);
    world.send(second, &packet::connect(&persistent("c")).expect("fits"));
    assert_eq!(world.payloads(second).len(), 2);
    let unsent = world.broker.usage().unsent_bytes;
    world.unstall(second, unsent);
    let rest: Vec<_> = (2..10).map(|n| format!("{n:030}")).collect();
    assert_eq!(world.payloads(second), rest);
    assert!(world.broker.usage().queued_messages == 0);
}

#[test]
fn a_message_larger_than_the_limit_goes_out_alone() {
    let (mut world, client) = stalled(Level1);
    world
        .broker
        .publish(world.now, message("t", &"x".repeat(500), Level1, false));
    world
        .broker
        .publish(world.now, message("t", "next", Level1, false));
    world.settle();
    assert_eq!(world.payloads(client).len(), 1);
    let unsent = world.broker.usage().unsent_bytes;
    world.unstall(client, unsent);
    assert_eq!(world.payloads(client), ["next"]);
}

#[test]
fn a_client_that_asks_and_never_reads_is_closed() {
    let (mut world, client) = stalled(Level0);
    let mut pings = 0;
    while !world.is_closed(client) {
        assert_eq!(world.broker.is_congested(client), pings * 2 > LIMIT);
        world.send(client, &PINGREQ);
        pings += 1;
        assert!(pings < 1_000, "unbounded");
    }
    assert_eq!(world.why_closed(client), DisconnectReason::DoesNotRead);
    assert!(!world.broker.is_congested(client));
}
