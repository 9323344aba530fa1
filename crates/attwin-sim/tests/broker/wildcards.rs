use crate::common::*;

#[test]
fn filters_select_topics() {
    let cases = [
        ("a/+/c", "a/b/c", true),
        ("a/+/c", "a/b/d", false),
        ("a/#", "a", true),
        ("a/#", "a/b/c", true),
        ("+", "a/b", false),
        ("#", "x", true),
        ("#", "$SYS/x", false),
        ("+/x", "$SYS/x", false),
        ("$SYS/#", "$SYS/x", true),
    ];
    for (filter, topic, expected) in cases {
        let mut world = World::new();
        let subscriber = world.client("s");
        let publisher = world.client("p");
        world.subscribe(subscriber, &[(filter, Level0)]);
        world.publish(publisher, Level0, 0, topic);
        assert_eq!(
            world.payloads(subscriber).len(),
            usize::from(expected),
            "{filter} {topic}"
        );
    }
}

#[test]
fn a_client_receives_its_own_messages() {
    let mut world = World::new();
    let client = world.client("c");
    world.subscribe(client, &[("t", Level0)]);
    world.publish(client, Level0, 0, "t");
    assert_eq!(world.payloads(client), ["hello"]);
}

#[test]
fn subscribers_are_served_in_the_order_they_first_connected() {
    let mut world = World::new();
    let clients: Vec<_> = ["z", "a", "m"].map(|id| world.client(id)).into();
    for &client in clients.iter().rev() {
        world.subscribe(client, &[("t", Level0)]);
    }
    world
        .broker
        .publish(world.now, message("t", "x", Level0, false));
    let order: Vec<_> = std::iter::from_fn(|| world.broker.poll_output())
        .filter_map(|output| match output {
            BrokerOutput::Send { connection, .. } => Some(connection),
            _ => None,
        })
        .collect();
    assert_eq!(order, clients);
}
