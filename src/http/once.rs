//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): the same key and body gives the first answer again.
//!
//! The kept answer is a row of the deed's own transaction: after a crash there are both or neither. It is given to whoever has
//! the rights that it was made for, and only while nobody has asked for what it tells to be forgotten: otherwise the key says
//! that the deed was done (409), and reading the thing tells how it stands.

use std::marker::PhantomData;

use actix_web::HttpRequest;
use diesel::prelude::*;
use hmac::digest::Update;
use sha2::{Digest, Sha256};

use super::admitted::Admitted;
use super::answer::{Rendered, status};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Code, Maybe, Problem, say};
use crate::base::seal::Seal;
use crate::db::schema::idempotency_keys::dsl;
use crate::db::{Conn, Tx, dialect};
use crate::policy::{Caller, Grant};
use crate::record;

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
    /// What the path names.
    thing: Option<Id>,
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
        Bound { hash, fingerprint, thing: named_in(path) }
    }
}

/// The last id in a path or a location.
fn named_in(path: &str) -> Option<Id> {
    path.rsplit('/').find_map(|part| part.parse().ok())
}

/// What decides what the caller is shown, as something to compare.
fn rights(caller: &Caller) -> Vec<u8> {
    let of = |grant: &Grant| {
        let mut sectors = grant.sectors.clone();
        sectors.sort_unstable();
        let Grant { role, person, organization, chairs, former, .. } = grant;
        format!("{role} {person:?} {organization:?} {sectors:?} {chairs} {former}")
    };
    let mut all: Vec<String> = caller.grants.iter().map(of).collect();
    all.sort_unstable();
    all.push(format!("{:?} {:?}", caller.person, caller.acting_as));
    parts(&all.iter().map(String::as_bytes).collect::<Vec<_>>())
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
    serde_json::from_slice(body).map_or_else(|_| body.to_vec(), |value| record::ordered(&value))
}

/// The first answer, where this key has had one. Nobody else works under the key while this transaction runs.
pub fn replay<T>(conn: &mut Conn, seal: &Seal, key: &Bound, caller: &Caller) -> Maybe<Option<Rendered<T>>> {
    if !dialect::try_lock(conn, &key.hash)? {
        return Err(Problem::plain(Code::IdempotencyInProgress).with_retry_after(1));
    }
    type Row = (Vec<u8>, i64, Option<String>, Option<String>, Option<Vec<u8>>, Vec<u8>);
    let row: Option<Row> = dsl::idempotency_keys
        .find(&key.hash)
        .select((dsl::fingerprint, dsl::status, dsl::etag, dsl::location, dsl::body, dsl::rights))
        .first(conn)
        .optional()?;
    let Some((fingerprint, of, etag, location, body, made_for)) = row else { return Ok(None) };
    if fingerprint != key.fingerprint {
        return Err(Problem::plain(Code::IdempotencyKeyReused));
    }
    if of == NOT_KEPT || made_for != rights(caller) {
        return Err(Problem::plain(Code::AnswerNotKept));
    }
    let open = |body: Vec<u8>| seal.open(BODY, &body).map_err(|_| Problem::internal("a kept answer does not open"));
    let body = body.map(open).transpose()?.map(String::into_bytes);
    Ok(Some(Rendered { status: status(of), location, etag, body, no_store: false, replayed: true, of: PhantomData }))
}

/// The status that stands for an answer which is not given again.
const NOT_KEPT: i64 = 0;

/// A kept answer may name a citizen, so it is sealed as the citizen's own row is.
const BODY: &str = "idempotency_keys.body";

/// Keeps an answer for 24 hours; `keep` false keeps only that there was one.
pub fn keep<T>(tx: &mut Tx<'_>, key: &Bound, answer: &Rendered<T>, keep: bool) -> Maybe<()> {
    let body = answer.body.as_deref().filter(|_| keep).map(std::str::from_utf8).transpose().map_err(Problem::internal)?;
    let row = (
        dsl::key_hash.eq(&key.hash),
        dsl::fingerprint.eq(&key.fingerprint),
        dsl::status.eq(if keep { i64::from(answer.status.as_u16()) } else { NOT_KEPT }),
        dsl::etag.eq(keep.then_some(answer.etag.as_deref()).flatten()),
        dsl::location.eq(keep.then_some(answer.location.as_deref()).flatten()),
        dsl::body.eq(body.map(|body| tx.seal.close(BODY, body))),
        dsl::rights.eq(rights(tx.caller)),
        dsl::thing_id.eq(answer.location.as_deref().and_then(named_in).or(key.thing)),
        dsl::created_at.eq(tx.now),
    );
    diesel::insert_into(dsl::idempotency_keys).values(row).execute(tx.conn)?;
    Ok(())
}

/// Takes the answers back that told of these things: a key still says that its deed was done.
pub fn forget(conn: &mut Conn, things: &[Id]) -> Maybe<()> {
    let told = dsl::thing_id.is_not_null().and(dsl::thing_id.assume_not_null().eq_any(things));
    let nothing =
        (dsl::status.eq(NOT_KEPT), dsl::etag.eq(None::<String>), dsl::location.eq(None::<String>), dsl::body.eq(None::<Vec<u8>>));
    diesel::update(dsl::idempotency_keys.filter(told)).set(nothing).execute(conn)?;
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
