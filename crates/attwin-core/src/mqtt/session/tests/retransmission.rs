use super::*;

fn again(operation: Operation, id: u16, count: u8) -> Event {
    Event::Retransmitted {
        operation,
        ticket: ticket(id),
        count,
    }
}

fn gave_up(operation: Operation, id: u16) -> Event {
    Event::GaveUp {
        operation,
        ticket: ticket(id),
    }
}

/// The table of docs/spec/quectel.md 6.3.
#[test]
fn publish_is_sent_again_then_given_up() {
    let mut bench = Bench::connected(options());
    bench.publish(7, QoS::Level1, RETRY).expect("accepted");
    assert_eq!(
        bench.run_until(100),
        [
            (5, again(Operation::Publish, 7, 1)),
            (10, again(Operation::Publish, 7, 2)),
            (15, again(Operation::Publish, 7, 3)),
            (20, gave_up(Operation::Publish, 7)),
        ]
    );
    let (first, dup) = (publish(0x32, 7), publish(0x3a, 7));
    assert_eq!(bench.packets(), [first, dup.clone(), dup.clone(), dup]);
    assert!(bench.session.is_connected());
    assert!(!bench.session.in_use(7));
    assert_eq!(bench.session.poll_timeout(), None);
}

#[test]
fn without_retries_it_is_given_up_at_once() {
    let mut bench = Bench::connected(options());
    bench.publish(7, QoS::Level1, NO_RETRY).expect("accepted");
    assert_eq!(bench.run_until(100), [(5, gave_up(Operation::Publish, 7))]);
    assert_eq!(bench.packets().len(), 1);
}

#[test]
fn an_acknowledgement_ends_it() {
    let mut bench = Bench::connected(options());
    bench.publish(7, QoS::Level1, RETRY).expect("accepted");
    bench.run_until(12);
    assert_eq!(
        bench.receive(&[0x40, 2, 0, 7]),
        [Event::Published {
            ticket: ticket(7),
            qos: QoS::Level1
        }]
    );
    assert_eq!(bench.run_until(100), []);
}

#[test]
fn late_acknowledgements_are_ignored() {
    let mut bench = Bench::connected(options());
    for kind in [0x40, 0x70, 0xb0] {
        assert_eq!(bench.receive(&[kind, 2, 0, 7]), []);
    }
    assert_eq!(bench.receive(&[0x90, 3, 0, 7, 0]), []);
    assert_eq!(bench.packets(), Vec::<Vec<u8>>::new());
}

#[test]
fn an_acknowledgement_of_the_wrong_kind_is_ignored() {
    let mut bench = Bench::connected(options());
    bench.publish(7, QoS::Level2, RETRY).expect("accepted");
    bench.publish(8, QoS::Level1, RETRY).expect("accepted");
    bench.packets();
    for bytes in [
        [0x40, 2, 0, 7],
        [0x70, 2, 0, 7],
        [0xb0, 2, 0, 7],
        [0x50, 2, 0, 8],
    ] {
        assert_eq!(bench.receive(&bytes), []);
    }
    assert_eq!(bench.session.unacknowledged(), 2);
    assert_eq!(bench.packets(), Vec::<Vec<u8>>::new());
}

/// docs/spec/quectel.md 6.6.
#[test]
fn pubrel_has_a_budget_of_its_own() {
    let mut bench = Bench::connected(options());
    bench.publish(7, QoS::Level2, RETRY).expect("accepted");
    bench.run_until(14);
    bench.packets();
    assert_eq!(
        bench.receive(&[0x50, 2, 0, 7]),
        [Event::Received(ticket(7))]
    );
    assert_eq!(
        bench.run_until(100),
        [
            (19, again(Operation::Release, 7, 1)),
            (24, again(Operation::Release, 7, 2)),
            (29, again(Operation::Release, 7, 3)),
            (34, gave_up(Operation::Release, 7)),
        ]
    );
    assert_eq!(bench.packets(), vec![vec![0x62, 2, 0, 7]; 4]);
}

