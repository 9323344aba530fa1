use crate::common::*;

fn config() -> BrokerConfig {
    BrokerConfig {
        refused_filters: vec!["secret/#".into()],
        ..BrokerConfig::default()
    }
}

#[test]
fn a_refused_filter_is_answered_with_128() {
    let mut world = World::with(config());
    let client = world.client("c");
    let codes = world.subscribe(
        client,
        &[
            ("a", Level1),
            ("secret/x", Level2),
            ("secret/+", Level0),
            ("secret/#", Level0),
        ],
    );
    assert_eq!(codes, [1, 0x80, 0x80, 0x80]);
    world
        .broker
        .publish(world.now, message("secret/x", "x", Level2, false));
    world.settle();
    assert_eq!(world.recv(client), None);
    assert_eq!(world.broker.usage().subscriptions, 1);
    assert!(world.events().contains(&BrokerEvent::Subscribed {
        client_id: "c".into(),
        filter: "secret/x".into(),
        granted: None,
    }));
}

#[test]
fn mqtt_3_1_is_told_success_and_receives_nothing() {
    let mut world = World::with(config());
    let (client, _) = world.connect(&v31(clean("c")));
    assert_eq!(world.subscribe(client, &[("secret/x", Level2)]), [2]);
    world
        .broker
        .publish(world.now, message("secret/x", "x", Level2, false));
    world.settle();
    assert_eq!(world.recv(client), None);
}

#[test]
fn a_refused_filter_finds_nothing_retained() {
    let mut world = World::with(config());
    world
        .broker
        .publish(world.now, message("secret/x", "x", Level0, true));
    let client = world.client("c");
    assert_eq!(world.subscribe(client, &[("secret/x", Level0)]), [0x80]);
    assert_eq!(world.recv(client), None);
}
