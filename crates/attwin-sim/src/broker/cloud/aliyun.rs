//! Alibaba Cloud IoT Platform as its devices see it (docs/spec/yuge.md 9.5,
//! docs/spec/quectel.md 8).
//!
//! A login is Alibaba's if its client identifier ends with a bar; any other is
//! left to the next hook.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use attwin_core::Instant;
use attwin_core::cloud::aliyun::sdk::{AUTH_TYPE_TOKEN, Registration};
use attwin_core::cloud::aliyun::{Device, SignMethod};
use attwin_core::mqtt::packet::{ConnectReturnCode, QoS};

use super::error::{CloudError, check_name};
use super::registration::{Answer, Grant};
use crate::broker::auth::{Authenticate, Credentials, Verdict};

/// Tokens given out at most; a registration beyond them is refused with code 3
/// (server unavailable).
const MOST_TOKENS: usize = 10_000;
/// What no name may hold: it stands between these in a login.
const RESERVED: &str = "&|,=";

const WRONG: Verdict = Verdict::Refuse(ConnectReturnCode::BadUserNameOrPassword);
const NOT_ALLOWED: Verdict = Verdict::Refuse(ConnectReturnCode::NotAuthorized);

/// What the platform knows, and how it answers registrations.
#[derive(Debug, Clone, Default)]
pub struct Aliyun {
    products: BTreeMap<String, AliyunProduct>,
    devices: BTreeMap<Name, AliyunDevice>,
    answers: VecDeque<Answer>,
    seed: u64,
}

/// A product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliyunProduct {
    /// `ProductKey`.
    pub key: String,
    /// `ProductSecret`, which signs registrations.
    pub secret: String,
    /// Whether devices that were not added may register, for a token.
    pub unregistered: bool,
}

/// A device the platform knows by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliyunDevice {
    /// `ProductKey` of its product.
    pub product: String,
    /// `DeviceName`.
    pub name: String,
    /// `DeviceSecret`, which signs logins; a registration gives a fresh one to
    /// a device that has none.
    pub secret: Option<String>,
    /// Whether it has logged in before; it cannot register any more.
    pub activated: bool,
    /// What a registration for a token gives it, instead of something fresh.
    /// The device can log in with it from the start.
    pub token: Option<TokenLogin>,
}

/// What a device logs in with that has a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenLogin {
    /// The client identifier before the first bar.
    pub client_id: String,
    /// The password.
    pub token: String,
}

/// Product key and device name.
type Name = (String, String);

/// [`Aliyun`] before another hook.
struct Platform {
    known: Aliyun,
    /// Tokens by the client identifier that goes with them.
    issued: BTreeMap<String, (Name, String)>,
    /// Devices that have logged in with a token.
    token_users: BTreeSet<Name>,
    otherwise: Box<dyn Authenticate>,
}

/// A login of one of the platform's kinds.
struct Login<'a> {
    /// The client identifier before the first bar.
    id: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
    device_name: &'a str,
    product_key: &'a str,
    password: &'a [u8],
}

impl Aliyun {
    /// Adds a product.
    pub fn add_product(&mut self, product: AliyunProduct) -> Result<(), CloudError> {
        check_name(&product.key, RESERVED)?;
        if self.products.contains_key(&product.key) {
            return Err(CloudError::Twice(product.key));
        }
        self.products.insert(product.key.clone(), product);
        Ok(())
    }

    /// Adds a device of a product added before.
    pub fn add_device(&mut self, device: AliyunDevice) -> Result<(), CloudError> {
        if !self.products.contains_key(&device.product) {
            return Err(CloudError::UnknownProduct(device.product));
        }
        check_name(&device.name, RESERVED)?;
        if let Some(token) = &device.token {
            check_name(&token.client_id, RESERVED)?;
            if self.tokens().any(|(_, t)| t.client_id == token.client_id) {
                return Err(CloudError::Twice(token.client_id.clone()));
            }
        }
        let name = (device.product.clone(), device.name.clone());
        if self.devices.contains_key(&name) {
            return Err(CloudError::Twice(device.name));
        }
        self.devices.insert(name, device);
        Ok(())
    }

    /// How to answer the next registration that is not answered yet; after the
    /// last of these, registrations are answered properly.
    pub fn answer_next(&mut self, answer: Answer) {
        self.answers.push_back(answer);
    }

    /// Seed of fresh secrets and tokens.
    pub fn set_seed(&mut self, seed: u64) {
        self.seed = seed;
    }

    /// Whether the platform knows no product.
    pub fn is_empty(&self) -> bool {
        self.products.is_empty()
    }

