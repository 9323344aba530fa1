use crate::common::*;

fn received(world: &mut World) -> usize {
    world
        .events()
        .iter()
        .filter(|e| matches!(e, BrokerEvent::Received { .. }))
        .count()
}

#[test]
fn a_repeated_qos_2_publish_is_acknowledged_but_not_published() {
    let mut world = World::new();
    let watcher = world.client("w");
    world.subscribe(watcher, &[("t", Level0)]);
    let first = world.resume("c");
    let publish = publish(Level2, 7, "t", "once");
    world.send(first, &publish);
    assert_eq!(world.recv(first), Some(Packet::Pubrec(pid(7))));
    world.send(first, &packet::with_dup(&publish));
    assert_eq!(world.recv(first), Some(Packet::Pubrec(pid(7))));
    world.drop_link(first);

    let second = world.resume("c");
    world.send(second, &packet::with_dup(&publish));
    assert_eq!(
        world.recv(second),
        Some(Packet::Pubrec(pid(7))),
        "after a reconnect, too"
    );
    world.send_packet(second, &Packet::Pubrel(pid(7)));
    assert_eq!(world.recv(second), Some(Packet::Pubcomp(pid(7))));
    assert_eq!(received(&mut world), 1);
    assert_eq!(world.payloads(watcher), ["once"]);

    world.send(second, &publish);
    assert_eq!(
        received(&mut world),
        1,
        "released: the identifier is free again"
    );
    assert_eq!(world.payloads(watcher), ["once"]);
}

#[test]
fn a_clean_session_forgets_received_identifiers() {
    let mut world = World::new();
    let publish = publish(Level2, 7, "t", "x");
    for _ in 0..2 {
        let connection = world.client("c");
        world.send(connection, &publish);
        world.drop_link(connection);
    }
    assert_eq!(received(&mut world), 2);
}

#[test]
fn a_repeated_pubrel_is_completed_again() {
    let mut world = World::new();
    let client = world.client("c");
    for _ in 0..2 {
        world.send_packet(client, &Packet::Pubrel(pid(9)));
        assert_eq!(world.recv(client), Some(Packet::Pubcomp(pid(9))));
    }
}

#[test]
fn a_delivery_is_not_repeated_once_pubrec_came() {
    let mut world = World::new();
    let first = world.resume("c");
    world.subscribe(first, &[("t", Level2)]);
    world
        .broker
        .publish(world.now, message("t", "once", Level2, false));
    world.settle();
    let id = pid(pid_of(&world.recv_publish(first)));
    world.drop_link(first);
    let second = world.resume("c");
    assert!(world.recv_publish(second).dup);
    for _ in 0..2 {
        world.send_packet(second, &Packet::Pubrec(id));
        assert_eq!(
            world.recv(second),
            Some(Packet::Pubrel(id)),
            "a repeated PUBREC as well"
        );
    }
    world.drop_link(second);
    let third = world.resume("c");
    assert_eq!(world.recv(third), Some(Packet::Pubrel(id)));
    world.send_packet(third, &Packet::Pubcomp(id));
    assert_eq!(world.recv(third), None);
    let delivered = world
        .events()
        .iter()
        .filter(|e| matches!(e, BrokerEvent::Delivered { .. }))
        .count();
    assert_eq!(delivered, 1);
}

#[test]
fn a_late_pubrec_of_a_forgotten_session_can_be_completed() {
    let mut world = World::new();
    let client = world.client("c");
    world.send_packet(client, &Packet::Pubrec(pid(5)));
    assert_eq!(world.recv(client), Some(Packet::Pubrel(pid(5))));
    world.send_packet(client, &Packet::Pubcomp(pid(5)));
    world.send_packet(client, &Packet::Puback(pid(6)));
    assert!(!world.is_closed(client));
}

#[test]
fn an_acknowledgement_of_the_wrong_kind_closes() {
    type Acknowledgement = fn(Pid) -> Packet;
    let wrong: [(QoS, Acknowledgement); 4] = [
        (Level1, Packet::Pubrec),
        (Level1, Packet::Pubcomp),
        (Level2, Packet::Puback),
        (Level2, Packet::Pubcomp),
    ];
    for (qos, packet) in wrong {
        let mut world = World::new();
        let client = world.client("c");
        world.subscribe(client, &[("t", Level2)]);
        world
            .broker
            .publish(world.now, message("t", "x", qos, false));
        world.settle();
        let id = pid(pid_of(&world.recv_publish(client)));
        world.send_packet(client, &packet(id));
        let reason = world.why_closed(client);
        assert!(matches!(
            reason,
            DisconnectReason::Violation(Violation::WrongAcknowledgement { .. })
        ));
    }
}
