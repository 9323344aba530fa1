//! The transcript of docs/spec/quectel.md 12.2 with a Mosquitto that demands a
//! client certificate; certificates are uploaded through the module itself.

use rcgen::KeyPair;

use super::support::{Attwin, Authority, Host, Mosquitto};

/// Checksum of AT+QFUPL (docs/spec/quectel.md 9.3), computed here from its rule.
fn checksum(data: &[u8]) -> String {
    let words = data
        .chunks(2)
        .map(|pair| u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]));
    format!("{:x}", words.fold(0, |sum, word| sum ^ word))
}

fn upload(host: &mut Host, name: &str, pem: &str) {
    host.command(
        &format!("AT+QFUPL=\"{name}\",{},100", pem.len()),
        "\r\nCONNECT\r\n",
    );
    host.send(pem.as_bytes());
    let sum = checksum(pem.as_bytes());
    host.expect(&format!("\r\n+QFUPL: {},{sum}\r\n\r\nOK\r\n", pem.len()));
}

#[test]
fn session_with_ssl() {
    let authority = Authority::new();
    let mosquitto = Mosquitto::mutual_tls(&authority);
    let attwin = Attwin::run(&["--broker", &mosquitto.address()]);
    let mut host = attwin.host();
    let device = authority.issue("M26_0206");

    host.ok(r#"AT+QMTCFG="recv/mode",0,0,1"#);
    host.ok(r#"AT+QMTCFG="ssl",0,1,2"#);
    upload(&mut host, "RAM:cacert.pem", &authority.certificate());
    upload(&mut host, "RAM:client.pem", &device.certificate);
    upload(&mut host, "RAM:user_key.pem", &device.key);
    host.ok(r#"AT+QSSLCFG="cacert",2,"RAM:cacert.pem""#);
    host.ok(r#"AT+QSSLCFG="clientcert",2,"RAM:client.pem""#);
    host.ok(r#"AT+QSSLCFG="clientkey",2,"RAM:user_key.pem""#);
    host.ok(r#"AT+QSSLCFG="seclevel",2,2"#);
    host.ok(r#"AT+QSSLCFG="sslversion",2,4"#);
    host.ok(r#"AT+QSSLCFG="ciphersuite",2,0xFFFF"#);
    host.ok(r#"AT+QSSLCFG="ignorelocaltime",2,1"#);
    host.ok(r#"AT+QMTOPEN=0,"a1zgnxur10j8ux.iot.us-east-1.amazonaws.com",8883"#);
    host.expect("\r\n+QMTOPEN: 0,0\r\n");
    host.ok(r#"AT+QMTCONN=0,"M26_0206""#);
    host.expect("\r\n+QMTCONN: 0,0,0\r\n");
    let topic = "$aws/things/M26_0206/shadow/update/accepted";
    host.ok(&format!("AT+QMTSUB=0,1,\"{topic}\",1"));
    host.expect("\r\n+QMTSUB: 0,1,0,1\r\n");
    host.command(&format!("AT+QMTPUBEX=0,1,1,0,\"{topic}\",32"), "\r\n> ");
    host.send(b"This is publish data from client");
    host.expect("\r\nOK\r\n");
    // PUBACK and the message may arrive in either order (docs/spec/quectel.md 12.2).
    host.expect_in_any_order(
        "\r\n+QMTPUBEX: 0,1,0\r\n",
        &format!("\r\n+QMTRECV: 0,1,\"{topic}\",32,\"This is publish data from client\"\r\n"),
    );
    host.ok("AT+QMTDISC=0");
    host.expect("\r\n+QMTDISC: 0,0\r\n\r\n+QMTSTAT: 0,5\r\n");
}

/// The second string of `clientkey` is the password (docs/spec/quectel.md 9.1).
#[test]
fn a_client_key_with_a_password() {
    const PLAIN: &str = include_str!("../../src/net/tests/data/ec-pkcs8.pem");
    const ENCRYPTED: &str = include_str!("../../src/net/tests/data/encrypted-sec1.pem");
    let authority = Authority::new();
    let mosquitto = Mosquitto::mutual_tls(&authority);
    let mut attwin = Attwin::run(&["--broker", &mosquitto.address()]);
    let mut host = attwin.host();
    let key = KeyPair::from_pem(PLAIN).expect("a key");

    host.ok(r#"AT+QMTCFG="ssl",0,1,2"#);
    upload(&mut host, "RAM:ca.pem", &authority.certificate());
    upload(
        &mut host,
        "RAM:client.pem",
        &authority.issue_for("meter", &key),
    );
    upload(&mut host, "RAM:key.pem", ENCRYPTED);
    host.ok(r#"AT+QSSLCFG="seclevel",2,2"#);
    host.ok(r#"AT+QSSLCFG="cacert",2,"RAM:ca.pem""#);
    host.ok(r#"AT+QSSLCFG="clientcert",2,"RAM:client.pem""#);
    for (setting, explanation) in [
        (
            r#"AT+QSSLCFG="clientkey",2,"RAM:key.pem""#,
            "set its password",
        ),
        (
            r#"AT+QSSLCFG="clientkey",2,"RAM:key.pem","umbrella""#,
            "not with the password that is set",
        ),
    ] {
        host.ok(setting);
        host.ok(r#"AT+QMTOPEN=0,"broker.example",8883"#);
        host.expect("\r\n+QMTOPEN: 0,-1\r\n");
        attwin.process.wait_for(explanation);
    }
    host.ok(r#"AT+QSSLCFG="clientkey",2,"RAM:key.pem","attwin""#);
    host.ok(r#"AT+QMTOPEN=0,"broker.example",8883"#);
    host.expect("\r\n+QMTOPEN: 0,0\r\n");
    host.ok(r#"AT+QMTCONN=0,"meter""#);
    host.expect("\r\n+QMTCONN: 0,0,0\r\n");
}

/// The wire says -1 for each; the log says why.
#[test]
fn every_tls_failure_is_result_minus_one_and_explained() {
    let authority = Authority::new();
    let stranger = Authority::new();
    let mosquitto = Mosquitto::mutual_tls(&authority);
    let mut attwin = Attwin::run(&["--broker", &mosquitto.address()]);
    let mut host = attwin.host();
    host.ok(r#"AT+QMTCFG="ssl",0,1,2"#);
    upload(&mut host, "RAM:stranger.pem", &stranger.certificate());
    upload(&mut host, "RAM:ca.pem", &authority.certificate());

    let mut fails = |settings: &[&str], explanation: &str| {
        for setting in settings {
            host.ok(setting);
        }
        host.ok(r#"AT+QMTOPEN=0,"broker.example",8883"#);
        host.expect("\r\n+QMTOPEN: 0,-1\r\n");
        attwin.process.wait_for(explanation);
    };
    fails(
        &[
            r#"AT+QSSLCFG="seclevel",2,1"#,
            r#"AT+QSSLCFG="cacert",2,"RAM:stranger.pem""#,
        ],
        "certificate",
    );
    fails(
        &[r#"AT+QSSLCFG="cacert",2,"RAM:nowhere.pem""#],
        "nowhere.pem",
    );
    fails(
        &[
            r#"AT+QSSLCFG="cacert",2,"RAM:ca.pem""#,
            r#"AT+QSSLCFG="seclevel",2,2"#,
        ],
        "clientcert",
    );
    fails(
        &[
            r#"AT+QSSLCFG="seclevel",2,1"#,
            r#"AT+QSSLCFG="sslversion",2,1"#,
        ],
        "TLS 1.0",
    );
    // Mosquitto demands a certificate; seclevel 1 presents none.
    fails(&[r#"AT+QSSLCFG="sslversion",2,4"#], "certificate");
}
