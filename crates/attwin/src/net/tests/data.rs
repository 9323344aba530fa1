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

/// What [`ENCRYPTED_KEYS`] are encrypted with.
pub(crate) const PASSWORD: &[u8] = b"attwin";

/// Key files that need a password, with the PKCS#8 form of the same key.
pub(crate) const ENCRYPTED_KEYS: [(&str, &[u8], &str); 7] = [
    ("PKCS#8", include_bytes!("data/encrypted-pkcs8.pem"), RSA),
    (
        "PKCS#8 DER",
        include_bytes!("data/encrypted-pkcs8.der"),
        RSA,
    ),
    (
        "PKCS#8 3DES",
        include_bytes!("data/encrypted-des3.pem"),
        RSA,
    ),
    (
        "PKCS#8 scrypt",
        include_bytes!("data/encrypted-scrypt.pem"),
        EC,
    ),
    (
        "PKCS#1 AES-128",
        include_bytes!("data/encrypted-pkcs1.pem"),
        RSA,
    ),
    (
        "PKCS#1 3DES",
        include_bytes!("data/encrypted-des-ede3.pem"),
        RSA,
    ),
    (
        "SEC1 AES-256",
        include_bytes!("data/encrypted-sec1.pem"),
        EC,
    ),
];

/// An X.509 v1 certificate with a 1024-bit RSA key: what webpki refuses to
/// parse and ring to verify with.
pub(crate) const V1_CERTIFICATE: &[u8] = include_bytes!("data/v1-rsa1024.pem");

/// A CA, and certificates of it for `broker.example`: one that it signed with SHA-1,
/// one with a key of 1024 bits.
pub(crate) const CA: &[u8] = include_bytes!("data/ca-rsa2048.pem");
pub(crate) const SIGNED_WITH_SHA1: &[u8] = include_bytes!("data/sha1.pem");
pub(crate) const SHORT_KEY: &[u8] = include_bytes!("data/rsa1024.pem");

/// A CA with a key of 1024 bits, and a certificate of it.
pub(crate) const SHORT_CA: &[u8] = include_bytes!("data/ca-rsa1024.pem");
pub(crate) const SIGNED_WITH_SHORT_KEY: &[u8] = include_bytes!("data/by-rsa1024.pem");

const RSA: &str = include_str!("data/rsa-pkcs8.pem");
const EC: &str = include_str!("data/ec-pkcs8.pem");
const ED25519: &str = include_str!("data/ed25519.pem");
