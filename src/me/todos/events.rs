//! Records of contacts that wait for an answer of those they are about, or for a ruling.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::order::{Found, From, Order, Wish, in_order};
use super::wire::{Todo, TodoKind};
use crate::base::id::Id;
use crate::base::problem::Maybe;
use crate::contact::contact_events::{Confirmation, ContactEventState};
use crate::db::Tx;
use crate::db::schema::{contact_events, event_participants};
use crate::me::texts::Bilingual;
use crate::policy::{Op, Reach, Role};

/// Where the records of a wish begin; `None`: there are none, since they have no deadline.
fn start(wish: &Wish) -> Option<From> {
    Some(wish.from(Order::Since)).filter(|from| *from != From::End && wish.due_before.is_none())
}

/// Records about the caller's person that somebody else wrote.
pub fn to_confirm(tx: &mut Tx<'_>, wish: &Wish) -> Maybe<Vec<Found>> {
    let (Some(from), Some(person)) = (start(wish), tx.caller.person) else { return Ok(Vec::new()) };
    if tx.caller.role_for(Op::contact_event_confirm).is_none() {
        return Ok(Vec::new());
    }
    let query = event_participants::table
        .inner_join(contact_events::table.on(contact_events::id.eq(event_participants::event_id)))
        .filter(event_participants::person_id.eq(person))
        .filter(event_participants::confirmation.eq(Confirmation::Pending))
        .filter(contact_events::state.ne(ContactEventState::Voided))
        .filter(contact_events::recorded_by.ne(person))
        .into_boxed();
    let rows: Vec<(NaiveDate, Id)> =
        in_order!(query, from, event_participants::occurred_on, event_participants::event_id, wish.reads)
            .select((event_participants::occurred_on, event_participants::event_id))
            .load(tx.conn)?;
    Ok(rows.into_iter().map(|row| confirmation(wish, row)).collect())
}

/// Records about the committees that the caller speaks for, which a member wrote.
pub fn to_confirm_for_bodies(tx: &mut Tx<'_>, wish: &Wish) -> Maybe<Vec<Found>> {
    let Some(from) = start(wish) else { return Ok(Vec::new()) };
    let committees: Vec<Id> = tx
        .caller
        .reaches(Op::contact_event_confirm)
        .filter(|(_, grant)| grant.role == Role::Committee)
        .filter_map(|(_, grant)| grant.organization)
        .collect();
    let mut found = Vec::new();
    for committee in committees {
        let query = contact_events::table
            .filter(contact_events::jurisdiction_id.eq(tx.jurisdiction()))
            .filter(contact_events::organization_id.eq(committee))
            .filter(contact_events::body_confirmation.eq(Confirmation::Pending))
            .filter(contact_events::state.ne(ContactEventState::Voided))
            .into_boxed();
        let query = match tx.caller.person {
            Some(person) => query.filter(contact_events::recorded_by.ne(person)),
            None => query,
        };
        let rows: Vec<(NaiveDate, Id)> = in_order!(query, from, contact_events::occurred_on, contact_events::id, wish.reads)
            .select((contact_events::occurred_on, contact_events::id))
            .load(tx.conn)?;
        found.extend(rows.into_iter().map(|row| confirmation(wish, row)));
    }
    Ok(found)
}

fn confirmation(wish: &Wish, (day, id): (NaiveDate, Id)) -> Found {
    let text = Bilingual {
        zh: format!("确认 {day} 的联系记录，有出入的提出异议"),
        en: format!("Confirm the record of the contact of {day}, or dispute it"),
    };
    let todo = Todo::new(TodoKind::EventConfirmation, text, ("contact_event", id)).since(day).by(Op::contact_event_confirm);
    (wish.key(Order::Since, day, id), todo)
}

/// Disputes of the jurisdiction, for whoever rules on them.
pub fn to_settle(tx: &mut Tx<'_>, wish: &Wish) -> Maybe<Vec<Found>> {
    let settles = tx.caller.reaches(Op::contact_event_settle).any(|(reach, _)| reach == Reach::All);
    let Some(from) = start(wish).filter(|_| settles) else { return Ok(Vec::new()) };
    let query = contact_events::table
        .filter(contact_events::jurisdiction_id.eq(tx.jurisdiction()))
        .filter(contact_events::state.eq(ContactEventState::Disputed))
        .into_boxed();
    let rows: Vec<(NaiveDate, Id)> = in_order!(query, from, contact_events::occurred_on, contact_events::id, wish.reads)
        .select((contact_events::occurred_on, contact_events::id))
        .load(tx.conn)?;
    let show = |(day, id)| {
        let text = Bilingual {
            zh: format!("裁定 {day} 有异议的联系记录"),
            en: format!("Settle the disputed record of the contact of {day}"),
        };
        let todo = Todo::new(TodoKind::EventSettlement, text, ("contact_event", id)).since(day).by(Op::contact_event_settle);
        (wish.key(Order::Since, day, id), todo)
    };
    Ok(rows.into_iter().map(show).collect())
}
