//! How often, how long, from when.

use super::bench::{Bench, millis, seconds};

/// How many of the next `n` responses are lost.
fn lost(b: &mut Bench, n: usize) -> Vec<usize> {
    (1..=n).filter(|_| b.at("AT").is_empty()).collect()
}

#[test]
fn count_and_after() {
    let mut b = Bench::new();
    b.suffer("drop final 2 after=3");
    assert_eq!(lost(&mut b, 9), [4, 5]);
    assert_eq!(b.faults().active().count(), 0, "it is used up");
}

#[test]
fn without_end_until_cleared() {
    let mut b = Bench::new();
    b.suffer("drop final count=all");
    assert_eq!(lost(&mut b, 5).len(), 5);
    assert_eq!(
        b.faults()
            .active()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        ["drop final count=all"]
    );
    b.clear_faults();
    assert_eq!(lost(&mut b, 5), [0usize; 0]);
}

#[test]
fn a_span_means_all_within_it() {
    let mut b = Bench::new();
    b.suffer("drop final for=10s");
    assert_eq!(lost(&mut b, 3).len(), 3);
    b.run_for(seconds(10));
    assert_eq!(lost(&mut b, 3), [0usize; 0]);
}

#[test]
fn a_span_may_start_later() {
    let mut b = Bench::new();
    b.suffer("drop final in=5s for=10s");
    assert_eq!(lost(&mut b, 1), [0usize; 0]);
    b.run_for(seconds(5));
    assert_eq!(lost(&mut b, 1), [1]);
    b.run_for(seconds(10));
    assert_eq!(lost(&mut b, 1), [0usize; 0]);
}

#[test]
fn chance_is_about_right() {
    let mut b = Bench::new();
    b.suffer("drop final probability=0.3");
    let lost = lost(&mut b, 1000).len();
    assert!((220..380).contains(&lost), "{lost}");
    b.clear_faults();
    b.suffer("drop final probability=0");
    assert_eq!(super::modifiers::lost(&mut b, 50), [0usize; 0]);
    b.clear_faults();
    b.suffer("drop final probability=1 count=2");
    assert_eq!(super::modifiers::lost(&mut b, 4), [1, 2]);
}

#[test]
fn events_repeat() {
    let mut b = Bench::new();
    b.suffer(r#"urc "RING" in=1s every=10s count=3"#);
    let times: Vec<u64> = b.timeline(seconds(100)).iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [1000, 11_000, 21_000]);
}

#[test]
fn an_event_without_a_period_happens_once() {
    let mut b = Bench::new();
    b.suffer(r#"urc "RING""#);
    assert_eq!(b.timeline(seconds(100)).len(), 1);
}

#[test]
fn parts_of_a_preset_start_with_it() {
    let mut b = Bench::connected();
    b.line("AT+QIACT=1");
    b.within(seconds(5));
    b.suffer("preset sms-drops-pdp in=10s");
    let start = b.timeline(seconds(20));
    assert_eq!(start[0], (10_000, "\r\n+CMTI: \"SM\",1\r\n".to_owned()));
    assert!(start[1..].iter().all(|(at, _)| *at >= 10_200), "{start:?}");
    assert!(b.at("AT+QIACT?").starts_with("\r\nOK"), "gone");
}

#[test]
fn delays_end_when_they_are_cleared() {
    let mut b = Bench::new();
    b.suffer("hold final 1h");
    b.line("AT");
    b.run_for(millis(10));
    b.suffer("delay final 1h");
    b.line("AT");
    assert_eq!(b.heard_text(), "");
    b.clear_faults();
    assert_eq!(b.within(millis(1)), "\r\nOK\r\n\r\nOK\r\n");
}
