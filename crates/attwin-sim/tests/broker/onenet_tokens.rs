//! Devices that log in at OneNET (docs/spec/onemo.md A9).

use attwin_core::cloud::onenet::{Claim, Method};
use attwin_sim::broker::cloud::{Clouds, OneNet, OneNetDevice, OneNetProduct};

use crate::cloud::{code, fields, users};
use crate::common::*;

const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const PRODUCT_KEY: &str = "cHJvZHVjdCBrZXk=";
/// When the broker was started, in Unix seconds.
const ORIGIN: u64 = 1_700_000_000;

fn world() -> World {
    let mut onenet = OneNet::default();
    let product = OneNetProduct {
        id: "123456".into(),
        key: PRODUCT_KEY.into(),
    };
    onenet.add_product(product).expect("a product");
    let device = OneNetDevice {
        product: "123456".into(),
        name: "dev01".into(),
        key: KEY.into(),
    };
    onenet.add_device(device).expect("a device");
    let clouds = Clouds {
        onenet,
        ..Clouds::default()
    };
    World::with(BrokerConfig {
        authenticate: clouds.before(users(), secs(ORIGIN)),
        ..BrokerConfig::default()
    })
}

fn token(resource: &str, key: &str, expiry: u64, method: Method) -> String {
    let claim = Claim {
        version: "2018-10-31",
        resource,
        expiry,
        method,
    };
    claim.sign(key.as_bytes()).expect("a key")
}

const DEVICE: &str = "products/123456/devices/dev01";
const FAR: u64 = 4_102_416_000;

#[test]
fn the_worked_token_is_accepted() {
    let password = "version=2018-10-31&res=products%2F123456%2Fdevices%2Fdev01\
                    &et=4102416000&method=sha1&sign=WjLx84f8G7PBu362ubdH%2FZUxgHo%3D";
    assert_eq!(code(&mut world(), &fields("dev01", "123456", password)), 0);
}

#[test]
fn every_method_is_accepted() {
    for method in [Method::Md5, Method::Sha1, Method::Sha256] {
        let password = token(DEVICE, KEY, FAR, method);
        assert_eq!(code(&mut world(), &fields("dev01", "123456", &password)), 0);
    }
}

#[test]
fn a_products_token_serves_all_its_devices() {
    let password = token("products/123456", PRODUCT_KEY, FAR, Method::Sha256);
    for device in ["dev01", "dev02"] {
        assert_eq!(code(&mut world(), &fields(device, "123456", &password)), 0);
    }
}

#[test]
fn what_is_not_right_is_refused_with_4() {
    let sha1 = |resource, key| token(resource, key, FAR, Method::Sha1);
    for (device, password) in [
        ("dev01", sha1(DEVICE, PRODUCT_KEY)),
        ("dev02", sha1(DEVICE, KEY)),
        ("dev02", sha1("products/123456/devices/dev02", KEY)),
        ("dev01", sha1("products/123456", KEY)),
        ("dev01", sha1("products/654321/devices/dev01", KEY)),
        ("dev01", sha1(DEVICE, KEY).replace("sha1", "md5")),
        (
            "dev01",
            sha1(DEVICE, KEY).replace("4102416000", "4102416001"),
        ),
        ("dev01", "secret".to_owned()),
        ("dev01", String::new()),
    ] {
        let fields = fields(device, "123456", &password);
        assert_eq!(code(&mut world(), &fields), 4, "{device} {password}");
    }
}

#[test]
fn a_token_ends_by_the_brokers_clock() {
    let mut world = world();
    let password = token(DEVICE, KEY, ORIGIN + 60, Method::Sha1);
    let fields = fields("dev01", "123456", &password);
    world.advance(secs(59));
    assert_eq!(code(&mut world, &fields), 0);
    world.advance(secs(1));
    assert_eq!(code(&mut world, &fields), 4);
}

#[test]
fn other_user_names_are_left_to_the_list_of_users() {
    assert_eq!(code(&mut world(), &fields("dev01", "u", "p")), 0);
    assert_eq!(code(&mut world(), &fields("dev01", "u", "q")), 4);
}
