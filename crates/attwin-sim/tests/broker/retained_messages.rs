use crate::common::*;

#[test]
fn a_new_subscription_finds_what_is_retained() {
    let mut world = World::new();
    let publisher = world.client("p");
    world.retain(publisher, "a/1", "old");
    world.retain(publisher, "a/1", "new");
    world.retain(publisher, "a/2", "two");
    world.retain(publisher, "b", "other");
    world.retain(publisher, "$a/1", "hidden");
    let subscriber = world.client("s");
    world.subscribe(subscriber, &[("+/#", Level1)]);
    for (topic, payload) in [("a/1", "new"), ("a/2", "two"), ("b", "other")] {
        let publish = world.recv_publish(subscriber);
        assert_eq!(
            (&*publish.topic_name, &publish.payload[..]),
            (topic, payload.as_bytes())
        );
        assert!(publish.retain);
        assert_eq!(publish.qos_pid.qos(), Level0, "published with QoS 0");
    }
    assert_eq!(world.recv(subscriber), None);
}

#[test]
fn retained_messages_have_the_lower_qos() {
    let mut world = World::new();
    world
        .broker
        .publish(world.now, message("t", "x", Level2, true));
    let subscriber = world.client("s");
    world.subscribe(subscriber, &[("t", Level1)]);
    assert_eq!(world.recv_publish(subscriber).qos_pid.qos(), Level1);
}

#[test]
fn existing_subscribers_see_retain_0() {
    let mut world = World::new();
    let publisher = world.client("p");
    let subscriber = world.client("s");
    world.subscribe(subscriber, &[("t", Level0)]);
    world.retain(publisher, "t", "x");
    assert!(!world.recv_publish(subscriber).retain);
}

#[test]
fn an_empty_payload_deletes() {
    let mut world = World::new();
    let publisher = world.client("p");
    let early = world.client("early");
    world.subscribe(early, &[("t", Level0)]);
    world.retain(publisher, "t", "x");
    world.retain(publisher, "t", "");
    assert_eq!(
        world.payloads(early),
        ["x", ""],
        "it is delivered like any other"
    );
    let late = world.client("late");
    world.subscribe(late, &[("t", Level0)]);
    assert_eq!(world.recv(late), None);
    assert_eq!(world.broker.usage().retained_messages, 0);
}

#[test]
fn subscribing_again_sends_it_again() {
    let mut world = World::new();
    let client = world.client("c");
    world.retain(client, "t", "x");
    world.subscribe(client, &[("t", Level0)]);
    assert_eq!(world.payloads(client), ["x"]);
    world.subscribe(client, &[("t", Level0)]);
    assert_eq!(world.payloads(client), ["x"]);
}

#[test]
fn messages_without_retain_leave_it_alone() {
    let mut world = World::new();
    let client = world.client("c");
    world.retain(client, "t", "kept");
    world.publish(client, Level0, 0, "t");
    world.subscribe(client, &[("t", Level0)]);
    assert_eq!(world.payloads(client), ["kept"]);
}

/// A client that takes a little at a time gets every one of many.
#[test]
fn they_are_handed_out_as_the_client_takes_them() {
    for qos in [Level0, Level1, Level2] {
        let mut world = World::with_limits(Limits {
            unsent_bytes: 500,
            inflight_messages: 5,
            queued_messages: 10,
            ..Limits::default()
        });
        for n in 0..1_000 {
            let topic = format!("a/{n:04}");
            world
                .broker
                .publish(world.now, message(&topic, &"x".repeat(50), qos, true));
        }
        let client = world.client("c");
        world.subscribe(client, &[("a/#", qos)]);
        let mut topics = Vec::new();
        while let Some(packet) = world.recv(client) {
            match packet {
                Packet::Publish(publish) => {
                    assert!(publish.retain);
                    topics.push(publish.topic_name.to_string());
                    match publish.qos_pid.pid() {
                        None => {}
                        Some(pid) if qos == Level1 => {
                            world.send_packet(client, &Packet::Puback(pid));
                        }
                        Some(pid) => world.send_packet(client, &Packet::Pubrec(pid)),
                    }
                }
                Packet::Pubrel(pid) => world.send_packet(client, &Packet::Pubcomp(pid)),
                other => panic!("{other:?}"),
            }
        }
        let expected: Vec<_> = (0..1_000).map(|n| format!("a/{n:04}")).collect();
        assert_eq!(topics, expected, "{qos:?}");
    }
}

#[test]
fn none_follows_the_end_of_its_subscription() {
    let mut world = World::with_limits(Limits {
        unsent_bytes: 100,
        ..Limits::default()
    });
    for n in 0..100 {
        let topic = format!("a/{n:02}");
        world
            .broker
            .publish(world.now, message(&topic, &"x".repeat(50), Level0, true));
    }
    let client = world.client("c");
    world.stall(client);
    world.send(client, &subscribe(&[("a/#", Level0)]));
    world.send(client, &unsubscribe(&["a/#"]));
    world.unstall(client, 1_000);
    assert!(world.payloads(client).len() < 5);
}
