//! Whatever arrives, the broker neither panics nor grows beyond its limits,
//! and does the same again.

use attwin_sim::broker::Usage;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::common::*;

#[derive(Debug, Clone)]
enum Step {
    Open(u64),
    Closed(u64),
    Connect {
        connection: u64,
        client: u8,
        clean: bool,
        v31: bool,
        keep_alive: u16,
        will: bool,
    },
    Publish {
        connection: u64,
        qos: QoS,
        pid: u16,
        topic: u8,
        retain: bool,
        dup: bool,
    },
    Subscribe {
        connection: u64,
        filter: usize,
        qos: QoS,
    },
    Acknowledge {
        connection: u64,
        first: u8,
        pid: u16,
    },
    Bytes {
        connection: u64,
        bytes: Vec<u8>,
    },
    Sent {
        connection: u64,
        bytes: usize,
    },
    Wait(u64),
    Operator(u8),
}

const FILTERS: [&str; 7] = ["#", "+", "0", "1/#", "+/1", "$SYS/#", "2/+"];

fn qos() -> impl Strategy<Value = QoS> {
    prop_oneof![Just(Level0), Just(Level1), Just(Level2)]
}

fn step() -> impl Strategy<Value = Step> {
    let connection = || 0u64..6;
    prop_oneof![
        3 => connection().prop_map(Step::Open),
        1 => connection().prop_map(Step::Closed),
        6 => (connection(), 0u8..4, any::<bool>(), any::<bool>(), 0u16..20, any::<bool>()).prop_map(
            |(connection, client, clean, v31, keep_alive, will)| Step::Connect {
                connection, client, clean, v31, keep_alive, will }),
        8 => (connection(), qos(), 1u16..5, 0u8..4, any::<bool>(), any::<bool>()).prop_map(
            |(connection, qos, pid, topic, retain, dup)| Step::Publish {
                connection, qos, pid, topic, retain, dup }),
        5 => (connection(), 0..FILTERS.len(), qos()).prop_map(
            |(connection, filter, qos)| Step::Subscribe { connection, filter, qos }),
        6 => (connection(), prop_oneof![Just(0x40u8), Just(0x50), Just(0x62), Just(0x70)], 1u16..8)
            .prop_map(|(connection, first, pid)| Step::Acknowledge { connection, first, pid }),
        2 => (connection(), vec(any::<u8>(), 0..40))
            .prop_map(|(connection, bytes)| Step::Bytes { connection, bytes }),
        3 => (connection(), 0usize..200)
            .prop_map(|(connection, bytes)| Step::Sent { connection, bytes }),
        1 => (0u64..20).prop_map(Step::Wait),
        1 => (0u8..6).prop_map(Step::Operator),
    ]
}

fn limits() -> Limits {
    Limits {
        packet_bytes: 100,
        connections: 4,
        sessions: 5,
        subscriptions_per_session: 3,
        inflight_messages: 2,
        queued_messages: 3,
        queued_bytes: 60,
        session_bytes: 1 << 20,
        retained_messages: 2,
        retained_bytes: 30,
        unsent_bytes: 150,
        pending_events: 50,
    }
}

