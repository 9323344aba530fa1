//! Faults as text.

use attwin_sim::fault::{FaultSpec, SpecError, catalogue, modifiers, presets};
use proptest::prelude::*;

#[track_caller]
fn reads_back(text: &str) -> FaultSpec {
    let spec: FaultSpec = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
    let shown = spec.to_string();
    assert_eq!(
        shown.parse(),
        Ok(spec.clone()),
        "{text} is shown as {shown}"
    );
    assert_eq!(
        shown.parse::<FaultSpec>().expect("the same").to_string(),
        shown
    );
    spec
}

#[test]
fn every_example_of_the_catalogue_reads_back() {
    for info in catalogue() {
        reads_back(info.example);
        let verb = info.example.split(' ').next().expect("a word");
        assert_eq!(verb, info.name, "{}", info.syntax);
    }
}

#[test]
fn every_name_a_syntax_lists_is_one() {
    for info in catalogue() {
        let verb = info.syntax.split(' ').next().expect("a word");
        for name in verb.split('|') {
            let error = name.parse::<FaultSpec>().err().map(|e| e.to_string());
            let unknown = format!("{name:?} is not one of");
            assert!(!error.unwrap_or_default().contains(&unknown), "{name}");
        }
    }
}

#[test]
fn every_preset_consists_of_faults() {
    for preset in presets() {
        reads_back(&format!("preset {}", preset.name));
        for part in preset.faults {
            assert!(!part.starts_with("preset"), "{part}: no preset of presets");
            reads_back(part);
        }
        assert!(!preset.faults.is_empty() && !preset.reproduces.is_empty());
    }
}

#[test]
fn names_are_unique() {
    for (i, preset) in presets().iter().enumerate() {
        assert!(
            presets()[..i].iter().all(|p| p.name != preset.name),
            "{}",
            preset.name
        );
    }
    for (i, info) in catalogue().iter().enumerate() {
        assert!(
            catalogue()[..i].iter().all(|o| o.syntax != info.syntax),
            "{}",
            info.syntax
        );
    }
}

#[test]
fn every_modifier_is_some_faults() {
    let tries = [
        "drop puback",
        "urc \"x\"",
        "detach",
        "fragment 1",
        "join",
        "message \"x\"",
    ];
    for modifier in modifiers() {
        let (key, _) = modifier.syntax.split_once('=').expect("key=value");
        let values = ["2", "0.5", "3s", "\"t\"", "connected"];
        let fits = tries
            .iter()
            .flat_map(|fault| values.map(|v| format!("{fault} {key}={v}")));
        assert!(
            fits.into_iter().any(|t| t.parse::<FaultSpec>().is_ok()),
            "{key}"
        );
    }
}

#[test]
fn every_word_in_capitals_is_explained() {
    let terms = attwin_sim::fault::placeholders();
    let own = [
        "BYTES", "BAUD", "CODE", "PAYLOAD", "TOPIC", "BITS", "CID", "RSSI", "STAT",
    ];
    for info in catalogue() {
        let words = info.syntax.split(|c: char| !c.is_ascii_uppercase());
        for word in words.filter(|word| !word.is_empty()) {
            let known = terms.iter().any(|term| term.syntax == word) || own.contains(&word);
            assert!(known, "{word} of {}", info.syntax);
        }
    }
}

#[test]
fn a_number_behind_a_packet_is_the_count() {
    let short = reads_back("drop puback 2");
    assert_eq!(short, reads_back("drop puback count=2"));
    assert_eq!(short.to_string(), "drop puback count=2");
}

#[test]
fn defaults_are_not_shown() {
    for (long, short) in [
        ("drop puback to-module", "drop puback"),
        ("drop publish to-broker", "drop publish"),
        ("close now", "close"),
        ("fragment 3 gap=1ms", "fragment 3"),
        ("join within=10s", "join"),
        ("stall to-broker", "stall"),
        (
            "delay publish 3000ms to-module",
            "delay publish 3s to-module",
        ),
        ("drop byte 2 to-module", "drop byte to-module count=2"),
        ("drop urc probability=0.250", "drop urc probability=0.25"),
    ] {
        assert_eq!(reads_back(long).to_string(), short);
    }
}

