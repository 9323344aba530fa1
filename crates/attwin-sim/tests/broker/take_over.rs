use crate::common::*;

#[test]
fn a_second_connection_takes_the_identifier_over() {
    let mut world = World::new();
    let watcher = world.client("w");
    world.subscribe(watcher, &[("will", Level0)]);
    let (old, _) = world.connect(&with_will(clean("c"), Level0, false));
    let (new, present) = world.connect(&persistent("c"));
    assert!(!present, "the old session was clean");
    assert_eq!(world.why_closed(old), DisconnectReason::TakenOver);
    assert!(!world.is_closed(new));
    assert_eq!(world.payloads(watcher), ["gone"]);
    world.send(old, &publish(Level0, 0, "t", "late"));
    assert!(world.events().is_empty(), "the old connection is deaf");
}

#[test]
fn a_persistent_session_moves_to_the_new_connection() {
    let mut world = World::new();
    let old = world.resume("c");
    world.subscribe(old, &[("t", Level1)]);
    world
        .broker
        .publish(world.now, message("t", "x", Level1, false));
    world.settle();
    let (new, present) = world.connect(&persistent("c"));
    assert!(present && world.is_closed(old));
    assert!(world.recv_publish(new).dup);
    world.drop_link(old);
    assert!(
        !world.is_closed(new),
        "a late close of the old transport changes nothing"
    );
}