fn apply(broker: &mut Broker, now: &mut Instant, step: &Step) {
    match *step {
        Step::Open(connection) => broker.open(*now, ConnectionId(connection)),
        Step::Closed(connection) => broker.closed(*now, ConnectionId(connection)),
        Step::Connect {
            connection,
            client,
            clean: clean_session,
            v31,
            keep_alive,
            will,
        } => {
            let mut fields = clean(&client.to_string());
            if will {
                fields = with_will(fields, Level1, true);
            }
            let level = if v31 { Level::V31 } else { Level::V311 };
            let fields = ConnectFields {
                clean_session,
                level,
                keep_alive,
                ..fields
            };
            let packet = packet::connect(&fields).expect("fits");
            broker.receive(*now, ConnectionId(connection), &packet);
        }
        Step::Publish {
            connection,
            qos,
            pid,
            topic,
            retain,
            dup,
        } => {
            let topic = ["0", "1/1", "2/1", "$SYS/1"][usize::from(topic)].as_bytes();
            let packet = packet::publish(dup, qos, retain, pid, topic, b"payload").expect("fits");
            broker.receive(*now, ConnectionId(connection), &packet);
        }
        Step::Subscribe {
            connection,
            filter,
            qos,
        } => {
            let packet = subscribe(&[(FILTERS[filter], qos)]);
            broker.receive(*now, ConnectionId(connection), &packet);
        }
        Step::Acknowledge {
            connection,
            first,
            pid,
        } => {
            let [high, low] = pid.to_be_bytes();
            broker.receive(*now, ConnectionId(connection), &[first, 2, high, low]);
        }
        Step::Bytes {
            connection,
            ref bytes,
        } => {
            broker.receive(*now, ConnectionId(connection), bytes);
        }
        Step::Sent { connection, bytes } => broker.sent(ConnectionId(connection), bytes),
        Step::Wait(duration) => {
            *now += secs(duration);
            broker.handle_timeout(*now);
            assert!(broker.poll_timeout().is_none_or(|deadline| deadline > *now));
        }
        Step::Operator(0) => broker.restart(*now, true),
        Step::Operator(1) => broker.restart(*now, false),
        Step::Operator(2) => broker.forget_sessions(),
        Step::Operator(3) => broker.disconnect(*now, "1"),
        Step::Operator(4) => broker.refuse_next(ConnectReturnCode::ServerUnavailable, 1),
        Step::Operator(_) => broker.publish(*now, message("0", "operator", Level2, true)),
    }
}

fn check_bounds(usage: &Usage) {
    let limits = limits();
    let sessions = limits.sessions;
    assert!(usage.connections <= limits.connections);
    assert!(usage.sessions <= sessions);
    assert!(usage.subscriptions <= sessions * limits.subscriptions_per_session);
    assert!(usage.inflight_messages <= sessions * limits.inflight_messages);
    // While the window has room and the transport has not, what the window
    // would have taken waits in the queue.
    assert!(usage.queued_messages <= sessions * (limits.queued_messages + 1));
    assert!(usage.queued_bytes <= sessions * (limits.queued_bytes + limits.packet_bytes));
    assert!(usage.retained_messages <= limits.retained_messages);
    assert!(usage.retained_bytes <= limits.retained_bytes);
    assert!(usage.input_bytes <= limits.connections * limits.packet_bytes);
    let unsent = limits.unsent_bytes + limits.unsent_bytes.max(limits.packet_bytes);
    assert!(usage.unsent_bytes <= limits.connections * unsent);
}

proptest! {
    #[test]
    fn any_conversation_stays_within_the_limits_and_repeats_exactly(steps in vec(step(), 0..200)) {
        let config = || BrokerConfig { limits: limits(), ..BrokerConfig::default() };
        let (mut one, mut other) = (Broker::new(config()), Broker::new(config()));
        let (mut now, mut other_now) = (Instant::ZERO, Instant::ZERO);
        for step in &steps {
            apply(&mut one, &mut now, step);
            apply(&mut other, &mut other_now, step);
            check_bounds(&one.usage());
            while let Some(output) = one.poll_output() {
                if let BrokerOutput::Send { bytes, .. } = &output {
                    prop_assert!(packet::decode(Level::V31, bytes).is_ok());
                }
                prop_assert_eq!(Some(output), other.poll_output());
            }
            prop_assert_eq!(other.poll_output(), None);
        }
    }

    #[test]
    fn noise_never_panics(noise in vec(vec(any::<u8>(), 0..200), 0..20)) {
        let mut world = World::with_limits(limits());
        let mut connection = world.client("noisy");
        for bytes in &noise {
            world.send(connection, bytes);
            check_bounds(&world.broker.usage());
            if world.is_closed(connection) {
                connection = world.client("noisy");
            }
        }
    }
}
