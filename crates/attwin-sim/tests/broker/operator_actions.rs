use crate::common::*;

#[test]
fn publish_reaches_subscribers_and_is_not_reported_as_received() {
    let mut world = World::new();
    let client = world.client("c");
    world.subscribe(client, &[("t", Level1)]);
    world.events();
    world
        .broker
        .publish(world.now, message("t", "x", Level1, true));
    world.settle();
    assert_eq!(world.payloads(client), ["x"]);
    assert_eq!(world.events(), []);
    assert_eq!(world.broker.usage().retained_messages, 1);
}

#[test]
fn push_needs_no_subscription() {
    let mut world = World::new();
    let client = world.client("c");
    assert!(world.broker.push(
        world.now,
        "c",
        message("/ext/register", "{}", Level1, false)
    ));
    assert!(
        !world
            .broker
            .push(world.now, "nobody", message("t", "x", Level0, false))
    );
    world.settle();
    let publish = world.recv_publish(client);
    assert_eq!(
        (&*publish.topic_name, publish.qos_pid.qos()),
        ("/ext/register", Level1)
    );
}

#[test]
fn disconnect_closes_one_client_and_keeps_its_session() {
    let mut world = World::new();
    let kicked = world.resume("kicked");
    let other = world.client("other");
    world.broker.disconnect(world.now, "kicked");
    world.broker.disconnect(world.now, "nobody");
    world.settle();
    assert_eq!(world.why_closed(kicked), DisconnectReason::Operator);
    assert!(!world.is_closed(other));
    assert!(world.connect(&persistent("kicked")).1);
}

#[test]
fn forgotten_sessions_are_not_present() {
    let mut world = World::new();
    let away = world.resume("away");
    world.send(away, &DISCONNECT);
    let here = world.resume("here");
    world.subscribe(here, &[("t", Level0)]);
    world.broker.forget_sessions();
    world
        .broker
        .publish(world.now, message("t", "x", Level0, false));
    world.settle();
    assert_eq!(world.payloads(here), ["x"], "a connected client goes on");
    world.drop_link(here);
    assert!(!world.connect(&persistent("away")).1);
    assert!(!world.connect(&persistent("here")).1);
}

#[test]
fn restart_with_persistence_keeps_sessions_and_retained_messages() {
    let mut world = World::new();
    let (kept, _) = world.connect(&persistent("kept"));
    world.subscribe(kept, &[("#", Level1)]);
    let (clean_one, _) = world.connect(&with_will(clean("clean"), Level1, false));
    world.retain(kept, "r", "retained");
    assert_eq!(world.payloads(kept), ["retained"]);
    let idle = world.open();
    world.broker.restart(world.now, true);
    world.settle();
    for connection in [kept, clean_one, idle] {
        assert!(world.is_closed(connection));
    }
    assert_eq!(world.broker.usage().connections, 0);
    let (kept, present) = world.connect(&persistent("kept"));
    assert!(present);
    assert_eq!(
        world.payloads(kept),
        ["gone"],
        "the will, after the restart"
    );
    assert_eq!(world.broker.usage().retained_messages, 1);
}

#[test]
fn restart_without_persistence_loses_everything() {
    let mut world = World::new();
    let (client, _) = world.connect(&with_will(persistent("c"), Level1, true));
    world.subscribe(client, &[("#", Level1)]);
    world.retain(client, "r", "retained");
    world.broker.restart(world.now, false);
    world.settle();
    assert_eq!(world.why_closed(client), DisconnectReason::Restart);
    assert_eq!(world.broker.usage(), attwin_sim::broker::Usage::default());
    assert!(!world.connect(&persistent("c")).1);
}
