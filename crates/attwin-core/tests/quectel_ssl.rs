//! `AT+QSSLCFG` of the Quectel family, byte by byte (docs/spec/quectel.md 9.1).

mod files_common;

use attwin_core::RadioEvent;
use files_common::{ERROR, OK, World, ok};

#[test]
fn the_test_form_is_the_captured_list() {
    let suites = "0X0035,0X002F,0X0005,0X0004,0X000A,0X003D,0XC002,0XC003,0XC004,0XC005,0XC007,\
                  0XC008,0XC009,0XC00A,0XC011,0XC012,0XC013,0XC014,0XC00C,0XC00D,0XC00E,0XC00F,\
                  0XC023,0XC024,0XC025,0XC026,0XC027,0XC028,0XC029,0XC02A,0XC02F,0XC030,0XFFFF";
    let lines = [
        "\"sslversion\",(0-5),(0-4)",
        "\"dtls\",(0-5),(0,1)",
        "\"dtlsversion\",(0-5),(0,1)",
        &format!("\"ciphersuite\",(0-5),({suites})"),
        "\"cacert\",(0-5),<cacertpath>",
        "\"cacertex\",(0-5),<cacertexpath>",
        "\"clientcert\",(0-5),<client_cert_path>",
        "\"clientkey\",(0-5),<client_key_path>,<key_pwd>",
        "\"seclevel\",(0-5),(0-2)",
        "\"ignorelocaltime\",(0-5),(0,1)",
        "\"negotiatetime\",(0-5),(10-300)",
        "\"sni\",(0-5),(0,1)",
        "\"psk\",(0-5),<identity>,<key>",
        "\"closetimemode\",(0-5),(0,1)",
        "\"session_cache\",(0-5),(0,1)",
        "\"alpn\",(0-5),<protocolname>",
        "\"renegotiation\",(0-5),(0,1)",
        "\"ignoremulticertchainverify\",(0-5),(0,1)",
        "\"ignoreinvalidcertsign\",(0-5),(0,1)",
    ];
    let mut want = String::from("\r\n");
    for line in lines {
        want += &format!("+QSSLCFG: {line}\r\n");
    }
    want += OK;
    assert_eq!(World::new().command("AT+QSSLCFG=?"), want);
}

#[test]
fn defaults() {
    let mut world = World::new();
    for (option, value) in [
        ("sslversion", "4"),
        ("ciphersuite", "0XFFFF"),
        ("cacert", "\"\""),
        ("cacertex", "\"\""),
        ("clientcert", "\"\""),
        ("clientkey", "\"\""),
        ("seclevel", "0"),
        ("ignorelocaltime", "1"),
        ("negotiatetime", "300"),
        ("sni", "0"),
        ("session_cache", "0"),
        ("closetimemode", "0"),
        ("renegotiation", "0"),
        ("ignoremulticertchainverify", "0"),
        ("ignoreinvalidcertsign", "0"),
        ("ignorecertitem", "0"),
        ("dtls", "0"),
        ("dtlsversion", "0"),
        ("alpn", "\"\""),
        ("psk", "\"\",\"\""),
        ("checkhost", "0"),
    ] {
        assert_eq!(
            world.command(&format!("AT+QSSLCFG=\"{option}\",2")),
            ok(&format!("+QSSLCFG: \"{option}\",2,{value}")),
        );
    }
}

#[test]
fn values_are_set_per_context_and_lost_at_a_restart() {
    let mut world = World::new();
    let values = [
        ("sslversion", "3", "3"),
        ("ciphersuite", "0xc02f", "0XC02F"),
        ("ciphersuite", "0X0005", "0X0005"),
        ("ciphersuite", "0xFFFF", "0XFFFF"),
        ("cacert", "\"RAM:cacert.pem\"", "\"RAM:cacert.pem\""),
        ("cacertex", "\"ufs:more.pem\"", "\"UFS:more.pem\""),
        ("clientcert", "\"client.pem\"", "\"client.pem\""),
        ("clientkey", "\"RAM:user_key.pem\"", "\"RAM:user_key.pem\""),
        ("clientkey", "\"k.pem\",\"pwd\"", "\"k.pem\",\"pwd\""),
        ("seclevel", "2", "2"),
        ("ignorelocaltime", "0", "0"),
        ("negotiatetime", "10", "10"),
        ("sni", "1", "1"),
        ("session_cache", "1", "1"),
        ("closetimemode", "1", "1"),
        ("renegotiation", "1", "1"),
        ("ignoremulticertchainverify", "1", "1"),
        ("ignoreinvalidcertsign", "1", "1"),
        ("ignorecertitem", "1048575", "1048575"),
        ("dtls", "1", "1"),
        ("dtlsversion", "1", "1"),
        ("alpn", "\"mqtt\"", "\"mqtt\""),
        ("psk", "\"me\",\"00ff\"", "\"me\",\"00ff\""),
        ("checkhost", "1", "1"),
    ];
    for (option, value, printed) in values {
        assert_eq!(
            world.command(&format!("AT+QSSLCFG=\"{option}\",5,{value}")),
            OK,
            "{option}"
        );
        assert_eq!(
            world.command(&format!("AT+QSSLCFG=\"{option}\",5")),
            ok(&format!("+QSSLCFG: \"{option}\",5,{printed}")),
        );
    }
    assert_eq!(
        world.command("AT+QSSLCFG=\"sslversion\",4"),
        ok("+QSSLCFG: \"sslversion\",4,4")
    );
    world.radio(RadioEvent::Reboot);
    assert_eq!(
        world.command("AT+QSSLCFG=\"sslversion\",5"),
        ok("+QSSLCFG: \"sslversion\",5,4")
    );
    assert!(world.stored.is_empty());
}

