use crate::common::*;

/// A world in which `watcher` subscribed to the will of `connection`.
fn watched(fields: &ConnectFields) -> (World, ConnectionId, ConnectionId) {
    let mut world = World::new();
    let watcher = world.client("watcher");
    world.subscribe(watcher, &[("will", Level2)]);
    let (connection, _) = world.connect(fields);
    (world, watcher, connection)
}

#[test]
fn a_lost_transport_publishes_the_will() {
    let (mut world, watcher, connection) = watched(&with_will(clean("c"), Level1, false));
    world.drop_link(connection);
    let will = world.recv_publish(watcher);
    assert_eq!(
        (&will.payload[..], will.qos_pid.qos(), will.retain),
        (&b"gone"[..], Level1, false)
    );
    assert!(world.events().contains(&BrokerEvent::WillPublished {
        client_id: "c".into(),
        message: message("will", "gone", Level1, false),
    }));
}

#[test]
fn disconnect_discards_the_will() {
    let (mut world, watcher, connection) = watched(&with_will(clean("c"), Level1, false));
    world.send(connection, &DISCONNECT);
    assert_eq!(world.why_closed(connection), DisconnectReason::Requested);
    assert_eq!(world.recv(watcher), None);
}

#[test]
fn keep_alive_publishes_the_will() {
    let fields = ConnectFields {
        keep_alive: 10,
        ..with_will(clean("c"), Level0, false)
    };
    let (mut world, watcher, _) = watched(&fields);
    world.advance(secs(15));
    assert_eq!(world.payloads(watcher), ["gone"]);
}

#[test]
fn a_protocol_violation_publishes_the_will() {
    let (mut world, watcher, connection) = watched(&with_will(clean("c"), Level0, false));
    world.send(connection, &[0xf0, 0]);
    assert!(world.is_closed(connection));
    assert_eq!(world.payloads(watcher), ["gone"]);
}

#[test]
fn the_operator_closing_publishes_the_will() {
    let (mut world, watcher, _) = watched(&with_will(clean("c"), Level0, false));
    world.broker.disconnect(world.now, "c");
    world.settle();
    assert_eq!(world.payloads(watcher), ["gone"]);
}

#[test]
fn a_will_may_be_retained() {
    let (mut world, watcher, connection) = watched(&with_will(clean("c"), Level2, true));
    world.drop_link(connection);
    assert!(!world.recv_publish(watcher).retain);
    let late = world.client("late");
    world.subscribe(late, &[("will", Level2)]);
    let will = world.recv_publish(late);
    assert!(will.retain);
    assert_eq!(will.qos_pid.qos(), Level2);
}

#[test]
fn the_will_belongs_to_one_connection() {
    let (mut world, watcher, connection) = watched(&with_will(persistent("c"), Level0, false));
    world.send(connection, &DISCONNECT);
    let again = world.resume("c");
    world.drop_link(again);
    assert_eq!(world.recv(watcher), None, "the second CONNECT left none");
}

#[test]
fn a_refused_client_has_no_will() {
    let mut world = World::new();
    let watcher = world.client("watcher");
    world.subscribe(watcher, &[("#", Level0)]);
    world
        .broker
        .refuse_next(ConnectReturnCode::NotAuthorized, 1);
    let connection = world.open();
    let connect = packet::connect(&with_will(clean("c"), Level0, false)).expect("fits");
    world.send(connection, &connect);
    world.drop_link(connection);
    assert_eq!(world.recv(watcher), None);
}

#[test]
fn an_invalid_will_topic_closes_the_connection() {
    for topic in ["", "a/+", "#"] {
        let mut world = World::new();
        let connection = world.open();
        let mut fields = with_will(clean("c"), Level0, false);
        if let Some(will) = &mut fields.will {
            will.topic = Bytes::copy_from_slice(topic.as_bytes());
        }
        world.send(connection, &packet::connect(&fields).expect("fits"));
        assert!(world.is_closed(connection), "{topic:?}");
        assert_eq!(world.recv_bytes(connection), None);
    }
}
