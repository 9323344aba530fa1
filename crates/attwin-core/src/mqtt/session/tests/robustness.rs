use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// A module has six of them and a process ten thousand modules.
#[test]
fn an_idle_session_is_small() {
    assert!(size_of::<Session>() <= 480, "{}", size_of::<Session>());
}

/// A burst leaves nothing behind but room for the next few packets.
#[test]
fn an_idle_session_gives_memory_back() {
    let mut options = options();
    options.rules.window = 100;
    let mut bench = Bench::connected(options);
    for id in 1..=100 {
        bench.publish(id, QoS::Level1, RETRY).expect("accepted");
        bench.receive(&publish(0x34, u8::try_from(id).expect("small")));
    }
    bench.packets();
    for id in 1..=100 {
        bench.session.receive(bench.now, &[0x40, 2, 0, id]);
        bench.session.receive(bench.now, &[0x62, 2, 0, id]);
    }
    bench.events();
    bench.packets();
    assert!(bench.session.events.capacity() <= 4);
    assert!(bench.session.outbox.capacity() <= 8);
    assert!(bench.session.in_flight.capacity() <= 4);
    assert!(bench.session.incoming.is_empty());
}

/// The server floods but does not read.
#[test]
fn replies_do_not_pile_up_without_bound() {
    let mut options = options();
    options.rules.limits.backlog = 4000;
    let mut bench = Bench::connected(options);
    for _ in 0..1000 {
        let events = bench.receive(&[0x62, 2, 0, 1]);
        assert_eq!(events.len(), 1);
    }
    let events = bench.receive(&[0x62, 2, 0, 1]);
    assert_eq!(events[1..], [Event::WriteStalled]);
    assert!(!bench.session.is_connected());
}

fn qos() -> impl Strategy<Value = QoS> {
    prop_oneof![Just(QoS::Level0), Just(QoS::Level1), Just(QoS::Level2)]
}

/// Packets a server may send, well-formed or nearly so.
fn packet() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => (any::<bool>(), qos(), 1u16..6, 1usize..40, 0usize..80).prop_map(
            |(dup, qos, id, topic, payload)| {
                packet::publish(dup, qos, false, id, &vec![b't'; topic], &vec![b'x'; payload])
                    .expect("fits")
                    .to_vec()
            }
        ),
        4 => (prop_oneof![Just(0x40u8), Just(0x50), Just(0x62), Just(0x70), Just(0xb0)], 0u8..6)
            .prop_map(|(first, id)| vec![first, 2, 0, id]),
        1 => (0u8..6).prop_map(|id| vec![0x90, 3, 0, id, 1]),
        1 => Just(vec![0xd0, 0]),
        1 => Just(ACCEPTED.to_vec()),
        1 => vec(any::<u8>(), 0..8),
    ]
}

/// Something that happens to a session.
#[derive(Debug, Clone)]
enum Step {
    Receive(Vec<u8>),
    Wait(u64),
    Publish(u16, QoS, bool),
    Subscribe(u16),
    Unsubscribe,
    Sent(usize),
    Transmit,
    Acknowledge,
    Withhold,
    Connect(bool),
    Lost,
    Disconnect,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => packet().prop_map(Step::Receive),
        2 => (0u64..200).prop_map(Step::Wait),
        3 => (0u16..6, qos(), any::<bool>()).prop_map(|(id, q, own)| Step::Publish(id, q, own)),
        1 => (0u16..6).prop_map(Step::Subscribe),
        1 => Just(Step::Unsubscribe),
        2 => (0usize..50).prop_map(Step::Sent),
        2 => Just(Step::Transmit),
        2 => Just(Step::Acknowledge),
        1 => Just(Step::Withhold),
        2 => any::<bool>().prop_map(Step::Connect),
        1 => Just(Step::Lost),
        1 => Just(Step::Disconnect),
    ]
}

fn small(clean: bool, delivery: Delivery) -> Options {
    let mut options = if clean { options() } else { persistent() };
    options.connect.keep_alive = 60;
    options.rules.delivery = delivery;
    options.rules.window = 3;
    options.rules.pending = 2;
    options.rules.write_timeout = Some(Duration::from_secs(30));
    options.rules.limits = Limits {
        topic: 30,
        payload: 60,
        held_bytes: 100,
        unsent: 200,
        backlog: 2000,
    };
    options
}

