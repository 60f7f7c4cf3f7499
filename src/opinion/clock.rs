//! What passes by itself (arts. 19, 25): each function does one bounded batch for one jurisdiction and tells how much it did;
//! `0` says that nothing is left. Run under the clock's own caller by whoever keeps time; twice or by two at once does no harm.

use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::json;

use super::opinions::routing;
use super::opinions::store::{self, Case};
use super::opinions::taking::{Note, save, take_by_clock};
use super::way::{DueKind, Facts, Owes, State};
use super::{adoption_feedback, meetings};
use crate::base::calendar::Calendars;
use crate::base::id::Id;
use crate::base::problem::Maybe;
use crate::db::Tx;
use crate::db::schema::{opinions, posts};
use crate::directory::calendars;
use crate::policy::Op;
use crate::record::{self, Thing, To, notify};

/// How much one transaction does at most.
const BATCH: usize = 100;

/// Returned opinions whose time to resubmit ran out are withdrawn (30 calendar days, a setting).
pub fn lapse(tx: &mut Tx<'_>) -> Maybe<usize> {
    let late: Vec<Id> = opinions::table
        .filter(opinions::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(opinions::state.eq(State::Returned))
        .filter(opinions::due_on.is_not_null().and(opinions::due_on.assume_not_null().lt(tx.today)))
        .order(opinions::id)
        .limit(BATCH as i64)
        .select(opinions::id)
        .load(tx.conn)?;
    for id in &late {
        let mut case = store::hold(tx, *id)?;
        // Its author was faster.
        if case.row.state != State::Returned {
            continue;
        }
        let taken = take_by_clock(&case, Op::opinion_lapse, &Facts::default())?;
        case.row.returned_on = None;
        save(tx, &mut case, &taken, Note::default())?;
        for author in case.authors() {
            notify(tx, author.to(), "opinion_lapsed", Case::KIND, case.row.id, json!({}))?;
        }
    }
    Ok(late.len())
}

/// Receipts that nobody answered in time are closed, and with the last one the opinion.
pub fn close_feedback(tx: &mut Tx<'_>) -> Maybe<usize> {
    adoption_feedback::unanswered::close(tx, BATCH as i64)
}

/// Items of meetings that ended, and those that waited for a next meeting, are put on it.
pub fn carry_over(tx: &mut Tx<'_>) -> Maybe<usize> {
    meetings::agenda::carry_over(tx, BATCH)
}

/// When somebody is told of a deadline, in working days from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Soon,
    Today,
    Overdue,
    /// To the secretary-general.
    LongOverdue,
}

impl Stage {
    const fn kind(self) -> &'static str {
        match self {
            Self::Soon => "opinion_due_soon",
            Self::Today => "opinion_due_today",
            Self::Overdue => "opinion_overdue",
            Self::LongOverdue => "opinion_long_overdue",
        }
    }
}

/// Working days before a deadline, and after it, at which somebody is told.
const BEFORE: u32 = 3;
const AFTER: u32 = 3;
const LONG_AFTER: u32 = 10;
/// From here on nothing more is told.
const FORGOTTEN: u32 = 20;

/// The reminder that is due today for a deadline. One that was missed, because nobody kept time, is told late rather than
/// never, until the next one takes its place.
fn stage(calendars: &Calendars, on: NaiveDate, today: NaiveDate) -> Option<Stage> {
    let after = |n| calendars.add_working_days(on, n).day;
    match today {
        _ if today >= after(FORGOTTEN) => None,
        _ if today >= after(LONG_AFTER) => Some(Stage::LongOverdue),
        _ if today >= after(AFTER) => Some(Stage::Overdue),
        _ if today >= on => Some(Stage::Today),
        _ => (today >= calendars.previous_working_days(on, BEFORE).day).then_some(Stage::Soon),
    }
}

/// One deadline near enough to be spoken of.
type Near = (Id, DueKind, NaiveDate, Option<Id>, Option<Id>, Option<Id>);

