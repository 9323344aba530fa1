use super::*;

const NOTHING: [Vec<u8>; 0] = [];

#[test]
fn publishes_and_releases_go_on_in_order() {
    let mut bench = Bench::connected(persistent());
    for id in 1..=4 {
        bench.publish(id, QoS::Level2, RETRY).expect("accepted");
    }
    bench.subscribe(PacketId::Host(9), RETRY).expect("accepted");
    bench.receive(&[0x50, 2, 0, 3]);
    bench.receive(&[0x50, 2, 0, 1]);
    bench.packets();
    bench.session.lost();
    let kept: Vec<_> = bench
        .events()
        .into_iter()
        .map(|event| match event {
            Event::Interrupted { ticket, kept, .. } => (ticket.id, kept),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        kept,
        [(1, true), (2, true), (3, true), (4, true), (9, false)]
    );
    assert!(bench.session.in_use(2));
    assert!(!bench.session.in_use(9));
    assert_eq!(bench.session.unacknowledged(), 4);

    bench.connect(persistent(), ACCEPTED_SESSION_PRESENT);
    assert_eq!(
        bench.packets(),
        [
            publish(0x3c, 2),
            publish(0x3c, 4),
            vec![0x62, 2, 0, 3],
            vec![0x62, 2, 0, 1]
        ]
    );
    assert_eq!(
        bench.publish(2, QoS::Level1, RETRY),
        Err(RequestError::InUse(2))
    );
    assert_eq!(
        bench.receive(&[0x50, 2, 0, 2]),
        [Event::Received(resumed(2))]
    );
    assert_eq!(
        bench.receive(&[0x70, 2, 0, 2]),
        [Event::Published {
            ticket: resumed(2),
            qos: QoS::Level2
        }]
    );
}

#[test]
fn a_resumed_publish_has_its_full_budget() {
    let mut bench = Bench::connected(persistent());
    bench.publish(7, QoS::Level1, RETRY).expect("accepted");
    bench.run_until(17);
    bench.session.lost();
    bench.events();
    assert_eq!(bench.session.poll_timeout(), None);
    bench.run_until(100);
    bench.connect(persistent(), ACCEPTED);
    let log = bench.run_until(200);
    assert_eq!(log.len(), 4);
    assert_eq!(
        log[0],
        (
            105,
            Event::Retransmitted {
                operation: Operation::Publish,
                ticket: resumed(7),
                count: 1
            }
        )
    );
    assert_eq!(
        log[3],
        (
            120,
            Event::GaveUp {
                operation: Operation::Publish,
                ticket: resumed(7)
            }
        )
    );
}

#[test]
fn nothing_is_sent_again_before_connack() {
    let mut bench = Bench::connected(persistent());
    bench.publish(7, QoS::Level1, RETRY).expect("accepted");
    bench.packets();
    bench.session.lost();
    bench.events();
    bench
        .session
        .connect(bench.now, persistent())
        .expect("fits");
    assert_eq!(bench.packets().len(), 1, "CONNECT");
    assert_eq!(bench.receive(&[0x20, 2, 0, 3]), [Event::Refused(3)]);
    assert_eq!(bench.packets(), NOTHING);
    // The publish waits for a connection that is accepted.
    bench.session.lost();
    bench.events();
    bench.connect(persistent(), ACCEPTED);
    assert_eq!(bench.packets(), [publish(0x3a, 7)]);
}

#[test]
fn clean_session_another_client_or_the_rules_end_it() {
    let mut other_client = persistent();
    other_client.connect.client_id = Bytes::from_static(b"dev-2");
    let mut no_resume = persistent();
    no_resume.rules.resume = false;
    for (first, second) in [
        (options(), persistent()),
        (persistent(), options()),
        (persistent(), other_client),
        (no_resume.clone(), no_resume),
    ] {
        let mut bench = Bench::connected(first);
        bench.publish(7, QoS::Level1, RETRY).expect("accepted");
        bench.packets();
        bench.session.lost();
        bench.events();
        bench.connect(second, ACCEPTED);
        assert_eq!(bench.packets(), NOTHING);
        assert_eq!(bench.session.unacknowledged(), 0);
    }
}

/// Delivers QoS 2 id 5, reconnects with `connack`, and tells how often the
/// server's repetition is delivered.
fn delivered_again(options: &Options, connack: &[u8]) -> usize {
    let mut bench = Bench::connected(options.clone());
    let events = bench.receive(&publish(0x34, 5));
    bench.acknowledge(events);
    assert_eq!(bench.packets(), [[0x50, 2, 0, 5]]);
    bench.session.lost();
    bench.connect(options.clone(), connack);
    let events = bench.receive(&publish(0x3c, 5));
    let count = payloads(&events).len();
    bench.acknowledge(events);
    assert_eq!(bench.packets(), [[0x50, 2, 0, 5]]);
    count
}

#[test]
fn received_identifiers_survive_with_the_servers_session_only() {
    assert_eq!(delivered_again(&persistent(), ACCEPTED_SESSION_PRESENT), 0);
    assert_eq!(delivered_again(&persistent(), ACCEPTED), 1);
    assert_eq!(delivered_again(&options(), ACCEPTED), 1);
}

#[test]
fn mqtt_3_1_has_no_session_present() {
    let mut options = persistent();
    options.connect.level = Level::V31;
    assert_eq!(delivered_again(&options, ACCEPTED), 0);
    // The byte is reserved there.
    let mut bench = Bench::new();
    bench.session.connect(bench.now, options).expect("fits");
    assert_eq!(
        bench.receive(&[0x20, 2, 0xff, 0]),
        [Event::Connected {
            session_present: false
        }]
    );
}

/// A 3.1 server that has forgotten gives the identifier to a message of its
/// own, without DUP: it is shown, and nothing that was acknowledged is lost.
#[test]
fn at_mqtt_3_1_a_message_without_dup_is_new_after_a_cut() {
    for (delivery, shown_before, shown_after) in [
        (Delivery::OnPublish, 1, [1, 0]),
        (Delivery::OnRelease, 0, [1, 1]),
    ] {
        let mut options = persistent();
        options.connect.level = Level::V31;
        options.rules.delivery = delivery;
        let mut bench = Bench::connected(options.clone());
        let events = bench.receive(&publish(0x34, 5));
        assert_eq!(payloads(&events).len(), shown_before);
        bench.acknowledge(events);
        bench.packets();
        bench.session.lost();
        bench.connect(options, ACCEPTED);
        let new = bench.receive(&publish(0x34, 5));
        assert_eq!(payloads(&new).len(), shown_after[0], "{delivery:?}");
        bench.acknowledge(new);
        assert_eq!(bench.packets(), [[0x50, 2, 0, 5]]);
        // The same once more on this connection is a repetition, DUP or not.
        let again = bench.receive(&publish(0x34, 5));
        assert_eq!(payloads(&again).len(), 0, "{delivery:?}");
        assert_eq!(bench.packets(), [[0x50, 2, 0, 5]]);
        let released = bench.receive(&[0x62, 2, 0, 5]);
        assert_eq!(payloads(&released).len(), shown_after[1], "{delivery:?}");
    }
}

#[test]
fn received_identifiers_survive_even_without_resumption() {
    let mut options = persistent();
    options.rules.resume = false;
    assert_eq!(delivered_again(&options, ACCEPTED_SESSION_PRESENT), 0);
}

#[test]
fn a_message_never_acknowledged_is_delivered_again() {
    let mut bench = Bench::connected(persistent());
    assert_eq!(payloads(&bench.receive(&publish(0x34, 5))).len(), 1);
    bench.session.lost();
    bench.connect(persistent(), ACCEPTED_SESSION_PRESENT);
    assert_eq!(payloads(&bench.receive(&publish(0x3c, 5))).len(), 1);
}

#[test]
fn an_acknowledgement_between_connections_is_remembered() {
    let mut bench = Bench::connected(persistent());
    let events = bench.receive(&publish(0x34, 5));
    bench.session.lost();
    bench.acknowledge(events);
    assert_eq!(bench.packets(), NOTHING);
    bench.connect(persistent(), ACCEPTED_SESSION_PRESENT);
    assert_eq!(bench.receive(&publish(0x3c, 5)), []);
    assert_eq!(bench.packets(), [[0x50, 2, 0, 5]]);
}

#[test]
fn an_acknowledgement_of_an_earlier_connection_is_not_sent() {
    let mut bench = Bench::connected(persistent());
    let mut events = bench.receive(&publish(0x34, 5));
    events.extend(bench.receive(&publish(0x32, 6)));
    bench.session.lost();
    bench.connect(persistent(), ACCEPTED_SESSION_PRESENT);
    bench.acknowledge(events);
    assert_eq!(bench.packets(), NOTHING);
}

#[test]
fn a_held_message_waits_for_its_release_across_connections() {
    let mut options = persistent();
    options.rules.delivery = Delivery::OnRelease;
    let mut bench = Bench::connected(options.clone());
    bench.receive(&publish(0x34, 5));
    bench.session.lost();
    bench.connect(options, ACCEPTED_SESSION_PRESENT);
    assert_eq!(payloads(&bench.receive(&[0x62, 2, 0, 5])), [b"x"]);
}

#[test]
fn connecting_over_a_live_connection_counts_as_losing_it() {
    let mut bench = Bench::connected(persistent());
    bench.publish(7, QoS::Level1, RETRY).expect("accepted");
    bench.receive(&[0x30, 100]);
    bench
        .session
        .connect(bench.now, persistent())
        .expect("fits");
    assert_eq!(bench.events().len(), 1, "Interrupted");
    assert_eq!(bench.packets().len(), 1, "CONNECT");
    assert_eq!(
        bench.receive(ACCEPTED),
        [Event::Connected {
            session_present: false
        }]
    );
}