fn perform(bench: &mut Bench, step: Step, delivery: Delivery) {
    match step {
        Step::Receive(bytes) => bench.session.receive(bench.now, &bytes),
        Step::Wait(wait) => {
            let end = bench.now + Duration::from_secs(wait);
            let mut turns = 0;
            while let Some(at) = bench.session.poll_timeout().filter(|&at| at <= end) {
                bench.now = bench.now.max(at);
                bench.session.handle_timeout(bench.now);
                turns += 1;
                assert!(turns < 10_000, "a timer does not move on");
            }
            bench.now = end;
        }
        Step::Publish(id, qos, true) => drop(bench.publish(id, qos, RETRY)),
        Step::Publish(id, qos, false) => {
            let ask = Ask::Publish {
                qos,
                retain: true,
                dup: id > 3,
                topic: b"topic",
                payload: &[0; 50],
            };
            let _ = bench.request(PacketId::Next, ask, NO_RETRY);
        }
        Step::Subscribe(id) => drop(bench.subscribe(PacketId::Host(id), RETRY)),
        Step::Unsubscribe => drop(bench.unsubscribe(PacketId::Next, RETRY)),
        Step::Sent(bytes) => bench.session.sent(bench.now, bytes),
        Step::Transmit => drop(bench.packets()),
        Step::Acknowledge => {
            let events = bench.events();
            bench.acknowledge(events);
        }
        Step::Withhold => drop(bench.events()),
        Step::Connect(clean) => {
            bench
                .session
                .connect(bench.now, small(clean, delivery))
                .expect("fits");
            bench.session.receive(bench.now, ACCEPTED_SESSION_PRESENT);
        }
        Step::Lost => bench.session.lost(),
        Step::Disconnect => bench.session.disconnect(bench.now),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// However the stream is cut, the same happens.
    #[test]
    fn chunks_make_no_difference(packets in vec(packet(), 0..20), cuts in vec(1usize..30, 1..40),
                                 held: bool) {
        let delivery = if held { Delivery::OnRelease } else { Delivery::OnPublish };
        let stream = packets.concat();
        let mut whole = Bench::connected(small(true, delivery));
        let expected = whole.receive(&stream);
        let mut pieces = Bench::connected(small(true, delivery));
        let mut events = Vec::new();
        let mut rest = &stream[..];
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, after) = rest.split_at((*cut).min(rest.len()));
            events.extend(pieces.receive(piece));
            rest = after;
        }
        prop_assert_eq!(events, expected);
        prop_assert_eq!(pieces.packets(), whole.packets());
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..400), connected: bool) {
        let mut bench = Bench::new();
        if connected {
            bench.connect(options(), ACCEPTED);
        } else {
            bench.session.connect(bench.now, options()).expect("fits");
        }
        bench.session.receive(bench.now, &bytes);
    }

    /// Whatever happens in whatever order: no panic, no bound exceeded, no
    /// packet that is not whole.
    #[test]
    fn bounds_hold(steps in vec(step(), 0..120), held: bool) {
        let delivery = if held { Delivery::OnRelease } else { Delivery::OnPublish };
        let mut bench = Bench::new();
        for step in steps {
            perform(&mut bench, step, delivery);
            let session = &bench.session;
            prop_assert!(session.unacknowledged() <= 3);
            prop_assert!(session.unsent() <= 2000 + 200, "{} bytes", session.unsent());
        }
        while let Some(bytes) = bench.session.poll_transmit() {
            let frame = packet::frame(&bytes).expect("framed").expect("complete");
            prop_assert_eq!(frame.len(), bytes.len());
            packet::decode(Level::V311, &bytes).expect("well-formed");
        }
    }

    /// Each QoS 1 or 2 publish ends in exactly one way, unless it is kept.
    #[test]
    fn each_request_has_one_outcome(answers in vec(packet(), 0..30), waits in vec(0u64..8, 30)) {
        let mut options = options();
        options.rules.window = 5;
        let mut bench = Bench::connected(options);
        for id in 1..=5 {
            bench.publish(id, if id % 2 == 0 { QoS::Level2 } else { QoS::Level1 }, RETRY).expect("accepted");
        }
        let mut outcomes = [0; 6];
        let mut count = |events: Vec<Event>| for event in events {
            if let Event::Published { ticket, .. } | Event::GaveUp { ticket, .. }
                | Event::Interrupted { ticket, .. } = event {
                outcomes[usize::from(ticket.id)] += 1;
            }
        };
        for (answer, wait) in answers.iter().zip(waits) {
            count(bench.receive(answer));
            let end = bench.now.since_origin().as_secs() + wait;
            count(bench.run_until(end).into_iter().map(|(_, event)| event).collect());
        }
        bench.session.lost();
        count(bench.events());
        prop_assert_eq!(outcomes, [0, 1, 1, 1, 1, 1]);
    }
}
