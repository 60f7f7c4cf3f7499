//! Deadlines under way are counted anew when a calendar of their days comes or changes (art. 25): the n-th working day is the
//! calendar's matter, and nobody is late by a holiday that was entered afterwards.
//!
//! Each is counted as it was at first: from the day on which its clock began, by the settings of that day. As lateness is, it is
//! told by the calendar and not by the opinion's version.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::adoption_feedback::store as receipts;
use super::deadlines::{Deadlines, Urgency};
use super::way::{Clock, DueKind, State, To, WAY};
use crate::base::calendar::{Due, local_day};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::Maybe;
use crate::db::Tx;
use crate::db::schema::{meetings, opinion_transitions, opinions};
use crate::directory::calendars;
use crate::directory::settings;

/// How much one transaction changes at most, and how much it reads at once.
const BATCH: usize = 100;
const PAGE: i64 = 500;

/// One deadline as it stands.
#[derive(Queryable)]
struct Standing {
    id: Id,
    version: i64,
    kind: DueKind,
    due: NaiveDate,
    assumed: bool,
    urgency: Urgency,
    meeting: Option<Id>,
}

/// Brings deadlines up to the calendars: those that a changed one of this jurisdiction may touch or, where none has changed, those
/// that were assumed of a year that a newer program knows. Returns how many were put right, and one for a calendar that is done with.
pub fn recount(tx: &mut Tx<'_>) -> Maybe<usize> {
    let changed = calendars::uncounted(tx)?;
    let mut deadlines = Deadlines::load(tx)?;
    let mut dated = None;
    let first_of = |year: i32| NaiveDate::from_ymd_opt(year, 1, 1);
    let touched = changed.and_then(|calendar| first_of(i32::try_from(calendar.year).ok()?));
    let known_before = deadlines.calendars.last_year().and_then(|year| first_of(year + 1)).unwrap_or(tx.today);
    // In the order of the index of what is due: a deadline that is moved forward is only looked at twice.
    let (day, id) = (opinions::due_on.assume_not_null(), opinions::id);
    let mut after = (touched.or(first_of(2000)).unwrap_or(tx.today), Id::NIL);
    let mut done = 0;
    while done < BATCH {
        let due = opinions::table
            .filter(opinions::jurisdiction_id.eq(tx.jurisdiction()))
            .filter(opinions::due_on.is_not_null())
            .filter(opinions::due_kind.is_not_null().and(opinions::due_kind.assume_not_null().ne(DueKind::Resubmission)))
            .filter(day.ge(after.0))
            .filter(day.gt(after.0).or(id.gt(after.1)))
            .order((day.asc(), id.asc()))
            .limit(PAGE)
            .into_boxed();
        let due = if touched.is_some() { due } else { due.filter(opinions::due_assumed).filter(day.lt(known_before)) };
        let page: Vec<Standing> = due
            .select((
                opinions::id,
                opinions::version,
                opinions::due_kind.assume_not_null(),
                opinions::due_on.assume_not_null(),
                opinions::due_assumed,
                opinions::urgency,
                opinions::meeting_id,
            ))
            .load(tx.conn)?;
        let Some(last) = page.last() else { break };
        after = (last.due, last.id);
        let begun = begun(tx, &page)?;
        for standing in &page {
            let Some(day) = begun.get(&standing.id) else { continue };
            let dated = match &dated {
                Some(dated) => dated,
                None => dated.insert(settings::Dated::load(tx)?),
            };
            deadlines.settings = dated.on(*day);
            let due = deadlines.due(standing.kind, standing.urgency, *day);
            if (due.day, due.assumed) != (standing.due, standing.assumed) && done < BATCH {
                done += put(tx, standing, due)?;
            }
        }
    }
    if let (0, Some(changed)) = (done, &changed) {
        calendars::counted(tx, changed)?;
        return Ok(1);
    }
    Ok(done)
}

/// The day from which each is counted: the meeting's for a decision, the day of the step that started its clock otherwise.
fn begun(tx: &mut Tx<'_>, page: &[Standing]) -> Maybe<HashMap<Id, NaiveDate>> {
    let (at_meetings, others): (Vec<_>, Vec<_>) =
        page.iter().partition(|standing| standing.kind == DueKind::Decision && standing.meeting.is_some());
    let sought: Vec<Id> = at_meetings.iter().filter_map(|standing| standing.meeting).collect();
    let held: Vec<(Id, NaiveDate, Option<NaiveDate>)> = meetings::table
        .filter(meetings::id.eq_any(sought))
        .select((meetings::id, meetings::held_on, meetings::closed_on))
        .load(tx.conn)?;
    let held: HashMap<Id, NaiveDate> = held.into_iter().map(|(id, held, closed)| (id, closed.unwrap_or(held))).collect();
    let day_of = |standing: &&Standing| Some((standing.id, *held.get(&standing.meeting?)?));
    let mut begun: HashMap<Id, NaiveDate> = at_meetings.iter().filter_map(day_of).collect();

    let kinds: HashMap<Id, DueKind> = others.iter().map(|standing| (standing.id, standing.kind)).collect();
    let steps: Vec<(Id, Instant, String, Option<State>, State)> = opinion_transitions::table
        .filter(opinion_transitions::opinion_id.eq_any(kinds.keys().copied().collect::<Vec<_>>()))
        .order((opinion_transitions::opinion_id, opinion_transitions::id))
        .select((
            opinion_transitions::opinion_id,
            opinion_transitions::at,
            opinion_transitions::op,
            opinion_transitions::from_state,
            opinion_transitions::to_state,
        ))
        .load(tx.conn)?;
    for (id, at, op, from, to) in steps {
        if kinds.get(&id).is_some_and(|kind| starts(*kind, &op, from, to)) {
            begun.insert(id, local_day(at.0, tx.caller.zone));
        }
    }
    Ok(begun)
}

/// Whether a step that was taken is one that starts this clock.
fn starts(kind: DueKind, op: &str, from: Option<State>, to: State) -> bool {
    WAY.iter().any(|edge| {
        let leaves = from.map_or(edge.from.is_empty(), |from| edge.from.contains(&from));
        let arrives = if let To::State(state) = edge.to { state == to } else { from == Some(to) };
        edge.by.as_str() == op && leaves && arrives && edge.due == Clock::Starts(kind)
    })
}

/// Whoever takes a step meanwhile counts by the new calendar anyhow.
fn put(tx: &mut Tx<'_>, of: &Standing, due: Due) -> Maybe<usize> {
    let row = opinions::table.filter(opinions::id.eq(of.id)).filter(opinions::version.eq(of.version));
    let changed =
        diesel::update(row).set((opinions::due_on.eq(due.day), opinions::due_assumed.eq(due.assumed))).execute(tx.conn)?;
    if changed == 1 && of.kind == DueKind::Acknowledgement {
        receipts::count_anew(tx, of.id, due.day)?;
    }
    Ok(changed)
}
