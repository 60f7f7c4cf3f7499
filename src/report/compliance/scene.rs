//! A small county for the tests of this folder: facts told in a line each.
//!
//! Ids are small numbers, so that a failing test prints something to be read.

use super::days::Span;
use super::facts::{
    Assignment, AssignmentKind, Constituent, ContactEvent, Correspondence, CountingForms, EventState, Exemption, ExemptionKind,
    Facts, Participant, Post, PostKind, Seat, Thresholds,
};
use super::ground::Period;
use super::rules::rows;
use super::status::{Duty, Row};
use chrono::NaiveDate;
use uuid::Uuid;

pub(super) fn id(n: u32) -> Uuid {
    Uuid::from_u128(u128::from(n))
}

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A span; an empty second day leaves it open.
pub(super) fn span(from: &str, to: &str) -> Span {
    Span::new(day(from), (!to.is_empty()).then(|| day(to)))
}

/// A county in which everything is in force unless a span says otherwise.
#[derive(Debug, Clone, Default)]
pub(super) struct Scene {
    pub(super) seats: Vec<Seat>,
    pub(super) posts: Vec<Post>,
    pub(super) assignments: Vec<Assignment>,
    pub(super) correspondences: Vec<Correspondence>,
    pub(super) constituents: Vec<Constituent>,
    pub(super) exemptions: Vec<Exemption>,
    pub(super) events: Vec<ContactEvent>,
    pub(super) counting_forms: Vec<CountingForms>,
    pub(super) thresholds: Thresholds,
}

pub(super) const ALWAYS: (&str, &str) = ("2020-01-01", "");

impl Scene {
    pub(super) fn member(mut self, person: u32, sector: u32, (from, to): (&str, &str)) -> Self {
        self.seats.push(Seat { person: id(person), sector: id(sector), span: span(from, to) });
        self
    }

    pub(super) fn post(mut self, person: u32, kind: PostKind, (from, to): (&str, &str)) -> Self {
        self.posts.push(Post { person: id(person), kind, span: span(from, to) });
        self
    }

    pub(super) fn corresponds(mut self, sector: u32, committee: u32, (from, to): (&str, &str)) -> Self {
        self.correspondences.push(Correspondence { sector: id(sector), committee: id(committee), span: span(from, to) });
        self
    }

    fn assigned(mut self, kind: AssignmentKind, by: u32, whom: u32, (from, to): (&str, &str)) -> Self {
        let created = self.assignments.len() as u64;
        self.assignments.push(Assignment { kind, by: id(by), whom: id(whom), span: span(from, to), created });
        self
    }

    pub(super) fn leads(self, leader: u32, standing: u32, when: (&str, &str)) -> Self {
        self.assigned(AssignmentKind::LeaderStandingMember, leader, standing, when)
    }

    pub(super) fn lists(self, member: u32, constituents: std::ops::Range<u32>, when: (&str, &str)) -> Self {
        constituents.fold(self, |scene, whom| scene.assigned(AssignmentKind::MemberConstituent, member, whom, when))
    }

    pub(super) fn granted(mut self, kind: ExemptionKind, person: u32, article: Option<u8>, (from, to): (&str, &str)) -> Self {
        let granted = id(9000 + self.exemptions.len() as u32);
        self.exemptions.push(Exemption { id: granted, person: id(person), kind, article, span: span(from, to) });
        self
    }

    pub(super) fn constituent(mut self, who: u32, holds_account: bool, person: Option<u32>) -> Self {
        self.constituents.push(Constituent { id: id(who), holds_account, person: person.map(id) });
        self
    }

    pub(super) fn event(mut self, event: ContactEvent) -> Self {
        let event = ContactEvent { id: id(100_000 + self.events.len() as u32), ..event };
        self.events.push(event);
        self
    }

    pub(super) fn facts(&self) -> Facts<'_> {
        Facts {
            seats: &self.seats,
            posts: &self.posts,
            assignments: &self.assignments,
            correspondences: &self.correspondences,
            constituents: &self.constituents,
            exemptions: &self.exemptions,
            events: &self.events,
            counting_forms: &self.counting_forms,
            thresholds: self.thresholds,
        }
    }

    /// All rows of the year of `as_of`.
    pub(super) fn rows(&self, as_of: &str) -> Vec<Row> {
        use chrono::Datelike;
        let as_of = day(as_of);
        rows(Period::of(as_of.year(), Some(as_of), as_of).unwrap(), &self.facts())
    }

    /// The one row of a duty and a person.
    pub(super) fn find(&self, duty: Duty, subject: u32, as_of: &str) -> Option<Row> {
        let mut rows = self.rows(as_of);
        rows.retain(|row| row.duty == duty && row.subject == id(subject));
        assert!(rows.len() < 2, "{rows:?}");
        rows.pop()
    }

    pub(super) fn row(&self, duty: Duty, subject: u32, as_of: &str) -> Row {
        self.find(duty, subject, as_of).unwrap()
    }
}

/// An event recorded by the first of those who took part, none of whom has confirmed it.
pub(super) fn event(on: &str, persons: &[u32]) -> ContactEvent {
    ContactEvent {
        id: Uuid::nil(),
        occurred_on: day(on),
        form: "interview".into(),
        state: EventState::Recorded,
        settled: false,
        link_group: None,
        review_of_year: None,
        recorded_by: persons.first().map_or(Uuid::nil(), |person| id(*person)),
        recorded_for: None,
        persons: persons.iter().map(|person| Participant { id: id(*person), confirmed_by: None }).collect(),
        organizations: Vec::new(),
        constituents: Vec::new(),
        outsiders: 0,
        others_count: 0,
    }
}

/// A visit among the people.
pub(super) fn visit(on: &str, persons: &[u32]) -> ContactEvent {
    ContactEvent { form: "visit".into(), others_count: 3, ..event(on, persons) }
}

/// A review of the year it was held in.
pub(super) fn review(on: &str, persons: &[u32]) -> ContactEvent {
    use chrono::Datelike;
    ContactEvent { review_of_year: Some(day(on).year()), ..event(on, persons) }
}

/// A review that a committee held with a member, recorded by one of its staff.
pub(super) fn committee_review(on: &str, committee: u32, member: u32, staff: u32) -> ContactEvent {
    ContactEvent {
        recorded_by: id(staff),
        recorded_for: Some(id(committee)),
        organizations: vec![Participant { id: id(committee), confirmed_by: None }],
        ..review(on, &[member])
    }
}

impl ContactEvent {
    pub(super) fn state(self, state: EventState) -> Self {
        Self { state, ..self }
    }

    pub(super) fn settled(self) -> Self {
        Self { settled: true, state: EventState::Confirmed, ..self }
    }

    pub(super) fn linked(self, group: u32) -> Self {
        Self { link_group: Some(id(group)), ..self }
    }

    pub(super) fn recorded_by(self, person: u32) -> Self {
        Self { recorded_by: id(person), ..self }
    }

    /// A person confirms for the own side.
    pub(super) fn confirmed(mut self, person: u32) -> Self {
        let side = self.persons.iter_mut().find(|side| side.id == id(person)).unwrap();
        side.confirmed_by = Some(id(person));
        self
    }

    /// Somebody of an organization confirms for it.
    pub(super) fn confirmed_for(mut self, organization: u32, person: u32) -> Self {
        let side = self.organizations.iter_mut().find(|side| side.id == id(organization)).unwrap();
        side.confirmed_by = Some(id(person));
        self
    }
}