/// Reminders three working days before a deadline, on it and three after to whoever owes, ten after to the secretary-general.
pub fn remind(tx: &mut Tx<'_>) -> Maybe<usize> {
    let calendars = calendars::in_force(tx)?;
    let today = tx.today;
    let until = calendars.add_working_days(today, BEFORE).day;
    let from = calendars.previous_working_days(today, FORGOTTEN).day;
    let office = routing::office(tx).ok();
    let heads = secretaries_general(tx)?;
    let (mut told, mut after) = (0, Id::NIL);
    while told < BATCH {
        let near: Vec<Near> = opinions::table
            .filter(opinions::jurisdiction_id.eq(tx.jurisdiction()))
            .filter(opinions::due_on.is_not_null().and(opinions::due_on.assume_not_null().between(from, until)))
            .filter(opinions::due_kind.is_not_null())
            .filter(opinions::id.gt(after))
            .order(opinions::id)
            .limit(500)
            .select((
                opinions::id,
                opinions::due_kind.assume_not_null(),
                opinions::due_on.assume_not_null(),
                opinions::owner_id,
                opinions::author_person_id,
                opinions::author_organization_id,
            ))
            .load(tx.conn)?;
        let Some(last) = near.last() else { break };
        after = last.0;
        let reminders: Vec<Reminder> = near.iter().flat_map(|near| reminders(&calendars, near, today, office, &heads)).collect();
        told += send(tx, reminders, BATCH - told)?;
    }
    Ok(told)
}

struct Reminder {
    to: To,
    stage: Stage,
    opinion: Id,
    kind: DueKind,
    on: NaiveDate,
    once: String,
}

fn reminders(calendars: &Calendars, near: &Near, today: NaiveDate, office: Option<Id>, heads: &[Id]) -> Vec<Reminder> {
    let (opinion, kind, on, owner, person, body) = *near;
    let Some(stage) = stage(calendars, on, today) else { return Vec::new() };
    let is_authors = kind.owed_by() == Owes::Author;
    let to: Vec<To> = match (stage, kind.owed_by()) {
        // What an author may do ends with its day: there is nothing to hurry for afterwards.
        (Stage::Overdue | Stage::LongOverdue, Owes::Author) => Vec::new(),
        (Stage::LongOverdue, _) => heads.iter().map(|head| To::Person(*head)).collect(),
        (_, Owes::Owner) => owner.map(To::Body).into_iter().collect(),
        (_, Owes::Office) => office.map(To::Body).into_iter().collect(),
        (_, Owes::Author) => person.map(To::Person).or_else(|| body.map(To::Body)).into_iter().collect(),
    };
    // An objection is a right and no duty.
    if is_authors && kind == DueKind::Objection {
        return Vec::new();
    }
    let reminder = |to: To| {
        let whom = match to {
            To::Person(id) | To::Body(id) => id,
        };
        Reminder { to, stage, opinion, kind, on, once: format!("{} {opinion} {kind} {on} {whom}", stage.kind()) }
    };
    to.into_iter().map(reminder).collect()
}

/// Tells those that were not told before, at most `limit`.
fn send(tx: &mut Tx<'_>, reminders: Vec<Reminder>, limit: usize) -> Maybe<usize> {
    let known: HashSet<String> = record::told(tx, reminders.iter().map(|reminder| reminder.once.as_str()))?;
    let mut told = 0;
    for reminder in reminders.into_iter().filter(|reminder| !known.contains(&reminder.once)).take(limit) {
        let params = json!({"due_kind": reminder.kind, "due_on": reminder.on});
        let kind = reminder.stage.kind();
        told += usize::from(record::notify_once(tx, reminder.to, kind, Case::KIND, reminder.opinion, params, &reminder.once)?);
    }
    Ok(told)
}

fn secretaries_general(tx: &mut Tx<'_>) -> Maybe<Vec<Id>> {
    Ok(posts::table
        .filter(posts::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(posts::kind.eq("secretary_general"))
        .filter(posts::from_day.le(tx.today))
        .filter(posts::to_day.is_null().or(posts::to_day.ge(tx.today)))
        .select(posts::person_id)
        .load(tx.conn)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(today: &str) -> Option<Stage> {
        stage(&Calendars::published(), "2026-02-12".parse().unwrap(), today.parse().unwrap())
    }

    #[test]
    fn reminders_come_on_working_days_around_the_deadline() {
        for (today, expected) in [
            ("2026-02-08", None),
            ("2026-02-09", Some(Stage::Soon)),
            ("2026-02-11", Some(Stage::Soon)),
            ("2026-02-12", Some(Stage::Today)),
            // 14 February is worked, then it is the Spring Festival until the 23rd.
            ("2026-02-23", Some(Stage::Today)),
            ("2026-02-24", Some(Stage::Overdue)),
            ("2026-03-03", Some(Stage::Overdue)),
            ("2026-03-04", Some(Stage::LongOverdue)),
            ("2026-03-18", None),
        ] {
            assert_eq!(on(today), expected, "{today}");
        }
    }
}
