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