    /// The hook, before another that decides about all other logins.
    pub(super) fn before(self, otherwise: Box<dyn Authenticate>) -> Box<dyn Authenticate> {
        let issued = self
            .tokens()
            .map(|(name, login)| {
                let issued = (name.clone(), login.token.clone());
                (login.client_id.clone(), issued)
            })
            .collect();
        Box::new(Platform {
            known: self,
            issued,
            token_users: BTreeSet::new(),
            otherwise,
        })
    }

    fn tokens(&self) -> impl Iterator<Item = (&Name, &TokenLogin)> {
        self.devices
            .iter()
            .filter_map(|(name, device)| Some((name, device.token.as_ref()?)))
    }

    /// The next number of SplitMix64, the same for the same seed.
    fn random(&mut self) -> u64 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn fresh_secret(&mut self) -> String {
        format!("{:016x}{:016x}", self.random(), self.random())
    }

    /// Shaped like the platform's.
    fn fresh_token(&mut self) -> TokenLogin {
        let (id, time, tail) = (self.random(), self.random(), self.random());
        TokenLogin {
            client_id: format!("{id:020}000100"),
            token: format!("^1^{:013}^{:015x}", time % 10_000_000_000_000, tail >> 4),
        }
    }
}

impl Authenticate for Platform {
    /// The service knows QoS 0 and 1, and grants what is asked beyond as 1.
    fn max_qos(&self, credentials: &Credentials<'_>) -> QoS {
        if split_client_id(credentials.client_id).is_some() {
            QoS::Level1
        } else {
            self.otherwise.max_qos(credentials)
        }
    }

    fn check(&mut self, now: Instant, credentials: &Credentials<'_>) -> Verdict {
        let Some((id, parameters)) = split_client_id(credentials.client_id) else {
            return self.otherwise.check(now, credentials);
        };
        let names = credentials
            .username
            .and_then(|username| username.rsplit_once('&'));
        let Some((device_name, product_key)) = names else {
            return WRONG;
        };
        let login = Login {
            id,
            parameters,
            device_name,
            product_key,
            password: credentials.password.unwrap_or_default(),
        };
        match login.parameter("authType") {
            None => self.device_login(&login),
            Some(AUTH_TYPE_TOKEN) => self.token_login(&login),
            Some(name) => match Registration::ALL
                .into_iter()
                .find(|kind| kind.auth_type() == name)
            {
                Some(kind) => self.register(&login, kind),
                None => WRONG,
            },
        }
    }
}

impl Platform {
    fn device_login(&mut self, login: &Login<'_>) -> Verdict {
        let Some(device) = self.known.devices.get_mut(&login.name()) else {
            return WRONG;
        };
        let (Some(secret), Some(method)) = (&device.secret, login.method()) else {
            return WRONG;
        };
        let timestamp = login.parameter("timestamp").map(str::as_bytes);
        let id = login.id.as_bytes();
        let signature = login
            .device()
            .sign_login(method, secret.as_bytes(), id, timestamp);
        // TLS is not asked for even where the device says it uses it.
        let secure_mode = matches!(login.parameter("securemode"), Some("2" | "3"));
        if !secure_mode || !login.is_signed(&format!("{signature:x}")) {
            return WRONG;
        }
        device.activated = true;
        Verdict::Accept
    }

    fn token_login(&mut self, login: &Login<'_>) -> Verdict {
        let issued = self.issued.get(login.id);
        let right = issued.is_some_and(|(name, token)| {
            *name == login.name() && token.as_bytes() == login.password
        });
        if !right || login.parameter("securemode") != Some("-2") {
            return WRONG;
        }
        if let Some(device) = self.known.devices.get_mut(&login.name()) {
            device.activated = true;
        }
        self.token_users.insert(login.name());
        Verdict::Accept
    }

    fn register(&mut self, login: &Login<'_>, kind: Registration) -> Verdict {
        let product = self.known.products.get(login.product_key);
        let device = self.known.devices.get(&login.name());
        let product = match kind {
            Registration::PreRegistered => {
                product.filter(|_| device.is_some_and(|device| !device.activated))
            }
            Registration::Unregistered => product.filter(|product| {
                product.unregistered && !self.token_users.contains(&login.name())
            }),
        };
        let Some(product) = product else {
            return NOT_ALLOWED;
        };
        if !login.is_registration_of(product) {
            return WRONG;
        }
        match kind {
            Registration::PreRegistered => self.grant_secret(login),
            Registration::Unregistered => self.grant_token(login),
        }
    }

