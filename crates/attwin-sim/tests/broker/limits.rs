use crate::common::*;

#[test]
fn connections_over_the_limit_are_closed_at_once() {
    let mut world = World::with_limits(Limits {
        connections: 2,
        ..Limits::default()
    });
    let (first, second, third) = (world.open(), world.open(), world.open());
    assert_eq!(
        world.why_closed(third),
        DisconnectReason::TooManyConnections
    );
    assert!(!world.is_closed(first) && !world.is_closed(second));
    world.drop_link(first);
    let fourth = world.open();
    assert!(!world.is_closed(fourth));
}

#[test]
fn a_session_over_the_limit_is_refused_with_3() {
    let mut world = World::with_limits(Limits {
        sessions: 2,
        ..Limits::default()
    });
    let kept = world.resume("kept");
    world.send(kept, &DISCONNECT);
    world.client("here");
    let connection = world.open();
    world.send(
        connection,
        &packet::connect(&clean("one more")).expect("fits"),
    );
    assert_eq!(
        world.recv_bytes(connection).expect("CONNACK"),
        &[0x20, 2, 0, 3][..]
    );
    assert!(world.is_closed(connection));
    assert!(
        world.connect(&persistent("kept")).1,
        "a known client may come back"
    );
    world.client("here");
}

#[test]
fn a_subscription_over_the_limit_is_refused() {
    let mut world = World::with_limits(Limits {
        subscriptions_per_session: 2,
        ..Limits::default()
    });
    let client = world.client("c");
    let codes = world.subscribe(client, &[("a", Level0), ("b", Level1), ("c", Level2)]);
    assert_eq!(codes, [0, 1, 0x80]);
    assert_eq!(
        world.subscribe(client, &[("a", Level2)]),
        [2],
        "replacing needs no room"
    );
    assert_eq!(world.broker.usage().subscriptions, 2);
}

#[test]
fn a_message_over_the_retained_limit_is_delivered_but_not_retained() {
    let mut world = World::with_limits(Limits {
        retained_messages: 1,
        ..Limits::default()
    });
    let client = world.client("c");
    world.subscribe(client, &[("#", Level0)]);
    world.retain(client, "a", "1");
    world.retain(client, "b", "2");
    assert_eq!(world.payloads(client), ["1", "2"]);
    assert_eq!(world.broker.usage().retained_messages, 1);
    assert!(
        world
            .events()
            .contains(&BrokerEvent::NotRetained { topic: "b".into() })
    );
}

#[test]
fn all_sessions_together_hold_so_much_and_no_more() {
    let mut world = World::with_limits(Limits {
        session_bytes: 1_000,
        ..Limits::default()
    });
    for id in ["a", "b", "c"] {
        let client = world.resume(id);
        world.subscribe(client, &[("t", Level1)]);
        world.send(client, &DISCONNECT);
    }
    for _ in 0..10 {
        world
            .broker
            .publish(world.now, message("t", &"x".repeat(99), Level1, false));
    }
    world.settle();
    assert_eq!(world.broker.usage().queued_bytes, 1_000);
    let dropped = world.events().into_iter().filter(|event| {
        let reason = DropReason::QueueFull;
        matches!(event, BrokerEvent::Dropped { reason: r, .. } if *r == reason)
    });
    assert_eq!(dropped.count(), 20);
    // What is taken makes room.
    let client = world.resume("a");
    while let Some(Packet::Publish(publish)) = world.recv(client) {
        let pid = publish.qos_pid.pid().expect("QoS 1");
        world.send_packet(client, &Packet::Puback(pid));
    }
    assert!(world.broker.usage().queued_bytes < 1_000);
    world
        .broker
        .publish(world.now, message("t", "y", Level1, false));
    world.settle();
    assert_eq!(world.payloads(client), ["y"]);
}

#[test]
fn filters_may_have_any_number_of_levels() {
    let mut world = World::new();
    let client = world.client("c");
    let deep = vec!["l"; 5_000].join("/");
    let wild = format!("{}/#", vec!["+"; 4_000].join("/"));
    assert_eq!(
        world.subscribe(client, &[(&deep, Level1), (&wild, Level0)]),
        [1, 0]
    );
    world
        .broker
        .publish(world.now, message(&deep, "x", Level0, false));
    world.settle();
    assert_eq!(world.payloads(client), ["x"], "once, though both match");
    world.send(client, &unsubscribe(&[&deep, &wild]));
    assert_eq!(world.broker.usage().subscriptions, 0);
}
