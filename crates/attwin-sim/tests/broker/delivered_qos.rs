use crate::common::*;

#[test]
fn messages_are_delivered_at_the_lower_of_published_and_granted() {
    let levels = [Level0, Level1, Level2];
    for published in levels {
        for granted in levels {
            let mut world = World::new();
            let subscriber = world.client("s");
            let publisher = world.client("p");
            assert_eq!(
                world.subscribe(subscriber, &[("t", granted)]),
                [granted as u8]
            );
            world.publish(publisher, published, 9, "t");
            let delivered = world.recv_publish(subscriber);
            assert_eq!(delivered.qos_pid.qos(), published.min(granted));
            assert_eq!(
                (&*delivered.topic_name, &delivered.payload[..]),
                ("t", &b"hello"[..])
            );
            assert!(!delivered.dup && !delivered.retain);
        }
    }
}

#[test]
fn every_qos_completes_in_both_directions() {
    let mut world = World::new();
    let client = world.client("c");
    world.subscribe(client, &[("t", Level2)]);

    world.publish(client, Level0, 0, "t");
    assert_eq!(world.recv_publish(client).qos_pid.qos(), Level0);
    assert_eq!(world.recv(client), None, "QoS 0 is not acknowledged");

    world.publish(client, Level1, 3, "t");
    let looped = pid_of(&world.recv_publish(client));
    assert_eq!(world.recv(client), Some(Packet::Puback(pid(3))));
    world.send_packet(client, &Packet::Puback(pid(looped)));

    world.publish(client, Level2, 4, "t");
    let looped = pid_of(&world.recv_publish(client));
    assert_eq!(world.recv(client), Some(Packet::Pubrec(pid(4))));
    world.send_packet(client, &Packet::Pubrel(pid(4)));
    assert_eq!(world.recv(client), Some(Packet::Pubcomp(pid(4))));
    world.send_packet(client, &Packet::Pubrec(pid(looped)));
    assert_eq!(world.recv(client), Some(Packet::Pubrel(pid(looped))));
    world.send_packet(client, &Packet::Pubcomp(pid(looped)));

    assert_eq!(world.broker.usage().inflight_messages, 0);
    let delivered: Vec<_> = world
        .events()
        .into_iter()
        .filter_map(|event| match event {
            BrokerEvent::Delivered { qos, .. } => Some(qos),
            _ => None,
        })
        .collect();
    assert_eq!(delivered, [Level1, Level2]);
}
