//! The transcripts of docs/spec/simcom.md 12.1 and 12.4 with Mosquitto, byte for
//! byte; certificates are stored through the module itself.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::support::{Attwin, Authority, Host, Mosquitto, Subscriber, publish};

fn host(attwin: &Attwin) -> Host {
    attwin.host_after("\r\nRDY\r\n\r\n+CPIN: READY\r\n")
}

/// A command that takes data.
#[track_caller]
fn enter(host: &mut Host, line: &str, data: &[u8]) {
    host.command(line, "\r\n>");
    host.send(data);
    host.expect("\r\nOK\r\n");
}

/// A command whose result follows its OK.
#[track_caller]
fn result(host: &mut Host, line: &str, result: &str) {
    host.ok(line);
    host.expect(&format!("\r\n{result}\r\n"));
}

const PAYLOAD: &str = "012345678901234567890123456789012345678901234567890123456789";

fn block(topic: &str, payload: &str) -> String {
    let (t, p) = (topic.len(), payload.len());
    format!(
        "\r\n+CMQTTRXSTART: 0,{t},{p}\r\n+CMQTTRXTOPIC: 0,{t}\r\n{topic}\r\n\
         +CMQTTRXPAYLOAD: 0,{p}\r\n{payload}\r\n+CMQTTRXEND: 0\r\n"
    )
}

fn certificate_der(pem: &str) -> Vec<u8> {
    let certificate = CertificateDer::from_pem_slice(pem.as_bytes());
    certificate.expect("a certificate").to_vec()
}

fn key_der(pem: &str) -> Vec<u8> {
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes());
    key.expect("a key").secret_der().to_vec()
}

/// Without the seconds a start takes.
fn run(mosquitto: &Mosquitto) -> Attwin {
    let arguments = ["--broker", &mosquitto.address(), "--timing", "fast"];
    Attwin::run_as("simcom-sim7028", &arguments)
}

#[test]
fn session_without_tls() {
    let mosquitto = Mosquitto::plain();
    let attwin = run(&mosquitto);
    let mut host = host(&attwin);
    let mut watcher = Subscriber::new(mosquitto.port, "mqttv311", 1, "simcommsg");

    host.command("AT+CSQ", "\r\n+CSQ: 23,0\r\n\r\nOK\r\n");
    result(&mut host, "AT+CMQTTSTART", "+CMQTTSTART: 0");
    host.ok("AT+CMQTTACCQ=0,\"client test0\"");
    enter(&mut host, "AT+CMQTTWILLTOPIC=0,9", b"simcommsg");
    enter(&mut host, "AT+CMQTTWILLMSG=0,6,1", b"qwerty");
    let connect = "AT+CMQTTCONNECT=0,\"tcp://test.mosquitto.org:1883\",60,1";
    result(&mut host, connect, "+CMQTTCONNECT: 0,0");
    enter(&mut host, "AT+CMQTTSUB=0,9,1", b"simcommsg");
    host.expect("\r\n+CMQTTSUB: 0,0\r\n");
    enter(&mut host, "AT+CMQTTTOPIC=0,9", b"simcommsg");
    enter(&mut host, "AT+CMQTTPAYLOAD=0,60", PAYLOAD.as_bytes());
    host.ok("AT+CMQTTPUB=0,1,60");
    // PUBACK and the message may arrive in either order (docs/spec/simcom.md 5.5).
    host.expect_in_any_order("\r\n+CMQTTPUB: 0,0\r\n", &block("simcommsg", PAYLOAD));
    assert_eq!(watcher.next(), format!("simcommsg 1 0 {PAYLOAD}"));
    publish(
        mosquitto.port,
        "mqttv311",
        2,
        "simcommsg",
        &["-m", "from elsewhere"],
    );
    host.expect(&block("simcommsg", "from elsewhere"));
    assert_eq!(watcher.next(), "simcommsg 1 0 from elsewhere");
    enter(&mut host, "AT+CMQTTSUBTOPIC=0,9,1", b"123456789");
    result(&mut host, "AT+CMQTTSUB=0", "+CMQTTSUB: 0,0");
    enter(&mut host, "AT+CMQTTUNSUB=0,9,0", b"simcommsg");
    host.expect("\r\n+CMQTTUNSUB: 0,0\r\n");
    result(&mut host, "AT+CMQTTDISC=0,120", "+CMQTTDISC: 0,0");
    // The will of a client that does not say goodbye.
    result(&mut host, connect, "+CMQTTCONNECT: 0,0");
    host.command("AT+CGACT=0,0", "\r\nOK\r\n\r\n+CMQTTCONNLOST: 0,3\r\n");
    assert_eq!(watcher.next(), "simcommsg 1 0 qwerty");
    host.ok("AT+CMQTTREL=0");
    result(&mut host, "AT+CMQTTSTOP", "+CMQTTSTOP: 0");
}

