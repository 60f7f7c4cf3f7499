//! The keys that this instance knows, and the tokens it has verified already.

use std::collections::HashMap;
use std::sync::{Mutex, RwLock};

use chrono::Duration;
use diesel::prelude::*;
use sha2::{Digest, Sha256};

use crate::base::instant::Instant;
use crate::base::problem::{Code, Maybe, Problem, say};
use crate::base::seal::Seal;
use crate::db::schema::signing_keys::dsl;
use crate::db::words::Json;
use crate::db::{Conn, Db, dialect};
use crate::policy::token::{Claims, KeyKind, KeyRing, KnownKey, Refused, make_key};
use crate::record::hex;

/// A key signs for 30 days and verifies for a day more than a token lives.
const SIGNS_DAYS: i64 = 30;
const VERIFIES_DAYS: i64 = 31;
/// Verified tokens remembered at once; a signature check costs more than the rest of a read.
const REMEMBERED: usize = 20_000;

/// Keys and verified tokens.
pub struct Tokens {
    ring: RwLock<KeyRing>,
    verified: Mutex<HashMap<[u8; 32], Claims>>,
    /// The last time that an unknown `kid` made us look for new keys, in seconds.
    looked: Mutex<i64>,
    kind: KeyKind,
}

impl Tokens {
    /// Reads the installation's keys, making the first where there is none.
    pub fn load(db: &Db, kind: KeyKind) -> Maybe<Self> {
        let tokens = Self { ring: RwLock::default(), verified: Mutex::default(), looked: Mutex::new(0), kind };
        tokens.rotate(db)?;
        Ok(tokens)
    }

    /// Makes a new key when the newest is about to stop signing, and forgets those past their time: any instance may do it.
    pub fn rotate(&self, db: &Db) -> Maybe<()> {
        let now = db.clock().now();
        db.write(|conn| {
            dialect::lock(conn, b"sign-key")?;
            let soon = now.plus(Duration::days(VERIFIES_DAYS - SIGNS_DAYS + 1));
            let newest: Option<Instant> = dsl::signing_keys.select(diesel::dsl::max(dsl::retires_at)).first(conn)?;
            if newest.is_none_or(|retires| retires <= soon) {
                store(conn, db.seal(), self.kind, now)?;
            }
            diesel::delete(dsl::signing_keys.filter(dsl::retires_at.lt(now))).execute(conn)?;
            Ok(())
        })?;
        self.reload(db)
    }

    /// Takes up what other instances have made.
    pub fn reload(&self, db: &Db) -> Maybe<()> {
        type Row = (String, String, Vec<u8>, Json, Instant);
        let rows: Vec<Row> = db.read(|conn| {
            let columns = (dsl::kid, dsl::algorithm, dsl::private_key, dsl::public_jwk, dsl::signs_from);
            Ok(dsl::signing_keys.select(columns).order((dsl::signs_from.asc(), dsl::kid.asc())).load(conn)?)
        })?;
        let mut ring = KeyRing::default();
        for (kid, algorithm, private_key, jwk, _) in rows {
            let der = db.seal().open("signing_keys.private_key", &private_key).ok().and_then(|text| unhex(&text));
            let der = der.ok_or_else(|| {
                Problem::internal(
                    "LIANXI_SECRET is not the one that this database was made with: its signing keys do not open. Set the \
                         one that it was first served with, or name another database in DATABASE_URL",
                )
            })?;
            let key = KnownKey::new(kid.clone(), &algorithm, Some(&der), jwk.0).map_err(Problem::internal)?;
            ring.signer = Some(kid.clone());
            ring.keys.insert(kid, key);
        }
        *self.ring.write().map_err(|_| Problem::internal("the key ring's lock is poisoned"))? = ring;
        Ok(())
    }

    pub fn sign(&self, claims: &Claims) -> Maybe<String> {
        self.ring.read().map_err(|_| Problem::internal("the key ring's lock is poisoned"))?.sign(claims).map_err(Problem::internal)
    }

    /// The public keys (RFC 7517).
    pub fn public(&self) -> serde_json::Value {
        self.ring.read().ok().and_then(|ring| serde_json::to_value(ring.public()).ok()).unwrap_or_default()
    }

    /// The claims of a token that holds now; 401 otherwise. Needs no database unless the key is unknown here.
    pub fn verify(&self, token: &str, now: Instant) -> Result<Claims, Refused> {
        let seconds = now.0.timestamp();
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        if let Ok(mut verified) = self.verified.lock() {
            if let Some(claims) = verified.get(&digest) {
                return if claims.exp > seconds { Ok(claims.clone()) } else { Err(Refused::Bad) };
            }
            if verified.len() >= REMEMBERED {
                verified.retain(|_, claims| claims.exp > seconds);
                if verified.len() >= REMEMBERED {
                    verified.clear();
                }
            }
        }
        let claims = self.ring.read().map_err(|_| Refused::Bad)?.verify(token, seconds)?;
        if let Ok(mut verified) = self.verified.lock() {
            verified.insert(digest, claims.clone());
        }
        Ok(claims)
    }

    /// Whether it is time to look for new keys: at most every five seconds, whatever strangers send.
    pub fn may_look(&self, now: Instant) -> bool {
        let Ok(mut looked) = self.looked.lock() else { return false };
        let due = (now.0.timestamp() - *looked).abs() >= 5;
        if due {
            *looked = now.0.timestamp();
        }
        due
    }
}

fn store(conn: &mut Conn, seal: &Seal, kind: KeyKind, now: Instant) -> Maybe<()> {
    let key = make_key(kind).map_err(Problem::internal)?;
    let row = (
        dsl::kid.eq(key.kid),
        dsl::algorithm.eq(key.algorithm),
        dsl::private_key.eq(seal.close("signing_keys.private_key", &hex(&key.private_key))),
        dsl::public_jwk.eq(Json(key.public_jwk)),
        dsl::signs_from.eq(now),
        dsl::retires_at.eq(now.plus(Duration::days(VERIFIES_DAYS))),
    );
    diesel::insert_into(dsl::signing_keys).values(row).execute(conn)?;
    Ok(())
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// 401, with what a client is to do.
pub fn unauthenticated() -> Problem {
    Problem::new(
        Code::Unauthenticated,
        say("请登录，或用刷新令牌换取新的访问令牌", "log in, or use the refresh token for a new access token"),
    )
}
