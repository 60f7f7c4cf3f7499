//! Records that may tell of one contact, because each side wrote its own (art. 1); linked ones are one contact in every count.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::store::{self, Event, EventRow};
use super::wire::{ContactEventState, ContactSide};
use super::words;
use crate::base::id::Id;
use crate::base::problem::{Fault, Maybe, Problem, say};
use crate::db::limited::limited;
use crate::db::schema::{contact_events, event_participants};
use crate::db::{Tx, dialect};
use crate::policy::{Op, Reach};
use crate::record::{self, To};

/// Other records of the same two sides, day and form that the caller may see and that are not linked to this one yet; of those
/// with anybody in common as many as `most` are looked at, the newest first.
pub fn of(tx: &mut Tx<'_>, event: &Event, most: i64) -> Maybe<Vec<Event>> {
    let row = &event.row;
    let persons: Vec<Id> = event.participants.iter().map(|one| one.row.person_id).collect();
    let same_day = event_participants::table
        .filter(event_participants::person_id.eq_any(persons))
        .filter(event_participants::occurred_on.eq(row.occurred_on))
        .select(event_participants::event_id);
    let mut query = store::visible(tx, Op::contact_event_matches)
        .filter(contact_events::id.eq_any(same_day))
        .filter(contact_events::id.ne(row.id))
        .filter(contact_events::form.eq(row.form.clone()))
        .filter(contact_events::state.ne(ContactEventState::Voided));
    if let Some(link) = row.link_id {
        query = query.filter(contact_events::link_id.is_null().or(contact_events::link_id.ne(link)));
    }
    let newest = query.order(contact_events::id.desc()).select(EventRow::as_select());
    let rows: Vec<EventRow> = limited(newest, most).load(tx.conn)?;
    let own = Sides::of(event);
    Ok(store::dress(tx, rows)?.into_iter().filter(|other| own.are_those_of(&Sides::of(other))).collect())
}

/// How many of them name somebody in common on each side: what whoever records is told of. People who were only counted may be
/// anybody, and two visits of one day are no rarity.
pub fn named_alike(tx: &mut Tx<'_>, event: &Event, most: i64) -> Maybe<i64> {
    let own = Sides::of(event);
    let named = of(tx, event, most)?.iter().filter(|other| own.share_names_with(&Sides::of(other))).count();
    Ok(i64::try_from(named).unwrap_or(most))
}

/// Whoever settles what counts may link what each side tells differently, but nobody what is their own.
fn may_link_unlike(tx: &Tx<'_>, records: [&Event; 2]) -> bool {
    let takes_part = |one: &Event| one.participants.iter().any(|of| Some(of.row.person_id) == tx.caller.person);
    tx.caller.reaches(Op::contact_event_link).any(|(reach, _)| reach == Reach::All) && !records.into_iter().any(takes_part)
}

/// Whether two records tell of one contact, as far as can be told from them.
fn is_match(one: &Event, other: &Event) -> bool {
    let same = one.row.occurred_on == other.row.occurred_on && one.row.form == other.row.form;
    same && Sides::of(one).are_those_of(&Sides::of(other))
}

