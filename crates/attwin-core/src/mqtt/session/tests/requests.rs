use core::num::NonZeroU16;

use super::*;

#[test]
fn connect_refused_timed_out_or_accepted() {
    let mut bench = Bench::new();
    bench.session.connect(bench.now, options()).expect("fits");
    assert_eq!(
        bench.packets(),
        [b"\x10\x11\x00\x04MQTT\x04\x02\x00\x00\x00\x05dev-1"]
    );
    assert_eq!(
        bench.publish(1, QoS::Level1, RETRY),
        Err(RequestError::NotConnected)
    );
    assert_eq!(bench.receive(&[0x20, 2, 0, 5]), [Event::Refused(5)]);
    assert_eq!(bench.session.poll_timeout(), None);

    let mut bench = Bench::new();
    bench.session.connect(bench.now, options()).expect("fits");
    assert_eq!(bench.run_until(60), [(5, Event::ConnectTimedOut)]);
    assert_eq!(bench.receive(ACCEPTED), []);

    assert!(Bench::connected(options()).session.is_connected());
}

#[test]
fn a_connect_that_cannot_be_built_changes_nothing() {
    let mut bench = Bench::connected(options());
    let mut too_long = options();
    too_long.connect.client_id = Bytes::from(vec![b'x'; 65_536]);
    assert_eq!(
        bench.session.connect(bench.now, too_long),
        Err(TooLong { len: 65_536 })
    );
    assert!(bench.session.is_connected());
}

#[test]
fn qos_0_is_done_when_its_last_byte_is_out() {
    let mut bench = Bench::connected(options());
    bench.publish(9, QoS::Level0, NO_RETRY).expect("accepted");
    bench.publish(0, QoS::Level0, NO_RETRY).expect("accepted");
    while bench.session.poll_transmit().is_some() {}
    bench.session.sent(bench.now, 5);
    assert_eq!(bench.events(), []);
    bench.session.sent(bench.now, 6);
    assert_eq!(bench.events(), [Event::Written(ticket(9))]);
    assert_eq!(bench.session.unsent(), 1);
    bench.session.sent(bench.now, 1);
    assert_eq!(bench.events(), [Event::Written(ticket(0))]);
}

#[test]
fn subscribe_and_unsubscribe() {
    let mut bench = Bench::connected(options());
    bench.subscribe(PacketId::Host(1), RETRY).expect("accepted");
    bench
        .unsubscribe(PacketId::Host(2), RETRY)
        .expect("accepted");
    assert_eq!(
        bench.packets(),
        [
            vec![0x82, 6, 0, 1, 0, 1, b't', 1],
            vec![0xa2, 5, 0, 2, 0, 1, b't']
        ]
    );
    assert_eq!(
        bench.receive(&[0x90, 6, 0, 1, 0, 1, 2, 128]),
        [Event::Subscribed {
            ticket: ticket(1),
            codes: vec![0, 1, 2, 128]
        }]
    );
    assert_eq!(
        bench.receive(&[0xb0, 2, 0, 2]),
        [Event::Unsubscribed(ticket(2))]
    );
    assert_eq!(
        bench.request(PacketId::Next, Ask::Subscribe(&[]), RETRY),
        Err(RequestError::NoFilter)
    );
}

#[test]
fn identifiers_are_not_shared() {
    let mut bench = Bench::connected(options());
    bench.subscribe(PacketId::Host(1), RETRY).expect("accepted");
    assert_eq!(
        bench.publish(1, QoS::Level1, RETRY),
        Err(RequestError::InUse(1))
    );
    assert_eq!(
        bench.publish(0, QoS::Level1, RETRY),
        Err(RequestError::ZeroId)
    );
    // QoS 0 puts none on the wire.
    assert_eq!(bench.publish(1, QoS::Level0, RETRY), Ok(1));
}

/// docs/spec/quectel.md 6.4.
#[test]
fn the_window_counts_publishes_with_acknowledgement_only() {
    let mut options = options();
    options.rules.window = 5;
    options.rules.pending = 1;
    let mut bench = Bench::connected(options);
    bench
        .subscribe(PacketId::Host(100), RETRY)
        .expect("accepted");
    for id in 1..=5 {
        bench
            .publish(id, QoS::Level2, RETRY)
            .expect("within the window");
    }
    assert_eq!(
        bench.publish(6, QoS::Level1, RETRY),
        Err(RequestError::WindowFull)
    );
    assert_eq!(bench.publish(6, QoS::Level0, RETRY), Ok(6));
    assert_eq!(
        bench.unsubscribe(PacketId::Host(7), RETRY),
        Err(RequestError::WindowFull)
    );
    bench.receive(&[0x50, 2, 0, 1]);
    assert_eq!(
        bench.publish(6, QoS::Level1, RETRY),
        Err(RequestError::WindowFull)
    );
    bench.receive(&[0x70, 2, 0, 1]);
    assert_eq!(bench.publish(6, QoS::Level1, RETRY), Ok(6));
}

fn next(bench: &mut Bench, qos: QoS) -> u16 {
    bench
        .request(PacketId::Next, message(qos), RETRY)
        .expect("accepted")
}

