use super::*;

fn pinging(keep_alive: u16, ping: PingRule, any_packet_answers_ping: bool) -> Bench {
    let mut options = options();
    options.connect.keep_alive = keep_alive;
    options.rules.ping = ping;
    options.rules.any_packet_answers_ping = any_packet_answers_ping;
    Bench::connected(options)
}

/// keepalive 120, qmtping 5, factor 1.5: docs/spec/quectel.md 7.5.
fn quectel() -> Bench {
    let (every, silence) = (Duration::from_secs(5), Duration::from_secs(180));
    pinging(120, PingRule::UntilSilent { every, silence }, true)
}

/// K = 60: docs/spec/onemo.md A7.
fn onemo() -> Bench {
    pinging(
        60,
        PingRule::UntilLost {
            every: Duration::from_secs(60),
            lost: 3,
        },
        true,
    )
}

fn times(log: &[(u64, Event)], wanted: &Event) -> Vec<u64> {
    log.iter()
        .filter(|(_, event)| event == wanted)
        .map(|&(at, _)| at)
        .collect()
}

#[test]
fn keep_alive_zero_never_pings() {
    let rule = PingRule::Once {
        wait: Duration::from_secs(10),
    };
    assert_eq!(pinging(0, rule, false).session.poll_timeout(), None);
}

#[test]
fn repeats_until_silent_too_long() {
    let mut bench = quectel();
    let log = bench.run_until(1000);
    assert_eq!(
        times(&log, &Event::PingSent),
        (120..180).step_by(5).collect::<Vec<_>>()
    );
    assert_eq!(times(&log, &Event::PingFailed), [180]);
    assert_eq!(bench.packets().len(), 12);
    assert!(!bench.session.is_connected());
    assert_eq!(bench.session.poll_timeout(), None);
}

#[test]
fn silence_waits_one_repeat_at_least() {
    let (every, silence) = (Duration::from_secs(60), Duration::from_secs(15));
    let mut bench = pinging(10, PingRule::UntilSilent { every, silence }, true);
    assert_eq!(times(&bench.run_until(100), &Event::PingFailed), [70]);
}

#[test]
fn the_wait_is_the_same_after_a_long_idle_time() {
    let mut bench = quectel();
    bench.run_until(120);
    assert_eq!(bench.receive(&[0xd0, 0]), [Event::PingAnswered]);
    let log = bench.run_until(1000);
    assert_eq!(
        times(&log, &Event::PingSent),
        (240..300).step_by(5).collect::<Vec<_>>()
    );
    assert_eq!(times(&log, &Event::PingFailed), [300]);
}

#[test]
fn any_packet_may_answer() {
    let mut bench = quectel();
    bench.run_until(130);
    bench.receive(&publish(0x30, 0));
    assert_eq!(bench.session.poll_timeout(), Some(seconds(250)));
}

#[test]
fn or_only_pingresp_answers() {
    let mut bench = pinging(
        60,
        PingRule::Once {
            wait: Duration::from_secs(10),
        },
        false,
    );
    bench.run_until(60);
    bench.receive(&publish(0x30, 0));
    assert_eq!(bench.session.poll_timeout(), Some(seconds(70)));
    assert_eq!(bench.receive(&[0xd0, 0]), [Event::PingAnswered]);
    assert_eq!(bench.session.poll_timeout(), Some(seconds(120)));
}

#[test]
fn once_fails_without_a_repeat() {
    let mut bench = pinging(
        60,
        PingRule::Once {
            wait: Duration::from_secs(10),
        },
        false,
    );
    assert_eq!(
        bench.run_until(500),
        [
            (60, Event::PingSent),
            (70, Event::PingLost { count: 1 }),
            (70, Event::PingFailed)
        ]
    );
}

/// docs/spec/onemo.md A7: ping at K, `+MQTTTO:5` at 2K, 3K, 4K, machine at 4K.
#[test]
fn counts_lost_pings() {
    assert_eq!(
        onemo().run_until(1000),
        [
            (60, Event::PingSent),
            (120, Event::PingLost { count: 1 }),
            (120, Event::PingSent),
            (180, Event::PingLost { count: 2 }),
            (180, Event::PingSent),
            (240, Event::PingLost { count: 3 }),
            (240, Event::PingFailed),
        ]
    );
}

#[test]
fn an_answer_resets_the_count() {
    let mut bench = onemo();
    bench.run_until(180);
    bench.receive(&[0xd0, 0]);
    let log = bench.run_until(480);
    assert_eq!(times(&log, &Event::PingLost { count: 1 }), [300]);
    assert_eq!(times(&log, &Event::PingFailed), [420]);
}

#[test]
fn only_packets_sent_put_the_ping_off() {
    let mut bench = onemo();
    bench.run_until(30);
    bench.receive(&publish(0x30, 0));
    assert_eq!(bench.session.poll_timeout(), Some(seconds(60)));
    bench.publish(0, QoS::Level0, NO_RETRY).expect("accepted");
    assert_eq!(bench.session.poll_timeout(), Some(seconds(90)));
}

#[test]
fn sending_does_not_answer_a_ping() {
    let mut bench = onemo();
    bench.run_until(90);
    bench.publish(0, QoS::Level0, NO_RETRY).expect("accepted");
    bench.packets();
    bench.events();
    assert_eq!(bench.run_until(120)[0], (120, Event::PingLost { count: 1 }));
}

#[test]
fn a_packet_sent_meanwhile_prolongs_the_silence() {
    let mut bench = quectel();
    bench.run_until(150);
    bench.publish(0, QoS::Level0, NO_RETRY).expect("accepted");
    assert_eq!(times(&bench.run_until(1000), &Event::PingFailed), [330]);
}

/// The answer may be there and wait behind messages the host does not take.
#[test]
fn an_answer_that_is_not_read_is_not_missed() {
    let mut bench = quectel();
    bench.run_until(120);
    bench.session.set_reading(false);
    let log = bench.run_until(1000);
    assert_eq!(times(&log, &Event::PingFailed), Vec::<u64>::new());
    assert!(times(&log, &Event::PingSent).len() > 5);
    bench.session.set_reading(true);
    let log = bench.run_until(2000);
    assert_eq!(times(&log, &Event::PingFailed).len(), 1);
}
