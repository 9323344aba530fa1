//! The logins of Alibaba's C Link SDK 4.1.0, which some modules embed
//! (docs/spec/yuge.md 9.3 and 9.4).
//!
//! The platform reads the parameters of a client identifier in any order; the
//! order here is the kit's own, byte for byte.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;

use super::{Device, SignMethod, client_id};

/// What the kit signs and sends for the time of day.
pub const TIMESTAMP: &str = "2524608000000";
/// How the kit calls itself.
pub const VERSION: &str = "sdk-c-4.1.0";

/// What CONNECT carries.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// MQTT client identifier.
    pub client_id: Vec<u8>,
    /// User name.
    pub user_name: Vec<u8>,
    /// Password.
    pub password: Vec<u8>,
}

/// The login of a device with a secret of its own (docs/spec/yuge.md 9.3), over
/// TLS or not.
pub fn device_login(device: &Device<'_>, device_secret: &[u8], tls: bool) -> Login {
    let method = SignMethod::HmacSha256;
    let id = [device.product_key, b".", device.device_name].concat();
    let signature = device.sign_login(method, device_secret, &id, Some(TIMESTAMP.as_bytes()));
    let parameters = [
        ("timestamp", TIMESTAMP),
        ("_ss", "1"),
        ("_v", VERSION),
        ("securemode", if tls { "2" } else { "3" }),
        ("signmethod", method.name()),
        ("ext", "3"),
    ];
    Login {
        client_id: client_id(&id, &parameters, ",|"),
        user_name: device.user_name(),
        password: format!("{signature:X}").into_bytes(),
    }
}

/// The login of a device whose registration gave it a token instead of a
/// secret; `id` and `token` are those of [`Granted::Token`] (docs/spec/yuge.md 9.4
/// step 6). The same over TLS and without.
pub fn token_login(device: &Device<'_>, id: &str, token: &str) -> Login {
    let parameters = [
        ("authType", AUTH_TYPE_TOKEN),
        ("securemode", "-2"),
        ("_ss", "1"),
        ("ext", "3"),
        ("_v", VERSION),
    ];
    Login {
        client_id: client_id(id.as_bytes(), &parameters, "|"),
        user_name: device.user_name(),
        password: token.into(),
    }
}

/// `authType` of [`token_login`].
pub const AUTH_TYPE_TOKEN: &str = "connwl";

/// The two kinds of dynamic registration (docs/spec/yuge.md 9.4): a device that
/// knows only its product's secret obtains credentials of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Registration {
    /// Mode 1: the platform knows the device's name beforehand, and gives it
    /// its secret.
    PreRegistered,
    /// Mode 2: the platform has never heard of the device (`nwl`, no
    /// whitelist), and gives it a token.
    Unregistered,
}

/// What a device has after its registration.
#[derive(Clone, PartialEq, Eq)]
pub enum Granted {
    /// The device secret, for [`device_login`].
    Secret(String),
    /// For [`token_login`].
    Token {
        /// What the client identifier begins with.
        client_id: String,
        /// The password.
        token: String,
    },
}

/// Why a pushed message grants nothing.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// Not a JSON object with the wanted members, or they are no strings.
    #[error("expected a JSON object with the members {members}: {source}")]
    Json {
        /// The members wanted.
        members: &'static str,
        /// What the parser says.
        source: serde_json::Error,
    },
    /// A wanted member is the empty string.
    #[error("expected a value for the members {0}, got an empty string")]
    Empty(&'static str),
}

impl Registration {
    /// Both.
    pub const ALL: [Self; 2] = [Self::PreRegistered, Self::Unregistered];

    /// `authType` in the client identifier.
    pub const fn auth_type(self) -> &'static str {
        match self {
            Self::PreRegistered => "register",
            Self::Unregistered => "regnwl",
        }
    }

    /// The topic on which the platform sends what it grants, without any
    /// subscription.
    pub const fn topic(self) -> &'static str {
        match self {
            Self::PreRegistered => "/ext/register",
            Self::Unregistered => "/ext/regnwl",
        }
    }

    /// The login that asks for the registration. `random` is signed, so that
    /// no two are alike. `securemode` is 2 with or without TLS.
    pub fn login(self, device: &Device<'_>, product_secret: &[u8], random: u32) -> Login {
        let method = SignMethod::HmacSha256;
        let signature = device.sign_registration(method, product_secret, random);
        let parameters = [
            ("random", &*format!("{random}")),
            ("authType", self.auth_type()),
            ("securemode", "2"),
            ("signmethod", method.name()),
        ];
        let id = [device.device_name, b".", device.product_key].concat();
        Login {
            client_id: client_id(&id, &parameters, "|"),
            user_name: device.user_name(),
            password: format!("{signature:X}").into_bytes(),
        }
    }

    /// Reads the message sent on [`topic`](Self::topic): a JSON object with
    /// its members in any order. Members nobody asked for are ignored, the
    /// product key and the device name among them.
    pub fn parse_grant(self, payload: &[u8]) -> Result<Granted, GrantError> {
        match self {
            Self::PreRegistered => {
                const MEMBERS: &str = "deviceSecret";
                let SecretMessage { device_secret } = parse(payload, MEMBERS)?;
                if device_secret.is_empty() {
                    return Err(GrantError::Empty(MEMBERS));
                }
                Ok(Granted::Secret(device_secret))
            }
            Self::Unregistered => {
                const MEMBERS: &str = "clientId and deviceToken";
                let TokenMessage { client_id, token } = parse(payload, MEMBERS)?;
                if client_id.is_empty() || token.is_empty() {
                    return Err(GrantError::Empty(MEMBERS));
                }
                Ok(Granted::Token { client_id, token })
            }
        }
    }
}

