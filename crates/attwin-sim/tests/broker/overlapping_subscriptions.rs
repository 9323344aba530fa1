use crate::common::*;

#[test]
fn overlapping_subscriptions_deliver_once_at_the_highest_qos() {
    let mut world = World::new();
    let subscriber = world.client("s");
    let publisher = world.client("p");
    world.subscribe(
        subscriber,
        &[("#", Level0), ("a/+", Level2), ("a/b", Level1)],
    );
    world.publish(publisher, Level2, 1, "a/b");
    assert_eq!(world.recv_publish(subscriber).qos_pid.qos(), Level2);
    assert_eq!(world.recv(subscriber), None);
}

#[test]
fn subscribing_again_replaces_the_qos() {
    let mut world = World::new();
    let subscriber = world.client("s");
    world.subscribe(subscriber, &[("t", Level2)]);
    assert_eq!(world.subscribe(subscriber, &[("t", Level0)]), [0]);
    world
        .broker
        .publish(world.now, message("t", "x", Level2, false));
    world.settle();
    assert_eq!(world.recv_publish(subscriber).qos_pid.qos(), Level0);
    assert_eq!(world.broker.usage().subscriptions, 1);
}
