//! What a Yuge CLM920 sends to the network and saves, byte for byte; scenarios see
//! neither, and have no SIM with a PIN.

mod common;

use attwin_core::{Config, NetCommand, NetEvent, RadioEvent, find_module};
use common::{Bench, OK, info};

fn config() -> Config {
    let mut config = common::config();
    config.module = find_module("yuge-clm920").expect("a module");
    config
}

fn bench() -> Bench {
    Bench::booted(config())
}

/// The packets of everything sent, in hexadecimal.
fn sent(bench: &mut Bench) -> Vec<String> {
    let packets = std::mem::take(&mut bench.network).into_iter();
    packets
        .filter_map(|(_, command)| match command {
            NetCommand::Send(bytes) => Some(bytes.iter().map(|b| format!("{b:02x}")).collect()),
            _ => None,
        })
        .collect()
}

fn connected() -> Bench {
    let mut bench = bench();
    bench.expect("AT+IMQTTADDR=203.156.205.55,1883,\"testMQTT\"", OK);
    assert_eq!(bench.type_in("AT+IMQTTCONN\r"), OK);
    bench.answer(NetEvent::Opened);
    let said = bench.answer(NetEvent::Received(&[0x20, 2, 0, 0]));
    assert_eq!(said, "\r\n+IMQTTCONN:0\r\n");
    bench
}

/// docs/spec/yuge.md 3.7
#[test]
fn connect_packets() {
    for (lines, packet) in [
        (
            &["AT+IMQTTLWTBIN= will_topic,0,77696C6C5F6D657373616765,0"][..],
            "102e00044d5154540404003c0008746573744d515454000a77696c6c5f746f706963000c\
             77696c6c5f6d657373616765",
        ),
        (
            &["AT+IMQTTPARA=VERSION,3.1"],
            "101600064d51497364700300003c0008746573744d515454",
        ),
    ] {
        let mut bench = bench();
        bench.expect("AT+IMQTTADDR=203.156.205.55,1883,\"testMQTT\"", OK);
        for line in lines {
            bench.expect(line, OK);
        }
        assert_eq!(bench.type_in("AT+IMQTTCONN\r"), OK);
        bench.answer(NetEvent::Opened);
        assert_eq!(sent(&mut bench), [packet]);
    }
}

/// docs/spec/yuge.md 3.9 and 3.11
#[test]
fn request_packets() {
    let mut bench = connected();
    sent(&mut bench);
    bench.type_in("AT+IMQTTSUB=/mqtt1/user/test,1\r");
    bench.type_in("AT+IMQTTPUB=/mqtt1/user/test,1,\"test message!!\"\r");
    assert_eq!(
        sent(&mut bench),
        [
            "8215000200102f6d717474312f757365722f7465737401",
            "322200102f6d717474312f757365722f7465737400037465737420\
             6d6573736167652121",
        ]
    );
}

/// One byte more than a message may have: acknowledged and dropped
/// (docs/spec/yuge.md 2.7).
#[test]
fn a_message_too_long_is_acknowledged_only() {
    let publish = |id: u8, length: usize| {
        let remaining = 5 + length;
        let mut packet = vec![0x32];
        packet.extend([
            u8::try_from((remaining % 128) | 128).expect("seven bits"),
            u8::try_from((remaining / 128 % 128) | 128).expect("seven bits"),
            u8::try_from(remaining / 16_384).expect("seven bits"),
        ]);
        packet.extend([0, 1, b't', 0, id]);
        packet.resize(packet.len() + length, b'x');
        packet
    };
    let mut bench = connected();
    let longest = bench.answer(NetEvent::Received(&publish(1, 65_535)));
    let shown = format!(
        "\r\n+IMQTTRCVPUB:1,\"t\",65535,\"{}\"\r\n",
        "x".repeat(65_535)
    );
    assert!(longest == shown);
    assert_eq!(bench.answer(NetEvent::Received(&publish(2, 65_536))), "");
    let packets = sent(&mut bench);
    assert_eq!(packets[packets.len() - 2..], ["40020001", "40020002"]);
}

/// The server's certificate is not looked at, the name is sent, and TLS is at
/// least 1.2 (docs/spec/yuge.md 3.1).
#[test]
fn tls_settings() {
    let mut bench = bench();
    bench.expect("AT+IMQTTMODE=2,1", OK);
    bench.expect("AT+IMQTTADDR=broker.example,8883,id", OK);
    bench.type_in("AT+IMQTTCONN\r");
    let [(_, NetCommand::Open { tls: Some(tls), .. })] = &bench.network[..] else {
        panic!("a TLS connection");
    };
    assert_eq!((&tls.roots, tls.check_host, tls.sni), (&None, false, true));
    assert_eq!(tls.versions.min, attwin_core::TlsVersion::Tls12);
}

