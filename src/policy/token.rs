//! Access tokens: RFC 9068 JWTs. The algorithm belongs to the key and never to the token (RFC 8725, 3.1).

use std::collections::HashMap;

use ed25519_dalek::pkcs8::{EncodePrivateKey as _, KeypairBytes};
use jsonwebtoken::jwk::{Jwk, JwkSet, KeyAlgorithm, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::{Deserialize, Serialize};

use crate::base::id::Id;

/// Who may read our tokens: ourselves.
pub const AUDIENCE: &str = "lianxi";
/// The issuer's name in every token.
pub const ISSUER: &str = "lianxi";
/// RFC 9068, 2.1.
const TYPE: &str = "at+jwt";

/// What a token says. Rights are not among it: they are read anew for every request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    /// The account.
    pub sub: Id,
    pub jti: Id,
    /// The session that the token ends with. Those that we hand out all have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<Id>,
    /// Seconds since 1970.
    pub iat: i64,
    pub exp: i64,
    /// The division code of the jurisdiction that the token speaks for.
    pub jurisdiction: String,
    pub jurisdiction_id: Id,
    /// The roles at the time of issue, for the client's convenience.
    pub roles: Vec<String>,
}

/// What a new key is made with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyKind {
    #[default]
    #[serde(rename = "ES256")]
    Es256,
    #[serde(rename = "EdDSA")]
    EdDsa,
}

/// A freshly made key, before it is sealed and stored.
pub struct NewKey {
    pub kid: String,
    pub algorithm: String,
    /// PKCS#8, DER.
    pub private_key: Vec<u8>,
    pub public_jwk: serde_json::Value,
}

/// One key that is known to this installation.
pub struct KnownKey {
    pub kid: String,
    pub algorithm: Algorithm,
    pub signs: Option<EncodingKey>,
    pub verifies: DecodingKey,
    pub jwk: Jwk,
}

fn algorithm(name: &str) -> Option<Algorithm> {
    match name {
        "ES256" => Some(Algorithm::ES256),
        "EdDSA" => Some(Algorithm::EdDSA),
        _ => None,
    }
}

fn encoding(algorithm: Algorithm, private_key: &[u8]) -> EncodingKey {
    if algorithm == Algorithm::EdDSA { EncodingKey::from_ed_der(private_key) } else { EncodingKey::from_ec_der(private_key) }
}

/// Makes a signing key; its `kid` is the RFC 7638 thumbprint.
pub fn make_key(kind: KeyKind) -> Result<NewKey, String> {
    let fault = |error: &dyn std::fmt::Display| error.to_string();
    let (name, of, private_key) = match kind {
        KeyKind::Es256 => {
            let key = p256::SecretKey::random(&mut rand::rngs::OsRng);
            let der = p256::pkcs8::EncodePrivateKey::to_pkcs8_der(&key).map_err(|e| fault(&e))?;
            ("ES256", Algorithm::ES256, der.as_bytes().to_vec())
        }
        KeyKind::EdDsa => {
            let key = ed25519_dalek::SigningKey::generate(&mut rand::rngs::OsRng);
            // The signer reads PKCS#8 of version 1 only, which holds no public key.
            let der = KeypairBytes { secret_key: key.to_bytes(), public_key: None }.to_pkcs8_der().map_err(|e| fault(&e))?;
            ("EdDSA", Algorithm::EdDSA, der.as_bytes().to_vec())
        }
    };
    let mut jwk = Jwk::from_encoding_key(&encoding(of, &private_key), of).map_err(|e| fault(&e))?;
    let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|e| fault(&e))?;
    jwk.common.key_id = Some(kid.clone());
    jwk.common.key_algorithm = Some(if of == Algorithm::EdDSA { KeyAlgorithm::EdDSA } else { KeyAlgorithm::ES256 });
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    Ok(NewKey { kid, algorithm: name.to_owned(), private_key, public_jwk: serde_json::to_value(jwk).map_err(|e| fault(&e))? })
}

impl KnownKey {
    /// `private_key` only where this instance is to sign with it.
    pub fn new(kid: String, name: &str, private_key: Option<&[u8]>, public_jwk: serde_json::Value) -> Result<Self, String> {
        let algorithm = algorithm(name).ok_or("a key of an unknown algorithm")?;
        let jwk: Jwk = serde_json::from_value(public_jwk).map_err(|e| e.to_string())?;
        let verifies = DecodingKey::from_jwk(&jwk).map_err(|e| e.to_string())?;
        Ok(Self { kid, algorithm, signs: private_key.map(|key| encoding(algorithm, key)), verifies, jwk })
    }
}

/// The keys known now, the newest that signs first.
#[derive(Default)]
pub struct KeyRing {
    pub keys: HashMap<String, KnownKey>,
    pub signer: Option<String>,
}

