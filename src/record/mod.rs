//! What was done: one call writes the change record, the entry of the audit log and its link in the chain.
//!
//! They are rows of the deed's own transaction, written last: the head of a jurisdiction, which gives both their order, is the
//! last row that a transaction locks. Entries hold ids, field names and salted digests, never a value that may have to be erased.

mod notice;

pub use notice::{To, notify, notify_all, notify_once, told};

use diesel::prelude::*;
use diesel::result::Error as Sql;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Maybe, Problem};
use crate::base::seal::Seal;
use crate::db::engine::{Change, Deed};
use crate::db::schema::{audit_entries, changes, heads, jurisdictions};
use crate::db::words::Json;
use crate::db::{Conn, Tx, dialect};
use crate::each;
use crate::policy::{Belongs, Op, Role};

/// A row that deeds are done to.
pub trait Thing {
    /// The kind's name in the feed and the log, e.g. `opinion`.
    const KIND: &'static str;
    fn id(&self) -> Id;
    fn version(&self) -> i64;
    /// The state's word, for things that have one.
    fn state(&self) -> Option<&'static str> {
        None
    }
    /// Whose it is: the feed shows a change to those whom the thing belonged to.
    fn belongs(&self) -> Belongs {
        Belongs::default()
    }
}

/// Makes a row with `id` and `version` a thing that has no state and belongs to its whole jurisdiction: `thing!(Sector, "sector")`.
#[macro_export]
macro_rules! thing {
    ($row:ty, $kind:literal) => {
        impl $crate::record::Thing for $row {
            const KIND: &'static str = $kind;

            fn id(&self) -> $crate::base::id::Id {
                self.id
            }

            fn version(&self) -> i64 {
                self.version
            }
        }
    };
}

/// `op` was done to `thing`, which is already saved.
pub fn deed<T: Thing>(tx: &mut Tx<'_>, op: Op, thing: &T) {
    deed_with(tx, op, thing, json!({}));
}

/// The same with particulars for the audit log: ids, names of fields, digests.
pub fn deed_with<T: Thing>(tx: &mut Tx<'_>, op: Op, thing: &T, details: Value) {
    let belongs = thing.belongs();
    let role = role(tx, op, Some(&belongs));
    let change = Change { version: thing.version(), state: thing.state(), belongs: stamp(&belongs) };
    tx.deeds.push(Deed { op, role, kind: T::KIND, thing: thing.id(), change: Some(change), details });
}

/// Somebody read what must be accounted for: personal data in clear, an export.
pub fn access(tx: &mut Tx<'_>, op: Op, kind: &'static str, thing: Id, details: Value) {
    let role = role(tx, op, None);
    tx.deeds.push(Deed { op, role, kind, thing, change: None, details });
}

/// The same under a role that is known: where the narrowest that may do it is not the one that did.
pub fn access_as(tx: &mut Tx<'_>, op: Op, role: Role, kind: &'static str, thing: Id, details: Value) {
    tx.deeds.push(Deed { op, role: Some(role.as_str()), kind, thing, change: None, details });
}

