use crate::common::*;

fn unsubscribe_from(world: &mut World, connection: ConnectionId, filters: &[&str]) {
    world.send(connection, &unsubscribe(filters));
    assert_eq!(world.recv(connection), Some(Packet::Unsuback(pid(9))));
}

#[test]
fn an_unsubscribed_filter_delivers_no_more() {
    let mut world = World::new();
    let client = world.client("c");
    world.subscribe(client, &[("a/+", Level0), ("b", Level0)]);
    unsubscribe_from(&mut world, client, &["a/+"]);
    world.publish(client, Level0, 0, "a/x");
    world.publish(client, Level0, 0, "b");
    assert_eq!(world.recv_publish(client).topic_name.to_string(), "b");
    assert_eq!(world.recv(client), None);
}

#[test]
fn filters_are_compared_character_by_character() {
    let mut world = World::new();
    let client = world.client("c");
    world.subscribe(client, &[("a/#", Level0)]);
    unsubscribe_from(&mut world, client, &["a/b", "#", "a/+", "never"]);
    world.publish(client, Level0, 0, "a/b");
    assert_eq!(world.payloads(client).len(), 1);
}

#[test]
fn what_is_already_queued_is_still_delivered() {
    let mut world = World::with_limits(Limits {
        inflight_messages: 1,
        ..Limits::default()
    });
    let client = world.client("c");
    world.subscribe(client, &[("t", Level1)]);
    for payload in ["a", "b"] {
        world
            .broker
            .publish(world.now, message("t", payload, Level1, false));
    }
    world.settle();
    let id = pid(pid_of(&world.recv_publish(client)));
    unsubscribe_from(&mut world, client, &["t"]);
    world.send_packet(client, &Packet::Puback(id));
    assert_eq!(world.payloads(client), ["b"]);
}
