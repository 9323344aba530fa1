//! Whatever stands in a file, and whatever the other side says: no panic, and
//! an end.

use std::time::Duration;

use attwin_core::{Instant, find_module};
use attwin_sim::scenario::{Manner, Player, Scenario, Step, run};
use proptest::prelude::*;

use crate::common::parse;

/// Lines that are likely to be read, in any order.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("> AT".to_owned()),
        Just("< OK".to_owned()),
        Just("< +QMTOPEN: 0,{x}".to_owned()),
        Just("<[1s..2s] {y},{x}".to_owned()),
        Just("<~ .*(?<x>[0-9]).*".to_owned()),
        Just("<< \\r\\n{z}\\r\\n".to_owned()),
        Just("<> prompt".to_owned()),
        Just("{".to_owned()),
        Just("}".to_owned()),
        Just("~ silent 1s".to_owned()),
        Just("~ 1h".to_owned()),
        Just("> AT+QMTOPEN=0,\"h\",1883".to_owned()),
        Just("> AT+QMTCONN=0,\"c\"".to_owned()),
        Just("@ publish \"t\" qos 2 \"x\"".to_owned()),
        Just("@ restart keep".to_owned()),
        Just("@ not received".to_owned()),
        Just("@ connected \"c\"".to_owned()),
        Just("echo on".to_owned()),
        Just("boot shown".to_owned()),
        "[><!@~{}#a-z\"=\\\\\\[\\] .0-9ü]{0,20}",
        "\\PC{0,30}",
    ]
}

fn play(scenario: &Scenario) {
    if let Err(failure) = run(scenario) {
        assert!(!failure.to_string().is_empty());
    }
}

proptest! {
    #[test]
    fn any_text(text: String) {
        let _ = parse(&text);
    }

    #[test]
    fn any_lines(lines in prop::collection::vec(line(), 0..20)) {
        let text = format!("module quectel-ec25\n{}", lines.join("\n"));
        if let Ok(scenario) = parse(&text) {
            play(&scenario);
        }
    }

    /// Lines one at a time, so that most of them are read.
    #[test]
    fn any_valid_lines(lines in prop::collection::vec(line(), 0..20)) {
        let mut text = "module quectel-ec25\n".to_owned();
        for line in lines {
            let longer = format!("{text}{line}\n");
            if parse(&longer).is_ok() {
                text = longer;
            }
        }
        play(&parse(&text).expect("checked"));
    }

    #[test]
    fn any_module(said in prop::collection::vec((0u64..3000, prop::collection::vec(any::<u8>(), 0..12)), 0..30)) {
        let text = "module quectel-ec25\necho on\n> AT\n< {a}\n{\n<~[0s..3s] .*\n<< {b}x\n< OK\n}\n> AT\n<> prompt\n~ silent 2s\n";
        let scenario = parse(text).expect("valid");
        let module = find_module("quectel-ec25").expect("known");
        let mut player = Player::new(&scenario, module, Manner::real(Duration::from_millis(50)));
        let (mut now, mut said) = (Instant::ZERO, said.into_iter());
        for _ in 0..10_000 {
            match player.poll(now) {
                Step::Send(_) | Step::Act(_) => {}
                Step::Done | Step::Failed(_) => return Ok(()),
                Step::Wait(until) => {
                    prop_assert!(until > now, "waiting for what is past");
                    match said.next() {
                        Some((after, bytes)) if now + Duration::from_millis(after) <= until => {
                            now += Duration::from_millis(after);
                            player.heard(now, &bytes);
                        }
                        _ => now = until,
                    }
                }
            }
        }
        prop_assert!(false, "no end");
    }
}

#[test]
fn a_module_that_says_too_much() {
    let scenario = parse("module quectel-ec25\necho on\n> AT\n< {x}\n").expect("valid");
    let module = find_module("quectel-ec25").expect("known");
    let mut player = Player::new(&scenario, module, Manner::VIRTUAL);
    let megabyte = vec![b'x'; 1 << 20];
    loop {
        match player.poll(Instant::ZERO) {
            Step::Wait(_) => player.heard(Instant::ZERO, &megabyte),
            Step::Failed(failure) => {
                assert!(failure.to_string().contains("too much"), "{failure}");
                return;
            }
            _ => {}
        }
    }
}

#[test]
fn a_week_of_silence_has_an_end() {
    crate::common::passes("module quectel-ec25\n> AT\n< OK\n~ silent 168h\n");
}