/// `None` where no role acts: a login is made before there is one.
fn role(tx: &Tx<'_>, op: Op, belongs: Option<&Belongs>) -> Option<&'static str> {
    if tx.caller.is_clock() {
        return Some("clock");
    }
    let narrowed = belongs.and_then(|belongs| tx.caller.may(op, belongs)).map(|grant| grant.role);
    narrowed.or_else(|| tx.caller.role_for(op)).map(Role::as_str)
}

/// A value that may have to be erased, as something that can be compared but not read.
pub fn digest(seal: &Seal, value: &str) -> Value {
    json!(seal.tag("audit", value))
}

fn stamp(belongs: &Belongs) -> Value {
    json!({
        "persons": belongs.persons,
        "organizations": belongs.organizations,
        "recorded_by": belongs.recorded_by,
        "contacted": belongs.contacted,
        "owner": belongs.owner,
        "committees": belongs.committees,
        "submitted": belongs.submitted,
        "reported": belongs.reported,
    })
}

/// Writes the deeds of a transaction, as its last statements.
pub fn finish(tx: &mut Tx<'_>) -> Maybe<()> {
    let deeds = std::mem::take(&mut tx.deeds);
    if deeds.is_empty() {
        return Ok(());
    }
    let jurisdiction = tx.caller.jurisdiction;
    let (mut change_seq, mut audit_seq, mut hash) = dialect::lock_head(tx.conn, jurisdiction)?;
    let mut entries = Vec::with_capacity(deeds.len());
    let mut feed = Vec::with_capacity(deeds.len());
    for deed in deeds {
        audit_seq += 1;
        let mut entry = EntryRow {
            jurisdiction_id: jurisdiction,
            seq: audit_seq,
            id: Id::fresh(),
            at: tx.now,
            account_id: tx.caller.account,
            person_id: tx.caller.person,
            role: deed.role.map(str::to_owned),
            op: deed.op.as_str().to_owned(),
            kind: deed.kind.to_owned(),
            thing_id: deed.thing,
            details: Json(deed.details),
            request_id: tx.caller.request_id.clone(),
            hash: Vec::new(),
        };
        hash = entry.link(&hash);
        entry.hash.clone_from(&hash);
        entries.push(entry);
        if let Some(change) = deed.change {
            change_seq += 1;
            feed.push(ChangeRow {
                jurisdiction_id: jurisdiction,
                seq: change_seq,
                id: Id::fresh(),
                at: tx.now,
                op: deed.op.as_str(),
                kind: deed.kind,
                thing_id: deed.thing,
                version: change.version,
                state: change.state,
                belongs: Json(change.belongs),
            });
        }
    }
    each!(tx.conn, conn => diesel::insert_into(audit_entries::table).values(&entries).execute(conn))?;
    if !feed.is_empty() {
        each!(tx.conn, conn => diesel::insert_into(changes::table).values(&feed).execute(conn))?;
    }
    let mac = head_mac(tx.seal, jurisdiction, audit_seq, &hash);
    diesel::update(heads::table.find(jurisdiction))
        .set((
            heads::change_seq.eq(change_seq),
            heads::audit_seq.eq(audit_seq),
            heads::audit_hash.eq(hash),
            heads::audit_mac.eq(mac),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The first head of a new jurisdiction.
pub fn begin(conn: &mut Conn, seal: &Seal, jurisdiction: Id) -> Maybe<()> {
    let hash = Sha256::digest(jurisdiction.0.as_bytes()).to_vec();
    let mac = head_mac(seal, jurisdiction, 0, &hash);
    diesel::insert_into(heads::table)
        .values((
            heads::jurisdiction_id.eq(jurisdiction),
            heads::change_seq.eq(0_i64),
            heads::audit_seq.eq(0_i64),
            heads::audit_hash.eq(hash),
            heads::audit_mac.eq(mac),
        ))
        .execute(conn)?;
    Ok(())
}

/// What makes a cut tail show: whoever cuts entries off cannot sign the head that would hide it.
fn head_mac(seal: &Seal, jurisdiction: Id, seq: i64, hash: &[u8]) -> Vec<u8> {
    seal.hash("audit-head", &format!("{jurisdiction} {seq} {}", hex(hash)))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[derive(Clone, Debug, Insertable, Queryable)]
#[diesel(table_name = audit_entries, treat_none_as_default_value = false)]
struct EntryRow {
    jurisdiction_id: Id,
    seq: i64,
    id: Id,
    at: Instant,
    account_id: Id,
    person_id: Option<Id>,
    role: Option<String>,
    op: String,
    kind: String,
    thing_id: Id,
    details: Json,
    request_id: String,
    hash: Vec<u8>,
}

impl EntryRow {
    /// This entry's hash over everything in it and the hash before.
    fn link(&self, before: &[u8]) -> Vec<u8> {
        let mut hash = Sha256::new();
        let person = self.person_id.map(|person| person.to_string()).unwrap_or_default();
        let at = self.at.0.timestamp_micros().to_string();
        for part in [
            before,
            self.jurisdiction_id.0.as_bytes(),
            &self.seq.to_be_bytes(),
            self.id.0.as_bytes(),
            at.as_bytes(),
            self.account_id.0.as_bytes(),
            person.as_bytes(),
            self.role.as_deref().unwrap_or_default().as_bytes(),
            self.op.as_bytes(),
            self.kind.as_bytes(),
            self.thing_id.0.as_bytes(),
            &ordered(&self.details.0),
            self.request_id.as_bytes(),
        ] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().to_vec()
    }
}

/// JSON in one spelling: PostgreSQL gives `jsonb` back with its keys in another order.
pub fn ordered(value: &Value) -> Vec<u8> {
    fn write(value: &Value, out: &mut String) {
        match value {
            Value::Object(fields) => {
                let mut fields: Vec<_> = fields.iter().collect();
                fields.sort_by(|a, b| a.0.cmp(b.0));
                out.push('{');
                for (key, value) in fields {
                    out.push_str(&Value::from(key.as_str()).to_string());
                    out.push(':');
                    write(value, out);
                    out.push(',');
                }
                out.push('}');
            }
            Value::Array(values) => {
                out.push('[');
                for value in values {
                    write(value, out);
                    out.push(',');
                }
                out.push(']');
            }
            value => out.push_str(&value.to_string()),
        }
    }
    let mut out = String::new();
    write(value, &mut out);
    out.into_bytes()
}

#[derive(Insertable)]
#[diesel(table_name = changes, treat_none_as_default_value = false)]
struct ChangeRow {
    jurisdiction_id: Id,
    seq: i64,
    id: Id,
    at: Instant,
    op: &'static str,
    kind: &'static str,
    thing_id: Id,
    version: i64,
    state: Option<&'static str>,
    belongs: Json,
}

/// Up to `most` entries after one.
fn entries(conn: &mut Conn, jurisdiction: Id, after: i64, most: i64) -> QueryResult<Vec<EntryRow>> {
    audit_entries::table
        .filter(audit_entries::jurisdiction_id.eq(jurisdiction))
        .filter(audit_entries::seq.gt(after))
        .order(audit_entries::seq.asc())
        .limit(most)
        .load(conn)
}

/// The first thing wrong with a jurisdiction's chain, in words for the operator.
pub fn verify(conn: &mut Conn, seal: &Seal, jurisdiction: Id) -> Maybe<Result<i64, String>> {
    let columns = (heads::audit_seq, heads::audit_hash, heads::audit_mac);
    let head: Option<(i64, Vec<u8>, Vec<u8>)> = heads::table.find(jurisdiction).select(columns).first(conn).optional()?;
    let Some((seq, head, mac)) = head else { return Ok(Err("its head is missing".to_owned())) };
    if head_mac(seal, jurisdiction, seq, &head) != mac {
        return Ok(Err("the head's signature is not ours".to_owned()));
    }
    let mut hash = Sha256::digest(jurisdiction.0.as_bytes()).to_vec();
    let mut at = 0;
    loop {
        // What makes a page unreadable is found one by one.
        let unreadable = |error: &Sql| matches!(error, Sql::DeserializationError(_));
        let rows = match entries(conn, jurisdiction, at, 1000) {
            Err(error) if unreadable(&error) => entries(conn, jurisdiction, at, 1),
            read => read,
        };
        let rows = match rows {
            Err(error) if unreadable(&error) => return Ok(Err(format!("entry {} cannot be read", at + 1))),
            rows => rows?,
        };
        if rows.is_empty() {
            break;
        }
        for row in rows {
            if row.seq != at + 1 {
                return Ok(Err(format!("entry {} is missing", at + 1)));
            }
            at = row.seq;
            let expected = row.link(&hash);
            if expected != row.hash {
                return Ok(Err(format!("entry {at} ({}) was changed", row.id)));
            }
            hash = expected;
        }
    }
    if at < seq {
        return Ok(Err(format!("the entries {} to {seq} were cut off", at + 1)));
    }
    if at > seq || hash != head {
        return Ok(Err("the head and the last entry do not agree".to_owned()));
    }
    Ok(Ok(at))
}

/// Every jurisdiction's chain; the count of entries where all are whole.
pub fn verify_all(conn: &mut Conn, seal: &Seal) -> Maybe<Result<i64, Vec<String>>> {
    // Not the heads': one that is gone must show.
    let all: Vec<Id> = jurisdictions::table.select(jurisdictions::id).order(jurisdictions::id).load(conn)?;
    let (mut entries, mut faults) = (0, Vec::new());
    for jurisdiction in all {
        match verify(conn, seal, jurisdiction)? {
            Ok(count) => entries += count,
            Err(fault) => faults.push(format!("jurisdiction {jurisdiction}: {fault}")),
        }
    }
    Ok(if faults.is_empty() { Ok(entries) } else { Err(faults) })
}

/// What was made of one row.
pub fn only<T>(mut made: Vec<T>) -> Maybe<T> {
    made.pop().ok_or_else(|| vanished(std::any::type_name::<T>()))
}

/// A problem for what must not happen after a row was read in this transaction.
pub fn vanished(what: &str) -> Problem {
    Problem::internal(format!("{what} vanished within its transaction"))
}
