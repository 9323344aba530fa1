//! The broker as a cloud service, told by a configuration file.

use std::fs;

use tempfile::TempDir;

use super::support::{Client, Host, Running, output};

const ALIYUN: &str = r#"
[[aliyun.product]]
key = "oyjtmPI5a5j"
secret = "product secret"

[[aliyun.device]]
product = "oyjtmPI5a5j"
name = "MQTT_TEST"
secret = "wN9Y6pZSIly7Exa5qVzcmigEGO4kAazZ"
"#;

const ONENET: &str = r#"
[[onenet.product]]
id = "123456"
key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
"#;

/// A folder with a file of this text, and its path.
fn config(text: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("clouds.toml");
    fs::write(&path, text).expect("written");
    (folder, path.display().to_string())
}

#[test]
fn a_module_logs_in_at_alibaba_cloud() {
    let (_folder, path) = config(ALIYUN);
    let mut run = Running::start(&[
        "run",
        "quectel-ec25",
        "--port",
        "tcp:127.0.0.1:0",
        "--broker",
        "embedded",
        "--config",
        &path,
    ]);
    let mut host = Host::attach(&run.line());
    host.wait_for("+QIND: PB DONE\r\n");
    for (secret, result) in [
        ("wrong", "+QMTCONN: 0,0,4\r\n"),
        ("wN9Y6pZSIly7Exa5qVzcmigEGO4kAazZ", "+QMTCONN: 0,0,0\r\n"),
    ] {
        let auth = format!("AT+QMTCFG=\"aliauth\",0,\"oyjtmPI5a5j\",\"MQTT_TEST\",\"{secret}\"");
        host.command(&auth, "OK\r\n");
        host.command(r#"AT+QMTOPEN=0,"any",1883"#, "+QMTOPEN: 0,0\r\n");
        host.command(r#"AT+QMTCONN=0,"device""#, result);
        if result.ends_with("4\r\n") {
            host.wait_for("+QMTSTAT: 0,4\r\n");
        }
    }
}

#[test]
fn attwin_broker_is_onenet_and_has_users_besides() {
    let (_folder, path) = config(ONENET);
    let mut broker = Running::start(&[
        "broker",
        "--listen",
        "127.0.0.1:0",
        "--user",
        "u:p",
        "--config",
        &path,
    ]);
    let address = broker.line();
    let connect = |user| Client::connect(&address, Some(user)).err();
    // HMAC-SHA1 with the key above of "4102416000\nsha1\nproducts/123456\n2018-10-31".
    let token = "version=2018-10-31&res=products%2F123456&et=4102416000&method=sha1&sign=Uvs2375FkmZ2LeMIIiG%2FLCyn9%2BU%3D";
    assert_eq!(connect(("123456", token)), None);
    let late = token.replace("4102416000", "4102416001");
    assert_eq!(connect(("123456", &late)), Some(4));
    assert_eq!(connect(("u", "p")), None);
    assert_eq!(connect(("u", "q")), Some(4));
}

#[test]
fn a_mistake_is_shown_in_its_place_with_the_remedy() {
    let text = "[[aliyun.device]]\nproduct = \"a1m8qO1ceKE\"\nname = \"SDK_0004\"\n";
    let (_folder, path) = config(text);
    let wanted = format!(
        "  × unknown product `a1m8qO1ceKE`; a device's product has to be given, too
   ╭─[{path}:2:11]
 1 │ [[aliyun.device]]
 2 │ product = \"a1m8qO1ceKE\"
   ·           ──────┬──────
   ·                 ╰── here
 3 │ name = \"SDK_0004\"
   ╰────
  help: add it as [[aliyun.product]]
"
    );
    for command in [&["run", "quectel-ec25"][..], &["broker"]] {
        let (code, out, err) = output(&[command, &["--config", &path]].concat());
        assert_eq!((code, &*out), (Some(2), ""));
        assert_eq!(err, wanted);
    }
}

const REGISTRY: &str = r#"
[[aliyun.product]]
key = "a1m8qO1ceKE"
secret = "VPCTjT8dGTXr5Jpg"
unregistered = true

[[aliyun.device]]
product = "a1m8qO1ceKE"
name = "SDK_0004"
secret = "8f920db5114396521af911861d60886d"

[[aliyun.device]]
product = "a1m8qO1ceKE"
name = "SDK_0005"
secret = "00112233445566778899aabbccddeeff"

[[aliyun.device]]
product = "a1m8qO1ceKE"
name = "SDK_0007"
token = { client_id = "CjM0zO9QT3qPCejlkMYv000100", password = "^1^1684838886568^a073eaabcf8a7f3" }
"#;

/// A CLM920 at a broker that is this cloud, ready for Alibaba's mode with TLS.
fn clm920(path: &str, state: &str) -> (Running, Host) {
    clm920_at("embedded", path, state)
}

fn clm920_at(broker: &str, path: &str, state: &str) -> (Running, Host) {
    let mut run = Running::start(&[
        "run",
        "yuge-clm920",
        "--port",
        "tcp:127.0.0.1:0",
        "--broker",
        broker,
        "--config",
        path,
        "--state",
        state,
        "--timing",
        "fast",
    ]);
    let mut host = Host::attach(&run.line());
    host.wait_for("+CPIN: READY\r\n");
    host.command("ATE0", "OK\r\n");
    host.command("AT+IMQTTMODE=1,1", "OK\r\n");
    (run, host)
}

/// The sessions of docs/spec/yuge.md 12.22 and 12.23, over TLS.
#[test]
fn devices_register_over_tls_and_log_in() {
    let (folder, path) = config(REGISTRY);
    let state = folder.path().join("state");
    let state = state.to_str().expect("text");
    let (first, mut host) = clm920(&path, state);
    host.command(
        "AT+IMQTTDYNREG=1,1,a1m8qO1ceKE,SDK_0004,VPCTjT8dGTXr5Jpg",
        "\r\nOK\r\n\r\n+IMQTTDYNREG:1,\"a1m8qO1ceKE\",\"SDK_0004\",\"8f920db5114396521af911861d60886d\"\r\n",
    );
    host.command(
        "AT+IMQTTAUTH=a1m8qO1ceKE,SDK_0004,8f920db5114396521af911861d60886d",
        "OK\r\n",
    );
    host.command("AT+IMQTTCONN", "\r\nOK\r\n\r\n+IMQTTCONN:0\r\n");
    host.command("AT+IMQTTDISCONN", "+IMQTTCONN:-1\r\n");

    let id = "CjM0zO9QT3qPCejlkMYv000100|authType=connwl,securemode=-2,_ss=1,ext=3,_v=sdk-c-4.1.0|";
    let (user, token) = ("SDK_0007&a1m8qO1ceKE", "^1^1684838886568^a073eaabcf8a7f3");
    host.command(
        "AT+IMQTTDYNREG=0,2,a1m8qO1ceKE,SDK_0007,VPCTjT8dGTXr5Jpg",
        &format!("\r\nOK\r\n\r\n+IMQTTDYNREG:2,\"{id}\",\"{user}\",\"{token}\"\r\n"),
    );
    host.command(&format!("AT+IMQTTUSER=\"{user}\",\"{token}\""), "OK\r\n");
    host.command(
        &format!("AT+IMQTTADDR=\"a1m8qO1ceKE.iot-as-mqtt.cn-shanghai.aliyuncs.com\",1883,\"{id}\""),
        "OK\r\n",
    );
    host.command("AT+IMQTTCONN", "\r\nOK\r\n\r\n+IMQTTCONN:0\r\n");

    // What was saved outlasts the power, the rest does not.
    drop(first);
    let (_second, mut host) = clm920(&path, state);
    host.command(
        "AT+IMQTTDYNREG=2",
        "\r\n+IMQTTDYNREG: 1,\"a1m8qO1ceKE\",\"SDK_0004\",\"8f920db5114396521af911861d60886d\"\r\n\
         +IMQTTDYNREG: 2,\"\",\"\",\"\"\r\n\r\nOK\r\n",
    );
}

/// Whenever it is killed, the record is the old one or the new one; what the
/// host was told is kept.
#[test]
fn a_kill_at_any_moment_leaves_a_whole_registration() {
    let (folder, path) = config(REGISTRY);
    let state = folder.path().join("state");
    let state = state.to_str().expect("text");
    let records = [
        r#""a1m8qO1ceKE","SDK_0004","8f920db5114396521af911861d60886d""#,
        r#""a1m8qO1ceKE","SDK_0005","00112233445566778899aabbccddeeff""#,
    ];
    let mut last = None;
    for round in 0..8 {
        let (mut run, mut host) = clm920(&path, state);
        host.send(b"AT+IMQTTDYNREG=2\r");
        let lines = records.map(|record| format!("+IMQTTDYNREG: 1,{record}\r\n"));
        let empty = "+IMQTTDYNREG: 1,\"\",\"\",\"\"\r\n".to_owned();
        host.wait_for("OK\r\n");
        let shown = String::from_utf8_lossy(&host.received).into_owned();
        let mut may_be = vec![match last {
            Some(index) => &lines[index],
            None => &empty,
        }];
        let device = round % 2;
        if round > 0 {
            // The round before was killed while it registered this one.
            may_be.push(&lines[1 - device]);
        }
        assert!(may_be.iter().any(|line| shown.contains(*line)), "{shown}");
        last = lines.iter().position(|line| shown.contains(line));

        let name = ["SDK_0004", "SDK_0005"][device];
        host.command(
            &format!("AT+IMQTTDYNREG=1,1,a1m8qO1ceKE,{name},VPCTjT8dGTXr5Jpg"),
            "OK\r\n",
        );
        if round % 3 == 0 {
            host.wait_for("+IMQTTDYNREG:1,");
            host.wait_for("\r\n");
            last = Some(device);
        }
        run.child.kill().expect("it runs");
        run.child.wait().expect("a child can be waited for");
    }
}

/// The broker takes what Alibaba Cloud would not, and says so.
#[test]
fn a_device_that_claims_tls_is_questioned() {
    let (folder, path) = config(REGISTRY);
    let state = folder.path().join("state");
    let state = state.to_str().expect("text");
    let (mut run, mut host) = clm920_at("embedded,plain", &path, state);
    host.command(
        "AT+IMQTTAUTH=a1m8qO1ceKE,SDK_0004,8f920db5114396521af911861d60886d",
        "OK\r\n",
    );
    host.command("AT+IMQTTCONN", "+IMQTTCONN:0\r\n");
    run.wait_for("says securemode=2 without TLS; Alibaba Cloud would refuse it");
}
