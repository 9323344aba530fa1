//! The seeded simulation itself: it repeats, it does enough to be worth
//! something, and it finds nothing.

use attwin_core::mqtt::packet::PacketType;
use attwin_core::{Config, Duration, Module, find_module, modules};
use attwin_sim::World;
use attwin_sim::link::read;
use attwin_sim::simulate::{Options, Report, run};

fn ec25() -> &'static Module {
    find_module("quectel-ec25").expect("exists")
}

/// One module of each command set.
fn families() -> impl Iterator<Item = &'static Module> {
    [
        "quectel-ec25",
        "simcom-sim7028",
        "onemo-ml302",
        "onemo-mn316",
        "yuge-clm920",
    ]
    .into_iter()
    .map(|id| find_module(id).expect("exists"))
}

#[track_caller]
fn passes(module: &'static Module, seed: u64, options: Options) -> Report {
    run(module, seed, options).unwrap_or_else(|failure| panic!("{failure}"))
}

#[test]
fn a_few_hundred_seeds() {
    for module in families() {
        for seed in 0..300 {
            passes(module, seed, Options::default());
        }
    }
}

#[test]
fn long_runs() {
    let options = Options {
        steps: 10_000,
        trace: false,
    };
    for module in families() {
        for seed in 1_000..1_005 {
            passes(module, seed, options);
        }
    }
}

#[test]
fn every_module() {
    for module in modules() {
        for seed in 2_000..2_010 {
            passes(module, seed, Options::default());
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    let options = Options {
        trace: true,
        ..Options::default()
    };
    for module in families() {
        for seed in [1, 77, 4711] {
            let first = passes(module, seed, options);
            assert!(first.trace.lines().count() > 400);
            assert_eq!(first, passes(module, seed, options));
        }
        assert_ne!(
            passes(module, 1, options).trace,
            passes(module, 2, options).trace
        );
    }
}

/// Sessions of an innocent module that the checkers once took for broken.
#[test]
fn seeds_that_were_misjudged() {
    for (id, seed) in [
        // The answer to the second command of a line.
        ("quectel-ec25", 21_079),
        // A result that was on its way when the client was released.
        ("simcom-sim7028", 32_766),
        // A message sent again before its first line could be said.
        ("onemo-ml302", 28_741),
    ] {
        passes(find_module(id).expect("exists"), seed, Options::default());
    }
}

/// It goes off when its command is done; meanwhile no deadline stands still.
#[test]
fn a_module_that_goes_off_amid_a_data_entry() {
    let module = find_module("quectel-bg95").expect("exists");
    let mut world = World::new(Config::new(module));
    world.boot();
    world.line("AT+QPOWD=0");
    world.run_for(Duration::from_millis(100));
    world.send(b"AT+QFUPL=\"UFS:a\",4,60\r");
    world.run_for(Duration::from_secs(30));
    let said = world.heard_text();
    assert!(said.contains("CONNECT"), "{said}");
    let due = attwin_sim::Device::poll_timeout(world.modem_mut());
    assert!(due.is_some_and(|due| due > world.now()));
}

/// A simulation in which nothing succeeds finds nothing.
#[test]
fn sessions_happen() {
    for module in families() {
        let mut sum = Report::default();
        for seed in 3_000..3_050 {
            let report = passes(module, seed, Options::default());
            sum.commands += report.commands;
            sum.published += report.published;
            sum.shown += report.shown;
            sum.restarts += report.restarts;
        }
        assert!(sum.commands > 50 * 50, "{}: {sum:?}", module.id);
        // A SIM7028 is told topic, payload and the rest one after the other.
        assert!(sum.published > 50 * 2, "{}: {sum:?}", module.id);
        assert!(sum.shown > 50 * 5, "{}: {sum:?}", module.id);
        assert!(sum.restarts > 10, "{}: {sum:?}", module.id);
    }
}

/// A day costs what happens in it: a PINGREQ every two minutes
/// (docs/spec/quectel.md 7.5).
#[test]
fn an_idle_day_is_short() {
    let mut world = World::new(Config::new(ec25()));
    world.boot();
    for line in [
        "AT+QMTOPEN=0,\"broker.example\",1883",
        "AT+QMTCONN=0,\"dev-0\"",
    ] {
        world.line(line);
        world.run_for(Duration::from_secs(1));
    }
    assert!(world.heard_text().contains("+QMTCONN: 0,0,0"));
    world.take_packets();
    world.run_for(Duration::from_secs(24 * 60 * 60));
    let packets = world.take_packets().into_iter();
    let packets = packets.filter_map(|(.., bytes)| read(&bytes));
    let pings = packets.filter(|packet| packet.get_type() == PacketType::Pingreq);
    assert_eq!(pings.count(), 24 * 30);
    assert_eq!(world.heard_text(), "");
}
