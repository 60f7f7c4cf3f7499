//! The end of personal data: erased on the person's wish, anonymised when its purpose is over (PIPL art. 47).

use std::collections::HashSet;

use chrono::{Days, Duration, Months, NaiveDate};
use diesel::prelude::*;
use serde_json::json;

use super::handlings;
use super::store::{self, ConstituentRow, Rows};
use super::wire::ConstituentErase;
use crate::base::calendar::end_of_day;
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Code, Maybe};
use crate::contact::contact_assignments::store as assignments;
use crate::db::Tx;
use crate::db::schema::constituents::dsl;
use crate::db::schema::{contact_assignments, event_constituents, opinion_constituents, posts};
use crate::directory::{calendars, settings};
use crate::http::once;
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
    forget_answers(tx, row.id)?;
    let mut details = handlings::add(tx, Op::constituent_erase, row, Some(&wish.reason))?;
    details["requested_on"] = json!(wish.requested_on);
    details["due_on"] = json!(due.day);
    details["in_time"] = json!(tx.today <= due.day);
    record::deed_with(tx, Op::constituent_erase, row, details);
    assignments::end_of_constituent(tx, row.id, "本人要求删除个人信息")
}

/// Answers that are kept for a repeated request may still name the person: those of the record, and of all that refers to it.
fn forget_answers(tx: &mut Tx<'_>, constituent: Id) -> Maybe<()> {
    let events = event_constituents::table.filter(event_constituents::constituent_id.eq(constituent));
    let opinions = opinion_constituents::table.filter(opinion_constituents::constituent_id.eq(constituent));
    let plans = contact_assignments::table.filter(contact_assignments::contacted_constituent_id.eq(constituent));
    let mut things: Vec<Id> = vec![constituent];
    things.extend(events.select(event_constituents::event_id).load::<Id>(tx.conn)?);
    things.extend(opinions.select(opinion_constituents::opinion_id).load::<Id>(tx.conn)?);
    things.extend(plans.select(contact_assignments::id).load::<Id>(tx.conn)?);
    once::forget(tx.conn, &things)
}

/// How many records one call anonymises at most: the night's work goes on in small transactions.
pub const BATCH: i64 = 100;

/// Anonymises what is due in the jurisdiction of `tx`, up to [`BATCH`] records; at 0 nothing is left.
///
/// Due is who was not contacted for as many months as the settings say, counted from the last contact or, without any, from the
/// day of the record, and whoever's member has left office with no further term entered: not on the next day, since an end that
/// was entered wrongly is corrected and names that are gone are gone, but after the days that the settings leave for that.
pub fn anonymise_due(tx: &mut Tx<'_>) -> Maybe<usize> {
    let settings = settings::on(tx, tx.today)?;
    let Some(limit) = tx.today.checked_sub_months(Months::new(settings.anonymise_months)) else { return Ok(0) };
    let mut due = forgotten(tx, limit)?;
    if due.is_empty() {
        due = never_met(tx, limit)?;
    }
    let told = !due.is_empty();
    if due.is_empty() {
        due = abandoned(tx, settings.leaver_grace_days)?;
    }
    let mut done = 0;
    for mut row in due {
        row.wipe();
        row.anonymised_on = Some(tx.today);
        match store::save(tx, &mut row) {
            Ok(()) => {}
            // Its member was faster; the next round sees what became of it.
            Err(problem) if problem.code == Code::VersionMismatch => continue,
            Err(problem) => return Err(problem),
        }
        handlings::wipe(tx, row.id)?;
        forget_answers(tx, row.id)?;
        record::deed_with(tx, Op::constituent_anonymise, &row, json!({"last_contact_on": row.last_contact_on}));
        assignments::end_of_constituent(tx, row.id, "个人信息已隐去")?;
        // Who has left is not told of each of the people left behind.
        if told {
            record::notify(tx, To::Person(row.member_id), "constituent_anonymised", ConstituentRow::KIND, row.id, json!({}))?;
        }
        done += 1;
    }
    Ok(done)
}

/// Records that still tell who it is. The two conditions stand in the index of these, so that a night with nothing due is cheap.
fn active(tx: &Tx<'_>) -> Rows {
    dsl::constituents
        .filter(dsl::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(dsl::anonymised_on.is_null())
        .filter(dsl::erased_on.is_null())
        .order(dsl::id)
        .limit(BATCH)
        .into_boxed()
}

/// Their last contact was before `limit`.
fn forgotten(tx: &mut Tx<'_>, limit: NaiveDate) -> Maybe<Vec<ConstituentRow>> {
    Ok(active(tx).filter(dsl::last_contact_on.lt(limit)).select(ConstituentRow::as_select()).load(tx.conn)?)
}

/// They were written down before `limit` and never contacted. Apart from the others, so that each is one range of one index.
fn never_met(tx: &mut Tx<'_>, limit: NaiveDate) -> Maybe<Vec<ConstituentRow>> {
    let before = Instant::of(end_of_day(limit, tx.caller.zone) - Duration::days(1));
    let due = active(tx).filter(dsl::last_contact_on.is_null()).filter(dsl::created_at.lt(before));
    Ok(due.select(ConstituentRow::as_select()).load(tx.conn)?)
}

/// Their member's last seat ended more than `grace` days ago.
fn abandoned(tx: &mut Tx<'_>, grace: u32) -> Maybe<Vec<ConstituentRow>> {
    let Some(still_kept) = tx.today.checked_sub_days(Days::new(u64::from(grace))) else { return Ok(Vec::new()) };
    let seats: Vec<(Id, Option<NaiveDate>)> = posts::table
        .filter(posts::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(posts::kind.eq("member"))
        .select((posts::person_id, posts::to_day))
        .load(tx.conn)?;
    let (kept, ended): (Vec<_>, Vec<_>) = seats.into_iter().partition(|(_, to)| to.is_none_or(|to| to >= still_kept));
    let kept: HashSet<Id> = kept.into_iter().map(|(person, _)| person).collect();
    let left: HashSet<Id> = ended.into_iter().map(|(person, _)| person).filter(|person| !kept.contains(person)).collect();
    if left.is_empty() {
        return Ok(Vec::new());
    }
    Ok(active(tx).filter(dsl::member_id.eq_any(left)).select(ConstituentRow::as_select()).load(tx.conn)?)
}