/// Makes this record and the other one, with all that are linked to either, records of one contact. Those who recorded the
/// others are told, since their contact counts together with this one from now on.
pub fn link(tx: &mut Tx<'_>, event: &Event, other: Id) -> Maybe<()> {
    let own = &event.row;
    if other == own.id {
        return Err(Problem::rule("/event", "same", say("不能与自己关联", "a record cannot be linked to itself")));
    }
    let known = store::visible(tx, Op::contact_event_link).filter(contact_events::id.eq(other));
    let found: Option<EventRow> = known.select(EventRow::as_select()).first(tx.conn).optional()?;
    let other = found.ok_or_else(|| Problem::invalid(vec![Fault::unknown_reference("/event")]))?;
    if other.state == ContactEventState::Voided {
        return Err(Problem::conflict(say("另一条记录已作废", "the other record is voided")));
    }
    if own.link_id.is_some() && own.link_id == other.link_id {
        return Ok(());
    }
    let other = store::dress(tx, vec![other])?.pop().ok_or_else(Problem::not_found)?;
    if !may_link_unlike(tx, [event, &other]) && !is_match(event, &other) {
        let detail = say("双方、日期或形式不同，不是同一次联系", "other sides, another day or another form: not the same contact");
        return Err(Problem::rule("/event", "no_match", detail));
    }
    let other = other.row;
    let link = own.link_id.or(other.link_id).unwrap_or_else(Id::fresh);
    let links: Vec<Id> = own.link_id.into_iter().chain(other.link_id).collect();
    let mut members = BTreeSet::from([own.id, other.id]);
    if !links.is_empty() {
        let linked = contact_events::table.filter(contact_events::link_id.eq_any(links));
        members.extend(linked.select(contact_events::id).load::<Id>(tx.conn)?);
    }
    let seen = store::visible(tx, Op::contact_event_read).filter(contact_events::id.eq_any(members.clone())).count();
    if usize::try_from(seen.get_result::<i64>(tx.conn)?) != Ok(members.len()) {
        let detail =
            say("其中一条已与您看不到的记录关联，请由委员工委关联", "one of them is linked to a record that you do not see");
        return Err(Problem::conflict(detail));
    }
    diesel::update(contact_events::table.filter(contact_events::id.eq_any(members)))
        .set((
            contact_events::link_id.eq(link),
            contact_events::version.eq(contact_events::version + 1),
            contact_events::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    let rows = contact_events::table.filter(contact_events::link_id.eq(link)).order(contact_events::id);
    let rows: Vec<EventRow> = rows.select(EventRow::as_select()).load(tx.conn)?;
    for mut event in store::dress(tx, rows)? {
        event.committees = store::committees_of(tx, event.row.id)?;
        record::deed(tx, Op::contact_event_link, &event);
        if tx.caller.person != Some(event.row.recorded_by) {
            words::tell(tx, &event, &[To::Person(event.row.recorded_by)], "contact_event_linked")?;
        }
    }
    Ok(())
}

/// Two that link to each other at once, or three in a ring, must not lock each other out: linking takes its turn.
pub fn take_turn(tx: &mut Tx<'_>) -> Maybe<()> {
    let key = tx.seal.hash("contact-event-links", &tx.jurisdiction().to_string());
    dialect::lock(tx.conn, &key)
}

/// Who met whom, as far as a record names them.
struct Sides {
    contacting: BTreeSet<Who>,
    contacted: BTreeSet<Who>,
    with_people: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Person(Id),
    Body(Id),
    Constituent(Id),
    Outside(String),
}

impl Sides {
    fn of(event: &Event) -> Self {
        let on = |side: ContactSide| {
            let persons = event.participants.iter().filter(move |one| one.row.side == side);
            persons.map(|one| Who::Person(one.row.person_id))
        };
        let outside = event.outside_persons().unwrap_or_default().into_iter().map(|name| Who::Outside(name.0));
        let people = event.constituents.iter().map(|met| Who::Constituent(met.id)).chain(outside);
        Self {
            contacting: on(ContactSide::Contacting).chain(event.row.organization_id.map(Who::Body)).collect(),
            contacted: on(ContactSide::Contacted).chain(people).collect(),
            with_people: event.row.with_people,
        }
    }

    /// Somebody in common on each side. People who were only counted may be anybody.
    fn are_those_of(&self, other: &Self) -> bool {
        let may_be_the_same = self.with_people && other.with_people && (self.contacted.is_empty() || other.contacted.is_empty());
        self.share_names_with(other) || (may_be_the_same && !self.contacting.is_disjoint(&other.contacting))
    }

    /// Somebody named in common on each side.
    fn share_names_with(&self, other: &Self) -> bool {
        !self.contacting.is_disjoint(&other.contacting) && !self.contacted.is_disjoint(&other.contacted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sides(contacting: &[&Who], contacted: &[&Who], with_people: bool) -> Sides {
        let set = |of: &[&Who]| of.iter().map(|who| (*who).clone()).collect();
        Sides { contacting: set(contacting), contacted: set(contacted), with_people }
    }

    #[test]
    fn two_records_match_when_each_side_has_somebody_in_common() {
        let [leader, member, other] = [(); 3].map(|()| Who::Person(Id::fresh()));
        let (body, villager, neighbour) =
            (Who::Body(Id::fresh()), Who::Outside("林阿婆".to_owned()), Who::Constituent(Id::fresh()));
        for (a, b, expected) in [
            (sides(&[&leader], &[&member], false), sides(&[&leader], &[&member, &other], false), true),
            (sides(&[&leader], &[&member], false), sides(&[&leader], &[&other], false), false),
            (sides(&[&leader], &[&member], false), sides(&[&member], &[&leader], false), false),
            (sides(&[&other, &body], &[&member], false), sides(&[&body], &[&member], false), true),
            (sides(&[&member], &[&villager], true), sides(&[&member], &[&neighbour], true), false),
            (sides(&[&member], &[&villager], true), sides(&[&member, &other], &[], true), true),
        ] {
            assert_eq!(a.are_those_of(&b), expected);
            assert_eq!(b.are_those_of(&a), expected);
        }
    }
}
