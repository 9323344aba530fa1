use attwin_sim::broker::{Authenticate, Credentials, UserList, Verdict};

use crate::common::*;

fn code(world: &mut World, username: Option<&str>, password: Option<&str>) -> ConnectReturnCode {
    let connection = world.open();
    let fields = ConnectFields {
        username: username.map(|u| Bytes::copy_from_slice(u.as_bytes())),
        password: password.map(|p| Bytes::copy_from_slice(p.as_bytes())),
        ..clean("c")
    };
    world.send(connection, &packet::connect(&fields).expect("fits"));
    match world.recv(connection) {
        Some(Packet::Connack(ack)) => {
            assert_eq!(
                world.is_closed(connection),
                ack.code != ConnectReturnCode::Accepted
            );
            ack.code
        }
        other => panic!("not CONNACK: {other:?}"),
    }
}

#[test]
fn user_list_refuses_with_4_and_5() {
    let config = BrokerConfig {
        authenticate: Box::new(UserList::new().with_user("u", "secret")),
        ..BrokerConfig::default()
    };
    let mut world = World::with(config);
    assert_eq!(
        code(&mut world, Some("u"), Some("secret")),
        ConnectReturnCode::Accepted
    );
    let wrong = ConnectReturnCode::BadUserNameOrPassword;
    assert_eq!(code(&mut world, Some("u"), Some("guess")), wrong);
    assert_eq!(code(&mut world, Some("v"), Some("secret")), wrong);
    assert_eq!(
        code(&mut world, None, None),
        ConnectReturnCode::NotAuthorized
    );
}

struct ByLevel;

impl Authenticate for ByLevel {
    fn check(&mut self, _: Instant, credentials: &Credentials<'_>) -> Verdict {
        assert_eq!(credentials.client_id, "c");
        assert_eq!(credentials.username, Some("name"));
        assert_eq!(credentials.password, Some(&b"\xff\x00"[..]));
        match credentials.level {
            Level::V31 => Verdict::Accept,
            // A hook that contradicts itself must not let anybody in.
            Level::V311 => Verdict::Refuse(ConnectReturnCode::Accepted),
        }
    }
}

#[test]
fn a_hook_sees_what_connect_carries() {
    let config = BrokerConfig {
        authenticate: Box::new(ByLevel),
        ..BrokerConfig::default()
    };
    let mut world = World::with(config);
    let fields = ConnectFields {
        username: Some("name".into()),
        password: Some(Bytes::from_static(b"\xff\x00")),
        ..clean("c")
    };
    world.connect(&v31(fields.clone()));
    let connection = world.open();
    world.send(connection, &packet::connect(&fields).expect("fits"));
    assert_eq!(
        world.recv_bytes(connection).expect("CONNACK"),
        &[0x20, 2, 0, 5][..]
    );
}
