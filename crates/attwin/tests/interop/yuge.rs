//! The transcripts of docs/spec/yuge.md 12.20 and 12.21 with Mosquitto, plain and
//! over TLS, and a device of Alibaba Cloud whose login Mosquitto checks.

use super::support::{Attwin, Authority, Host, Mosquitto, Subscriber, publish};

fn host(attwin: &Attwin) -> Host {
    attwin.host_after("\r\n*ATREADY: 1\r\n\r\n+CPIN: READY\r\n")
}

/// A command whose result follows its OK.
#[track_caller]
fn result(host: &mut Host, line: &str, result: &str) {
    host.ok(line);
    host.expect(&format!("\r\n{result}\r\n"));
}

#[test]
fn standard_session() {
    let mosquitto = Mosquitto::plain();
    let attwin = Attwin::run_as(
        "yuge-clm920",
        &["--broker", &mosquitto.address(), "--timing", "fast"],
    );
    let mut host = host(&attwin);
    let mut watcher = Subscriber::new(mosquitto.port, "mqttv311", 2, "#");

    for line in [
        "AT+IMQTTMODE=2,0",
        "AT+IMQTT PARA=TIMEOUT,3,CLEAN,0,KEEPALIVE,60,VERSION,3.1.1",
        "AT+IMQTTADDR=203.156.205.55,1883,\"testMQTT\"",
        "AT+IMQTTUSER=\"\", \"\"",
        "AT+IMQTTLWTBIN= will_topic,0,77696C6C5F6D657373616765,0",
    ] {
        host.ok(line);
    }
    result(&mut host, "AT+IMQTTCONN", "+IMQTTCONN:0");
    result(&mut host, "AT+IMQTTSUB=/mqtt1/user/test,1", "+IMQTTSUB:2,1");
    // Its own messages come back; PUBACK and the message may arrive in either
    // order (docs/spec/yuge.md 3.11).
    for (line, published, id) in [
        (
            "AT+IMQTTPUB=/mqtt1/user/test,1,\"test message!!\"",
            "\r\n+IMQTTPUB:3,0\r\n",
            1,
        ),
        (
            "AT+IMQTTTPUBIN=/mqtt1/user/test,2,74657374206d6573736167652121",
            "\r\n+IMQTTPUB:4,0\r\n",
            2,
        ),
    ] {
        host.ok(line);
        let back = format!("\r\n+IMQTTRCVPUB:{id},\"/mqtt1/user/test\",14,\"test message!!\"\r\n");
        host.expect_in_any_order(published, &back);
        assert_eq!(
            watcher.next(),
            format!("/mqtt1/user/test {id} 0 test message!!")
        );
    }
    // Every byte counts that follows the prompt.
    host.command("AT+IMQTTPUBEX=/t,1,0,5", "\r\n>");
    host.send(b"a\"b\x1A\r\r");
    host.expect("\r\nOK\r\n\r\n+IMQTTPUBEX:5,0\r\n");
    assert_eq!(watcher.next(), "/t 1 0 a\"b\u{1A}\r");
    host.ok("AT+IMQTTRECVMODE=1");
    publish(
        mosquitto.port,
        "mqttv311",
        1,
        "/mqtt1/user/test",
        &["-m", "kept"],
    );
    host.expect("\r\n+IMQTTCOUNT: 1\r\n");
    host.command(
        "AT+IMQTTRECV=10",
        "\r\n+IMQTTRECV:3,\"/mqtt1/user/test\",4,\"kept\"\r\n\r\nOK\r\n",
    );
    assert_eq!(watcher.next(), "/mqtt1/user/test 1 0 kept");
    result(
        &mut host,
        "AT+IMQTTUNSUB=/mqtt1/user/test",
        "+IMQTTUNSUB:6,0",
    );
    host.command("AT+IMQTTSTATE?", "\r\n+IMQTTSTATE:2\r\n\r\nOK\r\n");
    result(&mut host, "AT+IMQTTDISCONN", "+IMQTTCONN:-1");
    host.command("AT+IMQTTSTATE?", "\r\n+IMQTTSTATE:0\r\n\r\nOK\r\n");
    // The will of a client that loses its bearer.
    result(&mut host, "AT+IMQTTCONN", "+IMQTTCONN:0");
    result(&mut host, "AT+CGACT=0,1", "+IMQTTCONN:-1");
    assert_eq!(watcher.next(), "will_topic 0 0 will_message");
}

/// Nobody vouches for the server, and nobody is asked to.
#[test]
fn over_tls() {
    let authority = Authority::new();
    let mosquitto = Mosquitto::tls(&authority);
    let attwin = Attwin::run_as(
        "yuge-clm920",
        &["--broker", &mosquitto.address(), "--timing", "fast"],
    );
    let mut host = host(&attwin);
    host.ok("AT+IMQTTADDR=any.example,8883,dev-1");
    host.ok("AT+IMQTTMODE=2,1");
    result(&mut host, "AT+IMQTTCONN", "+IMQTTCONN:0");
    result(&mut host, "AT+IMQTTPUB=t,2,x", "+IMQTTPUB:2,0");
    result(&mut host, "AT+IMQTTDISCONN", "+IMQTTCONN:-1");
    // Without TLS this server says nothing a client understands.
    host.ok("AT+IMQTTMODE=2,0");
    result(&mut host, "AT+IMQTTCONN", "+IMQTTCONN:-1");
}

/// User name and password are those of docs/spec/yuge.md 9.3; nobody else is let in.
#[test]
fn a_device_of_alibaba_cloud() {
    let authority = Authority::new();
    let mosquitto = Mosquitto::tls_for(
        &authority,
        "SDK_0004&a1m8qO1ceKE",
        "2AA3604506BF0279900696FB503958883AE82855B39CE8D63E565DDEECC9AE43",
    );
    let attwin = Attwin::run_as(
        "yuge-clm920",
        &["--broker", &mosquitto.address(), "--timing", "fast"],
    );
    let mut host = host(&attwin);
    host.ok("AT+IMQTTMODE=1,1");
    host.ok("AT+IMQTTAUTH=a1m8qO1ceKE,SDK_0004,8f920db5114396521af911861d60886e");
    result(&mut host, "AT+IMQTTCONN", "+IMQTTCONN:-1");
    host.ok("AT+IMQTTAUTH=a1m8qO1ceKE,SDK_0004,8f920db5114396521af911861d60886d");
    result(&mut host, "AT+IMQTTCONN", "+IMQTTCONN:0");
    result(
        &mut host,
        "AT+IMQTTSUB=/a1m8qO1ceKE/SDK_0004/user/test,0",
        "+IMQTTSUB:2,0",
    );
    result(&mut host, "AT+IMQTTDISCONN", "+IMQTTCONN:-1");
}