/// docs/spec/yuge.md 7.2.
#[test]
fn the_counter_starts_where_the_rules_say_on_each_connection() {
    let mut options = options();
    options.rules.first_id = NonZeroU16::new(2);
    let mut bench = Bench::connected(options.clone());
    assert_eq!(bench.subscribe(PacketId::Next, RETRY), Ok(2));
    assert_eq!(next(&mut bench, QoS::Level0), 0);
    assert_eq!(next(&mut bench, QoS::Level1), 3);
    bench.session.lost();
    bench.events();
    bench.connect(options, ACCEPTED);
    assert_eq!(next(&mut bench, QoS::Level1), 2);
}

/// docs/spec/onemo.md A3.6.
#[test]
fn the_counter_may_go_on_and_count_qos_0() {
    let mut options = options();
    options.rules.first_id = None;
    options.rules.qos0_takes_id = true;
    let mut bench = Bench::connected(options.clone());
    assert_eq!(next(&mut bench, QoS::Level0), 1);
    assert_eq!(next(&mut bench, QoS::Level1), 2);
    bench.session.lost();
    bench.events();
    bench.connect(options, ACCEPTED);
    assert_eq!(next(&mut bench, QoS::Level0), 3);
}

#[test]
fn the_counter_wraps_and_skips_what_is_in_use() {
    let mut options = options();
    options.rules.first_id = NonZeroU16::new(65_535);
    let mut bench = Bench::connected(options);
    bench.publish(1, QoS::Level1, RETRY).expect("accepted");
    assert_eq!(next(&mut bench, QoS::Level1), 65_535);
    assert_eq!(next(&mut bench, QoS::Level1), 2);
}

#[test]
fn a_refused_request_takes_no_identifier() {
    let mut options = options();
    options.rules.limits.unsent = 10;
    let mut bench = Bench::connected(options);
    assert_eq!(next(&mut bench, QoS::Level1), 1);
    assert_eq!(
        bench.subscribe(PacketId::Next, RETRY),
        Err(RequestError::Backlogged { unsent: 8 })
    );
    bench.packets();
    assert_eq!(next(&mut bench, QoS::Level1), 2);
}

#[test]
fn first_dup_is_the_hosts_choice() {
    let mut bench = Bench::connected(options());
    for qos in [QoS::Level0, QoS::Level1] {
        let ask = Ask::Publish {
            qos,
            retain: true,
            dup: true,
            topic: b"t",
            payload: b"x",
        };
        let id = bench.request(PacketId::Host(7), ask, RETRY);
        assert_eq!(id, Ok(7));
    }
    assert_eq!(bench.packets(), [publish(0x31, 0), publish(0x3b, 7)]);
}

#[test]
fn disconnect_is_the_last_packet() {
    let mut bench = Bench::connected(options());
    bench.publish(7, QoS::Level1, RETRY).expect("accepted");
    bench.packets();
    bench.session.disconnect(bench.now);
    bench.session.disconnect(bench.now);
    assert_eq!(bench.packets(), [[0xe0, 0]]);
    assert_eq!(bench.events(), [Event::DisconnectWritten]);
    assert_eq!(bench.receive(&publish(0x32, 1)), []);
    assert_eq!(bench.session.poll_timeout(), None);
    assert_eq!(
        bench.publish(8, QoS::Level0, RETRY),
        Err(RequestError::NotConnected)
    );
}

#[test]
fn disconnect_needs_a_connection() {
    let mut bench = Bench::new();
    bench.session.disconnect(bench.now);
    assert_eq!(bench.packets(), Vec::<Vec<u8>>::new());
}

/// docs/spec/quectel.md 7.3, code 6.
#[test]
fn a_network_that_takes_nothing_is_reported() {
    let mut options = options();
    options.rules.write_timeout = Some(Duration::from_secs(20));
    let mut bench = Bench::connected(options);
    bench.run_until(100);
    bench.publish(7, QoS::Level0, RETRY).expect("accepted");
    bench.publish(7, QoS::Level0, RETRY).expect("accepted");
    bench.run_until(115);
    bench.session.sent(bench.now, 1);
    assert_eq!(bench.run_until(200), [(135, Event::WriteStalled)]);
    assert!(!bench.session.is_connected());
}

#[test]
fn unfinished_requests_are_reported_in_order_when_the_link_is_lost() {
    let mut bench = Bench::connected(options());
    bench.publish(1, QoS::Level2, RETRY).expect("accepted");
    bench.publish(2, QoS::Level0, RETRY).expect("accepted");
    bench.subscribe(PacketId::Host(3), RETRY).expect("accepted");
    bench.receive(&[0x50, 2, 0, 1]);
    bench.session.lost();
    let interrupted = |operation, id| Event::Interrupted {
        operation,
        ticket: ticket(id),
        kept: false,
    };
    assert_eq!(
        bench.events(),
        [
            interrupted(Operation::Release, 1),
            interrupted(Operation::Publish, 2),
            interrupted(Operation::Subscribe, 3),
        ]
    );
    assert_eq!(bench.packets(), Vec::<Vec<u8>>::new());
    bench.session.lost();
    assert_eq!(bench.events(), []);
}