impl KeyRing {
    pub fn sign(&self, claims: &Claims) -> Result<String, String> {
        let key = self.signer.as_ref().and_then(|kid| self.keys.get(kid)).ok_or("no signing key")?;
        let mut header = Header::new(key.algorithm);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(key.kid.clone());
        encode(&header, claims, key.signs.as_ref().ok_or("no private key")?).map_err(|error| error.to_string())
    }

    /// The claims of a token that is ours and in time at `now` (seconds since 1970). No header but `typ`, `alg` and `kid` is
    /// heeded: a key brought along in `jwk`, `jku` or `x5u` is as good as none.
    pub fn verify(&self, token: &str, now: i64) -> Result<Claims, Refused> {
        let header = decode_header(token).map_err(|_| Refused::Bad)?;
        if header.typ.as_deref() != Some(TYPE) || header.jwk.is_some() || header.jku.is_some() || header.x5u.is_some() {
            return Err(Refused::Bad);
        }
        let key = self.keys.get(&header.kid.ok_or(Refused::Bad)?).ok_or(Refused::UnknownKey)?;
        let mut rules = Validation::new(key.algorithm);
        rules.set_audience(&[AUDIENCE]);
        rules.set_issuer(&[ISSUER]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The clock of the house judges the time, so that the demo's moved clock counts here too.
        rules.validate_exp = false;
        let claims = decode::<Claims>(token, &key.verifies, &rules).map_err(|_| Refused::Bad)?.claims;
        if claims.exp <= now { Err(Refused::Bad) } else { Ok(claims) }
    }

    /// RFC 7517, public parts only.
    pub fn public(&self) -> JwkSet {
        let mut keys: Vec<_> = self.keys.values().map(|key| key.jwk.clone()).collect();
        keys.sort_by(|a, b| a.common.key_id.cmp(&b.common.key_id));
        JwkSet { keys }
    }
}

/// Why a token is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    Bad,
    /// Perhaps another instance made this key a moment ago.
    UnknownKey,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(exp: i64) -> Claims {
        Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: Id::fresh(),
            jti: Id::fresh(),
            sid: None,
            iat: 0,
            exp,
            jurisdiction: "330327".to_owned(),
            jurisdiction_id: Id::fresh(),
            roles: vec!["member".to_owned()],
        }
    }

    fn ring(kind: KeyKind) -> KeyRing {
        let new = make_key(kind).expect("a key");
        let key = KnownKey::new(new.kid.clone(), &new.algorithm, Some(&new.private_key), new.public_jwk).expect("known");
        KeyRing { signer: Some(new.kid.clone()), keys: HashMap::from([(new.kid, key)]) }
    }

    #[test]
    fn both_algorithms_sign_and_verify_and_expire() {
        for kind in [KeyKind::Es256, KeyKind::EdDsa] {
            let ring = ring(kind);
            let token = ring.sign(&claims(100)).expect("a token");
            assert!(ring.verify(&token, 99).is_ok(), "{kind:?}");
            assert_eq!(ring.verify(&token, 100).err(), Some(Refused::Bad));
            assert_eq!(self::ring(kind).verify(&token, 99).err(), Some(Refused::UnknownKey));
        }
    }

    #[test]
    fn forged_tokens_are_refused() {
        let ring = ring(KeyKind::Es256);
        let kid = ring.signer.clone();
        let public = serde_json::to_vec(&ring.public()).expect("json");
        let mut hs = Header::new(Algorithm::HS256);
        hs.kid = kid.clone();
        hs.typ = Some(TYPE.to_owned());
        let forged = encode(&hs, &claims(100), &EncodingKey::from_secret(&public)).expect("a forged token");
        assert_eq!(ring.verify(&forged, 1).err(), Some(Refused::Bad), "HS256 with the public key");

        let other = self::ring(KeyKind::Es256);
        let mut brought = Header::new(Algorithm::ES256);
        brought.typ = Some(TYPE.to_owned());
        brought.kid = kid;
        brought.jwk = other.keys.values().next().map(|key| key.jwk.clone());
        let signs = other.keys.values().next().and_then(|key| key.signs.as_ref()).expect("a key");
        let forged = encode(&brought, &claims(100), signs).expect("a forged token");
        assert_eq!(ring.verify(&forged, 1).err(), Some(Refused::Bad), "a key brought along");

        let good = ring.sign(&claims(100)).expect("a token");
        let payload = good.split('.').nth(1).expect("a payload");
        assert!(ring.verify(&format!("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.{payload}."), 1).is_err(), "alg none");
        let mut plain = Header::new(Algorithm::ES256);
        plain.kid = ring.signer.clone();
        let wrong_type = encode(&plain, &claims(100), ring.keys.values().next().and_then(|key| key.signs.as_ref()).expect("a key"))
            .expect("a token");
        assert!(ring.verify(&wrong_type, 1).is_err(), "typ JWT");
    }
}