    fn grant_secret(&mut self, login: &Login<'_>) -> Verdict {
        let answer = self.next_answer();
        let device = self.known.devices.get(&login.name());
        let secret = match device.and_then(|device| device.secret.clone()) {
            Some(secret) => secret,
            None => self.known.fresh_secret(),
        };
        if answer.reaches_client()
            && let Some(device) = self.known.devices.get_mut(&login.name())
        {
            device.secret = Some(secret.clone());
        }
        answer.verdict(&Grant {
            topic: Registration::PreRegistered.topic(),
            essential: "deviceSecret",
            members: &[
                ("deviceSecret", &secret),
                ("productKey", login.product_key),
                ("deviceName", login.device_name),
            ],
        })
    }

    fn grant_token(&mut self, login: &Login<'_>) -> Verdict {
        if self.issued.len() >= MOST_TOKENS {
            return Verdict::Refuse(ConnectReturnCode::ServerUnavailable);
        }
        let answer = self.next_answer();
        let device = self.known.devices.get(&login.name());
        let granted = match device.and_then(|device| device.token.clone()) {
            Some(granted) => granted,
            None => self.known.fresh_token(),
        };
        if answer.reaches_client() {
            let issued = (login.name(), granted.token.clone());
            self.issued.insert(granted.client_id.clone(), issued);
        }
        answer.verdict(&Grant {
            topic: Registration::Unregistered.topic(),
            essential: "deviceToken",
            members: &[
                ("clientId", &granted.client_id),
                ("productKey", login.product_key),
                ("deviceName", login.device_name),
                ("deviceToken", &granted.token),
            ],
        })
    }

    fn next_answer(&mut self) -> Answer {
        self.known.answers.pop_front().unwrap_or_default()
    }
}

impl Login<'_> {
    fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| *value)
    }

    fn method(&self) -> Option<SignMethod> {
        SignMethod::find(self.parameter("signmethod").unwrap_or("hmacmd5").as_bytes())
    }

    fn name(&self) -> Name {
        (self.product_key.into(), self.device_name.into())
    }

    fn device(&self) -> Device<'_> {
        Device {
            product_key: self.product_key.as_bytes(),
            device_name: self.device_name.as_bytes(),
        }
    }

    /// Hexadecimal in either case.
    fn is_signed(&self, signature: &str) -> bool {
        self.password.eq_ignore_ascii_case(signature.as_bytes())
    }

    fn is_registration_of(&self, product: &AliyunProduct) -> bool {
        let (Some(method), Some(random)) = (self.method(), self.parameter("random")) else {
            return false;
        };
        let values = [
            ("deviceName", self.device_name.as_bytes()),
            ("productKey", self.product_key.as_bytes()),
            ("random", random.as_bytes()),
        ];
        let signature = method.sign(product.secret.as_bytes(), &values);
        self.id == format!("{}.{}", self.device_name, self.product_key)
            && matches!(self.parameter("securemode"), Some("2" | "-2"))
            && self.is_signed(&format!("{signature:x}"))
    }
}

/// Whether a device logs in as one that uses TLS, which the platform would
/// refuse without it (docs/spec/yuge.md 9.5).
pub fn claims_tls(client_id: &str) -> bool {
    split_client_id(client_id).is_some_and(|(_, parameters)| {
        parameters.contains(&("securemode", "2"))
            && !parameters.iter().any(|(name, _)| *name == "authType")
    })
}

/// The identifier proper and the parameters behind it; `None` if it is not of
/// the platform's kind.
fn split_client_id(client_id: &str) -> Option<(&str, Vec<(&str, &str)>)> {
    let (id, parameters) = client_id.strip_suffix('|')?.split_once('|')?;
    let parameters = parameters
        .split(',')
        .filter_map(|item| item.split_once('='))
        .collect();
    Some((id, parameters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_come_in_any_order_with_empty_items() {
        assert_eq!(
            split_client_id("a.b|timestamp=1,securemode=3,x,ext=3,|"),
            Some((
                "a.b",
                vec![("timestamp", "1"), ("securemode", "3"), ("ext", "3")]
            ))
        );
        for ordinary in ["", "a", "a|b", "|", "a|"] {
            assert_eq!(split_client_id(ordinary), None, "{ordinary}");
        }
    }

    #[test]
    fn what_is_fresh_has_the_platforms_shape_and_is_never_the_same() {
        let mut aliyun = Aliyun::default();
        let secret = aliyun.fresh_secret();
        assert_eq!(secret.len(), 32);
        assert_ne!(secret, aliyun.fresh_secret());
        let TokenLogin { client_id, token } = aliyun.fresh_token();
        assert_eq!((client_id.len(), token.len()), (26, 32));
        assert_ne!(client_id, aliyun.fresh_token().client_id);
    }
}