/// Where a device connects (docs/spec/yuge.md 9.2).
#[test]
fn hosts_of_alibaba() {
    let opened = |bench: &Bench| match bench.network.last() {
        Some((
            _,
            NetCommand::Open {
                host, port, tls, ..
            },
        )) => (host.clone(), *port, tls.is_some()),
        other => panic!("{other:?}"),
    };
    let product = "pk.iot-as-mqtt.cn-shanghai.aliyuncs.com";
    for tls in [false, true] {
        for line in ["AT+IMQTTCONN", "AT+IMQTTDYNREG=0,2,pk,dn,ps"] {
            let mut bench = bench();
            bench.expect(&format!("AT+IMQTTMODE=1,{}", u8::from(tls)), OK);
            bench.expect("AT+IMQTTAUTH=pk,dn,ds", OK);
            bench.type_in(format!("{line}\r"));
            assert_eq!(opened(&bench), (product.into(), 1883, tls), "{line}");
        }
    }
    let mut bench = bench();
    bench.expect("AT+IMQTTMODE=1,0", OK);
    bench.expect("AT+IMQTTADDR=broker.example,8883,\"\"", OK);
    bench.type_in("AT+IMQTTDYNREG=0,2,pk,dn,ps\r");
    assert_eq!(opened(&bench), ("broker.example".into(), 8883, false));
}

fn register(bench: &mut Bench, kind: u8, secret: &str) {
    assert_eq!(
        bench.type_in(format!("AT+IMQTTDYNREG={kind},1,pk,dn,ps\r")),
        OK
    );
    bench.answer(NetEvent::Opened);
    bench.answer(NetEvent::Received(&[0x20, 2, 0, 0]));
    let topic = b"\0\x0d/ext/register";
    let payload = format!("{{\"deviceSecret\":\"{secret}\"}}");
    let remaining = u8::try_from(topic.len() + payload.len()).expect("short");
    let push = [&[0x30, remaining], &topic[..], payload.as_bytes()].concat();
    assert_eq!(
        bench.answer(NetEvent::Received(&push)),
        format!("\r\n+IMQTTDYNREG:1,\"pk\",\"dn\",\"{secret}\"\r\n")
    );
}

/// A registration that is to be kept is one value, written once: there is no
/// moment at which half of it is saved (docs/spec/yuge.md 3.16).
#[test]
fn a_kept_registration_is_one_value() {
    let mut bench = bench();
    bench.expect("AT+IMQTTMODE=1,0", OK);
    register(&mut bench, 0, "not kept");
    assert_eq!(bench.stored, []);
    register(&mut bench, 1, "kept");
    assert_eq!(bench.stored.len(), 1);
    let mut config = config();
    config.stored = bench.stored.clone();
    register(&mut bench, 0, "not kept either");
    let shown = |secret: &str| {
        let first = format!("+IMQTTDYNREG: 1,\"pk\",\"dn\",\"{secret}\"");
        info(&[&first, "+IMQTTDYNREG: 2,\"\",\"\",\"\""])
    };
    bench.expect("AT+IMQTTDYNREG=2", &shown("not kept either"));
    Bench::booted(config).expect("AT+IMQTTDYNREG=2", &shown("kept"));
}

/// Each registration is signed with a number of its own, unless one is set
/// (docs/spec/yuge.md 2.9 and 9.4).
#[test]
fn registrations_are_random() {
    let connects = |random: &str| {
        let mut bench = bench();
        bench
            .modem()
            .set_quirk("dynreg_random", random)
            .expect("a number");
        bench.expect("AT+IMQTTMODE=1,0", OK);
        let mut register = || {
            bench.type_in("AT+IMQTTDYNREG=0,1,pk,dn,ps\r");
            bench.answer(NetEvent::Opened);
            let packets = sent(&mut bench);
            bench.hear_for(std::time::Duration::from_secs(30));
            packets
        };
        (register(), register())
    };
    let (one, other) = connects("none");
    assert_ne!(one, other);
    let (one, other) = connects("7");
    assert_eq!(one, other);
}

/// A SIM that wants its PIN takes any (docs/spec/yuge.md 10 and section 1).
#[test]
fn a_locked_sim() {
    let mut config = config();
    config.sim_pin = Some("1234".into());
    let mut bench = Bench::off(config);
    let boot = bench.radio(RadioEvent::PowerOn);
    let later = bench.hear_for(std::time::Duration::from_secs(20));
    assert_eq!(boot + &later, "\r\n*ATREADY: 1\r\n");
    bench.type_in("ATE0\r");
    bench.expect("AT+CPIN?", &info(&["+CPIN: SIM PIN"]));
    bench.expect("AT+CMEE=1", OK);
    bench.expect("AT+CPIN=\"12\"", "\r\n+CME ERROR: 50\r\n");
    bench.expect("AT+IMQTTADDR=broker.example,1883,id", OK);
    assert_eq!(
        bench.type_in("AT+IMQTTCONN\r"),
        "\r\nOK\r\n\r\n+IMQTTCONN:-1\r\n"
    );
    bench.expect("AT+CPIN=\"9876\"", OK);
    bench.expect("AT+CPIN?", &info(&["+CPIN: READY"]));
    bench.expect("AT+CEREG?", &info(&["+CEREG: 0,1"]));
    bench.expect("AT+CPIN=\"9876\"", "\r\n+CME ERROR: 3\r\n");
}
