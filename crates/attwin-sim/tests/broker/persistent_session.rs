use crate::common::*;

fn publish_while_away(world: &mut World, count: usize, qos: QoS) {
    for n in 0..count {
        world
            .broker
            .publish(world.now, message("t", &n.to_string(), qos, false));
    }
    world.settle();
}

#[test]
fn messages_wait_for_a_client_that_is_away() {
    let mut world = World::new();
    let first = world.resume("c");
    world.subscribe(first, &[("t", Level2)]);
    world.send(first, &DISCONNECT);
    publish_while_away(&mut world, 2, Level1);
    publish_while_away(&mut world, 1, Level0);
    publish_while_away(&mut world, 1, Level2);
    let (second, present) = world.connect(&persistent("c"));
    assert!(present);
    let got: Vec<_> = (0..3).map(|_| world.recv_publish(second)).collect();
    assert_eq!(
        got.iter().map(|p| p.payload.clone()).collect::<Vec<_>>(),
        ["0", "1", "0"]
    );
    assert_eq!(
        got.iter().map(|p| p.qos_pid.qos()).collect::<Vec<_>>(),
        [Level1, Level1, Level2],
        "QoS 0 does not wait"
    );
    assert!(got.iter().all(|p| !p.dup), "none was sent before");
    assert_eq!(world.recv(second), None);
}

#[test]
fn a_full_queue_drops_what_comes_last() {
    let mut world = World::with_limits(Limits {
        inflight_messages: 2,
        queued_messages: 3,
        ..Limits::default()
    });
    let first = world.resume("c");
    world.subscribe(first, &[("t", Level1)]);
    world.drop_link(first);
    publish_while_away(&mut world, 9, Level1);
    let usage = world.broker.usage();
    assert_eq!(usage.queued_messages, 3);
    let dropped: Vec<_> = world
        .events()
        .into_iter()
        .filter_map(|event| match event {
            BrokerEvent::Dropped {
                reason: DropReason::QueueFull,
                message,
                ..
            } => Some(message.payload().clone()),
            _ => None,
        })
        .collect();
    assert_eq!(dropped, ["3", "4", "5", "6", "7", "8"]);
}

#[test]
fn the_queue_is_limited_in_bytes_too() {
    let mut world = World::with_limits(Limits {
        inflight_messages: 1,
        queued_bytes: 10,
        ..Limits::default()
    });
    let client = world.client("c");
    world.subscribe(client, &[("t", Level1)]);
    for payload in ["in flight", "1234", "5678", "9"] {
        world
            .broker
            .publish(world.now, message("t", payload, Level1, false));
    }
    world.settle();
    assert_eq!(
        world.broker.usage().queued_bytes,
        10,
        "two of one plus four bytes"
    );
}

#[test]
fn session_present_is_for_mqtt_3_1_1_only() {
    let mut world = World::new();
    let (first, present) = world.connect(&persistent("c"));
    assert!(!present, "there was none");
    world.send(first, &DISCONNECT);
    let (second, present) = world.connect(&v31(persistent("c")));
    assert!(!present, "reserved in MQTT 3.1");
    assert!(world.events().iter().any(|event| matches!(
        event,
        BrokerEvent::Connected {
            level: Level::V31,
            session_present: true,
            ..
        }
    )));
    world.send(second, &DISCONNECT);
    assert!(world.connect(&persistent("c")).1);
}

#[test]
fn subscriptions_survive_without_being_made_again() {
    let mut world = World::new();
    let first = world.resume("c");
    world.subscribe(first, &[("t", Level0)]);
    world.drop_link(first);
    let second = world.resume("c");
    publish_while_away(&mut world, 1, Level0);
    assert_eq!(world.payloads(second), ["0"]);
}

#[test]
fn a_clean_session_discards_what_was_kept() {
    let mut world = World::new();
    let first = world.resume("c");
    world.subscribe(first, &[("t", Level1)]);
    world.send(first, &DISCONNECT);
    publish_while_away(&mut world, 1, Level1);
    let (second, present) = world.connect(&clean("c"));
    assert!(!present);
    publish_while_away(&mut world, 1, Level1);
    assert_eq!(world.recv(second), None, "no subscription, no queue");
    world.send(second, &DISCONNECT);
    assert_eq!(
        world.broker.usage().sessions,
        0,
        "a clean session ends with its connection"
    );
    assert!(!world.connect(&persistent("c")).1);
}
