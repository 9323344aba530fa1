use crate::common::*;

#[test]
fn twenty_messages_are_in_flight_and_the_rest_waits() {
    let mut world = World::new();
    let client = world.client("c");
    world.subscribe(client, &[("t", Level1)]);
    for n in 0..50 {
        world
            .broker
            .publish(world.now, message("t", &n.to_string(), Level1, false));
    }
    world.settle();
    let first: Vec<_> = std::iter::from_fn(|| world.recv(client)).collect();
    assert_eq!(first.len(), 20);
    assert_eq!(world.broker.usage().queued_messages, 30);

    // Acknowledged out of order: one slot each.
    let Packet::Publish(tenth) = &first[9] else {
        panic!("not a PUBLISH")
    };
    world.send_packet(client, &Packet::Puback(pid(pid_of(tenth))));
    assert_eq!(world.payloads(client), ["20"]);
    assert_eq!(world.broker.usage().inflight_messages, 20);
}

#[test]
fn qos_2_keeps_its_slot_until_pubcomp() {
    let mut world = World::with_limits(Limits {
        inflight_messages: 1,
        ..Limits::default()
    });
    let client = world.client("c");
    world.subscribe(client, &[("t", Level2)]);
    for payload in ["a", "b"] {
        world
            .broker
            .publish(world.now, message("t", payload, Level2, false));
    }
    world.settle();
    let id = pid(pid_of(&world.recv_publish(client)));
    world.send_packet(client, &Packet::Pubrec(id));
    assert_eq!(world.recv(client), Some(Packet::Pubrel(id)));
    assert_eq!(world.recv(client), None);
    world.send_packet(client, &Packet::Pubcomp(id));
    assert_eq!(world.payloads(client), ["b"]);
}

#[test]
fn qos_0_does_not_wait_for_the_window() {
    let mut world = World::with_limits(Limits {
        inflight_messages: 1,
        ..Limits::default()
    });
    let client = world.client("c");
    world.subscribe(client, &[("t", Level1)]);
    for (payload, qos) in [("a", Level1), ("b", Level1), ("c", Level0)] {
        world
            .broker
            .publish(world.now, message("t", payload, qos, false));
    }
    world.settle();
    assert_eq!(world.payloads(client), ["a", "c"]);
}

#[test]
fn thousands_of_messages_pass_in_order() {
    let mut world = World::with_limits(Limits {
        queued_messages: 5_000,
        ..Limits::default()
    });
    let client = world.client("c");
    world.subscribe(client, &[("t", Level1)]);
    for n in 0..5_000 {
        world
            .broker
            .publish(world.now, message("t", &n.to_string(), Level1, false));
    }
    world.settle();
    for n in 0..5_000 {
        let publish = world.recv_publish(client);
        assert_eq!(publish.payload, n.to_string());
        world.send_packet(client, &Packet::Puback(pid(pid_of(&publish))));
    }
    assert_eq!(world.broker.usage().inflight_messages, 0);
}
