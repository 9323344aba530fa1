//! The manual's transcripts (docs/spec/quectel.md 12.1 and 12.3). 12.2 needs real
//! TLS and stands with the program's tests.

use super::bench::{Bench, millis};

#[test]
fn session_without_ssl() {
    let mut b = Bench::new();
    b.ok(r#"AT+QMTCFG="recv/mode",0,0,1"#);
    b.ok(r#"AT+QMTCFG="aliauth",0,"oyjtmPI5a5j","MQTT_TEST","wN9Y6pZSIly7Exa5qVzcmigEGO4kAazZ""#);
    b.expect(
        "AT+QMTOPEN=?",
        "\r\n+QMTOPEN: (0-5),\"host_name\",(1-65535)\r\n\r\nOK\r\n",
    );
    b.ok(r#"AT+QMTOPEN=0,"iot-as-mqtt.cn-shanghai.aliyuncs.com",1883"#);
    b.then("\r\n+QMTOPEN: 0,0\r\n");
    b.expect(
        "AT+QMTOPEN?",
        "\r\n+QMTOPEN: 0,\"iot-as-mqtt.cn-shanghai.aliyuncs.com\",1883\r\n\r\nOK\r\n",
    );
    b.expect(
        "AT+QMTCONN=?",
        "\r\n+QMTCONN: (0-5),\"clientid\",\"username\",\"password\"\r\n\r\nOK\r\n",
    );
    b.ok(r#"AT+QMTCONN=0,"clientExample""#);
    b.then("\r\n+QMTCONN: 0,0,0\r\n");
    b.expect(
        "AT+QMTSUB=?",
        "\r\n+QMTSUB: (0-5),<msgid>,list of [\"topic\",qos]\r\n\r\nOK\r\n",
    );
    b.ok(r#"AT+QMTSUB=0,1,"topic/example",2"#);
    b.then("\r\n+QMTSUB: 0,1,0,2\r\n");
    b.ok(r#"AT+QMTSUB=0,1,"topic/pub",0"#);
    b.then("\r\n+QMTSUB: 0,1,0,0\r\n");
    let text = "This is the payload related to topic";
    b.broker_publishes("topic/example", text.as_bytes(), 0);
    b.then(&format!(
        "\r\n+QMTRECV: 0,0,\"topic/example\",36,\"{text}\"\r\n"
    ));
    b.ok(r#"AT+QMTUNS=0,2,"topic/example""#);
    b.then("\r\n+QMTUNS: 0,2,0\r\n");
    b.expect(
        "AT+QMTPUBEX=?",
        "\r\n+QMTPUBEX: (0-5),<msgid>,(0-2),(0,1),\"topic\",\"length\"\r\n\r\nOK\r\n",
    );
    let said = b.data(
        r#"AT+QMTPUBEX=0,0,0,0,"topic/pub",30"#,
        b"This is test data, hello MQTT.",
    );
    assert_eq!(
        said,
        "\r\nOK\r\n\r\n+QMTPUBEX: 0,0,0\r\n\
         \r\n+QMTRECV: 0,0,\"topic/pub\",30,\"This is test data, hello MQTT.\"\r\n"
    );
    b.ok("AT+QMTDISC=0");
    b.then("\r\n+QMTDISC: 0,0\r\n\r\n+QMTSTAT: 0,5\r\n");
}

/// The byte-exact excerpt of 12.1, with echo.
#[test]
fn publish_with_echo() {
    let mut b = Bench::connected();
    b.at("ATE1");
    b.line(r#"AT+QMTPUBEX=0,0,0,0,"topic/pub",30"#);
    assert_eq!(
        b.within(millis(10)),
        "AT+QMTPUBEX=0,0,0,0,\"topic/pub\",30\r\r\n> "
    );
    b.send(b"This is test data, hello MQTT.");
    b.then("This is test data, hello MQTT.\r\nOK\r\n\r\n+QMTPUBEX: 0,0,0\r\n");
}

#[test]
fn nothing_open() {
    let mut b = Bench::new();
    b.ok("AT+QMTOPEN?");
    b.ok("AT+QMTCONN?");
    b.ok("AT+QMTRECV?");
}

#[test]
fn occupied_index() {
    let mut b = Bench::new();
    b.open(0);
    b.expect(
        r#"AT+QMTOPEN=0,"h",1883"#,
        "\r\nOK\r\n\r\n+QMTOPEN: 0,2\r\n",
    );
    b.expect("AT+QMTCONN?", "\r\n+QMTCONN: 0,1\r\n\r\nOK\r\n");
}

#[test]
fn surplus_data_vanishes() {
    let mut b = Bench::connected();
    let said = b.data(r#"AT+QMTPUBEX=0,0,0,0,"t",3"#, b"abcdef");
    assert_eq!(said, "\r\nOK\r\n\r\n+QMTPUBEX: 0,0,0\r\n");
    assert_eq!(b.received(), [("t".to_owned(), b"abc".to_vec())]);
}