#[test]
fn refusals_are_plain_errors_and_store_nothing() {
    let mut world = World::new();
    for command in [
        "AT+QSSLCFG",
        "AT+QSSLCFG?",
        "AT+QSSLCFG=",
        "AT+QSSLCFG=\"colour\",0",
        "AT+QSSLCFG=\"sslversion\"",
        "AT+QSSLCFG=\"sslversion\",6",
        "AT+QSSLCFG=\"sslversion\",0,5",
        "AT+QSSLCFG=\"sslversion\",0,",
        "AT+QSSLCFG=\"sslversion\",0,\"3\"",
        "AT+QSSLCFG=\"sslversion\",0,3,3",
        "AT+QSSLCFG=\"ciphersuite\",0,0x1301",
        "AT+QSSLCFG=\"ciphersuite\",0,\"0xFFFF\"",
        "AT+QSSLCFG=\"ciphersuite\",0,65535",
        "AT+QSSLCFG=\"seclevel\",0,3",
        "AT+QSSLCFG=\"negotiatetime\",0,9",
        "AT+QSSLCFG=\"negotiatetime\",0,301",
        "AT+QSSLCFG=\"sni\",0,2",
        "AT+QSSLCFG=\"ignorecertitem\",0,1048576",
        "AT+QSSLCFG=\"cacert\",0,\"ca.pem",
        "AT+QSSLCFG=\"psk\",0,\"me\"",
        "AT+QSSLCFG=\"psk\",0,,\"00\"",
    ] {
        assert_eq!(world.command(command), ERROR, "{command}");
    }
    let long = "n".repeat(85);
    assert_eq!(
        world.command(&format!("AT+QSSLCFG=\"cacert\",0,\"{long}\"")),
        ERROR
    );
    world.send(b"AT+QSSLCFG=\"alpn\",0,\"\xff\"\r");
    assert!(world.received().ends_with(ERROR));
    for (option, value) in [
        ("sslversion", "4"),
        ("ciphersuite", "0XFFFF"),
        ("psk", "\"\",\"\""),
        ("alpn", "\"\""),
    ] {
        assert_eq!(
            world.command(&format!("AT+QSSLCFG=\"{option}\",0")),
            ok(&format!("+QSSLCFG: \"{option}\",0,{value}")),
        );
    }
}

#[test]
fn spellings_hosts_use() {
    let mut world = World::new();
    for (command, query, line) in [
        (
            "AT+QSSLCFG=\"SNI\",1,\"1\"",
            "AT+QSSLCFG=\"sni\",1",
            "\"sni\",1,1",
        ),
        (
            "AT+QSSLCFG=\"session\",1,1",
            "AT+QSSLCFG=\"Session\",1",
            "\"session_cache\",1,1",
        ),
        (
            "at+qsslcfg=\"SECLEVEL\", 1, 2",
            "AT+QSSLCFG=\"seclevel\",1",
            "\"seclevel\",1,2",
        ),
        (
            "AT+QSSLCFG=cacert,1,ram:Ca.pem",
            "AT+QSSLCFG=cacert,1",
            "\"cacert\",1,\"RAM:Ca.pem\"",
        ),
    ] {
        assert_eq!(world.command(command), OK, "{command}");
        assert_eq!(world.command(query), ok(&format!("+QSSLCFG: {line}")));
    }
}

#[test]
fn omitted_values_stay_and_empty_ones_clear() {
    let mut world = World::new();
    world.command("AT+QSSLCFG=\"clientkey\",0,\"a.pem\",\"pwd\"");
    assert_eq!(world.command("AT+QSSLCFG=\"clientkey\",0,\"b.pem\""), OK);
    assert_eq!(
        world.command("AT+QSSLCFG=\"clientkey\",0"),
        ok("+QSSLCFG: \"clientkey\",0,\"b.pem\",\"pwd\"")
    );
    assert_eq!(world.command("AT+QSSLCFG=\"clientkey\",0,,\"\""), OK);
    assert_eq!(
        world.command("AT+QSSLCFG=\"clientkey\",0"),
        ok("+QSSLCFG: \"clientkey\",0,\"b.pem\"")
    );
    assert_eq!(world.command("AT+QSSLCFG=\"clientkey\",0,\"\""), OK);
    assert_eq!(
        world.command("AT+QSSLCFG=\"clientkey\",0"),
        ok("+QSSLCFG: \"clientkey\",0,\"\"")
    );
}

/// The configuration part of the manual's second example (docs/spec/quectel.md
/// 12.2).
#[test]
fn the_manuals_example() {
    let mut world = World::new();
    for (name, size) in [
        ("RAM:cacert.pem", 1758),
        ("RAM:client.pem", 1220),
        ("RAM:user_key.pem", 1679),
    ] {
        world.prompt(&format!("AT+QFUPL=\"{name}\",{size},100"));
        world.send(vec![b'x'; size]);
        let answer = world.received();
        assert!(answer.starts_with(&format!("\r\n+QFUPL: {size},")));
        assert!(answer.ends_with(OK));
    }
    for command in [
        "AT+QSSLCFG=\"cacert\",2,\"RAM:cacert.pem\"",
        "AT+QSSLCFG=\"clientcert\",2,\"RAM:client.pem\"",
        "AT+QSSLCFG=\"clientkey\",2,\"RAM:user_key.pem\"",
        "AT+QSSLCFG=\"seclevel\",2,2",
        "AT+QSSLCFG=\"sslversion\",2,4",
        "AT+QSSLCFG=\"ciphersuite\",2,0xFFFF",
        "AT+QSSLCFG=\"ignorelocaltime\",2,1",
    ] {
        assert_eq!(world.command(command), OK, "{command}");
    }
}
