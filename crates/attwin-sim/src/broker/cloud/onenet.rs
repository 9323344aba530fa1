//! China Mobile OneNET as its devices see it (docs/spec/onemo.md A9).
//!
//! A login is OneNET's if its user name is one of the products; any other is
//! left to the next hook.

use std::collections::BTreeMap;

use attwin_core::cloud::onenet::{Claim, Method, Token};
use attwin_core::mqtt::packet::{ConnectReturnCode, QoS};
use attwin_core::{Duration, Instant};

use super::error::{CloudError, check_name};
use crate::broker::auth::{Authenticate, Credentials, Verdict};

/// What no name may hold: it stands in a path.
const RESERVED: &str = "/";

/// What the platform knows.
#[derive(Debug, Clone, Default)]
pub struct OneNet {
    /// Products and their access keys.
    products: BTreeMap<String, String>,
    /// Access keys of devices, by product and name.
    devices: BTreeMap<(String, String), String>,
}

/// A product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneNetProduct {
    /// Its id, the user name of its devices.
    pub id: String,
    /// Its access key in base64, which signs tokens for all its devices.
    pub key: String,
}

/// A device with a key of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneNetDevice {
    /// Id of its product.
    pub product: String,
    /// Its name, the client identifier.
    pub name: String,
    /// Its access key in base64.
    pub key: String,
}

/// [`OneNet`] before another hook.
struct Platform {
    known: OneNet,
    /// Unix time at the origin of the broker's clock.
    origin: Duration,
    otherwise: Box<dyn Authenticate>,
}

impl OneNet {
    /// Adds a product.
    pub fn add_product(&mut self, product: OneNetProduct) -> Result<(), CloudError> {
        check_name(&product.id, RESERVED)?;
        check_key(&product.key)?;
        if self.products.contains_key(&product.id) {
            return Err(CloudError::Twice(product.id));
        }
        self.products.insert(product.id, product.key);
        Ok(())
    }

    /// Adds a device of a product added before.
    pub fn add_device(&mut self, device: OneNetDevice) -> Result<(), CloudError> {
        if !self.products.contains_key(&device.product) {
            return Err(CloudError::UnknownProduct(device.product));
        }
        check_name(&device.name, RESERVED)?;
        check_key(&device.key)?;
        let name = (device.product, device.name);
        if self.devices.contains_key(&name) {
            return Err(CloudError::Twice(name.1));
        }
        self.devices.insert(name, device.key);
        Ok(())
    }

    /// Whether the platform knows no product.
    pub fn is_empty(&self) -> bool {
        self.products.is_empty()
    }

    /// The hook, before another that decides about all other logins.
    pub(super) fn before(
        self,
        otherwise: Box<dyn Authenticate>,
        origin: Duration,
    ) -> Box<dyn Authenticate> {
        Box::new(Platform {
            known: self,
            origin,
            otherwise,
        })
    }

    /// The key that signs tokens for a resource a device may open.
    fn key(&self, product: &str, device: &str, resource: &str) -> Option<&str> {
        let of_product = format!("products/{product}");
        if resource == of_product {
            return self.products.get(product).map(String::as_str);
        }
        let name = (product.to_owned(), device.to_owned());
        (resource == format!("{of_product}/devices/{device}"))
            .then(|| self.devices.get(&name).map(String::as_str))?
    }
}

impl Authenticate for Platform {
    fn max_qos(&self, credentials: &Credentials<'_>) -> QoS {
        self.otherwise.max_qos(credentials)
    }

    fn check(&mut self, now: Instant, credentials: &Credentials<'_>) -> Verdict {
        let product = credentials
            .username
            .filter(|name| self.known.products.contains_key(*name));
        let Some(product) = product else {
            return self.otherwise.check(now, credentials);
        };
        let time = (self.origin + now.since_origin()).as_secs();
        let password = credentials.password.unwrap_or_default();
        let good = std::str::from_utf8(password)
            .ok()
            .and_then(Token::parse)
            .is_some_and(|token| {
                let key = self
                    .known
                    .key(product, credentials.client_id, &token.resource);
                token.expiry > time && key.is_some_and(|key| token.is_signed_with(key.as_bytes()))
            });
        if good {
            Verdict::Accept
        } else {
            Verdict::Refuse(ConnectReturnCode::BadUserNameOrPassword)
        }
    }
}

/// A key that can sign.
fn check_key(key: &str) -> Result<(), CloudError> {
    let any = Claim {
        version: "",
        resource: "",
        expiry: 0,
        method: Method::Sha1,
    };
    match any.sign(key.as_bytes()) {
        Some(_) if !key.is_empty() => Ok(()),
        _ => Err(CloudError::Key(key.into())),
    }
}
