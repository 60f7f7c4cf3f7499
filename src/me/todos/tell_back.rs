//! 回告群众: after feedback, those from whom an opinion came are told what became of it (art. 1).
//!
//! It is done by a contact with one of them on the day of the feedback or later; for an opinion that came from an event whose
//! people were only counted, by any contact with the people. After a year it is let go.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use diesel::prelude::*;

use super::order::{Found, Order, Wish};
use super::wire::{Todo, TodoKind};
use crate::base::id::Id;
use crate::base::problem::Maybe;
use crate::contact::contact_events::ContactEventState;
use crate::db::Tx;
use crate::db::schema::{
    adoption_feedback, contact_events, event_constituents, event_participants, opinion_constituents, opinion_texts, opinions,
};
use crate::me::texts::Bilingual;
use crate::policy::Op;

const LET_GO_DAYS: u64 = 366;

/// An opinion that was answered, and whom it came from.
struct Answered {
    title: String,
    given_on: NaiveDate,
    came_from: BTreeSet<Id>,
}

pub fn owed(tx: &mut Tx<'_>, wish: &Wish) -> Maybe<Vec<Found>> {
    let (Some(person), None) = (tx.caller.own_person(Op::contact_event_create), wish.due_before) else { return Ok(Vec::new()) };
    let since = tx.today.checked_sub_days(Days::new(LET_GO_DAYS)).unwrap_or(tx.today);
    let answered = answered(tx, person, since)?;
    let Some(first) = answered.values().map(|one| one.given_on).min() else { return Ok(Vec::new()) };
    let told = contacts(tx, person, first)?;
    let show = |(id, one): (Id, Answered)| {
        let is_told = |(on, whom): &(NaiveDate, BTreeSet<Id>)| {
            *on >= one.given_on && (one.came_from.is_empty() || !one.came_from.is_disjoint(whom))
        };
        if told.iter().any(is_told) {
            return None;
        }
        let text = Bilingual {
            zh: format!("回告群众办理结果：《{}》", one.title),
            en: format!("Tell those it came from what became of “{}”", one.title),
        };
        let todo = Todo::new(TodoKind::TellBack, text, ("opinion", id)).since(one.given_on).by(Op::contact_event_create);
        Some((wish.key(Order::Since, one.given_on, id), todo))
    };
    Ok(wish.cut(answered.into_iter().filter_map(show).collect()))
}

/// The caller's opinions that came from somebody and were answered, each on the day of its latest feedback.
fn answered(tx: &mut Tx<'_>, person: Id, since: NaiveDate) -> Maybe<BTreeMap<Id, Answered>> {
    type Row = (Id, String, NaiveDate, Option<Id>, Option<Id>);
    let rows: Vec<Row> = adoption_feedback::table
        .inner_join(opinions::table.on(opinions::id.eq(adoption_feedback::opinion_id)))
        .inner_join(opinion_texts::table.on(opinion_texts::opinion_id.eq(adoption_feedback::opinion_id)))
        .left_join(opinion_constituents::table.on(opinion_constituents::opinion_id.eq(adoption_feedback::opinion_id)))
        .filter(adoption_feedback::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(adoption_feedback::author_person_id.eq(person))
        .filter(adoption_feedback::given_on.ge(since))
        .filter(opinion_texts::event_id.is_not_null().or(opinion_constituents::constituent_id.nullable().is_not_null()))
        .select((
            adoption_feedback::opinion_id,
            opinions::title,
            adoption_feedback::given_on,
            opinion_texts::event_id,
            opinion_constituents::constituent_id.nullable(),
        ))
        .load(tx.conn)?;
    let events: BTreeSet<Id> = rows.iter().filter_map(|row| row.3).collect();
    let met: Vec<(Id, Id)> = if events.is_empty() {
        Vec::new()
    } else {
        event_constituents::table
            .filter(event_constituents::event_id.eq_any(events))
            .select((event_constituents::event_id, event_constituents::constituent_id))
            .load(tx.conn)?
    };
    let mut answered: BTreeMap<Id, Answered> = BTreeMap::new();
    for (id, title, given_on, event, constituent) in rows {
        let one = answered.entry(id).or_insert_with(|| Answered { title, given_on, came_from: BTreeSet::new() });
        one.given_on = one.given_on.max(given_on);
        one.came_from.extend(constituent);
        one.came_from.extend(met.iter().filter(|(of, _)| Some(*of) == event).map(|(_, met)| *met));
    }
    Ok(answered)
}

/// The caller's contacts with the people from a day on: each its day and the constituents who were met.
fn contacts(tx: &mut Tx<'_>, person: Id, from: NaiveDate) -> Maybe<Vec<(NaiveDate, BTreeSet<Id>)>> {
    let rows: Vec<(Id, NaiveDate, Option<Id>)> = event_participants::table
        .inner_join(contact_events::table.on(contact_events::id.eq(event_participants::event_id)))
        .left_join(event_constituents::table.on(event_constituents::event_id.eq(event_participants::event_id)))
        .filter(event_participants::person_id.eq(person))
        .filter(event_participants::occurred_on.ge(from))
        .filter(contact_events::state.eq_any([ContactEventState::Recorded, ContactEventState::Confirmed]))
        .filter(contact_events::with_people)
        .select((event_participants::event_id, event_participants::occurred_on, event_constituents::constituent_id.nullable()))
        .load(tx.conn)?;
    let mut contacts: BTreeMap<Id, (NaiveDate, BTreeSet<Id>)> = BTreeMap::new();
    for (event, on, constituent) in rows {
        contacts.entry(event).or_insert_with(|| (on, BTreeSet::new())).1.extend(constituent);
    }
    Ok(contacts.into_values().collect())
}
