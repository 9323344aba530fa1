//! Same inputs, same outputs; and the host's writes have no boundaries. Both are
//! shown for sessions made at random, so no scenario can.

use std::collections::BTreeMap;

use attwin_core::mqtt::packet::PacketType;
use attwin_core::{Config, Instant, find_module};
use attwin_sim::World;
use attwin_sim::link::{Direction, Verdict, read};
use proptest::prelude::*;
use proptest::sample::select;

use super::bench::{message, millis};

/// What a host sends at one moment, and how long it waits then.
type Step = (Vec<u8>, u64);

/// All that can be observed: what was said by time, and the packets sent.
type Observed = (BTreeMap<Instant, Vec<u8>>, Vec<(Instant, Vec<u8>)>);

/// Runs a host's steps, each write cut at these places.
fn run(steps: &[Step], cuts: &[usize]) -> Observed {
    let mut world = World::new(Config::new(find_module("quectel-ec25").expect("exists")));
    let mut lost = 0;
    world.network.filter = Box::new(move |direction, bytes: &[u8]| {
        let puback = direction == Direction::ToModule
            && read(bytes).is_some_and(|packet| packet.get_type() == PacketType::Puback);
        lost += u32::from(puback);
        // Every second PUBACK is lost.
        if puback && lost % 2 == 1 {
            Verdict::Drop
        } else {
            Verdict::Pass
        }
    });
    world.boot();
    for line in [
        r#"AT+QMTCFG="timeout",0,1,2,1"#,
        r#"AT+QMTOPEN=0,"broker.example",1883"#,
        r#"AT+QMTCONN=0,"dev-0""#,
        r##"AT+QMTSUB=0,1,"#",1"##,
    ] {
        world.line(line);
        world.run_for(millis(1000));
    }
    world.take_packets();
    for (bytes, wait) in steps {
        world.operate(|broker, now| broker.push(now, "dev-0", message("in", b"x", 1, false)));
        let mut rest = &bytes[..];
        for cut in cuts {
            let (head, tail) = rest.split_at((*cut).min(rest.len()));
            world.send(head);
            rest = tail;
        }
        world.send(rest);
        world.run_for(millis(*wait));
    }
    world.run_for(millis(120_000));
    let mut said: BTreeMap<Instant, Vec<u8>> = BTreeMap::new();
    for piece in world.heard() {
        said.entry(piece.at).or_default().extend(piece.bytes);
    }
    let sent = world
        .take_packets()
        .into_iter()
        .filter(|p| p.1 == Direction::ToBroker);
    (said, sent.map(|p| (p.0, p.2)).collect())
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let text = select(vec![
        "AT\r",
        "ATE0\r",
        "ATE1\r",
        "A/",
        "AT+QMTCONN?\r\n",
        "AT+QMTRECV?;+QMTOPEN?\r",
        "AT+QMTPUBEX=0,7,1,0,\"t\",\"x\"\r",
        "AT+QMTPUBEX=0,8,2,0,\"t\",5\r",
        "hello",
        "hello\x1a\r\n",
        "AT+QMTPUB=0,0,0,0,\"t\"\r",
        "text\x1a",
        "\x1b",
        "AT+QMTSUB=0,3,\"u\",2\r",
        "AT+QMTCFG=\"willex\",1,1,1,0,\"w\",4\r",
        "AT+QMTOPEN=1,\"broker.example\",1883\r",
        "AT+QMTCLOSE=1\r",
        "AT+NONSENSE\r",
        "AT+COPS=?\r\n",
        "AT+QIDEACT=1\r",
        "AT+QMT",
        "\x08",
    ]);
    let noise = prop::collection::vec(any::<u8>(), 0..8);
    let piece = prop_oneof![
        6 => text.prop_map(|text| text.as_bytes().to_vec()),
        1 => noise,
    ];
    let write = prop::collection::vec(piece, 1..4).prop_map(|pieces| pieces.concat());
    let wait = select(vec![0, 5, 10, 15, 30, 300, 1500, 61_000]);
    prop::collection::vec((write, wait), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_same_twice(steps in steps()) {
        prop_assert_eq!(run(&steps, &[]), run(&steps, &[]));
    }

    #[test]
    fn writes_have_no_boundaries(
        steps in steps(),
        cuts in prop::collection::vec(0..9_usize, 0..12),
    ) {
        prop_assert_eq!(run(&steps, &[]), run(&steps, &cuts));
    }

    #[test]
    fn byte_by_byte_is_the_same(steps in steps()) {
        prop_assert_eq!(run(&steps, &[]), run(&steps, &[1; 200]));
    }
}
