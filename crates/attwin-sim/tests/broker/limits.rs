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
