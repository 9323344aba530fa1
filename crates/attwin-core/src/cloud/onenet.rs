//! China Mobile OneNET: the token a device logs in with (docs/spec/onemo.md A9).
//!
//! A token names a resource, says until when it is good, and is signed with
//! the access key of the product or device. [`Claim::sign`] makes one,
//! [`Token::parse`] and [`Token::is_signed_with`] are for a broker that has to
//! check one.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::aliyun::SignMethod;

/// When tokens made by a module end, in Unix seconds.
pub const MODULE_EXPIRY: u64 = 4_102_416_000;

/// What a token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim<'a> {
    /// `version`, a date such as `2018-10-31`.
    pub version: &'a str,
    /// `res`, as in `products/123456/devices/dev01`.
    pub resource: &'a str,
    /// `et`: when it ends, in Unix seconds.
    pub expiry: u64,
    /// `method`.
    pub method: Method,
}

/// How a token is signed, `method=` of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// `md5`
    Md5,
    /// `sha1`
    Sha1,
    /// `sha256`
    Sha256,
}

/// A token as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// `version`.
    pub version: String,
    /// `res`.
    pub resource: String,
    /// `et`, in Unix seconds.
    pub expiry: u64,
    /// `method`.
    pub method: Method,
    signature: Vec<u8>,
}

impl Method {
    const ALL: [Self; 3] = [Self::Md5, Self::Sha1, Self::Sha256];

    /// Name as it stands in a token.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }

    /// The method of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    const fn hmac(self) -> SignMethod {
        match self {
            Self::Md5 => SignMethod::HmacMd5,
            Self::Sha1 => SignMethod::HmacSha1,
            Self::Sha256 => SignMethod::HmacSha256,
        }
    }
}

impl Claim<'_> {
    /// The token, signed with an access key in base64; `None` if the key is
    /// no base64.
    pub fn sign(&self, access_key: &[u8]) -> Option<String> {
        let signature = STANDARD.encode(self.signature(access_key)?);
        let mut token = String::new();
        for (name, value) in [
            ("version=", self.version),
            ("&res=", self.resource),
            ("&et=", &format!("{}", self.expiry)),
            ("&method=", self.method.name()),
            ("&sign=", &signature),
        ] {
            token.push_str(name);
            percent_encode(value, &mut token);
        }
        Some(token)
    }

    fn signature(&self, access_key: &[u8]) -> Option<Vec<u8>> {
        let key = STANDARD.decode(access_key).ok()?;
        let text = format!(
            "{}\n{}\n{}\n{}",
            self.expiry,
            self.method.name(),
            self.resource,
            self.version
        );
        Some(
            self.method
                .hmac()
                .hmac(&key, text.as_bytes())
                .as_bytes()
                .into(),
        )
    }
}

impl Token {
    /// Reads a token; `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let mut fields = [None, None, None, None, None];
        for part in text.split('&') {
            let (name, value) = part.split_once('=')?;
            let names = ["version", "res", "et", "method", "sign"];
            let at = names.iter().position(|known| *known == name)?;
            if fields[at].replace(percent_decode(value)?).is_some() {
                return None;
            }
        }
        let [
            Some(version),
            Some(resource),
            Some(expiry),
            Some(method),
            Some(signature),
        ] = fields
        else {
            return None;
        };
        Some(Self {
            version,
            resource,
            expiry: expiry.parse().ok()?,
            method: Method::find(&method)?,
            signature: STANDARD.decode(signature).ok()?,
        })
    }

    /// Whether it was signed with this access key.
    pub fn is_signed_with(&self, access_key: &[u8]) -> bool {
        let claim = Claim {
            version: &self.version,
            resource: &self.resource,
            expiry: self.expiry,
            method: self.method,
        };
        claim.signature(access_key).as_ref() == Some(&self.signature)
    }
}

/// The eight characters OneNET asks to encode.
fn percent_encode(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '+' | ' ' | '/' | '?' | '%' | '#' | '&' | '=' => {
                let _ = write!(out, "%{:02X}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
}

fn percent_decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        let code = digit()? * 16 + digit()?;
        out.push(u8::try_from(code).ok()?);
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: &[u8] = b"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    const fn claim(method: Method) -> Claim<'static> {
        Claim {
            version: "2018-10-31",
            resource: "products/123456/devices/dev01",
            expiry: MODULE_EXPIRY,
            method,
        }
    }

    /// The worked example of docs/spec/onemo.md A9.
    #[test]
    fn tokens_are_those_of_the_specification() {
        for (method, sign, length) in [
            (Method::Md5, "NqJZZVstjz95jpe3YjRm0Q%3D%3D", 117),
            (Method::Sha1, "WjLx84f8G7PBu362ubdH%2FZUxgHo%3D", 122),
            (
                Method::Sha256,
                "azrMs%2B0VbpxEc7AwFYLweFqGcDaVr7V878ztxNmi2w8%3D",
                140,
            ),
        ] {
            let token = claim(method).sign(KEY).expect("a key");
            let name = method.name();
            assert_eq!(
                token,
                format!(
                    "version=2018-10-31&res=products%2F123456%2Fdevices%2Fdev01&et=4102416000\
                     &method={name}&sign={sign}"
                )
            );
            assert_eq!(token.len(), length);
            let token = Token::parse(&token).expect("a token");
            assert!(token.is_signed_with(KEY));
            assert!(!token.is_signed_with(b"AAAA"));
            assert_eq!(token.resource, "products/123456/devices/dev01");
        }
        assert_eq!(claim(Method::Sha1).sign(b"no base64!"), None);
    }

    #[test]
    fn what_is_no_token() {
        let token = claim(Method::Md5).sign(KEY).expect("a key");
        for wrong in [
            "",
            "secret",
            &token.replace("&et=", "&at="),
            &token.replace("md5", "md4"),
            &token.replace("%3D", "%3"),
            &format!("{token}&et=1"),
            token.rsplit_once('&').expect("parts").0,
        ] {
            assert_eq!(Token::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[a-z=&%0-9]{0,60}") {
            let _ = Token::parse(&text);
        }

        #[test]
        fn percent_codes_round_trip(text in "\\PC{0,20}") {
            let mut encoded = String::new();
            percent_encode(&text, &mut encoded);
            prop_assert_eq!(percent_decode(&encoded), Some(text));
        }
    }
}
