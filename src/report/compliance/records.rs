//! Records of contacts as the database has them (arts. 12 to 14): those that can change a figure, whole.
//!
//! A visit is read as its day, its form and who took part; whom it met is looked at only where one of them is a person here and
//! may not count. A review, and what is linked with another record, is read with everybody who took part.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::facts::{COUNTING_FORMS, ContactEvent, EventState, Participant};
use super::store::{Asked, Counties, Known, add_known, is_same_person, known_columns};
use crate::base::id::Id;
use crate::base::problem::Maybe;
use crate::contact::contact_events::{Confirmation, ContactEventState};
use crate::db::Tx;
use crate::db::schema::{account_persons, constituents, contact_events, event_constituents, event_participants, persons};
use crate::db::words::Json;

/// How many ids stand in one statement; SQLite takes 32,766 at most.
const AT_ONCE: usize = 10_000;

/// A record that stands, without its participants.
#[derive(Queryable)]
struct Row {
    id: Id,
    jurisdiction: Id,
    occurred_on: NaiveDate,
    form: String,
    state: ContactEventState,
    settled: bool,
    recorded_by: Id,
    recorded_role: String,
    organization: Option<Id>,
    body_confirmation: Option<Confirmation>,
    body_answered_by: Option<Id>,
    link: Option<Id>,
    review_of_year: Option<i64>,
    with_people: bool,
}

macro_rules! columns {
    () => {
        (
            contact_events::id,
            contact_events::jurisdiction_id,
            contact_events::occurred_on,
            contact_events::form,
            contact_events::state,
            contact_events::settled,
            contact_events::recorded_by,
            contact_events::recorded_role,
            contact_events::organization_id,
            contact_events::body_confirmation,
            contact_events::body_answered_by,
            contact_events::link_id,
            contact_events::review_of_year,
            contact_events::with_people,
        )
    };
}

const STANDING: [ContactEventState; 2] = [ContactEventState::Recorded, ContactEventState::Confirmed];

/// The contacts of the year in which the persons asked about took part. `visits`: article 14 is looked at too.
pub fn add_events(tx: &mut Tx<'_>, asked: &Asked<'_>, visits: bool, counties: &mut Counties) -> Maybe<()> {
    let mut found = Found::default();
    for (row, person, confirmation) in taken_part(tx, asked, visits, counties)? {
        let event = row.id;
        found.see(row);
        found.take_part(event, person, confirmation);
    }
    add_linked(tx, asked, &mut found)?;
    add_everybody(tx, &mut found)?;
    add_exceptions(tx, asked, counties, &mut found)?;
    for (of, event) in found.events.into_values() {
        counties.entry(of).or_default().events.push(event);
    }
    Ok(())
}

type TakenPart = (Row, Id, Confirmation);

fn taken_part(tx: &mut Tx<'_>, asked: &Asked<'_>, visits: bool, counties: &Counties) -> Maybe<Vec<TakenPart>> {
    let so_far = asked.period.so_far();
    let year = i64::from(asked.period.year());
    let base = event_participants::table
        .inner_join(contact_events::table.on(contact_events::id.eq(event_participants::event_id)))
        .filter(contact_events::state.eq_any(STANDING))
        .select((columns!(), event_participants::person_id, event_participants::confirmation));
    let query = match asked.persons {
        None => base
            .filter(contact_events::jurisdiction_id.eq_any(asked.jurisdictions))
            .filter(contact_events::occurred_on.between(so_far.from, so_far.last()))
            .into_boxed(),
        Some(persons) => base
            .filter(event_participants::person_id.eq_any(persons))
            .filter(event_participants::occurred_on.between(so_far.from, so_far.last()))
            .into_boxed(),
    };
    let reviews = contact_events::review_of_year.is_not_null().and(contact_events::review_of_year.assume_not_null().eq(year));
    let forms = if visits { forms(counties) } else { BTreeSet::new() };
    let counts = contact_events::with_people.and(contact_events::form.eq_any(forms));
    Ok(query.filter(reviews.or(contact_events::link_id.is_not_null()).or(counts)).load(tx.conn)?)
}

/// Every form that counted at any time.
fn forms(counties: &Counties) -> BTreeSet<String> {
    let set = counties.values().flat_map(|county| &county.counting_forms).flat_map(|version| version.forms.iter().cloned());
    set.chain(COUNTING_FORMS.map(str::to_owned)).collect()
}

#[derive(Default)]
struct Found {
    events: HashMap<Id, (Id, ContactEvent)>,
    /// Reviews and linked records, which are read with everybody who took part.
    whole: BTreeSet<Id>,
    links: BTreeSet<Id>,
    forms: HashMap<String, Arc<str>>,
}

