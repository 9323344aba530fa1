//! Private keys that need a password: PKCS#8 (RFC 5958) and OpenSSL's older
//! PEM encryption (`Proc-Type: 4,ENCRYPTED`).

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use des::{Des, TdesEde3};
use md5::{Digest, Md5};
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::pkcs5::pbes2::Kdf;
use pkcs8::pkcs5::{EncryptionScheme, Error as Pkcs5Error};
use rustls::pki_types::PrivateKeyDer;

use super::error::PemError;

/// Rounds of a key derivation that are carried out; OpenSSL does 2048. More
/// would hold up the module.
const MOST_ROUNDS: u32 = 1_000_000;
/// The same for scrypt: its cost, block size and parallelization multiplied.
/// OpenSSL's is an eighth.
const MOST_SCRYPT: u64 = 1 << 20;

/// Decrypts an `EncryptedPrivateKeyInfo`.
pub(super) fn pkcs8(der: &[u8], password: &[u8]) -> Result<PrivateKeyDer<'static>, PemError> {
    let info = EncryptedPrivateKeyInfoRef::try_from(der)
        .map_err(|_| PemError::Cipher("of an unknown kind".to_owned()))?;
    if !is_bearable(&info.encryption_algorithm) {
        return Err(PemError::Cipher("with too many rounds".to_owned()));
    }
    match info.decrypt(password) {
        Ok(key) => plain(key.as_bytes()),
        Err(pkcs8::Error::EncryptedPrivateKey(
            Pkcs5Error::NoPbes1CryptSupport | Pkcs5Error::UnsupportedAlgorithm { .. },
        )) => Err(PemError::Cipher(
            "with an algorithm of PKCS#5 version 1".to_owned(),
        )),
        // Padding or structure is wrong: that is how a wrong password shows.
        Err(_) => Err(PemError::Password),
    }
}

/// Decrypts the content of a section whose `DEK-Info` is this one:
/// `AES-128-CBC,` and the initialization vector in hexadecimal.
pub(super) fn traditional(
    dek_info: &str,
    content: &[u8],
    password: &[u8],
) -> Result<PrivateKeyDer<'static>, PemError> {
    let damaged = || PemError::Damaged(format!("`DEK-Info: {dek_info}` cannot be read"));
    let (name, iv) = dek_info.split_once(',').ok_or_else(damaged)?;
    let iv = hex(iv.trim())
        .filter(|iv| iv.len() >= 8)
        .ok_or_else(damaged)?;
    let name = name.trim();
    let clear = match name {
        "AES-128-CBC" => cbc_decrypted::<cbc::Decryptor<Aes128>>(content, password, &iv),
        "AES-192-CBC" => cbc_decrypted::<cbc::Decryptor<Aes192>>(content, password, &iv),
        "AES-256-CBC" => cbc_decrypted::<cbc::Decryptor<Aes256>>(content, password, &iv),
        "DES-EDE3-CBC" => cbc_decrypted::<cbc::Decryptor<TdesEde3>>(content, password, &iv),
        "DES-CBC" => cbc_decrypted::<cbc::Decryptor<Des>>(content, password, &iv),
        _ => return Err(PemError::Cipher(format!("with {name}"))),
    };
    plain(&clear.ok_or(PemError::Password)?)
}

fn plain(der: &[u8]) -> Result<PrivateKeyDer<'static>, PemError> {
    // A wrong password may leave a padding that looks right.
    let key = PrivateKeyDer::try_from(der).map_err(|_| PemError::Password)?;
    Ok(key.clone_key())
}

fn is_bearable(scheme: &EncryptionScheme) -> bool {
    let EncryptionScheme::Pbes2(parameters) = scheme else {
        return true;
    };
    match &parameters.kdf {
        Kdf::Pbkdf2(parameters) => parameters.iteration_count <= MOST_ROUNDS,
        Kdf::Scrypt(parameters) => parameters
            .cost_parameter
            .saturating_mul(parameters.block_size.into())
            .saturating_mul(parameters.parallelization.into())
            .le(&MOST_SCRYPT),
        _ => true,
    }
}

fn cbc_decrypted<C: KeyIvInit + BlockModeDecrypt>(
    content: &[u8],
    password: &[u8],
    iv: &[u8],
) -> Option<Vec<u8>> {
    let key = bytes_to_key(password, &iv[..8], C::key_size());
    let cipher = C::new_from_slices(&key, iv).ok()?;
    let mut buffer = content.to_vec();
    let clear = cipher.decrypt_padded::<Pkcs7>(&mut buffer).ok()?;
    Some(clear.to_vec())
}

/// OpenSSL's `EVP_BytesToKey` with MD5 and one round.
fn bytes_to_key(password: &[u8], salt: &[u8], length: usize) -> Vec<u8> {
    let mut key = Vec::with_capacity(length + 16);
    let mut last = Vec::new();
    while key.len() < length {
        let digest = Md5::new()
            .chain_update(&last)
            .chain_update(password)
            .chain_update(salt)
            .finalize();
        last = digest.to_vec();
        key.extend_from_slice(&last);
    }
    key.truncate(length);
    key
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = |pair: &[u8]| match *pair {
        [high, low] => u8::try_from(16 * digit(high)? + digit(low)?).ok(),
        _ => None,
    };
    text.as_bytes().chunks(2).map(byte).collect()
}
