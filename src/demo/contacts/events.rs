//! One contact as it is recorded, with who took part and what they said to it.

use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::base::id::Id;
use crate::db::words::Json;
use crate::demo::county::County;
use crate::demo::dice::plus;
use crate::demo::maker::Maker;
use crate::demo::rows::{EventRow, ParticipantRow, WithinRow};
use crate::demo::texts::DISPUTES;

/// Who took part in an event, and how.
pub struct Part {
    pub person: Id,
    pub side: &'static str,
    pub confirmation: &'static str,
}

impl Part {
    pub fn recorder(person: Id, side: &'static str) -> Self {
        Self { person, side, confirmation: "recorded" }
    }

    /// Somebody else, who has or has not answered.
    pub fn other(maker: &mut Maker<'_>, person: Id, side: &'static str) -> Self {
        Self { person, side, confirmation: if maker.dice.percent(70) { "confirmed" } else { "pending" } }
    }
}

/// What there is to say of an event beside who took part.
#[derive(Clone)]
pub struct Contact {
    pub day: NaiveDate,
    pub form: &'static str,
    pub summary: String,
    pub place: Option<String>,
    pub kinds: &'static str,
    pub role: &'static str,
    pub initiated_by: &'static str,
    pub organization: Option<Id>,
    /// What the organization says of it, and who says it.
    pub word: &'static str,
    pub head: Id,
    pub review: Option<i64>,
    pub outside: Vec<String>,
    pub others: i64,
    pub publicity: Value,
    pub services: Value,
}

/// An event with its participants and the committees within whose reach it lies.
pub fn add_event(maker: &mut Maker<'_>, county: &County, contact: Contact, parts: Vec<Part>, committees: Vec<usize>) -> Id {
    let later = maker.dice.within(0, 3);
    let recorded = maker.moment(plus(contact.day, later).min(maker.yesterday()));
    let answered = maker.moment(maker.working_days_after(contact.day, 4).min(maker.yesterday())).max(recorded);
    let id = maker.id(recorded);
    let says_yes = contact.word == "confirmed" || parts.iter().any(|part| part.confirmation == "confirmed");
    let mut row = EventRow {
        id,
        jurisdiction_id: county.id,
        occurred_on: contact.day,
        form: contact.form,
        form_word: None,
        place: contact.place,
        summary: contact.summary,
        content_kinds: contact.kinds.to_owned(),
        initiated_by: contact.initiated_by,
        organization_id: contact.organization,
        body_confirmation: contact.organization.map(|_| contact.word),
        body_answered_by: contact.organization.filter(|_| contact.word == "confirmed").map(|_| contact.head),
        recorded_by: parts[0].person,
        recorded_role: contact.role,
        review_of_year: contact.review,
        others_count: contact.others,
        with_people: contact.others > 0 || !contact.outside.is_empty(),
        outside_persons: Json(json!(contact.outside)),
        publicity: Json(contact.publicity),
        services: Json(contact.services),
        state: if says_yes { "confirmed" } else { "recorded" },
        settled: false,
        state_reason: None,
        link_id: None,
        version: 1,
        created_at: recorded,
        updated_at: recorded,
    };
    let first = maker.rows.participants.len();
    maker.rows.participants.extend(parts.iter().map(|part| ParticipantRow {
        event_id: id,
        person_id: part.person,
        occurred_on: contact.day,
        side: part.side,
        confirmation: part.confirmation,
        reason: None,
        answered_at: (part.confirmation == "confirmed").then_some(answered),
    }));
    if county.plan.is_lively {
        quarrel(maker, county, &mut row, first);
        tell(maker, county, &row, &parts);
    }
    let mut within: Vec<Id> = committees.into_iter().map(|at| county.committees[at].id).chain(contact.organization).collect();
    within.sort_unstable();
    within.dedup();
    maker.rows.within.extend(within.into_iter().map(|organization_id| WithinRow {
        organization_id,
        occurred_on: contact.day,
        event_id: id,
        form: contact.form,
    }));
    maker.rows.events.push(row);
    id
}

/// Now and then a participant disputes a record, and the member affairs committee settles it; now and then one is taken back.
fn quarrel(maker: &mut Maker<'_>, county: &County, row: &mut EventRow, first: usize) {
    if maker.dice.percent(1) {
        (row.state, row.state_reason, row.version) = ("voided", Some("重复记录".to_owned()), 2);
        return;
    }
    // What was recorded of late is not yet settled.
    let is_of_late = maker.is_of_late(row.occurred_on);
    let disputes = maker.dice.percent(if is_of_late { 25 } else { 6 });
    let settles = !is_of_late && maker.dice.percent(60);
    let reason = maker.dice.pick(DISPUTES);
    let Some(other) = maker.rows.participants[first..].iter_mut().find(|one| one.confirmation == "confirmed").filter(|_| disputes)
    else {
        return;
    };
    (other.confirmation, other.reason) = (if settles { "overruled" } else { "disputed" }, Some(reason.to_owned()));
    row.version = if settles { 3 } else { 2 };
    row.settled = settles;
    (row.state, row.state_reason) =
        if settles { ("confirmed", Some("经向双方核实，记录属实".to_owned())) } else { ("disputed", None) };
    if is_of_late {
        let (at, about) = (row.created_at.plus(chrono::TimeDelta::hours(3)), (county.id, "contact_event", row.id));
        maker.tell("contact_event_disputed", about, (Some(row.recorded_by), None), particulars(row), at);
        maker.tell("contact_event_disputed", about, (None, Some(county.affairs.id)), particulars(row), at);
    }
}

/// Whoever took part is told that it was written down.
fn tell(maker: &mut Maker<'_>, county: &County, row: &EventRow, parts: &[Part]) {
    if !maker.is_of_late(row.occurred_on) {
        return;
    }
    let about = (county.id, "contact_event", row.id);
    for part in &parts[1..] {
        maker.tell("contact_event_recorded", about, (Some(part.person), None), particulars(row), row.created_at);
    }
    let body = row.organization_id.filter(|_| row.recorded_role != "committee");
    maker.tell("contact_event_recorded", about, (None, body), particulars(row), row.created_at);
}

fn particulars(row: &EventRow) -> Value {
    json!({"occurred_on": row.occurred_on, "form": row.form, "state": row.state})
}

/// Two records of one contact, found to be so; they were written last.
pub fn link(maker: &mut Maker<'_>, both: [Id; 2]) {
    let link = both[0];
    for row in maker.rows.events.iter_mut().rev().take(2).filter(|row| both.contains(&row.id)) {
        (row.link_id, row.version) = (Some(link), row.version + 1);
    }
}
