//! The end of personal data: erased on the person's wish, anonymised when its purpose is over (PIPL art. 47).

use chrono::{Duration, Months, NaiveDate};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use serde_json::json;

use super::handlings;
use super::store::{self, ConstituentRow};
use super::wire::ConstituentErase;
use crate::base::calendar::{end_of_day, local_day};
use crate::base::instant::Instant;
use crate::base::problem::{Code, Maybe};
use crate::contact::contact_assignments::store as assignments;
use crate::db::schema::constituents::dsl;
use crate::db::schema::{constituents, posts};
use crate::db::{Engine, Tx};
use crate::directory::{calendars, settings};
use crate::policy::Op;
use crate::record::{self, Thing, To};

/// Working days from the person's wish to its fulfilment.
const ERASE_WITHIN: u32 = 15;

/// Erases on the person's wish and keeps the record that it was done.
pub fn erase(tx: &mut Tx<'_>, row: &mut ConstituentRow, wish: &ConstituentErase) -> Maybe<()> {
    let due = calendars::in_force(tx)?.add_working_days(wish.requested_on, ERASE_WITHIN);
    row.wipe();
    row.erased_on = Some(tx.today);
    row.erase_requested_on = Some(wish.requested_on);
    row.erase_due_on = Some(due.day);
    row.erase_due_assumed = Some(due.assumed);
    store::save(tx, row)?;
    handlings::wipe(tx, row.id)?;
    let mut details = handlings::add(tx, Op::constituent_erase, row, Some(&wish.reason))?;
    details["requested_on"] = json!(wish.requested_on);
    details["due_on"] = json!(due.day);
    details["in_time"] = json!(tx.today <= due.day);
    record::deed_with(tx, Op::constituent_erase, row, details);
    assignments::end_of_constituent(tx, row.id, "本人要求删除个人信息")
}

/// How many records one call anonymises at most: the night's work goes on in small transactions.
pub const BATCH: i64 = 100;

type Condition = Box<dyn BoxableExpression<constituents::table, Engine, SqlType = Bool>>;

/// Anonymises what is due in the jurisdiction of `tx`, up to [`BATCH`] records; the count tells whether to call again.
///
/// Due is whoever's member has left office with no further term entered, and whoever was not contacted for as many months as the
/// settings say, counted from the last contact or, without any, from the day of the record.
pub fn anonymise_due(tx: &mut Tx<'_>) -> Maybe<usize> {
    let months = settings::on(tx, tx.today)?.anonymise_months;
    let limit = tx.today.checked_sub_months(Months::new(months)).unwrap_or(NaiveDate::MIN);
    let rows: Vec<ConstituentRow> = dsl::constituents
        .filter(dsl::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(dsl::anonymised_on.is_null())
        .filter(dsl::erased_on.is_null())
        .filter(forgotten(tx, limit).or(abandoned(tx)))
        .order(dsl::id)
        .limit(BATCH)
        .select(ConstituentRow::as_select())
        .load(tx.conn)?;
    let mut done = 0;
    for mut row in rows {
        let last = row.last_contact_on.unwrap_or_else(|| local_day(row.created_at.0, tx.caller.zone));
        row.wipe();
        row.anonymised_on = Some(tx.today);
        match store::save(tx, &mut row) {
            Ok(()) => {}
            // Its member was faster; the next night sees what became of it.
            Err(problem) if problem.code == Code::VersionMismatch => continue,
            Err(problem) => return Err(problem),
        }
        handlings::wipe(tx, row.id)?;
        record::deed_with(tx, Op::constituent_anonymise, &row, json!({"last_contact_on": row.last_contact_on}));
        assignments::end_of_constituent(tx, row.id, "个人信息已隐去")?;
        // Who has left is not told of each of the people left behind.
        if last < limit {
            record::notify(tx, To::Person(row.member_id), "constituent_anonymised", ConstituentRow::KIND, row.id, json!({}))?;
        }
        done += 1;
    }
    Ok(done)
}

/// Nobody contacted them since before `limit`.
fn forgotten(tx: &Tx<'_>, limit: NaiveDate) -> Condition {
    let recorded = Instant::of(end_of_day(limit, tx.caller.zone) - Duration::days(1));
    let contacted = dsl::last_contact_on.is_not_null().and(dsl::last_contact_on.assume_not_null().lt(limit));
    Box::new(contacted.or(dsl::last_contact_on.is_null().and(dsl::created_at.lt(recorded))))
}

/// Their member holds no seat today and none that is yet to begin.
fn abandoned(tx: &Tx<'_>) -> Condition {
    let seated = posts::table
        .filter(posts::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(posts::kind.eq("member"))
        .filter(posts::to_day.is_null().or(posts::to_day.ge(tx.today)))
        .select(posts::person_id);
    Box::new(diesel::dsl::not(dsl::member_id.eq_any(seated)))
}
