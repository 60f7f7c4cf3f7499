//! The book of what was done with one person's data, by whom and why: what the hourly limit counts and what the person may ask for.
//!
//! Reasons are sealed and go with the person's data; the audit log holds a digest of them.

use chrono::Duration;
use diesel::prelude::*;
use serde_json::{Value, json};

use super::mask::{self, REASON};
use super::store::ConstituentRow;
use super::wire::Handling;
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Code, Maybe, Problem, say};
use crate::db::schema::constituent_handlings::dsl;
use crate::db::{Tx, dialect};
use crate::directory::refs::{Kind, Names};
use crate::directory::settings;
use crate::policy::Op;
use crate::record;

/// Writes it down; answers the particulars for the audit log.
pub fn add(tx: &mut Tx<'_>, op: Op, of: &ConstituentRow, reason: Option<&str>) -> Maybe<Value> {
    let id = Id::fresh();
    let row = (
        dsl::id.eq(id),
        dsl::jurisdiction_id.eq(tx.jurisdiction()),
        dsl::constituent_id.eq(of.id),
        dsl::account_id.eq(tx.caller.account),
        dsl::person_id.eq(tx.caller.person),
        dsl::op.eq(op.as_str()),
        dsl::at.eq(tx.now),
        dsl::reason.eq(reason.map(|reason| tx.seal.close(REASON, reason))),
    );
    diesel::insert_into(dsl::constituent_handlings).values(row).execute(tx.conn)?;
    Ok(json!({"handling": id, "reason": reason.map(|reason| record::digest(tx.seal, reason))}))
}

/// 429 when the account has opened as many records in the last hour as the settings allow. Two requests at once take turns, so
/// that the last permitted one is given once.
pub fn within_limit(tx: &mut Tx<'_>) -> Maybe<()> {
    let limit = settings::on(tx, tx.today)?.reveals_an_hour;
    let key = tx.seal.hash("reveals-of", &tx.caller.account.to_string());
    dialect::lock(tx.conn, &key)?;
    let opened: Vec<Instant> = dsl::constituent_handlings
        .filter(dsl::account_id.eq(tx.caller.account))
        .filter(dsl::at.gt(tx.now.plus(-Duration::hours(1))))
        .filter(dsl::op.eq_any([Op::constituent_reveal.as_str(), Op::constituent_data_export.as_str()]))
        .order(dsl::at.desc())
        .limit(i64::from(limit))
        .select(dsl::at)
        .load(tx.conn)?;
    let Some(oldest) = opened.last().filter(|_| opened.len() >= limit as usize) else { return Ok(()) };
    let wait = (oldest.0 + Duration::hours(1) - tx.now.0).num_seconds() + 1;
    let detail = say(
        format!("每小时至多查看 {limit} 次群众的全部信息"),
        format!("personal data may be revealed {limit} times an hour at most"),
    );
    Err(Problem::new(Code::RateLimited, detail).with_retry_after(u64::try_from(wait).unwrap_or(1)))
}

/// As many as `most` of one person's, oldest first, with the reasons in clear.
pub fn of(tx: &mut Tx<'_>, constituent: Id, most: i64) -> Maybe<Vec<Handling>> {
    type Row = (Instant, String, Option<Id>, Option<Vec<u8>>);
    let rows: Vec<Row> = dsl::constituent_handlings
        .filter(dsl::constituent_id.eq(constituent))
        .order(dsl::id)
        .limit(most)
        .select((dsl::at, dsl::op, dsl::person_id, dsl::reason))
        .load(tx.conn)?;
    let names = Names::load(tx, Kind::Person, rows.iter().filter_map(|(_, _, person, _)| *person))?;
    let show = |(at, op, person, reason): Row| {
        let reason = mask::open(tx.seal, REASON, reason.as_deref())?;
        Ok(Handling { at, op, by: names.maybe(person), reason })
    };
    rows.into_iter().map(show).collect()
}

/// Takes the reasons off, which may tell of the person.
pub fn wipe(tx: &mut Tx<'_>, constituent: Id) -> Maybe<()> {
    let theirs = dsl::constituent_handlings.filter(dsl::constituent_id.eq(constituent));
    diesel::update(theirs).set(dsl::reason.eq(None::<Vec<u8>>)).execute(tx.conn)?;
    Ok(())
}
