//! Devices that register at Alibaba Cloud (docs/spec/yuge.md 9.5 points 3 to 6).

use attwin_core::cloud::aliyun::sdk::{self, Granted, Registration};
use attwin_sim::broker::cloud::Answer;

use crate::cloud::*;
use crate::common::*;

use Registration::{PreRegistered, Unregistered};

fn register(world: &mut World, kind: Registration, name: &'static str) -> Result<Granted, u8> {
    let login = kind.login(&device(name), PRODUCT_SECRET, 7);
    let connection = world.open();
    world.send(connection, &packet::connect(&of(&login)).expect("fits"));
    match world.recv(connection) {
        Some(Packet::Connack(ack)) if ack.code == ConnectReturnCode::Accepted => {
            assert!(!ack.session_present);
        }
        Some(Packet::Connack(ack)) => return Err(ack.code as u8),
        other => panic!("not CONNACK: {other:?}"),
    }
    let publish = world.recv_publish(connection);
    assert_eq!(&*publish.topic_name, kind.topic());
    assert!(!publish.retain);
    world.send(connection, &DISCONNECT);
    Ok(kind.parse_grant(&publish.payload).expect("granted"))
}

fn secret(world: &mut World, name: &'static str) -> Result<String, u8> {
    register(world, PreRegistered, name).map(|granted| match granted {
        Granted::Secret(secret) => secret,
        Granted::Token { .. } => panic!("a token"),
    })
}

fn token(world: &mut World, name: &'static str) -> Result<(String, String), u8> {
    register(world, Unregistered, name).map(|granted| match granted {
        Granted::Token { client_id, token } => (client_id, token),
        Granted::Secret(_) => panic!("a secret"),
    })
}

#[test]
fn a_pre_registered_device_gets_its_secret() {
    let mut world = aliyun_world([]);
    assert_eq!(
        secret(&mut world, "SDK_0004").as_deref(),
        Ok("8f920db5114396521af911861d60886d")
    );
}

#[test]
fn the_payload_is_the_platforms() {
    let mut world = aliyun_world([]);
    for (kind, name, want) in [
        (
            PreRegistered,
            "SDK_0004",
            r#"{"deviceSecret":"8f920db5114396521af911861d60886d","productKey":"a1m8qO1ceKE","deviceName":"SDK_0004"}"#,
        ),
        (
            Unregistered,
            "SDK_0007",
            r#"{"clientId":"CjM0zO9QT3qPCejlkMYv000100","productKey":"a1m8qO1ceKE","deviceName":"SDK_0007","deviceToken":"^1^1684838886568^a073eaabcf8a7f3"}"#,
        ),
    ] {
        let login = kind.login(&device(name), PRODUCT_SECRET, 1);
        let (connection, _) = world.connect(&of(&login));
        assert_eq!(world.payloads(connection), [want]);
    }
}

#[test]
fn a_fresh_secret_is_the_one_that_counts_until_the_device_logs_in() {
    let mut world = aliyun_world([]);
    let first = secret(&mut world, "fresh").expect("registered");
    assert_eq!(first.len(), 32);
    assert_eq!(secret(&mut world, "fresh").as_ref(), Ok(&first));
    let login = sdk::device_login(&device("fresh"), first.as_bytes(), true);
    assert_eq!(log_in(&mut world, &login), 0);
    assert_eq!(secret(&mut world, "fresh"), Err(5));
    // It still may log in.
    assert_eq!(log_in(&mut world, &login), 0);
}

#[test]
fn fresh_secrets_depend_on_the_seed_alone() {
    let fresh = || secret(&mut aliyun_world([]), "fresh").expect("registered");
    assert_eq!(fresh(), fresh());
}

#[test]
fn who_may_not_register_is_refused_with_5() {
    let mut world = aliyun_world([]);
    assert_eq!(secret(&mut world, "SDK_0009"), Err(5));
    assert_eq!(secret(&mut world, "old"), Err(5));
    // The other product allows no devices it does not know.
    let login = Unregistered.login(&other_device("new"), OTHER_SECRET, 1);
    assert_eq!(log_in(&mut world, &login), 5);
}

#[test]
fn a_wrong_signature_is_refused_with_4() {
    let mut world = aliyun_world([]);
    for (kind, name) in [(PreRegistered, "SDK_0004"), (Unregistered, "new")] {
        let login = kind.login(&device(name), b"guess", 1);
        assert_eq!(log_in(&mut world, &login), 4);
        let right = kind.login(&device(name), PRODUCT_SECRET, 1);
        let text = String::from_utf8(right.client_id.clone()).expect("text");
        for (from, to) in [
            ("random=1", "random=2"),
            ("random=1,", ""),
            ("securemode=2", "securemode=3"),
            (name, "else"),
        ] {
            let changed = sdk::Login {
                client_id: text.replace(from, to).into_bytes(),
                ..right.clone()
            };
            assert_eq!(log_in(&mut world, &changed), 4, "{to}");
        }
    }
}