#[test]
fn session_with_mutual_tls() {
    let authority = Authority::new();
    let mosquitto = Mosquitto::mutual_tls(&authority);
    let attwin = run(&mosquitto);
    let mut host = host(&attwin);
    let device = authority.issue("client test0");

    for (name, content) in [
        ("ca_cert.pem", &authority.certificate()),
        ("cert.pem", &device.certificate),
        ("key_cert.pem", &device.key),
    ] {
        let line = format!("AT+CCERTDOWN=\"{name}\",{}", content.len());
        enter(&mut host, &line, content.as_bytes());
    }
    host.command(
        "AT+CCERTLIST",
        "\r\n+CCERTLIST: \"ca_cert.pem\"\r\n+CCERTLIST: \"cert.pem\"\r\n\
         +CCERTLIST: \"key_cert.pem\"\r\n\r\nOK\r\n",
    );
    for line in [
        "AT+CSSLCFG=\"sslversion\",0,4",
        "AT+CSSLCFG=\"authmode\",0,2",
        "AT+CSSLCFG=\"cacert\",0,\"ca_cert.pem\"",
        "AT+CSSLCFG=\"clientcert\",0,\"cert.pem\"",
        "AT+CSSLCFG=\"clientkey\",0,\"key_cert.pem\"",
    ] {
        host.ok(line);
    }
    result(&mut host, "AT+CMQTTSTART", "+CMQTTSTART: 0");
    host.ok("AT+CMQTTACCQ=0,\"client test0\",1");
    host.ok("AT+CMQTTSSLCFG=0,0");
    let connect = "AT+CMQTTCONNECT=0,\"tcp://hooleeping.com:8883\",60,1";
    result(&mut host, connect, "+CMQTTCONNECT: 0,0");
    enter(&mut host, "AT+CMQTTSUB=0,9,2", b"simcommsg");
    host.expect("\r\n+CMQTTSUB: 0,0\r\n");
    enter(&mut host, "AT+CMQTTTOPIC=0,9", b"simcommsg");
    enter(&mut host, "AT+CMQTTPAYLOAD=0,60", PAYLOAD.as_bytes());
    host.ok("AT+CMQTTPUB=0,2,60");
    host.expect_in_any_order("\r\n+CMQTTPUB: 0,0\r\n", &block("simcommsg", PAYLOAD));
    result(&mut host, "AT+CMQTTDISC=0,120", "+CMQTTDISC: 0,0");

    // Context 1 presents no certificate, which this server demands.
    host.ok("AT+CMQTTSSLCFG=0,1");
    result(&mut host, connect, "+CMQTTCONNECT: 0,32");
    // Then it does, from DER files.
    for (name, option, content) in [
        (
            "ca.der",
            "cacert",
            certificate_der(&authority.certificate()),
        ),
        (
            "client.der",
            "clientcert",
            certificate_der(&device.certificate),
        ),
        ("key.der", "clientkey", key_der(&device.key)),
    ] {
        let line = format!("AT+CCERTDOWN=\"{name}\",{}", content.len());
        enter(&mut host, &line, &content);
        host.ok(&format!("AT+CSSLCFG=\"{option}\",1,\"{name}\""));
    }
    host.ok("AT+CSSLCFG=\"authmode\",1,2");
    host.ok("AT+CMQTTSSLCFG=0,1");
    result(&mut host, connect, "+CMQTTCONNECT: 0,0");
    result(&mut host, "AT+CMQTTDISC=0,0", "+CMQTTDISC: 0,0");
    // A stranger's certificate does not vouch for the server.
    let stranger = Authority::new().certificate();
    let line = format!("AT+CCERTDOWN=\"ca_cert.pem\",{}", stranger.len());
    enter(&mut host, &line, stranger.as_bytes());
    result(&mut host, connect, "+CMQTTCONNECT: 0,32");
    host.ok("AT+CCERTDELE=\"cert.pem\"");
    result(&mut host, connect, "+CMQTTCONNECT: 0,33");
}
