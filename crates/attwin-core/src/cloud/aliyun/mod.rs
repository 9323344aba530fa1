//! Alibaba Cloud IoT Platform: device signatures (docs/spec/quectel.md 8,
//! docs/spec/yuge.md 9).
//!
//! A device proves that it knows a secret by signing some of its login fields.
//! Which fields, in which spelling, and when, is the dialect's business; this
//! module signs and puts the texts together. It also serves a broker that has
//! to check a login. [`sdk`] has the spellings of one widespread kit.

pub mod sdk;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use arrayvec::ArrayVec;
use hmac::{Hmac, KeyInit, Mac};

/// Longest signature in bytes: that of HMAC-SHA-256.
const LONGEST: usize = 32;

/// A signing method, `signmethod=` of a client identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignMethod {
    /// `hmacmd5`
    HmacMd5,
    /// `hmacsha1`
    HmacSha1,
    /// `hmacsha256`
    HmacSha256,
}

/// Who a device is: the product it belongs to, and its name there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device<'a> {
    /// `ProductKey`
    pub product_key: &'a [u8],
    /// `DeviceName`
    pub device_name: &'a [u8],
}

/// A signature; prints as hexadecimal in either case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature(ArrayVec<u8, LONGEST>);

impl SignMethod {
    /// Name as it stands in a client identifier.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HmacMd5 => "hmacmd5",
            Self::HmacSha1 => "hmacsha1",
            Self::HmacSha256 => "hmacsha256",
        }
    }

    /// The method of this name.
    pub fn find(name: &[u8]) -> Option<Self> {
        [Self::HmacMd5, Self::HmacSha1, Self::HmacSha256]
            .into_iter()
            .find(|method| method.name().as_bytes() == name)
    }

    /// HMAC of bytes under a key.
    pub(super) fn hmac(self, key: &[u8], content: &[u8]) -> Signature {
        match self {
            Self::HmacMd5 => mac::<Hmac<md5::Md5>>(key, content),
            Self::HmacSha1 => mac::<Hmac<sha1::Sha1>>(key, content),
            Self::HmacSha256 => mac::<Hmac<sha2::Sha256>>(key, content),
        }
    }

    /// Signs the named values with a device or product secret.
    ///
    /// What is signed is each name directly followed by its value, in
    /// alphabetical order of the names, with nothing between them.
    pub fn sign(self, secret: &[u8], values: &[(&str, &[u8])]) -> Signature {
        self.hmac(secret, &content(values))
    }
}

impl Device<'_> {
    /// Signature of a device's login as `client_id`, which is the part of the
    /// MQTT client identifier before the first bar. `timestamp` is signed if
    /// the client identifier carries one.
    pub fn sign_login(
        &self,
        method: SignMethod,
        device_secret: &[u8],
        client_id: &[u8],
        timestamp: Option<&[u8]>,
    ) -> Signature {
        let mut values: ArrayVec<(&str, &[u8]), 4> = ArrayVec::new();
        values.push(("clientId", client_id));
        values.push(("deviceName", self.device_name));
        values.push(("productKey", self.product_key));
        values.extend(timestamp.map(|timestamp| ("timestamp", timestamp)));
        method.sign(device_secret, &values)
    }

    /// Signature of a dynamic registration, with the secret all devices of the
    /// product share (docs/spec/yuge.md 9.4).
    pub fn sign_registration(
        &self,
        method: SignMethod,
        product_secret: &[u8],
        random: u32,
    ) -> Signature {
        let random = format!("{random}");
        method.sign(
            product_secret,
            &[
                ("deviceName", self.device_name),
                ("productKey", self.product_key),
                ("random", random.as_bytes()),
            ],
        )
    }

    /// MQTT user name: `<DeviceName>&<ProductKey>`.
    pub fn user_name(&self) -> Vec<u8> {
        [self.device_name, b"&", self.product_key].concat()
    }

    /// Host name of the product's endpoint in a region, `cn-shanghai`.
    pub fn host(&self, region: &str) -> String {
        let product = String::from_utf8_lossy(self.product_key);
        format!("{product}.iot-as-mqtt.{region}.aliyuncs.com")
    }
}