#[test]
fn an_unknown_device_gets_a_token_and_logs_in_with_it() {
    let mut world = aliyun_world([]);
    let (id, token) = token(&mut world, "new").expect("registered");
    let login = sdk::token_login(&device("new"), &id, &token);
    for _ in 0..2 {
        assert_eq!(log_in(&mut world, &login), 0);
    }
}

#[test]
fn a_device_that_used_its_token_may_not_register_again() {
    let mut world = aliyun_world([]);
    let (id, first) = token(&mut world, "new").expect("registered");
    let again = token(&mut world, "new").expect("not logged in yet");
    assert_ne!((&id, &first), (&again.0, &again.1));
    let login = sdk::token_login(&device("new"), &id, &first);
    assert_eq!(log_in(&mut world, &login), 0);
    assert_eq!(token(&mut world, "new"), Err(5));
}

#[test]
fn a_token_is_good_for_its_device_alone() {
    let mut world = aliyun_world([]);
    let (id, token) = token(&mut world, "new").expect("registered");
    for (name, id, token) in [
        ("SDK_0004", &*id, &*token),
        ("new", "else", &token),
        ("new", &id, "else"),
    ] {
        let login = sdk::token_login(&device(name), id, token);
        assert_eq!(log_in(&mut world, &login), 4);
    }
    let login = sdk::token_login(&device("new"), &id, &token);
    let text = String::from_utf8(login.client_id.clone()).expect("text");
    let changed = sdk::Login {
        client_id: text.replace("=-2", "=2").into_bytes(),
        ..login
    };
    assert_eq!(log_in(&mut world, &changed), 4);
}

#[test]
fn whoever_stays_is_put_out_after_10_s() {
    let mut world = aliyun_world([]);
    let login = PreRegistered.login(&device("SDK_0004"), PRODUCT_SECRET, 1);
    let (connection, _) = world.connect(&of(&login));
    world.send(connection, &subscribe(&[("#", Level1)]));
    assert_eq!(world.payloads(connection).len(), 1);
    assert!(world.recv(connection).is_none());
    world.advance(secs(10) - Duration::from_millis(1));
    assert!(!world.is_closed(connection));
    world.advance(Duration::from_millis(1));
    assert_eq!(
        world.why_closed(connection),
        DisconnectReason::ProvisioningEnded
    );
}

/// What comes on which topics with which QoS, after how long.
fn answer(answer: Answer, wait: u64) -> Vec<(String, u8, bool)> {
    let mut world = aliyun_world([answer]);
    let login = PreRegistered.login(&device("SDK_0004"), PRODUCT_SECRET, 1);
    let (connection, _) = world.connect(&of(&login));
    world.advance(secs(wait));
    std::iter::from_fn(|| world.recv(connection))
        .map(|packet| match packet {
            Packet::Publish(publish) => (
                publish.topic_name.to_string(),
                publish.qos_pid.qos() as u8,
                PreRegistered.parse_grant(&publish.payload).is_ok(),
            ),
            other => panic!("not a PUBLISH: {other:?}"),
        })
        .collect()
}

fn on_topic(qos: u8, good: bool) -> (String, u8, bool) {
    ("/ext/register".into(), qos, good)
}

#[test]
fn registrations_can_be_answered_wrongly() {
    assert_eq!(answer(Answer::QoS1, 0), [on_topic(1, true)]);
    assert_eq!(answer(Answer::Nothing, 9), []);
    assert_eq!(answer(Answer::MissingMember, 0), [on_topic(0, false)]);
    assert_eq!(answer(Answer::NotJson, 0), [on_topic(0, false)]);
    assert_eq!(answer(Answer::Late(secs(6)), 5), []);
    assert_eq!(answer(Answer::Late(secs(6)), 6), [on_topic(0, true)]);
    assert_eq!(
        answer(Answer::OtherTopicFirst, 0),
        [("/ext/other".into(), 0, false), on_topic(0, true)]
    );
}

#[test]
fn registrations_can_be_refused_or_cut() {
    let code = ConnectReturnCode::NotAuthorized;
    let mut world = aliyun_world([Answer::Refused(code), Answer::Closed]);
    assert_eq!(secret(&mut world, "SDK_0004"), Err(5));
    let login = PreRegistered.login(&device("SDK_0004"), PRODUCT_SECRET, 1);
    let (connection, _) = world.connect(&of(&login));
    assert!(world.is_closed(connection));
    // Each answers one registration.
    assert!(secret(&mut world, "SDK_0004").is_ok());
}
