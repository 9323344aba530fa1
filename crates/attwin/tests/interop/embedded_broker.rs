//! Independent clients at the built-in broker.

use std::process::Command;

use super::support::{Process, Subscriber, publish};

/// A running `attwin broker` and its port.
fn broker() -> (Process, u16) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_attwin"));
    let mut process = Process::start(command.args(["broker", "--listen", "127.0.0.1:0"]));
    let address = process.address();
    let port = address
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok());
    (process, port.expect("the address ends in a port"))
}

#[test]
fn mosquitto_clients_at_every_level_and_qos() {
    let (_broker, port) = broker();
    for version in ["mqttv31", "mqttv311"] {
        for qos in 0..=2 {
            let topic = format!("t/{version}/{qos}");
            let mut subscriber = Subscriber::new(port, version, qos, &topic);
            publish(port, version, qos, &topic, &["-m", "hello"]);
            assert_eq!(subscriber.next(), format!("{topic} {qos} 0 hello"));
        }
        publish(port, version, 1, "kept", &["-m", version, "-r"]);
        let mut late = Subscriber::new(port, version, 1, "kept");
        assert_eq!(late.next(), format!("kept 1 1 {version}"));
    }
}

/// paho, the other client everybody has.
#[test]
fn paho_at_every_level_and_qos() {
    let (_broker, port) = broker();
    let script = r#"
import sys, threading
import paho.mqtt.client as mqtt
port = int(sys.argv[1])
for version in (mqtt.MQTTv31, mqtt.MQTTv311):
    for qos in (0, 1, 2):
        arrived = threading.Event()
        ready = threading.Event()
        arguments = dict(client_id="paho%d%d" % (version, qos), protocol=version)
        if hasattr(mqtt, "CallbackAPIVersion"):
            arguments["callback_api_version"] = mqtt.CallbackAPIVersion.VERSION1
        client = mqtt.Client(**arguments)
        def on_message(c, u, m):
            assert (m.topic, m.payload, m.qos) == ("p", b"hello", qos), (m.topic, m.payload, m.qos)
            arrived.set()
        client.on_message = on_message
        client.on_subscribe = lambda *a: ready.set()
        client.connect("127.0.0.1", port)
        client.loop_start()
        client.subscribe("p", qos)
        assert ready.wait(20), "no SUBACK"
        client.publish("p", b"hello", qos)
        assert arrived.wait(20), "no message"
        client.disconnect()
        client.loop_stop()
print("paho is content")
"#;
    // Debian's interpreter is the one that has Debian's paho.
    let mut command = Command::new("/usr/bin/python3");
    let mut paho = Process::start(command.args(["-c", script, &port.to_string()]));
    paho.wait_for("paho is content");
}
