//! Certificate and key files as hosts upload them: PEM or DER.

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use super::encrypted;
use super::error::PemError;

/// Tag of an ASN.1 SEQUENCE, which every DER certificate and key is.
const SEQUENCE: u8 = 0x30;

/// All certificates of a file: one if DER, one or more if PEM.
pub(super) fn certificates(file: &[u8]) -> Result<Vec<CertificateDer<'static>>, PemError> {
    if !is_pem(file)? {
        return Ok(vec![CertificateDer::from(file.to_vec())]);
    }
    let certificates = CertificateDer::pem_slice_iter(file)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| damaged(&error))?;
    if certificates.is_empty() {
        return Err(PemError::Missing("certificate"));
    }
    Ok(certificates)
}

/// The private key of a file, decrypted with `password` where it needs one; other
/// sections, such as the `EC PARAMETERS` that `openssl ecparam -genkey` writes first,
/// are passed over.
pub(super) fn private_key(
    file: &[u8],
    password: Option<&[u8]>,
) -> Result<PrivateKeyDer<'static>, PemError> {
    let given = || password.ok_or(PemError::Encrypted);
    if !is_pem(file)? {
        return match PrivateKeyDer::try_from(file) {
            Ok(key) => Ok(key.clone_key()),
            Err(_) if is_encrypted_pkcs8(file) => encrypted::pkcs8(file, given()?),
            Err(error) => Err(PemError::Damaged(error.to_owned())),
        };
    }
    // PKCS#8 says so in the label, the traditional formats in a header that
    // makes the base64 of the section undecodable.
    if let Some(section) = section(file, "-----BEGIN ENCRYPTED PRIVATE KEY-----") {
        return encrypted::pkcs8(&content(section)?, given()?);
    }
    if let Some(section) = section(file, "Proc-Type: 4,ENCRYPTED") {
        let password = given()?;
        let (head, body) = headers(section);
        let info = head.lines().find_map(|line| line.strip_prefix("DEK-Info:"));
        let info = info.ok_or_else(|| PemError::Damaged("`DEK-Info` is missing".to_owned()))?;
        return encrypted::traditional(info.trim(), &content(body)?, password);
    }
    match PrivateKeyDer::from_pem_slice(file) {
        Ok(key) => Ok(key),
        Err(pem::Error::NoItemsFound) => Err(PemError::Missing("private key")),
        Err(error) => Err(damaged(&error)),
    }
}

/// What follows `start`, up to the end of its section.
fn section<'a>(file: &'a [u8], start: &str) -> Option<&'a str> {
    let find = |text: &[u8], what: &str| {
        text.windows(what.len())
            .position(|window| window == what.as_bytes())
    };
    let rest = &file[find(file, start)? + start.len()..];
    let end = find(rest, "-----END ").unwrap_or(rest.len());
    std::str::from_utf8(&rest[..end]).ok()
}

/// The headers of a section and its body, which an empty line separates.
fn headers(section: &str) -> (&str, &str) {
    let section = section.trim_start();
    let blank = ["\r\n\r\n", "\n\n"]
        .iter()
        .find_map(|blank| section.split_once(blank));
    blank.unwrap_or((section, ""))
}

/// The bytes that a section's base64 stands for.
fn content(body: &str) -> Result<Vec<u8>, PemError> {
    let file = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
    match PrivatePkcs8KeyDer::from_pem_slice(file.as_bytes()) {
        Ok(key) => Ok(key.secret_pkcs8_der().to_vec()),
        Err(error) => Err(damaged(&error)),
    }
}

fn is_pem(file: &[u8]) -> Result<bool, PemError> {
    if contains(file, b"-----BEGIN ") {
        return Ok(true);
    }
    match file.first() {
        None => Err(PemError::Empty),
        Some(&SEQUENCE) => Ok(false),
        Some(_) => {
            let start = &file[..file.len().min(16)];
            Err(PemError::Unknown(format!("\"{}\"", start.escape_ascii())))
        }
    }
}

