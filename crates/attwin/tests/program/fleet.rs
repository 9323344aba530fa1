//! Several modules in one process.

use std::fs;

use super::support::{Host, Running};

#[test]
fn modules_of_one_file_live_side_by_side() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("fleet.toml");
    fs::write(
        &file,
        r#"
        broker = "embedded"
        timing = "fast"
        [[module]]
        module = "quectel-ec25"
        name = "left"
        port = "tcp:127.0.0.1:0"
        [[module]]
        module = "quectel-eg95"
        name = "right"
        [module.identity]
        imei = "861107030000017"
        "#,
    )
    .unwrap();
    let state = directory.path().join("state");
    let mut run = Running::start(&[
        "run",
        "--config",
        file.to_str().unwrap(),
        "--state",
        state.to_str().unwrap(),
    ]);
    let (left, right) = (run.line(), run.line());
    // The address comes first, so that scripts can cut it off.
    let (left, whose) = left.split_once('\t').expect("a name");
    assert_eq!(whose, "left");
    assert!(left.starts_with("127.0.0.1:"), "{left}");
    let (right, whose) = right.split_once('\t').expect("a name");
    assert_eq!(whose, "right");
    assert!(right.starts_with("/dev/"), "{right}");
    let (mut left, mut right) = (Host::attach(left), Host::attach(right));
    left.connect("left");
    right.connect("right");
    left.command("ATI", "EC25\r\n");
    right.command("ATI", "EG95\r\n");
    right.command("AT+GSN", "861107030000017\r\n");
    left.command(r#"AT+QMTSUB=0,1,"t",1"#, "+QMTSUB: 0,1,0,1\r\n");
    right.publish("t", "hello");
    left.wait_for("\"t\",\"hello\"\r\n");
    assert!(state.join("left").is_dir() && state.join("right").is_dir());
}

/// docs/fleet.toml: what one module publishes, every other shows its own way.
#[test]
fn five_families_meet_on_one_broker() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/fleet.toml");
    let mut run = Running::start(&["run", "--config", file]);
    let mut attach = |boot: &[(&str, &str)]| {
        let line = run.line();
        let (address, _) = line.split_once('\t').expect("a name");
        let mut host = Host::attach(address);
        for (line, answer) in boot {
            match *line {
                "" => host.wait_for(answer),
                line => host.command(line, answer),
            }
        }
        host
    };

    let mut quectel = attach(&[("", "PB DONE\r\n"), ("ATE0", "OK\r\n")]);
    quectel.command(r#"AT+QMTOPEN=0,"a.example",1883"#, "+QMTOPEN: 0,0\r\n");
    quectel.command(r#"AT+QMTCONN=0,"quectel""#, "+QMTCONN: 0,0,0\r\n");
    quectel.command(r#"AT+QMTSUB=0,1,"all",0"#, "+QMTSUB: 0,1,0,0\r\n");

    let mut simcom = attach(&[
        ("", "+CPIN: READY\r\n"),
        ("ATE0", "OK\r\n"),
        ("AT+CEREG=1", "+CEREG: 1\r\n"),
    ]);
    simcom.command("AT+CMQTTSTART", "+CMQTTSTART: 0\r\n");
    simcom.command(r#"AT+CMQTTACCQ=0,"simcom""#, "OK\r\n");
    simcom.command(
        r#"AT+CMQTTCONNECT=0,"tcp://b.example:1883",60,1"#,
        "+CMQTTCONNECT: 0,0\r\n",
    );
    simcom.command("AT+CMQTTSUB=0,3,0", ">");
    simcom.command("all", "+CMQTTSUB: 0,0\r\n");

    let mut yuge = attach(&[
        ("", "+CPIN: READY\r\n"),
        ("ATE0", "OK\r\n"),
        ("AT+CEREG=1", "+CEREG: 1\r\n"),
    ]);
    yuge.command("AT+IMQTTADDR=c.example,1883,yuge", "OK\r\n");
    yuge.command("AT+IMQTTCONN", "+IMQTTCONN:0\r\n");
    yuge.command("AT+IMQTTSUB=all,0", "+IMQTTSUB:2,0\r\n");

    let configure = |name: &str| format!(r#"AT+MQTTCFG="d.example",1883,"{name}",60,"","",1"#);
    let mut ml302 = attach(&[
        ("AT", "OK\r\n"),
        ("ATE0", "OK\r\n"),
        ("AT+CEREG=1", "+CEREG: 1\r\n"),
    ]);
    ml302.command(&configure("ml302"), "OK\r\n");
    ml302.command(r#"AT+MQTTOPEN=0,0,0,0,0,"","""#, "+MQTTOPEN:OK\r\n");
    ml302.command(r#"AT+MQTTSUB="all",0"#, "+MQTTSUBACK:1,0,all\r\n");

    let mut mn316 = attach(&[
        ("", "^SIMST:1\r\n"),
        ("ATE0", "OK\r\n"),
        ("AT+CEREG=1", "+CEREG:1\r\n"),
    ]);
    mn316.command(&configure("mn316"), "OK\r\n");
    mn316.command("AT+MQTTOPEN=0,0,0", "+MQTTOPEN:OK\r\n");
    mn316.command(r#"AT+MQTTSUB="all",0"#, "+MQTTSUBACK:1,0,all\r\n");

    quectel.command(r#"AT+QMTPUBEX=0,1,1,0,"all",5"#, "> ");
    quectel.send(b"hello");
    quectel.wait_for("+QMTRECV: 0,0,\"all\",\"hello\"\r\n");
    simcom.wait_for(
        "+CMQTTRXSTART: 0,3,5\r\n+CMQTTRXTOPIC: 0,3\r\nall\r\n\
         +CMQTTRXPAYLOAD: 0,5\r\nhello\r\n+CMQTTRXEND: 0\r\n",
    );
    yuge.wait_for("+IMQTTRCVPUB:0,\"all\",5,\"hello\"\r\n");
    ml302.wait_for("+MQTTPUBLISH: 0,0,0,0,\"all\",5,hello\r\n");
    mn316.wait_for("+MQTTPUBLISH:0,0,0,0,all,5,hello\r\n");
}
