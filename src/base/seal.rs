//! Personal data at rest: sealed with AES-256-GCM, found again by a keyed hash (PIPL art. 51).
//!
//! Every key is derived from the installation's one secret by HMAC-SHA-256 with its purpose's name, so that a value of one
//! purpose is never valid for another.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, Key, KeyInit, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use rand::RngCore;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

const NONCE: usize = 12;

/// What a sealed value could not be opened for; its text tells nothing of the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken;

/// The keys of one installation.
#[derive(Clone)]
pub struct Seal {
    secret: [u8; 32],
    cipher: Aes256Gcm,
}

impl Seal {
    /// `secret`: at least 32 characters of the operator's choice.
    pub fn new(secret: &str) -> Self {
        let secret: [u8; 32] = Sha256::digest(secret.as_bytes()).into();
        let key = mac(&secret, "seal", &[]);
        Self { secret, cipher: Aes256Gcm::new(&Key::<Aes256Gcm>::from(key)) }
    }

    /// Encrypts `plain`; `context` (the column's name) is bound in, so that a value moved to another column does not open.
    pub fn close(&self, context: &str, plain: &str) -> Vec<u8> {
        let mut nonce = [0_u8; NONCE];
        rand::rngs::OsRng.fill_bytes(&mut nonce);
        let payload = Payload { msg: plain.as_bytes(), aad: context.as_bytes() };
        let sealed = self.cipher.encrypt(&Nonce::from(nonce), payload);
        let sealed = sealed.unwrap_or_else(|_| unreachable!("AES-GCM seals anything shorter than 64 GiB"));
        [nonce.as_slice(), &sealed].concat()
    }

    /// Opens what `close` made in the same context.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<String, Broken> {
        let (nonce, text) = sealed.split_first_chunk::<NONCE>().ok_or(Broken)?;
        let payload = Payload { msg: text, aad: context.as_bytes() };
        let plain = self.cipher.decrypt(&Nonce::from(*nonce), payload).map_err(|_| Broken)?;
        String::from_utf8(plain).map_err(|_| Broken)
    }

    /// A keyed hash of `value`, the same for the same purpose and value: what a sealed column is found by.
    pub fn hash(&self, purpose: &str, value: &str) -> Vec<u8> {
        mac(&self.secret, purpose, &[value.as_bytes()]).to_vec()
    }

    /// A short text form of [`Seal::hash`], for tokens and cursors.
    pub fn tag(&self, purpose: &str, value: &str) -> String {
        URL_SAFE_NO_PAD.encode(&self.hash(purpose, value)[..18])
    }

    /// Whether `tag` is this value's, without telling by time how much of it was right.
    pub fn is_tag(&self, purpose: &str, value: &str, tag: &str) -> bool {
        self.tag(purpose, value).as_bytes().ct_eq(tag.as_bytes()).into()
    }
}

fn mac(key: &[u8], purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(purpose.as_bytes());
    mac.update(&[0]);
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_in_its_own_context_only() {
        let seal = Seal::new("a secret of at least thirty-two characters");
        let sealed = seal.close("constituents.name", "王小明");
        assert_eq!(seal.open("constituents.name", &sealed), Ok("王小明".to_owned()));
        assert_eq!(seal.open("constituents.phone", &sealed), Err(Broken));
        assert_ne!(sealed, seal.close("constituents.name", "王小明"), "equal values must not look equal");
        assert!(seal.open("constituents.name", &sealed[..5]).is_err());
    }

    #[test]
    fn a_hash_depends_on_purpose_and_secret() {
        let seal = Seal::new("a secret of at least thirty-two characters");
        assert_eq!(seal.hash("phone", "13800001234"), seal.hash("phone", "13800001234"));
        assert_ne!(seal.hash("phone", "13800001234"), seal.hash("name", "13800001234"));
        assert_ne!(seal.hash("phone", "1"), Seal::new("another secret of thirty-two characters").hash("phone", "1"));
        assert!(seal.is_tag("cursor", "x", &seal.tag("cursor", "x")));
        assert!(!seal.is_tag("cursor", "x", &seal.tag("cursor", "y")));
    }
}