/// Whether DER bytes are an `EncryptedPrivateKeyInfo` (RFC 5958): its first
/// element is an algorithm, a SEQUENCE, where every plain key has its version.
fn is_encrypted_pkcs8(der: &[u8]) -> bool {
    let header = match der.get(1) {
        Some(&length) if length & 0x80 != 0 => 2 + usize::from(length & 0x7F),
        _ => 2,
    };
    der.get(header) == Some(&SEQUENCE)
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

fn damaged(error: &pem::Error) -> PemError {
    PemError::Damaged(error.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rustls::crypto::ring;

    use super::*;
    use crate::net::tests::data;

    #[test]
    fn every_plain_key_format_loads() {
        for (name, file, _) in data::PLAIN_KEYS {
            assert!(private_key(file, None).is_ok(), "{name}");
            let der = private_key(file, None).unwrap();
            assert!(private_key(der.secret_der(), None).is_ok(), "{name} as DER");
        }
    }

    #[test]
    fn an_encrypted_key_needs_its_password() {
        for (name, file, plain) in data::ENCRYPTED_KEYS {
            let refused = |password| private_key(file, password).unwrap_err();
            assert_eq!(refused(None), PemError::Encrypted, "{name}");
            assert_eq!(refused(Some(b"wrong")), PemError::Password, "{name}");
            let key = private_key(file, Some(data::PASSWORD)).unwrap();
            // The formats differ, the key does not.
            let provider = ring::default_provider().key_provider;
            let public = |key| {
                let key = provider.load_private_key(key).unwrap();
                key.public_key().unwrap().to_vec()
            };
            let expected = private_key(plain.as_bytes(), None).unwrap();
            assert_eq!(public(key), public(expected), "{name}");
        }
    }

    #[test]
    fn ciphers_that_are_not_served_are_named() {
        let cipher = |dek_info: &str| {
            let file = format!(
                "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: \
                 {dek_info}\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"
            );
            private_key(file.as_bytes(), Some(b"x"))
                .unwrap_err()
                .to_string()
        };
        assert!(cipher("RC2-CBC,0011223344556677").contains("encrypted with RC2-CBC"));
        assert!(cipher("AES-128-CBC,zz").contains("`DEK-Info: AES-128-CBC,zz` cannot be read"));
        assert!(cipher("nonsense").contains("cannot be read"));
    }

    #[test]
    fn a_file_may_hold_several_certificates() {
        let mut file = data::V1_CERTIFICATE.to_vec();
        file.extend_from_slice(b"comment between the sections\r\n");
        file.extend_from_slice(data::V1_CERTIFICATE);
        assert_eq!(certificates(&file).unwrap().len(), 2);
    }

    #[test]
    fn a_der_certificate_is_taken_as_it_is() {
        let pem = certificates(data::V1_CERTIFICATE).unwrap();
        assert_eq!(certificates(&pem[0]).unwrap(), pem);
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(certificates(b"").unwrap_err(), PemError::Empty);
        assert_eq!(private_key(b"", None).unwrap_err(), PemError::Empty);
        assert_eq!(
            certificates(data::PLAIN_KEYS[0].1).unwrap_err(),
            PemError::Missing("certificate")
        );
        assert_eq!(
            private_key(data::V1_CERTIFICATE, None).unwrap_err(),
            PemError::Missing("private key")
        );
        assert_eq!(
            certificates(b"<html>\r\n").unwrap_err(),
            PemError::Unknown("\"<html>\\r\\n\"".to_owned())
        );
    }

    proptest! {
        #[test]
        fn no_file_panics(file: Vec<u8>, der: bool) {
            let mut file = file;
            if der {
                file.insert(0, SEQUENCE);
            }
            let _ = certificates(&file);
            let _ = private_key(&file, Some(b"attwin"));
        }
    }
}
