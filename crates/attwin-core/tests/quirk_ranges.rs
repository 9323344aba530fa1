//! Every numeric quirk has a range, and nothing breaks at its ends.

use std::time::Duration;

use attwin_core::{Config, Input, Instant, Modem, Module, NetEvent, Output, RadioEvent, modules};

/// The least and the largest value of a quirk, as it describes them.
fn ends(wanted: &str) -> Option<[String; 2]> {
    let (_, range) = wanted.rsplit_once(" from ")?;
    let (least, most) = range.split_once(" to ")?;
    Some([least.to_owned(), most.to_owned()])
}

fn numbers(module: &'static Module) -> Vec<(&'static str, [String; 2])> {
    let quirks = Modem::new(Config::new(module)).quirks().into_iter();
    quirks
        .filter_map(|quirk| Some((quirk.name, ends(&quirk.wanted)?)))
        .collect()
}

#[test]
fn what_lies_outside_is_refused() {
    for module in modules() {
        for quirk in Modem::new(Config::new(module)).quirks() {
            let mut modem = Modem::new(Config::new(module));
            let is_word = quirk.wanted.starts_with("one of:");
            let is_number = !is_word && quirk.value.parse::<f64>().is_ok();
            assert!(
                !is_number || ends(&quirk.wanted).is_some(),
                "{}",
                quirk.name
            );
            if is_number {
                for wrong in [u64::MAX.to_string(), "-1".to_owned(), String::new()] {
                    let error = modem.set_quirk(quirk.name, &wrong).expect_err(quirk.name);
                    assert!(error.to_string().contains(&quirk.wanted), "{error}");
                }
            }
            // Its default is within.
            let set = modem.set_quirk(quirk.name, &quirk.value);
            assert_eq!(set, Ok(()), "{} {}", module.id, quirk.name);
        }
    }
}

/// A host that sends everything the module knows, on a network that says yes.
fn drive(mut modem: Modem, module: &'static Module) {
    let mut now = Instant::ZERO;
    modem.handle(now, Input::Radio(RadioEvent::PowerOn));
    for spec in module.command_table() {
        let line = format!("AT{}\r", spec.example);
        modem.handle(now, Input::Serial(line.as_bytes()));
        modem.handle(now, Input::Serial(b"0123456789\x1a\r"));
        for _ in 0..8 {
            while let Some(output) = modem.poll_output() {
                if let Output::Network { link, .. } = output {
                    for event in [NetEvent::Opened, NetEvent::Received(b"\x20\x02\x00\x00")] {
                        modem.handle(now, Input::Network { link, event });
                    }
                }
            }
            match modem.poll_timeout() {
                Some(at) => now = now.max(at),
                None => now += Duration::from_secs(1),
            }
            modem.handle_timeout(now);
        }
    }
}

#[test]
fn nothing_breaks_at_the_ends() {
    for module in modules() {
        for (name, ends) in numbers(module) {
            for value in ends {
                let mut modem = Modem::new(Config::new(module));
                let set = modem.set_quirk(name, &value);
                assert_eq!(set, Ok(()), "{} {name} = {value}", module.id);
                drive(modem, module);
            }
        }
    }
}
