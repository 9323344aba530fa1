//! Key and certificate files as openssl makes them, which rcgen cannot: made
//! for these tests, used nowhere else.

/// A key file in each plain format, with the PKCS#8 form of the same key.
pub(crate) const PLAIN_KEYS: [(&str, &[u8], &str); 6] = [
    ("RSA PKCS#1", include_bytes!("data/rsa-pkcs1.pem"), RSA),
    ("RSA PKCS#8", RSA.as_bytes(), RSA),
    ("EC SEC1", include_bytes!("data/ec-sec1.pem"), EC),
    (
        "EC SEC1 after EC PARAMETERS",
        include_bytes!("data/ec-parameters.pem"),
        EC,
    ),
    ("EC PKCS#8", EC.as_bytes(), EC),
    ("Ed25519 PKCS#8", ED25519.as_bytes(), ED25519),
];

/// Key files that need a password.
pub(crate) const ENCRYPTED_KEYS: [(&str, &[u8]); 3] = [
    ("PKCS#8", include_bytes!("data/encrypted-pkcs8.pem")),
    ("PKCS#8 DER", include_bytes!("data/encrypted-pkcs8.der")),
    ("traditional", include_bytes!("data/encrypted-pkcs1.pem")),
];

/// An X.509 v1 certificate with a 1024-bit RSA key: what webpki refuses to
/// parse and ring to verify with.
pub(crate) const V1_CERTIFICATE: &[u8] = include_bytes!("data/v1-rsa1024.pem");

const RSA: &str = include_str!("data/rsa-pkcs8.pem");
const EC: &str = include_str!("data/ec-pkcs8.pem");
const ED25519: &str = include_str!("data/ed25519.pem");