#[track_caller]
fn wrong(text: &str) -> String {
    text.parse::<FaultSpec>().expect_err(text).to_string()
}

#[test]
fn errors_name_the_word_its_place_and_the_alternatives() {
    assert_eq!(
        wrong("stall sideways"),
        "column 7: \"sideways\" is not one of to-broker, to-module, in=, for=, once="
    );
    assert!(wrong("drop pubak 2").starts_with("column 6: \"pubak\" is not one of echo, "));
    assert!(wrong("drop pubak 2").ends_with("pingresp, disconnect, packet"));
    assert!(wrong("explode").starts_with("column 1: \"explode\" is not one of drop, "));
    assert_eq!(
        wrong("drop connect to-module"),
        "column 14: \"to-module\" is not to-broker"
    );
    assert_eq!(
        wrong("close somewhere"),
        "column 7: \"somewhere\" is not one of now, before PACKET, after PACKET, \
         at PATTERN, before-response, between-lines, mid-response, mid-command"
    );
    assert_eq!(
        wrong("delay puback"),
        "column 13: the fault ends where a span of time such as 500ms, 1.5s, 10m, 2h or 1d \
         should follow"
    );
    assert_eq!(
        wrong("drop puback probability=1.5"),
        "column 13: \"probability=1.5\" is not probability= and a decimal number from 0 to 1"
    );
    assert!(wrong("preset nat-dorp").contains("nat-drop"));
    assert_eq!(
        "".parse::<FaultSpec>().err(),
        Some(SpecError::Incomplete {
            column: 1,
            expected: "the name of a fault".to_owned(),
        })
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    for text in [
        "drop puback 0",
        "drop puback count=0",
        "drop puback 2 every=1s",
        "drop puback 2 3",
        "duplicate byte",
        "duplicate input",
        "delay byte 1s",
        "corrupt dtr",
        "hold final",
        "hold byte 1s",
        "move final before-response",
        "move urc",
        "fragment 0",
        "pace",
        "bandwidth 0",
        "refuse connect 0",
        "refuse connect 256",
        "refuse publish 1",
        "replace puback 4002",
        "reboot for=1s",
        "reboot mid-response every=1s",
        "detach after=1",
        "detach every=0s",
        "pdp-loss",
        "pdp-loss 25",
        "registration 6",
        "signal 32",
        "urc RING",
        "message x",
        "preset nat-drop count=2",
        "urc \"x\" topic=\"t\"",
        "silence \"quoted\"",
        "\"silence\"",
    ] {
        wrong(text);
    }
}

proptest! {
    #[test]
    fn combinations_read_back(
        fault in prop::sample::select(vec![
            "drop publish to-module", "delay final 1500ms", "hold urc 2h", "corrupt pingresp",
            "replace suback \"\\x90\\x00\" ", "latency 20ms to-broker", "refuse connect 4",
        ]),
        count in 1u32..9, after in 0u32..9, millionths in 0u32..=1_000_000, ms in 0u64..100_000,
    ) {
        let chance = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
        reads_back(&format!("{fault} count={count} after={after} probability={chance} for={ms}ms"));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
        if let Ok(spec) = text.parse::<FaultSpec>() {
            reads_back(&spec.to_string());
        }
    }

    #[test]
    fn any_words_are_read_or_refused(words in prop::collection::vec(prop::sample::select(vec![
        "drop", "delay", "publish", "urc", "\"a\\x00\"", "2", "3s", "to-module", "to-broker",
        "count=all", "for=1s", "byte", "after", "before", "mid-response", "close", "message",
        "replace", "corrupt", "hold", "final", "preset", "nat-drop", "in=1s", "topic=\"x y\"",
        "reboot", "connect", "refuse", "stall", "latency", "every=2s", "now", "input",
    ]), 1..6)) {
        if let Ok(spec) = words.join(" ").parse::<FaultSpec>() {
            reads_back(&spec.to_string());
        }
    }
}
