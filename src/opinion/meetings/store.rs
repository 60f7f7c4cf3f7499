//! Meetings as they are found, held and ended.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::wire::{Meeting, MeetingState};
use crate::base::id::Id;
use crate::base::instant::Instant;
use crate::base::problem::{Maybe, Problem, warnings};
use crate::db::schema::{meetings, meetings::dsl, opinions};
use crate::db::{Engine, Tx};
use crate::http::IfMatch;
use crate::opinion::deadlines::{Deadlines, Urgency};
use crate::opinion::way::{DueKind, State};
use crate::overwrite;
use crate::record::Thing;

/// A meeting as it is stored.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = meetings)]
pub struct MeetingRow {
    pub id: Id,
    name: String,
    pub held_on: NaiveDate,
    place: Option<String>,
    pub state: MeetingState,
    state_reason: Option<String>,
    closed_on: Option<NaiveDate>,
    pub version: i64,
    created_at: Instant,
    updated_at: Instant,
}

impl From<MeetingRow> for Meeting {
    fn from(row: MeetingRow) -> Self {
        let texts = [("/name", Some(&row.name)), ("/place", row.place.as_ref()), ("/state_reason", row.state_reason.as_ref())];
        let warnings = texts.into_iter().flat_map(|(pointer, text)| warnings(pointer, text.map_or("", String::as_str))).collect();
        let MeetingRow { id, name, held_on, place, state, state_reason, closed_on, version, created_at, updated_at } = row;
        Self { id, name, held_on, place, state, state_reason, closed_on, warnings, version, created_at, updated_at }
    }
}

pub fn shown(rows: Vec<MeetingRow>) -> Maybe<Vec<Meeting>> {
    Ok(rows.into_iter().map(Meeting::from).collect())
}

impl Thing for MeetingRow {
    const KIND: &'static str = "meeting";

    fn id(&self) -> Id {
        self.id
    }

    fn version(&self) -> i64 {
        self.version
    }

    fn state(&self) -> Option<&'static str> {
        Some(self.state.as_str())
    }
}

/// Every query of a meeting starts here.
pub fn visible(tx: &Tx<'_>) -> meetings::BoxedQuery<'static, Engine> {
    dsl::meetings.filter(dsl::jurisdiction_id.eq(tx.jurisdiction())).into_boxed()
}

pub fn find(tx: &mut Tx<'_>, id: Id) -> Maybe<MeetingRow> {
    Ok(visible(tx).filter(dsl::id.eq(id)).select(MeetingRow::as_select()).first(tx.conn)?)
}

/// 409 unless it is yet to be held.
pub fn planned(tx: &mut Tx<'_>, id: Id, seen: &IfMatch) -> Maybe<MeetingRow> {
    let meeting = find(tx, id)?;
    seen.check(meeting.version)?;
    if meeting.state == MeetingState::Planned {
        return Ok(meeting);
    }
    Err(Problem::state(meeting.state.as_str(), meeting.state.zh(), Vec::new()))
}

/// Locks a meeting until this transaction ends, if it is still planned: whoever closes it has to wait, or was faster.
pub fn hold_planned(tx: &mut Tx<'_>, id: Id) -> Maybe<bool> {
    let row = dsl::meetings.filter(dsl::id.eq(id)).filter(dsl::state.eq(MeetingState::Planned));
    Ok(diesel::update(row).set(dsl::updated_at.eq(dsl::updated_at)).execute(tx.conn)? == 1)
}

pub fn end(
    tx: &mut Tx<'_>,
    before: &MeetingRow,
    state: MeetingState,
    closed_on: Option<NaiveDate>,
    reason: Option<&str>,
) -> Maybe<MeetingRow> {
    let ended = (dsl::state.eq(state), dsl::closed_on.eq(closed_on), dsl::state_reason.eq(reason));
    let next = (dsl::version.eq(before.version + 1), dsl::updated_at.eq(tx.now));
    overwrite!(tx, meetings, (before.id, before.version), (ended, next))?;
    find(tx, before.id)
}

/// The deadline of every decision that is open on a meeting's agenda; `None`: it will not be held. As lateness is, it is told
/// by the meeting and not by the opinions' versions.
pub fn count_decisions_from(tx: &mut Tx<'_>, meeting: Id, day: Option<NaiveDate>) -> Maybe<()> {
    let deadlines = Deadlines::load(tx)?;
    for urgency in Urgency::ALL {
        let due = day.map(|day| deadlines.due(DueKind::Decision, *urgency, day));
        let open = opinions::table
            .filter(opinions::meeting_id.eq(meeting))
            .filter(opinions::state.eq(State::Reported))
            .filter(opinions::due_kind.eq(DueKind::Decision))
            .filter(opinions::urgency.eq(*urgency));
        diesel::update(open)
            .set((
                opinions::due_kind.eq(due.map(|_| DueKind::Decision)),
                opinions::due_on.eq(due.map(|due| due.day)),
                opinions::due_assumed.eq(due.is_some_and(|due| due.assumed)),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}
