//! Signing in to Alibaba Cloud (docs/spec/quectel.md section 8).

use attwin_core::mqtt::packet::{Connect, Packet};
use attwin_sim::link::Direction;

use super::bench::Bench;

const SECRET: &str = "wN9Y6pZSIly7Exa5qVzcmigEGO4kAazZ";
const AT_ONCE: (&str, &str) = ("result_urc_delay_ms", "0");
const TIMESTAMP: (&str, &str) = ("aliauth_timestamp", "1587513600");

/// The CONNECT a client with the manual's credentials sends.
fn connect(quirks: &[(&str, &str)], settings: &[&str], arguments: &str) -> Connect {
    let mut b = Bench::with(quirks);
    b.ok(&format!(
        "AT+QMTCFG=\"aliauth\",0,\"oyjtmPI5a5j\",\"MQTT_TEST\",\"{SECRET}\""
    ));
    b.open(0);
    for setting in settings {
        b.ok(&format!("AT+QMTCFG={setting}"));
    }
    b.ok(&format!("AT+QMTCONN=0,{arguments}"));
    b.then("\r\n+QMTCONN: 0,0,0\r\n");
    match b.packets(Direction::ToBroker).into_iter().next() {
        Some(Packet::Connect(connect)) => connect,
        other => panic!("{other:?} in place of CONNECT"),
    }
}

fn credentials(connect: &Connect) -> (Option<&str>, Option<&[u8]>) {
    let password = connect.password.as_ref().map(|p| &p[..]);
    (connect.username.as_deref(), password)
}

/// 8.2, over TCP.
#[test]
fn worked_example() {
    for (method, timestamp, password) in [
        (
            "hmacsha1",
            "1587513600",
            "37fa79f06b4ef435e80dbb1b96353433a6fa47a1",
        ),
        (
            "hmacsha256",
            "1587513600",
            "a25fef5c7169dee186828c7526b269ab89ec0d9c03b793893254072480d8fae7",
        ),
        ("hmacmd5", "1587513600", "b00086ae3049e4d3622eb73c31c9c56d"),
        (
            "hmacsha1",
            "1587513600000",
            "13a3041685ad676b90f9928a2f50ccebbcf0a3cf",
        ),
        (
            "hmacsha256",
            "1587513600000",
            "fe1a92ae8de4861863b4c4ee93a43a206020927f70b2f14e34431c9afcb8652a",
        ),
    ] {
        let quirks = [
            AT_ONCE,
            ("aliauth_method", method),
            ("aliauth_timestamp", timestamp),
        ];
        let connect = connect(&quirks, &[], "\"clientExample\"");
        assert_eq!(
            &*connect.client_id,
            format!("clientExample|securemode=3,signmethod={method},timestamp={timestamp}|")
        );
        assert_eq!(
            credentials(&connect),
            (Some("MQTT_TEST&oyjtmPI5a5j"), Some(password.as_bytes()))
        );
    }
}

/// `T` is the module's clock in seconds; the world's clock starts at the
/// epoch, and 10 s of booting have passed.
#[test]
fn timestamp_of_the_clock() {
    let connect = connect(&[AT_ONCE], &[], "\"c\"");
    assert_eq!(
        &*connect.client_id,
        "c|securemode=3,signmethod=hmacsha1,timestamp=10|"
    );
}

#[test]
fn given_user_name_is_used_instead() {
    let connect_1 = connect(&[AT_ONCE, TIMESTAMP], &[], "\"c\",\"user\",\"secret\"");
    assert_eq!(&*connect_1.client_id, "c");
    assert_eq!(
        credentials(&connect_1),
        (Some("user"), Some(&b"secret"[..]))
    );
    let connect_2 = connect(&[AT_ONCE, TIMESTAMP], &[], "\"c\",\"user\"");
    assert_eq!(&*connect_2.client_id, "c");
    assert_eq!(credentials(&connect_2), (Some("user"), None));
}

#[test]
fn client_id_with_parameters_is_sent_verbatim() {
    let id = "c|securemode=2,signmethod=hmacsha256|";
    let connect = connect(&[AT_ONCE, TIMESTAMP], &[], &format!("\"{id}\""));
    assert_eq!(&*connect.client_id, id);
    assert_eq!(credentials(&connect), (None, None));
}

#[test]
fn cleared_credentials_are_not_used() {
    let connect = connect(&[AT_ONCE], &["\"aliauth\",0,\"\",\"\",\"\""], "\"c\"");
    assert_eq!(&*connect.client_id, "c");
    assert_eq!(credentials(&connect), (None, None));
}

/// 8.2, over TLS: the password is the same.
#[test]
fn worked_example_over_tls() {
    let mut b = Bench::with(&[AT_ONCE, TIMESTAMP]);
    b.ok(&format!(
        "AT+QMTCFG=\"aliauth\",0,\"oyjtmPI5a5j\",\"MQTT_TEST\",\"{SECRET}\""
    ));
    b.ok("AT+QMTCFG=\"ssl\",0,1,0");
    b.open(0);
    b.ok("AT+QMTCFG=\"ssl\",0,0");
    b.ok("AT+QMTCONN=0,\"clientExample\"");
    b.then("\r\n+QMTCONN: 0,0,0\r\n");
    let packets = b.packets(Direction::ToBroker);
    let Some(Packet::Connect(connect)) = packets.first() else {
        panic!("{packets:?} in place of CONNECT");
    };
    assert_eq!(
        &*connect.client_id,
        "clientExample|securemode=2,signmethod=hmacsha1,timestamp=1587513600|"
    );
    let password = b"37fa79f06b4ef435e80dbb1b96353433a6fa47a1";
    assert_eq!(
        credentials(connect),
        (Some("MQTT_TEST&oyjtmPI5a5j"), Some(&password[..]))
    );
}

/// The secure mode names what the connection is, and `"ssl"` acts from the
/// next AT+QMTOPEN on (docs/spec/quectel.md 3.1).
#[test]
fn secure_mode_of_the_open_connection() {
    let connect = connect(&[AT_ONCE, TIMESTAMP], &["\"ssl\",0,1,0"], "\"c\"");
    assert_eq!(
        &*connect.client_id,
        "c|securemode=3,signmethod=hmacsha1,timestamp=1587513600|"
    );
}

/// A password without a user name is no half-way to signing.
#[test]
fn password_alone_is_refused() {
    let mut b = Bench::new();
    b.ok("AT+QMTCFG=\"aliauth\",0,\"pk\",\"dn\",\"ds\"");
    b.open(0);
    b.error("AT+QMTCONN=0,\"c\",,\"p\"");
}