#[test]
fn pubcomp_ends_a_qos_2_publish() {
    let mut bench = Bench::connected(options());
    bench.publish(7, QoS::Level2, RETRY).expect("accepted");
    bench.receive(&[0x50, 2, 0, 7]);
    assert_eq!(bench.session.unacknowledged(), 1);
    assert_eq!(
        bench.receive(&[0x70, 2, 0, 7]),
        [Event::Published {
            ticket: ticket(7),
            qos: QoS::Level2
        }]
    );
    assert_eq!(bench.session.unacknowledged(), 0);
}

#[test]
fn a_repeated_pubrec_is_answered_again_silently() {
    let mut bench = Bench::connected(options());
    bench.publish(7, QoS::Level2, RETRY).expect("accepted");
    bench.receive(&[0x50, 2, 0, 7]);
    bench.packets();
    assert_eq!(bench.receive(&[0x50, 2, 0, 7]), []);
    assert_eq!(bench.packets(), [[0x62, 2, 0, 7]]);
}

/// docs/spec/quectel.md 6.7 against docs/spec/yuge.md 7.1.
#[test]
fn a_late_pubrec_is_answered_if_the_rules_say_so() {
    for release_abandoned in [false, true] {
        let mut options = options();
        options.rules.release_abandoned = release_abandoned;
        let mut bench = Bench::connected(options);
        bench.publish(7, QoS::Level2, NO_RETRY).expect("accepted");
        bench.run_until(5);
        bench.packets();
        assert_eq!(bench.receive(&[0x50, 2, 0, 7]), []);
        assert_eq!(bench.packets().len(), usize::from(release_abandoned));
    }
}

/// docs/spec/simcom.md 7: from OK to the last acknowledgement.
#[test]
fn a_timeout_may_cover_the_whole_exchange() {
    let mut bench = Bench::connected(options());
    let retry = Retry {
        whole_exchange: true,
        ..NO_RETRY
    };
    bench.publish(7, QoS::Level2, retry).expect("accepted");
    bench.run_until(4);
    bench.receive(&[0x50, 2, 0, 7]);
    assert_eq!(bench.run_until(100), [(5, gave_up(Operation::Release, 7))]);
}

/// docs/spec/quectel.md 6.5.
#[test]
fn dup_beside_publish_is_for_mqtt_3_1_only() {
    for (level, dup) in [(Level::V31, 0x08), (Level::V311, 0)] {
        let mut options = options();
        options.connect.level = level;
        let mut bench = Bench::connected(options);
        bench.subscribe(PacketId::Host(1), RETRY).expect("accepted");
        bench
            .unsubscribe(PacketId::Host(2), RETRY)
            .expect("accepted");
        bench.publish(3, QoS::Level2, RETRY).expect("accepted");
        bench.receive(&[0x50, 2, 0, 3]);
        bench.packets();
        for _ in 0..2 {
            bench.run_until(bench.now.since_origin().as_secs() + 5);
            let firsts: Vec<u8> = bench.packets().iter().map(|packet| packet[0]).collect();
            assert_eq!(firsts, [0x82 | dup, 0xa2 | dup, 0x62 | dup]);
        }
    }
}

#[test]
fn subscribe_and_unsubscribe_are_sent_again() {
    let mut bench = Bench::connected(options());
    bench.subscribe(PacketId::Host(1), RETRY).expect("accepted");
    bench
        .unsubscribe(PacketId::Host(2), RETRY)
        .expect("accepted");
    let log = bench.run_until(20);
    assert_eq!(log.len(), 8);
    assert_eq!(log[0], (5, again(Operation::Subscribe, 1, 1)));
    assert_eq!(log[1], (5, again(Operation::Unsubscribe, 2, 1)));
    assert_eq!(log[6], (20, gave_up(Operation::Subscribe, 1)));
    assert_eq!(log[7], (20, gave_up(Operation::Unsubscribe, 2)));
}

#[test]
fn a_late_timer_still_sends_one_at_a_time() {
    let mut bench = Bench::connected(options());
    bench.publish(7, QoS::Level1, RETRY).expect("accepted");
    assert_eq!(bench.timeout(60), [again(Operation::Publish, 7, 1)]);
    assert_eq!(bench.session.poll_timeout(), Some(seconds(65)));
}
