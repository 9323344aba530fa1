//! Commands that ask the network something: what the module asks of it, each of its
//! errors, and answers a virtual network does not give (docs/spec/quectel.md
//! section 10).

mod common;

use std::net::IpAddr;
use std::time::Duration;

use attwin_core::{NetCommand, NetError, RadioEvent, Registration, Timing};
use common::{Bench, ERROR, OK, config, info, urcs};

const RESULT_DELAY: Duration = Duration::from_millis(300);

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

#[test]
fn a_name() {
    let mut bench = Bench::new();
    assert_eq!(bench.type_in("AT+QIDNSGIP=1,\"broker.example\"\r"), OK);
    assert_eq!(
        bench.network.last().map(|(_, command)| command),
        Some(&NetCommand::Resolve("broker.example".into()))
    );
    assert_eq!(bench.resolve(&[address("192.0.2.7")]), "");
    assert_eq!(bench.hear_for(Duration::from_millis(299)), "");
    assert_eq!(
        bench.hear_for(Duration::from_millis(1)),
        urcs(&[
            "+QIURC: \"dnsgip\",0,1,600",
            "+QIURC: \"dnsgip\",\"192.0.2.7\""
        ])
    );
    bench.command("AT+QIDNSGIP=1,\"two.example\"");
    assert_eq!(
        bench.resolve(&[address("192.0.2.8"), address("2001:db8::1")]),
        urcs(&[
            "+QIURC: \"dnsgip\",0,2,600",
            "+QIURC: \"dnsgip\",\"192.0.2.8\"",
            "+QIURC: \"dnsgip\",\"2001:db8::1\""
        ])
    );
}

#[test]
fn failures() {
    let mut bench = Bench::new();
    for (command, prefix) in [
        ("AT+QIDNSGIP=1,\"x.example\"", "+QIURC: \"dnsgip\","),
        ("AT+QNTP=1,\"x.example\"", "+QNTP: "),
        ("AT+QPING=1,\"x.example\"", "+QPING: "),
    ] {
        for (error, code, text) in [
            (NetError::Dns, 565, "DNS parse failed"),
            (NetError::TimedOut, 569, "operation timeout"),
        ] {
            bench.expect(command, OK);
            assert_eq!(bench.fail(error), urcs(&[&format!("{prefix}{code}")]));
            let line = format!("+QIGETERROR: {code},{text}");
            bench.expect("AT+QIGETERROR", &info(&[&line]));
        }
        bench.expect(command, OK);
        assert_eq!(bench.resolve(&[]), urcs(&[&format!("{prefix}565")]));
    }
    bench.radio(RadioEvent::Registration(Registration::NotRegistered));
    bench.expect(
        "AT+QPING=1,\"x.example\"",
        &format!("{OK}{}", urcs(&["+QPING: 561"])),
    );
}

#[test]
fn a_lost_context_ends_what_used_it() {
    let mut bench = Bench::new();
    bench.command("AT+QIDNSGIP=1,\"x.example\"");
    bench.command("AT+QNTP=1,\"y.example\"");
    bench.type_in("AT+QPING=1,\"192.0.2.7\"\r");
    bench.run(RESULT_DELAY);
    assert_eq!(
        bench
            .radio(RadioEvent::PdpLost(1))
            .split_once("+QIURC")
            .map(|(_, rest)| format!("\r\n+QIURC{rest}")),
        Some(urcs(&[
            "+QIURC: \"dnsgip\",570",
            "+QNTP: 570",
            "+QPING: 570",
            "+QIURC: \"pdpdeact\",1"
        ]))
    );
    let aborted = bench
        .network
        .iter()
        .filter(|(_, command)| *command == NetCommand::Abort);
    assert_eq!(aborted.count(), 2);
    assert_eq!(bench.hear_for(Duration::from_secs(5)), "");
}

#[test]
fn look_ups_are_limited() {
    let mut bench = Bench::new();
    for _ in 0..4 {
        bench.expect("AT+QIDNSGIP=1,\"x.example\"", OK);
    }
    bench.expect("AT+QIDNSGIP=1,\"x.example\"", ERROR);
    bench.expect("AT+QIGETERROR", &info(&["+QIGETERROR: 564,DNS busy"]));
    bench.fail(NetError::Dns);
    bench.expect("AT+QIDNSGIP=1,\"x.example\"", OK);
}

#[test]
fn the_time() {
    let mut bench = Bench::new();
    bench.command("AT+CCLK=\"20/01/01,00:00:00+32\"");
    bench.expect("AT+QNTP=1,\"pool.ntp.org\",123,0", OK);
    // Ten seconds of boot and three commands of five seconds each.
    assert_eq!(
        bench.resolve(&[address("192.0.2.7")]),
        urcs(&["+QNTP: 0,\"2026/08/07,13:54:27+32\""])
    );
    assert_eq!(
        bench.type_in("AT+CCLK?\r"),
        info(&["+CCLK: \"20/01/01,00:00:10+32\""])
    );
    bench.expect("AT+QNTP=1,\"pool.ntp.org\"", OK);
    bench.resolve(&[address("192.0.2.7")]);
    assert_eq!(
        bench.type_in("AT+CCLK?\r"),
        info(&["+CCLK: \"26/08/07,13:54:32+32\""])
    );
}

/// The four lines of a ping have times from 39 to 63 and a summary that fits.
#[test]
fn echo_requests() {
    let mut bench = Bench::new();
    assert_eq!(bench.type_in("AT+QPING=1,\"8.8.8.8\"\r"), OK);
    bench.run(RESULT_DELAY - Duration::from_millis(1));
    let mut times = Vec::new();
    for n in 1..=4 {
        let said = bench.hear_for(Duration::from_millis(if n == 1 { 1 } else { 1000 }));
        let time = said
            .strip_prefix("\r\n+QPING: 0,\"8.8.8.8\",32,")
            .and_then(|rest| rest.split_once(','))
            .expect("a reply");
        let value: u64 = time.0.parse().expect("a time");
        assert!((39..=63).contains(&value), "{said}");
        times.push(value);
        let summary = if n == 4 {
            let (min, max) = (times.iter().min(), times.iter().max());
            let mean = times.iter().sum::<u64>() / 4;
            let (min, max) = (min.expect("four"), max.expect("four"));
            urcs(&[&format!("+QPING: 0,4,4,0,{min},{max},{mean}")])
        } else {
            String::new()
        };
        assert_eq!(time.1, format!("255\r\n{summary}"));
        if n == 1 {
            assert_eq!(bench.type_in("AT+QPING=1,\"8.8.8.8\"\r"), ERROR);
        }
    }
    assert_eq!(bench.hear_for(Duration::from_secs(5)), "");
}

#[test]
fn fast_echo_requests() {
    let mut config = config();
    config.timing = Timing::Fast;
    let mut bench = Bench::booted(config);
    let said = bench.command("AT+QPING=1,\"h.example\",1,10");
    assert_eq!(said, OK);
    let said = bench.resolve(&[address("192.0.2.7")]) + &bench.hear_for(Duration::ZERO);
    assert_eq!(said.matches("+QPING: 0,\"192.0.2.7\",32,").count(), 10);
    assert!(said.contains("+QPING: 0,10,10,0,"), "{said}");
}
