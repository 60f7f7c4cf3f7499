//! Contacts that took place in the year: records that stand, linked ones drawn together, found by person.
//!
//! Invariants: a contact has the earliest day of its records that stand; disputed and voided records
//! and those after the day of the report are not seen at all; a person's parts are in contact order.

use super::days::Span;
use super::facts::{COUNTING_FORMS, Constituent, ContactEvent, CountingForms, EventState, Participant};
use chrono::NaiveDate;
use std::collections::HashMap;
use uuid::Uuid;

/// One contact, told by one record or by several linked ones.
pub(super) struct Contact<'a> {
    /// The day it counts on.
    pub(super) on: NaiveDate,
    /// Its records that stand, earliest first.
    pub(super) records: Vec<&'a ContactEvent>,
    /// Whether its form counts for article 14 by the setting of its day.
    pub(super) counting_form: bool,
    people: People,
}

/// Whether somebody of the people was met: for most contacts that is the same for every member.
enum People {
    Nobody,
    Somebody,
    /// Only constituents who are these members themselves.
    OnlyThese(Vec<Uuid>),
}

/// One record of a contact, as one of its participants stands in it.
pub(super) struct Part<'a> {
    contact: usize,
    /// The record.
    pub(super) record: &'a ContactEvent,
    /// Settled, or confirmed by this participant, who is not the one who recorded it.
    pub(super) vouched: bool,
}

/// All contacts of the year up to the day of the report.
pub(super) struct Contacts<'a> {
    all: Vec<Contact<'a>>,
    by_person: HashMap<Uuid, Vec<Part<'a>>>,
}

impl<'a> Contacts<'a> {
    pub(super) fn new(
        within: Span,
        events: &'a [ContactEvent],
        constituents: &HashMap<Uuid, &Constituent>,
        forms: &'a [CountingForms],
    ) -> Self {
        let mut standing: Vec<&ContactEvent> =
            events.iter().filter(|event| stands(event.state) && event.occurred_on <= within.last()).collect();
        standing.sort_unstable_by_key(|event| (group(event), event.occurred_on, event.id));

        let mut all = Vec::new();
        let mut by_person: HashMap<Uuid, Vec<Part>> = HashMap::new();
        for records in standing.chunk_by(|a, b| group(a) == group(b)) {
            // A group that began before the year is a contact of that earlier year.
            let Some(on) = records.first().map(|first| first.occurred_on).filter(|on| within.contains(*on)) else {
                continue;
            };
            for record in records {
                for person in &record.persons {
                    let vouched = settled(record) || vouches(record, person);
                    by_person.entry(person.id).or_default().push(Part { contact: all.len(), record, vouched });
                }
            }
            all.push(Contact {
                on,
                counting_form: records.iter().any(|record| counts_on(forms, on, &record.form)),
                people: People::of(records, constituents),
                records: records.to_vec(),
            });
        }
        Self { all, by_person }
    }

    /// The contacts a person took part in, each with the records that name the person.
    pub(super) fn of(&self, person: Uuid) -> impl Iterator<Item = (&Contact<'a>, &[Part<'a>])> {
        let parts = self.by_person.get(&person).map_or(&[][..], Vec::as_slice);
        parts.chunk_by(|a, b| a.contact == b.contact).filter_map(|parts| Some((self.all.get(parts.first()?.contact)?, parts)))
    }
}

impl Contact<'_> {
    /// Whether it was marked as the review of `year` (articles 12, 13).
    pub(super) fn reviews(&self, year: i32) -> bool {
        self.records.iter().any(|record| record.review_of_year == Some(year))
    }

    /// Whether this member met one of the people in it (article 14).
    pub(super) fn with_people_for(&self, member: Uuid) -> bool {
        match &self.people {
            People::Nobody => false,
            People::Somebody => true,
            People::OnlyThese(themselves) => themselves.iter().any(|person| *person != member),
        }
    }
}

impl People {
    fn of(records: &[&ContactEvent], constituents: &HashMap<Uuid, &Constituent>) -> Self {
        let mut themselves = Vec::new();
        for record in records {
            if record.outsiders > 0 || record.others_count > 0 {
                return Self::Somebody;
            }
            for id in &record.constituents {
                match constituents.get(id) {
                    None => return Self::Somebody,
                    Some(known) if known.holds_account => {}
                    Some(known) => match known.person {
                        None => return Self::Somebody,
                        Some(person) => themselves.push(person),
                    },
                }
            }
        }
        if themselves.is_empty() { Self::Nobody } else { Self::OnlyThese(themselves) }
    }
}

/// A settled event is confirmed again; a dispute raised after that takes it out like any other.
fn stands(state: EventState) -> bool {
    matches!(state, EventState::Recorded | EventState::Confirmed)
}

/// Linked records share a key; the group may bear the id of one of them.
fn group(event: &ContactEvent) -> Uuid {
    event.link_group.unwrap_or(event.id)
}

/// Settled as confirmed: stands for every row the event counts in.
fn settled(event: &ContactEvent) -> bool {
    event.settled && event.state == EventState::Confirmed
}

/// Whether this side's confirmation is somebody else's word than the recorder's: neither the person
/// nor the body that recorded it, and given by another person.
pub(super) fn vouches(event: &ContactEvent, side: &Participant) -> bool {
    side.id != event.recorded_by
        && Some(side.id) != event.recorded_for
        && side.confirmed_by.is_some_and(|person| person != event.recorded_by)
}

fn counts_on(versions: &[CountingForms], day: NaiveDate, form: &str) -> bool {
    match versions.iter().filter(|version| version.from <= day).max_by_key(|version| version.from) {
        Some(version) => version.forms.iter().any(|counted| counted == form),
        None => COUNTING_FORMS.contains(&form),
    }
}