#[derive(Deserialize)]
struct SecretMessage {
    #[serde(rename = "deviceSecret")]
    device_secret: String,
}

#[derive(Deserialize)]
struct TokenMessage {
    #[serde(rename = "clientId")]
    client_id: String,
    #[serde(rename = "deviceToken")]
    token: String,
}

fn parse<'a, T: Deserialize<'a>>(
    payload: &'a [u8],
    members: &'static str,
) -> Result<T, GrantError> {
    // A derived reader also takes an array with the members' values in order.
    if payload.trim_ascii_start().first() != Some(&b'{') {
        let source = serde::de::Error::custom("not an object");
        return Err(GrantError::Json { members, source });
    }
    serde_json::from_slice(payload).map_err(|source| GrantError::Json { members, source })
}

#[cfg(test)]
mod tests {
    use super::Registration::{PreRegistered, Unregistered};
    use super::*;

    const fn device<'a>(product_key: &'a str, device_name: &'a str) -> Device<'a> {
        Device {
            product_key: product_key.as_bytes(),
            device_name: device_name.as_bytes(),
        }
    }

    fn text(bytes: &[u8]) -> &str {
        core::str::from_utf8(bytes).unwrap()
    }

    /// docs/spec/yuge.md 9.3
    #[test]
    fn a_device_logs_in_without_tls() {
        let device = device("a1R3d3WsBI0", "test1");
        let login = device_login(&device, b"c75b6a4e39342f02ec161ba682566054", false);
        assert_eq!(
            text(&login.client_id),
            "a1R3d3WsBI0.test1|timestamp=2524608000000,_ss=1,_v=sdk-c-4.1.0,\
             securemode=3,signmethod=hmacsha256,ext=3,|"
        );
        assert_eq!(login.client_id.len(), 105);
        assert_eq!(text(&login.user_name), "test1&a1R3d3WsBI0");
        assert_eq!(
            text(&login.password),
            "7736D8DF906501824D93305798BFCCF8763AE97F0D3258A2CB9C2A6FFD25E155"
        );
    }

    /// docs/spec/yuge.md 9.6, the third call
    #[test]
    fn a_device_logs_in_over_tls() {
        let device = device("a1m8qO1ceKE", "SDK_0004");
        let login = device_login(&device, b"8f920db5114396521af911861d60886d", true);
        assert_eq!(
            text(&login.client_id),
            "a1m8qO1ceKE.SDK_0004|timestamp=2524608000000,_ss=1,_v=sdk-c-4.1.0,\
             securemode=2,signmethod=hmacsha256,ext=3,|"
        );
        assert_eq!(text(&login.user_name), "SDK_0004&a1m8qO1ceKE");
        assert_eq!(
            text(&login.password),
            "2AA3604506BF0279900696FB503958883AE82855B39CE8D63E565DDEECC9AE43"
        );
    }

    /// docs/spec/yuge.md 9.4
    #[test]
    fn a_pre_registered_device_registers() {
        let device = device("a1m8qO1ceKE", "SDK_0004");
        let login = PreRegistered.login(&device, b"VPCTjT8dGTXr5Jpg", 1_234_567_890);
        assert_eq!(
            text(&login.client_id),
            "SDK_0004.a1m8qO1ceKE|random=1234567890,authType=register,securemode=2,\
             signmethod=hmacsha256|"
        );
        assert_eq!(login.client_id.len(), 92);
        assert_eq!(text(&login.user_name), "SDK_0004&a1m8qO1ceKE");
        assert_eq!(
            text(&login.password),
            "18E8F5F38A60B9CC7C571095B6C658CBA1C1B76295EA1BC6800736BBFC18859D"
        );
        assert_eq!(PreRegistered.topic(), "/ext/register");
    }

    /// docs/spec/yuge.md 9.4
    #[test]
    fn an_unregistered_device_registers() {
        let device = device("a1m8qO1ceKE", "SDK_0007");
        let login = Unregistered.login(&device, b"VPCTjT8dGTXr5Jpg", 1_234_567_890);
        assert_eq!(
            text(&login.client_id),
            "SDK_0007.a1m8qO1ceKE|random=1234567890,authType=regnwl,securemode=2,\
             signmethod=hmacsha256|"
        );
        assert_eq!(text(&login.user_name), "SDK_0007&a1m8qO1ceKE");
        assert_eq!(
            text(&login.password),
            "8D1F17AF36AF0E61AF65D3E9D7CE246F872342BE2348D6A351C140EDA870A686"
        );
        assert_eq!(Unregistered.topic(), "/ext/regnwl");
    }

