//! Whatever faults do to the bytes, as long as they keep their order, the module
//! learns what became of each of its requests.

use proptest::prelude::*;

use super::bench::{Bench, seconds};

/// Faults that lose and reorder nothing.
const ORDERLY: [&str; 20] = [
    "latency 700ms",
    "latency 500ms to-broker for=1500ms",
    "latency 300ms to-broker",
    "latency 2s to-module count=3",
    "bandwidth 4800",
    "bandwidth 900 to-broker for=5s",
    "stall for=2s",
    "stall to-module for=3s in=1s",
    "delay publish 1s",
    "delay puback 2s",
    "delay pubrec 1s count=2",
    "duplicate publish",
    "duplicate publish 3",
    "duplicate pubrel 2",
    "duplicate puback 2",
    "duplicate pubcomp",
    "fragment 3",
    "pace 1200",
    "delay final 500ms count=2",
    "join within=1s count=all",
];

/// Plays publishes of these levels, one a second; what is wrong with their results.
fn results(faults: &[&str], levels: &[u8]) -> Result<(), String> {
    let mut b = Bench::connected();
    for fault in faults {
        b.suffer(fault);
    }
    let mut said = String::new();
    for (index, level) in levels.iter().enumerate() {
        let id = if *level == 0 { 0 } else { index + 1 };
        b.line(&format!("AT+QMTPUBEX=0,{id},{level},0,\"t\",\"x\""));
        said += &b.within(seconds(1));
    }
    said += &b.within(seconds(200));
    let accepted = said.matches("\r\nOK\r\n").count();
    let ends = |line: &&str| {
        let fields = line.strip_prefix("+QMTPUB").map(|rest| rest.split(','));
        fields.is_some_and(|mut fields| matches!(fields.nth(2), Some("0" | "2")))
    };
    let ended = said.lines().filter(ends).count();
    if accepted == levels.len() && ended == accepted {
        return Ok(());
    }
    Err(format!("{accepted} accepted, {ended} ended: {said:?}"))
}

#[test]
fn late_copies_are_not_counted_twice() {
    for level in 0..3 {
        let faults = ["latency 700ms for=1500ms", "duplicate publish"];
        assert_eq!(results(&faults, &[level; 4]), Ok(()), "QoS {level}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_accepted_request_gets_its_result(
        faults in prop::collection::vec(prop::sample::select(&ORDERLY[..]), 1..5),
        levels in prop::collection::vec(0u8..3, 1..5),
    ) {
        prop_assert_eq!(results(&faults, &levels), Ok(()), "{:?} {:?}", faults, levels);
    }
}
