//! Devices that log in at Alibaba Cloud with a secret (docs/spec/yuge.md 9.5 point
//! 2, docs/spec/quectel.md 8).

use attwin_core::cloud::aliyun::sdk;

use crate::cloud::*;
use crate::common::*;

#[test]
fn the_c_kits_login_is_accepted() {
    let mut world = aliyun_world([]);
    for tls in [false, true] {
        let login = sdk::device_login(&device("SDK_0004"), SECRET, tls);
        assert_eq!(log_in(&mut world, &login), 0);
    }
}

#[test]
fn a_wrong_secret_is_refused_with_4() {
    let mut world = aliyun_world([]);
    let login = sdk::device_login(&device("SDK_0004"), b"guess", false);
    assert_eq!(log_in(&mut world, &login), 4);
}

#[test]
fn an_unknown_device_is_refused_with_4() {
    let mut world = aliyun_world([]);
    let login = sdk::device_login(&device("SDK_0009"), SECRET, false);
    assert_eq!(log_in(&mut world, &login), 4);
}

/// The classic form of docs/spec/yuge.md 9.3 with its worked signatures.
#[test]
fn any_method_order_and_case_will_do() {
    let mut world = aliyun_world([]);
    let sign1 = "021b504fc1cd1f61ea155f3e84dc94027e1b7e90";
    let sign256 = "2bcb59d1457b5e8d52c6460c1314a9f4127fbd925edde6314d0f3ecf04ae101c";
    for (parameters, password, want) in [
        (
            "securemode=3,signmethod=hmacsha1,timestamp=789",
            sign1.to_owned(),
            0,
        ),
        (
            "timestamp=789,,unknown=1,signmethod=hmacsha1,securemode=2",
            sign1.to_uppercase(),
            0,
        ),
        (
            "signmethod=hmacsha256,timestamp=789,securemode=3",
            sign256.to_owned(),
            0,
        ),
        // Signed with a time that is not told.
        ("securemode=3,signmethod=hmacsha1", sign1.to_owned(), 4),
        // Signed with another method than told: hmacmd5, if none is.
        ("securemode=3,timestamp=789", sign1.to_owned(), 4),
        (
            "securemode=3,signmethod=hmacsha3,timestamp=789",
            sign1.to_owned(),
            4,
        ),
        // securemode has to be 2 or 3.
        ("signmethod=hmacsha1,timestamp=789", sign1.to_owned(), 4),
        (
            "securemode=1,signmethod=hmacsha1,timestamp=789",
            sign1.to_owned(),
            4,
        ),
    ] {
        let fields = fields(
            &format!("test1|{parameters}|"),
            "test1&a1R3d3WsBI0",
            &password,
        );
        assert_eq!(code(&mut world, &fields), want, "{parameters}");
    }
}

#[test]
fn a_user_name_without_ampersand_is_refused_with_4() {
    let mut world = aliyun_world([]);
    let login = sdk::device_login(&device("SDK_0004"), SECRET, false);
    let bare = sdk::Login {
        user_name: b"SDK_0004".to_vec(),
        ..login
    };
    assert_eq!(log_in(&mut world, &bare), 4);
}

#[test]
fn other_client_identifiers_are_left_to_the_list_of_users() {
    let mut world = aliyun_world([]);
    for (id, password, want) in [
        ("plain", "p", 0),
        ("plain", "q", 4),
        ("half|securemode=3", "p", 0),
    ] {
        assert_eq!(code(&mut world, &fields(id, "u", password)), want, "{id}");
    }
}

#[test]
fn a_device_that_logged_in_is_an_ordinary_client() {
    let mut world = aliyun_world([]);
    let login = sdk::device_login(&device("SDK_0004"), SECRET, false);
    let (connection, _) = world.connect(&of(&login));
    world.subscribe(connection, &[("t", Level0)]);
    world.publish(connection, Level0, 0, "t");
    assert_eq!(world.payloads(connection), ["hello"]);
    world.advance(secs(3600));
    assert!(!world.is_closed(connection));
}

#[test]
fn qos_2_subscriptions_are_granted_as_qos_1() {
    let mut world = aliyun_world([]);
    let login = sdk::device_login(&device("SDK_0004"), SECRET, false);
    let (connection, _) = world.connect(&of(&login));
    let codes = world.subscribe(connection, &[("a", Level2), ("b", Level1), ("c", Level0)]);
    assert_eq!(codes, [1, 1, 0]);
    let (other, _) = world.connect(&fields("other", "u", "p"));
    assert_eq!(world.subscribe(other, &[("a", Level2)]), [2]);
}
