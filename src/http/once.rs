//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): the same key and body gives the first answer again.
//!
//! The kept answer is a row of the deed's own transaction: after a crash there are both or neither.

use std::marker::PhantomData;

use actix_web::HttpRequest;
use diesel::prelude::*;
use hmac::digest::Update;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::admitted::Admitted;
use super::answer::{Rendered, status};
use crate::base::instant::Instant;
use crate::base::problem::{Code, Maybe, Problem, say};
use crate::base::seal::Seal;
use crate::db::schema::idempotency_keys::dsl;
use crate::db::{Conn, dialect};

/// Longer keys are refused: 255 characters.
const LONGEST: usize = 255;

/// The key as the caller sent it.
#[derive(Clone, Debug)]
pub struct Key(String);

/// The key bound to its caller and request.
#[derive(Clone, Debug)]
pub struct Bound {
    hash: Vec<u8>,
    fingerprint: Vec<u8>,
}

impl Key {
    pub fn of(request: &HttpRequest) -> Maybe<Option<Self>> {
        let Some(value) = request.headers().get("Idempotency-Key") else { return Ok(None) };
        let text = value.to_str().unwrap_or_default().trim();
        let key = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        let good = !key.is_empty() && key.len() <= LONGEST && key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        if good {
            return Ok(Some(Self(key.to_owned())));
        }
        Err(Problem::new(
            Code::MalformedHeader,
            say("Idempotency-Key 须为 1 至 255 个可见的 ASCII 字符", "Idempotency-Key: 1 to 255 visible ASCII characters"),
        ))
    }

    pub fn bind(&self, of: &Admitted, method: &str, path: &str, body: &[u8]) -> Bound {
        let (account, jurisdiction) = of
            .claims
            .as_ref()
            .map_or((String::new(), String::new()), |claims| (claims.sub.to_string(), claims.jurisdiction.clone()));
        let hash = parts(&[account.as_bytes(), jurisdiction.as_bytes(), self.0.as_bytes()]);
        let fingerprint = parts(&[method.as_bytes(), path.as_bytes(), &canonical(body)]);
        Bound { hash, fingerprint }
    }
}

fn parts(parts: &[&[u8]]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in parts {
        Update::update(&mut hash, &(part.len() as u64).to_be_bytes());
        Update::update(&mut hash, part);
    }
    hash.finalize().to_vec()
}

/// A body without the accidents of its spelling: keys in order, no white space.
fn canonical(body: &[u8]) -> Vec<u8> {
    fn ordered(value: Value) -> Value {
        match value {
            Value::Array(values) => Value::Array(values.into_iter().map(ordered).collect()),
            Value::Object(fields) => {
                let mut fields: Vec<_> = fields.into_iter().map(|(key, value)| (key, ordered(value))).collect();
                fields.sort_by(|a, b| a.0.cmp(&b.0));
                Value::Object(fields.into_iter().collect())
            }
            value => value,
        }
    }
    serde_json::from_slice(body).map_or_else(|_| body.to_vec(), |value| ordered(value).to_string().into_bytes())
}

/// The first answer, where this key has had one. Nobody else works under the key while this transaction runs.
pub fn replay<T>(conn: &mut Conn, seal: &Seal, key: &Bound) -> Maybe<Option<Rendered<T>>> {
    if !dialect::try_lock(conn, &key.hash)? {
        return Err(Problem::plain(Code::IdempotencyInProgress).with_retry_after(1));
    }
    type Row = (Vec<u8>, i64, Option<String>, Option<String>, Option<Vec<u8>>);
    let row: Option<Row> = dsl::idempotency_keys
        .find(&key.hash)
        .select((dsl::fingerprint, dsl::status, dsl::etag, dsl::location, dsl::body))
        .first(conn)
        .optional()?;
    let Some((fingerprint, of, etag, location, body)) = row else { return Ok(None) };
    if fingerprint != key.fingerprint {
        return Err(Problem::plain(Code::IdempotencyKeyReused));
    }
    if of == NOT_KEPT {
        return Err(Problem::plain(Code::AnswerNotKept));
    }
    let open = |body: Vec<u8>| seal.open(BODY, &body).map_err(|_| Problem::internal("a kept answer does not open"));
    let body = body.map(open).transpose()?.map(String::into_bytes);
    Ok(Some(Rendered { status: status(of), location, etag, body, no_store: false, replayed: true, of: PhantomData }))
}

/// The status that stands for an answer which holds a secret.
const NOT_KEPT: i64 = 0;

/// A kept answer may name a citizen, so it is sealed as the citizen's own row is.
const BODY: &str = "idempotency_keys.body";

/// Keeps an answer for 24 hours; `keep` false keeps only that there was one.
pub fn keep<T>(conn: &mut Conn, seal: &Seal, key: &Bound, answer: &Rendered<T>, keep: bool, now: Instant) -> Maybe<()> {
    let body = answer.body.as_deref().filter(|_| keep).map(std::str::from_utf8).transpose().map_err(Problem::internal)?;
    let row = (
        dsl::key_hash.eq(&key.hash),
        dsl::fingerprint.eq(&key.fingerprint),
        dsl::status.eq(if keep { i64::from(answer.status.as_u16()) } else { NOT_KEPT }),
        dsl::etag.eq(keep.then_some(answer.etag.as_deref()).flatten()),
        dsl::location.eq(keep.then_some(answer.location.as_deref()).flatten()),
        dsl::body.eq(body.map(|body| seal.close(BODY, body))),
        dsl::created_at.eq(now),
    );
    diesel::insert_into(dsl::idempotency_keys).values(row).execute(conn)?;
    Ok(())
}

/// Forgets answers older than 24 hours. Returns how many.
pub fn tidy(conn: &mut Conn, now: Instant) -> Maybe<usize> {
    let old = now.plus(-chrono::Duration::hours(24));
    Ok(diesel::delete(dsl::idempotency_keys.filter(dsl::created_at.lt(old))).execute(conn)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spelling_of_a_body_does_not_matter() {
        assert_eq!(canonical(br#"{"b": 1, "a": {"y": [1, 2], "x": null}}"#), canonical(br#"{"a":{"x":null,"y":[1,2]},"b":1}"#));
        assert_ne!(canonical(br#"{"a": [1, 2]}"#), canonical(br#"{"a": [2, 1]}"#));
    }
}
