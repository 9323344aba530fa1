//! What the tests of cloud services share.

use attwin_core::cloud::aliyun::Device;
use attwin_core::cloud::aliyun::sdk::Login;
use attwin_sim::broker::cloud::{Aliyun, AliyunDevice, AliyunProduct, Answer, Clouds, TokenLogin};
use attwin_sim::broker::{Authenticate, UserList};

use crate::common::*;

pub(crate) const PRODUCT_SECRET: &[u8] = b"VPCTjT8dGTXr5Jpg";
pub(crate) const OTHER_SECRET: &[u8] = b"other secret";
/// Secret of `SDK_0004`.
pub(crate) const SECRET: &[u8] = b"8f920db5114396521af911861d60886d";

/// A device of the product that gives tokens to whoever asks.
pub(crate) const fn device(name: &'static str) -> Device<'static> {
    Device {
        product_key: b"a1m8qO1ceKE",
        device_name: name.as_bytes(),
    }
}

/// A device of the product that does not.
pub(crate) const fn other_device(name: &'static str) -> Device<'static> {
    Device {
        product_key: b"a1R3d3WsBI0",
        device_name: name.as_bytes(),
    }
}

/// Alibaba Cloud, with a list of users behind it.
pub(crate) fn aliyun_world(answers: impl IntoIterator<Item = Answer>) -> World {
    let mut aliyun = Aliyun::default();
    for (key, secret, unregistered) in [
        ("a1m8qO1ceKE", PRODUCT_SECRET, true),
        ("a1R3d3WsBI0", OTHER_SECRET, false),
    ] {
        let product = AliyunProduct {
            key: key.into(),
            secret: String::from_utf8_lossy(secret).into(),
            unregistered,
        };
        aliyun.add_product(product).expect("a product");
    }
    let token = TokenLogin {
        client_id: "CjM0zO9QT3qPCejlkMYv000100".into(),
        token: "^1^1684838886568^a073eaabcf8a7f3".into(),
    };
    for (product, name, secret, activated, token) in [
        (
            "a1m8qO1ceKE",
            "SDK_0004",
            Some("8f920db5114396521af911861d60886d"),
            false,
            None,
        ),
        ("a1m8qO1ceKE", "SDK_0007", None, false, Some(token)),
        ("a1m8qO1ceKE", "fresh", None, false, None),
        ("a1m8qO1ceKE", "old", Some("secret"), true, None),
        (
            "a1R3d3WsBI0",
            "test1",
            Some("c75b6a4e39342f02ec161ba682566054"),
            false,
            None,
        ),
    ] {
        let device = AliyunDevice {
            product: product.into(),
            name: name.into(),
            secret: secret.map(Into::into),
            activated,
            token,
        };
        aliyun.add_device(device).expect("a device");
    }
    for answer in answers {
        aliyun.answer_next(answer);
    }
    let clouds = Clouds {
        aliyun,
        ..Clouds::default()
    };
    World::with(BrokerConfig {
        authenticate: clouds.before(users(), Duration::ZERO),
        ..BrokerConfig::default()
    })
}

/// One user, `u` with the password `p`.
pub(crate) fn users() -> Box<dyn Authenticate> {
    Box::new(UserList::new().with_user("u", "p"))
}

pub(crate) fn of(login: &Login) -> ConnectFields {
    ConnectFields {
        client_id: Bytes::copy_from_slice(&login.client_id),
        username: Some(Bytes::copy_from_slice(&login.user_name)),
        password: Some(Bytes::copy_from_slice(&login.password)),
        ..clean("")
    }
}

pub(crate) fn fields(client_id: &str, username: &str, password: &str) -> ConnectFields {
    ConnectFields {
        username: Some(Bytes::copy_from_slice(username.as_bytes())),
        password: Some(Bytes::copy_from_slice(password.as_bytes())),
        ..clean(client_id)
    }
}

/// CONNACK's code for a login.
pub(crate) fn log_in(world: &mut World, login: &Login) -> u8 {
    code(world, &of(login))
}

/// CONNACK's code.
pub(crate) fn code(world: &mut World, fields: &ConnectFields) -> u8 {
    let connection = world.open();
    world.send(connection, &packet::connect(fields).expect("fits"));
    match world.recv(connection) {
        Some(Packet::Connack(ack)) => ack.code as u8,
        other => panic!("not CONNACK: {other:?}"),
    }
}
