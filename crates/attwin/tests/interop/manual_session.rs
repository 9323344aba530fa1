//! The transcript of docs/spec/quectel.md 12.1, byte for byte, with Mosquitto.

use super::support::{Attwin, Mosquitto, Subscriber, publish};

#[test]
fn session_without_ssl() {
    let mosquitto = Mosquitto::plain();
    let attwin = Attwin::run(&["--broker", &mosquitto.address()]);
    let mut host = attwin.host();
    let mut watcher = Subscriber::new(mosquitto.port, "mqttv311", 0, "topic/#");

    host.ok(r#"AT+QMTCFG="recv/mode",0,0,1"#);
    host.ok(
        r#"AT+QMTCFG="aliauth",0,"oyjtmPI5a5j","MQTT_TEST","wN9Y6pZSIly7Exa5qVzcmigEGO4kAazZ""#,
    );
    host.command(
        "AT+QMTOPEN=?",
        "\r\n+QMTOPEN: (0-5),\"host_name\",(1-65535)\r\n\r\nOK\r\n",
    );
    host.ok(r#"AT+QMTOPEN=0,"iot-as-mqtt.cn-shanghai.aliyuncs.com",1883"#);
    host.expect("\r\n+QMTOPEN: 0,0\r\n");
    host.command(
        "AT+QMTOPEN?",
        "\r\n+QMTOPEN: 0,\"iot-as-mqtt.cn-shanghai.aliyuncs.com\",1883\r\n\r\nOK\r\n",
    );
    host.command(
        "AT+QMTCONN=?",
        "\r\n+QMTCONN: (0-5),\"clientid\",\"username\",\"password\"\r\n\r\nOK\r\n",
    );
    host.ok(r#"AT+QMTCONN=0,"clientExample""#);
    host.expect("\r\n+QMTCONN: 0,0,0\r\n");
    host.command(
        "AT+QMTSUB=?",
        "\r\n+QMTSUB: (0-5),<msgid>,list of [\"topic\",qos]\r\n\r\nOK\r\n",
    );
    host.ok(r#"AT+QMTSUB=0,1,"topic/example",2"#);
    host.expect("\r\n+QMTSUB: 0,1,0,2\r\n");
    host.ok(r#"AT+QMTSUB=0,1,"topic/pub",0"#);
    host.expect("\r\n+QMTSUB: 0,1,0,0\r\n");
    let text = "This is the payload related to topic";
    publish(
        mosquitto.port,
        "mqttv311",
        0,
        "topic/example",
        &["-m", text],
    );
    host.expect(&format!(
        "\r\n+QMTRECV: 0,0,\"topic/example\",36,\"{text}\"\r\n"
    ));
    assert_eq!(watcher.next(), format!("topic/example 0 0 {text}"));
    host.ok(r#"AT+QMTUNS=0,2,"topic/example""#);
    host.expect("\r\n+QMTUNS: 0,2,0\r\n");
    host.command(
        "AT+QMTPUBEX=?",
        "\r\n+QMTPUBEX: (0-5),<msgid>,(0-2),(0,1),\"topic\",\"length\"\r\n\r\nOK\r\n",
    );
    host.command(r#"AT+QMTPUBEX=0,0,0,0,"topic/pub",30"#, "\r\n> ");
    host.send(b"This is test data, hello MQTT.");
    host.expect("\r\nOK\r\n");
    // The result keeps its distance from the OK, and what comes back from the
    // broker meanwhile is not held up by a result that is not known yet.
    host.expect_in_any_order(
        "\r\n+QMTPUBEX: 0,0,0\r\n",
        "\r\n+QMTRECV: 0,0,\"topic/pub\",30,\"This is test data, hello MQTT.\"\r\n",
    );
    assert_eq!(
        watcher.next(),
        "topic/pub 0 0 This is test data, hello MQTT."
    );
    host.ok("AT+QMTDISC=0");
    host.expect("\r\n+QMTDISC: 0,0\r\n\r\n+QMTSTAT: 0,5\r\n");
}