/// MQTT client identifier: `<id>|<name>=<value>,…<end>`, the parameters in the
/// order given. `end` is `|`, or `,|` where the vendor's own kit leaves a comma
/// behind (docs/spec/yuge.md 9.3).
pub fn client_id(id: &[u8], parameters: &[(&str, &str)], end: &str) -> Vec<u8> {
    let mut out = Vec::from(id);
    for (i, (name, value)) in parameters.iter().enumerate() {
        out.push(if i == 0 { b'|' } else { b',' });
        out.extend_from_slice(name.as_bytes());
        out.push(b'=');
        out.extend_from_slice(value.as_bytes());
    }
    out.extend_from_slice(end.as_bytes());
    out
}

impl Signature {
    /// Its bytes.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::LowerHex for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::UpperHex for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

fn content(values: &[(&str, &[u8])]) -> Vec<u8> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by_key(|(name, _)| *name);
    let mut content = Vec::new();
    for (name, value) in sorted {
        content.extend_from_slice(name.as_bytes());
        content.extend_from_slice(value);
    }
    content
}

fn mac<M: Mac + KeyInit>(secret: &[u8], content: &[u8]) -> Signature {
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(secret) else {
        // HMAC takes keys of any length.
        return Signature(ArrayVec::new());
    };
    mac.update(content);
    Signature(mac.finalize().into_bytes().into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::SignMethod::{HmacMd5, HmacSha1, HmacSha256};
    use super::*;

    /// docs/spec/quectel.md 8.2
    const EXAMPLE: Device<'_> = Device {
        product_key: b"oyjtmPI5a5j",
        device_name: b"MQTT_TEST",
    };
    const EXAMPLE_SECRET: &[u8] = b"wN9Y6pZSIly7Exa5qVzcmigEGO4kAazZ";
    /// docs/spec/yuge.md 9.3
    const SDK_TIMESTAMP: &[u8] = b"2524608000000";

    fn example(method: SignMethod, timestamp: Option<&[u8]>) -> String {
        let signature = EXAMPLE.sign_login(method, EXAMPLE_SECRET, b"clientExample", timestamp);
        format!("{signature:x}")
    }

    #[test]
    fn the_manuals_device_with_seconds() {
        let seconds = Some(&b"1587513600"[..]);
        assert_eq!(
            example(HmacSha1, seconds),
            "37fa79f06b4ef435e80dbb1b96353433a6fa47a1"
        );
        assert_eq!(
            example(HmacSha256, seconds),
            "a25fef5c7169dee186828c7526b269ab89ec0d9c03b793893254072480d8fae7"
        );
        assert_eq!(
            example(HmacMd5, seconds),
            "b00086ae3049e4d3622eb73c31c9c56d"
        );
    }

    #[test]
    fn the_manuals_device_with_milliseconds_and_without_a_time() {
        let milliseconds = Some(&b"1587513600000"[..]);
        assert_eq!(
            example(HmacSha1, milliseconds),
            "13a3041685ad676b90f9928a2f50ccebbcf0a3cf"
        );
        assert_eq!(
            example(HmacSha256, milliseconds),
            "fe1a92ae8de4861863b4c4ee93a43a206020927f70b2f14e34431c9afcb8652a"
        );
        assert_eq!(
            example(HmacSha1, None),
            "1cc463d534daff2e882fc10323ce58609bd7d4af"
        );
    }

    #[test]
    fn what_is_signed_is_sorted_by_name() {
        let values: [(&str, &[u8]); 4] = [
            ("timestamp", b"1587513600"),
            ("productKey", b"oyjtmPI5a5j"),
            ("clientId", b"clientExample"),
            ("deviceName", b"MQTT_TEST"),
        ];
        assert_eq!(
            content(&values),
            b"clientIdclientExampledeviceNameMQTT_TESTproductKeyoyjtmPI5a5jtimestamp1587513600"
        );
    }

    #[test]
    fn independent_vectors() {
        type Vector = (&'static [u8], [&'static [u8]; 4], &'static str);
        let vectors: [Vector; 2] = [
            (
                b"secret",
                [b"12345", b"device", b"pk", b"789"],
                "fafd82a3d602b37fb0fa8b7892f24a477f851a14",
            ),
            (
                b"oLyaKqVxtRvjH284LdhqVgVUx1UPy6zq",
                [
                    b"SN1928339",
                    b"light1983432",
                    b"a14Xib5kdYd",
                    b"1539421321846",
                ],
                "b2488041f64f425016b467ee1c94959ebd592ad1",
            ),
        ];
        for (secret, [id, device_name, product_key, timestamp], want) in vectors {
            let device = Device {
                product_key,
                device_name,
            };
            let signature = device.sign_login(HmacSha1, secret, id, Some(timestamp));
            assert_eq!(format!("{signature:x}"), want);
        }
    }

    #[test]
    fn user_name_and_client_identifiers() {
        assert_eq!(EXAMPLE.user_name(), b"MQTT_TEST&oyjtmPI5a5j");
        for (mode, want) in [
            (
                "3",
                "clientExample|securemode=3,signmethod=hmacsha1,timestamp=1587513600|",
            ),
            (
                "2",
                "clientExample|securemode=2,signmethod=hmacsha1,timestamp=1587513600|",
            ),
        ] {
            let parameters = [
                ("securemode", mode),
                ("signmethod", HmacSha1.name()),
                ("timestamp", "1587513600"),
            ];
            assert_eq!(
                client_id(b"clientExample", &parameters, "|"),
                want.as_bytes()
            );
        }
    }

    #[test]
    fn the_c_kits_client_identifier_and_host() {
        let device = Device {
            product_key: b"a1R3d3WsBI0",
            device_name: b"test1",
        };
        let parameters = [
            ("timestamp", "2524608000000"),
            ("_ss", "1"),
            ("_v", "sdk-c-4.1.0"),
            ("securemode", "3"),
            ("signmethod", HmacSha256.name()),
            ("ext", "3"),
        ];
        let id = client_id(b"a1R3d3WsBI0.test1", &parameters, ",|");
        assert_eq!(
            id,
            b"a1R3d3WsBI0.test1|timestamp=2524608000000,_ss=1,_v=sdk-c-4.1.0,\
              securemode=3,signmethod=hmacsha256,ext=3,|"
        );
        assert_eq!(id.len(), 105);
        assert_eq!(device.user_name(), b"test1&a1R3d3WsBI0");
        assert_eq!(
            device.host("cn-shanghai"),
            "a1R3d3WsBI0.iot-as-mqtt.cn-shanghai.aliyuncs.com"
        );
    }

    /// docs/spec/yuge.md 9.3: product key, device name, secret, method, signature.
    #[test]
    fn the_c_kits_logins() {
        type Vector = (
            &'static str,
            &'static str,
            &'static str,
            SignMethod,
            &'static str,
        );
        let vectors: [Vector; 7] = [
            (
                "a1R3d3WsBI0",
                "test1",
                "c75b6a4e39342f02ec161ba682566054",
                HmacSha256,
                "7736D8DF906501824D93305798BFCCF8763AE97F0D3258A2CB9C2A6FFD25E155",
            ),
            (
                "a1R3d3WsBI0",
                "test1",
                "c75b6a4e39342f02ec161ba682566054",
                HmacSha1,
                "F6A1FBC1FD9585F255811162B4C0DE3802EB74D8",
            ),
            (
                "a1R3d3WsBI0",
                "test1",
                "c75b6a4e39342f02ec161ba682566054",
                HmacMd5,
                "870F6FC71859677B352A640A21D14FBC",
            ),
            (
                "a1m8qO1ceKE",
                "SDK_0004",
                "8f920db5114396521af911861d60886d",
                HmacSha256,
                "2AA3604506BF0279900696FB503958883AE82855B39CE8D63E565DDEECC9AE43",
            ),
            (
                "a1m8qO1ceKE",
                "SDK_0004",
                "8f920db5114396521af911861d60886d",
                HmacSha1,
                "DE450A34D5C09DA2397BC7B018537CE266D891FA",
            ),
            (
                "a1ArHWIBwWN",
                "mqtt1",
                "Fg5PVTXX6fjI7A8Bli2Oj9z9rUeLMftK",
                HmacSha256,
                "A2222F36279A35BA4F01DDFFB1FC7667C41CD6DCE7FF397F2B69117C8DA4448D",
            ),
            (
                "a1ArHWIBwWN",
                "mqtt1",
                "Fg5PVTXX6fjI7A8Bli2Oj9z9rUeLMftK",
                HmacSha1,
                "C195BA12DF0423F8BB3A98D8BD630176817700CE",
            ),
        ];
        for (product_key, device_name, secret, method, want) in vectors {
            let device = Device {
                product_key: product_key.as_bytes(),
                device_name: device_name.as_bytes(),
            };
            let id = format!("{product_key}.{device_name}");
            let signature = device.sign_login(
                method,
                secret.as_bytes(),
                id.as_bytes(),
                Some(SDK_TIMESTAMP),
            );
            assert_eq!(format!("{signature:X}"), want);
        }
    }

    #[test]
    fn the_classic_form_of_the_same_device() {
        let device = Device {
            product_key: b"a1R3d3WsBI0",
            device_name: b"test1",
        };
        let sign = |method| {
            let secret = b"c75b6a4e39342f02ec161ba682566054";
            format!(
                "{:x}",
                device.sign_login(method, secret, b"test1", Some(b"789"))
            )
        };
        assert_eq!(sign(HmacSha1), "021b504fc1cd1f61ea155f3e84dc94027e1b7e90");
        assert_eq!(
            sign(HmacSha256),
            "2bcb59d1457b5e8d52c6460c1314a9f4127fbd925edde6314d0f3ecf04ae101c"
        );
    }

    /// docs/spec/yuge.md 9.4
    #[test]
    fn dynamic_registration() {
        let sign = |device_name: &[u8], method| {
            let device = Device {
                product_key: b"a1m8qO1ceKE",
                device_name,
            };
            let signature = device.sign_registration(method, b"VPCTjT8dGTXr5Jpg", 1_234_567_890);
            format!("{signature:X}")
        };
        assert_eq!(
            sign(b"SDK_0004", HmacSha256),
            "18E8F5F38A60B9CC7C571095B6C658CBA1C1B76295EA1BC6800736BBFC18859D"
        );
        assert_eq!(
            sign(b"SDK_0004", HmacSha1),
            "807C70EF828761170267B71C6AF99DC37A1DA0C6"
        );
        assert_eq!(
            sign(b"SDK_0007", HmacSha256),
            "8D1F17AF36AF0E61AF65D3E9D7CE246F872342BE2348D6A351C140EDA870A686"
        );
        assert_eq!(
            sign(b"SDK_0007", HmacSha1),
            "C143B4126FB01F61E16C21A82E6E35B0F98F981C"
        );
        let parameters = [
            ("random", "1234567890"),
            ("authType", "register"),
            ("securemode", "2"),
            ("signmethod", "hmacsha256"),
        ];
        let id = client_id(b"SDK_0004.a1m8qO1ceKE", &parameters, "|");
        assert_eq!(
            id,
            b"SDK_0004.a1m8qO1ceKE|random=1234567890,authType=register,securemode=2,signmethod=hmacsha256|"
        );
        assert_eq!(id.len(), 92);
    }

    #[test]
    fn the_platforms_own_registration_vector() {
        let device = Device {
            product_key: b"al123456789",
            device_name: b"device1",
        };
        let signature = device.sign_registration(HmacSha1, b"h1nQFYPZS0mW2352", 123);
        assert_eq!(
            format!("{signature:x}"),
            "d6146f9ad1209149bfaf56341f267283e3e2b4ad"
        );
    }

    #[test]
    fn methods_are_found_by_name() {
        assert_eq!(SignMethod::find(b"hmacsha256"), Some(HmacSha256));
        assert_eq!(SignMethod::find(b"sha256"), None);
    }

    #[test]
    fn secrets_of_any_length_sign() {
        for len in [0, 1, 64, 65, 1000] {
            let secret = alloc::vec![b'x'; len];
            let signature = HmacSha256.sign(&secret, &[]);
            assert_eq!(format!("{signature:x}").len(), 64);
        }
    }
}