impl Found {
    fn see(&mut self, row: Row) {
        if self.events.contains_key(&row.id) {
            return;
        }
        let form = self.forms.entry(row.form).or_insert_with_key(|form| Arc::from(form.as_str())).clone();
        if row.review_of_year.is_some() || row.link.is_some() {
            self.whole.insert(row.id);
        }
        self.links.extend(row.link);
        let confirmed = row.body_confirmation == Some(Confirmation::Confirmed);
        let body = |id: Id| Participant { id: id.0, confirmed_by: row.body_answered_by.filter(|_| confirmed).map(|by| by.0) };
        let event = ContactEvent {
            id: row.id.0,
            occurred_on: row.occurred_on,
            form,
            state: if row.state == ContactEventState::Confirmed { EventState::Confirmed } else { EventState::Recorded },
            settled: row.settled,
            link_group: row.link.map(|link| link.0),
            review_of_year: row.review_of_year.and_then(|year| i32::try_from(year).ok()),
            recorded_by: row.recorded_by.0,
            recorded_for: row.organization.filter(|_| row.recorded_role == "committee").map(|body| body.0),
            persons: Vec::with_capacity(1),
            organizations: row.organization.into_iter().map(body).collect(),
            constituents: Vec::new(),
            outsiders: 0,
            // Stands for whoever was met, until one of them turns out to be a person here.
            others_count: u32::from(row.with_people),
        };
        self.events.insert(row.id, (row.jurisdiction, event));
    }

    fn take_part(&mut self, event: Id, person: Id, confirmation: Confirmation) {
        let Some((_, event)) = self.events.get_mut(&event) else { return };
        if event.persons.iter().all(|known| known.id != person.0) {
            event
                .persons
                .push(Participant { id: person.0, confirmed_by: (confirmation == Confirmation::Confirmed).then_some(person.0) });
        }
    }
}

/// The other records of one contact, whenever they are and whoever took part: the earliest day that stands decides.
fn add_linked(tx: &mut Tx<'_>, asked: &Asked<'_>, found: &mut Found) -> Maybe<()> {
    let links: Vec<Id> = found.links.iter().copied().collect();
    for some in links.chunks(AT_ONCE) {
        let rows: Vec<Row> = contact_events::table
            .filter(contact_events::link_id.eq_any(some))
            .filter(contact_events::state.eq_any(STANDING))
            .filter(contact_events::occurred_on.le(asked.period.as_of()))
            .select(columns!())
            .load(tx.conn)?;
        rows.into_iter().for_each(|row| found.see(row));
    }
    Ok(())
}

fn add_everybody(tx: &mut Tx<'_>, found: &mut Found) -> Maybe<()> {
    let whole: Vec<Id> = found.whole.iter().copied().collect();
    for some in whole.chunks(AT_ONCE) {
        let rows: Vec<(Id, Id, Confirmation)> = event_participants::table
            .filter(event_participants::event_id.eq_any(some))
            .select((event_participants::event_id, event_participants::person_id, event_participants::confirmation))
            .load(tx.conn)?;
        rows.into_iter().for_each(|(event, person, confirmation)| found.take_part(event, person, confirmation));
    }
    Ok(())
}

/// Contacts with constituents who are persons here are told in full, so that the rules can see whether anybody else was met.
fn add_exceptions(tx: &mut Tx<'_>, asked: &Asked<'_>, counties: &mut Counties, found: &mut Found) -> Maybe<()> {
    let met: Vec<Id> = found.events.iter().filter(|(_, (_, event))| event.others_count > 0).map(|(id, _)| *id).collect();
    if met.is_empty() {
        return Ok(());
    }
    let base = event_constituents::table
        .inner_join(constituents::table.on(constituents::id.eq(event_constituents::constituent_id)))
        .inner_join(persons::table.on(is_same_person!()))
        .left_join(account_persons::table.on(account_persons::person_id.eq(persons::id.nullable())))
        .select((event_constituents::event_id, known_columns!()));
    // Of few contacts those met are looked up; of many those who are both a person and a constituent are fewer.
    let touched: Vec<(Id, Known)> = if met.len() <= FEW {
        base.filter(event_constituents::event_id.eq_any(&met)).load(tx.conn)?
    } else {
        base.filter(persons::jurisdiction_id.eq_any(asked.jurisdictions)).load(tx.conn)?
    };
    let events: BTreeSet<Id> = touched.iter().map(|(event, _)| *event).filter(|event| found.events.contains_key(event)).collect();
    add_known(counties, touched.into_iter().map(|(_, known)| known));
    if events.is_empty() {
        return Ok(());
    }
    let rows: Vec<(Id, i64, Json, Id)> = event_constituents::table
        .inner_join(contact_events::table.on(contact_events::id.eq(event_constituents::event_id)))
        .filter(event_constituents::event_id.eq_any(events))
        .select((
            event_constituents::event_id,
            contact_events::others_count,
            contact_events::outside_persons,
            event_constituents::constituent_id,
        ))
        .load(tx.conn)?;
    let mut met: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    for (id, others, outside, constituent) in rows {
        if let Some((_, event)) = found.events.get_mut(&id) {
            event.others_count = u32::try_from(others).unwrap_or(0);
            event.outsiders = outside.0.as_array().map_or(0, |names| u32::try_from(names.len()).unwrap_or(u32::MAX));
            met.entry(id).or_default().push(constituent);
        }
    }
    for (id, constituents) in met {
        if let Some((_, event)) = found.events.get_mut(&id) {
            event.constituents = constituents.into_iter().map(|one| one.0).collect();
        }
    }
    Ok(())
}

/// Up to here contacts are looked up one by one.
const FEW: usize = 2_000;
