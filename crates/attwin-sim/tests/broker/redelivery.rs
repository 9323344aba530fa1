use crate::common::*;

fn subscriber(world: &mut World, fields: &ConnectFields) -> ConnectionId {
    let (connection, _) = world.connect(fields);
    world.subscribe(connection, &[("t", Level2)]);
    connection
}

#[test]
fn unacknowledged_messages_come_again_with_dup_and_the_same_identifier() {
    for qos in [Level1, Level2] {
        let mut world = World::new();
        let first = subscriber(&mut world, &persistent("c"));
        for payload in ["a", "b", "c"] {
            world
                .broker
                .publish(world.now, message("t", payload, qos, false));
        }
        world.settle();
        let sent: Vec<_> = (0..3).map(|_| world.recv_publish(first)).collect();
        assert!(sent.iter().all(|p| !p.dup));
        world.drop_link(first);
        let second = world.resume("c");
        for before in sent {
            let after = world.recv_publish(second);
            assert!(after.dup);
            assert_eq!(after.qos_pid, before.qos_pid);
            assert_eq!(after.payload, before.payload);
        }
        assert_eq!(world.recv(second), None);
    }
}

#[test]
fn acknowledged_messages_do_not_come_again() {
    let mut world = World::new();
    let first = subscriber(&mut world, &persistent("c"));
    for payload in ["a", "b"] {
        world
            .broker
            .publish(world.now, message("t", payload, Level1, false));
    }
    world.settle();
    let (_, b) = (world.recv_publish(first), world.recv_publish(first));
    world.send_packet(first, &Packet::Puback(pid(pid_of(&b))));
    world.drop_link(first);
    let second = world.resume("c");
    assert_eq!(world.payloads(second), ["a"]);
}

#[test]
fn a_released_message_is_released_again() {
    for (fields, first_byte) in [(persistent("c"), 0x62), (v31(persistent("c")), 0x6a)] {
        let mut world = World::new();
        let first = subscriber(&mut world, &fields);
        world
            .broker
            .publish(world.now, message("t", "x", Level2, false));
        world.settle();
        let id = pid_of(&world.recv_publish(first));
        world.send_packet(first, &Packet::Pubrec(pid(id)));
        assert_eq!(world.recv_bytes(first).expect("PUBREL")[0], 0x62);
        world.drop_link(first);
        let (second, _) = world.connect(&fields);
        let pubrel = world.recv_bytes(second).expect("PUBREL");
        assert_eq!(pubrel[0], first_byte, "MQTT 3.1 marks the repetition");
        assert_eq!(pubrel[2..], id.to_be_bytes());
        assert_eq!(world.recv(second), None, "no PUBLISH");
        world.send_packet(second, &Packet::Pubcomp(pid(id)));
        assert_eq!(world.broker.usage().inflight_messages, 0);
    }
}

#[test]
fn nothing_is_repeated_on_a_live_connection() {
    let mut world = World::new();
    let client = subscriber(&mut world, &clean("c"));
    world
        .broker
        .publish(world.now, message("t", "x", Level1, false));
    world.settle();
    assert_eq!(world.payloads(client), ["x"]);
    world.advance(secs(3_600));
    assert_eq!(world.recv(client), None);
}

#[test]
fn new_messages_follow_the_repeated_ones() {
    let mut world = World::new();
    let first = subscriber(&mut world, &persistent("c"));
    world
        .broker
        .publish(world.now, message("t", "before", Level1, false));
    world.settle();
    world.drop_link(first);
    world
        .broker
        .publish(world.now, message("t", "while away", Level1, false));
    let second = world.resume("c");
    world
        .broker
        .publish(world.now, message("t", "after", Level1, false));
    world.settle();
    assert_eq!(world.payloads(second), ["before", "while away", "after"]);
}