    /// docs/spec/yuge.md 9.4 step 6 with the values of docs/spec/yuge.md 9.5 point 4
    #[test]
    fn a_device_logs_in_with_its_token() {
        let device = device("a1m8qO1ceKE", "SDK_0007");
        let login = token_login(
            &device,
            "CjM0zO9QT3qPCejlkMYv000100",
            "^1^1684838886568^a073eaabcf8a7f3",
        );
        assert_eq!(
            text(&login.client_id),
            "CjM0zO9QT3qPCejlkMYv000100|authType=connwl,securemode=-2,_ss=1,ext=3,\
             _v=sdk-c-4.1.0|"
        );
        assert_eq!(text(&login.user_name), "SDK_0007&a1m8qO1ceKE");
        assert_eq!(text(&login.password), "^1^1684838886568^a073eaabcf8a7f3");
    }

    fn secret(payload: &str) -> Option<String> {
        match PreRegistered.parse_grant(payload.as_bytes()) {
            Ok(Granted::Secret(secret)) => Some(secret),
            Ok(Granted::Token { .. }) => panic!("a token for mode 1"),
            Err(_) => None,
        }
    }

    fn token(payload: &str) -> Option<(String, String)> {
        match Unregistered.parse_grant(payload.as_bytes()) {
            Ok(Granted::Token { client_id, token }) => Some((client_id, token)),
            Ok(Granted::Secret(_)) => panic!("a secret for mode 2"),
            Err(_) => None,
        }
    }

    #[test]
    fn members_come_in_any_order_and_others_are_ignored() {
        for payload in [
            r#"{"deviceSecret":"8f92","productKey":"a1","deviceName":"d"}"#,
            r#"{"productKey":1,"x":{"deviceSecret":[{}]},"deviceSecret":"8f92"}"#,
            "\r\n\t { \"deviceSecret\" : \"\\u0038f92\" } \n",
        ] {
            assert_eq!(secret(payload).as_deref(), Some("8f92"), "{payload}");
        }
        let want = Some(("c".into(), "^1^t".into()));
        for payload in [
            r#"{"clientId":"c","productKey":"a1","deviceName":"d","deviceToken":"^1^t"}"#,
            r#"{"deviceToken":"\u005e1^t","clientId":"c","deviceSecret":null}"#,
        ] {
            assert_eq!(token(payload), want, "{payload}");
        }
    }

    #[test]
    fn escapes_are_decoded() {
        let payload = r#"{"deviceSecret":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}"#;
        assert_eq!(secret(payload).as_deref(), Some("\"\\/\u{8}\u{c}\n\r\té😀"));
    }

    #[test]
    fn what_lacks_a_value_grants_nothing() {
        for payload in [
            "",
            "{}",
            "not JSON",
            "null",
            r#""deviceSecret""#,
            r#"["8f92"]"#,
            r#"{"deviceSecret":""}"#,
            r#"{"deviceSecret":null}"#,
            r#"{"deviceSecret":8}"#,
            r#"{"deviceSecret":["8f92"]}"#,
            r#"{"devicesecret":"8f92"}"#,
            r#"{"deviceSecret":"8f92""#,
            r#"{"deviceSecret":"8f92"} {}"#,
            r#"{"deviceSecret":"\ud83d"}"#,
        ] {
            assert_eq!(secret(payload), None, "{payload}");
        }
        for payload in [
            r#"{"clientId":"c"}"#,
            r#"{"deviceToken":"t"}"#,
            r#"{"clientId":"","deviceToken":"t"}"#,
            r#"{"clientId":"c","deviceToken":""}"#,
            r#"{"clientId":"c","deviceToken":true}"#,
            r#"["c","t"]"#,
        ] {
            assert_eq!(token(payload), None, "{payload}");
        }
        assert!(
            PreRegistered
                .parse_grant(b"{\"deviceSecret\":\"\xff\"}")
                .is_err()
        );
    }

    #[test]
    fn deep_nesting_does_not_use_the_stack() {
        let depth = 200_000;
        let nested = "[".repeat(depth) + &"]".repeat(depth);
        let payload = format!(r#"{{"x":{nested},"deviceSecret":"8f92"}}"#);
        assert_eq!(secret(&payload).as_deref(), Some("8f92"));
        assert_eq!(secret(&format!(r#"{{"deviceSecret":{nested}}}"#)), None);
        assert_eq!(secret(&"[{\"a\":".repeat(depth)), None);
    }

    #[test]
    fn errors_name_the_members() {
        let message =
            |registration: Registration, payload: &[u8]| match registration.parse_grant(payload) {
                Ok(_) => String::new(),
                Err(error) => format!("{error}"),
            };
        let absent = message(PreRegistered, b"{}");
        assert!(absent.contains("missing field `deviceSecret`"), "{absent}");
        assert_eq!(
            message(Unregistered, br#"{"clientId":"","deviceToken":""}"#),
            "expected a value for the members clientId and deviceToken, got an empty string"
        );
    }
}
