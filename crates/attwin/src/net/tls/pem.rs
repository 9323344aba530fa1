//! Certificate and key files as hosts upload them: PEM or DER.

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

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

/// The private key of a file; other sections, such as the `EC PARAMETERS` that
/// `openssl ecparam -genkey` writes first, are passed over.
pub(super) fn private_key(file: &[u8]) -> Result<PrivateKeyDer<'static>, PemError> {
    if !is_pem(file)? {
        return match PrivateKeyDer::try_from(file) {
            Ok(key) => Ok(key.clone_key()),
            Err(_) if is_encrypted_pkcs8(file) => Err(PemError::Encrypted),
            Err(error) => Err(PemError::Damaged(error.to_owned())),
        };
    }
    // PKCS#8 says so in the label, the traditional formats in a header that
    // makes the base64 of the section undecodable.
    if contains(file, b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
        || contains(file, b"Proc-Type: 4,ENCRYPTED")
    {
        return Err(PemError::Encrypted);
    }
    match PrivateKeyDer::from_pem_slice(file) {
        Ok(key) => Ok(key),
        Err(pem::Error::NoItemsFound) => Err(PemError::Missing("private key")),
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

    use super::*;
    use crate::net::tests::data;

    #[test]
    fn every_plain_key_format_loads() {
        for (name, file, _) in data::PLAIN_KEYS {
            assert!(private_key(file).is_ok(), "{name}");
            let der = private_key(file).unwrap();
            assert!(private_key(der.secret_der()).is_ok(), "{name} as DER");
        }
    }

    #[test]
    fn an_encrypted_key_is_called_encrypted() {
        for (name, file) in data::ENCRYPTED_KEYS {
            assert_eq!(
                private_key(file).unwrap_err(),
                PemError::Encrypted,
                "{name}"
            );
        }
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
        assert_eq!(private_key(b"").unwrap_err(), PemError::Empty);
        assert_eq!(
            certificates(data::PLAIN_KEYS[0].1).unwrap_err(),
            PemError::Missing("certificate")
        );
        assert_eq!(
            private_key(data::V1_CERTIFICATE).unwrap_err(),
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
            let _ = private_key(&file);
        }
    }
}
