//! The transcripts of docs/spec/onemo.md A12 and B12 with Mosquitto, plain and over
//! TLS.

use super::support::{Attwin, Authority, Host, Mosquitto, Subscriber, publish};

/// ML302 starts without a word: a host asks until it answers.
fn ml302(attwin: &Attwin) -> Host {
    let mut host = attwin.host_at_once();
    host.send(b"AT\r");
    host.wait_for("\r\nOK\r\n");
    host.command("ATE0", "ATE0\r\r\nOK\r\n");
    host
}

fn mn316(attwin: &Attwin) -> Host {
    attwin.host_after("\r\n+POWERON:0\r\n\r\n^SIMST:1\r\n")
}

#[test]
fn ml302_session() {
    let mosquitto = Mosquitto::plain();
    let attwin = Attwin::run_as(
        "onemo-ml302",
        &["--broker", &mosquitto.address(), "--timing", "fast"],
    );
    let mut host = ml302(&attwin);
    let mut watcher = Subscriber::new(mosquitto.port, "mqttv311", 2, "#");

    host.ok(r#"AT+MQTTCFG="183.230.40.39",6002,"4069959",10,"75829","secret",1"#);
    host.command(
        r#"AT+MQTTOPEN=1,1,1,1,1,"mywill","001bye""#,
        "\r\n+MQTTOPEN:OK\r\n\r\nOK\r\n",
    );
    host.command(
        r#"AT+MQTTSUB="pyr",1"#,
        "\r\n+MQTTSUBACK:1,1,pyr\r\n\r\nOK\r\n",
    );
    host.command(
        r#"AT+MQTTPUB="dev/gsm/u",2,0,0,"update message""#,
        "\r\n+MQTTPUBREC:0,2\r\n\r\n+MQTTPUBCOMP:0,2\r\n\r\nOK\r\n",
    );
    assert_eq!(watcher.next(), "dev/gsm/u 2 0 update message");
    host.command(r#"AT+MQTTPUB="dev/gsm/u",1,0,0,5"#, "\r\n> ");
    host.send(b"hello\r\n");
    host.expect("\r\n+MQTTPUBACK:0,3\r\n\r\nOK\r\n");
    assert_eq!(watcher.next(), "dev/gsm/u 1 0 hello");
    publish(mosquitto.port, "mqttv311", 1, "pyr", &["-m", "abc\"x\"abc"]);
    host.expect("\r\n+MQTTPUBLISH: 0,1,0,1,\"pyr\",9,abc\"x\"abc\r\n");
    assert_eq!(watcher.next(), "pyr 1 0 abc\"x\"abc");
    host.command(
        r#"AT+MQTTUNSUB="pyr""#,
        "\r\n+MQTTUNSUBACK:4,\"pyr\"\r\n\r\nOK\r\n",
    );
    host.command("AT+MQTTDISC", "\r\n+MQTTDISC: OK\r\n\r\nOK\r\n");
    host.ok("AT+MQTTDEL");
}

#[test]
fn mn316_session() {
    let mosquitto = Mosquitto::plain();
    let attwin = Attwin::run_as(
        "onemo-mn316",
        &["--broker", &mosquitto.address(), "--timing", "fast"],
    );
    let mut host = mn316(&attwin);
    let mut watcher = Subscriber::new(mosquitto.port, "mqttv311", 2, "#");

    host.ok(r#"AT+MQTTCFG="183.230.40.39",6002,"4069959",10,"75829","secret",1"#);
    host.ok(r#"AT+MQTTOPEN=1,1,1,1,1,"mywill","001bye""#);
    host.expect("\r\n+MQTTOPEN:OK\r\n");
    host.ok(r#"AT+MQTTSUB="pyr",1"#);
    host.expect("\r\n+MQTTSUBACK:1,1,pyr\r\n");
    host.ok(r#"AT+MQTTPUB="dev/gsm/u",2,1,0,0,"update message""#);
    host.expect("\r\n+MQTTPUBREC:2,0\r\n\r\n+MQTTPUBREL:2,0\r\n\r\n+MQTTPUBCOMP:2,0\r\n");
    assert_eq!(watcher.next(), "dev/gsm/u 2 0 update message");
    host.ok(r#"AT+MQTTPUB="dev/gsm/u",1,0,0,3,"7E7A7A""#);
    host.expect("\r\n+MQTTPUBACK:3,0\r\n");
    assert_eq!(watcher.next(), "dev/gsm/u 1 0 ~zz");
    publish(mosquitto.port, "mqttv311", 2, "pyr", &["-m", "abcdef"]);
    host.expect("\r\n+MQTTPUBLISH:0,1,0,1,pyr,6,abcdef\r\n");
    assert_eq!(watcher.next(), "pyr 2 0 abcdef");
    host.ok("AT+MQTTDISC");
    host.expect("\r\n+MQTTDISC:OK\r\n");
    host.ok("AT+MQTTDEL");
}

#[test]
fn both_over_tls() {
    let authority = Authority::new();
    let mosquitto = Mosquitto::tls(&authority);
    let address = mosquitto.address();
    let ca = format!("tls_ca={}", authority.certificate());
    let broker = ["--broker", &address, "--timing", "fast"];
    let checked = ["--broker", &address, "--timing", "fast", "--quirk", &ca];

    let attwin = Attwin::run_as("onemo-ml302", &broker);
    let mut host = ml302(&attwin);
    host.ok(r#"AT+MQTTCFG="localhost",8883,"dev01",60,"","",1,"0",1"#);
    let open = r#"AT+MQTTOPEN=0,0,0,0,0,"","""#;
    host.command(open, "\r\n+MQTTOPEN:OK\r\n\r\nOK\r\n");

    let attwin = Attwin::run_as("onemo-mn316", &broker);
    let mut host = mn316(&attwin);
    host.ok("AT+MQTTCFG=localhost,8883,dev02,60,,,1,1");
    host.ok("AT+MQTTOPEN=0,0,0");
    host.expect("\r\n+MQTTOPEN:OK\r\n");

    // With a CA the name is compared too.
    let attwin = Attwin::run_as("onemo-mn316", &checked);
    let mut host = mn316(&attwin);
    host.ok("AT+MQTTCFG=localhost,8883,dev03,60,,,1,1");
    host.ok("AT+MQTTOPEN=0,0,0");
    host.expect("\r\n+MQTTOPEN:OK\r\n");
    host.ok("AT+MQTTDISC");
    host.expect("\r\n+MQTTDISC:OK\r\n");
    host.ok("AT+MQTTDEL");
    host.ok("AT+MQTTCFG=other.example,8883,dev03,60,,,1,1");
    host.ok("AT+MQTTOPEN=0,0,0");
    host.expect("\r\n+MQTTOPEN:FAIL\r\n");
}
