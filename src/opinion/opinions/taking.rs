//! How a step is taken: judged on what was found, saved with its deadline, and kept in the history.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde_json::json;

use super::history::{Details, TransitionRow};
use super::store::{self, Case, OpinionRow};
use crate::base::id::Id;
use crate::base::problem::{Code, Maybe, Problem, Say, say};
use crate::db::Tx;
use crate::db::schema::opinion_transitions;
use crate::db::words::Json;
use crate::directory::settings;
use crate::http::IfMatch;
use crate::opinion::deadlines::Deadlines;
use crate::opinion::way::{self, Denied, Edge, Facts, State};
use crate::policy::{Op, Role};
use crate::record;

/// The setting keeps declining for a committee's chair, and the caller speaks for a committee without chairing it. Others are
/// spared the statement.
pub fn chair_only(tx: &mut Tx<'_>) -> Maybe<bool> {
    let asks = tx.caller.grants.iter().any(|grant| grant.role == Role::Committee && !grant.chairs);
    let today = tx.today;
    Ok(asks && settings::on(tx, today)?.decline_by_chair)
}

/// A step that this caller may take on this opinion now.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    pub edge: &'static Edge,
    pub role: &'static str,
    /// The body that the caller speaks for in it.
    pub organization: Option<Id>,
}

/// Judges a step on what was found: 403 without the right or on what is one's own, 428 or 412 without the version that was
/// seen, 409 where the state does not allow it.
pub fn take(tx: &mut Tx<'_>, case: &Case, op: Op, seen: Option<&IfMatch>) -> Maybe<Taken> {
    let standing = case.standing(tx.today);
    let chair_only = chair_only(tx)?;
    let grant = way::may(tx.caller, op, &standing, chair_only).map_err(denied)?;
    if let Some(seen) = seen {
        seen.check(case.row.version)?;
    }
    match way::next(Some(case.row.state), op, &standing.facts) {
        Some(edge) => Ok(Taken { edge, role: grant.role.as_str(), organization: grant.organization }),
        None => Err(refused(tx, case)?),
    }
}

/// A step that a time brings about.
pub fn take_by_clock(case: &Case, op: Op, facts: &Facts) -> Maybe<Taken> {
    let state = case.row.state;
    let edge = way::next(Some(state), op, facts).ok_or_else(|| Problem::state(state.as_str(), state.zh(), Vec::new()))?;
    Ok(Taken { edge, role: "clock", organization: None })
}

/// 409: where it stands, and what is possible instead.
pub fn refused(tx: &mut Tx<'_>, case: &Case) -> Maybe<Problem> {
    Ok(Problem::state(case.row.state.as_str(), case.row.state.zh(), actions(tx, case)?))
}

/// 409 for what the state allows in general, but not as things stand.
pub fn conflict(tx: &mut Tx<'_>, case: &Case, detail: Say) -> Maybe<Problem> {
    Ok(Problem::conflict(detail).with_actions(actions(tx, case)?))
}

fn actions(tx: &mut Tx<'_>, case: &Case) -> Maybe<Vec<String>> {
    let chair_only = chair_only(tx)?;
    let allowed = way::allowed(tx.caller, &case.standing(tx.today), chair_only);
    Ok(allowed.into_iter().map(str::to_owned).collect())
}

fn denied(why: Denied) -> Problem {
    match why {
        Denied::Role => Problem::plain(Code::Forbidden),
        Denied::Own => Problem::plain(Code::OwnMatter),
        Denied::DeclinedIt => {
            let detail = say("作出不予受理决定的人不再决定同一件", "who declined it does not decide it again");
            Problem::new(Code::OwnMatter, detail)
        }
    }
}

/// What is told of a step beside from where to where.
#[derive(Clone, Debug, Default)]
pub struct Note {
    pub reason: Option<String>,
    pub details: Details,
    pub counted_from: Begins,
}

/// From when a new deadline is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Begins {
    /// From the day of the deed.
    #[default]
    Today,
    /// From a meeting's day.
    On(NaiveDate),
    /// What it waits for has no day yet, or nobody waits.
    Never,
}

impl Note {
    pub fn because(reason: &str) -> Self {
        Self { reason: Some(reason.to_owned()), ..Self::default() }
    }
}

/// Saves a step that was judged: state and deadline by the edge, the row's other changes as the handler made them, the step
/// itself, and the deed.
pub fn save(tx: &mut Tx<'_>, case: &mut Case, taken: &Taken, note: Note) -> Maybe<()> {
    let before = case.row.state;
    if let way::To::State(to) = taken.edge.to {
        case.row.state = to;
    }
    set_due(tx, &mut case.row, taken.edge.due, note.counted_from)?;
    store::put(tx, &mut case.row)?;
    keep(tx, case, taken, Some(before), note)?;
    record::deed(tx, taken.edge.by, case);
    Ok(())
}

/// The step in the opinion's history.
pub fn keep(tx: &mut Tx<'_>, case: &Case, taken: &Taken, before: Option<State>, note: Note) -> Maybe<()> {
    let step = TransitionRow {
        id: Id::fresh(),
        jurisdiction_id: case.row.jurisdiction_id,
        opinion_id: case.row.id,
        at: tx.now,
        op: taken.edge.by.as_str().to_owned(),
        from_state: before,
        to_state: case.row.state,
        role: taken.role.to_owned(),
        person_id: tx.caller.person,
        organization_id: taken.organization,
        owner_id: case.row.owner_id,
        reason: note.reason,
        details: Json(json!(note.details)),
    };
    diesel::insert_into(opinion_transitions::table).values(&step).execute(tx.conn)?;
    Ok(())
}

/// What a step does to the deadline.
pub fn set_due(tx: &mut Tx<'_>, row: &mut OpinionRow, clock: way::Clock, begins: Begins) -> Maybe<()> {
    let from = match begins {
        Begins::Today => Some(tx.today),
        Begins::On(day) => Some(day),
        Begins::Never => None,
    };
    match (clock, from) {
        (way::Clock::Keeps, _) => {}
        (way::Clock::Starts(kind), Some(from)) => {
            let due = Deadlines::load(tx)?.due(kind, row.urgency, from);
            (row.due_kind, row.due_on, row.due_assumed) = (Some(kind), Some(due.day), due.assumed);
        }
        (way::Clock::Stops | way::Clock::Starts(_), _) => (row.due_kind, row.due_on, row.due_assumed) = (None, None, false),
    }
    Ok(())
}
